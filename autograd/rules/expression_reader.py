"""Reads the expressions in the text of a rule, and looks up what their names stand for."""

import ast
import builtins
import contextlib
import math
from collections import ChainMap, Counter
from collections.abc import Callable
from functools import partial
from types import FunctionType, ModuleType
from typing import Any, NoReturn, Protocol

from autograd.engine import ops
from autograd.engine.ops import Binary, Primitive, Unary
from autograd.rules.expressions import (
    Call,
    Comparison,
    Expression,
    Function,
    FunctionCall,
    Negative,
    Number,
    Operation,
    RuleCall,
    Select,
    Source,
    Truth,
    both,
    either,
    negated,
)
from autograd.rules.kinds import Typed, as_number, as_truth, plain_numbers, written_out
from autograd.rules.text import (
    NotTranslatable,
    Scope,
    described,
    shown,
)

RULES = ("forward", "partial_x", "partial_y")
"""The rules that a primitive has; without the last, one of one operand."""

OPERATORS: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**"}
COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}

ARITIES = {
    **dict.fromkeys(("exp", "expm1", "exp2", "log", "log1p", "log2", "log10", "sqrt", "cbrt"), 1),
    **dict.fromkeys(("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh"), 1),
    **dict.fromkeys(("atanh", "erf", "erfc", "gamma", "lgamma", "fabs"), 1),
    **dict.fromkeys(("floor", "ceil", "trunc", "isnan", "isinf", "isfinite"), 1),
    **dict.fromkeys(("atan2", "copysign", "pow", "hypot", "fmod", "remainder"), 2),
}
"""The functions of `math` that can be translated, and how many numbers each takes."""
TRUTHS = {"isnan", "isinf", "isfinite"}
BUILTINS = {abs, float, bool, pow, max, min}
WHOLE = {"floor", "ceil", "trunc"}


def _larger(x: float, y: float) -> float:
    return y if y > x else x


def _smaller(x: float, y: float) -> float:
    return y if y < x else x


def is_built_in(primitive: object) -> bool:
    """Whether a primitive is one of the library."""
    return type(primitive).__module__ == ops.__name__


class Translator(Protocol):
    """Gives the functions that a rule calls, translated, with the kind of number that each returns."""

    def rule(self, primitive: Any, rule: str) -> tuple[Function, str]: ...
    def function(self, function: Any) -> tuple[Function, str]: ...


class ExpressionReader:
    """Reads the expressions of one function.

    Args:
        translator: translates what they call.
        scope: the function, and what its names stand for.
        sources: where what it reads from outside is noted.
    """

    def __init__(self, translator: Translator, scope: Scope, sources: list[Source]) -> None:
        self._translator = translator
        self._scope = scope
        self._sources = sources
        arguments = scope.definition.args
        self._parameters = [each.arg for each in arguments.posonlyargs + arguments.args]
        if arguments.vararg or arguments.kwarg or arguments.kwonlyargs:
            self._refuse(scope.definition, "takes a number of arguments that is not fixed, or by their names alone")
        self._self = None
        if scope.of is not None:
            self._self, *self._parameters = self._parameters or [None]  # type: ignore[list-item]
        names = [node for node in ast.walk(scope.definition) if isinstance(node, ast.Name)]
        self._times_set = Counter(self._parameters + [node.id for node in names if not isinstance(node.ctx, ast.Load)])

    def _refuse(self, node: ast.AST, what: str) -> NoReturn:
        scope = self._scope
        where = f"{scope.file}:{getattr(node, 'lineno', 1)}: " if scope.file else ""
        raise NotTranslatable(f"{where}{scope.definition.name} {what}")

    def _number(self, node: ast.expr, known: dict[str, Typed]) -> Expression:
        return as_number(self._value(node, known)).expression

    def _truth(self, node: ast.expr, known: dict[str, Typed]) -> Expression:
        match node:
            case ast.BoolOp(ast.And(), values):
                return both([self._truth(value, known) for value in values])
            case ast.BoolOp(_, values):
                return either([self._truth(value, known) for value in values])
            case ast.UnaryOp(ast.Not(), operand):
                return negated(self._truth(operand, known))
        return as_truth(self._value(node, known))

    def _value(self, node: ast.expr, known: dict[str, Typed]) -> Typed:
        match node:
            case ast.Constant(value=bool() as value):
                return Typed(Truth(value), "truth")
            case ast.Constant(value=float() | int() as value):
                return self._constant(node, value)
            case ast.Name(id=name) if name in self._times_set:
                if name not in known:
                    self._refuse(node, f"may use {name} before it has a value")
                return known[name]
            case ast.Name() | ast.Attribute():
                return self._from_name(node)
            case ast.UnaryOp(ast.UAdd(), operand):
                return as_number(self._value(operand, known))
            case ast.UnaryOp(ast.USub(), operand):
                return self._negative(node, as_number(self._value(operand, known)))
            case ast.UnaryOp(ast.Not()) | ast.BoolOp():
                return self._logical(node, known)
            case ast.BinOp(left, sign, right) if type(sign) in OPERATORS:
                sides = [as_number(self._value(side, known)) for side in (left, right)]
                return self._operation(node, OPERATORS[type(sign)], *sides)
            case ast.BinOp():
                self._refuse(node, f"uses an operator other than + - * / **: {shown(node)}")
            case ast.Compare():
                return Typed(self._compared(node, known), "truth")
            case ast.IfExp(test, body, orelse):
                return self._selected(test, body, orelse, known)
            case ast.Call():
                return self._called(node, known)
        return self._refuse(node, f"holds what is not translated: {shown(node)}")

    def _from_name(self, node: ast.Name | ast.Attribute) -> Typed:
        value: Any = self._object(node)
        if type(value) is bool:
            return Typed(Truth(value), "truth")
        if type(value) not in (float, int):
            self._refuse(node, f"uses {shown(node)}, which is {described(value)}")
        number = self._constant(node, value)
        if isinstance(node, ast.Name) and self._scope.globals is vars(ops):
            return Typed(Number(float(value), node.id), number.kind)
        return number

    def _constant(self, node: ast.AST, value: float) -> Typed:
        if type(value) is int:
            try:
                is_exact = float(value) == value
            except OverflowError:
                is_exact = False
            if not is_exact:
                self._refuse(node, f"holds the whole number {value}, which no float is; write it as a float")
        return Typed(Number(float(value)), "int" if type(value) is int else "float")

    def _negative(self, node: ast.AST, operand: Typed) -> Typed:
        expression, kind = operand
        if isinstance(expression, Number) and not expression.name:
            value = -expression.value
            return Typed(Number(value + 0.0 if kind == "int" else value), kind)  # -0 is 0, -0.0 is not
        if kind == "int":
            self._refuse(node, "calculates with whole numbers; write 1.0 in place of 1, or float(...)")
        return Typed(Negative(expression), "float")

    def _operation(self, node: ast.AST, sign: str, left: Typed, right: Typed) -> Typed:
        sides = (left.expression, right.expression)
        kinds = (left.kind, right.kind)
        numbers = plain_numbers(sides)
        if numbers is not None:
            x, y = (int(number) if kind == "int" else number for number, kind in zip(numbers, kinds, strict=True))
            value: Any = None
            with contextlib.suppress(ArithmeticError, ValueError):  # it raises where the rule is used
                value = eval(f"x {sign} y", {"x": x, "y": y})
            if type(value) in (int, float):
                return self._constant(node, value)
        if kinds == ("int", "int"):
            if sign not in "+-":  # 0 * -1 is 0, and 0.0 * -1.0 is -0.0
                self._refuse(node, "calculates with whole numbers; write 1.0 in place of 1, or float(...)")
            return Typed(Operation(sign, *sides), "int")
        return Typed(Operation(sign, *sides), "float")

    def _logical(self, node: ast.expr, known: dict[str, Typed]) -> Typed:
        if isinstance(node, ast.BoolOp):
            for value in node.values:
                if self._value(value, known).kind != "truth":
                    self._refuse(node, "uses and, or of numbers as a number; write it with if and else")
        return Typed(self._truth(node, known), "truth")

    def _compared(self, node: ast.Compare, known: dict[str, Typed]) -> Expression:
        sides = [self._number(side, known) for side in (node.left, *node.comparators)]
        made: list[Expression] = []
        for sign, left, right in zip(node.ops, sides, sides[1:], strict=False):
            if type(sign) not in COMPARISONS:
                self._refuse(node, f"compares with another operator than < <= > >= == !=: {shown(node)}")
            numbers = plain_numbers((left, right))
            if numbers is not None:
                x, y = numbers
                made.append(Truth(eval(f"x {COMPARISONS[type(sign)]} y", {"x": x, "y": y})))
            else:
                made.append(Comparison(COMPARISONS[type(sign)], left, right))
        return both(made)

    def _selected(self, test: ast.expr, body: ast.expr, orelse: ast.expr, known: dict[str, Typed]) -> Typed:
        condition = self._truth(test, known)
        if isinstance(condition, Truth):
            return self._value(body if condition.value else orelse, known)
        chosen, otherwise = self._value(body, known), self._value(orelse, known)
        if chosen.kind == otherwise.kind == "truth":
            other = both([negated(condition), otherwise.expression])
            return Typed(either([both([condition, chosen.expression]), other]), "truth")
        numbers = [as_number(chosen), as_number(otherwise)]
        kind = "int" if "int" in {each.kind for each in numbers} else "float"
        return Typed(Select(condition, numbers[0].expression, numbers[1].expression), kind)

    # ------------------------------------------------------------ names

    def _object(self, node: ast.expr) -> object:
        """What a name, or an attribute of a module, stands for."""
        if isinstance(node, ast.Name):
            name = node.id
            if name == self._self:
                return self._scope.of
            if name in self._times_set:
                self._refuse(node, f"uses {name} as more than a number")
            if name in self._scope.cells:
                cell = self._scope.cells[name]
                return self._from_outside(node, name, lambda: cell.cell_contents)
            found = ChainMap(self._scope.globals, vars(builtins))
            if name in found:
                return self._from_outside(node, name, lambda: found[name])
            self._refuse(node, f"uses {name}, which stands for nothing")
        if isinstance(node, ast.Attribute):
            owner = self._object(node.value)
            if not isinstance(owner, ModuleType):
                of = "of self" if owner is self._scope.of else f"of {described(owner)}"
                self._refuse(node, f"uses {shown(node)}, an attribute {of}, which may change")
            return self._from_outside(node, shown(node), lambda: getattr(owner, node.attr))
        return self._refuse(node, f"holds what is not translated: {shown(node)}")

    def _from_outside(self, node: ast.AST, name: str, read: Callable[[], object]) -> object:
        try:
            found = read()
        except (AttributeError, ValueError):  # an empty cell
            self._refuse(node, f"uses {name}, which stands for nothing")
        self._sources.append(Source(name, read, found))
        return found

    # ------------------------------------------------------------ calls

    def _called(self, node: ast.Call, known: dict[str, Typed]) -> Typed:
        if any(isinstance(argument, ast.Starred) for argument in node.args):
            self._refuse(node, f"passes a list on: {shown(node)}")
        rule, called = "forward", node.func
        if isinstance(called, ast.Attribute) and called.attr in RULES:
            rule, called = called.attr, called.value
        function: Any = self._object(called)
        if isinstance(function, Primitive):
            return self._rule_called(node, function, rule, known)
        if called is not node.func:
            self._refuse(node, f"calls {shown(node.func)}, and {shown(called)} is no primitive")
        if function is isinstance:
            return self._is_instance(node)
        name = getattr(function, "__name__", "")
        is_written = isinstance(function, FunctionType) or _is_native(function)
        if not is_written and function not in BUILTINS and getattr(math, name, None) is not function:
            self._refuse(node, f"calls {shown(node.func)}, which is {described(function)}")
        arguments = [self._value(argument, known) for argument in node.args]
        if is_written:
            return self._function_called(node, function, arguments, known)
        if node.keywords:
            self._refuse(node, f"passes arguments by their names: {shown(node)}")
        if function in BUILTINS:
            return self._builtin(node, function, arguments)
        return self._of_math(node, name, [as_number(each) for each in arguments])

    def _of_math(self, node: ast.AST, name: str, arguments: list[Typed]) -> Typed:
        numbers = [each.expression for each in arguments]
        if name == "log" and len(numbers) == 2:
            logarithms = [self._of_math(node, name, [each]) for each in arguments]
            return self._operation(node, "/", *logarithms)
        if name in ("radians", "degrees") and len(numbers) == 1:
            factor = math.pi / 180.0 if name == "radians" else 180.0 / math.pi
            return self._operation(node, "*", arguments[0], Typed(Number(factor), "float"))
        if ARITIES.get(name) != len(numbers):
            self._refuse(node, f"calls math.{name} of {len(numbers)} numbers, which no language but Python has")
        constants = plain_numbers(numbers)
        if constants is not None:
            with contextlib.suppress(ArithmeticError, ValueError):  # it raises where the rule is used
                found = getattr(math, name)(*constants)
                return Typed(Truth(found), "truth") if name in TRUTHS else self._constant(node, found)
        if name in WHOLE:  # Python gives an int, and among them there is no -0
            return Typed(Operation("+", Call(name, tuple(numbers)), Number(0.0)), "int")
        kind = "truth" if name in TRUTHS else "float"
        return Typed(Call("abs" if name == "fabs" else name, tuple(numbers)), kind)

    def _rule_called(self, node: ast.Call, primitive: Any, rule: str, known: dict[str, Typed]) -> Typed:
        count = len(primitive.operands) + (rule != "forward")
        if node.keywords or len(node.args) != count:
            self._refuse(node, f"calls {shown(node.func)} with other than {count} arguments")
        arguments = tuple(self._number(argument, known) for argument in node.args)
        if rule == "forward" and primitive is ops.power:
            return Typed(Call("power", arguments), "float")
        own_calls = [vars(kind)["__call__"] for kind in type(primitive).__mro__ if "__call__" in vars(kind)]
        if not is_built_in(primitive) and own_calls[0] not in (vars(Unary)["__call__"], vars(Binary)["__call__"]):
            self._refuse(node, f"calls {primitive.name}, which has a __call__ of its own")
        try:
            called, kind = self._translator.rule(primitive, rule)
        except NotTranslatable:
            if is_built_in(primitive):  # every language has those
                return Typed(RuleCall(primitive, rule, arguments), "float")
            raise
        self._sources += called.sources
        if not isinstance(node.func, ast.Attribute):
            kind = "float"  # a call of the primitive itself makes a float of what its rule gives
        return Typed(written_out(called, arguments) or RuleCall(primitive, rule, arguments), kind)

    def _function_called(self, node: ast.Call, function: Any, arguments: list[Typed], known: dict[str, Typed]) -> Typed:
        called, kind = self._translator.function(function)
        self._sources += called.sources
        for part in ("__code__", "__defaults__"):  # IPython's autoreload replaces them in the function itself
            read = partial(getattr, function, part, None)
            self._sources.append(Source(called.name, read, read()))
        given = dict(zip(called.parameters, arguments, strict=False))
        for keyword in node.keywords:
            if keyword.arg not in called.parameters or keyword.arg in given:
                self._refuse(node, f"passes on what {called.name} does not take: {shown(node)}")
            given[keyword.arg] = self._value(keyword.value, known)
        defaults = getattr(function, "__defaults__", None) or ()
        for name, default in zip(called.parameters[::-1], defaults[::-1], strict=False):
            if name not in given and type(default) in (int, float):
                given[name] = self._constant(node, default)
        if set(given) != set(called.parameters) or len(arguments) > len(called.parameters):
            self._refuse(node, f"calls {called.name} with other than {len(called.parameters)} arguments")
        for typed in given.values():
            if typed.kind != "float" and not (isinstance(typed.expression, Number) and typed.expression.value):
                self._refuse(node, f"passes a whole number or a condition to {called.name}; write float(...)")
        ordered = tuple(given[name].expression for name in called.parameters)
        return Typed(written_out(called, ordered) or FunctionCall(called, ordered), kind)

    def _is_instance(self, node: ast.Call) -> Typed:
        """Which it is known to be: what is translated is used on floats alone."""
        if len(node.args) != 2 or node.keywords:
            self._refuse(node, f"calls isinstance with other than 2 arguments: {shown(node)}")
        kinds: Any = node.args[1].elts if isinstance(node.args[1], ast.Tuple) else [node.args[1]]
        found = [self._object(kind) for kind in kinds]
        for kind in found:
            if not isinstance(kind, type):
                self._refuse(node, f"asks whether a number is {described(kind)}")
        return Typed(Truth(issubclass(float, tuple(found))), "truth")  # type: ignore[arg-type]

    def _builtin(self, node: ast.Call, function: object, arguments: list[Typed]) -> Typed:
        if function in (max, min):
            return self._extreme(node, arguments)
        count = 2 if function is pow else 1
        if len(arguments) != count:
            self._refuse(node, f"calls {shown(node.func)} with other than {count} arguments")
        if function is bool:
            return Typed(as_truth(arguments[0]), "truth")
        numbers = [as_number(each) for each in arguments]
        if function is pow:
            return self._operation(node, "**", *numbers)
        ((number, kind),) = numbers
        return Typed(Call("abs", (number,)), kind) if function is abs else Typed(number, "float")

    def _extreme(self, node: ast.Call, arguments: list[Typed]) -> Typed:
        if len(arguments) < 2:
            self._refuse(node, f"calls {shown(node.func)} with other than 2 numbers or more")
        function = _larger if self._object(node.func) is max else _smaller
        numbers = [as_number(each) for each in arguments]
        kind = "int" if "int" in {each.kind for each in numbers} else "float"
        found = numbers[0].expression
        for number in numbers[1:]:
            called, _ = self._translator.function(function)
            found = FunctionCall(called, (found, number.expression))
        return Typed(found, kind)


def _is_native(function: Any) -> bool:
    """Whether it is a function of the engine that was compiled."""
    module = getattr(function, "__module__", None)
    return module == ops.__name__ and callable(function) and not isinstance(function, (type, Primitive))
