"""A compiled function in the form that training uses: batches of one structure, and what it captures as one array."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograd.compiler.explain import is_finite
from autograd.compiler.lowered import ArrayInstructions
from autograd.compiler.program import Register
from autograd.compiler.recording import Recording, flat


class Prepared:
    """A compiled function for batches of one structure; `Compiled.prepared` makes it.

    The Values from outside that it uses are given as one array, so that training can keep them in arrays; their own
    numbers are neither read nor, but before an error is explained, written.

    captured: these Values, in the order of that array.
    program: what runs.
    """

    def __init__(self, recording: Recording, lowered: ArrayInstructions) -> None:
        self._recording = recording
        self._runtime = lowered.runtime
        self.program = lowered.program
        self.captured = list(recording.tape.captured.values())
        outputs = iter(self.program.outputs)
        self._first, self._offset = next(outputs)
        self._others = [_reader([next(outputs) for _ in flat(part)]) for part in recording.result[1:]]

    def values(self, captured: Any, *args: Any) -> list[Any]:
        """The results for each example: an array of one axis for the first, of two for the lists.

        Args:
            captured: the numbers of the captured Values.
            args: the batches, arrays of the dtype that it was compiled for.

        Raises:
            FloatingPointError: a first result is not finite. The message names the operation and its line, and the
                captured Values have been given the numbers at which it happened.
        """
        arrays = [array.reshape(len(array), -1) for array in args]
        registers = self._runtime.forward(arrays, captured)
        results = self._results(registers, len(arrays[0]))
        self._require_finite(captured, arrays, results[0])
        return results

    def value_and_grad(self, captured: Any, *args: Any, check_gradient: bool = True) -> tuple[list[Any], Any]:
        """The results as `values` gives them, and the gradient of the mean of the first by the captured Values.

        With `check_gradient=False` the gradient is left to `require_finite`, for a caller who sees it by the way.

        Raises:
            FloatingPointError: as `values`, or the gradient is not finite.
        """
        arrays = [array.reshape(len(array), -1) for array in args]
        count = len(arrays[0])
        registers = self._runtime.forward(arrays, captured)
        seed = 1.0 / count if self._first.batched else 1.0
        gradients = self._runtime.backward(registers, [(self._first, self._offset, seed)])
        place = None if self.program.captured is None else self.program.captured.place
        gradient = None if place is None else gradients[place]
        if gradient is None:  # the first result does not depend on them
            gradient = np.zeros_like(captured)
        results = self._results(registers, count)
        self._require_finite(captured, arrays, results[0], *([gradient] if check_gradient else []))
        return results, gradient

    def require_finite(self, captured: Any, results: list[Any], gradient: Any, *args: Any) -> None:
        """Looks for the operation to blame if a gradient that `value_and_grad` gave is not finite.

        Raises:
            FloatingPointError: as `value_and_grad`.
        """
        self._require_finite(captured, [array.reshape(len(array), -1) for array in args], results[0], gradient)

    def _results(self, registers: list[Any], count: int) -> list[Any]:
        first = registers[self._first.place][..., self._offset]
        if not self._first.batched:
            first = np.broadcast_to(first, (count,))
        parts = [first]
        for read in self._others:
            part = read(registers)
            parts.append(part if part.ndim == 2 else np.broadcast_to(part, (count, part.size)))
        return parts

    def _require_finite(self, captured: Any, arrays: list[Any], first: Any, *gradients: Any) -> None:
        if all(map(is_finite, (first, *gradients))):
            return
        for value, number in zip(self.captured, captured.tolist(), strict=True):
            value.data = number
        finite = np.isfinite(first)
        suspects = range(len(first)) if finite.all() else np.flatnonzero(~finite).tolist()
        self._recording.blame(arrays, self._recording.outputs[:1], suspects)


def _reader(places: list[tuple[Register, int]]) -> Callable[[list[Any]], Any]:
    """A function that takes numbers from the registers, as one array: a row for each example if one is batched."""
    if len({register.place for register, _ in places}) == 1:
        place, offsets = places[0][0].place, [offset for _, offset in places]
        start, stop = offsets[0], offsets[-1] + 1
        if offsets == list(range(start, stop)):
            part = (..., slice(start, stop))
            return lambda registers: registers[place][part]
        return lambda registers: registers[place].take(offsets, axis=-1)
    readers = [_reader([place]) for place in places]
    return lambda registers: np.concatenate(np.broadcast_arrays(*(read(registers) for read in readers)), axis=-1)
