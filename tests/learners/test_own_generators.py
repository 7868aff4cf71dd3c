from contextlib import suppress

import torch

from softlabel.learners.own_generators import own_generators


def test_the_same_seed_draws_the_same_whatever_was_drawn_before():
    with own_generators(3):
        first = torch.rand(4)
    torch.rand(7)
    with own_generators(3):
        assert torch.equal(torch.rand(4), first)
    with own_generators(4):
        assert not torch.equal(torch.rand(4), first)


def test_the_callers_draws_go_on_as_if_nothing_had_happened():
    torch.manual_seed(0)
    expected = torch.rand(3)
    torch.manual_seed(0)
    with suppress(RuntimeError), own_generators(5):
        torch.rand(2)
        raise RuntimeError("in the middle")
    assert torch.equal(torch.rand(3), expected)
