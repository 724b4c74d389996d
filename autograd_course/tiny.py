"""The smallest node that a backward loop can walk over: for the exercise in which you write that loop."""

from __future__ import annotations

from collections.abc import Sequence


class Node:
    """A number of a computation that has been done already.

    name: what it is called.
    parents: the nodes that it was computed from.
    partials: its derivative with respect to each of them, in the same order.
    grad: the derivative of the result with respect to it; 0.0 until a backward loop has found it.

    >>> x = Node("x")
    >>> square = Node("square", [x, x], [3.0, 3.0])
    >>> [parent.name for parent in square.parents]
    ['x', 'x']
    """

    def __init__(self, name: str, parents: Sequence[Node] = (), partials: Sequence[float] = ()) -> None:
        self.name = name
        self.parents = list(parents)
        self.partials = list(partials)
        self.grad = 0.0

    def __repr__(self) -> str:
        return f"Node({self.name!r}, grad={self.grad!r})"
