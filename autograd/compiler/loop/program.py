"""The other form between a recorded function and its numbers: a list of scalar operations, for a loop to run.

It suits deep, narrow graphs, whose array instructions would hold one or two numbers each. All numbers stand in one
row: arguments, captured Values, constants, then the result of each operation. Dead code is left out, and additions
that are used once become part of one sum, as do products that are used once, where that leaves the order of additions
as it is: from left to right.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from autograd.compiler.arrays.lower import SUMS, Argument, needed
from autograd.compiler.record import CHOSEN, CONDITIONS, NOT_CHOSEN, Tape
from autograd.engine import ops

if TYPE_CHECKING:
    import graphviz

SHOWN = 40
"""How many operations a printed program shows."""


class SumOf:
    """A kind of sum. Its operands are not two numbers but the first of its terms, and the one after the last."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"<{self.name}>"


TERMS = SumOf("sum_of_terms")
PRODUCTS = SumOf("sum_of_products")
TERM_AND_PRODUCTS = SumOf("sum_of_term_and_products")
SIGNED = SumOf("sum_of_signed_terms_and_products")


class LoopProgram:
    """What a function comes to, one scalar operation after the other.

    arguments: the arrays that hold the inputs, in order. captured: how many Values come from outside.
    inputs: how many numbers both are. constants: the numbers behind them. first: where the results begin.

    operations[i] makes number `first + i` of the numbers lefts[i] and rights[i] (-1: there is none). Of a sum these are
    its first term and the one after its last: term j is term_signs[j] times number term_lefts[j], times number
    term_rights[j] if that is not -1. wants[i] tells into which operands a gradient flows: 1 for the left one, 2 for the
    right one, 3 for both or for terms, 0 for none.

    term_wants[j] tells the same for the factors of a term.

    outputs: where the results are. checked: where that is which `require` looks at. levels: how many operations wait
    for each other, at most. scalars: the nodes that were recorded. captured_wants_gradient: whether a gradient is
    wanted of the captured Values. is_conditional: whether there may be operations that the eager engine would not come
    to on its way back, for they are behind a `where` or a `detach`, or belong to another result.
    """

    def __init__(
        self, arguments: Sequence[Argument], constants: Sequence[float], tape: Tape, captured_wants_gradient: bool
    ) -> None:
        self.arguments = list(arguments)
        self.captured = len(tape.captured)
        self.captured_wants_gradient = captured_wants_gradient
        self.constants = list(constants)
        self.inputs = tape.inputs + self.captured
        self.first = self.inputs + len(self.constants)
        self.operations: list[Any] = []
        self.lefts: list[int] = []
        self.rights: list[int] = []
        self.wants: list[int] = []
        self.term_lefts: list[int] = []
        self.term_rights: list[int] = []
        self.term_signs: list[float] = []
        self.term_wants: list[int] = []
        self.is_conditional = False
        self.outputs: list[int] = []
        self.checked: list[int] = []
        self.levels = 0
        self.scalars = len(tape.operations)

    def input_wants(self) -> list[bool]:
        """For each input, whether a gradient is wanted."""
        wants = [one.needs_gradient for one in self.arguments for _ in range(one.size)]
        return wants + [self.captured_wants_gradient] * self.captured

    def read_by(self, place: int) -> list[int]:
        """The places of the numbers that an operation takes."""
        left, right = self.lefts[place], self.rights[place]
        if isinstance(self.operations[place], SumOf):
            pairs = zip(self.term_lefts[left:right], self.term_rights[left:right], strict=True)
            return [one for pair in pairs for one in pair if one >= 0]
        return [one for one in (left, right) if one >= 0]

    def live(self, numbers: Sequence[float]) -> bytearray:
        """Which numbers the results depend on; a branch of `where` that is not taken counts for nothing."""
        live = bytearray(self.first + len(self.operations))
        for place in (*self.outputs, *self.checked):
            live[place] = 1
        for place in range(len(self.operations) - 1, -1, -1):
            if not live[self.first + place]:
                continue
            operation, left, right = self.operations[place], self.lefts[place], self.rights[place]
            if (operation is CHOSEN or operation is NOT_CHOSEN) and (numbers[left] != 0.0) != (operation is CHOSEN):
                live[left] = 1
                continue
            for operand in self.read_by(place) if isinstance(operation, SumOf) or right >= 0 else (left,):
                live[operand] = 1
        return live

    def name_of(self, place: int) -> str:
        """The number at a place, as a reader would call it."""
        if place >= self.first:
            return f"r{place - self.first + 1}"
        if place >= self.inputs:
            return repr(self.constants[place - self.inputs])
        for one in self.arguments:
            if place < one.size:
                return f"{one.name}[{place}]"
            place -= one.size
        return f"captured[{place}]"

    def draw(self, path: str | os.PathLike[str] | None = None, max_nodes: int = 500) -> graphviz.Digraph:
        """The program as a picture that a notebook shows: a box for each operation; else as `Program.draw`.

        Raises:
            ValueError, GraphTooLargeError, FileNotFoundError, RenderError: as `Program.draw`.

        >>> from autograd import compile
        >>> f = compile(lambda x: (x * x).exp(), runtime="python")
        >>> f(0.0)
        1.0
        >>> "exp" in f.program.draw().source
        True
        """
        from autograd.compiler.draw_program import draw_loop_program

        return draw_loop_program(self, path, max_nodes)

    def __str__(self) -> str:
        lines = [f"{one.name}[{'batch, ' if one.batched else ''}{one.size}] = argument" for one in self.arguments]
        if self.captured:
            lines.append(f"captured[{self.captured}] = captured")
        count, shown = len(self.operations), min(SHOWN, len(self.operations))
        lines += [f"r{place + 1} = {self.described(place)}" for place in range(shown)]
        if count > shown:
            lines.append(f"... and {count - shown:,} more")
        outputs = ", ".join(map(self.name_of, self.outputs[:8])) + (", ..." if len(self.outputs) > 8 else "")
        return "\n".join(
            [*lines, f"return {outputs}", f"# operations: {count:,}, terms in sums: {len(self.term_lefts):,}"]
        )

    def described(self, place: int) -> str:
        """An operation as it is printed."""
        operation, left, right = self.operations[place], self.lefts[place], self.rights[place]
        if isinstance(operation, SumOf):
            text = "".join(map(self._term, range(left, right)))
            return text[3:] if text.startswith(" + ") else f"-{text[3:]}"
        return f"{operation.name}({', '.join(map(self.name_of, self.read_by(place)))})"

    def _term(self, term: int) -> str:
        left, right = self.term_lefts[term], self.term_rights[term]
        sign = " - " if self.term_signs[term] < 0.0 else " + "
        return sign + self.name_of(left) + ("" if right < 0 else f" * {self.name_of(right)}")


def flatten(
    tape: Tape,
    outputs: Sequence[int],
    arguments: Sequence[Argument],
    captured: bool = True,
    checked: Sequence[int] = (),
) -> LoopProgram:
    """The program of a tape; takes what `lower` takes.

    Everything is a loop over the nodes in order, so that depth is no limit and time grows with their number.
    """
    alive, absorbed = needed(tape, [*outputs, *checked])
    constants = {node: number for node, number in tape.constants.items() if alive[node]}
    numbers = [*constants.values(), *(-number for number in constants.values())]
    program = LoopProgram(arguments, numbers, tape, captured)
    operations, lefts, rights, wants = program.operations, program.lefts, program.rights, program.wants
    tape_lefts, tape_rights, stopped = tape.lefts, tape.rights, tape.stopped
    places = [-1] * len(tape.operations)
    for start, nodes in ((0, range(tape.inputs)), (tape.inputs, tape.captured), (program.inputs, constants)):
        for place, node in enumerate(nodes, start):
            places[node] = place
    wanting = [*map(int, program.input_wants()), *[0] * len(program.constants)]  # of each number: 1 for a gradient
    levels = [0] * program.first

    for node, operation in enumerate(tape.operations):
        if operation is None or not alive[node] or (absorbed[node] and operation is not ops.maximum):
            continue
        left, right = tape_lefts[node], tape_rights[node]
        if operation in SUMS and (absorbed[left] or (right >= 0 and absorbed[right])):
            operation, left, right = _add_sum(program, tape, node, absorbed, places, wanting)
            terms = program.term_lefts[left:right]
            if operation is not TERMS:
                terms += [factor for factor in program.term_rights[left:right] if factor >= 0]
            level = max(map(levels.__getitem__, terms))
            want = 3 * max(map(wanting.__getitem__, terms))
        else:
            left = places[left]
            level, want = levels[left], wanting[left]
            if right >= 0:
                right = places[right]
                level = max(level, levels[right])
                want += 2 * wanting[right]
        if want and (node in stopped or operation in CONDITIONS):
            program.is_conditional = program.is_conditional or node in stopped
            want = 0
        if operation is CHOSEN or operation is NOT_CHOSEN:
            program.is_conditional = True
        places[node] = len(levels)
        levels.append(level + 1)
        wanting.append(1 if want else 0)
        operations.append(operation)
        lefts.append(left)
        rights.append(right)
        wants.append(want)
    program.outputs = [places[node] for node in outputs]
    program.checked = [places[node] for node in checked]
    program.is_conditional = program.is_conditional or len(outputs) + len(checked) > 1
    program.levels = max(levels, default=0)
    return program


def _add_sum(
    program: LoopProgram,
    tape: Tape,
    root: int,
    absorbed: bytearray,
    places: Sequence[int],
    wanting: Sequence[int],
) -> tuple[SumOf, int, int]:
    """Writes down the terms of a sum, in the order in which they were added: its kind, its first term, its end."""
    operations, lefts, rights = tape.operations, tape.lefts, tape.rights
    term_lefts, term_rights, term_signs = program.term_lefts, program.term_rights, program.term_signs
    start = len(term_lefts)
    stack = [(root, 1.0)]
    while stack:
        node, sign = stack.pop()
        operation = operations[node] if node == root or absorbed[node] else None
        if operation is ops.add or operation is ops.subtract:
            stack.append((rights[node], sign if operation is ops.add else -sign))
            stack.append((lefts[node], sign))
        elif operation is ops.negate:
            stack.append((lefts[node], -sign))
        else:
            left, right = places[node], -1
            if operation is ops.multiply:
                left, right = places[lefts[node]], places[rights[node]]
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
    """A product that is subtracted: where a factor is a constant, its negative takes the place of the sign."""
    half = len(program.constants) // 2
    if program.inputs <= left < program.first:
        return left + half, right, 1.0
    if program.inputs <= right < program.first:
        return left, right + half, 1.0
    return left, right, -1.0
