"""Initial weights: random, of a size at which signals neither vanish nor explode."""

from __future__ import annotations

import math
import random


def he_normal(fan_in: int, fan_out: int, rng: random.Random) -> float:
    """A weight drawn from the normal distribution with mean 0 and standard deviation sqrt(2 / fan_in).

    For relu and its relatives, which let through about half of what they get (He, Zhang, Ren and Sun 2015,
    "Delving Deep into Rectifiers", equation 10; the slope that leaky_relu adds changes it by less than 0.01 %).
    `fan_in` is the number of inputs of the neuron; `fan_out`, the number of neurons in its layer, plays no part.

    >>> rng = random.Random(0)
    >>> round(sum(he_normal(8, 1, rng) ** 2 for _ in range(10_000)) / 10_000, 2)  # the variance, 2 / 8
    0.25
    """
    if fan_in < 1:
        raise ValueError(f"a neuron needs at least 1 input, not fan_in={fan_in}")
    del fan_out
    return rng.gauss(0.0, math.sqrt(2.0 / fan_in))


def glorot_uniform(fan_in: int, fan_out: int, rng: random.Random) -> float:
    """A weight drawn uniformly between -a and a, where a = sqrt(6 / (fan_in + fan_out)).

    For activations that are close to a straight line around 0: tanh, sigmoid, linear (Glorot and Bengio 2010,
    "Understanding the difficulty of training deep feedforward neural networks", equation 16). `fan_in` is the
    number of inputs of the neuron, `fan_out` the number of neurons in its layer.

    >>> rng = random.Random(0)
    >>> max(abs(glorot_uniform(4, 2, rng)) for _ in range(10_000)) <= 1.0
    True
    """
    if fan_in < 1 or fan_out < 1:
        raise ValueError(f"a layer needs at least 1 input and 1 neuron, not fan_in={fan_in}, fan_out={fan_out}")
    bound = math.sqrt(6.0 / (fan_in + fan_out))
    return rng.uniform(-bound, bound)
