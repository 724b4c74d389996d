"""The formulas of the primitives as trees, in which the page puts the names of nodes or numbers.

In a tree an operand is its index, a number or a named constant is its text, and all else is a list: an operator of
Python with its operands, "negative", "if" with a condition and two choices, or "call" with the name of a function.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from autograd.pictures.style import shown
from autograd.rules.expression_reader import COMPARISONS, OPERATORS

Tree = int | str | list[Any]

LONGEST_NAME = 24
"""The page names a result by its formula up to this length."""

_LONGEST_FORMULA = 400  # a user may write anything

_OPERATORS = OPERATORS | COMPARISONS


@lru_cache(maxsize=1000)
def tree(formula: str, operands: tuple[str, ...]) -> Tree | None:
    """A formula in Python's syntax as a tree; None if it is not one that the page can write.

    Args:
        formula: the text.
        operands: what it calls its operands, in order.

    >>> tree("y * x**(y - 1)", ("x", "y"))
    ['*', 1, ['**', 0, ['-', 1, '1']]]
    """
    if len(formula) > _LONGEST_FORMULA:
        return None
    try:
        return _tree(ast.parse(formula.strip(), mode="eval").body, {name: index for index, name in enumerate(operands)})
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _tree(found: ast.expr, operands: dict[str, int]) -> Tree:
    """The tree of a part of a formula.

    Raises:
        ValueError: there is no such tree.
    """
    match found:
        case ast.Name(name):
            return operands.get(name, shown(name))
        case ast.Constant(int(number)) if not isinstance(number, bool):
            return str(number)
        case ast.Constant(float(number)) if math.isfinite(number):
            return repr(number)
        case ast.UnaryOp(ast.USub(), operand):
            return ["negative", _tree(operand, operands)]
        case ast.BinOp(left, operator, right) | ast.Compare(left, [operator], [right]) if type(operator) in _OPERATORS:
            return [_OPERATORS[type(operator)], _tree(left, operands), _tree(right, operands)]
        case ast.IfExp(condition, chosen, otherwise):
            return ["if", *(_tree(part, operands) for part in (condition, chosen, otherwise))]
        case ast.Call(ast.Name(name), arguments, []):
            return ["call", shown(name), *(_tree(argument, operands) for argument in arguments)]
    raise ValueError(f"the page cannot write {ast.dump(found)}")


def length(formula: Tree, operands: Sequence[int]) -> int:
    """At most how many characters a tree takes, where its operands are names of some lengths.

    >>> length(["+", 0, ["call", "tanh", 1]], [2, 3])  # x1 + tanh(abc)
    14
    """
    if isinstance(formula, int):
        return operands[formula]
    if isinstance(formula, str):
        return len(formula)
    kind, *parts = formula
    if kind == "call":
        return len(parts[0]) + 2 + sum(length(part, operands) + 2 for part in parts[1:]) - 2
    brackets = 0 if kind in ("+", "-") else 2
    around = sum(length(part, operands) + brackets * (length(part, operands) > 3) for part in parts)
    return around + (1 if kind in ("*", "/", "**", "negative") else 3 if kind != "if" else 10)
