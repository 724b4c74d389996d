"""A rule as a tree, whatever language it is written in: a function of numbers, its statements and expressions.

Numbers are floats, and conditions are true or false. Expressions have no side effects, so one may be written twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

# ---------------------------------------------------------------- numbers


@dataclass(frozen=True, slots=True, eq=False)
class Number:
    """A number; `name` is its name in `autograd.engine.ops`, where it is a constant of that module."""

    value: float
    name: str = ""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Number) and repr(self) == repr(other)  # 0.0 is not -0.0, and nan is nan

    def __hash__(self) -> int:
        return hash(repr(self))


@dataclass(frozen=True, slots=True)
class Variable:
    """A parameter of the function, or a variable that was assigned."""

    name: str


@dataclass(frozen=True, slots=True)
class Negative:
    """-operand"""

    operand: Expression


@dataclass(frozen=True, slots=True)
class Operation:
    """left operator right, for one of + - * / **; the power of two real numbers is a real number, or an error."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Call:
    """A function of Python's `math`, by its name there; or "abs", or "power", the value of the primitive `power`."""

    function: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class RuleCall:
    """The rule ("forward", "partial_x" or "partial_y") of a primitive."""

    primitive: Any
    rule: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """A function that was translated along with the rule that calls it."""

    function: Function
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Select:
    """`chosen` where the condition holds, else `otherwise`; only that one is computed, if the language can."""

    condition: Expression
    chosen: Expression
    otherwise: Expression


# ---------------------------------------------------------------- conditions


@dataclass(frozen=True, slots=True)
class Comparison:
    """left operator right, for one of < <= > >= == !="""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Both:
    """All the conditions hold."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of the conditions holds."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The condition does not hold."""

    part: Expression


@dataclass(frozen=True, slots=True)
class Truth:
    """True or false; a translated function holds none."""

    value: bool


Expression: TypeAlias = (
    Number
    | Variable
    | Negative
    | Operation
    | Call
    | RuleCall
    | FunctionCall
    | Select
    | Comparison
    | Both
    | Either
    | Not
    | Truth
)

# ---------------------------------------------------------------- statements


@dataclass(frozen=True, slots=True)
class Assign:
    """A variable gets a value, for the first time or anew."""

    name: str
    value: Expression


@dataclass(frozen=True, slots=True)
class If:
    """Statements for a condition that holds, and for one that does not."""

    condition: Expression
    then: tuple[Statement, ...]
    otherwise: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Return:
    """The value of the function."""

    value: Expression


@dataclass(frozen=True, slots=True)
class Raise:
    """The function raises a ValueError ("domain"), a ZeroDivisionError ("zero") or an OverflowError ("large")."""

    kind: Literal["domain", "zero", "large"]


Statement: TypeAlias = Assign | If | Return | Raise


@dataclass(frozen=True, slots=True)
class Source:
    """Something that a translation read from outside the function: `found` is what `read` gave at that time."""

    name: str
    read: Callable[[], object]
    found: object

    def is_current(self) -> bool:
        """Whether `read` still gives the same."""
        try:
            now = self.read()
        except (AttributeError, KeyError, ValueError):
            return False
        return now is self.found or (type(now) is type(self.found) in (float, int) and repr(now) == repr(self.found))


@dataclass(frozen=True)
class Function:
    """A function of numbers, whose every path ends in a `Return` or a `Raise`.

    name: its name where it was written. sources: what it, and what it calls, took from outside; `changed` says what
    has changed since.
    """

    name: str
    parameters: tuple[str, ...]
    body: tuple[Statement, ...]
    sources: tuple[Source, ...] = field(default=(), repr=False, compare=False)

    def changed(self) -> str | None:
        """A name that now stands for something else than when this was translated, or None."""
        return next((source.name for source in self.sources if not source.is_current()), None)


def parts(expression: Expression) -> tuple[Expression, ...]:
    """The expressions that an expression is made of."""
    match expression:
        case Negative(operand):
            return (operand,)
        case Operation(_, left, right) | Comparison(_, left, right):
            return (left, right)
        case Call(arguments=given) | RuleCall(arguments=given) | FunctionCall(arguments=given):
            return given
        case Select(condition, chosen, otherwise):
            return (condition, chosen, otherwise)
        case Both(given) | Either(given):
            return given
        case Not(part):
            return (part,)
    return ()


def with_parts(expression: Expression, changed: tuple[Expression, ...]) -> Expression:
    """The expression with other parts, in the order of `parts`."""
    match expression:
        case Negative():
            return Negative(*changed)
        case Operation(operator):
            return Operation(operator, *changed)
        case Comparison(operator):
            return Comparison(operator, *changed)
        case Call(function):
            return Call(function, changed)
        case RuleCall(primitive, rule):
            return RuleCall(primitive, rule, changed)
        case FunctionCall(called):
            return FunctionCall(called, changed)
        case Select():
            return Select(*changed)
        case Both():
            return Both(changed)
        case Either():
            return Either(changed)
        case Not():
            return Not(*changed)
    return expression


def substituted(expression: Expression, values: dict[str, Expression]) -> Expression:
    """The expression with expressions in the place of some variables."""
    if isinstance(expression, Variable):
        return values.get(expression.name, expression)
    made = with_parts(expression, tuple(substituted(part, values) for part in parts(expression)))
    match made:
        case Negative(Number(x, "")):
            return Number(-x)
        case Operation("+", Number(x, ""), Number(y, "")):
            return Number(x + y)
        case Operation("-", Number(x, ""), Number(y, "")):
            return Number(x - y)
        case Operation("*", Number(x, ""), Number(y, "")):
            return Number(x * y)
    return made


def uses(expression: Expression, name: str) -> int:
    """How often an expression reads a variable."""
    return expression == Variable(name) or sum(uses(part, name) for part in parts(expression))


def both(conditions: Iterable[Expression]) -> Expression:
    """That all of some conditions hold."""
    return _connected(Both, conditions, decisive=False)


def either(conditions: Iterable[Expression]) -> Expression:
    """That at least one of some conditions holds."""
    return _connected(Either, conditions, decisive=True)


def _connected(kind: type[Both | Either], conditions: Iterable[Expression], decisive: bool) -> Expression:
    """Conditions as one; a single one that is `decisive`, true or false, decides the whole."""
    found: list[Expression] = []
    for condition in conditions:
        if condition == Truth(decisive):
            return condition
        if condition != Truth(not decisive):
            found += condition.parts if isinstance(condition, kind) else [condition]
    return Truth(not decisive) if not found else found[0] if len(found) == 1 else kind(tuple(found))


def negated(condition: Expression) -> Expression:
    """That a condition does not hold."""
    if isinstance(condition, Truth):
        return Truth(not condition.value)
    return condition.part if isinstance(condition, Not) else Not(condition)
