"""Checks of the arguments in this package: whole numbers, numbers, intervals and boxes."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any

from autograd.engine.ops import real_number

Box = Sequence[tuple[float, float]]
"""One pair, (low, high), for each variable."""


def checked_count(count: object, name: str, least: int = 1) -> int:
    """A whole number of at least `least`, from an int of Python or of NumPy.

    Raises:
        TypeError: it is not a whole number.
        ValueError: it is less.

    >>> checked_count(3, "steps")
    3
    """
    try:
        number = operator.index(count)  # type: ignore[arg-type]  # this is the question
    except TypeError as error:
        raise TypeError(f"{name} must be a whole number, not {count!r:.80}") from error
    if number < least:
        raise ValueError(f"{name} must be at least {least}, not {number}")
    return number


def checked_number(number: object, name: str) -> float:
    """A number as a float; it may be NaN or infinite.

    Raises:
        TypeError: it is not a number.

    >>> checked_number(3, "lr")
    3.0
    """
    try:
        return real_number(number)
    except TypeError as error:
        raise TypeError(f"{name} must be a number, not {number!r:.80}") from error


def checked_sides(sides: object, name: str) -> tuple[float, float]:
    """The two sides of an interval, as floats.

    Raises:
        TypeError: they are not two numbers.
        ValueError: they are swapped, equal or not finite.

    >>> checked_sides((-1, 3), "xlim")
    (-1.0, 3.0)
    """
    try:
        low, high = (float(side) for side in sides)  # type: ignore[attr-defined]
    except (TypeError, ValueError) as error:
        raise TypeError(f"{name} must be a pair of numbers, (low, high), not {sides!r}") from error
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError(f"the sides of {name} must be finite, not {low:g} and {high:g}")
    if low > high:
        raise ValueError(f"the sides of {name} are swapped: write ({high:g}, {low:g}) instead of ({low:g}, {high:g})")
    if low == high:
        raise ValueError(f"{name} has no width: both its sides are {low:g}")
    return low, high


def checked_box(box: Box) -> list[tuple[float, float]]:
    """The sides of a box, one pair of floats for each variable.

    Raises:
        TypeError: it is not a sequence of pairs.
        ValueError: it is empty, or two sides are swapped, equal or not finite.

    >>> checked_box([(-1, 3), (0, 2)])
    [(-1.0, 3.0), (0.0, 2.0)]
    """
    try:
        pairs = list(box)
    except TypeError as error:
        raise TypeError(f"a box must be a list of pairs (low, high), one for each variable, not {box!r}") from error
    if not pairs:
        raise ValueError("the box is empty: give one pair (low, high) for each variable")
    return [checked_sides(pair, f"the box of x[{index}]") for index, pair in enumerate(pairs)]


def numpy(purpose: str) -> Any:
    """The module NumPy, for a purpose that the error names.

    Raises:
        ImportError: it is not installed.

    >>> numpy("an example").__name__
    'numpy'
    """
    try:
        import numpy as np
    except ModuleNotFoundError as error:
        raise ImportError(f'{purpose} needs NumPy: pip install "scalar-autograd[compile]"') from error
    return np
