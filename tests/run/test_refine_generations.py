"""Runs of Label Refinery and of label distribution learning: what they write, and what they say."""

import numpy as np
import pytest

from coloured_pictures import picture_folder
from softlabel import LabelDistributionLearning, LabelRefinery, Run, RunConflictError, TorchClassifier, refine
from softlabel.data.source import load
from softlabel.errors import FitError, InputError, RunError

NETWORK = {
    "estimator": "small_cnn",
    "set": {"network_options": {"width": 4}},
    "epochs": 1,
    "batch_size": 16,
    "augment": "resized_crop:0.5",
}
REFINERY = NETWORK | {"method": "label-refinery", "generations": 2}


@pytest.fixture(scope="module")
def two(photos, tmp_path_factory):
    """A run of two generations with a test folder."""
    return refine(photos / "train", tmp_path_factory.mktemp("two") / "run", test=str(photos / "test"), **REFINERY)


def pictures(folder):
    data = load(folder)
    return data.X, data.y


def by_hand(kind, photos, *arguments, **options):
    """The method itself, with the settings of the runs."""
    network = TorchClassifier(
        "small_cnn", network_options={"width": 4}, epochs=1, batch_size=16, augment="resized_crop:0.5"
    )
    X, y = pictures(photos / "train")
    return kind(network, *arguments, random_state=0, **options).fit(X, y)


def test_a_run_is_the_method_of_python(two, photos):
    refinery = by_hand(LabelRefinery, photos, n_generations=2)
    X_test, _ = pictures(photos / "test")
    assert two.predict_proba(X_test).tobytes() == refinery.predict_proba(X_test).tobytes()
    for stored, done in zip(two.generations(), refinery.generations_, strict=True):
        assert stored["answers"].tobytes() == done.answers.tobytes()
        assert stored["learned"].tobytes() == done.learned.tobytes()
    assert np.array_equal(np.stack(two.labels()["distribution"]), refinery.label_distributions_)


def test_what_it_writes_and_says(two, photos):
    first, second = two.generations()
    assert np.array_equal(first["learned"], two.targets(0))  # the given labels
    assert np.array_equal(two.targets(), second["learned"])
    X_test, y_test = pictures(photos / "test")
    assert np.allclose(second["test"], two.predict_proba(X_test), atol=1e-6)  # whose threads are torch's own
    scores = two.scores()
    assert [entry["generation"] for entry in scores] == [1, 2]
    right = (two.classes[second["test"].argmax(axis=1)] == y_test).mean()
    assert scores[1]["test_accuracy"] == pytest.approx(right)
    assert two.metrics()["generations"] == scores
    # Suggested is what the last generation learned: what its teacher says, by the statistics of batches.
    said = two.classes[second["learned"].argmax(axis=1)]
    assert (two.labels()["suggested_label"].to_numpy() == said).all()


def test_no_rounds_are_there(two):
    with pytest.raises(RunError, match="made by --method label-refinery, which predicts no rows out of fold"):
        two.out_of_fold()
    with pytest.raises(RunError, match=r"generation 7 is not whole in .*; whole generations: \[1, 2\]"):
        two.targets(7)


def test_a_finished_run_is_left_alone_and_more_generations_extend_it(photos, tmp_path):
    once = refine(photos / "train", tmp_path / "run", **REFINERY | {"generations": 1})
    plain = once.predict_proba(pictures(photos / "test")[0])
    before = (tmp_path / "run" / "run.json").read_bytes()
    refine(photos / "train", tmp_path / "run", **REFINERY | {"generations": 1})
    assert (tmp_path / "run" / "run.json").read_bytes() == before
    longer = refine(photos / "train", tmp_path / "run", **REFINERY)
    assert len(longer.scores()) == 2
    whole = refine(photos / "train", tmp_path / "whole", **REFINERY)
    X_test, _ = pictures(photos / "test")
    assert longer.predict_proba(X_test).tobytes() == whole.predict_proba(X_test).tobytes()
    assert longer.predict_proba(X_test).tobytes() != plain.tobytes()
    with pytest.raises(RunConflictError, match=r"generations was 2, now 1 \(more would extend the run"):
        refine(photos / "train", tmp_path / "run", **REFINERY | {"generations": 1})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": "hard_dynamic"}, "labels was not given, now 'hard_dynamic'"),
        ({"teacher": "folds"}, "teacher was not given, now .*folds"),
        ({"method": "ldl", "generations": None}, "method was 'label-refinery', now 'ldl'"),
    ],
    ids=["labels", "teacher", "method"],
)
def test_another_way_of_teaching_is_another_run(two, photos, change, message):
    with pytest.raises(RunConflictError, match=message):
        refine(photos / "train", two.path, test=str(photos / "test"), **REFINERY | change)


def test_the_model_of_a_run_teaches(two, photos, tmp_path):
    run = refine(photos / "train", tmp_path / "run", **NETWORK, method="ldl", teacher=str(two.path), mix="cutmix")
    student = by_hand(LabelDistributionLearning, photos, two.final_models()[0], mix="cutmix")
    X_test, _ = pictures(photos / "test")
    assert run.predict_proba(X_test).tobytes() == student.predict_proba(X_test).tobytes()
    # Another model is another teacher, wherever it lies.
    other = refine(photos / "train", tmp_path / "other", **REFINERY, seed=3)
    with pytest.raises(RunConflictError, match=r"teacher was \['sha256 "):
        refine(photos / "train", tmp_path / "run", **NETWORK, method="ldl", teacher=str(other.path), mix="cutmix")


def test_an_untrained_teacher_is_trained_and_kept(photos, tmp_path):
    options = NETWORK | {"method": "label-refinery", "generations": 1, "teacher": "se_resnet8"}
    run = refine(photos / "train", tmp_path / "run", **options)
    assert (run.path / "generations/00/units/m1-f0/model/network-0.safetensors").exists()
    assert len(run.generations()) == 1


def test_folds_label_what_they_did_not_see(photos, tmp_path):
    options = REFINERY | {"teacher": "folds", "folds": 2}
    run = refine(photos / "train", tmp_path / "run", **options)
    assert set(run.generations()[0]["folds"]) == {0, 1}
    assert "oof_accuracy" in run.scores()[0]


def test_further_pictures_are_labelled_too(photos, tmp_path):
    unlabelled = picture_folder(tmp_path / "more", 5, seed=7)
    run = refine(photos / "train", tmp_path / "run", **REFINERY, unlabelled=str(unlabelled))
    assert run.targets().shape == (60, 2)  # the given rows alone are reported


def test_a_table_is_self_training(table, tmp_path):
    options = {"label": "kind", "id": "key", "method": "label-refinery", "generations": 2, "estimator": "logistic"}
    run = refine(table, tmp_path / "run", **options)
    first, second = run.generations()
    assert np.allclose(second["learned"], first["answers"])
    # A run with features of its own labels the rows of the source.
    taught = refine(table, tmp_path / "taught", **options | {"generations": 1, "teacher": str(run.path)})
    assert np.allclose(taught.targets(), second["answers"], atol=1e-6)


def test_a_class_tree_from_a_file(photos, tmp_path):
    tree = tmp_path / "tree.csv"
    tree.write_text("child,parent\nblue,colour\nred,colour\n")
    options = NETWORK | {"method": "label-refinery", "labels": "taxonomy", "taxonomy": str(tree)}
    run = refine(photos / "train", tmp_path / "run", **options)
    # Siblings at depth 2 under the root share 2 * 1 / (2 + 2) = .5: softmax([1, .5] / .1).
    share = 1 / (1 + np.exp(-5))
    assert np.allclose(run.targets().max(axis=1), share)
    tree.write_text("child,parent\nblue,colour\n")
    with pytest.raises(InputError, match="red"):
        refine(photos / "train", tmp_path / "other", **options)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"teacher": "no/such/run"},
            "--teacher no/such/run is neither a run nor a store of crops; give the folder of one",
        ),
        ({"teacher": "nonsense"}, "unknown estimator 'nonsense'"),
        ({"teacher": ["folds", "small_cnn"]}, "--teacher folds takes no other teacher beside it"),
        ({"generations": 3, "estimator": ("small_cnn", "se_resnet8"), "set": {}}, "n_generations=3 and 2 estimators"),
        ({"labels": "taxonomy"}, "labels='taxonomy' needs the tree"),
    ],
    ids=str,
)
def test_what_cannot_be_is_told_before_anything_is_written(photos, tmp_path, options, message):
    with pytest.raises(InputError, match=message):
        refine(photos / "train", tmp_path / "run", **REFINERY | options)
    assert not (tmp_path / "run" / "run.json").exists()


def test_a_teacher_of_other_classes_is_refused_with_the_difference(two, tmp_path):
    folder = picture_folder(tmp_path / "pictures", 6)
    (folder / "red").rename(folder / "green")
    with pytest.raises(InputError, match=r"lacks \['green'\] and has \['red'\]"):
        refine(folder, tmp_path / "run", **NETWORK, method="ldl", teacher=str(two.path))


def test_a_failing_student_is_named_and_what_was_trained_stays(photos, tmp_path):
    broken = {"set": {"network_options": {"width": 4}, "clip_norm": None}, "lr": 1e30}
    with pytest.raises(FitError, match="generation 1"):
        refine(photos / "train", tmp_path / "run", **REFINERY | broken)
    assert Run(tmp_path / "run").record["state"] == "stopped"
