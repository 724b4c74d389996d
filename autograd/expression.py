"""Formulas as text: read as numbers, names, operators and calls of primitives, and never run as Python."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from autograd.ops import PRIMITIVES, Binary, Number, add, divide, multiply, negate, power, subtract
from autograd.tables import columns
from autograd.value import Value

_OPERATORS: dict[type[ast.operator], Binary] = {
    ast.Add: add,
    ast.Sub: subtract,
    ast.Mult: multiply,
    ast.Div: divide,
    ast.Pow: power,
}


class ExpressionError(ValueError):
    """A formula is none; the message shows it, with a mark under the character where it goes wrong."""


class Expression:
    """A formula in some names.

    Args:
        text: numbers, names, `+ - * / **`, parentheses, and calls of the primitives, as in `tanh(w*x + b)`.

    Raises:
        ExpressionError: it holds anything else.

    >>> expression = Expression("tanh(w*x + b)")
    >>> expression.names
    ['w', 'x', 'b']
    >>> expression({"w": Value(2.0), "x": Value(0.5), "b": Value(-1.0)}).data
    0.0
    """

    def __init__(self, text: str) -> None:
        self.text = text
        try:
            tree = ast.parse(text.strip(), mode="eval")
        except SyntaxError as error:
            reason = "there is no formula" if not text.strip() else f"this is no formula: {error.msg}"
            # An end that comes too early is reported at 0.
            raise self._error(reason, error.offset - 1 if error.offset else len(text.strip())) from None
        except (RecursionError, MemoryError, ValueError) as error:
            raise self._error(f"this cannot be read: {error}", 0) from None
        self._root = tree.body
        try:
            self.names = list(dict.fromkeys(self._names(self._root)))
        except RecursionError:
            raise self._error("this is nested too deeply", 0) from None

    def __call__(self, values: Mapping[str, Value]) -> Value:
        """The result, when the names stand for these Values.

        Raises:
            KeyError: a name has no Value.
            ValueError, ZeroDivisionError, OverflowError: as the primitives.
        """
        result = self._value(self._root, values)
        return result if isinstance(result, Value) else Value(result, requires_grad=False)

    def _names(self, node: ast.expr) -> Iterator[str]:
        """The names in a part, in the order of the text; refuses what does not belong in a formula."""
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.BinOp):
            if type(node.op) not in _OPERATORS:
                raise self._error_at(node.right, "before this stands an operator other than + - * / **")
            yield from self._names(node.left)
            yield from self._names(node.right)
        elif isinstance(node, ast.UnaryOp):
            if not isinstance(node.op, (ast.USub, ast.UAdd)):
                raise self._error_at(node, "only + and - stand before a number")
            yield from self._names(node.operand)
        elif isinstance(node, ast.Call):
            self._check_call(node)
            for argument in node.args:
                yield from self._names(argument)
        elif not (isinstance(node, ast.Constant) and type(node.value) in (int, float)):
            raise self._error_at(node, "a formula holds numbers, names, + - * / ** and calls such as tanh(x), not this")

    def _check_call(self, node: ast.Call) -> None:
        if not isinstance(node.func, ast.Name) or node.func.id not in PRIMITIVES:
            raise self._error_at(node.func, f"there is no such function; there are {', '.join(sorted(PRIMITIVES))}")
        operands = PRIMITIVES[node.func.id].operands
        if node.keywords or len(node.args) != len(operands):
            raise self._error_at(node, f"{node.func.id} takes {', '.join(operands)}, not {len(node.args)} arguments")

    def _value(self, node: ast.expr, values: Mapping[str, Value]) -> Number:
        if isinstance(node, ast.Name):
            return values[node.id]
        if isinstance(node, ast.Constant):
            return float(node.value)  # type: ignore[arg-type]
        if isinstance(node, ast.UnaryOp):
            operand = self._value(node.operand, values)
            return operand if isinstance(node.op, ast.UAdd) else negate(operand)
        if isinstance(node, ast.BinOp):
            operator = _OPERATORS[type(node.op)]
            return operator(self._value(node.left, values), self._value(node.right, values))
        assert isinstance(node, ast.Call)
        assert isinstance(node.func, ast.Name)
        primitive: Any = PRIMITIVES[node.func.id]
        result: Number = primitive(*(self._value(argument, values) for argument in node.args))
        return result

    def _error_at(self, node: ast.expr, reason: str) -> ExpressionError:
        # ast counts bytes of UTF-8.
        line = self.text.strip().splitlines()[node.lineno - 1]
        return self._error(reason, len(line.encode()[: node.col_offset].decode(errors="ignore")), node.lineno)

    def _error(self, reason: str, column: int, line: int = 1) -> ExpressionError:
        lines = self.text.strip().splitlines() or [""]
        return ExpressionError(f"{reason}\n  {lines[line - 1]}\n  {' ' * columns(lines[line - 1][:column])}^")
