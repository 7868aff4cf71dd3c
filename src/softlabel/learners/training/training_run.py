"""One training from rows and settings to a trained network; and its predictions."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from sklearn.utils import check_random_state
from torch import nn

from softlabel.data.rows import take
from softlabel.errors import InputError
from softlabel.learners.network_settings import DEFAULT_RATES
from softlabel.learners.training.answers import answer_batch, answers, rows_like
from softlabel.learners.training.averaging import make_averaging
from softlabel.learners.training.batches import ShuffledBatches
from softlabel.learners.training.devices import autocast_of, bounded_threads, choose_device, memory_errors_told
from softlabel.learners.training.input_rows import InputRows, input_rows
from softlabel.learners.training.labeler_choice import learned_rows, make_labeler, mixed_within, training_batches
from softlabel.learners.training.loop import Labeler, Training, train
from softlabel.learners.training.loss_choice import make_loss
from softlabel.learners.training.optimizers import make_optimizer
from softlabel.learners.training.outputs import outputs_of
from softlabel.learners.training.preparation import Preparation, learn_preparation, make_training_views
from softlabel.learners.training.processes import Processes, processes_for
from softlabel.learners.training.record import Record
from softlabel.learners.training.schedules import make_schedule
from softlabel.learners.training.seeding import address, isolated
from softlabel.learners.training.student import built_for, check_outputs, copied_network, start_at_the_mean
from softlabel.learners.training.teachers import StudentInputs
from softlabel.learners.training.validation import inner_split

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
    learned: np.ndarray | None = (
        None  # (n, m) float32 target rows, of a labeler that learned them; NaN for untrained rows
    )


def run_training(
    settings: Any,
    X: Any,
    targets: np.ndarray,
    weight: np.ndarray | None,
    watched: tuple | None,
    fitted: Any = None,
) -> Trained:
    """Train as a learner's settings say.

    Parameters
    ----------
    settings : TorchLearner
    X, targets, weight : n rows, (n, m) float32, (n,) or None
        Rows of weight 0 are left out.
    watched : (X, targets) or (X, targets, weights), or None
        Rows to score after each epoch, as ``validation_loss`` and the like. An inner split, where one is asked for, is scored under
        these names where there are no rows to watch, and as ``inner_loss`` and the like beside them.
    fitted : TorchLearner or None
        One to go on from, with a copy of its weights; there is no inner split then, and nothing stops early.
    """
    if fitted is not None:  # rows that would be set apart now may have been trained on before
        settings = copy.copy(settings).set_params(validation_share=0.0, early_stopping=None)
    device = choose_device(settings.device)
    processes = processes_for(device)
    device = getattr(processes, "device", device)
    # Without a seed of the user's each process draws another one.
    seed = int(processes.of_first(_drawn_seed(settings.random_state)))
    n = len(targets)
    share = settings.validation_share or (_INNER_SHARE if settings.early_stopping is not None else 0.0)
    scored = {} if watched is None else {"validation": watched}
    used = np.arange(n) if weight is None else np.flatnonzero(weight > 0)  # positions of the rows that are trained on
    if share:
        strata = outputs_of(settings).strata(targets[used])
        kept, apart = inner_split(len(used), strata, share, address(seed, _SPLIT))
        scored["inner" if scored else "validation"] = _taken(X, targets, weight, used[apart])
        used = used[kept]
    if len(used) < n:
        X, targets, weight = _taken(X, targets, weight, used)
    with bounded_threads(), isolated(address(seed, _TRAINING), device), memory_errors_told(device, settings.batch_size):
        rows = input_rows(X, device if settings.workers == 0 else torch.device("cpu"))
        if fitted is None:
            built = built_for(settings, rows, targets.shape[1], address(seed, _WEIGHTS))
            preparation = learn_preparation(rows, built, settings.image_size)
            start_at_the_mean(built.module, targets, weight, settings)
            network = built.module.to(device)
        else:
            preparation = fitted.preparation_
            network = copied_network(fitted, rows).to(device)
        if settings.channels_last:
            network = network.to(memory_format=torch.channels_last)
        within = mixed_within(settings, used)
        batches = _batches(settings, X, rows, preparation, weight, device, processes, address(seed, _TRAINING), within)
        check_outputs(network, batches, targets.shape[1], settings)
        inputs = StudentInputs(
            batches.normalise,
            (rows.shape[0], *(preparation.size or rows.shape[1:])),
            rows.pictures,
            device,
            lambda: autocast_of(settings.precision, device),
        )
        labeler = make_labeler(settings, targets, used, batches, device, inputs)
        training = _training(settings, network, batches, labeler, device, processes)
        seen = {name: (rows_like(rows.shape, x), *against) for name, (x, *against) in scored.items()}
        record = Record(settings, network, preparation, device, seen, processes)
        train(training, record.after_epoch)
        if record.stopping is not None and record.stopping.network is not None:
            final, n_epochs = record.stopping.network, record.stopping.epoch
        else:
            final, n_epochs = training.averaging.result(network, batches.inputs), len(record.history)
        processes.agree(final)
        learned = learned_rows(labeler, used, n)
    return Trained(final.to("cpu").eval(), preparation, rows.shape, record.history, n_epochs, learned)


def _taken(
    X: Any, targets: np.ndarray, weight: np.ndarray | None, rows: np.ndarray
) -> tuple[Any, np.ndarray, np.ndarray | None]:
    return take(X, rows), targets[rows], None if weight is None else weight[rows]


def _batches(
    settings: Any,
    X: Any,
    rows: InputRows,
    preparation: Preparation,
    weight: np.ndarray | None,
    device: torch.device,
    processes: Processes,
    seed: int,
    within: torch.Tensor | None,
) -> ShuffledBatches:
    begin = getattr(settings.labeler, "begin_batches", None)
    augment, mix = (None, None) if begin is not None else make_training_views(settings.augment, rows, preparation)
    batches = ShuffledBatches(
        rows,
        preparation.on(device, settings.channels_last),
        device,
        settings.batch_size,
        seed,
        augment=augment,
        mix=mix,
        mixed_within=within,
        weight=None if weight is None else torch.from_numpy(np.asarray(weight, np.float32)).to(device),
        workers=settings.workers,
        processes=processes,
    )
    if begin is None:
        return batches
    own: ShuffledBatches = begin(settings, X, batches, preparation.size or rows.shape[1:])
    return own


def _training(
    settings: Any,
    network: nn.Module,
    batches: ShuffledBatches,
    labeler: Labeler,
    device: torch.device,
    processes: Processes,
) -> Training:
    rate = DEFAULT_RATES[settings.optimizer] if settings.lr is None else settings.lr
    optimizer = make_optimizer(
        settings.optimizer, network, lr=rate, momentum=settings.momentum, weight_decay=settings.weight_decay
    )
    # Before it is compiled: a compiled network is called in its place, and has the same weights.
    averaging = make_averaging(
        settings.average, network, decay=settings.ema_decay, start=settings.swa_start, epochs=settings.epochs
    )
    schedule = make_schedule(
        settings.schedule,
        optimizer,
        lr=rate,
        steps=batches.steps(settings.epochs),
        warmup=settings.warmup,
        milestones=settings.milestones,
        gamma=settings.gamma,
    )
    return Training(
        network=_compiled(network) if settings.compile else network,
        batches=training_batches(settings, batches, labeler, network),
        labeler=labeler,
        loss=make_loss(settings.loss, settings.target_kind, settings.hardest),
        row_scores=outputs_of(settings).row_scores,
        optimizer=optimizer,
        schedule=schedule,
        epochs=settings.epochs,
        clip_norm=settings.clip_norm,
        autocast=lambda: autocast_of(settings.precision, device),
        averaging=averaging,
        processes=processes,
    )


def _drawn_seed(random_state: Any) -> int:
    """Return a seed of 31 bits: from the system's entropy where none was given, never from NumPy's global generator."""
    if random_state is None:
        return int(np.random.SeedSequence().generate_state(1)[0]) >> 1
    return int(check_random_state(random_state).randint(2**31 - 1))


def _compiled(network: nn.Module) -> nn.Module:
    compiled: nn.Module = torch.compile(network)  # type: ignore[assignment]  # torch says it returns a callable; of a Module it is one
    return compiled


def run_prediction(learner: Any, X: Any, tta: str | None) -> np.ndarray:
    """Return predicted target rows (n, m) of a fitted learner."""
    from softlabel.learners.augmentation.tta import tta_views

    device = choose_device(learner.device)
    with bounded_threads(), memory_errors_told(device, answer_batch(learner)):
        rows = rows_like(learner.input_shape_, X)
        views = []
        if tta not in (None, "none"):
            if not rows.pictures:
                raise InputError(f"tta={tta!r} makes views of pictures, and these rows are none; leave tta out")
            height, width = learner.preparation_.size or rows.shape[1:]
            views = tta_views(tta, (height, width))
        try:
            return answers(learner, learner.network_.to(device), learner.preparation_, rows, device, views)
        finally:
            learner.network_.to("cpu")  # where it is stored from, and read where there is no such device
