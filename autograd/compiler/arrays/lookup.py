"""The rule of each operation on arrays, whoever wrote it."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.compiler.arrays.elementary import Array, ArrayRule
from autograd.compiler.arrays.own import own_array_rule
from autograd.compiler.arrays.rules import ARRAY_RULES
from autograd.compiler.tape import TapeOperation


def _truth(x: Array) -> Array:
    return x if x.dtype == np.bool_ else x != 0.0


def _nothing(x: Array, y: Array, out: Array) -> Array:
    return np.zeros_like(out)


TAPE_RULES: dict[str, ArrayRule] = {
    "less": ArrayRule(np.less, (_nothing, _nothing)),
    "less_equal": ArrayRule(np.less_equal, (_nothing, _nothing)),
    "equal": ArrayRule(np.equal, (_nothing, _nothing)),
    "select_if": ArrayRule(lambda x, y: np.where(_truth(x), y, -0.0), (_nothing, lambda x, y, out: _truth(x))),
    "select_unless": ArrayRule(lambda x, y: np.where(_truth(x), -0.0, y), (_nothing, lambda x, y, out: ~_truth(x))),
}
"""The rules of what `where` is recorded as (`autograd.compiler.tape`)."""


def has_array_rule(operation: Any) -> bool:
    """Whether it is a primitive of the library, not one that a user wrote."""
    return type(operation).__module__ == "autograd.engine.ops" and operation.name in ARRAY_RULES


def array_rule(operation: Any) -> ArrayRule:
    """The rule of a primitive; for one that a user wrote, see `autograd.compiler.arrays.own`."""
    if has_array_rule(operation):
        return ARRAY_RULES[operation.name]
    if isinstance(operation, TapeOperation):
        return TAPE_RULES[operation.name]
    return own_array_rule(operation)
