"""A backward pass over array instructions that goes only where the eager engine goes.

The fast backward pass lets a gradient of 0 flow into the branch of a `where` that is not taken, and into operations
that only another result depends on. That does no harm unless the 0 meets an infinite derivative: 0 times infinity is
nan. So the fast pass counts if all its gradients are finite, and this one if not. It notes, for each gradient, whether
the eager engine would compute it (it is `live`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from autograd.compiler.arrays.elementary import Array
from autograd.compiler.arrays.lookup import array_rule
from autograd.compiler.arrays.program import Apply, Concatenate, Gather, Instruction, Piece, Program, Register, RowMax
from autograd.compiler.tape import CONDITIONS, SELECT_IF, SELECTS
from autograd.engine import ops

Arrays = list[Any]

QUIET = frozenset(
    {
        *(ops.add, ops.subtract, ops.multiply, ops.negate, ops.absolute, ops.relu, ops.leaky_relu),
        *(ops.maximum, ops.minimum, *SELECTS, *CONDITIONS),
    }
)
"""Operations that give infinity or nan without an error, as floats do."""


@np.errstate(all="ignore")
def backward(program: Program, values: Arrays, seeds: Sequence[tuple[Register, int, Array | float]]) -> Arrays:
    """The gradient of each register that has one; the arguments are those of `NumpyRuntime.backward`."""
    live: Arrays = [None] * len(program.registers)
    gradients: Arrays = [None] * len(program.registers)
    for register, offset, seed in seeds:
        if register.needs_gradient:
            begin(live, register, values)[..., offset] = True
            begin(gradients, register, values, values[register.index].dtype)[..., offset] += seed
    for instruction in reversed(program.instructions):
        here = live[instruction.out.index]
        if here is None or not instruction.out.needs_gradient:
            continue
        for gather, mask, contribution in _contributions(instruction, values, gradients[instruction.out.index], here):
            if gather.register.needs_gradient:
                dtype = values[gather.register.index].dtype
                _mark(begin(live, gather.register, values), gather, mask)
                _add(begin(gradients, gather.register, values, dtype), gather, contribution)
    return gradients


def begin(arrays: Arrays, register: Register, values: Arrays, dtype: Any = bool) -> Array:
    """The array of a register, made of zeros at first."""
    if arrays[register.index] is None:
        arrays[register.index] = np.zeros(values[register.index].shape, dtype)
    return arrays[register.index]


def live_registers(program: Program, values: Arrays, outputs: Sequence[tuple[Register, int]]) -> Arrays:
    """Which numbers the outputs depend on; a branch of `where` that is not taken counts for nothing."""
    live: Arrays = [None] * len(program.registers)
    for register, offset in outputs:
        begin(live, register, values)[..., offset] = True
    for instruction in reversed(program.instructions):
        here = live[instruction.out.index]
        if here is not None:
            for gather, mask in _reads(instruction, values, here):
                _mark(begin(live, gather.register, values), gather, mask)
    return live


@np.errstate(all="ignore")
def suspects(program: Program, values: Arrays, outputs: Sequence[tuple[Register, int]], examples: int) -> list[int]:
    """The examples in which an operation that the outputs depend on may have failed: its result is not finite."""
    found = np.zeros(examples, bool)
    failed: list[tuple[Apply, Array]] = []
    for instruction in program.instructions:
        if isinstance(instruction, Apply) and instruction.operation not in QUIET:
            wrong = ~np.isfinite(values[instruction.out.index])
            if wrong.any():
                failed.append((instruction, wrong))
    if failed:
        live = live_registers(program, values, outputs)
        for instruction, wrong in failed:
            here = live[instruction.out.index]
            if here is not None:
                for gather in instruction.operands:
                    wrong &= ~np.isnan(_taken(gather, values))
                wrong &= here
                found |= wrong.any(axis=-1)
    return np.flatnonzero(found).tolist()


# ---------------------------------------------------------------- what an instruction reads and passes on


def _taken(gather: Gather, values: Arrays) -> Array:
    return values[gather.register.index][..., gather.indices]


def _is_taken(instruction: Apply, values: Arrays) -> Array:
    """Where the branch of a `where` is taken that this instruction selects."""
    condition = _taken(instruction.operands[0], values)
    truth = condition if condition.dtype == np.bool_ else condition != 0.0
    return truth if instruction.operation is SELECT_IF else ~truth


def _reads(instruction: Instruction, values: Arrays, here: Array) -> Iterator[tuple[Gather, Array]]:
    """Each gather that an instruction reads, and which of its numbers are live where the results are (`here`)."""
    if isinstance(instruction, Concatenate):
        yield from zip(instruction.parts, _parts(instruction, here), strict=True)
    elif isinstance(instruction, RowMax):
        yield instruction.operand, here[..., None]
    elif isinstance(instruction, Apply):
        *others, last = instruction.operands
        yield from ((gather, here) for gather in others)
        yield last, here & _is_taken(instruction, values) if instruction.operation in SELECTS else here
    else:
        for piece in instruction.pieces:
            left, right = _masks(piece, here)
            yield piece.left, left
            if piece.right is not None:
                yield piece.right, right


def _contributions(
    instruction: Instruction, values: Arrays, gradient: Array, here: Array
) -> Iterator[tuple[Gather, Array, Array]]:
    """For each gather that a gradient flows into: which of its numbers are live, and what is added to theirs."""
    if isinstance(instruction, Concatenate):
        yield from zip(instruction.parts, _parts(instruction, here), _parts(instruction, gradient), strict=True)
    elif isinstance(instruction, Apply):
        if instruction.operation in SELECTS:
            mask = here & _is_taken(instruction, values)
            yield instruction.operands[1], mask, np.where(mask, gradient, 0.0)
            return
        operands = [_taken(gather, values) for gather in instruction.operands]
        for gather, partial in zip(instruction.operands, array_rule(instruction.operation).partials, strict=True):
            if gather.register.needs_gradient:
                contribution = gradient * partial(*operands, values[instruction.out.index])
                yield gather, here, np.where(here, contribution, 0.0)
    elif not isinstance(instruction, RowMax):
        for piece in instruction.pieces:
            yield from _contributions_of_piece(piece, values, gradient if piece.sign > 0 else -gradient, here)


def _contributions_of_piece(
    piece: Piece, values: Arrays, gradient: Array, here: Array
) -> Iterator[tuple[Gather, Array, Array]]:
    left, right = piece.left, piece.right
    left_mask, right_mask = _masks(piece, here)
    if right is None:
        if left.indices.ndim == 1:
            yield left, left_mask, gradient
        elif len(left.indices) == 1:  # one row for all
            yield left, left_mask, gradient.sum(axis=-1)[..., None, None]
        else:
            yield left, left_mask, gradient[..., None]
        return
    lefts, rights = _taken(left, values), _taken(right, values)
    if piece.is_matrix_product:
        if np.isfinite(lefts).all() and np.isfinite(rights).all():  # then 0 stays 0
            table = gradient.reshape(*gradient.shape[:-1], len(left.indices), len(right.indices))
            yield left, left_mask, table @ rights
            yield right, right_mask, table.swapaxes(-1, -2) @ lefts
            return
        rows, columns = np.divmod(np.arange(gradient.shape[-1]), len(right.indices))
        left, right = Gather(left.register, left.indices[rows]), Gather(right.register, right.indices[columns])
        left_mask = right_mask = here[..., None]
        lefts, rights = lefts[..., rows, :], rights[..., columns, :]
    mask = here if left.indices.ndim == 1 else here[..., None]
    gradient = gradient if left.indices.ndim == 1 else gradient[..., None]
    yield left, left_mask, np.where(mask, gradient * rights, 0.0)
    yield right, right_mask, np.where(mask, gradient * lefts, 0.0)


def _masks(piece: Piece, here: Array) -> tuple[Array, Array]:
    """Which of the numbers in its left and right gathers are live, in shapes that broadcast to theirs."""
    left, right = piece.left.indices, None if piece.right is None else piece.right.indices
    if piece.is_matrix_product and right is not None:
        table = here.reshape(*here.shape[:-1], len(left), len(right))
        return table.any(axis=-1)[..., None], table.any(axis=-2)[..., None]
    if left.ndim == 1:
        return here, here
    mask = here.any(axis=-1)[..., None, None] if len(left) == 1 else here[..., None]
    return mask, mask


def _parts(instruction: Concatenate, array: Array) -> Iterator[Array]:
    """The part of an array that belongs to each part of a concatenation."""
    start = 0
    for gather in instruction.parts:
        yield array[..., start : start + gather.indices.size]
        start += gather.indices.size


def _for_register(register: Register, gather: Gather, array: Array, combine: Any) -> Array:
    """An array for the numbers of a gather, in one axis; combined over the examples if the register is not batched."""
    axes = gather.indices.ndim
    array = np.broadcast_to(array, (*array.shape[: array.ndim - axes], *gather.indices.shape))
    array = array.reshape(*array.shape[: array.ndim - axes], -1)
    return combine.reduce(array, axis=0) if array.ndim == 2 and not register.batched else array


def _mark(live: Array, gather: Gather, mask: Array) -> None:
    mask = _for_register(gather.register, gather, mask, np.logical_or)
    indices = np.broadcast_to(gather.indices.ravel(), mask.shape)
    if live.ndim == 1:
        live[indices[mask]] = True
    elif mask.ndim == 1:
        live[:, indices[mask]] = True
    else:
        rows, columns = np.nonzero(mask)
        live[rows, indices[rows, columns]] = True


def _add(gradients: Array, gather: Gather, contribution: Array) -> None:
    contribution = _for_register(gather.register, gather, contribution, np.add)
    indices: Any = (..., gather.indices.ravel())
    np.add.at(gradients, indices, contribution)
