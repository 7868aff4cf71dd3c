"""A network with the face of a scikit-learn regressor, trained on grades or other numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import RegressorMixin

from softlabel.errors import InputError
from softlabel.learners.number_rows import as_number_rows
from softlabel.learners.torch_learner import TorchLearner


class TorchRegressor(RegressorMixin, TorchLearner):
    """Train a PyTorch network on numbers, such as grades: (n,), a column (n, 1), or several columns (n, m).

    Targets are taken as they are, neither shifted nor scaled, as the paper trains on grades. So that short trainings are not
    spent on the mean, the last linear layer starts with it as its bias, where the network ends in one and starts at random. Far
    from the scale of grades, scale the targets first (``TransformedTargetRegressor``): steps of smooth L1 are bounded.

    All parameters are those of :class:`~softlabel.learners.torch_learner.TorchLearner`. The losses that have a name are
    ``smooth_l1`` (the default; the square within 1 of the target, beyond it the distance) and ``squared_error``; both are means over
    the columns.

    Attributes
    ----------
    n_outputs_ : int
        The columns of the targets; 1 for (n,).
    network_, history_, loss_history_, n_epochs_, input_shape_, n_features_in_, feature_names_in_
        As those of :class:`~softlabel.learners.torch_learner.TorchLearner`, and so is what is raised. ``history_`` has the mean
        absolute error, ``train_mae`` and ``validation_mae``, where a classifier's has accuracy.

    Examples
    --------
    >>> from softlabel.learners.torch_regressor import TorchRegressor
    >>> model = TorchRegressor("mlp", epochs=5, random_state=0).fit([[0.0], [1.0], [0.1], [0.9]], [0, 2, 0.3, 1.7])
    >>> model.predict([[0.0]]).shape, model.predict_targets([[0.0]]).shape
    ((1,), (1, 1))
    """

    target_kind = "scalar"

    def predict(self, X: Any) -> NDArray[np.float32]:
        """Return predicted numbers: (n,), or (n, m) where several columns were trained on."""
        predicted = self.predict_targets(X)  # (n, m)
        return predicted[:, 0] if self.n_outputs_ == 1 else predicted

    def _learned_targets(self, y: Any, n: int) -> NDArray[np.float32]:
        return as_number_rows(y, n)

    def _watched_targets(self, y: Any, n: int) -> NDArray[np.float32]:
        targets = as_number_rows(y, n, name="validation")
        if targets.shape[1] != self.n_outputs_:
            raise InputError(
                f"validation has {targets.shape[1]} target columns; give the {self.n_outputs_} of the training"
            )
        return targets

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
