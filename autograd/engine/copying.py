"""Copies of a graph, in memory and on disk, made without recursion."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from autograd.engine.graph import ancestors
from autograd.engine.ops import Nary

if TYPE_CHECKING:
    from autograd.engine.modes import Scope
    from autograd.engine.ops import Primitive
    from autograd.engine.value import Value

Record = tuple["Primitive | None", int, int, float, float, float, float, "str | None", "Scope | None"]
"""One operation on disk: its primitive, the indices of its parents (-1 for a plain number), the operands' numbers as
they were, its own number and gradient, label and scope."""


def twin(node: Value) -> Value:
    """A new node with the same contents and the same parents."""
    other = type(node).__new__(type(node))
    other._data, other._grad, other._label = node._data, node._grad, node._label
    other._requires_grad, other._op, other._scope = node._requires_grad, node._op, node._scope
    other._left, other._right, other._x, other._y = node._left, node._right, node._x, node._y
    other._visit = 0  # the numbers of walks belong to one process, and to one object
    _set_attributes(other, _attributes(node))
    return other


def copied(root: Value, memo: dict[int, Any]) -> Value:
    """A deep copy of `root` and of everything under it; what is in `memo` is not copied again."""
    leaves, operations = ancestors(root)
    for node in leaves + operations:
        if id(node) in memo:
            continue
        other = twin(node)
        memo[id(node)] = other
        if node._left is not None:
            other._left = memo[id(node._left)]
        if node._right is not None:
            other._right = memo[id(node._right)]
        if isinstance(node._op, Nary):
            other._op = node._op.on([memo[id(parent)] for parent in node._op.parents])
        if node._scope is not None:
            other._scope = copy.deepcopy(node._scope, memo)
        for name, attribute in _attributes(node).items():
            setattr(other, name, copy.deepcopy(attribute, memo))
    copy_of_root: Value = memo[id(root)]
    return copy_of_root


def reduced(root: Value) -> tuple[object, ...]:
    """What pickle needs: the leaves of the graph and a record for each operation, instead of nested pointers.

    Pickle sees the leaves themselves, so that a loss and the parameters of its model stay connected when they are
    pickled together. Two roots pickled together share their leaves; each gets its own copy of the nodes in between.
    """
    if root._op is None:
        state = (root._data, root._grad, root._label, root._requires_grad, root._scope)
        attributes = _attributes(root)
        leaf = _restored_leaf, (type(root), *state)
        return (*leaf, attributes, None, None, _set_attributes) if attributes else leaf
    leaves, operations = ancestors(root)
    index = {node: number for number, node in enumerate(leaves + operations)}
    records: list[Record] = []
    for node in operations:
        left = -1 if node._left is None else index[node._left]
        right = -1 if node._right is None else index[node._right]
        if isinstance(node._op, Nary):
            raise TypeError(
                f"the result of {node._op.call} cannot be pickled with its graph; pickle .detach() of it, the number"
            )
        numbers = (node._x, node._y, node._data, node._grad)
        records.append((node._op, left, right, *numbers, node._label, node._scope))
    return _restored_graph, (type(root), leaves, records)


def _restored_leaf(
    kind: type[Value], data: float, grad: float, label: str | None, requires_grad: bool, scope: Scope | None
) -> Value:
    """A leaf, for unpickling."""
    leaf = kind.__new__(kind)
    leaf._data, leaf._grad, leaf._label = data, grad, label
    leaf._requires_grad, leaf._scope = requires_grad, scope
    leaf._op = leaf._left = leaf._right = None
    leaf._x = leaf._y = 0.0
    leaf._visit = 0
    return leaf


def _restored_graph(kind: type[Value], leaves: list[Value], records: list[Record]) -> Value:
    """The last of the operations in `records`, with its whole graph, for unpickling."""
    nodes = list(leaves)
    for primitive, left, right, x, y, data, grad, label, scope in records:
        node = _restored_leaf(kind, data, grad, label, True, scope)
        node._op, node._x, node._y = primitive, x, y
        node._left = None if left < 0 else nodes[left]
        node._right = None if right < 0 else nodes[right]
        nodes.append(node)
    return nodes[-1]


def _set_attributes(node: Value, attributes: dict[str, object]) -> None:
    for name, attribute in attributes.items():
        setattr(node, name, attribute)


def _attributes(node: Value) -> dict[str, object]:
    """What a leaf of a subclass holds beyond the fields of a Value."""
    if node._op is not None:
        return {}  # only leaves can be of a subclass
    state: Any = object.__getstate__(node)
    in_dict, in_slots = state if isinstance(state, tuple) else (state, None)
    held = (in_dict or {}) | (in_slots or {})
    return {name: attribute for name, attribute in held.items() if name not in _FIELDS}


_FIELDS = frozenset(
    {"_data", "_grad", "_label", "_requires_grad", "_op", "_left", "_right", "_x", "_y", "_scope", "_visit"}
)
"""What makes up a Value."""
