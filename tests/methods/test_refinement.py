from __future__ import annotations

import numpy as np
import pytest
from sklearn.model_selection import KFold, RepeatedStratifiedKFold

from simple_learners import Centroids, blobs
from softlabel import InputError, Refinement
from softlabel.store.archive import read_archive

X, Y = blobs(n_per_class=10, spread=1.5)


def _predict(fold):
    return Centroids().fit(X[fold.train], fold.targets).predict_targets(X[fold.held_out])


def test_three_rounds_of_five_folds():
    refinement = Refinement(Y, n_rounds=3, cv=5, random_state=0)
    seen = []
    for fold in refinement:
        assert fold.targets.shape == (len(fold.train), 3)
        assert len(fold.train) + len(fold.held_out) == len(Y)
        seen.append((fold.round, fold.fold))
        fold.tell(_predict(fold))
    assert seen == [(r, f) for r in (1, 2, 3) for f in range(5)]
    assert [entry["round"] for entry in refinement.history] == [1, 2, 3]
    assert refinement.round == 4
    assert refinement.folds() == []
    assert list(refinement) == []


def test_one_round_is_the_formula():
    refinement = Refinement(Y, n_rounds=1, cv=5, momentum=0.6, random_state=0)
    oof = np.zeros((len(Y), 3))
    for fold in refinement:
        oof[fold.held_out] = _predict(fold)
        fold.tell(oof[fold.held_out])
    assert np.allclose(refinement.targets, 0.6 * np.eye(3)[Y] + 0.4 * oof, atol=1e-6)
    assert np.allclose(refinement.label_quality_, refinement.targets[np.arange(len(Y)), Y])


def test_folds_may_be_told_in_any_order():
    forwards, backwards = (Refinement(Y, n_rounds=2, random_state=0) for _ in range(2))
    for fold in forwards:
        fold.tell(_predict(fold))
    while folds := backwards.folds():
        for fold in reversed(folds):
            fold.tell(_predict(fold))
    assert forwards.targets.tobytes() == backwards.targets.tobytes()


def test_asking_for_the_next_round_early_names_the_missing_folds():
    refinement = Refinement(Y, n_rounds=2, cv=4, random_state=0)
    folds = iter(refinement)
    for number in range(4):
        fold = next(folds)
        if number in (0, 2):
            fold.tell(_predict(fold))
    with pytest.raises(InputError, match=r"round 2 starts when all folds of round 1 are told; missing: fold 1, fold 3"):
        next(folds)


def test_only_untold_folds_are_handed_out_again():
    refinement = Refinement(Y, n_rounds=1, cv=4, random_state=0)
    first = next(iter(refinement))
    first.tell(_predict(first))
    assert [fold.fold for fold in refinement.folds() if not fold.told] == [1, 2, 3]
    assert next(iter(refinement)).fold == 1


def test_members_are_averaged():
    together = Refinement(Y, n_rounds=1, n_members=2, cv=3, momentum=0.5, random_state=0)
    for fold in together:
        constant = np.array([1.0, 0.0, 0.0]) if fold.member == 0 else np.array([0.0, 1.0, 0.0])
        fold.tell(np.tile(constant, (len(fold.held_out), 1)))
    assert np.allclose(together.targets, 0.5 * np.eye(3)[Y] + 0.5 * np.array([0.5, 0.5, 0.0]), atol=1e-6)


def test_rows_that_no_fold_holds_out_keep_their_targets_and_repeated_ones_average():
    pairs = [(np.arange(10, 30), np.arange(5)), (np.arange(10, 30), np.arange(3, 8))]
    refinement = Refinement(Y, n_rounds=1, cv=pairs, momentum=0.0)
    for fold in refinement:
        fold.tell(np.tile([1.0, 0.0, 0.0] if fold.fold == 0 else [0.0, 0.0, 1.0], (5, 1)))
    assert np.array_equal(refinement.targets[8:], np.eye(3)[Y[8:]])
    assert refinement.targets[2].tolist() == [1, 0, 0]
    assert refinement.targets[3].tolist() == [0.5, 0, 0.5]
    assert refinement.targets[7].tolist() == [0, 0, 1]


def test_an_unseen_class_keeps_its_mass():
    y = np.array([0, 0, 0, 1, 1, 1, 2])
    pairs = [(np.arange(6), np.array([6]))]  # class 2 has one row, and that is held out
    refinement = Refinement(y, n_rounds=1, cv=pairs, momentum=0.5)
    for fold in refinement:
        fold.tell([[0.5, 0.5, 0.0]])
    assert refinement.targets[6].tolist() == [0, 0, 1]


def test_seeds_are_addresses():
    folds = Refinement(Y, n_rounds=2, n_members=2, cv=3, random_state=0).folds()
    assert len({fold.seed for fold in folds}) == 6
    assert [fold.seed for fold in folds] == [
        fold.seed for fold in Refinement(Y, cv=3, n_members=2, random_state=0).folds()
    ]


@pytest.mark.parametrize(
    ("predictions", "message"),
    [
        (np.full((3, 3), 1 / 3), "3 rows where 10"),
        (np.full((10, 2), 1 / 2), "columns"),
        (np.full(10, 1.0), "shape|dimension"),
        (np.full((10, 3), np.nan), "NaN|finite"),
        (np.tile([1.2, -0.2, 0.0], (10, 1)), "negative"),
        (np.zeros((10, 3)), "sum"),
        (np.full((10, 3), 5.0), "sum"),
        (np.full((10, 3), np.inf), "NaN|finite|infinite"),
    ],
)
def test_predictions_that_are_none_are_refused_and_change_nothing(predictions, message):
    refinement = Refinement(Y, n_rounds=1, cv=3, random_state=0)
    fold = refinement.folds()[1]
    with pytest.raises(InputError, match=message) as caught:
        fold.tell(predictions)
    assert str(caught.value).startswith("round 1, member 0, fold 1")
    assert not fold.told
    fold.tell(np.full((10, 3), 1 / 3))


def test_a_fold_is_told_once():
    refinement = Refinement(Y, n_rounds=2, cv=3, random_state=0)
    fold = refinement.folds()[0]
    fold.tell(_predict(fold))
    with pytest.raises(InputError, match="fold 0 was told already"):
        fold.tell(_predict(fold))
    for other in refinement.folds()[1:]:
        other.tell(_predict(other))
    with pytest.raises(InputError, match="round 1, member 0, fold 0 was told already"):
        fold.tell(_predict(fold))
    for address in ((3, 0, 0), (0, 0, 99), (2, 0, 99), (2, 1, 0)):
        with pytest.raises(InputError, match=f"no round {address[0]}"):
            refinement.tell(*address, np.full((10, 3), 1 / 3))


@pytest.mark.parametrize(
    "options",
    [
        {"cv": 3},
        {"cv": [(np.arange(15), np.arange(15, 30)), (np.arange(15, 30), np.arange(15))]},
        {"cv": 3, "groups": np.array([f"patient {i // 2}" for i in range(30)])},
        {"cv": 3, "momentum": "average", "sharpen": 0.5, "n_members": 2},
    ],
    ids=["int", "pairs", "groups", "members"],
)
def test_stored_and_continued_equals_uninterrupted(tmp_path, options):
    y = np.array(["a", "b", "c"])[Y]
    whole = Refinement(y, n_rounds=3, random_state=5, **options)
    for fold in whole:
        fold.tell(_predict(fold))
    path = tmp_path / "state.npz"
    Refinement(y, n_rounds=3, random_state=5, **options).save(path)
    steps = 0
    while (stopped := Refinement.load(path)).round <= 3:  # store and load after each single fold
        fold = next(iter(stopped))
        fold.tell(_predict(fold))
        stopped.save(path)
        steps += 1
    assert steps == 3 * len(whole_folds(options))
    assert stopped.targets.tobytes() == whole.targets.tobytes()
    assert stopped.history == whole.history
    assert stopped.classes_.tolist() == ["a", "b", "c"]


def whole_folds(options):
    return Refinement(Y, **options).folds()


def test_a_splitter_is_not_stored_and_is_asked_for(tmp_path):
    path = tmp_path / "state.npz"
    Refinement(Y, cv=RepeatedStratifiedKFold(n_splits=3, n_repeats=2), random_state=0).save(path)
    with pytest.raises(InputError, match=r"RepeatedStratifiedKFold\(\.\.\.\), which is not stored"):
        Refinement.load(path)
    with pytest.raises(InputError, match="give it again"):
        Refinement.load(path, cv=KFold(3))
    loaded = Refinement.load(path, cv=RepeatedStratifiedKFold(n_splits=3, n_repeats=2))
    assert len(loaded.folds()) == 6


def test_a_splitter_that_splits_otherwise_is_refused(tmp_path):
    path = tmp_path / "state.npz"
    refinement = Refinement(Y, cv=KFold(3, shuffle=True, random_state=1), random_state=0)
    fold = refinement.folds()[0]
    fold.tell(_predict(fold))
    refinement.save(path)
    for other in (KFold(3, shuffle=True, random_state=2), KFold(4, shuffle=True, random_state=1)):
        with pytest.raises(InputError, match="cv splits the rows otherwise"):
            Refinement.load(path, cv=other)
    assert Refinement.load(path, cv=KFold(3, shuffle=True, random_state=1)).folds()[0].told


def test_a_file_that_is_no_state_is_refused(tmp_path):
    with pytest.raises(InputError, match="there is no file"):
        Refinement.load(tmp_path / "none.npz")
    (tmp_path / "text.npz").write_text("hello")
    with pytest.raises(InputError, match="no stored refinement"):
        Refinement.load(tmp_path / "text.npz")
    np.savez(tmp_path / "other.npz", X=np.zeros(3))
    with pytest.raises(InputError, match="no stored refinement"):
        Refinement.load(tmp_path / "other.npz")
    Refinement(Y, random_state=0).save(tmp_path / "cut.npz")
    (tmp_path / "cut.npz").write_bytes((tmp_path / "cut.npz").read_bytes()[:200])
    with pytest.raises(InputError, match="no stored refinement"):
        Refinement.load(tmp_path / "cut.npz")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"y": [0, 0, 0]}, "class"),
        ({"y": [0, None, 1]}, "y"),
        ({"y": Y, "n_rounds": -1}, "n_rounds=-1"),
        ({"y": Y, "n_rounds": 1.5}, "n_rounds=1.5"),
        ({"y": Y, "momentum": 1.1}, "momentum=1.1"),
        ({"y": Y, "momentum": "mean"}, "momentum='mean'"),
        ({"y": Y, "sharpen": 0}, "sharpen=0"),
        ({"y": Y, "n_members": 0}, "n_members=0"),
        ({"y": Y, "cv": 31}, "only 30 rows"),
        ({"y": Y, "groups": [1, 2]}, "groups has shape"),
        ({"y": Y, "groups": np.zeros(30)}, "only 1 groups"),
        ({"y": Y, "groups": [None, *["a"] * 29]}, "groups is missing in 1 rows"),
        ({"y": Y, "groups": np.r_[np.nan, np.zeros(29)]}, "groups is missing in 1 rows"),
        ({"y": Y, "targets": np.full((30, 2), 0.5)}, "columns"),
        ({"y": Y, "targets": np.full((30, 3), 0.5)}, "sum"),
        ({"y": Y, "targets": np.tile([2.0, -1.0, 0.0], (30, 1))}, "negative"),
        ({"y": Y, "random_state": -1}, "random_state"),
    ],
)
def test_bad_input_gets_one_clear_line(arguments, message):
    with pytest.raises(InputError, match=message) as caught:
        Refinement(**arguments)
    assert "\n" not in str(caught.value)


def test_a_rare_class_is_accepted_with_a_warning_that_names_it():
    with pytest.warns(UserWarning, match=r"fewer rows than folds: zebra \(1\)"):
        Refinement(["cat"] * 10 + ["dog"] * 10 + ["zebra"], random_state=0)


def test_fixed_folds_are_handed_out_again_also_after_loading(tmp_path):
    y = np.arange(12) % 3
    refinement = Refinement(y, n_rounds=3, cv=3, fixed_folds=True, random_state=0)
    first = [fold.held_out.tolist() for fold in refinement.folds()]
    assert first == [fold.held_out.tolist() for fold in Refinement(y, cv=3, random_state=0).folds()]
    seen = []
    for fold in refinement:
        seen.append(fold.held_out.tolist())
        fold.tell(np.full((len(fold.held_out), 3), 1 / 3))
        if len(seen) == 4:
            break
    refinement.save(tmp_path / "refinement.npz")
    loaded = Refinement.load(tmp_path / "refinement.npz")
    for fold in loaded:
        seen.append(fold.held_out.tolist())
        fold.tell(np.full((len(fold.held_out), 3), 1 / 3))
    assert seen == 3 * first
    with pytest.raises(InputError, match="fixed_folds='yes'; give True or False"):
        Refinement(y, fixed_folds="yes")


def test_a_file_that_earlier_versions_would_misread_says_so_to_them(tmp_path):
    y = np.arange(12) % 3
    for fixed, version in ((False, 1), (True, 2)):
        Refinement(y, cv=3, fixed_folds=fixed).save(tmp_path / "one.npz")
        assert read_archive(tmp_path / "one.npz", 2)[0]["format"] == version


def test_trusted_rows_keep_their_targets_and_are_scored_out_of_fold(tmp_path):
    trusted = np.arange(len(Y)) % 4 == 0
    given = Y.copy()
    given[1] = (given[1] + 1) % 3
    refinement = Refinement(given, n_rounds=2, cv=3, random_state=0, trusted=trusted)
    oof = np.zeros((len(Y), 3))
    for fold in refinement.folds():
        assert np.isin(np.flatnonzero(trusted), np.r_[fold.train, fold.held_out]).all()
        oof[fold.held_out] = _predict(fold)
        fold.tell(oof[fold.held_out])
    refinement.save(tmp_path / "half.npz")
    assert read_archive(tmp_path / "half.npz", 2)[0]["format"] == 2
    again = Refinement.load(tmp_path / "half.npz")
    for one in (refinement, again):
        for fold in one:
            fold.tell(_predict(fold))
    assert np.array_equal(refinement.targets, again.targets)
    assert np.array_equal(refinement.targets[trusted], np.eye(3, dtype=np.float32)[given][trusted])
    assert (refinement.label_quality_[trusted] == 1).all()
    assert refinement.label_quality_[1] < 0.6  # the wrong one
    right = oof[trusted].argmax(axis=1) == given[trusted]
    assert again.history[0]["trusted_accuracy"] == pytest.approx(right.mean())
    plain = Refinement(given, n_rounds=2, cv=3, random_state=0)
    plain.save(tmp_path / "plain.npz")
    assert read_archive(tmp_path / "plain.npz", 1)[0]["format"] == 1  # which earlier versions read


def test_trusted_rows_are_some():
    with pytest.raises(InputError, match="trusted marks none"):
        Refinement(Y, trusted=np.zeros(len(Y), dtype=bool))


def test_what_needs_the_rows_is_refused_before_anything_is_trained():
    with pytest.raises(InputError, match="a refinement by hand has no rows; give a number or 'average'"):
        Refinement([0, 1] * 10, momentum="bayes")
