import numpy as np
import pytest

from softlabel.errors import InputError, RunConflictError, RunError, RunLockedError
from softlabel.store.crop_store import CropStore
from softlabel.store.crop_writer import CropStoreWriter
from stored_labels import contents, digests, fill, labels_of, writer_of


def test_stopped_and_gone_on_with_is_the_same_to_the_byte(tmp_path):
    fill(writer_of(tmp_path / "whole"))
    fill(writer_of(tmp_path / "parts"), shards=1)
    fill(writer_of(tmp_path / "parts"), shards=1)
    (tmp_path / "parts" / "shards" / ".writing-abcdefabcdef-00002").mkdir()  # of a writer that was killed
    fill(writer_of(tmp_path / "parts"))
    assert contents(tmp_path / "parts") == contents(tmp_path / "whole")
    before = contents(tmp_path / "whole")
    fill(writer_of(tmp_path / "whole"))
    assert contents(tmp_path / "whole") == before


def test_missing_is_what_is_not_there(tmp_path):
    with writer_of(tmp_path / "s") as writer:
        assert writer.n_missing == 11
        rows = next(writer.missing())
        writer.write(rows, *labels_of(rows, 3, 4))
        assert writer.n_missing == 11 - len(rows)
        assert rows.tolist() not in [other.tolist() for other in writer.missing()]


def test_an_order_is_kept(tmp_path):
    order = np.random.default_rng(0).permutation(11)
    fill(writer_of(tmp_path / "s", order=order))
    store = CropStore(tmp_path / "s")
    assert np.concatenate([rows for rows, _ in store.shards()]).tolist() == order.tolist()
    fill(writer_of(tmp_path / "plain"))
    assert np.array_equal(
        store.read(np.arange(11)).targets(), CropStore(tmp_path / "plain").read(np.arange(11)).targets()
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"n_crops": 2}, "n_crops was 3, now 2"),
        ({"k": 5}, "classes was .*now"),
        ({"top": 1}, "top was 2, now 1"),
        ({"input_size": (9, 9)}, "input_size was"),
        ({"n": 12}, "n_images was 11, now 12"),
        ({"about": {"seed": 1}}, "seed was 0, now 1"),
        ({"about": {"seed": 0, "teacher": "x"}}, "teacher was not given, now 'x'"),
        ({"order": np.arange(11)[::-1]}, "the order of the pictures changed"),
        ({"pictures": digests(11)[::-1]}, "the pictures changed"),
    ],
)
def test_other_settings_are_refused_by_name(tmp_path, options, said):
    fill(writer_of(tmp_path / "s", about={"seed": 0}), shards=1)
    before = contents(tmp_path / "s")
    given = {"about": {"seed": 0}} | options
    if "pictures" in given:
        settings = {"classes": [f"c{i}" for i in range(4)], "input_size": (6, 8), "top": 2, "images_per_shard": 4}
        other = CropStoreWriter(tmp_path / "s", n_crops=3, **settings, **given)
    else:
        other = writer_of(tmp_path / "s", **given)
    with pytest.raises(RunConflictError, match=said), other:
        pass
    assert contents(tmp_path / "s") == before


def test_one_writer_at_a_time(tmp_path):
    with writer_of(tmp_path / "s"), pytest.raises(RunLockedError), writer_of(tmp_path / "s"):
        pass
    fill(writer_of(tmp_path / "s"))


def test_nothing_is_written_over_something_else(tmp_path):
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "thesis.txt").write_text("mine")
    with pytest.raises(RunError, match=r"not empty.*thesis\.txt"), writer_of(tmp_path / "s"):
        pass
    with pytest.raises(RunError, match="is a file"), writer_of(tmp_path / "s" / "thesis.txt"):
        pass
    assert [path.name for path in (tmp_path / "s").iterdir()] == ["thesis.txt"]


def test_only_whole_shards_and_only_while_it_is_open(tmp_path):
    writer = writer_of(tmp_path / "s")
    with pytest.raises(RunError, match="not open"):
        next(writer.missing())
    with writer:
        rows = next(writer.missing())
        with pytest.raises(InputError, match="no shard"):
            writer.write(rows[:-1], *labels_of(rows[:-1], 3, 4))
    with pytest.raises(RunError, match="not open"):
        writer.write(rows, *labels_of(rows, 3, 4))


def test_more_classes_kept_than_there_are(tmp_path):
    fill(writer_of(tmp_path / "s", top=9))
    store = CropStore(tmp_path / "s")
    assert store.record["top"] == 4
    assert np.allclose(store.read([3]).targets(), labels_of([3], 3, 4)[2], atol=1e-3)
    fill(writer_of(tmp_path / "s", top=9))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"n_crops": 0}, "n_crops=0"),
        ({"top": True}, "top=True"),
        ({"images_per_shard": 2.5}, "images_per_shard=2.5"),
        ({"classes": ["a", "a"]}, "each class once"),
        ({"input_size": (0, 4)}, "input_size"),
    ],
)
def test_settings_that_no_store_can_have(tmp_path, options, said):
    with pytest.raises(InputError, match=said):
        writer_of(tmp_path / "s", **options)


# FKD: 29 to 57 bytes a crop. A shard of 256 pictures with 16 crops, records and headers included.
@pytest.mark.parametrize(("k", "most"), [(10, 25), (1000, 30)])
def test_a_crop_takes_a_few_dozen_bytes(tmp_path, k, most):
    writer = writer_of(tmp_path / "s", n=256, k=k, n_crops=16, top=5, images_per_shard=256)
    with writer:
        for rows in writer.missing():
            boxes, flips = np.ones((256, 16, 4), int), np.zeros((256, 16), bool)
            ids = np.broadcast_to(np.arange(5), (256, 16, 5))
            writer.write_top(rows, boxes, flips, ids, np.full((256, 16, 5), 0.2))
    shards = sum(path.stat().st_size for path in (tmp_path / "s" / "shards").rglob("*") if path.is_file())
    assert shards / (256 * 16) < most
