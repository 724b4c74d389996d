"""Random number generators: one rule makes everything random here repeatable."""

from __future__ import annotations

import random


def generator(rng: random.Random | int | None = None) -> random.Random:
    """The generator that an argument `rng` stands for.

    A `random.Random` stands for itself. An int seeds a new generator, with the same numbers every time. None takes the
    seed from Python's shared generator, so that `random.seed(1)` makes a whole program repeatable.

    Raises:
        TypeError: `rng` is something else.

    >>> generator(7).random() == generator(7).random()
    True
    """
    if isinstance(rng, random.Random):
        return rng
    if rng is None:
        return random.Random(random.getrandbits(64))
    if isinstance(rng, int):
        return random.Random(rng)
    raise TypeError(f"rng must be a random.Random, an int seed or None, not {type(rng).__name__} {rng!r}")
