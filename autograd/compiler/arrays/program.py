"""The form between a recorded function and its arrays: a short list of array instructions.

A **register** is an array: an argument, the constants, or the results of an instruction, with one number for each
scalar of the function (and one such row for each example if it is batched). A **gather** says which of its numbers an
instruction takes, as an array of indices. `print(program)` shows everything.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from autograd.compiler.words import LONGEST_LINE, in_words
from autograd.pictures.boxes import draw_boxes, titled
from autograd.pictures.drawing import Box, Edge

if TYPE_CHECKING:
    import graphviz

MOST_PIECES = 6
"""A picture shows the first of the pieces of a sum that has more."""


@dataclass(eq=False)
class Register:
    """An array of `size` numbers; `batched` ones have one such row for each example.

    name, index: what it is called, and its number in the program.
    needs_gradient: whether a gradient flows into it.
    """

    name: str
    index: int
    size: int
    batched: bool
    needs_gradient: bool

    def declared(self) -> str:
        """Its name and its shape."""
        return f"{self.name}[{'batch, ' if self.batched else ''}{self.size}]"


@dataclass(eq=False)
class Gather:
    """An indexed read: the numbers of a register at `indices`, an array of one axis or of two."""

    register: Register
    indices: Any

    def is_same(self, other: Gather) -> bool:
        """Whether it takes the same numbers in the same arrangement."""
        return self.register is other.register and np.array_equal(self.indices, other.indices)

    def part(self) -> str:
        """Which numbers of the register it takes, in words; nothing where it is all of them, in order."""
        flat, size = self.indices.ravel(), self.register.size
        first, last = int(flat[0]), int(flat[-1])
        if (flat == first).all():
            return f"[{first}]" if size > 1 else ""
        if (np.diff(flat) == 1).all():
            part = f"[{first}:{last + 1}]" if flat.size < size else ""
        else:
            taken = len(np.unique(flat))
            part = f"{taken:,} of {size:,}" if taken < size else "in another order"
        if self.indices.ndim == 2 and min(self.indices.shape) > 1:
            part = f"{part} as {self.indices.shape[0]}x{self.indices.shape[1]}".lstrip()
        return part

    def name(self, program: Program) -> str:
        """What it takes, as pictures name it; a constant is its number."""
        if self.register is program.constants:
            numbers = self.constants(program)
            return numbers[0] if len(numbers) == 1 else "constants"
        is_one = self.indices.size == 1 < self.register.size
        return f"{self.register.name}[{self.indices.flat[0]}]" if is_one else self.register.name

    def constants(self, program: Program) -> list[str]:
        """The constants that it takes, each once."""
        return list(dict.fromkeys(f"{program.numbers[index]:.4g}" for index in self.indices.flat))

    def __str__(self) -> str:
        shape = "x".join(map(str, self.indices.shape))
        flat = self.indices.ravel()
        register = self.register
        if flat.size == register.size and (flat == np.arange(register.size)).all():
            return register.name if self.indices.ndim == 1 else f"{register.name}[{shape}]"
        if (flat == flat[0]).all():
            return f"{register.name}[{flat[0]}]"
        return f"{register.name}[{shape} from {flat[0]}]"


@dataclass(eq=False)
class Apply:
    """A primitive, on as many numbers at once as `out` has."""

    out: Register
    operation: Any
    operands: tuple[Gather, ...]

    def gathers(self) -> list[Gather]:
        """What it reads."""
        return list(self.operands)

    def words(self, program: Program) -> str:
        """What it does, as pictures show it."""
        return in_words(self.operation, [operand.name(program) for operand in self.operands])

    def backward_lines(self) -> list[str]:
        """The gradients that it passes on; d_r stands for the gradient of r."""
        return [
            f"d_{operand} += d_{self.out.name} * {self.operation.name}.partial_{name}"
            for name, operand in zip(self.operation.operands, self.operands, strict=True)
            if operand.register.needs_gradient
        ]

    def __str__(self) -> str:
        return f"{self.operation.name}({', '.join(map(str, self.operands))})"


@dataclass(eq=False)
class Piece:
    """A part of a sum: `sign` times the terms in `left`, or times their products with those in `right`.

    Without `is_matrix_product`, row i of the indices holds the terms of number i of the sum (a single row: those of
    all of them). With it, the numbers of the sum are the products of each row of `left` with each row of `right`.
    """

    sign: int
    left: Gather
    right: Gather | None = None
    is_matrix_product: bool = False

    def words(self, program: Program) -> str:
        """What it adds up, as pictures show it."""
        left, right = self.left, self.right
        if self.is_matrix_product:
            assert right is not None
            return "dot product" if len(left.indices) == len(right.indices) == 1 else "matrix product"
        if left.indices.ndim == 2:
            return f"sum({left.name(program)})" if right is None else "sum of products"
        return left.name(program) if right is None else f"{left.name(program)} * {right.name(program)}"

    def __str__(self) -> str:
        terms = str(self.left)
        if self.is_matrix_product:
            return f"{self.left} @ {self.right}"
        if self.right is not None:
            terms = f"{self.left} * {self.right}"
        return terms if self.left.indices.ndim == 1 else f"sum({terms})"


@dataclass(eq=False)
class Sum:
    """Sums of terms and of products, all with equally many of each kind."""

    out: Register
    pieces: list[Piece]

    def gathers(self) -> list[Gather]:
        """What it reads."""
        return [gather for piece in self.pieces for gather in (piece.left, piece.right) if gather is not None]

    def words(self, program: Program) -> str:
        """What it adds up, as pictures show it; on one line if it is short."""
        lines = []
        for index, piece in enumerate(self.pieces[:MOST_PIECES]):
            sign = "- " if piece.sign < 0 else "+ " if index else ""
            lines.append(sign + piece.words(program))
        if len(self.pieces) > MOST_PIECES:
            lines.append(f"and {len(self.pieces) - MOST_PIECES} more")
        line = " ".join(lines)
        return line if len(line) <= LONGEST_LINE else "\n".join(lines)

    def backward_lines(self) -> list[str]:
        """The gradients that it passes on."""
        gradient = f"d_{self.out.name}"
        lines = []
        for piece in self.pieces:
            sign = "-=" if piece.sign < 0 else "+="
            times = "@" if piece.is_matrix_product else "*"
            for gather, other in ((piece.left, piece.right), (piece.right, piece.left)):
                if gather is not None and gather.register.needs_gradient:
                    lines.append(f"d_{gather} {sign} {gradient}" + (f" {times} {other}" if other is not None else ""))
        return lines

    def __str__(self) -> str:
        text = "".join((" - " if piece.sign < 0 else " + ") + str(piece) for piece in self.pieces)
        return text[3:] if self.pieces[0].sign > 0 else f"-{text[3:]}"


@dataclass(eq=False)
class RowMax:
    """The largest of each row; no gradient flows through it."""

    out: Register
    operand: Gather

    def gathers(self) -> list[Gather]:
        """What it reads."""
        return [self.operand]

    def words(self, program: Program) -> str:
        """What it does, as pictures show it."""
        return "largest"

    def backward_lines(self) -> list[str]:
        """Nothing."""
        return []

    def __str__(self) -> str:
        return f"largest({self.operand})"


@dataclass(eq=False)
class Concatenate:
    """Numbers of several registers, one after the other, for an instruction that takes them together."""

    out: Register
    parts: list[Gather]

    def gathers(self) -> list[Gather]:
        """What it reads."""
        return self.parts

    def words(self, program: Program) -> str:
        """What it does, as pictures show it."""
        return "concatenate"

    def backward_lines(self) -> list[str]:
        """The gradients that it passes on."""
        return [f"d_{part} += d_{self.out.name}" for part in self.parts if part.register.needs_gradient]

    def __str__(self) -> str:
        return f"concatenate({', '.join(map(str, self.parts))})"


Instruction: TypeAlias = Apply | Sum | RowMax | Concatenate


@dataclass(eq=False)
class Program:
    """What a function comes to.

    arguments: the registers of the inputs, in order. captured: that of the Values from outside, or None.
    constants: that of the constants, or None, and `numbers` what it holds. outputs: where the results are.
    checked: where the numbers are that `require` looks at.
    instructions: what runs, in order. registers: all of them. scalars: how many nodes were recorded.
    """

    arguments: list[Register]
    captured: Register | None
    constants: Register | None
    numbers: Sequence[float]
    instructions: list[Instruction] = field(default_factory=list)
    outputs: list[tuple[Register, int]] = field(default_factory=list)
    checked: list[tuple[Register, int]] = field(default_factory=list)
    registers: list[Register] = field(default_factory=list)
    scalars: int = 0

    def new_register(self, name: str, size: int, batched: bool, needs_gradient: bool) -> Register:
        """Adds a register."""
        register = Register(name, len(self.registers), size, batched, needs_gradient)
        self.registers.append(register)
        return register

    def result(self, size: int, batched: bool, needs_gradient: bool) -> Register:
        """A register for the results of the next instruction."""
        return self.new_register(f"r{len(self.instructions) + 1}", size, batched, needs_gradient)

    def backward_instructions(self) -> list[Instruction]:
        """Those through which gradients flow, last first."""
        return [instruction for instruction in reversed(self.instructions) if instruction.out.needs_gradient]

    def draw(
        self, path: str | os.PathLike[str] | None = None, max_nodes: int = 500, *, layout: str | None = None
    ) -> graphviz.Digraph:
        """The program as a picture that a notebook shows: a box for each register, with the operation that fills it.

        Arguments are blue, Values from outside green, constants grey and dashed, the registers with the results orange.
        An edge says which part is read where it is not the whole.

        Args:
            path: a file to write as well; its suffix .svg, .png, .pdf or .dot says in which format.
            max_nodes: the largest number of boxes to draw.
            layout: who places the boxes, as for `autograd.draw`.

        Raises:
            ValueError: the file has another suffix, or there is no such layout.
            GraphTooLargeError: there would be more than `max_nodes` boxes.
            FileNotFoundError: the folder of `path` does not exist.
            RenderError: Graphviz is needed and missing, or failed.

        >>> from autograd import compile
        >>> f = compile(lambda x: x[0] * x[1] + x[0] ** 2)
        >>> f([2.0, -3.0])
        -2.0
        >>> "dot product" in f.program.draw().source
        True
        """
        reads = [_without_repeats(instruction.gathers()) for instruction in self.instructions]
        constants = sum(gather.register is self.constants for gathers in reads for gather in gathers)
        return draw_boxes(
            self._boxes(reads),
            self._edges(reads),
            path,
            count=len(self.registers) - (self.constants is not None) + constants,
            max_nodes=max_nodes,
            layout=layout,
            otherwise="draw a smaller function",
        )

    def _boxes(self, reads: Sequence[Sequence[Gather]]) -> Iterator[Box]:
        """A box for each register; one for each use of constants, so that no edges lead across the picture."""
        results: dict[Register, list[int]] = {}
        for register, offset in self.outputs:
            results.setdefault(register, []).append(offset)
        checked = {register for register, _ in self.checked}

        def box(register: Register, title: str, line: str, look: str) -> Box:
            lines = [line]
            if register in results:
                part = Gather(register, np.array(results[register])).part()
                lines.append(f"result: {part}" if part else "result")
                look = "root" if look == "intermediate" else look
            if register in checked:
                lines.append("checked")
            return titled(f"n{register.index}", title, lines, look)

        for register in self.arguments:
            yield box(register, register.declared(), "argument", "leaf")
        if self.captured is not None:
            yield box(self.captured, self.captured.declared(), "Values from outside", "captured")
        if self.constants in results or self.constants in checked:
            yield box(self.constants, self.constants.declared(), "constants", "constant")
        for instruction, gathers in zip(self.instructions, reads, strict=True):
            yield box(instruction.out, instruction.words(self), instruction.out.declared(), "intermediate")
            for index, gather in enumerate(gathers):
                if gather.register is self.constants:
                    numbers = gather.constants(self)
                    title = ", ".join(numbers) if len(numbers) <= 3 else f"{len(numbers)} constants"
                    yield titled(f"n{instruction.out.index}c{index}", title, [], "constant")

    def _edges(self, reads: Sequence[Sequence[Gather]]) -> Iterator[Edge]:
        """An edge for each read, with the part that is read, if it is not the whole."""
        for instruction, gathers in zip(self.instructions, reads, strict=True):
            head = f"n{instruction.out.index}"
            for index, gather in enumerate(gathers):
                if gather.register is self.constants:
                    yield Edge(f"{head}c{index}", head)
                else:
                    part = gather.part()
                    # The spaces keep the edge off the text.
                    yield Edge(f"n{gather.register.index}", head, f" {part} " if part else None)

    def __str__(self) -> str:
        lines = [f"{register.declared()} = argument" for register in self.arguments]
        if self.captured is not None:
            lines.append(f"{self.captured.declared()} = captured")
        if self.constants is not None:
            few = self.constants.size <= 8
            lines.append(f"{self.constants.declared()} = {list(self.numbers) if few else 'constants'}")
        lines += [f"{instruction.out.declared()} = {instruction}" for instruction in self.instructions]
        lines.append("return " + ", ".join(f"{register.name}[{offset}]" for register, offset in self.outputs[:8]))
        if len(self.outputs) > 8:
            lines[-1] += ", ..."
        if self.checked:
            lines.append("check " + ", ".join(f"{register.name}[{offset}]" for register, offset in self.checked))
        for instruction in self.backward_instructions():
            lines += instruction.backward_lines()
        return "\n".join(lines)


def _without_repeats(gathers: Sequence[Gather]) -> list[Gather]:
    """Each gather once."""
    return [gather for index, gather in enumerate(gathers) if not any(map(gather.is_same, gathers[:index]))]
