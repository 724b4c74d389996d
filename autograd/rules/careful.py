"""Rules that give nan wherever Python raises an error, even if the next step would make a number of it.

1 / (1 + math.exp(-x)) raises an OverflowError at -1000. A language that continues with infinity returns 0.0, and nobody
would see that the rule is not defined there. So a check follows each step that may raise an error.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from autograd.rules.expression_reader import is_built_in
from autograd.rules.expressions import (
    Assign,
    Both,
    Call,
    Comparison,
    Either,
    Expression,
    Function,
    FunctionCall,
    If,
    Number,
    Operation,
    Raise,
    Return,
    RuleCall,
    Select,
    Statement,
    Truth,
    Variable,
    both,
    either,
    negated,
    parts,
    with_parts,
)
from autograd.rules.language import assigned, unique
from autograd.rules.translate import translated

ZERO, ONE = Number(0.0), Number(1.0)


def _is_finite(x: Expression) -> Expression:
    return Call("isfinite", (x,))


def _is_infinite(x: Expression) -> Expression:
    return Call("isinf", (x,))


def _overflows(found: Expression, *operands: Expression) -> Expression:
    """The result is not finite although the operands are."""
    return both([negated(_is_finite(found)), *map(_is_finite, operands)])


def _outside(x: Expression, operator: str, limit: float) -> Expression:
    return either([Comparison(f"<{operator}", x, Number(-limit)), Comparison(f">{operator}", x, Number(limit))])


_Fails = Callable[..., Expression]

FAILS: dict[str, _Fails] = {
    **dict.fromkeys(("log", "log2", "log10"), lambda _, x: Comparison("<=", x, ZERO)),
    "log1p": lambda _, x: Comparison("<=", x, Number(-1.0)),
    "sqrt": lambda _, x: Comparison("<", x, ZERO),
    **dict.fromkeys(("asin", "acos"), lambda _, x: _outside(x, "", 1.0)),
    "acosh": lambda _, x: Comparison("<", x, ONE),
    "atanh": lambda _, x: _outside(x, "=", 1.0),
    **dict.fromkeys(("sin", "cos", "tan"), lambda _, x: _is_infinite(x)),
    **dict.fromkeys(("exp", "expm1", "exp2", "sinh", "cosh", "lgamma", "pow", "power"), _overflows),
    "gamma": lambda found, x: either([_overflows(found, x), Comparison("==", x, Number(-math.inf))]),
    **dict.fromkeys(("fmod", "remainder"), lambda _, x, y: either([_is_infinite(x), Comparison("==", y, ZERO)])),
    **dict.fromkeys(("floor", "ceil", "trunc"), lambda _, x: negated(_is_finite(x))),
}
"""For each function of `math` that may raise: when it does, as a condition on its result and its operands."""


def careful(function: Function) -> Function:
    """The function, with a check after each step that may raise an error in Python, and a `Raise` where it does.

    >>> from autograd.engine import ops
    >>> careful(translated(ops.log, "partial_x")).body[0].condition  # 1 / x
    Comparison(operator='==', left=Variable(name='x'), right=Number(value=0.0, name=''))
    """
    return _Careful({}).function(function)


class _Careful:
    """Rewrites functions, each once.

    It keeps the names and steps of the current function, and, for the current statement, the steps to run before it and
    the conditions under which one of them fails.
    """

    def __init__(self, done: dict[Any, Function]) -> None:
        self._done = done
        self._taken: set[str] = set()
        self._steps: dict[Expression, Expression] = {}
        self._before: list[Statement] = []
        self._failures: list[Expression] = []

    def function(self, function: Function) -> Function:
        if function not in self._done:
            inner = _Careful(self._done)
            inner._taken = {*function.parameters, *assigned(function.body)}
            body = tuple(inner._block(function.body))
            self._done[function] = Function(function.name, function.parameters, body, function.sources)
        return self._done[function]

    # ------------------------------------------------------------ statements

    def _block(self, statements: Iterable[Statement]) -> Iterator[Statement]:
        for statement in statements:
            match statement:
                case Assign(name, value):
                    made: Statement = Assign(name, self._looked_at(value))
                case Return(value):
                    made = Return(self._looked_at(value))
                case If(condition, then, otherwise):
                    condition = self._looked_at(condition)
                    before = self._flushed()
                    made = If(condition, tuple(self._block(then)), tuple(self._block(otherwise)))
                    yield from before
                case Raise():
                    made = statement
            yield from self._flushed()
            yield made

    def _flushed(self) -> list[Statement]:
        """The steps to run before the current statement, and the check whether one of them failed."""
        found, failures = self._before, either(self._failures)
        if failures != Truth(False):
            found.append(If(failures, (Raise("domain"),), ()))
        self._before, self._failures = [], []
        return found

    # ------------------------------------------------------------ expressions

    def _looked_at(self, expression: Expression) -> Expression:
        return self._expression(expression, Truth(True))

    def _expression(self, expression: Expression, path: Expression) -> Expression:
        """The expression after its steps are noted; Python computes it where `path` holds."""
        match expression:
            case Select(condition, chosen, otherwise):
                condition = self._expression(condition, path)
                taken, other = both([path, condition]), both([path, negated(condition)])
                return Select(condition, self._expression(chosen, taken), self._expression(otherwise, other))
            case Both(conditions) | Either(conditions):
                made = []
                for condition in conditions:
                    made.append(self._expression(condition, path))
                    holds = made[-1] if isinstance(expression, Both) else negated(made[-1])
                    path = both([path, holds])
                return both(made) if isinstance(expression, Both) else either(made)
        made_parts = tuple(self._expression(part, path) for part in parts(expression))
        return self._step(with_parts(expression, made_parts), path)

    def _step(self, expression: Expression, path: Expression) -> Expression:
        match expression:
            case Operation("/", left, right):
                if self._is_positive(right) or (isinstance(right, Number) and right.value):
                    return expression
                right = self._variable(right)
                self._fails(Comparison("==", right, ZERO), path)
                return Operation("/", left, right)
            case Operation("**", left, right):
                left, right = self._variable(left), self._variable(right)
                power: Expression = Operation("**", left, right)
                if right == Number(2.0):
                    power = Operation("*", left, left)
                elif right == Number(0.5):  # of which some languages make a square root
                    power = Select(Comparison("==", left, Number(-math.inf)), Number(math.inf), power)
                found = self._variable(power)
                self._fails(_overflows(found, left, right), path)
                return found
            case Call(function, arguments) if function in FAILS:
                operands = tuple(map(self._variable, arguments))
                found = self._variable(Call(function, operands))
                self._fails(FAILS[function](found, *operands), path)
                return found
            case RuleCall(primitive, rule, arguments) if not is_built_in(primitive):
                return self._step(FunctionCall(translated(primitive, rule), arguments), path)
            case RuleCall(arguments=arguments):
                operands = tuple(map(self._variable, arguments))
                found = self._variable(with_parts(expression, operands))
                self._fails(_overflows(found, *operands), path)
                return found
            case FunctionCall(called, arguments):
                operands = tuple(map(self._variable, arguments))
                found = self._variable(FunctionCall(self.function(called), operands))
                is_nan = [Call("isnan", (found,)), *(negated(Call("isnan", (each,))) for each in operands)]
                self._fails(both(is_nan), path)
                return found
        return expression

    def _variable(self, expression: Expression) -> Expression:
        """The expression in a variable of its own, where it is more than a name or a number."""
        if isinstance(expression, (Variable, Number)):
            return expression
        name = unique("step", self._taken)
        self._taken.add(name)
        self._before.append(Assign(name, expression))
        self._steps[Variable(name)] = expression
        return Variable(name)

    def _fails(self, failure: Expression, path: Expression) -> None:
        self._failures.append(both([path, _known(failure)]))

    def _is_positive(self, expression: Expression) -> bool:
        """Whether it is known to be greater than 0, or nan."""
        match expression:
            case Number(value):
                return value > 0.0
            case Operation("+", left, right):
                if self._is_positive(left):
                    return self._is_not_negative(right)
                return self._is_positive(right) and self._is_not_negative(left)
        return False

    def _is_not_negative(self, expression: Expression) -> bool:
        match self._steps.get(expression, expression):
            case Call("abs" | "exp" | "exp2" | "sqrt" | "cosh"):
                return True
            case Operation("*", left, right):
                return left == right
            case Operation("+", left, right):
                return self._is_not_negative(left) and self._is_not_negative(right)
        return self._is_positive(expression)


def _known(condition: Expression) -> Expression:
    """A condition, simplified where it asks about plain numbers."""
    match condition:
        case Call("isfinite", (Number(value),)):
            return Truth(math.isfinite(value))
        case Call("isinf", (Number(value),)):
            return Truth(math.isinf(value))
        case Both(conditions):
            return both(map(_known, conditions))
        case Either(conditions):
            return either(map(_known, conditions))
    return condition
