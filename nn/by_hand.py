"""Backpropagation by hand: small networks whose gradients are written out as formulas, beside the engine's.

Nothing here is needed to train anything. It is the arithmetic that `backward()` saves us, done once on plain floats
so that it can be read, printed and drawn, and held against the engine.

>>> chain = Chain([0.5, -1.0], [0.0, 0.1], x=1.0, target=0.0)
>>> by_hand, by_engine = chain.by_hand(), chain.by_engine()
>>> all(abs(one - other) < 1e-14 for one, other in zip(by_hand.weights, by_engine.weights))
True
"""

from __future__ import annotations

import math
import os
import random
from collections.abc import Callable, Sequence
from functools import reduce
from operator import add, mul
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import autograd
from autograd import Value, gradients, numerical_gradient
from autograd.support.files import atomic_write
from autograd.support.rng import generator
from autograd.support.tables import table
from nn.arguments import described, listed, real, rows, whole
from nn.losses import cross_entropy, half_mse

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# ---------------------------------------------------------------- six neurons

SOURCES: dict[int, tuple[str, ...]] = {
    1: ("x1", "x2"),
    2: ("x1", "x2"),
    3: ("x1", "x2"),
    4: ("y1", "y2", "y3"),
    5: ("y1", "y2", "y3"),
    6: ("y4", "y5"),
}
"""What flows into each of the six neurons: the inputs x1 and x2, and the outputs y1 to y5 of other neurons."""

READERS: dict[int, tuple[int, ...]] = {1: (4, 5), 2: (4, 5), 3: (4, 5), 4: (6,), 5: (6,), 6: ()}
"""The neurons into which each of the six flows."""

Phase = Literal["forward", "error", "update"]


class HandStep(NamedTuple):
    """One number that is computed by hand.

    phase: "forward" for a signal, "error" for an error signal, "update" for a new weight.
    neuron: at which neuron, 1 to 6.
    symbol: what is computed, where _{...} is a subscript: "y_{1}".
    formula: of what, in symbols.
    numbers: the same with the numbers.
    result: what comes out.
    """

    phase: Phase
    neuron: int
    symbol: str
    formula: str
    numbers: str
    result: float


class SixNeurons:
    """One step of training a network of two inputs and layers of 3, 2 and 1 sigmoid neurons, with every number shown.

    The network, its symbols and its steps are those of a well-known series of pictures (Bernacki and Włodarczyk 2004,
    "Principles of training multi-layer neural network using backpropagation"). Neuron n adds up what flows in, times
    its weights, to e_n, and puts out y_n = f(e_n), f being the sigmoid; there are no biases.

    - Forward: y1 to y6.
    - Error signals, delta6 to delta1: at the output the error, delta6 = z - y6, where z is the target; at the others
      what flows back through the weights, for instance delta4 = w46 f'(e6) delta6. So delta_n is -dE/dy_n, with the
      loss E = (z - y6)^2 / 2. (Those pictures leave the factor f'(e6) out, which gives another direction than that of
      the gradient unless f is linear; with it, the steps below are exactly gradient descent.)
    - Updates: w' = w + eta delta f'(e) x, where x is what the weight was multiplied with; so dE/dw = -delta f'(e) x.

    Args:
        inputs: the numbers x1 and x2.
        target: the number z that the output should be.
        weights: a list for each of the neurons 1 to 6, of the weights of what flows into it (`SOURCES`); drawn evenly
            from -1 to 1 if not given.
        lr: the learning rate eta.
        rng: decides weights that are not given; a random.Random, an int seed, or None.

    y, e, delta: dicts from the number of a neuron to its output, its sum, its error signal.
    gradients, new_weights: lists like `weights`: dE/dw, and w' for each weight.
    loss: E.
    steps: every number computed, as a `HandStep`, in order.

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
        inputs = listed(inputs, "the inputs x1 and x2 are a list")
        if len(inputs) != 2:
            raise ValueError(f"the network has 2 inputs, x1 and x2, not {len(inputs)}")
        if weights is None:
            rng = generator(rng)
            weights = [[rng.uniform(-1.0, 1.0) for _ in sources] for sources in SOURCES.values()]
        weights = _six_rows(weights)
        self.inputs = [_finite(number, f"the input x{place}") for place, number in enumerate(inputs, start=1)]
        self.target = _finite(target, "the target")
        self.lr = _finite(lr, "the learning rate")
        if self.lr < 0.0:
            raise ValueError(f"the learning rate cannot be negative: {lr!r}")
        self.weights = [
            [_finite(number, f"a weight of neuron {neuron}") for number in row]
            for neuron, row in enumerate(weights, start=1)
        ]
        self.steps: list[HandStep] = []
        self.y: dict[int, float] = {}
        self.e: dict[int, float] = {}
        self.delta: dict[int, float] = {}
        self._signals = {"x1": self.inputs[0], "x2": self.inputs[1]}
        for neuron in SOURCES:
            self._forward(neuron)
        self.loss = _half_square(self.target - self.y[6], "z - y6")
        for neuron in reversed(SOURCES):
            self._error(neuron)
        self.gradients: list[list[float]] = []
        self.new_weights: list[list[float]] = []
        for neuron in SOURCES:
            self._update(neuron)

    def weight(self, source: str, neuron: int) -> float:
        """The weight with which a signal, such as "x1" or "y3", flows into a neuron."""
        return self.weights[neuron - 1][SOURCES[neuron].index(source)]

    def slope(self, neuron: int) -> float:
        """f'(e) of a neuron, which for the sigmoid is y (1 - y)."""
        return self.y[neuron] * (1.0 - self.y[neuron])

    def next(self) -> SixNeurons:
        """The step after this one: the same inputs and target, with the new weights."""
        return SixNeurons(self.inputs, self.target, self.new_weights, lr=self.lr)

    def engine_gradients(self) -> list[list[float]]:
        """dE/dw of every weight as the engine finds it, in lists like `weights`; it knows none of these formulas."""
        weights = [[Value(number) for number in row] for row in self.weights]
        signals: dict[str, Any] = dict(self._signals)
        for neuron, row in enumerate(weights, start=1):
            signals[f"y{neuron}"] = autograd.sigmoid(
                autograd.sum(w * signals[source] for w, source in zip(row, SOURCES[neuron], strict=True))
            )
        loss = half_mse(signals["y6"], self.target)
        found = iter(gradients(loss, [w for row in weights for w in row]))
        return [[next(found) for _ in row] for row in weights]

    def frames(self) -> list[str]:
        """A drawing of the network for each neuron and phase, 18 in all, as SVG; the steps are written below it."""
        from nn.frames import frames

        return frames(self)

    def save_frames(self, folder: str | os.PathLike[str]) -> list[str]:
        """Writes the drawings as files step_01.svg to step_18.svg into a folder, and gives their paths.

        Raises:
            FileNotFoundError: there is no such folder.
        """
        folder = Path(folder)
        if not folder.is_dir():
            raise FileNotFoundError(f"there is no folder {folder}")
        paths = []
        for place, frame in enumerate(self.frames(), start=1):
            path = folder / f"step_{place:02}.svg"
            with atomic_write(path) as unfinished:
                unfinished.write_text(frame, encoding="utf-8")
            paths.append(str(path))
        return paths

    def __str__(self) -> str:
        header = ("step", "is", "with numbers", "result")
        rows = [(plain(s.symbol), plain(s.formula), plain(s.numbers), f"{s.result:.6g}") for s in self.steps]
        return f"inputs {self.inputs}, target z = {self.target:g}, loss E = {self.loss:.6g}\n{table(header, rows)}"

    def __repr__(self) -> str:
        return f"<SixNeurons: inputs {self.inputs}, target {self.target!r}, loss {self.loss:.6g}>"

    def _repr_html_(self) -> str:
        from nn.frames import slider

        return slider(self.frames())

    def _forward(self, neuron: int) -> None:
        terms = [(self.weight(source, neuron), source) for source in SOURCES[neuron]]
        self.e[neuron] = sum(weight * self._signals[source] for weight, source in terms)
        self.y[neuron] = self._signals[f"y{neuron}"] = autograd.sigmoid(self.e[neuron])
        formula = " + ".join(f"{weight_symbol(source, neuron)} {signal_symbol(source)}" for _, source in terms)
        numbers = " + ".join(f"{_short(weight)} · {_short(self._signals[source])}" for weight, source in terms)
        self._add("forward", neuron, f"y_{{{neuron}}}", f"f({formula})", f"f({numbers})", self.y[neuron])

    def _error(self, neuron: int) -> None:
        symbol = f"δ_{{{neuron}}}"
        if neuron == 6:
            self.delta[6] = self.target - self.y[6]
            numbers = f"{_short(self.target)} - {_short(self.y[6])}"
            self._add("error", 6, symbol, "z - y_{6}", numbers, self.delta[6])
            return
        source = f"y{neuron}"
        factors = [(self.weight(source, to), self.slope(to), self.delta[to]) for to in READERS[neuron]]
        self.delta[neuron] = sum(weight * slope * delta for weight, slope, delta in factors)
        formula = " + ".join(f"{weight_symbol(source, to)} f'(e_{{{to}}}) δ_{{{to}}}" for to in READERS[neuron])
        numbers = " + ".join(" · ".join(map(_short, row)) for row in factors)
        self._add("error", neuron, symbol, formula, numbers, self.delta[neuron])

    def _update(self, neuron: int) -> None:
        slope, delta = self.slope(neuron), self.delta[neuron]
        gradients = [-delta * slope * self._signals[source] for source in SOURCES[neuron]]
        for source, gradient in zip(SOURCES[neuron], gradients, strict=True):
            _in_range(gradient, f"dE/d{plain(weight_symbol(source, neuron))}")
        self.gradients.append(gradients)
        self.new_weights.append([])
        for source, weight in zip(SOURCES[neuron], self.weights[neuron - 1], strict=True):
            symbol, x = weight_symbol(source, neuron), self._signals[source]
            new = weight + self.lr * delta * slope * x
            self.new_weights[-1].append(new)
            formula = f"{symbol} + η δ_{{{neuron}}} f'(e_{{{neuron}}}) {signal_symbol(source)}"
            numbers = f"{_short(weight)} + " + " · ".join(map(_short, (self.lr, delta, slope, x)))
            self._add("update", neuron, symbol.replace("w", "w'", 1), formula, numbers, new)

    def _add(self, phase: Phase, neuron: int, symbol: str, formula: str, numbers: str, result: float) -> None:
        _in_range(result, f"{plain(symbol)} = {plain(numbers)}")
        self.steps.append(HandStep(phase, neuron, symbol, formula, numbers, result))


def weight_symbol(source: str, neuron: int) -> str:
    """The symbol of a weight as in the classic pictures: of an input w_{(x1)2}, of a neuron's output w_{14}."""
    return f"w_{{({source}){neuron}}}" if source[0] == "x" else f"w_{{{source[1:]}{neuron}}}"


def signal_symbol(source: str) -> str:
    """The symbol of an input or an output, with its number as a subscript."""
    return f"{source[0]}_{{{source[1:]}}}"


def plain(symbols: str) -> str:
    """Symbols without subscripts, for plain text: w14 for w_{14}."""
    return symbols.replace("_{", "").replace("}", "")


def _short(number: float) -> str:
    """A number with four significant digits; a negative one in brackets, as a factor or a term."""
    return f"({number:.4g})" if number < 0.0 else f"{number:.4g}"


def _six_rows(weights: Sequence[Sequence[float]]) -> list[list[float]]:
    """The weights of the six neurons as lists."""
    lists = rows(weights, "the weights are a list for each neuron")
    if len(lists) != len(SOURCES):
        raise ValueError(f"weights are lists for the neurons 1 to 6, not {len(lists)} lists")
    found = []
    for (neuron, sources), row in zip(SOURCES.items(), lists, strict=True):
        numbers = listed(row, f"the weights of neuron {neuron} are a list")
        if len(numbers) != len(sources):
            raise ValueError(
                f"neuron {neuron} needs {len(sources)} weights, for {', '.join(sources)}, but was given {len(numbers)}"
            )
        found.append(numbers)
    return found


def _finite(number: float, what: str) -> float:
    """The number as a float."""
    number = real(what, number)
    if not math.isfinite(number):
        raise ValueError(f"{what} must be a finite number, not {number!r}")
    return number


def _in_range(number: float, what: str) -> None:
    """Raises FloatingPointError for a number that has left the range of floats, where the engine raises it, too."""
    if not math.isfinite(number):
        raise FloatingPointError(f"{what} is {number!r}, not finite: the numbers are too large for floats")


def _half_square(difference: float, what: str) -> float:
    try:
        return difference**2 / 2.0
    except OverflowError:
        raise OverflowError(f"the loss ({what})^2 / 2 is too large for a float at {what} = {difference!r}") from None


# ---------------------------------------------------------------- a chain of one-neuron layers

_SLOPES: dict[str, Callable[[float], float]] = {
    "sigmoid": lambda a: a * (1.0 - a),
    "tanh": lambda a: 1.0 - a * a,
    "relu": lambda a: 1.0 if a > 0.0 else 0.0,
}
"""The slope of each activation, in terms of what it puts out."""


class ChainGradients(NamedTuple):
    """The numbers of a chain, in the order of its layers.

    activations: a_1 to a_L.
    deltas: dL/dz_l.
    weights: dL/dw_l.
    biases: dL/db_l, the same as the deltas.
    loss: (a_L - y)^2 / 2.
    """

    activations: list[float]
    deltas: list[float]
    weights: list[float]
    biases: list[float]
    loss: float


class Chain:
    """Layers of one neuron each, one after the other: z_l = w_l a_(l-1) + b_l, a_l = f(z_l), a_0 = x.

    The loss is L = (a_L - y)^2 / 2. This is the smallest deep network; its backpropagation is four formulas, here for
    the sigmoid, whose slope is a (1 - a):

        delta_L = (a_L - y) a_L (1 - a_L)
        delta_l = delta_(l+1) w_(l+1) a_l (1 - a_l)
        dL/dw_l = delta_l a_(l-1)
        dL/db_l = delta_l

    Args:
        weights: w_1 to w_L, one for each layer.
        biases: b_1 to b_L.
        x: the input.
        target: the number y that the output should be.
        activation: "sigmoid", "tanh" or "relu".

    Raises:
        ValueError: there is no layer, not as many biases as weights, or no such activation; a number is not finite.
        TypeError: something is not a number.

    >>> Chain([1.0], [0.0], x=0.0, target=0.0).by_hand()
    ChainGradients(activations=[0.5], deltas=[0.125], weights=[0.0], biases=[0.125], loss=0.125)
    """

    def __init__(
        self, weights: Sequence[float], biases: Sequence[float], x: float, target: float, activation: str = "sigmoid"
    ) -> None:
        weights, biases = listed(weights, "weights are a list"), listed(biases, "biases are a list")
        if len(weights) == 0:
            raise ValueError("a chain needs at least one layer: one weight and one bias")
        if len(weights) != len(biases):
            raise ValueError(f"a chain needs a bias for each weight, not {len(biases)} for {len(weights)}")
        if not isinstance(activation, str):
            raise TypeError(f"an activation is one of the names {', '.join(_SLOPES)}, not {described(activation)}")
        if activation not in _SLOPES:
            raise ValueError(f"there is no activation {activation!r} for chains; there are {', '.join(_SLOPES)}")
        self.weights = [_finite(number, "a weight") for number in weights]
        self.biases = [_finite(number, "a bias") for number in biases]
        self.x = _finite(x, "the input")
        self.target = _finite(target, "the target")
        self.activation = activation

    def by_hand(self) -> ChainGradients:
        """The gradients by the formulas above, on plain floats.

        Raises:
            FloatingPointError: a number is not finite; the message names it.
            OverflowError: the loss is too large for a float.
        """
        function, slope = getattr(autograd, self.activation), _SLOPES[self.activation]
        a = [self.x]
        for w, b in zip(self.weights, self.biases, strict=True):
            a.append(function(w * a[-1] + b))
        loss = _half_square(a[-1] - self.target, "a_L - y")
        delta = (a[-1] - self.target) * slope(a[-1])
        deltas = [delta]
        for layer in range(len(self.weights) - 1, 0, -1):
            delta = delta * self.weights[layer] * slope(a[layer])
            deltas.insert(0, delta)
        weights = [delta * below for delta, below in zip(deltas, a, strict=False)]
        for layer, (activation, delta, weight) in enumerate(zip(a[1:], deltas, weights, strict=True), start=1):
            _in_range(activation, f"the activation a_{layer}")
            _in_range(delta, f"delta_{layer}")
            _in_range(weight, f"dL/dw_{layer}")
        return ChainGradients(a[1:], deltas, weights, list(deltas), loss)

    def by_engine(self) -> ChainGradients:
        """The same by the engine, which is given the forward pass only."""
        function = getattr(autograd, self.activation)
        weights, biases = [Value(w) for w in self.weights], [Value(b) for b in self.biases]
        a: list[Value] = []
        z: list[Value] = []
        for w, b in zip(weights, biases, strict=True):
            z.append(w * (a[-1] if a else self.x) + b)
            a.append(function(z[-1]))
        loss = half_mse(a[-1], self.target)
        found = gradients(loss, [*z, *weights, *biases])
        depth = len(weights)
        return ChainGradients(
            [activation.data for activation in a],
            found[:depth],
            found[depth : 2 * depth],
            found[2 * depth :],
            loss.data,
        )


def mean_deltas(
    activation: str,
    *,
    depth: int = 20,
    chains: int = 100,
    weights: tuple[float, float] = (0.5, 1.5),
    rng: random.Random | int | None = None,
) -> list[float]:
    """The mean of |delta_l| in each layer, first layer first, over chains with weights drawn evenly from an interval.

    The input is 1, the biases and the target are 0.

    Raises:
        ValueError: `depth` or `chains` is less than 1, the interval is the wrong way round, or no such activation.

    >>> first, *_, last = mean_deltas("sigmoid", depth=10, rng=0)
    >>> first < last / 1000
    True
    """
    if whole("depth", depth) < 1 or whole("chains", chains) < 1:
        raise ValueError(f"at least 1 layer and 1 chain are needed, not depth={depth}, chains={chains}")
    ends = listed(weights, "weights are drawn from an interval (low, high)")
    if len(ends) != 2:
        raise ValueError(f"weights are drawn from an interval (low, high), not from {len(ends)} numbers")
    low, high = (_finite(end, "an end of the interval of weights") for end in ends)
    if not low <= high:
        raise ValueError(f"weights are drawn from an interval (low, high), not from ({low!r}, {high!r})")
    rng = generator(rng)
    deltas = [
        Chain([rng.uniform(low, high) for _ in range(depth)], [0.0] * depth, 1.0, 0.0, activation).by_hand().deltas
        for _ in range(chains)
    ]
    return [fmean(map(abs, layer)) for layer in zip(*deltas, strict=True)]


def plot_vanishing_gradient(
    *,
    depth: int = 20,
    chains: int = 100,
    activations: Sequence[str] = ("sigmoid", "tanh", "relu"),
    weights: tuple[float, float] = (0.5, 1.5),
    rng: random.Random | int | None = 0,
    ax: Axes | None = None,
) -> Axes:
    """How the gradient shrinks on its way back through a chain: the mean of |delta_l| by layer, for each activation.

    The slope of the sigmoid is at most 1/4, so each layer takes at least that factor, times the weight; the slope of
    tanh is at most 1; that of relu is 1 wherever the signal is positive. The arguments are those of `mean_deltas`;
    every activation gets the same weights.

    Raises:
        ImportError: matplotlib is not installed.
        ValueError: as `mean_deltas`.

    >>> import matplotlib; matplotlib.use("Agg")
    >>> plot_vanishing_gradient(depth=5, chains=3).get_yscale()
    'log'
    """
    from autograd.support import plotting

    seed = generator(rng).getrandbits(32)
    curves = {name: mean_deltas(name, depth=depth, chains=chains, weights=weights, rng=seed) for name in activations}
    ax = plotting.axes(ax)
    layers = range(1, depth + 1)
    for (name, means), colour, marker in zip(curves.items(), plotting.COLOURS, plotting.MARKERS, strict=False):
        ax.plot(layers, means, color=colour, marker=marker, markersize=4, label=name)
    ax.set_yscale("log")
    ax.set_xticks([layer for layer in layers if depth <= 10 or layer % (depth // 10) == 0])
    title = rf"The vanishing gradient: mean $|\delta_l|$ of {chains} chains of {depth} neurons"
    return plotting.named(ax, title, r"layer $l$ (the loss is at the right)", r"mean $|\delta_l|$", legend=True)


# ---------------------------------------------------------------- softmax and cross-entropy


class SoftmaxGradients(NamedTuple):
    """The numbers of a `SoftmaxLayer`.

    logits: the sums z_j.
    probabilities: p_j.
    loss: the cross-entropy.
    weights: dE/dw_ij, in rows like the weights.
    """

    logits: list[float]
    probabilities: list[float]
    loss: float
    weights: list[list[float]]


class SoftmaxLayer:
    """A matrix of weights, softmax, and cross-entropy: the end of every network that tells classes apart.

    z_j = sum_i x_i w_ij, p = softmax(z), E = -sum_j t_j log(p_j). Its gradient is remarkably simple: dE/dz_j is
    p_j - t_j, so row i of dE/dW is x_i (p - t).

    Args:
        weights: a row for each input, with a number for each class.
        inputs: the numbers x_i.
        target: the probabilities t_j that the classes should have; [0, 0, 1] for the third of three.

    Raises:
        ValueError: there are no inputs or less than 2 classes, the weights are not a matrix of that size, the target
            is not a list of probabilities that add up to 1, or a number is not finite.
        TypeError: something is not a number.

    >>> layer = SoftmaxLayer([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]], [0.6, 0.9], [0, 0, 1])
    >>> [round(p, 6) for p in layer.by_hand().probabilities]
    [0.284763, 0.330847, 0.38439]
    """

    def __init__(self, weights: Sequence[Sequence[float]], inputs: Sequence[float], target: Sequence[float]) -> None:
        self.inputs = [_finite(x, "an input") for x in listed(inputs, "the inputs are a list of numbers")]
        self.target = [_finite(t, "a target") for t in listed(target, "the target is a list of probabilities")]
        if not self.inputs or len(self.target) < 2:
            raise ValueError(
                "a softmax layer needs at least 1 input and 2 classes (the softmax of one is always 1), "
                f"not {len(self.inputs)} and {len(self.target)}"
            )
        lists = rows(weights, "the weights are a list for each input")
        numbers = [listed(row, "the weights of an input are a list of numbers") for row in lists]
        if len(numbers) != len(self.inputs) or any(len(row) != len(self.target) for row in numbers):
            raise ValueError(
                f"{len(self.inputs)} inputs and {len(self.target)} classes need {len(self.inputs)} rows of "
                f"{len(self.target)} weights, not rows of {', '.join(str(len(row)) for row in numbers) or 'nothing'}"
            )
        if min(self.target, default=-1.0) < 0.0 or not math.isclose(math.fsum(self.target), 1.0, abs_tol=1e-6):
            raise ValueError(f"the target is a probability for each class, which add up to 1, not {self.target}")
        self.weights = [[_finite(w, "a weight") for w in row] for row in numbers]

    def by_hand(self) -> SoftmaxGradients:
        """The gradients by the formula above, on plain floats.

        Raises:
            FloatingPointError: a logit or the loss is not finite.
        """
        columns = list(zip(*self.weights, strict=True))
        # Added one by one, as the engine does: `sum` rounds less often since Python 3.12.
        logits = [reduce(add, map(mul, self.inputs, column), 0.0) for column in columns]
        for place, logit in enumerate(logits, start=1):
            _in_range(logit, f"the logit z_{place}")
        largest = max(logits)
        powers = [math.exp(z - largest) for z in logits]
        total = sum(powers)
        p = [power / total for power in powers]
        loss = sum(t * (math.log(total) + largest - z) for t, z in zip(self.target, logits, strict=True) if t)
        _in_range(loss, "the loss")
        weights = [[x * (p_j - t_j) for p_j, t_j in zip(p, self.target, strict=True)] for x in self.inputs]
        return SoftmaxGradients(logits, p, loss, weights)

    def by_engine(self) -> SoftmaxGradients:
        """The same by the engine, which is given the forward pass only."""
        weights = [[Value(w) for w in row] for row in self.weights]
        logits = self._logits(weights)
        loss = cross_entropy(logits, self.target)
        found = iter(gradients(loss, [w for row in weights for w in row]))
        p = [probability.data for probability in autograd.softmax(logits)]
        rows = [[next(found) for _ in row] for row in weights]
        return SoftmaxGradients([z.data for z in logits], p, loss.data, rows)

    def by_differences(self) -> list[list[float]]:
        """dE/dW by moving each weight a little and looking at the loss (`autograd.numerical_gradient`)."""
        found = iter(numerical_gradient(lambda w: cross_entropy(self._logits(w), self.target), [self.weights]))
        return [[next(found) for _ in row] for row in self.weights]

    def _logits(self, weights: Sequence[Sequence[Value]]) -> list[Value]:
        return [autograd.dot(column, self.inputs) for column in zip(*weights, strict=True)]
