"""softlabel: turn the labels a data set came with into better training targets, and find the wrong ones.

The public names are loaded when they are first used: importing this package loads no scikit-learn, pandas, torch, ray
or matplotlib.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    __version__: str
    from softlabel.comparison.class_profiles import draw_accuracy_distributions, draw_profile
    from softlabel.comparison.crop_labels import draw_crop_labels
    from softlabel.comparison.dot_chart import draw_table
    from softlabel.comparison.loss_curves import draw_losses
    from softlabel.comparison.python import compare, compare_methods
    from softlabel.comparison.results import Results
    from softlabel.comparison.round_curves import draw_rounds
    from softlabel.comparison.stored_results import read_results
    from softlabel.data.picture_digests import picture_digests
    from softlabel.data.taxonomy_file import read_taxonomy
    from softlabel.data.text_features import TextFeatures
    from softlabel.data.wordnet import wordnet_parents, wordnet_similarity
    from softlabel.errors import (
        DamagedRunError,
        FitError,
        InputError,
        MissingExtraError,
        NewerFormatError,
        RunConflictError,
        RunError,
        RunLockedError,
        SoftlabelError,
        StorageError,
    )
    from softlabel.learners.budget import can_shorten, shortened
    from softlabel.learners.continued import can_continue
    from softlabel.learners.crop_labels import label_crops
    from softlabel.learners.labelers import OnlineSmoothing, Progressive, SelfAdaptive, TeacherBeside
    from softlabel.learners.losses import DistillationLoss, Focal, TrustWeighted
    from softlabel.learners.soft_target import SoftTargetClassifier
    from softlabel.learners.soft_target_multilabel import SoftTargetMultilabelClassifier
    from softlabel.learners.soft_target_regressor import SoftTargetRegressor
    from softlabel.learners.softmax_regression import SoftmaxRegression
    from softlabel.learners.stored_crops import StoredCrops
    from softlabel.learners.teacher_digest import teacher_digest
    from softlabel.learners.teacher_labels import TeacherLabels
    from softlabel.learners.torch_classifier import TorchClassifier
    from softlabel.learners.torch_multilabel import TorchMultilabelClassifier
    from softlabel.learners.torch_regressor import TorchRegressor
    from softlabel.learners.transformer_classifier import TransformerClassifier
    from softlabel.methods.confident_learning import ConfidentLearning
    from softlabel.methods.distillation import Distillation
    from softlabel.methods.distribution_learning import LabelDistributionLearning
    from softlabel.methods.focal import FocalTraining
    from softlabel.methods.hard_examples import HardExampleMining
    from softlabel.methods.ils import ILS
    from softlabel.methods.ils1 import ILS1
    from softlabel.methods.ils2 import ILS2
    from softlabel.methods.instance_teacher import InstanceTeacher
    from softlabel.methods.label_refinery import LabelRefinery
    from softlabel.methods.label_smoothing import LabelSmoothing
    from softlabel.methods.online_smoothing import OnlineLabelSmoothing
    from softlabel.methods.plain import Plain
    from softlabel.methods.progressive_distillation import ProgressiveDistillation
    from softlabel.methods.refinement import Refinement
    from softlabel.methods.self_adaptive import SelfAdaptiveTraining
    from softlabel.methods.self_training import SelfTraining
    from softlabel.methods.stochastic import StochasticLabelRefinery
    from softlabel.methods.temperature_scaling import TemperatureScaling
    from softlabel.methods.weight_averaging import WeightAveraging
    from softlabel.methods.wrong_labels import LabelIssues
    from softlabel.metrics.class_profile import binned_profile, class_accuracies
    from softlabel.metrics.distributions import distribution_distances
    from softlabel.metrics.ordinal import quadratic_weighted_kappa
    from softlabel.metrics.recovery import label_recovery
    from softlabel.metrics.temperature import fit_temperature
    from softlabel.metrics.thresholds import fit_thresholds
    from softlabel.run.finished import Run
    from softlabel.run.label_issues import find_label_issues
    from softlabel.run.python import refine
    from softlabel.store.crop_store import CropStore
    from softlabel.store.crop_writer import CropStoreWriter
    from softlabel.targets.categories import mean_by_class
    from softlabel.targets.smooth import smooth_others, smooth_uniform
    from softlabel.targets.taxonomy import Taxonomy, similarity_rows
    from softlabel.targets.trusted_chances import trusted_chances
    from softlabel.targets.trusted_noise import (
        TrustedNoise,
        noise_from_chances,
        noise_from_pairs,
        noise_from_predictions,
    )
    from softlabel.targets.unimodal import unimodal
    from softlabel.targets.update import sharpen, update_targets
    from softlabel.targets.votes import dawid_skene, dawid_skene_counts, vote_shares
    from softlabel.tasks import Multiclass, Multilabel, Ordinal

_HOME = {
    "StochasticLabelRefinery": "softlabel.methods.stochastic",
    "Refinement": "softlabel.methods.refinement",
    "ConfidentLearning": "softlabel.methods.confident_learning",
    "LabelSmoothing": "softlabel.methods.label_smoothing",
    "Plain": "softlabel.methods.plain",
    "TemperatureScaling": "softlabel.methods.temperature_scaling",
    "Distillation": "softlabel.methods.distillation",
    "SelfTraining": "softlabel.methods.self_training",
    "LabelRefinery": "softlabel.methods.label_refinery",
    "LabelDistributionLearning": "softlabel.methods.distribution_learning",
    "WeightAveraging": "softlabel.methods.weight_averaging",
    "SelfAdaptiveTraining": "softlabel.methods.self_adaptive",
    "ProgressiveDistillation": "softlabel.methods.progressive_distillation",
    "OnlineLabelSmoothing": "softlabel.methods.online_smoothing",
    "HardExampleMining": "softlabel.methods.hard_examples",
    "FocalTraining": "softlabel.methods.focal",
    "ILS": "softlabel.methods.ils",
    "ILS1": "softlabel.methods.ils1",
    "ILS2": "softlabel.methods.ils2",
    "InstanceTeacher": "softlabel.methods.instance_teacher",
    "can_shorten": "softlabel.learners.budget",
    "shortened": "softlabel.learners.budget",
    "can_continue": "softlabel.learners.continued",
    "SoftTargetClassifier": "softlabel.learners.soft_target",
    "SoftmaxRegression": "softlabel.learners.softmax_regression",
    "SoftTargetMultilabelClassifier": "softlabel.learners.soft_target_multilabel",
    "SoftTargetRegressor": "softlabel.learners.soft_target_regressor",
    "TorchClassifier": "softlabel.learners.torch_classifier",
    "TorchMultilabelClassifier": "softlabel.learners.torch_multilabel",
    "TorchRegressor": "softlabel.learners.torch_regressor",
    "OnlineSmoothing": "softlabel.learners.labelers",
    "SelfAdaptive": "softlabel.learners.labelers",
    "Progressive": "softlabel.learners.labelers",
    "TeacherBeside": "softlabel.learners.labelers",
    "TeacherLabels": "softlabel.learners.teacher_labels",
    "StoredCrops": "softlabel.learners.stored_crops",
    "label_crops": "softlabel.learners.crop_labels",
    "teacher_digest": "softlabel.learners.teacher_digest",
    "CropStore": "softlabel.store.crop_store",
    "CropStoreWriter": "softlabel.store.crop_writer",
    "picture_digests": "softlabel.data.picture_digests",
    "Focal": "softlabel.learners.losses",
    "DistillationLoss": "softlabel.learners.losses",
    "TrustWeighted": "softlabel.learners.losses",
    "TextFeatures": "softlabel.data.text_features",
    "TransformerClassifier": "softlabel.learners.transformer_classifier",
    "Multiclass": "softlabel.tasks",
    "Multilabel": "softlabel.tasks",
    "Ordinal": "softlabel.tasks",
    "Run": "softlabel.run.finished",
    "refine": "softlabel.run.python",
    "find_label_issues": "softlabel.run.label_issues",
    "LabelIssues": "softlabel.methods.wrong_labels",
    "compare": "softlabel.comparison.python",
    "compare_methods": "softlabel.comparison.python",
    "Results": "softlabel.comparison.results",
    "read_results": "softlabel.comparison.stored_results",
    "draw_table": "softlabel.comparison.dot_chart",
    "draw_losses": "softlabel.comparison.loss_curves",
    "draw_rounds": "softlabel.comparison.round_curves",
    "class_accuracies": "softlabel.metrics.class_profile",
    "binned_profile": "softlabel.metrics.class_profile",
    "mean_by_class": "softlabel.targets.categories",
    "Taxonomy": "softlabel.targets.taxonomy",
    "similarity_rows": "softlabel.targets.taxonomy",
    "read_taxonomy": "softlabel.data.taxonomy_file",
    "wordnet_parents": "softlabel.data.wordnet",
    "wordnet_similarity": "softlabel.data.wordnet",
    "draw_profile": "softlabel.comparison.class_profiles",
    "draw_accuracy_distributions": "softlabel.comparison.class_profiles",
    "draw_crop_labels": "softlabel.comparison.crop_labels",
    "distribution_distances": "softlabel.metrics.distributions",
    "quadratic_weighted_kappa": "softlabel.metrics.ordinal",
    "label_recovery": "softlabel.metrics.recovery",
    "fit_temperature": "softlabel.metrics.temperature",
    "fit_thresholds": "softlabel.metrics.thresholds",
    "sharpen": "softlabel.targets.update",
    "smooth_others": "softlabel.targets.smooth",
    "smooth_uniform": "softlabel.targets.smooth",
    "trusted_chances": "softlabel.targets.trusted_chances",
    "TrustedNoise": "softlabel.targets.trusted_noise",
    "noise_from_chances": "softlabel.targets.trusted_noise",
    "noise_from_pairs": "softlabel.targets.trusted_noise",
    "noise_from_predictions": "softlabel.targets.trusted_noise",
    "unimodal": "softlabel.targets.unimodal",
    "update_targets": "softlabel.targets.update",
    "dawid_skene": "softlabel.targets.votes",
    "dawid_skene_counts": "softlabel.targets.votes",
    "vote_shares": "softlabel.targets.votes",
    "SoftlabelError": "softlabel.errors",
    "InputError": "softlabel.errors",
    "FitError": "softlabel.errors",
    "RunError": "softlabel.errors",
    "RunLockedError": "softlabel.errors",
    "RunConflictError": "softlabel.errors",
    "NewerFormatError": "softlabel.errors",
    "DamagedRunError": "softlabel.errors",
    "StorageError": "softlabel.errors",
    "MissingExtraError": "softlabel.errors",
}

__all__ = [
    "ILS",
    "ILS1",
    "ILS2",
    "ConfidentLearning",
    "CropStore",
    "CropStoreWriter",
    "DamagedRunError",
    "Distillation",
    "DistillationLoss",
    "FitError",
    "Focal",
    "FocalTraining",
    "HardExampleMining",
    "InputError",
    "InstanceTeacher",
    "LabelDistributionLearning",
    "LabelIssues",
    "LabelRefinery",
    "LabelSmoothing",
    "MissingExtraError",
    "Multiclass",
    "Multilabel",
    "NewerFormatError",
    "OnlineLabelSmoothing",
    "OnlineSmoothing",
    "Ordinal",
    "Plain",
    "Progressive",
    "ProgressiveDistillation",
    "Refinement",
    "Results",
    "Run",
    "RunConflictError",
    "RunError",
    "RunLockedError",
    "SelfAdaptive",
    "SelfAdaptiveTraining",
    "SelfTraining",
    "SoftTargetClassifier",
    "SoftTargetMultilabelClassifier",
    "SoftTargetRegressor",
    "SoftlabelError",
    "SoftmaxRegression",
    "StochasticLabelRefinery",
    "StorageError",
    "StoredCrops",
    "Taxonomy",
    "TeacherBeside",
    "TeacherLabels",
    "TemperatureScaling",
    "TextFeatures",
    "TorchClassifier",
    "TorchMultilabelClassifier",
    "TorchRegressor",
    "TransformerClassifier",
    "TrustWeighted",
    "TrustedNoise",
    "WeightAveraging",
    "__version__",
    "binned_profile",
    "can_continue",
    "can_shorten",
    "class_accuracies",
    "compare",
    "compare_methods",
    "dawid_skene",
    "dawid_skene_counts",
    "distribution_distances",
    "draw_accuracy_distributions",
    "draw_crop_labels",
    "draw_losses",
    "draw_profile",
    "draw_rounds",
    "draw_table",
    "find_label_issues",
    "fit_temperature",
    "fit_thresholds",
    "label_crops",
    "label_recovery",
    "mean_by_class",
    "noise_from_chances",
    "noise_from_pairs",
    "noise_from_predictions",
    "picture_digests",
    "quadratic_weighted_kappa",
    "read_results",
    "read_taxonomy",
    "refine",
    "sharpen",
    "shortened",
    "similarity_rows",
    "smooth_others",
    "smooth_uniform",
    "teacher_digest",
    "trusted_chances",
    "unimodal",
    "update_targets",
    "vote_shares",
    "wordnet_parents",
    "wordnet_similarity",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version  # costs more than everything else here: only for who asks

        return version("softlabel")
    if name not in _HOME:
        raise AttributeError(f"module 'softlabel' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value  # looked up once
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
