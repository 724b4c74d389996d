"""A translation is compared with the class: what is noticed, and what is no difference."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from autograd import PRIMITIVES, Binary, Primitive, Unary
from autograd.rules.comparison import OUTSIDE, RANDOM_POINTS, compared_rules, difference, one_by_one
from autograd.rules.expression_reader import is_built_in

pytestmark = pytest.mark.usefixtures("table")


class Wave(Unary):
    """Far out, the rounding of x**3 decides where on the wave it is."""

    name = "wave"
    samples = (0.5,)

    def forward(self, x: float) -> float:
        return math.sin(x**3)

    def partial_x(self, x: Any, out: Any) -> Any:
        return 3.0 * x**2 * math.cos(x**3)


class Whole(Binary):
    name = "whole"
    samples = ((0.5, 1.0),)
    samples_in_x = ((-7.0, 7.0),)

    def forward(self, x: float, y: float) -> float:
        if y == 7.0:
            raise ValueError("not there")
        return math.trunc(x) * y

    def partial_x(self, x: Any, y: Any, out: Any) -> Any:
        return 0.0

    def partial_y(self, x: Any, y: Any, out: Any) -> Any:
        return math.trunc(x)


def own_rules(primitive: Any, **others: Callable[..., float]) -> Any:
    """The rules of a class as those of another language, with others in the place of some."""
    names = ["forward", "partial_x", "partial_y"][: len(primitive.operands) + 1]
    return {name: one_by_one(others.get(name, getattr(primitive, name))) for name in names}


@pytest.mark.parametrize("primitive", [*filter(is_built_in, PRIMITIVES.values())], ids=lambda primitive: primitive.name)
def test_each_translation_of_the_library_is_its_rule(primitive: Any) -> None:
    if primitive.name != "power":
        compared_rules(primitive)


def test_the_rules_are_no_different_from_themselves() -> None:
    for primitive in (Wave(), Whole()):
        assert difference(primitive, own_rules(primitive)) is None


def test_a_difference_is_told_with_its_point_and_both_numbers() -> None:
    wave = Wave()
    assert difference(wave, own_rules(wave, forward=lambda x: math.sin(x**3) + 0.25)) == (
        f"at x = 0.5 forward gives {math.sin(0.125)!r}, and its translation gives {math.sin(0.125) + 0.25!r}"
    )
    whole = Whole()
    told = difference(whole, own_rules(whole, forward=lambda x, y: math.trunc(x) * y))
    assert told == "at x = -7.0, y = 7.0 forward raises an error, and its translation gives -49.0"


def test_a_difference_between_small_numbers_is_noticed() -> None:
    class Small(Unary):
        name = "small"
        samples = (0.5,)

        def forward(self, x: float) -> float:
            return 1e-20 * x

        def partial_x(self, x: Any, out: Any) -> Any:
            return 1e-20

    small = Small()
    assert difference(small, own_rules(small)) is None
    told = difference(small, own_rules(small, partial_x=lambda x, out: 1.1e-20))
    assert told is not None
    assert "partial_x gives 1e-20, and its translation gives 1.1e-20" in told


def test_what_rounding_decides_far_out_is_no_difference() -> None:
    wave = Wave()
    assert difference(wave, own_rules(wave, forward=lambda x: math.sin(x * x * x))) is None


def clamped(x: float) -> int:
    """What a language with whole numbers of 64 bits makes of a number."""
    return max(min(math.trunc(x), 2**63), -(2**63))


def test_a_difference_far_outside_of_the_domain_is_noticed() -> None:
    whole = Whole()
    told = difference(whole, own_rules(whole, partial_y=lambda x, y, out: clamped(x)))
    assert told is not None
    assert "partial_y gives -1e+300, and its translation gives -9.22" in told or "gives 1e+300" in told


@pytest.mark.parametrize(("own", "other"), [(math.inf, 1e3), (math.nan, 1e3), (1e3, math.nan), (math.inf, -math.inf)])
def test_a_number_where_there_is_none_is_noticed(own: float, other: float) -> None:
    class Odd(Unary):
        name = "odd"
        samples = (0.5,)

        def forward(self, x: float) -> float:
            return own if x == 1e3 else x

        def partial_x(self, x: Any, out: Any) -> Any:
            return 1.0

    odd = Odd()
    assert difference(odd, own_rules(odd)) is None
    told = difference(odd, own_rules(odd, forward=lambda x: other if x == 1e3 else x))
    assert told == f"at x = 1000.0 forward gives {own!r}, and its translation gives {other!r}"


def test_the_points_are_the_same_in_every_call() -> None:
    seen: list[Sequence[Primitive]] = []

    def forward(*columns: Any) -> Any:
        seen.append(columns)
        return [math.sin(x**3) if math.isfinite(x) and abs(x) < 1e100 else math.nan for x in columns[0]]

    wave = Wave()
    for _ in range(2):
        difference(wave, {**own_rules(wave), "forward": forward})
    assert repr(seen[0]) == repr(seen[1])
    assert len(seen[0][0]) == 1 + RANDOM_POINTS + len(OUTSIDE)  # type: ignore[arg-type]
