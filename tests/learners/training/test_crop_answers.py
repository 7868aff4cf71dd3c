import numpy as np
import pytest
import torch

from softlabel.learners.augmentation.geometry import resized
from softlabel.learners.training.crop_answers import answer_crops
from taught import pictures, small, teacher

CPU = torch.device("cpu")


def crops(n=24):
    return torch.from_numpy(pictures()[0][:n]).permute(0, 3, 1, 2)


def test_in_mode_eval_it_is_the_teachers_own_prediction():
    said = answer_crops(teacher(), "eval", CPU)(crops())
    assert np.array_equal(said.float().numpy(), teacher().predict_proba(pictures()[0][:24]))


def test_crops_of_another_size_are_brought_to_the_teachers():
    answer = answer_crops(teacher(), "eval", CPU)
    large = resized(crops(), (14, 14))
    assert torch.equal(answer(large), answer(resized(large, (10, 10))))


def test_in_mode_train_a_batch_is_normalised_by_its_own_statistics():
    network, x = teacher().network_, crops()
    before = {name: values.clone() for name, values in network.state_dict().items()}
    answer = answer_crops(teacher(), "train", CPU)
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
        answer = answer_crops(fitted, mode, CPU)
        assert torch.equal(answer(crops()), answer(crops()))


@pytest.mark.parametrize("mode", ["eval", "train"])
def test_answers_are_rows(mode):
    said = answer_crops(teacher(), mode, CPU)(crops())
    assert said.dtype == torch.float64
    assert torch.allclose(said.sum(dim=1), torch.ones(24, dtype=torch.float64))
