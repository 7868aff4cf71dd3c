import copy

import numpy as np
import pytest
import torch
from sklearn.exceptions import NotFittedError

from softlabel.learners.teacher_digest import teacher_digest, teacher_digests
from taught import small, teacher


def changed(change):
    other = copy.deepcopy(teacher())
    with torch.no_grad():
        change(other)
    return other


def test_equal_content_equal_digest():
    assert teacher_digest(teacher()) == teacher_digest(copy.deepcopy(teacher()))
    assert len(teacher_digest(teacher())) == 64
    assert teacher_digest(changed(lambda one: setattr(one, "verbose", 1))) == teacher_digest(teacher())


@pytest.mark.parametrize(
    "change",
    [
        lambda one: next(one.network_.parameters()).add_(1e-6),
        lambda one: next(one.network_.buffers()).add_(1e-3),
        lambda one: setattr(one, "classes_", one.classes_[::-1]),
        lambda one: object.__setattr__(one.preparation_, "mean", one.preparation_.mean + np.float32(0.01)),
        lambda one: object.__setattr__(one.preparation_, "size", (12, 12)),
    ],
    ids=["a weight", "a statistic", "order of classes", "normalisation", "input size"],
)
def test_what_makes_it_answer_otherwise_changes_it(change):
    assert teacher_digest(changed(change)) != teacher_digest(teacher())


def test_one_or_several_fitted_or_digests():
    own = teacher_digest(teacher())
    assert teacher_digests(teacher()) == [own]
    assert teacher_digests([teacher(), "abc"]) == [own, "abc"]
    with pytest.raises(NotFittedError):
        teacher_digest(small())
