from types import SimpleNamespace

import numpy as np
import pytest
import torch

from softlabel.errors import InputError
from softlabel.learners.augmentation.view import View
from softlabel.learners.labelers import OnlineSmoothing, Progressive, SelfAdaptive, TeacherBeside
from softlabel.learners.training.labeler_choice import learned_rows, make_labeler, mixed_within, training_batches
from softlabel.learners.training.labelers import StoredTargets

TARGETS = np.array([[1.0, 0.0], [0.2, 0.8]], np.float32)


def made(labeler, mix=None, world=1, rows=(0, 1)):
    settings = SimpleNamespace(labeler=labeler, target_kind="distribution", epochs=3, augment="mixup")
    batches = SimpleNamespace(mix=mix, processes=SimpleNamespace(world=world))
    return make_labeler(settings, TARGETS, np.array(rows), batches, torch.device("cpu"))


def asked(labeler):
    return labeler.targets(torch.tensor([0, 1]), View(), torch.zeros(2, 1), 1).numpy()


def test_without_a_maker_rows_are_stored():
    labeler = made(None, mix=object(), world=2)
    assert isinstance(labeler, StoredTargets)
    assert np.array_equal(asked(labeler), TARGETS)
    assert learned_rows(labeler, np.arange(2), 2) is None


@pytest.mark.parametrize(
    "maker", [OnlineSmoothing(), SelfAdaptive(), Progressive()], ids=lambda maker: type(maker).__name__
)
def test_who_learns_from_answers_must_get_them_all(maker):
    made(maker)
    with pytest.raises(InputError, match=r"learns from the answer to each row, and augment='mixup' mixes several"):
        made(maker, mix=object())
    with pytest.raises(InputError, match=r"learns from all answers, and 2 processes share this training; start one$"):
        made(maker, world=2)


def test_a_teacher_beside_needs_no_answers_and_its_rows_are_those_of_x():
    teacher = np.array([[0.5, 0.5], [0.9, 0.1], [0.3, 0.7], [0.4, 0.6]])
    labeler = made(TeacherBeside(teacher), mix=object(), world=2, rows=(3, 1))
    assert np.allclose(asked(labeler), np.hstack([TARGETS, teacher[[3, 1]]]))


def test_a_maker_that_says_nothing_is_taken_to_observe():
    class Own:
        def begin(self, targets, rows, epochs, kind):
            return SimpleNamespace(told=(targets, rows.tolist(), epochs, kind))

    told = made(Own()).told
    assert np.array_equal(told[0], TARGETS)
    assert told[1:] == ([0, 1], 3, "distribution")
    with pytest.raises(InputError, match="learns from all answers"):
        made(Own(), world=4)


def test_what_was_learned_stands_at_its_rows():
    labeler = SimpleNamespace(final_targets=lambda: torch.tensor([[0.1, 0.9], [0.4, 0.6]], dtype=torch.float64))
    learned = learned_rows(labeler, np.array([3, 1]), 4)
    assert learned.dtype == np.float32
    assert np.allclose(learned[[3, 1]], [[0.1, 0.9], [0.4, 0.6]])
    assert np.isnan(learned[[0, 2]]).all()


def test_a_maker_that_asks_what_the_student_sees_is_told_all():
    class Seeing:
        observes = False

        def begin_on(self, inputs, targets, rows, epochs, kind):
            return SimpleNamespace(told=(inputs, targets, rows.tolist(), epochs, kind))

        def begin(self, *given):
            raise AssertionError("it has begin_on")

    inputs, told = object(), None
    settings = SimpleNamespace(labeler=Seeing(), target_kind="distribution", epochs=3, augment="mixup")
    batches = SimpleNamespace(mix=object(), processes=SimpleNamespace(world=2), labeler=None)
    told = make_labeler(settings, TARGETS, np.array([4, 1]), batches, torch.device("cpu"), inputs).told
    assert told[0] is inputs
    assert np.array_equal(told[1], TARGETS)
    assert told[2:] == ([4, 1], 3, "distribution")


def test_a_maker_may_change_batches_and_say_who_is_mixed_with_whom():
    class Changing:
        def batches_of(self, batches, labeler, network):
            return batches, labeler, network

        def mixed_within(self, rows):
            return np.array([7, 8, 9])[rows]

    settings = SimpleNamespace(labeler=Changing())
    assert training_batches(settings, "batches", "labeler", "network") == ("batches", "labeler", "network")
    assert mixed_within(settings, np.array([2, 0])).tolist() == [9, 7]
    for labeler in (None, Progressive()):
        settings = SimpleNamespace(labeler=labeler)
        assert training_batches(settings, "batches", "labeler", "network") == "batches"
        assert mixed_within(settings, np.array([0])) is None
    settings.labeler = SimpleNamespace(mixed_within=lambda rows: None)
    assert mixed_within(settings, np.array([0])) is None


def test_batches_that_bring_their_labels_along_are_asked_for_them():
    settings = SimpleNamespace(labeler=object(), target_kind="distribution", epochs=3, augment=None)
    batches = SimpleNamespace(mix=None, processes=SimpleNamespace(world=2), labeler="theirs")
    assert make_labeler(settings, TARGETS, np.arange(2), batches, torch.device("cpu")) == "theirs"
