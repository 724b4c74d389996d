"""Compares translated rules with the rules of the class, point by point, before they are used."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from autograd.engine.ops import Binary, Unary, as_float
from autograd.rules.expression_reader import RULES
from autograd.rules.expressions import Function
from autograd.rules.numba_language import Numba
from autograd.rules.text import NotTranslatable
from autograd.rules.translate import translated_rules

RANDOM_POINTS = 200
"""The number of random points of its domain at which a translation is compared, besides its samples."""

RTOL, ATOL = 1e-9, 1e-12
"""The tolerances of a comparison, the second in parts of the largest number that the rule gives in its domain, up to 1:
another language may round its functions differently than Python."""

FAR = (0.0, -0.0, 1e-300, 1e-5, 0.5, -0.5, 1.0, -1.0, 2.0, -2.5, 30.0, -30.0, 1e3, -1e3, 1e300, -1e300)
OUTSIDE = (*FAR, math.inf, -math.inf, math.nan)
"""Numbers that may be outside of the domain."""

AMPLIFIED = 1e3
"""Outside of the domain, a translation may differ from the rule by this many times what a change of the operands by
their rounding makes of it: rounding decides what sin(x**3) is at 1e300."""

Columns = Sequence[Sequence[float]]
Rule = Callable[..., Sequence[float]]
"""A rule for many points at once: a sequence for each operand, then that of the values if it is a partial."""


def difference(primitive: Unary | Binary, rules: Mapping[str, Rule]) -> str | None:
    """The first point at which rules in another language differ from those of the class, with both numbers, or None.

    The random points are the same in every call.

    Args:
        primitive: the primitive; its own rules are right.
        rules: by their names, "forward", "partial_x" and "partial_y".
    """
    near = _points_of_its_domain(primitive)
    count = len(primitive.operands)
    points = [*near, *itertools.product(OUTSIDE, repeat=count)]
    values = [_own(primitive, "forward", *point) for point in points]
    found = _difference(primitive, "forward", points, values, rules["forward"], len(near))
    defined = [(index, value) for index, value in enumerate(values) if value is not None]
    with_values = [(*points[index], value) for index, value in defined]
    known = sum(index < len(near) for index, _ in defined)
    for rule in RULES[1 : count + 1]:
        if found is None and with_values:
            partials = [_own(primitive, rule, *point) for point in with_values]
            found = _difference(primitive, rule, with_values, partials, rules[rule], known)
    return found


def _points_of_its_domain(primitive: Unary | Binary) -> list[tuple[float, ...]]:
    dice = random.Random(f"random points to compare {primitive.name} at")
    points = primitive.points()
    if isinstance(primitive, Binary):
        points += [(float(x), float(y)) for x, y in primitive.samples_in_x]
    intervals = primitive.intervals()
    return points + [tuple(dice.uniform(*interval) for interval in intervals) for _ in range(RANDOM_POINTS)]


def _own(primitive: Unary | Binary, rule: str, *numbers: float) -> float | None:
    """What the class's own rule gives; None where it raises an error."""
    try:
        return as_float(primitive, rule, *numbers)
    except Exception:  # noqa: BLE001 # whatever it is, the rule itself raises it again where it is used
        return None


def _difference(
    primitive: Unary | Binary,
    rule: str,
    points: Sequence[tuple[float, ...]],
    expected: Sequence[float | None],
    translation: Rule,
    near: int,
) -> str | None:
    found = translation(*map(list, zip(*points, strict=True)))
    sizes = (abs(own) for own in expected[:near] if own is not None and math.isfinite(own))
    tolerance = ATOL * min(max(sizes, default=1.0), 1.0)
    for index, (point, own, other) in enumerate(zip(points, expected, found, strict=True)):
        if _agree(own, other, tolerance):
            continue
        if index < near or own is None or not _is_amplified(primitive, rule, point, own, other):
            names = [*primitive.operands, "out"]
            at = ", ".join(f"{name} = {number!r}" for name, number in zip(names, point, strict=False))
            shown = "raises an error" if own is None else f"gives {own!r}"
            return f"at {at} {rule} {shown}, and its translation gives {float(other)!r}"
    return None


def _agree(own: float | None, other: float, tolerance: float) -> bool:
    if own is None or math.isnan(own):
        return math.isnan(other)
    if math.isinf(own) or not math.isfinite(other):
        return own == other
    return abs(own - other) <= RTOL * abs(own) + tolerance


def _is_amplified(primitive: Unary | Binary, rule: str, point: tuple[float, ...], own: float, other: float) -> bool:
    """Whether the rounding of the operands explains the difference between two numbers."""
    if not math.isfinite(own - other):
        return False
    moved = (_own(primitive, rule, *(x * factor for x in point)) for factor in (1.0 - 1e-15, 1.0 + 1e-15))
    return any(each is not None and abs(own - other) <= AMPLIFIED * abs(own - each) for each in moved)


# ---------------------------------------------------------------- in Python


def compared_rules(primitive: Unary | Binary) -> dict[str, Function]:
    """The rules of a primitive in no language in particular, after a comparison with those of the class.

    Raises:
        NotTranslatable: they differ, or a rule does something that only Python can do.
    """
    rules = translated_rules(primitive)
    where = difference(primitive, in_python(primitive, rules))
    if where is not None:
        raise NotTranslatable(where)
    return rules


def in_python(primitive: Unary | Binary, rules: Mapping[str, Function]) -> dict[str, Rule]:
    """Rules as functions of many points, run by Python; nan where they raise an error."""
    namespace: dict[str, Any] = {}
    exec(Numba().module(IN_PYTHON, primitive, rules), namespace)
    return {rule: one_by_one(namespace[rule]) for rule in rules}


IN_PYTHON = """\
import math
from math import cbrt, ceil, exp2, floor, fmod, remainder, trunc

from autograd.engine.ops import power as _power

power = _power.forward


def jitted(function):
    return function


def float(number):
    return number  # not of a complex number, of which `one_by_one` makes nan
"""


def one_by_one(function: Callable[..., float]) -> Rule:
    """A function of floats as a function of many points; nan where it raises an error."""

    def of_one(*numbers: float) -> float:
        try:
            result: Any = function(*numbers)
        except (ArithmeticError, ValueError, TypeError):
            return math.nan
        return math.nan if isinstance(result, complex) else float(result)

    return lambda *columns: list(map(of_one, *columns))
