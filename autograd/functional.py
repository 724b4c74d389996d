"""Derivatives as functions of the graph: nothing here touches a `.grad`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Literal, overload

from autograd import finite, graph
from autograd.modes import enable_grad
from autograd.ops import Number
from autograd.value import Value


@overload
def gradients(root: Value, wrt: Sequence[Value], create_graph: Literal[False] = False) -> list[float]: ...
@overload
def gradients(root: Value, wrt: Sequence[Value], create_graph: Literal[True]) -> list[Value]: ...
@overload
def gradients(root: Value, wrt: Sequence[Value], create_graph: bool) -> list[float] | list[Value]: ...
def gradients(root: Value, wrt: Sequence[Value], create_graph: bool = False) -> list[float] | list[Value]:
    """The derivatives of `root` with respect to each of `wrt`, in their order; no `.grad` changes.

    Args:
        root: what is differentiated.
        wrt: leaves or intermediate Values; one that `root` does not depend on has derivative 0.
        create_graph: True gives the derivatives as Values, which can be differentiated again.

    Raises:
        RuntimeError: `root` is a constant.
        ValueError: one of `wrt` is a constant.
        ChangedLeafError: with `create_graph`, a leaf's data was changed after the graph was built.
        FloatingPointError: as in `Value.backward()`.

    >>> x = Value(2.0)
    >>> (slope,) = gradients(x**3, [x], create_graph=True)
    >>> slope.data, gradients(slope, [x])
    (12.0, [12.0])
    """
    if not isinstance(root, Value):
        raise TypeError(f"gradients of a Value are asked for, not of a {type(root).__name__} {root!r}")
    if isinstance(wrt, Value) or not all(isinstance(node, Value) for node in wrt):
        raise TypeError("wrt is a list of the Values to differentiate with respect to: gradients(root, [x, y])")
    for node in wrt:
        if not node.requires_grad:
            raise ValueError(f"{node!r} is a constant: no gradient is computed for it")
    if not root.requires_grad:
        raise RuntimeError(f"{root!r} is a constant, or was computed from constants or under no_grad()")
    leaves, operations = graph.ancestors(root)
    if not math.isfinite(root.data):
        finite.blame_result(operations)
    partials: Callable[[Value], Iterable[tuple[str, Value, Number]]]
    partials = graph.partials_as_values if create_graph else graph.partials
    gradient: dict[Value, Number] = {root: 1.0}
    with enable_grad():
        for node in reversed(operations):
            try:
                for _, parent, partial in partials(node):
                    contribution = _times(gradient[node], partial)
                    gradient[parent] = gradient[parent] + contribution if parent in gradient else contribution
            except (ArithmeticError, ValueError) as error:
                raise finite.no_derivative(node, error) from error
    if not all(math.isfinite(_number(gradient.get(leaf, 0.0))) for leaf in leaves):
        finite.blame_derivative(leaves, operations, lambda node: _number(gradient.get(node, 0.0)))
    found = [gradient.get(node, 0.0) for node in wrt]
    if not create_graph:
        return [_number(number) for number in found]
    return [number if isinstance(number, Value) else Value(number, requires_grad=False) for number in found]


def _times(gradient: Number, partial: Number) -> Number:
    """gradient * partial, without a multiplication by one in the graph of a second derivative."""
    if not isinstance(partial, Value) and partial == 1.0:
        return gradient
    if not isinstance(gradient, Value) and gradient == 1.0:
        return partial
    return gradient * partial


def _number(number: Number) -> float:
    return number.data if isinstance(number, Value) else number
