"""The backward pass as a list of steps, for reading and printing.

>>> from autograd import Value
>>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
>>> loss = a * b + a
>>> loss.label = "loss"
>>> print(trace(loss))
backward from loss = -4, whose own gradient is 1
node  computed as  gradient  to  local derivative  number  contribution  gradient there
----  -----------  --------  --  ----------------  ------  ------------  --------------
loss       v1 + a         1  v1                 1       1             1               1
loss       v1 + a         1   a                 1       1             1               1
v1          a * b         1   a                 b      -3            -3              -2
v1          a * b         1   b                 a       2             2               2
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, overload

from autograd.engine import diagnose, graph
from autograd.engine.ops import Nary, real_number
from autograd.engine.value import Value
from autograd.pictures.outline import names_of
from autograd.support.tables import html_table, on_one_line, table

_LONGEST_NAME = 40


class TraceStep(NamedTuple):
    """One step of the chain rule: a node passes its gradient, times a local derivative, to one of its operands.

    node: the result of an operation.
    gradient: the derivative of the root with respect to it; complete, because all steps into it came before.
    operand_index: which operand of the operation it is, counted from 0.
    operand: that Value, whose gradient the step adds to.
    formula: the local derivative as text, with the names of the trace; "" for a call of a compiled function.
    derivative: the local derivative as a number.
    contribution: gradient * derivative.
    before: the gradient of the operand so far.
    after: before + contribution.
    """

    node: Value
    gradient: float
    operand_index: int
    operand: Value
    formula: str
    derivative: float
    contribution: float
    before: float
    after: float


class Trace(Sequence[TraceStep]):
    """The result of `trace`: a sequence of `TraceStep`, which prints as an aligned table.

    root: the Value that the backward pass starts from.
    gradients: the final gradient of every Value in the graph that requires one.
    """

    def __init__(self, root: Value, names: dict[Value, str], steps: list[TraceStep], gradients: dict[Value, float]):
        self.root = root
        self.gradients = gradients
        self._names = names
        self._steps = steps

    def name(self, node: Value) -> str:
        """What the table calls a Value: its label; without a label, a constant's number, or v1, v2, ..."""
        return self._names[node]

    @overload
    def __getitem__(self, index: int) -> TraceStep: ...
    @overload
    def __getitem__(self, index: slice) -> list[TraceStep]: ...
    def __getitem__(self, index: int | slice) -> TraceStep | list[TraceStep]:
        return self._steps[index]

    def __iter__(self) -> Iterator[TraceStep]:
        return iter(self._steps)

    def __len__(self) -> int:
        return len(self._steps)

    def __repr__(self) -> str:
        return f"<Trace of {self.name(self.root)}: {len(self)} step{'s' * (len(self) != 1)}>"

    def __str__(self) -> str:
        return f"{self._title()}\n{table(_HEADER, map(self._row, self._steps))}"

    def _repr_html_(self) -> str:
        """The table for a notebook; the beginning and the end of it if it is very long."""
        return html_table(_HEADER, self._steps, self._row, caption=self._title(), rows_are="steps")

    def _title(self) -> str:
        return f"backward from {on_one_line(self.name(self.root))} = {self.root.data:.6g}, whose own gradient is 1"

    def _row(self, step: TraceStep) -> tuple[str, ...]:
        return (
            self.name(step.node),
            _computed_as(step.node, self._names),
            f"{step.gradient:.6g}",
            self.name(step.operand),
            step.formula,
            f"{step.derivative:.6g}",
            f"{step.contribution:.6g}",
            f"{step.after:.6g}",
        )


_HEADER = ("node", "computed as", "gradient", "to", "local derivative", "number", "contribution", "gradient there")


def trace(root: Value) -> Trace:
    """The steps of `root.backward()`, without changing any `.grad`.

    Each step goes against one arrow of the graph: it adds the gradient of a node, times the local derivative, to the
    gradient of an operand. The additions are those of `backward()` in the same order, so the final gradients agree to
    the last bit.

    Returns:
        The steps as a `Trace`: iterate or index it, print it as a table, or read its `gradients`.

    Raises:
        TypeError: `root` is not a Value.
        RuntimeError: `root` is a constant.
        FloatingPointError: as in `Value.backward()`.

    >>> x = Value(3.0, label="x")
    >>> [(step.formula, step.contribution) for step in trace(x * x)]
    [('x', 3.0), ('x', 3.0)]
    """
    if not isinstance(root, Value):
        raise TypeError(f"trace shows the backward pass from one Value, not from {type(root).__name__} {root!r:.80}")
    if not root.requires_grad:
        raise RuntimeError(f"{root!r} is a constant, or was computed from constants or under no_grad()")
    nodes = graph.topological_order(root)
    operations = [node for node in nodes if not node.is_leaf]
    leaves = [node for node in nodes if node.is_leaf]
    if not math.isfinite(root.data):
        diagnose.blame_result(operations)
    names = dict(zip(nodes, map(_cut, names_of(nodes, digits=6)), strict=True))
    gradients = {node: 0.0 for node in nodes if node.requires_grad}
    gradients[root] = 1.0
    steps: list[TraceStep] = []
    for node in reversed(operations):
        formulas = _formulas(node, names)
        asked = [index for index, parent in enumerate(node.parents) if parent.requires_grad]
        gradient = gradients[node]
        try:
            for index, (_, operand, partial) in zip(asked, graph.partials(node), strict=True):
                derivative = real_number(partial)
                contribution = gradient * derivative
                before = gradients[operand]
                after = gradients[operand] = before + contribution
                formula = formulas[index] if index < len(formulas) else ""
                step = TraceStep(node, gradient, index, operand, formula, derivative, contribution, before, after)
                steps.append(step)
        except (ArithmeticError, ValueError) as error:
            diagnose.no_derivative(node, error)
    if not all(math.isfinite(gradients.get(leaf, 0.0)) for leaf in leaves):
        diagnose.blame_derivative(leaves, operations, lambda node: gradients.get(node, 0.0))
    return Trace(root, names, steps, gradients)


def _cut(name: str) -> str:
    """A name, without its end where it is long."""
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 1] + "…"


def _formulas(node: Value, names: dict[Value, str]) -> list[str]:
    """The local derivatives of an operation as text, with the names of its operands."""
    operation = node.op
    assert operation is not None
    return [_in_names(formula, node, names) for formula in operation.derivatives]


def _computed_as(node: Value, names: dict[Value, str]) -> str:
    """How a node was computed, with the names of its operands."""
    operation = node.op
    assert operation is not None
    return operation.call if isinstance(operation, Nary) else _in_names(operation.call, node, names)


def _in_names(formula: str, node: Value, names: dict[Value, str]) -> str:
    """A primitive's formula with the names of the operands in place of x and y."""
    operation: Any = node.op
    meant = {
        operand: _bracketed(names[parent]) for operand, parent in zip(operation.operands, node.parents, strict=True)
    }
    return re.sub(r"\b[A-Za-z_]\w*\b", lambda word: meant.get(word[0], word[0]), formula)


def _bracketed(name: str) -> str:
    """A name as part of a formula: (-2)**n, not -2**n."""
    return name if re.fullmatch(r"[\w.]+", name) else f"({name})"
