"""Reads the Python text of a rule into a tree from which it can be written in any language.

What a name stands for is looked up where Python would: in the function's own variables, its closure, the globals of
its module, the builtins. Numbers, the functions of `math`, primitives, and functions that use only these can be
translated. Anything else raises `NotTranslatable`, which says what it is and where.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import partial
from types import FunctionType, MethodType
from typing import Any

from autograd.engine import ops
from autograd.engine.ops import Binary, Unary
from autograd.rules.expression_reader import RULES, ExpressionReader, is_built_in
from autograd.rules.expressions import (
    Assign,
    Expression,
    Function,
    If,
    Number,
    Raise,
    Return,
    Source,
    Statement,
    Truth,
    Variable,
    uses,
)
from autograd.rules.kinds import Typed, as_number, joined
from autograd.rules.text import (
    NotTranslatable,
    Scope,
    code_of,
    definition_in_file,
    definition_of,
    scope_of,
    shown,
)

ERRORS: dict[object, Any] = {ValueError: "domain", ZeroDivisionError: "zero", OverflowError: "large"}


def translated_rules(primitive: Unary | Binary) -> dict[str, Function]:
    """The rules of a primitive, by name; without "forward" for `power`, which every language has an operator for.

    Raises:
        NotTranslatable: one of them does something that only Python can do.

    >>> rule = translated_rules(ops.exp)["partial_x"]
    >>> rule.parameters, rule.body
    (('x', 'out'), (Return(value=Variable(name='out')),))
    """
    translator = _Translator()
    names = [name for name in RULES[: len(primitive.operands) + 1] if (primitive, name) != (ops.power, "forward")]
    return {name: translator.rule(primitive, name)[0] for name in names}


def translated(primitive: Unary | Binary, rule: str) -> Function:
    """One rule of a primitive: "forward", "partial_x" or "partial_y".

    Raises:
        NotTranslatable: it does something that only Python can do.
    """
    return _Translator().rule(primitive, rule)[0]


class _Translator:
    """Translates rules and the functions that they call, each once."""

    def __init__(self) -> None:
        self._done: dict[object, tuple[Function, str]] = {}
        self._open: list[object] = []

    def rule(self, primitive: Any, rule: str) -> tuple[Function, str]:
        """A rule, and the kind of number that it gives."""
        operands = len(primitive.operands)
        method = getattr(primitive, rule)
        parameters = operands if rule == "forward" else operands + 1
        if is_built_in(primitive) and not isinstance(method, MethodType):
            definition = definition_in_file(type(primitive).__module__, f"{type(primitive).__name__}.{rule}")
            scope = Scope(definition, vars(ops), {}, primitive)
        else:
            own = isinstance(method, MethodType) and method.__self__ is primitive
            function = method.__func__ if own else method
            if not isinstance(function, FunctionType):
                raise NotTranslatable(f"{rule} of {primitive.name} is no function that was written with def")
            scope = scope_of(function, primitive if own else None)
        place = (type(primitive), rule)
        name = f"{type(primitive).__name__}.{rule}"
        reads = (partial(definition_of, place), partial(code_of, place))
        made, kind = self._function((id(primitive), rule), scope, [Source(name, read, read()) for read in reads])
        if len(made.parameters) != parameters:
            raise NotTranslatable(f"{rule} of {primitive.name} takes {len(made.parameters)} numbers, not {parameters}")
        return made, kind

    def function(self, function: Any) -> tuple[Function, str]:
        """A function, and the kind of what it gives."""
        if isinstance(function, FunctionType):
            scope = scope_of(function, None)
        else:
            definition = definition_in_file(function.__module__, function.__name__)
            scope = Scope(definition, vars(sys.modules[function.__module__]), {}, None)
        return self._function(function, scope, None)

    def _function(self, key: object, scope: Scope, sources: list[Source] | None) -> tuple[Function, str]:
        if key in self._done:
            return self._done[key]
        if key in self._open:
            raise NotTranslatable(f"{scope.definition.name} calls itself")
        self._open.append(key)
        try:
            is_rule = sources is not None
            reader = _Reader(self, scope, sources or [], gives_number=is_rule)
            made = reader.function()
            if not is_rule and reader.returned != {"truth"}:  # conditions, if there are any, count as numbers
                reader = _Reader(self, scope, [], gives_number=True)
                made = reader.function()
            kinds = reader.returned
            self._done[key] = made, "truth" if kinds == {"truth"} else "int" if "int" in kinds else "float"
        except RecursionError:
            raise NotTranslatable(f"{scope.definition.name} is nested too deeply") from None
        finally:
            self._open.pop()
        return self._done[key]


# ---------------------------------------------------------------- reading it


class _Reader(ExpressionReader):
    """Reads one function, statement by statement."""

    def __init__(self, translator: _Translator, scope: Scope, sources: list[Source], gives_number: bool) -> None:
        super().__init__(translator, scope, sources)
        self._gives_number = gives_number
        self.returned: set[str] = set()

    def function(self) -> Function:
        definition = self._scope.definition
        known = {name: Typed(Variable(name), "float") for name in self._parameters}
        body, is_complete = self._block(definition.body, known)
        if not is_complete:
            self._refuse(definition, "may end without a return")
        return Function(definition.name, tuple(self._parameters), body, tuple(self._sources))

    def _block(self, statements: list[ast.stmt], known: dict[str, Typed]) -> tuple[tuple[Statement, ...], bool]:
        """The statements, and whether every path through them ends; `known` are the variables that have a value."""
        made: list[Statement] = []
        for statement in statements:
            match statement:
                case ast.Expr(ast.Constant()) | ast.Pass():
                    pass
                case ast.Return(ast.expr() as value):
                    found = self._value(value, known)
                    if self._gives_number:
                        found = as_number(found)
                    self.returned.add(found.kind)
                    made.append(Return(found.expression))
                    return tuple(made), True
                case ast.Raise(exc=ast.expr() as raised):
                    made.append(Raise(self._kind_of_error(raised)))
                    return tuple(made), True
                case ast.If(test, body, orelse):
                    condition = self._truth(test, known)
                    if isinstance(condition, Truth):
                        inner, is_complete = self._block(body if condition.value else orelse, known)
                        made += inner
                        if is_complete:
                            return tuple(made), True
                        continue
                    after_then, after_else = dict(known), dict(known)
                    then, then_ends = self._block(body, after_then)
                    otherwise, else_ends = self._block(orelse, after_else)
                    if then_ends and not else_ends:
                        made.append(If(condition, then, ()))
                        made += otherwise
                        known.clear()
                        known.update(after_else)
                        continue
                    made.append(If(condition, then, otherwise))
                    if then_ends and else_ends:
                        return tuple(made), True
                    known_after = after_then if else_ends else joined(after_then, after_else)
                    known.clear()
                    known.update(known_after)
                case ast.Assign(targets=targets, value=value):
                    for target in targets[1:]:
                        self._refuse(target, "assigns one value to several names")
                    made += self._assigned(targets[0], value, known)
                case ast.AnnAssign(target=ast.Name() as target, value=ast.expr() as value):
                    made += self._assigned(target, value, known)
                case ast.AugAssign(target=ast.Name(id=name), op=sign, value=value):
                    left = ast.copy_location(ast.Name(name, ast.Load()), statement)
                    both = ast.copy_location(ast.BinOp(left, sign, value), statement)
                    made += self._assigned(ast.Name(name, ast.Store()), both, known)
                case _:
                    self._refuse(statement, f"holds a statement that is not translated: {shown(statement)}")
        return tuple(made), False

    def _assigned(self, target: ast.expr, value: ast.expr, known: dict[str, Typed]) -> Iterator[Statement]:
        if isinstance(target, ast.Name):
            pairs = [(target, value)]
        elif (
            isinstance(target, ast.Tuple)
            and isinstance(value, ast.Tuple)
            and len(target.elts) == len(value.elts)
            and all(isinstance(each, ast.Name) for each in target.elts)
        ):
            pairs = list(zip(target.elts, value.elts, strict=True))  # type: ignore[arg-type]
        else:
            self._refuse(target, f"assigns to what is no plain name: {shown(target)}")
        found = [(name.id, self._value(part, known)) for name, part in pairs]
        names = {name for name, _ in found}
        for index, (name, typed) in enumerate(found):
            if typed.expression == Variable(name):
                continue
            later = [other.expression for _, other in found[index + 1 :]]
            if len(names) < len(found) or any(uses(each, name) for each in later):
                self._refuse(target, "exchanges names; assign them one after the other")
            if isinstance(typed.expression, Truth) or self._is_another_name(name, typed.expression):
                known[name] = typed
            else:
                yield Assign(name, typed.expression)
                known[name] = Typed(Variable(name), typed.kind)

    def _is_another_name(self, name: str, expression: Expression) -> bool:
        """Whether a variable is, for good, a number or the same as an older one."""
        times = self._times_set
        is_older = isinstance(expression, Variable) and times[expression.name] == 1
        return times[name] == 1 and (is_older or isinstance(expression, Number))

    def _kind_of_error(self, raised: ast.expr) -> Any:
        made = raised.func if isinstance(raised, ast.Call) else raised
        kind = self._object(made)
        if kind not in ERRORS:
            self._refuse(raised, f"raises {shown(made)}; only {', '.join(each.__name__ for each in ERRORS)} can be")  # type: ignore[attr-defined]
        return ERRORS[kind]
