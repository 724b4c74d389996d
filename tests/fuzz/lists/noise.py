"""An engine that rounds at random: how far rounding alone can move the numbers of a program.

A `Noisy` number is a float whose every operation, forward and backward, is off by a few units in its last place, up
or down by chance. Some runs of a program on such numbers show how much of a difference between two ways to compute it
is nothing but rounding: the tolerance comes from the program, not from a constant. Without noise it is a second
engine, which is forgiving: what is undefined is NaN there, and only an error if it is used.

What is exact in floats (small whole numbers and halves that are added and multiplied, a maximum, a negation) stays
exact, so that a kink stays where it is.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from typing import Any

from autograd import PRIMITIVES
from autograd.engine import ops
from autograd.engine.ops import Node, Unary

EXACT = frozenset({"negate", "abs", "relu", "maximum", "minimum"})
SUMS = frozenset({"add", "subtract"})
EXACT_IF_SHORT = frozenset({"add", "subtract", "multiply"})
CURVED = frozenset({"erf", "erfc", "gelu"})
"""A relative error of the square of x is one of the result: so steep are their tails."""
CANCELS = {"gelu": 1.0, "silu": 1.0}
"""The size of the terms of a derivative that has a zero somewhere."""


class Noise:
    """What the numbers of one run share.

    Args:
        amount: the relative error of an operation; 0 for none.
        tiny: the absolute error below which results underflow.
        dice: decides up or down; without it there is no noise.

    largest: the largest finite number that came up. undefined: what was not defined, without noise.
    """

    def __init__(self, amount: float = 0.0, tiny: float = 0.0, dice: random.Random | None = None) -> None:
        self.amount = amount
        self.tiny = tiny
        self.dice = dice
        self.tape: list[Noisy] = []
        self.recording = True
        self.largest = 0.0
        self.undefined: set[str] = set()

    def off(self, number: float, scale: float, underflows: float = 1.0) -> float:
        """A number that is off by the noise of something as large as `scale`."""
        if self.largest < scale < math.inf:
            self.largest = scale
        if self.dice is None or not math.isfinite(number) or not math.isfinite(scale):
            return number
        return number + (self.amount * scale + self.tiny * underflows) * self.dice.choice((-1.0, 1.0))

    def result(self, name: str, x: float, y: float, out: float, reach: float) -> float:
        """The result of an operation as it might be rounded; the sign of a sum that is 0 depends on its order."""
        if self.dice is not None and name in SUMS and out == 0.0:
            out = self.dice.choice((0.0, -0.0))
        if name in EXACT or (name in EXACT_IF_SHORT and all(map(is_short, (x, y, out)))):
            return self.off(out, 0.0) if self.dice is None else out
        scale = abs(out)
        if name in SUMS:
            scale = reach
        elif name in CURVED:
            scale *= 1.0 + x * x
        return self.off(out, scale)

    def product(self, name: str, gradient: float, partial: float, x: float) -> float:
        """What an operation passes on of a gradient."""
        out = gradient * partial
        if is_short(gradient) and is_short(partial) and is_short(out):
            return out
        scale = abs(out)
        if name in CANCELS:
            scale = max(scale, abs(gradient) * CANCELS[name])
        if name in CURVED:
            scale *= 1.0 + x * x
        return self.off(out, scale, 1.0 + abs(gradient))  # the derivative may underflow by itself

    def leaf(self, number: float, requires_grad: bool = True) -> Noisy:
        """A number that was not computed."""
        if math.isfinite(number):
            self.largest = max(self.largest, abs(number))
        return Noisy(self, float(number), None, (), requires_grad)

    def namespace(self) -> dict[str, Any]:
        """The functions that the text of a program uses, for these numbers."""
        return {
            "sum": self._sum,
            "mean": self._mean,
            "dot": self._dot,
            "logsumexp": self._logsumexp,
            "softmax": self._softmax,
            "norm": self._norm,
            "where": lambda condition, a, b: self._value(a if condition else b),
            "no_grad": lambda: _NoGrad(self),
        }

    def _value(self, number: Any) -> Noisy:
        return number if isinstance(number, Noisy) else self.leaf(number, requires_grad=False)

    def _sum(self, numbers: Iterable[Any]) -> Any:
        found = list(map(self._value, numbers))
        return reduce(lambda x, y: x + y, found) if found else self.leaf(0.0, requires_grad=False)

    def _mean(self, numbers: Iterable[Any]) -> Any:
        found = list(numbers)
        return self._sum(found) / float(len(found))

    def _dot(self, left: Iterable[Any], right: Iterable[Any]) -> Any:
        return self._sum(x * y for x, y in zip(left, right, strict=True))

    def _largest(self, numbers: Sequence[Noisy]) -> float:
        return max(number.data for number in numbers)

    def _logsumexp(self, numbers: Iterable[Any]) -> Noisy:
        found = list(map(self._value, numbers))
        shift = self._largest(found)
        return ops.log(self._sum(ops.exp(x - shift) for x in found)) + shift  # type: ignore[no-any-return]

    def _softmax(self, numbers: Iterable[Any]) -> list[Noisy]:
        found = list(map(self._value, numbers))
        shift = self._largest(found)
        powers: list[Noisy] = [ops.exp(x - shift) for x in found]
        total = self._sum(powers)
        return [power / total for power in powers]

    def _norm(self, numbers: Iterable[Any]) -> Noisy:
        return ops.sqrt(self._sum(x * x for x in numbers))  # type: ignore[no-any-return]

    def sum(self, numbers: Sequence[float]) -> float:
        """A sum in any order."""
        if len(numbers) == 1 or all(map(is_short, numbers)):
            return sum(numbers)
        return self.off(sum(numbers), max(map(abs, numbers)))

    def gradients(self, root: Any, wrt: Sequence[Noisy], create_graph: bool = False) -> list[float]:
        """The derivatives of a number by others; `create_graph` makes no difference."""
        if not (isinstance(root, Noisy) and root.requires_grad):
            return [0.0] * len(wrt)
        gradients = {root.index: 1.0}
        for node in reversed(self.tape[: root.index + 1]):
            if node.index not in gradients or node.primitive is None:
                continue
            gradient, numbers, x = gradients[node.index], node.numbers(), node.numbers()[0]
            for rule, operand in zip((0, 1), node.operands, strict=False):
                if isinstance(operand, Noisy) and operand.requires_grad:
                    partial = _partial(node.primitive, rule)(*numbers, node.data)
                    passed = self.product(node.primitive.name, gradient, partial, x)
                    before = gradients.get(operand.index)
                    gradients[operand.index] = passed if before is None else before + passed
        return [gradients.get(leaf.index, 0.0) for leaf in wrt]

    def gradients_as_numbers(self, root: Any, wrt: Sequence[Noisy]) -> list[Noisy]:
        """The same, to be differentiated again."""
        if not (isinstance(root, Noisy) and root.requires_grad):
            return [self._value(0.0) for _ in wrt]
        gradients: dict[int, Any] = {root.index: 1.0}
        for node in reversed(self.tape[: root.index + 1]):
            if node.index not in gradients or node.primitive is None:
                continue
            for rule, operand in zip((0, 1), node.operands, strict=False):
                if isinstance(operand, Noisy) and operand.requires_grad:
                    passed = gradients[node.index] * _partial(node.primitive, rule)(*node.operands, node)
                    before = gradients.get(operand.index)
                    gradients[operand.index] = passed if before is None else before + passed
        return [self._value(gradients.get(leaf.index, 0.0)) for leaf in wrt]


class Noisy(Node):
    """A float that is rounded at random, and remembers how it was computed.

    reach: of a sum, the size of its largest term, however deep in brackets: it may be added up in another order.
    """

    __slots__ = ("data", "index", "needs_gradient", "noise", "operands", "primitive", "reach")

    def __init__(
        self,
        noise: Noise,
        data: float,
        primitive: Any,
        operands: tuple[Any, ...],
        needs_gradient: bool,
        reach: float = 0.0,
    ) -> None:
        self.noise = noise
        self.data = data
        self.primitive = primitive
        self.operands = operands
        self.needs_gradient = needs_gradient
        self.reach = reach
        self.index = len(noise.tape)
        noise.tape.append(self)

    @property
    def requires_grad(self) -> bool:
        return self.needs_gradient

    def numbers(self) -> list[float]:
        """Its operands as floats."""
        return [operand.data if isinstance(operand, Noisy) else operand for operand in self.operands]

    def apply(self, primitive: Any, *operands: Any) -> Any:
        noise = self.noise
        numbers = [operand.data if isinstance(operand, Noisy) else float(operand) for operand in operands]
        try:
            data = primitive.forward(*numbers)
        except (ArithmeticError, ValueError):
            if noise.dice is not None:
                raise
            noise.undefined.add(primitive.call)
            data = math.nan
        reach = 0.0
        if primitive.name in SUMS:
            reaches = [operand.reach for operand in operands if isinstance(operand, Noisy)]
            reach = max(*map(abs, numbers), *reaches)
        data = noise.result(primitive.name, numbers[0], numbers[-1], data, reach)
        needs = noise.recording and any(isinstance(operand, Noisy) and operand.needs_gradient for operand in operands)
        kept = tuple(
            operand if isinstance(operand, Noisy) else number for operand, number in zip(operands, numbers, strict=True)
        )
        return Noisy(noise, data, primitive if needs else None, kept if needs else (), needs, reach)

    def detach(self) -> Noisy:
        """The same number, as a constant."""
        return self.noise.leaf(self.data, requires_grad=False)

    def __pos__(self) -> Noisy:
        return self

    def __neg__(self) -> Noisy:
        return self.apply(ops.negate, self)  # type: ignore[no-any-return]

    def __abs__(self) -> Noisy:
        return self.apply(PRIMITIVES["abs"], self)  # type: ignore[no-any-return]

    def __lt__(self, other: Any) -> bool:
        return self.data < _number(other)

    def __le__(self, other: Any) -> bool:
        return self.data <= _number(other)

    def __gt__(self, other: Any) -> bool:
        return self.data > _number(other)

    def __ge__(self, other: Any) -> bool:
        return self.data >= _number(other)

    def __eq__(self, other: object) -> bool:
        return self.data == _number(other)

    def __hash__(self) -> int:
        return id(self)

    def __add__(self, other: Any) -> Any:
        return _binary(ops.add, self, other)

    def __radd__(self, other: Any) -> Any:
        return _binary(ops.add, other, self)

    def __sub__(self, other: Any) -> Any:
        return _binary(ops.subtract, self, other)

    def __rsub__(self, other: Any) -> Any:
        return _binary(ops.subtract, other, self)

    def __mul__(self, other: Any) -> Any:
        return _binary(ops.multiply, self, other)

    def __rmul__(self, other: Any) -> Any:
        return _binary(ops.multiply, other, self)

    def __truediv__(self, other: Any) -> Any:
        return _binary(ops.divide, self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return _binary(ops.divide, other, self)

    def __pow__(self, other: Any) -> Any:
        return _binary(ops.power, self, other)

    def __rpow__(self, other: Any) -> Any:
        return _binary(ops.power, other, self)


def _give_methods() -> None:
    """The primitives of one operand as methods, as Values have them."""

    def method(primitive: Any) -> Callable[[Noisy], Any]:
        return lambda self: self.apply(primitive, self)

    for name, primitive in PRIMITIVES.items():
        if isinstance(primitive, Unary):
            setattr(Noisy, name, method(primitive))


_give_methods()


class _NoGrad:
    """A block in which nothing is remembered."""

    def __init__(self, noise: Noise) -> None:
        self._noise = noise

    def __enter__(self) -> None:
        self._noise.recording = False

    def __exit__(self, *exception: object) -> None:
        self._noise.recording = True


def _binary(primitive: Any, x: Any, y: Any) -> Any:
    for operand in (x, y):
        if not isinstance(operand, (Noisy, float, int)):
            return NotImplemented
    return (x if isinstance(x, Noisy) else y).apply(primitive, x, y)


def _partial(primitive: Any, rule: int) -> Callable[..., Any]:
    found: Callable[..., Any] = primitive.partial_y if rule else primitive.partial_x
    return found


def _number(thing: Any) -> float:
    return thing.data if isinstance(thing, Noisy) else float(thing)


def is_short(number: float) -> bool:
    """Whether it has so few digits that a sum or product of a few such numbers is exact, in float32 too."""
    return abs(number) < 1024.0 and number * 256.0 == math.floor(number * 256.0)
