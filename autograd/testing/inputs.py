"""The arguments of anybody's function: nested numbers, arrays and tensors, of which every float can be moved.

Only the standard library is imported here. An array is recognized by the package that it came from, which is loaded.
"""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import inspect
import math
import sys
from collections.abc import Callable, Container, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

Numbers: TypeAlias = Any
"""The floats of one place among the arguments: a float, or a NumPy array of float64."""

EPSILON = 2.0**-52
SINGLE_NUMBER: tuple[int, ...] = ()
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
        return float(self.numbers.flat[index]) if self.shape else float(self.numbers)

    def with_entry(self, index: int, number: float) -> Numbers:
        """Its numbers, one of them replaced."""
        if not self.shape:
            return number
        moved = self.numbers.copy()
        moved.flat[index] = number
        return moved


class WrongShapeError(ValueError):
    """A gradient has another shape than its argument."""


class Inputs:
    """The arguments of a function, with all floats among them that are differentiated with respect to.

    Lists, tuples, named tuples, dicts and dataclasses are searched. Ints, bools, texts, None and arrays of ints stay as
    they are, and so do the arguments that `argnums` leaves out.

    Args:
        f: the function, for the names of its parameters.
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
        self.argnums = _indices(argnums, len(args))
        if argnums is None:  # those that hold a float
            self.argnums = [
                index for index in self.argnums if any(True for _ in _places(args[index], self.names[index]))
            ]
        self._find_places()
        self.single = isinstance(argnums, int) or (argnums is None and len(self.argnums) == 1)
        if not self.places:
            raise ValueError(
                "there is no float among the arguments to differentiate with respect to; ints are held fixed, "
                "write 2.0 for a number to differentiate with respect to"
            )
        self.size = sum(place.size for place in self.places)
        if not self.size:
            raise ValueError(f"there is no number to differentiate with respect to: {self.point()}")
        self.epsilon = max(place.epsilon for place in self.places)
        self.skipped: list[Any] = [None] * len(self.places)

    def _find_places(self) -> None:
        self.places = [place for index in self.argnums for place in _places(self.args[index], self.names[index])]
        self._leaves = {id(place.leaf) for place in self.places}

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
        self.skipped = [None if isinstance(numbers, float) and not numbers else numbers != 0.0 for numbers in read]
        if not any(True for _ in self.locations()):
            raise ValueError("skip leaves no entry to check")

    def locations(self) -> Iterator[tuple[int, int]]:
        """The place and the index of every entry that is not skipped."""
        for at, (place, skipped) in enumerate(zip(self.places, self.skipped, strict=True)):
            for index in range(place.size):
                if skipped is None or not (skipped if isinstance(skipped, bool) else skipped.flat[index]):
                    yield at, index

    def rebuilt(self, moved: dict[int, Numbers] | None = None) -> tuple[Any, ...]:
        """Fresh arguments of the same types; those places that `moved` names by their index have other numbers."""
        numbers = iter([(place.leaf, (moved or {}).get(at, place.numbers)) for at, place in enumerate(self.places)])
        return tuple(
            _rebuilt(argument, numbers, self._leaves) if index in self.argnums else _copied(argument)
            for index, argument in enumerate(self.args)
        )

    def widened(self) -> Inputs | None:
        """The same arguments in float64; None if all are in float64, or an array is neither of NumPy nor of torch."""
        if self.epsilon == EPSILON:
            return None
        wide = copy.copy(self)
        leaves = [(_widened(place.leaf), place.numbers) for place in self.places]
        if any(leaf is None for leaf, _ in leaves):
            return None
        in_order = iter(leaves)
        wide.args = tuple(
            _rebuilt(argument, in_order, self._leaves) if index in self.argnums else _widened_within(argument)
            for index, argument in enumerate(self.args)
        )
        wide._find_places()
        wide.epsilon = EPSILON
        return wide

    def unchanged(self, given: Sequence[Any]) -> str | None:
        """The name of the first place whose numbers differ in `given` from what they were; None if all are equal."""
        after = [place for index in self.argnums for place in _places(given[index], "")]
        for before, place in zip(self.places, after, strict=True):
            if not _equal(before.numbers, place.numbers):
                return before.name
        return None

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
            yield from _shapes(argument, name)

    def matched(self, gradient: Any, whose: str, *, summed: bool = False) -> list[Numbers]:
        """The numbers of a gradient, in the order of the places.

        With `summed`, an array that has the shape of a broadcast argument is summed to that of the argument.

        Raises:
            TypeError: the gradient has not the structure of the arguments; `whose` says whose gradient it is.
            WrongShapeError: the shape of an array differs from that of its argument.
        """
        expected = [self.args[index] for index in self.argnums]
        if isinstance(gradient, tuple) and len(gradient) == len(self.args) > len(expected):
            others = [part for index, part in enumerate(gradient) if index not in self.argnums]
            if all(part is None for part in others):  # as `backward` of torch returns them
                gradient = tuple(gradient[index] for index in self.argnums)
                gradient = gradient[0] if self.single else gradient
        if self.single:
            parts = [gradient]
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
            for numbers in _matched(argument, part, whose, places, summed)
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


def _places(item: Any, name: str) -> Iterator[Place]:
    children = _children(item)
    if children is not None:
        for suffix, part in children:
            yield from _places(part, name + suffix)
    elif (read := numbers_of(item, name)) is not None:
        yield Place(name, item, *read)


def _shapes(item: Any, name: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    children = _children(item)
    if children is not None:
        for suffix, part in children:
            yield from _shapes(part, name + suffix)
    elif hasattr(item, "__array__") and as_array(item).ndim:
        yield name, as_array(item).shape


def _rebuilt(item: Any, numbers: Iterator[tuple[Any, Numbers]], leaves: Container[int]) -> Any:
    """A copy of a structure with other numbers; `leaves` are the ids of the places in it."""
    if id(item) in leaves:
        leaf, new = next(numbers)
        return of_type(leaf, new)
    children = _children(item)
    if children is None:
        return _copied(item)
    parts = [_rebuilt(part, numbers, leaves) for _, part in children]
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


def _matched(argument: Any, part: Any, whose: str, places: Iterator[Place], summed: bool) -> Iterator[Numbers]:
    """The numbers of a gradient in the structure of an argument."""
    children = _children(argument)
    if children is None:
        if numbers_of(argument, "") is not None:
            yield _as_shaped(part, next(places), whose, summed)
        return
    if isinstance(argument, (list, tuple)) and hasattr(part, "__array__") and as_array(part).ndim:
        part = list(as_array(part))
    given = dict(_children(part) or ())
    expected = [suffix for suffix, inner in children if any(True for _ in _places(inner, ""))]
    if not (given.keys() <= dict(children).keys() and given.keys() >= set(expected)):
        raise TypeError(f"{whose} must be shaped like its argument, {_described(argument)}, not {_described(part)}")
    for suffix, inner in children:
        if suffix in expected:
            yield from _matched(inner, given[suffix], whose, places, summed)


def _as_shaped(part: Any, place: Place, whose: str, summed: bool) -> Numbers:
    if isinstance(part, int):
        part = float(part)
    hint = ""
    if place.shape and isinstance(part, (list, tuple)):
        hint = f"; {FIXED}" if any(map(_shape, part)) else ""
        with contextlib.suppress(ValueError):  # arrays of several shapes
            part = _numpy().asarray(part)
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


# ---------------------------------------------------------------- numbers


def numbers_of(item: Any, name: str, *, ints_too: bool = False) -> tuple[Numbers, tuple[int, ...], float] | None:
    """The floats in a number or an array, their shape, and the epsilon of their type; None if there is no float.

    Raises:
        TypeError: they are complex.
    """
    if isinstance(item, complex):
        raise TypeError(f"{name} is complex: {item!r}; check a function of its real and its imaginary part")
    if isinstance(item, float) and type(item).__module__ != "numpy":
        return float(item), SINGLE_NUMBER, EPSILON
    if isinstance(item, (bool, int, str, bytes, type(None))) or not hasattr(item, "__array__"):
        return None
    array = as_array(item)
    kind = array.dtype.kind
    if hasattr(item, "mask") and hasattr(item, "filled"):
        raise TypeError(f"{name} is a masked array; check a function of its data alone")
    if array.dtype.names is not None:
        raise TypeError(f"{name} is a structured array; check a function of its fields, as a dict for instance")
    if kind == "O" and any(isinstance(number, float) for number in array.flat):
        raise TypeError(f"{name} is an array of objects, some of them floats; turn it into one of floats with astype")
    if kind == "c":
        raise TypeError(f"{name} is an array of complex numbers; check a function of their real and imaginary parts")
    if kind != "f" and not (ints_too and kind in "iub"):
        return None if kind != "V" else _of_a_small_float_type(array)
    # The check computes in float64, whatever has more digits.
    epsilon = max(float(_numpy().finfo(array.dtype).eps), EPSILON) if kind == "f" else EPSILON
    if array.ndim == 0:
        return float(array), SINGLE_NUMBER, epsilon
    return array.astype("float64"), array.shape, epsilon


def _of_a_small_float_type(array: Any) -> tuple[Numbers, tuple[int, ...], float] | None:
    """The floats of bfloat16 and the like, whose types come from other packages than NumPy."""
    try:
        kind = array.dtype.type
        epsilon = min(2.0**-k for k in range(1, 24) if float(kind(1.0 + 2.0**-k)) > 1.0)
        numbers = array.astype("float64")
    except (TypeError, ValueError):
        return None
    return (numbers, array.shape, epsilon) if array.ndim else (float(numbers), SINGLE_NUMBER, epsilon)


def as_array(item: Any) -> Any:
    """Anything with `__array__` as a NumPy array; a tensor that records its history, without it."""
    if hasattr(item, "detach"):  # torch refuses to turn a tensor that requires a gradient into an array
        item = item.detach()
        if str(getattr(item, "dtype", "")) == "torch.bfloat16":
            item = item.double()
        if hasattr(item, "cpu"):
            item = item.cpu()
    return _numpy().asarray(item)


def of_type(leaf: Any, numbers: Numbers) -> Any:
    """Numbers as the type of a leaf: a float, a NumPy scalar or array, a torch tensor or a JAX array.

    Subclasses of NumPy's array, and tables of pandas, stay what they are. Whatever else has `__array__` becomes a NumPy
    array of its type.
    """
    if type(leaf) is float or isinstance(numbers, complex) or getattr(getattr(numbers, "dtype", 0), "kind", 0) == "c":
        return numbers
    kind = type(leaf).__module__.partition(".")[0]
    if kind == "torch":
        torch = sys.modules["torch"]
        made = torch.as_tensor(numbers, dtype=leaf.dtype, device=leaf.device).clone()
        return made.requires_grad_(leaf.requires_grad) if leaf.is_leaf else made
    if kind in ("jax", "jaxlib"):
        return sys.modules["jax.numpy"].asarray(numbers, dtype=leaf.dtype)
    if hasattr(leaf, "__array__"):
        dtype = leaf.dtype if hasattr(leaf, "dtype") else as_array(leaf).dtype
        made = _numpy().array(numbers, dtype=dtype)
        if hasattr(leaf, "iloc"):
            table = leaf.copy()
            table.iloc[:] = made
            return table
        if isinstance(leaf, _numpy().ndarray):
            if type(leaf) is _numpy().ndarray:
                return made
            kept = leaf.copy()  # with its class and its attributes
            kept.view(_numpy().ndarray)[...] = made
            return kept
        return made if made.ndim else dtype.type(made)
    return numbers


def _widened(leaf: Any) -> Any:
    """The leaf in float64; None for a type that has none."""
    kind = type(leaf).__module__.partition(".")[0]
    if isinstance(leaf, float) and kind != "numpy":
        return leaf
    if kind == "torch":
        return leaf.detach().double().requires_grad_(leaf.requires_grad)
    if kind == "numpy":
        return leaf.astype("float64")
    return None


def _widened_within(item: Any) -> Any:
    """A fixed argument, whose coarse floats become float64 too."""
    places = list(_places(item, ""))
    widened = [(_widened(place.leaf), place.numbers) for place in places]
    leaves = {id(place.leaf) for place in places}
    return _rebuilt(item, iter(widened), leaves)


def _nothing(item: Any) -> Any:
    """Zeros in the structure of an argument."""
    places = list(_places(item, ""))
    numbers = iter([(place.leaf, _numpy().zeros(place.shape) if place.shape else 0.0) for place in places])
    return _rebuilt(item, numbers, {id(place.leaf) for place in places})


def _equal(numbers: Numbers, others: Numbers) -> bool:
    if isinstance(numbers, float):
        return numbers == others or (numbers != numbers and others != others)
    return bool(_numpy().array_equal(numbers, others, equal_nan=True))


def is_finite(numbers: Numbers) -> bool:
    """Whether all numbers are finite."""
    return math.isfinite(numbers) if isinstance(numbers, float) else bool(_numpy().isfinite(numbers).all())


def is_near(numbers: Numbers, others: Numbers, tolerance: float) -> bool:
    """Whether they differ by at most this part of the largest of them."""
    if isinstance(numbers, float):
        return bool(abs(numbers - others) <= tolerance * max(abs(numbers), abs(others)))
    if not numbers.size:
        return True
    return bool(abs(numbers - others).max() <= tolerance * max(abs(numbers).max(), abs(others).max()))


def is_coarse(numbers: Numbers, epsilon: float) -> bool:
    """Whether some of the numbers are not 0, and all have only the digits of a type with this epsilon."""
    steps = [numbers] if isinstance(numbers, float) else numbers.ravel()[:1000].tolist()
    nonzero = [number for number in steps if number]
    return bool(nonzero) and all((math.frexp(number)[0] / epsilon).is_integer() for number in nonzero)


def _numpy() -> Any:
    import numpy

    return numpy


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
    wanted = [argnums] if isinstance(argnums, int) else list(argnums)
    if any(isinstance(index, bool) or not isinstance(index, int) for index in wanted):
        raise TypeError(f"argnums must be the index of an argument, or several of them, not {argnums!r}")
    for index in wanted:
        if not 0 <= index < count:
            raise ValueError(f"argnums names argument {index}, but there are {count}, counted from 0")
    if len(set(wanted)) < len(wanted):
        raise ValueError(f"argnums names an argument twice: {argnums!r}")
    return sorted(wanted)


def _shape(item: Any) -> tuple[int, ...]:
    """The shape of an array; () of anything else."""
    shape = getattr(item, "shape", ())
    return shape if isinstance(shape, tuple) else ()


def _described(item: Any) -> str:
    if _shape(item):
        return f"{type(item).__name__} of shape {item.shape}"
    if isinstance(item, (list, tuple)) and any(map(_shape, item)):
        return f"{type(item).__name__} of {len(item)}"
    return f"{type(item).__name__} {item!r:.60}"
