"""What whoever compares should know of the rows before believing a table; none of it is refused."""

from __future__ import annotations

from collections.abc import Sequence

from softlabel.data.feature_names import names_of_rows
from softlabel.data.shared_rows import groups_also_in, ids_also_in, rows_also_in
from softlabel.run.data_reading import DataRead

_FEWEST = 30  # test rows: each is worth 3 points of accuracy and more


def cautions(data: DataRead, n_test: int, *, ids_named: bool) -> tuple[str, ...]:
    """Return what is odd about the rows of a comparison, a sentence each.

    Parameters
    ----------
    data : DataRead
    n_test : int
        Rows that the first seed scores with.
    ids_named : bool
        Whether ids are names of rows, not their numbers.
    """
    told = [*names_of_rows(data.train.X), *_shared(data, ids_named=ids_named)]
    if n_test < _FEWEST:
        told.append(f"only {n_test} row{'' if n_test == 1 else 's'} to score with: scores are coarse")
    return tuple(told)


def _shared(data: DataRead, *, ids_named: bool) -> list[str]:
    """Return how test rows are related to training rows; where each seed draws its own, they are no training rows."""
    train, test, told = data.train, data.test, []
    if test is None:
        return []
    same = int(rows_also_in(test.X, train.X).sum())
    if same:
        them = "it" if same == 1 else "them"
        told.append(
            f"{_of_test_rows(same, len(test))} also {'a training row' if same == 1 else 'training rows'} (the same features): "
            f"scores on {them} are too good"
        )
    ids = ids_also_in(test, train) if ids_named else []
    if ids:
        told.append(f"{len(ids)} of {len(test)} ids of test rows are also ids of training rows ({_examples(ids)})")
    groups = groups_also_in(test, train)
    if groups:
        told.append(
            f"{len(groups)} group{'' if len(groups) == 1 else 's'} with test rows also {'has' if len(groups) == 1 else 'have'} "
            f"training rows ({_examples(groups)}): scores on rows of such groups are too good"
        )
    return told


def _of_test_rows(number: int, total: int) -> str:
    return f"{number} of {total} test row{'' if total == 1 else 's'} {'is' if number == 1 else 'are'}"


def _examples(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
