"""A call of a compiled function as one operation of the eager graph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from autograd.compiler.executable import Executable
from autograd.compiler.explain import is_finite
from autograd.compiler.recording import Given, flat
from autograd.engine.modes import scope
from autograd.engine.ops import Nary
from autograd.engine.value import Value, result_of
from autograd.functional import gradients


def results_as_values(
    given: Given, executable: Executable, values: list[Any], results: Sequence[Any], dtype: Any, check_finite: bool
) -> list[Value]:
    """The results of a call as Values: each is one operation on all the Values that went in.

    Args:
        given: the arguments.
        executable: what ran.
        values: what its `forward` gave.
        results: what its `results` gave.
        dtype: the type of every number.
        check_finite: whether a derivative that is not finite is an error.
    """
    recording = given.recording
    captured = recording.tape.captured
    parents: list[Value] = []
    indices: list[int] = []
    nodes: list[int] = []  # of the tape, one for each of the parents
    start = first_node = 0
    for array, of_array in zip(given.arrays, given.values, strict=True):
        size = array.shape[-1]
        for index, value in enumerate(of_array):
            if value is not None:
                parents.append(value)
                indices.append(start + index)
                nodes.append(first_node + index % size)
        start += array.size
        first_node += size
    for index, (node, value) in enumerate(captured.items(), start):
        parents.append(value)
        indices.append(index)
        nodes.append(node)
    seeds = [1.0 / given.examples if result.ndim else 1.0 for result in results]
    sizes = [array.size for array in given.arrays] + ([len(captured)] if captured else [])

    def row(output: int) -> Any:
        alone = [seed if index == output else 0.0 for index, seed in enumerate(seeds)]
        gradients = executable.backward(values, alone)
        parts = zip(gradients, sizes, strict=True)  # no gradient of a batch without Values was wanted
        together = np.concatenate([np.zeros(n) if part is None else part.reshape(-1) for part, n in parts])
        if check_finite and not is_finite(together[indices]):
            root = recording.outputs[output]
            wanted = [node for node, parent in zip(nodes, parents, strict=True) if parent.requires_grad]
            recording.rerun(
                given.arrays,
                range(given.examples),
                dtype,
                root,
                wanted,
                outputs=[root],
                captured=numbers[len(numbers) - len(captured) :],
            )
        return together

    rows = Rows(row, indices)
    known_as = getattr(recording.f, "__name__", "<lambda>")
    name = "compiled function" if known_as == "<lambda>" else f"compiled {known_as}"
    numbers = [parent.data for parent in parents]
    others_are_finite = all(map(is_finite, given.arrays))
    made = []
    with scope(name, operations=recording.operations):
        for output, result in enumerate(results):
            operation = Call(name, parents, numbers, partial(rows.of, output), partial(_eagerly, given, output))
            operation.others_are_finite = others_are_finite
            made.append(result_of(operation, mean(result)))
    return made


def mean(result: Any) -> float:
    """A result as a number: the mean over the examples where there is one for each."""
    return float(result.mean() if result.ndim else result)  # the mean of -0.0 alone would be 0.0


def _eagerly(given: Given, output: int) -> Value:
    """A result of the function itself, run on the Values of a call; the mean over the examples."""
    recording = given.recording
    arrays: list[tuple[list[Any], int]] = []  # the numbers of each, or the Values, and how many an example has
    for array, of_array, batched in zip(given.arrays, given.values, recording.batched, strict=True):
        numbers = array.ravel().tolist()
        if of_array:
            numbers = [n if value is None else value for n, value in zip(numbers, of_array, strict=True)]
        numbers = [n if isinstance(n, Value) else Value(n, requires_grad=False) for n in numbers]  # as when recorded
        arrays.append((numbers, array.shape[-1] if batched else 0))
    total = Value(0.0, requires_grad=False)
    for example in range(given.examples):
        things = [n for numbers, size in arrays for n in numbers[example * size :][: size or None]]
        total = total + flat(recording.f(*recording.arguments(things)))[output]
    return total / given.examples


class Call(Nary):
    """One result of a compiled function that was called with Values, or that uses Values from outside.

    Args:
        title: what the function is called.
        parents: the Values among its arguments, and those from outside.
        numbers: what these are.
        row: computes the derivatives of the result with respect to the parents, when they are needed.
        eagerly: runs the function itself on the parents, for second derivatives; None for a copy with other parents.
    """

    def __init__(
        self,
        title: str,
        parents: list[Value],
        numbers: list[float],
        row: Callable[[], list[float]],
        eagerly: Callable[[], Value] | None,
    ) -> None:
        super().__init__(title, parents, numbers)
        self._row = row
        self._eagerly = eagerly

    def partials(self) -> list[float]:
        return self._row()

    def on(self, parents: list[Value]) -> Call:
        copied = Call(self.title, parents, self.numbers, self._row, None)
        copied.others_are_finite = self.others_are_finite
        return copied

    def partials_as_values(self) -> list[Value]:
        if self._eagerly is None:
            raise RuntimeError(f"a deep copy of {self.call} has first derivatives only; call the function again")
        result = self._eagerly()
        wanted = [parent for parent in self.parents if parent.requires_grad]
        found: dict[Value, Value] = {}
        if result.requires_grad:
            found = dict(zip(wanted, gradients(result, wanted, create_graph=True), strict=True))
        # A Value that is a parent several times gets the whole derivative the first time.
        return [found.pop(parent, _ZERO) for parent in self.parents]


_ZERO = Value(0.0, requires_grad=False)


class Rows:
    """The derivatives of the results of one call; those of each result are computed once, when they are needed.

    Args:
        compute: gives the derivatives of a result, by its index, with respect to all numbers that went in.
        indices: which of these derivatives are wanted.
    """

    def __init__(self, compute: Callable[[int], Any], indices: Sequence[int]) -> None:
        self._compute = compute
        self._indices = list(indices)
        self._rows: dict[int, list[float]] = {}

    def of(self, result: int) -> list[float]:
        """Those of one result."""
        if result not in self._rows:
            self._rows[result] = self._compute(result)[self._indices].tolist()
        return self._rows[result]
