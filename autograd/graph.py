"""Walks over the graph of a computation: its topological order, the local derivatives on its edges.

Nothing here recurses with the graph, so a chain of a million nodes is as good as one of three.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from autograd import errors

if TYPE_CHECKING:
    from autograd.ops import Number
    from autograd.value import Value


def ancestors(root: Value) -> tuple[list[Value], list[Value]]:
    """The leaves under `root`, and the operations in topological order: parents before children, `root` last.

    Depth first with a stack of its own: an operation that is met is put back under its parents, marked by a None on
    top of it, and comes out for the second time when all of them are done. An operation may be put on the stack by
    each of its children; it counts as seen only when it comes out, so that the deepest of them gets it first.
    """
    leaves: list[Value] = []
    operations: list[Value] = []
    seen: set[Value] = set()
    stack: list[Value | None] = [root]
    while stack:
        node = stack.pop()
        if node is None:
            operations.append(stack.pop())  # type: ignore[arg-type]
        elif node not in seen:
            seen.add(node)
            if node._op is None:
                leaves.append(node)
                continue
            stack.append(node)
            stack.append(None)
            if node._right is not None:
                stack.append(node._right)
            if node._left is not None:
                stack.append(node._left)
    return leaves, operations


def topological_order(root: Value) -> list[Value]:
    """Every Value that `root` was computed from, each once, parents before children: leaves first, `root` last.

    Constants are among them, also the plain numbers that were mixed in. `backward()` is a walk over the reverse of
    this list.

    >>> from autograd import Value, topological_order
    >>> x = Value(2.0, label="x")
    >>> [node.label or node.op.symbol for node in topological_order(x * x + x)]
    ['x', '*', '+']
    """
    for node in ancestors(root)[1]:
        _ = node.parents  # a plain number becomes a constant Value when somebody looks at it
    leaves, operations = ancestors(root)
    return leaves + operations


def partials(node: Value) -> Iterator[tuple[str, Value, float]]:
    """For each parent of an operation that needs a gradient: the operand's name, the parent, the derivative."""
    return _partials_at(node, node._x, node._y, node._data)


def partials_as_values(node: Value) -> Iterator[tuple[str, Value, Number]]:
    """The same, computed on the operands and the result themselves, so that they can be differentiated again.

    Raises:
        ChangedLeafError: an operand's number is no longer the one that the operation saw.
    """
    left, right = node._left, node._right
    for parent, seen in ((left, node._x), (right, node._y)):
        if parent is not None and parent._data != seen and not (parent._data != parent._data and seen != seen):
            raise errors.ChangedLeafError(
                f"{parent!r} was {seen!r} when {described(node)} was computed; build the graph again after changing "
                "a leaf, or keep the first derivatives only: those belong to the old number"
            )
    return _partials_at(node, node._x if left is None else left, node._y if right is None else right, node)


def _partials_at(node: Value, x: Number, y: Number | None, out: Number) -> Iterator[tuple[str, Value, Any]]:
    """The partials of an operation at the given operands and result: floats, or Values."""
    primitive: Any = node._op  # Unary where y is None, else Binary
    operands = (x, out) if y is None else (x, y, out)
    left, right = node._left, node._right
    if left is not None and left._requires_grad:
        yield "x", left, primitive.partial_x(*operands)
    if right is not None and right._requires_grad:
        yield "y", right, primitive.partial_y(*operands)


def described(node: Value) -> str:
    """An operation, its numbers and its labels in words, for messages."""
    operation = node._op
    if operation is None:
        return f"the leaf {node!r}"
    numbers = (node._x,) if node._y is None else (node._x, node._y)
    labels = [None if parent is None else parent._label for parent in (node._left, node._right)][: len(numbers)]
    name = f" (labelled {node._label!r})" if node._label else ""
    return f"{operation.call} = {node._data!r}{name} at {errors.at(operation.operands, numbers, labels)}"
