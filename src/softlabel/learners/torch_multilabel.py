"""A network with the face of a multi-label classifier of scikit-learn, trained on entries from 0 to 1."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin

from softlabel.errors import InputError
from softlabel.learners.supervision import as_entries
from softlabel.learners.torch_learner import TorchLearner
from softlabel.targets.entries import harden_entries


class TorchMultilabelClassifier(ClassifierMixin, TorchLearner):
    """Train a PyTorch network on several labels a row: target rows (n, k) of entries from 0 to 1, each its own.

    An entry is the chance that its row has its label; 0 and 1 are labels as they are given. The network answers a logit for each
    label, its sigmoid is the prediction. Rows need not sum to 1; where images are mixed (mixup, cutmix), so are these rows.

    All parameters are those of :class:`~softlabel.learners.torch_learner.TorchLearner`. The one loss that has a name is ``bce``, the
    binary cross entropy, its mean over labels and rows.

    Attributes
    ----------
    classes_ : (k,)
        The columns, 0 to k - 1.
    network_, history_, loss_history_, n_epochs_, input_shape_, n_features_in_, feature_names_in_
        As those of :class:`~softlabel.learners.torch_learner.TorchLearner`, and so is what is raised. Accuracies in ``history_`` are
        shares of entries.

    Examples
    --------
    >>> from softlabel.learners.torch_multilabel import TorchMultilabelClassifier
    >>> model = TorchMultilabelClassifier("mlp", epochs=5, random_state=0)
    >>> model.fit([[0.0], [1.0], [0.1], [0.9]], [[1, 1], [0.2, 0.8], [0.9, 0], [0, 1]]).predict([[0.0]]).shape
    (1, 2)
    """

    target_kind = "independent"

    def predict_proba(self, X: Any, *, tta: str | None = None) -> NDArray[np.float32]:
        """Return the probability of each label (n, k): the same as :meth:`predict_targets`."""
        return self.predict_targets(X, tta=tta)

    def predict(self, X: Any) -> NDArray[np.int64]:
        """Return 1 where a label is more likely than not, else 0: (n, k)."""
        return harden_entries(self.predict_targets(X))

    def _learned_targets(self, y: Any, n: int) -> NDArray[np.float32]:
        targets = as_entries(y, n)
        self.classes_ = np.arange(targets.shape[1])
        return targets

    def _watched_targets(self, y: Any, n: int) -> NDArray[np.float32]:
        targets = as_entries(y, n)
        if targets.shape[1] != self.n_outputs_:
            raise InputError(
                f"validation has {targets.shape[1]} labels a row; give all {self.n_outputs_} of the training"
            )
        return targets

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        tags.target_tags.single_output = False
        tags.classifier_tags.multi_label = True
        tags.classifier_tags.multi_class = False
        return tags
