"""Running a program with NumPy.

A `NumpyRuntime` is made once for a program: `forward` fills the registers, and `backward` gives the gradients of those
of the arguments.

What can be known without the numbers is worked out once, so that a call is little more than its NumPy operations:
how a read is taken from its register, and, for the backward pass, which instruction is the first to write to which
places of a gradient. What is written first is put there, often by the very operation that computes it; only what
comes after is added.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from operator import itemgetter
from typing import Any

import numpy as np

from autograd.compiler.arguments import constants_as
from autograd.compiler.arrays import exact
from autograd.compiler.arrays.program import Apply, Gather, Instruction, Piece, Program, Read, Register, RowMax, Sum
from autograd.compiler.arrays.rules import Array, array_rule
from autograd.compiler.explain import is_finite

Arrays = list[Any]
"""An array for each register, or None where there is none yet."""


class NumpyRuntime:
    """Runs a program instruction by instruction.

    Args:
        program: what to run.
        dtype: the type of every number.
    """

    def __init__(self, program: Program, dtype: Any) -> None:
        self.dtype = dtype
        self._program = program
        self._count = len(program.registers)
        self._arguments = [register.place for register in program.arguments]
        self._captured = program.captured
        self._constants = program.constants
        self._numbers = constants_as(program.numbers, dtype)
        self._inputs = frozenset(self._arguments + ([] if self._captured is None else [self._captured.place]))
        self._may_fail = [
            one.out.place for one in program.instructions if isinstance(one, Apply) and one.operation not in exact.QUIET
        ]
        steps = [(one.out, *_STEPS[type(one)](one, dtype)) for one in program.instructions]
        self._forward = [forward for _, forward, _ in steps]
        self._plans = [(out.place, plan) for out, _, plan in reversed(steps) if out.needs_gradient]
        self._backward: dict[tuple[int, ...], tuple[list[Backward], list[int], list[int]]] = {}

    @np.errstate(all="ignore")
    def forward(self, arguments: Sequence[Array], captured: Array | None) -> Arrays:
        values: Arrays = [None] * self._count
        for place, array in zip(self._arguments, arguments, strict=True):
            values[place] = array
        if self._captured is not None:
            values[self._captured.place] = captured
        if self._constants is not None:
            values[self._constants.place] = self._numbers
        for step in self._forward:
            step(values)
        return values

    @np.errstate(all="ignore")
    def backward(self, values: Arrays, seeds: Sequence[tuple[Register, int, Array | float]]) -> Arrays:
        gradients: Arrays = [None] * self._count
        for register, offset, seed in seeds:
            if register.needs_gradient:
                gradient, array = gradients[register.place], values[register.place]
                if gradient is None and register.size == 1:
                    gradients[register.place] = gradient = np.empty(array.shape, array.dtype)
                    gradient.fill(seed)
                    continue
                if gradient is None:
                    gradient = gradients[register.place] = np.zeros(array.shape, array.dtype)
                gradient[..., offset] += seed
        seeded = tuple([register.place for register, _, _ in seeds if register.needs_gradient])
        if seeded not in self._backward:
            self._backward[seeded] = self._planned(seeded)
        steps, empty, zero = self._backward[seeded]
        for place in empty:
            gradients[place] = np.empty(values[place].shape, values[place].dtype)
        for place in zero:
            gradients[place] = np.zeros(values[place].shape, values[place].dtype)
        for step in steps:
            step(values, gradients)
        return gradients

    def exact_backward(self, values: Arrays, seeds: Sequence[tuple[Register, int, Array | float]]) -> Arrays:
        """The same; where a gradient is not finite, nothing has come from where the eager engine does not go."""
        gradients = self.backward(values, seeds)
        if all(gradients[place] is None or is_finite(gradients[place]) for place in self._inputs):
            return gradients
        return exact.backward(self._program, values, seeds)

    def suspects(self, values: Arrays, outputs: Sequence[tuple[Register, int]], examples: int) -> list[int]:
        """The examples in which an operation that the outputs depend on may have failed, for nan or infinity came."""
        if all(is_finite(values[place]) for place in self._may_fail):
            return []
        return exact.suspects(self._program, values, outputs, examples)

    def _planned(self, seeded: Iterable[int]) -> tuple[list[Backward], list[int], list[int]]:
        """The steps back from some registers, and the gradients that must be there before: empty ones, and zeros."""
        flow = Flow(seeded, self._inputs)
        steps = [plan(flow) for place, plan in self._plans if place in flow.reached]
        empty = [place for place, written in flow.written.items() if place not in flow.needs_zeros and written.all()]
        return steps, empty, [place for place in flow.written if place not in empty]


Forward = Callable[[Arrays], None]
Backward = Callable[[Arrays, Arrays], None]
Add = Callable[[Arrays, Array], None]
"""Adds an array to the gradients."""


class Flow:
    """What is known, without numbers, of the gradients at a point of the backward pass.

    reached: the registers that have a gradient. written: of those that are written in parts, the places that have
    been. needs_zeros: those of them that must begin as zeros. shared: the registers whose gradient is also that of
    another one, and must not be changed in place. inputs: those whose gradients are for the caller to keep.
    """

    def __init__(self, seeded: Iterable[int], inputs: frozenset[int]) -> None:
        self.reached = set(seeded)
        self.written: dict[int, Any] = {}
        self.needs_zeros: set[int] = set()
        self.shared: set[int] = set()
        self.inputs = inputs


# ---------------------------------------------------------------- reading, and adding to the gradient of what was read


class Operand:
    """A read, ready to run: a view where the places allow it, else a copy.

    A read of one place again and again (`is_broadcast`) is a single number, which NumPy repeats.

    get: takes the registers, gives the numbers of the read.
    """

    get: Callable[[Arrays], Array]

    def __init__(self, read: Read) -> None:
        register, places = read.register, read.places
        self.place = register.place
        self.needs_gradient = register.needs_gradient
        self.batched = register.batched
        self.shape = places.shape
        self.is_broadcast = False
        self._size = register.size
        self._view: Callable[[Array], Array] | None
        if places.size == 1:
            self._view = _single(int(places.flat[0]), register.size, places.ndim)
        else:
            if places.ndim == 1 and (places == places[0]).all():
                self.is_broadcast = True
                self.shape = (1,)
                places = places[:1]
            self._view = _view(places, register.size)
        self._is_whole = places.size == register.size and bool((places.ravel() == np.arange(register.size)).all())
        self._places = places
        self.get = self._reader()

    def _reader(self) -> Callable[[Arrays], Array]:
        place, places, view = self.place, self._places, self._view
        if view is None:
            return lambda values: values[place].take(places, axis=-1)
        return itemgetter(place) if view is _whole else lambda values: view(values[place])

    def target(self, flow: Flow) -> Callable[[Arrays], Array] | None:
        """Where a gradient of the shape of the read can be written straight away: a function of the gradients.

        None if it must be added with `adder`: something is there already, or it is a register of its own.
        """
        place, view = self.place, self._view
        if view is None or self.is_broadcast or self._is_alone(flow):
            return None
        if not self._is_first(flow):
            return None
        return lambda gradients: view(gradients[place])

    def adder(self, flow: Flow, batched: bool, fresh: bool) -> Add:
        """A function that adds to the gradient of the register, at this point of the backward pass.

        What it adds has the shape of the read or, broadcast, that of the result that the read went into.

        Args:
            flow: what happened before.
            batched: whether what it adds has a batch axis.
            fresh: whether nothing else refers to the array that it adds.
        """
        over_row, over_batch = self.is_broadcast, batched and not self.batched
        target = self.target(flow) if over_batch and len(self.shape) == 1 else None
        if target is not None:
            return lambda gradients, contribution: _sum_of_rows(contribution, target(gradients))
        put = self._put(flow, fresh or over_row or over_batch)
        if not over_row and not over_batch:
            return put

        def reduce_and_put(gradients: Arrays, contribution: Array) -> None:
            if over_row:
                contribution = np.add.reduce(contribution, axis=-1, keepdims=True)
            if over_batch:
                contribution = _sum_of_rows(contribution) if contribution.ndim == 2 else np.add.reduce(contribution)
            put(gradients, contribution)

        return reduce_and_put

    def _is_alone(self, flow: Flow) -> bool:
        """Whether what is added can become the gradient of the register as it is."""
        return self._is_whole and self.place not in flow.reached

    def _is_first(self, flow: Flow) -> bool:
        """Whether none of the places has been written to, which they are herewith."""
        place = self.place
        if place in flow.reached and place not in flow.written:  # written as a whole
            return False
        flow.reached.add(place)
        written = flow.written.setdefault(place, np.zeros(self._size, bool))
        places = self._places.ravel()
        first = not written[places].any()
        if not first:
            flow.needs_zeros.add(place)
        written[places] = True
        return first

    def _put(self, flow: Flow, fresh: bool) -> Add:
        """Adds what has the shape of the read."""
        place, view = self.place, self._view
        if self._is_alone(flow):
            return self._put_alone(flow, fresh)
        first = self._is_first(flow)
        is_shared = place in flow.shared
        flow.shared.discard(place)
        if view is None:
            return self._scatter(first, is_shared)
        if first:

            def write(gradients: Arrays, contribution: Array) -> None:
                view(gradients[place])[...] = contribution

            return write

        if is_shared and view is _whole:

            def add_to_copy(gradients: Arrays, contribution: Array) -> None:
                gradients[place] = gradients[place] + contribution

            return add_to_copy

        def add(gradients: Arrays, contribution: Array) -> None:
            if is_shared:
                gradients[place] = gradients[place].copy()
            part = view(gradients[place])
            part += contribution

        return add

    def _put_alone(self, flow: Flow, fresh: bool) -> Add:
        place, size, rows = self.place, self._size, len(self.shape) == 2
        flow.reached.add(place)
        copies = not fresh and place in flow.inputs
        if not fresh and not copies:
            flow.shared.add(place)

        def take(gradients: Arrays, contribution: Array) -> None:
            if rows:
                contribution = contribution.reshape(*contribution.shape[:-2], size)
            gradients[place] = contribution.copy() if copies else contribution

        return take

    def _scatter(self, is_first: bool, is_shared: bool) -> Add:
        """Adds to places that are not evenly spaced; what goes to one place is added up first."""
        place, axes = self.place, len(self.shape)
        flat = self._places.ravel()
        order = np.argsort(flat, kind="stable")
        ordered = flat[order]
        starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
        is_once = starts.size == flat.size
        targets = flat if is_once else ordered[starts]

        def scatter(gradients: Arrays, contribution: Array) -> None:
            if is_shared:
                gradients[place] = gradients[place].copy()
            rows = contribution.reshape(*contribution.shape[: contribution.ndim - axes], -1)
            if not is_once:
                rows = np.add.reduceat(rows[..., order], starts, axis=-1)
            if is_first:
                gradients[place][..., targets] = rows
            else:
                gradients[place][..., targets] += rows

        return scatter


def _sum_of_rows(table: Array, out: Array | None = None) -> Array:
    """The sum over the first axis; a matrix product is the fastest way to it."""
    return np.matmul(_ones(len(table), table.dtype), table, out=out)


@cache
def _ones(count: int, dtype: Any) -> Array:
    return np.ones(count, dtype)


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
    if down == span and right == 1:
        return lambda array: array[window].reshape(*array.shape[:-1], height, down)

    def table(array: Array) -> Array:
        rows = array[window]
        return rows.reshape(*rows.shape[:-1], height, down)[columns]

    return table


# ---------------------------------------------------------------- instructions

NARROW = 32
"""Rows that are shorter are compared column by column: NumPy begins anew for each row."""

Plan = Callable[[Flow], Backward]
"""Makes the step back, when it is known what was written before it."""


def _apply(one: Apply, _: Any) -> tuple[Forward, Plan]:
    rule = array_rule(one.operation)
    out, batched = one.out.place, one.out.batched
    operands = [Operand(read) for read in one.operands]
    compute = rule.forward
    wanted = [(o, p) for o, p in zip(operands, rule.partials, strict=True) if o.needs_gradient]

    if len(operands) == 1:
        get = operands[0].get

        def forward(values: Arrays) -> None:
            values[out] = compute(get(values))

        def plan(flow: Flow) -> Backward:
            ((operand, partial),) = wanted
            add = operand.adder(flow, batched, fresh=True)

            def backward(values: Arrays, gradients: Arrays) -> None:
                add(gradients, gradients[out] * partial(get(values), values[out]))

            return backward

        return forward, plan
    left, right = (operand.get for operand in operands)
    is_with_itself = len(wanted) == 2 and one.operands[0].is_same(one.operands[1])

    def forward_of_two(values: Arrays) -> None:
        values[out] = compute(left(values), right(values))

    def plan_of_two(flow: Flow) -> Backward:
        if is_with_itself:
            (operand, partial_x), (_, partial_y) = wanted
            add = operand.adder(flow, batched, fresh=True)

            def backward_once(values: Arrays, gradients: Arrays) -> None:
                x, y, result = left(values), right(values), values[out]
                add(gradients, gradients[out] * (partial_x(x, y, result) + partial_y(x, y, result)))

            return backward_once
        adders = [(operand.adder(flow, batched, fresh=True), partial) for operand, partial in wanted]

        def backward(values: Arrays, gradients: Arrays) -> None:
            x, y, gradient = left(values), right(values), gradients[out]
            for add, partial in adders:
                add(gradients, gradient * partial(x, y, values[out]))

        return backward

    return forward_of_two, plan_of_two


def _largest(one: RowMax, _: Any) -> tuple[Forward, Plan]:
    get, out = Operand(one.operand).get, one.out.place
    is_narrow = one.operand.places.shape[-1] <= NARROW

    def forward(values: Arrays) -> None:
        rows = get(values)
        values[out] = np.maximum.reduce(rows.T.copy()).T if is_narrow else np.maximum.reduce(rows, axis=-1)

    def plan(flow: Flow) -> Backward:
        return lambda values, gradients: None  # nothing flows through it

    return forward, plan


def _gather(one: Gather, dtype: Any) -> tuple[Forward, Plan]:
    parts, start = [], 0
    for read in one.parts:
        parts.append((Operand(read), (..., slice(start, start + read.places.size))))
        start += read.places.size
    register, first_batched = one.out, next((o for o, _ in parts if o.batched), None)

    def forward(values: Arrays) -> None:
        leading = () if first_batched is None else values[first_batched.place].shape[:1]
        gathered = np.empty((*leading, register.size), dtype)
        for operand, part in parts:
            gathered[part] = operand.get(values)
        values[register.place] = gathered

    def plan(flow: Flow) -> Backward:
        adders = [(o.adder(flow, register.batched, fresh=False), part) for o, part in parts if o.needs_gradient]

        def backward(values: Arrays, gradients: Arrays) -> None:
            gradient = gradients[register.place]
            for add, part in adders:
                add(gradients, gradient[part])

        return backward

    return forward, plan


PassOn = Callable[[Arrays, Arrays, Array], None]
"""Takes the registers, the gradients and the gradient of a sum; adds to those of the terms."""


class Part:
    """How a part of a sum is computed, and how a gradient flows into it.

    compute: the numbers, for the registers. plan: makes the step back; None if no gradient flows into it.
    is_new: whether what it computes is an array of its own. batched, width: the shape of that.
    """

    def __init__(
        self,
        compute: Callable[[Arrays], Array],
        plan: Callable[[Flow], PassOn],
        operands: Sequence[Operand],
        width: int,
        is_new: bool = True,
    ) -> None:
        self.compute = compute
        self.plan = plan if any(operand.needs_gradient for operand in operands) else None
        self.batched = any(operand.batched for operand in operands)
        self.width = width
        self.is_new = is_new


def _sum(one: Sum, dtype: Any) -> tuple[Forward, Plan]:
    out, size, batched = one.out.place, one.out.size, one.out.batched
    signs = [piece.sign > 0 for piece in one.pieces]
    parts = [_part(piece, size, batched, dtype) for piece in one.pieces]
    first, first_is_positive = parts[0].compute, signs[0]
    others: list[tuple[Any, Callable[[Arrays], Array]]] = []
    is_new, rows, width = parts[0].is_new or not first_is_positive, parts[0].batched, parts[0].width
    for positive, part in zip(signs[1:], parts[1:], strict=True):
        in_place = is_new and rows == batched and width == size
        if in_place:
            others.append((np.add if positive else np.subtract, part.compute))
        else:
            others.append((_sum_of_two if positive else _difference, part.compute))
        is_new, rows, width = True, rows or part.batched, max(width, part.width)

    def forward(values: Arrays) -> None:
        total = first(values)
        if not first_is_positive:
            total = -total
        for combine, compute in others:
            total = combine(total, compute(values), total)
        if width != size:
            total = np.broadcast_to(total, (*total.shape[:-1], size)).copy()
        values[out] = total

    def plan(flow: Flow) -> Backward:
        steps = [
            (positive, part.plan(flow))
            for positive, part in zip(reversed(signs), reversed(parts), strict=True)
            if part.plan is not None
        ]
        negative_needed = any(not positive for positive, _ in steps)

        def backward(values: Arrays, gradients: Arrays) -> None:
            gradient = gradients[out]
            negative = -gradient if negative_needed else None
            for positive, pass_on in steps:
                pass_on(values, gradients, gradient if positive else negative)

        return backward

    return forward, plan


def _sum_of_two(x: Array, y: Array, _: Array) -> Array:
    return x + y


def _difference(x: Array, y: Array, _: Array) -> Array:
    return x - y


def _part(piece: Piece, size: int, batched: bool, dtype: Any) -> Part:
    """A part of a sum of `size` numbers."""
    left = Operand(piece.left)
    if piece.right is not None:
        right = Operand(piece.right)
        if not piece.is_matrix_product:
            return _products(left, right, batched)
        row = Operand(Read(piece.right.register, piece.right.places[0]))
        is_one_row = right.shape[0] == 1 and not row.is_broadcast
        if is_one_row and right.batched and not left.batched:
            return _matrix_times_rows(left, row)
        if is_one_row and right.batched and left.batched and left.shape[0] == 1:
            left_row = Operand(Read(piece.left.register, piece.left.places[0]))
            if not left_row.is_broadcast:
                return _row_times_row(left_row, row)
        return _matrix_product(left, right, batched)
    if len(left.shape) == 1:

        def plan_of_terms(flow: Flow) -> PassOn:
            add = left.adder(flow, batched, fresh=False)
            return lambda values, gradients, gradient: add(gradients, gradient)

        return Part(left.get, plan_of_terms, [left], left.shape[0], is_new=False)
    row = Operand(Read(piece.left.register, piece.left.places[0]))
    if left.shape[0] == 1 and size == 1 and not row.is_broadcast:
        return _row(row, batched, dtype)
    one_row_for_all = left.shape[0] == 1
    ones = np.ones(left.shape, dtype)

    def plan(flow: Flow) -> PassOn:
        add = left.adder(flow, batched, fresh=True)

        def pass_on(values: Arrays, gradients: Arrays, gradient: Array) -> None:
            if one_row_for_all:
                gradient = np.add.reduce(gradient, axis=-1, keepdims=True)
            add(gradients, gradient[..., None] * ones)

        return pass_on

    return Part(lambda values: np.add.reduce(left.get(values), axis=-1), plan, [left], left.shape[0])


def _row(row: Operand, batched: bool, dtype: Any) -> Part:
    """The sum of the numbers of one row; a matrix product is the fastest way to it."""
    get, ones = row.get, np.ones(row.shape[0], dtype)
    column = ones[:, None]

    def plan(flow: Flow) -> PassOn:
        add = row.adder(flow, batched, fresh=True)
        return lambda values, gradients, gradient: add(gradients, gradient * ones)

    return Part(lambda values: get(values).dot(column), plan, [row], 1)


def _products(left: Operand, right: Operand, batched: bool) -> Part:
    """Products term by term; added up along the rows, where the reads have any."""
    get_left, get_right = left.get, right.get
    has_rows = len(left.shape) > 1

    def compute(values: Arrays) -> Array:
        return get_left(values) * get_right(values)

    def compute_rows(values: Arrays) -> Array:
        return np.einsum("...ik,...ik->...i", get_left(values), get_right(values))

    def plan(flow: Flow) -> PassOn:
        adders = [
            (operand.adder(flow, batched, fresh=True), other.get)
            for operand, other in ((left, right), (right, left))
            if operand.needs_gradient
        ]

        def pass_on(values: Arrays, gradients: Arrays, gradient: Array) -> None:
            if has_rows:
                gradient = gradient[..., None]
            for add, other in adders:
                add(gradients, gradient * other(values))

        return pass_on

    width = max(left.shape[0], right.shape[0])
    return Part(compute_rows if has_rows else compute, plan, [left, right], width)


def _matrix_times_rows(left: Operand, right: Operand) -> Part:
    """Every row of a matrix times the one vector that there is for each example: a plain product of two matrices."""
    get_left, get_right = left.get, right.get

    def compute(values: Arrays) -> Array:
        return get_right(values).dot(get_left(values).T)  # `@` takes a moment longer to begin

    def plan(flow: Flow) -> PassOn:
        target = left.target(flow) if left.needs_gradient else None
        add_left = left.adder(flow, batched=False, fresh=True) if left.needs_gradient and target is None else None
        add_right = right.adder(flow, batched=True, fresh=True) if right.needs_gradient else None

        def pass_on(values: Arrays, gradients: Arrays, gradient: Array) -> None:
            if target is not None:
                np.matmul(gradient.T, get_right(values), out=target(gradients))
            elif add_left is not None:
                add_left(gradients, gradient.T.dot(get_right(values)))
            if add_right is not None:
                add_right(gradients, gradient.dot(get_left(values)))

        return pass_on

    return Part(compute, plan, [left, right], left.shape[0])


def _row_times_row(left: Operand, right: Operand) -> Part:
    """One vector times another for each example; a stack of matrix products would be slower."""
    get_left, get_right = left.get, right.get

    def compute(values: Arrays) -> Array:
        return np.add.reduce(get_left(values) * get_right(values), axis=-1, keepdims=True)

    products = _products(left, right, batched=True)
    return Part(compute, products.plan or _nothing, [left, right], 1)


def _matrix_product(left: Operand, right: Operand, batched: bool) -> Part:
    """Every row of `left` times every row of `right`; if one of them is batched, `right` is."""
    height, width = left.shape[0], right.shape[0]
    sums_examples = right.batched and not left.batched

    def compute(values: Arrays) -> Array:
        product = left.get(values) @ right.get(values).swapaxes(-1, -2)
        return product.reshape(*product.shape[:-2], height * width)

    def plan(flow: Flow) -> PassOn:
        add_left = left.adder(flow, batched and not sums_examples, fresh=True) if left.needs_gradient else None
        add_right = right.adder(flow, batched, fresh=True) if right.needs_gradient else None

        def pass_on(values: Arrays, gradients: Arrays, gradient: Array) -> None:
            table = gradient.reshape(*gradient.shape[:-1], height, width)
            if add_left is not None:
                if sums_examples:
                    contribution = np.tensordot(table, right.get(values), axes=((0, 2), (0, 1)))
                else:
                    contribution = table @ right.get(values)
                add_left(gradients, contribution)
            if add_right is not None:
                add_right(gradients, table.swapaxes(-1, -2) @ left.get(values))

        return pass_on

    return Part(compute, plan, [left, right], height * width)


def _nothing(flow: Flow) -> PassOn:
    """The step back where no gradient flows."""
    return lambda values, gradients, gradient: None


_STEPS: dict[type[Instruction], Callable[[Any, Any], tuple[Forward, Plan]]] = {
    Apply: _apply,
    Sum: _sum,
    RowMax: _largest,
    Gather: _gather,
}
