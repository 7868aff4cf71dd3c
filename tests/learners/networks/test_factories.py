from __future__ import annotations

from functools import partial

import pytest
import torch
from torch import nn

from softlabel.errors import InputError
from softlabel.learners.networks.factories import from_factory

WORDS = {
    "input_shape": (3, 4, 5),
    "n_outputs": 7,
    "num_classes": 7,
    "in_channels": 3,
    "in_chans": 3,
    "n_features": 60,
    "in_features": 60,
}


class Called(nn.Module):
    def __init__(self, got):
        super().__init__()
        self.got = got


def got_by(factory, shape=(3, 4, 5)):
    return from_factory(factory, shape, 7).got


@pytest.mark.parametrize("word", WORDS)
def test_each_word_that_is_named_is_given(word):
    namespace = {"Called": Called}
    exec(f"def factory({word}, other=5): return Called(({word}, other))", namespace)
    assert got_by(namespace["factory"]) == (WORDS[word], 5)
    exec(f"def keyword_only(*, {word}=None): return Called({word})", namespace)
    assert got_by(namespace["keyword_only"]) == WORDS[word]


def test_rows_of_numbers_have_no_channels():
    def factory(n_features, in_channels=None):
        return Called((n_features, in_channels))

    assert got_by(factory, (9,)) == (9, None)


def test_a_factory_without_parameters():
    assert got_by(lambda: Called("nothing")) == "nothing"


def test_a_class_and_a_bound_method():
    class Network(Called):
        def __init__(self, in_channels, n_outputs):
            super().__init__((in_channels, n_outputs))

    class Maker:
        def make(self, num_classes):
            return Called(num_classes)

    assert got_by(Network) == (3, 7)
    assert got_by(Maker().make) == 7


def test_any_keyword_means_the_number_of_classes():
    assert got_by(lambda **settings: Called(settings)) == {"num_classes": 7}
    assert got_by(lambda in_chans, **settings: Called({"in_chans": in_chans, **settings})) == {
        "in_chans": 3,
        "num_classes": 7,
    }
    assert got_by(lambda n_outputs, **settings: Called((n_outputs, settings))) == (7, {})


def test_what_a_partial_has_set_stays():
    def factory(in_channels, num_classes, width=1):
        return Called((in_channels, num_classes, width))

    assert got_by(partial(factory, num_classes=99, width=2)) == (3, 99, 2)
    assert got_by(partial(factory, 1)) == (1, 7, 1)
    assert got_by(partial(lambda **settings: Called(settings), num_classes=99)) == {"num_classes": 99}


def test_networks_of_torchvision():
    models = pytest.importorskip("torchvision.models")
    network = from_factory(models.squeezenet1_1, (3, 32, 32), 7)
    assert network.eval()(torch.rand(1, 3, 32, 32)).shape == (1, 7)


def test_a_factory_that_fails_is_told_in_one_line():
    def broken(n_outputs):
        raise RuntimeError("no\nluck")

    with pytest.raises(InputError, match=r"broken failed when called with \{'n_outputs': 7\}: RuntimeError: no luck;"):
        from_factory(broken, (3, 4, 5), 7)
    with pytest.raises(InputError, match="missing 1 required positional argument: 'width'"):
        from_factory(lambda width: None, (3, 4, 5), 7)


@pytest.mark.parametrize(
    ("factory", "says"),
    [
        (lambda: None, "returned a NoneType; it must return a torch.nn.Module"),
        (lambda: nn.Linear, "returned a type"),
        (lambda: nn.Sequential(nn.LazyLinear(3)), "lazy layers"),
    ],
)
def test_what_is_no_network(factory, says):
    with pytest.raises(InputError, match=says):
        from_factory(factory, (3, 4, 5), 7)
