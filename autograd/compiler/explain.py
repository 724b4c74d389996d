"""Where a compiled function stopped being finite: runs it once more, one scalar operation after the other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd.compiler.record import Tape
from autograd.errors import at


def is_finite(array: Any) -> bool:
    """Whether all numbers of an array are finite."""
    # The sum of the squares is quicker to compute. That of finite numbers may be too large, others' is never finite.
    return math.isfinite(np.vdot(array, array) if array.ndim else array) or bool(np.isfinite(array).all())


def blame(tape: Tape, outputs: Sequence[int], inputs: Sequence[float]) -> None:
    """Raises FloatingPointError for the first operation with finite inputs whose result or derivative is not finite.

    Returns if there is none: then the user put a NaN or an infinity in, and it flows through as in IEEE 754.

    Args:
        tape: the function, recorded with lines.
        outputs: the nodes of its results.
        inputs: the numbers of one example.
    """
    numbers = _numbers(tape, outputs, inputs)
    gradients = [0.0] * len(numbers)
    for node in outputs:
        gradients[node] = 1.0
    for node in range(len(numbers) - 1, -1, -1):
        operation, gradient = tape.operations[node], gradients[node]
        if operation is None or gradient == 0.0 or node in tape.stopped:
            continue
        operands = _operands(tape, node, numbers)
        for name, parent in zip(("x", "y"), (tape.lefts[node], tape.rights[node]), strict=True):
            if parent < 0 or not _depends_on_inputs(tape, parent):
                continue
            try:
                partial = getattr(operation, f"partial_{name}")(*operands, numbers[node])
            except (ArithmeticError, ValueError):
                partial = math.inf
            if math.isfinite(gradient) and all(map(math.isfinite, operands)) and not math.isfinite(gradient * partial):
                raise FloatingPointError(
                    f"{_line(tape, node)}\n  the gradient stops being finite at {_described(tape, node, numbers)}: its "
                    f"derivative with respect to {name} is {partial!r}, and {gradient!r} flows into it"
                )
            gradients[parent] += gradient * partial


def _numbers(tape: Tape, outputs: Sequence[int], inputs: Sequence[float]) -> list[float]:
    """The number of each node; FloatingPointError for the first one to blame."""
    needed = bytearray(len(tape.operations))
    for node in outputs:
        needed[node] = 1
    for node in range(len(needed) - 1, -1, -1):
        if needed[node]:
            for operand in (tape.lefts[node], tape.rights[node]):
                if operand >= 0:
                    needed[operand] = 1
    numbers = [math.nan] * len(tape.operations)
    numbers[: len(inputs)] = inputs
    for node, value in tape.captured.items():
        numbers[node] = value.data
    for node, number in tape.constants.items():
        numbers[node] = number
    for node, operation in enumerate(tape.operations):
        if operation is None or not needed[node]:
            continue
        operands = _operands(tape, node, numbers)
        problem = ""
        try:
            numbers[node] = operation.forward(*operands)
        except (ArithmeticError, ValueError) as error:
            problem = f": {error}"
        if not math.isfinite(numbers[node]) and all(map(math.isfinite, operands)):
            raise FloatingPointError(
                f"{_line(tape, node)}\n  the result is not finite; it began with "
                f"{_described(tape, node, numbers)}{problem}"
            )
    return numbers


def _operands(tape: Tape, node: int, numbers: Sequence[float]) -> list[float]:
    right = tape.rights[node]
    return [numbers[tape.lefts[node]]] + ([numbers[right]] if right >= 0 else [])


def _depends_on_inputs(tape: Tape, node: int) -> bool:
    return node not in tape.constants and node not in tape.stopped


def _line(tape: Tape, node: int) -> str:
    assert tape.lines is not None
    return tape.lines[node]


def _described(tape: Tape, node: int, numbers: Sequence[float]) -> str:
    operation: Any = tape.operations[node]
    operands = _operands(tape, node, numbers)
    values = [tape.captured.get(parent) for parent in (tape.lefts[node], tape.rights[node])][: len(operands)]
    labels = [None if value is None else value.label for value in values]
    return f"{operation.call} = {numbers[node]!r} at {at(operation.operands, operands, labels)}"
