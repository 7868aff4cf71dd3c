import numpy as np
import pytest
import torch

from softlabel.learners.augmentation.recipes import parse
from softlabel.learners.training.crop_labelling import label_rows, shuffled_order
from softlabel.learners.training.input_rows import input_rows
from taught import pictures

CPU = torch.device("cpu")


class Listening:
    """Answers alike to everything, and remembers the batches it was asked about."""

    def __init__(self, P):
        self.P, self.batches = P, []

    def __call__(self, crops):
        self.batches.append(crops)
        return torch.tensor(self.P, dtype=torch.float64).repeat(len(crops), 1)


def labelled(answers, rows=range(10), **options):
    given = {
        "recipe": parse("resized_crop", (8, 8)),
        "seed": 2,
        "n_crops": 3,
        "top": 2,
        "input_size": (6, 7),
        "batch_size": 4,
    }
    return label_rows(np.array(rows), input_rows(pictures()[0], CPU), answers, **(given | options))


def test_a_batch_holds_one_crop_of_each_of_its_pictures():
    answer = Listening([0.75, 0.25])
    boxes, flips, ids, probabilities = labelled([answer])
    assert [len(batch) for batch in answer.batches] == [4, 3, 3] * 3  # evenly: no batch of a single rest
    assert answer.batches[0].shape[1:] == (3, 6, 7)
    assert (boxes.shape, flips.shape, ids.shape, probabilities.shape) == ((10, 3, 4), (10, 3), (10, 3, 2), (10, 3, 2))
    assert len(np.unique(boxes.reshape(-1, 4), axis=0)) > 25


def test_the_label_is_the_mean_of_the_answers():
    _, _, ids, probabilities = labelled([Listening([0.75, 0.25]), Listening([0.0, 1.0])])
    assert (ids == [1, 0]).all()
    assert (probabilities == [0.625, 0.375]).all()


def test_what_is_drawn_depends_on_seed_row_and_crop_alone():
    all_boxes = labelled([Listening([1.0, 0.0])])[0]
    assert np.array_equal(
        labelled([Listening([1.0, 0.0])], rows=[7, 2], batch_size=1, n_crops=2)[0], all_boxes[[7, 2], :2]
    )
    assert not np.array_equal(labelled([Listening([1.0, 0.0])], seed=3)[0], all_boxes)


@pytest.mark.parametrize("n", [1, 5, 100])
def test_an_order_is_one_and_depends_on_the_seed(n):
    assert sorted(shuffled_order(n, 0).tolist()) == list(range(n))
    assert np.array_equal(shuffled_order(n, 0), shuffled_order(n, 0))
    assert n < 5 or not np.array_equal(shuffled_order(n, 0), shuffled_order(n, 1))
