"""Formulas as text: parsed into numbers, names, operators and calls of primitives, and never run as Python."""

from __future__ import annotations

import ast
import math
import operator
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from autograd.engine.ops import PRIMITIVES, Binary, Number, add, divide, multiply, negate, power, subtract
from autograd.engine.value import Value
from autograd.support.tables import columns

_OPERATORS: dict[type[ast.operator], Binary] = {
    ast.Add: add,
    ast.Sub: subtract,
    ast.Mult: multiply,
    ast.Div: divide,
    ast.Pow: power,
}

_COMPARISONS: dict[type[ast.cmpop], Callable[[Number, Number], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}

CONSTANTS = {"pi": math.pi, "π": math.pi, "e": math.e, "tau": math.tau, "τ": math.tau, "inf": math.inf}
"""The constants of other programs; in a formula these are names like all others."""

_WRITTEN_HERE = {
    "log": ("ln", "loge"),
    "log10": ("lg", "log_10"),
    "log2": ("ld", "lb", "log_2"),
    "asin": ("arcsin", "arsin"),
    "acos": ("arccos", "arcos"),
    "atan": ("arctan", "artan", "arctg", "atg"),
    "atan2": ("arctan2",),
    "asinh": ("arcsinh", "arsinh", "argsinh"),
    "acosh": ("arccosh", "arcosh", "argcosh"),
    "atanh": ("arctanh", "artanh", "argtanh"),
    "tan": ("tg",),
    "sinh": ("sh",),
    "cosh": ("ch",),
    "tanh": ("th",),
    "abs": ("fabs", "absolute", "modulus"),
    "maximum": ("max", "fmax"),
    "minimum": ("min", "fmin"),
    "sigmoid": ("logistic", "expit"),
    "silu": ("swish",),
    "1 / tan(x)": ("cot", "ctg"),
    "1 / cos(x)": ("sec",),
    "1 / sin(x)": ("csc", "cosec"),
    "1 / tanh(x)": ("coth",),
    "1 / sqrt(x)": ("rsqrt",),
    "1 / x": ("reciprocal", "inv"),
    "x ** y": ("pow",),
    "x ** 2": ("square", "sqr"),
    "x ** (1 / n)": ("root",),
    "-x": ("neg", "minus"),
    "x + y + z": ("sum", "fsum"),
    "x * y * z": ("prod", "product"),
    "(x + y + z) / 3": ("mean", "average", "avg"),
    "x1*y1 + x2*y2": ("dot",),
    "hypot(x, y)": ("norm",),
    "log(exp(x) + exp(y))": ("logsumexp", "logaddexp"),
    "exp(x) / (exp(x) + exp(y))": ("softmax",),
    "-softplus(-x)": ("logsigmoid", "log_sigmoid"),
    f"x * {180 / math.pi!r}": ("degrees", "rad2deg"),
    f"x * {math.pi / 180!r}": ("radians", "deg2rad"),
}
"""How a formula writes the functions of other programs, and their names there."""
_MEANT = {name: meant for meant, names in _WRITTEN_HERE.items() for name in names}

_CHOICE = "a formula has no conditions; use maximum, minimum, relu or abs, or where in Python"
_STEP = "its derivative is 0 wherever it has one"
_REFUSED = {
    **dict.fromkeys(("where", "if", "iif", "cond", "piecewise", "clip", "clamp"), _CHOICE),
    **dict.fromkeys(("sign", "sgn", "floor", "ceil", "round", "trunc", "step", "heaviside"), _STEP),
}
"""Functions that a formula cannot have, and why."""

_PRODUCT, _QUOTIENT, _POWER, _MINUS = (
    f"a {name} is written {sign}"
    for name, sign in (("product", "*"), ("quotient", "/"), ("power", "**"), ("difference", "-"))
)
_SIGNS = {
    **dict.fromkeys("²³⁴ⁿ", _POWER),
    **dict.fromkeys("×·⋅∙", _PRODUCT),
    **dict.fromkeys("÷∕", _QUOTIENT),  # noqa: RUF001
    **dict.fromkeys("−–—", _MINUS),  # noqa: RUF001
    "√": "a root is written sqrt(x)",
    "|": "|x| is written abs(x)",
    "!": "there is no factorial",
    "=": "numbers for the names go after the formula, as in x=1",
}
"""What is meant by signs that Python cannot parse."""
_OPERATOR_HINTS: dict[type[ast.operator], str] = {
    ast.BitXor: _POWER,
    ast.MatMult: _PRODUCT,
    ast.FloorDiv: _QUOTIENT,
    ast.BitOr: _SIGNS["|"],
}
_MORE_OPERANDS = {
    "log": "the logarithm to the base y is log(x) / log(y)",
    "atan": "for two numbers write atan2(x, y)",
    "sqrt": "the root of order n is x ** (1 / n)",
    "exp": "a power is written **",
    "maximum": "for three numbers write maximum(x, maximum(y, z))",
    "minimum": "for three numbers write minimum(x, minimum(y, z))",
}
"""What is meant by a function with more arguments than it takes."""

_SHOWN_AROUND = 40  # characters on each side of a mistake


class ExpressionError(ValueError):
    """A text is not a formula; the message shows it, with a mark under the mistake."""


class Expression:
    """A formula.

    Args:
        text: numbers, names, `+ - * / **`, parentheses, and calls of the primitives, as in `tanh(w*x + b)`.
        conditions: allow `a if x > y else b` too, as the derivatives of the primitives are written.

    Raises:
        ExpressionError: the text holds anything else.

    >>> expression = Expression("tanh(w*x + b)")
    >>> expression.names
    ['w', 'x', 'b']
    >>> expression({"w": Value(2.0), "x": Value(0.5), "b": Value(-1.0)}).data
    0.0
    """

    def __init__(self, text: str, conditions: bool = False) -> None:
        self.text = text
        self._conditions = conditions
        self._choices: dict[ast.expr, list[list[ast.expr]]] = {}  # the sides of the comparison, and both branches
        self._line = " ".join(text.splitlines()).strip()
        if not self._line:
            raise ExpressionError("the formula is empty")
        if "#" in self._line:
            raise self._error("a formula holds no comments", self._line.index("#"))
        try:
            tree = ast.parse(self._line, mode="eval")
        except SyntaxError as error:
            # An end that comes too early is reported at 0.
            column = error.offset - 1 if error.offset else len(self._line)
            raise self._error(f"this is not a formula: {error.msg}{self._hint(column)}", column) from None
        except (RecursionError, MemoryError):
            raise self._error("this is nested too deeply, or too long", 0) from None
        except ValueError as error:
            raise self._error(f"this cannot be read: {error}", 0) from None
        self._nodes = list(self._in_order(tree.body))
        everything = [self._nodes, *(part for parts in self._choices.values() for part in parts)]
        names = [node.id for nodes in everything for node in nodes if isinstance(node, ast.Name)]
        self.names = list(dict.fromkeys(names))

    def __call__(self, values: Mapping[str, Value]) -> Value:
        """The result, with these Values for the names.

        Raises:
            KeyError: a name has no Value.
            ValueError, ZeroDivisionError, OverflowError: as the primitives.
        """
        result = self.result(values)
        return result if isinstance(result, Value) else Value(result, requires_grad=False)

    def result(self, numbers: Mapping[str, Number]) -> Number:
        """The result with Values or plain numbers for the names: plain, if all of them are."""
        return self._result(self._nodes, numbers)

    def _result(self, nodes: list[ast.expr], values: Mapping[str, Number]) -> Number:
        results: list[Number] = []  # not yet used by an operation
        for node in nodes:
            if isinstance(node, ast.Name):
                results.append(values[node.id])
            elif isinstance(node, ast.IfExp):
                *sides, chosen, otherwise = self._choices[node]
                compare = _COMPARISONS[type(node.test.ops[0])]  # type: ignore[attr-defined]
                is_chosen = compare(*(self._result(side, values) for side in sides))
                results.append(self._result(chosen if is_chosen else otherwise, values))
            elif isinstance(node, ast.Constant):
                results.append(float(node.value))  # type: ignore[arg-type]
            elif isinstance(node, ast.BinOp):
                right = results.pop()
                results.append(_OPERATORS[type(node.op)](results.pop(), right))
            elif isinstance(node, ast.UnaryOp):
                if isinstance(node.op, ast.USub):
                    results.append(negate(results.pop()))
            else:
                assert isinstance(node, ast.Call)
                assert isinstance(node.func, ast.Name)
                primitive: Any = PRIMITIVES[node.func.id]
                first = len(results) - len(node.args)
                results[first:] = [primitive(*results[first:])]
        (result,) = results
        return result

    def _in_order(self, root: ast.expr) -> Iterator[ast.expr]:
        """The parts, operands before their operations, without recursion, so that a sum may have many terms.

        Raises:
            ExpressionError: a part does not belong in a formula.
        """
        waiting = [(root, False)]
        while waiting:
            node, is_complete = waiting.pop()
            if is_complete:
                yield node
            else:
                waiting.append((node, True))
                waiting += [(operand, False) for operand in reversed(self._operands(node))]

    def _operands(self, node: ast.expr) -> list[ast.expr]:
        """What a part is computed from; refuses what does not belong in a formula."""
        if isinstance(node, ast.Name):
            return []
        if isinstance(node, ast.BinOp):
            if type(node.op) not in _OPERATORS:
                hint = _OPERATOR_HINTS.get(type(node.op))
                hint = "" if hint is None else f"; {hint}"
                raise self._error_at(node.right, f"the operator before this is not one of + - * / **{hint}")
            return [node.left, node.right]
        if isinstance(node, ast.UnaryOp):
            if not isinstance(node.op, (ast.USub, ast.UAdd)):
                raise self._error_at(node, "only + and - may stand before a number")
            return [node.operand]
        if isinstance(node, ast.Call):
            self._check_call(node)
            return node.args
        if self._conditions and isinstance(node, ast.IfExp):
            test = node.test
            if not (isinstance(test, ast.Compare) and [type(sign) in _COMPARISONS for sign in test.ops] == [True]):
                raise self._error_at(test, "a condition is a comparison of two numbers")
            parts = [test.left, test.comparators[0], node.body, node.orelse]
            self._choices[node] = [list(self._in_order(part)) for part in parts]
            return []
        if not (isinstance(node, ast.Constant) and type(node.value) in (int, float)):
            hint = ""
            if isinstance(node, (ast.Compare, ast.IfExp, ast.BoolOp)):
                hint = f"; {_CHOICE}"
            elif isinstance(node, ast.Tuple):
                hint = "; write a decimal point, not a comma"
            holds = "a formula holds numbers, names, + - * / ** and calls such as tanh(x), not this"
            raise self._error_at(node, holds + hint)
        if not abs(node.value) <= sys.float_info.max:  # type: ignore[arg-type]
            raise self._error_at(node, "this number is too large for a float")
        return []

    def _check_call(self, node: ast.Call) -> None:
        if not isinstance(node.func, ast.Name) or node.func.id not in PRIMITIVES:
            meant = _meant(node.func) or f"; there are {', '.join(sorted(PRIMITIVES))}"
            raise self._error_at(node.func, f"there is no such function{meant}")
        operands = PRIMITIVES[node.func.id].operands
        count = len(node.args) + len(node.keywords)
        if count != len(operands):
            more = _MORE_OPERANDS.get(node.func.id, "") if count > len(operands) else ""
            hint = f"; {more}" if more else ""
            raise self._error_at(node, f"{node.func.id} takes {_counted(operands)}, not {count}{hint}")
        if node.keywords:
            raise self._error_at(node, f"arguments have no names here: write {PRIMITIVES[node.func.id].call}")

    def _hint(self, column: int) -> str:
        """What may be meant where Python cannot parse the formula."""
        here, before = self._line[column : column + 1], self._line[:column].rstrip()
        if re.search(r"\b(if|else|and|or|not)\b", self._line):
            return f"; {_CHOICE}"
        if here in _SIGNS:
            return f"; {_SIGNS[here]}"
        if re.match(r"[\d.]*\d[\d.]*[^\W\d]", self._line[column:]):
            return f"; {_PRODUCT}"  # 2x
        if re.match(r"\w", here) and re.search(r"[\w)]$", before):
            return f"; {_PRODUCT}, a call sin(x)"
        return ""

    def _error_at(self, node: ast.expr, reason: str) -> ExpressionError:
        # ast counts bytes of UTF-8.
        return self._error(reason, len(self._line.encode()[: node.col_offset].decode(errors="ignore")))

    def _error(self, reason: str, column: int) -> ExpressionError:
        """The error, with as much of the formula around the mistake as fits on a line."""
        begin, end = max(column - _SHOWN_AROUND, 0), column + _SHOWN_AROUND
        before = ("…" if begin else "") + self._line[begin:column]
        after = self._line[column:end] + ("…" if end < len(self._line) else "")
        return ExpressionError(f"{reason}\n  {before}{after}\n  {' ' * columns(before)}^")


def _counted(operands: Sequence[str]) -> str:
    """The operands of a function, and how many there are."""
    return f"{len(operands)} argument{'s' * (len(operands) != 1)} ({', '.join(operands)})"


def _meant(called: ast.expr) -> str:
    """What may be meant by a call of something that is not a function here."""
    name = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
    name = name.lower()
    if name in _REFUSED:
        return f": {_REFUSED[name]}"
    if name in PRIMITIVES:
        return f"; write {PRIMITIVES[name].call}"
    if name in _MEANT:
        return f"; write {_MEANT[name]}"
    if len(name) <= 2:  # x(y + 1), 2(y + 1)
        return f"; {_PRODUCT}"
    return "".join(f"; write {close}" for close in get_close_matches(name, PRIMITIVES, n=1, cutoff=0.5))
