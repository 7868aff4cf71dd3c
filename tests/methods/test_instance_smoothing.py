"""What all three methods do with a teacher's answers, whatever they ask of them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from simple_learners import Centroids, Memoriser, blobs
from softlabel import ILS, ILS1, ILS2, InputError, Ordinal, SoftmaxRegression, SoftTargetClassifier, TorchClassifier
from softlabel.methods.fit_count import fits_counted
from softlabel.methods.guard import set_apart
from softlabel.methods.instance_smoothing import check_temperature
from softlabel.methods.plain import Plain
from softlabel.seeds import Seeds

X, Y = blobs(n_per_class=20, spread=3.0)
HARD = np.eye(3, dtype=np.float32)[Y]
every = pytest.mark.parametrize("method", [ILS1, ILS2, ILS], ids=lambda kind: kind.__name__)
NOTHING = {ILS1: {"slope": 0}, ILS2: {"eps": 0}, ILS: {"slope": 0}}


@every
@pytest.mark.parametrize("soft", [False, True], ids=["hard", "soft"])
def test_no_smoothing_is_the_plain_method_to_the_byte(method, soft):
    targets = 0.8 * HARD + 0.2 / 3 if soft else None
    network = TorchClassifier("mlp", epochs=1, batch_size=16, device="cpu")
    plain = Plain(network, random_state=3).fit(X, Y, targets=targets)
    same = method(network, LogisticRegression(), random_state=3, **NOTHING[method]).fit(X, Y, targets=targets)
    assert same.label_distributions_.tobytes() == plain.label_distributions_.tobytes()
    assert same.predict_proba(X).tobytes() == plain.predict_proba(X).tobytes()
    assert same.history_[0]["mean_smoothing"] == same.history_[0]["change"] == same.history_[0]["moved"] == 0


@every
def test_the_student_is_the_plain_one_on_these_targets(method):
    fitted = method(SoftmaxRegression(), random_state=0).fit(X, Y, sample_weight=np.arange(60) / 60 + 1)
    plain = Plain(SoftmaxRegression(), random_state=0)
    plain.fit(X, Y, targets=fitted.label_distributions_, sample_weight=np.arange(60) / 60 + 1)
    assert fitted.predict_proba(X).tobytes() == plain.predict_proba(X).tobytes()
    assert_allclose(fitted.label_distributions_[np.arange(60), Y], 1 - fitted.smoothing_, atol=1e-6)
    assert (fitted.smoothing_ > 0).any()


@every
def test_no_mass_is_lost_on_a_student_that_copies_rows(method):
    little = {"eps": 0.015} if method is ILS2 else {}
    fitted = method(LogisticRegression(), random_state=0, **little).fit(X, Y)
    rows = fitted.label_distributions_
    assert ((rows > 1e-6) & (rows < 0.01)).any()  # what such a student leaves out elsewhere
    whole = Plain(SoftTargetClassifier(LogisticRegression(), min_mass=1e-6), random_state=0).fit(X, Y, targets=rows)
    assert fitted.predict_proba(X).tobytes() == whole.predict_proba(X).tobytes()


@every
def test_two_fits_with_a_teacher_of_its_own_and_one_with_another_s(method):
    with fits_counted() as count:
        first = method(SoftmaxRegression(), random_state=0).fit(X, Y)
    assert count.n_fits == 2
    with fits_counted() as count:
        again = method(SoftmaxRegression(), first.teacher_, random_state=0).fit(X, Y)
    assert count.n_fits == 1
    assert again.label_distributions_.tobytes() == first.label_distributions_.tobytes()
    assert again.predict_proba(X).tobytes() == first.predict_proba(X).tobytes()
    assert again.teacher_ is first.teacher_
    assert again.history_ == first.history_  # what was set apart is told of as such


@every
def test_the_history_says_what_was_done(method):
    fitted = method(SoftmaxRegression(), random_state=0).fit(X, Y, reference=HARD)
    (entry,) = fitted.history_
    assert entry["mean_smoothing"] == pytest.approx(fitted.smoothing_.mean())
    assert entry["moved"] == np.count_nonzero(fitted.transduction_ != Y)
    assert entry["change"] == pytest.approx(fitted.smoothing_.mean(), abs=1e-6)  # what left a one-hot label
    answers, apart = fitted.teacher_.predict_targets(X), set_apart(0.2, Y, None, Seeds(0), "calibrate")
    assert entry["held_out_accuracy"] == pytest.approx(np.mean(answers[apart].argmax(axis=1) == Y[apart]))
    assert entry["in_sample_nll"] == pytest.approx(-np.log(answers[~apart, Y[~apart]]).mean(), rel=1e-5)
    assert entry["reference_chebyshev"] == pytest.approx(fitted.smoothing_.mean(), abs=1e-6)
    assert_array_equal(fitted.suggested_labels_, answers.argmax(axis=1))


@every
def test_a_given_table_is_all_in_sample(method):
    fitted = method(Centroids(), np.float32([[0.7, 0.2, 0.1]] * 60), random_state=0).fit(X, Y)
    assert fitted.history_[0]["in_sample_accuracy"] == pytest.approx(1 / 3)
    assert fitted.history_[0]["teacher_temperature"] == 1
    assert not any(name.startswith("held_out") for name in fitted.history_[0])


@every
@pytest.mark.filterwarnings("ignore:the teacher's temperature")
def test_a_row_of_a_class_that_the_teacher_has_not_seen_keeps_its_target(method):
    weight = (Y != 2) * 1.0
    fitted = method(Centroids(), random_state=0).fit(X, Y, sample_weight=weight)
    assert_array_equal(fitted.label_distributions_[Y == 2], HARD[Y == 2])
    if method is not ILS1:  # nothing is similar to what is unknown
        assert not fitted.label_distributions_[Y != 2, 2].any()


@every
def test_names_groups_and_validation_are_taken(method):
    names = np.array(["a", "b", "c"])[Y]
    network = TorchClassifier("mlp", epochs=3, batch_size=16, device="cpu")
    fitted = method(network, LogisticRegression(), random_state=0)
    fitted.fit(X, names, groups=np.arange(60) // 2, validation=(X[:9], names[:9]))
    assert len(fitted.epochs_) == 3
    assert all("validation_loss" in epoch for epoch in fitted.epochs_)
    assert set(fitted.predict(X)) <= {"a", "b", "c"}


@every
def test_a_pipeline_is_its_own_teacher(method):
    fitted = method(make_pipeline(StandardScaler(), LogisticRegression()), random_state=0).fit(X, Y)
    assert fitted.score(X, Y) > 0.6


@every
def test_grades_as_distributions_are_smoothed(method):
    fitted = method(SoftmaxRegression(), random_state=0, task=Ordinal.from_labels(Y, view="distribution")).fit(X, Y)
    assert_allclose(fitted.label_distributions_.sum(axis=1), 1, atol=1e-6)
    assert fitted.predict(X).shape == (60,)


@every
@pytest.mark.parametrize(
    ("y", "task"), [(np.c_[Y == 0, Y > 0] * 1, None), (Y, Ordinal.from_labels(Y))], ids=["entries", "grades"]
)
def test_other_kinds_of_rows_are_refused(method, y, task):
    with pytest.raises(InputError, match=rf"{method.__name__} does not work on .* goes to its other classes"):
        method(task=task).fit(X, y)


@every
def test_a_teacher_that_memorises_has_little_to_say(method):
    fitted = method(Centroids(), Memoriser(), held_out=0, random_state=0).fit(X, Y)
    others = np.sort(fitted.label_distributions_, axis=1)[:, :2]
    assert_allclose(others[:, 0], others[:, 1], atol=1e-6)  # evenly
    assert np.ptp(fitted.smoothing_) == pytest.approx(0, abs=1e-9)


@every
@pytest.mark.parametrize("held_out", [-0.1, 1.0, "some", None, True, np.nan], ids=str)
def test_bad_shares_are_refused(method, held_out):
    with pytest.raises(InputError, match=r"held_out=.*; give the share of rows"):
        method(Centroids(), held_out=held_out).fit(X, Y)


@pytest.mark.parametrize("temperature", [0, -1, np.inf, np.nan, "hot", None, True], ids=str)
def test_bad_temperatures_are_refused(temperature):
    with pytest.raises(InputError, match=r"temperature=.*; give a number above 0"):
        check_temperature(temperature)
