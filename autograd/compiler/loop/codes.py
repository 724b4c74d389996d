"""The numbers that stand for the operations of the compiled loop, and the rules of those that are no primitives."""

from __future__ import annotations

import math

from autograd.compiler.loop.jit import jitted

TERMS, PRODUCTS, TERM_AND_PRODUCTS, SIGNED = range(4)
LESS, LESS_EQUAL, EQUAL, SELECT_IF, SELECT_UNLESS = range(4, 9)
FIRST_PRIMITIVE = 9
FIRST_OWN = 1_000  # the codes of users' primitives begin here, far beyond those of the library

TAPE_CODES = {
    "sum_of_terms": TERMS,
    "sum_of_products": PRODUCTS,
    "sum_of_term_and_products": TERM_AND_PRODUCTS,
    "sum_of_signed_terms_and_products": SIGNED,
    "less": LESS,
    "less_equal": LESS_EQUAL,
    "equal": EQUAL,
    "select_if": SELECT_IF,
    "select_unless": SELECT_UNLESS,
}
"""The codes of the operations besides the primitives, by name."""


@jitted
def tape_value(code: int, x: float, y: float) -> float:
    """The result of an operation that `where` is recorded as."""
    if code == LESS:
        return 1.0 if x < y else 0.0
    if code == LESS_EQUAL:
        return 1.0 if x <= y else 0.0
    if code == EQUAL:
        return 1.0 if x == y else 0.0
    if code == SELECT_IF:
        return y if x != 0.0 else -0.0
    if code == SELECT_UNLESS:
        return -0.0 if x != 0.0 else y
    return math.nan


@jitted
def tape_partial_y(code: int, x: float) -> float:
    """The derivative of such an operation with respect to its second operand; that for the first is 0."""
    if code == SELECT_IF:
        return 1.0 if x != 0.0 else 0.0
    if code == SELECT_UNLESS:
        return 0.0 if x != 0.0 else 1.0
    return 0.0
