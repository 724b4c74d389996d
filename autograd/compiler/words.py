"""Operations in words, as pictures of programs show them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

LONGEST_LINE = 30
"""A sum that takes more is written on several lines, or described."""

_PATTERNS = {
    "add": "{0} + {1}",
    "subtract": "{0} - {1}",
    "multiply": "{0} * {1}",
    "divide": "{0} / {1}",
    "power": "{0} ** {1}",
    "negate": "negative",
    "less": "{0} < {1}",
    "less_equal": "{0} <= {1}",
    "equal": "{0} == {1}",
    "select_if": "{1} where {0}, else nothing",
    "select_unless": "nothing where {0}, else {1}",
    "sum_of_terms": "sum",
    "sum_of_products": "sum of products",
    "sum_of_term_and_products": "sum with products",
    "sum_of_signed_terms_and_products": "sum with products",
}


def in_words(operation: Any, operands: Sequence[str]) -> str:
    """What an operation does to operands of these names.

    >>> from autograd.engine import ops
    >>> in_words(ops.divide, ["x[0]", "r1"]), in_words(ops.atan2, ["x[0]", "r1"])
    ('x[0] / r1', 'atan2 of x[0] and r1')
    """
    pattern = _PATTERNS.get(operation.name)
    if pattern is not None:
        return pattern.format(*operands)
    name: str = operation.name.replace("_", " ")
    return name if len(operands) == 1 else f"{name} of {' and '.join(operands)}"
