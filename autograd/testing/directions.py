"""Directions in which arguments move, and the derivatives along them that a gradient claims."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

from autograd.testing.function import Direction
from autograd.testing.inputs import Inputs, Place
from autograd.testing.numbers import Numbers

LEAST = 0.5
"""The smallest part of the average length by which an entry moves; the largest is 1.5."""


def scale_of(place: Place) -> float:
    """The size that the finite numbers of a place have, 1 if they are all 0."""
    if not place.shape:
        size = abs(place.entry(0))
        return size if 0.0 < size < math.inf else 1.0
    if place.size == 0:
        return 1.0
    flat = place.numbers.ravel()
    largest = float(abs(flat).max())
    if not largest < math.inf:
        flat = flat[abs(flat) < math.inf]
        largest = float(abs(flat).max(initial=0.0))
    if not largest:
        return 1.0
    scaled = flat / largest
    return largest * math.sqrt(float(scaled @ scaled) / flat.size)


def random_direction(inputs: Inputs, rng: random.Random) -> Direction:
    """A direction in which every entry moves, by a random sign and between half and one and a half of the average.

    Each place moves in proportion to the size of its numbers. The differing lengths make it unlikely that the errors
    of two entries cancel each other, and none is so short that an error hides in it. What is skipped, or not finite,
    does not move.
    """
    length = math.sqrt(inputs.size)
    return [
        _random_numbers(place, rng, scale_of(place) / length) * inputs.moving(at)
        for at, place in enumerate(inputs.places)
    ]


def _random_numbers(place: Place, rng: random.Random, length: float) -> Numbers:
    if not place.shape:
        return rng.choice((-1.0, 1.0)) * rng.uniform(LEAST, 2.0 - LEAST) * length
    import numpy

    generator = numpy.random.default_rng(rng.getrandbits(64))
    numbers = generator.random(place.shape)
    numbers += LEAST
    numbers *= length
    numpy.negative(numbers, out=numbers, where=generator.random(place.shape) < 0.5)
    return numbers


def part(direction: Direction, place: int, first: int, after: int) -> Direction:
    """The direction in which only the entries from `first` up to `after` of one place move."""
    only: Direction = [0.0 for _ in direction]
    numbers = direction[place]
    if isinstance(numbers, float):
        only[place] = numbers
        return only
    import numpy

    masked = numpy.zeros_like(numbers)
    masked.flat[first:after] = numbers.flat[first:after]
    only[place] = masked
    return only


def along(gradient: Sequence[Numbers], direction: Direction) -> float:
    """The derivative along a direction that a gradient claims."""
    return math.fsum(_product(numbers, by) for numbers, by in zip(gradient, direction, strict=True))


def _product(numbers: Numbers, by: Numbers) -> float:
    if isinstance(by, float) and by == 0.0:
        return 0.0
    return float(numbers * by) if isinstance(numbers, float) else float(numbers.ravel() @ by.ravel())


def size_along(gradient: Sequence[Numbers], direction: Direction) -> float:
    """The size of the terms that cancel in `along`: the square root of the sum of their squares."""
    squares = 0.0
    for numbers, by in zip(gradient, direction, strict=True):
        if isinstance(by, float):
            squares += 0.0 if by == 0.0 else (numbers * by) ** 2
        else:
            products = (numbers * by).ravel()
            squares += float(products @ products)
    return math.sqrt(squares)
