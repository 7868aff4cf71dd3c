"""A trained network that is asked for labels: of rows as they are stored, of inputs, of some columns."""

from __future__ import annotations

from contextlib import nullcontext

import numpy as np
import pytest
import torch

from softlabel.learners.augmentation.geometry import resized
from softlabel.learners.training.labelling_networks import LabellingNetwork, mean_answer
from taught import pictures, small, teacher

CPU = torch.device("cpu")


def answer_crops(teacher, mode):
    """Return how crops are asked about: as stored pictures, in double precision."""
    return LabellingNetwork(teacher, mode, CPU, double=True).of_stored


def crops(n=24):
    return torch.from_numpy(pictures()[0][:n]).permute(0, 3, 1, 2)


def test_in_mode_eval_it_is_the_teachers_own_prediction():
    said = answer_crops(teacher(), "eval")(crops())
    assert np.array_equal(said.float().numpy(), teacher().predict_proba(pictures()[0][:24]))


def test_crops_of_another_size_are_brought_to_the_teachers():
    answer = answer_crops(teacher(), "eval")
    large = resized(crops(), (14, 14))
    assert torch.equal(answer(large), answer(resized(large, (10, 10))))


def test_in_mode_train_a_batch_is_normalised_by_its_own_statistics():
    network, x = teacher().network_, crops()
    before = {name: values.clone() for name, values in network.state_dict().items()}
    answer = answer_crops(teacher(), "train")
    first = answer(x)
    expected = _by_hand(x)
    assert torch.allclose(first.float(), expected, atol=1e-6)
    answer(x[:5])
    assert torch.equal(answer(x), first)  # nothing moved
    assert not torch.allclose(answer(x[:5]), first[:5], atol=1e-4)  # other company, other answers
    assert all(torch.equal(values, before[name]) for name, values in network.state_dict().items())


def _by_hand(x):
    import copy

    network = copy.deepcopy(teacher().network_).train()
    with torch.no_grad():
        return torch.softmax(network(teacher().preparation_.on(CPU, True)(x, CPU)), dim=1)


def test_dropout_stays_off():
    class Dropping(torch.nn.Module):
        def __init__(self, in_channels, n_outputs):
            super().__init__()
            self.norm, self.drop = torch.nn.BatchNorm2d(in_channels), torch.nn.Dropout(0.9)
            self.last = torch.nn.Linear(in_channels, n_outputs)

        def forward(self, x):
            return self.last(self.drop(self.norm(x).amax(dim=(2, 3))))

    fitted = small(network=Dropping, network_options=None, epochs=1).fit(*pictures())
    for mode in ("eval", "train"):
        answer = answer_crops(fitted, mode)
        assert torch.equal(answer(crops()), answer(crops()))


@pytest.mark.parametrize("mode", ["eval", "train"])
def test_answers_are_rows(mode):
    said = answer_crops(teacher(), mode)(crops())
    assert said.dtype == torch.float64
    assert torch.allclose(said.sum(dim=1), torch.ones(24, dtype=torch.float64))


@pytest.mark.parametrize("mode", ["eval", "train"])
def test_stored_rows_are_inputs_that_are_resized_and_normalised(mode):
    network = LabellingNetwork(teacher(), mode, CPU)
    large = resized(crops(), (14, 14))
    by_hand = network(teacher().preparation_.on(CPU, True)(resized(large, (10, 10)), CPU))
    assert by_hand.dtype == torch.float32
    assert torch.equal(network.of_stored(large), by_hand)
    assert network.size == (10, 10)


def test_numbers_are_normalised_and_not_resized():
    rows = np.random.default_rng(0).normal(3, 2, (30, 4)).astype(np.float32)
    fitted = small(network="mlp", network_options=None).fit(rows, (rows[:, 0] > 3).astype(int))
    said = LabellingNetwork(fitted, "eval", CPU).of_stored(torch.from_numpy(rows))
    assert np.allclose(said, fitted.predict_proba(rows), atol=1e-6)
    assert np.ptp(said.numpy()[:, 0]) > 0.1  # else the test could not fail


def test_columns_are_those_that_are_asked_for_in_their_order():
    x = crops()
    said = LabellingNetwork(teacher(), "eval", CPU).of_stored(x)
    turned = LabellingNetwork(teacher(), "eval", CPU, columns=[1, 0]).of_stored(x)
    assert torch.equal(turned, said[:, [1, 0]])
    assert not torch.equal(turned, said)
    assert torch.equal(LabellingNetwork(teacher(), "eval", CPU, columns=[1]).of_stored(x), said[:, 1:])


def test_it_computes_in_its_own_precision_unless_another_is_given():
    rough, x = small(precision="bf16").fit(*pictures()), crops()
    asked = []

    def exactly():
        asked.append(True)
        return nullcontext()

    own = LabellingNetwork(rough, "eval", CPU).of_stored(x)
    exact = LabellingNetwork(rough, "eval", CPU, autocast=exactly).of_stored(x)
    assert asked == [True]
    assert 0 < (own - exact).abs().max() < 0.05
    with torch.inference_mode():
        expected = torch.softmax(rough.network_(rough.preparation_.on(CPU, True)(x, CPU)), dim=1)
    assert torch.allclose(exact, expected, atol=1e-6)


def test_gradients_reach_inputs_and_stored_rows_have_none():
    network = LabellingNetwork(teacher(), "train", CPU)
    x = torch.zeros(8, 3, 10, 10).normal_(generator=torch.Generator().manual_seed(0)).requires_grad_(True)
    network(x)[:, 0].sum().backward()
    assert x.grad.abs().max() > 0
    assert not network.of_stored(crops()).requires_grad


def test_several_are_averaged_and_one_is_left_as_it_is():
    rows = [torch.tensor([[0.5, 0.5]]), torch.tensor([[0.0, 1.0]]), torch.tensor([[1.0, 0.0]])]
    assert mean_answer(rows).tolist() == [[0.5, 0.5]]
    assert mean_answer(rows[:2]).tolist() == [[0.25, 0.75]]
    assert mean_answer(rows[1:2]) is rows[1]
