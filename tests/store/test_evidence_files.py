from __future__ import annotations

import numpy as np
import pytest

from softlabel.errors import InputError
from softlabel.store.evidence_files import EvidenceFiles, evidence_units
from softlabel.store.paths import RunPaths
from softlabel.store.run_store import RunStore

ARRAYS = {"held_out": np.array([[0.25, 0.75]], dtype=np.float32)}


@pytest.fixture
def run(tmp_path):
    return RunStore.create(tmp_path / "run", {"state": "running"})


def test_a_unit_of_evidence_comes_back_from_its_own_folder(run):
    files = EvidenceFiles(run.paths, "1-rounds-pruned by momentum 0.75")
    assert files.get_unit(2, 0, 1) is None
    files.put_unit(2, 0, 1, ARRAYS, {"loss": 0.5})
    unit = files.get_unit(2, 0, 1)
    np.testing.assert_array_equal(unit.arrays["held_out"], ARRAYS["held_out"])
    assert unit.info == {"loss": 0.5}
    folder = run.paths.root / "evidence" / "1-rounds-pruned-by-momentum-0.75" / "rounds" / "02" / "units" / "m0-f1"
    assert sorted(path.name for path in folder.iterdir()) == ["held_out.npy", "unit.json"]


def test_parts_and_the_rounds_of_the_run_do_not_see_each_other(run):
    EvidenceFiles(run.paths, "1-plain").put_unit(1, 0, 0, ARRAYS)
    assert EvidenceFiles(run.paths, "2-plain").get_unit(1, 0, 0) is None
    assert run.get_unit(1, 0, 0) is None
    assert run.rounds() == run.paths.round_numbers() == []


def test_times_of_evidence_are_with_those_of_the_run(run):
    run.append_timing({"round": 1, "seconds": 2.0})
    EvidenceFiles(run.paths, "1-plain").append_timing({"round": 1, "seconds": 0.5})
    assert run.timings() == [{"round": 1, "seconds": 2.0}, {"evidence": "1-plain", "round": 1, "seconds": 0.5}]
    assert not list(run.paths.root.glob("evidence/**/timing.jsonl"))


def test_units_are_counted_over_all_parts_and_rounds(run):
    assert evidence_units(run.paths) == 0
    for name, address in (
        ("1-plain", (1, 0, 0)),
        ("1-plain", (1, 0, 1)),
        ("1-fit-given", (1, 1, 0)),
        ("2-a b", (2, 0, 0)),
    ):
        EvidenceFiles(run.paths, name).put_unit(*address, ARRAYS)
    assert evidence_units(run.paths) == 4
    EvidenceFiles(run.paths, "1-plain").put_unit(1, 0, 1, ARRAYS)  # again: it is the same one
    run.put_unit(1, 0, 0, ARRAYS)  # of a round: no evidence
    half = RunPaths(run.paths.evidence("2-plain")).unit(1, 0, 0)
    half.mkdir(parents=True)  # without its unit.json: not whole
    assert evidence_units(run.paths) == 4


@pytest.mark.parametrize("name", ["", "../plain", "1/plain"])
def test_a_name_that_leads_elsewhere_is_refused(run, name):
    with pytest.raises(InputError, match="cannot be the name of a stored file"):
        EvidenceFiles(run.paths, name)
