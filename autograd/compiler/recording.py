"""A function recorded for arguments of one structure, and the arguments of a call in that structure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn

import numpy as np

from autograd.compiler import explain
from autograd.compiler.arguments import Argument, Parsed, Structure, nested, shapes
from autograd.compiler.arrays.program import Register
from autograd.compiler.lines import described_line
from autograd.compiler.record import record
from autograd.compiler.tape import Check
from autograd.engine.conditions import refusal
from autograd.engine.errors import CompileError


class Recording:
    """A function, recorded for arguments of one structure.

    tape: what it does. result: the nodes of its results, arranged as the function arranges them. outputs: the same
    nodes in one list. operations: how many there are. names, sizes, batched: for each array among the arguments, its
    name, how many numbers an example has, and whether it holds a batch of examples.

    Raises:
        CompileError: the function does something that cannot be recorded, or something different each time it runs.
    """

    def __init__(
        self, f: Callable[..., Any], structures: Sequence[Structure], names: Sequence[str], batched: Sequence[bool]
    ) -> None:
        self.f = f
        self.structures = list(structures)
        self.names: list[str] = []
        self.sizes: list[int] = []
        self.batched: list[bool] = []
        for structure, name, is_batched in zip(structures, names, batched, strict=True):
            sizes = [math.prod(shape) for shape in shapes(structure)]
            self.names += [name] if len(sizes) == 1 else [f"{name}.{part}" for part in range(len(sizes))]
            self.sizes += sizes
            self.batched += [is_batched] * len(sizes)
        self.tape, self.result = record(f, self.arguments, sum(self.sizes))
        count, checks = len(self.tape.operations), len(self.tape.checks)
        _, again = record(f, self.arguments, sum(self.sizes), tape=self.tape)
        if len(self.tape.operations) > count or len(self.tape.checks) > checks or again != self.result:
            self._refuse_difference()
        self.tape.finish()
        self.tape.sort_captured()
        self.outputs = flat(self.result)
        self.checks = list(self.tape.checks)
        self.operations = sum(operation is not None for operation in self.tape.operations)

    def arguments(self, things: Sequence[Any]) -> list[Any]:
        """The arguments of the function, made of a list of all their numbers or Values."""
        arguments: list[Any] = nested(things, self.structures)
        return arguments

    def to_lower(self, per_example: bool, all_gradients: bool) -> list[Argument]:
        """The arrays among the arguments, as lowering takes them."""
        return [
            Argument(name, size, batched or per_example, all_gradients or not batched)
            for name, size, batched in zip(self.names, self.sizes, self.batched, strict=True)
        ]

    def wanted(self, arguments: Sequence[Argument | Register], captured: bool) -> list[int]:
        """The nodes with respect to which a gradient is wanted, of inputs and (if asked for) captured Values."""
        wants = [argument.needs_gradient for argument in arguments for _ in range(argument.size)]
        nodes = [node for node, wants_gradient in enumerate(wants) if wants_gradient]
        return nodes + [node for node, value in self.tape.captured.items() if captured and value.requires_grad]

    def checks_of_arguments(self) -> list[Check]:
        """The checks that depend on the arguments alone."""
        depends = bytearray(len(self.tape.operations))  # on captured Values
        for node in self.tape.captured:
            depends[node] = 1
        for node, (left, right) in enumerate(zip(self.tape.lefts, self.tape.rights, strict=True)):
            if (left >= 0 and depends[left]) or (right >= 0 and depends[right]):
                depends[node] = 1
        return [check for check in self.checks if not any(depends[node] for node in (check.node, *check.numbers))]

    def rerun(
        self,
        arrays: Sequence[Any],
        examples: Iterable[int],
        dtype: Any,
        root: int | None = None,
        wanted: Sequence[int] = (),
        outputs: Sequence[int] | None = None,
        captured: Sequence[float] | None = None,
    ) -> None:
        """Runs some examples as the eager engine does; raises its errors, with the line of the function.

        Args:
            arrays: the numbers of the arguments.
            examples: which examples to run.
            dtype: the type of every number.
            root: the node of the result to differentiate too, if any.
            wanted: the nodes to differentiate it with respect to.
            outputs: the nodes of the results that matter, if not all of them do.
            captured: the numbers of the captured Values, if they differ from the present ones.
        """
        numbers = [value.data for value in self.tape.captured.values()] if captured is None else captured
        of_captured = dict(zip(self.tape.captured, numbers, strict=True))
        tape, _ = record(self.f, self.arguments, sum(self.sizes), lines=True)
        for example in examples:
            rows = (array[example] if batched else array for array, batched in zip(arrays, self.batched, strict=True))
            inputs = [float(number) for row in rows for number in row]
            rerun = explain.Rerun(tape, self.outputs if outputs is None else outputs, inputs, of_captured, dtype)
            rerun.require_results()
            if root is not None:
                rerun.require_gradient(root, wanted)

    def _refuse_difference(self) -> NoReturn:
        tape, _ = record(self.f, self.arguments, sum(self.sizes), lines=True)
        count = len(tape.operations)
        record(self.f, self.arguments, sum(self.sizes), tape=tape)
        assert tape.lines is not None
        code = getattr(self.f, "__code__", None)
        line = "" if code is None else described_line(code.co_filename, code.co_firstlineno)
        if len(tape.lines) > count:  # the first operation that was not done the first time
            line = tape.lines[count]
        raise CompileError(
            f"{line}\n  does something different each time the function runs, which cannot be compiled; draw random "
            "numbers outside and pass them as arguments"
        )


def require(checks: Sequence[Check], numbers: Sequence[Any]) -> None:
    """Checks that the conditions of `require` hold.

    Args:
        checks: the conditions.
        numbers: for each check its condition, then the numbers in its message; arrays where there are examples.

    Raises:
        ValueError: a condition does not hold.
    """
    iterator = iter(numbers)
    for check in checks:
        holds, *shown = (np.asarray(next(iterator)) for _ in range(1 + len(check.numbers)))
        fails = np.atleast_1d((holds != 0.0) == check.negated)
        if fails.any():
            example = int(fails.argmax())
            raise refusal(check.message, [float(np.broadcast_to(number, fails.shape)[example]) for number in shown])


class Given:
    """The arguments of a call.

    arrays: their numbers, in arrays of one axis, or of two where they are batched. values: for each array the Values
    in it, with None for a plain number; without any, an empty list. examples: how many examples there are.
    """

    def __init__(self, recording: Recording, parsed: Sequence[Parsed], examples: int) -> None:
        self.recording = recording
        self.examples = examples
        self.values = [values for argument in parsed for values in argument.values]
        arrays = (array for argument in parsed for array in argument.arrays)
        self.arrays = [
            array.reshape(examples, -1) if batched else array.reshape(-1)
            for array, batched in zip(arrays, recording.batched, strict=True)
        ]

    def keep(self) -> None:
        """Copies the arrays, so that they stay as they are when the caller changes its own."""
        self.arrays = [array.copy() for array in self.arrays]


def flat(result: Any) -> list[Any]:
    """The elements of nested lists, in order."""
    return [leaf for part in result for leaf in flat(part)] if isinstance(result, (list, tuple)) else [result]
