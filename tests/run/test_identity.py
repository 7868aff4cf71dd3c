from __future__ import annotations

import pytest

from softlabel.errors import RunConflictError
from softlabel.run.identity import check_same_run

PRINT = {"sha256": "a", "n_rows": 10, "n_columns": 2}
RECORD = {"identity": {"momentum": 0.75, "drop": []}, "fingerprint": {"source": PRINT}, "rounds": 3}


def test_the_same_run_may_go_on_and_grow():
    check_same_run(RECORD, RECORD["identity"], RECORD["fingerprint"], 3)
    check_same_run(RECORD, RECORD["identity"], RECORD["fingerprint"], 5)


@pytest.mark.parametrize(
    ("identity", "prints", "rounds", "message"),
    [
        ({"momentum": 0.5, "drop": []}, RECORD["fingerprint"], 3, "momentum was 0.75, now 0.5"),
        ({"momentum": 0.75, "drop": ["x"]}, RECORD["fingerprint"], 3, r"drop was not given, now \['x'\]"),
        ({"momentum": 0.75, "drop": [], "new_key": 1}, RECORD["fingerprint"], 3, "new-key was not given, now 1"),
        (RECORD["identity"], {"source": PRINT | {"sha256": "b"}}, 3, "the data changed"),
        (RECORD["identity"], {"source": PRINT, "test": PRINT}, 3, "the test data was missing and is now given"),
        (RECORD["identity"], {}, 3, "the data was given and is now missing"),
        (RECORD["identity"], RECORD["fingerprint"], 2, "rounds was 3, now 2"),
    ],
)
def test_each_difference_is_named(identity, prints, rounds, message):
    with pytest.raises(RunConflictError, match=message):
        check_same_run(RECORD, identity, prints, rounds)
