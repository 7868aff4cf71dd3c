from __future__ import annotations

import subprocess
import sys

import pytest

from softlabel.errors import InputError
from softlabel.learners.networks.names import NETWORK_NAMES, check_network_name, is_network_name


def test_the_papers_networks_are_there():
    depths = [int(name.removeprefix("se_resnet")) for name in NETWORK_NAMES if name.startswith("se_resnet")]
    assert depths == [6 * n + 2 for n in range(1, 10)]
    assert {"small_cnn", "mlp"} < set(NETWORK_NAMES)


@pytest.mark.parametrize("name", [*NETWORK_NAMES, "timm:resnet18", "timm:anything"])
def test_known_names(name):
    assert is_network_name(name)
    check_network_name(name)


@pytest.mark.parametrize("name", ["", "resnet56", "se_resnet57", "timm:", "timm", "SMALL_CNN"])
def test_other_names(name):
    assert not is_network_name(name)
    with pytest.raises(InputError, match=r"small_cnn, mlp, se_resnet8.*timm:NAME"):
        check_network_name(name)


def test_a_close_name_is_suggested():
    with pytest.raises(InputError, match="did you mean 'se_resnet56'"):
        check_network_name("se-resnet56")


def test_names_need_no_torch():
    code = "import sys; sys.modules['torch'] = None; import softlabel.learners.networks.names"
    subprocess.run([sys.executable, "-c", code], check=True)
