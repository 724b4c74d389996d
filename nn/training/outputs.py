"""The outputs of a model for a whole batch: back in the arrangement of the model, or compared with the targets."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograd import CompileError, Value
from nn.losses import binary_cross_entropy_with_logits, correctness, cross_entropy, hinge
from nn.training.arrays import Array

Arrangement = Callable[[Iterator[float]], Any]
"""Makes an output of its numbers: Values in lists, tuples or arrays."""


def arrangement(output: Any) -> Arrangement:
    """The arrangement of an output.

    Raises:
        CompileError: it holds something other than numbers.

    >>> first, (second, third) = arrangement([Value(0.5), (Value(1.0), Value(2.0))])(iter([4.0, 5.0, 6.0]))
    >>> first.data, second.data, third.data
    (4.0, 5.0, 6.0)
    """
    if isinstance(output, np.ndarray):
        shape = output.shape

        def array(numbers: Iterator[float]) -> Array:
            filled = np.empty(math.prod(shape), object)
            filled[:] = [_as_value(numbers) for _ in range(len(filled))]
            return filled.reshape(shape)

        return array
    if isinstance(output, (list, tuple)):
        kind, parts = type(output), list(map(arrangement, output))
        if hasattr(kind, "_fields"):
            return lambda numbers: kind(*(part(numbers) for part in parts))
        return lambda numbers: kind([part(numbers) for part in parts])
    if not isinstance(output, (Value, float, int)):
        raise CompileError(f"the model returns a {type(output).__name__}, not a Value or nested lists of Values")
    return _as_value


def _as_value(numbers: Iterator[float]) -> Value:
    return Value(next(numbers), requires_grad=False)


# ---------------------------------------------------------------- whether they are right


def right_counter(is_correct: Callable[[Any, Any], bool] | None) -> Callable[[Array, Array], int] | None:
    """The function that counts the right outputs of a batch, for a function of `nn.losses.correctness`; else None."""
    return next((count for known, count in _COUNTERS if known is is_correct), None)


def _count_largest(outputs: Array, y: Array) -> int:
    return int(np.count_nonzero(outputs.argmax(axis=1) == (y if y.ndim == 1 else y.argmax(axis=1))))


def _count_signs(outputs: Array, y: Array) -> int:
    return _count_sides(outputs > 0.0, y > 0.0)


def _count_likelier(outputs: Array, y: Array) -> int:
    return _count_sides(outputs > 0.0, y > 0.5)


def _count_sides(outputs: Array, y: Array) -> int:
    return int(np.count_nonzero((outputs == y.reshape(len(y), -1)).all(axis=1)))


_COUNTERS = (
    (correctness(cross_entropy), _count_largest),
    (correctness(hinge), _count_signs),
    (correctness(binary_cross_entropy_with_logits), _count_likelier),
)
