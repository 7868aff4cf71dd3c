"""A comparison from its configuration to its table: read, plan, compute what is missing, write what came out.

Every cell (corruption, seed, method) is stored as soon as it is whole, so that a comparison which was stopped goes on, and one
that is done is only read. More methods, seeds or corruptions extend it.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any

from softlabel.comparison.cautions import cautions
from softlabel.comparison.cell_work import Experiment
from softlabel.comparison.cells import Cell
from softlabel.comparison.config import CompareConfig
from softlabel.comparison.method_specs import MethodSpec
from softlabel.comparison.parts import LabelledRows, Parts, RowSource, SplitRows
from softlabel.comparison.progress import Plan, Progress, Silent
from softlabel.comparison.results import Results
from softlabel.comparison.running import Memory, StoredCells, all_cells, run_cells, stored_cells
from softlabel.comparison.selection import Selection, describe, select_methods
from softlabel.comparison.writing import write_results
from softlabel.data.dataset import Dataset
from softlabel.data.feature_names import feature_names
from softlabel.data.rows import n_rows
from softlabel.errors import InputError, RunConflictError
from softlabel.execution.local import local_executor
from softlabel.learners.network_parts import networks_in
from softlabel.methods.preparation import members as learners_of
from softlabel.run.data_reading import DataRead, read_data, unfitted_features
from softlabel.run.identity import identity_differences, identity_of
from softlabel.run.image_cache import image_cache
from softlabel.run.versions import installed_versions
from softlabel.store.comparison_store import ComparisonPaths, ComparisonStore
from softlabel.store.lock import RunLock

_PACKAGES = ("softlabel", "numpy", "scikit-learn", "torch", "lightgbm", "xgboost", "cleanlab")


def run_comparison(config: CompareConfig, progress: Progress | None = None, *, curves: bool = False) -> Results:
    """Compare methods on one data set.

    Parameters
    ----------
    config : CompareConfig
    progress : Progress or None
    curves : bool
        Whether networks score the test rows after each epoch of their last fit, for the figure of losses; they choose nothing.

    Raises
    ------
    InputError, MissingExtraError
        For data, methods or options that cannot be used; nothing has been computed then.
    RunConflictError
        If the folder holds a comparison of other data or settings.
    TimeLimitReached
        After ``config.time_limit`` seconds.
    StorageError
        If the disk refuses.
    """
    _refuse_file(config)
    progress = progress or Silent()
    with image_cache(config.folder) as cache_folder:
        progress.stage("reading the data")
        data = read_data(config, cache_folder)
        return compare_rows(config, data, source_of(config, data), progress, curves=curves)


def compare_rows(
    config: CompareConfig,
    data: DataRead,
    rows: RowSource,
    progress: Progress,
    *,
    curves: bool = False,
    keep: bool = True,
    labelled: Mapping[str, Any] | None = None,
) -> Results:
    """Compare methods on the rows of a source.

    Parameters
    ----------
    config : CompareConfig
    data : DataRead
        Says what the rows are, and by which estimator they are learnt.
    rows : RowSource
    progress : Progress
    curves : bool
        As for ``run_comparison``.
    keep : bool
        Whether cells, tables and figures are stored; else nothing is written.
    labelled : mapping of label to method, or None
        Methods under labels of the caller's, beside those that the configuration names.
    """
    if len(data.estimators) > 1:
        names = ", ".join(name for name, _ in data.members)
        raise InputError(f"compare trains the same learner for all methods, and there are several ({names}); give one")
    if keep:
        _refuse_file(config)
    selection, experiment = asked_for(config, data, rows, curves=curves, labelled=labelled)
    methods = selection.methods
    if curves:
        _refuse_curves_without_network(data, methods)
    seeds = tuple(range(config.seed, config.seed + config.seeds))
    cells = all_cells(tuple(methods), config.corrupt, seeds)
    for corruption in config.corrupt:  # rows that cannot be split or made wrong so are told before anything is written
        first = rows.parts(seeds[0], corruption)
    n_train, n_test = n_rows(first.X), len(first.y_test)
    told = cautions(data, n_test, ids_named=config.id is not None)
    with RunLock(ComparisonPaths(config.folder).lock) if keep else nullcontext():
        store = _open(config, data, methods) if keep else None
        kept = Memory() if store is None else StoredCells(store, progress)
        done = stored_cells(cells, kept, curves=curves)
        missing = [cell for cell in cells if cell not in done]
        progress.planned(_plan(config, data, selection, first, told, cells, missing))
        executor = local_executor(config.jobs, config.device)
        found, failures = run_cells(missing, experiment, kept, executor, progress, config.time_limit)
        results = Results(
            cells={cell: (done | found)[cell] for cell in cells if cell in done or cell in found},
            task=data.task,
            failures=failures,
            skipped=selection.skipped,
            baseline=config.baseline,
            level=config.level,
            methods=tuple(methods),
            corruptions=config.corrupt,
            seeds=seeds,
            about=_about(config, data, n_train, n_test) | {"beware": "; ".join(told) or None},
        )
        if store is not None:
            progress.stage("writing tables and figures")
            write_results(results, store.root)
    return results


def asked_for(
    config: CompareConfig,
    data: DataRead,
    rows: RowSource,
    *,
    curves: bool = False,
    labelled: Mapping[str, Any] | None = None,
) -> tuple[Selection, Experiment]:
    """Return the methods of a comparison, and what its cells are computed from; parameters are those of ``compare_rows``.

    Raises
    ------
    InputError, MissingExtraError
        For methods or an estimator that cannot be used.
    """
    (learner,) = learners_of(data.estimators[0], data.task.kind)
    selection = select_methods(
        config.methods,
        data.task.kind,
        learner,
        baseline=config.baseline,
        unsuited=config.unsuited,
        labelled=labelled,
        pictures=rows.pictures,
    )
    return selection, Experiment(rows, selection.methods, data.estimators[0], threads=config.threads, curves=curves)


def _refuse_curves_without_network(data: DataRead, methods: Mapping[str, Any]) -> None:
    """Refuse curves where no method can have any; one of the caller's own may train a network of its own."""
    if not networks_in(data.estimators[0]) and all(isinstance(one, MethodSpec) for one in methods.values()):
        raise InputError(
            f"--curves is for networks, and the estimator ({data.members[0][0]}) is none; give a network (--estimator torch_mlp, "
            "say), or leave it out"
        )


def _plan(
    config: CompareConfig,
    data: DataRead,
    selection: Selection,
    first: Parts,
    told: tuple[str, ...],
    cells: Sequence[Cell],
    missing: Sequence[Cell],
) -> Plan:
    """Return what is about to be done: ``first`` is the rows of one of the cells, ``missing`` the cells that are to be computed."""
    return Plan(
        n_rows=len(data.train),
        n_train=n_rows(first.X),
        n_test=len(first.y_test),
        drawn=data.test is None,
        features=feature_names(data.train.X),
        cautions=told,
        task=data.task,
        estimator=data.members[0][0],
        methods=tuple(selection.methods),
        added=selection.added,
        skipped=selection.skipped,
        corruptions=config.corrupt,
        seeds=tuple(range(config.seed, config.seed + config.seeds)),
        n_cells=len(cells),
        n_done=len(cells) - len(missing),
        missing=tuple(missing),
        jobs=config.jobs,
    )


def source_of(config: CompareConfig, data: DataRead) -> SplitRows:
    """Return the rows of the cells: each seed splits its test rows off, unless there is a test set."""
    features = unfitted_features(data.train, data.members, data.estimators, texts=config.text is not None)
    train = LabelledRows(
        data.train.X, _labels(data.train), data.targets, data.reference, data.train.groups, data.train.noisy_labels,
        data.train.trusted,
    )  # fmt: skip
    test = None if data.test is None else LabelledRows(data.test.X, _labels(data.test))
    return SplitRows(train, data.task, test, config.test_share, features)


def _labels(data: Dataset) -> Any:
    if data.y is None:  # which reading has refused
        raise InputError(f"{data.source} has no labels; name their column with --label")
    return data.y


def _open(config: CompareConfig, data: DataRead, asked: Mapping[str, Any]) -> ComparisonStore:
    """Open the comparison that is there, if it is of the same data and settings; else begin one."""
    identity = identity_of(config, data.members)
    methods = describe(asked)
    if not ComparisonStore.exists(config.folder):
        return ComparisonStore.create(
            config.folder,
            {
                "identity": identity,
                "source": config.source,
                "fingerprint": data.prints,
                "task": data.task.record(),
                "methods": methods,
                "versions": installed_versions(_PACKAGES),
            },
        )
    store = ComparisonStore.open(config.folder)
    record = store.record
    differences = identity_differences(record["identity"], identity, record["fingerprint"], data.prints)
    if data.task.record() != record["task"]:
        differences.append(f"the task was {record['task']}, now {data.task.record()}")
    for label in sorted(methods.keys() & record["methods"].keys()):
        if methods[label] != record["methods"][label]:
            differences.append(f"the method {label} was {record['methods'][label]}, now {methods[label]}")
    if differences:
        raise RunConflictError(
            f"{config.folder} holds another comparison: {'; '.join(differences)}. Give another --out, or the same settings to go on"
        )
    store.remove_leftovers()  # of a writer that was killed; nobody else writes while the lock is held
    store.update_record(methods={**record["methods"], **methods}, fingerprint=record["fingerprint"] | data.prints)
    return store


def _refuse_file(config: CompareConfig) -> None:
    """Refuse a folder that cannot be one, before anything is read."""
    for part in (config.folder, *config.folder.parents):
        if part.exists():
            if not part.is_dir():
                what = f"--out {config.folder}" if config.out is not None else str(config.folder)
                is_file = "is a file" if part == config.folder else f"lies in {part}, which is a file"
                raise InputError(
                    f"{what} {is_file}; give a{'' if config.out is not None else 'nother'} folder"
                    f"{', which may be new' if config.out is not None else ' with --out'}"
                )
            return


def _about(config: CompareConfig, data: DataRead, n_train: int, n_test: int) -> dict[str, Any]:
    name, settings = data.members[0]
    return {
        "source": config.source,
        "rows": len(data.train),
        "test": f"{n_train} rows to train on, {n_test} to score with (a share of {config.test_share:g}), drawn by each seed"
        if data.test is None
        else f"{len(data.test)} rows",
        "estimator": name if not settings else f"{name} with {settings}",
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, {platform.system()}",
        "versions": installed_versions(_PACKAGES),
    }
