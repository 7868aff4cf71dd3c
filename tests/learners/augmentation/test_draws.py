from __future__ import annotations

import torch

from softlabel.learners.augmentation.draws import borrowed_generator, generator, image_seeds, step_seeds


def test_a_seed_draws_the_same_each_time():
    assert torch.equal(torch.rand(5, generator=generator(3)), torch.rand(5, generator=generator(3)))
    assert not torch.equal(torch.rand(5, generator=generator(3)), torch.rand(5, generator=generator(4)))
    torch.rand(1, generator=generator(2**63 - 1))


def test_images_have_different_seeds_and_a_longer_batch_the_same_ones():
    seeds = image_seeds(5, 100)
    assert len(set(seeds)) == 100
    assert image_seeds(5, 40) == seeds[:40]
    assert not set(image_seeds(6, 100)) & set(seeds)
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_the_global_generator_is_lent_and_put_back():
    before = torch.get_rng_state()
    with borrowed_generator(torch.device("cpu")) as draws:
        draws.manual_seed(1)
        first = torch.rand(3)
        draws.manual_seed(1)
        assert torch.equal(torch.rand(3), first)
    assert torch.equal(torch.get_rng_state(), before)


def test_it_is_put_back_after_an_error_too():
    before = torch.get_rng_state()
    try:
        with borrowed_generator(torch.device("cpu")) as draws:
            draws.manual_seed(1)
            raise KeyError
    except KeyError:
        assert torch.equal(torch.get_rng_state(), before)


def test_each_step_has_a_seed_of_its_own():
    assert step_seeds(3) == step_seeds(3)
    assert len({*step_seeds(3), *step_seeds(4)}) == 6
    assert all(0 <= seed < 2**63 for seed in step_seeds(2**62))
