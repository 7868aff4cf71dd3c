from __future__ import annotations

import platform

import numpy as np

from softlabel.run.versions import installed_versions


def test_what_is_installed_is_named_and_what_is_not_is_left_out():
    found = installed_versions(["numpy", "no-such-package"])
    assert found == {"python": platform.python_version(), "numpy": np.__version__}
