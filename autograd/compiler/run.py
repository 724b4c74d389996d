"""Running a program with NumPy.

A runtime is made once for a program; it has `forward`, which fills the registers, and `backward`, which gives the
gradients of the registers of the arguments. Another runtime needs only these.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from autograd.compiler.array_rules import Array, array_rule
from autograd.compiler.program import Apply, Gather, Instruction, Largest, Piece, Program, Read, Register, Sum

Arrays = list[Any]
"""An array for each register, or None where there is none yet."""


class Runtime(Protocol):
    """What runs a program."""

    def forward(self, arguments: Sequence[Array], captured: Array | None) -> Arrays:
        """The registers, for an array of one axis for each argument, or of two where it is batched."""

    def backward(self, values: Arrays, seeds: Sequence[tuple[Register, int, Array | float]]) -> Arrays:
        """The gradients of the registers, where gradients flow in at some of their places."""


class NumpyRuntime:
    """Runs a program instruction by instruction.

    Args:
        program: what to run.
        dtype: the type of every number.
    """

    def __init__(self, program: Program, dtype: Any) -> None:
        self._count = len(program.registers)
        self._arguments = [register.place for register in program.arguments]
        self._captured = program.captured
        self._constants = program.constants
        self._numbers = np.array(program.numbers, dtype)
        steps = [(one, *_STEPS[type(one)](one, dtype)) for one in program.instructions]
        self._forward = [forward for _, forward, _ in steps]
        self._backward = [backward for one, _, backward in reversed(steps) if one.out.needs_gradient]

    def forward(self, arguments: Sequence[Array], captured: Array | None) -> Arrays:
        values: Arrays = [None] * self._count
        for place, array in zip(self._arguments, arguments, strict=True):
            values[place] = array
        if self._captured is not None:
            values[self._captured.place] = captured
        if self._constants is not None:
            values[self._constants.place] = self._numbers
        with np.errstate(all="ignore"):
            for step in self._forward:
                step(values)
        return values

    def backward(self, values: Arrays, seeds: Sequence[tuple[Register, int, Array | float]]) -> Arrays:
        gradients: Arrays = [None] * self._count
        for register, offset, seed in seeds:
            if register.needs_gradient:
                if gradients[register.place] is None:
                    gradients[register.place] = np.zeros_like(values[register.place])
                gradients[register.place][..., offset] += seed
        with np.errstate(all="ignore"):
            for step in self._backward:
                step(values, gradients)
        return gradients


Forward = Callable[[Arrays], None]
Backward = Callable[[Arrays, Arrays], None]


# ---------------------------------------------------------------- reading, and adding to the gradient of what was read


class Operand:
    """A read, ready to run: a view where the places allow it, else a copy.

    A read of one place again and again (`is_broadcast`) is a single number, which NumPy repeats.
    """

    def __init__(self, read: Read) -> None:
        register, places = read.register, read.places
        self.place = register.place
        self.needs_gradient = register.needs_gradient
        self.batched = register.batched
        self.shape = places.shape
        self.is_broadcast = False
        self._view: Callable[[Array], Array] | None
        if places.size == 1:
            self._view = _single(int(places.flat[0]), register.size, places.ndim)
            self._is_whole = register.size == 1
            return
        if places.ndim == 1 and (places == places[0]).all():
            self.is_broadcast = True
            self.shape = (1,)
            places = places[:1]
        self._view = _view(places, register.size)
        self._is_whole = places.size == register.size and bool((places.ravel() == np.arange(register.size)).all())
        self._places = places
        if self._view is None:
            self._prepare_scatter()

    def _prepare_scatter(self) -> None:
        """Sorts the places, so that what goes to one place can be added up first."""
        flat = self._places.ravel()
        order = np.argsort(flat, kind="stable")
        ordered = flat[order]
        starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
        self._targets = ordered[starts]
        self._order = None if starts.size == flat.size else order
        self._starts = starts
        if self._order is None:
            self._targets = flat

    def get(self, values: Arrays) -> Array:
        array = values[self.place]
        if self._view is None:
            return array.take(self._places, axis=-1)
        return self._view(array)

    def add(self, values: Arrays, gradients: Arrays, contribution: Array, fresh: bool) -> None:
        """Adds to the gradient of the register.

        Args:
            values: the registers, which say how large the gradients are.
            gradients: what is added to.
            contribution: with the shape of the read or, broadcast, of the result it went into.
            fresh: whether nothing else refers to the array of the contribution.
        """
        if self.is_broadcast and contribution.shape[-1] != 1:
            contribution, fresh = np.add.reduce(contribution, axis=-1, keepdims=True), True
        if not self.batched and contribution.ndim > len(self.shape):
            contribution, fresh = np.add.reduce(contribution, axis=0), True
        place = self.place
        gradient = gradients[place]
        if gradient is None:
            array = values[place]
            if self._is_whole and contribution.dtype == array.dtype:
                whole = contribution
                if len(self.shape) == 2 and contribution.shape[-2:] == self.shape:
                    whole = contribution.reshape(*contribution.shape[:-2], -1)
                if whole.shape == array.shape:
                    gradients[place] = whole if fresh else whole.copy()
                    return
            gradient = gradients[place] = np.zeros(array.shape, array.dtype)
        if self._view is not None:
            view = self._view(gradient)
            view += contribution
            return
        flat = np.broadcast_to(contribution, contribution.shape[: -len(self.shape)] + self.shape)
        flat = flat.reshape(*flat.shape[: -len(self.shape)], -1)
        if self._order is not None:
            flat = np.add.reduceat(flat[..., self._order], self._starts, axis=-1)
        gradient[..., self._targets] += flat


def _whole(array: Array) -> Array:
    return array


def _single(place: int, size: int, axes: int) -> Callable[[Array], Array]:
    """One place, with as many axes as the read has."""
    if axes == 1:
        if size == 1:
            return _whole
        part = (..., slice(place, place + 1))
        return lambda array: array[part]
    cell = (..., slice(place, place + 1), None)
    return lambda array: array[cell]


def _view(places: Any, size: int) -> Callable[[Array], Array] | None:
    """A function that reads these places without copying; None if they are not evenly spaced."""
    if places.ndim == 1:
        return _line(places, size)
    height, width = places.shape
    if height == 1 or width == 1:
        line = _line(places.ravel(), size)
        if line is None or (places.size > 1 and (places.ravel()[1:] == places.ravel()[0]).any()):
            return None
        return (lambda array: line(array)[..., None, :]) if height == 1 else (lambda array: line(array)[..., None])
    first = int(places[0, 0])
    down, right = int(places[1, 0]) - first, int(places[0, 1]) - first
    expected = first + down * np.arange(height)[:, None] + right * np.arange(width)
    if down < 1 or right < 1 or not (places == expected).all():
        return None
    if down > (width - 1) * right:
        return _table(first, height, width, down, right, size)
    if right > (height - 1) * down:
        transposed = _table(first, width, height, right, down, size)
        return None if transposed is None else lambda array: transposed(array).swapaxes(-1, -2)
    return None


def _line(places: Any, size: int) -> Callable[[Array], Array] | None:
    """Evenly spaced places, as a slice."""
    first = int(places[0])
    if places.size == 1:
        part = (..., slice(first, first + 1))
        return _whole if size == 1 else lambda array: array[part]
    step = int(places[1]) - first
    if step == 0 or not (places == first + step * np.arange(places.size)).all():
        return None
    if step == 1 and places.size == size:
        return _whole
    stop = first + step * places.size
    part = (..., slice(first, stop if stop >= 0 else None, step))
    return lambda array: array[part]


def _table(first: int, height: int, width: int, down: int, right: int, size: int) -> Callable[[Array], Array] | None:
    """Rows `down` places apart, as a slice that is cut into rows."""
    span = (width - 1) * right + 1
    before = max(0, first + height * down - size)  # the rows are cut so early that the last one is complete
    if before > min(first, down - span):
        return None
    start = first - before
    window = (..., slice(start, start + height * down))
    columns = (..., slice(before, before + span, right))

    def table(array: Array) -> Array:
        rows = array[window]
        return rows.reshape(*rows.shape[:-1], height, down)[columns]

    return table


# ---------------------------------------------------------------- instructions


def _apply(one: Apply, _: Any) -> tuple[Forward, Backward]:
    rule = array_rule(one.operation)
    out = one.out.place
    operands = [Operand(read) for read in one.operands]
    compute = rule.forward
    wanted = [(o, p) for o, p in zip(operands, rule.partials, strict=True) if o.needs_gradient]

    if len(operands) == 1:
        (operand,) = operands

        def forward(values: Arrays) -> None:
            values[out] = compute(operand.get(values))

        def backward(values: Arrays, gradients: Arrays) -> None:
            gradient = gradients[out]
            if gradient is not None:
                for operand, partial in wanted:
                    slope = partial(operand.get(values), values[out])
                    operand.add(values, gradients, gradient * slope, True)

        return forward, backward
    left, right = operands

    def forward_of_two(values: Arrays) -> None:
        values[out] = compute(left.get(values), right.get(values))

    def backward_of_two(values: Arrays, gradients: Arrays) -> None:
        gradient = gradients[out]
        if gradient is not None:
            x, y = left.get(values), right.get(values)
            for operand, partial in wanted:
                operand.add(values, gradients, gradient * partial(x, y, values[out]), True)

    return forward_of_two, backward_of_two


def _largest(one: Largest, _: Any) -> tuple[Forward, Backward]:
    operand, out = Operand(one.operand), one.out.place

    def forward(values: Arrays) -> None:
        values[out] = np.maximum.reduce(operand.get(values), axis=-1)

    def backward(values: Arrays, gradients: Arrays) -> None:
        """Nothing flows through it."""

    return forward, backward


def _gather(one: Gather, dtype: Any) -> tuple[Forward, Backward]:
    parts, start = [], 0
    for read in one.parts:
        parts.append((Operand(read), slice(start, start + read.places.size)))
        start += read.places.size
    register, first_batched = one.out, next((o for o, _ in parts if o.batched), None)

    def forward(values: Arrays) -> None:
        leading = () if first_batched is None else values[first_batched.place].shape[:1]
        gathered = np.empty((*leading, register.size), dtype)
        for operand, part in parts:
            gathered[..., part] = operand.get(values)
        values[register.place] = gathered

    def backward(values: Arrays, gradients: Arrays) -> None:
        gradient = gradients[register.place]
        if gradient is not None:
            for operand, part in parts:
                if operand.needs_gradient:
                    operand.add(values, gradients, gradient[..., part], False)

    return forward, backward


def _sum(one: Sum, _: Any) -> tuple[Forward, Backward]:
    out, size = one.out.place, one.out.size
    steps = [(piece.sign > 0, *_piece(piece, size)) for piece in one.pieces]
    first_is_positive, first, _ = steps[0]
    others = [(positive, compute) for positive, compute, _ in steps[1:]]
    backwards = [(positive, pass_on) for positive, _, pass_on in reversed(steps) if pass_on is not None]
    negative_needed = any(not positive for positive, _ in backwards)

    def forward(values: Arrays) -> None:
        total = first(values)
        if not first_is_positive:
            total = -total
        for positive, compute in others:
            total = total + compute(values) if positive else total - compute(values)
        if total.shape[-1] != size:
            total = np.broadcast_to(total, (*total.shape[:-1], size)).copy()
        values[out] = total

    def backward(values: Arrays, gradients: Arrays) -> None:
        gradient = gradients[out]
        if gradient is not None:
            negative = -gradient if negative_needed else None
            for positive, pass_on in backwards:
                pass_on(values, gradients, gradient if positive else negative)

    return forward, backward


PassOn = Callable[[Arrays, Arrays, Array], None]


def _piece(piece: Piece, size: int) -> tuple[Callable[[Arrays], Array], PassOn | None]:
    """How a part of a sum is computed, and how a gradient flows into it; None if none does."""
    left = Operand(piece.left)
    if piece.right is not None:
        right = Operand(piece.right)
        if not piece.is_matrix_product:
            compute, pass_on = _products(left, right)
        else:
            row = Operand(Read(piece.right.register, piece.right.places[0]))
            is_one_row = right.shape[0] == 1 and not row.is_broadcast
            if is_one_row and right.batched and not left.batched:
                compute, pass_on = _matrix_times_rows(left, row)
            elif is_one_row and right.batched and left.batched and left.shape[0] == 1:
                compute, pass_on = _row_times_row(Operand(Read(piece.left.register, piece.left.places[0])), row)
            else:
                compute, pass_on = _matrix_product(left, right)
        return compute, pass_on if left.needs_gradient or right.needs_gradient else None
    if len(left.shape) == 1:

        def pass_on_term(values: Arrays, gradients: Arrays, gradient: Array) -> None:
            left.add(values, gradients, gradient, False)

        return left.get, pass_on_term if left.needs_gradient else None
    one_row_for_all = left.shape[0] == 1 and size > 1

    def pass_on_terms(values: Arrays, gradients: Arrays, gradient: Array) -> None:
        if one_row_for_all:
            gradient = np.add.reduce(gradient, axis=-1, keepdims=True)
        shape = (*gradient.shape[:-1], *left.shape)
        left.add(values, gradients, np.broadcast_to(gradient[..., None], shape), False)

    return lambda values: np.add.reduce(left.get(values), axis=-1), pass_on_terms if left.needs_gradient else None


def _products(left: Operand, right: Operand) -> tuple[Callable[[Arrays], Array], PassOn]:
    """Products term by term; added up along the rows, where the reads have any."""
    if len(left.shape) == 1:

        def compute(values: Arrays) -> Array:
            return left.get(values) * right.get(values)

        def pass_on(values: Arrays, gradients: Arrays, gradient: Array) -> None:
            if left.needs_gradient:
                left.add(values, gradients, gradient * right.get(values), True)
            if right.needs_gradient:
                right.add(values, gradients, gradient * left.get(values), True)

        return compute, pass_on

    def compute_rows(values: Arrays) -> Array:
        return np.einsum("...ik,...ik->...i", left.get(values), right.get(values))

    def pass_on_rows(values: Arrays, gradients: Arrays, gradient: Array) -> None:
        column = gradient[..., None]
        if left.needs_gradient:
            left.add(values, gradients, column * right.get(values), True)
        if right.needs_gradient:
            right.add(values, gradients, column * left.get(values), True)

    return compute_rows, pass_on_rows


def _matrix_times_rows(left: Operand, right: Operand) -> tuple[Callable[[Arrays], Array], PassOn]:
    """Every row of a matrix times the one vector that there is for each example: a plain product of two matrices."""

    def compute(values: Arrays) -> Array:
        return right.get(values) @ left.get(values).T

    def pass_on(values: Arrays, gradients: Arrays, gradient: Array) -> None:
        if left.needs_gradient:
            left.add(values, gradients, gradient.T @ right.get(values), True)
        if right.needs_gradient:
            right.add(values, gradients, gradient @ left.get(values), True)

    return compute, pass_on


def _row_times_row(left: Operand, right: Operand) -> tuple[Callable[[Arrays], Array], PassOn]:
    """One vector times another for each example; a stack of matrix products would be slower."""

    def compute(values: Arrays) -> Array:
        return np.add.reduce(left.get(values) * right.get(values), axis=-1, keepdims=True)

    def pass_on(values: Arrays, gradients: Arrays, gradient: Array) -> None:
        shape = right.get(values).shape
        for operand, other in ((left, right), (right, left)):
            if operand.needs_gradient:
                operand.add(values, gradients, np.broadcast_to(gradient * other.get(values), shape), False)

    return compute, pass_on


def _matrix_product(left: Operand, right: Operand) -> tuple[Callable[[Arrays], Array], PassOn]:
    """Every row of `left` times every row of `right`; if one of them is batched, `right` is."""
    height, width = left.shape[0], right.shape[0]

    def compute_stack(values: Arrays) -> Array:
        product = left.get(values) @ right.get(values).swapaxes(-1, -2)
        return product.reshape(*product.shape[:-2], height * width)

    def pass_on_stack(values: Arrays, gradients: Arrays, gradient: Array) -> None:
        table = gradient.reshape(*gradient.shape[:-1], height, width)
        if left.needs_gradient:
            if right.batched and not left.batched:
                contribution = np.tensordot(table, right.get(values), axes=((0, 2), (0, 1)))
            else:
                contribution = table @ right.get(values)
            left.add(values, gradients, contribution, True)
        if right.needs_gradient:
            right.add(values, gradients, table.swapaxes(-1, -2) @ left.get(values), True)

    return compute_stack, pass_on_stack


_STEPS: dict[type[Instruction], Callable[[Any, Any], tuple[Forward, Backward]]] = {
    Apply: _apply,
    Sum: _sum,
    Largest: _largest,
    Gather: _gather,
}
