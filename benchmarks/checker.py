"""How often the checker is fooled: right derivatives that it calls wrong, wrong ones that it passes, and "unsure".

Functions are drawn from ten families, with points to check them at. What is right is decided by mpmath, at 50 digits.
Each is checked with the right derivative, and with ones that are off by a known part, 1e-2 to 1e-6. The program ends
with status 1 if a right one is called wrong, or one that is off by 1e-4 or more passes, where the slope is above the
rounding; or if more than 2 % are called "unsure" where a ten-thousandth of the slope is a hundred times the rounding.

    python benchmarks/checker.py --help
"""

from __future__ import annotations

import argparse
import itertools
import math
import os
import platform
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Any, Literal, NamedTuple

import mpmath

import autograd
from autograd import GradcheckRow, Value, gradcheck, gradients

DRAWS = 3000
ERRORS = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6)
NEVER_PASSED = (1e-2, 1e-3, 1e-4)
MOST_UNSURE = 0.02

mpmath.mp.dps = 50


class Exact:
    """The functions of the families, at 50 digits, under the names that they have in autograd."""

    exp, log, sin, cos, tanh, erf, sqrt, abs = (
        staticmethod(function)
        for function in (
            mpmath.exp, mpmath.log, mpmath.sin, mpmath.cos, mpmath.tanh, mpmath.erf, mpmath.sqrt, mpmath.fabs
        )
    )  # fmt: skip

    @staticmethod
    def sigmoid(x: Any) -> Any:
        return 1 / (1 + mpmath.exp(-x))

    @staticmethod
    def softplus(x: Any) -> Any:
        return mpmath.log(1 + mpmath.exp(x))

    @staticmethod
    def relu(x: Any) -> Any:
        return max(x, mpmath.mpf(0))

    @staticmethod
    def maximum(x: Any, y: Any) -> Any:
        return max(x, y)


Function = Callable[[Any, Any], Any]
"""Takes where to find exp, sin and the like (autograd, or Exact), and x."""


class Draw(NamedTuple):
    """A function and where to check it.

    length: how far around x the function can be followed: to the next pole, for a part of a period, or the size of x.
    order: of the derivative that is checked.
    """

    function: Function
    x: float
    length: float
    order: Literal[1, 2] = 1


Family = Callable[[random.Random], Draw]
"""Takes chance, and gives one draw."""


# ------------------------------------------------------------------------------------------------------ families


def sign(chance: random.Random) -> float:
    """1.0 or -1.0."""
    return chance.choice((-1.0, 1.0))


def power_of_ten(chance: random.Random, low: float, high: float) -> float:
    """A number whose logarithm is anywhere between the two."""
    return float(10.0 ** chance.uniform(low, high))


def mild(chance: random.Random) -> Function:
    """A smooth function whose numbers are near 1 where x is."""
    a, b, c = chance.uniform(0.5, 2.0), chance.uniform(-1.0, 1.0), chance.uniform(0.5, 2.0)
    kinds: list[Function] = [
        lambda m, x: a * m.sin(c * x + b),
        lambda m, x: m.exp(c * x + b),
        lambda m, x: a * x * x * x + b * x,
        lambda m, x: m.tanh(c * x + b) * a,
        lambda m, x: 1.0 / (a + c * x * x),
        lambda m, x: m.sqrt(a + x * x),
        lambda m, x: m.sin(x) * m.exp(b * x) + c * x,
        lambda m, x: m.log(a + m.exp(c * x)),
    ]
    return chance.choice(kinds)


def polynomial(coefficients: list[float], x: Any) -> Any:
    """Its value by Horner's scheme."""
    total = coefficients[0] + 0.0 * x
    for coefficient in coefficients[1:]:
        total = total * x + coefficient
    return total


def polynomials(chance: random.Random) -> Draw:
    """Of degree 1 to 7, with coefficients of different size."""
    coefficients = [sign(chance) * power_of_ten(chance, -2, 2) for _ in range(chance.randint(2, 8))]
    x = sign(chance) * power_of_ten(chance, -3, 2)
    return Draw(lambda m, x: polynomial(coefficients, x), x, abs(x))


def ratios(chance: random.Random) -> Draw:
    """Polynomials over products, near one of up to three poles."""
    above = [chance.gauss(0, 1) for _ in range(chance.randint(1, 4))]
    poles = [sign(chance) * power_of_ten(chance, -3, 2) for _ in range(chance.randint(1, 3))]
    near = chance.choice(poles)
    distance = sign(chance) * power_of_ten(chance, -6, 1)
    x = near + distance

    def ratio(_: Any, x: Any) -> Any:
        below = x - poles[0]
        for pole in poles[1:]:
            below = below * (x - pole)
        return polynomial(above, x) / below

    return Draw(ratio, x, min(abs(x - pole) for pole in poles))


def steep(chance: random.Random) -> Draw:
    """Steps, bends and peaks that are 1e-1 to 1e-8 wide, at points on them."""
    k, c = power_of_ten(chance, 1, 8), chance.uniform(-2.0, 2.0)
    kinds: list[Function] = [
        lambda m, x: m.tanh(k * (x - c)),
        lambda m, x: m.exp(k * (x - c)),
        lambda m, x: m.sigmoid(k * (x - c)),
        lambda m, x: m.softplus(k * (x - c)),
        lambda m, x: 1.0 / (1.0 + (k * (x - c)) * (k * (x - c))),
        lambda m, x: m.erf(k * (x - c)) + x,
    ]
    return Draw(chance.choice(kinds), c + chance.uniform(-3.0, 3.0) / k, 1.0 / k)


def tiny(chance: random.Random) -> Draw:
    """Numbers from 1e-300 to 1e-5."""
    factor, function = sign(chance) * power_of_ten(chance, -300, -5), mild(chance)
    x = chance.uniform(-3.0, 3.0)
    return Draw(lambda m, x: factor * function(m, x), x, abs(x))


def huge(chance: random.Random) -> Draw:
    """Numbers from 1e5 to 1e306."""
    if chance.random() < 0.2:
        x = chance.uniform(100.0, 705.0)
        return Draw(lambda m, x: m.exp(x), x, 1.0)
    factor, function = sign(chance) * power_of_ten(chance, 5, 300), mild(chance)
    x = chance.uniform(-3.0, 3.0)
    return Draw(lambda m, x: factor * function(m, x), x, abs(x))


def offset(chance: random.Random) -> Draw:
    """Mild functions on top of a constant of up to 1e17."""
    large, factor = sign(chance) * power_of_ten(chance, 0, 17), power_of_ten(chance, -3, 3)
    function = mild(chance)
    x = chance.uniform(-3.0, 3.0)
    return Draw(lambda m, x: large + factor * function(m, x), x, 1.0)


def oscillating(chance: random.Random) -> Draw:
    """Waves of up to 100,000 radians in 1, at points up to 1,000."""
    k, phase = power_of_ten(chance, 1, 5), chance.uniform(0.0, 6.0)
    x = sign(chance) * power_of_ten(chance, -2, 3)
    kinds: list[Function] = [
        lambda m, x: m.sin(k * x) * x,
        lambda m, x: m.cos(k * x + phase),
        lambda m, x: m.sin(k * x) * m.cos(phase * x),
        lambda m, x: x + m.sin(k * x) / k,
    ]
    return Draw(chance.choice(kinds), x, 1.0 / k)


def plateaus(chance: random.Random) -> Draw:
    """Functions that rounding makes staircases of: what they come from is near 1, or is a difference of equals."""
    x = chance.uniform(3.0, 40.0)
    small = sign(chance) * power_of_ten(chance, -8, 0)
    large = power_of_ten(chance, 2, 12)
    kinds: list[tuple[Function, float, float]] = [
        (lambda m, x: m.log(1.0 - m.sigmoid(x)), x, 1.0),
        (lambda m, x: m.tanh(x), x / 2.0, 1.0),
        (lambda m, x: m.erf(x), x / 6.0, 3.0 / x),
        (lambda m, x: m.sigmoid(x), x, 1.0),
        (lambda m, x: (1.0 - m.cos(x)) / (x * x), small, abs(small)),
        (lambda m, x: (m.exp(x) - 1.0) / x, small, abs(small)),
        (lambda m, x: (m.sin(x) + large) - large, x, 1.0),
        (lambda m, x: m.sqrt(large * large + x * x) - large, x, 1.0),
    ]
    return Draw(*chance.choice(kinds))


def kinks(chance: random.Random) -> Draw:
    """Half of the points are at the kink, the others near it."""
    a, c, function = sign(chance) * power_of_ten(chance, -2, 2), chance.uniform(-3.0, 3.0), mild(chance)
    distance = chance.choice((0.0, sign(chance) * power_of_ten(chance, -9, 0)))
    x = c + distance
    kinds: list[Function] = [
        lambda m, x: a * m.abs(x - c) + function(m, x),
        lambda m, x: m.maximum(a * (x - c), 3.0 * a * (x - c)),
        lambda m, x: function(m, x) * m.relu(a * (x - c)) + x,
        lambda m, x: m.abs(m.sin(x - c)) * a,
    ]
    return Draw(chance.choice(kinds), x, abs(x - c) or 1.0)


def second_order(chance: random.Random) -> Draw:
    """The second derivatives of smooth functions of the other families."""
    draw = chance.choice((polynomials, ratios, steep, tiny, huge, offset, oscillating))(chance)
    return draw._replace(order=2)


FAMILIES = (polynomials, ratios, steep, tiny, huge, offset, oscillating, plateaus, kinks, second_order)


# ------------------------------------------------------------------------------------------------------ measuring


class Case(NamedTuple):
    """What is known of a draw.

    low, high: the derivative from mpmath; the two from both sides at a kink.
    rounding: what rounding does to a slope: how far the function's floats are from its exact values, over the length.
    """

    draw: Draw
    low: float
    high: float
    rounding: float

    @property
    def size(self) -> float:
        """How large the derivative is."""
        return max(abs(self.low), abs(self.high))

    @property
    def above(self) -> bool:
        """Whether the slope is above the rounding."""
        return self.size > self.rounding

    @property
    def clear(self) -> bool:
        """Whether a ten-thousandth of the slope is a hundred times the rounding."""
        return 1e-4 * self.size >= 100 * self.rounding


def known(draw: Draw) -> Case | None:
    """The truth about a draw; None if it is not finite there, or there is no slope."""
    function, x, length, order = draw

    def exact(x: Any) -> Any:
        return function(Exact, x)

    at_kink = function.__qualname__.startswith("kinks.")
    sides = [mpmath.diff(exact, mpmath.mpf(x), order, direction=side) for side in ((1, -1) if at_kink else (0,))]
    off = 0.0
    for part in (0.0, 0.13, -0.29, 0.41, -0.53, 0.67, -0.71, 0.97):
        place = x + 1e-3 * part * length
        try:
            number = derivative(draw, place, order - 1)
        except (ArithmeticError, ValueError):
            return None
        true = exact(mpmath.mpf(place)) if order == 1 else mpmath.diff(exact, mpmath.mpf(place))
        off = max(off, abs(float(true - number)), math.ulp(number) / 2)
    case = Case(draw, float(min(sides)), float(max(sides)), off / length)
    return case if math.isfinite(case.low + case.high + case.rounding) and case.size > 1e-300 else None


def derivative(draw: Draw, x: float, order: int) -> float:
    """The derivative of that order that the engine finds at `x`; of order 0 the value."""
    leaf = Value(x)
    result = draw.function(autograd, leaf)
    if order == 2:
        (result,) = gradients(result, [leaf], create_graph=True)
    return float(gradients(result, [leaf])[0] if order else result.data)


class Unchecked:
    """A draw whose function is given derivatives that are off.

    A term is added whose value is 0: c * (x - x.detach()) changes the first derivative by c, and its square the second.
    The values are those of the function, each computed once.
    """

    def __init__(self, case: Case) -> None:
        self.case = case
        self.found = derivative(case.draw, case.draw.x, case.draw.order)
        self.right = min(max(self.found, case.low), case.high)  # at a kink any between the sides is right
        self._values: dict[float, float] = {}

    def row(self, error: float) -> GradcheckRow:
        """What the checker says of a derivative that is off by that part of itself."""
        wanted = self.right
        if error:
            further = error * self.case.size
            wanted = self.case.high + further if wanted >= 0.0 else self.case.low - further
        elif abs(self.right - self.found) <= 1e-9 * self.case.size:
            wanted = self.found
        change = wanted - self.found

        def f(x: Value) -> Value:
            away = x - x.detach()
            if not away.requires_grad:  # nothing is recorded: only the value is asked for
                if x.data not in self._values:
                    self._values[x.data] = self.case.draw.function(autograd, x).data
                return Value(self._values[x.data])
            result: Value = self.case.draw.function(autograd, x)
            if not change:
                return result
            return result + (change * away if self.case.draw.order == 1 else 0.5 * change * away * away)

        return gradcheck(f, [self.case.draw.x], order=self.case.draw.order).rows[-1]


class Rates:
    """What the checker said of one family."""

    def __init__(self, family: str) -> None:
        self.family = family
        self.draws = 0
        self.above = 0
        self.blamed = 0
        self.clear = 0
        self.unsure_of_clear = 0
        self.unsure_of_others = 0
        self.passed = dict.fromkeys(ERRORS, 0)
        self.called_wrong = dict.fromkeys(ERRORS, 0)
        self.failures: list[str] = []

    def add(self, number: int, case: Case) -> None:
        """Checks one draw with the right derivative and with wrong ones."""
        checked = Unchecked(case)
        right = checked.row(0.0)
        self.draws += 1
        self.above += case.above
        self.clear += case.clear
        self.unsure_of_clear += case.clear and right.verdict == "unsure"
        self.unsure_of_others += not case.clear and right.verdict == "unsure"
        if case.above and right.verdict == "wrong":
            self.blamed += 1
            self._fail(number, case, right, "a right one")
        for error in ERRORS:
            row = checked.row(error)
            self.called_wrong[error] += case.above and row.verdict == "wrong"
            if case.above and row.passed:
                self.passed[error] += 1
                if error in NEVER_PASSED:
                    self._fail(number, case, row, f"one off by {error:g}")

    def _fail(self, number: int, case: Case, row: GradcheckRow, what: str) -> None:
        self.failures.append(
            f"{self.family}, draw {number}, at x = {case.draw.x!r}: {what} is called {row.verdict}: {row}; "
            f"mpmath has {case.low!r} to {case.high!r}, rounding {case.rounding:.1e}"
        )


def cases(family: Family, draws: int, seed: int) -> Iterator[tuple[int, Case]]:
    """So many draws of a family whose truth is finite, with their numbers."""
    for number in itertools.count():
        case = known(family(random.Random(f"{family.__name__} {seed} {number}")))
        if case is not None:
            yield number, case
            draws -= 1
        if not draws:
            return


def measured(family: Family, draws: int, seed: int = 0) -> Rates:
    """The rates of a family."""
    rates = Rates(family.__name__)
    for number, case in cases(family, draws, seed):
        rates.add(number, case)
    return rates


def part(count: int, whole: int) -> str:
    """A part of a whole in percent."""
    return f"{round(100 * count / whole, 2):g} %" if count else "0"


def table(rates: Sequence[Rates]) -> str:
    """The rates of all families as text."""
    header = ["family", "draws", "above", "blamed", "clear", "unsure", "others", "unsure"]
    header += [f"{error:.0e}" for error in ERRORS]
    lines = [header]
    for family in rates:
        others = family.draws - family.clear
        line = [family.family, family.draws, family.above, family.blamed, family.clear]
        line += [part(family.unsure_of_clear, family.clear), others, part(family.unsure_of_others, others)]
        line += [part(family.passed[error], family.above) for error in ERRORS]
        lines.append([f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in line])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        line[0].ljust(widths[0])
        + "".join(f"  {cell:>{width}}" for cell, width in zip(line[1:], widths[1:], strict=True))
        for line in lines
    )


def missed(rates: Sequence[Rates]) -> list[str]:
    """The bars that are missed, in words."""
    bars = [failure for family in rates for failure in family.failures]
    clear, unsure = sum(family.clear for family in rates), sum(family.unsure_of_clear for family in rates)
    if unsure > MOST_UNSURE * clear:
        bars.append(f"unsure of {unsure:,} of {clear:,} clear draws, more than {MOST_UNSURE:.0%}")
    return bars


def main() -> None:
    """Measures, prints a table, and ends with status 1 if a bar is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    known_families = {family.__name__: family for family in FAMILIES}
    parser.add_argument(
        "families", nargs="*", metavar="family", help=f"of {', '.join(known_families)}; all unless given"
    )
    parser.add_argument("--draws", type=int, default=DRAWS, help=f"of each family (default {DRAWS:,})")
    parser.add_argument("--seed", type=int, default=0, help="of the draws (default 0)")
    parser.add_argument(
        "--processes", type=int, default=os.cpu_count(), help="that share the families (default: all cores)"
    )
    arguments = parser.parse_args()
    unknown = set(arguments.families) - set(known_families)
    if unknown:
        parser.error(f"no such family: {', '.join(sorted(unknown))}")
    families = [known_families[name] for name in arguments.families or known_families]
    started = time.perf_counter()
    measure = partial(measured, draws=arguments.draws, seed=arguments.seed)
    if arguments.processes == 1:
        rates = list(map(measure, families))
    else:
        with ProcessPoolExecutor(arguments.processes) as processes:
            rates = list(processes.map(measure, families))
    seconds = time.perf_counter() - started
    interpreter = f"{platform.python_implementation()} {platform.python_version()}"
    print(f"{arguments.draws:,} draws of each family, seed {arguments.seed}; {seconds:,.0f} s; {interpreter}\n")
    print(table(rates))
    bars = missed(rates)
    print("\n" + "\n".join(bars) if bars else "\nno bar is missed")
    sys.exit(1 if bars else 0)


if __name__ == "__main__":
    main()
