"""The numbers of the page for whole graphs: values, gradients, paths and nudges, against those of the engine."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import (
    PRIMITIVES,
    Value,
    exp,
    gelu,
    log,
    maximum,
    minimum,
    sigmoid,
    sin,
    softplus,
    sqrt,
    tanh,
    topological_order,
)
from autograd.explore import layout
from autograd.pictures.outline import Outline

Run = Callable[[str, Any], Any]

SMOOTH: list[Callable[[Value, Value], Value]] = [
    lambda x, y: x + y,
    lambda x, y: x - y,
    lambda x, y: x * y,
    lambda x, y: x / (y * y + 1),
    lambda x, y: tanh(x) * 2,
    lambda x, y: sigmoid(x) ** y.detach(),
    lambda x, y: sin(x) - gelu(y),
    lambda x, y: log(softplus(x) + 0.1),
    lambda x, y: exp(tanh(y)),
    lambda x, y: sqrt(x * x + y * y + 0.5),
    lambda x, y: maximum(x, y),
]
STEPS = st.lists(
    st.tuples(st.integers(0, len(SMOOTH) - 1), st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=12
)
NUMBERS = st.lists(st.floats(-2, 2), min_size=3, max_size=3)


def built(steps: list[tuple[int, int, int]], numbers: list[float]) -> list[Value]:
    """Leaves and results: each step takes two of those before it."""
    nodes = [Value(number) for number in numbers]
    for rule, left, right in steps:
        nodes.append(SMOOTH[rule](nodes[-1 - left % len(nodes)], nodes[-1 - right % len(nodes)]))
    return nodes


def in_page(formulas: Run, root: Value, function: str) -> Any:
    """What a function of a Computation in the page gives."""
    laid_out = layout.laid_out(Outline(root))
    return formulas(f"(graph) => ((computation) => {function})(new at.Computation(graph))", laid_out)


@given(steps=STEPS, numbers=NUMBERS)
def test_the_page_gives_the_values_and_gradients_of_the_engine(
    formulas: Run, steps: list[tuple[int, int, int]], numbers: list[float]
) -> None:
    root = built(steps, numbers)[-1]
    root.backward()
    nodes = topological_order(root)
    values, gradients = in_page(formulas, root, "[computation.values, computation.gradients]")
    assert values == pytest.approx([node.data for node in nodes], rel=1e-12, abs=1e-12)
    expected = [node.grad if node.requires_grad else None for node in nodes]
    for found, gradient in zip(gradients, expected, strict=True):
        assert found == (None if gradient is None else pytest.approx(gradient, rel=1e-9, abs=1e-12))


@given(steps=STEPS, numbers=NUMBERS)
def test_the_products_of_all_paths_sum_to_the_gradient(
    formulas: Run, steps: list[tuple[int, int, int]], numbers: list[float]
) -> None:
    root = built(steps, numbers)[-1]
    sums = """computation.nodes.map((node, index) => {
      const paths = node.requiresGrad ? computation.paths(index, 1e5) : [];
      const total = paths.reduce((sum, { product }) => sum + product, 0);
      return [paths.length, node.requiresGrad ? computation.pathCount(index) : 0, total, computation.gradients[index]];
    })"""
    for listed, counted, total, gradient in in_page(formulas, root, sums):
        assert listed == counted
        assert total == pytest.approx(gradient or 0.0, rel=1e-9, abs=1e-9)


def test_a_nudge_comes_near_the_gradient(formulas: Run) -> None:
    x, y = Value(0.7), Value(-1.2)
    root = tanh(x * y) + exp(x) / (y * y)
    root.backward()
    slopes = in_page(formulas, root, "[0, 1].map((leaf) => computation.nudged(leaf).slope)")
    leaves = [node for node in topological_order(root) if node.is_leaf and node.requires_grad]
    assert slopes == pytest.approx([leaf.grad for leaf in leaves], rel=1e-7)


def test_a_million_million_paths_are_counted_and_not_walked(formulas: Run) -> None:
    x = y = Value(1.0)
    for _ in range(40):
        y = y + y
    count, listed = in_page(formulas, y, "[computation.pathCount(0), computation.paths(0, 64).length]")
    assert (count, listed) == (2**40, 64)
    assert x.is_leaf


SPECIAL = (math.inf, -math.inf, math.nan, -0.0, 0.0, 1.0, -3.0, 1e300, -1e300, 5e-324)
GRAPHS: dict[str, Callable[[Value, Value], Value]] = {
    **{
        name: lambda x, y, op=op: op(x, y) if len(op.operands) == 2 else op(x) * y  # type: ignore[misc]
        for name, op in PRIMITIVES.items()
        if getattr(op, "_is_built_in", False)
    },
    "an overflow that is divided away": lambda x, y: y / (x * x),
    "an overflow that is not used": lambda x, y: minimum(x * x, y),
    "an overflow as a base": lambda x, y: (x * x) ** (0.0 * y),
    "a difference of infinities": lambda x, y: x * x - y * y,
    "a gradient that overflows": lambda x, y: tanh(x * 1e-200) * 1e300 * y,
    "contributions that overflow": lambda x, y: x * 1e308 + x * 1e308 - y,
}
PLAYED = """({ graph, points }) => points.map((point) => {
  const computation = new at.Computation(graph);
  const leaves = ["x", "y"].map((name) => graph.nodes.findIndex((node) => node.name === name));
  point.forEach((number, which) => (computation.leaves[leaves[which]] = at.read(number)));
  computation.run();
  const { failure, values, gradients, operations } = computation;
  if (failure) {
    return failure.position > operations.length ? "backward" : "forward";
  }
  return [values[computation.root], ...leaves.map((leaf) => gradients[leaf])].map(at.exact);
})"""


def in_engine(make: Callable[[Value, Value], Value], x: float, y: float) -> str | list[float]:
    """The result and the gradients, or the phase that raises an error."""
    leaves = Value(x), Value(y)
    try:
        root = make(*leaves)
    except (ArithmeticError, ValueError):
        return "forward"
    try:
        root.backward()
    except FloatingPointError:
        return "backward"
    return [root.data, *(leaf.grad for leaf in leaves)]


@pytest.mark.parametrize("name", GRAPHS)
def test_a_graph_fails_where_the_engine_does_and_goes_on_where_it_does(formulas: Run, name: str) -> None:
    make = GRAPHS[name]
    x, y = Value(1.5 if name == "acosh" else 0.5, label="x"), Value(0.75, label="y")
    graph = layout.laid_out(Outline(make(x, y)))
    points = list(itertools.product(SPECIAL, repeat=2))
    found = formulas(PLAYED, {"graph": graph, "points": [[repr(x), repr(y)] for x, y in points]})
    for point, played in zip(points, found, strict=True):
        expected = in_engine(make, *point)
        if isinstance(played, str) or isinstance(expected, str):
            assert played == expected, point
        else:
            assert [*map(float, played)] == pytest.approx(expected, rel=1e-12, abs=0.0, nan_ok=True), point


@pytest.mark.parametrize(
    ("make", "number", "operation", "kind"),
    [
        (lambda x: exp(x * x - x * x), 1e300, 0, "infinite"),
        (lambda x: tanh(x / 1e-160 / 1e-160), 0.0, 0, "derivative"),
        (lambda x: x * 1e308 + x * 1e308, 0.5, 0, "sum"),
        (lambda x: sqrt(x) + x, 0.0, 0, "derivative"),
        (lambda x: log(x) + x, 0.0, 0, "domain"),
    ],
)
def test_a_failure_names_its_operation(
    formulas: Run, make: Callable[[Value], Value], number: float, operation: int, kind: str
) -> None:
    graph = layout.laid_out(Outline(make(Value(0.25))))
    function = """({ graph, number }) => {
      const computation = new at.Computation(graph);
      computation.change(0, number);
      const { index, kind } = computation.failure;
      return [computation.operations.indexOf(index), kind];
    }"""
    assert formulas(function, {"graph": graph, "number": number}) == [operation, kind]


def test_a_gradient_that_overflows_stops_the_backward_pass(formulas: Run) -> None:
    x = Value(1e-160)
    root = (x / 1e-160) / 1e-160
    failure, gradients = in_page(formulas, root, "[computation.failure, computation.gradients]")
    with pytest.raises(FloatingPointError):
        root.backward()
    assert failure["kind"] == "derivative"
    assert gradients[topological_order(root).index(x)] is None
