"""Checks of what belongs to functions with several results: products with Jacobians, Jacobians, Hessians, adjoints."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal, NamedTuple

from autograd.check.numerical import EPSILON
from autograd.check.report import GradcheckReport, GradcheckRow
from autograd.testing.checks import (
    MOST_ENTRIES,
    Directions,
    Found,
    Options,
    after,
    is_count,
    reported,
    require_functions,
    rows_of,
    seeded,
    together,
)
from autograd.testing.directions import along, random_direction, size_along
from autograd.testing.function import Direction, Function
from autograd.testing.gradient import Method, relative_tolerance
from autograd.testing.inputs import Inputs, coarsest, complex_parts, places_in
from autograd.testing.numbers import Numbers, as_array

COTANGENTS = 2
"""With how many random cotangents a vector-Jacobian product is checked."""


def check_vjp(
    f: Callable[..., Any],
    vjp: Callable[..., Any] | Literal[True],
    *args: Any,
    argnums: int | Sequence[int] | None = None,
    directions: Directions = "auto",
    points: int = 1,
    rtol: float | None = None,
    atol: float | None = None,
    method: Method = "auto",
    rng: int = 0,
    skip: Any = None,
    before: Callable[[], object] | None = None,
    raise_on_failure: bool = False,
) -> GradcheckReport:
    """Compares a vector-Jacobian product, such as the backward pass of a layer, with differences.

    It is checked with two random cotangents: each makes of `f` a function with one result, whose gradient the product
    is. All else is as in `check_gradient`.

    Args:
        f: a function of the arguments that returns numbers: an array, or a list, a dict, ... of arrays and floats.
        vjp: called as `vjp(cotangent, *args)` with a cotangent shaped like the result; returns what a gradient is
            shaped like. True says that `f` returns a pair: its result, and a function of the cotangent alone.

    >>> f = lambda x, y: [x * y, x + y]
    >>> bool(check_vjp(f, lambda g, x, y: (g[0] * y + g[1], g[0] * x + g[1]), 2.0, 3.0))
    True
    """
    require_functions(f=f) if vjp is True else require_functions(f=f, vjp=vjp)
    inputs = Inputs(f, args, argnums)
    if skip is not None:
        inputs.skip(skip)
    options = Options(directions, points, rtol, atol, rng, before, method)
    result_of: Callable[..., Any] = f if callable(vjp) else lambda *args: f(*args)[0]
    outcome = _Outcome(after(before, result_of), inputs)
    results = outcome.results
    drawn = seeded(rng)
    parts = []
    for number in range(COTANGENTS):
        cotangent = _drawn(results, drawn)

        def gradient(*args: Any, cotangent: _Drawn = cotangent) -> Any:
            given = cotangent.beside(args, inputs)
            return vjp(given, *args) if callable(vjp) else f(*args)[1](given)

        parts.append(
            rows_of(outcome.weighed(cotangent.numbers), gradient, inputs, options).named(f", cotangent {number + 1}")
        )
    return reported(outcome.counted(parts), inputs, raise_on_failure)


def check_jvp(
    f: Callable[..., Any],
    jvp: Callable[..., Any],
    *args: Any,
    argnums: int | Sequence[int] | None = None,
    vjp: Callable[..., Any] | None = None,
    directions: int = 2,
    rtol: float | None = None,
    atol: float | None = None,
    method: Method = "auto",
    rng: int = 0,
    skip: Any = None,
    before: Callable[[], object] | None = None,
    raise_on_failure: bool = False,
) -> GradcheckReport:
    """Compares a Jacobian-vector product with differences, along random directions.

    Args:
        f: a function of the arguments that returns numbers: an array, or a list, a dict, ... of arrays and floats.
        jvp: called as `jvp(tangent, *args)` with a tangent shaped like the argument, or a tuple of these for several;
            returns what is shaped like the result.
        vjp: if given, as in `check_vjp`, both must agree: `<J v, w> = <v, J' w>`.
        directions: how many tangents to check.
        skip: bools shaped like the argument; where they are True, tangents are 0.

    >>> bool(check_jvp(lambda x: x * x, lambda v, x: 2 * x * v, 3.0, vjp=lambda g, x: 2 * x * g))
    True
    """
    require_functions(f=f, jvp=jvp)
    if vjp is not None:
        require_functions(vjp=vjp)
    inputs = Inputs(f, args, argnums)
    if skip is not None:
        inputs.skip(skip)
    _check_count(directions)
    outcome = _Outcome(after(before, f), inputs)
    results = outcome.results
    drawn = seeded(rng)
    epsilon = max(inputs.epsilon, results.epsilon)
    parts = []
    for number in range(directions):
        tangent = _drawn(inputs, drawn)
        for name, weights in _readings(results, drawn):
            name = f"{name} along direction {number + 1}"
            options = Options(1, 1, rtol, atol, rng, before, method, along=tangent.numbers, named=name)

            def gradient(*args: Any, tangent: _Drawn = tangent, weights: Direction = weights) -> Any:
                """One that claims along the tangent what the product claims."""
                product = results.matched(jvp(tangent.beside(args, inputs), *args), "the product")
                share = along(product, weights) / along(tangent.numbers, tangent.numbers)
                return (inputs.widened() or inputs).direction([share * by for by in tangent.numbers])

            parts.append(rows_of(outcome.weighed(weights), gradient, inputs, options))
        if vjp is not None:
            v, w = tangent, _drawn(results, drawn)
            forward = results.matched(after(before, jvp)(v.given, *inputs.rebuilt()), "the product")
            backward = inputs.matched(after(before, vjp)(w.given, *inputs.rebuilt()), "the product")
            size = max(size_along(forward, w.numbers), size_along(backward, v.numbers))
            name = f"<Jv, w> = <v, J'w>, direction {number + 1}"
            row = _equal(name, along(forward, w.numbers), along(backward, v.numbers), size, rtol, epsilon)
            parts.append(Found([row], [], 0))
    return reported(outcome.counted(parts), inputs, raise_on_failure)


def check_jacobian(
    f: Callable[..., Any],
    jacobian: Callable[..., Any],
    *args: Any,
    argnums: int | Sequence[int] | None = None,
    directions: Directions = "auto",
    rtol: float | None = None,
    atol: float | None = None,
    method: Method = "auto",
    rng: int = 0,
    skip: Any = None,
    before: Callable[[], object] | None = None,
    raise_on_failure: bool = False,
) -> GradcheckReport:
    """Compares a Jacobian with differences: every row if it has up to 200 entries, else random sums of rows.

    Args:
        f: a function of the arguments that returns an array, or a number.
        jacobian: a function of the same arguments that returns an array, shaped like the result and then like the
            argument, or a tuple of these for several arguments.
        skip: bools shaped like the argument; the columns of a True are not checked.

    >>> bool(check_jacobian(lambda x, y: [x * y, x + y], lambda x, y: ([y, 1.0], [x, 1.0]), 2.0, 3.0))
    True
    """
    require_functions(f=f, jacobian=jacobian)
    inputs = Inputs(f, args, argnums)
    if skip is not None:
        inputs.skip(skip)
    outcome = _Outcome(after(before, f), inputs)
    results = outcome.results
    options = Options(directions, 1, rtol, atol, rng, before, method)
    few = results.size * inputs.size <= MOST_ENTRIES
    drawn = seeded(rng)
    readings = _readings(results, drawn) if few else [("", random_direction(results, drawn)) for _ in range(COTANGENTS)]
    parts = []
    for name, weights in readings:

        def gradient(*args: Any, weights: Direction = weights) -> Any:
            rows = _row_sums(jacobian(*args), inputs, results, weights)
            return (inputs.widened() or inputs).direction(rows)

        found = rows_of(outcome.weighed(weights), gradient, inputs, options)
        rows = [row._replace(name=row.name.replace("d/", f"d {name}/", 1)) for row in found.rows]
        parts.append(found._replace(rows=rows))
    return reported(outcome.counted(parts), inputs, raise_on_failure)


def check_hessian(
    f: Callable[..., Any],
    grad: Callable[..., Any],
    hessian: Callable[..., Any],
    x: Any,
    *,
    rtol: float | None = None,
    atol: float | None = None,
    method: Method = "auto",
    rng: int = 0,
    before: Callable[[], object] | None = None,
    raise_on_failure: bool = False,
) -> GradcheckReport:
    """Compares a gradient with differences of the function, a Hessian with differences of the gradient, and its halves.

    Args:
        f: a function of one argument, a float or an array, that returns one number.
        grad: its gradient.
        hessian: its second derivatives: an array shaped like the argument twice.

    >>> import numpy as np
    >>> A = np.array([[2.0, 1.0], [1.0, 3.0]])
    >>> bool(check_hessian(lambda x: x @ A @ x / 2, lambda x: A @ x, lambda x: A, np.ones(2)))
    True
    """
    require_functions(f=f, grad=grad, hessian=hessian)
    options = Options("auto", 1, rtol, atol, rng, before, method)
    inputs = Inputs(f, (x,), None)
    if len(inputs.places) > 1 or inputs.places[0].leaf is not x:
        raise TypeError(
            f"check_hessian takes a function of a float or an array, not of a {type(x).__name__}; use numpy.array(x)"
        )
    first = rows_of(f, grad, inputs, options)
    second = check_jacobian(grad, hessian, x, rtol=rtol, atol=atol, method=method, rng=rng, before=before)
    matrix = as_array(after(before, hessian)(*inputs.rebuilt())).astype(float).reshape(inputs.size, inputs.size)
    drawn = seeded(rng)
    v, w = (random_direction(inputs, drawn) for _ in range(2))
    v, w = (_flat(direction) for direction in (v, w))
    size = float(abs(v) @ abs(matrix) @ abs(w))
    symmetric = _equal(
        "<Hv, w> = <v, Hw>", float(w @ (matrix @ v)), float(v @ (matrix @ w)), size, rtol, inputs.epsilon
    )
    names = [place.entry_name(index) for place in inputs.places for index in range(place.size)]
    order_two = [row._replace(order=2, name=_second(row.name, names)) for row in [*second.rows, symmetric]]
    found = together([first, Found(order_two, second.notes, second.calls or 0)])
    return reported(found, inputs, raise_on_failure)


def check_linear(
    A: Callable[..., Any],  # noqa: N803 - the name of an operator in every textbook
    adjoint: Callable[..., Any],
    x: Any,
    *,
    directions: int = COTANGENTS,
    rtol: float | None = None,
    rng: int = 0,
    before: Callable[[], object] | None = None,
    raise_on_failure: bool = False,
) -> GradcheckReport:
    """Whether an operator is linear, and `adjoint` is its adjoint: `<A v, w> = <v, A' w>` for random v and w.

    Args:
        A: a function of one argument that is shaped like `x`.
        adjoint: a function of one argument that is shaped like the result of `A`.
        x: an argument; its numbers are used once, for the shape of the result.
        directions: how many pairs of v and w to try.
        before: called before each call of `A` and of `adjoint`.

    >>> bool(check_linear(lambda v: [2 * v[0] + v[1]], lambda w: [2 * w[0], w[0]], [1.0, 2.0]))
    True
    """
    require_functions(A=A, adjoint=adjoint)
    if before is not None:
        require_functions(before=before)
    inputs = Inputs(A, (x,), None)
    _check_count(directions)
    transposed = after(before, adjoint)
    outcome = _Outcome(after(before, A), inputs)
    operator, results = outcome.called, outcome.results
    weights = random_direction(results, seeded(rng))
    Function(outcome.weighed(weights), inputs)  # which refuses one that changes its argument, or its result
    drawn = seeded(rng)
    epsilon = max(inputs.epsilon, results.epsilon)

    def applied(direction: Direction) -> list[Numbers]:
        return results.matched(operator(inputs.direction(direction)), "the result")

    rows = []
    for number in range(directions):
        (v, _, _), (u, _, _), (w, weights, _) = (_drawn(of, drawn) for of in (inputs, inputs, results))
        image, other = applied(v), applied(u)
        combined = [2.0 * one - 3.0 * two for one, two in zip(v, u, strict=True)]
        expected = 2.0 * along(image, w) - 3.0 * along(other, w)
        size = 2.0 * size_along(image, w) + 3.0 * size_along(other, w)
        suffix = f", pair {number + 1}"
        name = "A(2v - 3u) = 2 A v - 3 A u"
        rows.append(_equal(name + suffix, expected, along(applied(combined), w), size, rtol, epsilon))
        back = inputs.matched(transposed(weights), "the adjoint")
        name = "<A v, w> = <v, A'w>"
        size = max(size_along(image, w), size_along(back, v))
        rows.append(_equal(name + suffix, along(image, w), along(back, v), size, rtol, epsilon))
    return reported(Found(rows, [], outcome.calls), inputs, raise_on_failure)


def _check_count(directions: object) -> None:
    if not is_count(directions):
        raise ValueError(f"directions must be an int, 1 or more, not {directions!r}")


def _second(name: str, names: Sequence[str]) -> str:
    """The name of a derivative of an entry of the gradient: d2/dx[0] dx[1] for d result[0]/dx[1]."""
    found = re.fullmatch(r"d result(?:\[([\d, ]+)\])?/(d.+)", name)
    if found is None:
        return name
    entry = next(known for known in names if known.endswith(f"[{found[1]}]")) if found[1] else names[0]
    return f"d2/d{entry} {found[2]}"


def _results(f: Callable[..., Any], inputs: Inputs) -> Inputs:
    """The result of a function, as inputs of what is done with it.

    Raises:
        TypeError: there is no float in it.
    """
    result = f(*inputs.rebuilt())
    if not any(place.size for place in places_in(result, "the result")):
        raise TypeError(
            f"the function must return a float, an array of floats, or a list, tuple, dict or dataclass of them, not "
            f"{type(result).__name__} {result!r:.80}"
        )
    return Inputs(lambda result: result, (result,), None)


class _Weighed(float):
    """A sum of results, with the epsilon of their type."""

    epsilon: float


class _Outcome:
    """The results of a function, computed once for all that is read from them at the same arguments.

    Args:
        f: the function.
        inputs: its arguments.

    results: what it returns there, as inputs of what is done with it.
    calls: how often it was called since.
    """

    def __init__(self, f: Callable[..., Any], inputs: Inputs) -> None:
        self._f = f
        self._inputs = inputs
        self.results = _results(f, inputs)
        self.calls = 0
        self._kept: dict[bytes, tuple[list[Numbers], float]] = {}
        self._keeps = max(self.results.size, inputs.size) <= MOST_ENTRIES
        self._here = inputs.fingerprint(inputs.args)

    def called(self, *args: Any) -> Any:
        """The function, its calls counted."""
        self.calls += 1
        return self._f(*args)

    def weighed(self, weights: Direction) -> Callable[..., complex]:
        """The function of the same arguments that returns the sum of the results with these weights."""

        def function(*args: Any) -> complex:
            key = self._key(args)
            if key not in self._kept:
                result = self.called(*args)
                parts = complex_parts(result)
                if parts is not None:  # of a function that was called with complex numbers
                    return complex(*(along(self.results.matched(part, "the result"), weights) for part in parts))
                read = self.results.matched(result, "the result"), coarsest([result])
                if not key:
                    return _summed(*read, weights)
                self._kept[key] = read
            return _summed(*self._kept[key], weights)

        return function

    def _key(self, args: Sequence[Any]) -> bytes:
        """What tells arguments from others; empty where nothing is kept.

        At the arguments themselves nothing is, so that a function is seen to give the same again.
        """
        numbers = self._inputs.fingerprint(args) if self._keeps else None
        return b"" if numbers is None or numbers == self._here else numbers

    def counted(self, parts: Sequence[Found]) -> Found:
        """What several checks found, with the calls that were made for all of them."""
        return together(parts)._replace(calls=self.calls)


def _summed(numbers: list[Numbers], epsilon: float, weights: Direction) -> _Weighed:
    total = _Weighed(along(numbers, weights))
    total.epsilon = epsilon
    return total


class _Drawn(NamedTuple):
    """A random direction: its numbers, and what functions are given of it, in its own type and in float64.

    The numbers are those of its own type, so no rounding is between what a function is given and what is expected.
    """

    numbers: Direction
    given: Any
    in_double: Any

    def beside(self, args: Sequence[Any], inputs: Inputs) -> Any:
        """What a function is given of it beside arguments: float64, if they are widened to that."""
        is_wide = coarsest([args[index] for index in inputs.argnums]) < inputs.epsilon
        return self.in_double if is_wide else self.given


def _drawn(inputs: Inputs, rng: random.Random) -> _Drawn:
    given = inputs.direction(random_direction(inputs, rng))
    numbers = inputs.matched(given, "a direction")
    return _Drawn(numbers, given, (inputs.widened() or inputs).direction(numbers))


def _readings(results: Inputs, rng: random.Random) -> Iterator[tuple[str, Direction]]:
    """Weights that read each entry of a result, with its name; random ones where there are many."""
    if results.size > MOST_ENTRIES:
        for number in range(COTANGENTS):
            yield f"cotangent {number + 1}", random_direction(results, rng)
        return
    for at, index in results.locations():
        weights: Direction = [0.0 * place.numbers for place in results.places]
        if results.places[at].shape:
            weights[at].flat[index] = 1.0
        else:
            weights[at] = 1.0
        yield results.places[at].entry_name(index), weights


def _row_sums(jacobian: Any, inputs: Inputs, results: Inputs, weights: Direction) -> list[Numbers]:
    """The weighted sum of the rows of a Jacobian, place by place."""
    if len(inputs.places) != len(inputs.argnums):
        raise TypeError("check_jacobian takes arguments that are floats or arrays; use check_vjp for nested ones")
    blocks = [jacobian] if inputs.single else list(jacobian)
    row = _flat(weights)
    sums: list[Numbers] = []
    for place, block in zip(inputs.places, blocks, strict=True):
        matrix = as_array(block).astype(float)
        shape = (*_shape(results), *place.shape)
        if matrix.shape != shape:
            raise ValueError(f"the Jacobian with respect to {place.name} must have shape {shape}, not {matrix.shape}")
        summed = row @ matrix.reshape(results.size, place.size)
        sums.append(summed.reshape(place.shape) if place.shape else float(summed[0]))
    return sums


def _shape(results: Inputs) -> tuple[int, ...]:
    """The shape of a result: of an array, or of a list of numbers."""
    if len(results.places) == 1 and results.args[0] is results.places[0].leaf:
        return results.places[0].shape
    if all(not place.shape for place in results.places):
        return (len(results.places),)
    raise TypeError(
        "check_jacobian takes functions that return an array or a list of numbers; use check_vjp for others"
    )


def _flat(direction: Direction) -> Any:
    """All numbers of a direction in one array."""
    import numpy

    return numpy.concatenate([numpy.ravel(numbers) for numbers in direction])


def _equal(name: str, one: float, other: float, size: float, rtol: float | None, epsilon: float) -> GradcheckRow:
    """The row that two numbers are equal, up to roundings of terms of a size."""
    rounding = (64.0 if epsilon == EPSILON else 16.0) * epsilon * size
    allowed = relative_tolerance(rtol, epsilon) * max(abs(one), abs(other)) + rounding
    agrees = math.isfinite(one) and math.isfinite(other) and abs(one - other) <= allowed
    return GradcheckRow(name, 1, one, other, rounding, "ok" if agrees else "wrong")
