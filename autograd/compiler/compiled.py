"""The function that `compile` gives: it finds the program for its arguments and runs it."""

from __future__ import annotations

import copyreg
import inspect
import operator
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, SupportsIndex, TypeVar, overload

import numpy as np

from autograd.compiler.arguments import Block, filled, parse, shapes, with_values
from autograd.compiler.arrays.program import Program
from autograd.compiler.call import mean, results_as_values
from autograd.compiler.executable import Executable, executable_for
from autograd.compiler.explain import is_finite
from autograd.compiler.lines import refused
from autograd.compiler.loop import run as loop_run
from autograd.compiler.loop.program import LoopProgram
from autograd.compiler.prepared import Prepared
from autograd.compiler.record import ArrayOfNodes
from autograd.compiler.recording import Given, Recording, flat, require
from autograd.engine.modes import is_compiling
from autograd.nested import array as array_of
from autograd.support.collector import without_collection

if TYPE_CHECKING:
    from autograd.engine.value import Value

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result", covariant=True)

RUNTIMES = ("auto", "numpy", "numba", "python")


class Compiled(Generic[_Arguments, _Result]):
    """A compiled function; `autograd.compile` makes it.

    Called with plain numbers it returns numbers, or arrays of them. Called with Values, or if it uses Values from
    outside, it returns Values through which `backward()` flows (first derivatives only).

    To a type checker it takes and returns what `f` is annotated with, if that is `Number`, `Sequence[Number]` and the
    like. Where `f` returns a `Value`, anything may go in, since `f` does not say where plain numbers do.

    f: the function as it was written.
    """

    def __init__(
        self,
        f: Callable[_Arguments, _Result],
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
        if runtime == "numba" and not loop_run.has_numba():
            raise ImportError('the runtime "numba" needs Numba: pip install "scalar-autograd[jit]"')
        update_wrapper(self, f, updated=())
        self.f: Callable[..., Any] = f
        self._dtype = np.dtype(dtype)
        self._check_finite = check_finite
        self._runtime = runtime
        self._names = _parameter_names(f)
        several = [batched] if isinstance(batched, str) or not isinstance(batched, Iterable) else batched
        self._batched = frozenset(map(self._index_of, several))
        self._recordings: dict[Any, Recording] = {}
        self._programs: dict[tuple[Recording, bool, bool, bool], Executable] = {}
        self._last: Executable | None = None

    def __getstate__(self) -> dict[str, Any]:
        """The state of a copy or a pickle: without what was compiled, which is made again at the next call."""
        return {**self.__dict__, "_recordings": {}, "_programs": {}, "_last": None}

    def __reduce__(self) -> str | tuple[Any, ...]:
        name = getattr(self, "__qualname__", "")
        if getattr(sys.modules.get(self.__module__), name, None) is self:
            return str(name)  # compiled where it is defined, it is pickled by its name, as functions are
        return copyreg.__newobj__, (type(self),), self.__getstate__()  # type: ignore[attr-defined] # known to pickle

    @property
    def program(self) -> Program | LoopProgram:
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

    def _ran_last(self) -> Executable:
        if self._last is None:
            raise RuntimeError("there is no program before the first call: what is compiled depends on the arguments")
        return self._last

    @overload  # a list of numbers comes back as an array, and a lambda of unknown arguments seems to return a float
    def __call__(
        self: Compiled[_Arguments, float | Sequence[Any]], *args: _Arguments.args, **keywords: _Arguments.kwargs
    ) -> Any: ...
    @overload
    def __call__(self, *args: _Arguments.args, **keywords: _Arguments.kwargs) -> _Result: ...
    @overload
    def __call__(self: Compiled[..., Value | Sequence[Value]], *args: Any) -> Any: ...
    def __call__(self, *args: Any, **keywords: Any) -> Any:
        """The result; the mean over the examples if an argument is batched."""
        _refuse_keywords(keywords)
        if is_compiling():
            return self._recorded_with(args)
        given = self._given(args)
        has_values = any(value is not None for values in given.values for value in values)  # Value(0.0) is false
        if has_values or given.recording.tape.captured:
            return self._as_values(given, has_values)
        executable = self._executable(given, per_example=False, all_gradients=False)
        values = executable.forward(given.arrays)
        results = self._results(given, executable, values)
        self._check(given, executable, values, results)
        return _result(given.recording.result, list(map(mean, results)))

    def _recorded_with(self, args: Sequence[Any]) -> Any:
        """A call from a function that is being recorded: the function itself runs, and becomes part of that one."""
        if self._batched:
            raise refused(
                "calls a compiled function that has batched arguments",
                instead="compile it without batched=, and pass batched= where the outer function is compiled",
            )
        return self.f(*map(with_values, args))

    @overload
    def value_and_grad(
        self, *args: _Arguments.args, **keywords: _Arguments.kwargs
    ) -> tuple[float, tuple[Any, ...]]: ...
    @overload
    def value_and_grad(self: Compiled[..., Value], *args: Any) -> tuple[float, tuple[Any, ...]]: ...
    def value_and_grad(self, *args: Any, **keywords: Any) -> tuple[float, tuple[Any, ...]]:
        """The result, a float, and its gradient with respect to each argument, in the shape of that argument.

        With batched arguments both are of the mean over the examples; the gradients of the batched arguments are None.

        Raises:
            TypeError: the function returns more than one Value.
        """
        _refuse_keywords(keywords)
        given = self._given(args)
        self._require_one_output(given)
        executable = self._executable(given, per_example=False, all_gradients=False)
        values = executable.forward(given.arrays)
        (result,) = self._results(given, executable, values)
        gradients = executable.backward(values, [1.0 / given.examples if result.ndim else 1.0])
        self._check(given, executable, values, [result], gradients)
        return mean(result), self._shaped(given, gradients, batch=False)

    def per_example(self, *args: Any) -> tuple[Any, tuple[Any, ...]]:
        """The result for each example, and its gradient with respect to every argument.

        Raises:
            TypeError: the function returns more than one Value, or no argument is batched.
        """
        self._require_examples()
        given = self._given(args)
        self._require_one_output(given)
        executable = self._executable(given, per_example=True, all_gradients=True)
        arrays = [
            array if batched else np.broadcast_to(array, (given.examples, array.size))
            for array, batched in zip(given.arrays, given.recording.batched, strict=True)
        ]
        values = executable.forward(arrays)
        result = np.array(
            np.broadcast_to(self._results(given, executable, values)[0], (given.examples,))
        )  # not a view of an argument
        gradients = executable.backward(values, [1.0])
        self._check(given, executable, values, [result], gradients)
        return result, self._shaped(given, gradients, batch=True)

    def vmap(self, *args: Any) -> Any:
        """The results for each example, without gradients: for a model, its outputs for a whole batch at once.

        They are arranged as the function returns them, in arrays with the examples along the first axis; an irregular
        arrangement gives a list of such arrays.

        Raises:
            TypeError: no argument is batched.

        >>> import autograd
        >>> f = autograd.compile(lambda x, scale: [scale * x[0], x[0] + x[1]], batched="x")
        >>> f.vmap([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], 10.0).tolist()
        [[10.0, 3.0], [30.0, 7.0], [50.0, 11.0]]
        """
        self._require_examples()
        given = self._given(args)
        executable = self._executable(given, per_example=False, all_gradients=False)
        values = executable.forward(given.arrays)
        results = self._results(given, executable, values)
        rows = np.empty((given.examples, len(results)), self._dtype)
        for index, result in enumerate(results):
            rows[:, index] = result  # repeated if it is the same for all examples
        self._check(given, executable, values, [rows])
        return _columns(given.recording.result, rows)

    def prepared(self, *args: Any) -> Prepared:
        """The function for arguments of the structure that these have, ready to be called many times; for training.

        It runs as array instructions, whatever the runtime.

        Every argument must be batched, and the function must return a list: first the Value to differentiate, then
        lists of what else is wanted.

        Raises:
            TypeError: the function returns no list, or there is an argument that is not batched.

        >>> import autograd
        >>> slope = autograd.Value(3.0)
        >>> f = autograd.compile(lambda x: [(slope * x) ** 2, [slope * x]], batched="x").prepared([0.0])
        >>> results, gradient = f.value_and_grad(np.array([3.0]), np.array([1.0, 2.0]))
        >>> f.captured == [slope], [part.tolist() for part in results], gradient.tolist()
        (True, [[9.0, 36.0], [[3.0], [6.0]]], [15.0])
        """
        given = self._given(args)
        if not isinstance(given.recording.result, list):
            raise TypeError("a prepared function returns a list: the Value to differentiate, and what else is wanted")
        if not all(given.recording.batched):
            raise TypeError("a prepared function takes batched arguments only: compile(f, batched=...)")
        arguments = given.recording.to_lower(per_example=False, all_gradients=False)
        with without_collection():
            return Prepared(given.recording, arguments, self._dtype)

    # ------------------------------------------------------------ arguments

    def _index_of(self, argument: Any) -> int:
        """The index of an argument that `batched` names."""
        if isinstance(argument, str):
            if argument not in self._names:
                raise ValueError(f"there is no argument {argument!r} to batch, only {', '.join(self._names)}")
            return self._names.index(argument)
        if isinstance(argument, bool) or not isinstance(argument, SupportsIndex):
            raise TypeError(
                f"batched is the name of an argument, or its index (0 for the first), or several of these, not "
                f"{argument!r:.80}"
            )
        index = operator.index(argument)
        if index < 0 or (index >= len(self._names) and not _takes_any_number(self.f)):
            count = f"{len(self._names)} argument{'s' * (len(self._names) != 1)}"
            raise ValueError(f"there is no argument {index} to batch: the function has {count}, counted from 0")
        return index

    def _given(self, args: Sequence[Any]) -> Given:
        """The arguments as arrays, with the recording for their structure."""
        if is_compiling():
            raise refused(
                "asks a compiled function for more than its result (value_and_grad, per_example, vmap, prepared)",
                instead="call the function itself, and call these methods on the outer function",
            )
        parsed = [
            parse(argument, self._dtype, f"the argument {self._name(index)}") for index, argument in enumerate(args)
        ]
        examples, structures = 1, []
        sizes: dict[int, int] = {}
        for index, argument in enumerate(parsed):
            structure = argument.structure
            if index in self._batched:
                if not isinstance(structure, Block) or not structure.shape:
                    raise ValueError(
                        f"the batched argument {self._name(index)} must be an array, or regular nested lists, with the "
                        "examples along the first axis"
                    )
                sizes[index] = structure.shape[0]
                structure = structure.example()
            structures.append(structure)
        if sizes:
            if len(set(sizes.values())) > 1 or 0 in sizes.values():
                told = ", ".join(f"{size} of {self._name(index)}" for index, size in sizes.items())
                raise ValueError(f"the batched arguments must hold the same number of examples, at least 1, not {told}")
            examples = next(iter(sizes.values()))
        signature = tuple(structures)
        recording = self._recordings.get(signature)
        if recording is None:
            with without_collection():
                names = [self._name(index) for index in range(len(structures))]
                batched = [index in self._batched for index in range(len(structures))]
                recording = self._recordings[signature] = Recording(self.f, structures, names, batched)
        return Given(recording, parsed, examples)

    def _name(self, index: int) -> str:
        return self._names[index] if index < len(self._names) else f"argument{index}"

    def _executable(self, given: Given, per_example: bool, all_gradients: bool, captured: bool = False) -> Executable:
        """What runs the function for these arguments.

        Gradients of the batched ones are computed only with `all_gradients`, those of captured Values with `captured`.
        """
        recording = given.recording
        purpose = recording, per_example, all_gradients, captured
        executable = self._programs.get(purpose)
        if executable is None:
            arguments = recording.to_lower(per_example, all_gradients)
            with without_collection():
                executable = executable_for(self._runtime, recording, arguments, captured, given, self._dtype)
            self._programs[purpose] = executable
        self._last = executable
        return executable

    # ------------------------------------------------------------ results

    def _require_one_output(self, given: Given) -> None:
        if isinstance(given.recording.result, list):
            raise TypeError(
                "a gradient belongs to one number: the function must return a Value, not a list of "
                f"{len(given.recording.result)}"
            )

    def _require_examples(self) -> None:
        if not self._batched and not is_compiling():  # `_given` refuses what is recorded
            raise TypeError("there are no examples without a batched argument: compile(f, batched=...)")

    def _shaped(self, given: Given, gradients: list[Any], batch: bool) -> tuple[Any, ...]:
        """The gradients in the arrangement of the arguments."""
        shaped, remaining = [], list(gradients)
        for structure in given.recording.structures:
            arrays = [
                None
                if (array := remaining.pop(0)) is None
                else array.reshape((given.examples, *shape) if batch else shape)
                for shape in shapes(structure)
            ]
            shaped.append(filled(structure, arrays))
        return tuple(shaped)

    def _results(self, given: Given, executable: Executable, values: list[Any]) -> list[Any]:
        """The results of a run, after a look at what the function requires (`autograd.require`)."""
        computed, count = executable.results(values), len(given.recording.outputs)
        require(given.recording.checks, computed[count:])
        return computed[:count]

    def _check(
        self,
        given: Given,
        executable: Executable,
        values: list[Any],
        results: Sequence[Any],
        gradients: Sequence[Any] | None = None,
    ) -> None:
        """Runs examples again, as the eager engine does, if an operation may have failed or a number is not finite."""
        if not self._check_finite:
            return
        suspects: Sequence[int] = executable.suspects(values, given.examples)
        root, wanted = None, list[int]()
        if gradients is not None:
            results = [*results, *(array for array in gradients if array is not None)]
            root = given.recording.outputs[0]
            wanted = given.recording.wanted(executable.program.arguments, captured=False)
        if not all(map(is_finite, results)):
            suspects = range(given.examples)
        if suspects:
            given.recording.rerun(given.arrays, suspects, self._dtype, root, wanted)

    def _as_values(self, given: Given, has_values: bool) -> Any:
        """The results as Values in the graph of the Values that went in."""
        given.keep()  # the graph asks for derivatives later, when the caller's arrays may hold other numbers
        executable = self._executable(given, per_example=False, all_gradients=has_values, captured=True)
        values = executable.forward(given.arrays)
        results = self._results(given, executable, values)
        self._check(given, executable, values, results)
        made = results_as_values(given, executable, values, results, self._dtype, self._check_finite)
        return _result(given.recording.result, made, as_arrays=False)


def _refuse_keywords(keywords: dict[str, Any]) -> None:
    if keywords:
        raise TypeError(f"a compiled function takes positional arguments only, not {', '.join(keywords)}=")


def _parameter_names(f: Callable[..., Any]) -> list[str]:
    """The names of the parameters, as far as they are known."""
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):
        return []
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [parameter.name for parameter in parameters if parameter.kind in positional]


def _takes_any_number(f: Callable[..., Any]) -> bool:
    """Whether it takes any number of arguments, as far as that is known."""
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):
        return True
    return any(parameter.kind is inspect.Parameter.VAR_POSITIONAL for parameter in parameters)


def _result(structure: Any, numbers: Sequence[Any], as_arrays: bool = True) -> Any:
    """Results in the arrangement in which the function returned them; plain numbers as an array, if it is regular."""
    things = iter(numbers)

    def arranged(part: Any) -> Any:
        if isinstance(part, ArrayOfNodes):
            return array_of([next(things) for _ in flat(part)], part.shape)
        return [arranged(inner) for inner in part] if isinstance(part, list) else next(things)

    result = arranged(structure)
    if as_arrays and isinstance(structure, list):
        try:
            return np.array(result)
        except ValueError:
            return result
    return result


def _columns(structure: Any, rows: Any) -> Any:
    """The results of many examples, a row for each, in the arrangement in which the function returned them."""
    shape = _shape(structure)
    if shape is not None:
        return rows.reshape(len(rows), *shape)
    parts, start = [], 0
    for part in structure:
        size = len(flat(part))
        parts.append(_columns(part, rows[:, start : start + size]))
        start += size
    return parts


def _shape(structure: Any) -> tuple[int, ...] | None:
    """The shape of nested lists; None if they are irregular."""
    if not isinstance(structure, list):
        return ()
    if isinstance(structure, ArrayOfNodes):
        return structure.shape
    inner = {_shape(part) for part in structure} or {()}
    first = inner.pop()
    return None if inner or first is None else (len(structure), *first)
