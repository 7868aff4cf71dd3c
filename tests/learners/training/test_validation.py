import numpy as np
import pytest
from torch import nn

from softlabel.errors import InputError
from softlabel.learners.training.validation import EarlyStopping, inner_split


def test_stopping_waits_and_keeps_the_best():
    stopping, net = EarlyStopping(2), nn.Linear(1, 1)
    told = []
    for epoch, loss in enumerate([3.0, 2.0, 2.5, 2.1, 9.0], start=1):
        net.weight.data.fill_(epoch)
        told.append(stopping.told(loss, epoch, net))
        if told[-1]:
            break
    assert told == [False, False, False, True]
    assert (stopping.epoch, stopping.network.weight.item()) == (2, 2.0)


def split(counts, share, seed=0):
    codes = np.repeat(np.arange(len(counts)), counts)
    return codes, *inner_split(len(codes), codes, share, seed)


def test_rows_set_apart_are_the_share_of_each_class_and_the_rest_is_kept_in_order():
    codes, kept, apart = split([20, 40, 8], 0.25)
    assert sorted([*kept, *apart]) == list(range(68))
    assert np.bincount(codes[apart]).tolist() == [5, 10, 2]
    assert np.array_equal(kept, np.sort(kept))
    assert np.array_equal(apart, np.sort(apart))


def test_the_seed_says_which_rows_are_set_apart():
    first, again, other = (split([20, 20], 0.25, seed)[2].tolist() for seed in (1, 1, 2**62 + 3))
    assert first == again != other


@pytest.mark.parametrize("counts", [[10, 1], [1, 1, 1, 5], [4, 4]])
def test_few_rows_are_split_without_classes(counts):
    _, kept, apart = split(counts, 0.1)
    assert (len(kept), len(apart)) == (sum(counts) - 1, 1)


def test_a_share_that_leaves_nothing():
    with pytest.raises(InputError, match=r"validation_share=0\.9 of 4 rows leaves none"):
        split([2, 2], 0.9)


@pytest.mark.parametrize(
    ("losses", "told", "best"),
    [
        ([2.0, 2.0, 2.0], [False, False, True], 1),  # an equal loss is no smaller one
        ([3.0, 4.0, 2.0, 4.0, 1.0], [False] * 5, 5),  # waiting begins anew with each better one
        ([float("nan"), 1.0], [False, False], 2),
    ],
)
def test_how_long_stopping_waits(losses, told, best):
    stopping = EarlyStopping(2)
    assert [stopping.told(loss, epoch, nn.Linear(1, 1)) for epoch, loss in enumerate(losses, 1)] == told
    assert stopping.epoch == best


def test_rows_that_nothing_tells_apart_are_split_by_chance():
    kept, apart = inner_split(20, None, 0.25, 0)
    assert sorted([*kept, *apart]) == list(range(20))
    assert len(apart) == 5
