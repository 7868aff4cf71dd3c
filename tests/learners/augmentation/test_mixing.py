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
    assert (mixer.mixup, mixer.cutmix, mixer.ricap) == (0.2, None, None)
    mixer = make_mixer("cutmix+mixup")
    assert (mixer.mixup, mixer.cutmix, mixer.ricap) == (1.0, 1.0, None)
    mixer = make_mixer("flip+ricap")
    assert (mixer.mixup, mixer.cutmix, mixer.ricap) == (None, None, 0.3)
    with pytest.raises(InputError, match="unknown word 'mix'"):
        make_mixer("mix")


@pytest.mark.parametrize("mixer", [Mixer(mixup=1.0), Mixer(cutmix=1.0), Mixer(ricap=1.0), Mixer(1.0, 1.0, 0.3)])
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


def test_a_seed_means_the_mix_that_it_meant_before():
    """Draws made when there were two ways of mixing: trainings that used them must give the same bytes again."""
    for mixer, shares in (
        (Mixer(1.0), (0.7024679, 0.2656120)),
        (Mixer(cutmix=1.0), (0.875, 0.6354167)),
        (Mixer(1.0, 1.0), (0.9375, 0.9375)),
    ):
        found = [mixer(images(), seed)[1].share[0].item() for seed in (0, 3)]
        assert found == pytest.approx(shares, abs=1e-6)


@pytest.mark.parametrize("seed", range(8))
def test_ricap_patches_four_pictures_and_keeps_the_shares_it_says(seed):
    b, h, w = 6, 16, 24
    # Each pixel tells its picture, row and column.
    x = torch.stack(torch.meshgrid(torch.arange(b), torch.arange(h), torch.arange(w), indexing="ij"), dim=1).float()
    y, view = Mixer(ricap=1.0)(x, seed)
    assert view.partner.shape == (b, 3)
    assert view.share.shape == (b, 4)
    assert view.share.dtype == torch.float32
    torch.testing.assert_close(view.share.sum(dim=1), torch.ones(b))
    for i in range(b):
        four = [i, *view.partner[i].tolist()]
        assert four == [(i - step) % b for step in range(4)]
        for whose, share in zip(four, view.share[i].tolist(), strict=True):
            part = y[i, 0] == whose  # (h, w)
            assert part.float().mean().item() == pytest.approx(share)
            if part.any():
                rows, columns = part.any(dim=1).nonzero().flatten(), part.any(dim=0).nonzero().flatten()
                assert part.sum() == len(rows) * len(columns)  # a rectangle, and of one crop:
                crop = y[i, 1:][:, rows][:, :, columns]  # (2, high, wide)
                assert (crop[0] == crop[0, 0, 0] + torch.arange(len(rows))[:, None]).all()
                assert (crop[1] == crop[1, 0, 0] + torch.arange(len(columns))).all()
    assert (y[:, 1:] == y[:1, 1:]).all()  # one boundary and the same four crops for the batch
    # Top left is the picture itself, then row by row the ones before it.
    corners = {(0, 0): 0, (0, -1): 1, (-1, 0): 2, (-1, -1): 3}
    for (row, column), step in corners.items():
        if view.share[0, step] > 0:
            assert y[5, 0, row, column] == 5 - step


@pytest.mark.parametrize("axis", [0, 1])
def test_boundaries_of_ricap_are_beta_and_its_crops_come_from_anywhere(axis):
    x = torch.arange(64.0).expand(1, 1, 64, 64)  # pixels tell their column, or their row
    x = x if axis else x.mT
    sides, starts = [], []
    for seed in range(2000):
        y, view = Mixer(ricap=0.3)(x, seed)
        first, right, below, _ = view.share[0].tolist()
        other = right if axis else below
        if first + other > 0:
            sides.append(first / (first + other))
            if 0.2 < sides[-1] < 0.5:
                starts.append((y[0, 0, 0, 0] / (64 - round(64 * sides[-1]))).item())
    assert np.mean(sides) == pytest.approx(0.5, abs=0.03)
    assert np.var(sides) == pytest.approx(1 / (4 * 1.6), rel=0.1)
    assert (min(starts), max(starts)) == (0.0, 1.0)
    assert np.mean(starts) == pytest.approx(0.5, abs=0.06)


MIXERS = [Mixer(mixup=1.0), Mixer(cutmix=1.0), Mixer(ricap=1.0)]
GROUPS = torch.tensor([2, 0, 2, 1, 0, 2, 2])  # 0: rows 1 and 4; 1: row 3; 2: rows 0, 2, 5 and 6


@pytest.mark.parametrize("mixer", MIXERS)
@pytest.mark.parametrize("seed", [0, 3])
def test_groups_are_mixed_among_themselves(mixer, seed):
    x = images(7)
    y, view = mixer(x, seed, GROUPS)
    partners = view.partner.reshape(7, -1)
    assert (GROUPS[partners] == GROUPS[:, None]).all()
    assert partners[:, 0].tolist() == [6, 4, 0, 3, 1, 2, 5]
    if partners.shape[1] == 3:
        assert partners[0].tolist() == [6, 5, 2]
        assert partners[1].tolist() == [4, 1, 4]
        assert partners[3].tolist() == [3, 3, 3]
    else:
        torch.testing.assert_close(y[3], x[3])  # alone, so mixed with itself
    # What a group becomes depends on none of the others.
    changed = x.clone()
    changed[GROUPS != 2] = 0.5
    assert torch.equal(mixer(changed, seed, GROUPS)[0][GROUPS == 2], y[GROUPS == 2])


@pytest.mark.parametrize("mixer", [*MIXERS, Mixer(1.0, 1.0, 1.0)])
def test_one_group_is_no_groups(mixer):
    x = images()
    for seed in range(4):
        (alone, view), (grouped, same) = mixer(x, seed), mixer(x, seed, torch.full((6,), 7))
        assert torch.equal(alone, grouped)
        assert torch.equal(view.partner, same.partner)
        assert torch.equal(view.share, same.share)
    assert mixer(images(0), 3, torch.empty(0, dtype=torch.int64))[0].shape == (0, 3, 16, 24)


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


def test_all_take_turns():
    x = images()
    kinds = [Mixer(1.0, 1.0, 1.0)(x, seed) for seed in range(300)]
    patched = [view.partner.ndim == 2 for _, view in kinds]
    cut = [view.partner.ndim == 1 and bool(((y == x) | (y == x[view.partner])).all()) for y, view in kinds]
    assert all(70 < count < 130 for count in (sum(patched), sum(cut), 300 - sum(patched) - sum(cut)))


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


def test_ricap_of_one_picture_and_of_none():
    y, view = Mixer(ricap=1.0)(images(1), 3)
    assert torch.isin(y, images(1)).all()
    assert view.partner.tolist() == [[0, 0, 0]]
    assert Mixer(ricap=1.0)(images(0), 3)[0].shape == (0, 3, 16, 24)
