"""What fitted methods answer, task by task."""

from functools import partial

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, make_multilabel_classification
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.exceptions import DataConversionWarning, NotFittedError
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GroupKFold, KFold
from sklearn.pipeline import make_pipeline

from softlabel import InputError, Ordinal, Refinement, StochasticLabelRefinery, TextFeatures

pytestmark = pytest.mark.filterwarnings("ignore:[0-9]+ of [0-9]+ rows have every label")

Refinery = partial(StochasticLabelRefinery, final_targets="refined")  # no test here is about what the final fit takes

DIABETES, PROGRESS = load_diabetes(return_X_y=True)
GRADES = np.digitize(PROGRESS, [80, 130, 180, 240])  # (442,) 0 to 4
SCENES, LABELS = make_multilabel_classification(n_samples=200, n_classes=4, random_state=0, allow_unlabeled=False)


def test_a_regressor_on_grades_answers_grades_and_numbers_within_the_scale():
    refinery = Refinery(Ridge(alpha=1e-3), task="ordinal", n_rounds=2, random_state=0)
    refinery.fit(DIABETES, GRADES)
    numbers = refinery.predict_targets(DIABETES * 3)  # far from the rows it was trained on
    assert numbers.shape == (442, 1)
    assert numbers.min() == 0
    assert numbers.max() == 4
    assert set(refinery.predict(DIABETES)) <= set(range(5))
    assert refinery.label_distributions_.shape == (442, 1)
    assert refinery.score(DIABETES, GRADES) > 0.3
    assert not hasattr(refinery, "predict_proba")
    assert [name for name in refinery.history_[0] if name.startswith("oof_")] == [
        "oof_qwk",
        "oof_mae",
        "oof_macro_mae",
        "oof_accuracy",
    ]


def test_texts_are_answered_as_texts():
    names = np.array(["none", "mild", "moderate", "severe", "proliferative"])
    y = names[GRADES]
    refinery = Refinery(
        LogisticRegression(), task=Ordinal.from_labels(y, view="distribution", grades=names), n_rounds=1, random_state=0
    ).fit(DIABETES, y)
    assert set(refinery.predict(DIABETES)) <= set(names.tolist())
    assert refinery.classes_.tolist() == names.tolist()
    assert refinery.predict_proba(DIABETES).shape == (442, 5)


def test_several_labels_a_row_are_answered_as_columns():
    refinery = Refinery(LogisticRegression(), n_rounds=2, random_state=0).fit(SCENES, LABELS)
    assert refinery.task_.name == "multilabel"
    assert refinery.predict(SCENES).shape == LABELS.shape
    assert set(np.unique(refinery.predict(SCENES))) == {0, 1}
    assert refinery.transduction_.shape == refinery.suggested_labels_.shape == LABELS.shape
    assert refinery.label_quality_.shape == (200,)
    assert 0 <= refinery.predict_proba(SCENES).min() <= refinery.predict_proba(SCENES).max() <= 1
    assert refinery.history_[0]["oof_mean_ap"] > 0.5


def test_no_answers_before_it_is_fitted():
    with pytest.raises(NotFittedError):
        Refinery(task="ordinal").predict(DIABETES)


def test_the_default_estimator_serves_each_kind():
    small = slice(0, 60)
    for task, y in (("ordinal", GRADES[small]), ("multilabel", LABELS[small])):
        X = (DIABETES if task == "ordinal" else SCENES)[small]
        refinery = Refinery(task=task, n_rounds=1, cv=2, random_state=0).fit(X, y)
        assert len(refinery.predict(X)) == 60


def test_several_regressors_label_together():
    members = [Ridge(), ExtraTreesRegressor(10)]
    refinery = Refinery(members, task="ordinal", n_rounds=1, final_members="all", random_state=0)
    assert refinery.fit(DIABETES, GRADES).predict_targets(DIABETES).shape == (442, 1)
    with pytest.raises(InputError, match="regressor"):
        Refinery([Ridge(), LogisticRegression()], task="ordinal").fit(DIABETES, GRADES)


def test_votes_as_first_targets_and_as_a_reference():
    rng = np.random.default_rng(0)
    votes = rng.multinomial(5, np.eye(5)[GRADES] * 0.6 + 0.08)  # (442, 5)
    refinery = Refinery(LogisticRegression(), n_rounds=2, random_state=0)
    refinery.fit(DIABETES, votes.argmax(axis=1), reference=votes)
    assert {"reference_kl", "reference_chebyshev"} <= refinery.history_[0].keys()
    with pytest.raises(InputError, match="true distribution over the 5 classes"):
        refinery.fit(DIABETES, GRADES, reference=votes[:, :4])
    scalar = Refinery(Ridge(), task="ordinal", n_rounds=1, random_state=0)
    scalar.fit(DIABETES, GRADES, targets=votes / 5, reference=votes)
    assert scalar.history_[0]["reference_mae"] < 1


def test_rows_without_a_reference_are_left_out_of_its_scores():
    votes = np.eye(5)[GRADES]
    some = votes.copy()
    some[100:] = np.nan
    told = [
        Refinery(LogisticRegression(), n_rounds=1, random_state=0).fit(DIABETES, GRADES, reference=reference)
        for reference in (votes, some)
    ]
    expected = np.abs(told[0].label_distributions_ - votes).max(axis=1)
    for refinery, rows in zip(told, (slice(None), slice(0, 100)), strict=True):
        assert refinery.history_[0]["reference_chebyshev"] == pytest.approx(expected[rows].mean(), rel=1e-6)
    for reference, message in [
        (votes * np.nan, "known of no row"),
        (votes - 0.5, "negative"),
        (votes * 0, "row 0 has no mass"),
    ]:
        with pytest.raises(InputError, match=message):
            Refinery(LogisticRegression()).fit(DIABETES, GRADES, reference=reference)


def test_sharpening_numbers_is_refused():
    with pytest.raises(InputError, match=r"sharpen=0.5 acts on probabilities"):
        Refinery(Ridge(), task="ordinal", sharpen=0.5).fit(DIABETES, GRADES)


@pytest.mark.parametrize("task", ["ordinal", "multilabel"])
def test_a_guard_is_drawn_and_chooses_by_the_tasks_own_score(task):
    X, y, estimator = (DIABETES, GRADES, Ridge()) if task == "ordinal" else (SCENES, LABELS, LogisticRegression())
    refinery = Refinery(estimator, task=task, n_rounds=2, guard=0.25, refit_on="best", random_state=0).fit(X, y)
    score = refinery.task_.main_score
    guard = [entry[f"guard_{score}"] for entry in refinery.history_]
    assert len(guard) == 2
    assert refinery.best_round_ in (0, 1, 2)
    groups = np.arange(len(y)) // 3
    grouped = Refinery(estimator, task=task, n_rounds=1, guard=0.25, random_state=0)
    grouped.fit(X, y, groups=groups)
    assert "guard_" + score in grouped.history_[0]


def test_a_users_splitter_that_cuts_a_group_is_refused_in_every_task():
    groups = np.arange(200) // 4
    refinery = Refinery(LogisticRegression(), cv=KFold(5, shuffle=True), n_rounds=1, random_state=0)
    with (
        pytest.warns(UserWarning, match="ignored by KFold"),
        pytest.raises(InputError, match=r"has group .* on both sides"),
    ):
        refinery.fit(SCENES, LABELS, groups=groups)
    refinery.set_params(cv=GroupKFold(5)).fit(SCENES, LABELS, groups=groups)


def test_a_validation_set_as_guard_goes_with_every_task():
    refinery = Refinery(LogisticRegression(), n_rounds=1, guard=(SCENES[150:], LABELS[150:]), random_state=0).fit(
        SCENES[:150], LABELS[:150]
    )
    assert refinery.label_distributions_.shape == (150, 4)
    assert "guard_mean_ap" in refinery.history_[0]


def test_an_entry_that_no_model_knows_speaks_for_itself():
    y = np.c_[LABELS[:, 0], np.ones(200, int), np.arange(200) == 7]  # one label of all rows, one of a single row
    with pytest.warns(UserWarning, match="fewer rows than folds"):
        refinery = Refinery(LogisticRegression(), n_rounds=1, random_state=0).fit(SCENES, y)
    assert (refinery.suggested_labels_[:, 1] == 1).all()
    assert refinery.suggested_labels_[7, 2] == 1
    assert refinery.label_distributions_[:, 1].min() == 1
    assert refinery.history_[0]["oof_nll"] < 1
    assert refinery.history_[0]["oof_accuracy"] > 0.5


def test_grades_between_two_are_judged_as_they_were_given():
    y = GRADES + np.where(np.arange(442) % 5 == 0, 0.4, 0.0)
    y = np.minimum(y, 4.0)
    refinery = Refinery(Ridge(), task="ordinal", n_rounds=1, momentum=1.0, random_state=0)
    with pytest.warns(UserWarning, match="not whole numbers"):
        refinery.fit(DIABETES, y)
    assert refinery.label_quality_ == pytest.approx(np.ones(442))
    assert 0 < refinery.score(DIABETES, y) < 1
    with pytest.warns(UserWarning, match="not whole numbers"):
        assert Refinement(y, task="ordinal").label_quality_ == pytest.approx(np.ones(442))


def test_a_grade_between_two_has_moved_when_it_moved_by_more_than_half_a_grade():
    y = np.where(np.arange(442) % 4 == 0, np.minimum(GRADES, 3) + 0.5, GRADES)
    refinery = Refinery(Ridge(), task="ordinal", n_rounds=4, random_state=0)
    with pytest.warns(UserWarning, match="not whole numbers"):
        refinery.fit(DIABETES, y)
    between = y != np.floor(y)
    far = np.abs(refinery.label_distributions_[:, 0] - y) > 0.5
    codes = refinery.task_.codes(y)
    moved = refinery.transduction_ != refinery.classes_[codes]
    assert far[between].any()
    assert not moved[between & ~far].any()


def test_weights_count_in_reference_scores():
    reference = np.eye(5)[GRADES]
    reference[221:] = reference[221:, ::-1]
    weight = np.r_[np.ones(221), np.zeros(221)]
    refinery = Refinery(LogisticRegression(), n_rounds=1, momentum=1.0, random_state=0)
    refinery.fit(DIABETES, GRADES, sample_weight=weight, reference=reference)
    assert refinery.history_[0]["reference_chebyshev"] == 0


def test_a_column_of_labels_is_read_alike_through_both_doors():
    column = GRADES[:, None]
    with pytest.warns(DataConversionWarning):
        refinement = Refinement(column, n_rounds=1, random_state=0)
    assert refinement.task_.name == "multiclass"
    assert refinement.targets.shape == (442, 5)


def test_texts_go_through_a_pipeline_and_nothing_else():
    texts = np.array(["good film", "bad film", "good plot", "bad plot"] * 10, dtype=object)
    y = np.array([1, 0, 1, 0] * 10)
    refinery = Refinery(make_pipeline(TextFeatures(), LogisticRegression()), n_rounds=1, random_state=0)
    assert refinery.fit(texts, y).predict(texts[:2]).tolist() == [1, 0]
    with pytest.raises(InputError, match=r"X holds texts.*TextFeatures"):
        Refinery().fit(texts, y)
