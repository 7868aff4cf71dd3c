import numpy as np
import pytest
import torch
from torch import nn

from softlabel.learners.training.batches import Normalisation
from softlabel.learners.training.devices import autocast_of
from softlabel.learners.training.input_rows import input_rows
from softlabel.learners.training.outputs import Distribution, Independent, Scalar
from softlabel.learners.training.prediction import predict_rows

CPU = torch.device("cpu")
X = np.random.default_rng(0).normal(size=(11, 3)).astype(np.float32)
PIXELS = np.random.default_rng(0).integers(0, 256, (5, 4, 4, 1), dtype=np.uint8)
PLAIN = Normalisation(torch.zeros(1), torch.ones(1))


def network(inputs=3, *more):
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return nn.Sequential(nn.Flatten(), nn.Linear(inputs, 4), *more)


def predicted_rows(*arguments, outputs=None, **options):
    return predict_rows(*arguments, outputs=outputs or Distribution(), **options)


def softmax(logits):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("batch_size", [1, 4, 11, 100])
def test_softmax_of_the_outputs_whatever_the_batches(batch_size):
    net = network()
    found = predicted_rows(net, input_rows(X, CPU), PLAIN, CPU, batch_size=batch_size)
    line = net[1]
    expected = softmax(X @ line.weight.detach().numpy().T + line.bias.detach().numpy())
    assert found.dtype == np.float32
    assert np.allclose(found, expected, atol=1e-6)


def test_numbers_are_as_the_network_answers_them_and_entries_their_sigmoid():
    net = network()
    numbers = predicted_rows(net, input_rows(X, CPU), PLAIN, CPU, batch_size=4, outputs=Scalar())
    entries = predicted_rows(net, input_rows(X, CPU), PLAIN, CPU, batch_size=4, outputs=Independent())
    line = net[1]
    expected = X @ line.weight.detach().numpy().T + line.bias.detach().numpy()
    assert numbers.dtype == entries.dtype == np.float32
    assert np.allclose(numbers, expected, atol=1e-6)
    assert np.allclose(entries, 1 / (1 + np.exp(-expected)), atol=1e-6)


def test_the_network_is_asked_in_its_quiet_mode_and_learns_nothing():
    net = network(3, nn.BatchNorm1d(4), nn.Dropout(0.5))
    net.train()
    before = {name: values.clone() for name, values in net.state_dict().items()}
    first, again = (predicted_rows(net, input_rows(X, CPU), PLAIN, CPU, batch_size=4) for _ in range(2))
    assert np.array_equal(first, again)
    assert all(torch.equal(values, before[name]) for name, values in net.state_dict().items())
    assert all(parameter.grad is None for parameter in net.parameters())


def test_rows_are_normalised():
    net, normalise = network(), Normalisation(torch.tensor([1.0, 2.0, 3.0]), torch.tensor([2.0, 4.0, 8.0]))
    found = predicted_rows(net, input_rows(X, CPU), normalise, CPU, batch_size=4)
    by_hand = predicted_rows(net, input_rows((X - [1, 2, 3]) / [2, 4, 8], CPU), PLAIN, CPU, batch_size=4)
    assert np.allclose(found, by_hand, atol=1e-6)


def test_probabilities_of_views_are_averaged_not_logits():
    net, rows = network(16), input_rows(PIXELS, CPU)
    views = [lambda x: x, lambda x: x.flip(3), lambda x: 255 - x]
    found = predicted_rows(net, rows, PLAIN, CPU, batch_size=2, views=views)
    changed = (PIXELS, PIXELS[:, :, ::-1], 255 - PIXELS)
    each = [predicted_rows(net, input_rows(np.ascontiguousarray(x), CPU), PLAIN, CPU, batch_size=2) for x in changed]
    assert np.allclose(found, np.mean(each, axis=0), atol=1e-6)
    assert np.allclose(found.sum(axis=1), 1, atol=1e-6)


def test_pictures_are_resized_before_they_are_viewed():
    asked = []

    def view(x):
        asked.append(tuple(x.shape))
        return x

    rows = input_rows(PIXELS, CPU)
    found = predicted_rows(network(4), rows, PLAIN, CPU, batch_size=3, views=[view], resize=lambda x: x[..., ::2, ::2])
    assert asked == [(3, 1, 2, 2), (2, 1, 2, 2)]
    alone = predicted_rows(
        network(4), input_rows(np.ascontiguousarray(PIXELS[:, ::2, ::2]), CPU), PLAIN, CPU, batch_size=3
    )
    assert np.array_equal(found, alone)


def test_in_bf16_the_layers_are_rough_and_rows_still_sum_to_one():
    net, rows = network(), input_rows(X, CPU)
    exact = predicted_rows(net, rows, PLAIN, CPU, batch_size=4)
    rough = predicted_rows(net, rows, PLAIN, CPU, batch_size=4, autocast=lambda: autocast_of("bf16", CPU))
    assert np.allclose(rough.sum(axis=1), 1, atol=1e-6)
    assert not np.array_equal(rough, exact)
    assert np.allclose(rough, exact, atol=0.02)


def test_no_rows_have_no_predictions():
    assert predicted_rows(network(16), input_rows(PIXELS[:0], CPU), PLAIN, CPU, batch_size=4).shape == (0, 4)
