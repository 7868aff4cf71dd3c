import pytest

from softlabel.errors import InputError
from softlabel.learners.labeler_settings import check_labeler, check_pair
from softlabel.learners.labelers import OnlineSmoothing, Progressive, SelfAdaptive, TeacherBeside
from softlabel.learners.losses import DistillationLoss, Focal, TrustWeighted
from softlabel.learners.target_kinds import KINDS


class Own:
    """A maker of a user's: it says nothing of itself."""

    def begin(self, targets, rows, epochs, kind):
        raise NotImplementedError


class Seeing:
    """A maker of a user's that asks what the student is shown."""

    def begin_on(self, inputs, targets, rows, epochs, kind):
        raise NotImplementedError


@pytest.mark.parametrize("kind", KINDS)
def test_what_every_kind_takes(kind):
    for labeler in (None, SelfAdaptive(), Progressive(), TeacherBeside([[0.5, 0.5]]), Own(), Seeing()):
        check_labeler(labeler, kind)


def test_soft_labels_of_classes_need_classes():
    check_labeler(OnlineSmoothing(), "distribution")
    for kind, words in (("independent", "an entry from 0 to 1 for each label"), ("scalar", "grades as numbers")):
        with pytest.raises(
            InputError, match=rf"is for distributions over classes, and the targets here are {words}; give Self"
        ):
            check_labeler(OnlineSmoothing(), kind)


@pytest.mark.parametrize("labeler", [OnlineSmoothing, Seeing, "online", 3], ids=["class", "class", "word", "number"])
def test_what_makes_no_labeler(labeler):
    with pytest.raises(
        InputError,
        match=r"give Online.*, TeacherLabels\(teachers\), .*begin\(targets, rows, epochs, kind\), or None$",
    ):
        check_labeler(labeler, "distribution")


def test_a_makers_numbers_are_checked():
    with pytest.raises(InputError, match=r"^momentum=1\.1; give a number"):
        check_labeler(SelfAdaptive(momentum=1.1), "scalar")


def test_losses_that_read_what_is_handed_out():
    for labeler, loss in (
        (None, None),
        (Own(), "emd"),
        (Progressive(), Focal()),
        (SelfAdaptive(), TrustWeighted("kl")),
        (TeacherBeside([[1.0]]), DistillationLoss()),
        (TeacherBeside([[1.0]]), max),
        (SelfAdaptive(), max),
    ):
        check_pair(labeler, loss)


@pytest.mark.parametrize(
    ("labeler", "loss", "words"),
    [
        (SelfAdaptive(), None, r"its trust; give loss=TrustWeighted\(\), not None$"),
        (SelfAdaptive(), Focal(), r"give loss=TrustWeighted\(Focal\(gamma=2.0\)\), not Focal\(gamma=2.0\)$"),
        (SelfAdaptive(), DistillationLoss(), r"its trust; give loss=TrustWeighted\("),
        (TeacherBeside([[1.0]]), "kl", r"TeacherBeside\(<1 x 1>\) hands out .* its teacher; give loss=DistillationLoss\(\), not 'kl'$"),
        (None, TrustWeighted(), r"its trust; give labeler=SelfAdaptive\(\), not None$"),
        (Progressive(), DistillationLoss(), r"its teacher; give labeler=TeacherBeside\(rows\), not Progressive\(share=0.8\)$"),
    ],
    ids=["trust-none", "trust-focal", "trust-distillation", "teacher-name", "no-trust", "no-teacher"],
)  # fmt: skip
def test_losses_that_do_not(labeler, loss, words):
    with pytest.raises(InputError, match=words):
        check_pair(labeler, loss)


def test_makers_of_others_are_told_in_their_own_words():
    class Further(Own):
        beside = "age"

    with pytest.raises(InputError, match=r"its age; give loss=one that reads it, not None$"):
        check_pair(Further(), None)
