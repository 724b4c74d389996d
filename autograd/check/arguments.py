"""The arguments of a function under examination: nested lists and arrays of numbers, seen as one list of leaves."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any

from autograd.engine.modes import no_grad
from autograd.engine.ops import Number, real_number
from autograd.engine.value import Value
from autograd.nested import flat, is_array, shaped


class Arguments:
    """A function with its inputs, every number among them as a leaf Value that can be moved and put back.

    Args:
        f: a function of Values that returns one Value.
        inputs: its arguments: numbers, leaf Values, or nested lists, tuples or NumPy arrays of them. `f` gets them in
            the same arrangement: an array as an array of Values, a named tuple as a named tuple.

    Raises:
        TypeError: `f` is not a function; `inputs` is not a list; something in it is not a number.
        ValueError: there is no number in it, or a Value in it is a constant or the result of an operation.

    leaves: the numbers as Values, in order; a Value among the inputs is itself here, not a copy.
    names: what to call each in a table: its label, or the name of the parameter with its place in it.
    """

    def __init__(self, f: Callable[..., Number], inputs: Sequence[object]) -> None:
        if not callable(f):
            raise TypeError(f"f is a function of Values, as in lambda x, y: x * y, not {f!r:.80}")
        if not isinstance(inputs, (list, tuple)):
            raise TypeError(f"inputs is the list of the function's arguments, as in [2.0, 3.0], not {inputs!r}")
        self.f = f
        self._inputs = list(inputs)
        parameters = zip(self._inputs, _parameter_names(f, len(inputs)), strict=True)
        places = [place for argument, name in parameters for place in _places(argument, name)]
        self.leaves = [_leaf(number, place) for number, place in zip(flat(self._inputs), places, strict=True)]
        self.names = [leaf.label or place for leaf, place in zip(self.leaves, places, strict=True)]
        self._are_numbers = len(self.leaves) == len(inputs) and not any(map(_is_nested, inputs))
        if not self.leaves:
            raise ValueError("there is no number among the inputs, so there is nothing to differentiate by")
        if len(set(map(id, self.leaves))) < len(self.leaves):
            raise ValueError("the same Value stands twice among the inputs; give each once")

    def __call__(self) -> Value:
        """The result of the function at the leaves as they stand; a plain number is a constant.

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

    def along(self, place: int) -> Callable[[float], float]:
        """The function of one leaf alone; nan where it is not defined."""

        def function(x: float) -> float:
            with self.moved(place, x):
                try:
                    return self.value()
                except (ArithmeticError, ValueError):
                    return math.nan

        return function

    def moved(self, place: int, x: float) -> _Moved:
        """A `with` block in which the leaf at `place` has the number `x`."""
        return _Moved(self.leaves[place], x)

    def point(self) -> str:
        """Where the inputs are, in words."""
        return ", ".join(f"{name} = {leaf.data!r}" for name, leaf in zip(self.names, self.leaves, strict=True))


class _Moved:
    """Sets the number of a leaf, and puts the old one back whatever happens."""

    def __init__(self, leaf: Value, x: float) -> None:
        self._leaf = leaf
        self._x = x
        self._before = leaf.data

    def __enter__(self) -> None:
        self._leaf.data = self._x

    def __exit__(self, *exception: object) -> None:
        self._leaf.data = self._before


def _leaf(number: object, place: str) -> Value:
    """A number as a leaf; a Value must be one."""
    if not isinstance(number, Value):
        return Value(real_number(number))
    if not number.is_leaf:
        raise ValueError(f"the input {place} is {number!r}, the result of an operation; give a leaf, or a number")
    if not number.requires_grad:
        raise ValueError(f"the input {place} is the constant {number!r}: no gradient is computed for it")
    return number


def _is_nested(argument: object) -> bool:
    return is_array(argument) or isinstance(argument, (list, tuple))


def _places(argument: Any, name: str) -> Iterator[str]:
    """What to call each number of an argument, in the order of `flat`: w[0][1], or point.x in a named tuple."""
    if is_array(argument):
        for index in product(*map(range, argument.shape)):
            yield name + "".join(f"[{place}]" for place in index)
    elif isinstance(argument, (list, tuple)):
        fields = getattr(argument, "_fields", None)
        for place, part in enumerate(argument):
            yield from _places(part, f"{name}.{fields[place]}" if fields else f"{name}[{place}]")
    else:
        yield name


def _parameter_names(f: Callable[..., Number], count: int) -> Iterator[str]:
    """The names of the parameters of a function or a primitive, and x0, x1, ... where it does not tell them."""
    code = getattr(f, "__code__", None)
    known = code.co_varnames[: code.co_argcount] if code is not None else getattr(f, "operands", ())
    for place in range(count):
        yield known[place] if place < len(known) else f"x{place}"
