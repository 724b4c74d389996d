"""The backward pass step by step: the numbers of `backward()`, in words that a reader can follow."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import PRIMITIVES, Nary, Trace, Unary, Value, gradients, no_grad, topological_order, trace
from autograd.engine.value import result_of

SMOOTH = ("sin", "tanh", "sigmoid", "softplus", "erf", "relu", "abs", "add", "subtract", "multiply", "maximum")


def leaf(number: float, label: str | None = None) -> Value:
    return Value(number, label=label)


def product_plus() -> Value:
    a, b = leaf(2.0, "a"), leaf(-3.0, "b")
    root = a * b + a
    root.label = "root"
    return root


def lines(root: Value) -> list[list[str]]:
    """The cells of the printed table, below its title and header."""
    return [line.split() for line in str(trace(root)).splitlines()[3:]]


class Weighted(Nary):
    """An operation on many Values: the sum of index * operand."""

    def partials(self) -> list[float]:
        return [float(index) for index in range(len(self.parents))]


class Careless(Nary):
    """One whose partials are what it is given."""

    found: Any = None

    def partials(self) -> list[float]:
        found: list[float] = self.found
        return found

    def partials_as_values(self) -> list[Value]:
        found: list[Value] = self.found
        return found


def careless(found: object) -> Value:
    operation = Careless("careless", [leaf(1.0), leaf(2.0)], [1.0, 2.0])
    operation.found = found
    return result_of(operation, 3.0)


NARY_WAYS: dict[str, Callable[[Value], object]] = {
    "backward": lambda y: y.backward(),
    "gradients": lambda y: gradients(y, y.parents),
    "trace": trace,
    "explore": autograd.explore,
    "second derivatives": lambda y: gradients(y, y.parents, create_graph=True),
}


# ---------------------------------------------------------------- the numbers


@given(seed=st.integers(0, 2**32), size=st.integers(1, 40))
def test_the_last_gradients_are_those_of_backward_to_the_last_bit(seed: int, size: int) -> None:
    rng = random.Random(seed)
    nodes = [Value(rng.gauss(0.0, 1.0)) for _ in range(3)]
    for _ in range(size):
        primitive = PRIMITIVES[rng.choice(SMOOTH)]
        x: Value = rng.choice(nodes)
        others: list[Value | float] = [*nodes, rng.gauss(0.0, 1.0)]
        y = rng.choice(others)
        nodes.append(primitive(x) if isinstance(primitive, Unary) else primitive(x, y))
    traced = trace(nodes[-1])
    nodes[-1].backward()
    assert {node: node.grad for node in traced.gradients} == traced.gradients


def test_every_value_that_needs_a_gradient_has_one() -> None:
    x = leaf(2.0)
    root = x * Value(3.0, requires_grad=False) + 1.0
    assert set(trace(root).gradients) == {node for node in topological_order(root) if node.requires_grad}


def test_no_grad_is_touched() -> None:
    x = leaf(2.0)
    root = x * x
    root.backward()
    trace(root)
    assert (x.grad, root.grad) == (4.0, 1.0)


def test_the_numbers_are_those_at_which_the_graph_was_computed() -> None:
    x = leaf(3.0)
    root = x * x
    x.data = 100.0
    assert trace(root).gradients[x] == 6.0


def test_each_step_adds_the_gradient_times_the_derivative() -> None:
    for step in trace(product_plus().tanh()):
        assert step.contribution == step.gradient * step.derivative
        assert step.after == step.before + step.contribution


def test_the_gradient_of_a_node_is_complete_when_it_is_handed_on() -> None:
    x = leaf(0.5)
    shared = x.sin()
    traced = trace(shared * shared + shared.exp())
    assert {step.gradient for step in traced if step.node is shared} == {traced.gradients[shared]}


def test_a_value_used_twice_by_one_operation_gets_two_steps() -> None:
    x = leaf(3.0)
    assert [(step.operand_index, step.before, step.after) for step in trace(x * x)] == [(0, 0.0, 3.0), (1, 3.0, 6.0)]


def test_a_constant_gets_no_step() -> None:
    x, constant = leaf(2.0), Value(5.0, requires_grad=False)
    assert [(step.operand_index, step.operand) for step in trace(constant * x)] == [(1, x)]


def test_an_operation_on_many_values_has_a_step_for_each() -> None:
    parents = [leaf(1.0), leaf(2.0), Value(3.0, requires_grad=False), leaf(4.0)]
    root = result_of(Weighted("weighted", parents, [1.0, 2.0, 3.0, 4.0]), 20.0)
    assert [(step.operand_index, step.derivative, step.formula) for step in trace(root)] == [
        (0, 0.0, ""),
        (1, 1.0, ""),
        (3, 3.0, ""),
    ]


def test_a_call_of_a_compiled_function_is_traced() -> None:
    pytest.importorskip("numpy")
    x, y = leaf(1.5), leaf(-0.5)
    root = autograd.compile(lambda a, b: a * b + a)(x, y) * x
    traced = trace(root)
    root.backward()
    assert (traced.gradients[x], traced.gradients[y]) == (x.grad, y.grad)


def test_a_leaf_has_gradient_one_and_no_steps() -> None:
    x = leaf(2.0)
    traced = trace(x)
    assert (len(traced), traced.gradients) == (0, {x: 1.0})


def test_a_deep_graph_is_no_trouble() -> None:
    x = leaf(1.0)
    root = x
    for _ in range(20_000):
        root = root + x
    assert trace(root).gradients[x] == 20_001.0


# ---------------------------------------------------------------- names and formulas


def test_what_has_no_label_is_numbered_in_topological_order() -> None:
    a, b = leaf(1.0), leaf(2.0, "b")
    product = a * b
    root = product + 1.0
    traced = trace(root)
    assert [traced.name(node) for node in (a, b, product, root)] == ["v1", "b", "v2", "v3"]


def test_a_number_is_not_given_the_name_of_a_label() -> None:
    x = leaf(1.0)
    root = x * leaf(2.0, "v1")
    traced = trace(root)
    assert [traced.name(x), traced.name(root)] == ["v2", "v3"]


def test_a_constant_is_called_by_its_number() -> None:
    root = leaf(1.0) * 2.5
    assert trace(root).name(root.parents[1]) == "2.5"


@pytest.mark.parametrize("name", PRIMITIVES)
def test_the_formula_gives_the_derivative(name: str) -> None:
    primitive = PRIMITIVES[name]
    functions = {"exp": math.exp, "log": math.log, "sqrt": math.sqrt, "pi": math.pi}
    numbers = (0.75,) if isinstance(primitive, Unary) else (0.75, 0.5)
    if name == "acosh":
        numbers = (1.75,)
    operands = dict(zip(("x", "y"), numbers, strict=False))
    names: dict[str, Any] = {**vars(autograd), **functions, **operands}
    for step in trace(primitive(*(leaf(number, operand) for operand, number in operands.items()))):
        assert eval(step.formula, names) == pytest.approx(step.derivative, rel=1e-12)


def test_the_formula_speaks_of_the_operands_by_name() -> None:
    price, amount = leaf(2.0, "price"), leaf(3.0, "amount")
    assert [step.formula for step in trace(price**amount)] == [
        "amount * price**(amount - 1)",
        "price**amount * log(price)",
    ]


@pytest.mark.parametrize("label", ["-2", "net price", "(", r"\1", "x y"])
def test_a_name_that_is_no_word_stands_in_brackets(label: str) -> None:
    x = leaf(3.0, label)
    assert trace(x * leaf(2.0, "y"))[1].formula == f"({label})"


# ---------------------------------------------------------------- how it looks


def test_the_table_shows_each_step() -> None:
    assert lines(product_plus()) == [
        ["root", "v1", "+", "a", "1", "v1", "1", "1", "1", "1"],
        ["root", "v1", "+", "a", "1", "a", "1", "1", "1", "1"],
        ["v1", "a", "*", "b", "1", "a", "b", "-3", "-3", "-2"],
        ["v1", "a", "*", "b", "1", "b", "a", "2", "2", "2"],
    ]


def test_the_title_names_the_root_and_its_gradient() -> None:
    assert str(trace(product_plus())).splitlines()[0] == "backward from root = -4, whose own gradient is 1"


def test_a_label_cannot_break_the_lines_of_the_table() -> None:
    root = leaf(1.0, "two\nlines") * 2.0
    assert len(str(trace(root)).splitlines()) == 4


def test_a_long_label_is_shortened() -> None:
    x = leaf(1.0, "x" * 1000)
    assert trace(x * 2.0).name(x) == "x" * 39 + "…"


def test_the_repr_is_short() -> None:
    assert [repr(trace(product_plus())), repr(trace(leaf(1.0).exp()))] == [
        "<Trace of root: 4 steps>",
        "<Trace of v2: 1 step>",
    ]


def test_it_is_a_sequence() -> None:
    traced = trace(product_plus())
    assert [traced[0], *traced[1:]] == list(traced)


def test_a_label_is_never_markup_in_a_notebook() -> None:
    root = leaf(1.0, "<script>&") * 2.0
    root.label = "<b>"
    shown = trace(root)._repr_html_()
    assert "<script>" not in shown
    assert "<b>" not in shown
    assert "&lt;script&gt;&amp;" in shown


def test_a_notebook_shows_every_step_of_a_short_pass() -> None:
    assert trace(product_plus())._repr_html_().count("<tr>") == 5


def test_a_notebook_shows_the_ends_of_a_long_pass() -> None:
    root = x = leaf(1.0)
    for _ in range(500):
        root = root + x
    shown = trace(root)._repr_html_()
    assert shown.count("<tr>") == 402
    assert "600 more steps" in shown


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize("root", [1.0, None, [Value(1.0)]])
def test_what_is_no_value_is_refused(root: Any) -> None:
    with pytest.raises(TypeError, match=f"one Value, not from {type(root).__name__}"):
        trace(root)


def test_a_constant_is_refused() -> None:
    with no_grad():
        constant = leaf(1.0) * 2.0
    with pytest.raises(RuntimeError, match="is a constant"):
        trace(constant)


def test_a_result_that_is_not_finite_is_named() -> None:
    with pytest.raises(FloatingPointError, match="it began with x"):
        trace(leaf(1e200) * leaf(1e200))


def test_a_derivative_that_does_not_exist_is_named() -> None:
    with pytest.raises(FloatingPointError, match="the derivative of sqrt"):
        trace(leaf(0.0).sqrt())


def test_a_gradient_that_overflows_is_named() -> None:
    with pytest.raises(FloatingPointError, match="the gradient stops being finite"):
        trace(leaf(1e-200) * 1e200 * 1e200 * 1e-10)


def test_an_own_primitive_without_formulas_has_its_numbers(table: None) -> None:
    class Double(Unary):
        name = "double"
        samples = (1.0,)

        def forward(self, x: float) -> float:
            return 2.0 * x

        def partial_x(self, x: Any, out: Any) -> Any:
            return 2

    (step,) = trace(Double()(leaf(3.0)))
    assert (step.formula, step.derivative, type(step.derivative)) == ("", 2.0, float)


def test_a_trace_is_of_the_public_type() -> None:
    assert isinstance(trace(leaf(1.0) * 2.0), Trace)


# ---------------------------------------------------------------- operations on many Values


@pytest.mark.parametrize("way", NARY_WAYS)
@pytest.mark.parametrize("found", [[1.0], [1.0, 2.0, 3.0], []], ids=len)
def test_another_number_of_partials_than_of_operands_is_refused(way: str, found: list[float]) -> None:
    words = rf"^partials(_as_values)? of careless of 2 Values must return a number for each of them, not {len(found)}$"
    with pytest.raises(TypeError, match=words):
        NARY_WAYS[way](careless(found))


@pytest.mark.parametrize("way", NARY_WAYS)
@pytest.mark.parametrize("partial", ["1", None, [1.0]], ids=str)
def test_a_partial_among_many_that_is_no_number_is_refused(way: str, partial: object) -> None:
    with pytest.raises(TypeError, match=r"^partials(_as_values)? of careless of 2 Values must return numbers: "):
        NARY_WAYS[way](careless([1.0, partial]))


@pytest.mark.parametrize("way", NARY_WAYS)
def test_partials_that_are_no_list_are_refused(way: str) -> None:
    with pytest.raises(
        TypeError, match=r"^partials(_as_values)? of careless of 2 Values must return a list, not float 1"
    ):
        NARY_WAYS[way](careless(1.0))


def test_partials_may_be_an_array() -> None:
    y = careless(np.array([3.0, 4.0]))
    y.backward()
    assert [parent.grad for parent in y.parents] == [3.0, 4.0]


def test_operands_may_come_from_a_generator() -> None:
    y = result_of(Weighted("weighted", (leaf(1.0) for _ in range(3)), iter([1, 1, 1])), 3.0)
    assert gradients(y, y.parents) == [0.0, 1.0, 2.0]


def test_there_is_a_number_for_each_operand() -> None:
    with pytest.raises(ValueError, match="weighted needs one number for each of its 2 operands, not 1"):
        Weighted("weighted", [leaf(1.0), leaf(2.0)], [1.0])
