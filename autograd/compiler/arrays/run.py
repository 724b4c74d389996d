"""Running a program with NumPy.

A `NumpyRuntime` is made once for a program: `forward` fills the registers, and `backward` gives the gradients of those
of the arguments. What does not depend on the numbers is worked out once, so that a call costs little more than its
NumPy operations.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from autograd.compiler.arguments import constants_as
from autograd.compiler.arrays import exact
from autograd.compiler.arrays.elementary import Array
from autograd.compiler.arrays.operand import Arrays, Flow
from autograd.compiler.arrays.program import Apply, Program, Register
from autograd.compiler.arrays.steps import STEPS, Backward
from autograd.compiler.explain import is_finite


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
        self._arguments = [register.index for register in program.arguments]
        self._captured = program.captured
        self._constants = program.constants
        self._numbers = constants_as(program.numbers, dtype)
        self._inputs = frozenset(self._arguments + ([] if self._captured is None else [self._captured.index]))
        self._may_fail = [
            instruction.out.index
            for instruction in program.instructions
            if isinstance(instruction, Apply) and instruction.operation not in exact.QUIET
        ]
        steps = [
            (instruction.out, *STEPS[type(instruction)](instruction, dtype)) for instruction in program.instructions
        ]
        self._forward = [forward for _, forward, _ in steps]
        self._plans = [(out.index, plan) for out, _, plan in reversed(steps) if out.needs_gradient]
        self._backward: dict[tuple[int, ...], tuple[list[Backward], list[int], list[int]]] = {}

    @np.errstate(all="ignore")
    def forward(self, arguments: Sequence[Array], captured: Array | None) -> Arrays:
        values: Arrays = [None] * self._count
        for index, array in zip(self._arguments, arguments, strict=True):
            values[index] = array
        if self._captured is not None:
            values[self._captured.index] = captured
        if self._constants is not None:
            values[self._constants.index] = self._numbers
        for step in self._forward:
            step(values)
        return values

    @np.errstate(all="ignore")
    def backward(self, values: Arrays, seeds: Sequence[tuple[Register, int, Array | float]]) -> Arrays:
        gradients: Arrays = [None] * self._count
        for register, offset, seed in seeds:
            if register.needs_gradient:
                gradient, array = gradients[register.index], values[register.index]
                if gradient is None and register.size == 1:
                    gradients[register.index] = gradient = np.empty(array.shape, array.dtype)
                    gradient.fill(seed)
                    continue
                if gradient is None:
                    gradient = gradients[register.index] = np.zeros(array.shape, array.dtype)
                gradient[..., offset] += seed
        seeded = tuple([register.index for register, _, _ in seeds if register.needs_gradient])
        if seeded not in self._backward:
            self._backward[seeded] = self._planned(seeded)
        steps, empty, zero = self._backward[seeded]
        for index in empty:
            gradients[index] = np.empty(values[index].shape, values[index].dtype)
        for index in zero:
            gradients[index] = np.zeros(values[index].shape, values[index].dtype)
        for step in steps:
            step(values, gradients)
        return gradients

    def exact_backward(self, values: Arrays, seeds: Sequence[tuple[Register, int, Array | float]]) -> Arrays:
        """The same; if a gradient is not finite, it is computed along the paths of the eager engine alone."""
        gradients = self.backward(values, seeds)
        if all(gradients[index] is None or is_finite(gradients[index]) for index in self._inputs):
            return gradients
        return exact.backward(self._program, values, seeds)

    def suspects(self, values: Arrays, outputs: Sequence[tuple[Register, int]], examples: int) -> list[int]:
        """The examples in which an operation that the outputs depend on may have failed: its result is not finite."""
        if all(is_finite(values[index]) for index in self._may_fail):
            return []
        return exact.suspects(self._program, values, outputs, examples)

    def _planned(self, seeded: Iterable[int]) -> tuple[list[Backward], list[int], list[int]]:
        """The steps back from some registers, and the gradients to make before: empty ones, and zeros."""
        flow = Flow(seeded, self._inputs)
        steps = [plan(flow) for index, plan in self._plans if index in flow.reached]
        empty = [index for index, written in flow.written.items() if index not in flow.needs_zeros and written.all()]
        return steps, empty, [index for index in flow.written if index not in empty]
