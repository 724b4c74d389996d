"""Which operations of a tape are live, and which of those are fused into the one operation that uses them."""

from __future__ import annotations

from collections.abc import Sequence

from autograd.compiler.tape import Tape
from autograd.engine import ops

SUMS = frozenset({ops.add, ops.subtract, ops.negate})
"""The operations that become sums."""


def liveness(tape: Tape, outputs: Sequence[int]) -> tuple[bytearray, bytearray]:
    """For each node of a tape, whether it is live, and whether it is fused.

    A node is live if an output depends on it. It is fused if it needs no place of its own: it is used once, as a term
    of a sum or as one of the numbers of which the largest is taken. What stands in brackets on the right of a sum is
    not fused, so that the order of additions is that of the function.
    """
    operations, lefts, rights, stopped = tape.operations, tape.lefts, tape.rights, tape.stopped
    count = len(operations)
    live, used_twice, fused = bytearray(count), bytearray(count), bytearray(count)
    user: list[int] = [-1] * count
    for node in outputs:
        live[node] = used_twice[node] = 1  # an output has a place of its own
    for node in range(count - 1, -1, -1):
        if not live[node] or operations[node] is None:
            continue
        for operand in (lefts[node], rights[node]):
            if operand >= 0:
                used_twice[operand] |= live[operand]
                live[operand] = 1
                user[operand] = node
        if used_twice[node]:
            continue
        operation, target = operations[node], operations[user[node]]
        if node in stopped:  # the largest of several, a constant: see `autograd.logsumexp`
            fused[node] = operation is ops.maximum and target is ops.maximum and user[node] in stopped
        elif target in SUMS:
            fused[node] = operation is ops.multiply or (
                operation in SUMS
                if lefts[user[node]] == node and target is not ops.negate
                else operation is ops.negate and target is not ops.negate
            )
    return live, fused
