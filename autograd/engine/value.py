"""A number that remembers how it was computed.

Operations on Values build a graph while they run; `backward()` walks it in reverse and applies the chain rule.
"""

from __future__ import annotations

import math
import numbers
from typing import Any, Final, NoReturn

from autograd.engine import copying, diagnose, errors, graph, modes, ops
from autograd.engine.entry import Entry
from autograd.engine.modes import Recorder, Scope, current, recorder
from autograd.engine.native import Unchecked, mypyc_attr
from autograd.engine.ops import Binary, Nary, Node, Number, Primitive, Unary, as_float, real_number


def _binary(primitive: Binary, left: Unchecked[Number], right: Unchecked[Number]) -> Unchecked[Value]:
    """The result of a primitive of two operands. Of a plain number, only the number is remembered."""
    left_node = right_node = None
    try:
        if isinstance(left, Value):
            left_node, x, requires_grad = left, left._data, left._requires_grad
        else:
            x, requires_grad = real_number(left), False
        if isinstance(right, Value):
            right_node, y, requires_grad = right, right._data, requires_grad or right._requires_grad
        else:
            y = real_number(right)
    except TypeError:
        return NotImplemented  # type: ignore[no-any-return] # Python asks the other: a NumPy array knows what to do
    try:
        data = primitive.forward(x, y) if primitive._is_built_in else as_float(primitive, "forward", x, y)
    except (ArithmeticError, ValueError) as error:
        data = _undefined(error, primitive, [x, y], [left_node, right_node])
    return _node(primitive, data, requires_grad, left_node, right_node, x, y)


def _node(
    op: Primitive, data: float, requires_grad: bool, left: Value | None, right: Value | None, x: float, y: float
) -> Value:
    """A new node of the graph, or a constant without history if no gradient is needed or nothing is recorded."""
    scope: Scope | None = None
    if entered and (entry := _block_here()) is not None:  # inside `no_grad()`, `scope()`, or what `compile` records
        if entry.recorder is not None:
            return _symbol(entry.recorder, op, left, right, x, y)
        scope, requires_grad = entry.scope, requires_grad and entry.recording
    node: Value = Value(_ZERO) if _IS_NATIVE else _unset(Value)  # the faster of the two
    node._data, node._requires_grad, node._scope = data, requires_grad, scope
    node._grad = 0.0
    node._label = None
    node._visit = 0
    node._op, node._left, node._right = op, left, right
    node._x, node._y = x, y
    if not requires_grad:
        node._op = node._left = node._right = None
        node._x = node._y = 0.0
    return node


@mypyc_attr(allow_interpreted_subclasses=True)
class Value(Node):
    """A float that remembers how it was computed.

    Args:
        data: any real number: an int, a float, a bool, a Fraction, a NumPy scalar; anything else is a TypeError.
        label: a name for drawings and error messages; may hold any text.
        requires_grad: False makes a constant, for which no gradient is computed.

    >>> x = Value(3.0, label="x")
    >>> (x * x).backward()
    >>> x
    Value(data=3.0, grad=6.0, label='x')
    """

    __slots__ = ("_data", "_grad", "_label", "_left", "_op", "_requires_grad", "_right", "_scope", "_visit", "_x", "_y")

    _data: float
    _grad: float
    _requires_grad: bool
    _op: Primitive | None  # None for a leaf
    _left: Value | None  # the parents; None where the operand was a plain number (a Nary holds its own)
    _right: Value | None
    _x: float  # the operands' numbers as they were when the operation ran, whatever becomes of the parents since
    _y: float  # 0.0 for an operation of one operand
    _label: str | None
    _scope: Scope | None
    _visit: int  # the last visit of a walk over the graph (`graph.ancestors`)

    def __add__(self, other: Unchecked[Number]) -> Unchecked[Value]:
        return _binary(ops.add, self, other)

    def backward(self, gradient: Unchecked[float] = 1.0) -> None:
        """Computes the derivative of this Value with respect to every Value it was computed from.

        Leaves add it to their `.grad`; the other nodes have theirs overwritten, so a second call doubles the leaves
        and corrupts nothing. The derivatives belong to the numbers that the operations saw, even if a leaf's data
        was changed since. When an error is raised, the leaves hold what they held before.

        Args:
            gradient: the derivative of something further on with respect to this Value.

        Raises:
            RuntimeError: this is a constant, or was computed under `no_grad()`.
            FloatingPointError: an operation with finite inputs gave a result or a derivative that is not finite;
                the message names it. What the user put in as NaN or infinity flows through instead.
        """
        if not self._requires_grad:
            raise RuntimeError(_constant_has_no_gradient(self))
        with graph.passing:
            leaves, operations = graph.ancestors(self)
            if not math.isfinite(self._data):
                diagnose.blame_result(operations)
            earlier = [(leaf, leaf._grad) for leaf in leaves if leaf._grad != 0.0]
            try:
                for node in leaves:
                    node._grad = 0.0
                for node in operations:
                    node._grad = 0.0
                self._grad = real_number(gradient)
                Value._apply_chain_rule(operations)
                _check_gradients(leaves, operations)
                for leaf, gradient in earlier:
                    leaf._grad += gradient
            except BaseException:
                _restore_gradients(leaves, earlier)
                raise

    @staticmethod
    def _apply_chain_rule(operations: list[Value]) -> None:
        """From the last operation to the first, each adds gradient * partial to the gradients of its parents."""
        for node in reversed(operations):
            primitive, gradient = node._op, node._grad
            left, right = node._left, node._right
            assert primitive is not None
            try:  # for a parent that is a constant the partial is not even computed
                if left is not None and left._requires_grad:
                    left._grad += gradient * primitive.float_partial_x(node._x, node._y, node._data)
                if right is not None:
                    if right._requires_grad:
                        right._grad += gradient * primitive.float_partial_y(node._x, node._y, node._data)
                elif left is None and isinstance(primitive, Nary):
                    for parent, partial in zip(primitive.parents, primitive.checked_partials(), strict=True):
                        if parent._requires_grad:
                            parent._grad += gradient * partial
            except (ArithmeticError, ValueError) as error:
                diagnose.no_derivative(node, error)

    # ------------------------------------------------------------ construction, and what else concerns the gradient

    def __init__(
        self, data: Unchecked[float], *, label: Unchecked[str | None] = None, requires_grad: Unchecked[bool] = True
    ) -> None:
        self._data, self._grad = real_number(data), 0.0
        self._requires_grad = bool(requires_grad)
        self._op = self._left = self._right = None
        self._x = self._y = 0.0
        self._label = None if label is None else _checked_label(label)
        self._visit = 0
        self._scope = None
        if entered and (entry := _block_here()) is not None:
            self._scope = entry.scope

    def zero_grad(self) -> None:
        """Sets `.grad` of this Value to 0.0."""
        self._grad = 0.0

    def detach(self) -> Value:
        """A constant with the same number and label, and no history.

        >>> x = Value(3.0)
        >>> (x * x.detach()).backward()
        >>> x.grad
        3.0
        """
        if entered and (compiled := recorder()) is not None:
            return compiled.detached(self)
        return Value(self._data, label=self._label, requires_grad=False)

    def apply(self, primitive: Unary | Binary, *operands: Any) -> Value:
        """The result of a primitive on operands, one of which is this Value; calling the primitive does the same."""
        if isinstance(primitive, Unary):
            return _unary(primitive, self)
        left, right = operands
        if type(right) is not type(self) and isinstance(right, type(self)):
            return right.apply(primitive, left, right)  # a subclass decides, as it does for operators
        for operand in operands:
            if not isinstance(operand, Value):
                real_number(operand)  # the TypeError that says what to do instead
        return _binary(primitive, left, right)

    # ------------------------------------------------------------ what it holds

    @property
    def data(self) -> float:
        """The number. Only that of a leaf can be set; a graph built before keeps the number that it saw."""
        if entered and (compiled := recorder()) is not None:
            compiled.require_constant(self)
        return self._data

    @data.setter
    def data(self, number: Unchecked[float]) -> None:
        if self._op is not None:
            raise AttributeError(
                f"the data of the result of {self._op.call} is computed from its parents; set the data of the "
                "leaves, or make a new leaf with .detach()"
            )
        self._data = real_number(number)

    @property
    def grad(self) -> float:
        """The derivative of the last root with respect to this Value; 0.0 before any `backward()`.

        Leaves add up the gradients of every `backward()`; other nodes hold that of the last one.
        """
        return self._grad

    @grad.setter
    def grad(self, number: Unchecked[float]) -> None:
        if number is None:
            raise TypeError("a gradient is a number, 0.0 where nothing flowed in: write v.grad = 0.0 or v.zero_grad()")
        self._grad = real_number(number)

    @property
    def label(self) -> str | None:
        """The name shown in drawings and error messages, or None."""
        return self._label

    @label.setter
    def label(self, text: Unchecked[str | None]) -> None:
        self._label = _checked_label(text)

    @property
    def requires_grad(self) -> bool:
        """Whether gradients are computed for it; can be set on a leaf, which freezes or thaws it."""
        return self._requires_grad

    @requires_grad.setter
    def requires_grad(self, wanted: Unchecked[bool]) -> None:
        if self._op is not None:
            raise AttributeError(f"the result of {self._op.call} needs a gradient because a parent does; use .detach()")
        self._requires_grad = bool(wanted)

    @property
    def op(self) -> Primitive | None:
        """The primitive that made it, or None for a leaf; a `Nary` if it was a compiled function."""
        return self._op

    @property
    def parents(self) -> tuple[Value, ...]:
        """The operands it was computed from, in order; a plain number among them shows as a constant Value."""
        if self._op is None:
            return ()
        if isinstance(self._op, Nary):
            return tuple(self._op.parents)
        if self._left is None:
            self._left = _constant(self._x, self._scope)
        if isinstance(self._op, Unary):
            return (self._left,)
        if self._right is None:
            self._right = _constant(self._y, self._scope)
        return (self._left, self._right)

    @property
    def is_leaf(self) -> bool:
        """Whether it was made by `Value(...)`, not computed by an operation."""
        return self._op is None

    @property
    def scope(self) -> Scope | None:
        """The innermost `scope` in which it was made, or None."""
        return self._scope

    @property
    def real(self) -> Value:
        """Itself, since it is a real number."""
        return self

    @property
    def imag(self) -> float:
        """0.0, as for any real number."""
        return 0.0

    # ------------------------------------------------------------ the other operators

    def __radd__(self, other: Unchecked[Number]) -> Unchecked[Value]:
        return _binary(ops.add, other, self)

    def __sub__(self, other: Unchecked[Number]) -> Unchecked[Value]:
        return _binary(ops.subtract, self, other)

    def __rsub__(self, other: Unchecked[Number]) -> Unchecked[Value]:
        return _binary(ops.subtract, other, self)

    def __mul__(self, other: Unchecked[Number]) -> Unchecked[Value]:
        return _binary(ops.multiply, self, other)

    def __rmul__(self, other: Unchecked[Number]) -> Unchecked[Value]:
        return _binary(ops.multiply, other, self)

    def __truediv__(self, other: Unchecked[Number]) -> Unchecked[Value]:
        return _binary(ops.divide, self, other)

    def __rtruediv__(self, other: Unchecked[Number]) -> Unchecked[Value]:
        return _binary(ops.divide, other, self)

    def __pow__(self, other: Unchecked[Number]) -> Unchecked[Value]:
        if is_operand(other):
            return ops.power(self, other)
        return NotImplemented

    def __rpow__(self, other: Unchecked[Number]) -> Unchecked[Value]:
        if is_operand(other):
            return ops.power(other, self)
        return NotImplemented

    def __neg__(self) -> Value:
        return _unary(ops.negate, self)

    def __pos__(self) -> Value:
        return self

    def __abs__(self) -> Value:
        return _unary(ops.absolute, self)

    # ------------------------------------------------------------ functions, as methods; `ops` has the details

    def exp(self) -> Value:
        """e**x."""
        return _unary(ops.exp, self)

    def expm1(self) -> Value:
        """exp(x) - 1, exact near 0."""
        return _unary(ops.expm1, self)

    def exp2(self) -> Value:
        """2**x."""
        return _unary(ops.exp2, self)

    def log(self) -> Value:
        """The natural logarithm."""
        return _unary(ops.log, self)

    def log1p(self) -> Value:
        """log(1 + x), exact near 0."""
        return _unary(ops.log1p, self)

    def log2(self) -> Value:
        """The logarithm to base 2."""
        return _unary(ops.log2, self)

    def log10(self) -> Value:
        """The logarithm to base 10."""
        return _unary(ops.log10, self)

    def sqrt(self) -> Value:
        """The square root."""
        return _unary(ops.sqrt, self)

    def cbrt(self) -> Value:
        """The cube root."""
        return _unary(ops.cbrt, self)

    def sin(self) -> Value:
        """The sine, of an angle in radians."""
        return _unary(ops.sin, self)

    def cos(self) -> Value:
        """The cosine, of an angle in radians."""
        return _unary(ops.cos, self)

    def tan(self) -> Value:
        """The tangent, of an angle in radians."""
        return _unary(ops.tan, self)

    def asin(self) -> Value:
        """The angle with this sine."""
        return _unary(ops.asin, self)

    def acos(self) -> Value:
        """The angle with this cosine."""
        return _unary(ops.acos, self)

    def atan(self) -> Value:
        """The angle with this tangent."""
        return _unary(ops.atan, self)

    def sinh(self) -> Value:
        """The hyperbolic sine."""
        return _unary(ops.sinh, self)

    def cosh(self) -> Value:
        """The hyperbolic cosine."""
        return _unary(ops.cosh, self)

    def tanh(self) -> Value:
        """The hyperbolic tangent."""
        return _unary(ops.tanh, self)

    def asinh(self) -> Value:
        """The inverse hyperbolic sine."""
        return _unary(ops.asinh, self)

    def acosh(self) -> Value:
        """The inverse hyperbolic cosine."""
        return _unary(ops.acosh, self)

    def atanh(self) -> Value:
        """The inverse hyperbolic tangent."""
        return _unary(ops.atanh, self)

    def sigmoid(self) -> Value:
        """1 / (1 + exp(-x))."""
        return _unary(ops.sigmoid, self)

    def softplus(self) -> Value:
        """log(1 + exp(x))."""
        return _unary(ops.softplus, self)

    def relu(self) -> Value:
        """x where it is positive, else 0."""
        return _unary(ops.relu, self)

    def leaky_relu(self, slope: Unchecked[Number] = 0.01) -> Value:
        """x where it is positive, else slope * x."""
        return ops.leaky_relu(self, slope)

    def elu(self, scale: Unchecked[Number] = 1.0) -> Value:
        """x where it is positive, else scale * (exp(x) - 1)."""
        return ops.elu(self, scale)

    def gelu(self) -> Value:
        """x times the normal distribution function at x."""
        return _unary(ops.gelu, self)

    def silu(self) -> Value:
        """x * sigmoid(x)."""
        return _unary(ops.silu, self)

    def mish(self) -> Value:
        """x * tanh(softplus(x))."""
        return _unary(ops.mish, self)

    def erf(self) -> Value:
        """The error function."""
        return _unary(ops.erf, self)

    def erfc(self) -> Value:
        """1 - erf(x), exact in the tail."""
        return _unary(ops.erfc, self)

    # ------------------------------------------------------------ comparing, as numbers

    def __eq__(self, other: object) -> Unchecked[bool]:
        if entered and (compiled := recorder()) is not None:
            return compiled.compared("==", self, other)  # type: ignore[no-any-return]
        if isinstance(other, Value):
            return self._data == other._data
        if is_operand(other):
            return bool(self._data == _comparable(other))
        return NotImplemented

    def __ne__(self, other: object) -> Unchecked[bool]:
        if entered and (compiled := recorder()) is not None:
            return compiled.compared("!=", self, other)  # type: ignore[no-any-return]
        if isinstance(other, Value):
            return self._data != other._data
        if is_operand(other):
            return bool(self._data != _comparable(other))
        return NotImplemented

    def __lt__(self, other: Unchecked[Number]) -> Unchecked[bool]:
        if entered and (compiled := recorder()) is not None:
            return compiled.compared("<", self, other)  # type: ignore[no-any-return]
        if isinstance(other, Value):
            return self._data < other._data
        if is_operand(other):
            return bool(self._data < _comparable(other))
        return NotImplemented

    def __le__(self, other: Unchecked[Number]) -> Unchecked[bool]:
        if entered and (compiled := recorder()) is not None:
            return compiled.compared("<=", self, other)  # type: ignore[no-any-return]
        if isinstance(other, Value):
            return self._data <= other._data
        if is_operand(other):
            return bool(self._data <= _comparable(other))
        return NotImplemented

    def __gt__(self, other: Unchecked[Number]) -> Unchecked[bool]:
        if entered and (compiled := recorder()) is not None:
            return compiled.compared("<", other, self)  # type: ignore[no-any-return]
        if isinstance(other, Value):
            return self._data > other._data
        if is_operand(other):
            return bool(self._data > _comparable(other))
        return NotImplemented

    def __ge__(self, other: Unchecked[Number]) -> Unchecked[bool]:
        if entered and (compiled := recorder()) is not None:
            return compiled.compared("<=", other, self)  # type: ignore[no-any-return]
        if isinstance(other, Value):
            return self._data >= other._data
        if is_operand(other):
            return bool(self._data >= _comparable(other))
        return NotImplemented

    def __hash__(self) -> int:
        return object.__hash__(self)  # by identity: two Values with the same number are two Values

    def __bool__(self) -> bool:
        if entered and (compiled := recorder()) is not None:
            compiled.refuse_branch()
        return self._data != 0.0

    # ------------------------------------------------------------ what would lose the gradient is refused

    def __float__(self) -> NoReturn:
        raise TypeError(_would_lose("float"))

    def __int__(self) -> NoReturn:
        raise TypeError(_would_lose("int"))

    def __complex__(self) -> NoReturn:
        raise TypeError(_would_lose("complex"))

    def __round__(self, digits: int | None = None) -> NoReturn:
        raise TypeError(_would_lose("round"))

    # ------------------------------------------------------------ showing

    def __repr__(self) -> str:
        label = f", label={self._label!r}" if self._label is not None else ""
        constant = "" if self._requires_grad else ", requires_grad=False"
        return f"Value(data={self._data!r}, grad={self._grad!r}{label}{constant})"

    def __format__(self, specification: str) -> str:
        return format(self._data, specification) if specification else str(self)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """What a notebook shows: the graph, with the plain text beside it."""
        from autograd.pictures.draw import mimebundle

        return mimebundle(self)

    # ------------------------------------------------------------ copying and pickling, without recursion

    def __copy__(self) -> Value:
        return copying.twin(self)

    def __deepcopy__(self, memo: dict[int, object]) -> Value:
        return copying.copied(self, memo)

    def __reduce_ex__(self, protocol: object) -> tuple[object, ...]:
        return copying.reduced(self)


# So `isinstance(value, numbers.Real)` is true, which `pytest.approx` relies on.
numbers.Real.register(Value)

# Every operation reads these. They have names here because native code looks up an imported name anew each time.
entered: Final[list[Any]] = modes.entered
innermost: Final[Any] = modes.innermost.get

# In native code `__init__` costs next to nothing; in Python it costs as much as the rest of an operation.
_IS_NATIVE: Final = not __file__.endswith(".py")
_ZERO: Final[Unchecked[float]] = 0.0  # as an object, which native code need not make each time
_unset: Final[Any] = object.__new__


def _unary(primitive: Unary, operand: Value) -> Value:
    """The result of a primitive of one operand."""
    x = operand._data
    try:
        data = primitive.forward(x) if primitive._is_built_in else as_float(primitive, "forward", x)
    except (ArithmeticError, ValueError) as error:
        data = _undefined(error, primitive, [x], [operand])
    return _node(primitive, data, operand._requires_grad, operand, None, x, 0.0)


def _undefined(
    error: ArithmeticError | ValueError, primitive: Primitive, numbers: list[float], nodes: list[Value | None]
) -> float:
    """Raises an operation's error with its numbers and labels; nan while `compile` records, since they may change."""
    if recorder() is None:
        labels = [None if node is None else node._label for node in nodes]
        errors.explain(error, primitive.call, primitive.operands, numbers, labels)
    return math.nan


def _check_gradients(leaves: list[Value], operations: list[Value]) -> None:
    """Raises FloatingPointError if an operation made a gradient that is not finite."""
    total = 0.0
    for leaf in leaves:
        total += leaf._grad
    if not math.isfinite(total):  # an infinity or a NaN in one of the leaves cannot cancel out
        diagnose.blame_derivative(leaves, operations, lambda node: node._grad)


def _restore_gradients(leaves: list[Value], earlier: list[tuple[Value, float]]) -> None:
    """Gives the leaves back what they held before a pass: 0.0, but for those in `earlier`."""
    for leaf in leaves:
        leaf._grad = 0.0
    for leaf, gradient in earlier:
        leaf._grad = gradient


def _constant_has_no_gradient(root: Value) -> str:
    return (
        f"{root!r} does not require a gradient: it is a constant, or was computed from constants or under "
        "no_grad(); there is nothing to differentiate"
    )


def _symbol(
    compiled: Recorder, op: Primitive | None, left: Value | None, right: Value | None, x: float, y: float
) -> Value:
    """The result of an operation of a function that is being compiled."""
    second: Any = None if isinstance(op, Unary) else y if right is None else right
    return compiled.recorded(op, x if left is None else left, second)


def _block_here() -> Entry | None:
    """The innermost block that is open here; calls `modes.current` only if a block ended out of turn."""
    entry: Entry | None = innermost()
    if entry is not None:
        decided_by = entry.decided_by
        if not entry.open or (decided_by is not None and not decided_by.open):
            entry = current()
    return entry


def result_of(op: Nary, data: float) -> Value:
    """A Value that an operation on many Values has computed."""
    requires_grad = any(parent._requires_grad for parent in op.parents)
    return _node(op, data, requires_grad, None, None, 0.0, 0.0)


def _constant(data: float, scope: Scope | None) -> Value:
    """A plain number as a node of the graph."""
    node = Value(data, requires_grad=False)
    node._scope = scope
    return node


def _checked_label(text: Unchecked[str | None]) -> str | None:
    if text is not None and not isinstance(text, str):
        raise TypeError(f"a label is a str or None, not {type(text).__name__} {text!r}")
    return text


def is_operand(number: object) -> bool:
    """Whether arithmetic with a Value takes it: a Value or any real number."""
    if isinstance(number, (Value, float, int)):
        return True
    try:
        real_number(number)
    except TypeError:
        return False
    return True


def _comparable(number: Any) -> Any:
    """A number that a float can be compared with: itself, exactly, if Python knows it as a real number."""
    return number if isinstance(number, numbers.Real) else real_number(number)


def _would_lose(function: str) -> str:
    return (
        f"{function}() of a Value would drop its gradient without a word; write v.data for the plain number, or use "
        "a function of this library (autograd.exp instead of math.exp) to keep the gradient"
    )
