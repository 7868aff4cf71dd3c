"""Which candidate evidence speaks for: gains, errors and what was expected before, against numbers made by hand."""

import numpy as np
import pytest

from softlabel.methods.choice import ENOUGH, Candidate, Choice, choose, row_scores, share_left
from softlabel.tasks import Multiclass, Multilabel, Ordinal

TASK = Multiclass(["a", "b"])
N = 10
CODES = np.zeros(N, dtype=int)


def _said(*wrong, n=N, k=2):
    """Return predictions that are right (class 0) but in some rows."""
    return np.eye(k, dtype=np.float32)[np.isin(np.arange(n), wrong).astype(int)]


PLAIN, OTHER = _said(0, 1, 2, 3), _said(3, 4)  # the other is right in 3 rows more, and wrong in 1
EVIDENCE = {"given": PLAIN, "other": OTHER}


def _choose(rate=0.25, predictions=EVIDENCE, codes=CODES, task=TASK, **beside):
    rates = {name: 0.0 if name == "given" else rate for name in predictions}
    return choose(task, codes, predictions, disputed=rates, **beside)


def _other(choice):
    return choice.candidates[1]


def test_gain_and_error_have_one_more_row_that_differs():
    plain, other = _choose().candidates
    assert (plain.score, plain.gain, plain.expected) == (pytest.approx(0.6), 0.0, 0.0)
    assert (other.score, other.gain) == (pytest.approx(0.8), pytest.approx(0.2))
    # three rows of 1, one of -1, six of 0 about .2: 3 * .64 + 1.44 + 6 * .04 = 3.6, and 1 for the row that was not seen
    assert other.error == pytest.approx(np.sqrt(3.6 + 1.0) / 10)


def test_models_that_agree_everywhere_may_differ_elsewhere():
    level = _other(_choose(predictions={"given": PLAIN, "other": PLAIN}))
    assert (level.gain, level.error) == (0.0, pytest.approx(0.1))


def test_evidence_and_what_was_expected_weigh_by_their_variances():
    # Of two classes and a rate of .25 half a gain is left: .2 stands for .4, with a variance of 4 * 4.6 / 100. In .4 of the rows one of
    # the two alone is right, an eighth of the wrong among which more rows would not show: (.25 * .4 / 8)^2, times 4. Before,
    # (.25 - .05) / 4 was expected, with a variance of .05^2 + .01^2.
    variance = 4 * (0.046 + 0.0125**2)
    expected = (0.05 / 0.0026 + 0.4 / variance) / (1 / 0.0026 + 1 / variance)
    found = _other(_choose())
    assert found.expected == pytest.approx(expected)
    assert found.expected_error == pytest.approx((1 / 0.0026 + 1 / variance) ** -0.5)


def test_how_many_labels_are_wrong_is_one_number_for_all_plans():
    # .1 and .5 look wrong, .3 is half way, which leaves .4 of a gain: .2 stands for .5 of either plan, with a variance of .046 / .16
    predictions = {"given": PLAIN, "timid": OTHER, "eager": OTHER}
    choice = choose(TASK, CODES, predictions, disputed={"given": 0.0, "timid": 0.1, "eager": 0.5})
    timid, eager = choice.candidates[1:]
    assert (timid.disputed, eager.disputed) == (0.1, 0.5)
    for found, own in ((timid, 0.1), (eager, 0.3)):  # no more than are wrong
        before, hidden = (own - 0.05) / 4, own * 0.4 / 8
        precisions = 1 / (before**2 + 0.01**2), 0.16 / (0.046 + hidden**2)
        expected = (before * precisions[0] + 0.5 * precisions[1]) / sum(precisions)
        assert found.expected == pytest.approx(expected)


def test_one_more_plan_between_two_others_changes_nothing_for_them():
    shares = {"given": 0.0, "timid": 0.1, "eager": 0.5}
    predictions = {"given": PLAIN, "timid": OTHER, "eager": OTHER}
    two = choose(TASK, CODES, predictions, disputed=shares)
    three = choose(TASK, CODES, predictions | {"third": OTHER}, disputed=shares | {"third": 0.15})
    assert three.candidates[:3] == two.candidates


def test_a_plan_is_not_ahead_by_disputing_more():
    n = 4000
    predictions = {
        "given": _said(*range(600), n=n),
        "sparing": _said(*range(100), n=n),
        "eager": _said(*range(240), n=n),
    }
    choice = choose(TASK, np.zeros(n, dtype=int), predictions, disputed={"given": 0.0, "sparing": 0.25, "eager": 0.45})
    assert choice.name == "sparing"


@pytest.mark.parametrize(("rate", "ahead", "name"), [(0.04, 1, "given"), (0.04, 4, "other"), (0.06, 1, "other")])
def test_where_hardly_a_label_looks_wrong_a_plan_has_to_be_ahead_clearly(rate, ahead, name):
    n = 2000  # rows; each that the other is right in more is a gain of .0005, the error about as much times its root
    predictions = {"given": _said(*range(ahead), n=n), "other": _said(n=n)}
    assert _choose(rate, predictions, np.zeros(n, dtype=int)).name == name


@pytest.mark.parametrize(
    ("sparing", "eager", "better", "name"),
    [
        (0.10, 0.18, False, "sparing"),  # who looks for wrong labels comes to a similar share
        (0.10, 0.22, False, "given"),  # most that looks wrong to the other is right and hard
        (0.10, 0.22, True, "sparing"),
        (0.42, 0.57, False, "sparing"),
        (0.46, 0.57, False, "given"),  # more than half of the labels can hardly be wrong
        (0.46, 0.57, True, "sparing"),
    ],
)
def test_where_models_err_rather_than_labels_a_plan_has_to_be_ahead_clearly(sparing, eager, better, name):
    n = 2000
    given = range(150 if better else 30)  # rows in which it is wrong, the sparing plan in 30 others
    predictions = {"given": given, "sparing": range(30, 60), "eager": range(1000)}
    predictions = {one: _said(*wrong, n=n) for one, wrong in predictions.items()}
    disputed = {"given": 0.0, "sparing": sparing, "eager": eager}
    assert choose(TASK, np.zeros(n, dtype=int), predictions, disputed=disputed).name == name


def test_the_plan_that_disputes_most_is_not_held_back_by_another():
    # labels that are wrong as a model errs: Bayes' rule leaves most of them alone
    predictions = {"given": PLAIN, "sparing": PLAIN, "eager": PLAIN}
    choice = choose(TASK, CODES, predictions, disputed={"given": 0.0, "sparing": 0.1, "eager": 0.3})
    assert choice.name == "eager"


def test_of_several_labels_a_row_neither_sign_means_anything():
    n = 500
    codes, one_wrong = np.zeros((n, 2), dtype=int), np.zeros((n, 2), dtype=np.float32)
    one_wrong[:50, 0] = 1.0
    level = np.zeros((n, 2), dtype=np.float32)
    level[50:100, 0] = 1.0
    predictions = {"given": one_wrong, "sparing": level, "eager": np.ones((n, 2), dtype=np.float32)}
    shares = {"given": 0.0, "sparing": 0.4, "eager": 0.9}
    assert choose(Multilabel(["a", "b"]), codes, predictions, disputed=shares).name == "sparing"
    plain = np.eye(2, dtype=np.float32)
    predictions = {name: plain[one[:, 0].astype(int)] for name, one in predictions.items()}
    assert choose(TASK, codes[:, 0], predictions, disputed=shares).name == "given"


@pytest.mark.parametrize(
    ("sparing", "eager", "why"),
    [
        (0.04, 0.05, "where 4% of the labels look wrong to it"),
        (
            0.20,
            0.45,
            "where 20% of the labels look wrong to it and more than twice as many to another: models err there",
        ),
        (0.46, 0.57, "where more than half of the labels look wrong: they are hard as likely as not"),
    ],
)
def test_the_reason_says_why_a_plan_that_is_ahead_is_held_back(sparing, eager, why):
    n = 2000
    predictions = {
        "given": range(31),
        "sparing": range(29, 59),
        "eager": range(1000),
    }  # the sparing plan ahead by a row
    predictions = {one: _said(*wrong, n=n) for one, wrong in predictions.items()}
    choice = choose(
        TASK, np.zeros(n, dtype=int), predictions, disputed={"given": 0.0, "sparing": sparing, "eager": eager}
    )
    assert choice.name == "given"
    assert choice.reason.startswith("sparing is ahead of the given labels by 0.0005")
    assert choice.reason.endswith(f", too little to count {why}")


def test_where_more_than_half_of_the_labels_look_wrong_nothing_is_expected_before():
    found = _other(_choose(0.6, task=Multiclass(list("abcd")), predictions={"given": PLAIN, "other": PLAIN}))
    assert found.expected == 0.0
    doubt = 0.1 / 0.2  # the error, by what .6 wrong labels of four classes leave of a gain
    assert found.expected_error == pytest.approx((1 / 0.15**2 + 1 / doubt**2) ** -0.5)


def test_little_that_looks_wrong_promises_nothing():
    for rate in (0.0, 0.05):
        level = _other(_choose(rate, {"given": PLAIN, "other": PLAIN}))
        assert level.expected == 0.0
    assert _choose(0.05, {"given": PLAIN, "other": PLAIN}).name == "given"
    assert _choose(0.06, {"given": PLAIN, "other": PLAIN}).name == "other"


def test_more_rows_do_not_remove_that_wrong_labels_may_follow_a_models_confusions():
    def weighed(n):
        """A plan that is behind by a fortieth and differs in an eighth of the rows; .3 of the labels look wrong to it."""
        eighth, ahead = n // 8, n // 20
        predictions = {"given": _said(*range(ahead), n=n, k=4), "other": _said(*range(ahead, eighth), n=n, k=4)}
        return _other(_choose(0.3, predictions, np.zeros(n, dtype=int), Multiclass(list("abcd"))))

    few, many = weighed(800), weighed(80_000)
    assert (few.gain, many.gain) == pytest.approx((-0.025, -0.025))
    assert many.error == pytest.approx(few.error / 10, rel=0.01)
    for found in (few, many):  # .6 of a gain is left
        doubt = np.hypot(found.error, 0.3 / 8 / 8) / 0.6
        assert found.expected_error == pytest.approx((1 / (0.0625**2 + 0.01**2) + 1 / doubt**2) ** -0.5)
    assert many.expected_error > 0.3 / 8 / 8


def test_much_evidence_decides_alone():
    many = np.zeros(4000, dtype=int)
    worse = {"given": _said(n=4000), "other": _said(*range(1500), n=4000)}
    choice = _choose(0.4, worse, many)
    assert choice.name == "given"
    share = share_left(0.4, TASK)
    assert _other(choice).gain / share == pytest.approx(-1.875)
    assert -1.875 < _other(choice).expected < 0
    better = {"given": worse["other"], "other": worse["given"]}
    assert _choose(0.0, better, many).name == "other"


def test_ties_go_to_the_first_and_the_plain_fit_is_first():
    clean = _choose(0.0, {"given": PLAIN, "one": PLAIN, "two": PLAIN})
    assert clean.name == "given"
    alike = _choose(0.3, {"one": OTHER, "two": OTHER, "given": PLAIN})
    assert [one.name for one in alike.candidates] == ["given", "one", "two"]
    assert alike.name == "one"


def test_alone_the_plain_fit_is_chosen():
    choice = _choose(predictions={"given": PLAIN})
    assert (choice.name, choice.sure, choice.reason) == ("given", True, "there is nothing else to choose")


def test_scores_and_gains_are_means_over_the_same_weights():
    choice = _choose(trusted=np.arange(N) < 2, sample_weight=np.arange(1.0, N + 1))
    given, other = choice.candidates
    assert other.score - given.score == pytest.approx(other.gain)
    assert other.gain != pytest.approx(_other(_choose()).gain)


def test_trusted_rows_show_the_whole_gain():
    trusted = np.arange(N) < 2  # two of the rows that the other gains; the rest show half a gain, and weigh half
    found = _other(_choose(trusted=trusted))
    assert found.gain == pytest.approx((1 + 1 + 0.5 - 0.5) / 6)  # rows 0, 1 and 2 gain, row 4 loses
    seen = (2 * 1.0 + 8 * 0.25) / 6
    weights, gains = np.where(trusted, 1.0, 0.5), np.array([1, 1, 1, 0, -1, 0, 0, 0, 0, 0.0])
    error = np.sqrt(np.sum((weights * (gains - found.gain)) ** 2) + 1) / 6
    assert found.error == pytest.approx(error)
    hidden = 0.125 * 0.25 * (2 * 0.5) / 6  # rows 2 and 4 differ and are not trusted
    gain, variance = found.gain / seen, (error**2 + hidden**2) / seen**2
    assert found.expected == pytest.approx((0.05 / 0.0026 + gain / variance) / (1 / 0.0026 + 1 / variance))


def test_rows_of_trust_only_are_taken_at_their_word():
    found, doubted = _other(_choose(trusted=np.ones(N, dtype=bool))), _other(_choose())
    assert found.gain == doubted.gain
    assert found.expected == pytest.approx((0.05 / 0.0026 + 0.2 / 0.046) / (1 / 0.0026 + 1 / 0.046))


def test_sample_weights_weigh_and_rows_of_weight_0_say_nothing():
    weight = np.array([3, 1, 1, 1, 0, 1, 1, 1, 1, 0.0])
    found = _other(_choose(sample_weight=weight))
    assert found.gain == pytest.approx(5 / 10)
    assert found.score == pytest.approx(9 / 10)
    gains = np.array([1, 1, 1, 0, -1, 0, 0, 0, 0, 0.0])
    assert found.error == pytest.approx(np.sqrt(np.sum((weight * (gains - 0.5)) ** 2) + 9) / 10)
    scaled = _other(_choose(sample_weight=weight * 7))
    assert (scaled.gain, scaled.error, scaled.expected) == pytest.approx((found.gain, found.error, found.expected))


def test_the_order_of_rows_does_not_matter():
    order = np.random.default_rng(0).permutation(N)
    moved = _other(_choose(predictions={name: rows[order] for name, rows in EVIDENCE.items()}))
    assert vars(moved) == pytest.approx(vars(_other(_choose())))


@pytest.mark.parametrize(
    ("rate", "k", "left"), [(0.0, 2, 1.0), (0.25, 2, 0.5), (0.3, 4, 0.6), (0.5, 2, 0.1), (0.9, 3, 0.1)]
)
def test_what_wrong_labels_leave_of_a_gain(rate, k, left):
    assert share_left(rate, Multiclass(range(k))) == pytest.approx(left)


def test_each_of_several_labels_has_two_sides():
    assert share_left(0.25, Multilabel(["a", "b", "c"])) == pytest.approx(0.5)


def test_rows_of_classes_are_right_or_wrong():
    assert row_scores(TASK, np.array([0, 1]), np.array([[0.6, 0.4], [0.6, 0.4]])).tolist() == [1, 0]


@pytest.mark.parametrize("view", ["scalar", "distribution"])
def test_grades_count_the_squared_distance(view):
    task = Ordinal.from_labels(np.array([0, 1, 4]), view=view, grades=[0, 1, 2, 3, 4])
    codes, said = np.array([0, 4, 2]), np.array([0, 2, 3])
    rows = said[:, None].astype(float) if view == "scalar" else np.eye(5)[said]
    assert row_scores(task, codes, rows) == pytest.approx([1, 1 - 4 / 16, 1 - 1 / 16])


def test_several_labels_count_their_share():
    task = Multilabel(["a", "b"])
    rows = np.array([[0.9, 0.2], [0.9, 0.2], [0.1, 0.6]])
    assert row_scores(task, np.array([[1, 0], [0, 0], [1, 0]]), rows).tolist() == [1, 0.5, 0]


def _made(expected, error, n=100, name="other"):
    plain = Candidate("given", 0.0, 0.5, 0.0, 0.1, 0.0, 0.0)
    return Choice(name, (plain, Candidate("other", 0.1, 0.5, 0.0, 0.1, expected, error)), n, "")


def test_a_choice_is_sure_after_three_standard_errors_or_enough_rows():
    assert _made(0.31, 0.1).sure
    assert not _made(0.29, 0.1).sure
    assert _made(-0.31, 0.1, name="given").sure
    assert not _made(-0.29, 0.1, name="given").sure
    assert _made(0.01, 0.1, n=ENOUGH).sure
    assert not _made(0.01, 0.1, n=ENOUGH - 1).sure


def test_the_record_is_plain_and_says_all():
    record = _choose().record()
    assert (record["name"], record["n_scored"]) == ("other", N)
    assert set(record["candidates"][1]) == {"name", "disputed", "score", "gain", "error", "expected", "expected_error"}
    assert all(isinstance(value, (str, float)) for value in record["candidates"][1].values())


def test_the_reason_says_which_way_the_evidence_points():
    assert _choose().reason.startswith("other is ahead of the given labels by 0.2000 +- 0.2145 in rows")
    behind = _choose(0.4, {"given": OTHER, "other": PLAIN})
    assert behind.name == "other"
    assert behind.reason.startswith("other is behind the given labels by 0.2000")
    assert behind.reason.endswith("but 40% of the labels look wrong to it")
    assert _choose(0.0, {"given": PLAIN, "other": PLAIN}).reason == "other is level with the given labels"
    level = _choose(0.4, {"given": PLAIN, "other": PLAIN})  # chosen, as so many labels look wrong
    assert level.name == "other"
    assert level.reason.endswith("rows that nothing of it had seen, but 40% of the labels look wrong to it")
    little = _choose(0.04)  # the plain fit is chosen, although the other is ahead
    assert (little.name, little.chosen.name) == ("given", "given")
    assert little.reason.startswith("other is ahead of the given labels by 0.2000")
    assert little.reason.endswith("had seen, too little to count where 4% of the labels look wrong to it")
