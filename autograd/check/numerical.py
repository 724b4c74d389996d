"""Derivatives by differences, with the methods of the textbooks.

Nothing here uses the graph: the function is evaluated at points beside the one in question.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, Literal, NamedTuple, get_args

from autograd.check.arguments import Arguments
from autograd.check.failures import OF_NUMBERS
from autograd.engine.ops import Number

EPSILON = 2.0**-52
"""The distance from 1.0 to the next float."""

SAFETY = 6.0
"""A numeric derivative that is judged by may be off by this many times its error."""

Method = Literal["forward", "backward", "central", "ridders"]


class Estimate(NamedTuple):
    """A number found by differences.

    value: the number.
    error: an estimate of how far it may be from the true one.
    """

    value: float
    error: float

    def agrees_with(self, other: Estimate) -> bool:
        """Whether both may estimate the same number: they differ by at most ten times their errors."""
        return abs(self.value - other.value) <= 10.0 * (self.error + other.error)


class NumericalGradient(tuple[float, ...]):
    """A gradient found by differences: one float for each input, and in `errors` an estimate of the error of each."""

    errors: tuple[float, ...]

    def __new__(cls, estimates: Sequence[Estimate]) -> NumericalGradient:
        gradient = super().__new__(cls, (estimate.value for estimate in estimates))
        gradient.errors = tuple(estimate.error for estimate in estimates)
        return gradient

    def __getnewargs__(self) -> tuple[Any, ...]:  # for copies and pickles
        return (list(map(Estimate, self, self.errors)),)


def numerical_gradient(
    f: Callable[..., Number], inputs: Sequence[object], *, method: Method = "ridders", step: float | None = None
) -> NumericalGradient:
    """The derivative of `f(*inputs)` with respect to each number in the inputs, by differences.

    Args:
        f: a function of Values that returns one Value.
        inputs: its arguments: numbers, leaf Values, or nested lists, tuples or arrays of them, which `f` receives in
            the same structure. A Value is passed to `f` itself, and its data is changed and put back, so `f` may also
            use it without its argument (a parameter of a model).
        method: "forward", (f(x + h) - f(x)) / h; "backward", (f(x) - f(x - h)) / h; "central",
            (f(x + h) - f(x - h)) / 2h; or "ridders", central differences at shrinking steps extrapolated to step 0
            (Ridders 1982; Press et al., Numerical Recipes, 3rd edition, section 5.7).
        step: h. Unless given, sqrt(epsilon) for the one-sided methods and cbrt(epsilon) for the central one, times
            the size of the input or 1; Ridders' method chooses its own, and takes this one as its first if given.

    Returns:
        The derivatives in the order of the inputs, flattened, as a tuple of floats; its `errors` are estimates of
        truncation and round-off together.

    Raises:
        ValueError: there is no such method; the step is not positive; the inputs hold no number.
        TypeError: `f` does not return a Value.

    >>> gradient = numerical_gradient(lambda x, y: x * y, [3.0, 4.0])
    >>> [round(slope, 9) for slope in gradient], all(error < 1e-9 for error in gradient.errors)
    ([4.0, 3.0], True)
    """
    if method not in get_args(Method):
        raise ValueError(f"method must be one of {', '.join(map(repr, get_args(Method)))}, not {method!r}")
    if step is not None and not 0 < step < math.inf:
        raise ValueError(f"the step must be positive and finite, not {step!r}")
    arguments = Arguments(f, inputs)
    with contextlib.suppress(*OF_NUMBERS):  # it need not be defined there; other errors are mistakes
        arguments.value()
    estimates: list[Estimate] = []
    for index, leaf in enumerate(arguments.leaves):
        function, x = arguments.along(index), leaf.data
        if method == "ridders":
            estimates.append(_trusted([_ridders(function, x, first) for first in _first_steps(x, step)]))
        else:
            estimates.append(_difference(function, x, method, step))
    return NumericalGradient(estimates)


def _difference(f: Callable[[float], float], x: float, method: Method, step: float | None) -> Estimate:
    """One difference quotient; its error from the quotient at twice the step and from the rounding of f."""
    size = max(abs(x), 1.0)
    forward, backward = method != "backward", method != "forward"
    step = step or (EPSILON ** (1 / 3 if method == "central" else 1 / 2)) * size

    def quotient(h: float) -> tuple[float, float]:
        after, before = f(x + h if forward else x), f(x - h if backward else x)
        width = 2 * h if method == "central" else h
        return (after - before) / width, EPSILON * max(abs(after), abs(before)) / width

    value, rounding = quotient(step)
    doubled, _ = quotient(2 * step)
    # The error grows with h for a one-sided quotient and with h^2 for a central one (Press et al. 5.7.3, 5.7.7).
    truncation = abs(doubled - value) / (3 if method == "central" else 1)
    error = truncation + rounding
    return Estimate(value, error if math.isfinite(error) else math.inf)


NOWHERE = Estimate(math.nan, math.inf)
"""The estimate of a derivative where the function is not defined."""

LEVELS = 8


def _first_steps(x: float, first_step: float | None) -> list[float]:
    """The first steps of the extrapolations, from coarse to fine: powers of two, so that x + h is exact if possible."""
    if first_step is not None:
        wanted = [first_step]
    else:
        size = max(abs(x), 1.0)
        wanted = [size * 10.0**-power for power in (1, 3, 5, 7, 9, 11)]
        if 0.0 < abs(x) < 0.01:
            wanted += [abs(x) * 10.0**-power for power in (1, 3, 5)]
    smallest = 2**LEVELS * 4 * math.ulp(x)
    return sorted({2.0 ** round(math.log2(max(step, smallest))) for step in wanted}, reverse=True)


def _ridders(f: Callable[[float], float], x: float, step: float) -> Estimate:
    """Central quotients at step, step/2, step/4, ..., extrapolated to step 0 (Ridders 1982).

    As in Press et al. 5.7, the result is the entry of Neville's scheme in step**2 that differs least from its two
    neighbours. Its error is that difference, and the noise of the function, which the division by the step enlarges.
    """
    noise = _noise(f, x, step * 1e-5)
    best = NOWHERE
    previous: list[float] = []
    rounding = 0.0  # in the quotients so far
    for level in range(LEVELS):
        after, before = x + step / 2**level, x - step / 2**level
        width = after - before
        right, left = f(after), f(before)
        quotient = _divided(right, left, width)
        if not math.isfinite(quotient):
            previous, rounding = [], 0.0  # outside the domain: start again nearer to the point
            continue
        # Away from x the function may be much larger, and so may its rounding.
        rounding = max(rounding, max(noise, math.ulp(right) / 2, math.ulp(left) / 2) / width)
        row = [quotient]
        factor = 4.0
        for column, older in enumerate(previous):
            row.append(row[column] + (row[column] - older) / (factor - 1.0))
            factor *= 4.0
            difference = max(abs(row[-1] - row[-2]), abs(row[-1] - older))
            error = difference + 4.0 * rounding + EPSILON * abs(row[-1])
            if error < best.error:
                best = Estimate(row[-1], error)
        previous = row
    return best


def _divided(after: float, before: float, width: float) -> float:
    """The quotient (after - before) / width, also where the difference is too large for a float."""
    difference = after - before
    return difference / width if math.isfinite(difference) else after / width - before / width


def _noise(f: Callable[[float], float], x: float, distance: float) -> float:
    """How far the values of `f` near `x` scatter about a smooth curve: at least half a unit in the last place.

    Fourth differences of neighbouring values remove the curve and leave the scatter, enlarged by the square root of 70
    (Hamming, Numerical Methods for Scientists and Engineers, section 10.6). The values are taken on one side of `x`, so
    that a kink at `x` does not count as noise.
    """
    distance = max(distance, 8 * math.ulp(x))
    for side in (distance, -distance):
        values = [f(x + side * i) for i in range(9)]
        largest = max(map(abs, values))
        if not all(map(math.isfinite, values)):
            continue
        scale = largest or 1.0  # so that no difference and no square is too large, or too small, for a float
        differences = [value / scale for value in values]
        for _ in range(4):
            differences = [later - earlier for earlier, later in pairwise(differences)]
        return max(
            math.hypot(*differences) / math.sqrt(len(differences) * 70) * scale, math.ulp(largest) / 2, math.ulp(0.0)
        )
    return math.inf


def _trusted(estimates: Sequence[Estimate]) -> Estimate:
    """The most credible of the estimates from ever smaller steps.

    Steps that are too large can give a wrong number with a small error (a wave sampled once in a period looks flat).
    So two neighbours must agree, both with a relative error below a hundredth. If no two do, the last with such an
    error is taken, otherwise the one with the least error.
    """
    sharp = [estimate for estimate in estimates if estimate.error <= 0.01 * abs(estimate.value)]
    for coarse, fine in pairwise(sharp):
        if coarse.agrees_with(fine):
            return min(coarse, fine, key=lambda estimate: estimate.error)
    return sharp[-1] if sharp else min(estimates, key=lambda estimate: estimate.error)
