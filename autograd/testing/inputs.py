"""The arguments of anybody's function: nested numbers, arrays and tensors, of which every float can be moved."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import inspect
import itertools
import math
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from numbers import Integral
from typing import Any, NamedTuple

from autograd.check.numerical import EPSILON
from autograd.testing.numbers import (
    SINGLE_NUMBER,
    Numbers,
    are_equal,
    as_array,
    entry_of,
    is_finite,
    numbers_of,
    of_type,
    widened,
    without_history,
)

FIXED = "an argument without floats is held fixed, as is one that argnums= leaves out: return None for it, or nothing"


class Place(NamedTuple):
    """Where a number or an array of numbers is among the arguments.

    name: such as "w", "layers[0].bias" or "options['scale']".
    leaf: what is there.
    numbers: its floats.
    shape: () for a number.
    epsilon: the distance from 1 to the next number of its type.
    """

    name: str
    leaf: Any
    numbers: Numbers
    shape: tuple[int, ...]
    epsilon: float

    @property
    def size(self) -> int:
        """How many numbers there are."""
        return math.prod(self.shape)

    def entry_name(self, index: int) -> str:
        """The name of one number: w[0, 1]."""
        return f"{self.name}[{', '.join(map(str, unraveled(index, self.shape)))}]" if self.shape else self.name

    def entry(self, index: int) -> float:
        """One of its numbers."""
        return entry_of(self.numbers, index)

    def with_entry(self, index: int, number: float, *, others: float | None = None) -> Numbers:
        """Its numbers, one of them replaced, and all others by a number if it is given."""
        if not self.shape:
            return number
        moved = self.numbers.copy()
        if others is not None:
            moved[...] = others
        moved.flat[index] = number
        return moved


class WrongShapeError(ValueError):
    """A gradient has another shape than its argument."""


class OfAllArguments(tuple[Any, ...]):
    """Gradients for all arguments, as a package gives them: those that are not differentiated are passed over."""

    __slots__ = ()


class Inputs:
    """The arguments of a function, with all floats among them that are differentiated with respect to.

    Lists, tuples, named tuples, dicts and dataclasses are searched. Ints, bools, texts, None and arrays of ints stay as
    they are, and so do the arguments that `argnums` leaves out.

    Args:
        f: the function, for the names of its parameters. Its method `differentiated(args)`, if it has one, gives those
            of the numbers and arrays among its arguments that it can be differentiated with respect to.
        args: its arguments.
        argnums: the index of the argument to differentiate with respect to, or several, or None for all that hold a
            float.

    Raises:
        TypeError: something among the arguments is a complex number; `argnums` is not an index or several.
        ValueError: there is no float among them; `argnums` is not the index of an argument.
    """

    def __init__(self, f: Callable[..., Any], args: Sequence[Any], argnums: int | Sequence[int] | None) -> None:
        self.args = tuple(args)
        self.names = parameter_names(f, len(args))
        self._differentiated = getattr(f, "differentiated", None)
        self.argnums = _indices(argnums, len(args))
        if argnums is None:  # those that hold a float
            self.argnums = [index for index in self.argnums if self._places_among(self.args, [index])]
        self._find_places()
        self.single = len(self.argnums) == 1 if argnums is None else not isinstance(argnums, Iterable)
        if not self.places:
            looked_at = self.argnums or range(len(args))
            given = ", ".join(f"{self.names[index]}: {type(args[index]).__name__}" for index in looked_at)
            raise ValueError(
                f"there is no float among the arguments ({given or 'none'}) to differentiate with respect to; "
                "floats, arrays, and lists, tuples, dicts and dataclasses of them are; ints are held fixed, write 2.0 "
                "for a number to differentiate with respect to"
            )
        self.size = sum(place.size for place in self.places)
        if not self.size:
            raise ValueError(f"there is no number to differentiate with respect to: {self.point()}")
        self.epsilon = max(place.epsilon for place in self.places)
        self.skipped: list[Any] = [None] * len(self.places)

    def _find_places(self) -> None:
        self.places = self._places_among(self.args, self.argnums)
        self._leaves = {id(place.leaf) for place in self.places}

    def _places_among(self, args: Sequence[Any], indices: Iterable[int]) -> list[Place]:
        """The places in some of the arguments."""
        places = [place for index in indices for place in places_in(args[index], self.names[index])]
        if self._differentiated is None:
            return places
        chosen = {id(leaf) for leaf in self._differentiated(args)}
        return [place for place in places if id(place.leaf) in chosen]

    def skip(self, mask: Any) -> None:
        """Leaves out the entries that a mask, shaped like the gradient, marks as true; None in it marks nothing.

        Raises:
            TypeError, ValueError: it is not shaped like the gradient.
            ValueError: it leaves nothing.
        """
        if self.single:
            mask = _nothing(self.args[self.argnums[0]]) if mask is None else mask
        elif isinstance(mask, (list, tuple)) and len(mask) == len(self.argnums):
            pairs = zip(self.argnums, mask, strict=True)
            mask = [_nothing(self.args[index]) if part is None else part for index, part in pairs]
        read = self.matched(mask, "skip")
        for place, numbers in zip(self.places, read, strict=True):
            other = next((number for number in _distinct(numbers) if number not in (0.0, 1.0)), None)
            if other is not None:
                raise ValueError(
                    f"skip must hold a bool for each entry of {place.name}, True where it is skipped, not {other:g}"
                )
        self.skipped = [None if isinstance(numbers, float) and not numbers else numbers != 0.0 for numbers in read]
        if not any(True for _ in self.locations()):
            raise ValueError("skip leaves no entry to check")

    def locations(self) -> Iterator[tuple[int, int]]:
        """The place and the index of every entry that is not skipped."""
        for at, (place, skipped) in enumerate(zip(self.places, self.skipped, strict=True)):
            for index in range(place.size):
                if skipped is None or not (skipped if isinstance(skipped, bool) else skipped.flat[index]):
                    yield at, index

    def still(self) -> Iterator[tuple[int, int]]:
        """The place and the index of every entry that is not skipped but cannot be moved: it is nan or infinite."""
        for at, index in () if all(is_finite(place.numbers) for place in self.places) else self.locations():
            if not math.isfinite(self.places[at].entry(index)):
                yield at, index

    def moving(self, at: int) -> Numbers:
        """For each entry of a place 1 if it moves in a direction, else 0: if it is not finite, or skipped."""
        place, skipped = self.places[at], self.skipped[at]
        if not place.shape:
            return float(math.isfinite(place.numbers) and not skipped)
        import numpy

        finite = numpy.isfinite(place.numbers)
        return finite if skipped is None else finite & ~skipped

    def rebuilt(self, moved: dict[int, Numbers] | None = None) -> tuple[Any, ...]:
        """Fresh arguments of the same types; those places that `moved` names by their index have other numbers.

        An argument may hold the very array that `moved` has.
        """
        moved = moved or {}
        fresh = iter(
            [
                of_type(place.leaf, moved.get(at, place.numbers), copy=at not in moved)
                for at, place in enumerate(self.places)
            ]
        )
        return tuple(
            with_leaves(argument, fresh, self._leaves) if index in self.argnums else _copied(argument)
            for index, argument in enumerate(self.args)
        )

    def direction(self, numbers: Sequence[Numbers]) -> Any:
        """Numbers shaped like the arguments that are differentiated: one, or a tuple for several."""
        pairs = zip(self.places, numbers, strict=True)
        fresh = iter([without_history(of_type(place.leaf, moved)) for place, moved in pairs])
        parts = tuple(with_leaves(self.args[index], fresh, self._leaves) for index in self.argnums)
        return parts[0] if self.single else parts

    def widened(self) -> Inputs | None:
        """The same arguments in float64; None if all are in float64, or an array is neither of NumPy nor of torch."""
        if self.epsilon == EPSILON:
            return None
        wide = copy.copy(self)
        wide.args = tuple(map(_widened, self.args))
        wide._find_places()
        wide.epsilon = max(place.epsilon for place in wide.places)
        return wide if wide.epsilon == EPSILON else None

    def unchanged(self, given: Sequence[Any]) -> str | None:
        """The name of the first place whose numbers differ in `given` from what they were; None if all are equal."""
        after = self._places_among(given, self.argnums)
        for before, place in itertools.zip_longest(self.places, after):
            if before is None or place is None:  # something was added to a list, or taken from it
                return (before or place).name
            if before.shape != place.shape or not are_equal(before.numbers, place.numbers):
                return before.name
        return None

    def fingerprint(self, given: Sequence[Any]) -> bytes | None:
        """The bytes of all numbers in arguments of the same structure, and of their type; None if some are complex."""
        try:
            places = [place for index in self.argnums for place in places_in(given[index], "")]
        except TypeError:
            return None
        parts = [as_array(place.numbers).tobytes() if place.shape else place.numbers.hex().encode() for place in places]
        return b"|".join([*parts, *(place.epsilon.hex().encode() for place in places)])

    def at(self, numbers: Sequence[Numbers]) -> Inputs:
        """The same arguments with other numbers in all places."""
        moved = copy.copy(self)
        moved.args = self.rebuilt(dict(enumerate(numbers)))
        moved._find_places()
        return moved

    def point(self) -> str:
        """The names of the places with their numbers, or their shapes and types, as text."""
        return ", ".join(
            f"{place.name} {getattr(place.leaf, 'dtype', 'float64')} {place.shape}"
            if place.shape
            else f"{place.name} = {place.entry(0)!r}"
            for place in self.places
        )

    def shapes(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        """The name and the shape of every array among the arguments, of ints and of fixed ones too."""
        for name, argument in zip(self.names, self.args, strict=True):
            yield from ((inner, _shape(leaf)) for inner, leaf in leaves(argument, name) if _shape(leaf))

    def matched(self, gradient: Any, whose: str, *, summed: bool = False) -> list[Numbers]:
        """The numbers of a gradient, in the order of the places.

        With `summed`, an array that has the shape of a broadcast argument is summed to that of the argument.

        Raises:
            TypeError: the gradient has not the structure of the arguments; `whose` says whose gradient it is.
            WrongShapeError: the shape of an array differs from that of its argument.
        """
        expected = [self.args[index] for index in self.argnums]
        if isinstance(gradient, OfAllArguments):
            gradient = tuple(gradient[index] for index in self.argnums)
            gradient = gradient[0] if self.single else gradient
        elif isinstance(gradient, tuple) and len(gradient) == len(self.args) > len(expected):
            others = [part for index, part in enumerate(gradient) if index not in self.argnums]
            if all(part is None for part in others):  # as `backward` of torch returns them
                gradient = tuple(gradient[index] for index in self.argnums)
                gradient = gradient[0] if self.single else gradient
        if self.single:
            parts = [gradient[0] if _is_in_a_tuple(gradient, expected[0]) else gradient]
        elif isinstance(gradient, (tuple, list)) and len(gradient) == len(expected):
            parts = list(gradient)
        else:
            names = ", ".join(self.names[index] for index in self.argnums)
            raise TypeError(
                f"{whose} must be a tuple of {len(expected)}, for {names}, not {_described(gradient)}; {FIXED}"
            )
        places = iter(self.places)
        return [
            numbers
            for argument, part in zip(expected, parts, strict=True)
            for numbers in _matched(argument, part, whose, places, self._leaves, summed)
        ]


# ---------------------------------------------------------------- structure


def _children(item: Any) -> list[tuple[str, Any]] | None:
    """The parts of a container, each with what is written behind its name; None for anything else."""
    if isinstance(item, dict):
        return [(f"[{key!r}]", part) for key, part in item.items()]
    if isinstance(item, tuple) and hasattr(item, "_fields"):
        return [(f".{name}", part) for name, part in zip(item._fields, item, strict=True)]
    if isinstance(item, (list, tuple)):
        return [(f"[{index}]", part) for index, part in enumerate(item)]
    if dataclasses.is_dataclass(item) and not isinstance(item, type):
        names = [field.name for field in dataclasses.fields(item)]
        return [(f".{name}", getattr(item, name)) for name in names if hasattr(item, name)]
    return None


def leaves(item: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """The leaves of a structure, all that is not a container, each with its name.

    >>> list(leaves({"w": [1.0, 2.0], "n": 3}, "p"))
    [("p['w'][0]", 1.0), ("p['w'][1]", 2.0), ("p['n']", 3)]
    """
    children = _children(item)
    if children is None:
        yield name, item
        return
    for suffix, part in children:
        yield from leaves(part, name + suffix)


def places_in(item: Any, name: str) -> Iterator[Place]:
    """The numbers and arrays of floats in a structure."""
    for leaf_name, leaf in leaves(item, name):
        read = numbers_of(leaf, leaf_name)
        if read is not None:
            yield Place(leaf_name, leaf, *read)


def coarsest(items: Sequence[Any]) -> float:
    """The epsilon of the coarsest numbers in structures that hold some."""
    return max(place.epsilon for item in items for place in places_in(item, ""))


def complex_parts(item: Any) -> tuple[Any, Any] | None:
    """The real and the imaginary part of a structure of numbers and arrays; None if nothing in it is complex."""
    found = [leaf for _, leaf in leaves(item) if _kind(leaf) in "fc"]
    if not any(_kind(leaf) == "c" for leaf in found):
        return None
    ids = set(map(id, found))
    real, imaginary = ([getattr(leaf, part) for leaf in found] for part in ("real", "imag"))
    return with_leaves(item, iter(real), ids), with_leaves(item, iter(imaginary), ids)


def _kind(item: Any) -> str:
    """The kind of numbers, as NumPy names it: "f" or "c"; else something else."""
    if isinstance(item, (float, complex)):
        return "f" if isinstance(item, float) else "c"
    return str(getattr(getattr(item, "dtype", None), "kind", "?"))


def with_leaves(item: Any, new: Iterator[Any], replaced: Container[int]) -> Any:
    """A copy of a structure in which those leaves whose id is in `replaced` are the next new ones."""
    if id(item) in replaced:
        return next(new)
    children = _children(item)
    if children is None:
        return _copied(item)
    parts = [with_leaves(part, new, replaced) for _, part in children]
    if isinstance(item, dict):
        filled = copy.copy(item)  # keeps a defaultdict one
        filled.update(zip(item, parts, strict=True))
        return filled
    if isinstance(item, tuple) and hasattr(item, "_fields"):
        return type(item)(*parts)
    if isinstance(item, (list, tuple)):
        return type(item)(parts)
    changed = copy.copy(item)
    for (suffix, _), part in zip(children, parts, strict=True):
        object.__setattr__(changed, suffix.removeprefix("."), part)  # frozen dataclasses too
    return changed


def _copied(item: Any) -> Any:
    """A copy of what stays as it is; a lock, a module, an open file, which have none, are passed themselves."""
    try:
        return copy.deepcopy(item)
    except Exception:  # noqa: BLE001 - a class may refuse to be copied in any way
        return item


def _matched(
    argument: Any, part: Any, whose: str, places: Iterator[Place], differentiated: Container[int], summed: bool
) -> Iterator[Numbers]:
    """The numbers of a gradient in the structure of an argument; `differentiated` holds the ids of the places in it."""
    children = _children(argument)
    if children is None:
        if id(argument) in differentiated:
            yield _as_shaped(part, next(places), whose, summed)
        return
    if isinstance(argument, (list, tuple)) and hasattr(part, "__array__") and as_array(part).ndim:
        part = list(as_array(part))
    given = dict(_children(part) or ())
    expected = [suffix for suffix, inner in children if any(id(leaf) in differentiated for _, leaf in leaves(inner))]
    if not (given.keys() <= dict(children).keys() and given.keys() >= set(expected)):
        missing = "".join(f"; {suffix} is missing" for suffix in expected if given and suffix not in given)
        raise TypeError(
            f"{whose} must be shaped like its argument, {_described(argument)}, not {_described(part)}{missing}"
        )
    for suffix, inner in children:
        if suffix in expected:
            yield from _matched(inner, given[suffix], whose, places, differentiated, summed)


def _is_in_a_tuple(gradient: Any, argument: Any) -> bool:
    """Whether a gradient with respect to one argument comes as a tuple of one, as those of several come in a tuple."""
    if not (isinstance(gradient, tuple) and len(gradient) == 1 and not isinstance(argument, (list, tuple))):
        return False
    if _children(argument) is not None:
        return not hasattr(gradient, "_fields")
    return _shape(gradient[0]) == _shape(argument)


def _distinct(numbers: Numbers) -> Iterable[float]:
    """The numbers of a place, each once."""
    if isinstance(numbers, float):
        return [numbers]
    import numpy

    return numpy.unique(numbers).tolist()  # type: ignore[no-any-return]


def _as_shaped(part: Any, place: Place, whose: str, summed: bool) -> Numbers:
    if part is None:
        raise TypeError(
            f"{whose} with respect to {place.name} is None: to leave {place.name} out, choose the others with argnums="
        )
    if isinstance(part, int):
        part = float(part)
    hint = ""
    if place.shape and isinstance(part, (list, tuple)):
        hint = f"; {FIXED}" if any(map(_shape, part)) else ""
        import numpy

        with contextlib.suppress(ValueError):  # arrays of several shapes
            part = numpy.asarray(part)
    read = numbers_of(part, whose, ints_too=True)
    if read is None:
        raise TypeError(
            f"{whose} with respect to {place.name} must be of shape {place.shape}, not {_described(part)}{hint}"
        )
    numbers, shape, _ = read
    if shape != place.shape and summed:
        numbers, shape = _summed(numbers, shape, place.shape)
    if shape != place.shape:
        raise WrongShapeError(
            f"{place.name} has shape {place.shape}, but {whose} with respect to it has shape {shape}"
            + ("; is it transposed?" if shape == place.shape[::-1] else hint)
        )
    return numbers


def _summed(numbers: Numbers, shape: tuple[int, ...], wanted: tuple[int, ...]) -> tuple[Numbers, tuple[int, ...]]:
    """An array summed over the axes along which an argument of the wanted shape was repeated."""
    if len(shape) < len(wanted):
        return numbers, shape
    leading = len(shape) - len(wanted)
    repeated = tuple(axis for axis, length in enumerate(wanted, leading) if length == 1)
    total = numbers.sum(axis=tuple(range(leading))).sum(axis=tuple(axis - leading for axis in repeated), keepdims=True)
    return (float(total), SINGLE_NUMBER) if not wanted else (total, total.shape)


def _widened(item: Any) -> Any:
    """A structure in which coarse floats became float64; fixed ones must too, or they would round what is computed."""
    places = list(places_in(item, ""))
    return with_leaves(item, iter([widened(place.leaf) for place in places]), {id(place.leaf) for place in places})


def _nothing(item: Any) -> Any:
    """Zeros in the structure of an argument."""
    places = list(places_in(item, ""))
    zeros = iter([of_type(place.leaf, _zeros(place)) for place in places])
    return with_leaves(item, zeros, {id(place.leaf) for place in places})


def _zeros(place: Place) -> Numbers:
    if not place.shape:
        return 0.0
    import numpy

    return numpy.zeros(place.shape)


# ---------------------------------------------------------------- words


def unraveled(index: int, shape: Sequence[int]) -> tuple[int, ...]:
    """The index along each axis of an entry, counted row by row.

    >>> unraveled(5, (2, 3))
    (1, 2)
    """
    indices = []
    for length in reversed(shape):
        index, along = divmod(index, length)
        indices.append(along)
    return tuple(reversed(indices))


def parameter_names(f: Callable[..., Any], count: int) -> list[str]:
    """The names of the parameters of a function; x0, x1, ... where they are unknown.

    >>> parameter_names(lambda w, b: w + b, 2)
    ['w', 'b']
    """
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):
        parameters = ()  # type: ignore[assignment]
    known = [
        parameter.name
        for parameter in parameters
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
    ]
    return [known[index] if index < len(known) else f"x{index}" for index in range(count)]


def _indices(argnums: int | Sequence[int] | None, count: int) -> list[int]:
    if argnums is None:
        return list(range(count))
    wanted = list(argnums) if isinstance(argnums, Iterable) else [argnums]
    if not wanted:
        raise ValueError("argnums names no argument; leave it out for all that hold a float")
    if any(isinstance(index, bool) or not isinstance(index, Integral) for index in wanted):
        raise TypeError(f"argnums must be the index of an argument, or several of them, not {argnums!r}")
    for index in wanted:
        if not 0 <= index < count:
            raise ValueError(f"argnums names argument {index}, but there are {count}, counted from 0")
    if len(set(wanted)) < len(wanted):
        raise ValueError(f"argnums names an argument twice: {argnums!r}")
    return sorted(map(int, wanted))


def _shape(item: Any) -> tuple[int, ...]:
    """The shape of an array; () of anything else."""
    shape = getattr(item, "shape", ())
    return shape if isinstance(shape, tuple) else ()


def _described(item: Any) -> str:
    if _shape(item):
        return f"{type(item).__name__} of shape {item.shape}"
    if isinstance(item, (list, tuple)) and any(map(_shape, item)):
        return f"{type(item).__name__} of {len(item)}"
    if isinstance(item, dict):
        return f"a dict of {', '.join(map(repr, item))}"
    return f"{type(item).__name__} {item!r:.60}"
