"""A recorded function, ready to run: as array instructions, or as a loop over its scalar operations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from autograd.compiler.arguments import Argument, numbers_of
from autograd.compiler.arrays.lower import lower_to_arrays
from autograd.compiler.arrays.run import NumpyRuntime
from autograd.compiler.loop import run as loop_run
from autograd.compiler.loop.lower import lower_to_loop
from autograd.compiler.loop.run import LoopRuntime
from autograd.compiler.recording import Given, Recording
from autograd.compiler.tape import Check, nodes_of


class ArrayInstructions:
    """A program of array instructions with what runs it."""

    name = "numpy"

    def __init__(
        self,
        recording: Recording,
        arguments: Sequence[Argument],
        captured: bool,
        dtype: Any,
        checks: Sequence[Check] | None = None,
    ) -> None:
        checked = nodes_of(recording.checks if checks is None else checks)
        self.program = lower_to_arrays(recording.tape, recording.outputs, arguments, captured, checked)
        self.runtime = NumpyRuntime(self.program, dtype)
        self._captured = list(recording.tape.captured.values())
        self._dtype = dtype

    def forward(self, arguments: Sequence[Any]) -> list[Any]:
        captured = None
        if self._captured:
            captured = numbers_of(self._captured, self._dtype)
        return self.runtime.forward(arguments, captured)

    def results(self, values: list[Any]) -> list[Any]:
        """Each result, a number or one for each example, and then the numbers that the checks look at."""
        indices = self.program.outputs + self.program.checked
        return [values[register.index][..., offset] for register, offset in indices]

    def suspects(self, values: list[Any], examples: int) -> list[int]:
        """The examples in which an operation may have failed."""
        return self.runtime.suspects(values, self.program.outputs + self.program.checked, examples)

    def backward(self, values: list[Any], seeds: Sequence[float]) -> list[Any]:
        """The gradients with respect to the arguments and the captured Values; None where none is wanted."""
        outputs = [(*output, seed) for output, seed in zip(self.program.outputs, seeds, strict=True) if seed != 0.0]
        gradients = self.runtime.exact_backward(values, outputs)
        registers = list(self.program.arguments)
        if self.program.captured is not None:
            registers.append(self.program.captured)
        return [
            None
            if not register.needs_gradient
            else np.zeros_like(values[register.index])
            if gradients[register.index] is None
            else gradients[register.index]
            for register in registers
        ]


Executable: TypeAlias = ArrayInstructions | LoopRuntime
"""Both have `program`, the `name` of the runtime, `forward`, `results`, `suspects` and `backward`."""


def executable_for(
    runtime: str, recording: Recording, arguments: Sequence[Argument], captured: bool, given: Given, dtype: Any
) -> Executable:
    """A recording, ready to run.

    Args:
        runtime: a runtime, or "auto" for the one that suits the graph.
        recording: what is to run.
        arguments: the arrays among its arguments.
        captured: whether the gradient with respect to the captured Values is wanted.
        given: the arguments of the first call, for a timing where the graph alone does not decide.
        dtype: the type of every number.
    """
    if runtime == "numpy":
        return ArrayInstructions(recording, arguments, captured, dtype)
    program = lower_to_loop(recording.tape, recording.outputs, arguments, captured, nodes_of(recording.checks))
    if runtime != "auto":
        return loop_run.loop_runtime(runtime, program, recording.tape, dtype)
    name, is_certain = loop_run.promising(program, given.examples)
    if name is None:
        return ArrayInstructions(recording, arguments, captured, dtype)
    loop = loop_run.loop_runtime(name, program, recording.tape, dtype)
    if is_certain:
        return loop
    arrays = ArrayInstructions(recording, arguments, captured, dtype)
    return loop if loop_run.seconds(loop, given.arrays) < loop_run.seconds(arrays, given.arrays) else arrays
