from __future__ import annotations

import pytest
import torch

from softlabel.learners.networks.small_cnn import SmallCNN


@pytest.mark.parametrize(("channels", "h", "w"), [(1, 8, 8), (3, 32, 32), (3, 17, 96)])
def test_any_size_and_number_of_channels(channels, h, w):
    assert SmallCNN(channels, 7)(torch.rand(2, channels, h, w)).shape == (2, 7)


def test_it_is_small():
    assert 50_000 < sum(parameter.numel() for parameter in SmallCNN(3, 10).parameters()) < 200_000


def test_it_learns_where_in_a_picture_something_looks_how():
    """Stripes across or along, at random places: no single pixel tells."""
    torch.manual_seed(0)
    phase = torch.randint(0, 4, (64,))
    wave = ((torch.arange(12) + phase[:, None]) // 2 % 2).float()  # (64, 12)
    across = wave[:, None, :, None].expand(-1, 1, 12, 12)
    y = torch.arange(64) % 2
    x = torch.where(y[:, None, None, None] == 1, across, across.transpose(2, 3))
    network = SmallCNN(1, 2, width=8)
    optimizer = torch.optim.Adam(network.parameters(), 0.01)
    for _ in range(20):
        loss = torch.nn.functional.cross_entropy(network(x[:48]), y[:48])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert (network.eval()(x[48:]).argmax(dim=1) == y[48:]).all()


def test_width_and_dropout():
    network = SmallCNN(3, 10, width=4, dropout=0.3)
    assert network.head.in_features == 16
    assert network.dropout.p == 0.3
