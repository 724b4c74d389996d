"""The other form between a recorded function and its numbers: a list of scalar operations, for a loop to run.

It suits deep, narrow graphs, whose array instructions would hold one or two numbers each. All numbers stand in one
row: arguments, captured Values, constants, then the result of each operation.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from autograd.compiler.arguments import Argument
from autograd.compiler.tape import SELECT_IF, SELECTS, Tape
from autograd.compiler.words import LONGEST_LINE, in_words
from autograd.pictures.boxes import draw_boxes, titled
from autograd.pictures.drawing import Box, Edge

if TYPE_CHECKING:
    import graphviz

SHOWN = 40
"""How many operations a printed program shows."""


class SumOf:
    """A kind of sum. Instead of two operands it has the index of its first term, and that after its last term."""

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

    operations[i] makes number `first + i` of the numbers lefts[i] and rights[i] (-1: absent). Of a sum these are
    its first term and the one after its last: term j is term_signs[j] times number term_lefts[j], times number
    term_rights[j] if that is not -1. wants[i] says into which operands a gradient flows: 1 for the left one, 2 for the
    right one, 3 for both or for terms, 0 for none. term_wants[j] says the same for the factors of a term.

    outputs: where the results are. checked: where the numbers are that `require` looks at. levels: the length of the
    longest chain of operations. scalars: how many nodes were recorded. captured_wants_gradient: whether a gradient is
    wanted of the captured Values. is_conditional: whether the backward pass of the eager engine may leave operations
    out, because they are behind a `where` or a `detach`, or belong to another result.
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
        wants = [argument.needs_gradient for argument in self.arguments for _ in range(argument.size)]
        return wants + [self.captured_wants_gradient] * self.captured

    def read_by(self, step: int) -> list[int]:
        """The indices of the numbers that operation `step` takes."""
        left, right = self.lefts[step], self.rights[step]
        if isinstance(self.operations[step], SumOf):
            pairs = zip(self.term_lefts[left:right], self.term_rights[left:right], strict=True)
            return [index for pair in pairs for index in pair if index >= 0]
        return [index for index in (left, right) if index >= 0]

    def live(self, numbers: Sequence[float]) -> bytearray:
        """Which numbers the outputs depend on; a branch of `where` that is not taken counts for nothing."""
        live = bytearray(self.first + len(self.operations))
        for index in (*self.outputs, *self.checked):
            live[index] = 1
        for step in range(len(self.operations) - 1, -1, -1):
            if not live[self.first + step]:
                continue
            operation, left, right = self.operations[step], self.lefts[step], self.rights[step]
            if operation in SELECTS and (numbers[left] != 0.0) != (operation is SELECT_IF):
                live[left] = 1
                continue
            for operand in self.read_by(step) if isinstance(operation, SumOf) or right >= 0 else (left,):
                live[operand] = 1
        return live

    def name_of(self, index: int) -> str:
        """The name of a number, by its index."""
        if index >= self.first:
            return f"r{index - self.first + 1}"
        if index >= self.inputs:
            return repr(self.constants[index - self.inputs])
        for argument in self.arguments:
            if index < argument.size:
                return f"{argument.name}[{index}]"
            index -= argument.size
        return f"captured[{index}]"

    def draw(
        self, path: str | os.PathLike[str] | None = None, max_nodes: int = 500, *, layout: str | None = None
    ) -> graphviz.Digraph:
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
        reads = [list(dict.fromkeys(self.read_by(step))) for step in range(len(self.operations))]
        shown = {*self.outputs, *self.checked, *(index for indices in reads for index in indices)}
        inputs = sorted(index for index in shown if index < self.inputs)
        constants = sum(map(self._is_constant, (index for indices in reads for index in indices)))
        return draw_boxes(
            self._boxes(inputs, reads),
            self._edges(reads),
            path,
            count=len(inputs) + constants + len(self.operations),
            max_nodes=max_nodes,
            layout=layout,
            otherwise='draw the array instructions: compile(f, runtime="numpy")',
        )

    def _boxes(self, inputs: Sequence[int], reads: Sequence[Sequence[int]]) -> Iterator[Box]:
        """A box for each input and operation, and for each use of a constant."""
        results, checked = set(self.outputs), set(self.checked)

        def box(index: int, title: str, lines: list[str], look: str) -> Box:
            if index in results:
                lines.append("result")
                look = "root" if look == "intermediate" else look
            if index in checked:
                lines.append("checked")
            return titled(f"n{index}", title, lines, look)

        for index in inputs:
            is_argument = index < self.inputs - self.captured
            yield box(index, self.name_of(index), [], "leaf" if is_argument else "captured")
        for index in sorted(results | checked):
            if self._is_constant(index):
                yield box(index, self.name_of(index), [], "constant")
        for index, indices in enumerate(reads, self.first):
            yield box(index, self._words(index - self.first), [self.name_of(index)], "intermediate")
            for read in filter(self._is_constant, indices):
                yield titled(f"n{index}c{read}", self.name_of(read), [], "constant")

    def _edges(self, reads: Sequence[Sequence[int]]) -> Iterator[Edge]:
        for index, indices in enumerate(reads, self.first):
            for read in indices:
                yield Edge(f"n{index}c{read}" if self._is_constant(read) else f"n{read}", f"n{index}")

    def _is_constant(self, index: int) -> bool:
        return self.inputs <= index < self.first

    def _words(self, step: int) -> str:
        """What an operation does; a short sum as it is printed."""
        operation = self.operations[step]
        text = self.described(step)
        if isinstance(operation, SumOf) and len(text) <= LONGEST_LINE:
            return text
        return in_words(operation, list(map(self.name_of, self.read_by(step))))

    def __str__(self) -> str:
        lines = [
            f"{argument.name}[{'batch, ' if argument.batched else ''}{argument.size}] = argument"
            for argument in self.arguments
        ]
        if self.captured:
            lines.append(f"captured[{self.captured}] = captured")
        count, shown = len(self.operations), min(SHOWN, len(self.operations))
        lines += [f"r{step + 1} = {self.described(step)}" for step in range(shown)]
        if count > shown:
            lines.append(f"... and {count - shown:,} more")
        outputs = ", ".join(map(self.name_of, self.outputs[:8])) + (", ..." if len(self.outputs) > 8 else "")
        return "\n".join(
            [*lines, f"return {outputs}", f"# operations: {count:,}, terms in sums: {len(self.term_lefts):,}"]
        )

    def described(self, step: int) -> str:
        """An operation as it is printed."""
        operation, left, right = self.operations[step], self.lefts[step], self.rights[step]
        if isinstance(operation, SumOf):
            text = "".join(map(self._term, range(left, right)))
            return text[3:] if text.startswith(" + ") else f"-{text[3:]}"
        return f"{operation.name}({', '.join(map(self.name_of, self.read_by(step)))})"

    def _term(self, term: int) -> str:
        left, right = self.term_lefts[term], self.term_rights[term]
        sign = " - " if self.term_signs[term] < 0.0 else " + "
        return sign + self.name_of(left) + ("" if right < 0 else f" * {self.name_of(right)}")
