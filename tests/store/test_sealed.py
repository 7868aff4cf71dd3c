from __future__ import annotations

import json

import pytest

from softlabel.errors import DamagedRunError, NewerFormatError
from softlabel.store.sealed import read_sealed, write_sealed

RECORD = {"format_version": 1, "seeds": {"random_state": 7}, "momentum": 0.75, "classes": ["ä", "b"], "nothing": None}


@pytest.fixture
def path(tmp_path):
    write_sealed(tmp_path / "run.json", RECORD)
    return tmp_path / "run.json"


def read(path, **options):
    return read_sealed(path, advice="do this", **options)


def change(path, **changes):
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_what_was_written_is_read(path):
    assert read(path) == RECORD
    assert read(path, newest_format=1) == RECORD
    assert "checksum" in json.loads(path.read_text())


def test_written_in_another_order_or_layout_it_is_the_same(path):
    record = json.loads(path.read_text())
    path.write_text(json.dumps(dict(reversed(record.items()))))
    assert read(path) == RECORD


@pytest.mark.parametrize("changes", [{"momentum": 0.5}, {"seeds": {"random_state": 8}}, {"more": 1}, {"checksum": "0"}])
def test_each_change_by_hand_is_noticed(path, changes):
    change(path, **changes)
    with pytest.raises(DamagedRunError, match=r"does not agree with its checksum .*; do this"):
        read(path)


def test_a_missing_key_a_missing_seal_and_no_record(path):
    record = json.loads(path.read_text())
    path.write_text(json.dumps({key: value for key, value in record.items() if key != "momentum"}))
    with pytest.raises(DamagedRunError, match="does not agree"):
        read(path)
    path.write_text(json.dumps(RECORD))
    with pytest.raises(DamagedRunError, match="lacks its checksum"):
        read(path)
    path.write_text("[1, 2]")
    with pytest.raises(DamagedRunError, match="holds a list"):
        read(path)


def test_a_newer_format_is_told_from_damage(path):
    change(path, format_version=2, unknown="of the future")  # its seal need not be understood either
    with pytest.raises(NewerFormatError, match=r"format 2, .* up to 1; upgrade: pip install --upgrade softlabel"):
        read(path, newest_format=1)
    for version in ("1", True, 0, None):
        change(path, format_version=version)
        with pytest.raises(DamagedRunError, match="no format_version"):
            read(path, newest_format=1)
