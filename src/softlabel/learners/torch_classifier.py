"""A network with the face of a scikit-learn classifier, trained on target rows."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from softlabel.data.rows import as_rows, n_rows, take
from softlabel.errors import FitError, InputError, MissingExtraError
from softlabel.learners.network_settings import check_settings
from softlabel.learners.supervision import as_row_weights, as_target_rows
from softlabel.learners.table_input import check_table
from softlabel.targets.encode import class_codes, harden, one_hot

if TYPE_CHECKING:
    from torch import nn


class TorchClassifier(ClassifierMixin, BaseEstimator):
    """Train a PyTorch network on labels or target rows.

    Soft targets are native: the loss is the cross entropy to the target row. The weights are those after the last epoch;
    nothing chooses among epochs unless ``early_stopping`` asks for it, by an inner split of the training rows.

    Parameters
    ----------
    network : str or callable, default="small_cnn"
        ``small_cnn``, ``mlp``, ``se_resnet8`` to ``se_resnet56`` (CIFAR, He et al. 2016 with the blocks of Hu et al. 2018),
        ``timm:NAME`` for any model of timm with its own normalisation and input size; or a factory of an ``nn.Module``,
        called with those of ``input_shape``, ``n_outputs`` (also ``num_classes``), ``in_channels``, ``n_features`` that it
        names. It must return logits (b, k).
    network_options : dict or None
        Further arguments of a named network (``{"width": 16}``).
    weights : path, "pretrained" or None
        Weights to start from: a .safetensors or .pt file; "pretrained" downloads those of a timm model. None starts at
        random.
    epochs : int, default=30
    batch_size : int, default=128
    optimizer : {"sgd", "adamw"}, default="sgd"
        SGD with Nesterov momentum, or AdamW.
    lr : float or None
        Largest learning rate; None takes 0.1 for SGD and 0.001 for AdamW.
    momentum : float, default=0.9
        Of SGD; beta_1 of AdamW. (Not that of the label update.) One-cycle moves it .05 up and down, unless it is 0.
    weight_decay : float, default=5e-4
        On matrices and filters, not on biases and scales.
    schedule : {"one_cycle", "cosine", "steps", "constant"}, default="one_cycle"
    warmup : float, default=0.0
        Share of the training in which the learning rate rises. For one-cycle 0 means 0.3.
    milestones : sequence of float, default=(0.5, 0.75)
        For steps: shares of the training after which the learning rate is multiplied by ``gamma``.
    gamma : float, default=0.1
    clip_norm : float or None
        Largest norm of the gradient.
    loss : {"cross_entropy", "kl"} or callable
        A callable gets logits (b, k), target rows (b, k) and weights (b,) or None of a whole batch.
    augment : str, callable or None, default="auto"
        Of pictures: words joined by ``+``: crop, flip, resized_crop, autoaugment, randaugment, erasing, mixup, cutmix; or any
        transform of torchvision v2; None for none. "auto" is crop (a shift by up to an eighth), which suits most pictures.
    tta : str or None
        Views that ``predict_targets`` and ``predict_proba`` average where they are not told otherwise: flip, shift,
        flip+shift. The default is one view.
    image_size : int or None
        Side in pixels to which pictures are brought; None takes what the network needs, or their own size.
    precision : {"float32", "bf16"}, default="float32"
        bf16: layers compute in bfloat16, weights and losses stay float32.
    channels_last : bool, default=True
        Memory order of pictures; usually faster, on CPUs in float32 and on GPUs with bf16.
    compile : bool, default=False
        Train through ``torch.compile``.
    average : {None, "ema", "swa"}
        Use an exponential moving average of the weights, or the mean over the last epochs (SWA, Izmailov et al. 2018).
    ema_decay : float, default=0.999
    swa_start : float, default=0.75
        Share of the training after which weights are averaged.
    validation_share : float, default=0.0
        Share of the training rows, stratified, that are set apart and scored after each epoch. It knows no groups: where rows
        come in groups, its scores are too good.
    early_stopping : int or None
        Epochs to wait for a smaller loss on the inner split; then training ends, with the weights of its best epoch. Takes
        a ``validation_share`` of 0.1 where that is 0.
    workers : int, default=0
        Processes that load and augment pictures. On a CPU they change nothing but the speed; on a GPU they augment in its stead,
        and roundings differ.
    device : str, default="auto"
        auto, cpu, cuda, cuda:N, mps.
    verbose : int, default=0
        1 writes a line an epoch to stderr.
    random_state : int, generator or None
        Seed of weights, order, augmentation, inner split.

    Attributes
    ----------
    classes_ : (k,)
        The labels in ascending order, or 0 to k - 1 where target rows were given.
    network_ : nn.Module
        The trained network, on the CPU.
    history_ : list of dict
        One row an epoch: epoch, lr, train_loss, train_accuracy, and validation_loss, validation_accuracy where there are
        rows to watch. Training scores are those of augmented examples, before each step.
    loss_history_ : list of float
        The training losses.
    n_epochs_ : int
        Epochs behind the weights: the best one, where training stopped early.
    input_shape_ : tuple
        (c, h, w) of pictures, (d,) of tables.
    n_features_in_, feature_names_in_
        As scikit-learn's, for tables.

    Raises
    ------
    InputError
        For settings, rows or targets that cannot be used.
    FitError
        If the loss becomes NaN (names epoch, batch and learning rate), or memory runs out (says what to lower). When
        predicting, if the network's answers are no finite numbers.
    MissingExtraError
        Without torch: ``pip install 'softlabel[torch]'``; pictures need ``softlabel[vision]``.

    Notes
    -----
    Same seed, same threads, same machine: the same bytes, on a CPU. Torch's global generator is left as it was.
    Under ``accelerate launch`` or ``torchrun`` the processes share each batch.

    Examples
    --------
    >>> from softlabel import TorchClassifier
    >>> model = TorchClassifier("mlp", epochs=5, random_state=0)
    >>> model.fit([[0.0], [1.0], [0.1], [0.9]], [[1, 0], [0.2, 0.8], [0.9, 0.1], [0, 1]]).predict_proba([[0.0]]).shape
    (1, 2)
    """

    takes_images = True

    def __init__(
        self,
        network: Any = "small_cnn",
        *,
        network_options: Mapping[str, Any] | None = None,
        weights: str | Path | None = None,
        epochs: int = 30,
        batch_size: int = 128,
        optimizer: str = "sgd",
        lr: float | None = None,
        momentum: float = 0.9,
        weight_decay: float = 5e-4,
        schedule: str = "one_cycle",
        warmup: float = 0.0,
        milestones: Any = (0.5, 0.75),
        gamma: float = 0.1,
        clip_norm: float | None = None,
        loss: Any = "cross_entropy",
        augment: Any = "auto",
        tta: str | None = None,
        image_size: int | None = None,
        precision: str = "float32",
        channels_last: bool = True,
        compile: bool = False,
        average: str | None = None,
        ema_decay: float = 0.999,
        swa_start: float = 0.75,
        validation_share: float = 0.0,
        early_stopping: int | None = None,
        workers: int = 0,
        device: str = "auto",
        verbose: int = 0,
        random_state: Any = None,
    ) -> None:
        self.network = network
        self.network_options = network_options
        self.weights = weights
        self.epochs = epochs
        self.batch_size = batch_size
        self.optimizer = optimizer
        self.lr = lr
        self.momentum = momentum
        self.weight_decay = weight_decay
        self.schedule = schedule
        self.warmup = warmup
        self.milestones = milestones
        self.gamma = gamma
        self.clip_norm = clip_norm
        self.loss = loss
        self.augment = augment
        self.tta = tta
        self.image_size = image_size
        self.precision = precision
        self.channels_last = channels_last
        self.compile = compile
        self.average = average
        self.ema_decay = ema_decay
        self.swa_start = swa_start
        self.validation_share = validation_share
        self.early_stopping = early_stopping
        self.workers = workers
        self.device = device
        self.verbose = verbose
        self.random_state = random_state

    def fit(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None, *, validation: Any = None) -> Any:
        """Train on labels (n,) or target rows (n, k).

        Parameters
        ----------
        X : n rows
            A table of numbers (n, d), uint8 pictures (n, h, w) or (n, h, w, c), ``Images``, or any object with ``len`` and
            ``take(rows)`` whose parts are such arrays.
        y : (n,) labels or (n, k) target rows
        sample_weight : (n,), optional
            Weights of the rows in the loss; rows of weight 0 are left out.
        validation : (X, y) or None
            Rows that are scored after each epoch and choose nothing; ``y`` as above. Where ``validation_share`` or
            ``early_stopping`` set an inner split apart, that is scored instead.
        """
        require_torch()
        check_settings(self)
        X = check_table(self, as_rows(X), reset=True)
        self.classes_, targets = as_target_rows(y, n_rows(X))
        weight = None if sample_weight is None else as_row_weights(sample_weight, n_rows(X))
        if weight is not None and (weight == 0).any():
            used = np.flatnonzero(weight > 0)
            X, targets, weight = take(X, used), targets[used], weight[used]
        from softlabel.learners.training.training_run import run_training

        watched = None if validation is None else self._validation_rows(validation)
        trained = run_training(self, X, targets, weight, watched)
        self.network_, self.preparation_ = trained.network, trained.preparation
        self.input_shape_ = trained.input_shape
        self.history_, self.n_epochs_ = trained.history, trained.n_epochs
        self.loss_history_ = [row["train_loss"] for row in self.history_]
        return self

    def predict_targets(self, X: Any, *, tta: str | None = None) -> NDArray[np.float32]:
        """Return class probabilities (n, k), columns in the order of ``classes_``.

        Parameters
        ----------
        tta : str or None
            Views to average (the paper's SLR-a): flip, shift, flip+shift, none. None takes the classifier's own ``tta``.
        """
        check_is_fitted(self, "network_")
        require_torch()
        X = check_table(self, as_rows(X), reset=False)
        from softlabel.learners.training.training_run import run_prediction

        predicted = run_prediction(self, X, self.tta if tta is None else tta)
        if not np.isfinite(predicted).all():  # a last step too far, after the last loss that was looked at
            last = self.history_[-1]
            raise FitError(
                f"the network's answers are no finite numbers; its training loss was {last['train_loss']:.3g} in the last epoch, "
                f"{last['epoch']:g}, at learning rate {last['lr']:.3g}; give a smaller lr, clip_norm=1, or look for extreme values "
                "in the data"
            )
        return predicted

    def predict_proba(self, X: Any, *, tta: str | None = None) -> NDArray[np.float32]:
        """The same as :meth:`predict_targets`."""
        return self.predict_targets(X, tta=tta)

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the most probable label (n,) of each row."""
        codes = harden(self.predict_targets(X))  # (n,)
        return self.classes_[codes]

    def save_weights(self, path: str | Path) -> None:
        """Write the trained weights to a .safetensors file, which ``weights=path`` starts another training from."""
        check_is_fitted(self, "network_")
        from softlabel.store.weights import write_weights

        write_weights(Path(path), network_arrays(self.network_))

    def _validation_rows(self, validation: Any) -> tuple[Any, NDArray[np.float32]]:
        if not isinstance(validation, tuple) or len(validation) != 2:
            raise InputError("validation is no pair; give a tuple (X, y) of rows to watch")
        X = check_table(self, as_rows(validation[0]), reset=False)
        y, k = np.asarray(validation[1]), len(self.classes_)
        if y.ndim == 2:
            targets = as_target_rows(y, n_rows(X))[1]
            if targets.shape[1] != k:
                raise InputError(f"validation has target rows of {targets.shape[1]} classes; give those of all {k}")
            return X, targets
        if y.shape != (n_rows(X),):
            raise InputError(
                f"validation has labels of shape {y.shape} for {n_rows(X)} rows; give one label for each row"
            )
        return X, one_hot(class_codes(y, self.classes_), k)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "network_")


def network_arrays(network: nn.Module) -> dict[str, NDArray[Any]]:
    """Return the weights and buffers of a network by name, as arrays."""
    return {name: values.detach().cpu().contiguous().numpy() for name, values in network.state_dict().items()}


def require_torch() -> None:
    """Raise MissingExtraError where torch is not installed; it is not imported to find out."""
    if find_spec("torch") is None:
        raise MissingExtraError("torch", "torch")


def require_vision() -> None:
    """Raise MissingExtraError where what pictures need is not installed."""
    require_torch()
    for package, name in (("torchvision", "torchvision"), ("PIL", "pillow")):
        if find_spec(package) is None:
            raise MissingExtraError(name, "vision")
