"""Why a compiled function failed: it runs once more as the eager engine runs, one scalar operation at a time."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from autograd.compiler.arguments import constants_as
from autograd.compiler.tape import CONDITIONS, SELECT_IF, SELECTS, Tape, nodes_of
from autograd.engine import errors, ops
from autograd.engine.ops import as_float


def is_finite(array: Any) -> bool:
    """Whether all numbers of an array are finite."""
    # The sum of the squares is quicker to compute. That of finite numbers may be too large, others' is never finite.
    return math.isfinite(np.vdot(array, array) if array.ndim else array) or bool(np.isfinite(array).all())


class Rerun:
    """One example, run by the scalar rules of the operations.

    Args:
        tape: the function, recorded with lines.
        outputs: the nodes of its results.
        inputs: the numbers of the example.
        captured: the numbers of the captured Values, by node.
        dtype: the type to which every number is rounded.
    """

    def __init__(
        self, tape: Tape, outputs: Sequence[int], inputs: Sequence[float], captured: Mapping[int, float], dtype: Any
    ) -> None:
        self._tape = tape
        self._outputs = outputs
        self._dtype = np.dtype(dtype)
        self._numbers = [math.nan] * len(tape.operations)
        self._errors: dict[int, ArithmeticError | ValueError] = {}
        self._too_large: set[int] = set()  # for float32
        self._compute(inputs, captured)
        self._live = self._live_nodes()

    def require_results(self) -> None:
        """Raises the error of the first operation that failed, as the eager engine does.

        Raises:
            ValueError, ZeroDivisionError, OverflowError: an operation is not defined.
            FloatingPointError: a result is not finite though the operands of some operation before it are.
        """
        for node in self._live:
            if node in self._errors:
                self._raise_again(node)
            if node in self._too_large:
                raise FloatingPointError(
                    f"{self._line(node)}\n  {self._described(node)} is too large for float32; take dtype='float64'"
                )
        if not all(math.isfinite(self._numbers[node]) for node in self._outputs):
            for node in self._live:
                if not math.isfinite(self._numbers[node]) and self._operands_are_finite(node):
                    for parent in self._parents(node):
                        if not math.isfinite(self._numbers[parent]):
                            raise FloatingPointError(
                                f"{self._line(node)}\n  the constant {self._tape.constants[parent]!r} is too large for "
                                "float32; take dtype='float64'"
                            )
                    raise FloatingPointError(
                        f"{self._line(node)}\n  the result is not finite; it began with {self._described(node)}"
                    )

    def require_gradient(self, root: int, wanted: Collection[int]) -> None:
        """Walks back from one result to the nodes in `wanted`, as `backward()` does.

        Raises:
            FloatingPointError: a derivative on the way does not exist, or is not finite though the numbers are.
            ValueError: a power cannot be differentiated with respect to its exponent.
        """
        depends = self._depending_on(wanted)
        for node in self._live:
            if self._operation(node) is ops.power and len(self._parents(node)) == 2 and depends[self._parents(node)[1]]:
                ops.power.require_exponent(self._operands(node), self._labels(node), f"{self._line(node)}\n  ")
        gradients = {root: 1.0}
        walked: list[int] = []
        steps: list[tuple[int, str, float, float]] = []
        for node in range(root, -1, -1):
            operation: Any = self._operation(node)
            if node not in gradients or operation is None or not depends[node]:
                continue
            walked.append(node)
            gradient = gradients[node]
            for name, parent in zip(("x", "y"), self._parents(node), strict=False):
                if not depends[parent]:
                    continue
                if operation in SELECTS:
                    if name == "x" or not self._is_taken(node):
                        continue
                    contribution = gradient
                else:
                    contribution = self._contribution(node, name, gradient, steps)
                gradients[parent] = self._rounded(gradients.get(parent, 0.0) + contribution)
        if all(math.isfinite(gradients.get(node, 0.0)) for node in wanted):
            return
        for node in reversed(walked):
            if not math.isfinite(self._numbers[node]) and self._operands_are_finite(node):
                raise FloatingPointError(
                    f"{self._line(node)}\n  cannot differentiate a result that is not finite; it began with "
                    f"{self._described(node)}"
                )
        for node, name, gradient, partial in steps:
            is_finite_here = math.isfinite(self._numbers[node]) and self._operands_are_finite(node)
            if is_finite_here and math.isfinite(gradient) and not math.isfinite(self._rounded(gradient * partial)):
                raise FloatingPointError(
                    f"{self._line(node)}\n  the gradient stops being finite at {self._described(node)}: its "
                    f"derivative with respect to {name} is {partial!r}, and {gradient!r} flows into it"
                )
        if all(map(self._operands_are_finite, walked)):
            raise FloatingPointError(
                f"{self._line(walked[0])}\n  the contributions to the gradient of {self._described(walked[0])} do not "
                "add up to a finite number"
            )

    # ------------------------------------------------------------ running

    def _compute(self, inputs: Sequence[float], captured: Mapping[int, float]) -> None:
        tape, numbers = self._tape, self._numbers
        numbers[: len(inputs)] = inputs
        for node, number in captured.items():
            numbers[node] = self._rounded(number)
        rounded = constants_as(list(tape.constants.values()), self._dtype).tolist()
        for node, number in zip(tape.constants, rounded, strict=True):
            numbers[node] = number
        for node, operation in enumerate(tape.operations):
            if operation is None:
                continue
            try:
                exact = as_float(self._operation(node), "forward", *self._operands(node))
            except (ArithmeticError, ValueError) as error:
                self._errors[node] = error
                continue
            numbers[node] = self._rounded(exact)
            if math.isfinite(exact) and not math.isfinite(numbers[node]) and operation not in CONDITIONS:
                self._too_large.add(node)

    def _live_nodes(self) -> list[int]:
        """The operations that the results depend on, in order, without those of a branch of `where` not taken."""
        tape = self._tape
        live = bytearray(len(tape.operations))
        for node in (*self._outputs, *nodes_of(tape.checks)):
            live[node] = 1
        for node in range(len(live) - 1, -1, -1):
            if not live[node]:
                continue
            parents = self._parents(node)
            if tape.operations[node] in SELECTS and not self._is_taken(node):
                parents = parents[:1]
            for parent in parents:
                live[parent] = 1
        return [node for node, is_live in enumerate(live) if is_live and tape.operations[node] is not None]

    def _depending_on(self, wanted: Collection[int]) -> bytearray:
        """Which nodes depend on one of those in `wanted`; a branch of `where` that is not taken counts for nothing."""
        tape = self._tape
        depends = bytearray(len(tape.operations))
        for node in wanted:
            depends[node] = 1
        for node, operation in enumerate(tape.operations):
            if operation is None or node in tape.stopped or operation in CONDITIONS:
                continue
            if operation in SELECTS:
                depends[node] = self._is_taken(node) and depends[tape.rights[node]]
            else:
                depends[node] = any(depends[parent] for parent in self._parents(node))
        return depends

    def _contribution(self, node: int, name: str, gradient: float, steps: list[tuple[int, str, float, float]]) -> float:
        try:
            partial = as_float(self._operation(node), f"partial_{name}", *self._operands(node), self._numbers[node])
        except (ArithmeticError, ValueError) as error:
            raise FloatingPointError(
                f"{self._line(node)}\n  the derivative of {self._described(node)} is not a finite number: {error}"
            ) from error
        steps.append((node, name, gradient, partial))
        return self._rounded(gradient * partial)

    def _rounded(self, number: float) -> float:
        if self._dtype == np.float64:
            return number
        with np.errstate(all="ignore"):
            return float(np.float32(number))

    def _operation(self, node: int) -> Any:
        """What the function did: a product in `squares` was a power."""
        return ops.power if node in self._tape.squares else self._tape.operations[node]

    def _parents(self, node: int) -> list[int]:
        left, right = self._tape.lefts[node], self._tape.rights[node]
        return [left] if right < 0 or node in self._tape.squares else [left, right]

    def _operands(self, node: int) -> list[float]:
        operands = [self._numbers[parent] for parent in self._parents(node)]
        return [*operands, 2.0] if node in self._tape.squares else operands

    def _is_taken(self, node: int) -> bool:
        condition = self._numbers[self._tape.lefts[node]] != 0.0
        return condition == (self._tape.operations[node] is SELECT_IF)

    def _operands_are_finite(self, node: int) -> bool:
        constants = self._tape.constants  # as written: one that is infinite only in float32 is at fault
        return all(math.isfinite(constants.get(parent, self._numbers[parent])) for parent in self._parents(node))

    # ------------------------------------------------------------ messages

    def _raise_again(self, node: int) -> None:
        operation, operands = self._operation(node), self._operands(node)
        errors.explain(
            self._errors[node], operation.call, operation.operands, operands, self._labels(node), self._line(node)
        )

    def _line(self, node: int) -> str:
        assert self._tape.lines is not None
        return self._tape.lines[node]

    def _labels(self, node: int) -> list[str | None]:
        values = [self._tape.captured.get(parent) for parent in self._parents(node)]
        labels = [None if value is None else value.label for value in values]
        return [*labels, None] if node in self._tape.squares else labels

    def _described(self, node: int) -> str:
        operation, operands = self._operation(node), self._operands(node)
        return (
            f"{operation.call} = {self._numbers[node]!r} at "
            f"{errors.at(operation.operands, operands, self._labels(node))}"
        )
