"""The tape: what a recorded function did, one scalar operation after the other, as plain lists of nodes.

Equal operations are written down once, and operations on constants alone are computed on the spot.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from autograd.compiler.lines import users_line
from autograd.engine import ops
from autograd.engine.ops import as_float
from autograd.engine.value import Value

# ---------------------------------------------------------------- what `where` is recorded as


class TapeOperation:
    """An operation that exists only on tapes; it looks like a primitive of two operands."""

    operands = ("x", "y")

    def __init__(self, name: str, call: str, forward: Callable[[float, float], float], passes: bool | None) -> None:
        self.name = name
        self.call = call
        self.forward = forward
        self._passes = passes

    def partial_x(self, x: float, y: float, out: float) -> float:
        return 0.0

    def partial_y(self, x: float, y: float, out: float) -> float:
        return 0.0 if self._passes is None else float((x != 0.0) == self._passes)

    def __repr__(self) -> str:
        return f"<{self.call}>"


LESS = TapeOperation("less", "x < y", lambda x, y: float(x < y), None)
LESS_EQUAL = TapeOperation("less_equal", "x <= y", lambda x, y: float(x <= y), None)
EQUAL = TapeOperation("equal", "x == y", lambda x, y: float(x == y), None)
# `where` adds the two up: -0.0 changes no number that is added to it, not even another zero.
SELECT_IF = TapeOperation("select_if", "y if x else -0.0", lambda x, y: y if x != 0.0 else -0.0, True)
SELECT_UNLESS = TapeOperation("select_unless", "-0.0 if x else y", lambda x, y: -0.0 if x != 0.0 else y, False)
CONDITIONS = frozenset({LESS, LESS_EQUAL, EQUAL})
SELECTS = frozenset({SELECT_IF, SELECT_UNLESS})

Operation = Any
"""A primitive, or a `TapeOperation`."""

# ---------------------------------------------------------------- the tape


class Check(NamedTuple):
    """A `require` of a recorded function.

    node, negated: its condition, as in `Condition`. message: what to say, and the nodes of the `numbers` in it.
    """

    node: int
    negated: bool
    message: str
    numbers: tuple[int, ...]


def nodes_of(checks: Iterable[Check]) -> list[int]:
    """The nodes of checks: of each the condition, then the numbers in its message."""
    return [node for check in checks for node in (check.node, *check.numbers)]


class Tape:
    """What a function did, one operation after the other.

    operations[i] made node i from the nodes lefts[i] and rights[i] (-1: absent); it is None for an input, a
    captured Value or a constant. No gradient flows through the nodes in `stopped`. The products in `squares` were
    powers.

    inputs: how many of the first nodes are inputs. captured: Values from outside, by node. constants: numbers, by
    node. checks: what `require` recorded. lines: where each node was made, if that was asked for.
    """

    def __init__(self, inputs: int, with_lines: bool = False) -> None:
        self.operations: list[Operation | None] = [None] * inputs
        self.lefts: list[int] = [-1] * inputs
        self.rights: list[int] = [-1] * inputs
        self.inputs = inputs
        self.stopped: set[int] = set()
        self.squares: set[int] = set()
        self.captured: dict[int, Value] = {}
        self.constants: dict[int, float] = {}
        self.checks: dict[Check, None] = {}
        self.lines: list[str] | None = [""] * inputs if with_lines else None
        self._known: dict[tuple[Operation, int, int, bool], int] = {}
        self._node_of_number: dict[Any, int] = {}
        self._node_of_zero: dict[Any, int] = {}

    def constant(self, number: float) -> int:
        known: dict[Any, int] = self._node_of_number
        key: Any = number
        if not number:  # 0.0 and -0.0 are equal, and not the same
            known, key = self._node_of_zero, math.copysign(1.0, number)
        elif number != number:  # nan is the same, and not equal
            key = "nan"
        node = known.get(key)
        if node is None:
            node = known[key] = self._add(None, -1, -1)
            self.constants[node] = number
        return node

    def _add(self, operation: Operation | None, left: int, right: int) -> int:
        self.operations.append(operation)
        self.lefts.append(left)
        self.rights.append(right)
        if self.lines is not None:
            self.lines.append(users_line(sys._getframe(1)))
        return len(self.operations) - 1

    def apply(self, operation: Operation, left: int, right: int, stopped: bool) -> int:
        """The node of an operation on nodes."""
        key = (operation, left, right, stopped)
        node = self._known.get(key)
        if node is not None:
            return node
        if not stopped and (right in self.constants or left in self.constants):
            node = self._simplified(operation, left, right)
        if node is None:
            node = self._add(operation, left, right)
            if stopped:
                self.stopped.add(node)
        self._known[key] = node
        return node

    def _simplified(self, operation: Operation, left: int, right: int) -> int | None:
        """The node that an operation with constants comes to without computing anything, or None."""
        constants = self.constants
        y = constants.get(right)
        x = constants.get(left)
        if x is not None and (right < 0 or y is not None):
            numbers = (x,) if y is None else (x, y)
            try:
                return self.constant(as_float(operation, "forward", *numbers))
            except (ArithmeticError, ValueError):
                return None  # it fails at each call, if a result depends on it
        if y is not None:
            if y == 1.0 and (operation is ops.multiply or operation is ops.divide or operation is ops.power):
                return left
            if y == 0.0 and _changes_nothing(operation, y):
                return left
            if y == 0.0 and operation in SELECTS and _is_minus_zero(y):
                return right
            if y == 2.0 and operation is ops.power:
                count = len(self.operations)
                square = self.apply(ops.multiply, left, left, stopped=False)
                if square == count:
                    self.squares.add(square)
                return square
        elif x is not None and (
            (x == 1.0 and operation is ops.multiply) or (operation is ops.add and _is_minus_zero(x))
        ):
            return right
        return None

    def finish(self) -> None:
        """Drops what only recording needs; nothing is added afterwards."""
        self._known.clear()
        self._node_of_number.clear()
        self._node_of_zero.clear()

    def sort_captured(self) -> None:
        """Sorts the captured Values by their use.

        A neuron uses its bias between two weights. If no bias stands among the weights of a layer, they are read as one
        matrix, without a copy.
        """
        captured = self.captured
        users: dict[int, Operation] = {}
        for operation, left, right in zip(self.operations, self.lefts, self.rights, strict=True):
            if left in captured:
                users.setdefault(left, operation)
            if right in captured:
                users.setdefault(right, operation)
        groups: dict[Operation | None, list[int]] = {}
        for node in captured:
            groups.setdefault(users.get(node), []).append(node)
        self.captured = {node: captured[node] for group in groups.values() for node in group}


def _is_minus_zero(number: float) -> bool:
    return number == 0.0 and math.copysign(1.0, number) < 0.0


def _changes_nothing(operation: Operation, zero: float) -> bool:
    """Whether adding or subtracting this zero leaves every number as it is; -0.0 + 0.0 is 0.0."""
    return (operation is ops.add and _is_minus_zero(zero)) or (operation is ops.subtract and not _is_minus_zero(zero))
