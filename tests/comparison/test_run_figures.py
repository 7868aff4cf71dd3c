import numpy as np
import pytest

from coloured_pictures import photo_folders
from made_pictures import encoded
from softlabel import refine
from softlabel.comparison.run_figures import draw_generations, profiles_of
from softlabel.errors import InputError

OPTIONS = {
    "estimator": "small_cnn",
    "set": {"network_options": {"width": 4}},
    "epochs": 1,
    "batch_size": 16,
    "method": "label-refinery",
    "generations": 2,
}


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    return photo_folders(tmp_path_factory.mktemp("photos"))


@pytest.fixture(scope="module")
def run(photos, tmp_path_factory):
    return refine(photos / "train", tmp_path_factory.mktemp("run") / "run", test=str(photos / "test"), **OPTIONS)


def test_a_profile_is_the_accuracy_of_each_class(run):
    profiles = profiles_of(run)
    assert list(profiles) == ["generation 1", "generation 2"]
    second = run.generations()[1]
    said = second["test"].argmax(axis=1)
    for c in range(2):
        rows = second["test_codes"] == c
        assert profiles["generation 2"][1][c] == pytest.approx((said[rows] == c).mean())
    # Classes have equally many rows, so that the mean over them is the accuracy.
    assert np.mean(profiles["generation 1"][0]) == pytest.approx(run.scores()[0]["in_sample_accuracy"])


def test_what_there_is_to_draw_is_drawn(run, tmp_path):
    drawn = draw_generations(run.path, tmp_path / "figures", n_crops=2)
    assert {path.name for path in drawn} == {
        f"{name}.{kind}" for name in ("profile", "distributions", "crops") for kind in ("png", "svg")
    }
    again = draw_generations(run, tmp_path / "again", n_crops=2)
    assert all(
        one.read_bytes() == other.read_bytes() for one, other in zip(drawn, again, strict=True) if one.suffix == ".png"
    )


def test_without_test_rows_crops_are_drawn(photos, tmp_path):
    run = refine(photos / "train", tmp_path / "run", **OPTIONS | {"generations": 1})
    assert {path.stem for path in draw_generations(run, tmp_path / "figures", n_crops=1)} == {"crops"}
    with pytest.raises(InputError, match="has no test rows, and a profile compares with these"):
        profiles_of(run)


def test_runs_of_rounds_are_refused(table, tmp_path):
    run = refine(table, tmp_path / "run", label="kind", rounds=0, estimator="softmax")
    with pytest.raises(InputError, match="has no generations to draw; make one with --method label-refinery or ldl"):
        draw_generations(run, tmp_path / "figures")
    tables = refine(table, tmp_path / "tables", label="kind", estimator="softmax", method="ldl")
    with pytest.raises(InputError, match="has neither test rows nor pictures"):
        draw_generations(tables, tmp_path / "figures")


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("a,b,kind\n" + "".join(f"{i},{i % 3},{'xy'[i % 2]}\n" for i in range(30)))
    return path


def test_pictures_that_changed_are_no_longer_drawn(photos, tmp_path):
    folder = photo_folders(tmp_path / "mine")
    run = refine(folder / "train", tmp_path / "run", **OPTIONS | {"generations": 1})
    (folder / "train" / "red" / "new.png").write_bytes(encoded(np.zeros((10, 10, 3), np.uint8)))
    with pytest.raises(InputError, match=r"holds 61 pictures now, and the run was made from 60"):
        draw_generations(run, tmp_path / "figures")
