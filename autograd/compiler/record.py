"""Recording: a function runs on symbols, numbers that are not known yet, and a tape notes what it does.

A `Symbol` is a Value without a number. Every operation on it is added to a `Tape`; anything that asks for its number
raises a `CompileError` that names the line of the user's function.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from typing import Any, NoReturn

from autograd.compiler.lines import described_line, line_of, refused
from autograd.compiler.tape import (
    EQUAL,
    LESS,
    LESS_EQUAL,
    SELECT_IF,
    SELECT_UNLESS,
    Check,
    Operation,
    Tape,
    TapeOperation,
)
from autograd.engine import ops
from autograd.engine.conditions import NO_INVERSE, Unknown, where
from autograd.engine.errors import CompileError
from autograd.engine.modes import Scope, compiling, is_recording
from autograd.engine.ops import PRIMITIVES, Nary, Number, Unary, real_number
from autograd.engine.value import Value, is_operand

_COMPARISONS = {"<": LESS, "<=": LESS_EQUAL, "==": EQUAL, "!=": EQUAL}

# ---------------------------------------------------------------- the tape, while a function is recorded on it


class TapeRecorder(Tape):
    """A tape that operations on Values are added to; an `autograd.engine.modes.Recorder`."""

    def __init__(self, inputs: int, with_lines: bool = False) -> None:
        super().__init__(inputs, with_lines)
        self.scope = Scope("compile", None, ())
        self._node_of_value: dict[Value, int] = {}

    def symbol(self, node: int) -> Symbol:
        made = _new_symbol(Symbol)
        made._tape = self
        made._node = node
        return made

    def symbols(self) -> list[Symbol]:
        """The inputs."""
        return [self.symbol(node) for node in range(self.inputs)]

    def node(self, operand: object) -> int:
        """The node of an operand: a symbol, a Value from outside, or a plain number."""
        if isinstance(operand, Symbol):
            if operand._tape is not self:
                raise refused(
                    "uses a Value of another recording", instead="do not keep the Values that a compiled function gets"
                )
            return operand._node
        if isinstance(operand, Condition):
            return self.node(where(operand, 1.0, 0.0))
        if isinstance(operand, Value):
            return self._node_of(operand)
        return self.constant(real_number(operand))

    def number(self, operand: Any) -> Value:
        """An operand as a symbol; a condition is 1 or 0."""
        return self.symbol(self.node(operand))

    def _node_of(self, value: Value) -> int:
        """The node of a Value that is not a symbol.

        A Value that existed before the call is captured: each call reads its number again. A Value that the function
        made of a plain number is a constant.
        """
        node = self._node_of_value.get(value)
        if node is None:
            inside = value.op is None and self._is_from_inside(value)
            node = self._node_of_value[value] = self.constant(value.data) if inside else self._capture(value)
        return node

    # ------------------------------------------------------------ operations on Values that are not symbols

    def recorded(self, operation: Operation, x: Any, y: Any) -> Value:
        if isinstance(operation, Nary):
            raise refused(f"applies {operation.call} as one operation", instead="call the function itself")
        return self.symbol(self.add(operation, x, y))

    def compared(self, comparison: str, x: Any, y: Any) -> Any:
        if not (is_operand(x) and is_operand(y)):
            return NotImplemented
        return Condition(self, _COMPARISONS[comparison], x, y, negated=comparison == "!=")

    def detached(self, value: Value) -> Value:
        return self.symbol(self._node_of(value)).detach()

    def require_constant(self, value: Value) -> None:
        if not self._is_from_inside(value):
            raise refused(
                "reads the number of a Value from outside (.data)",
                instead="it may differ at the next call: use the Value itself, or its .detach()",
            )

    def refuse_branch(self) -> NoReturn:
        raise refused("branches on a Value")

    def _is_from_inside(self, value: Value) -> bool:
        """Whether it was made while this tape recorded: then the outermost scope around it is that of the tape."""
        scope = value.scope
        while scope is not None and scope.parent is not None:
            scope = scope.parent
        return scope is self.scope

    def _capture(self, value: Value) -> int:
        node = self._add(None, -1, -1)
        self.captured[node] = value
        return node

    def add(self, operation: Operation, x: object, y: object = None) -> int:
        """The node of an operation on operands of any kind."""
        left = x._node if type(x) is Symbol and x._tape is self else self.node(x)
        right = -1 if y is None else y._node if type(y) is Symbol and y._tape is self else self.node(y)
        return self.apply(operation, left, right, not is_recording())

    def again(self) -> TapeRecorder:
        """The same tape for another run of the function, which knows only the captured Values of the first run."""
        other = copy(self)
        other.scope = Scope("compile", None, ())
        other._node_of_value = {value: node for node, value in self.captured.items()}
        return other

    def finish(self) -> None:
        super().finish()
        self._node_of_value.clear()


# ---------------------------------------------------------------- symbols


class Symbol(Value, Unknown):
    """A Value whose number is not known yet: operations on it are recorded, and reading its number is an error."""

    __slots__ = ("_node", "_tape")

    _tape: TapeRecorder
    _node: int

    def apply(self, primitive: Any, *operands: Number) -> Value:
        return _recorded(self, primitive, *operands)

    def detach(self) -> Value:
        tape = self._tape
        return tape.symbol(tape.apply(ops.add, self._node, tape.constant(-0.0), stopped=True))

    def select(self, a: Number, b: Number) -> Value:
        return _is_not_zero(self).select(a, b)

    def require(self, message: str, numbers: Sequence[Number]) -> None:
        _is_not_zero(self).require(message, numbers)

    # ------------------------------------------------------------ comparing gives a condition for `where`

    def __lt__(self, other: Number) -> Any:
        return Condition(self._tape, LESS, self, other)

    def __gt__(self, other: Number) -> Any:
        return Condition(self._tape, LESS, other, self)

    def __le__(self, other: Number) -> Any:
        return Condition(self._tape, LESS_EQUAL, self, other)

    def __ge__(self, other: Number) -> Any:
        return Condition(self._tape, LESS_EQUAL, other, self)

    def __eq__(self, other: object) -> Any:
        return Condition(self._tape, EQUAL, self, other)

    def __ne__(self, other: object) -> Any:
        return Condition(self._tape, EQUAL, self, other, negated=True)

    __hash__ = object.__hash__

    # ------------------------------------------------------------ what is not known

    @property
    def requires_grad(self) -> bool:
        return False  # so that nothing reads the number to decide whether to differentiate

    @requires_grad.setter
    def requires_grad(self, wanted: bool) -> None:
        raise refused("sets requires_grad", instead="use .detach() for a constant")

    @property
    def label(self) -> str | None:
        return None

    @label.setter
    def label(self, text: str | None) -> None:
        """Nothing is drawn of it."""

    @property
    def scope(self) -> Scope | None:
        return None

    @property
    def data(self) -> float:
        raise refused("reads the number of a Value (.data)")

    @data.setter
    def data(self, number: float) -> None:
        raise refused("sets the number of a Value (.data)")

    @property
    def grad(self) -> float:
        raise refused("reads .grad", instead="differentiate the compiled function: f.value_and_grad(...)")

    @grad.setter
    def grad(self, number: float) -> None:
        raise refused("sets .grad", instead="differentiate the compiled function: f.value_and_grad(...)")

    def backward(self, gradient: float = 1.0) -> None:
        raise refused("calls backward()", instead="return the Value, and call f.value_and_grad(...)")

    def zero_grad(self) -> None:
        raise refused("calls zero_grad()", instead="leave gradients to f.value_and_grad(...)")

    def __bool__(self) -> bool:
        raise refused("branches on a Value")

    def __float__(self) -> NoReturn:
        raise refused("asks for the number of a Value (float() or a function of math)")

    def __int__(self) -> NoReturn:
        raise refused("asks for the number of a Value (int())")

    def __complex__(self) -> NoReturn:
        raise refused("asks for the number of a Value (complex())")

    def __round__(self, digits: int | None = None) -> NoReturn:
        raise refused("rounds a Value")

    def __repr__(self) -> str:
        return f"Value(unknown while recording, node {self._node})"

    def __format__(self, specification: str) -> str:
        return repr(self)

    def __copy__(self) -> Value:
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> Value:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise refused("pickles a Value")


_new_symbol: Callable[[type[Symbol]], Symbol] = Value.__new__


def _recorded(symbol: Symbol, operation: Operation, x: object, y: object = None) -> Value:
    tape = symbol._tape
    return tape.symbol(tape.add(operation, x, y))


def _give_operators() -> None:
    """Makes each operator and method of `Value` that computes a primitive record it instead."""

    def binary(operation: Operation) -> Callable[[Symbol, Any], Any]:
        def method(self: Symbol, other: Any) -> Any:
            tape = self._tape
            if type(other) is Symbol and other._tape is tape:
                right = other._node
            elif type(other) is Value:
                right = tape._node_of(other)
            elif type(other) is float:
                right = tape.constant(other)
            elif is_operand(other) or isinstance(other, Condition):
                right = tape.node(other)
            else:
                return NotImplemented
            made = _new_symbol(Symbol)
            made._tape = tape
            made._node = tape.apply(operation, self._node, right, not is_recording())
            return made

        return method

    def reflected(operation: Operation) -> Callable[[Symbol, Any], Any]:
        def method(self: Symbol, other: Any) -> Any:
            tape = self._tape
            if type(other) is Value:
                left = tape._node_of(other)
            elif type(other) is float:
                left = tape.constant(other)
            elif is_operand(other) or isinstance(other, Condition):
                left = tape.node(other)
            else:
                return NotImplemented
            made = _new_symbol(Symbol)
            made._tape = tape
            made._node = tape.apply(operation, left, self._node, not is_recording())
            return made

        return method

    def unary(operation: Operation) -> Callable[[Symbol], Any]:
        def method(self: Symbol) -> Any:
            tape = self._tape
            made = _new_symbol(Symbol)
            made._tape = tape
            made._node = tape.apply(operation, self._node, -1, not is_recording())
            return made

        return method

    operators = {"add": ops.add, "sub": ops.subtract, "mul": ops.multiply, "truediv": ops.divide, "pow": ops.power}
    for name, operation in operators.items():
        setattr(Symbol, f"__{name}__", binary(operation))
        setattr(Symbol, f"__r{name}__", reflected(operation))
    setattr(Symbol, "__neg__", unary(ops.negate))  # noqa: B010 - as the others
    setattr(Symbol, "__abs__", unary(ops.absolute))  # noqa: B010
    for name, primitive in PRIMITIVES.items():
        if isinstance(primitive, Unary) and hasattr(Value, name):
            setattr(Symbol, name, unary(primitive))


_give_operators()


class Condition(Unknown):
    """The result of a comparison with a symbol: not known yet. `where` takes it; a branch on it is an error."""

    __slots__ = ("negated", "node", "tape")

    def __init__(
        self, tape: TapeRecorder, comparison: TapeOperation, x: object, y: object, negated: bool = False
    ) -> None:
        self.tape = tape
        self.node = tape.add(comparison, x, y)
        self.negated = negated

    def select(self, a: Number, b: Number) -> Value:
        """`a` where it holds, else `b`."""
        tape, condition = self.tape, self.tape.symbol(self.node)
        if self.negated:
            a, b = b, a
        chosen, other = tape.add(SELECT_IF, condition, a), tape.add(SELECT_UNLESS, condition, b)
        return tape.symbol(tape.add(ops.add, tape.symbol(chosen), tape.symbol(other)))

    def require(self, message: str, numbers: Sequence[Number]) -> None:
        tape = self.tape
        nodes = tuple(tape.node(number) for number in numbers)
        tape.checks[Check(self.node, self.negated, message, nodes)] = None

    def __and__(self, other: object) -> Condition:
        """Both: `(0 <= x) & (x <= 1)`."""
        return _is_not_zero(self.select(self.tape.number(other), 0.0)) if _is_condition(other) else NotImplemented

    def __or__(self, other: object) -> Condition:
        """One of the two, or both: `(x == -1) | (x == 1)`."""
        return _is_not_zero(self.select(1.0, self.tape.number(other))) if _is_condition(other) else NotImplemented

    __rand__, __ror__ = __and__, __or__

    def __eq__(self, other: object) -> Any:
        """Both or neither: `(x > 0) == (y > 0)`."""
        tape = self.tape
        return Condition(tape, EQUAL, tape.number(self), tape.number(other)) if _is_number(other) else NotImplemented

    def __ne__(self, other: object) -> Any:
        """One of the two: `(x > 0) != (y > 0)`."""
        tape = self.tape
        return (
            Condition(tape, EQUAL, tape.number(self), tape.number(other), negated=True)
            if _is_number(other)
            else NotImplemented
        )

    __hash__ = None  # type: ignore[assignment] # whether another one is equal is not known yet

    def __invert__(self) -> Condition:
        raise TypeError(NO_INVERSE)

    def __bool__(self) -> bool:
        raise refused("branches on the number of a Value")

    def __float__(self) -> float:
        raise refused("asks for the number of a comparison")

    def __index__(self) -> int:
        raise refused("asks for the number of a comparison")


def _is_number(thing: object) -> bool:
    return isinstance(thing, Condition) or is_operand(thing)


def _is_condition(thing: object) -> bool:
    """Whether `&` and `|` can join it to a condition, as they join bools."""
    return isinstance(thing, Condition) or (is_operand(thing) and not isinstance(thing, Value) and thing in (0, 1))


def _is_not_zero(symbol: Value) -> Condition:
    """The condition that a number is not 0."""
    assert isinstance(symbol, Symbol)
    return Condition(symbol._tape, EQUAL, symbol, 0.0, negated=True)


# ---------------------------------------------------------------- running the function


def record(
    function: Callable[..., Any],
    arguments: Callable[[Sequence[Symbol]], Sequence[Any]],
    inputs: int,
    lines: bool = False,
    tape: TapeRecorder | None = None,
) -> tuple[TapeRecorder, Any]:
    """Runs a function on symbols; gives the tape, and the result with nodes instead of Values.

    Args:
        function: what is recorded.
        arguments: makes the function's arguments of a flat list of symbols.
        inputs: how many symbols there are.
        lines: whether to note the line of each operation, which is slow.
        tape: that of an earlier run, to go on with: it grows only if this run does something else.

    Raises:
        CompileError: the function does something that cannot be recorded, or its result is neither a Value nor a list.
    """
    tape = TapeRecorder(inputs, lines) if tape is None else tape.again()
    try:
        with compiling(tape):
            result = function(*arguments(tape.symbols()))
            return tape, _nodes_of(tape, result, function)
    except AttributeError as error:
        if any(field in str(error) for field in ("'_data'", "'_requires_grad'")):  # fields that no symbol has
            raise CompileError(
                f"{line_of(error.__traceback__)}\n  calls a method of the class Value itself, which cannot be "
                "compiled; call it on the Value (x.relu()) or use the function of the package (autograd.relu)"
            ) from None
        if any(field in str(error) for field in ("'_op'", "'_visit'")):
            raise CompileError(
                f"{line_of(error.__traceback__)}\n  asks for the graph of a Value, which cannot be compiled: there is "
                "no graph while a function is recorded; call the function itself and ask for the graph of its result"
            ) from None
        raise


class ArrayOfNodes(list[Any]):
    """The nodes of an array that a function returned, as nested lists.

    shape: that of the array.
    """

    def __init__(self, nodes: list[Any], shape: tuple[int, ...]) -> None:
        super().__init__(nodes)
        self.shape = shape


def _nodes_of(tape: TapeRecorder, result: object, function: object) -> Any:
    if isinstance(result, (list, tuple)):
        return [_nodes_of(tape, part, function) for part in result]
    if isinstance(result, (Value, Condition)):
        return tape.node(result)
    if type(result).__module__ == "numpy" and hasattr(result, "tolist"):
        nodes = _nodes_of(tape, result.tolist(), function)
        return ArrayOfNodes(nodes, tuple(getattr(result, "shape", ()))) if isinstance(nodes, list) else nodes
    if isinstance(result, (float, int)):
        return tape.node(result)
    code = getattr(function, "__code__", None)
    where_defined = described_line(code.co_filename, code.co_firstlineno) if code is not None else repr(function)
    hint = "; did it forget to return?" if result is None else ""
    raise CompileError(
        f"{where_defined}\n  returns {type(result).__name__} {result!r}; a compiled function returns a Value or nested "
        f"lists of Values{hint}"
    )
