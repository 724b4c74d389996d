"""Formulas as text: read as numbers, names, operators and calls of primitives, and never run as Python."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
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

_SHOWN_AROUND = 40  # characters on each side of a mistake


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
        self._line = " ".join(text.splitlines()).strip()
        if not self._line:
            raise ExpressionError("there is no formula")
        if "#" in self._line:
            raise self._error("a formula holds no comments", self._line.index("#"))
        try:
            tree = ast.parse(self._line, mode="eval")
        except SyntaxError as error:
            # An end that comes too early is reported at 0.
            column = error.offset - 1 if error.offset else len(self._line)
            raise self._error(f"this is no formula: {error.msg}", column) from None
        except (RecursionError, MemoryError):
            raise self._error("this is nested too deeply, or too long", 0) from None
        except ValueError as error:
            raise self._error(f"this cannot be read: {error}", 0) from None
        self._nodes = list(self._in_order(tree.body))
        self.names = list(dict.fromkeys(node.id for node in self._nodes if isinstance(node, ast.Name)))

    def __call__(self, values: Mapping[str, Value]) -> Value:
        """The result, when the names stand for these Values.

        Raises:
            KeyError: a name has no Value.
            ValueError, ZeroDivisionError, OverflowError: as the primitives.
        """
        results: list[Number] = []  # those which no operation has taken yet
        for node in self._nodes:
            if isinstance(node, ast.Name):
                results.append(values[node.id])
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
        return result if isinstance(result, Value) else Value(result, requires_grad=False)

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
                hint = "; a power is written **" if isinstance(node.op, ast.BitXor) else ""
                raise self._error_at(node.right, f"before this stands an operator other than + - * / **{hint}")
            return [node.left, node.right]
        if isinstance(node, ast.UnaryOp):
            if not isinstance(node.op, (ast.USub, ast.UAdd)):
                raise self._error_at(node, "only + and - stand before a number")
            return [node.operand]
        if isinstance(node, ast.Call):
            self._check_call(node)
            return node.args
        if not (isinstance(node, ast.Constant) and type(node.value) in (int, float)):
            raise self._error_at(node, "a formula holds numbers, names, + - * / ** and calls such as tanh(x), not this")
        if not abs(node.value) <= sys.float_info.max:  # type: ignore[arg-type]
            raise self._error_at(node, "this number is too large for a float")
        return []

    def _check_call(self, node: ast.Call) -> None:
        if not isinstance(node.func, ast.Name) or node.func.id not in PRIMITIVES:
            called = node.func.id if isinstance(node.func, ast.Name) else ""
            meant = "".join(f", but {name}" for name in get_close_matches(called, PRIMITIVES, n=1, cutoff=0.5))
            all_names = ", ".join(sorted(PRIMITIVES))
            raise self._error_at(node.func, f"there is no such function{meant}; there are {all_names}")
        operands = PRIMITIVES[node.func.id].operands
        count = len(node.args) + len(node.keywords)
        if count != len(operands):
            raise self._error_at(node, f"{node.func.id} takes {', '.join(operands)}, not {count} arguments")
        if node.keywords:
            raise self._error_at(node, f"{node.func.id} takes {', '.join(operands)} by place, without names and =")

    def _error_at(self, node: ast.expr, reason: str) -> ExpressionError:
        # ast counts bytes of UTF-8.
        return self._error(reason, len(self._line.encode()[: node.col_offset].decode(errors="ignore")))

    def _error(self, reason: str, column: int) -> ExpressionError:
        """The error, with as much of the formula around the place as fits on a line."""
        begin, end = max(column - _SHOWN_AROUND, 0), column + _SHOWN_AROUND
        before = ("…" if begin else "") + self._line[begin:column]
        after = self._line[column:end] + ("…" if end < len(self._line) else "")
        return ExpressionError(f"{reason}\n  {before}{after}\n  {' ' * columns(before)}^")
