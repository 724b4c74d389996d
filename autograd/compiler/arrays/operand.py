"""The operands of an instruction, ready to run: they take numbers from a register, and add to their gradients.

What does not depend on the numbers is worked out once: how a gather is taken from its register, and, for the backward
pass, which instruction is the first to write to which indices of a gradient. The first contribution is written, often
by the very operation that computes it; only later ones are added.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from operator import itemgetter
from typing import Any

import numpy as np

from autograd.compiler.arrays.elementary import Array
from autograd.compiler.arrays.program import Gather

Arrays = list[Any]
"""An array for each register; None for one that has none yet."""

Add = Callable[[Arrays, Array], None]
"""Adds an array to the gradients."""


class Flow:
    """What is known, without the numbers, about the gradients at a point of the backward pass.

    reached: the registers that have a gradient. written: for each register that is written in parts, which indices have
    been written. needs_zeros: those of them whose gradient must begin as zeros. shared: the registers whose gradient is
    also that of another one, so that it must not be changed in place. inputs: the registers whose gradients the caller
    keeps.
    """

    def __init__(self, seeded: Iterable[int], inputs: frozenset[int]) -> None:
        self.reached = set(seeded)
        self.written: dict[int, Any] = {}
        self.needs_zeros: set[int] = set()
        self.shared: set[int] = set()
        self.inputs = inputs


# ---------------------------------------------------------------- reading, and adding to the gradient of what was read


class Operand:
    """A gather, ready to run: a view where the indices allow it, else a copy.

    A gather that repeats one index (`is_broadcast`) takes a single number, which NumPy repeats.

    get: takes the registers, gives the numbers of the gather.
    """

    get: Callable[[Arrays], Array]

    def __init__(self, gather: Gather) -> None:
        register, indices = gather.register, gather.indices
        self.index = register.index
        self.needs_gradient = register.needs_gradient
        self.batched = register.batched
        self.shape = indices.shape
        self.is_broadcast = False
        self._size = register.size
        self._view: Callable[[Array], Array] | None
        if indices.size == 1:
            self._view = _single(int(indices.flat[0]), register.size, indices.ndim)
        else:
            if indices.ndim == 1 and (indices == indices[0]).all():
                self.is_broadcast = True
                self.shape = (1,)
                indices = indices[:1]
            self._view = _view(indices, register.size)
        self._is_whole = indices.size == register.size and bool((indices.ravel() == np.arange(register.size)).all())
        self._indices = indices
        self.get = self._reader()

    def _reader(self) -> Callable[[Arrays], Array]:
        index, indices, view = self.index, self._indices, self._view
        if view is None:
            return lambda values: values[index].take(indices, axis=-1)
        return itemgetter(index) if view is _whole else lambda values: view(values[index])

    def target(self, flow: Flow) -> Callable[[Arrays], Array] | None:
        """Where a gradient of the shape of the gather can be written directly, as a function of the gradients.

        None if it must be added with `adder`: something is there already, or it is the whole of a register.
        """
        index, view = self.index, self._view
        if view is None or self.is_broadcast or self._is_alone(flow):
            return None
        if not self._is_first(flow):
            return None
        return lambda gradients: view(gradients[index])

    def adder(self, flow: Flow, batched: bool, fresh: bool) -> Add:
        """A function that adds to the gradient of the register, at this point of the backward pass.

        The contribution has the shape of the gather or, if that is broadcast, of the result that it went into.

        Args:
            flow: what happened before.
            batched: whether the contribution has a batch axis.
            fresh: whether nothing else refers to the array of the contribution.
        """
        over_row, over_batch = self.is_broadcast, batched and not self.batched
        target = self.target(flow) if over_batch and len(self.shape) == 1 else None
        if target is not None:
            return lambda gradients, contribution: sum_of_rows(contribution, target(gradients))
        put = self._put(flow, fresh or over_row or over_batch)
        if not over_row and not over_batch:
            return put

        def reduce_and_put(gradients: Arrays, contribution: Array) -> None:
            if over_row:
                contribution = np.add.reduce(contribution, axis=-1, keepdims=True)
            if over_batch:
                contribution = sum_of_rows(contribution) if contribution.ndim == 2 else np.add.reduce(contribution)
            put(gradients, contribution)

        return reduce_and_put

    def _is_alone(self, flow: Flow) -> bool:
        """Whether the contribution can become the gradient of the register as it is."""
        return self._is_whole and self.index not in flow.reached

    def _is_first(self, flow: Flow) -> bool:
        """Whether all of the indices are still unwritten; marks them as written."""
        index = self.index
        if index in flow.reached and index not in flow.written:  # written as a whole
            return False
        flow.reached.add(index)
        written = flow.written.setdefault(index, np.zeros(self._size, bool))
        indices = self._indices.ravel()
        first = not written[indices].any()
        if not first:
            flow.needs_zeros.add(index)
        written[indices] = True
        return first

    def _put(self, flow: Flow, fresh: bool) -> Add:
        """Adds a contribution of the shape of the gather."""
        index, view = self.index, self._view
        if self._is_alone(flow):
            return self._put_alone(flow, fresh)
        first = self._is_first(flow)
        is_shared = index in flow.shared
        flow.shared.discard(index)
        if view is None:
            return self._scatter(first, is_shared)
        if first:

            def write(gradients: Arrays, contribution: Array) -> None:
                view(gradients[index])[...] = contribution

            return write

        if is_shared and view is _whole:

            def add_to_copy(gradients: Arrays, contribution: Array) -> None:
                gradients[index] = gradients[index] + contribution

            return add_to_copy

        def add(gradients: Arrays, contribution: Array) -> None:
            if is_shared:
                gradients[index] = gradients[index].copy()
            part = view(gradients[index])
            part += contribution

        return add

    def _put_alone(self, flow: Flow, fresh: bool) -> Add:
        index, size, rows = self.index, self._size, len(self.shape) == 2
        flow.reached.add(index)
        copies = not fresh and index in flow.inputs
        if not fresh and not copies:
            flow.shared.add(index)

        def take(gradients: Arrays, contribution: Array) -> None:
            if rows:
                contribution = contribution.reshape(*contribution.shape[:-2], size)
            gradients[index] = contribution.copy() if copies else contribution

        return take

    def _scatter(self, is_first: bool, is_shared: bool) -> Add:
        """Adds at indices that are not evenly spaced; contributions to the same index are added up first."""
        index, axes = self.index, len(self.shape)
        flat = self._indices.ravel()
        order = np.argsort(flat, kind="stable")
        ordered = flat[order]
        starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
        is_once = starts.size == flat.size
        targets = flat if is_once else ordered[starts]

        def scatter(gradients: Arrays, contribution: Array) -> None:
            if is_shared:
                gradients[index] = gradients[index].copy()
            rows = contribution.reshape(*contribution.shape[: contribution.ndim - axes], -1)
            if not is_once:
                rows = np.add.reduceat(rows[..., order], starts, axis=-1)
            if is_first:
                gradients[index][..., targets] = rows
            else:
                gradients[index][..., targets] += rows

        return scatter


def sum_of_rows(table: Array, out: Array | None = None) -> Array:
    """The sum over the first axis; a matrix product computes it fastest."""
    return np.matmul(_ones(len(table), table.dtype), table, out=out)


@cache
def _ones(count: int, dtype: Any) -> Array:
    return np.ones(count, dtype)


def _whole(array: Array) -> Array:
    return array


def _single(index: int, size: int, axes: int) -> Callable[[Array], Array]:
    """The number at one index, with as many axes as the gather has."""
    if axes == 1:
        if size == 1:
            return _whole
        part = (..., slice(index, index + 1))
        return lambda array: array[part]
    cell = (..., slice(index, index + 1), None)
    return lambda array: array[cell]


def _view(indices: Any, size: int) -> Callable[[Array], Array] | None:
    """A function that takes these indices as a view; None if they are not evenly spaced."""
    if indices.ndim == 1:
        return _line(indices, size)
    height, width = indices.shape
    if height == 1 or width == 1:
        line = _line(indices.ravel(), size)
        if line is None or (indices.size > 1 and (indices.ravel()[1:] == indices.ravel()[0]).any()):
            return None
        return (lambda array: line(array)[..., None, :]) if height == 1 else (lambda array: line(array)[..., None])
    first = int(indices[0, 0])
    down, right = int(indices[1, 0]) - first, int(indices[0, 1]) - first
    expected = first + down * np.arange(height)[:, None] + right * np.arange(width)
    if down < 1 or right < 1 or not (indices == expected).all():
        return None
    if down > (width - 1) * right:
        return _table(first, height, width, down, right, size)
    if right > (height - 1) * down:
        transposed = _table(first, width, height, right, down, size)
        return None if transposed is None else lambda array: transposed(array).swapaxes(-1, -2)
    return None


def _line(indices: Any, size: int) -> Callable[[Array], Array] | None:
    """Evenly spaced indices, as a slice."""
    first = int(indices[0])
    if indices.size == 1:
        part = (..., slice(first, first + 1))
        return _whole if size == 1 else lambda array: array[part]
    step = int(indices[1]) - first
    if step == 0 or not (indices == first + step * np.arange(indices.size)).all():
        return None
    if step == 1 and indices.size == size:
        return _whole
    stop = first + step * indices.size
    part = (..., slice(first, stop if stop >= 0 else None, step))
    return lambda array: array[part]


def _table(first: int, height: int, width: int, down: int, right: int, size: int) -> Callable[[Array], Array] | None:
    """Rows `down` indices apart, as a slice cut into rows."""
    span = (width - 1) * right + 1
    before = max(0, first + height * down - size)  # the cut starts so early that the last row is complete
    if before > min(first, down - span):
        return None
    start = first - before
    window = (..., slice(start, start + height * down))
    columns = (..., slice(before, before + span, right))
    if down == span and right == 1:
        return lambda array: array[window].reshape(*array.shape[:-1], height, down)

    def table(array: Array) -> Array:
        rows = array[window]
        return rows.reshape(*rows.shape[:-1], height, down)[columns]

    return table
