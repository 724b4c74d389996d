"""What every operation gives and what its partials are, at 50 digits and more, written down a second time.

Nothing here looks at `autograd`: the formulas are the textbook's, on mpmath's numbers, whose exponents have no end.
Beside each stands what a float is allowed to be off by, in units of the last place, and why where that is not the
common bar: 2 for a value, 4 for a partial.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

import mpmath

# A context of its own, so that nobody's digits change; 60 digits, of which no formula here loses more than ten.
exact: Any = mpmath.mp.clone()
exact.prec = 200
mpf: Any = exact.mpf

Exact: TypeAlias = Any
"""One of mpmath's numbers."""

EPSILON = 2.0**-52
TINY = 2.0**-1074
LARGEST = 1.7976931348623157e308
ZERO, HALF, ONE, TWO = mpf(0), mpf(0.5), mpf(1), mpf(2)
LOG_2, LOG_10 = exact.log(2), exact.log(10)
SQRT_2, SQRT_PI = exact.sqrt(2), exact.sqrt(exact.pi)
SQRT_2PI = exact.sqrt(2 * exact.pi)


class Partial(NamedTuple):
    """A partial derivative.

    exact: the number; None where there is none, or it is infinite.
    slack: what a float may be off by beyond the units of `Rules.partial_ulps`, as an absolute number.
    lost: what the product with it may be off by, where what flows into it may fall out of the floats on the way.
    through: by how much what flows into it grows on the way, before it shrinks again.
    parts: in how many parts the product arrives: each is added, and rounded, on its own.
    """

    exact: Exact
    slack: float = 0.0
    lost: float = 0.0
    through: float = 0.0
    parts: int = 1


NO_DERIVATIVE = Partial(None)


class Rules(NamedTuple):
    """An operation.

    value: of the operands as exact numbers, and as floats.
    partials: one for each operand, of the same and of the value.
    error: the exception that Python's floats answer these operands with, or None; overflow aside.
    overflow: the exception for a result beyond the floats, or None where they go quiet and give an infinity.
    value_ulps, partial_ulps: what a float may be off by, in units of the last place.
    slack: what a value may be off by beyond that, as an absolute number, where several terms are added.
    reach: the largest number on the way to the value, beyond which floats overflow before they get there.
    """

    value: Callable[[Sequence[Exact], Sequence[float]], Exact]
    partials: Callable[[Sequence[Exact], Sequence[float], Exact], Sequence[Partial]]
    error: Callable[[Sequence[float]], type[Exception] | None] = lambda numbers: None
    overflow: type[Exception] | None = None
    value_ulps: float = 2.0
    partial_ulps: float = 4.0
    slack: Callable[[Sequence[float], Exact], float] = lambda numbers, out: 0.0
    reach: Callable[[Sequence[float]], float] = lambda numbers: 0.0


# ---------------------------------------------------------------- what the formulas share


def exponential(x: Exact, number: float) -> Exact:
    """e to the power of x; 0 and infinity stand for what is far beyond the floats."""
    return ZERO if number < -2000.0 else exact.inf if number > 2000.0 else exact.exp(x)


def logarithm_of_one_plus(x: Exact, number: float) -> Exact:
    if abs(number) < 1e-12:
        return x * (1 - x * (HALF - x * (ONE / 3 - x * (ONE / 4 - x * (ONE / 5 - x / 6)))))
    return exact.log(1 + x)


def exponential_minus_one(x: Exact, number: float) -> Exact:
    if abs(number) < 1e-12:
        return x * (1 + x / 2 * (1 + x / 3 * (1 + x / 4 * (1 + x / 5 * (1 + x / 6)))))
    return exponential(x, number) - 1


def logistic(x: Exact, number: float) -> Exact:
    if number < 0:
        power = exponential(x, number)
        return power / (1 + power)
    return 1 / (1 + exponential(-x, -number))


def bell(x: Exact, number: float) -> Exact:
    """exp(-x**2)"""
    return ZERO if abs(number) > 45.0 else exact.exp(-x * x)


def upper_tail(x: Exact, number: float) -> Exact:
    """1 - erf(x)"""
    return ZERO if number > 45.0 else TWO if number < -45.0 else exact.erfc(x)


def power_of(x: Exact, number: float, y: Exact, exponent: float) -> Exact:
    """x ** y, for all for which it is a real number."""
    if exponent == 0.0:
        return ONE
    if number == 0.0:
        return ZERO
    logarithm = y * exact.log(abs(x))
    size = exponential(logarithm, float(logarithm))
    return -size if number < 0.0 and math.fmod(exponent, 2.0) != 0.0 else size


# ---------------------------------------------------------------- operations of one number


def _unary(
    value: Callable[[Exact, float], Exact],
    partial: Callable[[Exact, float, Exact], Exact | Partial | None],
    **others: Any,
) -> Rules:
    def partials(operands: Sequence[Exact], numbers: Sequence[float], out: Exact) -> list[Partial]:
        found = partial(operands[0], numbers[0], out)
        return [found if isinstance(found, Partial) else Partial(found)]

    return Rules(lambda operands, numbers: value(operands[0], numbers[0]), partials, **others)


def _outside(is_outside: Callable[[float], bool]) -> Callable[[Sequence[float]], type[Exception] | None]:
    return lambda numbers: ValueError if is_outside(numbers[0]) else None


def _log2(x: Exact, number: float) -> Exact:
    return exact.log(x) / LOG_2


def _softplus_rest(power: Exact) -> Exact:
    return logarithm_of_one_plus(power, float(power))


def _inverse_root(square: Exact) -> Exact | None:
    return None if square == 0 else 1 / exact.sqrt(square)


def _gelu(x: Exact, number: float) -> Exact:
    return HALF * x * upper_tail(-x / SQRT_2, -number / math.sqrt(2.0))


def _gelu_partial(x: Exact, number: float, out: Exact) -> Partial:
    below = HALF * upper_tail(-x / SQRT_2, -number / math.sqrt(2.0))
    beside = x * bell(x / SQRT_2, number / math.sqrt(2.0)) / SQRT_2PI
    return Partial(below + beside, 4 * EPSILON * float(max(abs(below), abs(beside))))  # the terms cancel


def _silu_partial(x: Exact, number: float, out: Exact) -> Partial:
    share, rest = logistic(x, number), logistic(-x, -number)
    return Partial(share * (1 + x * rest), 4 * EPSILON * float(share * max(ONE, abs(x) * rest)))  # the terms cancel


def _exp2(x: Exact, number: float) -> Exact:
    return exponential(x * LOG_2, number * math.log(2.0))


def _gate(x: Exact, number: float) -> tuple[Exact, Exact]:
    """tanh(softplus(x)), and its derivative."""
    power = exponential(-abs(x), -abs(number))
    above = power * (power + 2) if number < 0 else 1 + 2 * power
    below = above + (TWO if number < 0 else 2 * power * power)
    return above / below, 4 * power * (ONE if number < 0 else power) * (1 + power) / (below * below)


def _mish_partial(x: Exact, number: float, out: Exact) -> Partial:
    gate, derivative = _gate(x, number)
    return Partial(gate + x * derivative, 4 * EPSILON * float(max(gate, abs(x) * derivative)))  # the terms cancel


UNARY: dict[str, Rules] = {
    "negate": _unary(lambda x, _: -x, lambda x, n, out: -ONE, value_ulps=0.0, partial_ulps=0.0),
    "abs": _unary(
        lambda x, _: abs(x),
        lambda x, n, out: ZERO if n == 0 else ONE if n > 0 else -ONE,
        value_ulps=0.0,
        partial_ulps=0.0,
    ),
    "exp": _unary(exponential, lambda x, n, out: out, overflow=OverflowError),
    "expm1": _unary(exponential_minus_one, lambda x, n, out: exponential(x, n), overflow=OverflowError),
    "exp2": _unary(_exp2, lambda x, n, out: LOG_2 * out, overflow=OverflowError),
    "log": _unary(lambda x, _: exact.log(x), lambda x, n, out: 1 / x, error=_outside(lambda n: n <= 0.0)),
    "log1p": _unary(logarithm_of_one_plus, lambda x, n, out: 1 / (1 + x), error=_outside(lambda n: n <= -1.0)),
    "log2": _unary(_log2, lambda x, n, out: 1 / (x * LOG_2), error=_outside(lambda n: n <= 0.0)),
    "log10": _unary(
        lambda x, _: exact.log(x) / LOG_10, lambda x, n, out: 1 / (x * LOG_10), error=_outside(lambda n: n <= 0.0)
    ),
    "sqrt": _unary(
        lambda x, _: exact.sqrt(x),
        lambda x, n, out: None if n == 0.0 else HALF / out,
        error=_outside(lambda n: n < 0.0),
        value_ulps=0.0,
    ),
    "cbrt": _unary(
        lambda x, n: exact.cbrt(abs(x)) * (1 if n > 0 else -1),
        lambda x, n, out: None if n == 0.0 else 1 / (3 * out * out),
    ),
    "sin": _unary(lambda x, _: exact.sin(x), lambda x, n, out: exact.cos(x)),
    "cos": _unary(lambda x, _: exact.cos(x), lambda x, n, out: -exact.sin(x)),
    "tan": _unary(lambda x, _: exact.tan(x), lambda x, n, out: 1 + out * out),
    "asin": _unary(
        lambda x, _: exact.asin(x),
        lambda x, n, out: _inverse_root((1 - x) * (1 + x)),
        error=_outside(lambda n: abs(n) > 1),
    ),
    "acos": _unary(
        lambda x, _: exact.acos(x),
        lambda x, n, out: None if abs(n) == 1 else -1 / exact.sqrt((1 - x) * (1 + x)),
        error=_outside(lambda n: abs(n) > 1),
    ),
    "atan": _unary(lambda x, _: exact.atan(x), lambda x, n, out: 1 / (1 + x * x)),
    "sinh": _unary(
        lambda x, n: exact.sinh(x) if abs(n) < 2000.0 else exact.inf * n,
        lambda x, n, out: exact.cosh(x),
        overflow=OverflowError,
    ),
    "cosh": _unary(
        lambda x, n: exact.cosh(x) if abs(n) < 2000.0 else exact.inf,
        lambda x, n, out: exact.sinh(x),
        overflow=OverflowError,
    ),
    "tanh": _unary(
        lambda x, n: exact.tanh(x) if abs(n) < 2000.0 else mpf(math.copysign(1.0, n)),
        lambda x, n, out: 1 / exact.cosh(x) ** 2 if abs(n) < 2000.0 else ZERO,
    ),
    "asinh": _unary(lambda x, _: exact.asinh(x), lambda x, n, out: 1 / exact.sqrt(1 + x * x)),
    "acosh": _unary(
        lambda x, _: exact.acosh(x), lambda x, n, out: _inverse_root((x - 1) * (x + 1)), error=_outside(lambda n: n < 1)
    ),
    "atanh": _unary(
        lambda x, _: exact.atanh(x),
        lambda x, n, out: 1 / ((1 - x) * (1 + x)),
        error=_outside(lambda n: abs(n) >= 1),
    ),
    "sigmoid": _unary(logistic, lambda x, n, out: logistic(x, n) * logistic(-x, -n)),
    "softplus": _unary(
        lambda x, n: (x if n > 0 else ZERO) + _softplus_rest(exponential(-abs(x), -abs(n))),
        lambda x, n, out: logistic(x, n),
    ),
    "relu": _unary(
        lambda x, n: x if n > 0 else ZERO, lambda x, n, out: ONE if n > 0 else ZERO, value_ulps=0.0, partial_ulps=0.0
    ),
    "erf": _unary(
        lambda x, n: exact.erf(x) if abs(n) < 45.0 else mpf(math.copysign(1.0, n)),
        lambda x, n, out: TWO / SQRT_PI * bell(x, n),
    ),
    "erfc": _unary(  # the C library's own error is 2.6
        upper_tail, lambda x, n, out: -TWO / SQRT_PI * bell(x, n), value_ulps=4.0
    ),
    "gelu": _unary(_gelu, _gelu_partial, value_ulps=4.0),  # the same
    "silu": _unary(lambda x, n: x * logistic(x, n), _silu_partial),
    "mish": _unary(lambda x, n: x * _gate(x, n)[0], _mish_partial, value_ulps=4.0),
}


# ---------------------------------------------------------------- operations of two numbers


def _divided(operands: Sequence[Exact], numbers: Sequence[float], out: Exact) -> list[Partial]:
    # The second is computed from the quotient, which has few digits left where it is hardly a float any more.
    _, y = operands
    return [Partial(1 / y), Partial(-out / y, TINY / abs(numbers[1]))]


def _power(operands: Sequence[Exact], numbers: Sequence[float]) -> Exact:
    return power_of(operands[0], numbers[0], operands[1], numbers[1])


def _power_partials(operands: Sequence[Exact], numbers: Sequence[float], out: Exact) -> list[Partial]:
    (x, y), (base, exponent) = operands, numbers
    if base == 0.0:
        by_base = NO_DERIVATIVE if 0.0 < exponent < 1.0 else Partial(ONE if exponent == 1.0 else ZERO)
        return [by_base, Partial(ZERO)]
    by_base = Partial(ZERO) if exponent == 0.0 else Partial(out * y / x)
    if base < 0.0:
        return [by_base, NO_DERIVATIVE]
    # The second is computed from the power, which has few digits left where it is hardly a float any more.
    logarithm = exact.log(x)
    return [by_base, Partial(out * logarithm, TINY * abs(float(logarithm)))]


def _power_error(numbers: Sequence[float]) -> type[Exception] | None:
    base, exponent = numbers
    if base == 0.0 and exponent < 0.0:
        return ZeroDivisionError
    return ValueError if base < 0.0 and math.fmod(exponent, 1.0) != 0.0 else None


def _angle(operands: Sequence[Exact], numbers: Sequence[float]) -> Exact:
    (x, y), (vertical, horizontal) = operands, numbers
    if vertical == 0.0:  # IEEE 754: a zero has a side
        return ZERO if math.copysign(1.0, horizontal) > 0 else exact.pi * math.copysign(1.0, vertical)
    return exact.atan2(x, y)


def _angle_partials(operands: Sequence[Exact], numbers: Sequence[float], out: Exact) -> list[Partial]:
    x, y = operands
    square = x * x + y * y
    if square == 0:
        return [NO_DERIVATIVE, NO_DERIVATIVE]
    # Computed from the smaller over the larger coordinate, which may hardly be a float any more.
    slack = TINY / max(abs(numbers[0]), abs(numbers[1]))
    return [Partial(y / square, slack), Partial(-x / square, slack)]


def _hypot_partials(operands: Sequence[Exact], numbers: Sequence[float], out: Exact) -> list[Partial]:
    if out == 0:
        return [NO_DERIVATIVE, NO_DERIVATIVE]
    slack = TINY / max(abs(numbers[0]), abs(numbers[1]))  # where the distance has few digits left
    return [Partial(operand / out, slack) for operand in operands]


def _leaky(operands: Sequence[Exact], numbers: Sequence[float], out: Exact) -> list[Partial]:
    x, y = operands
    return [Partial(ONE), Partial(ZERO)] if numbers[0] > 0 else [Partial(y), Partial(x)]


def _elu_partials(operands: Sequence[Exact], numbers: Sequence[float], out: Exact) -> list[Partial]:
    (x, y), (number, _) = operands, numbers
    if number > 0:
        return [Partial(ONE), Partial(ZERO)]
    return [Partial(y * exponential(x, number), TINY * abs(numbers[1])), Partial(exponential_minus_one(x, number))]


def _chosen(sign: int) -> Callable[[Sequence[Exact], Sequence[float], Exact], list[Partial]]:
    def partials(operands: Sequence[Exact], numbers: Sequence[float], out: Exact) -> list[Partial]:
        x, y = numbers
        if x == y:
            return [Partial(HALF), Partial(HALF)]
        return [Partial(ONE), Partial(ZERO)] if (x > y) == (sign > 0) else [Partial(ZERO), Partial(ONE)]

    return partials


BINARY: dict[str, Rules] = {
    "add": Rules(
        lambda o, _: o[0] + o[1], lambda o, n, out: [Partial(ONE), Partial(ONE)], value_ulps=0.0, partial_ulps=0.0
    ),
    "subtract": Rules(
        lambda o, _: o[0] - o[1], lambda o, n, out: [Partial(ONE), Partial(-ONE)], value_ulps=0.0, partial_ulps=0.0
    ),
    "multiply": Rules(
        lambda o, _: o[0] * o[1], lambda o, n, out: [Partial(o[1]), Partial(o[0])], value_ulps=0.0, partial_ulps=0.0
    ),
    "divide": Rules(
        lambda o, _: o[0] / o[1],
        _divided,
        error=lambda numbers: ZeroDivisionError if numbers[1] == 0.0 else None,
        value_ulps=0.0,
    ),
    "power": Rules(_power, _power_partials, error=_power_error, overflow=OverflowError),
    "atan2": Rules(_angle, _angle_partials),
    "hypot": Rules(lambda o, _: exact.sqrt(o[0] * o[0] + o[1] * o[1]), _hypot_partials),
    "leaky_relu": Rules(lambda o, n: o[0] if n[0] > 0 else o[0] * o[1], _leaky, value_ulps=0.0, partial_ulps=0.0),
    "elu": Rules(lambda o, n: o[0] if n[0] > 0 else o[1] * exponential_minus_one(o[0], n[0]), _elu_partials),
    "maximum": Rules(lambda o, n: o[0] if n[0] >= n[1] else o[1], _chosen(1), value_ulps=0.0, partial_ulps=0.0),
    "minimum": Rules(lambda o, n: o[0] if n[0] <= n[1] else o[1], _chosen(-1), value_ulps=0.0, partial_ulps=0.0),
}

PRIMITIVES: dict[str, Rules] = {**UNARY, **BINARY}


# ---------------------------------------------------------------- functions of lists, which are sums of many terms


def _terms(numbers: Sequence[float]) -> float:
    return sum(map(abs, numbers))


def _products(numbers: Sequence[float]) -> float:
    half = len(numbers) // 2
    return sum(abs(x * y) for x, y in zip(numbers[:half], numbers[half:], strict=True))


def _dot(operands: Sequence[Exact], numbers: Sequence[float]) -> Exact:
    half = len(operands) // 2
    return sum((x * y for x, y in zip(operands[:half], operands[half:], strict=True)), ZERO)


def _dot_partials(operands: Sequence[Exact], numbers: Sequence[float], out: Exact) -> list[Partial]:
    half = len(operands) // 2
    return [Partial(x) for x in [*operands[half:], *operands[:half]]]


def _norm_partials(operands: Sequence[Exact], numbers: Sequence[float], out: Exact) -> list[Partial]:
    if out == 0:
        return [NO_DERIVATIVE] * len(operands)
    # Numbers whose squares would leave the floats are scaled by a power of two, and their gradients by the inverse; and
    # what flows to the sum of the squares is that of the norm over twice the norm.
    largest = max(map(abs, numbers))
    scale = 2.0**600 if largest < 1e-139 else 1.0 if largest < 1e139 else 2.0**-600
    through = max(1.0, 1.0 / (scale * float(out))) / scale
    return [
        Partial(
            x / out,
            len(operands) * EPSILON * float(abs(x) / out),
            TINY * scale * (2.0 + 4.0 * abs(number) * scale),
            through,
            parts=2,
        )
        for x, number in zip(operands, numbers, strict=True)
    ]


def _logsumexp(operands: Sequence[Exact], numbers: Sequence[float]) -> Exact:
    largest, top = max(operands), max(numbers)
    return largest + exact.log(
        sum((exponential(x - largest, n - top) for x, n in zip(operands, numbers, strict=True)), ZERO)
    )


def shares(operands: Sequence[Exact], numbers: Sequence[float]) -> list[Partial]:
    """The softmax; a float loses digits of a share where the distance to the largest number is rounded."""
    largest, top = max(operands), max(numbers)
    powers = [exponential(x - largest, n - top) for x, n in zip(operands, numbers, strict=True)]
    total = sum(powers, ZERO)
    found = []
    for power, number in zip(powers, numbers, strict=True):
        share = power / total
        found.append(Partial(share, float(share) * EPSILON * (top - number + len(operands))))
    return found


def softmax_partials(operands: Sequence[Exact], numbers: Sequence[float], index: int) -> list[Partial]:
    """Those of one of the shares."""
    all_shares = shares(operands, numbers)
    share = all_shares[index].exact
    relative = max(
        other_share.slack / float(other_share.exact) if float(other_share.exact) else 0.0 for other_share in all_shares
    )
    first = max(range(len(numbers)), key=numbers.__getitem__)
    found = []
    for other, other_share in enumerate(all_shares):
        if other == index:
            rest = sum((all_shares[at].exact for at in range(len(numbers)) if at != index), ZERO)
            exact_partial = share * rest  # 1 minus the share, which has no digits where it is next to nothing
        else:
            exact_partial = -share * other_share.exact
        # To the largest number flows what flows to the others, with the other sign: there, the terms cancel.
        size = float(abs(exact_partial) if other != first or index == first else share)
        found.append(Partial(exact_partial, 2 * size * (relative + 2 * EPSILON), parts=len(numbers)))
    return found


LISTS: dict[str, Rules] = {
    "sum": Rules(
        lambda o, _: sum(o, ZERO),
        lambda o, n, out: [Partial(ONE)] * len(o),
        value_ulps=0.5,
        partial_ulps=0.0,
        slack=lambda n, out: EPSILON * len(n) / 2 * _terms(n),
        reach=_terms,
    ),
    "mean": Rules(
        lambda o, _: sum(o, ZERO) / len(o),
        lambda o, n, out: [Partial(ONE / len(o))] * len(o),
        slack=lambda n, out: EPSILON / 2 * _terms(n),
        reach=_terms,
    ),
    "dot": Rules(
        _dot,
        _dot_partials,
        partial_ulps=0.0,
        slack=lambda n, out: EPSILON * len(n) / 2 * _products(n) + TINY * len(n),
        reach=_products,
    ),
    "norm": Rules(
        lambda o, _: exact.sqrt(sum((x * x for x in o), ZERO)),
        _norm_partials,
        slack=lambda n, out: EPSILON * len(n) * float(out),
    ),
    "logsumexp": Rules(
        _logsumexp,
        lambda o, n, out: shares(o, n),
        slack=lambda n, out: 4 * EPSILON * (max(map(abs, n)) + len(n)),
    ),
}
