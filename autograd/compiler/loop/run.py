"""Running a loop program: a loop over its operations, compiled by Numba, or in plain Python.

`promising` says for which graphs this is better than array instructions.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from functools import cache, partial
from importlib.util import find_spec
from typing import Any, Protocol

import numpy as np

from autograd.compiler.arguments import numbers_of
from autograd.compiler.arrays.exact import QUIET
from autograd.compiler.arrays.lookup import array_rule, has_array_rule
from autograd.compiler.explain import is_finite
from autograd.compiler.loop.program import LoopProgram, SumOf
from autograd.compiler.own_rules import warn_of
from autograd.compiler.tape import SELECT_IF, SELECTS, Tape
from autograd.engine import ops
from autograd.engine.errors import CompileError
from autograd.engine.ops import Primitive, as_float
from autograd.rules.text import NotTranslatable

Array = Any
Numbers = Any
"""All numbers of a program, in the form of its loop: an array, or a list."""

DEEP = 30
"""Array instructions suit a graph with fewer levels than this."""
WIDE = {"numba": 5_000, "python": 50}
"""A loop suits a graph whose levels have fewer scalars than this, counting those of all examples. From ten times that
width on, array instructions do. Between the two, both are timed."""
SMALL = 1_000
"""A graph with fewer scalars than this does not pay for the import of Numba, which takes about half a second."""


class Loop(Protocol):
    """What runs a loop program for one example."""

    def forward(self, inputs: Sequence[Array]) -> Numbers:
        """All numbers, for arrays that together hold the inputs."""

    def backward(self, numbers: Numbers, seeds: Sequence[tuple[int, float]]) -> Array:
        """The gradients of the inputs, for gradients (`seeds`) of some numbers, by index."""


class PythonLoop:
    """The loop in plain Python, which calls the rules of the primitives themselves."""

    def __init__(self, program: LoopProgram) -> None:
        self._constants = program.constants
        self._inputs = program.inputs
        self._terms = list(zip(program.term_signs, program.term_lefts, program.term_rights, strict=True))
        self._steps = list(zip(program.operations, program.lefts, program.rights, program.wants, strict=True))
        self._rules = list(map(_forward_rule, program.operations))

    def forward(self, inputs: Sequence[Array]) -> list[float]:
        numbers: list[float] = [number for part in inputs for number in part.tolist()] + self._constants
        add, terms = numbers.append, self._terms
        for (operation, left, right, _), rule in zip(self._steps, self._rules, strict=True):
            try:
                if isinstance(operation, SumOf):
                    total = -0.0  # which changes no number that is added to it, not even another zero
                    for sign, x, y in terms[left:right]:
                        total += sign * numbers[x] * numbers[y] if y >= 0 else sign * numbers[x]
                    add(total)
                elif right < 0:
                    add(rule(numbers[left]))
                else:
                    add(rule(numbers[left], numbers[right]))
            except (ArithmeticError, ValueError):
                operands = [numbers[operand] for operand in (left, right) if operand >= 0]
                add(_as_numpy_has_it(operation, 0, *operands))
        return numbers

    def backward(self, numbers: list[float], seeds: Sequence[tuple[int, float]]) -> Array:
        gradients = [0.0] * len(numbers)
        live = bytearray(len(numbers))  # whether the eager engine would compute this gradient
        for index, seed in seeds:
            gradients[index] += seed
            live[index] = 1
        terms, index = self._terms, len(numbers)
        for operation, left, right, want in reversed(self._steps):
            index -= 1
            if want == 0 or not live[index]:
                continue
            gradient = gradients[index]
            if isinstance(operation, SumOf):
                for sign, x, y in terms[left:right]:
                    live[x] = 1
                    if y < 0:
                        gradients[x] += gradient * sign
                    else:
                        live[y] = 1
                        gradients[x] += gradient * sign * numbers[y]
                        gradients[y] += gradient * sign * numbers[x]
            elif operation is ops.multiply:
                live[left] = live[right] = 1
                gradients[left] += gradient * numbers[right]
                gradients[right] += gradient * numbers[left]
            elif operation in SELECTS:
                if (numbers[left] != 0.0) == (operation is SELECT_IF):
                    live[right] = 1
                    gradients[right] += gradient
            else:
                operands = [numbers[left]] if right < 0 else [numbers[left], numbers[right]]
                out = numbers[index]
                if want & 1:
                    live[left] = 1
                    gradients[left] += gradient * _partial(operation, 0, "partial_x", *operands, out)
                if want & 2:
                    live[right] = 1
                    gradients[right] += gradient * _partial(operation, 1, "partial_y", *operands, out)
        return np.array(gradients[: self._inputs])


def _forward_rule(operation: Any) -> Callable[..., float]:
    """The rule for the value; that of a user's primitive is checked to give a float."""
    if is_own(operation):
        return partial(as_float, operation, "forward")
    rule: Callable[..., float] = getattr(operation, "forward", float)  # a sum of many terms has none, and needs none
    return rule


def _partial(operation: Any, operand: int, rule: str, *numbers: float) -> float:
    try:
        return as_float(operation, rule, *numbers)
    except (ArithmeticError, ValueError):
        return _as_numpy_has_it(operation, 1 + operand, *numbers)


def _as_numpy_has_it(operation: Any, rule: int, *numbers: float) -> float:
    """The infinity or nan of an array rule where the rule for floats raises; `rule` 0 is that for the value."""
    if is_own(operation):
        return math.nan
    forward, partials = array_rule(operation)
    rule_on_arrays = (forward, *partials)[rule]
    with np.errstate(all="ignore"):
        return float(rule_on_arrays(*map(np.array, numbers)))


class NumbaLoop:
    """The loop compiled by Numba; the first use imports Numba, and compiles the loop if it is not on disk yet.

    Raises:
        ImportError: Numba is not installed.
        NotTranslatable: the program holds a primitive of a user whose rules cannot be translated.
    """

    def __init__(self, program: LoopProgram) -> None:
        from autograd.compiler.loop import numba_loop
        from autograd.compiler.loop.codes import FIRST_OWN
        from autograd.compiler.loop.own import COMPILED
        from autograd.compiler.loop.rules import CODES

        self._loop = numba_loop
        self._is_conditional = program.is_conditional
        self._inputs = program.inputs
        self._first = program.first
        self._constants = np.array(program.constants)
        self._size = program.first + len(program.operations)
        self._compiled_rules = COMPILED
        self._own = own_primitives(program)
        own = {operation: FIRST_OWN + index for index, operation in enumerate(self._own)}
        codes = [own.get(operation) or CODES[operation.name] for operation in program.operations]
        rights = [left if right < 0 else right for left, right in zip(program.lefts, program.rights, strict=True)]
        self._arrays = (
            np.array([codes, program.lefts, rights, program.wants], np.uint32),
            # A -1 becomes numba_loop.NONE.
            np.array([program.term_lefts, program.term_rights, program.term_wants], np.int64).astype(np.uint32),
            np.array(program.term_signs, np.float64),
        )
        self.refresh()

    def refresh(self) -> None:
        """Looks up the rules of the primitives that users wrote, which may have changed.

        Raises:
            NotTranslatable: they have, and cannot be translated.
        """
        rules = [self._compiled_rules.of(primitive) for primitive in self._own]
        # The addresses are good for as long as somebody holds on to the rules.
        self._program = rules, (*self._arrays, np.array([each.address for each in rules], np.uint64))

    def forward(self, inputs: Sequence[Array]) -> Array:
        numbers = np.empty(self._size)
        self._begin(numbers, inputs)
        _rules, arrays = self._program
        self._loop.forward(arrays, numbers)
        return numbers

    def _begin(self, numbers: Array, inputs: Sequence[Array]) -> None:
        start = 0
        for part in inputs:
            numbers[start : start + part.size] = part
            start += part.size
        numbers[self._inputs : self._first] = self._constants

    def backward(self, numbers: Array, seeds: Sequence[tuple[int, float]]) -> Array:
        gradients = np.zeros(self._size)
        live = np.zeros(self._size if self._is_conditional else 0, np.uint8)
        for index, seed in seeds:
            gradients[index] += seed
            if self._is_conditional:
                live[index] = 1
        _rules, arrays = self._program
        self._loop.backward(arrays, numbers, gradients, live)
        return gradients[: self._inputs].copy()


class NumbaForwardLoop(NumbaLoop):
    """The same in forward mode, for programs in which a gradient is wanted of one input alone.

    The derivative of each number with respect to that input, its tangent, is computed along with the number, and
    stands as far behind it as there are numbers. That takes less time than a backward pass, which must wait until the
    last number is known.

    Args:
        program: what to run.
        wanted: the index of that input.
    """

    def __init__(self, program: LoopProgram, wanted: int) -> None:
        super().__init__(program)
        self._wanted = wanted

    def forward(self, inputs: Sequence[Array]) -> Array:
        both = np.empty(2 * self._size)
        numbers, tangents = both[: self._size], both[self._size :]
        self._begin(numbers, inputs)
        tangents[: self._first] = 0.0
        tangents[self._wanted] = 1.0
        _rules, arrays = self._program
        self._loop.forward_mode(arrays, numbers, tangents)
        return both

    def backward(self, numbers: Array, seeds: Sequence[tuple[int, float]]) -> Array:
        gradients = np.zeros(self._inputs)
        for index, seed in seeds:
            gradients[self._wanted] += seed * numbers[self._size + index]
        return gradients


class LoopRuntime:
    """Runs a loop program, one example after the other. Each call has its own numbers, so threads can share it."""

    def __init__(self, program: LoopProgram, loop: Loop, tape: Tape, dtype: Any) -> None:
        self.program = program
        self._may_fail = np.array(
            [
                program.first + index
                for index, operation in enumerate(program.operations)
                if not isinstance(operation, SumOf) and operation not in QUIET
            ],
            np.intp,
        )
        self._loop = loop
        self._own = own_primitives(program)
        self._captured = list(tape.captured.values())
        self._dtype = dtype
        self._batched = any(argument.batched for argument in program.arguments)
        self._parts: list[tuple[slice, bool, bool]] = []  # of the inputs: whether batched, whether it wants a gradient
        start = 0
        for _, size, batched, needs_gradient in program.arguments:
            self._parts.append((slice(start, start + size), batched, needs_gradient))
            start += size

    @property
    def name(self) -> str:
        """That of the runtime."""
        return "python" if isinstance(self._loop, PythonLoop) else "numba"

    def forward(self, arguments: Sequence[Array]) -> list[Numbers]:
        """The numbers of each example; an argument is an array of one axis, or of two if it is batched."""
        self._refresh()
        captured = [numbers_of(self._captured, self._dtype).astype(np.float64)] if self._captured else []
        if not self._batched:
            return [self._loop.forward([*arguments, *captured])]
        return [
            self._loop.forward([*(array[example] if array.ndim == 2 else array for array in arguments), *captured])
            for example in range(max(len(array) for array in arguments if array.ndim == 2))
        ]

    def _refresh(self) -> None:
        """Goes on in plain Python if a user's rules have changed to what cannot be translated."""
        if self._own and isinstance(self._loop, NumbaLoop):
            found = untranslatable(self._own)
            if found is None:
                self._loop.refresh()
            else:
                warn_of(*found)
                self._loop = PythonLoop(self.program)

    def suspects(self, values: list[Numbers], examples: int) -> list[int]:
        """The examples in which an operation that the outputs depend on may have failed: its result is not finite."""
        return [example for example, numbers in enumerate(values) if self._may_have_failed(numbers)]

    def _may_have_failed(self, numbers: Numbers) -> bool:
        if not self._may_fail.size:
            return False
        array = np.asarray(numbers)
        if is_finite(array[: self.program.first + len(self.program.operations)]):
            return False
        failed = self._may_fail[~np.isfinite(array[self._may_fail])].tolist()
        live = self.program.live(numbers) if failed else b""
        return any(
            live[index]
            and not any(math.isnan(numbers[operand]) for operand in self.program.read_by(index - self.program.first))
            for index in failed
        )

    def results(self, values: list[Numbers]) -> list[Array]:
        """Each result, a number or one for each example, and then the numbers that the checks look at."""
        indices = self.program.outputs + self.program.checked
        if not self._batched:
            with np.errstate(over="ignore"):
                return [self._dtype.type(values[0][index]) for index in indices]
        with np.errstate(over="ignore"):
            return [np.array([numbers[index] for numbers in values], self._dtype) for index in indices]

    def backward(self, values: list[Numbers], seeds: Sequence[float]) -> list[Array | None]:
        """The gradients with respect to the arguments and the captured Values; None where none is wanted."""
        outputs = [(output, seed) for output, seed in zip(self.program.outputs, seeds, strict=True) if seed != 0.0]
        rows = [self._loop.backward(numbers, outputs) for numbers in values]
        total = rows[0] if len(rows) == 1 else np.add.reduce(rows)
        if total.dtype != self._dtype:
            with np.errstate(over="ignore"):
                total = total.astype(self._dtype)
        gradients = [
            None if not wants else np.array([row[part] for row in rows], self._dtype) if batched else total[part]
            for part, batched, wants in self._parts
        ]
        if self.program.captured:
            gradients.append(total[-self.program.captured :] if self.program.captured_wants_gradient else None)
        return gradients


@cache
def has_numba() -> bool:
    """Whether Numba is installed; it is not imported to find out."""
    return find_spec("numba") is not None


def is_own(operation: Any) -> bool:
    """Whether it is a primitive that a user wrote."""
    return isinstance(operation, Primitive) and not has_array_rule(operation)


def own_primitives(program: LoopProgram) -> list[Any]:
    """The primitives of a program that users wrote, each once."""
    return list(dict.fromkeys(filter(is_own, program.operations)))


def untranslatable(primitives: Sequence[Any]) -> tuple[Any, NotTranslatable] | None:
    """The first primitive that cannot be translated for the compiled loop, and why, or None."""
    for primitive in primitives:
        from autograd.compiler.loop.own import COMPILED

        try:
            COMPILED.of(primitive)
        except NotTranslatable as reason:
            return primitive, reason
    return None


def loop_runtime(name: str, program: LoopProgram, tape: Tape, dtype: Any) -> LoopRuntime:
    """The runtime "numba" or "python" of a loop program.

    Raises:
        CompileError: it is "numba", and the program holds a primitive of a user whose rules cannot be translated.
    """
    if name == "python":
        return LoopRuntime(program, PythonLoop(program), tape, dtype)
    found = untranslatable(own_primitives(program))
    if found is not None:
        primitive, reason = found
        raise CompileError(
            f"the primitive {primitive.name} is not one of autograd's, and the loop compiled by Numba cannot call it: "
            f'{reason}; take runtime="python", "numpy" or "auto"'
        )
    wanted = [index for index, wants in enumerate(program.input_wants()) if wants]
    loop = NumbaForwardLoop(program, wanted[0]) if len(wanted) == 1 else NumbaLoop(program)
    return LoopRuntime(program, loop, tape, dtype)


def promising(program: LoopProgram, examples: int) -> tuple[str | None, bool]:
    """The loop that may suit a program better than array instructions, or None; and whether that is certain.

    A loop takes time for each scalar, array instructions for each level. So a loop suits graphs of many levels with few
    scalars each, counting those of all examples.
    """
    if program.levels < DEEP:
        return None, True
    name = "numba" if program.scalars * examples >= SMALL and has_numba() else "python"
    width = program.scalars / program.levels * examples
    if name == "numba" and width < 10 * WIDE[name]:
        found = untranslatable(own_primitives(program))
        if found is not None:
            warn_of(*found)
            name = "python"
    if width >= 10 * WIDE[name]:
        return None, True
    return name, width < WIDE[name]


def seconds(runtime: Any, arguments: Sequence[Array]) -> float:
    """The shortest time of a few runs, forward and backward."""
    best = math.inf
    for _ in range(3):
        started = time.perf_counter()
        values = runtime.forward(arguments)
        runtime.backward(values, [1.0] * len(runtime.program.outputs))
        best = min(best, time.perf_counter() - started)
    return best
