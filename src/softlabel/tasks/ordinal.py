"""Grades with an order, in two views."""

from __future__ import annotations

from typing import Any

from numpy.typing import ArrayLike

from softlabel.errors import InputError
from softlabel.tasks.grade_scale import scale_of
from softlabel.tasks.ordinal_distribution import OrdinalDistribution
from softlabel.tasks.ordinal_scalar import OrdinalScalar

VIEWS = ("scalar", "distribution")


class Ordinal:
    """Makes ordinal tasks, of one of two views.

    ``scalar`` (the paper's): a target is a grade as a number, any regressor is trained on it, thresholds make it a grade again.
    ``distribution``: a target is a distribution over the grades, any classifier is trained on it, its median is the grade.

    Examples
    --------
    >>> task = Ordinal.from_labels([0, 1, 2, 2])
    >>> task.encode([2]), task.harden([[1.4]])
    (array([[2.]], dtype=float32), array([1]))
    >>> Ordinal.from_labels([0, 1, 2, 2], view="distribution").harden([[0.4, 0.2, 0.4]])
    array([1])
    >>> Ordinal.from_labels(["low", "high"], grades=["low", "middle", "high"]).encode(["high"])
    array([[2.]], dtype=float32)
    """

    @staticmethod
    def from_labels(
        y: Any, view: str = "scalar", grades: ArrayLike | None = None, start: str | None = None
    ) -> OrdinalScalar | OrdinalDistribution:
        """Return the task of labels.

        Parameters
        ----------
        y : (n,)
            Whole numbers; any numbers in the scalar view (with a warning); texts where ``grades`` says their order.
        view : {"scalar", "distribution"}
        grades : (k,) or None
            All grades, lowest first; None: those that occur in ``y``.
        start : str or None
            Of the distribution view: ``one_hot`` (None) or ``unimodal[:SPREAD]``; see ``OrdinalDistribution``.

        Raises
        ------
        InputError
            For an unknown view or start, texts without an order, labels that are no grades, or that the view cannot take.
        """
        if view not in VIEWS:
            raise InputError(f"view={view!r}; give one of {', '.join(VIEWS)}")
        if view == "scalar":
            if start not in (None, "one_hot"):
                raise InputError(f"start={start!r} is for distributions, and the scalar view has numbers; leave it out")
            return OrdinalScalar(scale_of(y, grades, fractions=True))
        return OrdinalDistribution(scale_of(y, grades, fractions=False), start or "one_hot")
