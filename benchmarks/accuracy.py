"""The largest error of every function and of every derivative, in units of the last place (ulp), against mpmath.

Each primitive, each function of lists and each loss is tried at thousands of points all over its domain, ends and tails
included, in float64: eagerly, and compiled for each runtime. mpmath has the exact results, of 75 digits.

The bars are 2 ulp for a value and 4 for a partial derivative, where the exact result is a normal float; 4 ulp of the
largest term where terms cancel. Where a bar is another one, the reason stands beside it. If one is missed, the exit
status is 1.

    python benchmarks/accuracy.py --help
"""

from __future__ import annotations

import argparse
import importlib.util
import math
import os
import platform
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
from mpmath import mp, mpf

import autograd
import nn
from autograd import Value

VALUE_BAR, PARTIAL_BAR, CANCELLING_BAR = 2.0, 4.0, 4.0
RUNTIMES = ["eager", "numpy", "python", "numba"] if importlib.util.find_spec("numba") else ["eager", "numpy", "python"]
SMALLEST, LARGEST = sys.float_info.min, sys.float_info.max
"""The range of the normal floats, which alone have all digits."""
BITS = 250

Point = tuple[float, ...]
Exact = tuple[Any, ...]
"""The value, then the partial with respect to each operand, as numbers of mpmath."""


# ---------------------------------------------------------------- where


def magnitudes(low: float, high: float) -> list[float]:
    """Numbers from low to high, spread evenly over the orders of magnitude; drawn, so that they have all their digits.

    150 a decade from 1e-3 to 1e3, and 4 a decade elsewhere.
    """
    dice = random.Random(0)
    found = [low, high]
    for decade in range(-308, 308):
        count = 150 if -3 <= decade < 3 else 4
        found += [10.0 ** (decade + (index + dice.random()) / count) for index in range(count)]
    return [number for number in found if low <= number <= high]


def either_sign(low: float, high: float) -> list[Point]:
    """These magnitudes, positive and negative."""
    return [(sign * number,) for number in magnitudes(low, high) for sign in (1.0, -1.0)]


def between(low: float, high: float) -> list[Point]:
    """Numbers from low to high: spread over the orders of magnitude, spread evenly, close to both ends, and 0."""
    dice = random.Random(1)
    spread = either_sign(SMALLEST, max(abs(low), abs(high)))
    found = [*spread, *((dice.uniform(low, high),) for _ in range(2000)), *near(low, high), (0.0,)]
    return [point for point in found if low <= point[0] <= high]


def near(*centers: float) -> list[Point]:
    """Numbers close to some, on both sides, from 1e-16 away to 1e-3; and these themselves."""
    away = [10.0**-exponent for exponent in np.linspace(3.0, 16.0, 80).tolist()]
    return [(center + sign * distance,) for center in centers for distance in [0.0, *away] for sign in (1.0, -1.0)]


def pairs(x: tuple[float, float], y: tuple[float, float], positive: str = "", count: int = 4000) -> list[Point]:
    """Pairs of magnitudes, half of them within a factor of 1000 of 1; either sign, unless an operand is positive."""
    dice = random.Random(2)

    def drawn(low: float, high: float, signs: tuple[float, ...]) -> float:
        low, high = math.log10(low), math.log10(high)
        if dice.random() < 0.5:
            low, high = max(low, -3.0), min(high, 3.0)
        magnitude: float = 10.0 ** dice.uniform(low, high)
        return dice.choice(signs) * min(magnitude, LARGEST)

    signs = [(1.0,) if operand in positive else (1.0, -1.0) for operand in "xy"]
    return [(drawn(*x, signs[0]), drawn(*y, signs[1])) for _ in range(count)]


def lists(length: int, low: float, high: float, count: int = 2000) -> list[Point]:
    """Lists of numbers of one size, each list of another one between low and high."""
    dice = random.Random(3)
    sizes = [10.0 ** dice.uniform(math.log10(low), math.log10(high)) for _ in range(count)]
    return [tuple(dice.uniform(-size, size) for _ in range(length)) for size in sizes]


REALS = [*either_sign(SMALLEST, LARGEST), (0.0,)]
NOT_ZERO = REALS[:-1]
POSITIVE = [point for point in NOT_ZERO if point[0] > 0.0]
EXPONENTS = between(-750.0, 750.0) + near(-745.1, -708.4, 709.78)
ANGLES = either_sign(SMALLEST, 1e22) + near(*(index * math.pi / 2 for index in range(-4, 5)))
INSIDE = between(-1.0, 1.0)
PAIRS = pairs((SMALLEST, LARGEST), (SMALLEST, LARGEST))


# ---------------------------------------------------------------- what


@dataclass(frozen=True)
class Function:
    """A function of a few numbers, and what it should give.

    call: the function of a list of Values.
    exact: the same of mpmath's numbers: the value, and each partial.
    terms: of the same numbers, the largest term of the value and of each partial, where terms cancel, else 0.
    value_bar, partial_bar: how many ulp are allowed, of the result or of the largest term.
    value_reason, partial_reason: why that is more than elsewhere, or of what.
    """

    name: str
    call: Callable[[Any], Any]
    points: list[Point]
    exact: Callable[..., Exact]
    terms: Callable[..., Exact] | None = None
    value_bar: float = VALUE_BAR
    partial_bar: float = PARTIAL_BAR
    value_reason: str = ""
    partial_reason: str = ""


def primitive(name: str, points: list[Point], exact: Callable[..., Exact], **more: Any) -> Function:
    """That of the library's table."""
    function: Any = autograd.PRIMITIVES[name]
    return Function(name, lambda x: function(*x), points, exact, **more)


def sigmoid(x: Any) -> Any:
    """The logistic function."""
    return 1 / (1 + mpmath.exp(-x))


def normal(x: Any) -> Any:
    """The normal distribution function."""
    return mpmath.erfc(-x / mpmath.sqrt(2)) / 2


def density(x: Any) -> Any:
    """Its derivative."""
    return mpmath.exp(-x * x / 2) / mpmath.sqrt(2 * mpmath.pi)


def bell(x: Any) -> Any:
    """The derivative of the error function."""
    return 2 / mpmath.sqrt(mpmath.pi) * mpmath.exp(-x * x)


def share(x: Any, y: Any) -> Any:
    """1 where x > y, 1/2 where they are equal, else 0."""
    return (1 + mpmath.sign(x - y)) / 2


def powers(xs: Sequence[Any]) -> tuple[list[Any], Any]:
    """exp(x - the largest), and their sum."""
    found = [mpmath.exp(x - max(xs)) for x in xs]
    return found, mpmath.fsum(found)


def logsumexp(*xs: Any) -> Exact:
    """The logarithm of the sum of the exponentials, and its gradient."""
    parts, total = powers(xs)
    return (max(xs) + mpmath.log(total), *(part / total for part in parts))


def softmax_of_last(*xs: Any) -> Exact:
    """The share of the last number, and its gradient."""
    parts, total = powers(xs)
    p = parts[-1] / total
    return (p, *(-p * part / total for part in parts[:-1]), p * mpmath.fsum(parts[:-1]) / total)


def cross_entropy_of_last(*xs: Any) -> Exact:
    """The loss where the last class is the right one, and its gradient."""
    others = [mpmath.exp(x - xs[-1]) for x in xs[:-1]]
    rest = mpmath.fsum(others)
    return (mpmath.log1p(rest), *(other / (1 + rest) for other in others), -rest / (1 + rest))


def difference(xs: Sequence[Any]) -> Any:
    """The largest difference of two numbers, or 1: the exponential of a difference is off by half an ulp of it."""
    return max(max(xs) - min(xs), 1)


def terms_of_logsumexp(*xs: Any) -> Exact:
    """The largest number, and the derivatives times the largest difference."""
    return (max(map(abs, xs)), *(partial * difference(xs) for partial in logsumexp(*xs)[1:]))


def terms_of_softmax(*xs: Any) -> Exact:
    """The results times the largest difference; by the largest number, x_k, the derivative p p_k is p - p (1 - p_k)."""
    p, *partials = softmax_of_last(*xs)
    largest = max(range(len(xs)), key=xs.__getitem__)
    if largest != len(xs) - 1:
        partials[largest] = p
    return tuple(result * difference(xs) for result in (p, *partials))


def terms_of_cross_entropy(*xs: Any) -> Exact:
    """The results times the largest difference."""
    return tuple(result * difference(xs) for result in cross_entropy_of_last(*xs))


def norm(*xs: Any) -> Exact:
    """The length of a vector, and its gradient."""
    length = mpmath.sqrt(mpmath.fsum(x * x for x in xs))
    return (length, *(x / length for x in xs))


def largest_of_value(*terms: Any) -> Exact:
    """The largest of the numbers as a term of the value; no term of a partial cancels."""
    return (max(map(abs, terms)), *([0] * len(terms)))


DIFFERENCE = "of the result times the largest x_i - x_j, whose rounding is in the exponent"
CANCEL = "of the largest term"


FUNCTIONS = [
    primitive("add", PAIRS, lambda x, y: (x + y, 1, 1)),
    primitive("subtract", PAIRS, lambda x, y: (x - y, 1, -1)),
    primitive("multiply", PAIRS, lambda x, y: (x * y, y, x)),
    primitive("divide", PAIRS, lambda x, y: (x / y, 1 / y, -x / y**2)),
    primitive(
        "power",
        [
            *pairs((SMALLEST, LARGEST), (1e-20, 1e20), positive="x"),
            *((x, y) for (x,) in POSITIVE for y in (0.5, 1 / 3, 0.3, -0.3, -0.5, 0.99, 1.0, 2.0, 3.0, 1.7, -1.0, -2.0)),
            *((x, y) for (x,) in near(1.0) for y in (1e3, -1e3, 0.3, 1e9)),
        ],
        lambda x, y: (x**y, y * x ** (y - 1), x**y * mpmath.log(x)),
    ),
    Function("x**3", lambda x: x[0] ** 3, REALS, lambda x: (x**3, 3 * x**2)),
    Function("x**-2", lambda x: x[0] ** -2, NOT_ZERO, lambda x: (x**-2, -2 * x**-3)),
    primitive("negate", REALS, lambda x: (-x, -1)),
    primitive("abs", REALS, lambda x: (abs(x), mpmath.sign(x))),
    primitive("exp", EXPONENTS, lambda x: (mpmath.exp(x), mpmath.exp(x))),
    primitive("expm1", EXPONENTS, lambda x: (mpmath.expm1(x), mpmath.exp(x))),
    primitive("log", POSITIVE + near(1.0), lambda x: (mpmath.log(x), 1 / x)),
    primitive("log1p", [p for p in REALS + near(-1.0) if p[0] > -1.0], lambda x: (mpmath.log1p(x), 1 / (1 + x))),
    primitive("log2", POSITIVE + near(1.0), lambda x: (mpmath.log(x) / mpmath.log(2), 1 / (x * mpmath.log(2)))),
    primitive("log10", POSITIVE + near(1.0), lambda x: (mpmath.log10(x), 1 / (x * mpmath.log(10)))),
    primitive("sqrt", POSITIVE, lambda x: (mpmath.sqrt(x), 0.5 / mpmath.sqrt(x))),
    primitive("sin", ANGLES, lambda x: (mpmath.sin(x), mpmath.cos(x))),
    primitive("cos", ANGLES, lambda x: (mpmath.cos(x), -mpmath.sin(x))),
    primitive("tan", ANGLES, lambda x: (mpmath.tan(x), mpmath.sec(x) ** 2)),
    primitive("asin", INSIDE, lambda x: (mpmath.asin(x), 1 / mpmath.sqrt((1 - x) * (1 + x)))),
    primitive("acos", INSIDE, lambda x: (mpmath.acos(x), -1 / mpmath.sqrt((1 - x) * (1 + x)))),
    primitive("atan", REALS, lambda x: (mpmath.atan(x), 1 / (1 + x * x))),
    primitive("atan2", PAIRS, lambda x, y: (mpmath.atan2(x, y), y / (x * x + y * y), -x / (x * x + y * y))),
    primitive("sinh", EXPONENTS, lambda x: (mpmath.sinh(x), mpmath.cosh(x))),
    primitive("cosh", EXPONENTS, lambda x: (mpmath.cosh(x), mpmath.sinh(x))),
    primitive("tanh", EXPONENTS + near(0.5493, -0.5493), lambda x: (mpmath.tanh(x), mpmath.sech(x) ** 2)),
    primitive("asinh", REALS, lambda x: (mpmath.asinh(x), 1 / mpmath.sqrt(1 + x * x))),
    primitive(
        "acosh",
        [p for p in POSITIVE + near(1.0) if p[0] >= 1.0],
        lambda x: (mpmath.acosh(x), 1 / mpmath.sqrt((x - 1) * (x + 1))),
    ),
    primitive("atanh", INSIDE, lambda x: (mpmath.atanh(x), 1 / ((1 - x) * (1 + x)))),
    primitive("sigmoid", EXPONENTS, lambda x: (sigmoid(x), sigmoid(x) * sigmoid(-x))),
    primitive("softplus", EXPONENTS, lambda x: (mpmath.log1p(mpmath.exp(x)), sigmoid(x))),
    primitive("relu", REALS, lambda x: (max(x, 0), int(x > 0))),
    primitive("leaky_relu", PAIRS, lambda x, y: (x, 1, 0) if x > 0 else (x * y, y, x)),
    primitive(
        "elu",
        pairs((SMALLEST, 1500.0), (SMALLEST, LARGEST)),
        lambda x, y: (x, 1, 0) if x > 0 else (y * mpmath.expm1(x), y * mpmath.exp(x), mpmath.expm1(x)),
    ),
    primitive("erf", between(-28.0, 28.0), lambda x: (mpmath.erf(x), bell(x))),
    primitive("erfc", between(-28.0, 28.0), lambda x: (mpmath.erfc(x), -bell(x))),
    primitive(
        "gelu",
        between(-37.5, 40.0),
        lambda x: (x * normal(x), normal(x) + x * density(x)),
        terms=lambda x: (0, max(normal(x), abs(x) * density(x))),
        value_bar=4.0,
        partial_bar=CANCELLING_BAR,
        # Below -37.5 erfc is no normal float, and has lost digits, while x * erfc is one down to -37.7: not tried.
        value_reason="erfc of the C library is off by up to 2.3, which a product may double",
        partial_reason=CANCEL,
    ),
    primitive(
        "silu",
        EXPONENTS + near(-714.0),
        lambda x: (x * sigmoid(x), sigmoid(x) * (1 + x * sigmoid(-x))),
        terms=lambda x: (0, sigmoid(x) * max(1, abs(x) * sigmoid(-x))),
        partial_bar=CANCELLING_BAR,
        partial_reason=CANCEL,
    ),
    primitive("maximum", PAIRS, lambda x, y: (max(x, y), share(x, y), share(y, x))),
    primitive("minimum", PAIRS, lambda x, y: (min(x, y), share(y, x), share(x, y))),
    Function(
        "sum",
        autograd.sum,
        lists(5, 1e-300, 1e300),
        lambda *xs: (mpmath.fsum(xs), *([1] * len(xs))),
        terms=largest_of_value,
        value_bar=CANCELLING_BAR,
        value_reason=CANCEL,
    ),
    Function(
        "mean",
        autograd.mean,
        lists(5, 1e-300, 1e300),
        lambda *xs: (mpmath.fsum(xs) / len(xs), *([mpf(1) / len(xs)] * len(xs))),
        terms=largest_of_value,
        value_bar=CANCELLING_BAR,
        value_reason=CANCEL,
    ),
    Function(
        "dot",
        lambda x: autograd.dot(x[:3], x[3:]),
        lists(6, 1e-150, 1e150),
        lambda a, b, c, d, e, f: (a * d + b * e + c * f, d, e, f, a, b, c),
        terms=lambda a, b, c, d, e, f: (max(abs(a * d), abs(b * e), abs(c * f)), *([0] * 6)),
        value_bar=CANCELLING_BAR,
        value_reason=CANCEL,
    ),
    Function("norm", autograd.norm, lists(3, 1e-300, 1e300), norm),
    Function(
        "logsumexp",
        autograd.logsumexp,
        lists(4, 1e-3, 1e3),
        logsumexp,
        terms=terms_of_logsumexp,
        value_bar=CANCELLING_BAR,
        partial_bar=CANCELLING_BAR,
        value_reason=CANCEL,
        partial_reason=DIFFERENCE,
    ),
    Function(
        "softmax",
        lambda x: autograd.softmax(x)[-1],
        lists(4, 1e-3, 700.0),
        softmax_of_last,
        terms=terms_of_softmax,
        value_bar=CANCELLING_BAR,
        partial_bar=CANCELLING_BAR,
        value_reason=DIFFERENCE,
        partial_reason=f"{DIFFERENCE}; by the largest x of the share, where terms cancel",
    ),
    Function(
        "cross-entropy",
        lambda x: nn.cross_entropy(x, 3),
        lists(4, 1e-3, 700.0),
        cross_entropy_of_last,
        terms=terms_of_cross_entropy,
        value_bar=CANCELLING_BAR,
        partial_bar=CANCELLING_BAR,
        value_reason=DIFFERENCE,
        partial_reason=DIFFERENCE,
    ),
    Function(
        "binary cross-entropy",
        lambda x: nn.binary_cross_entropy_with_logits(x[0], 1),
        EXPONENTS,
        lambda x: (mpmath.log1p(mpmath.exp(-x)), -sigmoid(-x)),
    ),
    Function(
        "mean squared error",
        lambda x: nn.mse(x[:2], x[2:]),
        lists(4, 1e-150, 1e150),
        lambda a, b, c, d: (((a - c) ** 2 + (b - d) ** 2) / 2, a - c, b - d, c - a, d - b),
        value_bar=CANCELLING_BAR,
        value_reason="a rounded difference, squared",
    ),
    Function(
        "mean absolute error",
        lambda x: nn.mae(x[:2], x[2:]),
        lists(4, 1e-300, 1e300),
        lambda a, b, c, d: (
            (abs(a - c) + abs(b - d)) / 2,
            *(mpmath.sign(difference) / 2 for difference in (a - c, b - d, c - a, d - b)),
        ),
    ),
    Function("hinge", lambda x: nn.hinge(x[0], -1), REALS + near(-1.0), lambda x: (max(1 + x, 0), int(x > -1))),
]

LIBRARIES: dict[str, tuple[Callable[[float], float], Any]] = {
    "exp": (math.exp, np.exp),
    "expm1": (math.expm1, np.expm1),
    "log": (math.log, np.log),
    "log1p": (math.log1p, np.log1p),
    "log2": (math.log2, np.log2),
    "log10": (math.log10, np.log10),
    "sin": (math.sin, np.sin),
    "cos": (math.cos, np.cos),
    "tan": (math.tan, np.tan),
    "asin": (math.asin, np.arcsin),
    "acos": (math.acos, np.arccos),
    "atan": (math.atan, np.arctan),
    "sinh": (math.sinh, np.sinh),
    "cosh": (math.cosh, np.cosh),
    "tanh": (math.tanh, np.tanh),
    "asinh": (math.asinh, np.arcsinh),
    "acosh": (math.acosh, np.arccosh),
    "atanh": (math.atanh, np.arctanh),
    "erf": (math.erf, None),
    "erfc": (math.erfc, None),
}
"""What values are computed with as it is: the function of the C library, and NumPy's. A value may be off by as much."""


# ---------------------------------------------------------------- measuring


@dataclass(frozen=True)
class Truth:
    """The exact results at some points, a row for each, as the sum of two floats; and the ulp to count errors in."""

    points: Any
    high: Any
    low: Any
    ulp: Any
    counts: Any


def truth(function: Function) -> Truth:
    """What mpmath says, at the points at which all results are within the range of floats."""
    points, rows, sizes = [], [], []
    for point in dict.fromkeys(function.points):
        operands = [mpf(x) for x in point]
        try:
            exact = [mpf(number) for number in function.exact(*operands)]
        except ZeroDivisionError:
            continue
        if all(abs(number) <= LARGEST for number in exact):
            points.append(point)
            rows.append(exact)
            terms = function.terms(*operands) if function.terms else [0] * len(exact)
            sizes.append(
                [float(min(max(abs(number), abs(term)), LARGEST)) for number, term in zip(exact, terms, strict=True)]
            )
    high = np.array([[float(number) for number in row] for row in rows])
    low = np.array(
        [
            [float(number - mpf(h)) for number, h in zip(*pair, strict=True)]
            for pair in zip(rows, high.tolist(), strict=True)
        ]
    )
    ulp = np.ldexp(1.0, np.maximum(np.frexp(np.array(sizes))[1] - 53, -1074))
    return Truth(np.array(points), high, low, ulp, (abs(high) >= SMALLEST) | (high == 0.0))


def found(function: Function, runtime: str, points: Any) -> Any:
    """A row for each point: the value, and each partial; nan where it raises."""
    if runtime == "eager":
        return np.array([eager(function, point) for point in points.tolist()])
    compiled = autograd.compile(lambda x: function.call(x), batched="x", runtime=runtime, check_finite=False)
    with np.errstate(all="ignore"):
        values, (partials,) = compiled.per_example(points)
    return np.column_stack([values, partials])


def eager(function: Function, point: Point) -> list[float]:
    """The value, and each partial."""
    xs = [Value(x) for x in point]
    try:
        root = function.call(xs)
        root.backward()
    except (ArithmeticError, ValueError):
        return [math.nan] * (1 + len(xs))
    return [root.data, *(x.grad for x in xs)]


@dataclass(frozen=True)
class Worst:
    """The largest error of a result, in ulp, and where."""

    error: float
    point: Point


def worst(results: Any, exact: Truth, indices: Sequence[int]) -> Worst:
    """That of the results in some columns."""
    columns = list(indices)
    with np.errstate(all="ignore"):
        errors = np.abs((results[:, columns] - exact.high[:, columns]) - exact.low[:, columns]) / exact.ulp[:, columns]
    errors = np.where(exact.counts[:, columns], np.where(np.isnan(errors), np.inf, errors), 0.0).max(axis=1)
    at = int(np.argmax(errors))
    return Worst(float(errors[at]), tuple(exact.points[at].tolist()))


def own_errors(name: str, exact: Truth) -> list[float]:
    """Those of the functions of the C library and of NumPy, called as they are."""
    in_c, in_numpy = LIBRARIES[name]
    columns = [np.array([[in_c(x)] for (x,) in exact.points.tolist()])]
    if in_numpy is not None:
        columns.append(in_numpy(exact.points))
    return [worst(column, exact, [0]).error for column in columns]


# ---------------------------------------------------------------- the table


def rows_of(function: Function) -> list[tuple[str, list[int], float]]:
    """What there is to report: its name, the columns of the results, and the bar."""
    operands = len(function.points[0])
    if operands == 1:
        partials = [("derivative", [1])]
    elif function.name in autograd.PRIMITIVES:
        partials = [("by x", [1]), ("by y", [2])]
    else:
        partials = [("by each", list(range(1, operands + 1)))]
    bars = [("value", [0], function.value_bar)]
    return bars + [(title, columns, function.partial_bar) for title, columns in partials]


def short(point: Point) -> str:
    """A point, as short as it is still of use."""
    return ", ".join(f"{x:.6g}" if len(point) < 3 else f"{x:.2g}" for x in point)


def main() -> None:
    """Measures all functions, or those named, and prints a table; ends with status 1 if a bar is missed."""
    names = [function.name for function in FUNCTIONS]
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", help="of functions; all unless given")
    asked = parser.parse_args().names
    if unknown := set(asked) - set(names):
        parser.error(f"there is no {sorted(unknown)[0]!r}; there are {', '.join(names)}")
    mp.prec = BITS
    started = time.perf_counter()
    versions = f"NumPy {np.__version__}, mpmath {mpmath.__version__}"
    machine = f"{os.cpu_count()} cores, {platform.machine()}"
    print(f"the largest error in ulp, float64; Python {platform.python_version()}, {versions}, {machine}")
    if "numba" not in RUNTIMES:
        print("left out: numba, which is not installed")
    columns = "".join(f"{runtime:>8}" for runtime in RUNTIMES)
    print(f"\n{'':<21}{'':<11}{'points':>7}{columns}{'bar':>6}  worst at")
    missed: list[str] = []
    own: dict[str, list[float]] = {}
    for function in FUNCTIONS:
        if asked and function.name not in asked:
            continue
        exact = truth(function)
        if function.name in LIBRARIES:
            own[function.name] = own_errors(function.name, exact)
        results = {runtime: found(function, runtime, exact.points) for runtime in RUNTIMES}
        for title, indices, bar in rows_of(function):
            errors = {runtime: worst(results[runtime], exact, indices) for runtime in RUNTIMES}
            largest = max(errors.values(), key=lambda result: result.error)
            allowed = max([bar, *own.get(function.name, [])]) if title == "value" else bar
            cells = "".join(f"{errors[runtime].error:>8.3g}" for runtime in RUNTIMES)
            name = function.name if title == "value" else ""
            reason = function.value_reason if title == "value" else function.partial_reason
            where = short(largest.point) if largest.error else "nowhere"
            note = f"  ({reason})" if reason else ""
            print(f"{name:<21}{title:<11}{len(exact.points):>7,}{cells}{allowed:>6.3g}  {where}{note}")
            if largest.error > allowed:
                missed.append(
                    f"{function.name}, {title}: {largest.error:.3g} ulp at {largest.point!r}, not {allowed:.3g}"
                )
    if own:
        print("\nthe libraries' own functions, called as they are\n" + f"{'':<21}{'C':>8}{'NumPy':>8}")
    for name, errors_of_libraries in own.items():
        print(f"{name:<21}" + "".join(f"{error:>8.3g}" for error in errors_of_libraries))
    print(f"\n{time.perf_counter() - started:.0f} s")
    if missed:
        raise SystemExit("missed:\n" + "\n".join(missed))


if __name__ == "__main__":
    main()
