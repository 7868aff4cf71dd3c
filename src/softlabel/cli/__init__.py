"""The command line: ``softlabel refine | compare | label | predict | evaluate | export | info``.

Nothing heavy is imported here: each command imports what it needs when it is called, so that ``--help`` answers at once.
"""

from __future__ import annotations

import json
import os
import sys
import warnings

FAILED, WRONG_USAGE = 1, 2


def main() -> None:
    """Run the command line; exit status 0 done, 1 failed, 2 wrong usage. What is wrong is said in one line on stderr."""
    from softlabel.cli.app import app
    from softlabel.errors import FitError, InputError, SoftlabelError

    warnings.showwarning = _warn
    try:
        status = app(prog_name="softlabel", standalone_mode=False)
        if sys.stdout is not None:  # None where whoever started us has closed it
            sys.stdout.flush()  # what cannot be written is told here, not by the interpreter as it ends
        sys.exit(status)
    except InputError as error:
        _fail(str(error), type(error).__name__, WRONG_USAGE)
    except FitError as error:
        kept = "what is done is kept: once the cause is gone the same command goes on; with other settings give another --out"
        _fail(f"{error}; {kept}", type(error).__name__, FAILED)
    except SoftlabelError as error:
        _fail(str(error), type(error).__name__, FAILED)
    except BrokenPipeError:  # whoever read our output has read enough
        sys.stderr.close()
        sys.exit(FAILED)
    except OSError as error:  # files are read and written with errors of softlabel's own: this is most often stdout
        what = f"{error.filename} cannot be read or written" if error.filename else "the output cannot be written"
        _fail(f"{what}: {error.strerror or error}", type(error).__name__, FAILED)
    except Exception as error:
        if not hasattr(error, "format_message"):  # options that do not parse, as typer or click report them
            raise
        _fail(error.format_message(), "UsageError", WRONG_USAGE)


def _warn(message: Warning | str, category: type[Warning], *_: object, **__: object) -> None:
    """Show a warning as one line, without the place in the code that it came from."""
    print(f"softlabel: warning: {_for_options(' '.join(str(message).split()))}", file=sys.stderr)


def _for_options(message: str) -> str:
    """Return what the library says with its arguments as the options that they are here."""
    from typer.main import get_command

    from softlabel.cli.app import app
    from softlabel.cli.option_names import as_options, switches_of

    typed = sys.argv[1:]
    return as_options(message, switches_of(get_command(app), typed), typed)


def _fail(message: str, kind: str, status: int) -> None:
    message = _for_options(message)
    if message:  # no arguments at all: the help was printed instead
        print(f"softlabel: {' '.join(message.split())}", file=sys.stderr)
    try:
        if "--json" in sys.argv:
            print(json.dumps({"error": message, "kind": kind}))
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:  # what is left goes nowhere: the interpreter would try again as it ends, and fail
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(status)
