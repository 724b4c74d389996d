"""The Python side of the playground's page: each method answers one question of the page."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from autograd import Value, explore, gradients, topological_order
from nn import ACTIVATIONS
from playground.experiment import Experiment
from playground.program import program
from playground.settings import (
    CHOICES,
    FEATURES,
    LIMITS,
    MOST_LAYERS,
    MOST_NEURONS,
    OPTIMIZERS,
    Settings,
    default_rate,
)


class Session:
    """Answers the questions of the page with numbers, strings, lists and dicts.

    >>> session = Session()
    >>> session.open("data=xor&layers=3")["settings"]["layers"], session.begin()["epochs"], session.train()["epochs"]
    ((3,), 0, 1)
    """

    def __init__(self) -> None:
        self._settings = Settings()
        self._experiment: Experiment | None = None

    def choices(self) -> dict[str, Any]:
        """The choices and the limits of the settings, and the formulas that the page computes."""
        return {
            "choices": CHOICES,
            "features": {
                name: {"label": feature.label, "formula": formula(feature.function, 2)}
                for name, feature in FEATURES.items()
            },
            "limits": LIMITS,
            "optimizers": OPTIMIZERS,
            "mostLayers": MOST_LAYERS,
            "mostNeurons": MOST_NEURONS,
            "activations": {name: formula(activation.function, 1) for name, activation in ACTIVATIONS.items()},
        }

    def open(self, address: str) -> dict[str, Any]:
        """The settings of an address, which the next experiment uses, and the parts of it that were ignored."""
        self._experiment = None
        self._settings, ignored = Settings.from_address(address)
        return {
            "settings": dataclasses.asdict(self._settings),
            "address": self._settings.address(),
            "ignored": ignored,
        }

    def begin(self) -> dict[str, Any]:
        """Begins the experiment, and gives its points and its state before the first epoch.

        Raises:
            ValueError: there are no points, or the optimizer refuses its settings.
        """
        self._experiment = experiment = Experiment(self._settings)
        parts = [(experiment.train, False)] + ([] if experiment.test is None else [(experiment.test, True)])
        points = [
            {"x": x, "y": y, "label": label, "heldOut": held_out}
            for part, held_out in parts
            for (x, y), label in zip(part.X, part.y, strict=True)
        ]
        return {"points": points} | self._state(experiment)

    def train(self) -> dict[str, Any]:
        """Trains for one epoch, and gives the state after it.

        If a number leaves the range of floats, nothing changes, and the answer is `diverged`: the epoch, the learning
        rate that is too large, and a lower one to try.

        Raises:
            RuntimeError: there is nothing to train.
        """
        experiment = self._running()
        try:
            experiment.train_epoch()
        except ArithmeticError:
            lower = self._settings.lower_rate()
            return {
                "diverged": {
                    "epoch": experiment.epochs + 1,
                    "rate": self._settings.lr,
                    "lower": lower,
                    "isDefault": lower == default_rate(self._settings.optimizer),
                }
            }
        return self._state(experiment)

    def gradients(self) -> dict[str, Any]:
        """The gradient of each parameter, by name; an empty dict if one of them is out of the range of floats."""
        experiment = self._running()
        try:
            found = experiment.gradients()
        except ArithmeticError:
            found = {}
        return {"epochs": experiment.epochs, "gradients": found}

    def player(self, name: str, example: int) -> dict[str, Any]:
        """A page (`html`) that plays the loss of one point as a function of one parameter, and the `gradient` there.

        There are neither if a number is out of the range of floats.
        """
        experiment = self._running()
        answer: dict[str, Any] = {"epochs": experiment.epochs}
        try:
            loss = experiment.loss_by(name, example)
            (parameter,) = (node for node in topological_order(loss) if node.is_leaf and node.requires_grad)
            (gradient,) = gradients(loss, [parameter])
        except ArithmeticError:
            return answer
        return answer | {"gradient": gradient, "html": explore(loss, paths_from=parameter).html}

    def program(self, epochs: int) -> str:
        """The Python program that does the same."""
        return program(self._settings, epochs)

    def _running(self) -> Experiment:
        if self._experiment is None:
            raise RuntimeError("there is nothing to train: begin an experiment first")
        return self._experiment

    def _state(self, experiment: Experiment) -> dict[str, Any]:
        return {
            "epochs": experiment.epochs,
            "layers": [
                [{"weights": [weight.data for weight in neuron.w], "bias": neuron.b.data} for neuron in layer.neurons]
                for layer in experiment.model.layers
            ],
            "loss": experiment.loss[-1:],
            "testLoss": experiment.test_loss[-1:],
            "accuracy": experiment.accuracy[-1:],
            "testAccuracy": experiment.test_accuracy[-1:],
        }


def formula(function: Callable[..., Any], inputs: int) -> dict[str, Any]:
    """A function as a list of operations, for the page to compute.

    Returns:
        `steps`, each the `number` of a constant, or the name of a `primitive` and the indices of its `operands`; and
        the index of the `result`. Indices count the inputs first, then the steps.

    >>> formula(lambda x, y: x * y, 2)
    {'steps': [{'primitive': 'multiply', 'operands': [0, 1]}], 'result': 2}
    """
    given = [Value(0.5) for _ in range(inputs)]
    result = function(*given)
    indices = {value: index for index, value in enumerate(given)}
    steps: list[dict[str, Any]] = []
    for node in topological_order(result):
        if node in indices:
            continue
        indices[node] = inputs + len(steps)
        if node.op is None:
            steps.append({"number": node.data})
        else:
            steps.append({"primitive": node.op.name, "operands": [indices[parent] for parent in node.parents]})
    return {"steps": steps, "result": indices[result]}
