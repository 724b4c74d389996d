"""The form between a recorded function and its arrays: a short list of array instructions.

A **register** is an array: an argument, the constants, or the results of an instruction, one number for each scalar
of the function (and one row of them for each example, where it is batched). A **read** says which of its numbers an
instruction takes, as an array of places. `print(program)` shows it all.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import graphviz


@dataclass(eq=False)
class Register:
    """An array of `size` numbers; `batched` ones have one such row for each example.

    name, place: what it is called, and its number in the program.
    needs_gradient: whether a gradient flows into it.
    """

    name: str
    place: int
    size: int
    batched: bool
    needs_gradient: bool

    def declared(self) -> str:
        """Its name and its shape."""
        return f"{self.name}[{'batch, ' if self.batched else ''}{self.size}]"


@dataclass(eq=False)
class Read:
    """The numbers of a register at `places`, an array of one axis or of two."""

    register: Register
    places: Any

    def is_same(self, other: Read) -> bool:
        """Whether it takes the same numbers in the same arrangement."""
        return self.register is other.register and np.array_equal(self.places, other.places)

    def __str__(self) -> str:
        shape = "x".join(map(str, self.places.shape))
        flat = self.places.ravel()
        register = self.register
        if flat.size == register.size and (flat == np.arange(register.size)).all():
            return register.name if self.places.ndim == 1 else f"{register.name}[{shape}]"
        if (flat == flat[0]).all():
            return f"{register.name}[{flat[0]}]"
        return f"{register.name}[{shape} from {flat[0]}]"


@dataclass(eq=False)
class Apply:
    """A primitive, on as many numbers at once as `out` has."""

    out: Register
    operation: Any
    operands: tuple[Read, ...]

    def __str__(self) -> str:
        return f"{self.operation.name}({', '.join(map(str, self.operands))})"


@dataclass(eq=False)
class Piece:
    """A part of a sum: `sign` times the terms in `left`, or times their products with those in `right`.

    Without `is_matrix_product`, row i of the places holds the terms of number i of the sum (a single row: those of
    all of them). With it, the numbers of the sum are the products of each row of `left` with each row of `right`.
    """

    sign: int
    left: Read
    right: Read | None = None
    is_matrix_product: bool = False

    def __str__(self) -> str:
        terms = str(self.left)
        if self.is_matrix_product:
            return f"{self.left} @ {self.right}"
        if self.right is not None:
            terms = f"{self.left} * {self.right}"
        return terms if self.left.places.ndim == 1 else f"sum({terms})"


@dataclass(eq=False)
class Sum:
    """Sums of terms and of products, all with equally many of each kind."""

    out: Register
    pieces: list[Piece]

    def __str__(self) -> str:
        text = "".join((" - " if piece.sign < 0 else " + ") + str(piece) for piece in self.pieces)
        return text[3:] if self.pieces[0].sign > 0 else f"-{text[3:]}"


@dataclass(eq=False)
class RowMax:
    """The largest of each row; no gradient flows through it."""

    out: Register
    operand: Read

    def __str__(self) -> str:
        return f"largest({self.operand})"


@dataclass(eq=False)
class Gather:
    """Numbers of several registers, one behind the other, for an instruction that takes them together."""

    out: Register
    parts: list[Read]

    def __str__(self) -> str:
        return f"gather({', '.join(map(str, self.parts))})"


Instruction: TypeAlias = Apply | Sum | RowMax | Gather


@dataclass(eq=False)
class Program:
    """What a function comes to.

    arguments: the registers of the inputs, in order. captured: that of the Values from outside, or None.
    constants: that of the constants, or None, and `numbers` what it holds. outputs: where the results are.
    checked: where that is which `require` looks at.
    instructions: what runs, in order. registers: all of them. scalars: the nodes that were recorded.
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
        return [one for one in reversed(self.instructions) if one.out.needs_gradient]

    def draw(self, path: str | os.PathLike[str] | None = None, max_nodes: int = 500) -> graphviz.Digraph:
        """The program as a picture that a notebook shows: a box for each register, with the operation that fills it.

        Arguments are blue, Values from outside green, constants grey and dashed, the registers with the results orange.
        An edge says which part is read where it is not the whole.

        Args:
            path: a file to write as well; its suffix .svg, .png, .pdf or .dot says in which format.
            max_nodes: the largest number of boxes to draw.

        Raises:
            ValueError: the suffix is none of those above.
            GraphTooLargeError: there would be more than `max_nodes` boxes.
            FileNotFoundError: the folder of `path` does not exist.
            RenderError: Graphviz is missing or failed.

        >>> from autograd import compile
        >>> f = compile(lambda x: x[0] * x[1] + x[0] ** 2)
        >>> f([2.0, -3.0])
        -2.0
        >>> "dot product" in f.program.draw().source
        True
        """
        from autograd.compiler.draw_program import draw_program

        return draw_program(self, path, max_nodes)

    def __str__(self) -> str:
        lines = [f"{register.declared()} = argument" for register in self.arguments]
        if self.captured is not None:
            lines.append(f"{self.captured.declared()} = captured")
        if self.constants is not None:
            few = self.constants.size <= 8
            lines.append(f"{self.constants.declared()} = {list(self.numbers) if few else 'constants'}")
        lines += [f"{one.out.declared()} = {one}" for one in self.instructions]
        lines.append("return " + ", ".join(f"{register.name}[{offset}]" for register, offset in self.outputs[:8]))
        if len(self.outputs) > 8:
            lines[-1] += ", ..."
        if self.checked:
            lines.append("check " + ", ".join(f"{register.name}[{offset}]" for register, offset in self.checked))
        for one in self.backward_instructions():
            lines += _backward_lines(one)
        return "\n".join(lines)


def _backward_lines(one: Instruction) -> list[str]:
    """The gradients that an instruction passes on; d_r stands for the gradient of r."""
    gradient = f"d_{one.out.name}"
    if isinstance(one, Gather):
        return [f"d_{part} += {gradient}" for part in one.parts if part.register.needs_gradient]
    if isinstance(one, RowMax):
        return []
    if isinstance(one, Apply):
        return [
            f"d_{read} += {gradient} * {one.operation.name}.partial_{name}"
            for name, read in zip(one.operation.operands, one.operands, strict=True)
            if read.register.needs_gradient
        ]
    lines = []
    for piece in one.pieces:
        sign = "-=" if piece.sign < 0 else "+="
        times = "@" if piece.is_matrix_product else "*"
        for read, other in ((piece.left, piece.right), (piece.right, piece.left)):
            if read is not None and read.register.needs_gradient:
                lines.append(f"d_{read} {sign} {gradient}" + (f" {times} {other}" if other is not None else ""))
    return lines
