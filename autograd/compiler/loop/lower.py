"""Lowering: from a tape of scalar operations to a program for a loop.

Dead code is left out, and additions that are used once become part of one sum, as do products that are used once,
where that leaves the order of additions as it is: from left to right.
"""

from __future__ import annotations

from collections.abc import Sequence

from autograd.compiler.arguments import Argument
from autograd.compiler.liveness import SUMS, liveness
from autograd.compiler.loop.program import PRODUCTS, SIGNED, TERM_AND_PRODUCTS, TERMS, LoopProgram, SumOf
from autograd.compiler.tape import CONDITIONS, SELECTS, Tape
from autograd.engine import ops


def lower_to_loop(
    tape: Tape,
    outputs: Sequence[int],
    arguments: Sequence[Argument],
    captured: bool = True,
    checked: Sequence[int] = (),
) -> LoopProgram:
    """The program of a tape; takes what `lower_to_arrays` takes.

    Everything is a loop over the nodes in order, so that depth is no limit and time grows with their number.
    """
    live, fused = liveness(tape, [*outputs, *checked])
    constants = {node: number for node, number in tape.constants.items() if live[node]}
    numbers = [*constants.values(), *(-number for number in constants.values())]
    program = LoopProgram(arguments, numbers, tape, captured)
    operations, lefts, rights, wants = program.operations, program.lefts, program.rights, program.wants
    tape_lefts, tape_rights, stopped = tape.lefts, tape.rights, tape.stopped
    indices = [-1] * len(tape.operations)
    for start, nodes in ((0, range(tape.inputs)), (tape.inputs, tape.captured), (program.inputs, constants)):
        for index, node in enumerate(nodes, start):
            indices[node] = index
    wanting = [*map(int, program.input_wants()), *[0] * len(program.constants)]  # 1: a gradient flows into it
    levels = [0] * program.first

    for node, operation in enumerate(tape.operations):
        if operation is None or not live[node] or (fused[node] and operation is not ops.maximum):
            continue
        left, right = tape_lefts[node], tape_rights[node]
        if operation in SUMS and (fused[left] or (right >= 0 and fused[right])):
            operation, left, right = _add_sum(program, tape, node, fused, indices, wanting)
            terms = program.term_lefts[left:right]
            if operation is not TERMS:
                terms += [factor for factor in program.term_rights[left:right] if factor >= 0]
            level = max(map(levels.__getitem__, terms))
            want = 3 * max(map(wanting.__getitem__, terms))
        else:
            left = indices[left]
            level, want = levels[left], wanting[left]
            if right >= 0:
                right = indices[right]
                level = max(level, levels[right])
                want += 2 * wanting[right]
        if want and (node in stopped or operation in CONDITIONS):
            program.is_conditional = program.is_conditional or node in stopped
            want = 0
        if operation in SELECTS:
            program.is_conditional = True
        indices[node] = len(levels)
        levels.append(level + 1)
        wanting.append(1 if want else 0)
        operations.append(operation)
        lefts.append(left)
        rights.append(right)
        wants.append(want)
    program.outputs = [indices[node] for node in outputs]
    program.checked = [indices[node] for node in checked]
    program.is_conditional = program.is_conditional or len(outputs) + len(checked) > 1
    program.levels = max(levels, default=0)
    return program


def _add_sum(
    program: LoopProgram,
    tape: Tape,
    root: int,
    fused: bytearray,
    indices: Sequence[int],
    wanting: Sequence[int],
) -> tuple[SumOf, int, int]:
    """Adds the terms of a sum, in the order of additions; gives its kind, its first term and the end of its terms."""
    operations, lefts, rights = tape.operations, tape.lefts, tape.rights
    term_lefts, term_rights, term_signs = program.term_lefts, program.term_rights, program.term_signs
    start = len(term_lefts)
    stack = [(root, 1.0)]
    while stack:
        node, sign = stack.pop()
        operation = operations[node] if node == root or fused[node] else None
        if operation is ops.add or operation is ops.subtract:
            stack.append((rights[node], sign if operation is ops.add else -sign))
            stack.append((lefts[node], sign))
        elif operation is ops.negate:
            stack.append((lefts[node], -sign))
        else:
            left, right = indices[node], -1
            if operation is ops.multiply:
                left, right = indices[lefts[node]], indices[rights[node]]
                if sign < 0.0:
                    left, right, sign = _without_sign(program, left, right)
            term_lefts.append(left)
            term_rights.append(right)
            term_signs.append(sign)
            program.term_wants.append(wanting[left] + (2 * wanting[right] if right >= 0 else 0))
    end = len(term_lefts)
    if -1.0 in term_signs[start:]:
        return SIGNED, start, end
    plain = term_rights[start:].count(-1)
    if plain == 0:
        return PRODUCTS, start, end
    if plain == end - start:
        return TERMS, start, end
    return TERM_AND_PRODUCTS if plain == 1 and term_rights[start] < 0 else SIGNED, start, end


def _without_sign(program: LoopProgram, left: int, right: int) -> tuple[int, int, float]:
    """A product that is subtracted: if a factor is a constant, its negative replaces the sign."""
    half = len(program.constants) // 2
    if program.inputs <= left < program.first:
        return left + half, right, 1.0
    if program.inputs <= right < program.first:
        return left, right + half, 1.0
    return left, right, -1.0
