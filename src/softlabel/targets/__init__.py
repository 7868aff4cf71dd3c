"""Pure array mathematics on target rows: encoding, smoothing, updating, distances, corruption. NumPy and SciPy only.

Whatever returns target rows returns float32, computed in float64; distances and qualities are float64. Inputs are never
changed.
"""

from softlabel.targets.corrupt import Corruption, parse_corruption
from softlabel.targets.encode import check_targets, class_codes, find_classes, harden, normalise_rows, one_hot
from softlabel.targets.quality import entropy, label_quality, margin
from softlabel.targets.smooth import smooth_others, smooth_uniform
from softlabel.targets.update import momentum_at, sharpen, update_targets

__all__ = [
    "Corruption",
    "check_targets",
    "class_codes",
    "entropy",
    "find_classes",
    "harden",
    "label_quality",
    "margin",
    "momentum_at",
    "normalise_rows",
    "one_hot",
    "parse_corruption",
    "sharpen",
    "smooth_others",
    "smooth_uniform",
    "update_targets",
]
