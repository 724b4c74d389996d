"""One step of training six neurons, with every number shown."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import autograd
from autograd import Value, gradients
from autograd.support.files import atomic_write
from autograd.support.rng import generator
from autograd.support.tables import Table
from nn.arguments import listed, rows
from nn.lessons.finite import finite, half_square, require_finite
from nn.lessons.frames import frames, slider
from nn.lessons.hand_step import HandStep, Phase, new_symbol, plain, short, signal_symbol, weight_symbol
from nn.losses import half_mse

SOURCES: dict[int, tuple[str, ...]] = {
    1: ("x1", "x2"),
    2: ("x1", "x2"),
    3: ("x1", "x2"),
    4: ("a1", "a2", "a3"),
    5: ("a1", "a2", "a3"),
    6: ("a4", "a5"),
}
"""What flows into each of the six neurons: the inputs x1 and x2, or the outputs a1 to a5 of other neurons."""

READERS: dict[int, tuple[int, ...]] = {1: (4, 5), 2: (4, 5), 3: (4, 5), 4: (6,), 5: (6,), 6: ()}
"""The neurons into which each of the six flows."""


class SixNeurons:
    """One step of training a network of two inputs and layers of 3, 2 and 1 sigmoid neurons, with every number shown.

    The network and its steps are those of a well-known series of pictures (Bernacki and Włodarczyk 2004, "Principles of
    training multi-layer neural network using backpropagation"); the symbols are those of `Chain`. Neuron n adds up its
    inputs times its weights to z_n, and its output is a_n = f(z_n), where f is the sigmoid; there are no biases. The
    loss is E = (a6 - y)^2 / 2, where y is the target.

    - Forward: a1 to a6.
    - Error signals, delta6 to delta1, where delta_n is dE/dz_n: at the output delta6 = f'(z6) (a6 - y); at the other
      neurons what flows back through the weights, for instance delta4 = f'(z4) w46 delta6.
    - Updates: w' = w - eta delta x, where x is what the weight multiplies and delta belongs to the neuron it leads to;
      so dE/dw = delta x.

    (Those pictures call the sums e, the outputs y and the target z. Their delta6 is the error z - y6; going back they
    leave out the factor f'(e), and their direction is not that of the gradient unless f is linear.)

    Args:
        inputs: the numbers x1 and x2.
        target: the number y that the output should be.
        weights: a list for each of the neurons 1 to 6, with a weight for each of its inputs (`SOURCES`); drawn
            uniformly from -1 to 1 if not given.
        lr: the learning rate eta.
        rng: draws the weights if they are not given; a random.Random, an int seed, or None.

    a, z, delta: dicts from the number of a neuron to its output, its sum, its error signal.
    gradients, new_weights: lists like `weights`: dE/dw, and w' for each weight.
    loss: E.
    steps: a `HandStep` for every number that is computed, in order.

    Printed, it is a table of the steps; in a notebook, a drawing for each (see `frames`), with a slider.

    Raises:
        ValueError: there are not two inputs; the weights are not lists of 2, 2, 2, 3, 3 and 2 numbers; `lr` is
            negative; a number is not finite.
        TypeError: something is not a number.
        FloatingPointError: a number that is computed is not finite; the message names it.
        OverflowError: the loss is too large for a float.

    >>> step = SixNeurons([1.0, 0.0], target=1.0, rng=0)
    >>> step.next().loss < step.loss
    True
    """

    def __init__(
        self,
        inputs: Sequence[float],
        target: float,
        weights: Sequence[Sequence[float]] | None = None,
        *,
        lr: float = 0.5,
        rng: random.Random | int | None = None,
    ) -> None:
        inputs = listed(inputs, "the inputs x1 and x2 must be a list")
        if len(inputs) != 2:
            raise ValueError(f"the network has 2 inputs, x1 and x2, not {len(inputs)}")
        if weights is None:
            rng = generator(rng)
            weights = [[rng.uniform(-1.0, 1.0) for _ in sources] for sources in SOURCES.values()]
        weights = _six_rows(weights)
        self.inputs = [finite(number, f"the input x{index}") for index, number in enumerate(inputs, start=1)]
        self.target = finite(target, "the target")
        self.lr = finite(lr, "the learning rate")
        if self.lr < 0.0:
            raise ValueError(f"the learning rate cannot be negative: {lr!r}")
        self.weights = [
            [finite(number, f"a weight of neuron {neuron}") for number in row]
            for neuron, row in enumerate(weights, start=1)
        ]
        self.steps: list[HandStep] = []
        self.a: dict[int, float] = {}
        self.z: dict[int, float] = {}
        self.delta: dict[int, float] = {}
        self._signals = {"x1": self.inputs[0], "x2": self.inputs[1]}
        for neuron in SOURCES:
            self._forward(neuron)
        self.loss = half_square(self.a[6] - self.target, "a6 - y")
        for neuron in reversed(SOURCES):
            self._error(neuron)
        self.gradients: list[list[float]] = []
        self.new_weights: list[list[float]] = []
        for neuron in SOURCES:
            self._update(neuron)

    def weight(self, source: str, neuron: int) -> float:
        """The weight with which a signal, such as "x1" or "a3", flows into a neuron."""
        return self.weights[neuron - 1][SOURCES[neuron].index(source)]

    def slope(self, neuron: int) -> float:
        """f'(z) of a neuron, which for the sigmoid is a (1 - a)."""
        return self.a[neuron] * (1.0 - self.a[neuron])

    def next(self) -> SixNeurons:
        """The step after this one: the same inputs and target, with the new weights."""
        return SixNeurons(self.inputs, self.target, self.new_weights, lr=self.lr)

    def engine_gradients(self) -> list[list[float]]:
        """dE/dw of every weight, in lists like `weights`, by the engine, without these formulas."""
        weights = [[Value(number) for number in row] for row in self.weights]
        signals: dict[str, Any] = dict(self._signals)
        for neuron, row in enumerate(weights, start=1):
            total = autograd.sum(w * signals[source] for w, source in zip(row, SOURCES[neuron], strict=True))
            signals[f"a{neuron}"] = autograd.sigmoid(total)
        loss = half_mse(signals["a6"], self.target)
        found = iter(gradients(loss, [w for row in weights for w in row]))
        return [[next(found) for _ in row] for row in weights]

    def frames(self) -> list[str]:
        """A drawing of the network for each neuron and phase, 18 in all, as SVG, with the steps written below it."""
        weights = {(source, neuron): self.weight(source, neuron) for neuron in SOURCES for source in SOURCES[neuron]}
        return frames(self.inputs, self.target, weights, self.steps)

    def save_frames(self, folder: str | os.PathLike[str]) -> list[str]:
        """Writes the drawings as files step_01.svg to step_18.svg into a folder, and returns their paths.

        Raises:
            FileNotFoundError: there is no such folder.
        """
        folder = Path(folder)
        if not folder.is_dir():
            raise FileNotFoundError(f"there is no folder {folder}")
        paths = []
        for number, frame in enumerate(self.frames(), start=1):
            path = folder / f"step_{number:02}.svg"
            with atomic_write(path) as unfinished:
                unfinished.write_text(frame, encoding="utf-8")
            paths.append(str(path))
        return paths

    @property
    def table(self) -> Table:
        """The steps as a table, which a notebook shows; `str` gives the same as text."""
        header = ("step", "is", "with numbers", "result")
        rows = [(plain(s.symbol), plain(s.formula), plain(s.numbers), f"{s.result:.6g}") for s in self.steps]
        above = f"inputs {self.inputs}, target y = {self.target:g}, loss E = {self.loss:.6g}"
        return Table("steps", header, rows, above=above)

    def __str__(self) -> str:
        return str(self.table)

    def __repr__(self) -> str:
        return f"<SixNeurons: inputs {self.inputs}, target {self.target!r}, loss {self.loss:.6g}>"

    def _repr_html_(self) -> str:
        return slider(self.frames())

    def _forward(self, neuron: int) -> None:
        terms = [(self.weight(source, neuron), source) for source in SOURCES[neuron]]
        self.z[neuron] = sum(weight * self._signals[source] for weight, source in terms)
        self.a[neuron] = self._signals[f"a{neuron}"] = autograd.sigmoid(self.z[neuron])
        formula = " + ".join(f"{weight_symbol(source, neuron)} {signal_symbol(source)}" for _, source in terms)
        numbers = " + ".join(f"{short(weight)} · {short(self._signals[source])}" for weight, source in terms)
        self._add("forward", neuron, f"a_{{{neuron}}}", f"f({formula})", f"f({numbers})", self.a[neuron])

    def _error(self, neuron: int) -> None:
        if neuron == 6:
            formula, numbers = "a_{6} - y", f"{short(self.a[6])} - {short(self.target)}"
            arriving = self.a[6] - self.target
        else:
            terms = [(self.weight(f"a{neuron}", to), to) for to in READERS[neuron]]
            formula = " + ".join(f"{weight_symbol(f'a{neuron}', to)} δ_{{{to}}}" for _, to in terms)
            numbers = " + ".join(f"{short(weight)} · {short(self.delta[to])}" for weight, to in terms)
            arriving = sum(weight * self.delta[to] for weight, to in terms)
        self.delta[neuron] = self.slope(neuron) * arriving
        formula, numbers = f"f'(z_{{{neuron}}}) ({formula})", f"{short(self.slope(neuron))} · ({numbers})"
        self._add("error", neuron, f"δ_{{{neuron}}}", formula, numbers, self.delta[neuron])

    def _update(self, neuron: int) -> None:
        delta = self.delta[neuron]
        gradients = [delta * self._signals[source] for source in SOURCES[neuron]]
        for source, gradient in zip(SOURCES[neuron], gradients, strict=True):
            require_finite(gradient, f"dE/d{plain(weight_symbol(source, neuron))}")
        self.gradients.append(gradients)
        self.new_weights.append([])
        for source, weight in zip(SOURCES[neuron], self.weights[neuron - 1], strict=True):
            symbol, x = weight_symbol(source, neuron), self._signals[source]
            new = weight - self.lr * delta * x
            self.new_weights[-1].append(new)
            formula = f"{symbol} - η δ_{{{neuron}}} {signal_symbol(source)}"
            numbers = f"{short(weight)} - " + " · ".join(map(short, (self.lr, delta, x)))
            self._add("update", neuron, new_symbol(symbol), formula, numbers, new)

    def _add(self, phase: Phase, neuron: int, symbol: str, formula: str, numbers: str, result: float) -> None:
        require_finite(result, f"{plain(symbol)} = {plain(numbers)}")
        self.steps.append(HandStep(phase, neuron, symbol, formula, numbers, result))


def _six_rows(weights: Sequence[Sequence[float]]) -> list[list[float]]:
    """The weights of the six neurons as lists."""
    lists = rows(weights, "the weights must be a list for each neuron")
    if len(lists) != len(SOURCES):
        raise ValueError(f"there must be a list of weights for each of the neurons 1 to 6, not {len(lists)} lists")
    found = []
    for (neuron, sources), row in zip(SOURCES.items(), lists, strict=True):
        numbers = listed(row, f"the weights of neuron {neuron} must be a list")
        if len(numbers) != len(sources):
            raise ValueError(
                f"neuron {neuron} needs {len(sources)} weights, for {', '.join(sources)}, but was given {len(numbers)}"
            )
        found.append(numbers)
    return found
