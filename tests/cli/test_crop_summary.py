import json

from softlabel.cli.crop_summary import print_store
from softlabel.store.crop_store import CropStore
from stored_labels import fill, writer_of


def test_labels_of_ones_own_say_what_they_know(capsys, tmp_path):
    fill(writer_of(tmp_path / "s", k=14), shards=1)
    print_store(CropStore(tmp_path / "s"), as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("s: labels of crops, 3 of 11 pictures labelled")
    assert lines[1] == "11 pictures, 3 crops each; 14 classes: c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11 ..."
    assert lines[2].startswith("crops of 8 x 6, top 2 of the classes kept; ")
    assert len(lines) == 4


def test_as_json(capsys, tmp_path):
    fill(writer_of(tmp_path / "s"), shards=0)
    print_store(CropStore(tmp_path / "s"), as_json=True, already=False)
    told = json.loads(capsys.readouterr().out)
    assert (told["n_labelled"], told["done"], told["bytes_per_crop"], told["already_done"]) == (0, False, 0.0, False)
    assert "sha256" not in told
