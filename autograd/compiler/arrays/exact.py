"""Array instructions, walked as the eager engine walks its graph: nothing flows where it does not go.

A fast backward pass lets a gradient of 0 flow into the branch of a `where` that was not taken, and from a result into
what only another result was computed from. There it does no harm, unless it meets an infinite derivative: 0 times
infinity is nan. So the fast pass is believed where everything it gives is finite, and this one decides where not. It
keeps, beside each gradient, whether the eager engine would have come there (it is `live`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from autograd.compiler.arrays.program import Apply, Gather, Instruction, Piece, Program, Read, Register, RowMax
from autograd.compiler.arrays.rules import Array, array_rule
from autograd.compiler.record import CHOSEN, CONDITIONS, NOT_CHOSEN
from autograd.engine import ops

Arrays = list[Any]

QUIET = frozenset(
    {
        *(ops.add, ops.subtract, ops.multiply, ops.negate, ops.absolute, ops.relu, ops.leaky_relu),
        *(ops.maximum, ops.minimum, CHOSEN, NOT_CHOSEN, *CONDITIONS),
    }
)
"""Operations that give infinity or nan as floats do, without an error."""


@np.errstate(all="ignore")
def backward(program: Program, values: Arrays, seeds: Sequence[tuple[Register, int, Array | float]]) -> Arrays:
    """The gradient of each register that has one; takes what `NumpyRuntime.backward` takes."""
    live: Arrays = [None] * len(program.registers)
    gradients: Arrays = [None] * len(program.registers)
    for register, offset, seed in seeds:
        if register.needs_gradient:
            begin(live, register, values)[..., offset] = True
            begin(gradients, register, values, values[register.place].dtype)[..., offset] += seed
    for one in reversed(program.instructions):
        here = live[one.out.place]
        if here is None or not one.out.needs_gradient:
            continue
        for read, mask, contribution in _contributions(one, values, gradients[one.out.place], here):
            if read.register.needs_gradient:
                _mark(begin(live, read.register, values), read, mask)
                _add(begin(gradients, read.register, values, values[read.register.place].dtype), read, contribution)
    return gradients


def begin(arrays: Arrays, register: Register, values: Arrays, dtype: Any = bool) -> Array:
    """The array that belongs to a register; zeros if there is none yet."""
    if arrays[register.place] is None:
        arrays[register.place] = np.zeros(values[register.place].shape, dtype)
    return arrays[register.place]


def live_registers(program: Program, values: Arrays, outputs: Sequence[tuple[Register, int]]) -> Arrays:
    """Which numbers some results depend on; a branch of `where` that is not taken counts for nothing."""
    live: Arrays = [None] * len(program.registers)
    for register, offset in outputs:
        begin(live, register, values)[..., offset] = True
    for one in reversed(program.instructions):
        here = live[one.out.place]
        if here is not None:
            for read, mask in _reads(one, values, here):
                _mark(begin(live, read.register, values), read, mask)
    return live


@np.errstate(all="ignore")
def suspects(program: Program, values: Arrays, outputs: Sequence[tuple[Register, int]], examples: int) -> list[int]:
    """The examples in which an operation that the results depend on may have failed: it gave what is not finite."""
    found = np.zeros(examples, bool)
    failed: list[tuple[Apply, Array]] = []
    for one in program.instructions:
        if isinstance(one, Apply) and one.operation not in QUIET:
            wrong = ~np.isfinite(values[one.out.place])
            if wrong.any():
                failed.append((one, wrong))
    if failed:
        live = live_registers(program, values, outputs)
        for one, wrong in failed:
            here = live[one.out.place]
            if here is not None:
                for read in one.operands:
                    wrong &= ~np.isnan(_taken(read, values))
                wrong &= here
                found |= wrong.any(axis=-1)
    return np.flatnonzero(found).tolist()


# ---------------------------------------------------------------- what an instruction reads, and passes on


def _taken(read: Read, values: Arrays) -> Array:
    return values[read.register.place][..., read.places]


def _is_taken(one: Apply, values: Arrays) -> Array:
    """Where the branch of a `where` that this instruction stands for is taken."""
    condition = _taken(one.operands[0], values)
    truth = condition if condition.dtype == np.bool_ else condition != 0.0
    return truth if one.operation is CHOSEN else ~truth


def _reads(one: Instruction, values: Arrays, here: Array) -> Iterator[tuple[Read, Array]]:
    """What a result is computed from: each read, and which of its numbers count where those of the result do."""
    if isinstance(one, Gather):
        yield from zip(one.parts, _parts(one, here), strict=True)
    elif isinstance(one, RowMax):
        yield one.operand, here[..., None]
    elif isinstance(one, Apply):
        *others, last = one.operands
        yield from ((read, here) for read in others)
        yield last, here & _is_taken(one, values) if one.operation in (CHOSEN, NOT_CHOSEN) else here
    else:
        for piece in one.pieces:
            left, right = _masks(piece, here)
            yield piece.left, left
            if piece.right is not None:
                yield piece.right, right


def _contributions(
    one: Instruction, values: Arrays, gradient: Array, here: Array
) -> Iterator[tuple[Read, Array, Array]]:
    """For each read through which a gradient flows: which of its numbers are live, and what is added to theirs."""
    if isinstance(one, Gather):
        yield from zip(one.parts, _parts(one, here), _parts(one, gradient), strict=True)
    elif isinstance(one, Apply):
        if one.operation in (CHOSEN, NOT_CHOSEN):
            mask = here & _is_taken(one, values)
            yield one.operands[1], mask, np.where(mask, gradient, 0.0)
            return
        operands = [_taken(read, values) for read in one.operands]
        for read, partial in zip(one.operands, array_rule(one.operation).partials, strict=True):
            if read.register.needs_gradient:
                contribution = gradient * partial(*operands, values[one.out.place])
                yield read, here, np.where(here, contribution, 0.0)
    elif not isinstance(one, RowMax):
        for piece in one.pieces:
            yield from _contributions_of_piece(piece, values, gradient if piece.sign > 0 else -gradient, here)


def _contributions_of_piece(
    piece: Piece, values: Arrays, gradient: Array, here: Array
) -> Iterator[tuple[Read, Array, Array]]:
    left, right = piece.left, piece.right
    left_mask, right_mask = _masks(piece, here)
    if right is None:
        if left.places.ndim == 1:
            yield left, left_mask, gradient
        elif len(left.places) == 1:  # one row for all
            yield left, left_mask, gradient.sum(axis=-1)[..., None, None]
        else:
            yield left, left_mask, gradient[..., None]
        return
    lefts, rights = _taken(left, values), _taken(right, values)
    if piece.is_matrix_product:
        if np.isfinite(lefts).all() and np.isfinite(rights).all():  # then 0 stays 0
            table = gradient.reshape(*gradient.shape[:-1], len(left.places), len(right.places))
            yield left, left_mask, table @ rights
            yield right, right_mask, table.swapaxes(-1, -2) @ lefts
            return
        rows, columns = np.divmod(np.arange(gradient.shape[-1]), len(right.places))
        left, right = Read(left.register, left.places[rows]), Read(right.register, right.places[columns])
        left_mask = right_mask = here[..., None]
        lefts, rights = lefts[..., rows, :], rights[..., columns, :]
    mask = here if left.places.ndim == 1 else here[..., None]
    gradient = gradient if left.places.ndim == 1 else gradient[..., None]
    yield left, left_mask, np.where(mask, gradient * rights, 0.0)
    yield right, right_mask, np.where(mask, gradient * lefts, 0.0)


def _masks(piece: Piece, here: Array) -> tuple[Array, Array]:
    """Which of the numbers in its left and right reads count, in a shape that can be broadcast to theirs."""
    left, right = piece.left.places, None if piece.right is None else piece.right.places
    if piece.is_matrix_product and right is not None:
        table = here.reshape(*here.shape[:-1], len(left), len(right))
        return table.any(axis=-1)[..., None], table.any(axis=-2)[..., None]
    if left.ndim == 1:
        return here, here
    mask = here.any(axis=-1)[..., None, None] if len(left) == 1 else here[..., None]
    return mask, mask


def _parts(one: Gather, array: Array) -> Iterator[Array]:
    """What belongs to each part of what was gathered."""
    start = 0
    for read in one.parts:
        yield array[..., start : start + read.places.size]
        start += read.places.size


def _for_register(register: Register, read: Read, array: Array, combine: Any) -> Array:
    """An array for the numbers of a read, in one axis; over the examples, too, if the register is not batched."""
    axes = read.places.ndim
    array = np.broadcast_to(array, (*array.shape[: array.ndim - axes], *read.places.shape))
    array = array.reshape(*array.shape[: array.ndim - axes], -1)
    return combine.reduce(array, axis=0) if array.ndim == 2 and not register.batched else array


def _mark(live: Array, read: Read, mask: Array) -> None:
    mask = _for_register(read.register, read, mask, np.logical_or)
    places = np.broadcast_to(read.places.ravel(), mask.shape)
    if live.ndim == 1:
        live[places[mask]] = True
    elif mask.ndim == 1:
        live[:, places[mask]] = True
    else:
        rows, columns = np.nonzero(mask)
        live[rows, places[rows, columns]] = True


def _add(gradients: Array, read: Read, contribution: Array) -> None:
    contribution = _for_register(read.register, read, contribution, np.add)
    places: Any = (..., read.places.ravel())
    np.add.at(gradients, places, contribution)
