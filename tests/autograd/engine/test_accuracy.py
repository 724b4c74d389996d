"""Functions and derivatives keep their digits, in every runtime: against mpmath, in units of the last place.

These are the points at which a formula of the textbook loses digits; `benchmarks/accuracy.py` tries whole domains.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import mpmath
import pytest
from mpmath import mp, mpf

import autograd
from autograd import Value, compile, gradients
from autograd.compiler.loop.run import has_numba

RUNTIMES = [
    "eager",
    "numpy",
    "python",
    pytest.param("numba", marks=pytest.mark.skipif(not has_numba(), reason="Numba is not installed")),
]


@pytest.fixture(autouse=True)
def fifty_digits() -> Any:
    with mp.workprec(250):
        yield


def sigmoid(x: Any) -> Any:
    return 1 / (1 + mpmath.exp(-x))


def normal(x: Any) -> Any:
    return mpmath.erfc(-x / mpmath.sqrt(2)) / 2


EXACT: dict[str, Callable[..., Any]] = {
    "tanh": mpmath.tanh,
    "erf": mpmath.erf,
    "erfc": mpmath.erfc,
    "gelu": lambda x: x * normal(x),
    "silu": lambda x: x * sigmoid(x),
    "mish": lambda x: x * mpmath.tanh(mpmath.log1p(mpmath.exp(x))),
    "exp2": lambda x: mpf(2) ** x,
    "cbrt": lambda x: mpmath.cbrt(abs(x)) * (1 if x > 0 else -1),
    "hypot": lambda x, y: mpmath.sqrt(x * x + y * y),
    "sigmoid": sigmoid,
    "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
    "elu": lambda x, y: x if x > 0 else y * mpmath.expm1(x),
    "power": lambda x, y: x**y,
    "log2": lambda x: mpmath.log(x) / mpmath.log(2),
    "log10": mpmath.log10,
    "atan2": mpmath.atan2,
    "asinh": mpmath.asinh,
    "acosh": mpmath.acosh,
    "asin": mpmath.asin,
    "atanh": mpmath.atanh,
    "log1p": mpmath.log1p,
}
POINTS: list[tuple[str, tuple[float, ...]]] = [
    *[("tanh", (x,)) for x in (0.4, 0.55, -0.8, 2.0, 10.0, -10.0, 19.0, 19.1, -25.0, 230.0, 354.0)],
    *[("erf", (x,)) for x in (0.9, 3.3, -5.7, 10.1, 24.1, 26.5)],
    *[("erfc", (x,)) for x in (-3.3, 5.7, 10.1, 24.1, 26.5)],
    *[("gelu", (x,)) for x in (0.6, -0.5, -1.3, -3.8, 7.1, -12.3, -26.6, -36.7, -37.4)],
    *[("silu", (x,)) for x in (0.6, -17.4, -50.1, -701.0, -712.3, -714.0, 37.1)],
    *[("mish", (x,)) for x in (0.6, -0.3, -17.4, -50.1, -701.0, -712.3, 3.3, 17.2, 37.1, 720.0)],
    *[("exp2", (x,)) for x in (0.3, -20.7, 900.1, -1000.3)],
    *[("cbrt", (x,)) for x in (0.3, -7.1, 1e-100, -1e300, 2e-310)],
    *[("hypot", at) for at in ((0.3, -0.7), (1e-200, 3e-200), (1e200, 3e199), (-4e-310, 1.0), (7.7e307, 9.1e307))],
    *[("sigmoid", (x,)) for x in (-700.3, -37.1, 37.1, 700.3)],
    *[("softplus", (x,)) for x in (-700.3, -37.1, 37.1)],
    *[("elu", (-710.3, 1e5)), ("elu", (-740.3, 1e300)), ("elu", (-30.3, 0.7))],
    *[("power", (8.254879355321099e-307, y)) for y in (-0.0124275437193, 0.3, 0.7, 1.7, 1.0, 1 / 3)],
    *[("power", (9.1e307, y)) for y in (-0.3, 0.3, 0.7, -0.99)],
    *[
        ("power", (8.5e-156, 2.0)),
        ("power", (1e-20, 1e-20)),
        ("power", (1.0000001, -7.0e9)),
        ("power", (2.5, -3.0)),
        ("power", (93.15, -156.314)),
        ("power", (0.49, 1000.0)),
    ],
    *[(name, (x,)) for name in ("log2", "log10") for x in (2.3e-308, 0.9999999, 3.3e10, 1.7e308)],
    *[("atan2", point) for point in ((3e-300, 4e-300), (1e300, -1e299), (-1e-10, 1e10))],
    *[("asinh", (x,)) for x in (1e-9, 0.99, 1.01, -1e200)],
    *[("acosh", (x,)) for x in (1.0000001, 1e200)],
    *[(name, (x,)) for name in ("asin", "atanh") for x in (0.9999999999, -0.999)],
    *[("log1p", (x,)) for x in (-0.9999999999, 1e-9, 1e300)],
]


def derivative(function: Callable[..., Any], point: Sequence[Any], *orders: int) -> Any:
    """A derivative by mpmath's differences, with digits to spare however steep the function is there."""
    with mp.workprec(6000):
        steps = [mpf(x) * mpf(2) ** -1500 for x in point]
        exact = [mpf(x) for x in point]

        def at(*shifts: int) -> Any:
            return function(*(x + shift * step for x, shift, step in zip(exact, shifts, steps, strict=True)))

        if sum(orders) == 1:
            index = orders.index(1)
            unit = [int(other == index) for other in range(len(point))]
            return (at(*unit) - at(*(-shift for shift in unit))) / (2 * steps[index])
        assert orders == (2,)
        return (at(1) - 2 * at(0) + at(-1)) / steps[0] ** 2


def ulps(found: float, exact: Any, term: Any = 0) -> float:
    """How far off a result is, in units of the last place of the exact one, or of a larger term that cancels."""
    return float(abs(mpf(found) - exact) / mpf(math.ulp(float(max(abs(exact), abs(term))))))


def in_runtime(runtime: str, function: Callable[[Any], Any], point: Sequence[float]) -> list[float]:
    """The value and the gradient."""
    if runtime == "eager":
        xs = [Value(x) for x in point]
        root = function(xs)
        return [root.data, *gradients(root, xs)]
    value, (slopes,) = compile(function, runtime=runtime).value_and_grad(list(point))
    return [value, *slopes]


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize(("name", "point"), POINTS)
def test_a_primitive_keeps_its_digits(name: str, point: tuple[float, ...], runtime: str) -> None:
    primitive: Any = autograd.PRIMITIVES[name]
    value, *slopes = in_runtime(runtime, lambda x: primitive(*x), point)
    exact = EXACT[name]
    # The error function of the C library alone is off by up to 1.6 ulp, and gelu multiplies it twice.
    assert ulps(value, exact(*map(mpf, point))) <= (3.0 if name in ("gelu", "mish") else 2.0)
    for index, slope in enumerate(slopes):
        orders = [int(other == index) for other in range(len(point))]
        assert ulps(slope, derivative(exact, point, *orders)) <= 4.0


SECOND = [case for case in POINTS if len(case[1]) == 1 and 1e-300 < abs(case[1][0]) < 1e150]
"""Where the second derivative is a normal float."""


@pytest.mark.parametrize(("name", "point"), SECOND)
def test_the_second_derivative_of_a_primitive_keeps_its_digits(name: str, point: tuple[float, ...]) -> None:
    (x,) = point
    primitive: Any = autograd.PRIMITIVES[name]
    value = Value(x)
    (slope,) = gradients(primitive(value), [value], create_graph=True)
    assert ulps(gradients(slope, [value])[0], derivative(EXACT[name], point, 2)) <= 16.0


@pytest.mark.parametrize("x", [1e-200, -1e-19, 1e-8, 0.3, 0.5, -0.51, 0.999])
@pytest.mark.parametrize("name", ["asin", "acos", "atanh"])
def test_the_second_derivative_of_an_inverse_keeps_its_digits_near_0_and_1(name: str, x: float) -> None:
    value = Value(x)
    (slope,) = gradients(getattr(autograd, name)(value), [value], create_graph=True)
    square = 1 - mpf(x) ** 2
    exact = {"asin": mpf(x) / square**1.5, "acos": -mpf(x) / square**1.5, "atanh": 2 * mpf(x) / square**2}[name]
    assert ulps(gradients(slope, [value])[0], exact) <= 8.0


@pytest.mark.parametrize("x", [0.3, -9.5e60, 1.1e70, -9.5e80, 1e100])
def test_the_second_derivative_of_the_angle_keeps_its_digits_far_out(x: float) -> None:
    value = Value(x)
    (slope,) = gradients(autograd.atan(value), [value], create_graph=True)
    assert ulps(gradients(slope, [value])[0], -2 * mpf(x) / (1 + mpf(x) ** 2) ** 2) <= 8.0


@pytest.mark.parametrize("y", [-2.3, -0.5, 0.3, 0.7, 0.999, 1.7, 3.0])
@pytest.mark.parametrize("x", [1e-60, 0.3, 1e60])
def test_the_second_derivative_of_a_power_keeps_its_digits(x: float, y: float) -> None:
    base = Value(x)
    (slope,) = gradients(base**y, [base], create_graph=True)
    assert ulps(gradients(slope, [base])[0], mpf(y) * (mpf(y) - 1) * mpf(x) ** (mpf(y) - 2)) <= 16.0


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize(
    ("base", "exponent"), [(-0.49, 1000.0), (-1.2161e-154, 3.0), (-93.15, -156.0), (-93.15, -157.0)]
)
def test_the_slope_of_a_power_that_is_hardly_a_float_keeps_its_digits(
    base: float, exponent: float, runtime: str
) -> None:
    _, slope = in_runtime(runtime, lambda x: x[0] ** exponent, [base])
    assert ulps(slope, mpf(exponent) * mpf(base) ** (mpf(exponent) - 1)) <= 4.0
