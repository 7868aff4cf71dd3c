"""Mean and variance of the batch at hand: nothing runs on, in a copy that labels and in a network that trains."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from learners.training.small_teachers import X, state_bytes
from softlabel.learners.training.batch_statistics import labelling_copy, statistics_kept


class Dropping(nn.BatchNorm1d):
    """Batch normalisation that has dropout inside of it, as layers of timm have."""

    def __init__(self, n):
        super().__init__(n)
        self.drop = nn.Dropout(0.5)

    def forward(self, x):
        return self.drop(super().forward(x))


def test_dropout_within_batch_normalisation_stays_off():
    network = nn.Sequential(nn.Linear(3, 6), Dropping(6))
    copy = labelling_copy(network, "train")
    assert copy[1].training
    assert not copy[1].drop.training
    x = torch.from_numpy(X)
    assert torch.equal(copy(x), copy(x))


def test_no_statistic_of_a_copy_moves():
    copy = labelling_copy(nn.Sequential(nn.Linear(3, 6), nn.BatchNorm1d(6, momentum=None)), "train")
    copy(torch.from_numpy(X) + 5)
    assert torch.equal(copy[1].running_mean, torch.zeros(6))
    assert torch.equal(copy[1].running_var, torch.ones(6))


def test_a_network_that_trains_is_asked_once_more_without_a_trace():
    network = nn.Sequential(
        nn.BatchNorm1d(3), nn.BatchNorm1d(3, momentum=None), nn.BatchNorm1d(3, track_running_stats=False)
    )
    network.train()
    network(torch.from_numpy(X))
    before = state_bytes(network)
    with statistics_kept(network):
        network(torch.from_numpy(X) + 3)
    assert state_bytes(network) == before
    assert [layer.momentum for layer in network] == [0.1, None, 0.1]
    assert network.training
    with pytest.raises(RuntimeError, match="halfway"), statistics_kept(network):
        raise RuntimeError("halfway")
    assert [layer.momentum for layer in network] == [0.1, None, 0.1]
    network(torch.from_numpy(X) + 3)
    assert state_bytes(network) != before
