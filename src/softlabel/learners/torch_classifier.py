"""A network with the face of a scikit-learn classifier, trained on target rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin

from softlabel.errors import InputError
from softlabel.learners.supervision import as_target_rows
from softlabel.learners.torch_learner import TorchLearner
from softlabel.targets.encode import class_codes, harden, one_hot


class TorchClassifier(ClassifierMixin, TorchLearner):
    """Train a PyTorch network on labels (n,) or target rows (n, k) that sum to 1.

    Soft targets are native: the loss is the cross entropy to the target row. The weights are those after the last epoch;
    nothing chooses among epochs unless ``early_stopping`` asks for it, by an inner split of the training rows.

    All parameters are those of :class:`~softlabel.learners.torch_learner.TorchLearner`. The losses that have a name are
    ``cross_entropy`` (the default), ``kl``, and ``emd`` for classes that have an order: the squared earth mover's distance.

    Attributes
    ----------
    classes_ : (k,)
        The labels in ascending order, or 0 to k - 1 where target rows were given.
    network_, history_, loss_history_, n_epochs_, input_shape_, n_features_in_, feature_names_in_
        As those of :class:`~softlabel.learners.torch_learner.TorchLearner`, and so is what is raised.

    Examples
    --------
    >>> from softlabel import TorchClassifier
    >>> model = TorchClassifier("mlp", epochs=5, random_state=0)
    >>> model.fit([[0.0], [1.0], [0.1], [0.9]], [[1, 0], [0.2, 0.8], [0.9, 0.1], [0, 1]]).predict_proba([[0.0]]).shape
    (1, 2)
    """

    target_kind = "distribution"

    def predict_proba(self, X: Any, *, tta: str | None = None) -> NDArray[np.float32]:
        """Return class probabilities (n, k), columns in the order of ``classes_``: the same as :meth:`predict_targets`."""
        return self.predict_targets(X, tta=tta)

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the most probable label (n,) of each row."""
        codes = harden(self.predict_targets(X))  # (n,)
        return self.classes_[codes]

    def _learned_targets(self, y: Any, n: int) -> NDArray[np.float32]:
        self.classes_, targets = as_target_rows(y, n)
        return targets

    def _watched_targets(self, y: Any, n: int) -> NDArray[np.float32]:
        labels, k = np.asarray(y), len(self.classes_)
        if labels.ndim == 2:
            targets = as_target_rows(labels, n)[1]
            if targets.shape[1] != k:
                raise InputError(f"validation has target rows of {targets.shape[1]} classes; give those of all {k}")
            return targets
        if labels.shape != (n,):
            raise InputError(f"validation has labels of shape {labels.shape} for {n} rows; give one label for each row")
        return one_hot(class_codes(labels, self.classes_), k)
