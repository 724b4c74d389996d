"""A derivative that is claimed, of the engine or of anybody's code, and the rounding in it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from autograd.check.numerical import EPSILON
from autograd.engine import graph
from autograd.engine.value import Value
from autograd.functional import gradients

ROUNDINGS = 16.0
"""An analytic derivative may be off by this many roundings of its largest terms, and a numeric one of 0 by as many."""


class Claim(NamedTuple):
    """A derivative that is claimed, and the rounding in it.

    derivative: its value.
    rounding: how far it may be off because its terms are rounded, which matters where they cancel each other.
    noise: how far the value of the function may be off because every operation is rounded.
    connected: whether the graph of the result contains the input.
    """

    derivative: float
    rounding: float
    noise: float
    connected: bool


def claims(root: Value, leaves: Sequence[Value]) -> list[Claim]:
    """The derivatives of `root` with respect to the leaves, and the rounding in them and in `root`.

    Each operation may be off by half a unit in the last place of its result, which moves `root` by that times the
    derivative with respect to the result. A derivative is a sum of products along paths, and may be off by roundings of
    the largest product.
    """
    if not root.requires_grad:
        return [Claim(0.0, 0.0, 0.0, connected=False)] * len(leaves)
    derivatives = gradients(root, leaves)
    along_paths: dict[Value, float] = {root: 1.0}
    sizes: dict[Value, float] = {root: 1.0}  # the same sums, of absolute values
    moves = []
    for node in reversed(graph.ancestors(root)[1]):
        if node not in sizes:
            continue
        moves.append(along_paths[node] * (EPSILON / 2) * node.data)
        try:
            partials = list(graph.partials(node))
        except (ArithmeticError, ValueError):
            continue  # no gradient flows through them, or `gradients` would have raised this
        for _, parent, partial in partials:
            along_paths[parent] = along_paths.get(parent, 0.0) + along_paths[node] * partial
            sizes[parent] = sizes.get(parent, 0.0) + sizes[node] * abs(partial)
    noise = math.hypot(*filter(math.isfinite, moves))
    return [
        Claim(derivative, ROUNDINGS * EPSILON * sizes.get(leaf, 0.0), noise, leaf in sizes)
        for derivative, leaf in zip(derivatives, leaves, strict=True)
    ]
