"""One training from rows and settings to a trained network; and its predictions."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from sklearn.utils import check_random_state
from torch import Tensor, nn

from softlabel.errors import InputError
from softlabel.learners.network_settings import build_options
from softlabel.learners.networks.build import BuiltNetwork, build_network
from softlabel.learners.training.averaging import make_averaging
from softlabel.learners.training.batches import ShuffledBatches
from softlabel.learners.training.devices import autocast_of, bounded_threads, choose_device, memory_errors_told
from softlabel.learners.training.epoch_lines import tell
from softlabel.learners.training.input_rows import InputRows, input_rows
from softlabel.learners.training.labelers import StoredTargets
from softlabel.learners.training.loop import Training, train
from softlabel.learners.training.losses import make_loss
from softlabel.learners.training.meter import EpochScores
from softlabel.learners.training.optimizers import DEFAULT_RATES, make_optimizer
from softlabel.learners.training.prediction import predict_rows
from softlabel.learners.training.preparation import Preparation, learn_preparation, make_resize, make_training_views
from softlabel.learners.training.processes import Processes, processes_for
from softlabel.learners.training.schedules import make_schedule
from softlabel.learners.training.seeding import address, isolated
from softlabel.learners.training.validation import EarlyStopping, inner_split, scores

_WEIGHTS, _TRAINING, _SPLIT = 1, 2, 3  # what a seed is for
_INNER_SHARE = 0.1


@dataclass(frozen=True)
class Trained:
    """What a training leaves."""

    network: nn.Module  # on the CPU
    preparation: Preparation
    input_shape: tuple[int, ...]
    history: list[dict[str, float]]
    n_epochs: int


def run_training(
    settings: Any, X: Any, targets: np.ndarray, weight: np.ndarray | None, watched: tuple | None
) -> Trained:
    """Train as a ``TorchClassifier``'s settings say.

    Parameters
    ----------
    settings : TorchClassifier
    X, targets, weight : n rows, (n, k) float32, (n,) or None
    watched : (X, targets) or (X, targets, weights), or None
        Rows to score after each epoch; where an inner split is asked for, that is scored instead.
    """
    device = choose_device(settings.device)
    processes = processes_for(device)
    device = getattr(processes, "device", device)
    # Without a seed of the user's each process draws another one.
    seed = int(processes.of_first(_drawn_seed(settings.random_state)))
    share = settings.validation_share or (_INNER_SHARE if settings.early_stopping is not None else 0.0)
    if share:
        X, targets, weight, watched = inner_split(X, targets, weight, share, address(seed, _SPLIT))
    with bounded_threads(), isolated(address(seed, _TRAINING), device), memory_errors_told(device, settings.batch_size):
        rows = input_rows(X, device if settings.workers == 0 else torch.device("cpu"))
        built = _built(settings, rows, targets.shape[1], address(seed, _WEIGHTS))
        preparation = learn_preparation(rows, built, settings.image_size)
        network = built.module.to(device)
        if settings.channels_last:
            network = network.to(memory_format=torch.channels_last)
        normalise = preparation.on(device, settings.channels_last)
        augment, mix = make_training_views(settings.augment, rows, preparation)
        batches = ShuffledBatches(
            rows,
            normalise,
            device,
            settings.batch_size,
            address(seed, _TRAINING),
            augment=augment,
            mix=mix,
            weight=None if weight is None else torch.from_numpy(np.asarray(weight, np.float32)).to(device),
            workers=settings.workers,
            processes=processes,
        )
        _check_outputs(network, batches, targets.shape[1], settings)
        rate = DEFAULT_RATES[settings.optimizer] if settings.lr is None else settings.lr
        optimizer = make_optimizer(
            settings.optimizer, network, lr=rate, momentum=settings.momentum, weight_decay=settings.weight_decay
        )
        averaging = make_averaging(
            settings.average,
            network,
            decay=settings.ema_decay,
            start=settings.swa_start,
            epochs=settings.epochs,
        )
        training = Training(
            network=_compiled(network) if settings.compile else network,
            batches=batches,
            labeler=StoredTargets(torch.from_numpy(targets).to(device)),
            loss=make_loss(settings.loss),
            optimizer=optimizer,
            schedule=make_schedule(
                settings.schedule,
                optimizer,
                lr=rate,
                steps=len(batches) * settings.epochs,
                warmup=settings.warmup,
                milestones=settings.milestones,
                gamma=settings.gamma,
            ),
            epochs=settings.epochs,
            clip_norm=settings.clip_norm,
            autocast=lambda: autocast_of(settings.precision, device),
            averaging=averaging,
            processes=processes,
        )
        seen = None if watched is None else (_rows_like(rows.shape, watched[0]), *watched[1:])
        record = _Record(settings, network, preparation, device, seen, processes)
        train(training, record.after_epoch)
        if record.stopping is not None and record.stopping.network is not None:
            final, n_epochs = record.stopping.network, record.stopping.epoch
        else:
            final, n_epochs = averaging.result(network, batches.inputs), len(record.history)
        processes.agree(final)
    return Trained(final.to("cpu").eval(), preparation, rows.shape, record.history, n_epochs)


def _drawn_seed(random_state: Any) -> int:
    """Return a seed of 31 bits: from the system's entropy where none was given, never from NumPy's global generator."""
    if random_state is None:
        return int(np.random.SeedSequence().generate_state(1)[0]) >> 1
    return int(check_random_state(random_state).randint(2**31 - 1))


def run_prediction(classifier: Any, X: Any, tta: str | None) -> np.ndarray:
    """Return class probabilities (n, k) of a fitted classifier."""
    from softlabel.learners.augmentation.tta import tta_views

    device = choose_device(classifier.device)
    with bounded_threads(), memory_errors_told(device, _prediction_size(classifier)):
        rows = _rows_like(classifier.input_shape_, X)
        views = []
        if tta not in (None, "none"):
            if not rows.pictures:
                raise InputError(f"tta={tta!r} makes views of pictures, and these rows are none; leave tta out")
            height, width = classifier.preparation_.size or rows.shape[1:]
            views = tta_views(tta, (height, width))
        try:
            return _predicted(classifier, classifier.network_.to(device), classifier.preparation_, rows, device, views)
        finally:
            classifier.network_.to("cpu")  # where it is stored from, and read where there is no such device


def _rows_like(shape: tuple[int, ...], X: Any) -> InputRows:
    """Return rows that are not trained on; a network that takes any size would say something of others too."""
    rows = input_rows(X, torch.device("cpu"))
    if rows.shape != shape:
        raise InputError(
            f"rows have the shape {rows.shape}, and those of the training had {shape}; give rows of that shape"
        )
    return rows


def _predicted(
    settings: Any, network: nn.Module, preparation: Preparation, rows: InputRows, device: torch.device, views: Any = ()
) -> np.ndarray:
    return predict_rows(
        network,
        rows,
        preparation.on(device, settings.channels_last),
        device,
        batch_size=_prediction_size(settings),
        views=views,
        resize=make_resize(rows, preparation),
        autocast=lambda: autocast_of(settings.precision, device),
    )


def _prediction_size(settings: Any) -> int:
    return int(settings.batch_size) * 2  # no gradients are kept


class _Record:
    """What is written down after each epoch."""

    def __init__(
        self,
        settings: Any,
        network: nn.Module,
        preparation: Preparation,
        device: torch.device,
        watched: Any,
        processes: Processes,
    ) -> None:
        self._settings, self._network, self._preparation = settings, network, preparation
        self._device, self._processes = device, processes
        self._watched = watched
        self._since = time.perf_counter()
        self.history: list[dict[str, float]] = []
        patience = settings.early_stopping
        self.stopping = None if patience is None else EarlyStopping(patience)

    def after_epoch(self, epoch: int, found: EpochScores) -> bool:
        row = {"epoch": epoch, "lr": found.lr, "train_loss": found.loss, "train_accuracy": found.accuracy}
        if self._watched is not None:
            rows, *against = self._watched
            predicted = _predicted(self._settings, self._network, self._preparation, rows, self._device)
            row |= scores(predicted, *against)
        self.history.append(row)
        if self._processes.rank == 0:
            tell(row, self._settings.epochs, time.perf_counter() - self._since, self._settings.verbose)
        self._since = time.perf_counter()
        if self.stopping is None:
            return False
        # Statistics of batch normalisation differ between processes, and so would their decisions: the others would wait.
        return self.stopping.told(self._processes.of_first(row["validation_loss"]), epoch, self._network)


def _built(settings: Any, rows: InputRows, n_outputs: int, seed: int) -> BuiltNetwork:
    """Build the network for rows of this shape."""
    shape = rows.shape
    if rows.pictures and settings.image_size is not None:
        shape = (shape[0], settings.image_size, settings.image_size)
    return build_network(
        settings.network, shape, n_outputs, weights=settings.weights, options=build_options(settings), seed=seed
    )


def _check_outputs(network: nn.Module, batches: ShuffledBatches, n_outputs: int, settings: Any) -> None:
    """Ask the network once: an output of another width would train on something, or fail far from its cause."""
    x = batches.normalise(batches.load(torch.arange(min(2, batches.rows.n)), 0, 0)[0], batches.device)
    network.eval()  # statistics of batch normalisation must not move
    try:
        with torch.no_grad():
            output = network(x)
    except (RuntimeError, ValueError, TypeError) as error:
        if isinstance(error, torch.OutOfMemoryError):
            raise
        raise InputError(
            f"the network {_named(settings.network)} cannot take inputs of shape {tuple(x.shape)}: "
            f"{' '.join(str(error).split())[:200]}; give one for rows of shape {batches.rows.shape}"
        ) from error
    got = tuple(output.shape) if isinstance(output, Tensor) else type(output).__name__
    if got != (len(x), n_outputs):
        raise InputError(
            f"the network {_named(settings.network)} answers {got} to {len(x)} rows; it must answer {(len(x), n_outputs)}, a "
            "logit for each class"
        )


def _named(network: Any) -> str:
    return network if isinstance(network, str) else getattr(network, "__name__", type(network).__name__)


def _compiled(network: nn.Module) -> nn.Module:
    compiled: nn.Module = torch.compile(network)  # type: ignore[assignment]
    return compiled
