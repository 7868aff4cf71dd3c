from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_iris
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, KFold, RepeatedKFold, TimeSeriesSplit, cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from simple_learners import Centroids, FailsInFold, Memoriser, Viewed, blobs
from softlabel import FitError, InputError, Refinement, SoftmaxRegression, StochasticLabelRefinery
from softlabel.execution.executor import current_resources
from softlabel.learners.contract import as_learner, seeded
from softlabel.methods.answer_temperature import softened
from softlabel.methods.forest_teacher import N_TREES
from softlabel.seeds import Seeds

X, Y = blobs(n_per_class=20, spread=1.5)


PAPER = {"final_targets": "refined", "random_state": 0}  # momentum and teachers left to "auto" are then the paper's


def _refinery(estimator=None, **options):
    """The paper's method."""
    return StochasticLabelRefinery(Centroids() if estimator is None else estimator, **(PAPER | options))


def _auto(estimator=None, **options):
    """As it comes."""
    return StochasticLabelRefinery(Centroids() if estimator is None else estimator, **({"random_state": 0} | options))


def _noisy(share=0.3, seed=0):
    X, y = blobs(n_per_class=60, spread=0.8, seed=seed)
    rng = np.random.default_rng(seed)
    wrong = rng.permutation(len(y))[: round(share * len(y))]
    given = y.copy()
    given[wrong] = (y[wrong] + rng.integers(1, 3, size=len(wrong))) % 3
    return X, given, y


def test_wrong_labels_are_found_and_suggested():
    X, given, true = _noisy()
    refinery = _refinery(SoftmaxRegression(), n_rounds=6).fit(X, given)
    wrong = given != true
    assert (refinery.transduction_[wrong] == true[wrong]).mean() > 0.9
    assert (refinery.transduction_[~wrong] == true[~wrong]).mean() > 0.97
    assert (refinery.suggested_labels_ == true).mean() > 0.97
    assert refinery.label_quality_[wrong].max() < np.median(refinery.label_quality_[~wrong])


def test_by_default_wrong_labels_are_found_and_take_no_part_in_the_end():
    X, given, true = _noisy()
    refinery = _auto(SoftmaxRegression()).fit(X, given)
    wrong = given != true
    assert refinery.final_targets_ == "pruned"
    assert refinery.choice_["name"] in ("pruned by bayes", "pruned by momentum 0")
    assert refinery.choice_["n_scored"] == 180
    assert ((refinery.final_weights_ == 0) == wrong).mean() > 0.97
    assert np.array_equal(refinery.label_distributions_, np.eye(3)[given])
    assert (refinery.suggested_labels_ == true).mean() > 0.97
    left = refinery.final_weights_ > 0
    by_hand = seeded(SoftmaxRegression(), 0).fit(X[left], np.eye(3)[given[left]])
    assert np.allclose(refinery.predict_proba(X), by_hand.predict_targets(X), atol=1e-6)


class NearestRow(BaseEstimator):
    """Says the label of the nearest row, and calls that training by steps."""

    training_length = "n_passes"

    def __init__(self, n_passes=10):
        self.n_passes = n_passes

    def fit(self, X, targets, sample_weight=None):
        self.X_, self.targets_ = X, targets
        return self

    def predict_targets(self, X):
        return self.targets_[((X[:, None] - self.X_) ** 2).sum(axis=2).argmin(axis=1)]


def test_a_forest_that_is_chosen_labels_and_the_estimator_learns():
    X, given, true = _noisy()
    refinery = _auto(NearestRow()).fit(X, given)
    name = refinery.choice_["name"]
    assert name in ("pruned by bayes with a forest", "pruned by momentum 0 with a forest")
    assert ((refinery.final_weights_ == 0) == (given != true)).mean() > 0.95
    momentum = "bayes" if "bayes" in name else 0.0
    pruned = {"momentum": momentum, "teacher_targets": "pruned", "final_targets": "pruned"}
    by_hand = _refinery(ExtraTreesClassifier(N_TREES), **pruned).fit(X, given)
    assert np.array_equal(refinery.refined_targets_, by_hand.refined_targets_)
    assert np.array_equal(refinery.final_weights_, by_hand.final_weights_)
    left = refinery.final_weights_ > 0
    said = NearestRow().fit(X[left], np.eye(3)[given[left]]).predict_targets(X)
    assert np.array_equal(refinery.estimator_.predict_targets(X), said)
    assert refinery.temperature_ >= 1
    assert np.array_equal(refinery.predict_proba(X), softened(refinery.task_, said, refinery.temperature_))
    assert isinstance(refinery.estimator_, NearestRow)


@pytest.mark.parametrize(
    "spoiled",
    [lambda rows: np.where(rows > 0, rows, -np.inf), lambda rows: rows[:, :, None]],
    ids=["infinite", "three dimensions"],
)
def test_what_no_forest_can_learn_is_refined_without_one(spoiled):
    class Lenient(NearestRow):
        def fit(self, X, targets, sample_weight=None):
            return super().fit(np.nan_to_num(X).reshape(len(X), -1), targets)

        def predict_targets(self, X):
            return super().predict_targets(np.nan_to_num(X).reshape(len(X), -1))

    X, given, _ = _noisy()
    with pytest.warns(
        UserWarning, match="auto goes on without a forest, which cannot learn these rows: .*dim|infinity"
    ):
        refinery = _auto(make_pipeline(FunctionTransformer(spoiled), Lenient()), n_rounds=1).fit(X, given)
    names = ["given", "pruned by bayes with short teachers", "pruned by momentum 0 with short teachers"]
    assert [one["name"] for one in refinery.choice_["candidates"]] == names


@pytest.mark.parametrize("final", ["refit", "folds"])
def test_the_estimator_is_not_placed_as_the_forest_was(monkeypatch, final):
    """With jobs="auto", what a forest's fits showed of the machine says nothing of the estimator's."""
    X, given, _ = _noisy()
    placed, fit = [], NearestRow.fit

    def noted(self, X, targets, sample_weight=None):
        placed.append(current_resources().kind)
        return fit(self, X, targets, sample_weight)

    monkeypatch.setattr(NearestRow, "fit", noted)
    refinery = _auto(NearestRow(), final=final).fit(X, given)
    assert refinery.choice_["name"].endswith("with a forest")
    assert set(placed) == {""}


def test_a_forest_that_is_chosen_closes_the_rounds_as_well(monkeypatch):
    X, given, _ = _noisy()
    fitted, fit = [], NearestRow.fit

    def noted(self, X, targets, sample_weight=None):
        fitted[-1] += 1
        return fit(self, X, targets, sample_weight)

    monkeypatch.setattr(NearestRow, "fit", noted)
    for refit_on in ("last", "best"):
        fitted.append(0)
        refinery = _auto(NearestRow(), guard=0.3, refit_on=refit_on, n_rounds=2).fit(X, given)
        assert refinery.choice_["name"].endswith("with a forest")
    assert fitted[0] == fitted[1]  # the pass that scores the last targets is the forest's


def test_the_default_is_the_plain_fit_where_there_is_too_little_to_choose_by():
    few = np.arange(60) % 10 > 0  # 54 rows
    plain = Centroids().fit(X[few], np.eye(3)[Y[few]]).predict_targets(X)
    weighted = _auto(n_rounds=1).fit(X, Y, sample_weight=few.astype(float))
    groups = _auto(n_rounds=1, cv=2).fit(
        X, Y, groups=np.arange(60) % 2
    )  # beside one of two groups nothing can be split
    for refinery in (_auto(n_rounds=1).fit(X[few], Y[few]), weighted, groups):
        assert refinery.final_targets_ == "given"
        assert refinery.choice_ is None
        assert refinery.n_rounds_ == 1
    assert np.allclose(weighted.predict_proba(X), plain)


def test_rows_without_weight_are_no_evidence():
    X, given, _ = _noisy()
    weight = np.where(np.arange(180) % 3 > 0, 1.0, 0.0)
    refinery = _auto(SoftmaxRegression(), n_rounds=2).fit(X, given, sample_weight=weight)
    assert refinery.choice_["n_scored"] == 120


def test_fitted_attributes_and_their_order():
    y = np.array(["cherry", "apple", "banana"])[Y]
    refinery = _refinery(n_rounds=2).fit(X, y)
    assert refinery.classes_.tolist() == ["apple", "banana", "cherry"]
    assert refinery.label_distributions_.shape == (60, 3)
    assert refinery.label_distributions_.dtype == np.float32
    assert np.array_equal(refinery.transduction_, refinery.classes_[refinery.label_distributions_.argmax(axis=1)])
    assert refinery.n_rounds_ == refinery.best_round_ == 2
    assert [entry["round"] for entry in refinery.history_] == [1, 2]
    assert refinery.estimators_ == [refinery.estimator_]
    assert refinery.predict_proba(X).shape == (60, 3)
    assert set(refinery.predict(X)) <= set(y)
    assert refinery.score(X, y) > 0.8


def test_the_final_model_is_one_fit_on_the_last_targets():
    refinery = _refinery(n_rounds=2).fit(X, Y)
    by_hand = Centroids().fit(X, refinery.label_distributions_)
    assert np.array_equal(refinery.predict_proba(X), by_hand.predict_targets(X))


def test_without_rounds_it_is_the_plain_method():
    assert np.array_equal(
        _refinery(n_rounds=0).fit(X, Y).predict_proba(X), Centroids().fit(X, np.eye(3)[Y]).predict_targets(X)
    )


def test_final_folds_average_one_model_a_fold():
    refinery = _refinery(n_rounds=1, final="folds", cv=4).fit(X, Y)
    assert len(refinery.estimators_) == 4
    assert not hasattr(refinery, "estimator_")
    mean = np.mean([model.predict_targets(X) for model in refinery.estimators_], axis=0)
    assert np.allclose(refinery.predict_proba(X), mean)


def test_members_label_together_and_the_first_is_the_student():
    members = [Centroids(), SoftmaxRegression()]
    refinery = _refinery(members, n_rounds=1, momentum=0.0).fit(X, Y)
    assert isinstance(refinery.estimator_, Centroids)
    alone = [_refinery(member, n_rounds=1, momentum=0.0).fit(X, Y).label_distributions_ for member in members]
    assert np.allclose(refinery.label_distributions_, np.mean(alone, axis=0), atol=1e-6)  # same folds, no seeds inside
    everyone = _refinery(members, n_rounds=1, final_members="all").fit(X, Y)
    assert [type(model).__name__ for model in everyone.estimators_] == ["Centroids", "SoftmaxRegression"]


def test_soft_first_targets_are_where_the_rounds_start():
    votes = np.eye(3)[Y] * 0.7 + 0.1
    assert np.allclose(_refinery(n_rounds=0).fit(X, Y, targets=votes).label_distributions_, votes)
    assert np.allclose(_refinery(n_rounds=2, momentum=1.0).fit(X, Y, targets=votes).label_distributions_, votes)


def test_weights_reach_every_fit_and_score_but_not_the_update():
    class Recorder(Centroids):
        weights = []

        def fit(self, X, targets, sample_weight=None):
            Recorder.weights.append(sample_weight)
            return super().fit(X, targets, sample_weight)

    weight = np.linspace(0.5, 2, 60)
    refinery = _refinery(Recorder(), n_rounds=1, momentum=0.5, cv=3).fit(X, Y, sample_weight=weight)
    assert len(Recorder.weights) == 4
    assert np.array_equal(np.sort(Recorder.weights[-1]), weight)
    assert all(set(part) <= set(weight) and len(part) == 40 for part in Recorder.weights[:3])
    oof = 2 * refinery.label_distributions_ - np.eye(3)[Y]  # momentum one half: no weight enters here
    assert np.allclose(oof.sum(axis=1), 1, atol=1e-5)
    hit = oof.argmax(axis=1) == Y
    assert refinery.history_[0]["oof_accuracy"] == pytest.approx(np.average(hit, weights=weight))
    with_zeros = np.where(np.arange(60) < 50, 1.0, 0.0)
    assert np.isfinite(_refinery(n_rounds=1).fit(X, Y, sample_weight=with_zeros).label_distributions_).all()


# --- folds ---------------------------------------------------------------------------------------------------------------------


def test_rows_that_no_fold_holds_out_keep_their_targets():
    refinery = _refinery(Memoriser(), cv=TimeSeriesSplit(4), n_rounds=2).fit(X, Y)
    first = np.arange(60) < 12
    assert np.array_equal(refinery.label_distributions_[first], np.eye(3)[Y[first]])
    assert (refinery.label_distributions_[~first].max(axis=1) < 1).all()
    assert np.array_equal(refinery.suggested_labels_[first], Y[first])


def test_repeated_folds_average():
    refinery = _refinery(cv=RepeatedKFold(n_splits=3, n_repeats=4), n_rounds=1).fit(X, Y)
    assert np.allclose(refinery.label_distributions_.sum(axis=1), 1, atol=1e-6)


def test_a_new_split_each_round_unless_the_splitter_has_a_seed():
    class Watching(KFold):
        splits = []

        def split(self, X, y=None, groups=None):
            for train, test in super().split(X, y, groups):
                Watching.splits.append(tuple(test))
                yield train, test

    _refinery(cv=Watching(2, shuffle=True), n_rounds=2).fit(X, Y)
    assert len(set(Watching.splits)) == 4
    Watching.splits.clear()
    _refinery(cv=Watching(2, shuffle=True, random_state=3), n_rounds=2).fit(X, Y)
    assert len(set(Watching.splits)) == 2


def test_a_splitter_that_looks_at_the_features_gets_them():
    class ByFirstFeature(KFold):
        def split(self, X, y=None, groups=None):
            left = X[:, 0] < 0
            yield np.flatnonzero(left), np.flatnonzero(~left)
            yield np.flatnonzero(~left), np.flatnonzero(left)

    refinery = _refinery(cv=ByFirstFeature(), n_rounds=1, guard=0.2).fit(X, Y)
    assert refinery.label_distributions_.shape == (60, 3)


def test_groups_are_never_on_both_sides():
    groups = np.array([f"patient {i // 3}" for i in range(60)])

    class Checked(Centroids):
        seen = []

        def fit(self, X, targets, sample_weight=None):
            Checked.seen.append({row.tobytes() for row in X})
            return super().fit(X, targets, sample_weight)

    _refinery(Checked(), cv=4, n_rounds=2).fit(X, Y, groups=groups)
    of_row = {row.tobytes(): group for row, group in zip(X, groups, strict=True)}
    for trained in Checked.seen[:-1]:
        inside = {of_row[row] for row in trained}
        outside = {group for row, group in of_row.items() if row not in trained}
        assert not inside & outside


def test_a_class_with_one_row_is_accepted_with_a_warning():
    y = np.where(np.arange(60) == 7, 3, Y)
    with pytest.warns(UserWarning, match=r"fewer rows than folds: 3 \(1\)"):
        refinery = _refinery(SoftmaxRegression(), n_rounds=1).fit(X, y)
    assert np.isfinite(refinery.label_distributions_).all()
    # its row is never predicted by a model that knows the class: the class keeps its whole mass there
    assert refinery.label_distributions_[7].tolist() == [0, 0, 0, 1]


# --- guard ---------------------------------------------------------------------------------------------------------------------


def test_guard_rows_train_no_fold_model_and_join_the_final_fit():
    class Recorder(Centroids):
        sizes = []

        def fit(self, X, targets, sample_weight=None):
            Recorder.sizes.append(len(X))
            return super().fit(X, targets, sample_weight)

    mask = np.arange(60) % 3 == 0
    refinery = _refinery(Recorder(), guard=mask, cv=4, n_rounds=2).fit(X, Y)
    assert Recorder.sizes == [30] * 8 + [60]
    assert np.array_equal(refinery.label_distributions_[mask], np.eye(3)[Y[mask]])
    assert {"guard_accuracy", "guard_nll"} <= refinery.history_[0].keys()
    assert (refinery.label_quality_[mask] < 1).any()


def test_a_validation_set_serves_as_guard():
    X_guard, y_guard = blobs(n_per_class=5, spread=1.5, seed=9)
    refinery = _refinery(guard=(X_guard, y_guard), n_rounds=2).fit(X, Y)
    assert refinery.label_distributions_.shape == (60, 3)
    assert refinery.transduction_.shape == refinery.label_quality_.shape == (60,)
    joined = np.r_[refinery.label_distributions_, np.eye(3, dtype=np.float32)[y_guard]]
    expected = Centroids().fit(np.r_[X, X_guard], joined).predict_targets(X)
    assert np.allclose(refinery.predict_proba(X), expected)


def test_best_may_be_no_round_at_all():
    refinery = _refinery(Worsening(), guard=0.25, refit_on="best", n_rounds=4, momentum=0.0).fit(X, Y)
    assert refinery.best_round_ == 0
    assert np.array_equal(refinery.label_distributions_, np.eye(3)[Y])
    assert refinery.n_rounds_ == 4


class Worsening(Centroids):
    """Right while its targets are hard, and wrong as soon as they are soft."""

    def fit(self, X, targets, sample_weight=None):
        self.shift_ = 0 if (targets.max(axis=1) == 1).all() else 1
        return super().fit(X, targets, sample_weight)

    def predict_targets(self, X):
        return np.roll(super().predict_targets(X), self.shift_, axis=1)


def test_beside_a_guard_each_class_is_learnt_from_even_where_all_its_labels_look_wrong():
    """Pruning spares the best rows of a class among those that train the candidate: the guard's are not there."""
    refinery = _auto(Worsening(), guard=0.25, n_rounds=2, momentum=0.0).fit(
        X, Y
    )  # Centroids answer NaN for a lost class
    assert refinery.choice_["n_scored"] == 15
    assert np.isfinite([one["score"] for one in refinery.choice_["candidates"]]).all()


def test_best_takes_the_targets_that_the_guard_likes_best():
    X, given, true = _noisy(share=0.4, seed=2)
    mask = np.zeros(len(given), dtype=bool)
    mask[::4] = True
    given[mask] = true[mask]
    refinery = _refinery(KNeighborsClassifier(1), guard=mask, refit_on="best", n_rounds=5).fit(X, given)
    scores = [entry["guard_accuracy"] for entry in refinery.history_]
    assert refinery.best_round_ >= 1
    last = _refinery(KNeighborsClassifier(1), guard=mask, n_rounds=refinery.best_round_).fit(X, given)
    assert refinery.label_distributions_.tobytes() == last.label_distributions_.tobytes()
    if refinery.best_round_ < 5:
        assert scores[refinery.best_round_] == max(scores)


# --- input ---------------------------------------------------------------------------------------------------------------------


def test_frames_with_mixed_columns_and_text_labels():
    frame = pd.DataFrame({"x": X[:, 0], "colour": np.where(X[:, 1] > 0, "red", "blue")}, index=np.arange(60)[::-1])
    features = make_column_transformer((OneHotEncoder(), ["colour"]), (StandardScaler(), ["x"]))
    y = pd.Series(np.array(["no", "yes", "maybe"])[Y], index=frame.index, dtype="category")
    refinery = _refinery(make_pipeline(features, LogisticRegression()), n_rounds=2).fit(frame, y)
    assert refinery.feature_names_in_.tolist() == ["x", "colour"]
    assert refinery.predict(frame).shape == (60,)


def test_the_default_estimator_works():
    X, y = load_iris(return_X_y=True)
    assert StochasticLabelRefinery(n_rounds=1, random_state=0).fit(X, y).score(X, y) > 0.9


def test_it_nests_in_scikit_learn():
    assert cross_val_score(_refinery(LogisticRegression(), n_rounds=1), X, Y, cv=3).mean() > 0.8
    search = GridSearchCV(
        _refinery(LogisticRegression(), n_rounds=1), {"momentum": [0.5, 0.9], "estimator__C": [0.1, 1]}, cv=2
    )
    assert set(search.fit(X, Y).best_params_) == {"momentum", "estimator__C"}


@pytest.mark.parametrize("made", [_refinery, _auto], ids=["paper", "auto"])
def test_n_jobs_changes_nothing(made):
    forest = RandomForestClassifier(5)
    serial = made(forest, n_rounds=2, final="folds").fit(X, Y)
    parallel = made(forest, n_rounds=2, final="folds", n_jobs=2).fit(X, Y)
    assert serial.label_distributions_.tobytes() == parallel.label_distributions_.tobytes()
    assert serial.predict_proba(X).tobytes() == parallel.predict_proba(X).tobytes()
    assert serial.history_ == parallel.history_


@pytest.mark.parametrize("made", [_refinery, _auto], ids=["paper", "auto"])
def test_n_jobs_auto_changes_nothing(monkeypatch, made):
    monkeypatch.setattr("softlabel.execution.placement.SHORT", 0.0)  # so that fits go to processes
    forest = RandomForestClassifier(5)
    serial = made(forest, n_rounds=2, final="folds").fit(X, Y)
    placed = made(forest, n_rounds=2, final="folds", n_jobs="auto").fit(X, Y)
    assert serial.label_distributions_.tobytes() == placed.label_distributions_.tobytes()
    assert serial.predict_proba(X).tobytes() == placed.predict_proba(X).tobytes()
    assert serial.history_ == placed.history_


def test_views_are_averaged_for_the_labels_and_by_the_student_only_where_asked():
    """With momentum 0 the targets are the predictions; the guard's are scored from the same views."""
    plain, viewed = (_refinery(Viewed(), n_rounds=1, momentum=0.0, tta=tta).fit(X, Y) for tta in (None, "mirror"))
    assert not np.allclose(plain.label_distributions_, viewed.label_distributions_, atol=1e-3)
    student = viewed.estimator_
    assert np.array_equal(viewed.predict_proba(X), student.predict_targets(X))
    assert np.array_equal(viewed.predict_proba(X, tta="mirror"), student.predict_targets(X, tta="mirror"))
    mirrored = X * [-1, 1]
    assert not np.array_equal(viewed.predict(mirrored), viewed.predict(mirrored, tta="mirror"))
    assert np.array_equal(
        viewed.predict(mirrored, tta="mirror"), student.predict_targets(mirrored, tta="mirror").argmax(axis=1)
    )
    with pytest.raises(InputError, match="Centroids makes none"):
        _refinery(n_rounds=1).fit(X, Y).predict(X, tta="mirror")


def test_random_state_none_is_recorded_and_can_be_repeated():
    forest = RandomForestClassifier(5)
    drawn = _refinery(forest, n_rounds=1, random_state=None).fit(X, Y)
    again = _refinery(forest, n_rounds=1, random_state=drawn.random_state_).fit(X, Y)
    assert drawn.label_distributions_.tobytes() == again.label_distributions_.tobytes()


def test_verbose_writes_a_line_a_round(capsys):
    _refinery(n_rounds=2, verbose=1).fit(X, Y)
    assert capsys.readouterr().err.count("labels moved") == 2


def test_a_learner_that_fails_is_named_by_its_address():
    failing = FailsInFold(failing_seed=_seed_of(2, 0, 1))
    with pytest.raises(
        FitError, match="round 2, member 0, fold 1: RuntimeError: the machine that fits has caught fire"
    ) as caught:
        _refinery(failing, n_rounds=3, cv=3).fit(X, Y)
    assert (caught.value.round, caught.value.member, caught.value.fold) == (2, 0, 1)
    assert isinstance(caught.value.__cause__, RuntimeError)


def _seed_of(round, member, fold):
    from softlabel.learners.contract import seeded

    return seeded(FailsInFold(), Seeds(0).integer("fit", round=round, member=member, fold=fold)).random_state


class NoClassifier(BaseEstimator):
    def fit(self, X, y):
        return self


@pytest.mark.parametrize(
    ("options", "fit", "message"),
    [
        ({"n_rounds": -1}, {}, "n_rounds=-1"),
        ({"momentum": 2}, {}, "momentum=2"),
        ({"sharpen": -1}, {}, "sharpen=-1"),
        ({"tta": "flip"}, {}, "Centroids makes none"),
        ({"tta": 2}, {}, "tta=2"),
        ({"cv": 1}, {}, "cv=1"),
        ({"cv": 100}, {}, "only 60 rows"),
        ({"final": "both"}, {}, "final='both'; give one of 'refit', 'folds'"),
        ({"final_members": "some"}, {}, "final_members"),
        ({"final_targets": "best"}, {}, "final_targets='best'; give one of 'refined'"),
        ({"refit_on": "first"}, {}, "refit_on"),
        ({"refit_on": "best"}, {}, "chooses by the guard, and there is none"),
        ({"guard": 1.5}, {}, "guard=1.5"),
        ({"guard": (X, Y[:5])}, {}, "guard has 60 rows and 5 labels"),
        ({"guard": (X, Y, Y)}, {}, "tuple of 3"),
        ({"threads": 0}, {}, "threads=0"),
        ({"n_jobs": 0}, {}, "n_jobs=0"),
        ({"estimator": []}, {}, "empty list"),
        ({"estimator": NoClassifier()}, {}, "NoClassifier"),
        ({"random_state": "zero"}, {}, "random_state='zero'|random_state is 'zero'"),
        ({}, {"y": Y[:5]}, "X has 60 rows and y has 5"),
        ({}, {"y": np.zeros(60)}, "class"),
        ({}, {"y": np.where(Y == 0, np.nan, Y)}, "NaN|missing"),
        ({}, {"y": np.eye(3)[Y][None]}, "y has shape"),
        ({"task": "multiclass"}, {"y": np.eye(3)[Y]}, "takes one label a row"),
        ({}, {"y": np.linspace(0, 1, 60)}, "Unknown label type"),
        ({}, {"targets": np.zeros((60, 3))}, "sum"),
        ({}, {"targets": np.full((60, 4), 0.25)}, "shape|columns"),
        ({}, {"groups": np.zeros(60)}, "only 1 groups"),
        ({}, {"groups": [None] + ["a"] * 59}, "groups is missing in 1 rows"),
        ({}, {"sample_weight": -np.ones(60)}, "negative"),
        ({}, {"sample_weight": np.ones(5)}, "sample_weight has shape"),
        ({}, {"sample_weight": np.zeros(60)}, "only zeros"),
        ({}, {"X": None}, "X"),
    ],
)
def test_bad_input_gets_one_clear_line(options, fit, message):
    with pytest.raises(InputError, match=message) as caught:
        StochasticLabelRefinery(**({"estimator": Centroids(), "random_state": 0} | options)).fit(
            **({"X": X, "y": Y} | fit)
        )
    assert "\n" not in str(caught.value)


@parametrize_with_checks(
    [
        StochasticLabelRefinery(LogisticRegression(), n_rounds=1, cv=2),
        StochasticLabelRefinery(n_rounds=1, cv=2, final_targets="refined"),  # choices are the first one's
    ],
)
def test_scikit_learns_own_checks(estimator, check):
    check(estimator)


def _boosted(**options):
    settings = {
        **{"n_rounds": 2, "cv": 3, "random_state": 0, "momentum": 0.75, "final_targets": "refined"},
        **{"teacher_budget": 0.5, "fixed_folds": True, "warm_start": True},
    }
    booster = HistGradientBoostingClassifier(max_iter=6, min_samples_leaf=5)
    return StochasticLabelRefinery(booster, **settings | options)


def test_the_budget_is_of_the_teachers_and_the_final_model_has_its_full_length():
    X, y = blobs(n_per_class=15, spread=1.5)
    refinery = _boosted(final="folds").fit(X, y)
    assert [model.estimator_.n_iter_ for model in refinery.estimators_] == [6, 6, 6]
    assert _boosted().fit(X, y).estimator_.estimator_.n_iter_ == 6
    short, full = (_boosted(teacher_budget=share, n_rounds=1).fit(X, y) for share in (0.5, 1))
    none = _boosted(teacher_budget=None, n_rounds=1).fit(X, y)
    assert not np.array_equal(short.label_distributions_, full.label_distributions_)
    assert full.label_distributions_.tobytes() == none.label_distributions_.tobytes()


def test_a_warm_start_is_what_going_on_by_hand_makes():
    X, y = blobs(n_per_class=15, spread=1.5)
    refinery = _boosted(n_rounds=3).fit(X, y)
    by_hand, models = Refinement(y, n_rounds=3, cv=3, fixed_folds=True, random_state=0), {}
    for fold in by_hand:
        fresh = seeded(as_learner(HistGradientBoostingClassifier(max_iter=3, min_samples_leaf=5)), fold.seed)
        if fold.fold in models:
            models[fold.fold] = fresh.fit_from(models[fold.fold], X[fold.train], fold.targets)
        else:
            models[fold.fold] = fresh.fit(X[fold.train], fold.targets)
        fold.tell(models[fold.fold].predict_targets(X[fold.held_out]))
    assert refinery.label_distributions_.tobytes() == by_hand.targets.tobytes()


@pytest.mark.parametrize("extra", [{}, {"guard": 0.25, "refit_on": "best"}], ids=["plain", "guard"])
def test_models_that_go_on_are_the_same_in_other_processes(extra):
    X, y = blobs(n_per_class=15, spread=1.5)
    one, two = (_boosted(n_rounds=3, n_jobs=jobs, **extra).fit(X, y) for jobs in (None, 2))
    assert one.label_distributions_.tobytes() == two.label_distributions_.tobytes()
    assert one.history_ == two.history_
    if extra:
        assert len(one.history_) == 3


def test_teachers_that_stop_short_do_not_complain_of_it():
    X, y = blobs(n_per_class=15)
    network = MLPClassifier(hidden_layer_sizes=(4,), max_iter=400, n_iter_no_change=400)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        StochasticLabelRefinery(network, n_rounds=1, cv=3, teacher_budget=0.05, random_state=0).fit(X, y)
    assert not [one for one in caught if str(one.message).startswith("while fitting folds")]


def test_a_warm_start_on_new_folds_is_refused():
    X, y = blobs(n_per_class=15)
    with pytest.raises(InputError, match="give fixed_folds=True"):
        _boosted(fixed_folds=False).fit(X, y)
    with pytest.raises(InputError, match="ExtraTreesClassifier cannot go on"):
        StochasticLabelRefinery(fixed_folds=True, warm_start=True).fit(X, y)
    with pytest.raises(InputError, match="teacher_budget=2"):
        _boosted(teacher_budget=2).fit(X, y)


def _trusted(n, each=5):
    return np.arange(n) % each == 0


@pytest.mark.parametrize(
    "options",
    [{}, {"momentum": "average"}, {"momentum": 0, "sharpen": 0.5}, {"guard": 0.2}, {"final_targets": "auto"}],
    ids=["plain", "average", "sharpened", "guard", "auto"],
)
def test_trusted_rows_stay_what_they_are(options):
    X, given, true = _noisy()
    trusted = _trusted(len(given))
    given = np.where(trusted, true, given)
    given[0] = (true[0] + 1) % 3  # said to be right against all that models see
    refinery = _refinery(SoftmaxRegression(), n_rounds=3, **options).fit(X, given, trusted=trusted)
    one_hot = np.eye(3, dtype=np.float32)[given]
    assert np.array_equal(refinery.refined_targets_[trusted], one_hot[trusted])
    assert np.array_equal(refinery.label_distributions_[trusted], one_hot[trusted])
    assert (refinery.label_quality_[trusted] == 1).all()
    assert np.array_equal(refinery.suggested_labels_[trusted], given[trusted])
    assert np.array_equal(refinery.transduction_[trusted], given[trusted])
    assert not np.array_equal(refinery.refined_targets_[~trusted], one_hot[~trusted])
    assert refinery.history_[0]["trusted_accuracy"] > 0.9 > refinery.history_[0]["oof_accuracy"]
    assert refinery.trusted_noise_.rate() == pytest.approx(0.3, abs=0.08)


def test_votes_may_speak_against_a_label_that_is_right():
    votes = np.full((60, 3), 0.2)
    votes[np.arange(60), (Y + 1) % 3] = 0.6
    trusted = _trusted(60)
    refinery = _refinery(n_rounds=2, final_targets="refined", momentum=0.75).fit(X, Y, targets=votes, trusted=trusted)
    assert np.allclose(refinery.refined_targets_[trusted], votes[trusted])
    assert np.array_equal(refinery.transduction_[trusted], Y[trusted])
    assert np.array_equal(refinery.suggested_labels_[trusted], Y[trusted])


@pytest.mark.filterwarnings("ignore:.* rows have no label")
def test_trusted_rows_of_every_kind_of_label():
    rng = np.random.default_rng(0)
    trusted, groups, weight = _trusted(60), np.arange(60) // 2, rng.random(60) + 0.5
    several = (X[:, :1] * [1, -1] > rng.normal(size=(60, 2))).astype(int)
    cases = [
        (several, {"task": "multilabel", "estimator": LogisticRegression()}),
        (Y, {"task": "ordinal", "estimator": LogisticRegression()}),
        (Y, {"task": "ordinal", "estimator": Ridge()}),
    ]
    for y, options in cases:
        refinery = _refinery(**options, n_rounds=2, cv=3, guard=0.2, final_targets="refined", momentum=0.5)
        refinery.fit(X, y, trusted=trusted, groups=groups, sample_weight=weight)
        given = refinery.task_.encode(y)
        assert np.array_equal(refinery.refined_targets_[trusted], given[trusted])
        assert not np.array_equal(refinery.refined_targets_, given)
        assert (refinery.label_quality_[trusted] == 1).all()
        assert np.array_equal(refinery.suggested_labels_[trusted], y[trusted])
        score = refinery.task_.main_score
        assert f"trusted_{score}" in refinery.history_[0]
        assert f"evidence_{score}" in refinery.history_[0]


def test_without_rows_of_trust_nothing_is_said_of_them():
    refinery = _refinery(n_rounds=1).fit(X, Y)
    assert refinery.trusted_noise_ is None
    assert not [name for name in refinery.history_[0] if name.startswith(("trusted", "evidence"))]
    with pytest.raises(InputError, match="trusted marks all 60 rows"):
        _refinery().fit(X, Y, trusted=np.ones(60, dtype=bool))
