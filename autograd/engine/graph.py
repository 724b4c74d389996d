"""Walks over the graph of a computation: its topological order, the local derivatives on its edges.

Nothing here recurses, so a graph may be a million nodes deep.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from autograd.engine import errors
from autograd.engine.ops import Nary, Node, Unary, as_number

if TYPE_CHECKING:
    from autograd.engine.ops import Number
    from autograd.engine.value import Value

# Threads may share nodes. A walk marks those that it visits, and a pass keeps the gradients in them: one at a time.
walking: Final = threading.RLock()
passing: Final = threading.RLock()
_walks: Final = itertools.count(1)  # taking the next number cannot be interrupted


def ancestors(root: Value, until: Sequence[Value] = ()) -> tuple[list[Value], list[Value]]:
    """The leaves under `root`, and the operations in topological order: parents before children, `root` last.

    The walk stops at the nodes of `until`: it finds neither these nor what only they were computed from.

    Depth first, with a stack of its own: an operation that is met stays on the stack under its parents, and is done
    when it comes to the top again. Each of its children may put it there; it counts as met only at the top, so that
    the deepest of them gets it first.
    """
    leaves: list[Value] = []
    operations: list[Value] = []
    stack: list[Value] = [root]
    with walking:
        # Any number that an earlier walk left in a node, even if it was interrupted, is smaller than these two.
        walk = next(_walks)
        met, done = 2 * walk, 2 * walk + 1
        for node in until:
            node._visit = done
        while stack:
            node = stack[-1]
            if node._visit < met and node._op is not None:
                node._visit = met
                left, right = node._left, node._right
                if right is not None and right._visit < met:
                    stack.append(right)
                if left is not None:
                    if left._visit < met:
                        stack.append(left)
                elif isinstance(node._op, Nary):
                    stack.extend(reversed(node._op.parents))
            else:
                stack.pop()
                if node._visit < done:
                    node._visit = done
                    (leaves if node._op is None else operations).append(node)
        if next(_walks) != walk + 1:  # a finalizer or a signal handler ran a walk meanwhile, perhaps over these nodes
            return ancestors(root, until)
    return leaves, operations


def topological_order(root: Value) -> list[Value]:
    """Every Value that `root` was computed from, each once, parents before children: leaves first, `root` last.

    Constants are among them, and so are the plain numbers that were mixed in. `backward()` goes through this list in
    reverse.

    >>> from autograd import Value, topological_order
    >>> x = Value(2.0, label="x")
    >>> [node.label or node.op.symbol for node in topological_order(x * x + x)]
    ['x', '×', '+']
    """
    for node in ancestors(root)[1]:
        _ = node.parents  # this makes each plain number a constant Value
    leaves, operations = ancestors(root)
    return leaves + operations


def operands(node: Value) -> Sequence[Value | None]:
    """The parents of an operation as stored: None for a plain number, until `Value.parents` makes it a Value."""
    operation = node._op
    return operation.parents if isinstance(operation, Nary) else (node._left, node._right)


def operand_numbers(node: Value) -> Sequence[float]:
    """The numbers of an operation's operands as it saw them."""
    operation = node._op
    if isinstance(operation, Nary):
        return operation.numbers
    return (node._x,) if isinstance(operation, Unary) else (node._x, node._y)


def partials(node: Value) -> Iterator[tuple[str, Value, float]]:
    """For each parent of an operation that needs a gradient: the operand's name, the parent, the derivative."""
    return _partials_at(node, node._x, node._y, node._data)


def partials_as_values(node: Value) -> Iterator[tuple[str, Value, Number]]:
    """The same, computed from the Values, so that the partials can be differentiated again.

    Raises:
        ChangedLeafError: an operand's number is no longer the one that the operation saw.
    """
    for parent, seen in zip(operands(node), operand_numbers(node), strict=False):
        if parent is not None and parent._data != seen and not (parent._data != parent._data and seen != seen):
            raise errors.ChangedLeafError(
                f"{parent!r} was {seen!r} when {described(node)} was computed; build the graph again after changing "
                "a leaf, or keep the first derivatives only: those belong to the old number"
            )
    left, right = node._left, node._right
    return _partials_at(node, node._x if left is None else left, node._y if right is None else right, node)


def _partials_at(node: Value, x: Number, y: Number, out: Number) -> Iterator[tuple[str, Value, Any]]:
    """The partials of an operation at the given operands and result: floats, or Values."""
    primitive: Any = node._op
    as_values = isinstance(out, Node)
    if isinstance(primitive, Nary):
        found: Sequence[Any] = primitive.checked_partials_as_values() if as_values else primitive.checked_partials()
        for index, (parent, partial) in enumerate(zip(primitive.parents, found, strict=True)):
            if parent._requires_grad:
                yield f"operand {index}", parent, partial
        return
    seen = (x, out) if isinstance(primitive, Unary) else (x, y, out)
    left, right = node._left, node._right
    if left is not None and left._requires_grad:
        by_x = as_number(primitive, "partial_x", *seen) if as_values else primitive.float_partial_x(x, y, out)
        yield "x", left, by_x
    if right is not None and right._requires_grad:
        yield (
            "y",
            right,
            as_number(primitive, "partial_y", *seen) if as_values else primitive.float_partial_y(x, y, out),
        )


def described(node: Value) -> str:
    """An operation, its numbers and its labels in words, for messages."""
    operation: Any = node._op
    if operation is None:
        return f"the leaf {node!r}"
    name = f" (labelled {node._label!r})" if node._label else ""
    result = f"{operation.call} = {node._data!r}{name}"
    if isinstance(operation, Nary):
        return result
    numbers = operand_numbers(node)
    labels = [None if parent is None else parent._label for parent in operands(node)][: len(numbers)]
    return f"{result} at {errors.at(operation.operands, numbers, labels)}"
