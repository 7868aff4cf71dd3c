from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.linear_model import LogisticRegression

from simple_learners import blobs
from softlabel import LabelSmoothing, Plain, StochasticLabelRefinery, TorchClassifier
from softlabel.comparison import cell_work
from softlabel.comparison.cell_work import Experiment, compute_cell
from softlabel.comparison.cells import Cell
from softlabel.comparison.method_specs import parse_method
from softlabel.comparison.parts import LabelledRows, SplitRows
from softlabel.metrics.recovery import label_recovery
from softlabel.tasks import Multiclass, Multilabel


def _experiment(*methods, spread=1.5, **own):
    X, y = blobs(n_per_class=40, spread=spread)
    rows = SplitRows(LabelledRows(X, y), Multiclass.from_labels(y))
    return Experiment(rows, {text: parse_method(text) for text in methods} | own, LogisticRegression())


def test_a_cell_is_the_method_fitted_by_hand():
    method = "slr:n_rounds=2:final_targets=refined"
    experiment = _experiment(method)
    found = compute_cell(Cell("symmetric:0.3", 4, method), experiment=experiment)
    parts = experiment.rows.parts(4, "symmetric:0.3")
    by_hand = StochasticLabelRefinery(LogisticRegression(), n_rounds=2, final_targets="refined", random_state=4)
    by_hand.fit(parts.X, parts.y)
    predictions = by_hand.predict_proba(parts.X_test)
    expected = experiment.task.scores(parts.y_test, predictions)
    assert {name: found.scores[name] for name in expected} == expected
    recovery = label_recovery(parts.y, parts.true_label, by_hand.suggested_labels_)
    assert found.recovery["share_corrected"] == recovery.share_corrected
    assert found.recovery["share_kept"] == 1 - recovery.share_spoiled
    assert found.n_fits == 2 * 5 + 1
    assert 0 < found.fit_seconds <= found.seconds


def test_what_suggests_no_labels_recovers_none():
    assert compute_cell(Cell("symmetric:0.3", 0, "plain"), experiment=_experiment("plain")).recovery is None
    assert compute_cell(Cell("none", 0, "slr"), experiment=_experiment("slr")).recovery is None


def test_parameters_are_chosen_by_the_given_labels_of_rows_set_apart_and_paid_for():
    # A share of 1 answers the uniform distribution for every row: any other share is better.
    found = compute_cell(Cell("none", 0, "smoothing:share=1.0/0.1"), experiment=_experiment("smoothing:share=1.0/0.1"))
    assert found.chosen == {"share": 0.1}
    assert found.n_fits == 3
    alone = compute_cell(Cell("none", 0, "smoothing:share=0.1"), experiment=_experiment("smoothing:share=0.1"))
    assert found.scores == alone.scores
    assert alone.n_fits == 1


def test_ties_of_the_main_score_go_to_the_smaller_nll_and_then_to_the_first():
    # On well separated classes all are right; the less smoothed is the surer.
    experiment = _experiment("smoothing:share=0.3/0.01", "smoothing:share=0.3/0.3", spread=0.1)
    assert compute_cell(Cell("none", 0, "smoothing:share=0.3/0.01"), experiment=experiment).chosen == {"share": 0.01}


class Prior(BaseEstimator):
    """Answers the shares of the labels, whatever the row."""

    def __init__(self, random_state=None):
        self.random_state = random_state

    def fit(self, X, y):
        self.seen_ = (len(X), self.random_state)
        self.shares_ = np.bincount(y) / len(y)
        return self

    def predict_targets(self, X):
        return np.tile(self.shares_, (len(X), 1))


def test_a_method_of_ones_own_needs_fit_and_predict_targets_only():
    own = Prior()
    found = compute_cell(Cell("none", 2, "prior"), experiment=_experiment(prior=own))
    assert found.scores["accuracy"] == pytest.approx(1 / 3, abs=0.05)
    assert found.n_fits == 0  # it does not fit through this package
    assert own.random_state is None
    assert not hasattr(own, "seen_")  # a copy was fitted


def test_the_same_cell_twice_is_the_same():
    experiment = _experiment("slr", "smoothing:share=0.1/0.2")
    for label in experiment.methods:
        cell = Cell("symmetric:0.2", 1, label)
        assert compute_cell(cell, experiment=experiment).record() == compute_cell(cell, experiment=experiment).record()


def test_all_methods_of_a_seed_start_from_the_same_student():
    experiment = _experiment("plain", "smoothing:share=0")
    plain, unsmoothed = (compute_cell(Cell("none", 0, label), experiment=experiment) for label in experiment.methods)
    assert plain.scores == unsmoothed.scores
    assert issubclass(LabelSmoothing, type(Plain()).__mro__[1])


def test_a_main_score_that_the_rows_set_apart_do_not_define_leaves_the_choice_to_the_nll(monkeypatch):
    X, y = blobs(n_per_class=20)
    several = np.c_[y == 0, y == 1].astype(np.int64)
    label = "smoothing:share=0.5/0.01"
    experiment = Experiment(
        SplitRows(LabelledRows(X, several), Multilabel.from_labels(several)),
        {label: parse_method(label)},
        LogisticRegression(),
    )
    # Rows of neither label: no class has both values among them, so no average precision is defined.
    monkeypatch.setattr(
        cell_work, "set_apart", lambda share, codes, *others: (codes.sum(axis=1) == 0) & (np.arange(len(codes)) < 30)
    )
    monkeypatch.setattr(
        SplitRows, "_split", lambda self, seeds: (self.rows, self.rows)
    )  # which the same name would otherwise draw
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # rows without a label are told of
        assert compute_cell(Cell("none", 0, label), experiment=experiment).chosen == {"share": 0.01}


NETWORK = TorchClassifier("mlp", epochs=2, batch_size=32, device="cpu")


@pytest.mark.parametrize(
    ("curves", "share", "method", "expected"),
    [
        (False, 0.0, "plain", set()),
        (True, 0.0, "plain", {"validation"}),
        (False, 0.25, "plain", {"inner"}),
        (True, 0.25, "plain", {"validation", "inner"}),
        (True, 0.25, "slr:final=folds:cv=2:n_rounds=1", {"inner"}),  # models of folds watch nothing
    ],
)
def test_validation_losses_are_those_of_test_rows_and_of_nothing_else(curves, share, method, expected):
    experiment = replace(
        _experiment(method), estimator=clone(NETWORK).set_params(validation_share=share), curves=curves
    )
    found = compute_cell(Cell("symmetric:0.3", 0, method), experiment=experiment)
    told = {name.removesuffix("_loss") for row in found.epochs for name in row if name.endswith("_loss")}
    assert told == expected | {"train"}
    assert {name.removesuffix("_accuracy") for row in found.epochs for name in row if "accuracy" in name} == told
    if "validation" in expected:
        parts = experiment.rows.parts(0, "symmetric:0.3")
        own = Plain(experiment.estimator, random_state=0).fit(parts.X, parts.y)
        p = own.predict_proba(parts.X_test)[np.arange(len(parts.y_watch)), parts.y_watch]
        assert found.epochs[-1]["validation_loss"] == pytest.approx(-np.log(p).mean(), rel=1e-4)


def test_what_a_method_without_rows_to_watch_calls_validation_is_its_own():
    class Alone(Prior):
        def fit(self, X, y):
            self.epochs_ = [{"epoch": 1, "train_loss": 1.0, "validation_loss": 2.0}]
            return super().fit(X, y)

    experiment = replace(_experiment(own=Alone()), curves=True)
    found = compute_cell(Cell("none", 0, "own"), experiment=experiment)
    assert found.epochs == ({"epoch": 1, "train_loss": 1.0, "inner_loss": 2.0},)


def test_trusted_rows_reach_methods_that_ask_for_them():
    X, y = blobs(n_per_class=40, spread=1.5)
    trusted = np.arange(120) % 4 == 0
    rows = SplitRows(LabelledRows(X, y, trusted=trusted), Multiclass.from_labels(y))
    methods = {text: parse_method(text) for text in ("slr:n_rounds=1:momentum=0.5", "plain")}
    experiment = Experiment(rows, methods, LogisticRegression())
    parts = rows.parts(0, "symmetric:0.4")
    assert parts.trusted.sum() < trusted.sum()  # some are test rows
    assert np.array_equal(parts.y[parts.trusted], parts.true_label[parts.trusted])
    assert (parts.y != parts.true_label).sum() == round(0.4 * (~parts.trusted).sum())
    slr, plain = (compute_cell(Cell("symmetric:0.4", 0, label), experiment=experiment) for label in methods)
    options = {"n_rounds": 1, "momentum": 0.5, "random_state": 0}
    by_hand = StochasticLabelRefinery(LogisticRegression(), **options).fit(parts.X, parts.y, trusted=parts.trusted)
    predictions = by_hand.predict_proba(parts.X_test)
    assert slr.scores["nll"] == experiment.task.scores(parts.y_test, predictions)["nll"]
    assert slr.recovery["n"] == (~parts.trusted).sum()
    fitted = Plain(LogisticRegression(), random_state=0).fit(parts.X, parts.y)
    assert plain.scores["nll"] == experiment.task.scores(parts.y_test, fitted.predict_proba(parts.X_test))["nll"]


def test_a_split_without_trusted_rows_goes_without():
    X, y = blobs(n_per_class=40)
    held_out = SplitRows(LabelledRows(X, y, trusted=np.zeros(120, bool)), Multiclass.from_labels(y))
    plain = _experiment("slr:n_rounds=1", spread=0.5)
    experiment = replace(plain, rows=held_out)
    cell = Cell("none", 0, "slr:n_rounds=1")
    assert compute_cell(cell, experiment=experiment).scores == compute_cell(cell, experiment=plain).scores
