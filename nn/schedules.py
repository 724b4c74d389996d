"""Schedules: how the learning rate changes during training.

A schedule is a function of the number of steps taken so far, 0 before the first; it gives the factor by which the
optimizer's `lr` is multiplied for the next step. `fit(..., schedule=...)` does so; your own loop needs one line:

>>> schedule = WarmUp(steps=4, first=0.25, then=Cosine(steps=4))
>>> [round(0.1 * schedule(step), 4) for step in range(9)]
[0.025, 0.0438, 0.0625, 0.0813, 0.1, 0.0854, 0.05, 0.0146, 0.0]

They give the numbers of PyTorch's `StepLR`, `CosineAnnealingLR`, `LinearLR` and `SequentialLR`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from nn.arguments import above_zero, at_least, at_least_zero

Schedule: TypeAlias = Callable[[int], float]
"""From the number of steps taken to a factor of the learning rate: one of the classes here, or your own function."""


@dataclass(frozen=True)
class StepDecay:
    """Multiplies the learning rate by `factor` after each `every` steps.

    Raises:
        TypeError: `every` is not an int, or `factor` not a number.
        ValueError: `every` is below 1, or `factor` is not above 0.

    >>> decay = StepDecay(every=10, factor=0.5)
    >>> decay(0), decay(9), decay(10), decay(25)
    (1.0, 1.0, 0.5, 0.25)
    """

    every: int
    factor: float = 0.1

    def __post_init__(self) -> None:
        at_least(1, "every", self.every)
        above_zero("factor", self.factor)

    def __call__(self, step: int) -> float:
        return float(self.factor ** (step // self.every))


@dataclass(frozen=True)
class Cosine:
    """Lowers the learning rate along half a cosine wave to the share `lowest` of it, where it stays.

    Source: Loshchilov and Hutter 2017, "SGDR", equation 5, without restarts.

    Raises:
        TypeError: `steps` is not an int, or `lowest` not a number.
        ValueError: `steps` is below 1, or `lowest` is negative.

    >>> cosine = Cosine(steps=100)
    >>> cosine(0), round(cosine(50), 12), cosine(100), cosine(101)
    (1.0, 0.5, 0.0, 0.0)
    """

    steps: int
    lowest: float = 0.0

    def __post_init__(self) -> None:
        at_least(1, "steps", self.steps)
        at_least_zero("lowest", self.lowest)

    def __call__(self, step: int) -> float:
        return self.lowest + (1.0 - self.lowest) * (1.0 + math.cos(math.pi * min(step / self.steps, 1.0))) / 2.0


@dataclass(frozen=True)
class WarmUp:
    """Raises the learning rate from the share `first` of it to all of it, in equal steps; then `then` takes over.

    Raises:
        TypeError: `steps` is not an int, `first` not a number, or `then` not a function.
        ValueError: `steps` is below 1, or `first` is negative.

    >>> warm_up = WarmUp(steps=2, first=0.5, then=StepDecay(every=1))
    >>> warm_up(0), warm_up(1), warm_up(2), warm_up(3)
    (0.5, 0.75, 1.0, 0.1)
    """

    steps: int
    first: float = 1 / 3
    then: Schedule | None = None

    def __post_init__(self) -> None:
        at_least(1, "steps", self.steps)
        at_least_zero("first", self.first)
        if self.then is not None and not callable(self.then):
            raise TypeError(f"then must be another schedule, a function of the number of steps, not {self.then!r}")

    def __call__(self, step: int) -> float:
        if step < self.steps:
            return self.first + (1.0 - self.first) * step / self.steps
        return 1.0 if self.then is None else self.then(step - self.steps)
