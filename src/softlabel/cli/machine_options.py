"""The options of ``refine`` and ``compare`` that say where and how fast, never what."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from softlabel.cli.options import HOW, option

Jobs = Annotated[
    str | None,
    option(HOW, "Fits at the same time; -1 one a core; auto what cores and GPUs allow [default: 1].", "N|auto"),
]
ComputeOn = Annotated[
    str | None, option(HOW, "Where networks compute: auto, cpu, cuda, cuda:N, mps [default: auto].", "DEVICE")
]
Cache = Annotated[
    str | None, option(HOW, "Where decoded pictures are kept: auto, memory, disk, none [default: auto].", "WHERE")
]
TimeLimit = Annotated[str | None, option(HOW, "Stop after this time, to be resumed: 90, 30m, 2h.", "TIME")]
ConfigFile = Annotated[
    Path | None,
    option(HOW, "TOML file of these options, or a recipe: deepdrid, plant_pathology; the command line wins.", "FILE"),
]
JsonResult = Annotated[bool, option(HOW, "Print the result as JSON.", None, ("--json",))]
