"""A transformer with the face of a scikit-learn classifier: texts in, trained on target rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from softlabel.errors import InputError
from softlabel.learners.token_rows import TokenRows
from softlabel.learners.torch_classifier import TorchClassifier
from softlabel.learners.transformer_source import EncoderFactory, EncoderSource, read_source, require_text
from softlabel.targets.encode import harden

_LEAST = 4  # tokens: two of them are the tokenizer's own, in most


class TransformerClassifier(ClassifierMixin, BaseEstimator):
    """Fine-tune a Hugging Face encoder of texts on labels or target rows.

    The model's own tokenizer, a new head of k outputs, and all weights trained by AdamW as Devlin et al. (2019, appendix A.3)
    do it: few epochs, a small learning rate that rises over the first tenth of the steps. The loss is the cross entropy to the
    target row. Nothing is downloaded, and no code that comes with a model is run.

    Parameters
    ----------
    model : str or path
        A folder with ``config.json``, ``tokenizer.json`` and weights, or the name of a model in the cache of Hugging Face
        (``hf download NAME`` puts it there). Its weights are where each fit starts.
    max_length : int, default=128
        Tokens of a text that are read; the rest is cut off. Short texts cost what they are long.
    epochs : int, default=3
    batch_size : int, default=16
    lr : float, default=2e-5
        Largest learning rate.
    weight_decay : float, default=0.01
        On matrices, not on biases and scales.
    schedule : {"cosine", "one_cycle", "steps", "constant"}, default="cosine"
    warmup : float, default=0.1
        Share of the steps in which the learning rate rises linearly.
    clip_norm : float or None, default=1.0
        Largest norm of the gradient.
    loss : str, callable or None
        As that of :class:`~softlabel.learners.torch_classifier.TorchClassifier`, and so are all parameters below.
    hardest : float or None
    precision : {"float32", "bf16"}, default="float32"
    average : {None, "ema", "swa"}
    ema_decay : float, default=0.999
    swa_start : float, default=0.75
    validation_share : float, default=0.0
    early_stopping : int or None
    device : str, default="auto"
        auto, cpu, cuda, cuda:N, mps.
    verbose : int, default=0
    random_state : int, generator or None
        Seed of the head, the order of rows and dropout.

    Attributes
    ----------
    classes_ : (k,)
        The labels in ascending order, or 0 to k - 1 where target rows were given.
    classifier_ : TorchClassifier
        What was trained, on rows of token ids.
    source_ : EncoderSource
        Configuration and tokenizer of the model, as JSON.
    history_ : list of dict
        One row an epoch, as that of ``TorchClassifier``.
    loss_history_ : list of float
        The training losses.
    n_epochs_ : int

    Raises
    ------
    InputError
        If rows are no texts, there is no such model on this machine (says how to get it), or a setting cannot be used.
    FitError
        As ``TorchClassifier`` does: the loss is no number, memory runs out.
    MissingExtraError
        Without transformers: ``pip install 'softlabel[text]'``.

    Notes
    -----
    Same seed, same threads, same machine: the same bytes, on a CPU. A stored model holds all it needs.

    Examples
    --------
    >>> from softlabel.learners.transformer_classifier import TransformerClassifier
    >>> model = TransformerClassifier("distilbert-base-uncased", epochs=2, random_state=0)
    >>> model.fit(["a fine film", "no plot at all"], [[0.1, 0.9], [0.8, 0.2]]).predict_proba(["fine"])  # doctest: +SKIP
    array([[0.48, 0.52]], dtype=float32)
    """

    takes_texts = True
    training_length = "epochs"  # the parameter that says how long it trains
    target_kind = "distribution"

    def __init__(
        self,
        model: str | Path,
        *,
        max_length: int = 128,
        epochs: int = 3,
        batch_size: int = 16,
        lr: float = 2e-5,
        weight_decay: float = 0.01,
        schedule: str = "cosine",
        warmup: float = 0.1,
        clip_norm: float | None = 1.0,
        loss: Any = None,
        hardest: float | None = None,
        precision: str = "float32",
        average: str | None = None,
        ema_decay: float = 0.999,
        swa_start: float = 0.75,
        validation_share: float = 0.0,
        early_stopping: int | None = None,
        device: str = "auto",
        verbose: int = 0,
        random_state: Any = None,
    ) -> None:
        self.model = model
        self.max_length = max_length
        self.epochs = epochs
        self.batch_size = batch_size
        self.lr = lr
        self.weight_decay = weight_decay
        self.schedule = schedule
        self.warmup = warmup
        self.clip_norm = clip_norm
        self.loss = loss
        self.hardest = hardest
        self.precision = precision
        self.average = average
        self.ema_decay = ema_decay
        self.swa_start = swa_start
        self.validation_share = validation_share
        self.early_stopping = early_stopping
        self.device = device
        self.verbose = verbose
        self.random_state = random_state

    def fit(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None, *, validation: Any = None) -> Any:
        """Train on labels (n,) or target rows (n, k).

        Parameters
        ----------
        X : (n,) array-like of str
        y : (n,) labels or (n, k) target rows
        sample_weight : (n,), optional
            Weights of the rows in the loss; rows of weight 0 are left out.
        validation : (X, y) or None
            Rows that are scored after each epoch and choose nothing.
        """
        require_text()
        source = read_source(self.model)
        length = self._length(source)
        rows = _tokens(source, length, X)
        if isinstance(validation, tuple) and len(validation) == 2:
            validation = (_tokens(source, length, validation[0]), validation[1])
        classifier = self._unfitted(source).fit(rows, y, sample_weight, validation=validation)
        return self._take_over(classifier, source, length)

    def fit_from(self, fitted: Any, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Any:
        """Go on from the weights of a fitted learner, head included: a whole further training, schedule and all.

        The fitted learner is left as it is, and its model's own files are not read again. Nothing is set apart and nothing stops early.

        Parameters
        ----------
        fitted : TransformerClassifier
        X, y, sample_weight
            As for ``fit``.
        """
        check_is_fitted(fitted, "classifier_")
        require_text()
        source, length = fitted.source_, fitted.length_
        rows = _tokens(source, length, X)
        classifier = self._unfitted(source).fit_from(fitted.classifier_, rows, y, sample_weight)
        return self._take_over(classifier, source, length)

    def _unfitted(self, source: EncoderSource) -> TorchClassifier:
        factory = EncoderFactory(source.config, str(self.model))
        return TorchClassifier(factory, optimizer="adamw", channels_last=False, **self._shared())

    def _take_over(self, classifier: TorchClassifier, source: EncoderSource, length: int) -> TransformerClassifier:
        # Trained: what it started from is no part of it, and need not be there when it is read again.
        classifier.network = EncoderFactory(source.config, None)
        self.classifier_, self.source_, self.length_ = classifier, source, length
        self.classes_ = classifier.classes_
        self.history_, self.loss_history_ = classifier.history_, classifier.loss_history_
        self.n_epochs_ = classifier.n_epochs_
        return self

    def predict_targets(self, X: Any) -> NDArray[np.float32]:
        """Return class probabilities (n, k), columns in the order of ``classes_``."""
        check_is_fitted(self, "classifier_")
        require_text()
        rows = _tokens(self.source_, self.length_, X)
        order = np.argsort(-rows.lengths, kind="stable")  # (n,) rows of one length beside each other: less padding
        self.classifier_.device = self.device  # it may have been moved since
        answered = self.classifier_.predict_targets(rows.ordered(order))
        predicted = np.empty_like(answered)  # (n, k)
        predicted[order] = answered
        return predicted

    def predict_proba(self, X: Any) -> NDArray[np.float32]:
        """The same as :meth:`predict_targets`."""
        return self.predict_targets(X)

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the most probable label (n,) of each text."""
        codes = harden(self.predict_targets(X))  # (n,)
        return self.classes_[codes]

    def _shared(self) -> dict[str, Any]:
        """Return the settings that mean the same to a ``TorchClassifier``."""
        own = self.get_params(deep=False)
        return {name: own[name] for name in own if name not in ("model", "max_length")}

    def _length(self, source: EncoderSource) -> int:
        """Return the length of rows, or refuse one that the model cannot read."""
        length = self.max_length
        if not isinstance(length, (int, np.integer)) or isinstance(length, bool) or length < _LEAST:
            raise InputError(f"max_length={length!r}; give a whole number of tokens, {_LEAST} or more")
        if source.longest is not None and length > source.longest:
            raise InputError(f"max_length={length}; the model {str(self.model)!r} reads up to {source.longest} tokens")
        return int(length)

    def __getstate__(self) -> dict[str, Any]:
        state = dict(super().__getstate__())
        state["model"] = str(state["model"]) if isinstance(state["model"], Path) else state["model"]  # texts are stored
        return state

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "classifier_")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.two_d_array = False
        return tags


def _tokens(source: EncoderSource, length: int, X: Any) -> TokenRows:
    return TokenRows.of_texts(X, source.tokenizer, length=length, pad=source.pad)
