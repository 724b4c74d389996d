"""Numbers of a lesson: those given and those computed are finite, or an error names the one that is not."""

from __future__ import annotations

import math

from nn.arguments import real


def finite(number: float, what: str) -> float:
    """A number that is given, as a float.

    Raises:
        TypeError: it is not a number.
        ValueError: it is not finite.

    >>> finite(1, "the target")
    1.0
    """
    number = real(what, number)
    if not math.isfinite(number):
        raise ValueError(f"{what} must be a finite number, not {number!r}")
    return number


def require_finite(number: float, what: str) -> None:
    """Looks whether a computed number is finite; the engine raises an error at the same numbers.

    Raises:
        FloatingPointError: it is not.
    """
    if not math.isfinite(number):
        raise FloatingPointError(f"{what} is {number!r}, not finite: the numbers are too large for floats")


def half_square(difference: float, what: str) -> float:
    """difference^2 / 2, the loss of a single output.

    Raises:
        OverflowError: it is too large for a float.

    >>> half_square(3.0, "a6 - y")
    4.5
    """
    try:
        return difference**2 / 2.0
    except OverflowError:
        raise OverflowError(f"the loss ({what})^2 / 2 is too large for a float at {what} = {difference!r}") from None
