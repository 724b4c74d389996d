"""Numbers as users have them, in floats, arrays and tensors: read as floats, and made again of the same type.

Only the standard library is imported here. An array is recognized by the package that it came from, which is loaded.
"""

from __future__ import annotations

import math
import sys
from typing import Any, TypeAlias

from autograd.check.numerical import EPSILON

Numbers: TypeAlias = Any
"""The floats of one place among the arguments: a float, or a NumPy array of float64."""

SINGLE_NUMBER: tuple[int, ...] = ()


def entry_of(numbers: Numbers, index: int) -> float:
    """One of the numbers, counted row by row."""
    return numbers if isinstance(numbers, float) else float(numbers.flat[index])


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
    if str(getattr(item, "dtype", "")).startswith("key<"):  # a key of JAX's random numbers
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
    epsilon = EPSILON
    if kind == "f":
        # A tensor may come as an array of more digits. The check computes in float64, whatever has more still.
        finfo, dtype = (sys.modules["torch"].finfo, item.dtype) if is_tensor(item) else (_numpy().finfo, array.dtype)
        epsilon = max(float(finfo(dtype).eps), EPSILON)
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


def package_of(item: Any) -> str:
    """The name of the package that the type of something comes from."""
    return type(item).__module__.partition(".")[0]


def is_tensor(item: Any) -> bool:
    """Whether something is a tensor of torch, or of a class built upon it, such as a parameter."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(item, torch.Tensor)


def as_array(item: Any) -> Any:
    """Anything with `__array__` as a NumPy array; a tensor that records its history, without it."""
    if is_tensor(item):  # NumPy takes none that requires a gradient, is on a graphics card, or of bfloat16
        item = item.detach().cpu()
        if item.is_floating_point() and item.dtype.itemsize < 4:
            item = item.double()
    return _numpy().asarray(item)


def of_type(leaf: Any, numbers: Numbers, *, copy: bool = True) -> Any:
    """Numbers as the type of a leaf: a float, a NumPy scalar or array, a torch tensor or a JAX array.

    Tensors keep the order of their axes in memory, and whether they require a gradient. Subclasses of NumPy's array,
    and tables of pandas, stay what they are. Whatever else has `__array__` becomes a NumPy array of its type. Without
    `copy`, an array may be returned as it is, which is for numbers that nobody else has.
    """
    if type(leaf) is float or isinstance(numbers, complex) or getattr(getattr(numbers, "dtype", 0), "kind", 0) == "c":
        return numbers
    if is_tensor(leaf):
        torch = sys.modules["torch"]
        made = torch.empty_like(leaf.detach()).copy_(torch.as_tensor(numbers, dtype=torch.float64))
        return made.requires_grad_(leaf.requires_grad)
    if package_of(leaf) in ("jax", "jaxlib"):
        return sys.modules["jax.numpy"].asarray(numbers, dtype=leaf.dtype)
    if hasattr(leaf, "__array__"):
        dtype = leaf.dtype if hasattr(leaf, "dtype") else as_array(leaf).dtype
        made = _numpy().array(numbers, dtype=dtype) if copy else _numpy().asarray(numbers, dtype=dtype)
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


def without_history(made: Any) -> Any:
    """What `of_type` made, as a tensor that requires no gradient: a direction is not differentiated."""
    return made.detach() if is_tensor(made) else made


def widened(leaf: Any) -> Any:
    """The leaf in float64; itself if it has no such type.

    Where JAX has not, its arrays become those of NumPy, in which nothing is rounded.
    """
    if is_tensor(leaf):
        return leaf.detach().double().requires_grad_(leaf.requires_grad)
    if package_of(leaf) in ("jax", "jaxlib"):
        jax = sys.modules["jax"]
        return leaf.astype("float64") if jax.config.jax_enable_x64 else _numpy().asarray(leaf).astype("float64")
    return leaf.astype("float64") if package_of(leaf) == "numpy" else leaf


def are_equal(numbers: Numbers, others: Numbers) -> bool:
    """Whether they are the same numbers; nan is equal to nan."""
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
