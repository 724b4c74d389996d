"""The rules of a primitive that a user wrote, for the compiled loop.

They are compiled separately and called by their address, so that the loop on disk can stay as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba

from autograd.compiler.own_rules import Translations
from autograd.rules import numba_language
from autograd.rules.comparison import difference, one_by_one
from autograd.rules.expression_reader import RULES
from autograd.rules.expressions import Function
from autograd.rules.text import NotTranslatable

ENTRY = """\


def _entry(which, x, y, out):
    if which == 0:
        return forward({operands})
    if which == 1:
        return partial_x({operands}, out)
    return {second}
"""
"""The function that the loop calls: it takes the number of a rule, two operands and the value."""


class CompiledRules:
    """The rules of a primitive as machine code, which lives as long as this object.

    address: its address.
    """

    def __init__(self, primitive: Any, rules: dict[str, Function]) -> None:
        operands = ", ".join(primitive.operands)
        second = f"partial_y({operands}, out)" if "partial_y" in rules else "0.0"
        namespace: dict[str, Any] = {}
        exec(numba_language.source(primitive, rules) + ENTRY.format(operands=operands, second=second), namespace)
        signature = "float64(int64, float64, float64, float64)"
        self._code = numba.cfunc(signature, error_model="numpy")(namespace["_entry"])
        self.address: Any = self._code.address

    def rule(self, name: str, operands: int) -> Callable[..., float]:
        """A rule as a function of floats."""
        entry, which = self._code.ctypes, RULES.index(name)

        def rule(*numbers: float) -> float:
            x, y = numbers[0], numbers[1] if operands == 2 else 0.0
            out = 0.0 if name == "forward" else numbers[-1]
            return float(entry(which, x, y, out))

        return rule


def _compiled(primitive: Any, rules: dict[str, Function]) -> CompiledRules:
    """The rules, after a comparison with those of the class.

    Raises:
        NotTranslatable: Numba cannot compile them, or they give other numbers.
    """
    try:
        found = CompiledRules(primitive, rules)
    except numba.core.errors.NumbaError as error:
        lines = [line for line in str(error).splitlines() if line and "pipeline" not in line]
        raise NotTranslatable(
            f"Numba cannot compile its rules: {lines[0] if lines else type(error).__name__}"
        ) from None
    count = len(primitive.operands)
    where = difference(primitive, {name: one_by_one(found.rule(name, count)) for name in rules})
    if where is not None:
        raise NotTranslatable(where)
    return found


COMPILED = Translations(_compiled)
"""The rules of the primitives that have been used in a loop."""
