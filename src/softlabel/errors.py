"""Every error that softlabel raises on purpose.

Each message is one line: what was got, what is allowed, what to do next. All of them are ``SoftlabelError``, and each
also is the built-in error that a caller who does not know this package would catch (``ValueError`` for bad input, say).
"""

from __future__ import annotations


class SoftlabelError(Exception):
    """Base of all errors raised on purpose by softlabel."""


class InputError(SoftlabelError, ValueError):
    """What the caller gave cannot be used: labels, targets, a file, an option."""


class FitError(SoftlabelError, ValueError):
    """A learner failed while it was fitted or while it predicted.

    Attributes
    ----------
    round, member, fold : int
        Address of the fit that failed; ``round`` is counted from 1, ``member`` and ``fold`` from 0. A final fit has
        ``round`` None.
    """

    def __init__(self, message: str, *, round: int | None = None, member: int = 0, fold: int = 0) -> None:
        super().__init__(message)
        self.round = round
        self.member = member
        self.fold = fold


class FitTypeError(FitError, TypeError):
    """A ``FitError`` whose cause was a ``TypeError``: cells of an unusable type, say."""


class RunError(SoftlabelError, RuntimeError):
    """A run directory cannot be used as asked."""


class RunLockedError(RunError):
    """Another living process owns the run directory."""


class RunConflictError(RunError):
    """The run directory holds a run of another configuration or of other data."""


class NewerFormatError(RunError):
    """The run directory was written by a newer version of softlabel."""


class DamagedRunError(RunError):
    """A file of the run directory is missing, cut short or was changed by hand."""


class StorageError(SoftlabelError, OSError):
    """The disk refused: full, read-only, or no permission."""


class MissingExtraError(SoftlabelError, ImportError):
    """An optional dependency is not installed; the message gives the line that installs it."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(f"{package} is not installed; install it with: pip install 'softlabel[{extra}]'")
        self.package = package
        self.extra = extra

    def __reduce__(self) -> tuple[object, ...]:
        # An error is rebuilt from its message alone unless it says otherwise; this one is made of two names.
        return type(self), (self.package, self.extra), self.__dict__
