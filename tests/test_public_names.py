from __future__ import annotations

import pickle

import pytest

import softlabel


def test_every_public_name_can_be_had():
    for name in softlabel.__all__:
        assert getattr(softlabel, name) is not None
    assert set(softlabel._HOME) | {"__version__"} == set(softlabel.__all__)
    assert set(softlabel.__all__) <= set(dir(softlabel))


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="Refinary"):
        _ = softlabel.Refinary


def test_every_error_is_a_softlabel_error_and_a_built_in_one():
    for name in softlabel.__all__:
        value = getattr(softlabel, name)
        if isinstance(value, type) and issubclass(value, Exception):
            assert issubclass(value, softlabel.SoftlabelError)
    assert issubclass(softlabel.InputError, ValueError)
    assert issubclass(softlabel.StorageError, OSError)
    assert issubclass(softlabel.MissingExtraError, ImportError)
    assert "pip install 'softlabel[boost]'" in str(softlabel.MissingExtraError("lightgbm", "boost"))


@pytest.mark.parametrize(
    "error",
    [
        softlabel.MissingExtraError("lightgbm", "boost"),
        softlabel.FitError("it failed", round=2, member=1, fold=3),
        softlabel.InputError("odd"),
        softlabel.StorageError("the disk is full"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_survive_the_way_from_one_process_to_another(error):
    error.add_note("a traceback")
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert vars(again) == vars(error)
