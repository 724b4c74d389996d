"""Makes random programs, step by step, while they run: what comes next may depend on the numbers so far."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from typing import Any

from autograd import PRIMITIVES, Unary, Value
from tests.fuzz.program import COMPARISONS, OPERATORS, Ending, Step

BUILT_IN = {
    name: primitive for name, primitive in PRIMITIVES.items() if type(primitive).__module__ == "autograd.engine.ops"
}
UNARY = [name for name, primitive in BUILT_IN.items() if isinstance(primitive, Unary)]
BINARY = [name for name in BUILT_IN if name not in UNARY]
SHRINKING = ["tanh", "sigmoid", "atan", "asinh", "sin", "cos", "erf", "log1p", "divide"]
EDGES = [
    0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 3.0, -2.0, 10.0, 1e-3, 1e-8, -1e-8, 1e-160, 1e-300, 5e-324, -5e-324, 2.2e-308,
    1e160, -1e160, 1e300, 1.7976931348623157e308, math.pi, math.pi / 2, 1.0 + 2.0**-52, 1.0 - 2.0**-53,
    -1.0 + 2.0**-53, 19.1, 30.0, -30.0, 37.0, -38.0, 88.0, 700.0, 709.78, -745.2, 710.0, 1e16, 2.0**53,
    -(2.0**53) - 2.0, 0.1, 100.0, -0.7517915247, -1.2784645427,
]  # fmt: skip
BASES = [0.0, -0.0, 1.0, -1.0, -1.0 + 2.0**-53, 1.0 + 2.0**-52, -2.0, 0.5, 3.0, 5e-324, 1e-300, 1e300]
EXPONENTS = [0.0, 1.0, 2.0, 3.0, -1.0, 0.5, 1e-3, 2.0**53, 2.0**53 + 2.0, -(2.0**53) - 2.0, 1e300, 5e-324]
INTEGERS = [0, 1, -1, 2, 3, -2, 10, 7, 2**53 + 1, 10**18, -(10**30)]


class RandomProgram:
    """A program: its steps come one after another, and the one who runs them says whether each went well.

    Args:
        chance: what it is made from.
        wild: with NaNs and infinities among its numbers.
    """

    def __init__(self, chance: random.Random, wild: bool = False) -> None:
        self.chance = chance
        self._wild = wild
        how = chance.random()
        self.ending = Ending(
            "backward" if how < 0.6 else "gradients" if how < 0.75 else "create_graph" if how < 0.9 else "twice",
            1.0 if chance.random() < 0.9 else self._number(),
        )
        self._went = True
        self._depth = 0.3 + 0.7 * chance.random()
        size = chance.random()
        self._length = int(
            1 + 4 * size / 0.6 if size < 0.6 else 5 + 15 * (size - 0.6) / 0.3 if size < 0.9 else 20 + 500 * (size - 0.9)
        )

    def went(self, well: bool) -> None:
        """Says whether the last step gave a number; if it raised an error, another one comes in its place."""
        self._went = well

    def steps(self, values: Sequence[Any], numbers: Sequence[float]) -> Iterator[Step]:
        """The steps; `values` and `numbers` are those of the steps that went well, and grow while they run."""
        chance = self.chance
        for _ in range(1 + int(chance.random() * 3)):
            yield Step("leaf", number=self._number())
        for _ in range(int(chance.random() * 2.2)):
            constant = chance.random() < 0.3
            yield Step("constant" if constant else "number", number=self._constant())
        errors = 4 + self._length // 4
        while self._length and errors:
            yield from self._operation(values, numbers)
            if self._went:
                self._length -= 1
                if not math.isfinite(numbers[-1]) and chance.random() < 0.9:
                    return
            else:
                errors -= 1
                if chance.random() < 0.05:
                    break
        if not _has_gradient(values[-1]) and chance.random() < 0.9:
            yield Step("add", (self._latest(values), self._pick(values)))

    def _number(self) -> float:
        chance = self.chance
        kind = chance.random()
        if self._wild and chance.random() < 0.04:
            return math.nan if kind < 0.3 else math.inf if kind < 0.7 else -math.inf
        if kind < 0.55:
            return chance.uniform(-3.0, 3.0)
        if kind < 0.7:
            return round(chance.uniform(-4.0, 4.0), 1)
        if kind < 0.85:
            return math.copysign(10.0 ** chance.uniform(-9.0, 9.0), chance.random() - 0.5)
        if kind < 0.9:
            return math.copysign(10.0 ** chance.uniform(-307.0, 308.0), chance.random() - 0.5)
        return EDGES[int(chance.random() * len(EDGES))]

    def _constant(self) -> float:
        if self.chance.random() < 0.4:
            return INTEGERS[int(self.chance.random() * len(INTEGERS))]
        return self._number()

    def _latest(self, values: Sequence[Any]) -> int:
        """The last step through which a gradient can flow; the first is a leaf."""
        index = len(values) - 1
        while not _has_gradient(values[index]):
            index -= 1
        return index

    def _pick(self, values: Sequence[Any]) -> int:
        """An index: the latest most often, so that programs become deep."""
        if self.chance.random() < self._depth:
            return self._latest(values)
        index = int(self.chance.random() * len(values))
        return self._latest(values) if isinstance(values[index], list) else index

    def _operation(self, values: Sequence[Any], numbers: Sequence[float]) -> Iterator[Step]:
        chance = self.chance
        kind = chance.random()
        recorded = chance.random() < 0.97
        first = self._pick(values)
        if abs(numbers[first]) > 40.0 and chance.random() < 0.5:
            does = SHRINKING[int(chance.random() * len(SHRINKING))]
            operands = (first,) if does in UNARY else (self._pick(values), first)
            yield Step(does, operands, style=self._style(does, operands, values), recorded=recorded)
        elif kind < 0.45:
            does = UNARY[int(chance.random() * len(UNARY))]
            yield Step(does, (first,), style=self._style(does, (first,), values), recorded=recorded)
        elif kind < 0.48:
            yield from self._at_an_edge(values)
        elif kind < 0.86:
            does = (
                BINARY[int(chance.random() * len(BINARY))] if kind < 0.75 else ("add", "multiply")[int(kind * 1000) % 2]
            )
            operands = (first, self._pick(values)) if chance.random() < 0.5 else (self._pick(values), first)
            yield Step(does, operands, style=self._style(does, operands, values), recorded=recorded)
        elif kind < 0.94:
            yield from self._list(first, values, recorded)
        elif kind < 0.98:
            does = list(COMPARISONS)[int(chance.random() * len(COMPARISONS))]
            yield Step(does, (self._pick(values), self._pick(values), first, self._pick(values)))
        elif isinstance(values[first], Value):
            yield Step("detach", (first,))
        else:
            yield Step("add", (first, first))

    def _at_an_edge(self, values: Sequence[Any]) -> Iterator[Step]:
        """An operation of numbers at which something happens: where it ends, has a kink, or changes its formula."""
        chance = self.chance
        does = "power" if chance.random() < 0.3 else list(BUILT_IN)[int(chance.random() * len(BUILT_IN))]
        indices = []
        for _ in range(1 if does in UNARY else 2):
            if chance.random() < 0.15:
                indices.append(self._latest(values))
                continue
            number = EDGES[int(chance.random() * len(EDGES))]
            if does == "power":
                number = (EXPONENTS if indices else BASES)[int(chance.random() * 12)]
            indices.append(len(values))
            yield Step("leaf" if chance.random() < 0.6 else "number", number=number)
        operands = tuple(indices)
        yield Step(does, operands, style=self._style(does, operands, values))

    def _list(self, first: int, values: Sequence[Any], recorded: bool) -> Iterator[Step]:
        chance = self.chance
        count = 1 + int(chance.random() * 4)
        indices = [first, *(self._pick(values) for _ in range(count - 1))]
        does = ("sum", "mean", "norm", "logsumexp", "softmax", "dot")[int(chance.random() * 6)]
        if does == "dot":
            yield Step("dot", (*indices, *(self._pick(values) for _ in indices)), recorded=recorded)
        elif does == "softmax":
            made = len(values)
            yield Step("softmax", tuple(indices), recorded=recorded)
            if self._went:
                for index in range(count):
                    if index == 0 or chance.random() < 0.6:
                        yield Step("item", (made,), number=index)
        else:
            yield Step(does, tuple(indices), recorded=recorded)

    def _style(self, does: str, operands: Sequence[int], values: Sequence[Any]) -> str:
        if self.chance.random() < 0.5 or not any(isinstance(values[index], Value) for index in operands):
            return "function"
        if does in OPERATORS:
            return "operator"
        return "method" if isinstance(values[operands[0]], Value) and hasattr(Value, does) else "function"


def _has_gradient(value: Any) -> bool:
    return isinstance(value, Value) and value.requires_grad
