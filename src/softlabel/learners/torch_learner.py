"""What every network learner is: the settings of a training, fitting to target rows, predicting them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from softlabel.data.rows import as_rows, n_rows
from softlabel.errors import FitError, InputError
from softlabel.learners.network_settings import check_settings
from softlabel.learners.supervision import as_row_weights
from softlabel.learners.table_input import check_table
from softlabel.learners.torch_installed import require_torch

if TYPE_CHECKING:
    from torch import nn


class TorchLearner(BaseEstimator):
    """A PyTorch network that is trained on target rows; a class for each kind of rows derives from it.

    A derived class says its ``target_kind``, which decides what outputs mean and how they are scored, reads what it is fitted to
    (``_learned_targets``), and turns predicted rows into what ``predict`` returns.

    Attributes
    ----------
    network_ : nn.Module
        The trained network, on the CPU.
    n_outputs_ : int
        m, the columns of a target row.
    history_ : list of dict
        One row an epoch: epoch, lr, train_loss, train_accuracy, and validation_loss, validation_accuracy where there are
        rows to watch or an inner split; where there are both, validation_* are those of the watched rows, inner_* those of the split.
        Of numbers train_mae and validation_mae, the mean absolute error. Training scores are those of augmented
        examples, before each step; the validation loss is the default one, whatever ``loss`` says.
    loss_history_ : list of float
        The training losses.
    learned_targets_ : (n, m) float32
        Where a labeler moves targets: the target row of each row of X in the last epoch that was trained; NaN for rows of weight 0 and
        those that were set apart.
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
    """

    takes_images = True
    training_length = "epochs"  # the parameter that says how long it trains
    target_kind: str
    n_outputs_: int

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
        loss: Any = None,
        hardest: float | None = None,
        labeler: Any = None,
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
        """Take the settings; nothing is checked or built before :meth:`fit`.

        Parameters
        ----------
        network : str or callable, default="small_cnn"
            ``small_cnn``, ``mlp``, ``se_resnet8`` to ``se_resnet56`` (CIFAR, He et al. 2016 with the blocks of Hu et al. 2018),
            ``timm:NAME`` for any model of timm with its own normalisation and input size; or a factory of an ``nn.Module``,
            called with those of ``input_shape``, ``n_outputs`` (also ``num_classes``), ``in_channels``, ``n_features`` that it
            names. It must return (b, m): logits, or the numbers themselves where targets are numbers.
        network_options : dict or None
            Further arguments of a named network (``{"width": 16}``); ``{"pool": "gem"}`` ends networks of pictures in
            generalised-mean pooling.
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
        loss : str, maker, callable or None
            Names are those of the class, and None is its default; makers are ``Focal``, ``DistillationLoss`` and ``TrustWeighted`` of
            ``softlabel.learners.losses``. A callable gets outputs (b, m), target rows (b, m) and weights (b,) or None of a whole
            batch.
        hardest : float or None
            The share of each batch, by weight, that the loss is the mean over: the rows it is largest for (online hard example
            mining, Shrivastava et al. 2016). None and 1 take all rows. Not with a callable loss. Processes that share a batch choose
            among their own rows each.
        labeler : maker or None
            Who decides the target of each row while the network trains: ``OnlineSmoothing``, ``SelfAdaptive``, ``Progressive`` or
            ``TeacherBeside`` of ``softlabel.learners.labelers``, or one of your own. None: the rows that are given.
        augment : str, callable or None, default="auto"
            Of pictures: words joined by ``+``: crop, flip, resized_crop, autoaugment, randaugment, erasing, mixup, cutmix,
            ricap; or any transform of torchvision v2; None for none. "auto" is crop (a shift by up to an eighth), which suits
            most pictures.
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
        """
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
        self.hardest = hardest
        self.labeler = labeler
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
        """Train on target rows (n, m), or on what the class makes them of.

        Parameters
        ----------
        X : n rows
            A table of numbers (n, d), uint8 pictures (n, h, w) or (n, h, w, c), ``Images``, or any object with ``len`` and
            ``take(rows)`` whose parts are such arrays.
        y : (n,) or (n, m)
            As the class takes it.
        sample_weight : (n,), optional
            Weights of the rows in the loss; rows of weight 0 are left out.
        validation : (X, y) or None
            Rows that are scored after each epoch and choose nothing; ``y`` as above. Where ``validation_share`` or
            ``early_stopping`` set an inner split apart, that is scored beside them, as inner_loss and the like.
        """
        return self._fit(X, y, sample_weight, validation)

    def fit_from(self, fitted: Any, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Any:
        """Go on from the weights of a fitted learner, which is left as it is: a whole further training, schedule and all.

        The optimiser is a fresh one; size and normalisation of the rows stay those that the fitted learner learned. Nothing is set apart
        and nothing stops early (``validation_share``, ``early_stopping``): another inner split would hold rows that were trained on.

        Parameters
        ----------
        fitted : learner of the same class and network
        X, y, sample_weight
            As for ``fit``.

        Raises
        ------
        InputError
            If the fitted learner's network takes other rows, or answers other columns.
        """
        check_is_fitted(fitted, "network_")
        return self._fit(X, y, sample_weight, None, fitted)

    def _fit(self, X: Any, y: Any, sample_weight: Any, validation: Any, fitted: Any = None) -> Any:
        require_torch()
        check_settings(self)
        X = check_table(self, as_rows(X), reset=True)
        targets = self._learned_targets(y, n_rows(X))  # (n, m)
        self.n_outputs_ = targets.shape[1]
        if fitted is not None and fitted.n_outputs_ != self.n_outputs_:
            raise InputError(
                f"the network to go on with answers {fitted.n_outputs_} columns, and the targets have {self.n_outputs_}; fit anew"
            )
        weight = None if sample_weight is None else as_row_weights(sample_weight, n_rows(X))
        if hasattr(self.labeler, "check_rows"):
            self.labeler.check_rows(*targets.shape, self.target_kind)
        from softlabel.learners.training.training_run import run_training

        watched = None if validation is None else self._validation_rows(validation)
        trained = run_training(self, X, targets, weight, watched, fitted)
        self.network_, self.preparation_ = trained.network, trained.preparation
        self.input_shape_ = trained.input_shape
        self.history_, self.n_epochs_ = trained.history, trained.n_epochs
        self.loss_history_ = [row["train_loss"] for row in self.history_]
        self.__dict__.pop("learned_targets_", None)  # an earlier fit's
        if trained.learned is not None:
            self.learned_targets_ = trained.learned
        return self

    def predict_targets(self, X: Any, *, tta: str | None = None) -> NDArray[np.float32]:
        """Return predicted target rows (n, m), columns in the order of those that were trained on.

        Parameters
        ----------
        tta : str or None
            Views to average (the paper's SLR-a): flip, shift, flip+shift, none. None takes the learner's own ``tta``.
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

    def save_weights(self, path: str | Path) -> None:
        """Write the trained weights to a .safetensors file, which ``weights=path`` starts another training from."""
        check_is_fitted(self, "network_")
        from softlabel.store.weights import write_weights

        write_weights(Path(path), network_arrays(self.network_))

    def _learned_targets(self, y: Any, n: int) -> NDArray[np.float32]:
        """Return the target rows (n, m) that ``y`` stands for, and remember what its columns are."""
        raise NotImplementedError  # said by each of the three classes, never by this one

    def _watched_targets(self, y: Any, n: int) -> NDArray[np.float32]:
        """Return the target rows (n, m) of rows to watch, with the columns of those that are trained on."""
        raise NotImplementedError  # said by each of the three classes, never by this one

    def _validation_rows(self, validation: Any) -> tuple[Any, NDArray[np.float32]]:
        if not isinstance(validation, tuple) or len(validation) != 2:
            raise InputError("validation is no pair; give a tuple (X, y) of rows to watch")
        X = check_table(self, as_rows(validation[0]), reset=False)
        return X, self._watched_targets(validation[1], n_rows(X))

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "network_")


def network_arrays(network: nn.Module) -> dict[str, NDArray[Any]]:
    """Return the weights and buffers of a network by name, as arrays."""
    return {name: values.detach().cpu().contiguous().numpy() for name, values in network.state_dict().items()}
