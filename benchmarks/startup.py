"""How long ``import softlabel`` and ``softlabel --help`` take, and which heavy packages they load.

    python benchmarks/startup.py [--runs 11]

Each run is a fresh process, in turn with a bare ``python -c pass``. At most 0.5 s; nothing heavy loaded.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

from cells import commit, machine

COMMANDS = {
    "python -c pass": "pass",
    "import softlabel": "import softlabel",
    "softlabel --help": "import sys; sys.argv = ['softlabel', '--help']; from softlabel.cli import main; main()",
    "softlabel refine --help": "import sys; sys.argv = ['softlabel', 'refine', '--help']; from softlabel.cli import main; main()",
}
HEAVY = ("sklearn", "pandas", "skrub", "torch", "ray", "matplotlib")


def loaded(code: str) -> list[str]:
    """Return which heavy packages a piece of code loads."""
    script = f"import atexit, sys\natexit.register(lambda: print([m for m in {HEAVY} if m in sys.modules], file=sys.stderr))\n{code}"
    return json.loads(
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stderr.replace("'", '"')
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=11)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/startup.json"))
    arguments = parser.parse_args()
    seconds: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(arguments.runs + 1):  # the first of each is a warm-up
        for name, code in COMMANDS.items():
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], capture_output=True)
            seconds[name].append(time.perf_counter() - start)
    result = {
        "machine": machine(),
        "commit": commit(),
        "runs": arguments.runs,
        "median_seconds": {name: statistics.median(times[1:]) for name, times in seconds.items()},
        "highest_seconds": {name: max(times[1:]) for name, times in seconds.items()},
        "heavy_packages": {name: loaded(code) for name, code in COMMANDS.items()},
    }
    print(json.dumps(result, indent=1))
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
