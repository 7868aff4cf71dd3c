"""Which column of a table has which role."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from softlabel.data.exact_columns import Kind
from softlabel.errors import InputError

VOTES_AS = ("share", "dawid-skene")
_OF_VOTES = ("votes",)  # as ``reference``: the shares of the votes


@dataclass(frozen=True)
class Columns:
    """Names of columns, and how to read what stands there.

    Attributes
    ----------
    label : str, tuple of str, or None
        One column of labels, or several columns of 0 and 1, a class each.
    id, groups : str or None
    drop : tuple of str
        Columns that are no features.
    image, text : str or None
        The one column that holds the features: pictures, or texts.
    votes : tuple of str
        Columns of counts or shares, a class each; or one file with the columns id, annotator and label.
    votes_as : "share" or "dawid-skene"
        How votes become first targets.
    reference : tuple of str
        Columns of true distributions; or ("votes",), the shares of the votes.
    noisy : tuple of str
        Columns of labels that may be wrong where those of ``label`` are right; no features, and not the labels either.
    trusted : str or None
        The column of yes and no that says which labels are known to be right.
    several : bool
        Whether a row may have several labels, or none.
    separator : str or None
        Between the names in one column of several labels; None: the first of ``|``, ``;`` and ``,`` that occurs there.
    label_kind : "integer", "text", "number" or None
        As for ``exact_values``.
    label_names : sequence or None
        The names that the columns of ``y``, ``targets`` and ``reference`` have in the training data.
    whole : bool
        Whether these rows are all that a file of votes may speak of; else it may know further ids.
    """

    label: str | tuple[str, ...] | None = None
    id: str | None = None
    groups: str | None = None
    drop: tuple[str, ...] = ()
    image: str | None = None
    text: str | None = None
    votes: tuple[str, ...] = ()
    votes_as: str = "share"
    reference: tuple[str, ...] = ()
    noisy: tuple[str, ...] = ()
    trusted: str | None = None
    several: bool = False
    separator: str | None = None
    label_kind: Kind | None = None
    label_names: Any = None
    whole: bool = True

    @classmethod
    def of(cls, **roles: Any) -> Columns:
        """Return the roles that options give; where several names may stand, a list or a single name serves too."""
        return cls(**roles)

    def __post_init__(self) -> None:
        for name in ("drop", "votes", "reference", "noisy"):
            value = getattr(self, name)
            object.__setattr__(self, name, (value,) if isinstance(value, str) else tuple(value))
        if self.label is not None and not isinstance(self.label, str):
            several = tuple(self.label)  # one column in a list is that column
            object.__setattr__(self, "label", None if not several else several[0] if len(several) == 1 else several)

    @property
    def labels(self) -> tuple[str, ...]:
        """The columns of labels."""
        return () if self.label is None else (self.label,) if isinstance(self.label, str) else self.label

    @property
    def vote_file(self) -> str | None:
        """The file of votes, where they stand in one."""
        one = self.votes[0] if len(self.votes) == 1 else ""
        return one if Path(one).suffix.lower() in (".csv", ".parquet") else None

    @property
    def vote_columns(self) -> tuple[str, ...]:
        """The columns of votes, where they stand in the table itself."""
        return () if self.vote_file is not None else self.votes

    @property
    def reference_is_votes(self) -> bool:
        """Whether the votes are the reference."""
        return self.reference == _OF_VOTES and bool(self.votes)

    @property
    def reference_columns(self) -> tuple[str, ...]:
        """The columns of the reference, where it stands in the table."""
        return () if self.reference_is_votes else self.reference

    @property
    def exact(self) -> list[str]:
        """Columns that are read to the letter."""
        names = (*self.labels, *self.noisy, self.trusted, self.id, self.groups, self.image, self.text)
        return [name for name in names if name is not None]

    @property
    def not_features(self) -> list[str]:
        """Columns of a table that are no features, each once."""
        numbers = (*self.vote_columns, *self.reference_columns)
        return list(dict.fromkeys([*self.exact, *numbers, *self.drop]))

    def check(self) -> None:
        """Refuse options that do not go together, and columns with two roles.

        Raises
        ------
        InputError
            Names the column or the option.
        """
        if self.votes_as not in VOTES_AS:
            raise InputError(f"votes_as={self.votes_as!r}; give one of {', '.join(VOTES_AS)}")
        if self.image is not None and self.text is not None:
            raise InputError(
                f"features are to be the pictures of column {self.image!r} and the texts of column {self.text!r}; give one"
            )
        if self.several and self.votes:
            raise InputError(
                "votes are for exclusive classes, and rows with several labels have none; give reference columns with "
                "the share of each label, or leave votes out"
            )
        if self.separator is not None and (not self.several or not isinstance(self.label, str) or not self.separator):
            raise InputError(
                f"separator={self.separator!r} parts the names in one column of several labels, and there is no such "
                "column; leave it out"
            )
        if len(self.votes) == 1 and self.vote_file is None:
            raise InputError(
                f"votes name the one column {self.votes[0]!r}; give one column a class, or one .csv or .parquet file "
                "with the columns id, annotator and label"
            )
        if len(self.reference_columns) == 1:
            hint = "; 'votes' means the shares of votes, and there are none" if self.reference == _OF_VOTES else ""
            raise InputError(f"reference names the one column {self.reference[0]!r}; give one column a class{hint}")
        self._refuse_two_roles()

    def _refuse_two_roles(self) -> None:
        single: dict[str, tuple[str | None, ...]] = {"image": (self.image,), "text": (self.text,), "label": self.labels}
        single |= {"votes": self.vote_columns, "reference": self.reference_columns, "corrupt": self.noisy}
        single |= {"trusted": (self.trusted,)}
        taken: dict[str, str] = {}
        for role, names in single.items():
            for name in names:
                if name is None:
                    continue
                if taken.get(name) == role:
                    raise InputError(f"column {name!r} is given twice as {role}; name each column once")
                if name in taken and (taken[name], role) != ("votes", "reference"):
                    raise InputError(_two_roles(name, taken[name], role))
                taken.setdefault(name, role)
        for role, names in {"id": (self.id,), "groups": (self.groups,), "drop": self.drop}.items():
            for name in names:
                if name in taken and (taken[name], role) != ("corrupt", "drop"):  # it is no feature in any case
                    raise InputError(_two_roles(name, taken[name], role))
        both = [name for name in (self.id, self.groups) if name is not None and name in self.drop]
        if both:
            raise InputError(f"column {both[0]!r} is to be dropped and is given another role too; name it once")

    def of_part(self, names: Iterable[str]) -> Columns:
        """Return the roles for further rows of the same kind, whose table has these columns only.

        Ids, groups, dropped columns and the reference may be missing there. Votes are read only where no label is named;
        columns of votes, of a reference, of noisy labels or of trust that are not read are no features either.
        """
        names = set(names)
        votes = self.votes if self.label is None else ()
        known = votes if self.reference_is_votes else set(self.reference) <= names
        reference = self.reference if known else ()
        others = (*self.vote_columns, *self.reference_columns, *self.noisy, *([self.trusted] if self.trusted else []))
        unread = set(others) - {*votes, *reference, *self.drop}
        return replace(
            self,
            id=self.id if self.id in names else None,
            groups=self.groups if self.groups in names else None,
            drop=tuple(name for name in (*self.drop, *sorted(unread)) if name in names),
            votes=votes,
            reference=reference,
            noisy=(),
            trusted=None,
            whole=False,
        )


def _two_roles(name: str, role: str, other: str) -> str:
    return f"column {name!r} is given as {role} and as {other}; a {role} column has that one role"
