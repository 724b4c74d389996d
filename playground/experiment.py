"""An experiment of the playground: a network that learns to tell two classes of points apart."""

from __future__ import annotations

import copy
import math
import random
from typing import Any

import nn
from autograd import Value, gradients
from nn import MLP, Dataset, History, Optimizer, evaluate, fit
from playground.settings import DATA, FEATURES, LOSSES, OPTIMIZERS, OWN, Settings


class Experiment:
    """A network, its data, and its training so far.

    settings: the settings of the experiment.
    train, test: the points to learn from, and those held out (or None).
    model, optimizer: objects of `nn`.
    loss, test_loss, accuracy, test_accuracy: those before the training, then one number for each epoch; those of the
        test are empty without one.

    Raises:
        ValueError: there are no points, or the optimizer refuses its settings.

    >>> experiment = Experiment(Settings(points=20, layers=(3,)))
    >>> experiment.train_epoch()
    >>> experiment.epochs, experiment.model
    (1, MLP(2, [3, 1], activation='tanh', output='linear'))
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._rng = random.Random(settings.seed)
        data = _data(settings, self._rng)
        held_out = round(settings.test * len(data))
        self.train: Dataset = data
        self.test: Dataset | None = None
        if held_out:
            self.train, self.test = data.split(held_out, self._rng)
        sizes = [*settings.layers, 1]
        self.model = MLP(len(settings.features), sizes, activation=settings.activation, rng=self._rng)
        self.optimizer = _optimizer(settings, self.model)
        self.loss, self.accuracy = self._measured(self.train)
        self.test_loss, self.test_accuracy = ([], []) if self.test is None else self._measured(self.test)

    @property
    def epochs(self) -> int:
        """The number of epochs so far."""
        return len(self.loss) - 1

    def train_epoch(self) -> None:
        """Trains for one epoch, the whole of it or nothing.

        Raises:
            FloatingPointError: a loss or a gradient is not finite.
            OverflowError: a number is too large for a float.
        """
        numbers = [parameter.data for parameter in self.optimizer.parameters]
        states, chance = self.optimizer.states, self._rng.getstate()
        try:
            history = self._fitted()
        except ArithmeticError:
            for parameter, number in zip(self.optimizer.parameters, numbers, strict=True):
                parameter.data = number
            self.optimizer.states = states
            self._rng.setstate(chance)
            raise
        self.loss += history.loss
        self.accuracy += history.accuracy
        self.test_loss += history.validation_loss
        self.test_accuracy += history.validation_accuracy

    def _measured(self, part: Dataset) -> tuple[list[float], list[float]]:
        loss, accuracy = evaluate(
            self.model,
            self._inputs(part),
            self._targets(part),
            loss=LOSSES[self.settings.loss],
            is_correct=is_correct,
            compile=False,
        )
        assert accuracy is not None
        return [loss], [accuracy]

    def _fitted(self) -> History:
        history = fit(
            self.model,
            self._inputs(self.train),
            self._targets(self.train),
            loss=LOSSES[self.settings.loss],
            optimizer=self.optimizer,
            epochs=1,
            batch_size=self.settings.batch_size,
            validation=None if self.test is None else (self._inputs(self.test), self._targets(self.test)),
            progress=False,
            rng=self._rng,
            is_correct=is_correct,
            compile=False,
        )
        for loss in history.loss + history.validation_loss:
            if not math.isfinite(loss):  # each was finite, their sum is not
                raise FloatingPointError(f"the mean loss is {loss}")
        return history

    def gradients(self) -> dict[str, float]:
        """The derivative of the mean loss over the training points with respect to each parameter, by name.

        Raises:
            FloatingPointError: a loss or a gradient is not finite.
        """
        names, parameters = zip(*self.model.named_parameters(), strict=True)
        totals = [0.0] * len(parameters)
        loss = LOSSES[self.settings.loss]
        for example, target in zip(self._inputs(self.train), self._targets(self.train), strict=True):
            found = gradients(loss(self.model(example), target), parameters)
            totals = [total + gradient for total, gradient in zip(totals, found, strict=True)]
        return dict(zip(names, (total / len(self.train) for total in totals), strict=True))

    def loss_by(self, name: str, example: int) -> Value:
        """The loss of one point as a function of one parameter: all else is constant, so its graph is only their paths.

        Points are counted from 0; those held out come last.

        Raises:
            KeyError: there is no such parameter.
            IndexError: there is no such point.

        >>> loss = Experiment(Settings(layers=(2,), loss="hinge")).loss_by("layer2.neuron1.w1", 0)
        >>> gradients(loss, [node for node in loss.parents if node.requires_grad])
        [1.0]
        """
        model = copy.deepcopy(self.model)
        parameters = dict(model.named_parameters())
        chosen = parameters[name]
        for parameter in parameters.values():
            parameter.requires_grad = parameter is chosen
        parts = [self.train] if self.test is None else [self.train, self.test]
        inputs = [numbers for part in parts for numbers in self._inputs(part)]
        targets = [target for part in parts for target in self._targets(part)]
        named = [
            Value(number, label=FEATURES[feature].expression, requires_grad=False)
            for number, feature in zip(inputs[example], self.settings.features, strict=True)
        ]
        loss = LOSSES[self.settings.loss](model(named), targets[example])
        loss.label = "loss"
        return loss

    def _inputs(self, part: Dataset) -> list[list[float]]:
        functions = [FEATURES[name].function for name in self.settings.features]
        return [[function(x, y) for function in functions] for x, y in part.X]

    def _targets(self, part: Dataset) -> list[int]:
        return part.y if counts_from_zero(self.settings) else [2 * label - 1 for label in part.y]


def is_correct(output: Value, target: int) -> bool:
    """Whether an output has the sign of its target, for classes 0 and 1 as well as -1 and 1.

    >>> is_correct(Value(0.2), 1), is_correct(Value(-0.2), 0), is_correct(Value(0.2), -1)
    (True, True, False)
    """
    return (output > 0) == (target > 0)


def counts_from_zero(settings: Settings) -> bool:
    """Whether the loss takes the classes as 0 and 1; the others take -1 and 1."""
    return settings.loss == "binary_cross_entropy_with_logits"


def _data(settings: Settings, rng: random.Random) -> Dataset:
    if settings.data != OWN:
        return DATA[settings.data](settings.points, settings.noise, rng)
    if not settings.own:
        raise ValueError("there are no points to learn from")
    return Dataset([[x, y] for x, y, _ in settings.own], [label for *_, label in settings.own], ("x", "y"), ("A", "B"))


def optimizer_arguments(settings: Settings) -> dict[str, Any]:
    """The keyword arguments of the optimizer."""
    arguments = {name: getattr(settings, name) for name in OPTIMIZERS[settings.optimizer]}
    if "beta_1" in arguments:
        arguments["betas"] = (arguments.pop("beta_1"), arguments.pop("beta_2"))
    return arguments


def _optimizer(settings: Settings, model: MLP) -> Optimizer:
    made: Optimizer = getattr(nn, settings.optimizer)(model.parameters(), **optimizer_arguments(settings))
    return made
