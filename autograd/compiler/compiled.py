"""The function that `compile` gives: finds the program for its arguments, and runs it."""

from __future__ import annotations

import gc
import inspect
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial, update_wrapper
from itertools import chain
from typing import Any, NoReturn

import numpy as np

from autograd.compiler import explain, flat_run
from autograd.compiler.arguments import Parsed, filled, key, nested, parse, shapes
from autograd.compiler.call import Call, Rows
from autograd.compiler.flat import FlatProgram, flatten
from autograd.compiler.flat_run import FlatRuntime
from autograd.compiler.passes import Argument, lower
from autograd.compiler.program import Program, Register
from autograd.compiler.record import Tape, described_line, record
from autograd.compiler.run import NumpyRuntime, Runtime
from autograd.errors import CompileError
from autograd.modes import scope
from autograd.value import Value, result_of

RUNTIMES = ("auto", "numpy", "numba", "python")


class Compiled:
    """A compiled function; `autograd.compile` makes it.

    Called with NumPy arrays or plain numbers it returns arrays or numbers. Called with Values, or without any array if
    it uses Values from outside, it returns Values through which `backward()` flows (first derivatives only).
    """

    def __init__(
        self,
        f: Callable[..., Any],
        *,
        batched: str | int | Sequence[str | int],
        dtype: str,
        check_finite: bool,
        runtime: str = "auto",
    ) -> None:
        if not callable(f):
            raise TypeError(f"compile takes a function, not {f!r}")
        if dtype not in ("float64", "float32"):
            raise ValueError(f"the dtype is 'float64' or 'float32', not {dtype!r}")
        if runtime not in RUNTIMES:
            raise ValueError(f"the runtime is one of {', '.join(map(repr, RUNTIMES))}, not {runtime!r}")
        if runtime == "numba" and not flat_run.has_numba():
            raise ImportError('the runtime "numba" needs Numba: pip install "scalar-autograd[jit]"')
        update_wrapper(self, f, updated=())
        self.f = f
        self._dtype = np.dtype(dtype)
        self._check_finite = check_finite
        self._runtime = runtime
        self._names = _parameter_names(f)
        self._batched = frozenset(
            self._place(one) for one in ([batched] if isinstance(batched, (str, int)) else batched)
        )
        self._recordings: dict[Any, _Recording] = {}
        self._last: _Lowered | FlatRuntime | None = None

    @property
    def program(self) -> Program | FlatProgram:
        """The program that ran last; printing it shows the instructions.

        Raises:
            RuntimeError: the function has not been called yet.
        """
        return self._ran_last().program

    @property
    def runtime(self) -> str:
        """What ran last: "numpy", "numba" or "python".

        Raises:
            RuntimeError: the function has not been called yet.
        """
        return self._ran_last().name

    def _ran_last(self) -> _Lowered | FlatRuntime:
        if self._last is None:
            raise RuntimeError("there is no program before the first call: the arguments say what to compile")
        return self._last

    def __call__(self, *args: Any) -> Any:
        """The result; the mean over the examples if an argument is batched."""
        call = self._call(args)
        has_values = any(value is not None for values in call.values for value in values)  # Value(0.0) is false
        has_arrays = any(isinstance(argument, np.ndarray) for argument in args)
        if has_values or (call.recording.tape.captured and not has_arrays):
            return self._as_values(call)
        lowered = self._lowered(call, per_example=False, all_gradients=False)
        values = lowered.forward(call.flat)
        results = lowered.results(values)
        self._require_finite(call, results)
        return _result(call.recording.result, [np.mean(result).item() for result in results])

    def value_and_grad(self, *args: Any) -> tuple[float, tuple[Any, ...]]:
        """The result, a float, and its gradient with respect to each argument, shaped like it.

        With batched arguments both belong to the mean over the examples; their own gradients are not computed (None).

        Raises:
            TypeError: the function returns more than one Value.
        """
        call = self._call(args)
        self._require_one_output(call)
        lowered = self._lowered(call, per_example=False, all_gradients=False)
        values = lowered.forward(call.flat)
        (result,) = lowered.results(values)
        gradients = lowered.backward(values, [1.0 / call.examples if result.ndim else 1.0])
        self._require_finite(call, [result, *(array for array in gradients if array is not None)])
        value = float(result.mean()) if result.ndim else float(result)
        return value, self._shaped(call, gradients, batch=False)

    def per_example(self, *args: Any) -> tuple[Any, tuple[Any, ...]]:
        """The result for each example, and for each the gradient with respect to every argument.

        Raises:
            TypeError: the function returns more than one Value, or no argument is batched.
        """
        call = self._call(args)
        self._require_one_output(call)
        if not self._batched:
            raise TypeError("there are no examples without a batched argument: compile(f, batched=...)")
        lowered = self._lowered(call, per_example=True, all_gradients=True)
        flat = [
            array if batched else np.broadcast_to(array, (call.examples, array.size))
            for array, batched in zip(call.flat, call.recording.batched, strict=True)
        ]
        values = lowered.forward(flat)
        result = np.broadcast_to(lowered.results(values)[0], (call.examples,))
        gradients = lowered.backward(values, [1.0])
        self._require_finite(call, [result, *(array for array in gradients if array is not None)])
        return result, self._shaped(call, gradients, batch=True)

    def prepared(self, *args: Any) -> Prepared:
        """The function for arguments of the structure that these have, ready to be called many times; for training.

        It runs as array instructions, whatever the runtime.

        Every argument must be batched, and the function must return a list: first the Value to differentiate, then
        lists of what else is wanted.

        Raises:
            TypeError: the function returns no list, or there is an argument that is not batched.

        >>> import autograd
        >>> slope = Value(3.0)
        >>> f = autograd.compile(lambda x: [(slope * x) ** 2, [slope * x]], batched="x").prepared([0.0])
        >>> results, gradient = f.value_and_grad(np.array([3.0]), np.array([1.0, 2.0]))
        >>> f.captured == [slope], [part.tolist() for part in results], gradient.tolist()
        (True, [[9.0, 36.0], [[3.0], [6.0]]], [15.0])
        """
        call = self._call(args)
        if not isinstance(call.recording.result, list):
            raise TypeError("a prepared function returns a list: the Value to differentiate, and what else is wanted")
        if not all(call.recording.batched):
            raise TypeError("a prepared function takes batched arguments only: compile(f, batched=...)")
        arguments = self._arguments(call.recording, per_example=False, all_gradients=False)
        with _without_collection():
            return Prepared(self, call.recording, self._array_instructions(call.recording, arguments))

    # ------------------------------------------------------------ arguments

    def _place(self, argument: str | int) -> int:
        """The place of an argument that is named in `batched`."""
        if isinstance(argument, str):
            if argument not in self._names:
                raise ValueError(f"there is no argument {argument!r} to be batched: there are {', '.join(self._names)}")
            return self._names.index(argument)
        return argument

    def _call(self, args: Sequence[Any]) -> _Call:
        """The arguments as arrays, with the recording for their structure."""
        parsed = [parse(argument, self._dtype) for argument in args]
        examples, structures = 1, []
        sizes: dict[int, int] = {}
        for place, one in enumerate(parsed):
            structure = one.structure
            if place in self._batched:
                if not isinstance(structure, tuple) or not structure:
                    raise ValueError(
                        f"the batched argument {self._name(place)} must be an array, or regular nested lists, with the "
                        "examples along the first axis"
                    )
                sizes[place] = structure[0]
                structure = structure[1:]
            structures.append(structure)
        if sizes:
            if len(set(sizes.values())) > 1 or 0 in sizes.values():
                told = ", ".join(f"{size} of {self._name(place)}" for place, size in sizes.items())
                raise ValueError(f"the batched arguments must hold the same number of examples, at least 1, not {told}")
            examples = next(iter(sizes.values()))
        signature = tuple(map(key, structures))
        recording = self._recordings.get(signature)
        if recording is None:
            with _without_collection():
                recording = self._recordings[signature] = self._recorded(structures)
        flat = []
        for array, batched in zip(chain.from_iterable(one.arrays for one in parsed), recording.batched, strict=True):
            flat.append(array.reshape(examples, -1) if batched else array.reshape(-1))
        return _Call(recording, parsed, flat, examples)

    def _name(self, place: int) -> str:
        return self._names[place] if place < len(self._names) else f"argument{place}"

    # ------------------------------------------------------------ recording and lowering

    def _recorded(self, structures: list[Any]) -> _Recording:
        """Records the function, a second time to see whether it does the same."""
        sizes = [math.prod(shape) for structure in structures for shape in shapes(structure)]

        def arguments(symbols: Sequence[Any]) -> list[Any]:
            result: list[Any] = nested(symbols, structures)
            return result

        tape, result = record(self.f, arguments, sum(sizes))
        count = len(tape.operations)
        _, again = record(self.f, arguments, sum(sizes), tape=tape)
        if len(tape.operations) > count or again != result:
            self._refuse_difference(arguments, sum(sizes))
        tape.finish()
        tape.sort_captured()
        names, batched = [], []
        for place, structure in enumerate(structures):
            parts = len(shapes(structure))
            name = self._name(place)
            names += [name] if parts == 1 else [f"{name}.{part}" for part in range(parts)]
            batched += [place in self._batched] * parts
        return _Recording(tape, result, arguments, structures, names, sizes, batched)

    def _refuse_difference(self, arguments: Callable[[Sequence[Any]], list[Any]], inputs: int) -> NoReturn:
        tape, _ = record(self.f, arguments, inputs, lines=True)
        count = len(tape.operations)
        record(self.f, arguments, inputs, tape=tape)
        assert tape.lines is not None
        code = getattr(self.f, "__code__", None)
        line = "" if code is None else described_line(code.co_filename, code.co_firstlineno)
        if len(tape.lines) > count:  # the first operation that was not done the first time
            line = tape.lines[count]
        raise CompileError(
            f"{line}\n  does something else each time the function runs, which cannot be compiled; draw random numbers "
            "outside, and give them as arguments"
        )

    def _lowered(self, call: _Call, per_example: bool, all_gradients: bool) -> _Lowered | FlatRuntime:
        recording = call.recording
        lowered = recording.lowered.get((per_example, all_gradients))
        if lowered is None:
            arguments = self._arguments(recording, per_example, all_gradients)
            with _without_collection():
                lowered = self._chosen(call, arguments)
            recording.lowered[per_example, all_gradients] = lowered
        self._last = lowered
        return lowered

    def _arguments(self, recording: _Recording, per_example: bool, all_gradients: bool) -> list[Argument]:
        return [
            Argument(name, size, batched or per_example, all_gradients or not batched)
            for name, size, batched in zip(recording.names, recording.sizes, recording.batched, strict=True)
        ]

    def _array_instructions(self, recording: _Recording, arguments: list[Argument]) -> _Lowered:
        program = lower(recording.tape, recording.outputs, arguments)
        return _Lowered(program, NumpyRuntime(program, self._dtype), recording.tape, self._dtype)

    def _chosen(self, call: _Call, arguments: list[Argument]) -> _Lowered | FlatRuntime:
        """What runs the recording: the runtime that was asked for, or the one that suits the graph."""
        recording = call.recording
        if self._runtime == "numpy":
            return self._array_instructions(recording, arguments)
        program = flatten(recording.tape, recording.outputs, arguments)
        if self._runtime != "auto":
            return flat_run.flat_runtime(self._runtime, program, recording.tape, self._dtype)
        name, is_certain = flat_run.promising(program, call.examples)
        if name is None:
            return self._array_instructions(recording, arguments)
        loop = flat_run.flat_runtime(name, program, recording.tape, self._dtype)
        if is_certain:
            return loop
        arrays = self._array_instructions(recording, arguments)
        return loop if flat_run.seconds(loop, call.flat) < flat_run.seconds(arrays, call.flat) else arrays

    # ------------------------------------------------------------ results

    def _require_one_output(self, call: _Call) -> None:
        if isinstance(call.recording.result, list):
            raise TypeError(
                "a gradient is that of one number: the function must return a Value, not a list of "
                f"{len(call.recording.result)}"
            )

    def _shaped(self, call: _Call, gradients: list[Any], batch: bool) -> tuple[Any, ...]:
        """The gradients in the arrangement of the arguments."""
        shaped, remaining = [], list(gradients)
        for structure in call.recording.structures:
            arrays = [
                None
                if (array := remaining.pop(0)) is None
                else array.reshape((call.examples, *shape) if batch else shape)
                for shape in shapes(structure)
            ]
            shaped.append(filled(structure, arrays))
        return tuple(shaped)

    def _require_finite(self, call: _Call, arrays: Sequence[Any]) -> None:
        """Looks for the operation to blame if a number is not finite."""
        # The sum of the squares of finite numbers may be too large, but that of others is never finite.
        if not self._check_finite or all(
            math.isfinite(np.vdot(array, array) if array.ndim else array) for array in arrays
        ):
            return
        if all(np.isfinite(array).all() for array in arrays):
            return
        self._blame(call.recording, call.flat, call.recording.outputs, range(call.examples))

    def _blame(
        self, recording: _Recording, flat: Sequence[Any], outputs: Sequence[int], examples: Iterable[int]
    ) -> None:
        """Raises FloatingPointError if it finds an operation to blame."""
        tape, _ = record(self.f, recording.arguments, sum(recording.sizes), lines=True)
        for example in examples:
            rows = (
                array[example] if batched else array for array, batched in zip(flat, recording.batched, strict=True)
            )
            explain.blame(tape, outputs, [float(number) for row in rows for number in row])

    def _as_values(self, call: _Call) -> Any:
        """The results as Values in the graph of the Values that went in: each is one operation on all of them."""
        lowered = self._lowered(call, per_example=False, all_gradients=True)
        values = lowered.forward(call.flat)
        results = lowered.results(values)
        self._require_finite(call, results)
        parents: list[Value] = []
        places: list[int] = []
        start = 0
        for array, of_array in zip(call.flat, call.values, strict=True):
            for place, value in enumerate(of_array, start):
                if value is not None:
                    parents.append(value)
                    places.append(place)
            start += array.size
        for place, value in enumerate(call.recording.tape.captured.values(), start):
            parents.append(value)
            places.append(place)
        seeds = [1.0 / call.examples if result.ndim else 1.0 for result in results]
        frozen = np.zeros(len(call.recording.tape.captured))

        def row(output: int) -> Any:
            alone = [seed if place == output else 0.0 for place, seed in enumerate(seeds)]
            gradients = lowered.backward(values, alone, captured=True)
            return np.concatenate([array.reshape(-1) for array in gradients if array is not None] + [frozen])

        rows = Rows(row, places)
        known_as = getattr(self.f, "__name__", "<lambda>")
        name = "compiled function" if known_as == "<lambda>" else f"compiled {known_as}"
        numbers = [parent.data for parent in parents]
        made = []
        with scope(name, operations=call.recording.operations):
            for output, result in enumerate(results):
                operation = Call(name, parents, numbers, partial(rows.of, output), partial(self._eagerly, call, output))
                made.append(result_of(operation, np.mean(result).item()))
        return _result(call.recording.result, made, as_arrays=False)

    def _eagerly(self, call: _Call, output: int) -> Value:
        """A result of the function itself, computed with the Values of a call; the mean over the examples."""
        recording = call.recording
        arrays: list[tuple[list[Any], int]] = []  # the numbers of each, or the Values, and how many an example has
        for array, of_array, batched in zip(call.flat, call.values, recording.batched, strict=True):
            numbers = array.ravel().tolist()
            if of_array:
                numbers = [n if value is None else value for n, value in zip(numbers, of_array, strict=True)]
            arrays.append((numbers, array.shape[-1] if batched else 0))
        total = Value(0.0, requires_grad=False)
        for example in range(call.examples):
            given = [n for numbers, size in arrays for n in numbers[example * size :][: size or None]]
            total = total + _flat(self.f(*recording.arguments(given)))[output]
        return total / call.examples


class Prepared:
    """A compiled function for batches of one structure; `Compiled.prepared` makes it.

    The Values from outside that it uses are given as one array, so that training can keep them in arrays; their own
    numbers are neither read nor, but before an error is explained, written.

    captured: these Values, in the order of that array.
    program: what runs.
    """

    def __init__(self, compiled: Compiled, recording: _Recording, lowered: _Lowered) -> None:
        self._compiled = compiled
        self._recording = recording
        self._runtime = lowered.runtime
        self.program = lowered.program
        self.captured = list(recording.tape.captured.values())
        outputs = iter(self.program.outputs)
        self._first, self._offset = next(outputs)
        self._others = [_reader([next(outputs) for _ in _flat(part)]) for part in recording.result[1:]]

    def values(self, captured: Any, *args: Any) -> list[Any]:
        """The results for each example: an array of one axis for the first, of two for the lists.

        Args:
            captured: the numbers of the captured Values.
            args: the batches, arrays of the dtype that it was compiled for.

        Raises:
            FloatingPointError: a first result is not finite. The message names the operation and its line, and the
                captured Values have been given the numbers at which it happened.
        """
        flat = [array.reshape(len(array), -1) for array in args]
        registers = self._runtime.forward(flat, captured)
        results = self._results(registers, len(flat[0]))
        self._require_finite(captured, flat, results[0], ())
        return results

    def value_and_grad(self, captured: Any, *args: Any, check_gradient: bool = True) -> tuple[list[Any], Any]:
        """The results as `values` gives them, and the gradient of the mean of the first by the captured Values.

        With `check_gradient=False` the gradient is left to `require_finite`, for a caller who sees it by the way.

        Raises:
            FloatingPointError: as `values`, or the gradient is not finite.
        """
        flat = [array.reshape(len(array), -1) for array in args]
        count = len(flat[0])
        registers = self._runtime.forward(flat, captured)
        seed = 1.0 / count if self._first.batched else 1.0
        gradients = self._runtime.backward(registers, [(self._first, self._offset, seed)])
        place = None if self.program.captured is None else self.program.captured.place
        gradient = None if place is None else gradients[place]
        if gradient is None:  # the first result does not depend on them
            gradient = np.zeros_like(captured)
        results = self._results(registers, count)
        self._require_finite(captured, flat, results[0], gradient if check_gradient else ())
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

    def _require_finite(self, captured: Any, flat: list[Any], first: Any, gradient: Any) -> None:
        # As in `Compiled`: the sum of the squares of numbers that are not all finite is not finite either.
        if math.isfinite(np.vdot(first, first)) and math.isfinite(np.vdot(gradient, gradient)):
            return
        finite = np.isfinite(first)
        if finite.all() and np.isfinite(gradient).all():
            return
        for value, number in zip(self.captured, captured.tolist(), strict=True):
            value.data = number
        suspects = range(len(first)) if finite.all() else np.flatnonzero(~finite).tolist()
        self._compiled._blame(self._recording, flat, self._recording.outputs[:1], suspects)


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


class _Recording:
    """What a function does to arguments of one structure, and the programs that were made of it."""

    def __init__(
        self,
        tape: Tape,
        result: Any,
        arguments: Callable[[Sequence[Any]], list[Any]],
        structures: list[Any],
        names: list[str],
        sizes: list[int],
        batched: list[bool],
    ) -> None:
        self.tape = tape
        self.result = result
        self.outputs = _flat(result)
        self.operations = sum(operation is not None for operation in tape.operations)
        self.arguments = arguments
        self.structures = structures
        self.names = names
        self.sizes = sizes
        self.batched = batched
        self.lowered: dict[tuple[bool, bool], _Lowered | FlatRuntime] = {}


class _Call:
    """The arguments of a call: as they were given, and as arrays of one axis, or of two where they are batched."""

    def __init__(self, recording: _Recording, parsed: list[Parsed], flat: list[Any], examples: int) -> None:
        self.recording = recording
        self.values = [values for one in parsed for values in one.values]
        self.flat = flat
        self.examples = examples


class _Lowered:
    """A program of array instructions with what runs it."""

    name = "numpy"

    def __init__(self, program: Program, runtime: Runtime, tape: Tape, dtype: Any) -> None:
        self.program = program
        self.runtime = runtime
        self._captured = list(tape.captured.values())
        self._dtype = dtype

    def forward(self, arguments: Sequence[Any]) -> list[Any]:
        captured = None
        if self._captured:
            captured = np.array([value.data for value in self._captured], self._dtype)
        return self.runtime.forward(arguments, captured)

    def results(self, values: list[Any]) -> list[Any]:
        """Each output: a number, or one for each example."""
        return [values[register.place][..., offset] for register, offset in self.program.outputs]

    def backward(self, values: list[Any], seeds: Sequence[float], captured: bool = False) -> list[Any]:
        """The gradients of the arguments (and of what is captured), None where none is wanted."""
        outputs = [(*output, seed) for output, seed in zip(self.program.outputs, seeds, strict=True) if seed != 0.0]
        gradients = self.runtime.backward(values, outputs)
        registers = list(self.program.arguments)
        if captured and self.program.captured is not None:
            registers.append(self.program.captured)
        return [
            None
            if not register.needs_gradient
            else np.zeros_like(values[register.place])
            if gradients[register.place] is None
            else gradients[register.place]
            for register in registers
        ]


@contextmanager
def _without_collection() -> Iterator[None]:
    """Python's collector of cycles would look through tapes and programs again and again, and find nothing."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _parameter_names(f: Callable[..., Any]) -> list[str]:
    """The names of the parameters, as far as the function tells them."""
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):
        return []
    return [one.name for one in parameters if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)]


def _flat(result: Any) -> list[Any]:
    return [one for part in result for one in _flat(part)] if isinstance(result, (list, tuple)) else [result]


def _result(structure: Any, numbers: Sequence[Any], as_arrays: bool = True) -> Any:
    """Results in the arrangement in which the function returned them; plain numbers as an array, if it is regular."""
    things = iter(numbers)

    def arranged(part: Any) -> Any:
        return [arranged(inner) for inner in part] if isinstance(part, list) else next(things)

    result = arranged(structure)
    if as_arrays and isinstance(structure, list):
        try:
            return np.array(result)
        except ValueError:
            return result
    return result
