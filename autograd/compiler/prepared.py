"""A compiled function in the form for training: batches of one structure, and the captured Values as one array."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograd.compiler.arguments import Argument
from autograd.compiler.arrays.lower import lower_to_arrays
from autograd.compiler.arrays.program import Register
from autograd.compiler.arrays.run import NumpyRuntime
from autograd.compiler.executable import ArrayInstructions
from autograd.compiler.explain import is_finite
from autograd.compiler.recording import Recording, flat, require
from autograd.compiler.tape import nodes_of


class Prepared:
    """A compiled function for batches of one structure; `Compiled.prepared` makes it.

    It takes the numbers of the captured Values as one array, so that training can keep them in arrays. It does not read
    the Values' own numbers, and sets them only before it explains an error.

    captured: these Values, in the order of that array.
    program: what runs.
    """

    def __init__(self, recording: Recording, arguments: Sequence[Argument], dtype: Any) -> None:
        self._recording = recording
        self._of_arguments = recording.checks_of_arguments()
        self._checks = [check for check in recording.checks if check not in self._of_arguments]
        instructions = ArrayInstructions(recording, arguments, True, dtype, self._checks)
        self._runtime = instructions.runtime
        self.program = instructions.program
        checking = lower_to_arrays(recording.tape, (), arguments, False, nodes_of(self._of_arguments))
        self._checking = NumpyRuntime(checking, dtype)
        self._looked_at = checking.checked
        self.captured = list(recording.tape.captured.values())
        outputs = iter(self.program.outputs)
        self._first, self._offset = next(outputs)
        self._others = [_reader([next(outputs) for _ in flat(part)]) for part in recording.result[1:]]

    def require(self, *args: Any) -> None:
        """Checks what the function requires of its arguments (`autograd.require`).

        `values` and `value_and_grad` leave that out, since every epoch has the same examples. They check what the
        function requires of the captured Values and of what is computed from them.

        Raises:
            ValueError: an example does not meet a requirement.
        """
        if self._of_arguments:
            arrays = [array.reshape(len(array), -1) for array in args]
            registers = self._checking.forward(arrays, np.zeros(len(self.captured)))
            numbers = [registers[register.index][..., offset] for register, offset in self._looked_at]
            require(self._of_arguments, numbers)

    def values(self, captured: Any, *args: Any) -> list[Any]:
        """The results for each example: an array of one axis for the first result, of two for each list.

        Args:
            captured: the numbers of the captured Values.
            args: the batches, arrays of the dtype of the function.

        Raises:
            FloatingPointError: a first result is not finite. The message names the operation and its line, and the
                captured Values now have the numbers at which it happened.
            ValueError, ZeroDivisionError, OverflowError: an operation is not defined there; likewise.
        """
        arrays = [array.reshape(len(array), -1) for array in args]
        return self._checked_results(self._runtime.forward(arrays, captured), captured, arrays)

    def value_and_grad(self, captured: Any, *args: Any) -> tuple[list[Any], Any]:
        """The results of `values`, and the gradient of the mean of the first with respect to the captured Values.

        Raises:
            FloatingPointError: as `values`, or the gradient is not finite.
            ValueError, ZeroDivisionError, OverflowError: as `values`.
        """
        arrays = [array.reshape(len(array), -1) for array in args]
        count = len(arrays[0])
        registers = self._runtime.forward(arrays, captured)
        results = self._checked_results(registers, captured, arrays)
        seeds = [(self._first, self._offset, 1.0 / count if self._first.batched else 1.0)]
        index = None if self.program.captured is None else self.program.captured.index
        gradient = None if index is None else self._runtime.backward(registers, seeds)[index]
        if gradient is None:  # the first result does not depend on them
            gradient = np.zeros_like(captured)
        elif not is_finite(gradient):
            gradient = self._exact_gradient(registers, seeds, captured, arrays)
        return results, gradient

    def _exact_gradient(self, registers: list[Any], seeds: Any, captured: Any, arrays: list[Any]) -> Any:
        """The gradient after a quick look found a number that is not finite; raises the error if there is one."""
        gradients = self._runtime.exact_backward(registers, seeds)
        gradient = gradients[self.program.captured.index]  # type: ignore[union-attr]
        gradient[[not value.requires_grad for value in self.captured]] = 0.0  # no gradient is wanted
        if not is_finite(gradient):
            self._rerun(captured, arrays, range(len(arrays[0])), is_differentiated=True)
        return gradient

    def _checked_results(self, registers: list[Any], captured: Any, arrays: list[Any]) -> list[Any]:
        count = len(arrays[0])
        results = self._results(registers, count)
        checked = self.program.checked
        require(self._checks, [registers[register.index][..., offset] for register, offset in checked])
        suspects = self._runtime.suspects(registers, [*self.program.outputs[:1], *checked], count)
        if not is_finite(results[0]):
            suspects = np.flatnonzero(~np.isfinite(results[0])).tolist()
        if suspects:
            self._rerun(captured, arrays, suspects, is_differentiated=False)
        return results

    def _results(self, registers: list[Any], count: int) -> list[Any]:
        first = registers[self._first.index][..., self._offset]
        if not self._first.batched:
            first = np.broadcast_to(first, (count,))
        parts = [first]
        for read in self._others:
            part = read(registers)
            parts.append(part if part.ndim == 2 else np.broadcast_to(part, (count, part.size)))
        return parts

    def _rerun(self, captured: Any, arrays: list[Any], suspects: Sequence[int], is_differentiated: bool) -> None:
        recording, numbers = self._recording, captured.tolist()
        root = recording.outputs[0] if is_differentiated else None
        wanted = recording.wanted(self.program.arguments, captured=True)
        try:
            recording.rerun(
                arrays, suspects, self._runtime.dtype, root, wanted, outputs=recording.outputs[:1], captured=numbers
            )
        except (ArithmeticError, ValueError):
            for value, number in zip(self.captured, numbers, strict=True):
                value.data = number
            raise


def _reader(indices: list[tuple[Register, int]]) -> Callable[[list[Any]], Any]:
    """A function that takes numbers from the registers as one array, with a row for each example if any is batched."""
    if len({register.index for register, _ in indices}) == 1:
        index, offsets = indices[0][0].index, [offset for _, offset in indices]
        start, stop = offsets[0], offsets[-1] + 1
        if offsets == list(range(start, stop)):
            part = (..., slice(start, stop))
            return lambda registers: registers[index][part]
        return lambda registers: registers[index].take(offsets, axis=-1)
    readers = [_reader([index]) for index in indices]
    return lambda registers: np.concatenate(np.broadcast_arrays(*(read(registers) for read in readers)), axis=-1)
