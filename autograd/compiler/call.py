"""A call of a compiled function as one operation of the eager graph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd.functional import gradients
from autograd.ops import Nary
from autograd.value import Value


class Call(Nary):
    """One result of a compiled function that was called with Values, or that uses Values from outside.

    Args:
        title: what the function is called.
        parents: the Values among its arguments, and those from outside.
        numbers: what these are.
        row: gives the derivatives of the result with respect to the parents; called when somebody asks.
        eagerly: runs the function itself on the parents, for second derivatives; None where it has other operands.
    """

    def __init__(
        self,
        title: str,
        parents: list[Value],
        numbers: list[float],
        row: Callable[[], list[float]],
        eagerly: Callable[[], Value] | None,
    ) -> None:
        super().__init__(title, parents, numbers)
        self._row = row
        self._eagerly = eagerly

    def partials(self) -> list[float]:
        return self._row()

    def on(self, parents: list[Value]) -> Call:
        return Call(self.title, parents, self.numbers, self._row, None)

    def partials_as_values(self) -> list[Value]:
        if self._eagerly is None:
            raise RuntimeError(f"a deep copy of {self.call} has first derivatives only; call the function again")
        result = self._eagerly()
        wanted = [parent for parent in self.parents if parent.requires_grad]
        found: dict[Value, Value] = {}
        if result.requires_grad:
            found = dict(zip(wanted, gradients(result, wanted, create_graph=True), strict=True))
        return [found.get(parent, _ZERO) for parent in self.parents]


_ZERO = Value(0.0, requires_grad=False)


class Rows:
    """The derivatives of the results of one call, each computed once, when somebody asks.

    Args:
        compute: the derivatives of a result, by its place, with respect to everything.
        places: of which of these the derivatives are wanted.
    """

    def __init__(self, compute: Callable[[int], Any], places: Sequence[int]) -> None:
        self._compute = compute
        self._places = list(places)
        self._rows: dict[int, list[float]] = {}

    def of(self, result: int) -> list[float]:
        """Those of one result."""
        if result not in self._rows:
            self._rows[result] = self._compute(result)[self._places].tolist()
        return self._rows[result]
