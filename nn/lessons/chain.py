"""A chain of one-neuron layers: backpropagation in four formulas, and the vanishing gradient.

>>> chain = Chain([0.5, -1.0], [0.0, 0.1], x=1.0, target=0.0)
>>> by_hand, by_engine = chain.by_hand(), chain.by_engine()
>>> all(abs(hand - engine) < 1e-14 for hand, engine in zip(by_hand.weights, by_engine.weights))
True
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from statistics import fmean
from typing import TYPE_CHECKING, NamedTuple

import autograd
from autograd import Value, gradients
from autograd.support import plotting
from autograd.support.rng import generator
from nn.arguments import described, listed, whole
from nn.lessons.finite import finite, half_square, require_finite
from nn.losses import half_mse

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_DERIVATIVES: dict[str, Callable[[float], float]] = {
    "sigmoid": lambda a: a * (1.0 - a),
    "tanh": lambda a: 1.0 - a * a,
    "relu": lambda a: 1.0 if a > 0.0 else 0.0,
}
"""The derivative of each activation, in terms of its output."""


class ChainGradients(NamedTuple):
    """The numbers of a chain, in the order of its layers.

    activations: a_1 to a_L.
    deltas: dE/dz_l.
    weights: dE/dw_l.
    biases: dE/db_l, the same as the deltas.
    loss: (a_L - y)^2 / 2.
    """

    activations: list[float]
    deltas: list[float]
    weights: list[float]
    biases: list[float]
    loss: float


class Chain:
    """Layers of one neuron each, one after the other: z_l = w_l a_(l-1) + b_l, a_l = f(z_l), a_0 = x.

    The loss is E = (a_L - y)^2 / 2. This is the smallest deep network; its backpropagation is four formulas, here for
    the sigmoid, whose derivative is a (1 - a):

        delta_L = (a_L - y) a_L (1 - a_L)
        delta_l = delta_(l+1) w_(l+1) a_l (1 - a_l)
        dE/dw_l = delta_l a_(l-1)
        dE/db_l = delta_l

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
        weights, biases = listed(weights, "weights must be a list"), listed(biases, "biases must be a list")
        if len(weights) == 0:
            raise ValueError("a chain needs at least one layer: one weight and one bias")
        if len(weights) != len(biases):
            raise ValueError(f"a chain needs a bias for each weight, not {len(biases)} for {len(weights)}")
        if not isinstance(activation, str):
            raise TypeError(
                f"an activation must be one of the names {', '.join(_DERIVATIVES)}, not {described(activation)}"
            )
        if activation not in _DERIVATIVES:
            raise ValueError(f"there is no activation {activation!r} for chains; there are {', '.join(_DERIVATIVES)}")
        self.weights = [finite(number, "a weight") for number in weights]
        self.biases = [finite(number, "a bias") for number in biases]
        self.x = finite(x, "the input")
        self.target = finite(target, "the target")
        self.activation = activation

    def by_hand(self) -> ChainGradients:
        """The gradients by the formulas above, on plain floats.

        Raises:
            FloatingPointError: a number is not finite; the message names it.
            OverflowError: the loss is too large for a float.
        """
        function, derivative = getattr(autograd, self.activation), _DERIVATIVES[self.activation]
        a = [self.x]
        for w, b in zip(self.weights, self.biases, strict=True):
            a.append(function(w * a[-1] + b))
        loss = half_square(a[-1] - self.target, "a_L - y")
        delta = (a[-1] - self.target) * derivative(a[-1])
        deltas = [delta]
        for layer in range(len(self.weights) - 1, 0, -1):
            delta = delta * self.weights[layer] * derivative(a[layer])
            deltas.insert(0, delta)
        weights = [delta * below for delta, below in zip(deltas, a, strict=False)]
        for layer, (activation, delta, weight) in enumerate(zip(a[1:], deltas, weights, strict=True), start=1):
            require_finite(activation, f"the activation a_{layer}")
            require_finite(delta, f"delta_{layer}")
            require_finite(weight, f"dE/dw_{layer}")
        return ChainGradients(a[1:], deltas, weights, list(deltas), loss)

    def by_engine(self) -> ChainGradients:
        """The same by the engine, from the forward pass alone."""
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
    """The mean of |delta_l| in each layer, the first layer first, over chains with random weights.

    The weights are drawn uniformly from an interval; the input is 1, the biases and the target are 0.

    Raises:
        ValueError: `depth` or `chains` is less than 1, the ends of the interval are swapped, or there is no such
            activation.

    >>> first, *_, last = mean_deltas("sigmoid", depth=10, rng=0)
    >>> first < last / 1000
    True
    """
    if whole("depth", depth) < 1 or whole("chains", chains) < 1:
        raise ValueError(f"both must be at least 1: depth={depth}, chains={chains}")
    ends = listed(weights, "weights must be an interval (low, high)")
    if len(ends) != 2:
        raise ValueError(f"weights must be an interval (low, high), not {len(ends)} numbers")
    low, high = (finite(end, "an end of the interval of weights") for end in ends)
    if not low <= high:
        raise ValueError(f"weights must be an interval (low, high), not ({low!r}, {high!r})")
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

    The derivative of the sigmoid is at most 1/4, so each layer multiplies the gradient by at most a quarter of its
    weight; the derivative of tanh is at most 1; that of relu is 1 wherever the signal is positive. The arguments are
    those of `mean_deltas`; every activation gets the same weights.

    Raises:
        ImportError: matplotlib is not installed.
        ValueError: as `mean_deltas`.

    >>> import matplotlib; matplotlib.use("Agg")
    >>> plot_vanishing_gradient(depth=5, chains=3).get_yscale()
    'log'
    """
    seed = generator(rng).getrandbits(32)
    curves = {name: mean_deltas(name, depth=depth, chains=chains, weights=weights, rng=seed) for name in activations}
    ax = plotting.axes(ax)
    layers = range(1, depth + 1)
    for (name, means), colour, marker in zip(curves.items(), plotting.COLOURS, plotting.MARKERS, strict=False):
        ax.plot(layers, means, color=colour, marker=marker, markersize=4, label=name)
    ax.set_yscale("log")
    ax.set_xticks([layer for layer in layers if depth <= 10 or layer % (depth // 10) == 0])
    low, high = weights
    title = rf"The vanishing gradient: mean $|\delta_l|$ of {chains} chains of {depth} neurons"
    title += f"\n(weights drawn from {low:g} to {high:g})"
    return plotting.named(ax, title, r"layer $l$ (the loss is at the right)", r"mean $|\delta_l|$", legend=True)
