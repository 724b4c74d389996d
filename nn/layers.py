"""Neurons, layers of neurons, and networks of layers.

>>> model = MLP(2, [4, 1], rng=0)
>>> output = model([1.0, -2.0])
>>> output.backward()
>>> len(model.parameters()), model.parameters()[0].label
(17, 'layer1.neuron1.w1')
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Never, TypeAlias

import autograd
from autograd import Number, Value, scope
from autograd.support.rng import generator
from nn.arguments import as_list, described, listed, no_list, require_numbers, whole
from nn.init import glorot_uniform, he_normal
from nn.module import Module
from nn.network_picture import DrawnLayer, network_svg


class Activation(NamedTuple):
    """The function at the end of a neuron, and how the weights of such a neuron are drawn.

    function: of one Value.
    initial_weight: draws a weight, given the numbers of inputs and outputs of the layer and a random.Random.
    """

    function: Callable[[Value], Value]
    initial_weight: Callable[[int, int, random.Random], float]


def _linear(x: Value) -> Value:
    return x


ACTIVATIONS: dict[str, Activation] = {
    "linear": Activation(_linear, glorot_uniform),
    "relu": Activation(autograd.relu, he_normal),
    "tanh": Activation(autograd.tanh, glorot_uniform),
    "sigmoid": Activation(autograd.sigmoid, glorot_uniform),
    "leaky_relu": Activation(autograd.leaky_relu, he_normal),
    "elu": Activation(autograd.elu, he_normal),
    "gelu": Activation(autograd.gelu, he_normal),
    "silu": Activation(autograd.silu, he_normal),
    "softplus": Activation(autograd.softplus, he_normal),
}
"""The activations by name."""


def _check_activation(name: object) -> None:
    if not isinstance(name, str):
        each = "; all hidden layers have the same" * isinstance(name, (list, tuple))
        raise TypeError(f"an activation must be one of the names {', '.join(ACTIVATIONS)}, not {described(name)}{each}")
    if name not in ACTIVATIONS:
        raise ValueError(f"there is no activation {name!r}; there are {', '.join(ACTIVATIONS)}")


class Neuron(Module):
    """A neuron: activation(w_1 x_1 + ... + w_n x_n + b).

    Args:
        n_in: how many inputs it has.
        nonlin: False leaves the activation out (micrograd's name for `activation="linear"`).
        activation: a name in `ACTIVATIONS`; it decides how the weights are drawn. The bias starts at 0.
        fan_out: how many neurons are in its layer, for Glorot's formula.
        rng: a random.Random, an int seed, or None.

    Calling it with a list of `n_in` numbers or Values gives a Value.

    Raises:
        ValueError: the activation is unknown, `n_in` is less than 1, or it is called with the wrong number of inputs.

    >>> neuron = Neuron(2, activation="tanh", rng=0)
    >>> neuron.w[0].data, neuron.w[1].data, neuron.b.data = 3.0, -1.0, 0.5
    >>> round(neuron([0.5, 1.0]).data, 6)  # tanh(1.0)
    0.761594
    """

    def __init__(
        self,
        n_in: int,
        nonlin: bool = True,
        *,
        activation: str = "relu",
        fan_out: int = 1,
        rng: random.Random | int | None = None,
    ) -> None:
        _check_activation(activation)
        n_in, fan_out = whole("n_in", n_in), whole("fan_out", fan_out)
        if n_in < 1:
            raise ValueError(f"a neuron needs at least 1 input, not {n_in}")
        if fan_out < 1:
            raise ValueError(f"a layer needs at least 1 neuron, not {fan_out}")
        rng = generator(rng)
        self.activation = activation if nonlin else "linear"
        draw = ACTIVATIONS[self.activation].initial_weight
        self.w = [Value(draw(n_in, fan_out, rng)) for _ in range(n_in)]
        self.b = Value(0.0)
        self.label_parameters()

    def __call__(self, x: Sequence[Number], *more: Never) -> Value:
        inputs = _inputs(self, x, more)
        total: Any = self.b
        try:
            for weight, number in zip(self.w, inputs, strict=True):
                total = total + weight * number
        except TypeError:
            require_numbers(inputs, _takes(self))
            raise
        if not isinstance(total, Value):  # an array, since there are arrays among the inputs
            require_numbers(inputs, _takes(self))
        return ACTIVATIONS[self.activation].function(total)

    @property
    def n_in(self) -> int:
        """How many inputs it has."""
        return len(self.w)

    def __repr__(self) -> str:
        return f"Neuron({self.n_in}, activation={self.activation!r})"

    def _picture(self) -> str:
        return _picture([[self]])


class Layer(Module):
    """`n_out` neurons side by side, all with the same `n_in` inputs.

    The other arguments are those of `Neuron`. Calling it gives a list of `n_out` Values, or the one Value where
    `n_out` is 1. In drawings each neuron is a box.

    >>> outputs = Layer(3, 2, activation="tanh", rng=0)([1.0, 2.0, 3.0])
    >>> len(outputs), outputs[0].scope
    (2, Scope('neuron 1'))
    """

    def __init__(
        self,
        n_in: int,
        n_out: int,
        *,
        nonlin: bool = True,
        activation: str = "relu",
        rng: random.Random | int | None = None,
    ) -> None:
        n_out = whole("n_out", n_out)
        if n_out < 1:
            raise ValueError(f"a layer needs at least 1 neuron, not {n_out}")
        rng = generator(rng)
        self.neurons = [Neuron(n_in, nonlin, activation=activation, fan_out=n_out, rng=rng) for _ in range(n_out)]
        self.label_parameters()

    def __call__(self, x: Sequence[Number], *more: Never) -> Value | list[Value]:
        inputs = _inputs(self, x, more)
        outputs = []
        for number, neuron in enumerate(self.neurons, start=1):
            with scope(f"neuron {number}", members=[*neuron.w, neuron.b]):
                outputs.append(neuron(inputs))
        return outputs if len(outputs) > 1 else outputs[0]

    @property
    def n_in(self) -> int:
        """How many inputs each neuron has."""
        return self.neurons[0].n_in

    @property
    def n_out(self) -> int:
        """How many neurons it has."""
        return len(self.neurons)

    @property
    def activation(self) -> str:
        """The activation of its neurons, a name in `ACTIVATIONS`."""
        return self.neurons[0].activation

    def __repr__(self) -> str:
        return f"Layer({self.n_in}, {self.n_out}, activation={self.activation!r})"

    def _picture(self) -> str:
        return _picture([self.neurons])


class MLP(Module):
    """A multi-layer perceptron: layers, each takes the outputs of the one before.

    Args:
        n_in: how many inputs it has.
        n_outs: how many neurons each layer has; the last are the outputs.
        activation: the activation of every layer but the last, a name in `ACTIVATIONS`.
        output: the activation of the last layer.
        rng: a random.Random, an int seed, or None.

    Calling it with a list of `n_in` numbers or Values gives a list of Values, or the one Value where the last layer
    has one neuron. In drawings each layer is a box around the boxes of its neurons.

    Raises:
        ValueError: an activation is unknown, there is no layer, a size is less than 1, or it is called with the wrong
            number of inputs.

    >>> model = MLP(2, [16, 16, 1], rng=0)
    >>> model, model([0.5, -1.0]).scope
    (MLP(2, [16, 16, 1], activation='relu', output='linear'), Scope('layer 3 / neuron 1'))
    """

    def __init__(
        self,
        n_in: int,
        n_outs: Sequence[int],
        activation: str = "relu",
        output: str = "linear",
        rng: random.Random | int | None = None,
    ) -> None:
        sizes = listed(n_outs, "the sizes of the layers must be a list, as in MLP(2, [16, 1])")
        if not sizes:
            raise ValueError("an MLP needs at least 1 layer, as in MLP(2, [1]), not an empty list of sizes")
        _check_activation(activation)  # even if there is no hidden layer
        rng = generator(rng)
        hidden = [activation] * (len(sizes) - 1)
        self.layers = [
            Layer(size_in, size_out, activation=name, rng=rng)
            for size_in, size_out, name in zip([n_in, *sizes], sizes, [*hidden, output], strict=False)
        ]
        self.label_parameters()

    def __call__(self, x: Sequence[Number], *more: Never) -> Value | list[Value]:
        inputs = _inputs(self, x, more)
        for number, layer in enumerate(self.layers, start=1):
            with scope(f"layer {number}"):
                outputs = layer(inputs)
            inputs = [outputs] if isinstance(outputs, Value) else outputs
        return outputs

    @property
    def n_in(self) -> int:
        """How many inputs it has."""
        return self.layers[0].n_in

    def __repr__(self) -> str:
        sizes = [layer.n_out for layer in self.layers]
        names = [layer.activation for layer in self.layers]
        hidden = f", activation={names[0]!r}" if len(names) > 1 else ""
        return f"MLP({self.n_in}, {sizes}{hidden}, output={names[-1]!r})"

    def _picture(self) -> str:
        return _picture([layer.neurons for layer in self.layers])


Network: TypeAlias = Neuron | Layer | MLP


def _inputs(network: Network, x: Any, more: tuple[object, ...]) -> list[Any]:
    """The inputs that a network is called with, as a list.

    Raises:
        TypeError: they are not a list, or there are several arguments.
        ValueError: they are too many or too few, or several examples.
    """
    count = network.n_in
    if type(x) is list and len(x) == count and not more:  # the usual case, checked for each neuron
        return x
    if more:
        example = "[0.5]" if count == 1 else "[0.5, -1.0]" if count == 2 else "[0.5, -1.0, ...]"
        raise TypeError(f"{_takes(network)}, as in model({example}), not {1 + len(more)} arguments")
    inputs = as_list(x)
    if inputs is None:
        raise no_list(x, _takes(network))
    if len(inputs) != count:
        if inputs and as_list(inputs[0]) is not None:
            require_numbers(inputs, _takes(network))
        raise ValueError(f"{_called(network)} takes {count} inputs, not {len(inputs)}")
    return inputs


def _takes(network: Network) -> str:
    return f"{_called(network)} takes a list of {network.n_in} number{'s' * (network.n_in > 1)}"


def _called(network: Network) -> str:
    return f"a neuron with {network.n_in} weights" if isinstance(network, Neuron) else repr(network)


def _picture(layers: Sequence[Sequence[Neuron]]) -> str:
    """Layers of neurons as SVG."""
    return network_svg(
        [
            DrawnLayer(
                neurons[0].activation,
                weights=[[weight.data for weight in neuron.w] for neuron in neurons],
                biases=[neuron.b.data for neuron in neurons],
            )
            for neurons in layers
        ]
    )
