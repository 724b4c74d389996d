"""The array rules of the compiler are the scalar rules of the primitives."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest

from autograd import PRIMITIVES, Primitive, Unary
from autograd.compiler.arrays.lookup import TAPE_RULES, array_rule
from autograd.compiler.arrays.rules import ARRAY_RULES
from autograd.compiler.tape import EQUAL, LESS, LESS_EQUAL, SELECT_IF, SELECT_UNLESS, TapeOperation

BUILT_IN = [primitive for primitive in PRIMITIVES.values() if type(primitive).__module__.startswith("autograd.")]
CHOICES = [LESS, LESS_EQUAL, EQUAL, SELECT_IF, SELECT_UNLESS]


def points(primitive: Primitive) -> list[tuple[float, ...]]:
    """The sample points, and random ones from the domain."""
    dice = random.Random(0)
    drawn = [tuple(dice.uniform(*interval) for interval in primitive.intervals()) for _ in range(200)]
    return primitive.points() + [tuple(map(float, pair)) for pair in getattr(primitive, "samples_in_x", ())] + drawn


def by_numbers(function: Any, *operands: float) -> float:
    """The scalar rule; nan where it raises."""
    try:
        return float(function(*operands))
    except (ArithmeticError, ValueError):
        return math.nan


def assert_equal(found: Any, wanted: list[float]) -> None:
    finite = np.isfinite(wanted)
    np.testing.assert_allclose(np.broadcast_to(found, len(wanted))[finite], np.array(wanted)[finite], rtol=1e-12)
    assert not np.isfinite(np.broadcast_to(found, len(wanted))[~finite]).any()


def test_every_primitive_has_an_array_rule_and_no_rule_is_left_over() -> None:
    assert set(ARRAY_RULES) == {primitive.name for primitive in BUILT_IN}
    assert set(TAPE_RULES) == {choice.name for choice in CHOICES}


@pytest.mark.parametrize("primitive", BUILT_IN, ids=lambda primitive: primitive.name)
def test_the_array_rule_is_the_scalar_rule(primitive: Any) -> None:
    rule, at = array_rule(primitive), points(primitive)
    operands = list(np.array(at).T)
    with np.errstate(all="ignore"):
        found = rule.forward(*operands)
        assert_equal(found, [primitive.forward(*point) for point in at])
        scalar_rules = [primitive.partial_x] + ([] if isinstance(primitive, Unary) else [primitive.partial_y])
        for scalar_rule, partial in zip(scalar_rules, rule.partials, strict=True):
            wanted = [by_numbers(scalar_rule, *point, primitive.forward(*point)) for point in at]
            assert_equal(partial(*operands, found), wanted)


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: choice.name)
def test_the_array_rule_of_a_choice_is_its_scalar_rule(choice: TapeOperation) -> None:
    at = [(0.0, 2.0), (1.0, 3.0), (1.0, 1.0), (2.0, -1.0), (0.0, 0.0)]
    rule, operands = array_rule(choice), list(np.array(at).T)
    found = rule.forward(*operands)
    assert_equal(found, [choice.forward(*point) for point in at])
    for scalar_rule, partial in zip([choice.partial_x, choice.partial_y], rule.partials, strict=True):
        assert_equal(partial(*operands, found), [scalar_rule(*point, 0.0) for point in at])


@pytest.mark.parametrize("name", ["relu", "sigmoid", "softplus", "maximum", "exp", "tanh"])
def test_a_nan_stays_a_nan(name: str) -> None:
    count = len(PRIMITIVES[name].operands)
    assert np.isnan(array_rule(PRIMITIVES[name]).forward(*[np.array([math.nan])] * count)).all()


@pytest.mark.parametrize("primitive", BUILT_IN, ids=lambda primitive: primitive.name)
def test_single_precision_stays_single_precision(primitive: Any) -> None:
    operands = list(np.array(primitive.points(), np.float32).T)
    rule = array_rule(primitive)
    with np.errstate(all="ignore"):
        found = rule.forward(*operands)
        assert found.dtype == np.float32
        for partial in rule.partials:
            assert (operands[0] * partial(*operands, found)).dtype == np.float32
