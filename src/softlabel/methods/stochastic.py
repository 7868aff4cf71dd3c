"""Stochastic Label Refinery (SLR) as a scikit-learn estimator. Read ``rounds.py`` for the loop itself.

Source: Fang, Yang and Ni, "Stochastic Label Refinery: Toward Better Target Label Distribution", section II.
The paper calls training on the splits its E step and updating the targets its M step; here functions are named by what they do.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import get_tags

from softlabel.data.folds import check_cv_unread
from softlabel.errors import InputError
from softlabel.execution.local import local_executor
from softlabel.learners.contract import Learner
from softlabel.learners.names import default_estimator
from softlabel.methods.answering import AnswersByTask, labels_of
from softlabel.methods.auto_settings import check_settled
from softlabel.methods.epoch_rows import epoch_rows
from softlabel.methods.final_choice import FinalChoice, choose_plan, final_choice
from softlabel.methods.final_fit import fit_folds, left_for, refit
from softlabel.methods.final_task import check_thresholds, final_task
from softlabel.methods.history import History
from softlabel.methods.issue_finding import issues_of_means
from softlabel.methods.options import check_choice, check_rounds, check_sharpen
from softlabel.methods.preparation import Preparation, check_refit_on, prepare
from softlabel.methods.rounds import Round, closing_pass, refinement_rounds
from softlabel.methods.teachers import check_teachers
from softlabel.methods.units import Memory
from softlabel.methods.views import check_tta
from softlabel.methods.wrong_labels import LabelIssues
from softlabel.tasks import Kind, OrdinalScalar, Task

_WARNINGS_SHOWN = 5


class StochasticLabelRefinery(AnswersByTask, ClassifierMixin, BaseEstimator):
    """Refine labels into target distributions, and train a model on them.

    In each round the rows are split anew into folds; for each fold a model is trained on the other folds' targets and predicts
    this fold's rows; the out-of-fold predictions P are blended into the targets, L(r) = m L(r-1) + (1 - m) P(r). A final
    model is trained on the last targets.

    Parameters
    ----------
    estimator : estimator, list of estimators, or None
        Any scikit-learn classifier that ``SoftTargetClassifier`` can carry, or a learner of soft targets; for grades as numbers
        any regressor. From a list, all members label (their predictions are averaged, the paper's SLR-e), and the first is the
        student. None takes the default, chosen by measurement (see benchmarks/results.md). Every ``random_state`` in it is set
        by this class.
    task : {"multiclass", "ordinal", "multilabel"}, Task or None
        What a label is. None: ``multilabel`` where ``y`` has two dimensions, else ``multiclass``. "ordinal" takes the view that
        the estimator serves: grades as numbers for a regressor, and where none is given; distributions over the grades for a
        classifier. ``Ordinal.from_labels(y, view=..., grades=...)`` says more.
    n_rounds : int, default=3
        Rounds R. 0 is the plain method: the given labels and one fit on them. At momentum 0.75 no argmax can move before
        round 3; the paper finds 2 to 6 rounds best.
    cv : int, splitter or iterable, default=5
        Folds. A number, or a splitter without a seed of its own, is split anew each round.
    momentum : float, "average", "bayes" or "auto", default="auto"
        Weight of the old targets, n/(n+1) in the paper (n = 3). "average" is r/(r+1) in round r: at the end the given label and
        each round's prediction weigh the same. "bayes" weighs given label and prediction by Bayes' rule, with how often labels of each
        class are wrong estimated from the first round, and from the labels of nearest neighbours where rows are a table of numbers:
        L(r) is the chance of each class to be the true one. "auto" is "bayes" under ``final_targets="auto"`` for plain labels of
        classes, where ``sharpen`` is None too; else 0.75, the paper's.
    sharpen : float or None
        Temperature below 1 that sharpens out-of-fold probabilities before the update: p^(1/T) / sum.
    tta : str or None
        Views of each row whose predictions are averaged for the update (the paper's SLR-a, section III): flip, shift,
        flip+shift of pictures. It acts on out-of-fold predictions, those of the guard included; ``predict(X, tta=...)`` is
        asked for separately.
    teacher_targets : {"auto", "refined", "sharpened", "pruned", "corrected", "weighted"}, default="auto"
        What the models of the folds take of the targets from round 2 on, in the words of ``final_targets``. "refined" is the paper.
        "auto" is "pruned" where ``final_targets`` and ``momentum`` are both "auto" and the latter is "bayes", else "refined".
    teacher_budget : float or None
        Share, up to 1, of the final fit's training (epochs, trees, iterations) that the models of the folds get; schedules of the
        learning rate end with it. Less is cheaper, and often labels better: wrong labels are learnt last. 1 is all of it, and so is None,
        but for plans that "auto" tries by Bayes' rule: with None they take .3 where all estimators are networks or boosting, and
        neither ``fixed_folds`` nor ``warm_start`` is asked for; a single one, on rows that are numbers or behind a
        pipeline, may then also be taught by a forest.
        Refused where no estimator has one, as logistic regression has none; see ``learners.budget``.
    fixed_folds : bool, default=False
        Split the rows once, as for round 1, and keep these folds in all rounds.
    warm_start : bool, default=False
        Let the model of each fold go on with its own training in the next round, on the new targets and for ``teacher_budget`` again,
        with a fresh optimiser; boosting adds trees. It needs folds that stay (``fixed_folds``, or a splitter with a seed of its
        own): on new ones a model would label rows that it was trained on. Estimators that cannot go on are refused by name.
    guard : float, (n,) bool, (X, y) or None
        Rows that are never refined and never train a fold model, and that score each round: a share of the rows, drawn
        stratified (whole groups where there are groups), a mask, or a validation set.
    refit_on : {"last", "best"}, default="last"
        Targets of the final fit: after all rounds, or after as many as score best on the guard (accuracy, QWK or mean average
        precision against the guard's given labels; ties to the fewer). "best" may be 0 rounds. It costs one more pass over the
        folds, to score the last targets.
    final : {"refit", "folds"}, default="refit"
        One fit on all rows; or a new split and one more model a fold, averaged.
    final_members : {"first", "all"}, default="first"
        Of several estimators, train the first as the student, or all, averaged.
    final_targets : {"auto", "refined", "sharpened", "pruned", "corrected", "weighted"}, default="auto"
        What the final fit takes of the refined targets: as they are (the paper); squared and normalised; the given labels without
        the rows whose refined target speaks for another; those rows with the label it speaks for; the given labels, rows weighted by
        the mass on them. "auto" chooses between the given labels and pruning (and "refined" where teachers take refined targets) by
        models of each on rows that nothing behind them has seen: the guard, or guards that take turns. ``choice_`` says what and why.
    thresholds : {"midpoints", "fitted"}, default="midpoints"
        For grades as numbers: what lies between two grades. "fitted" maximises the QWK of the last round's out-of-fold
        predictions against the given grades.
    threads : int, default=1
        Threads of one fit. They change the last bits of sums: part of the configuration.
    n_jobs : int, "auto" or None
        Processes that fit folds at the same time; "auto" stays in this process where a fit is short, and else takes what
        cores, GPUs and their memory allow. Results are the same for each.
    random_state : int, generator or None
        Each draw has its own seed made from this and its address (round, member, fold).
    verbose : int, default=0
        1 writes a line a round to stderr.

    Attributes
    ----------
    classes_ : (k,)
        Labels in sorted order, the order of all columns.
    task_ : Task
        What a label is; it makes labels of targets.
    label_distributions_ : (n, m) float32
        The targets that the final model was trained on; guard rows as given. (n, 1) for grades as numbers.
    final_weights_ : (n,) float
        What each row weighed in the final fit, beside its ``sample_weight``; 0 left it out.
    refined_targets_ : (n, m) float32
        The targets after the rounds.
    final_targets_ : str
        What the final fit took: "given" (the plain fit), or one of the words of ``final_targets``.
    choice_ : dict or None
        How "auto" chose: ``name`` of the plan, ``reason``, ``n_scored`` (rows that the evidence is made of), ``temperature``, and
        ``candidates``, each with its ``score`` on the given labels, its ``gain`` over the plain fit and the standard ``error`` of that,
        the share of
        labels ``disputed``, and the gain ``expected`` on right labels with its standard deviation. None where nothing was to choose, or
        nothing to choose by (no guard, and fewer than 60 rows that have a weight, or too few groups): the plain fit.
    transduction_ : (n,)
        The label that each speaks for; (n, k) of 0 and 1 for several labels a row.
    label_quality_ : (n,) float
        Refined mass on the given label, for every row, after all rounds; of grades 1 less the distance moved, as a share of the
        scale; of several labels that of the worst.
    suggested_labels_ : (n,) or (n, k)
        What the mean out-of-fold prediction over all rounds speaks for.
    history_ : list of dict
        One entry a round; see ``History.rounds``. ``pandas.DataFrame(history_)`` reads well.
    label_issues_ : LabelIssues
        Every label judged, with a calibrated chance of being wrong, computed when it is asked for.
    trusted_noise_ : TrustedNoise, list of them, or None
        How labels become wrong, estimated from rows of trust (one for each of several labels); None without such rows, without a
        round, and for grades as numbers. See ``softlabel.targets.trusted_noise``.
    epochs_ : list of dict
        One entry an epoch of the final fit, where it is one of a network: its losses.
    n_rounds_ : int
        Rounds that were run.
    best_round_ : int
        Refinements behind the final targets.
    temperature_ : float
        T, by which ``predict_proba`` softens what the final models say, ``p^(1/T) / sum``: above 1 where "auto" chose a plan whose models
        are too sure in rows that they never met; no label changes. 1 for all else, and for grades.
    thresholds_ : (k - 1,)
        What lies between two grades, where grades are numbers.
    estimator_ : fitted learner
        The final model, where it is one; its own answers are not scaled.
    estimators_ : list of fitted learners
        The final models, averaged where there are several.
    random_state_ : int
        The seed behind all seeds, drawn where ``random_state`` was None.
    n_features_in_, feature_names_in_
        As the final model has them.

    Raises
    ------
    InputError
        For input that cannot be refined (a ``ValueError``).
    FitError
        If an estimator fails; it names round, member and fold (a ``ValueError``).

    Notes
    -----
    ``sample_weight`` multiplies every fit and every score, never the update. A class that a fold's model never saw keeps the
    old mass of its column in the held-out rows. Cost: K fits a round (K folds, a share (K-1)/K of the rows each) and member.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from softlabel import StochasticLabelRefinery
    >>> X, y = load_iris(return_X_y=True)
    >>> refinery = StochasticLabelRefinery(n_rounds=2, random_state=0).fit(X, y)
    >>> refinery.label_distributions_.shape
    (150, 3)
    """

    def __init__(
        self,
        estimator: Any = None,
        *,
        n_rounds: int = 3,
        cv: Any = 5,
        momentum: float | str = "auto",
        sharpen: float | None = None,
        tta: str | None = None,
        teacher_targets: str = "auto",
        teacher_budget: float | None = None,
        fixed_folds: bool = False,
        warm_start: bool = False,
        guard: Any = None,
        refit_on: str = "last",
        final: str = "refit",
        final_members: str = "first",
        final_targets: str = "auto",
        task: Any = None,
        thresholds: str = "midpoints",
        threads: int = 1,
        n_jobs: int | str | None = None,
        random_state: Any = None,
        verbose: int = 0,
    ) -> None:
        self.estimator = estimator
        self.n_rounds = n_rounds
        self.cv = cv
        self.momentum = momentum
        self.sharpen = sharpen
        self.tta = tta
        self.teacher_targets = teacher_targets
        self.teacher_budget = teacher_budget
        self.fixed_folds = fixed_folds
        self.warm_start = warm_start
        self.guard = guard
        self.refit_on = refit_on
        self.final = final
        self.final_members = final_members
        self.final_targets = final_targets
        self.task = task
        self.thresholds = thresholds
        self.threads = threads
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    def check_suited(self, kind: Kind, learners: Sequence[Learner], pictures: bool | None = None) -> None:
        """Refuse values of the parameters that cannot work, whatever the rows and their labels are; see ``StudentMethod``.

        ``fit`` asks the same questions, among those about the rows (``prepare``).
        """
        check_thresholds(self.thresholds, kind, self._check_options())
        check_settled(self.final_targets, self.teacher_targets, self.momentum, kind)
        check_sharpen(self.sharpen, kind)
        check_tta(self.tta, learners)
        check_teachers(
            learners,
            check_cv_unread(self.cv),
            teacher_budget=self.teacher_budget,
            fixed_folds=self.fixed_folds,
            warm_start=self.warm_start,
        )

    def fit(
        self,
        X: Any,
        y: Any,
        *,
        targets: Any = None,
        groups: Any = None,
        sample_weight: Any = None,
        reference: Any = None,
        validation: Any = None,
        trusted: Any = None,
    ) -> Self:
        """Refine the labels, then train the final model.

        Parameters
        ----------
        X : n rows
            Array, sparse matrix, DataFrame, list, or anything with ``len`` and ``take(rows)`` that the estimator takes.
        y : (n,) or (n, k)
            Given labels: integers, strings or booleans, at least two classes. Two dimensions are 0 and 1 of several labels a row.
        targets : (n, k) or None
            First targets where they are soft already (votes, say), columns in sorted order of the labels.
        groups : (n,) or None
            Rows of one group are never on both sides of a split.
        sample_weight : (n,) or None
            Weights of fits and scores.
        reference : (n, k) or None
            True distributions, or counts of votes: ``history_`` says how far the targets are from them. They change nothing.
        validation : (X, y) or None
            Rows that the final fit scores after each epoch, where it is one of a network (``epochs_``). They choose nothing.
        trusted : (n,) bool or None
            Rows whose labels are known to be right. Their targets never change, their quality is 1, and they suggest what they
            carry; they train fold models and are held out like all others, so that ``history_`` scores each round on them
            (``trusted_*``). They choose the round together with the guard, or without one where they are 30 or more.
        """
        n_rounds = self._check_options()
        ready = prepare(
            X,
            y,
            estimator=self.estimator,
            targets=targets,
            groups=groups,
            sample_weight=sample_weight,
            guard=self.guard,
            cv=self.cv,
            momentum=self.momentum,
            sharpen=self.sharpen,
            tta=self.tta,
            teacher_targets=self.teacher_targets,
            final_targets=self.final_targets,
            teacher_budget=self.teacher_budget,
            fixed_folds=self.fixed_folds,
            warm_start=self.warm_start,
            threads=self.threads,
            random_state=self.random_state,
            task=self.task,
            reference=reference,
            trusted=trusted,
        )
        thresholds = check_thresholds(self.thresholds, ready.problem.task.kind, n_rounds)
        check_refit_on(self.refit_on, ready.problem)
        executor, units = local_executor(self.n_jobs), Memory()
        students = ready.students(self.final_members)
        chosen = choose_plan(
            self.final_targets, ready.problem, ready.learners, students, ready.settings, n_rounds, executor=executor
        )
        ready = replace(ready, settings=chosen.of_students(ready.settings))
        history = History(ready.problem, ready.settings)
        complaints: dict[tuple[str, str], None] = {}
        for done in refinement_rounds(
            ready.problem, chosen.teachers, chosen.settings, n_rounds=n_rounds, executor=executor, units=units
        ):
            entry = history.add(done)
            complaints |= dict.fromkeys(done.warnings)
            self._report(entry, done, n_rounds, ready.problem.task.main_score)
        if self.refit_on == "best" and n_rounds > 0:
            history.close(
                closing_pass(
                    ready.problem, chosen.teachers, chosen.settings, history.targets, n_rounds, executor, units
                )
            )
        refinements, refined = history.best() if self.refit_on == "best" else history.last()
        final = final_choice(chosen, ready.problem, refined, refinements, history.ends(self.refit_on))
        fit_final = partial(refit, validation=validation) if self.final == "refit" else fit_folds
        left, targets = left_for(ready.problem, final.taken)
        models = fit_final(left, students, targets, ready.settings, executor)
        _warn_once(complaints)
        task = final_task(ready.problem, history, thresholds, self.refit_on, given=final.refinements == 0)
        self.choice_ = None if final.choice is None else final.choice.record()
        return self._take_over(ready, history, refined, final, models, task)

    @property
    def label_issues_(self) -> LabelIssues:
        """Every label judged by all rounds, with a calibrated chance of being wrong; see ``find_label_issues``.

        Raises
        ------
        AttributeError
            Before ``fit``, after a fit without rounds, which judges nothing, and where nothing can be estimated (all rows are trusted).
        """
        judged_by = getattr(self, "_judged_by", None)
        if judged_by is None:
            raise AttributeError("label_issues_ is known after a fit with n_rounds of 1 or more")
        try:
            return issues_of_means(self.task_, self._given_codes, *judged_by, trusted=self._trusted_rows)
        except InputError as error:  # hasattr asks as well
            raise AttributeError(f"label_issues_ is not known: {error}") from error

    def _check_options(self) -> int:
        check_choice("final", self.final, ("refit", "folds"))
        check_choice("final_members", self.final_members, ("first", "all"))
        return check_rounds(self.n_rounds)

    def _report(self, entry: dict[str, Any], done: Round, n_rounds: int, score: str) -> None:
        if self.verbose:
            guard = f", guard {score} {entry[f'guard_{score}']:.4f}" if f"guard_{score}" in entry else ""
            found = entry.get(f"oof_{score}", float("nan"))  # missing where no model knew any held-out row's class
            print(
                f"round {done.round}/{n_rounds}: {entry['moved']} labels moved, out-of-fold {score} on the given labels "
                f"{found:.4f}{guard}, {done.seconds:.1f} s of fits",
                file=sys.stderr,
            )

    def _take_over(
        self,
        ready: Preparation,
        history: History,
        refined: np.ndarray,
        final: FinalChoice,
        models: list[Any],
        task: Task,
    ) -> Self:
        n, assessment, codes, trusted = ready.n_given, history.assess(), ready.problem.codes, ready.problem.trusted
        self.task_ = task
        self.classes_ = np.asarray(task.classes)
        self.label_distributions_ = final.taken.targets[:n]
        self.refined_targets_ = refined[:n]
        self.final_weights_ = np.ones(n) if final.taken.weight is None else final.taken.weight[:n]
        self.final_targets_ = final.policy
        speaks_for = task.suggest(self.label_distributions_, codes[:n], ready.problem.given[:n]).copy()
        if trusted is not None:
            speaks_for[trusted[:n]] = codes[:n][trusted[:n]]
        self.transduction_ = labels_of(task, speaks_for)
        self.label_quality_ = assessment.quality[:n]
        self.suggested_labels_ = labels_of(task, assessment.suggested[:n])
        self._judged_by = None if history.first_oof is None else (history.first_oof[:n], assessment.mean[:n])
        self._given_codes, self._trusted_rows = codes[:n], None if trusted is None else trusted[:n]
        self.history_ = history.rounds
        self.trusted_noise_ = history.trusted_noise
        self.n_rounds_ = len(history.rounds)
        self.best_round_ = final.refinements
        self.epochs_ = list(epoch_rows(getattr(models[0], "history_", None)))
        self.random_state_ = ready.settings.seeds.random_state
        self.estimators_, self.temperature_ = models, final.temperature
        for name in ("estimator_", "thresholds_", "n_features_in_", "feature_names_in_"):
            self.__dict__.pop(name, None)  # an earlier fit's
        if isinstance(task, OrdinalScalar):
            self.thresholds_ = task.thresholds
        if len(models) == 1:
            self.estimator_ = models[0]
        for name in ("n_features_in_", "feature_names_in_"):
            if hasattr(models[0], name):
                setattr(self, name, getattr(models[0], name))
        return self

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        estimator = (
            self.estimator[0] if isinstance(self.estimator, (list, tuple)) and self.estimator else self.estimator
        )
        inner = get_tags(default_estimator() if estimator is None else estimator)
        tags.input_tags.sparse = inner.input_tags.sparse
        tags.input_tags.allow_nan = inner.input_tags.allow_nan
        return tags


def _warn_once(complaints: dict[tuple[str, str], None]) -> None:
    """Say once what the fits complained of, instead of once a fit."""
    for category, text in list(complaints)[:_WARNINGS_SHOWN]:
        warnings.warn(f"while fitting folds, {category}: {text}", UserWarning, stacklevel=3)
    if len(complaints) > _WARNINGS_SHOWN:
        warnings.warn(
            f"while fitting folds, {len(complaints) - _WARNINGS_SHOWN} more kinds of warnings",
            UserWarning,
            stacklevel=3,
        )
