from __future__ import annotations

import numpy as np
import pytest
import torch
from torchvision.transforms import v2

from softlabel.errors import InputError
from softlabel.learners.augmentation.mixing import Mixer, make_mixer


def images(b=6, c=3, h=16, w=24):
    return torch.rand(b, c, h, w, generator=torch.Generator().manual_seed(0))


def test_recipes_without_a_word_for_it_mix_nothing():
    for recipe in (None, "none", "crop+flip+autoaugment", lambda image: image):
        assert make_mixer(recipe) is None


def test_recipes_with_a_word_for_it():
    mixer = make_mixer("crop+mixup:0.2")
    assert (mixer.mixup, mixer.cutmix) == (0.2, None)
    mixer = make_mixer("cutmix+mixup")
    assert (mixer.mixup, mixer.cutmix) == (1.0, 1.0)
    with pytest.raises(InputError, match="unknown word 'mix'"):
        make_mixer("mix")


@pytest.mark.parametrize("mixer", [Mixer(mixup=1.0), Mixer(cutmix=1.0), Mixer(1.0, 1.0)])
def test_the_seed_alone_decides_and_nothing_is_changed(mixer):
    x = images()
    kept, state, numpy_state = x.clone(), torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    (first, view), (again, same), (other, _) = mixer(x, 3), mixer(x, 3), mixer(x, 4)
    assert torch.equal(first, again)
    assert torch.equal(view.share, same.share)
    assert not torch.equal(first, other)
    assert torch.equal(x, kept)
    assert torch.equal(torch.get_rng_state(), state)
    assert (np.random.get_state()[1] == numpy_state).all()  # noqa: NPY002
    assert first.dtype == torch.float32


@pytest.mark.parametrize("seed", range(5))
def test_mixup_is_torchvisions(seed):
    x = images()
    y, view = Mixer(mixup=1.0)(x, seed)
    share = view.share[0].item()
    assert (view.share == share).all()
    mixed = share * x + (1 - share) * x[view.partner]
    torch.testing.assert_close(y, mixed)
    theirs = v2.MixUp(num_classes=6)
    torch.testing.assert_close(y, theirs.transform(x, {"labels": None, "lam": share, "batch_size": 6}))
    targets = torch.eye(6)
    labels = share * targets + (1 - share) * targets[view.partner]
    torch.testing.assert_close(labels, theirs._mixup_label(torch.arange(6), lam=share))


@pytest.mark.parametrize("seed", range(8))
def test_cutmix_keeps_the_share_it_says(seed):
    x = images()
    y, view = Mixer(cutmix=1.0)(x, seed)
    own, others = y == x, y == x[view.partner]
    assert (own | others).all()
    kept = own.all(dim=1)  # (b, h, w)
    torch.testing.assert_close(kept.float().mean(dim=(1, 2)), view.share)
    assert (kept == kept[0]).all()  # one box for all
    rows, columns = (~kept[0]).any(dim=1).nonzero(), (~kept[0]).any(dim=0).nonzero()
    assert (~kept[0]).sum() == len(rows) * len(columns)  # it is a rectangle
    if len(rows):
        box = (columns.min().item(), rows.min().item(), columns.max().item() + 1, rows.max().item() + 1)
        theirs = v2.CutMix(num_classes=6).transform(x, {"labels": None, "box": box, "batch_size": 6})
        assert torch.equal(y, theirs)


def test_boxes_are_distributed_as_torchvisions_are():
    """Mean area kept, and how often nothing is cut, over many draws of each."""
    x = torch.zeros(1, 1, 16, 24)
    ours = torch.tensor([Mixer(cutmix=1.0)(x, seed)[1].share[0].item() for seed in range(3000)])
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        cutmix = v2.CutMix(num_classes=2)
        theirs = torch.tensor([cutmix.make_params([x])["lam_adjusted"] for _ in range(3000)])
    for share in (0.25, 0.5, 0.75, 0.99):
        assert (ours < share).float().mean().item() == pytest.approx((theirs < share).float().mean().item(), abs=0.04)
    assert ours.mean().item() == pytest.approx(theirs.mean().item(), abs=0.025)


def test_boxes_lie_anywhere():
    x = torch.stack([torch.zeros(1, 16, 24), torch.ones(1, 16, 24)])
    cut = sum(Mixer(cutmix=1.0)(x, seed)[0][0, 0] for seed in range(600))  # (h, w) how often each pixel was replaced
    assert cut.min() > 0
    across, down = cut.sum(dim=0), cut.sum(dim=1)
    assert (across @ torch.arange(24.0) / across.sum()).item() == pytest.approx(11.5, abs=0.6)
    assert (down @ torch.arange(16.0) / down.sum()).item() == pytest.approx(7.5, abs=0.6)


@pytest.mark.parametrize(("alpha", "variance"), [(1.0, 1 / 12), (0.2, 1 / (4 * 1.4)), (8.0, 1 / (4 * 17))])
def test_shares_of_mixup_are_beta(alpha, variance):
    x = torch.zeros(2, 1, 1, 1)
    shares = torch.tensor([Mixer(mixup=alpha)(x, seed)[1].share[0].item() for seed in range(3000)])
    assert shares.mean().item() == pytest.approx(0.5, abs=0.03)
    assert shares.var().item() == pytest.approx(variance, rel=0.1)


def test_both_take_turns():
    x = images()
    cut = [bool(((y == x) | (y == x[view.partner])).all()) for y, view in (Mixer(1.0, 1.0)(x, s) for s in range(300))]
    assert 120 < sum(cut) < 180


@pytest.mark.parametrize("mixer", [Mixer(mixup=1.0), Mixer(cutmix=1.0)])
def test_no_mass_is_lost(mixer):
    """Each image is the partner of exactly one other: what all images hold together is the same after mixing."""
    x = images(7)
    y, view = mixer(x, 3)
    assert sorted(view.partner.tolist()) == list(range(7))
    assert not (view.partner == torch.arange(7)).any()
    torch.testing.assert_close(y.sum(dim=0), x.sum(dim=0))
    targets = torch.softmax(torch.rand(7, 4), dim=1)
    share = view.share[:, None]
    mixed = share * targets + (1 - share) * targets[view.partner]
    torch.testing.assert_close(mixed.sum(dim=1), torch.ones(7))
    torch.testing.assert_close(mixed.sum(dim=0), targets.sum(dim=0))


@pytest.mark.parametrize("mixer", [Mixer(mixup=1.0), Mixer(cutmix=1.0)])
def test_an_image_alone_is_mixed_with_itself(mixer):
    x = images(1)
    y, view = mixer(x, 3)
    torch.testing.assert_close(y, x)
    assert view.partner.tolist() == [0]
    assert mixer(images(0), 3)[0].shape == (0, 3, 16, 24)
