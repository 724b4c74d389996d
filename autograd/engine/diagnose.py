"""Where the numbers stopped being finite: finds the operation to name when a pass meets a NaN or an infinity.

The engine checks one sum for each pass, and looks closer only if that sum is not finite.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NoReturn

from autograd.engine import graph
from autograd.engine.ops import Nary

if TYPE_CHECKING:
    from autograd.engine.value import Value


def blame_result(operations: Sequence[Value]) -> None:
    """Raises FloatingPointError for the first operation with finite operands whose result is not finite.

    Returns if the user put the NaN or infinity in: it flows through as in IEEE 754.
    """
    for node in operations:
        if not math.isfinite(node._data) and _operands_are_finite(node):
            raise FloatingPointError(
                f"cannot differentiate a result that is not finite; it began with {graph.described(node)}"
            )


def blame_derivative(
    leaves: Sequence[Value], operations: Sequence[Value], gradient_of: Callable[[Value], float]
) -> None:
    """Raises FloatingPointError for the operation at which the gradients of a pass stopped being finite.

    Returns if the user put the NaN or infinity in, as `blame_result` does.
    """
    blame_result(operations)
    for node in reversed(operations):
        gradient = gradient_of(node)
        if not (_operands_are_finite(node) and math.isfinite(node._data) and math.isfinite(gradient)):
            continue
        for name, _, partial in graph.partials(node):
            if not math.isfinite(gradient * partial):
                raise FloatingPointError(
                    f"the gradient stops being finite at {graph.described(node)}: its derivative with respect to "
                    f"{name} is {partial!r}, and {gradient!r} flows into it"
                )
    if not operations or not math.isfinite(gradient_of(operations[-1])):
        return  # what flowed into the root, a leaf perhaps, was given by the user
    all_finite = all(map(_operands_are_finite, operations))
    for leaf in leaves:
        if all_finite and not math.isfinite(gradient_of(leaf)):
            raise FloatingPointError(f"the contributions to the gradient of {leaf!r} add up to {gradient_of(leaf)!r}")


def no_derivative(node: Value, error: Exception) -> NoReturn:
    """Raises FloatingPointError for an operation whose derivative could not be computed at all.

    The error of a compiled function already names the operation inside it, and is raised as it is.
    """
    if isinstance(node._op, Nary) and isinstance(error, FloatingPointError):
        raise error
    raise FloatingPointError(f"the derivative of {graph.described(node)} is not a finite number: {error}") from error


def _operands_are_finite(node: Value) -> bool:
    operation = node._op
    if isinstance(operation, Nary) and not operation.others_are_finite:
        return False
    return all(map(math.isfinite, graph.operand_numbers(node)))
