"""Trained networks that label the examples of another training, as that training's network sees them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.modules.batchnorm import _BatchNorm

from softlabel.errors import InputError
from softlabel.learners.augmentation.view import View
from softlabel.learners.training.batches import Normalisation
from softlabel.learners.training.labelers import mixed
from softlabel.learners.training.outputs import outputs_of

LEAST_STATISTICS = 8  # rows that mean and variance of a batch are taken from, at the least


@dataclass(frozen=True)
class StudentInputs:
    """What the network of a training is shown: the space that its teachers have to read."""

    normalise: Normalisation
    shape: tuple[int, ...]  # of one input: (c, h, w) or (d,)
    pictures: bool
    device: torch.device
    autocast: Callable[[], AbstractContextManager] = nullcontext


def labelling_copy(network: nn.Module, mode: str) -> nn.Module:
    """Return a copy of a network that labels: no weight and no statistic of it moves, and none of the network itself.

    With ``mode="train"`` its batch normalisation takes mean and variance of the batch at hand, as when it was trained (Label Refinery,
    section 3); dropout and the like stay off, so that a label is no matter of chance. With "eval" it takes those that it learned.
    """
    teacher: nn.Module = copy.deepcopy(network).requires_grad_(False).eval()
    if mode == "train":
        for module in _normalising(teacher):
            module.training = True  # train() would reach what stands within it too: dropout, say
            module.momentum = 0.0  # running statistics stay as they are
    return teacher


@contextmanager
def statistics_kept(network: nn.Module) -> Iterator[None]:
    """Let a network that trains be asked once more without moving its running statistics."""
    layers = _normalising(network)
    before = [
        (layer.momentum, None if layer.num_batches_tracked is None else layer.num_batches_tracked.clone())
        for layer in layers
    ]
    for layer in layers:
        layer.momentum = 0.0
    try:
        yield
    finally:
        for layer, (momentum, count) in zip(layers, before, strict=True):
            layer.momentum = momentum
            if count is not None and layer.num_batches_tracked is not None:
                layer.num_batches_tracked.copy_(count)


def _normalising(network: nn.Module) -> list[_BatchNorm]:
    return [module for module in network.modules() if isinstance(module, _BatchNorm)]


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
        self._outputs, self._autocast, self.mode = outputs_of(fitted), inputs.autocast, mode
        self._columns = None if columns is None else torch.as_tensor(list(columns), device=inputs.device)
        _check_rows(fitted, inputs)
        preparation = fitted.preparation_
        own, seen = preparation.on(inputs.device, fitted.channels_last), inputs.normalise
        same = torch.equal(own.mean, seen.mean) and torch.equal(own.std, seen.std)
        self._scale: Tensor | None = None if same else seen.std / own.std
        self._shift: Tensor | None = None if same else (seen.mean - own.mean) / own.std
        size = preparation.size or tuple(fitted.input_shape_[1:])
        self._size = size if inputs.pictures and size != tuple(inputs.shape[1:]) else None
        network = labelling_copy(fitted.network_, mode).to(inputs.device)
        self._network = network.to(memory_format=torch.channels_last) if fitted.channels_last else network

    def __call__(self, x: Tensor) -> Tensor:
        """Return target rows (b, m) float32 for inputs (b, ...) of the student; gradients reach ``x``."""
        if self._scale is not None and self._shift is not None:
            x = x * self._scale + self._shift
        if self._size is not None:
            x = F.interpolate(x, size=self._size, mode="bilinear", antialias=True, align_corners=False)
        with self._autocast():
            output = self._network(x)
        rows = self._outputs.predictions(output.float())  # (b, m)
        return rows if self._columns is None else rows[:, self._columns]


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
            answered = [teacher(x) for teacher in self._teachers]
            return answered[0] if len(answered) == 1 else torch.stack(answered).mean(dim=0)
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
