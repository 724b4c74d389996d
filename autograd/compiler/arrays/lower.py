"""Lowering: from a tape of scalar operations to a program of array instructions, pass by pass.

Equal operations and operations on constants are gone already when a tape is finished. Then:

1. `liveness`: dead operations are left out, and those that are used once are marked as fused.
2. `_expanded`: a chain of additions and subtractions from left to right, whose intermediate results are used once,
   becomes one sum; products that are used once become its terms. A sum in brackets on the right stays a sum of its
   own, so that the order of additions is that of the function.
3. `_levels`: each operation is one level deeper than the deepest of its operands.
4. `_Emitter`: operations of one kind on one level become one instruction; sums over the same operands become a
   matrix product.

Everything is a loop over the nodes in order, so that depth is no limit and time grows with their number.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from autograd.compiler.arguments import Argument
from autograd.compiler.arrays.program import (
    Apply,
    Concatenate,
    Gather,
    Instruction,
    Piece,
    Program,
    Register,
    RowMax,
    Sum,
)
from autograd.compiler.liveness import SUMS, liveness
from autograd.compiler.tape import CONDITIONS, Tape
from autograd.engine import ops

Indices = Any
"""An array of ints."""

MOST_CLASSES = 4
"""Terms from more registers than these are concatenated first."""


class Terms(NamedTuple):
    """What a sum adds up, as nodes: by sign, its plain terms and the left and right factors of its products.

    order: the kind of each term, in the order of additions: a product that is added (0) or subtracted (1), a plain term
    that is added (2) or subtracted (3).
    """

    plus: list[int]
    minus: list[int]
    plus_left: list[int]
    plus_right: list[int]
    minus_left: list[int]
    minus_right: list[int]
    order: list[int]

    def nodes(self) -> Iterable[int]:
        """All nodes that it reads."""
        return chain.from_iterable(self[:-1])


def lower_to_arrays(
    tape: Tape,
    outputs: Sequence[int],
    arguments: Sequence[Argument],
    captured: bool = True,
    checked: Sequence[int] = (),
) -> Program:
    """The program of a tape.

    Args:
        tape: the recorded function.
        outputs: the nodes of its results.
        arguments: the arrays whose numbers are the inputs of the tape, in order.
        captured: whether a gradient is wanted of the captured Values.
        checked: the nodes that `require` looks at.
    """
    live, fused = liveness(tape, [*outputs, *checked])
    emitter = _Emitter(tape, arguments, live, captured)
    for level in _levels(tape, live, fused, emitter.terms, emitter.choices):
        emitter.emit_level(level)
    program = emitter.program
    program.outputs = [(emitter.register_of[node], emitter.offset_of[node]) for node in outputs]
    program.checked = [(emitter.register_of[node], emitter.offset_of[node]) for node in checked]
    program.scalars = len(tape.operations)
    return program


def _expanded(tape: Tape, root: int, fused: bytearray) -> Terms:
    """The terms of a sum, in the order of additions."""
    operations, lefts, rights = tape.operations, tape.lefts, tape.rights
    terms = Terms([], [], [], [], [], [], [])
    plus, minus, plus_left, plus_right, minus_left, minus_right, order = terms
    stack = [(root, True)]
    while stack:
        node, positive = stack.pop()
        if node != root and not fused[node]:
            (plus if positive else minus).append(node)
            order.append(2 if positive else 3)
            continue
        operation = operations[node]
        if operation is ops.multiply:
            (plus_left if positive else minus_left).append(lefts[node])
            (plus_right if positive else minus_right).append(rights[node])
            order.append(0 if positive else 1)
        elif operation is ops.negate:
            stack.append((lefts[node], not positive))
        else:
            stack.append((rights[node], positive if operation is ops.add else not positive))
            stack.append((lefts[node], positive))
    return terms


def _operands_of_largest(tape: Tape, root: int, fused: bytearray) -> list[int]:
    """The numbers of which a chain of maximums takes the largest."""
    found, stack = [], [root]
    while stack:
        node = stack.pop()
        if node != root and not fused[node]:
            found.append(node)
        else:
            stack += (tape.rights[node], tape.lefts[node])
    return found


def _levels(
    tape: Tape, live: bytearray, fused: bytearray, terms: dict[int, Terms], choices: dict[int, list[int]]
) -> list[list[int]]:
    """The live operations by depth; fills in the terms of sums and the operands of chains of maximums."""
    operations, lefts, rights = tape.operations, tape.lefts, tape.rights
    depth = [0] * len(operations)
    levels: list[list[int]] = [[]]
    of = depth.__getitem__
    for node, operation in enumerate(operations):
        if operation is None or fused[node] or not live[node]:
            continue
        if operation in SUMS:
            found = terms[node] = _expanded(tape, node, fused)
            level = max(map(of, found.nodes())) + 1
        elif operation is ops.maximum and node in tape.stopped:
            found_choices = choices[node] = _operands_of_largest(tape, node, fused)
            level = max(map(of, found_choices)) + 1
        else:
            level = depth[lefts[node]] + 1
            if rights[node] >= 0:
                level = max(level, depth[rights[node]] + 1)
        depth[node] = level
        if level == len(levels):
            levels.append([])
        levels[level].append(node)
    return levels[1:]


class _Class(NamedTuple):
    """Terms of a sum that are alike: of one sign, with factors in the same registers.

    left, right: the indices of the registers; -1 for unbatched and -2 for batched numbers of several registers. `right`
    is None for plain terms.
    """

    sign: int
    left: int
    right: int | None
    terms: int


class _Emitter:
    """Writes the program, level by level."""

    def __init__(self, tape: Tape, arguments: Sequence[Argument], live: bytearray, captured: bool) -> None:
        self.tape = tape
        self.terms: dict[int, Terms] = {}
        self.choices: dict[int, list[int]] = {}
        constants = {node: number for node, number in tape.constants.items() if live[node]}
        program = self.program = Program([], None, None, list(constants.values()))
        count = len(tape.operations)
        self.register_of: list[Any] = [None] * count
        self.offset_of: list[int] = [0] * count
        node = 0
        for name, size, batched, needs_gradient in arguments:
            register = program.new_register(name, size, batched, needs_gradient)
            program.arguments.append(register)
            self._assign(range(node, node + size), register)
            node += size
        if tape.captured:
            program.captured = program.new_register("captured", len(tape.captured), False, captured)
            self._assign(tape.captured, program.captured)
        if constants:
            program.constants = program.new_register("constants", len(constants), False, False)
            self._assign(constants, program.constants)

    def _assign(self, nodes: Any, register: Register) -> None:
        for offset, node in enumerate(nodes):
            self.register_of[node] = register
            self.offset_of[node] = offset

    def _emit(self, instruction: Instruction, nodes: Sequence[int]) -> None:
        self._assign(nodes, instruction.out)
        self.program.instructions.append(instruction)

    def emit_level(self, level: list[int]) -> None:
        """Groups the operations of a level by kind, and writes an instruction for each group."""
        groups: dict[Any, list[int]] = {}
        parts: dict[int, list[tuple[list[int], list[int]]]] = {}
        tape, register_of = self.tape, self.register_of
        operations, lefts, rights, stopped = tape.operations, tape.lefts, tape.rights, tape.stopped
        for node in level:
            key: Any
            if node in self.terms:
                classes, parts[node] = self._classes(self.terms.pop(node))
                key = (ops.add, node in stopped, *classes)
            elif node in self.choices:
                key = ops.maximum, len(self.choices[node])
            else:
                left, right = register_of[lefts[node]], register_of[rights[node]] if rights[node] >= 0 else None
                needs = node not in stopped and (left.needs_gradient or (right is not None and right.needs_gradient))
                # Equal operations, one of them under no_grad, must not meet: a register holds each number once.
                key = operations[node], needs, node in stopped, left.batched, right is not None and right.batched
            groups.setdefault(key, []).append(node)
        for key, nodes in groups.items():
            if nodes[0] in parts:
                self._emit_sums(key[2:], nodes, [parts[node] for node in nodes], key[1])
            elif nodes[0] in self.choices:
                operand = self._read([self.choices[node] for node in nodes])
                out = self.program.result(len(nodes), operand.register.batched, False)
                self._emit(RowMax(out, operand), nodes)
            else:
                self._emit_apply(key[0], key[1], nodes)

    def _emit_apply(self, operation: Any, needs_gradient: bool, nodes: list[int]) -> None:
        operands = [self._read([self.tape.lefts[node] for node in nodes])]
        if self.tape.rights[nodes[0]] >= 0:
            operands.append(self._read([self.tape.rights[node] for node in nodes]))
        batched = any(gather.register.batched for gather in operands)
        out = self.program.result(len(nodes), batched, needs_gradient and operation not in CONDITIONS)
        self._emit(Apply(out, operation, tuple(operands)), nodes)

    # ------------------------------------------------------------ reading

    def _read(self, nodes: Any) -> Gather:
        """The gather of a list of nodes, or of a list of lists of equal length."""
        if len(nodes) == 1:  # most gathers of a deep graph, which must be fast
            node = nodes[0]
            if isinstance(node, int):
                return Gather(self.register_of[node], np.array([self.offset_of[node]]))
            if len(node) == 1:
                return Gather(self.register_of[node[0]], np.array([[self.offset_of[node[0]]]]))
        flat = nodes if isinstance(nodes[0], int) else list(chain.from_iterable(nodes))
        shape = (len(nodes),) if flat is nodes else (len(nodes), len(nodes[0]))
        register = self.register_of[flat[0]]
        if len(flat) > 1 and any(self.register_of[node] is not register for node in flat):
            return self._concatenated(flat, shape)
        indices = np.fromiter(map(self.offset_of.__getitem__, flat), np.intp, len(flat))
        return Gather(register, indices.reshape(shape))

    def _concatenated(self, flat: list[int], shape: tuple[int, ...]) -> Gather:
        """The same for nodes in several registers, which are concatenated first."""
        by_register: dict[Register, dict[int, None]] = {}
        for node in flat:
            by_register.setdefault(self.register_of[node], {})[node] = None
        reads: list[Gather] = []
        index: dict[int, int] = {}
        start = 0
        for register, nodes in by_register.items():
            reads.append(Gather(register, np.fromiter(map(self.offset_of.__getitem__, nodes), np.intp, len(nodes))))
            index.update(zip(nodes, range(start, start + len(nodes)), strict=True))
            start += len(nodes)
        batched = any(register.batched for register in by_register)
        out = self.program.result(start, batched, any(register.needs_gradient for register in by_register))
        self.program.instructions.append(Concatenate(out, reads))
        return Gather(out, np.fromiter(map(index.__getitem__, flat), np.intp, len(flat)).reshape(shape))

    # ------------------------------------------------------------ sums

    def _classes(self, terms: Terms) -> tuple[list[_Class], list[tuple[list[int], list[int]]]]:
        """The terms of a sum by class, with the nodes of the left and right factors of each class.

        If no two terms are alike, they stay in the order of the function.
        """
        register_of = self.register_of
        plus, minus, plus_left, plus_right, minus_left, minus_right, order = terms
        if len(order) <= 4 * MOST_CLASSES:
            in_order = self._distinct(terms)
            if in_order is not None:
                return in_order
        if len(order) > len(plus):
            plus = [node for node in plus if self.tape.constants.get(node) != 0.0]
        classes: list[_Class] = []
        parts: list[tuple[list[int], list[int]]] = []
        for sign, lefts, rights in (
            (1, plus_left, plus_right),
            (-1, minus_left, minus_right),
            (1, plus, ()),
            (-1, minus, ()),
        ):
            if not lefts:
                continue
            left_registers = [register_of[node].index for node in lefts]
            keys: list[Any] = (
                list(zip(left_registers, [register_of[node].index for node in rights], strict=True))
                if rights
                else left_registers
            )
            distinct = set(keys)
            if len(distinct) > MOST_CLASSES:
                registers = self.program.registers
                keys = [
                    tuple(-2 if registers[index].batched else -1 for index in key)
                    if rights
                    else (-2 if registers[key].batched else -1)
                    for key in keys
                ]
                distinct = set(keys)
            if len(distinct) == 1:
                key = keys[0]
                left, right = key if rights else (key, None)
                classes.append(_Class(sign, left, right, len(lefts)))
                parts.append((lefts, list(rights)))
                continue
            split: dict[Any, tuple[list[int], list[int]]] = {key: ([], []) for key in sorted(distinct)}
            for index, key in enumerate(keys):
                split[key][0].append(lefts[index])
                if rights:
                    split[key][1].append(rights[index])
            for key, part in split.items():
                left, right = key if rights else (key, None)
                classes.append(_Class(sign, left, right, len(part[0])))
                parts.append(part)
        return classes, parts

    def _distinct(self, terms: Terms) -> tuple[list[_Class], list[tuple[list[int], list[int]]]] | None:
        """The same for terms of which no two are alike, in their order; None if some are alike."""
        plus, minus, plus_left, plus_right, minus_left, minus_right, order = terms
        remaining = (zip(plus_left, plus_right), zip(minus_left, minus_right), zip(plus), zip(minus))  # noqa: B905
        classes: list[_Class] = []
        parts: list[tuple[list[int], list[int]]] = []
        for kind in order:
            nodes: tuple[int, ...] = next(remaining[kind])
            left, *right = (self.register_of[node].index for node in nodes)
            classes.append(_Class(1 if kind % 2 == 0 else -1, left, right[0] if right else None, 1))
            parts.append((list(nodes[:1]), list(nodes[1:])))
        if len(set(classes)) < len(classes):
            return None
        if len(classes) > 1 and classes[0].sign < 0 < classes[1].sign:  # -x + y is y - x
            classes[:2], parts[:2] = classes[1::-1], parts[1::-1]
        return classes, parts

    def _emit_sums(
        self, classes: Sequence[_Class], nodes: list[int], parts: list[list[tuple[list[int], list[int]]]], stopped: bool
    ) -> None:
        """An instruction for sums that are alike; several if they are several matrix products."""
        reads: list[tuple[Gather, Gather | None]] = []
        for index, kind in enumerate(classes):
            left = self._read([part[index][0] for part in parts])
            right = self._read([part[index][1] for part in parts]) if kind.right is not None else None
            if right is not None and left.register.batched and not right.register.batched:
                left, right = right, left
            reads.append((left, right))
        if len(nodes) == 1:
            pieces = [_lone_piece(kind.sign, left, right) for kind, (left, right) in zip(classes, reads, strict=True)]
            self._emit_sum(pieces, nodes, stopped)
            return
        products = [index for index, kind in enumerate(classes) if kind.right is not None and kind.terms > 1]
        blocks: list[list[int]] | None = None
        if products:
            left, right = reads[max(products, key=lambda index: classes[index].terms)]
            assert right is not None
            blocks = _blocks(_row_numbers(left.indices), _row_numbers(right.indices))
        for rows in blocks or [list(range(len(nodes)))]:
            order: Any = slice(None) if rows == list(range(len(nodes))) else np.array(rows)
            pieces = [_piece(kind.sign, left, right, order) for kind, (left, right) in zip(classes, reads, strict=True)]
            self._emit_sum(pieces, [nodes[row] for row in rows], stopped)

    def _emit_sum(self, pieces: list[Piece], nodes: list[int], stopped: bool) -> None:
        batched = needs_gradient = False
        for piece in pieces:
            for gather in (piece.left, piece.right):
                if gather is not None:
                    batched = batched or gather.register.batched
                    needs_gradient = needs_gradient or gather.register.needs_gradient
        if pieces[0].sign < 0 and any(piece.left.indices.ndim > 1 for piece in pieces):
            pieces.sort(key=lambda piece: -piece.sign)  # so that a sum begins with an addition
        self._emit(Sum(self.program.result(len(nodes), batched, needs_gradient and not stopped), pieces), nodes)


def _lone_piece(sign: int, left: Gather, right: Gather | None) -> Piece:
    """The piece of a single sum that a class of terms is: its products are a row times a row."""
    if left.indices.shape[1] > 1:
        return Piece(sign, left, right, right is not None)
    alone = Gather(right.register, right.indices[0]) if right is not None else None
    return Piece(sign, Gather(left.register, left.indices[0]), alone)


def _piece(sign: int, left: Gather, right: Gather | None, order: Any) -> Piece:
    """The piece that a class of terms is, for several sums in an order."""
    lefts = left.indices[order]
    count, terms = lefts.shape
    if right is None:
        if terms == 1:
            return Piece(sign, Gather(left.register, lefts[:, 0]))
        return Piece(sign, Gather(left.register, lefts[:1] if (lefts == lefts[0]).all() else lefts))
    rights = right.indices[order]
    if terms == 1:
        return Piece(sign, Gather(left.register, lefts[:, 0]), Gather(right.register, rights[:, 0]))
    left_rows, right_rows = _row_numbers(lefts), _row_numbers(rights)
    height, width = max(left_rows) + 1, max(right_rows) + 1
    is_grid = height * width == count and all(
        (left_row, right_row) == divmod(row, width)
        for row, (left_row, right_row) in enumerate(zip(left_rows, right_rows, strict=True))
    )
    if is_grid:
        lefts, rights = lefts[::width], rights[:width]
    return Piece(sign, Gather(left.register, lefts), Gather(right.register, rights), is_grid)


def _row_numbers(indices: Indices) -> list[int]:
    """For each row its number among the distinct rows, in the order of their first appearance."""
    known: dict[bytes, int] = {}
    return [known.setdefault(row.tobytes(), len(known)) for row in indices]


def _blocks(left_rows: list[int], right_rows: list[int]) -> list[list[int]] | None:
    """Sums of products as matrix products: for each of these the indices of its sums, row by row.

    Left rows that meet the same set of right rows make one matrix product. None if the products would be too small.
    """
    partners: dict[int, dict[int, int]] = {}
    for index, (left, right) in enumerate(zip(left_rows, right_rows, strict=True)):
        if right in partners.setdefault(left, {}):
            return None  # two sums have the same products, and other terms that differ
        partners[left][right] = index
    blocks: dict[tuple[int, ...], list[int]] = {}
    for left, met in partners.items():
        blocks.setdefault(tuple(sorted(met)), []).append(left)
    if len(blocks) > 1 and len(blocks) * 8 > len(left_rows):
        return None
    return [[partners[left][right] for left in lefts for right in rights] for rights, lefts in blocks.items()]
