import logging

from softlabel.learners.training.epoch_lines import LOGGER, tell

ROW = {"epoch": 2, "lr": 0.05, "train_loss": 1.23456, "train_accuracy": 0.5}
WATCHED = ROW | {"validation_loss": 0.75, "validation_accuracy": 0.25}


def test_an_epoch_in_a_line(caplog):
    with caplog.at_level(logging.INFO, logger="softlabel.epochs"):
        tell(ROW, "accuracy", 30, 1.26, verbose=0)
        tell(WATCHED, "accuracy", 30, 0.04, verbose=0)
    first, second = (record.getMessage() for record in caplog.records)
    assert first == "epoch 2/30: lr 0.05, training loss 1.2346, accuracy 0.500; 1.3 s"
    assert second.endswith("; validation loss 0.7500, accuracy 0.250; 0.0 s")
    assert all(record.levelno == logging.INFO for record in caplog.records)


def test_the_score_goes_by_its_name(capsys):
    row = {"epoch": 2, "lr": 0.05, "train_loss": 1.0, "train_mae": 0.5, "validation_loss": 0.25, "validation_mae": 0.75}
    tell(row, "mae", 3, 1.0, verbose=1)
    said = capsys.readouterr().err
    assert "training loss 1.0000, mae 0.500; validation loss 0.2500, mae 0.750;" in said


def test_stderr_is_for_the_verbose(capsys):
    tell(ROW, "accuracy", 30, 1.0, verbose=0)
    assert capsys.readouterr() == ("", "")
    tell(ROW, "accuracy", 30, 1.0, verbose=1)
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("epoch 2/30")
    assert said.err.count("\n") == 1


def test_the_logger_is_known_by_its_name():
    assert logging.getLogger("softlabel.epochs") is LOGGER


def test_an_inner_split_beside_watched_rows_is_told_by_its_name(capsys):
    tell(WATCHED | {"inner_loss": 0.625, "inner_accuracy": 0.75}, "accuracy", 30, 1.0, verbose=1)
    said = capsys.readouterr().err
    assert "; validation loss 0.7500, accuracy 0.250; inner split loss 0.6250, accuracy 0.750; 1.0 s" in said
