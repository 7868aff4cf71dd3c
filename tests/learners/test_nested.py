from __future__ import annotations

from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from softlabel.learners.nested import changed_values, nested_estimators, rebuilt, searched_settings

ESTIMATOR = GridSearchCV(
    make_pipeline(make_column_transformer((StandardScaler(), ["a"])), VotingClassifier([("nb", GaussianNB())])),
    [{"votingclassifier__nb": [LogisticRegression(C=3.0), "drop"], "votingclassifier__voting": ["soft"]}],
)


def _kinds(estimator):
    return sorted(type(part).__name__ for part in nested_estimators(estimator))


def test_every_estimator_is_found():
    assert _kinds(ESTIMATOR) == [
        "ColumnTransformer",
        "GaussianNB",
        "GridSearchCV",
        "LogisticRegression",
        "Pipeline",
        "StandardScaler",
        "VotingClassifier",
    ]
    assert list(nested_estimators(3)) == list(nested_estimators(GaussianNB)) == []


def test_what_a_search_tries():
    assert ("voting", "soft") in list(searched_settings(ESTIMATOR))
    assert [name for name, _ in searched_settings(make_pipeline(ESTIMATOR))] == ["nb", "nb", "voting"]


def test_every_estimator_can_be_replaced():
    def swap(estimator):
        return (
            MinMaxScaler()
            if isinstance(estimator, StandardScaler)
            else GaussianNB()
            if _is_lr(estimator)
            else estimator
        )

    def _is_lr(estimator):
        return isinstance(estimator, LogisticRegression)

    changed = rebuilt(clone(ESTIMATOR), swap)
    assert "StandardScaler" not in _kinds(changed)
    assert "LogisticRegression" not in _kinds(changed)
    assert "StandardScaler" in _kinds(ESTIMATOR)
    assert changed.param_grid[0]["votingclassifier__nb"][1] == "drop"


def test_every_value_of_a_name_can_be_changed():
    searched = GridSearchCV(make_pipeline(LogisticRegression(C=2.0)), {"logisticregression__C": [1.0, 4.0]})
    changed = changed_values(clone(searched), "C", lambda value: -value)
    assert changed.estimator[0].C == -2.0
    assert changed.param_grid == {"logisticregression__C": [-1.0, -4.0]}
    assert searched.estimator[0].C == 2.0


def test_a_step_that_bears_the_name_is_no_value():
    named = make_pipeline(StandardScaler(), LogisticRegression())
    named.steps[0] = ("C", named.steps[0][1])
    changed = changed_values(clone(named), "C", lambda value: 7.0)
    assert isinstance(changed[0], StandardScaler)
    assert changed[1].C == 7.0
