"""Expressions with the kind of number that Python computes for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from autograd.rules.expressions import (
    Comparison,
    Expression,
    Function,
    Number,
    Return,
    Select,
    Truth,
    Variable,
    parts,
    substituted,
    uses,
)

SMALL = 30
"""A function of one expression is written out where it is called, up to this size."""


class Typed(NamedTuple):
    """An expression, and what it gives: a "float", an "int" (in which there is no -0.0) or a "truth"."""

    expression: Expression
    kind: str


def plain_numbers(expressions: Sequence[Expression]) -> list[float] | None:
    """The numbers, if all expressions are numbers without a name."""
    numbers = [each.value for each in expressions if isinstance(each, Number) and not each.name]
    return numbers if len(numbers) == len(expressions) else None


def written_out(called: Function, arguments: tuple[Expression, ...]) -> Expression | None:
    """What a function of one small expression gives for some arguments, each of which is computed once."""
    if len(called.body) != 1 or not isinstance(called.body[0], Return):
        return None
    value = called.body[0].value
    for name, argument in zip(called.parameters, arguments, strict=True):
        if not isinstance(argument, (Variable, Number)) and uses(value, name) != 1:
            return None
    if _size(value) > SMALL:
        return None
    return substituted(value, dict(zip(called.parameters, arguments, strict=True)))


def _size(expression: Expression) -> int:
    return 1 + sum(map(_size, parts(expression)))


def joined(first: dict[str, Typed], other: dict[str, Typed]) -> dict[str, Typed]:
    """What is known where two branches meet: variables that have a value in both."""
    joined = {}
    for name in first.keys() & other.keys():
        kinds = {first[name].kind, other[name].kind}
        if first[name] == other[name]:
            joined[name] = first[name]
        elif Variable(name) == first[name].expression == other[name].expression and "truth" not in kinds:
            joined[name] = Typed(Variable(name), "int")
    return joined


def as_number(typed: Typed) -> Typed:
    """A condition as a number: 1 where it holds, else 0."""
    if typed.kind != "truth":
        return typed
    if isinstance(typed.expression, Truth):
        return Typed(Number(float(typed.expression.value)), "int")
    return Typed(Select(typed.expression, Number(1.0), Number(0.0)), "int")


def as_truth(typed: Typed) -> Expression:
    """A number as a condition: whether it is not 0."""
    if typed.kind == "truth":
        return typed.expression
    if isinstance(typed.expression, Number):
        return Truth(bool(typed.expression.value))
    return Comparison("!=", typed.expression, Number(0.0))
