from softlabel.cli.label_progress import LabelWatcher


def test_lines_where_there_is_no_terminal(capsys):
    now = [0.0]
    watcher = LabelWatcher(clock=lambda: now[0])
    watcher.labelled(100, 1000)
    for done, at in ((200, 5.0), (300, 12.0), (400, 15.0), (1000, 20.0)):
        now[0] = at
        watcher.labelled(done, 1000)
    watcher.stop()
    assert capsys.readouterr().err.splitlines() == [
        "plan: crops of 1000 pictures to label; 100 of them already done",
        "300 of 1000 pictures labelled; about 42 s left",  # 200 in 12 s, 700 to come
        "1000 of 1000 pictures labelled",
    ]


def test_of_a_finished_store_nothing_is_said(capsys):
    LabelWatcher().labelled(7, 7)
    assert capsys.readouterr().err == ""
