"""Derivatives as functions: nothing here changes a `.grad`.

`gradients` walks a graph that exists already. The others take a function and return its derivative as a function; all
of them use that one walk:

>>> grad(lambda x: x**3)(2.0), grad(grad(lambda x: x**3))(2.0)
(12.0, 12.0)

What they share:

- The point is a number, or nested lists, tuples or NumPy arrays of numbers; the derivative has the same structure.
- The function receives Values in place of these numbers (an array of Values for an array). Its other arguments reach
  it unchanged.
- Floats go in and floats come out. If the result depends on a Value that requires a gradient, among the arguments or
  outside the function, the derivatives are Values that can be differentiated again: so these functions can be nested.
- A function that returns a plain number is constant there and has derivative 0.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, pairwise
from typing import Any, Literal, Never, Protocol, SupportsIndex, overload

from autograd.composites import dot, norm, plain
from autograd.engine import diagnose, graph
from autograd.engine.conditions import is_symbolic
from autograd.engine.errors import CompileError
from autograd.engine.modes import enable_grad, is_recording
from autograd.engine.ops import Number, real_number
from autograd.engine.value import Value
from autograd.nested import array, flat, is_array, is_scalar_array, shape, shaped
from autograd.polynomial import Taylor


@overload
def gradients(root: Value, wrt: Iterable[Value], create_graph: Literal[False] = False) -> list[float]: ...
@overload
def gradients(root: Value, wrt: Iterable[Value], create_graph: Literal[True]) -> list[Value]: ...
@overload
def gradients(root: Value, wrt: Iterable[Value], create_graph: bool) -> list[float] | list[Value]: ...
def gradients(root: Value, wrt: Iterable[Value], create_graph: bool = False) -> list[float] | list[Value]:
    """The derivatives of `root` with respect to each of `wrt`, in the same order; no `.grad` changes.

    Args:
        root: the Value to differentiate.
        wrt: leaves or intermediate Values; the derivative is 0 for one that `root` does not depend on.
        create_graph: True returns the derivatives as Values, which can be differentiated again.

    Raises:
        RuntimeError: `root` is a constant.
        ValueError: one of `wrt` is a constant.
        ChangedLeafError: with `create_graph`, a leaf's data was changed after the graph was built.
        FloatingPointError: as in `Value.backward()`.

    >>> x = Value(2.0)
    >>> (derivative,) = gradients(x**3, [x], create_graph=True)
    >>> derivative.data, gradients(derivative, [x])
    (12.0, [12.0])
    """
    if not isinstance(root, Value):
        raise TypeError(f"gradients takes the Value to differentiate first, not a {type(root).__name__} {root!r}")
    nodes: list[Any] = list(wrt) if hasattr(wrt, "__iter__") else [None]  # iterated once: it may be a generator
    if not all(isinstance(node, Value) for node in nodes):
        raise TypeError("wrt must be a list of the Values to differentiate with respect to: gradients(root, [x, y])")
    for node in (root, *nodes):
        _refuse_symbol(node, "gradients")
    for node in nodes:
        if not node.requires_grad:
            raise ValueError(f"{node!r} is a constant: no gradient is computed for it")
    if not root.requires_grad:
        raise RuntimeError(f"{root!r} is a constant, or was computed from constants or under no_grad()")
    return _gradients(root, nodes, create_graph)


def _gradients(
    root: Value, wrt: Sequence[Value], create_graph: bool, until: Sequence[Value] = ()
) -> list[float] | list[Value]:
    """The walk of `gradients`; it stops at the nodes of `until`, none of which may be computed from one of `wrt`."""
    leaves, operations = graph.ancestors(root, until)
    if not math.isfinite(root.data):
        diagnose.blame_result(graph.ancestors(root)[1])  # the cause may lie beyond the end of the walk
    partials: Callable[[Value], Iterable[tuple[str, Value, Number]]]
    partials = graph.partials_as_values if create_graph else graph.partials
    gradient: dict[Value, Number] = {root: 1.0}
    with enable_grad():
        for node in reversed(operations):
            try:
                for _, parent, partial in partials(node):
                    contribution = _times(gradient[node], partial)
                    gradient[parent] = gradient[parent] + contribution if parent in gradient else contribution
            except (ArithmeticError, ValueError) as error:
                diagnose.no_derivative(node, error)
    ends = [*leaves, *until]
    if not all(math.isfinite(plain(gradient.get(node, 0.0))) for node in ends):
        diagnose.blame_derivative(ends, operations, lambda node: plain(gradient.get(node, 0.0)))
    found = [gradient.get(node, 0.0) for node in wrt]
    if not create_graph:
        return [plain(number) for number in found]
    return [number if isinstance(number, Value) else Value(number, requires_grad=False) for number in found]


def _times(gradient: Number, partial: Number) -> Number:
    """gradient * partial, but no multiplication by one, which would only enlarge the graph of a second derivative."""
    if not isinstance(partial, Value) and partial == 1.0:
        return gradient
    if not isinstance(gradient, Value) and gradient == 1.0:
        return partial
    return gradient * partial


class Gradient(Protocol):
    """What `grad` returns, to a type checker: plain numbers give a float, a Value gives a Value, a list gives a list.

    Types cannot tell that `f` uses a Value from outside: then plain numbers give a Value too.
    """

    @overload  # for an argument of unknown type: only that is taken for a Never
    def __call__(self, x: Never, /, *others: Any) -> Any: ...
    @overload
    def __call__(self, x: float, /, *others: float) -> float: ...
    @overload
    def __call__(self, x: Value, /) -> Value: ...
    @overload
    def __call__(self, x: list[float], /) -> list[float]: ...
    @overload
    def __call__(self, x: list[Value], /) -> list[Value]: ...
    @overload
    def __call__(self, *args: Any, **keywords: Any) -> Any: ...


class ValueAndGradient(Protocol):
    """What `value_and_grad` returns, to a type checker: the result of `f`, and what a `Gradient` gives."""

    @overload
    def __call__(self, x: Never, /, *others: Any) -> tuple[Any, Any]: ...
    @overload
    def __call__(self, x: float, /, *others: float) -> tuple[float, float]: ...
    @overload
    def __call__(self, x: Value, /) -> tuple[Value, Value]: ...
    @overload
    def __call__(self, x: list[float], /) -> tuple[float, list[float]]: ...
    @overload
    def __call__(self, x: list[Value], /) -> tuple[Value, list[Value]]: ...
    @overload
    def __call__(self, *args: Any, **keywords: Any) -> tuple[Any, Any]: ...


class Hessian(Protocol):
    """What `hessian` returns, to a type checker: a list gives a row for each number; the rest is as in `Gradient`."""

    @overload
    def __call__(self, x: Never, /, *others: Any) -> Any: ...
    @overload
    def __call__(self, x: float, /, *others: float) -> float: ...
    @overload
    def __call__(self, x: Value, /) -> Value: ...
    @overload
    def __call__(self, x: list[float], /) -> list[list[float]]: ...
    @overload
    def __call__(self, x: list[Value], /) -> list[list[Value]]: ...
    @overload
    def __call__(self, *args: Any, **keywords: Any) -> Any: ...


@overload
def grad(f: Callable[..., Any], argnum: SupportsIndex = 0) -> Gradient: ...
@overload
def grad(f: Callable[..., Any], argnum: Iterable[SupportsIndex]) -> Callable[..., tuple[Any, ...]]: ...
def grad(f: Callable[..., Any], argnum: SupportsIndex | Iterable[SupportsIndex] = 0) -> Callable[..., Any]:
    """The gradient of `f`, as a function of the same arguments.

    Args:
        f: returns one Value.
        argnum: the index of the argument to differentiate with respect to, by default the first; several indices give
            a tuple of gradients.

    Returns:
        A function that returns the gradient in the structure of that argument: a float for a number, a list for a list.

    Raises:
        TypeError: `f` is not a function, or does not return a number; something in the argument is not a number.
        ValueError: there is no argument with that index, or it holds no number.
        CompileError: it is called inside a function that is being compiled.
        FloatingPointError: as in `Value.backward()`.

    >>> grad(lambda x: x[0] ** 2 + x[0] * x[1] + x[1] ** 2)([1.0, 2.0])
    [4.0, 5.0]
    >>> grad(lambda x, y: x * y**2, argnum=(0, 1))(3.0, 2.0)
    (4.0, 12.0)
    """
    _check_function(f, "grad")
    wanted = _argnums(argnum)

    def gradient(*args: Any, **keywords: Any) -> Any:
        return _Call(f, args, keywords, wanted, "grad").value_and_gradient()[1]

    return gradient


@overload
def value_and_grad(f: Callable[..., Any], argnum: SupportsIndex = 0) -> ValueAndGradient: ...
@overload
def value_and_grad(
    f: Callable[..., Any], argnum: Iterable[SupportsIndex]
) -> Callable[..., tuple[Any, tuple[Any, ...]]]: ...
def value_and_grad(f: Callable[..., Any], argnum: SupportsIndex | Iterable[SupportsIndex] = 0) -> Callable[..., Any]:
    """A function that returns the result of `f` and its gradient, from one evaluation; arguments as in `grad`.

    The errors are those of `grad` too.

    >>> value_and_grad(lambda x: x**2)(3.0)
    (9.0, 6.0)
    """
    _check_function(f, "value_and_grad")
    wanted = _argnums(argnum)

    def both(*args: Any, **keywords: Any) -> tuple[Any, Any]:
        return _Call(f, args, keywords, wanted, "value_and_grad").value_and_gradient()

    return both


@overload
def jacobian(f: Callable[..., Any], argnum: SupportsIndex = 0) -> Callable[..., Any]: ...
@overload
def jacobian(f: Callable[..., Any], argnum: Iterable[SupportsIndex]) -> Callable[..., tuple[Any, ...]]: ...
def jacobian(f: Callable[..., Any], argnum: SupportsIndex | Iterable[SupportsIndex] = 0) -> Callable[..., Any]:
    """The derivative of each number that `f` returns with respect to each number in its first argument, or in others.

    `f` returns a Value, or nested lists or an array of Values. The Jacobian has the gradient in place of each: m
    results of n numbers give m rows of n numbers, and arrays give an array. Errors as in `grad`.

    Args:
        f: the function.
        argnum: the index of the argument to differentiate with respect to, by default the first; several indices give
            a tuple of Jacobians, one for each of these arguments.

    >>> jacobian(lambda x: [x[0] * x[1], x[0] + x[1]])([2.0, 3.0])
    [[3.0, 2.0], [1.0, 1.0]]
    >>> jacobian(lambda x, y: [x * y, x + y], argnum=(0, 1))(2.0, 3.0)
    ([3.0, 1.0], [2.0, 1.0])
    """
    _check_function(f, "jacobian")
    wanted = _argnums(argnum)

    def matrix(*args: Any, **keywords: Any) -> Any:
        return _Call(f, args, keywords, wanted, "jacobian").jacobian()

    return matrix


@overload
def hessian(f: Callable[..., Any], argnum: SupportsIndex = 0) -> Hessian: ...
@overload
def hessian(f: Callable[..., Any], argnum: Iterable[SupportsIndex]) -> Callable[..., tuple[tuple[Any, ...], ...]]: ...
def hessian(f: Callable[..., Any], argnum: SupportsIndex | Iterable[SupportsIndex] = 0) -> Callable[..., Any]:
    """The second derivatives of `f`: the Jacobian of its gradient. Errors as in `grad`.

    Args:
        f: returns one Value.
        argnum: the index of the argument to differentiate with respect to, by default the first. Several indices give
            the blocks of the Hessian with respect to all these arguments, a tuple of tuples: block [i][j] has a row for
            each number of the i-th of them, and in it a derivative with respect to each number of the j-th.

    >>> hessian(lambda x: x[0] ** 2 * x[1])([2.0, 3.0])
    [[6.0, 4.0], [4.0, 0.0]]
    >>> hessian(lambda x: x**3)(2.0)
    12.0
    >>> hessian(lambda x, y: x**2 * y, argnum=(0, 1))(2.0, 3.0)
    ((6.0, 4.0), (4.0, 0.0))
    """
    _check_function(f, "hessian")
    wanted = _argnums(argnum)
    if not isinstance(wanted, tuple):
        return jacobian(grad(f, wanted), wanted)
    rows = [jacobian(grad(f, index), wanted) for index in wanted]
    return lambda *args, **keywords: tuple(row(*args, **keywords) for row in rows)


def hvp(f: Callable[..., Any]) -> Callable[..., Any]:
    """The Hessian of `f` times a vector, without computing the Hessian: `hvp(f)(x, v)`.

    It is the gradient of the number `gradient . v`, so it costs a few gradients for any number of variables.

    Raises:
        ValueError: `x` and `v` have different lengths.
        TypeError, CompileError, FloatingPointError: as in `grad`.

    >>> hvp(lambda x: x[0] ** 2 * x[1])([2.0, 3.0], [1.0, 0.0])
    [6.0, 4.0]
    """
    _check_function(f, "hvp")

    def product(x: Any, v: Any) -> Any:
        _check_vector(v, x, "v")
        return grad(lambda moved: dot(flat(grad(f)(moved)), flat(v)))(x)

    return product


def directional_derivative(f: Callable[..., Any], x: Any, direction: Any) -> Any:
    """The slope of `f` at `x` in a direction: how much `f` rises per unit of distance.

    The direction is divided by its norm, so its length does not matter. The largest directional derivative is the one
    along the gradient, and equals the norm of the gradient.

    Raises:
        ValueError: the direction and `x` have different lengths, or the norm of the direction is 0 or not finite.
        TypeError, CompileError, FloatingPointError: as in `grad`.

    >>> directional_derivative(lambda x: x[0] ** 2 + x[1] ** 2, [3.0, 4.0], [0.0, 2.0])
    8.0
    """
    _check_function(f, "directional_derivative")
    _check_vector(direction, x, "direction")
    parts = flat(direction)
    length: Number = math.hypot(*map(plain, parts))
    if not 0.0 < plain(length) < math.inf:
        given = "the zero vector, which points nowhere" if length == 0.0 else f"{direction!r}, whose norm is {length!r}"
        raise ValueError(f"the direction must have a positive, finite norm; it is {given}")
    if any(isinstance(part, Value) for part in parts):
        length = norm(parts)
    return dot(flat(grad(f)(x)), [part / length for part in parts])


def taylor(f: Callable[[Any], Any], x0: Number, order: SupportsIndex) -> Taylor:
    """The Taylor polynomial of `f` around `x0`: both have the same derivatives there, up to an order.

    Each derivative is computed from the graph of the one before. The graphs grow, for a product up to twice at each
    order, so orders beyond 10 or 15 may take long.

    Args:
        f: a function of one variable that returns one Value.
        x0: the point to expand around.
        order: of the highest derivative.

    Raises:
        ValueError: the order is negative.
        TypeError: the order is not a whole number; `f` does not return a number; `x0` is not a number.
        FloatingPointError: a derivative does not exist there.

    >>> from autograd import exp
    >>> print(taylor(exp, 0.0, 4))
    1 + x + 1/2 x^2 + 1/6 x^3 + 1/24 x^4
    >>> print(taylor(lambda x: 1 / x, 1.0, 3))
    1 - (x - 1) + (x - 1)^2 - (x - 1)^3
    """
    _check_function(f, "taylor")
    if isinstance(order, bool) or not hasattr(order, "__index__"):
        raise TypeError(f"the order of a Taylor polynomial must be a whole number, not {order!r}")
    highest = operator.index(order)
    if highest < 0:
        raise ValueError(f"the order of a Taylor polynomial must be 0 or more, not {highest}")
    if not isinstance(x0, Value) and flat(x0) != [x0]:
        raise TypeError(f"taylor expands a function of one number, not of {x0!r}")
    return _Call(f, (x0,), {}, 0, "taylor").taylor(highest)


class _Call:
    """One evaluation of a function at fresh Values, and its derivatives with respect to them.

    A number becomes a new leaf. A Value that requires a gradient is multiplied by one: the function is differentiated
    with respect to the product alone, even if it depends on that Value in other ways, and the derivatives still depend
    on the Value. Under `no_grad` they must not, so the Value becomes a new leaf too.

    If the derivatives may be differentiated again with respect to Values from outside, the new leaves are frozen as
    soon as the derivatives are known: nobody can use these leaves any more, and a surrounding call would take them for
    Values from outside.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        args: tuple[Any, ...],
        keywords: dict[str, Any],
        argnum: int | tuple[int, ...],
        name: str,
    ) -> None:
        self.f = f
        self.name = name
        self.several = isinstance(argnum, tuple)
        argnums = argnum if isinstance(argnum, tuple) else (argnum,)
        wanted = [_argument_index(number, len(args), name) for number in argnums]
        indices = list(dict.fromkeys(wanted))
        self.order = [indices.index(index) for index in wanted]  # an argument may be wanted twice
        self.point = tuple(args[index] for index in indices) if self.several else args[indices[0]]
        self.recording = is_recording()
        self.linked = False
        with enable_grad():
            self.inputs = [self._adopted(number) for number in flat(self.point)]
            if not self.inputs:
                raise ValueError(
                    f"{name} has nothing to differentiate with respect to: there is no number in {self.point!r}"
                )
            fresh = shaped(self.inputs, self.point)
            moved = list(args)
            for index, argument in zip(indices, fresh if self.several else [fresh], strict=True):
                moved[index] = argument
            self.result = f(*moved, **keywords)

    def _adopted(self, number: Any) -> Value:
        if not isinstance(number, Value):
            return Value(real_number(number))
        _refuse_symbol(number, self.name)
        self.linked = self.linked or number.requires_grad
        return number * 1.0 if number.requires_grad and self.recording else Value(number.data, label=number.label)

    def value_and_gradient(self) -> tuple[Any, Any]:
        advice = "; use jacobian for a function that returns several, or add them up with autograd.sum"
        root = _number_returned(self.f, self.result, advice)
        self._find_links([root])
        value: Any = plain(root)
        if self.linked:
            value = root if isinstance(root, Value) and self.recording else Value(value, requires_grad=False)
        gradient = self._gradient(root)
        self._freeze()
        return value, self._arranged(gradient)

    def jacobian(self) -> Any:
        roots = [_number_returned(self.f, root, "") for root in flat(self.result)]
        self._find_links(roots)
        rows = [self._gradient(root) for root in roots]
        self._freeze()
        if not self.several:
            return self._rows_arranged(rows, self.point)
        ends = list(accumulate((len(flat(argument)) for argument in self.point), initial=0))
        arranged = [
            self._rows_arranged([row[start:end] for row in rows], argument)
            for argument, (start, end) in zip(self.point, pairwise(ends), strict=True)
        ]
        return tuple(arranged[index] for index in self.order)

    def _rows_arranged(self, rows: Sequence[Sequence[Number]], point: Any) -> Any:
        """The gradient of each number of the result with respect to one argument, in the structures of both."""
        if is_array(self.result) or is_array(point):
            result_shape, point_shape = shape(self.result), shape(point)
            if result_shape is not None and point_shape is not None:
                return array([entry for row in rows for entry in row], result_shape + point_shape)
        return shaped([shaped(row, point) for row in rows], self.result)

    def taylor(self, order: int) -> Taylor:
        derivative = _number_returned(self.f, self.result, "")
        self._find_links([derivative])
        live = self.linked and self.recording
        x0: Any = self.point if self.linked else self.inputs[0].data
        derivatives: list[Number] = [derivative]
        for k in range(1, order + 1):
            if isinstance(derivative, Value) and derivative.requires_grad:
                (derivative,) = _gradients(derivative, self.inputs, live or k < order, until=self.inputs)
            else:
                derivative = 0.0
            derivatives.append(derivative)
        self._freeze()
        if not live:
            derivatives = [plain(derivative) for derivative in derivatives]
        return Taylor(x0, [derivative / math.factorial(k) for k, derivative in enumerate(derivatives)])

    def _arranged(self, gradient: Sequence[Number]) -> Any:
        """A gradient in the structure of the arguments."""
        arranged = shaped(gradient, self.point)
        return tuple(arranged[index] for index in self.order) if self.several else arranged

    def _freeze(self) -> None:
        if self.linked:
            for value in self.inputs:
                if value.is_leaf:
                    value.requires_grad = False

    def _find_links(self, roots: Sequence[Number]) -> None:
        """Sets `linked` if the results depend on Values from outside: they may be differentiated with respect to them.

        The inputs set it too, in `_adopted`.
        """
        own = set(self.inputs)
        for root in roots:
            _refuse_symbol(root, self.name)
            if not self.linked and isinstance(root, Value) and root.requires_grad:
                self.linked = any(leaf.requires_grad and leaf not in own for leaf in graph.ancestors(root)[0])

    def _gradient(self, root: Number) -> Sequence[Number]:
        gradient: Sequence[Number] = [0.0] * len(self.inputs)
        if isinstance(root, Value) and root.requires_grad:
            # The walk stops at the inputs: in a long simulation they are computed from everything that came before.
            gradient = _gradients(root, self.inputs, self.linked and self.recording, until=self.inputs)
        if not self.linked:
            return gradient
        return [entry if isinstance(entry, Value) else Value(entry, requires_grad=False) for entry in gradient]


def _refuse_symbol(number: Number, name: str) -> None:
    if is_symbolic(number):
        raise CompileError(
            f"{name} cannot be compiled: it needs the graph of a function at known numbers; compile the function "
            "itself and call compile(f).value_and_grad(...)"
        )


def _argnums(argnum: object) -> int | tuple[int, ...]:
    """The index of an argument, or several of them, as plain ints."""
    try:
        return _index(argnum)
    except TypeError:
        pass
    if isinstance(argnum, Iterable) and not isinstance(argnum, str):
        numbers = list(argnum)
        try:
            return tuple(map(_index, numbers))
        except TypeError:
            argnum = numbers
    raise TypeError(f"argnum must be the index of an argument, or several of them, not {argnum!r}")


def _index(number: Any) -> int:
    """An index as a plain int; True and False do not count as 1 and 0.

    Raises:
        TypeError: it is not an index.
    """
    if isinstance(number, bool):
        raise TypeError(f"{number} is not an index")
    return operator.index(number)


def _argument_index(argnum: int, count: int, name: str) -> int:
    """An index from 0 up to the number of arguments; negative ones count from the end."""
    if not -count <= argnum < count:
        given = f"{count} argument{'s' * (count != 1)}, counted from 0" if count else "no positional argument"
        raise ValueError(
            f"{name} cannot differentiate with respect to argument {argnum}: the function was called with {given}"
        )
    return argnum % count


def _number_returned(f: Callable[..., Any], result: Any, advice: str) -> Number:
    """The number that a function returned.

    Raises:
        TypeError: it returned something else; the message ends with the advice if that is a list or an array.
    """
    if is_scalar_array(result):
        (result,) = flat(result)
    if isinstance(result, Value):
        return result
    if not isinstance(result, bool) and not is_array(result) and not isinstance(result, (list, tuple)):
        try:
            return real_number(result)
        except TypeError:
            pass
    if result is None:
        advice = "; did it forget to return?"
    elif not is_array(result) and not isinstance(result, (list, tuple)):
        advice = ""
    name = getattr(f, "__name__", type(f).__name__)
    raise TypeError(f"the function {name} must return a Value, not {type(result).__name__} {result!r}{advice}")


def _check_function(f: object, name: str) -> None:
    if not callable(f):
        raise TypeError(f"{name} takes a function to differentiate, not {type(f).__name__} {f!r}")


def _check_vector(vector: Any, x: Any, name: str) -> None:
    """Checks that a vector has as many numbers as a point."""
    numbers = flat(vector)
    for number in numbers:
        if not isinstance(number, Value):
            real_number(number)
    if len(numbers) != len(flat(x)):
        raise ValueError(f"{name} has length {len(numbers)} and x has length {len(flat(x))}; they must be equal")
