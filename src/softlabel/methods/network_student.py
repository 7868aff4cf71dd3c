"""What methods have in common that change how a network is trained: settings of theirs, in a network of the user's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar, Self

from softlabel.errors import InputError
from softlabel.learners.contract import Learner
from softlabel.learners.network_parts import with_network_settings
from softlabel.learners.network_settings import check_settings
from softlabel.learners.torch_learner import TorchLearner
from softlabel.methods.preparation import Preparation
from softlabel.methods.student import StudentMethod
from softlabel.methods.suitability import trained_network
from softlabel.tasks import Kind


class NetworkMethod(StudentMethod):
    """A method that is a way of training a network, once, on the given labels.

    The estimator is a ``TorchClassifier``, ``TorchMultilabelClassifier`` or ``TorchRegressor``, or a pipeline that ends in one. A
    derived class checks its own parameters and returns the network's settings for them (``_network_settings``). All other settings
    stay the estimator's; one that it has set already, and the method would set, is refused.
    """

    needs_network: ClassVar[bool] = True

    def _network_settings(self, network: TorchLearner) -> dict[str, Any]:
        """Return the settings that make a network's training this method's."""
        raise NotImplementedError  # said by each method

    def check_suited(self, kind: Kind, learners: Sequence[Learner], pictures: bool | None = None) -> None:
        self._checked_settings(learners[0])

    def fit(
        self,
        X: Any,
        y: Any,
        *,
        targets: Any = None,
        sample_weight: Any = None,
        reference: Any = None,
        validation: Any = None,
    ) -> Self:
        """Train the network.

        Parameters
        ----------
        X : n rows
        y : (n,) or (n, k)
            Given labels; two dimensions are 0 and 1 of several labels a row.
        targets : (n, m) or None
            First targets L(0) where they are soft already.
        sample_weight : (n,) or None
            Weights of the rows in the loss; a row of weight 0 does not train and keeps its target.
        reference : (n, k) or None
            True distributions: ``history_`` says how far the targets are from them, where the method makes any. They change
            nothing.
        validation : (X, y) or None
            Rows that the network scores after each epoch (``epochs_``). They choose nothing.
        """
        ready = self._prepared(X, y, targets, sample_weight, reference)
        learner = ready.learners[0]
        network, settings = self._checked_settings(learner)
        ready = replace(ready, learners=(with_network_settings(learner, **settings),))
        own = {name: getattr(network, name) for name in settings}
        return self._end(ready, self._student(ready, ready.problem.given, validation), own)

    def _checked_settings(self, learner: Learner) -> tuple[TorchLearner, dict[str, Any]]:
        """Return the network of a learner, and the settings that it is to have; refuse what the method makes impossible."""
        network = trained_network(learner)
        assert network is not None  # another learner was refused
        settings = self._network_settings(network)
        _refuse_other_settings(type(self).__name__, network, settings)
        check_settings(with_network_settings(network, **settings))
        return network, settings

    def _end(self, ready: Preparation, models: list[Learner], own: dict[str, Any]) -> Self:
        """Hand over what was trained; this method made no targets. ``own`` are the settings that the method replaced."""
        return self._hand_over(ready, ready.problem.given, None, [], models)


def _refuse_other_settings(method: str, network: TorchLearner, settings: dict[str, Any]) -> None:
    """Refuse a network that has set already what the method sets, save a loss that the method takes in."""
    plain = TorchLearner()
    for name, value in settings.items():
        own, taken_in = getattr(network, name), getattr(value, name, value)  # TrustWeighted(loss) has the loss within
        if own not in (getattr(plain, name), taken_in):
            raise InputError(
                f"{type(network).__name__} has {name}={own!r}, and {method} would make that {value!r}; leave {name} out of the "
                "estimator, or take another method"
            )
