"""The rules on arrays of a primitive that a user wrote."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import numpy as np

from autograd.compiler.arrays.elementary import Array, ArrayRule, element_by_element, like
from autograd.compiler.own_rules import Translations, warn_of
from autograd.engine.ops import as_float
from autograd.rules import numpy_language
from autograd.rules.comparison import Rule, difference
from autograd.rules.expression_reader import RULES
from autograd.rules.expressions import Function
from autograd.rules.text import NotTranslatable

BLOCK = 8192
"""The number of floats of single precision to compute at a time: as doubles they fit into the cache of a processor."""

OnArrays = Callable[..., Array]


def _on_arrays(primitive: Any, rules: dict[str, Function]) -> dict[str, OnArrays]:
    """The rules on arrays, after a comparison with those of the class.

    Raises:
        NotTranslatable: NumPy lacks a function that they need, or they give other numbers there.
    """
    namespace: dict[str, Any] = {}
    exec(numpy_language.source(primitive, rules), namespace)
    found = {rule: _in_double(_of_one_shape(namespace[rule])) for rule in rules}
    try:
        where = difference(primitive, {rule: _on_columns(function) for rule, function in found.items()})
    except Exception as error:  # noqa: BLE001 # whatever it is, the class's own rules are right
        where = f"its translation raises {type(error).__name__}: {error}"
    if where is not None:
        raise NotTranslatable(where)
    return found


def _of_one_shape(function: OnArrays) -> OnArrays:
    """A rule that gives an array for arrays, even if its result is a constant."""

    def rule(*arrays: Array) -> Array:
        result = function(*arrays)
        return result if np.ndim(result) else like(float(result), *arrays)

    return rule


def _in_double(function: OnArrays) -> OnArrays:
    """A rule that computes in double precision and rounds the result, as the class's own rule does for float32."""

    def rule(*arrays: Array) -> Array:
        if all(array.dtype == np.float64 for array in arrays):
            return function(*arrays)
        if all(array.size <= BLOCK for array in arrays):
            return function(*(array.astype(np.float64) for array in arrays)).astype(np.result_type(*arrays))
        shape = np.broadcast_shapes(*(array.shape for array in arrays))
        rows = [np.broadcast_to(array, shape).reshape(-1) for array in arrays]
        result = np.empty(rows[0].size, np.result_type(*arrays))
        for start in range(0, result.size, BLOCK):
            part = slice(start, start + BLOCK)
            result[part] = function(*(row[part].astype(np.float64) for row in rows))
        return result.reshape(shape)

    return rule


def _on_columns(function: OnArrays) -> Rule:
    """A rule on arrays, for lists."""

    def rule(*columns: Any) -> Any:
        with np.errstate(all="ignore"):
            return function(*map(np.array, columns)).tolist()

    return rule


_TRANSLATIONS = Translations(_on_arrays)


@cache
def own_array_rule(primitive: Any) -> ArrayRule:
    """The translated rule of a user's primitive, or its own rule, called element by element, with a warning."""
    names = RULES[: len(primitive.operands) + 1]
    by_element = {
        name: element_by_element(partial(as_float, primitive, name), len(primitive.operands) + (name != "forward"))
        for name in names
    }

    def current() -> dict[str, OnArrays]:
        try:
            return _TRANSLATIONS.of(primitive)
        except NotTranslatable as reason:
            warn_of(primitive, reason)
            return by_element

    current()  # so that it warns where the function is compiled
    forward, *partials = (lambda *arrays, name=name: current()[name](*arrays) for name in names)
    return ArrayRule(forward, tuple(partials))
