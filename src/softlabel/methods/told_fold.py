"""One fold as ``Refinement`` hands it out: rows to train on, rows to predict, and where to tell the predictions."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from softlabel.data.folds import Fold


class Owner(Protocol):
    """Whoever handed out the fold and takes its predictions."""

    def is_told(self, round: int, member: int, fold: int) -> bool: ...

    def tell(self, round: int, member: int, fold: int, predictions: Any) -> None: ...


def address_name(round: int, member: int, fold: int) -> str:
    """Return an address in words."""
    return f"round {round}, member {member}, fold {fold}"


class FoldToTell:
    """One fold of one round: rows to train on, their targets, and rows to predict.

    Attributes
    ----------
    round, member, fold : int
        Its address; rounds count from 1, members and folds from 0.
    train, held_out : (n_train,) and (n_held_out,) int
        Row positions.
    targets : (n_train, m) float32
        What to train on, a copy.
    seed : int
        A seed that belongs to this address, for whoever wants repeatable training.
    """

    def __init__(self, owner: Owner, address: tuple[int, int, int], rows: Fold, targets: np.ndarray, seed: int) -> None:
        self.round, self.member, self.fold = address
        self.train, self.held_out = rows.train, rows.held_out
        self.targets = targets[rows.train]
        self.seed = seed
        self._owner = owner

    @property
    def told(self) -> bool:
        """Whether predictions for this fold have been told."""
        return self._owner.is_told(self.round, self.member, self.fold)

    def tell(self, predictions: Any) -> None:
        """Hand in the predictions of the held-out rows.

        Parameters
        ----------
        predictions : (n_held_out, k) or (n_held_out, 1)
            Class probabilities, columns in the order of ``Refinement.classes_``, rows that sum to 1; the chance of each label where a
            row may have several; grades as numbers in the scalar view.

        Raises
        ------
        InputError
            If this fold was told already, its round is over, or the predictions have a wrong shape or NaN, negative or
            unnormalisable rows. Nothing is changed then.
        """
        self._owner.tell(self.round, self.member, self.fold, predictions)

    def __repr__(self) -> str:
        return (
            f"<fold {self.fold}, member {self.member}, round {self.round}: "
            f"{len(self.train)} rows to train on, {len(self.held_out)} to predict>"
        )
