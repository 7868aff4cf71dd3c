import numpy as np
import pytest
from sklearn.linear_model import Ridge

from softlabel import InputError, StochasticLabelRefinery, quadratic_weighted_kappa
from softlabel.methods.final_task import check_thresholds


@pytest.fixture
def skewed():
    """Grades whose regression is shrunk towards the middle, so that halfway is no good place for a threshold."""
    rng = np.random.default_rng(0)
    y = rng.choice(5, size=300, p=[0.5, 0.1, 0.1, 0.1, 0.2])
    return y[:, None] + 2.0 * rng.normal(size=(300, 3)), y


PAPER = {"task": "ordinal", "final_targets": "refined", "random_state": 0}  # nothing is chosen


def test_fitted_thresholds_agree_better_with_the_grades_out_of_fold(skewed):
    X, y = skewed
    plain, fitted = (
        StochasticLabelRefinery(Ridge(), n_rounds=2, thresholds=thresholds, **PAPER).fit(X, y)
        for thresholds in ("midpoints", "fitted")
    )
    assert plain.thresholds_.tolist() == [0.5, 1.5, 2.5, 3.5]
    assert (np.diff(fitted.thresholds_) > 0).all()
    assert np.array_equal(plain.label_distributions_, fitted.label_distributions_)  # the targets know nothing of them
    agreement = [quadratic_weighted_kappa(y, refinery.predict(X), 5) for refinery in (plain, fitted)]
    assert agreement[1] > agreement[0] + 0.02


def test_guard_rows_take_no_part_in_fitting_thresholds(skewed):
    X, y = skewed
    guard = np.arange(300) < 60
    options = PAPER | {"n_rounds": 1, "thresholds": "fitted", "guard": guard}
    other = y.copy()
    other[guard] = 4 - other[guard]
    found = [StochasticLabelRefinery(Ridge(), **options).fit(X, labels).thresholds_ for labels in (y, other)]
    assert np.array_equal(*found)


def test_thresholds_are_fitted_on_models_of_the_targets_that_the_guard_likes_best(skewed):
    X, y = skewed
    guard = np.arange(300) % 5 == 0
    options = PAPER | {"thresholds": "fitted", "guard": guard}
    best = StochasticLabelRefinery(Ridge(), n_rounds=3, refit_on="best", **options).fit(X, y)
    nearest = min(best.best_round_ + 1, 3)  # the round whose models learnt from these targets
    like = StochasticLabelRefinery(Ridge(), n_rounds=nearest, **options).fit(X, y)
    assert np.array_equal(best.thresholds_, like.thresholds_)
    last = StochasticLabelRefinery(Ridge(), n_rounds=3, **options).fit(X, y)
    assert best.best_round_ == 3 or not np.array_equal(best.thresholds_, last.thresholds_)


@pytest.mark.parametrize(
    ("thresholds", "kind", "n_rounds", "message"),
    [
        ("fit", "scalar", 3, "thresholds='fit'; give one of 'midpoints', 'fitted'"),
        ("fitted", "distribution", 3, "is for grades as numbers"),
        ("fitted", "independent", 3, "is for grades as numbers"),
        ("fitted", "scalar", 0, "which 0 rounds make none of"),
    ],
)
def test_thresholds_that_cannot_be_fitted_are_refused(thresholds, kind, n_rounds, message):
    with pytest.raises(InputError, match=message):
        check_thresholds(thresholds, kind, n_rounds)
