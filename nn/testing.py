"""A strategy for Hypothesis that draws networks, for tests of whatever trains, stores or runs them.

It needs Hypothesis: pip install hypothesis.

>>> from hypothesis import find
>>> find(networks(max_parameters=20, inputs=2), lambda network: len(network.layers) == 2)
MLP(2, [1, 1], activation='linear', output='linear')
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from autograd.support.rng import generator
from nn.layers import ACTIVATIONS, MLP

try:
    from hypothesis import strategies as st
except ImportError as error:
    raise ImportError("nn.testing needs Hypothesis: pip install hypothesis") from error

__all__ = ["networks", "network"]


@st.composite
def networks(
    draw: st.DrawFn,
    max_parameters: int = 50,
    *,
    inputs: int | None = None,
    outputs: int | None = None,
    activations: Sequence[str] = tuple(ACTIVATIONS),
) -> MLP:
    """Networks with any number of layers that have no more than so many parameters; a failure prints the `network`.

    Args:
        max_parameters: how many weights and biases there are at most.
        inputs: how many it has; drawn unless given.
        outputs: the same of these.
        activations: names in `ACTIVATIONS`, from which that of the hidden layers is drawn.

    Raises:
        ValueError: no network has so many inputs and outputs and so few parameters.

    >>> from hypothesis import find
    >>> find(networks(inputs=1, activations=["tanh"]), lambda network: len(network.parameters()) > 10)
    MLP(1, [4, 1], activation='tanh', output='linear')
    """
    least = ((inputs or 1) + 1) * (outputs or 1)
    if max_parameters < least:
        raise ValueError(
            f"a network of {inputs or 1} inputs and {outputs or 1} outputs has {least} parameters, more than "
            f"max_parameters={max_parameters}"
        )
    most = math.isqrt(max_parameters)
    n_in = inputs or draw(st.integers(1, max(min(most, max_parameters // (outputs or 1) - 1), 1)))
    n_out = outputs or draw(st.integers(1, min(most, max_parameters // (n_in + 1))))
    left, width, sizes = max_parameters, n_in, []
    while (widest := (left - n_out) // (width + 1 + n_out)) >= 1 and draw(st.booleans()):
        size = draw(st.integers(1, widest))
        left, width = left - (width + 1) * size, size
        sizes.append(size)
    of_sizes = st.just(n_in), st.just([*sizes, n_out]), st.sampled_from(activations)
    return draw(st.builds(network, *of_sizes, seed=st.integers(0, 2**32 - 1)))


def network(n_in: int, n_outs: Sequence[int], activation: str = "relu", *, seed: int) -> MLP:
    """An `MLP` whose biases come from a seed too, from -1 to 1; in a new `MLP` they are 0, which hides mistakes.

    Args:
        n_in: how many inputs it has.
        n_outs: how many neurons each layer has.
        activation: of all layers but the last.
        seed: of the weights and biases.

    >>> network(2, [3, 1], "tanh", seed=0).layers[0].neurons[0].b.data != 0.0
    True
    """
    rng = generator(seed)
    made = MLP(n_in, n_outs, activation, rng=rng)
    for layer in made.layers:
        for neuron in layer.neurons:
            neuron.b.data = rng.uniform(-1.0, 1.0)
    return made
