import copy

import pytest
import torch
from torch import nn

from softlabel.errors import InputError
from softlabel.learners.training.averaging import make_averaging


def network():
    return nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(3, 2))


def moved(net, by):
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(by)


def options(**changes):
    return {"decay": 0.9, "start": 0.5, "epochs": 4} | changes


def test_without_averaging_the_last_weights():
    net = network()
    averaging = make_averaging(None, net, **options())
    moved(net, 1.0)
    averaging.after_step(net), averaging.after_epoch(net, 1)
    assert averaging.result(net, lambda: iter([])) is net


def test_swa_is_the_mean_over_the_last_epochs_and_statistics_are_computed_anew():
    net = network()
    averaging = make_averaging("swa", net, **options())
    kept = []
    for epoch in (1, 2, 3, 4):
        moved(net, float(epoch))
        averaging.after_epoch(net, epoch)
        if epoch >= 3:  # the second half
            kept.append(copy.deepcopy(net.state_dict()))
    inputs = torch.randn(50, 2, generator=torch.Generator().manual_seed(0))
    found = averaging.result(net, lambda: iter(inputs.split(10)))
    for name in ("0.weight", "0.bias", "2.weight", "1.weight"):
        expected = (kept[0][name] + kept[1][name]) / 2
        assert torch.allclose(found.state_dict()[name], expected)
    hidden = found[0](inputs)
    assert torch.allclose(found[1].running_mean, hidden.mean(dim=0), atol=1e-5)
    assert not torch.allclose(found[1].running_mean, net[1].running_mean)


def test_swa_takes_the_last_epoch_at_least():
    net = network()
    averaging = make_averaging("swa", net, **options(start=0.99, epochs=1))
    moved(net, 3.0)
    averaging.after_epoch(net, 1)
    found = averaging.result(net, lambda: iter([torch.randn(4, 2)]))
    assert torch.equal(found[0].weight, net[0].weight)


def test_ema_by_hand():
    net = nn.Linear(1, 1, bias=False)
    with torch.no_grad():
        net.weight.fill_(1.0)
    averaging = make_averaging("ema", net, **options(decay=0.15))
    expected = None
    for step, weight in enumerate([2.0, 3.0, 5.0]):
        with torch.no_grad():
            net.weight.fill_(weight)
        averaging.after_step(net)
        d = min(0.15, (1 + step) / (10 + step))
        expected = weight if step == 0 else d * expected + (1 - d) * weight
    assert averaging.result(net, lambda: iter([])).weight.item() == pytest.approx(expected)


def test_ema_averages_buffers_too():
    net = network()
    averaging = make_averaging("ema", net, **options(decay=0.5))
    for value in (0.0, 1.0, 1.0):
        net[1].running_mean.fill_(value)
        averaging.after_step(net)
    mean = averaging.result(net, lambda: iter([]))[1].running_mean
    assert 0 < mean[0] < 1


def test_the_network_itself_is_left_alone():
    net = network()
    before = copy.deepcopy(net.state_dict())
    for name in ("ema", "swa"):
        averaging = make_averaging(name, net, **options())
        averaging.after_step(net), averaging.after_epoch(net, 4)
        averaging.result(net, lambda: iter([torch.randn(5, 2)]))
    assert all(torch.equal(before[name], values) for name, values in net.state_dict().items())


@pytest.mark.parametrize(
    ("name", "changes", "words"),
    [("mean", {}, "'ema', 'swa' or None"), ("ema", {"decay": 1.0}, "ema_decay"), ("swa", {"start": 1.0}, "swa_start")],
)
def test_what_is_no_averaging(name, changes, words):
    with pytest.raises(InputError, match=words):
        make_averaging(name, network(), **options(**changes))


def test_swa_that_was_ended_before_its_start_has_the_last_weights():
    net = network()
    averaging = make_averaging("swa", net, **options())
    moved(net, 1.0)
    averaging.after_epoch(net, 1)
    assert averaging.result(net, lambda: iter([])) is net
