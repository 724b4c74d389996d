"""The graph of a Value as plain lists, for drawings, pages and traces.

>>> from autograd import Value
>>> x = Value(3.0, label="x")
>>> outline = Outline(x * x + 1)
>>> outline.operands, names_of(outline.nodes, digits=4)
([(), (), (0, 0), (2, 1)], ['x', '1', 'v1', 'v2'])
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from autograd.engine import graph
from autograd.engine.modes import Scope
from autograd.engine.ops import Nary, Unary
from autograd.engine.value import Value


class Outline:
    """The graph of `root` as plain lists, in which indices stand for nodes and scopes.

    nodes: the Values in topological order: the leaves, then the operations, `root` last.
    operands: for each node the indices of its operands; None for a plain number that has no node.
    scopes: the scopes of the nodes and those around them, each after the one around it.
    parents: for each scope the index of the one around it, or None.
    depths: for each scope the number of scopes on the way to it, itself included.
    homes: for each node the index of the scope that it belongs to, or None.
    holders: for each leaf that is a member of scopes the indices of these and of those around them.

    Args:
        root: the Value whose graph it is.
        numbers: whether to make nodes of plain numbers, which then stay in the graph as constants.
    """

    def __init__(self, root: Value, *, numbers: bool = True) -> None:
        if numbers:
            self.nodes = graph.topological_order(root)
        else:
            leaves, operations = graph.ancestors(root)
            self.nodes = leaves + operations
        self._index = {node: index for index, node in enumerate(self.nodes)}
        self.operands = [self._operands(node) for node in self.nodes]
        members = self._members()
        # A member of several scopes (the weights, when a network is applied twice) belongs to the innermost of them.
        homes = [members[index][0] if index in members else node._scope for index, node in enumerate(self.nodes)]
        found: dict[Scope, int] = {}
        for home in dict.fromkeys(homes):
            for scope in home.path() if home is not None else ():
                found.setdefault(scope, len(found))
        self.scopes = list(found)
        self.parents = [None if scope.parent is None else found[scope.parent] for scope in self.scopes]
        self.depths = [len(scope.path()) for scope in self.scopes]
        self.homes = [None if home is None else found[home] for home in homes]
        self.holders = {
            index: {found[outer] for scope in held for outer in scope.path() if outer in found}
            for index, held in members.items()
        }

    def index(self, node: Value) -> int | None:
        """The index of a node; None if it is not in the graph."""
        return self._index.get(node)

    def edges(self) -> Iterator[tuple[int, int, int]]:
        """The operands that are nodes: the index of each, that of its operation, and which operand it is."""
        for index, operands in enumerate(self.operands):
            for which, operand in enumerate(operands):
                if operand is not None:
                    yield operand, index, which

    def around(self, scope: int | None) -> list[int]:
        """The scopes from the outermost to a given one; none for None."""
        path = []
        while scope is not None:
            path.append(scope)
            scope = self.parents[scope]
        return path[::-1]

    def _operands(self, node: Value) -> tuple[int | None, ...]:
        primitive = node.op
        if primitive is None:
            return ()
        operands = graph.operands(node)
        if isinstance(primitive, Unary):
            operands = operands[:1]
        return tuple([None if operand is None else self._index[operand] for operand in operands])

    def _members(self) -> dict[int, list[Scope]]:
        """The leaves that are members of scopes, each with its scopes, the innermost first."""
        depths: dict[Scope, int] = {}
        for scope in dict.fromkeys(node._scope for node in self.nodes):
            if scope is not None:
                depths.update((outer, depth) for depth, outer in enumerate(scope.path()))
        members: dict[int, list[Scope]] = {}
        for scope in sorted(depths, key=lambda scope: -depths[scope]):
            for index in self._leaves(scope.members):
                members.setdefault(index, []).append(scope)
        return members

    def _leaves(self, values: Iterable[Value]) -> Iterator[int]:
        """The indices of those Values that are leaves of the graph."""
        return (self._index[value] for value in values if value in self._index and value.is_leaf)


def names_of(nodes: Iterable[Value], digits: int) -> list[str]:
    """What to call each node: its label, a constant's number, or v1, v2, ... skipping labels."""
    nodes = list(nodes)
    taken = {node.label for node in nodes}
    found = []
    count = 0
    for node in nodes:
        if node.label:
            found.append(node.label)
        elif not node.requires_grad and node.is_leaf:
            found.append(f"{node.data:.{digits}g}")
        else:
            count += 1
            while f"v{count}" in taken:
                count += 1
            found.append(f"v{count}")
    return found


def local_derivatives(node: Value) -> list[float | None]:
    """The derivative of an operation with respect to each operand, at the numbers it was computed with.

    It is None for an operand that requires no gradient, and where the derivative does not exist.

    Raises:
        TypeError: the partials of a user's own primitive are not numbers.
    """
    primitive: Any = node.op
    if isinstance(primitive, Nary):
        try:
            return list(primitive.checked_partials())
        except (ArithmeticError, ValueError):
            return [None] * len(primitive.parents)
    numbers = graph.operand_numbers(node)
    x, y = numbers[0], numbers[1] if len(numbers) > 1 else 0.0
    derivatives: list[float | None] = []
    rules = primitive.float_partial_x, primitive.float_partial_y
    for partial, parent in zip(rules, graph.operands(node), strict=False):
        if parent is None or not parent.requires_grad:  # it is not needed, and may be costly or undefined
            derivatives.append(None)
            continue
        try:
            derivatives.append(partial(x, y, node.data))
        except (ArithmeticError, ValueError):
            derivatives.append(None)
    return derivatives
