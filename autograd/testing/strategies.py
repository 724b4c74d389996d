"""Hypothesis strategies for tests of derivatives: points and arrays away from kinks, and random functions.

They need Hypothesis: pip install hypothesis.

>>> from hypothesis import given
>>> from autograd.testing import check_gradient
>>> @given(arrays((2, 3), away_from=[0.0]))
... def test_abs(x):
...     assert check_gradient(lambda x: abs(x).sum(), lambda x: x / abs(x), x)
>>> test_abs()
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from autograd.engine.ops import PRIMITIVES, Unary
from autograd.testing.random_function import BUILT_IN, Program, RandomFunction

try:
    from hypothesis import strategies as st
    from hypothesis.strategies import SearchStrategy
except ImportError as error:
    raise ImportError("autograd.testing.strategies needs Hypothesis: pip install hypothesis") from error

__all__ = ["numbers", "points", "arrays", "functions", "RandomFunction"]

LEAST_COUNT = 2000
"""There are so many numbers from low to high, or up to ten times as many."""

_NODES_OF_BINARY = st.sampled_from([(True, False), (True, True), (False, True)])
"""Which operands of a binary operation are results or inputs, where the others are plain numbers."""


def numbers(
    low: float = -3.0, high: float = 3.0, *, away_from: Iterable[float] = (), distance: float = 0.1
) -> SearchStrategy[float]:
    """Floats with a few digits from `low` to `high`: well scaled, never tiny, infinite or nan.

    Hypothesis' own `floats` likes 5e-324 and 1e308, at which differences say little about a derivative. Between kinks,
    each side is drawn equally often. What fails shrinks towards 0, to where it begins to fail.

    Args:
        low, high: the least and the greatest number.
        away_from: numbers, such as kinks, from which what is drawn keeps a distance.
        distance: how far, to rounding.

    Raises:
        ValueError: `low` is not below `high`, one of them is not finite, or no number is left between them.

    >>> from hypothesis import find
    >>> find(numbers(away_from=[0.0]), lambda x: x < 2.0), find(numbers(), lambda x: x > 0.5)
    (0.1, 0.501)
    """
    return _Grid(low, high, away_from, distance).numbers()


def points(
    size: int,
    low: float = -3.0,
    high: float = 3.0,
    *,
    away_from: Iterable[float] = (),
    distance: float = 0.1,
    apart: float = 0.0,
) -> SearchStrategy[tuple[float, ...]]:
    """Points as tuples of `numbers`, for functions of several floats.

    Args:
        size: how many numbers a point has.
        apart: the least distance between two numbers of a point: `maximum(x, y)` has a kink where they are equal.
        low, high, away_from, distance: as for `numbers`.

    Raises:
        ValueError: as `numbers`; so many numbers do not fit so far apart.

    >>> from hypothesis import find
    >>> find(points(3, away_from=[0.0]), lambda point: True), find(points(3, apart=0.5), lambda point: True)
    ((0.1, 0.1, 0.1), (0.0, -0.5, 0.5))
    """
    return _Grid(low, high, away_from, distance, apart).several(size).map(tuple)


def arrays(
    shape: int | Sequence[int] | SearchStrategy[Any],
    low: float = -3.0,
    high: float = 3.0,
    *,
    away_from: Iterable[float] = (),
    distance: float = 0.1,
    apart: float = 0.0,
    dtype: Any = "float64",
) -> SearchStrategy[Any]:
    """NumPy arrays of `numbers`; Hypothesis draws each entry, so they may have about a thousand.

    For a kink that lies elsewhere, as in `np.maximum(x @ w, 0.0)`, leave out what is near it with Hypothesis' `assume`:
    `assume(abs(x @ w).min() > 0.01)`.

    Args:
        shape: of the arrays; or a strategy for it.
        apart: the least distance between two entries: a maximum has a kink where they are equal.
        dtype: their type, such as "float32"; the ends and the distances hold to its rounding.
        low, high, away_from, distance: as for `numbers`.

    Raises:
        ValueError: as `points`; the type is not one of floats.

    >>> from hypothesis import find
    >>> find(arrays((2, 2), away_from=[0.0], dtype="float32"), lambda x: x[0, 1] > 1)
    array([[0.1  , 1.001],
           [0.1  , 0.1  ]], dtype=float32)
    """
    import numpy

    kind = numpy.dtype(dtype)
    if kind.kind != "f":
        raise ValueError(f"arrays must be of floats, such as float64 or float32, not of {kind}")
    grid = _Grid(low, high, away_from, distance, apart)

    def of_shape(drawn: int | Sequence[int]) -> SearchStrategy[Any]:
        axes = (drawn,) if isinstance(drawn, int) else tuple(drawn)
        return grid.several(math.prod(axes)).map(lambda entries: numpy.array(entries, kind).reshape(axes))

    return shape.flatmap(of_shape) if isinstance(shape, SearchStrategy) else of_shape(shape)


@st.composite
def functions(
    draw: st.DrawFn, inputs: int | Sequence[float] = 2, *, operations: int = 8, primitives: Sequence[str] | None = None
) -> RandomFunction:
    """Random functions that give one number: of floats, NumPy numbers and Values alike.

    A function comes with a point, `f.point`, at which it is defined and well scaled: there its value is at most 100,
    its largest slope from 0.01 to 100, and kinks are some distance away. Printed, it is a program that makes it again.

    Args:
        inputs: how many numbers it takes; or the point itself.
        operations: how many operations it has at most. A few more may keep operands where an operation is defined.
        primitives: the names of the operations to choose from, "add", "tanh", ...; all of `autograd.PRIMITIVES` of the
            library unless given.

    Raises:
        ValueError: there is no primitive of a name; there is no input, or no operation.

    >>> from hypothesis import find
    >>> find(functions(1, primitives=["exp", "tanh"]), lambda f: "tanh" in f.text)
    RandomFunction('tanh(x)', x=0.0)
    """
    for option, count in (("inputs", inputs if isinstance(inputs, int) else len(inputs)), ("operations", operations)):
        if count < 1:
            raise ValueError(f"{option} must be 1 or more, not {count}")
    names = list(BUILT_IN if primitives is None else primitives)
    unknown = [name for name in names if name not in PRIMITIVES]
    if unknown:
        raise ValueError(f"there is no primitive {unknown[0]!r}; there are {', '.join(PRIMITIVES)}")
    point = draw(points(inputs)) if isinstance(inputs, int) else tuple(map(float, inputs))
    program = Program(point)
    constants = numbers(away_from=[0.0])
    for name in draw(st.lists(st.sampled_from(names), min_size=1, max_size=operations)):
        node = st.sampled_from(program.operands())
        if isinstance(PRIMITIVES[name], Unary):
            program.apply(name, draw(node))
        else:
            program.apply(name, *(draw(node if is_node else constants) for is_node in draw(_NODES_OF_BINARY)))
    return program.function()


class _Grid:
    """Where numbers may lie: the multiples of a power of ten between two ends, as intervals between the kinks.

    Raises:
        ValueError: the ends or a distance make no sense, or nothing is left between them.
    """

    def __init__(
        self, low: float, high: float, away_from: Iterable[float], distance: float, apart: float = 0.0
    ) -> None:
        if not -math.inf < low < high < math.inf:
            raise ValueError(f"low must be below high, both finite, not low={low!r} and high={high!r}")
        for name, length in (("distance", distance), ("apart", apart)):
            if not 0.0 <= length < math.inf:
                raise ValueError(f"{name} must be finite and not negative, not {length!r}")
        self.low, self.high, self.apart = low, high, apart
        self.exponent = math.floor(math.log10(high / LEAST_COUNT - low / LEAST_COUNT))
        kinks = sorted(away_from)
        starts = [low, *(kink + distance for kink in kinks)]
        ends = [*(kink - distance for kink in kinks), high]
        pieces = [self._multiples(max(start, low), min(end, high)) for start, end in zip(starts, ends, strict=True)]
        self.pieces = sorted(filter(None, pieces), key=lambda piece: (max(piece[0], -piece[-1], 0), piece[0] < 0))
        if not self.pieces:
            far = f"{distance} away from {', '.join(map(str, kinks))}"
            raise ValueError(f"no number from {low} to {high} is {far}; choose a smaller distance")

    def number(self, multiple: int) -> float:
        """A multiple as a number, written with as few digits."""
        exact = multiple * 10**self.exponent if self.exponent >= 0 else multiple / 10**-self.exponent
        return min(max(float(exact), self.low), self.high)

    def numbers(self) -> SearchStrategy[float]:
        """One of its numbers: each piece is drawn equally often."""
        return st.one_of([st.integers(piece[0], piece[-1]) for piece in self.pieces]).map(self.number)

    def several(self, count: int) -> SearchStrategy[list[float]]:
        """Some of its numbers.

        Raises:
            ValueError: there are not so many that are apart.
        """
        if not self.apart:
            return st.lists(self.numbers(), min_size=count, max_size=count)
        places = [self.number(multiple) for piece in self.pieces for multiple in sorted(piece, key=abs)]
        if count > len(places):
            many = f"{count} numbers do not fit: {self.apart} apart there are {len(places)}"
            raise ValueError(f"{many} from {self.low} to {self.high}")
        return st.lists(st.sampled_from(places), min_size=count, max_size=count, unique=True)

    def _multiples(self, start: float, end: float) -> range:
        """The multiples in an interval, so many apart; an end that is one of them to rounding counts."""
        unit = 10.0**self.exponent
        every = max(math.ceil(self.apart / unit - 1e-9), 1)
        first = math.ceil((start / unit - 1e-9) / every) * every
        return range(first, math.floor(end / unit + 1e-9) + 1, every)
