"""The rules on arrays, for NumPy: all branches are computed, and `np.where` selects between them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, NamedTuple

from autograd.engine import ops
from autograd.engine.ops import PRIMITIVES, Binary, Unary
from autograd.rules.expression_reader import RULES, is_built_in
from autograd.rules.expressions import (
    Assign,
    Call,
    Comparison,
    Either,
    Expression,
    Function,
    If,
    Negative,
    Number,
    Operation,
    Raise,
    Return,
    Select,
    Statement,
    Truth,
    Variable,
    both,
    negated,
    parts,
    substituted,
)
from autograd.rules.language import ATOM, COMPARISON, MADE, SUM, Language, constants, unique
from autograd.rules.translate import translated

SAME = ("cbrt", "ceil", "cosh", "cos", "exp", "exp2", "expm1", "floor", "fmod", "hypot", "isfinite", "isinf", "isnan")
INVERSE = {f"a{name}": f"np.arc{name}" for name in ("cos", "cosh", "sin", "sinh", "tan", "tanh", "tan2")}

SINGLE = {
    "FAR_LEFT": -80.0,
    "FAR_OUT": 1e15,
    "LARGEST_INT": 2.0**24,
    "ROUNDING": 1.5 * 2.0**16,
    "TINY": 1e-30,
    "SQUARED_FROM": 1e-15,
    "SQUARED_TO": 1e18,
    "TO_LARGE": 2.0**100,
    "TO_SMALL": 2.0**-100,
}
"""The constants of the engine that depend on the range or the precision of a float, for single precision."""


class NumPy(Language):
    """NumPy, and the functions of `autograd.compiler.arrays.elementary`, which it lacks."""

    FUNCTIONS: ClassVar = {
        **{name: f"np.{name}" for name in SAME},
        **{name: f"np.{name}" for name in ("log", "log10", "log1p", "log2", "sin", "sinh", "sqrt", "tan", "tanh")},
        "abs": "np.abs",
        "copysign": "np.copysign",
        "pow": "np.power",
        "power": "np.power",
        "trunc": "np.trunc",
        **INVERSE,
        **{name: name for name in ("erf", "erfc", "gamma", "lgamma")},
    }
    RESERVED = Language.RESERVED | {"np", "rules", "by_precision", "like"}

    def __init__(self) -> None:
        super().__init__()
        self._parameters: tuple[str, ...] = ()
        self._by_precision: dict[str, str] = {}
        self._is_in_choice = False

    def number(self, value: float) -> str:
        return repr(value) if math.isfinite(value) else "np.nan" if value != value else f"{'-' * (value < 0)}np.inf"

    def constant(self, number: Number) -> str:
        text = super().constant(number)
        if number.name in SINGLE:
            return self._by_precision.setdefault(text, unique(text.lower(), [*self._taken, *self._parameters]))
        return text

    def select(self, condition: Expression, chosen: Expression, otherwise: Expression) -> tuple[str, int]:
        extreme = _extreme(condition, chosen, otherwise)
        if extreme is not None:
            function, operands = extreme
            return f"{function}({self.texts_of(operands)})", ATOM
        # Of choices between numbers, the outermost one gets the precision of the operands.
        is_outermost = not (self._is_in_choice or _is_array(chosen) or _is_array(otherwise))
        self._is_in_choice |= is_outermost
        text = f"np.where({self.texts_of((condition, chosen, otherwise))})"
        if is_outermost:
            self._is_in_choice = False
            text = f"like({text}, {self._operands()})"
        return text, ATOM

    def both(self, parts: tuple[Expression, ...]) -> tuple[str, int]:
        match parts:
            case (Comparison(sign, low, middle), Comparison(other_sign, same, high)) if (
                sign == other_sign and sign in ("<", "<=") and same == middle and low == _opposite(high)
            ):
                return f"np.abs({self.text(middle)}) {sign} {self.text(high, SUM)}", COMPARISON
        return " & ".join(self.text(part, ATOM) for part in parts), COMPARISON

    def either(self, parts: tuple[Expression, ...]) -> tuple[str, int]:
        return " | ".join(self.text(part, ATOM) for part in parts), COMPARISON

    def negation(self, part: Expression) -> tuple[str, int]:
        return f"np.logical_not({self.text(part)})", ATOM

    def definition(self, name: str, function: Function) -> Iterable[str]:
        self._parameters = function.parameters
        given = ", ".join(f"{self.variable(parameter)}: Array" for parameter in function.parameters)
        yield f"def {name}({given}) -> Array:"
        self._by_precision = {}
        assignments, result = straightened(function)
        lines = [f"{self.variable(variable)} = {self.text(value)}" for variable, value in assignments]
        lines.append(f"return {self._array(result)}")
        first = self.variable(function.parameters[0])
        for constant, variable in self._by_precision.items():
            yield f"    {variable} = by_precision({first}, {constant}, {SINGLE[constant]!r})"
        yield from (f"    {line}" for line in lines)

    def _array(self, value: Expression) -> str:
        """The text of an array; a number that depends on no operand takes their shape."""
        text = self.text(value)
        if _is_array(value) or isinstance(value, Select):
            return text
        if self._parameters[-1] == "out":
            return f"np.{FILLED.get(text, 'full_like')}(out{'' if text in FILLED else f', {text}'})"
        return f"like({text}, {self._operands()})"

    def _operands(self) -> str:
        """What has the shape and the precision of the result; of a partial, the value."""
        names = self._parameters[-1:] if self._parameters[-1] == "out" else self._parameters
        return ", ".join(map(self.variable, names))


def _opposite(number: Expression) -> Expression:
    """Minus a number."""
    return Number(-number.value) if isinstance(number, Number) and not number.name else Negative(number)


def _extreme(condition: Expression, chosen: Expression, otherwise: Expression) -> tuple[str, list[Expression]] | None:
    """A choice as a maximum or minimum of two numbers that propagates nan; None if it is not one."""
    match condition:
        case Comparison(sign, x, Number() as y) if chosen == y and otherwise == x and sign in ("<", "<=", ">", ">="):
            return "np.maximum" if sign[0] == "<" else "np.minimum", [x, y]
        case Comparison(sign, Number() as y, x) if chosen == y and otherwise == x and sign in ("<", "<=", ">", ">="):
            return "np.minimum" if sign[0] == "<" else "np.maximum", [x, y]
        case Either((Comparison(sign, x, y), Comparison("!=", same, again))) if (
            same == again == x == chosen and y == otherwise and sign in ("<", "<=", ">", ">=")
        ):
            return "np.minimum" if sign[0] == "<" else "np.maximum", [x, y]
    return None


def _is_array(value: Expression) -> bool:
    """Whether an expression has the precision of the operands; a choice between two numbers has not."""
    if isinstance(value, Select):
        return _is_array(value.chosen) or _is_array(value.otherwise)
    return isinstance(value, Variable) or any(map(_is_array, parts(value)))


# ---------------------------------------------------------------- without statements


class Straight(NamedTuple):
    """Variables, each assigned once, and the result that is computed from them."""

    assignments: list[tuple[str, Expression]]
    result: Expression


def straightened(function: Function) -> Straight:
    """A function without branches: it computes everything, and selects the result at the end."""
    assignments: list[tuple[str, Expression]] = []
    results: list[tuple[Expression, Expression]] = []
    taken = set(function.parameters)

    def assign(name: str, value: Expression) -> Expression:
        if isinstance(value, Number):
            return value  # which an array would give another precision
        fresh, count = name, 1
        while fresh in taken:
            fresh, count = f"{name}_{count + 1}", count + 1
        taken.add(fresh)
        assignments.append((fresh, value))
        return Variable(fresh)

    def run(statements: Iterable[Statement], known: dict[str, Expression], path: Expression) -> bool:
        """Whether every path through the statements ends; `path` is the condition under which one comes here."""
        for statement in statements:
            match statement:
                case Assign(name, value):
                    known[name] = assign(name, substituted(value, known))
                case Return(value):
                    results.append((path, substituted(value, known)))
                    return True
                case Raise():
                    results.append((path, Number(math.nan)))
                    return True
                case If(condition, then, otherwise):
                    condition = substituted(condition, known)
                    after_then, after_else = dict(known), dict(known)
                    then_ends = run(then, after_then, both([path, condition]))
                    other_path = path if then_ends else both([path, negated(condition)])
                    else_ends = run(otherwise, after_else, other_path)
                    if then_ends and else_ends:
                        return True
                    if then_ends or else_ends:
                        known.update(after_else if then_ends else after_then)
                        if else_ends:
                            continue
                    else:
                        for name in dict.fromkeys([*after_then, *after_else]):
                            chosen, other = (after.get(name, Variable(name)) for after in (after_then, after_else))
                            if chosen != other and (
                                name in function.parameters or name in after_then.keys() & after_else
                            ):
                                known[name] = assign(name, Select(condition, chosen, other))
        return False

    run(function.body, {}, Truth(True))
    result = results.pop()[1]
    for path, value in reversed(results):
        result = Select(path, value, result)
    return Straight(assignments, result)


FILLED = {"0.0": "zeros_like", "1.0": "ones_like"}
UFUNCS = {"+": "np.add", "-": "np.subtract", "*": "np.multiply", "/": "np.divide"}

# How many times as long the made rule takes, for 32, for 3,200 and for 100,000 doubles.
FASTER = (
    "abs_partial_x",  # 1.7, 1.9, 6.3
    "power_partial_x",  # 1.3, 1.5, 1.3
    "power_partial_y",  # 1.3, 2.2, 1.7
    "relu_partial_x",  # 3.6, 4.5, 21
    "sigmoid",  # 1.3, 1.4, 1.5
    "softplus",  # 1.5, 1.2, 1.7
)
"""The rules of the library that are written by hand, in `autograd.compiler.arrays.faster`."""


class _WithTheLibrary(NumPy):
    """Calls the rules of the library's own primitives where they stand."""

    def name_of_rule(self, primitive: Any, rule: str) -> str:
        if not is_built_in(primitive):
            return super().name_of_rule(primitive, rule)
        field = "forward" if rule == "forward" else f"partials[{RULES.index(rule) - 1}]"
        return f'rules.ARRAY_RULES["{primitive.name}"].{field}'


def source(primitive: Unary | Binary, rules: Mapping[str, Function] | None = None) -> str:
    """A module that defines the rules of a primitive as `forward`, `partial_x` and `partial_y`, on arrays.

    Args:
        primitive: the one to translate.
        rules: its rules, where they are not to be as `translated_rules` gives them.

    Raises:
        NotTranslatable: a rule does something that only Python can do.
    """
    head = (
        "import numpy as np\n\n"
        "from autograd.compiler.arrays import rules\n"
        "from autograd.compiler.arrays.elementary import Array, by_precision, erf, erfc, gamma, lgamma, like\n"
    )
    return _WithTheLibrary().module(head, primitive, rules)


def library() -> str:
    """The module that holds the rules of the library's own primitives."""
    language = NumPy()
    for name in FASTER:
        language.known_rule(name)
    entries = []
    for primitive in filter(is_built_in, PRIMITIVES.values()):
        rules = [_name_or_ufunc(language, primitive, rule) for rule in RULES[: len(primitive.operands) + 1]]
        entries.append(f'    "{primitive.name}": ArrayRule({rules[0]}, ({", ".join(rules[1:])},)),\n')
    text = "".join(f"{part}\n\n\n" for part in language.texts)
    head = (
        f"# {MADE}\n"
        '"""The rules of the primitives on arrays."""\n\n'
        "from __future__ import annotations\n\n"
        "import numpy as np\n\n"
        "from autograd.compiler.arrays.elementary import Array, ArrayRule, by_precision, erf, erfc, like\n"
    )
    faster = f"from autograd.compiler.arrays.faster import {', '.join(FASTER)}\n"
    table = "ARRAY_RULES: dict[str, ArrayRule] = {\n" + "".join(entries) + "}\n"
    doc = '"""The rule of every primitive of the library, by its name."""\n'
    return f"{head}{faster}{constants(language)}\n\n\n{text}{table}{doc}"


def _name_or_ufunc(language: NumPy, primitive: Any, rule: str) -> str:
    """What computes a rule: a function of NumPy, or one that is written."""
    if rule == "forward" and primitive is ops.power:
        return language.FUNCTIONS["power"]
    function = translated(primitive, rule)
    operands = tuple(map(Variable, function.parameters))
    first = function.body[0]
    if isinstance(first, Return):
        match first.value:
            case Call(name) if first.value.arguments == operands:
                return language.FUNCTIONS[name]
            case Operation(operator, left, right) if (left, right) == operands and operator in UFUNCS:
                return UFUNCS[operator]
            case Negative(operand) if (operand,) == operands:
                return "np.negative"
            case Select(condition, chosen, otherwise):
                extreme = _extreme(condition, chosen, otherwise)
                if extreme is not None and tuple(extreme[1]) == operands:
                    return extreme[0]
    return language.name_of_rule(primitive, rule)
