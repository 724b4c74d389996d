"""The primitives: one small class each, with its formula and its derivative side by side.

A primitive says how its value is computed from plain floats (`forward`) and what its partial derivative with
respect to each operand is (`partial_x`, and `partial_y` where there are two). The partials are written with
operators and with the primitives themselves, so one and the same line serves twice: on floats it gives the number
that `backward()` needs, on Values it gives a Value that can be differentiated again.

Making an instance enters it in the table `PRIMITIVES`. Operators and methods of `Value`, the functions of the
package, the gradient checker and the drawings all read that table, so a primitive that is not checked cannot exist.

Derivatives: Abramowitz and Stegun, Handbook of Mathematical Functions (1964), 4.1 to 4.6 for the elementary
functions and 7.1.19 for erf; the activation functions name their papers.
"""

from __future__ import annotations

import math
import numbers
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeAlias, Union, overload

from autograd.engine import errors
from autograd.engine.modes import is_compiling, is_recording
from autograd.engine.native import CallSignature, Unchecked, mypyc_attr  # for native code

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from autograd.engine.value import Value

Number: TypeAlias = Union[float, "Value"]
"""The operands of a partial and its result: floats give a float, Values give a Value."""


def real_number(number: object) -> float:
    """`number` as a float: an int, a float, or any real number with `__float__` or `__index__`.

    Raises:
        TypeError: it is something else (a str, a complex number, None, an array); the message says what to do.
        OverflowError: it is an int too large for a float.

    >>> from fractions import Fraction
    >>> real_number(Fraction(1, 4))
    0.25
    """
    if type(number) is float:
        return number
    if isinstance(number, (float, int)):
        return float(number)
    kind = type(number)
    if isinstance(number, Node):
        raise TypeError(f"{number!r} is a Value already; its number is .data, a copy without history is .detach()")
    if isinstance(number, numbers.Complex) and not isinstance(number, numbers.Real):
        raise TypeError(f"a Value holds one real number, not the complex {number!r}; use its .real or abs() of it")
    if number is None:
        raise TypeError("a Value holds one real number, not None; did a function forget to return?")
    if isinstance(number, (str, bytes)):
        raise TypeError(f"a Value holds one real number, not the {kind.__name__} {number!r}; convert it with float()")
    if hasattr(kind, "to_numpy"):
        raise TypeError(
            f"a Value holds one real number, not a {kind.__name__}; its numbers as an array are .to_numpy()"
        )
    if hasattr(kind, "__len__"):
        what = "an array" if kind.__name__ == "ndarray" else f"a {kind.__name__}"
        raise TypeError(
            f"a Value holds one real number, not {what}; make one Value for each of its numbers: "
            "[Value(number) for number in numbers], or take its single number with .item()"
        )
    if hasattr(kind, "__float__"):
        return float(number)  # type: ignore[arg-type]
    if hasattr(kind, "__index__"):
        return float(number.__index__())  # type: ignore[attr-defined]
    raise TypeError(f"a Value holds one real number, not a {kind.__name__}")


@mypyc_attr(allow_interpreted_subclasses=True)
class Node:
    """A number that remembers how it was computed: the base class of `Value`, its only subclass.

    It is defined here so that a primitive can tell such a number from a plain one without knowing the engine.
    """

    __slots__ = ()

    @property
    def requires_grad(self) -> bool:
        raise NotImplementedError

    def apply(self, primitive: Unary | Binary, *operands: Any) -> Value:
        """The result of `primitive` on `operands`, one of which is this number, remembered in the graph."""
        raise NotImplementedError


@mypyc_attr(allow_interpreted_subclasses=True)
class Primitive:
    """What every primitive has, whatever the number of its operands. Derive from `Unary` or `Binary`.

    name: the function's name in the package, and its key in `PRIMITIVES`.
    symbol: what drawings write on its node; the name unless given.
    formula: the call as a reader writes it, `"x * y"`.
    derivatives: the partials as text in Python's syntax, one for each operand, for tables and pictures.
    operands: the names of the operands, in order.
    """

    name: ClassVar[str]
    symbol: ClassVar[str] = ""
    formula: ClassVar[str] = ""
    derivatives: ClassVar[tuple[str, ...]] = ()
    operands: ClassVar[tuple[str, ...]]
    __signature__: ClassVar[Any] = CallSignature()

    def __init__(self) -> None:
        kind: Any = type(self)
        if not isinstance(self, (Unary, Binary)):
            raise TypeError(f"the primitive {kind.__name__} must derive from Unary or Binary")
        if any(base.__module__ == __name__ and hasattr(base, "name") for base in kind.__mro__[1:]):
            raise TypeError("a new primitive derives from Unary or Binary, not from a primitive of the library")
        for attribute in ("name", "samples"):
            if not hasattr(kind, attribute):
                raise TypeError(f"the primitive {kind.__name__} needs {attribute} = ...")
        taken = PRIMITIVES.get(self.name)
        if taken is not None and not _same_definition(type(taken), kind):
            raise ValueError(f"the name {self.name!r} is taken by {type(taken).__qualname__}; choose another")
        PRIMITIVES[self.name] = self
        if kind.__module__ == __name__:
            _mark_as_built_in(self)

    @property
    def title(self) -> str:
        """What a drawing writes on the node."""
        return self.symbol or self.name

    @property
    def call(self) -> str:
        """The formula, or the plain call where no formula is given."""
        return self.formula or f"{self.name}({', '.join(self.operands)})"

    def float_partial_x(self, x: float, y: float, out: float) -> float:
        """`partial_x` of floats, as `backward()` takes it; where there is one operand, `y` is 0.0.

        The most common primitives write it out, which is faster in native code; the tests prove the two equal.
        """
        raise NotImplementedError

    def float_partial_y(self, x: float, y: float, out: float) -> float:
        """`partial_y` of floats."""
        raise NotImplementedError

    def points(self) -> list[tuple[float, ...]]:
        """The sample points at which the checker tries it, as tuples of operands."""
        raise NotImplementedError

    def intervals(self) -> list[tuple[float, float]]:
        """For each operand, the interval from which the checker draws random points."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"<primitive {self.call}>"

    def __copy__(self) -> Primitive:
        return self  # it is one function, however many graphs use it

    def __deepcopy__(self, memo: dict[int, object]) -> Primitive:
        return self

    def __reduce__(self) -> tuple[object, ...]:
        return _primitive_of, (type(self), _state(self))


PRIMITIVES: dict[str, Unary | Binary] = {}
"""Every primitive by its name: the one table that the engine, the checker and the drawings share."""

TINY: Final = 1e-290
"""Below it a number has lost digits, or is about to: the normal floats end at 2.2e-308."""
FAR_LEFT: Final = -700.0
"""Below it e**x has lost digits, or is about to: y * e**x is computed as (y * e**(x/2)) * e**(x/2)."""
FAR_OUT: Final = 1e70
"""Beyond it 1 + x**2 is x**2, and its inverse so small that 1 / x twice is better to differentiate."""
LARGEST_INT: Final = 2.0**53
"""Up to it, floats tell odd numbers from even ones."""


def _number(operand: Number) -> float:
    """The number of an operand: for choices, and for what counts as a constant."""
    value: Any = operand
    return value.data if isinstance(operand, Node) else value  # type: ignore[no-any-return]


def as_float(primitive: Unchecked[Primitive], rule: str, *operands: float) -> float:
    """The result of a rule that a user wrote (`forward`, or a partial) on these operands, as a float.

    The compiler calls it with its own operations too, which look like primitives.

    Raises:
        TypeError: it is no real number.
    """
    return _float_from(primitive, rule, getattr(primitive, rule)(*operands))


def as_number(primitive: Unchecked[Primitive], rule: str, *operands: Number) -> Number:
    """The same where there are Values among the operands: a Value, or a float.

    Raises:
        TypeError: it is neither.
    """
    result: Any = getattr(primitive, rule)(*operands)
    return result if isinstance(result, Node) else _float_from(primitive, rule, result)  # type: ignore[return-value]


def _float_from(primitive: Unchecked[Primitive], rule: str, result: Any) -> float:
    try:
        return real_number(result)
    except TypeError as error:
        raise TypeError(f"{rule} of the primitive {primitive.name!r} must return a float: {error}") from None


def _mark_as_built_in(primitive: Any) -> None:
    primitive._is_built_in = True


def _same_definition(kind: type, other: type) -> bool:
    """Whether a class is the other one defined again, as when a notebook cell is run twice."""
    return (kind.__module__, kind.__qualname__) == (other.__module__, other.__qualname__)


def _state(primitive: Any) -> dict[str, object]:
    """What an instance holds that its class does not."""
    state: Any = object.__getstate__(primitive)
    in_dict, in_slots = state if isinstance(state, tuple) else (state, None)
    held = {**(in_dict or {}), **(in_slots or {})}
    held.pop("_is_built_in", None)
    return held


def _primitive_of(kind: Any, state: dict[str, object]) -> Primitive:
    """The primitive of a class, with what the pickled instance held; for unpickling.

    It is not put into the table: one of that name may have taken its place there.
    """
    found = PRIMITIVES.get(kind.name)
    if found is not None and type(found) is kind and not state:
        return found
    primitive: Primitive = kind.__new__(kind)
    for name, held in state.items():
        setattr(primitive, name, held)
    return primitive


def refused_call(primitive: Primitive, operands: Sequence[object], keywords: dict[str, object]) -> TypeError:
    """The exception for a primitive that is called with another number of operands, or with keywords."""
    count = len(primitive.operands)
    call = f"{primitive.name} takes {count} operand{'s' * (count != 1)}, as in {primitive.name}"
    call += f"({', '.join(primitive.operands)})"
    given = [f"{len(operands)} operand{'s' * (len(operands) != 1)}"] if len(operands) != count else []
    given += [f"the keyword {name!r}" for name in keywords]
    is_too_many = len(operands) > count or len(keywords) > 0
    instead = f"; {_INSTEAD[primitive.name]}" if is_too_many and primitive.name in _INSTEAD else ""
    return TypeError(f"{call}, not {' and '.join(given)}{instead}")


class _Missing:
    """The default of each operand, so that a call without it is refused in our words; `help` shows its repr."""

    def __repr__(self) -> str:
        return "<missing>"


_MISSING: Final[Any] = _Missing()

_INSTEAD: Final = {
    "log": "for another base write log(x) / log(base), log2(x) or log10(x)",
    "add": "for a list there is autograd.sum",
    "multiply": "for three numbers write x * y * z",
    "maximum": "for three numbers write maximum(maximum(x, y), z)",
    "minimum": "for three numbers write minimum(minimum(x, y), z)",
}
"""What to write in place of a call with another number of operands."""


@mypyc_attr(allow_interpreted_subclasses=True)
class Unary(Primitive):
    """A primitive of one operand.

    A subclass gives `name`, `samples` (points at which the checker tries it, kinks included), `forward` and
    `partial_x`; `domain` is the open interval from which the checker draws random points.
    """

    operands = ("x",)
    samples: ClassVar[tuple[float, ...]]
    domain: ClassVar[tuple[float, float]] = (-3.0, 3.0)
    _is_built_in: bool = False  # defined in this module, where rules on floats are known to give floats

    def forward(self, x: float) -> float:
        """The value at the float `x`."""
        raise NotImplementedError(f"{type(self).__name__} needs a forward(self, x)")

    def partial_x(self, x: Number, out: Number) -> Number:
        """The derivative at `x`, where the value is `out`; floats in, float out; Values in, Value out."""
        raise NotImplementedError(f"{type(self).__name__} needs a partial_x(self, x, out)")

    def float_partial_x(self, x: float, y: float, out: float) -> float:
        if self._is_built_in:
            return self.partial_x(x, out)  # type: ignore[return-value] # a float for floats
        return as_float(self, "partial_x", x, out)

    @overload
    def __call__(self, x: float) -> float: ...
    @overload
    def __call__(self, x: Value) -> Value: ...
    def __call__(self, x: Any = _MISSING, *others: Any, **keywords: Any) -> Any:
        """The value at `x`: a float for a plain number, a Value for a Value.

        Raises:
            TypeError: it is called with another number of operands; or `x` is not a number.
        """
        if others or keywords or x is _MISSING:
            raise refused_call(self, () if x is _MISSING else (x, *others), keywords)
        if isinstance(x, Node):
            return x.apply(self, x)
        x = real_number(x)
        try:
            return self.forward(x) if self._is_built_in else as_float(self, "forward", x)
        except (ArithmeticError, ValueError) as error:
            errors.explain(error, self.call, self.operands, (x,), (None,))

    def points(self) -> list[tuple[float, ...]]:
        return [(float(x),) for x in self.samples]

    def intervals(self) -> list[tuple[float, float]]:
        return [self.domain]


@mypyc_attr(allow_interpreted_subclasses=True)
class Binary(Primitive):
    """A primitive of two operands.

    A subclass gives `name`, `samples` (pairs), `forward`, `partial_x` and `partial_y`. Points in `samples_in_x`
    are tried with a constant second operand: there, only the first can be differentiated. `domain_x` and `domain_y` are
    the open intervals from which the checker draws random points.
    """

    operands = ("x", "y")
    samples: ClassVar[tuple[tuple[float, float], ...]]
    samples_in_x: ClassVar[tuple[tuple[float, float], ...]] = ()
    domain_x: ClassVar[tuple[float, float]] = (-3.0, 3.0)
    domain_y: ClassVar[tuple[float, float]] = (-3.0, 3.0)
    _default_y: ClassVar[Any] = _MISSING  # the second operand of a call that leaves it out
    _is_built_in: bool = False  # defined in this module, where rules on floats are known to give floats

    def forward(self, x: float, y: float) -> float:
        """The value at the floats `x` and `y`."""
        raise NotImplementedError(f"{type(self).__name__} needs a forward(self, x, y)")

    def partial_x(self, x: Number, y: Number, out: Number) -> Number:
        """The derivative with respect to the first operand, where the value is `out`."""
        raise NotImplementedError(f"{type(self).__name__} needs a partial_x(self, x, y, out)")

    def partial_y(self, x: Number, y: Number, out: Number) -> Number:
        """The derivative with respect to the second operand, where the value is `out`."""
        raise NotImplementedError(f"{type(self).__name__} needs a partial_y(self, x, y, out)")

    def float_partial_x(self, x: float, y: float, out: float) -> float:
        if self._is_built_in:
            return self.partial_x(x, y, out)  # type: ignore[return-value] # a float for floats
        return as_float(self, "partial_x", x, y, out)

    def float_partial_y(self, x: float, y: float, out: float) -> float:
        if self._is_built_in:
            return self.partial_y(x, y, out)  # type: ignore[return-value] # a float for floats
        return as_float(self, "partial_y", x, y, out)

    @overload
    def __call__(self, x: float, y: float) -> float: ...
    @overload
    def __call__(self, x: Value, y: Number) -> Value: ...
    @overload
    def __call__(self, x: Number, y: Value) -> Value: ...
    def __call__(self, x: Any = _MISSING, y: Any = _MISSING, *others: Any, **keywords: Any) -> Any:
        """The value at `x` and `y`: a float for two plain numbers, a Value as soon as one of them is a Value.

        Raises:
            TypeError: it is called with another number of operands; or one of them is not a number.
        """
        if others or keywords or y is _MISSING or x is _MISSING:
            default_y = self._default_y  # looked up here alone: a call with both operands pays nothing for it
            if others or keywords or x is _MISSING or default_y is _MISSING:
                raise refused_call(self, [operand for operand in (x, y, *others) if operand is not _MISSING], keywords)
            y = default_y
        if isinstance(x, Node):
            return x.apply(self, x, y)
        if isinstance(y, Node):
            return y.apply(self, x, y)
        x, y = real_number(x), real_number(y)
        try:
            return self.forward(x, y) if self._is_built_in else as_float(self, "forward", x, y)
        except (ArithmeticError, ValueError) as error:
            errors.explain(error, self.call, self.operands, (x, y), (None, None))

    def points(self) -> list[tuple[float, ...]]:
        return [(float(x), float(y)) for x, y in self.samples]

    def intervals(self) -> list[tuple[float, float]]:
        return [self.domain_x, self.domain_y]


@mypyc_attr(allow_interpreted_subclasses=True)
class Nary(Primitive):
    """An operation on any number of Values, made for one use of it: a call of a compiled function is one.

    It is in no table and has no formula. A subclass gives `partials`; and `partials_as_values` and `on`, where there
    are second derivatives and deep copies.

    parents: the operands.
    numbers: what these were when it ran.
    others_are_finite: whether all else it was computed from was finite; if not, an infinite result is not its fault.
    """

    name = "nary"
    operands = ()
    others_are_finite: bool = True

    def __init__(self, title: str, parents: Unchecked[Iterable[Value]], numbers: Unchecked[Iterable[float]]) -> None:
        self._title = title
        self.parents: list[Value] = list(parents)
        self.numbers = [real_number(number) for number in numbers]
        if len(self.parents) != len(self.numbers):
            raise ValueError(
                f"{title} needs one number for each of its {len(self.parents)} operands, not {len(self.numbers)}"
            )

    @property
    def title(self) -> str:
        return self._title

    @property
    def call(self) -> str:
        return f"{self._title} of {len(self.parents):,} Values"

    def partials(self) -> list[float]:
        """The derivative with respect to each operand, in order, at the numbers that it saw."""
        raise NotImplementedError(f"{type(self).__name__} needs a partials(self)")

    def partials_as_values(self) -> list[Value]:
        """The same as Values, computed from the operands, so that they can be differentiated again."""
        raise NotImplementedError(f"{type(self).__name__} has first derivatives only: no partials_as_values(self)")

    def checked_partials(self) -> list[float]:
        """`partials`, as `backward()` takes them.

        Raises:
            TypeError: they are not one number for each operand.
        """
        return [self._number("partials", partial) for partial in self._one_each("partials")]

    def checked_partials_as_values(self) -> list[Number]:
        """`partials_as_values`, as second derivatives take them.

        Raises:
            TypeError: they are not one Value or number for each operand.
        """
        rule = "partials_as_values"
        found = self._one_each(rule)
        return [partial if isinstance(partial, Node) else self._number(rule, partial) for partial in found]  # type: ignore[misc]

    def _number(self, rule: str, partial: object) -> float:
        try:
            return real_number(partial)
        except TypeError as error:
            raise TypeError(f"{rule} of {self.call} must return numbers: {error}") from None

    def _one_each(self, rule: str) -> list[Any]:
        partials = getattr(self, rule)()
        if not hasattr(partials, "__iter__"):
            raise TypeError(f"{rule} of {self.call} must return a list, not {type(partials).__name__} {partials!r}")
        found = list(partials)
        if len(found) != len(self.parents):
            raise TypeError(f"{rule} of {self.call} must return a number for each of them, not {len(found)}")
        return found

    def on(self, parents: list[Value]) -> Nary:
        """The same, with the same numbers, in a copy of the graph in which the operands are these."""
        raise NotImplementedError(f"{type(self).__name__} cannot be copied: no on(self, parents)")


# ---------------------------------------------------------------- arithmetic


class Add(Binary):
    """x + y"""

    name = "add"
    symbol = "+"
    formula = "x + y"
    derivatives = ("1", "1")
    samples = ((2.0, 3.0), (-1.5, 0.0), (1e6, 1e-6))

    def forward(self, x: float, y: float) -> float:
        return x + y

    def partial_x(self, x: Number, y: Number, out: Number) -> Number:
        return 1.0

    def partial_y(self, x: Number, y: Number, out: Number) -> Number:
        return 1.0

    def float_partial_x(self, x: float, y: float, out: float) -> float:
        return 1.0

    def float_partial_y(self, x: float, y: float, out: float) -> float:
        return 1.0


class Subtract(Binary):
    """x - y"""

    name = "subtract"
    symbol = "−"
    formula = "x - y"
    derivatives = ("1", "-1")
    samples = ((2.0, 3.0), (-1.5, 0.0), (1.0, 1.0))

    def forward(self, x: float, y: float) -> float:
        return x - y

    def partial_x(self, x: Number, y: Number, out: Number) -> Number:
        return 1.0

    def partial_y(self, x: Number, y: Number, out: Number) -> Number:
        return -1.0

    def float_partial_x(self, x: float, y: float, out: float) -> float:
        return 1.0

    def float_partial_y(self, x: float, y: float, out: float) -> float:
        return -1.0


class Multiply(Binary):
    """x * y"""

    name = "multiply"
    symbol = "×"
    formula = "x * y"
    derivatives = ("y", "x")
    samples = ((2.0, 3.0), (-1.5, 4.0), (0.0, 5.0), (1e3, 1e-3))

    def forward(self, x: float, y: float) -> float:
        return x * y

    def partial_x(self, x: Number, y: Number, out: Number) -> Number:
        return y

    def partial_y(self, x: Number, y: Number, out: Number) -> Number:
        return x

    def float_partial_x(self, x: float, y: float, out: float) -> float:
        return y

    def float_partial_y(self, x: float, y: float, out: float) -> float:
        return x


class Divide(Binary):
    """x / y"""

    name = "divide"
    symbol = "/"
    formula = "x / y"
    derivatives = ("1 / y", "-x / y**2")
    samples = ((2.0, 3.0), (-1.5, 0.25), (0.0, -5.0), (7.0, -2.0))
    domain_y = (0.2, 3.0)

    def forward(self, x: float, y: float) -> float:
        return x / y

    def partial_x(self, x: Number, y: Number, out: Number) -> Number:
        return 1.0 / y

    def partial_y(self, x: Number, y: Number, out: Number) -> Number:
        return -out / y

    def float_partial_x(self, x: float, y: float, out: float) -> float:
        return 1.0 / y

    def float_partial_y(self, x: float, y: float, out: float) -> float:
        return -out / y


class Power(Binary):
    """x ** y

    A constant exponent that is an integer works for a negative base; `0 ** 0` is 1 with derivative 0. Where the
    exponent needs a gradient, the base must not be negative, since the derivative holds its logarithm; a base of 0
    takes a positive exponent, and the derivative with respect to that is 0.
    """

    name = "power"
    symbol = "^"
    formula = "x**y"
    derivatives = ("y * x**(y - 1)", "x**y * log(x)")
    samples = ((2.0, 3.0), (0.5, -1.5), (4.0, 0.5), (1.0, 2.0), (3.0, 0.0))
    samples_in_x = ((-2.0, 3.0), (-1.5, -2.0), (0.0, 2.0), (0.0, 1.0), (0.0, 0.0), (-4.0, 0.0), (0.0, 3.0))
    domain_x = (0.2, 3.0)
    domain_y = (-2.0, 3.0)

    @overload
    def __call__(self, x: float, y: float) -> float: ...
    @overload
    def __call__(self, x: Value, y: Number) -> Value: ...
    @overload
    def __call__(self, x: Number, y: Value) -> Value: ...
    def __call__(self, x: Any = _MISSING, y: Any = _MISSING, *others: Any, **keywords: Any) -> Any:
        if others or keywords or x is _MISSING:
            raise refused_call(self, [operand for operand in (x, y, *others) if operand is not _MISSING], keywords)
        if isinstance(y, Node) and y.requires_grad and is_recording() and not is_compiling():
            base: Any = x if isinstance(x, Node) else real_number(x)
            exponent: Any = y
            operands = (base, exponent)
            numbers = [getattr(number, "data", number) for number in operands]
            self.require_exponent(numbers, [getattr(number, "label", None) for number in operands])
        return Binary.__call__(self, x, y)

    def require_exponent(self, numbers: list[float], labels: list[str | None], line: str = "") -> None:
        """Refuses a power that has no derivative with respect to its exponent.

        Args:
            numbers: the base and the exponent.
            labels: their labels.
            line: what the message begins with.

        Raises:
            ValueError: the base is negative, or both are 0.
        """
        x, y = numbers
        if x < 0 or (x == 0 and y == 0):
            raise ValueError(
                f"{line}x**y needs a positive base where the exponent needs a gradient (or a base of 0 and a positive "
                f"exponent), because the derivative holds log(x); here {errors.at(self.operands, numbers, labels)}. If "
                "the exponent is a constant, give a plain number"
            )

    def forward(self, x: float, y: float) -> float:
        if y == 2.0:  # the most common power; a compiled function computes the same product
            square = x * x
            if math.isinf(square) and math.isfinite(x):
                raise OverflowError("the square is out of range")
            return square
        try:
            result = x**y
        except OverflowError:
            if x > 0 or y == math.floor(y):
                raise
            result = 1j  # the power is not real, and too large as well
        if isinstance(result, complex):
            raise ValueError("a negative base needs an exponent that is an integer")
        return float(result)

    def partial_x(self, x: Number, y: Number, out: Number) -> Number:
        if y == 0 and (x == 0 or not isinstance(y, Node)):
            return 0.0
        # Where this is differentiated again, nothing may be divided by an x whose inverse has too large a square.
        is_near_0 = (isinstance(x, Node) or isinstance(y, Node)) and -1e-150 < x < 1e-150
        if x == 0 or is_near_0 or _one_less_is_exact(_number(y)):
            power = x ** (y - 1.0)
            if isinstance(power, complex):  # refused, as the value is; only a compiled loop gets here
                raise ValueError("a negative base needs an exponent that is an integer")
            if x == 0 or is_near_0 or math.isinf(_number(x)) or not -TINY < power < TINY:
                return y * power
        if -TINY < out < TINY:  # half the power at a time, since the whole has lost digits or all
            half = absolute(x) ** (0.5 * y)
            return math.copysign(1.0, _number(out)) * half * y / x * half
        return out * y / x  # where y - 1 is rounded, which costs digits if x is very large or small

    def partial_y(self, x: Number, y: Number, out: Number) -> Number:
        if x == 0 and y > 0:
            return out  # which is 0, as is the limit of x**y * log(x)
        if out < TINY and x > 0:  # as above
            half = x ** (0.5 * y)
            return half * log(x) * half
        return out * log(x)


def _one_less_is_exact(y: float) -> bool:
    """Whether y - 1 is exact, and x**(y - 1) never too large if y * x**(y - 1) is not, as it may be for -1 < y < 0."""
    return 0.5 <= y <= LARGEST_INT or (-LARGEST_INT <= y <= -1.0 and (y - 1.0) + 1.0 == y)


class Negate(Unary):
    """-x"""

    name = "negate"
    symbol = "neg"
    formula = "-x"
    derivatives = ("-1",)
    samples = (-2.0, 0.0, 3.0)

    def forward(self, x: float) -> float:
        return -x

    def partial_x(self, x: Number, out: Number) -> Number:
        return -1.0

    def float_partial_x(self, x: float, y: float, out: float) -> float:
        return -1.0


class Absolute(Unary):
    """|x|, with derivative 0 at the kink x = 0."""

    name = "abs"
    formula = "abs(x)"
    derivatives = ("1 if x > 0 else -1 if x < 0 else 0",)
    samples = (-2.0, 0.0, 3.0)

    def forward(self, x: float) -> float:
        return abs(x)

    def partial_x(self, x: Number, out: Number) -> Number:
        return 1.0 if x > 0 else -1.0 if x < 0 else 0.0


# ---------------------------------------------------------------- exponentials, logarithms and roots


class Exp(Unary):
    """The exponential e**x."""

    name = "exp"
    derivatives = ("exp(x)",)
    samples = (-20.0, -1.0, 0.0, 1.0, 20.0)

    def forward(self, x: float) -> float:
        return math.exp(x)

    def partial_x(self, x: Number, out: Number) -> Number:
        return out

    def float_partial_x(self, x: float, y: float, out: float) -> float:
        return out


class Expm1(Unary):
    """e**x - 1, exact for x near 0."""

    name = "expm1"
    derivatives = ("exp(x)",)
    samples = (-20.0, -1.0, -1e-10, 0.0, 1e-10, 1.0, 5.0)

    def forward(self, x: float) -> float:
        return math.expm1(x)

    def partial_x(self, x: Number, out: Number) -> Number:
        return exp(x)


LOG_2: Final = math.log(2.0)


class Exp2(Unary):
    """The power of two, 2**x."""

    name = "exp2"
    derivatives = ("log(2) * exp2(x)",)
    samples = (-20.0, -1.0, 0.0, 0.5, 10.0)

    def forward(self, x: float) -> float:
        return math.exp2(x)

    def partial_x(self, x: Number, out: Number) -> Number:
        return LOG_2 * out


class Log(Unary):
    """The natural logarithm."""

    name = "log"
    derivatives = ("1 / x",)
    samples = (1e-3, 0.5, 1.0, 2.0, 1e3)
    domain = (0.1, 5.0)

    def forward(self, x: float) -> float:
        return math.log(x)

    def partial_x(self, x: Number, out: Number) -> Number:
        return 1.0 / x


class Log1p(Unary):
    """log(1 + x), exact for x near 0."""

    name = "log1p"
    derivatives = ("1 / (1 + x)",)
    samples = (-0.9, -1e-10, 0.0, 1e-10, 1.0, 1e3)
    domain = (-0.8, 5.0)

    def forward(self, x: float) -> float:
        return math.log1p(x)

    def partial_x(self, x: Number, out: Number) -> Number:
        return 1.0 / (1.0 + x)


LOG2_E: Final = 1.0 / math.log(2.0)
LOG10_E: Final = 1.0 / math.log(10.0)


class Log2(Unary):
    """The logarithm to base 2."""

    name = "log2"
    derivatives = ("1 / (x * log(2))",)
    samples = (1e-3, 0.5, 1.0, 2.0, 1e3)
    domain = (0.1, 5.0)

    def forward(self, x: float) -> float:
        return math.log2(x)

    def partial_x(self, x: Number, out: Number) -> Number:
        return LOG2_E / x


class Log10(Unary):
    """The logarithm to base 10."""

    name = "log10"
    derivatives = ("1 / (x * log(10))",)
    samples = (1e-3, 0.5, 1.0, 10.0, 1e3)
    domain = (0.1, 5.0)

    def forward(self, x: float) -> float:
        return math.log10(x)

    def partial_x(self, x: Number, out: Number) -> Number:
        return LOG10_E / x


class Sqrt(Unary):
    """The square root; at 0 its derivative is infinite, and asking for it is an error."""

    name = "sqrt"
    derivatives = ("0.5 / sqrt(x)",)
    samples = (1e-3, 0.25, 1.0, 2.0, 1e4)
    domain = (0.1, 5.0)

    def forward(self, x: float) -> float:
        return math.sqrt(x)

    def partial_x(self, x: Number, out: Number) -> Number:
        return 0.5 / out


class Cbrt(Unary):
    """The cube root, of negative numbers too; at 0 its derivative is infinite, and asking for it is an error."""

    name = "cbrt"
    derivatives = ("1 / (3 * cbrt(x)**2)",)
    samples = (-27.0, -1e-3, 0.25, 1.0, 1e4)
    domain = (0.1, 5.0)

    def forward(self, x: float) -> float:
        return math.cbrt(x)

    def partial_x(self, x: Number, out: Number) -> Number:
        return 1.0 / (3.0 * out * out)


SQUARED_FROM: Final = 1e-140
SQUARED_TO: Final = 1e150
"""Between them a float has a square that keeps its digits, and so has the sum of two."""
TO_LARGE: Final = 2.0**600
TO_SMALL: Final = 2.0**-600
"""Powers of two, so that scaling by them changes no digit. The square of a scaled number stays in range."""


class Hypot(Binary):
    """sqrt(x**2 + y**2). At the origin it has no derivative, and asking for it is an error."""

    name = "hypot"
    derivatives = ("x / hypot(x, y)", "y / hypot(x, y)")
    samples = ((3.0, 4.0), (-1.0, 2.0), (0.5, -0.5), (0.0, 2.0), (-5.0, 0.0))
    domain_x = (0.2, 3.0)

    def forward(self, x: float, y: float) -> float:
        # math.hypot and the C library's hypot differ in the last bit; this formula is the same everywhere.
        size = abs(x) + abs(y)
        if SQUARED_FROM < size < SQUARED_TO:
            return math.sqrt(x * x + y * y)
        scale = TO_LARGE if size < 1.0 else TO_SMALL
        x, y = scale * x, scale * y
        return math.sqrt(x * x + y * y) / scale

    def partial_x(self, x: Number, y: Number, out: Number) -> Number:
        return x / out

    def partial_y(self, x: Number, y: Number, out: Number) -> Number:
        return y / out


# ---------------------------------------------------------------- trigonometry


class Sin(Unary):
    """The sine of an angle in radians."""

    name = "sin"
    derivatives = ("cos(x)",)
    samples = (-2.0, 0.0, 0.5, math.pi / 2, 10.0)

    def forward(self, x: float) -> float:
        return math.sin(x)

    def partial_x(self, x: Number, out: Number) -> Number:
        return cos(x)


class Cos(Unary):
    """The cosine of an angle in radians."""

    name = "cos"
    derivatives = ("-sin(x)",)
    samples = (-2.0, 0.0, 0.5, math.pi / 2, 10.0)

    def forward(self, x: float) -> float:
        return math.cos(x)

    def partial_x(self, x: Number, out: Number) -> Number:
        return -sin(x)


class Tan(Unary):
    """The tangent of an angle in radians."""

    name = "tan"
    derivatives = ("1 + tan(x)**2",)
    samples = (-1.2, 0.0, 0.5, 1.2, 4.0)
    domain = (-1.3, 1.3)

    def forward(self, x: float) -> float:
        return math.tan(x)

    def partial_x(self, x: Number, out: Number) -> Number:
        return 1.0 + out * out


def _one_less_square(x: Number) -> Number:
    """1 - x**2: near 1 as a product, which keeps its digits, and near 0 as it stands, for those of its derivative."""
    return 1.0 - x * x if -0.5 <= x <= 0.5 else (1.0 - x) * (1.0 + x)


class Asin(Unary):
    """The angle in [-pi/2, pi/2] with sine x, for -1 <= x <= 1."""

    name = "asin"
    derivatives = ("1 / sqrt(1 - x**2)",)
    samples = (-0.99, -0.5, 0.0, 0.5, 0.99)
    domain = (-0.9, 0.9)

    def forward(self, x: float) -> float:
        return math.asin(x)

    def partial_x(self, x: Number, out: Number) -> Number:
        return 1.0 / sqrt(_one_less_square(x))


class Acos(Unary):
    """The angle in [0, pi] with cosine x, for -1 <= x <= 1."""

    name = "acos"
    derivatives = ("-1 / sqrt(1 - x**2)",)
    samples = (-0.99, -0.5, 0.0, 0.5, 0.99)
    domain = (-0.9, 0.9)

    def forward(self, x: float) -> float:
        return math.acos(x)

    def partial_x(self, x: Number, out: Number) -> Number:
        return -1.0 / sqrt(_one_less_square(x))


class Atan(Unary):
    """The angle in (-pi/2, pi/2) with tangent x."""

    name = "atan"
    derivatives = ("1 / (1 + x**2)",)
    samples = (-50.0, -1.0, 0.0, 0.5, 3.0)

    def forward(self, x: float) -> float:
        return math.atan(x)

    def partial_x(self, x: Number, out: Number) -> Number:
        if -FAR_OUT <= x <= FAR_OUT:
            return 1.0 / (1.0 + x * x)
        inverse = 1.0 / x
        return inverse * inverse


class Atan2(Binary):
    """atan2(x, y): the angle in (-pi, pi] of the point whose vertical coordinate is x and horizontal one is y.

    The order of the operands is that of `math.atan2`: the vertical coordinate comes first. At the origin the angle
    has no derivative, and asking for it is an error.
    """

    name = "atan2"
    derivatives = ("y / (x**2 + y**2)", "-x / (x**2 + y**2)")
    samples = ((1.0, 2.0), (-1.0, 0.5), (1.0, -2.0), (-1.0, -2.0), (3.0, 0.0), (0.0, 2.0))
    domain_x = (0.2, 3.0)

    def forward(self, x: float, y: float) -> float:
        return math.atan2(x, y)

    # The textbook's y / (x^2 + y^2) and -x / (x^2 + y^2), divided through by the larger of the two, which keeps the
    # squares in the range of a float however near or far the point is.
    def partial_x(self, x: Number, y: Number, out: Number) -> Number:
        if absolute(x) >= absolute(y):
            ratio = y / x
            return ratio / (x * (1.0 + ratio * ratio))
        ratio = x / y
        return 1.0 / (y * (1.0 + ratio * ratio))

    def partial_y(self, x: Number, y: Number, out: Number) -> Number:
        if absolute(x) >= absolute(y):
            ratio = y / x
            return -1.0 / (x * (1.0 + ratio * ratio))
        ratio = x / y
        return -ratio / (y * (1.0 + ratio * ratio))


class Sinh(Unary):
    """The hyperbolic sine."""

    name = "sinh"
    derivatives = ("cosh(x)",)
    samples = (-3.0, -1e-10, 0.0, 1.0, 10.0)

    def forward(self, x: float) -> float:
        return math.sinh(x)

    def partial_x(self, x: Number, out: Number) -> Number:
        return cosh(x)


class Cosh(Unary):
    """The hyperbolic cosine."""

    name = "cosh"
    derivatives = ("sinh(x)",)
    samples = (-3.0, 0.0, 1.0, 10.0)

    def forward(self, x: float) -> float:
        return math.cosh(x)

    def partial_x(self, x: Number, out: Number) -> Number:
        return sinh(x)


class Tanh(Unary):
    """The hyperbolic tangent.

    Its derivative 1 - tanh(x)**2 is computed as 1 / cosh(x)**2 where the difference would lose its digits.
    """

    name = "tanh"
    derivatives = ("1 - tanh(x)**2",)
    samples = (-3.0, -0.5, 0.0, 0.8814, 3.0)

    def forward(self, x: float) -> float:
        return math.tanh(x)

    def partial_x(self, x: Number, out: Number) -> Number:
        if -0.5 <= out <= 0.5:
            return 1.0 - out * out
        power = exp(-2.0 * absolute(x))
        return 4.0 * power / ((1.0 + power) * (1.0 + power))  # 1 / cosh(x)**2, without overflow

    def float_partial_x(self, x: float, y: float, out: float) -> float:
        if -0.5 <= out <= 0.5:
            return 1.0 - out * out
        power = math.exp(-2.0 * abs(x))
        return 4.0 * power / ((1.0 + power) * (1.0 + power))


class Asinh(Unary):
    """The inverse hyperbolic sine."""

    name = "asinh"
    derivatives = ("1 / sqrt(1 + x**2)",)
    samples = (-10.0, -1.0, 0.0, 0.5, 100.0)

    def forward(self, x: float) -> float:
        return math.asinh(x)

    def partial_x(self, x: Number, out: Number) -> Number:
        is_near = -1.0 <= x <= 1.0
        base = x if is_near else 1.0 / x  # keeps the square in the range of a float
        return (1.0 if is_near else absolute(base)) / sqrt(1.0 + base * base)


class Acosh(Unary):
    """The inverse hyperbolic cosine, for x >= 1."""

    name = "acosh"
    derivatives = ("1 / sqrt(x**2 - 1)",)
    samples = (1.01, 1.5, 3.0, 100.0)
    domain = (1.1, 5.0)

    def forward(self, x: float) -> float:
        return math.acosh(x)

    def partial_x(self, x: Number, out: Number) -> Number:
        return 1.0 / (sqrt(x - 1.0) * sqrt(x + 1.0))


class Atanh(Unary):
    """The inverse hyperbolic tangent, for -1 < x < 1."""

    name = "atanh"
    derivatives = ("1 / (1 - x**2)",)
    samples = (-0.99, -0.5, 0.0, 0.5, 0.99)
    domain = (-0.9, 0.9)

    def forward(self, x: float) -> float:
        return math.atanh(x)

    def partial_x(self, x: Number, out: Number) -> Number:
        return 1.0 / _one_less_square(x)


# ---------------------------------------------------------------- activations


class Sigmoid(Unary):
    """The logistic function 1 / (1 + exp(-x)); never overflows.

    Its derivative sigmoid(x) (1 - sigmoid(x)) is computed as sigmoid(x) sigmoid(-x), which keeps its digits where
    sigmoid(x) is so near 1 that the difference would lose them.
    """

    name = "sigmoid"
    derivatives = ("sigmoid(x) * sigmoid(-x)",)
    samples = (-1000.0, -30.0, -1.0, 0.0, 2.0, 20.0, 1000.0)

    def forward(self, x: float) -> float:
        if x >= 0:
            return 1.0 / (1.0 + math.exp(-x))
        power = math.exp(x)
        return power / (1.0 + power)

    def partial_x(self, x: Number, out: Number) -> Number:
        return out * sigmoid(-x)


class Softplus(Unary):
    """log(1 + exp(x)), the smooth relu; never overflows (Dugas et al. 2001)."""

    name = "softplus"
    derivatives = ("sigmoid(x)",)
    samples = (-1000.0, -30.0, -1.0, 0.0, 2.0, 20.0, 1000.0)

    def forward(self, x: float) -> float:
        rest = math.log1p(math.exp(-abs(x)))
        return rest if x < 0 else x + rest

    def partial_x(self, x: Number, out: Number) -> Number:
        return sigmoid(x)


class Relu(Unary):
    """x where x > 0, else 0, with derivative 0 at the kink x = 0 (Nair and Hinton 2010)."""

    name = "relu"
    derivatives = ("1 if x > 0 else 0",)
    samples = (-2.0, 0.0, 3.0)

    def forward(self, x: float) -> float:
        return 0.0 if x <= 0 else x

    def partial_x(self, x: Number, out: Number) -> Number:
        return 0.0 if x <= 0 else 1.0

    def float_partial_x(self, x: float, y: float, out: float) -> float:
        return 0.0 if x <= 0 else 1.0


class LeakyRelu(Binary):
    """x where x > 0, else y * x, with derivative y at the kink x = 0 (Maas et al. 2013).

    The slope y is 0.01 unless given; it is an operand like any other, so it can be learned (He et al. 2015).
    """

    name = "leaky_relu"
    derivatives = ("1 if x > 0 else y", "0 if x > 0 else x")
    samples = ((-2.0, 0.01), (0.0, 0.01), (3.0, 0.01), (-1.0, 0.25), (-2.0, 1.0))
    _default_y = 0.01

    @overload
    def __call__(self, x: float, y: float = 0.01) -> float: ...
    @overload
    def __call__(self, x: Value, y: Number = 0.01) -> Value: ...
    @overload
    def __call__(self, x: Number, y: Value) -> Value: ...
    def __call__(self, x: Any = _MISSING, y: Any = _MISSING, *others: Any, **keywords: Any) -> Any:
        if others or keywords or x is _MISSING:
            raise refused_call(self, [operand for operand in (x, y, *others) if operand is not _MISSING], keywords)
        return Binary.__call__(self, x, y)

    def forward(self, x: float, y: float) -> float:
        return y * x if x <= 0 else x

    def partial_x(self, x: Number, y: Number, out: Number) -> Number:
        return y if x <= 0 else 1.0

    def partial_y(self, x: Number, y: Number, out: Number) -> Number:
        return x if x <= 0 else 0.0


class Elu(Binary):
    """x where x > 0, else y * (exp(x) - 1), with derivative y at x = 0 (Clevert et al. 2016).

    The scale y is 1 unless given, which makes the derivative continuous; it is an operand like any other.
    """

    name = "elu"
    derivatives = ("1 if x > 0 else y * exp(x)", "0 if x > 0 else expm1(x)")
    samples = ((-20.0, 1.0), (-1.0, 1.0), (0.0, 1.0), (0.0, 0.5), (2.0, 1.0), (-1.0, 2.0))
    _default_y = 1.0

    @overload
    def __call__(self, x: float, y: float = 1.0) -> float: ...
    @overload
    def __call__(self, x: Value, y: Number = 1.0) -> Value: ...
    @overload
    def __call__(self, x: Number, y: Value) -> Value: ...
    def __call__(self, x: Any = _MISSING, y: Any = _MISSING, *others: Any, **keywords: Any) -> Any:
        if others or keywords or x is _MISSING:
            raise refused_call(self, [operand for operand in (x, y, *others) if operand is not _MISSING], keywords)
        return Binary.__call__(self, x, y)

    def forward(self, x: float, y: float) -> float:
        return y * math.expm1(x) if x <= 0 else x

    def partial_x(self, x: Number, y: Number, out: Number) -> Number:
        if x < FAR_LEFT:
            half = exp(0.5 * x)
            return y * half * half
        return y * exp(x) if x <= 0 else 1.0

    def partial_y(self, x: Number, y: Number, out: Number) -> Number:
        return expm1(x) if x <= 0 else 0.0


SQRT_2: Final = math.sqrt(2.0)
SQRT_PI: Final = math.sqrt(math.pi)
SQRT_2PI: Final = math.sqrt(2.0 * math.pi)
ROUNDING: Final = 1.5 * 2.0**34
"""Added to a float of moderate size, and taken away again, it leaves the nearest multiple of 2**-18."""


def _bell(x: Number, scale: float) -> Number:
    """exp(-scale * x**2), for a scale of 1 or 1/2.

    The rounding of a large square costs as many digits as it has before the point. So the square is taken of the first
    digits of x, which is exact, and what that leaves out has a factor of its own (as in the erfc of fdlibm).
    """
    number = _number(x)
    if not 1.0 < abs(number) < 40.0:
        return exp(-scale * x * x)
    head = (number + ROUNDING) - ROUNDING
    return exp(-scale * head * head) * exp(scale * (head - x) * (head + x))


def _normal(x: Number) -> Number:
    """The normal distribution function, erfc(-x / sqrt(2)) / 2.

    Far to the left the rounding of the quotient z = -x / sqrt(2) costs digits: the function falls with exp(-x**2 / 2),
    and exp(-z**2) is something else. Their ratio puts it right.
    """
    z = -x / SQRT_2
    half = 0.5 * erfc(z)
    x, z = _number(x), _number(z)
    if not 1.0 < z < 40.0:
        return half
    x_head, z_head = (x + ROUNDING) - ROUNDING, (z + ROUNDING) - ROUNDING
    excess = (z_head * z_head - 0.5 * x_head * x_head) + (z - z_head) * (z + z_head) - 0.5 * (x - x_head) * (x + x_head)
    # The ratio is exp(excess), with an excess below 1e-12; what is left of the function is nearly 1 / z.
    return half + half * (excess + excess / (2.0 * z * z))


class Erf(Unary):
    """The error function 2 / sqrt(pi) times the integral of exp(-t**2) from 0 to x."""

    name = "erf"
    derivatives = ("2 / sqrt(pi) * exp(-x**2)",)
    samples = (-3.0, -0.5, 0.0, 1.0, 3.0)

    def forward(self, x: float) -> float:
        return math.erf(x)

    def partial_x(self, x: Number, out: Number) -> Number:
        return 2.0 / SQRT_PI * _bell(x, 1.0)


class Erfc(Unary):
    """1 - erf(x), exact in the far tail where the difference would lose its digits."""

    name = "erfc"
    derivatives = ("-2 / sqrt(pi) * exp(-x**2)",)
    samples = (-3.0, -0.5, 0.0, 1.0, 5.0)

    def forward(self, x: float) -> float:
        return math.erfc(x)

    def partial_x(self, x: Number, out: Number) -> Number:
        return -2.0 / SQRT_PI * _bell(x, 1.0)


class Gelu(Unary):
    """x times the normal distribution function at x, exact, not its tanh approximation (Hendrycks and Gimpel 2016)."""

    name = "gelu"
    derivatives = ("erfc(-x / sqrt(2)) / 2 + x * exp(-x**2 / 2) / sqrt(2 * pi)",)
    samples = (-10.0, -1.0, -0.75, 0.0, 0.5, 3.0)

    def forward(self, x: float) -> float:
        return x * _normal(x)  # type: ignore[return-value] # a float for floats

    def partial_x(self, x: Number, out: Number) -> Number:
        return _normal(x) + x * _bell(x, 0.5) / SQRT_2PI


class Silu(Unary):
    """x * sigmoid(x), also called swish (Elfwing et al. 2018)."""

    name = "silu"
    derivatives = ("sigmoid(x) * (1 + x * sigmoid(-x))",)
    samples = (-1000.0, -30.0, -1.0, 0.0, 2.0, 20.0)

    def forward(self, x: float) -> float:
        if x < FAR_LEFT:
            half = math.exp(0.5 * x)
            return x * half * half
        return x * sigmoid.forward(x)

    def partial_x(self, x: Number, out: Number) -> Number:
        if x < FAR_LEFT:
            half = exp(0.5 * x)
            return (1.0 + x) * half * half
        return sigmoid(x) * (1.0 + x * sigmoid(-x))


class Mish(Unary):
    """x * tanh(softplus(x)) (Misra 2019).

    With p = exp(-x), tanh(softplus(x)) is 1 - 2 p**2 / (1 + 2 p + 2 p**2); for negative x, with p = exp(x), the same is
    p (p + 2) / (p (p + 2) + 2). Each keeps its digits there.
    """

    name = "mish"
    derivatives = ("tanh(softplus(x)) + x * sigmoid(x) * (1 - tanh(softplus(x))**2)",)
    samples = (-30.0, -2.0, -0.5, 0.0, 0.5, 2.0, 10.0)

    def forward(self, x: float) -> float:
        if x < FAR_LEFT:
            half = math.exp(0.5 * x)
            return x * half * half
        power = math.exp(-abs(x))
        if x < 0:
            above = power * (power + 2.0)
            return x * (above / (above + 2.0))
        square = 2.0 * power * power
        return x * (1.0 - square / (1.0 + 2.0 * power + square))

    def partial_x(self, x: Number, out: Number) -> Number:
        if x < FAR_LEFT:
            half = exp(0.5 * x)
            return (1.0 + x) * half * half
        if x < 0:
            power = exp(x)
            above = power * (power + 2.0)
            below = above + 2.0
            return above / below + 4.0 * x * power * (1.0 + power) / (below * below)
        power = exp(-x)
        square = 2.0 * power * power
        below = 1.0 + 2.0 * power + square
        return 1.0 - square / below + 2.0 * square * x * (1.0 + power) / (below * below)


# ---------------------------------------------------------------- choices


class Maximum(Binary):
    """The larger of two numbers; equal ones share the gradient, half each."""

    name = "maximum"
    derivatives = ("1 if x > y else 0 if x < y else 0.5", "1 if y > x else 0 if y < x else 0.5")
    samples = ((2.0, 3.0), (3.0, 2.0), (1.5, 1.5), (-1.0, 0.0))

    def forward(self, x: float, y: float) -> float:
        return x if x >= y or x != x else y

    def partial_x(self, x: Number, y: Number, out: Number) -> Number:
        return 1.0 if x > y else 0.0 if x < y else 0.5

    def partial_y(self, x: Number, y: Number, out: Number) -> Number:
        return 1.0 if y > x else 0.0 if y < x else 0.5


class Minimum(Binary):
    """The smaller of two numbers; equal ones share the gradient, half each."""

    name = "minimum"
    derivatives = ("1 if x < y else 0 if x > y else 0.5", "1 if y < x else 0 if y > x else 0.5")
    samples = ((2.0, 3.0), (3.0, 2.0), (1.5, 1.5), (-1.0, 0.0))

    def forward(self, x: float, y: float) -> float:
        return x if x <= y or x != x else y

    def partial_x(self, x: Number, y: Number, out: Number) -> Number:
        return 1.0 if x < y else 0.0 if x > y else 0.5

    def partial_y(self, x: Number, y: Number, out: Number) -> Number:
        return 1.0 if y < x else 0.0 if y > x else 0.5


# ---------------------------------------------------------------- the instances, which are the functions

add: Final = Add()
subtract: Final = Subtract()
multiply: Final = Multiply()
divide: Final = Divide()
power: Final = Power()
negate: Final = Negate()
absolute: Final = Absolute()
exp: Final = Exp()
expm1: Final = Expm1()
exp2: Final = Exp2()
log: Final = Log()
log1p: Final = Log1p()
log2: Final = Log2()
log10: Final = Log10()
sqrt: Final = Sqrt()
cbrt: Final = Cbrt()
hypot: Final = Hypot()
sin: Final = Sin()
cos: Final = Cos()
tan: Final = Tan()
asin: Final = Asin()
acos: Final = Acos()
atan: Final = Atan()
atan2: Final = Atan2()
sinh: Final = Sinh()
cosh: Final = Cosh()
tanh: Final = Tanh()
asinh: Final = Asinh()
acosh: Final = Acosh()
atanh: Final = Atanh()
sigmoid: Final = Sigmoid()
softplus: Final = Softplus()
relu: Final = Relu()
leaky_relu: Final = LeakyRelu()
elu: Final = Elu()
erf: Final = Erf()
erfc: Final = Erfc()
gelu: Final = Gelu()
silu: Final = Silu()
mish: Final = Mish()
maximum: Final = Maximum()
minimum: Final = Minimum()
