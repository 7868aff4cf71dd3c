"""Stochastic Label Refinery around a training loop of one's own, in any framework.

``Refinement`` hands out the folds of a round and takes predictions back, in any order; when all are told it updates the targets and
hands out the next round. The split, the averaging and the update are those of ``rounds.py``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import numpy as np

from softlabel.data.folds import Fold, check_cv, split_matrix, stochastic_folds
from softlabel.errors import InputError
from softlabel.methods.options import check_momentum, check_rounds, check_sharpen
from softlabel.methods.rounds import Settings, refine_once
from softlabel.methods.row_facts import as_given_labels, check_groups, check_trusted
from softlabel.methods.task_choice import choose_task, warn_of_odd_labels
from softlabel.methods.teachers import check_switch
from softlabel.methods.told_fold import FoldToTell, address_name
from softlabel.seeds import Seeds
from softlabel.store.archive import read_archive, write_archive
from softlabel.targets.held_out import average_held_out
from softlabel.tasks import Task, task_from_record

_FORMAT = 2
_PLAIN = 1  # what earlier versions read; they would refine trusted rows, and split anew where folds are fixed


class Refinement:
    """Refine labels by a training loop of your own.

    Iterating hands out each fold that has not been told yet, round after round; the next round starts when all folds are told,
    and asking for it earlier names those that are missing.

    Parameters
    ----------
    y : (n,) or (n, k)
        Given labels; two dimensions are 0 and 1 of several labels a row.
    targets : (n, m) or None
        First targets where they are soft already.
    groups : (n,) or None
        Rows of one group are never on both sides of a split.
    n_rounds, cv, momentum, sharpen, random_state
        As for ``StochasticLabelRefinery``, but for ``momentum="bayes"``, which needs the rows themselves.
    task : {"multiclass", "ordinal", "multilabel"}, Task or None
        What a label is, as for ``StochasticLabelRefinery``; "ordinal" takes grades as numbers.
    n_members : int, default=1
        Models a fold whose predictions are averaged (SLR-e): each fold is handed out once for each.
    trusted : (n,) bool or None
        Rows whose labels are known to be right: they are handed out like all others, and their targets never change.
    fixed_folds : bool, default=False
        Keep the folds of the first round in all rounds, so that the model of each (``member``, ``fold``) may go on with its training.

    Attributes
    ----------
    classes_ : (k,)
        Labels in the order of columns.
    task_ : Task
        What a label is.
    targets : (n, m) float32
        L(r) after r whole rounds; a copy each time.
    round : int
        The round under way, n_rounds + 1 when all are done.
    history : list of dict
        One entry a whole round: ``round``, ``moved``, ``oof_*`` scores against the given labels, ``trusted_*`` those of trusted rows.
    label_quality_ : (n,)
        How well the present targets agree with the given label, 0 to 1: for classes the mass on it.
    random_state_ : int
        The seed behind all seeds.

    Raises
    ------
    InputError
        For unusable labels, targets, groups or options.

    Examples
    --------
    >>> import numpy as np
    >>> y = np.array([0, 0, 0, 1, 1, 1])
    >>> refinement = Refinement(y, n_rounds=2, cv=3, random_state=0)
    >>> for fold in refinement:
    ...     mean = fold.targets.mean(axis=0)  # a model that predicts the mean target
    ...     fold.tell(np.tile(mean, (len(fold.held_out), 1)))
    >>> refinement.targets[0].tolist()
    [0.78125, 0.21875]
    """

    def __init__(
        self,
        y: Any,
        *,
        targets: Any = None,
        groups: Any = None,
        n_rounds: int = 3,
        cv: Any = 5,
        momentum: float | str = 0.75,
        sharpen: float | None = None,
        task: Any = None,
        n_members: int = 1,
        trusted: Any = None,
        fixed_folds: bool = False,
        random_state: Any = None,
    ) -> None:
        y = as_given_labels(np.asarray(y), task)
        self.task_: Task = choose_task(task, y, None)
        self.classes_ = np.asarray(self.task_.classes)
        self._codes = self.task_.codes(y)  # (n,)
        self._targets = self.task_.encode(y) if targets is None else self.task_.check(targets, len(y))  # (n, m) float32
        self._given: np.ndarray | None = self._targets  # L(0)
        self._groups = None if groups is None else check_groups(groups, len(y))
        self._trusted = None if trusted is None else check_trusted(trusted, len(y))
        if isinstance(n_members, bool) or not isinstance(n_members, (int, np.integer)) or n_members < 1:
            raise InputError(f"n_members={n_members!r}; give the number of models a fold, 1 or more")
        self.n_rounds, self.n_members = check_rounds(n_rounds), int(n_members)
        momentum = check_momentum(momentum)
        if momentum == "bayes":
            raise InputError(
                "momentum='bayes' compares rows with their neighbours, and a refinement by hand has no rows; give a number or 'average', "
                "or let StochasticLabelRefinery(momentum='bayes') train the models"
            )
        seeds = Seeds(random_state)
        self._settings = Settings(
            check_cv(cv),
            momentum,
            check_sharpen(sharpen, self.task_.kind),
            fixed_folds=check_switch("fixed_folds", fixed_folds),
            seeds=seeds,
        )
        self.random_state_ = self._settings.seeds.random_state
        self.round, self.history = 1, list[dict[str, Any]]()
        self._told: dict[tuple[int, int], np.ndarray] = {}  # (member, fold) -> (n_held_out, k)
        self._folds = self._split()
        warn_of_odd_labels(self.task_, self._codes, self._settings.cv)

    def __iter__(self) -> Iterator[FoldToTell]:
        while self.round <= self.n_rounds:
            started = self.round
            yield from [fold for fold in self.folds() if not fold.told]
            if self.round == started:
                raise InputError(
                    f"round {self.round + 1} starts when all folds of round {self.round} are told; missing: {self._missing()}"
                )

    def folds(self) -> list[FoldToTell]:
        """Return all folds of the round under way, told or not; an empty list when all rounds are done."""
        if self.round > self.n_rounds:
            return []
        return [
            FoldToTell(self, (self.round, member, number), rows, self._targets, self._seed(member, number))
            for member in range(self.n_members)
            for number, rows in enumerate(self._folds)
        ]

    def tell(self, round: int, member: int, fold: int, predictions: Any) -> None:
        """Hand in predictions by address; see ``FoldToTell.tell``. The last one of a round updates the targets."""
        if not 1 <= round <= self.round or not 0 <= member < self.n_members or fold < 0:
            raise InputError(f"there is no {address_name(round, member, fold)} now; round {self.round} is under way")
        if self.is_told(round, member, fold):
            raise InputError(f"{address_name(round, member, fold)} was told already; each fold is told once")
        if fold >= len(self._folds):
            raise InputError(f"there is no {address_name(round, member, fold)} now; round {self.round} is under way")
        rows = self._folds[fold]
        checked = self.task_.check_predictions(predictions, len(rows.held_out), address_name(round, member, fold))
        self._told[member, fold] = self.task_.mark_unseen(checked, self._targets[rows.train]).astype(np.float32)
        if len(self._told) == self.n_members * len(self._folds):
            self._close_round()

    def is_told(self, round: int, member: int, fold: int) -> bool:
        """Return whether a fold has been told; folds of rounds gone by have."""
        return round < self.round or (round == self.round and (member, fold) in self._told)

    @property
    def targets(self) -> np.ndarray:
        return self._targets.copy()

    @property
    def label_quality_(self) -> np.ndarray:
        quality = self.task_.quality(self._targets, self._codes, self._given)
        return quality if self._trusted is None else np.where(self._trusted, 1.0, quality)

    def save(self, path: str | Path) -> None:
        """Write the refinement as it stands, told folds included, to one .npz file, whole or not at all."""
        cv = self._settings.cv
        header = {
            "format": _PLAIN if self._trusted is None and not self._settings.fixed_folds else _FORMAT,
            "n_rounds": self.n_rounds,
            "n_members": self.n_members,
            "momentum": self._settings.momentum,
            "sharpen": self._settings.sharpen,
            "fixed_folds": self._settings.fixed_folds,
            "random_state": self.random_state_,
            "task": self.task_.record(),
            "round": self.round,
            "history": self.history,
            "cv": cv if isinstance(cv, int) else len(cv) if isinstance(cv, list) else type(cv).__name__,
            "cv_kind": "int" if isinstance(cv, int) else "pairs" if isinstance(cv, list) else "splitter",
            "told": sorted(self._told),
        }
        arrays = {"codes": self._codes, "classes": self.classes_, "targets": self._targets}
        if self._given is not None:
            arrays["given"] = self._given
        # Predictions that were told belong to the rows of this split, whatever splitter is given back on loading.
        arrays["split"] = split_matrix(self._folds, len(self._codes))
        arrays |= {f"told-{member}-{fold}": told for (member, fold), told in self._told.items()}
        if self._groups is not None:
            arrays["groups"] = self._groups
        if self._trusted is not None:
            arrays["trusted"] = self._trusted
        if isinstance(cv, list):
            for number, (train, held_out) in enumerate(cv):
                arrays[f"train-{number}"], arrays[f"held-out-{number}"] = np.asarray(train), np.asarray(held_out)
        write_archive(path, header, arrays)

    @classmethod
    def load(cls, path: str | Path, *, cv: Any = None) -> Self:
        """Read a refinement that ``save`` wrote, to go on where it stood.

        Parameters
        ----------
        path : path
            The .npz file.
        cv : splitter or None
            The splitter, where it was made with one: objects are not stored.

        Raises
        ------
        InputError
            If the file is not one of ours, or a splitter is needed and not given.
        """
        header, arrays = read_archive(path, _FORMAT)
        if header["cv_kind"] == "splitter":
            if cv is None or type(cv).__name__ != header["cv"]:
                raise InputError(
                    f"{path} was made with cv={header['cv']}(...), which is not stored; give it again: load(path, cv=...)"
                )
        elif header["cv_kind"] == "pairs":
            cv = [(arrays[f"train-{number}"], arrays[f"held-out-{number}"]) for number in range(header["cv"])]
        else:
            cv = header["cv"]
        self = cls.__new__(cls)
        self.classes_ = arrays["classes"]
        # Files of earlier versions hold classes only.
        self.task_ = task_from_record(header.get("task") or {"name": "multiclass", "classes": self.classes_})
        self._codes, self._targets, self._groups = arrays["codes"], arrays["targets"], arrays.get("groups")
        self._given = arrays.get("given")  # files of earlier versions have none
        self._trusted = arrays.get("trusted")
        self.n_rounds, self.n_members = header["n_rounds"], header["n_members"]
        self.random_state_ = header["random_state"]
        seeds = Seeds(self.random_state_)
        fixed = header.get("fixed_folds", False)  # files of earlier versions do not say
        self._settings = Settings(check_cv(cv), header["momentum"], header["sharpen"], fixed_folds=fixed, seeds=seeds)
        self.round, self.history = header["round"], header["history"]
        self._told = {(member, fold): arrays[f"told-{member}-{fold}"] for member, fold in header["told"]}
        self._folds = self._split()
        if not np.array_equal(split_matrix(self._folds, len(self._codes)), arrays["split"]):
            raise InputError(
                f"cv splits the rows otherwise than when {path} was stored; give the same splitter, with the same seed"
            )
        return self

    def _split(self) -> list[Fold]:
        if self.round > self.n_rounds:
            return []
        seed = self._settings.seeds.integer("split", round=1 if self._settings.fixed_folds else self.round)
        return stochastic_folds(self._codes, self._settings.cv, groups=self._groups, seed=seed)

    def _seed(self, member: int, fold: int) -> int:
        return self._settings.seeds.integer("fit", round=self.round, member=member, fold=fold)

    def _close_round(self) -> None:
        parts = [(self._folds[fold].held_out, told) for (_, fold), told in sorted(self._told.items())]
        task = self.task_
        oof = average_held_out(parts, *self._targets.shape, sum_to_one=task.kind == "distribution")
        self._targets = refine_once(task, self._targets, oof, self._settings, self.round, self._trusted)
        judged = task.judged(oof, self._codes)  # (n,) bool
        scored = {"oof": judged} | ({} if self._trusted is None else {"trusted": judged & self._trusted})
        moved = task.differs(task.suggest(self._targets, self._codes, self._given), self._codes)
        if self._trusted is not None:
            moved &= ~self._trusted
        entry: dict[str, Any] = {"round": self.round, "moved": int(np.count_nonzero(moved))}
        for what, rows in scored.items():
            scores = task.scores(self._codes[rows], task.known(oof[rows])) if rows.any() else {}
            entry |= {f"{what}_{name}": value for name, value in scores.items()}
        self.history.append(entry)
        self.round += 1
        self._told = {}
        self._folds = self._split()

    def _missing(self) -> str:
        missing = [fold for fold in self.folds() if not fold.told]
        named = ", ".join(
            f"fold {fold.fold}" + (f" of member {fold.member}" if self.n_members > 1 else "") for fold in missing
        )
        return named
