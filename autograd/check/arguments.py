"""A function to be checked and its arguments: nested lists and arrays of numbers, seen as one list of leaves."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any, TypeVar

from autograd.check.failures import Failures
from autograd.engine.modes import no_grad
from autograd.engine.ops import Number, real_number
from autograd.engine.value import Value
from autograd.nested import flat, is_array, shaped

Result = TypeVar("Result")


class Arguments:
    """A function and its inputs; each number among them is a leaf Value that can be moved and put back.

    Args:
        f: a function of Values that returns one Value.
        inputs: its arguments: numbers, leaf Values, or nested lists, tuples or NumPy arrays of them. `f` receives them
            in the same structure: an array as an array of Values, a named tuple as a named tuple.

    Raises:
        TypeError: `f` is not a function; `inputs` is not a list; something in it is not a number.
        ValueError: `inputs` holds no number, or a Value in it is a constant or the result of an operation.

    leaves: the numbers as Values, in order; a Value among the inputs is used itself, not copied.
    names: the name of each leaf in a table: its label, or the name of the parameter and the index in it.
    failures: what the function raised where a leaf was moved.
    """

    def __init__(self, f: Callable[..., Number], inputs: Sequence[object]) -> None:
        if not callable(f):
            raise TypeError(f"f must be a function of Values, as in lambda x, y: x * y, not {f!r:.80}")
        if not isinstance(inputs, (list, tuple)):
            raise TypeError(f"inputs must be the list of the function's arguments, as in [2.0, 3.0], not {inputs!r}")
        self.f = f
        self._inputs = list(inputs)
        parameters = zip(self._inputs, _parameter_names(f, len(inputs)), strict=True)
        names = [name for argument, parameter in parameters for name in _names(argument, parameter)]
        self.leaves = [_leaf(number, name) for number, name in zip(flat(self._inputs), names, strict=True)]
        self.names = [leaf.label or name for leaf, name in zip(self.leaves, names, strict=True)]
        self.failures = Failures()
        self._are_numbers = len(self.leaves) == len(inputs) and not any(map(_is_nested, inputs))
        if not self.leaves:
            raise ValueError("there is no number among the inputs to differentiate with respect to")
        if len(set(map(id, self.leaves))) < len(self.leaves):
            raise ValueError("the same Value is twice among the inputs; give each once")

    def __call__(self) -> Value:
        """The result of the function at the present numbers of the leaves; a plain number becomes a constant.

        Raises:
            TypeError: it is neither a Value nor a number.
        """
        result: object = self.f(*(self.leaves if self._are_numbers else shaped(self.leaves, self._inputs)))
        if isinstance(result, (int, float)) and not isinstance(result, bool):
            return Value(result, requires_grad=False)
        if not isinstance(result, Value):
            hint = "; reduce a list to one Value, with autograd.sum for instance" * isinstance(result, (list, tuple))
            raise TypeError(f"the function must return a Value, not {type(result).__name__} {result!r}{hint}")
        return result

    def value(self) -> float:
        """The number the function returns, without recording a graph."""
        with no_grad():
            return self().data

    def along(self, index: int) -> Callable[[float], float]:
        """The function of one leaf, while the others stay; nan where it is not defined."""
        return self.defined(self.value, index, math.nan)

    def defined(self, compute: Callable[[], Result], index: int, nothing: Result) -> Callable[[float], Result]:
        """What is computed from the present numbers, as a function of one leaf; `nothing` where that fails."""

        def function(x: float) -> Result:
            with self.moved(index, x):
                try:
                    return compute()
                except Exception as error:  # noqa: BLE001 - whatever it raises, it was defined at the arguments
                    self.failures.add(error, f"{self.names[index]} = {x!r}")
                    return nothing

        return function

    def moved(self, index: int, x: float) -> _Moved:
        """A `with` block in which one of the leaves has the number `x`."""
        return _Moved(self.leaves[index], x)

    def point(self) -> str:
        """The names of the inputs and their numbers, as text."""
        return ", ".join(f"{name} = {leaf.data!r}" for name, leaf in zip(self.names, self.leaves, strict=True))


class _Moved:
    """Sets the number of a leaf, and puts the old one back at the end of the block, also after an error."""

    def __init__(self, leaf: Value, x: float) -> None:
        self._leaf = leaf
        self._x = x
        self._before = leaf.data

    def __enter__(self) -> None:
        self._leaf.data = self._x

    def __exit__(self, *exception: object) -> None:
        self._leaf.data = self._before


def _leaf(number: object, name: str) -> Value:
    """A number as a leaf; a Value must be a leaf."""
    if not isinstance(number, Value):
        return Value(real_number(number))
    if not number.is_leaf:
        raise ValueError(f"the input {name} is {number!r}, the result of an operation; give a leaf, or a number")
    if not number.requires_grad:
        raise ValueError(f"the input {name} is the constant {number!r}: no gradient is computed for it")
    return number


def _is_nested(argument: object) -> bool:
    return is_array(argument) or isinstance(argument, (list, tuple))


def _names(argument: Any, name: str) -> Iterator[str]:
    """A name for each number of an argument, in the order of `flat`: w[0][1], or point.x in a named tuple."""
    if is_array(argument):
        for indices in product(*map(range, argument.shape)):
            yield name + "".join(f"[{index}]" for index in indices)
    elif isinstance(argument, (list, tuple)):
        fields = getattr(argument, "_fields", None)
        for index, part in enumerate(argument):
            yield from _names(part, f"{name}.{fields[index]}" if fields else f"{name}[{index}]")
    else:
        yield name


def _parameter_names(f: Callable[..., Number], count: int) -> Iterator[str]:
    """The names of the parameters of a function or a primitive; x0, x1, ... where they are unknown."""
    code = getattr(f, "__code__", None)
    known = code.co_varnames[: code.co_argcount] if code is not None else getattr(f, "operands", ())
    for index in range(count):
        yield known[index] if index < len(known) else f"x{index}"
