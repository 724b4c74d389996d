"""How the instructions of a program run: for each a step forward and a step back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.compiler.arrays.elementary import Array
from autograd.compiler.arrays.lookup import array_rule
from autograd.compiler.arrays.operand import Arrays, Flow, Operand
from autograd.compiler.arrays.program import Apply, Concatenate, Gather, Instruction, Piece, RowMax, Sum

Forward = Callable[[Arrays], None]
Backward = Callable[[Arrays, Arrays], None]
Plan = Callable[[Flow], Backward]
"""Makes the step back, once it is known what is written before it."""


NARROW = 32
"""Shorter rows are compared column by column, since NumPy has a fixed cost for each row."""


def _apply(instruction: Apply, _: Any) -> tuple[Forward, Plan]:
    rule = array_rule(instruction.operation)
    out, batched = instruction.out.index, instruction.out.batched
    operands = [Operand(gather) for gather in instruction.operands]
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
    is_with_itself = len(wanted) == 2 and instruction.operands[0].is_same(instruction.operands[1])

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


def _row_max(instruction: RowMax, _: Any) -> tuple[Forward, Plan]:
    get, out = Operand(instruction.operand).get, instruction.out.index
    is_narrow = instruction.operand.indices.shape[-1] <= NARROW

    def forward(values: Arrays) -> None:
        rows = get(values)
        values[out] = np.maximum.reduce(rows.T.copy()).T if is_narrow else np.maximum.reduce(rows, axis=-1)

    def plan(flow: Flow) -> Backward:
        return lambda values, gradients: None  # no gradient flows through it

    return forward, plan


def _concatenate(instruction: Concatenate, dtype: Any) -> tuple[Forward, Plan]:
    parts, start = [], 0
    for gather in instruction.parts:
        parts.append((Operand(gather), (..., slice(start, start + gather.indices.size))))
        start += gather.indices.size
    register, first_batched = instruction.out, next((o for o, _ in parts if o.batched), None)

    def forward(values: Arrays) -> None:
        leading = () if first_batched is None else values[first_batched.index].shape[:1]
        gathered = np.empty((*leading, register.size), dtype)
        for operand, part in parts:
            gathered[part] = operand.get(values)
        values[register.index] = gathered

    def plan(flow: Flow) -> Backward:
        adders = [(o.adder(flow, register.batched, fresh=False), part) for o, part in parts if o.needs_gradient]

        def backward(values: Arrays, gradients: Arrays) -> None:
            gradient = gradients[register.index]
            for add, part in adders:
                add(gradients, gradient[part])

        return backward

    return forward, plan


PassOn = Callable[[Arrays, Arrays, Array], None]
"""Takes the registers, the gradients and the gradient of a sum; adds to the gradients of its terms."""


class Part:
    """How a piece of a sum is computed, and how a gradient flows into it.

    compute: takes the registers, gives the numbers. plan: makes the step back; None if no gradient flows into it.
    is_new: whether the numbers are a new array. batched, width: its shape.
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


def _sum(instruction: Sum, dtype: Any) -> tuple[Forward, Plan]:
    out, size, batched = instruction.out.index, instruction.out.size, instruction.out.batched
    signs = [piece.sign > 0 for piece in instruction.pieces]
    parts = [_part(piece, size, batched, dtype) for piece in instruction.pieces]
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
    """How a piece of a sum of `size` numbers runs."""
    left = Operand(piece.left)
    if piece.right is not None:
        right = Operand(piece.right)
        if not piece.is_matrix_product:
            return _products(left, right, batched)
        row = Operand(Gather(piece.right.register, piece.right.indices[0]))
        is_one_row = right.shape[0] == 1 and not row.is_broadcast
        if is_one_row and right.batched and not left.batched:
            return _matrix_times_rows(left, row)
        if is_one_row and right.batched and left.batched and left.shape[0] == 1:
            left_row = Operand(Gather(piece.left.register, piece.left.indices[0]))
            if not left_row.is_broadcast:
                return _row_times_row(left_row, row)
        return _matrix_product(left, right, batched)
    if len(left.shape) == 1:

        def plan_of_terms(flow: Flow) -> PassOn:
            add = left.adder(flow, batched, fresh=False)
            return lambda values, gradients, gradient: add(gradients, gradient)

        return Part(left.get, plan_of_terms, [left], left.shape[0], is_new=False)
    row = Operand(Gather(piece.left.register, piece.left.indices[0]))
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
    """The sum of the numbers of one row; a matrix product computes it fastest."""
    get, ones = row.get, np.ones(row.shape[0], dtype)
    column = ones[:, None]

    def plan(flow: Flow) -> PassOn:
        add = row.adder(flow, batched, fresh=True)
        return lambda values, gradients, gradient: add(gradients, gradient * ones)

    return Part(lambda values: get(values).dot(column), plan, [row], 1)


def _products(left: Operand, right: Operand, batched: bool) -> Part:
    """Products term by term, added up along the rows if the gathers have rows."""
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
    """Each row of a matrix times the one vector of each example: a plain product of two matrices."""
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
    """Each row of `left` times each row of `right`; if one of them is batched, `right` is."""
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


STEPS: dict[type[Instruction], Callable[[Any, Any], tuple[Forward, Plan]]] = {
    Apply: _apply,
    Sum: _sum,
    RowMax: _row_max,
    Concatenate: _concatenate,
}
