"""Programs as pictures: a box for each register with the operation that fills it, an edge for each read.

The boxes look like those of `autograd.draw`, and are called as in the printed program.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograd.compiler.arrays.program import Apply, Gather, Instruction, Piece, Program, Read, Register, RowMax, Sum
from autograd.compiler.loop.program import LoopProgram, SumOf
from autograd.engine.errors import GraphTooLargeError
from autograd.pictures.style import LOOKS, add_edges, cell, empty_picture, markup, table

if TYPE_CHECKING:
    import graphviz

_LONGEST_LINE = 30
"""A sum that takes more is written on several lines, or told in words."""
_MOST_LINES = 6
"""A sum of more parts shows the first of them."""

_IN_WORDS = {
    "add": "{0} + {1}",
    "subtract": "{0} - {1}",
    "multiply": "{0} * {1}",
    "divide": "{0} / {1}",
    "power": "{0} ** {1}",
    "negate": "negative",
    "less": "{0} < {1}",
    "less_equal": "{0} <= {1}",
    "equal": "{0} == {1}",
    "chosen": "{1} where {0}, else nothing",
    "not_chosen": "nothing where {0}, else {1}",
    "sum_of_terms": "sum",
    "sum_of_products": "sum of products",
    "sum_of_term_and_products": "sum with products",
    "sum_of_signed_terms_and_products": "sum with products",
}


def draw_program(program: Program, path: str | os.PathLike[str] | None, max_nodes: int) -> graphviz.Digraph:
    """The picture of array instructions; what `Program.draw` gives."""
    picture, file = empty_picture(path, "TB", rank_distance="0.45")
    reads = [_reads(one) for one in program.instructions]
    constants = sum(read.register is program.constants for of_one in reads for read in of_one)
    count = len(program.registers) - (program.constants is not None) + constants
    _require_few(count, max_nodes, "draw a smaller function")
    results: dict[Register, list[int]] = {}
    for register, offset in program.outputs:
        results.setdefault(register, []).append(offset)
    checked = {register for register, _ in program.checked}

    def box(register: Register, lines: list[str], look: str) -> None:
        if register in results:
            part = _part(np.array(results[register]), register.size)
            lines.append(f"result: {part}" if part else "result")
            look = "root" if look == "intermediate" else look
        if register in checked:
            lines.append("checked")
        _add_box(picture, f"n{register.place}", lines[0], lines[1:], look)

    for register in program.arguments:
        box(register, [register.declared(), "argument"], "leaf")
    if program.captured is not None:
        box(program.captured, [program.captured.declared(), "Values from outside"], "captured")
    if program.constants in results or program.constants in checked:
        box(program.constants, [program.constants.declared(), "constants"], "constant")
    edges: list[tuple[str, str, str | None]] = []
    for one, of_one in zip(program.instructions, reads, strict=True):
        box(one.out, [_words(program, one), one.out.declared()], "intermediate")
        target = f"n{one.out.place}"
        for place, read in enumerate(of_one):
            if (
                read.register is program.constants
            ):  # drawn where they are used, so that no edges lead across the picture
                numbers = _numbers(program, read)
                title = ", ".join(numbers) if len(numbers) <= 3 else f"{len(numbers)} constants"
                _add_box(picture, f"{target}c{place}", title, [], "constant")
                edges.append((f"{target}c{place}", target, None))
            else:
                part = _part(read.places, read.register.size)
                # The spaces keep the edge off the text.
                edges.append((f"n{read.register.place}", target, f" {part} " if part else None))
    add_edges(picture, edges)
    if file is not None:
        file.write(picture)
    return picture


def draw_loop_program(program: LoopProgram, path: str | os.PathLike[str] | None, max_nodes: int) -> graphviz.Digraph:
    """The picture of a list of scalar operations; what `LoopProgram.draw` gives."""
    picture, file = empty_picture(path, "TB", rank_distance="0.45")
    reads = [list(dict.fromkeys(program.read_by(place))) for place in range(len(program.operations))]
    results, checked = set(program.outputs), set(program.checked)
    inputs = sorted({one for of_one in [*reads, results, checked] for one in of_one if one < program.inputs})
    constants = sum(program.inputs <= one < program.first for of_one in reads for one in of_one)
    count = len(inputs) + constants + len(program.operations)
    _require_few(count, max_nodes, 'draw the array instructions: compile(f, runtime="numpy")')

    def box(place: int, lines: list[str], look: str) -> None:
        if place in results:
            lines.append("result")
            look = "root" if look == "intermediate" else look
        if place in checked:
            lines.append("checked")
        _add_box(picture, f"n{place}", lines[0], lines[1:], look)

    for place in inputs:
        is_argument = place < program.inputs - program.captured
        box(place, [program.name_of(place)], "leaf" if is_argument else "captured")
    for place in sorted(results | checked):
        if program.inputs <= place < program.first:
            box(place, [program.name_of(place)], "constant")
    edges: list[tuple[str, str, str | None]] = []
    for place, of_one in enumerate(reads, program.first):
        box(place, [_flat_words(program, place - program.first), program.name_of(place)], "intermediate")
        for one in of_one:
            source = f"n{one}"
            if program.inputs <= one < program.first:
                source = f"n{place}c{one}"
                _add_box(picture, source, program.name_of(one), [], "constant")
            edges.append((source, f"n{place}", None))
    add_edges(picture, edges)
    if file is not None:
        file.write(picture)
    return picture


def _require_few(count: int, max_nodes: int, otherwise: str) -> None:
    if count > max_nodes:
        raise GraphTooLargeError(
            f"the drawing would have {count:,} boxes, more than max_nodes={max_nodes:,}; allow more with max_nodes=, "
            f"or {otherwise}"
        )


def _add_box(picture: graphviz.Digraph, name: str, title: str, lines: Sequence[str], look: str) -> None:
    """A box: a title in bold type, of one line or several, and under it lines in small type."""
    rows = [cell(f"<b>{markup(line)}</b>", line, 11) for line in title.split("\n")]
    rows += [cell(markup(line), line) for line in lines]
    picture.node(name, f"<{table(rows)}>", **LOOKS[look])


# ---------------------------------------------------------------- what is read


def _reads(one: Instruction) -> list[Read]:
    """What an instruction reads, each once."""
    if isinstance(one, Apply):
        reads = list(one.operands)
    elif isinstance(one, RowMax):
        reads = [one.operand]
    elif isinstance(one, Gather):
        reads = one.parts
    else:
        reads = [read for piece in one.pieces for read in (piece.left, piece.right) if read is not None]
    return [read for place, read in enumerate(reads) if not any(map(read.is_same, reads[:place]))]


def _part(places: Any, size: int) -> str:
    """Which of the `size` numbers of a register are taken, in words; nothing where it is all of them, in order."""
    flat = places.ravel()
    first, last = int(flat[0]), int(flat[-1])
    if (flat == first).all():
        return f"[{first}]" if size > 1 else ""
    if (np.diff(flat) == 1).all():
        part = f"[{first}:{last + 1}]" if flat.size < size else ""
    else:
        taken = len(np.unique(flat))
        part = f"{taken:,} of {size:,}" if taken < size else "in another order"
    if places.ndim == 2 and min(places.shape) > 1:
        part = f"{part} as {places.shape[0]}x{places.shape[1]}".lstrip()
    return part


def _name(program: Program, read: Read) -> str:
    """What is read, in the words of an operation."""
    register, places = read.register, read.places
    if register is program.constants:
        numbers = _numbers(program, read)
        return numbers[0] if len(numbers) == 1 else "constants"
    return f"{register.name}[{places.flat[0]}]" if places.size == 1 < register.size else register.name


def _numbers(program: Program, read: Read) -> list[str]:
    """The constants that are read, each once."""
    return list(dict.fromkeys(f"{program.numbers[place]:.4g}" for place in read.places.flat))


# ---------------------------------------------------------------- operations in words


def _words(program: Program, one: Instruction) -> str:
    """What an instruction does."""
    if isinstance(one, Apply):
        return _in_words(one.operation, [_name(program, read) for read in one.operands])
    if isinstance(one, Sum):
        return _words_of_sum(program, one)
    return "largest" if isinstance(one, RowMax) else "gather"


def _words_of_sum(program: Program, one: Sum) -> str:
    """The parts of a sum, on one line if it is short."""
    lines = []
    for place, piece in enumerate(one.pieces[:_MOST_LINES]):
        sign = "- " if piece.sign < 0 else "+ " if place else ""
        lines.append(sign + _words_of_piece(program, piece))
    if len(one.pieces) > _MOST_LINES:
        lines.append(f"and {len(one.pieces) - _MOST_LINES} more")
    line = " ".join(lines)
    return line if len(line) <= _LONGEST_LINE else "\n".join(lines)


def _words_of_piece(program: Program, piece: Piece) -> str:
    left, right = piece.left, piece.right
    if piece.is_matrix_product:
        assert right is not None
        return "dot product" if len(left.places) == len(right.places) == 1 else "matrix product"
    if left.places.ndim == 2:
        return f"sum({_name(program, left)})" if right is None else "sum of products"
    return _name(program, left) if right is None else f"{_name(program, left)} * {_name(program, right)}"


def _flat_words(program: LoopProgram, place: int) -> str:
    """What an operation on scalars does; a short sum as it is printed."""
    operation = program.operations[place]
    text = program.described(place)
    if isinstance(operation, SumOf) and len(text) <= _LONGEST_LINE:
        return text
    return _in_words(operation, [program.name_of(one) for one in program.read_by(place)])


def _in_words(operation: Any, operands: Sequence[str]) -> str:
    """A primitive, a choice or a kind of sum."""
    words = _IN_WORDS.get(operation.name)
    if words is not None:
        return words.format(*operands)
    name: str = operation.name.replace("_", " ")
    return name if len(operands) == 1 else f"{name} of {' and '.join(operands)}"
