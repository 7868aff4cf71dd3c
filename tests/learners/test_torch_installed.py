import pytest

from softlabel.errors import MissingExtraError
from softlabel.learners import torch_installed
from softlabel.learners.torch_installed import require_torch, require_vision


def without(monkeypatch, missing):
    monkeypatch.setattr(torch_installed, "find_spec", lambda name: None if name == missing else object())


def test_what_is_there_is_not_asked_for(monkeypatch):
    without(monkeypatch, None)
    require_torch()
    require_vision()


@pytest.mark.parametrize(
    ("missing", "package", "extra"),
    [("torch", "torch", "torch"), ("torchvision", "torchvision", "vision"), ("PIL", "pillow", "vision")],
)
def test_what_is_missing_comes_with_the_line_that_installs_it(monkeypatch, missing, package, extra):
    without(monkeypatch, missing)
    with pytest.raises(MissingExtraError, match=rf"^{package} is not installed; .*softlabel\[{extra}\]"):
        require_vision()
    if missing != "torch":
        require_torch()
