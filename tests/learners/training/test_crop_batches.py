from dataclasses import replace

import numpy as np
import pytest
import torch

from softlabel.errors import InputError
from softlabel.learners.augmentation.crops import cut_crops
from softlabel.learners.augmentation.view import View
from softlabel.learners.training.batches import Normalisation
from softlabel.learners.training.crop_batches import CropBatches, CropLabels
from softlabel.learners.training.input_rows import PictureRows, input_rows
from softlabel.store.crop_shards import checked_crops
from softlabel.targets.top_classes import top_classes
from stored_labels import labels_of

CPU = torch.device("cpu")


class Share:
    """One of several processes, without the others."""

    def __init__(self, rank, world):
        self.rank, self.world = rank, world


RECORD = {"n_crops": 6, "top": 2, "classes": list("abcd"), "class_ids": "uint8"}


def stored(n):
    boxes, flips, P = labels_of(np.arange(n), 6, 4)
    return checked_crops(boxes, flips, *top_classes(P, 2), n, RECORD)


def batches(n=11, batch_size=8, m=2, **options):
    X = np.random.default_rng(0).integers(0, 256, (n, 8, 8, 3), dtype=np.uint8)
    normalise = Normalisation(torch.zeros(3, 1, 1), torch.ones(3, 1, 1))
    given = {"seed": 5, "crops": stored(n), "crops_per_image": m, "size": (6, 6)} | options
    return CropBatches(given.pop("rows", input_rows(X, CPU)), normalise, CPU, batch_size, **given)


@pytest.mark.parametrize(("n", "m"), [(11, 2), (12, 3), (10, 4), (9, 1)])
def test_over_m_epochs_each_picture_comes_once_with_m_crops(n, m):
    made = batches(n, m=m)
    found = [
        (int(i), int(c))
        for epoch in range(1, m + 1)
        for batch in made.epoch(epoch)
        for i, c in zip(batch.index, batch.view.crop, strict=True)
    ]
    assert sorted(found) == [(row, crop) for row in range(n) for crop in range(m)]
    sizes = [sum(len(batch.index) for batch in made.epoch(epoch)) for epoch in range(1, m + 1)]
    assert sum(sizes) == n * m  # as many crops in m epochs as a plain training shows
    assert max(sizes) - min(sizes) <= m


def test_all_stored_crops_come_equally_often():
    made = batches(n=6, m=4)
    found = [
        (int(i), int(c))
        for epoch in range(1, 13)
        for batch in made.epoch(epoch)
        for i, c in zip(batch.index, batch.view.crop, strict=True)
    ]
    assert sorted(found) == sorted(
        [(row, crop) for row in range(6) for crop in range(6)] * 2
    )  # 3 visits of 4 crops: 6 crops twice


def test_the_pixels_are_those_of_the_stored_boxes():
    made, crops = batches(), stored(11)
    for batch in made.epoch(1):
        rows, which = batch.index, batch.view.crop
        boxes = torch.from_numpy(crops.boxes[rows, which].astype(np.int64))
        flips = torch.from_numpy(crops.flips[rows, which])
        pictures = made.rows.read(rows)
        assert torch.equal(batch.x, cut_crops(pictures, torch.arange(len(rows)), boxes, flips, (6, 6)).float() / 255)
        assert torch.equal(batch.view.boxes, boxes)
        assert torch.equal(batch.view.flipped, flips)


def test_each_picture_of_a_batch_is_read_once():
    asked = []

    class Counting(PictureRows):
        def read(self, index):
            asked.append(index.tolist())
            return super().read(index)

    from softlabel.data.images import Images

    X = np.random.default_rng(0).integers(0, 256, (11, 8, 8, 3), dtype=np.uint8)
    sizes = [len(batch.index) for batch in batches(m=4, rows=Counting(Images.from_array(X), CPU)).epoch(1)]
    assert [len(set(index)) == len(index) for index in asked] == [True] * len(sizes)
    assert [4 * len(index) for index in asked] == sizes


@pytest.mark.parametrize(
    ("n", "m", "batch_size", "epochs"), [(11, 2, 8, 5), (10, 4, 4, 7), (13, 3, 7, 6), (3, 3, 8, 4), (12, 1, 5, 2)]
)
def test_as_many_steps_as_are_counted(n, m, batch_size, epochs):
    made = batches(n, batch_size, m)
    counts = [sum(1 for _ in made.epoch(epoch)) for epoch in range(1, epochs + 1)]
    assert sum(counts) == made.steps(epochs)
    assert max(counts) <= len(made)
    assert all(len(batch.index) <= batch_size + m for epoch in (1, 2) for batch in made.epoch(epoch))


def test_a_last_single_picture_joins_the_batch_before():
    assert [len(batch.index) for batch in batches(n=10, batch_size=4, m=2).epoch(1)] == [4, 6]


def test_workers_change_nothing():
    one, two = (list(batches(workers=workers).epoch(2)) for workers in (0, 2))
    assert len(one) == len(two)
    for a, b in zip(one, two, strict=True):
        assert torch.equal(a.x, b.x)
        assert torch.equal(a.index, b.index)
        assert torch.equal(a.view.crop, b.view.crop)


def test_weights_are_those_of_the_pictures():
    weight = torch.arange(11.0)
    for batch in batches(weight=weight).epoch(1):
        assert torch.equal(batch.weight, batch.index.float())


def test_processes_share_each_batch():
    weight = torch.linspace(0.5, 3, 11)
    whole = list(batches(weight=weight).epoch(1))
    parts = [list(batches(weight=weight, processes=Share(rank, 2)).epoch(1)) for rank in range(2)]
    for all_of_it, *mine in zip(whole, *parts, strict=True):
        assert torch.equal(torch.cat([part.x for part in mine]), all_of_it.x)
        assert sum(part.share for part in mine) == pytest.approx(2)
        assert mine[0].share == pytest.approx(2 * float(mine[0].weight.sum() / all_of_it.weight.sum()))


def test_inputs_for_statistics_are_one_epochs_worth():
    assert sum(len(x) for x in batches(n=12, m=3).inputs()) == 12


def test_labels_are_the_stored_rows_in_the_order_of_the_columns():
    crops = stored(11)
    labeler = CropLabels(crops, np.array([2, 0, 3, 1]))
    index, crop = torch.tensor([4, 4, 9]), torch.tensor([0, 5, 3])
    targets = labeler.targets(index, View(crop=crop), torch.zeros(3), 1)
    assert np.array_equal(targets.numpy(), crops.targets()[[4, 4, 9], [0, 5, 3]][:, [2, 0, 3, 1]])
    assert torch.allclose(targets.sum(dim=1), torch.ones(3))


def test_what_goes_wrong_in_a_worker_is_told_in_its_own_words():
    class Broken:
        n, shape, pictures = 11, (3, 8, 8), True

        def read(self, index):
            raise InputError("7.png cannot be read any more")

    with pytest.raises(InputError, match=r"7\.png cannot be read any more"):
        list(batches(rows=Broken(), workers=1).epoch(1))


def test_other_seeds_other_orders():
    first, second = (torch.cat([b.index for b in made.epoch(1)]) for made in (batches(), replace(batches(), seed=6)))
    assert not torch.equal(first, second)
