"""Trained networks that label the examples of another training, as that training's network sees them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from softlabel.errors import InputError
from softlabel.learners.augmentation.view import View
from softlabel.learners.training.batch_statistics import LEAST_STATISTICS
from softlabel.learners.training.batches import Normalisation
from softlabel.learners.training.labelers import mixed
from softlabel.learners.training.labelling_networks import LabellingNetwork, mean_answer


@dataclass(frozen=True)
class StudentInputs:
    """What the network of a training is shown: the space that its teachers have to read."""

    normalise: Normalisation
    shape: tuple[int, ...]  # of one input: (c, h, w) or (d,)
    pictures: bool
    device: torch.device
    autocast: Callable[[], AbstractContextManager] = nullcontext


class Teacher:
    """One trained network, ready to label the inputs of a student.

    What the student sees is brought to the teacher's own normalisation, and pictures to its own size: x in the student's scale has
    the value ``x std_s + mean_s``, which the teacher sees as ``(x std_s + mean_s - mean_t) / std_t``. Where both prepare rows alike,
    inputs are handed on as they are.

    Parameters
    ----------
    fitted : TorchLearner
        It is not changed.
    mode : {"train", "eval"}
        Of its batch normalisation.
    inputs : StudentInputs
    columns : sequence of int or None
        Which of its columns are those of the student, in their order; None where they are the same.

    Raises
    ------
    InputError
        If it takes other rows: numbers for pictures, other channels, other columns of a table.
    """

    def __init__(self, fitted: Any, mode: str, inputs: StudentInputs, columns: Sequence[int] | None = None) -> None:
        _check_rows(fitted, inputs)
        self.mode = mode
        self._network = LabellingNetwork(fitted, mode, inputs.device, columns=columns, autocast=inputs.autocast)
        own, seen = self._network.normalise, inputs.normalise
        same = torch.equal(own.mean, seen.mean) and torch.equal(own.std, seen.std)
        self._scale: Tensor | None = None if same else seen.std / own.std
        self._shift: Tensor | None = None if same else (seen.mean - own.mean) / own.std
        size = self._network.size
        self._size = size if inputs.pictures and size != tuple(inputs.shape[1:]) else None

    def __call__(self, x: Tensor) -> Tensor:
        """Return target rows (b, m) float32 for inputs (b, ...) of the student; gradients reach ``x``."""
        if self._scale is not None and self._shift is not None:
            x = x * self._scale + self._shift
        if self._size is not None:
            x = F.interpolate(x, size=self._size, mode="bilinear", antialias=True, align_corners=False)
        return self._network(x)


def _check_rows(fitted: Any, inputs: StudentInputs) -> None:
    name, own = type(fitted).__name__, tuple(fitted.input_shape_)
    if fitted.preparation_.pictures != inputs.pictures:
        what = ("pictures", "numbers") if inputs.pictures else ("numbers", "pictures")
        raise InputError(
            f"the rows are {what[0]}, and the teacher {name} was trained on {what[1]}; give one that knows such rows"
        )
    if inputs.pictures and own[0] != inputs.shape[0]:
        raise InputError(
            f"the pictures have {inputs.shape[0]} channels, and the teacher {name} was trained on {own[0]}; give one for such pictures"
        )
    if not inputs.pictures and own != tuple(inputs.shape):
        raise InputError(
            f"rows have the shape {tuple(inputs.shape)}, and the teacher {name} was trained on {own}; give one for such rows"
        )


class TeacherLabeler:
    """Labels each example as its teachers see it (``learners.labelers.TeacherLabels`` has formula and source).

    Parameters
    ----------
    teachers : sequence of Teacher
        Their answers are averaged; or, with ``fold_of``, each labels the rows of its own fold.
    hard : bool
        Whether the most probable class alone is the label; given rows stay as they are.
    fold_of : (n,) int64 tensor or None
        For each row which teacher labels it: the one that did not train on it; -1 for none, then it keeps its given row.
    given : (n, m) tensor or None
        Given rows, for those that no teacher labels.
    """

    def __init__(
        self,
        teachers: Sequence[Teacher],
        hard: bool = False,
        fold_of: Tensor | None = None,
        given: Tensor | None = None,
    ) -> None:
        self._teachers, self._hard, self._fold_of, self._given = list(teachers), hard, fold_of, given

    def observe(self, index: Tensor, output: Tensor, epoch: int) -> None:
        """What the student answers changes no label."""

    def targets(self, index: Tensor, view: View, x: Tensor, epoch: int) -> Tensor:
        """Return the target rows (b, m) of a batch; given ones are mixed as their pictures are."""
        with torch.no_grad():
            rows = self.answers(index, x)  # (b, m)
        if self._hard:
            rows = F.one_hot(rows.argmax(dim=1), rows.shape[1]).to(rows.dtype)
        if self._fold_of is None or self._given is None:
            return rows
        nobodys = self._fold_of[index.to(self._fold_of.device)] < 0  # (b,)
        given = mixed(self._given[index.to(self._given.device)], view)  # (b, m)
        return torch.where(nobodys[:, None], given.to(rows.dtype), rows)

    def answers(self, index: Tensor, x: Tensor) -> Tensor:
        """Return the teachers' soft rows (b, m); gradients reach ``x``."""
        if self._fold_of is None:
            return mean_answer([teacher(x) for teacher in self._teachers])
        folds = self._fold_of[index.to(self._fold_of.device)]  # (b,)
        parts, places = [], []
        for fold in folds.unique().tolist():
            mine = torch.nonzero(folds == fold).flatten()  # (b_fold,)
            parts.append(self._of_fold(fold, index, x, mine))
            places.append(mine)
        return torch.cat(parts)[torch.cat(places).argsort()]

    def _of_fold(self, fold: int, index: Tensor, x: Tensor, mine: Tensor) -> Tensor:
        """Return a fold model's answers (b_fold, m) to its own rows, with their statistics where it takes the batch's."""
        if fold < 0:
            assert self._given is not None  # where some rows have no teacher
            return self._given[index.to(self._given.device)[mine.to(self._given.device)]]
        teacher = self._teachers[fold]
        if teacher.mode == "train" and len(mine) < LEAST_STATISTICS:
            return teacher(x)[mine]  # of so few rows mean and variance say little: those of the whole batch
        return teacher(x[mine])
