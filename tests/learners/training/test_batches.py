import numpy as np
import pytest
import torch

from softlabel.data.images import Images
from softlabel.errors import FitError, InputError
from softlabel.learners.augmentation.augmenter import make_augmenter
from softlabel.learners.augmentation.mixing import make_mixer
from softlabel.learners.training.batches import Normalisation, ShuffledBatches
from softlabel.learners.training.input_rows import input_rows

CPU = torch.device("cpu")


class Share:
    """One of several processes, without the others."""

    def __init__(self, rank, world):
        self.rank, self.world = rank, world


def pictures(n=11):
    return np.random.default_rng(0).integers(0, 256, (n, 8, 8, 3), dtype=np.uint8)


def batches(X=None, batch_size=4, **options):
    return batches_of(input_rows(Images.from_array(pictures()) if X is None else X, CPU), batch_size, **options)


def batches_of(rows, batch_size=4, **options):
    shape = (3, 1, 1) if rows.pictures else rows.shape
    options = {"seed": 5} | options
    return ShuffledBatches(rows, Normalisation(torch.zeros(shape), torch.ones(shape)), CPU, batch_size, **options)


def same(first, second):
    return len(first) == len(second) and all(
        torch.equal(a.index, b.index) and torch.equal(a.x, b.x) for a, b in zip(first, second, strict=True)
    )


def test_each_row_once_an_epoch_in_another_order():
    made = batches()
    orders = [torch.cat([batch.index for batch in made.epoch(epoch)]).tolist() for epoch in (1, 2)]
    assert sorted(orders[0]) == sorted(orders[1]) == list(range(11))
    assert orders[0] != orders[1]


def test_pictures_are_scaled_to_one_and_channels_come_first():
    X = pictures()
    for batch in batches().epoch(1):
        expected = torch.from_numpy(X[batch.index.numpy()]).permute(0, 3, 1, 2).float() / 255
        assert torch.allclose(batch.x, expected)


def test_normalisation_by_hand():
    normalise = Normalisation(torch.tensor([0.5])[:, None, None], torch.tensor([0.25])[:, None, None])
    x = torch.full((1, 1, 2, 2), 255, dtype=torch.uint8)
    assert torch.allclose(normalise(x, CPU), torch.full((1, 1, 2, 2), 2.0))


def test_a_last_single_row_joins_the_batch_before():
    sizes = [len(batch.index) for batch in batches(batch_size=5).epoch(1)]
    assert sizes == [5, 6]
    assert len(batches(batch_size=5)) == 2
    assert [len(batch.index) for batch in batches(batch_size=4).epoch(1)] == [4, 4, 3]
    assert len(batches(batch_size=4)) == 3
    assert [len(batch.index) for batch in batches(X=np.zeros((1, 2)), batch_size=4).epoch(1)] == [1]


@pytest.mark.parametrize("batch_size", [1, 2, 3, 5, 10, 11, 12])
def test_as_many_batches_as_are_counted(batch_size):
    for epoch in (1, 2):
        sizes = [len(batch.index) for batch in batches(batch_size=batch_size).epoch(epoch)]
        assert len(sizes) == len(batches(batch_size=batch_size))
        assert sum(sizes) == 11
        assert all(size == batch_size for size in sizes[:-1])


def test_what_goes_wrong_in_a_worker_is_told_in_its_own_words():
    class Gone:
        n, shape, pictures = 4, (2,), False

        def read(self, index):
            raise InputError("a.png cannot be read any more")

    for workers in (0, 1):
        with pytest.raises(InputError, match=r"^a\.png cannot be read any more$"):
            list(batches_of(Gone(), workers=workers).epoch(1))


def test_workers_change_nothing():
    augment = make_augmenter("crop+flip", (8, 8))
    serial, shared = (batches(augment=augment, workers=workers) for workers in (0, 2))
    for epoch in (1, 2):
        first, second = list(serial.epoch(epoch)), list(shared.epoch(epoch))
        assert same(first, second)
        assert torch.equal(first[0].view.boxes, second[0].view.boxes)


def test_seed_epoch_and_batch_are_the_address_of_what_is_drawn():
    augment, mix = make_augmenter("crop+flip", (8, 8)), make_mixer("mixup")
    first = list(batches(augment=augment, mix=mix).epoch(1))
    assert same(first, list(batches(augment=augment, mix=mix).epoch(1)))
    assert not same(first, list(batches(augment=augment, mix=mix).epoch(2)))
    assert not same(first, list(batches(augment=augment, mix=mix, seed=6).epoch(1)))
    assert not torch.equal(first[0].view.share, first[1].view.share)
    second = list(batches(augment=augment, mix=mix).epoch(2))
    assert len({float(batch.view.share[0]) for batch in (*first, *second)}) == 6
    assert len({str(batch.view.boxes[:3].tolist()) for batch in (*first, *second)}) == 6


def test_the_global_generator_is_left_alone():
    torch.rand(1)
    before = torch.random.get_rng_state()
    list(batches(augment=make_augmenter("crop+flip", (8, 8)), mix=make_mixer("mixup")).epoch(1))
    list(batches(workers=2).epoch(1))
    assert torch.equal(torch.random.get_rng_state(), before)


def test_mixed_weights_follow_the_view():
    weight = torch.arange(11.0) + 1
    for batch in batches(mix=make_mixer("mixup"), weight=weight).epoch(1):
        share, own = batch.view.share, weight[batch.index]
        assert torch.allclose(batch.weight, share * own + (1 - share) * own[batch.view.partner])
    assert all(batch.weight is None for batch in batches().epoch(1))


@pytest.mark.parametrize("weight", [None, torch.arange(11.0) + 1])
def test_processes_share_each_batch_and_their_parts_weigh_as_the_whole(weight):
    whole = list(batches(weight=weight, batch_size=6).epoch(1))
    parts = [list(batches(weight=weight, batch_size=6, processes=Share(rank, 2)).epoch(1)) for rank in (0, 1)]
    for batch, *mine in zip(whole, *parts, strict=True):
        assert torch.equal(torch.cat([part.index for part in mine]), batch.index)
        loss = batch.x.mean(dim=(1, 2, 3))  # some number a row
        expected = loss.mean() if weight is None else (loss * batch.weight).sum() / batch.weight.sum()
        found = []
        for part in mine:
            own = part.x.mean(dim=(1, 2, 3))
            mean = own.mean() if weight is None else (own * part.weight).sum() / part.weight.sum()
            found.append(mean * part.share)
        assert sum(found) / 2 == pytest.approx(float(expected), rel=1e-5)


def test_more_processes_than_rows_in_a_batch():
    with pytest.raises(FitError, match="cannot be shared by 5 processes"):
        list(batches(batch_size=4, processes=Share(0, 5)).epoch(1))


def test_inputs_for_statistics_are_all_rows_unmixed():
    made = batches(mix=make_mixer("mixup"))
    assert sum(len(x) for x in made.inputs()) == 11
    assert torch.allclose(
        torch.cat(list(made.inputs())).mean(), torch.tensor(pictures().mean() / 255, dtype=torch.float32)
    )


def test_what_was_cut_and_mirrored_is_known_after_mixing_too():
    augment, mix = make_augmenter("crop+flip", (8, 8)), make_mixer("mixup")
    cut, mixed = (next(batches(augment=augment, mix=mixer).epoch(1)).view for mixer in (None, mix))
    assert torch.equal(mixed.boxes, cut.boxes)
    assert torch.equal(mixed.flipped, cut.flipped)
    assert cut.partner is None
    assert mixed.partner.tolist() == [3, 0, 1, 2]


def test_processes_draw_apart():
    augment, mix = make_augmenter("crop+flip", (8, 8)), make_mixer("mixup")
    drawn = []
    for rank in (0, 1):
        views = [part.view for part in batches(augment=augment, mix=mix, processes=Share(rank, 2)).epoch(1)][:2]
        drawn.append((torch.cat([view.boxes for view in views]), views[0].share[0]))  # of 2 rows in each process
    assert not torch.equal(drawn[0][0], drawn[1][0])
    assert drawn[0][1] != drawn[1][1]


def test_rows_are_mixed_with_those_of_their_number_alone():
    numbers = torch.arange(11) % 3
    for within, apart in ((numbers, False), (None, True)):
        for batch in batches(mix=make_mixer("mixup"), mixed_within=within, batch_size=11).epoch(1):
            assert (numbers[batch.index[batch.view.partner]] != numbers[batch.index]).any() == apart
