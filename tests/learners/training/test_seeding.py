import torch

from softlabel.learners.training.seeding import address, isolated


def test_each_part_of_an_address_matters():
    seeds = {address(0, 1, 2, 3), address(1, 1, 2, 3), address(0, 2, 2, 3), address(0, 1, 3, 3), address(0, 1, 2, 4)}
    assert len(seeds) == 5
    assert address(0, 1, 2, 3) == address(0, 1, 2, 3)
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_isolated_seeds_and_puts_back():
    torch.rand(3)
    before = torch.random.get_rng_state()
    with isolated(7, torch.device("cpu")):
        first = torch.rand(2)
    assert torch.equal(torch.random.get_rng_state(), before)
    with isolated(7, torch.device("cpu")):
        assert torch.equal(torch.rand(2), first)


def test_another_seed_draws_otherwise():
    draws = []
    for seed in (7, 8):
        with isolated(seed, torch.device("cpu")):
            draws.append(torch.rand(2))
    assert not torch.equal(*draws)
