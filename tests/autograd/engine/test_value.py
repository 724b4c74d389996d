"""A Value: what it holds, how it computes, what `backward()` leaves in it."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import autograd
from autograd import PRIMITIVES, Unary, Value


class Half:
    """A real number that is no float: it only knows how to become one."""

    def __float__(self) -> float:
        return 0.5


class Three:
    """A real number that only knows how to become an int."""

    def __index__(self) -> int:
        return 3


# ---------------------------------------------------------------- what it takes


@pytest.mark.parametrize(
    ("number", "expected"),
    [(3, 3.0), (2.5, 2.5), (True, 1.0), (-0.0, -0.0), (Half(), 0.5), (Three(), 3.0), (math.inf, math.inf)],
)
def test_takes_any_real_number(number: Any, expected: float) -> None:
    assert Value(number).data == expected


@pytest.mark.parametrize("number", [3, True, Half(), Three()])
def test_data_is_a_python_float(number: Any) -> None:
    assert type(Value(number).data) is float


NOT_A_NUMBER = [
    ("3", r"not the str '3'; convert it with float\(\)"),
    (b"3", r"not the bytes b'3'; convert it with float\(\)"),
    (1j, r"not the complex 1j; use its \.real or abs\(\) of it"),
    (None, "not None; did a function forget to return"),
    ([1.0], r"not a list; make one Value for each .* \.item\(\)"),
    ((1.0, 2.0), "not a tuple; make one Value for each"),
    ({}, "not a dict"),
    (object(), "not a object"),
    (Value(2.0, label="price"), r"'price'.* is a Value already; .*\.data.*\.detach\(\)"),
]


@pytest.mark.parametrize(("thing", "advice"), NOT_A_NUMBER)
def test_what_is_no_real_number_is_refused_with_advice(thing: Any, advice: str) -> None:
    with pytest.raises(TypeError, match=advice):
        Value(thing)


@pytest.mark.parametrize(("thing", "advice"), NOT_A_NUMBER)
def test_data_set_to_no_real_number_is_refused_with_the_same_advice(thing: Any, advice: str) -> None:
    x = Value(1.0)
    with pytest.raises(TypeError, match=advice):
        x.data = thing


@pytest.mark.parametrize(("thing", "advice"), [pair for pair in NOT_A_NUMBER if pair[0] is not None])
def test_grad_set_to_no_real_number_is_refused_with_the_same_advice(thing: Any, advice: str) -> None:
    x = Value(1.0)
    with pytest.raises(TypeError, match=advice):
        x.grad = thing


def test_a_refused_number_leaves_data_as_it_was() -> None:
    x = Value(1.0)
    with pytest.raises(TypeError):
        x.data = "2"  # type: ignore[assignment]
    assert x.data == 1.0


def test_an_int_too_large_for_a_float_is_an_overflow_error_as_for_floats() -> None:
    with pytest.raises(OverflowError):
        Value(10**400)


def test_set_data_and_grad_become_floats() -> None:
    x = Value(1.0)
    x.data, x.grad = 2, True
    assert (type(x.data), type(x.grad)) == (float, float)


# ---------------------------------------------------------------- what it holds


def test_a_new_value_has_gradient_zero() -> None:
    assert Value(3.0).grad == 0.0


def test_a_new_value_has_no_label() -> None:
    assert Value(3.0).label is None


def test_a_new_value_requires_a_gradient() -> None:
    assert Value(3.0).requires_grad is True


def test_a_new_value_is_a_leaf_without_op_and_parents() -> None:
    x = Value(3.0)
    assert (x.is_leaf, x.op, x.parents) == (True, None, ())


def test_a_label_may_hold_any_text() -> None:
    text = 'weight "1" \\n {ü} \U0001f600'
    assert Value(1.0, label=text).label == text


@pytest.mark.parametrize("label", [3, b"x", ["x"]])
def test_a_label_that_is_no_text_is_refused(label: Any) -> None:
    with pytest.raises(TypeError, match="a label is a str or None, not"):
        Value(1.0, label=label)


def test_a_label_can_be_set_on_the_result_of_an_operation() -> None:
    y = Value(1.0) * 2.0
    y.label = "y"
    assert y.label == "y"


def test_a_label_set_to_no_text_is_refused() -> None:
    x = Value(1.0)
    with pytest.raises(TypeError, match="not int 3"):
        x.label = 3  # type: ignore[assignment]


def test_a_result_knows_its_op() -> None:
    assert (Value(2.0) * Value(3.0)).op is autograd.multiply


def test_a_result_is_no_leaf() -> None:
    assert not (Value(2.0) * 3.0).is_leaf


def test_parents_come_in_the_order_of_the_operands() -> None:
    x, y = Value(2.0), Value(3.0)
    left, right = (x / y).parents
    assert left is x
    assert right is y


def test_an_operation_of_one_operand_has_one_parent() -> None:
    x = Value(2.0)
    (parent,) = x.exp().parents
    assert parent is x


def test_one_value_used_twice_is_both_parents() -> None:
    x = Value(2.0)
    left, right = (x * x).parents
    assert left is x
    assert right is x


@pytest.mark.parametrize("build", [lambda x: x - 3.0, lambda x: 3.0 - x])
def test_a_plain_number_among_the_parents_is_a_constant_value(build: Callable[[Value], Value]) -> None:
    constants = [parent for parent in build(Value(2.0)).parents if parent.data == 3.0]
    assert [constant.requires_grad for constant in constants] == [False]


def test_the_constant_of_a_plain_number_is_the_same_at_every_look() -> None:
    y = Value(2.0) - 3.0
    assert y.parents[1] is y.parents[1]


def test_looking_at_the_parents_changes_no_gradient() -> None:
    x = Value(2.0)
    y = x * 3.0
    _ = y.parents
    y.backward()
    assert x.grad == 3.0


def test_data_of_a_result_cannot_be_set() -> None:
    y = Value(2.0) * Value(3.0)
    with pytest.raises(AttributeError, match=r"result of x \* y .*set the data of the leaves.*\.detach\(\)"):
        y.data = 1.0


def test_grad_of_a_result_can_be_set() -> None:
    y = Value(2.0) * 3.0
    y.grad = 4.0
    assert y.grad == 4.0


def test_requires_grad_of_a_result_cannot_be_set() -> None:
    y = Value(2.0).exp()
    with pytest.raises(AttributeError, match=r"result of exp\(x\) .*\.detach\(\)"):
        y.requires_grad = False


def test_an_attribute_that_does_not_exist_cannot_be_set_by_a_slip_of_the_pen() -> None:
    x = Value(1.0)
    with pytest.raises(AttributeError):
        x.gard = 1.0  # type: ignore[attr-defined]


# ---------------------------------------------------------------- arithmetic


ARITHMETIC: list[tuple[str, Callable[[Any, Any], Any]]] = [
    ("+", lambda x, y: x + y),
    ("-", lambda x, y: x - y),
    ("*", lambda x, y: x * y),
    ("/", lambda x, y: x / y),
    ("**", lambda x, y: x**y),
]


@pytest.mark.parametrize("operation", [operation for _, operation in ARITHMETIC], ids=[name for name, _ in ARITHMETIC])
@pytest.mark.parametrize(("left", "right"), [(Value(3.0), Value(2.5)), (Value(3.0), 2.5), (3.0, Value(2.5))])
def test_an_operator_computes_what_floats_compute(operation: Callable[[Any, Any], Any], left: Any, right: Any) -> None:
    assert operation(left, right).data == operation(3.0, 2.5)


@pytest.mark.parametrize("operation", [operation for _, operation in ARITHMETIC], ids=[name for name, _ in ARITHMETIC])
@pytest.mark.parametrize(("left", "right"), [(Value(3.0), 2), (3, Value(2.0)), (Value(3.0), True), (True, Value(2.0))])
def test_an_operator_takes_ints_and_bools(operation: Callable[[Any, Any], Any], left: Any, right: Any) -> None:
    plain = operation(*(operand.data if isinstance(operand, Value) else operand for operand in (left, right)))
    assert operation(left, right).data == plain


@pytest.mark.parametrize("number", [Half(), Three()])
def test_an_operator_takes_whatever_becomes_a_float(number: Any) -> None:
    assert (Value(2.0) * number).data == 2.0 * Value(number).data


@pytest.mark.parametrize("operation", [operation for _, operation in ARITHMETIC], ids=[name for name, _ in ARITHMETIC])
@pytest.mark.parametrize("thing", ["2", None, [2.0], 2j, object()])
def test_an_operator_refuses_what_is_no_number_as_python_does(
    operation: Callable[[Any, Any], Any], thing: object
) -> None:
    with pytest.raises(TypeError):
        operation(Value(2.0), thing)


@pytest.mark.parametrize("operation", [operation for _, operation in ARITHMETIC], ids=[name for name, _ in ARITHMETIC])
def test_an_operator_asks_the_other_operand_before_it_gives_up(operation: Callable[[Any, Any], Any]) -> None:
    class Helpful:
        def answer(self, other: object) -> str:
            return "mine"

        __radd__ = __rsub__ = __rmul__ = __rtruediv__ = __rpow__ = answer

    assert operation(Value(2.0), Helpful()) == "mine"


def test_unary_minus_negates() -> None:
    assert (-Value(3.0)).data == -3.0


def test_unary_plus_is_the_value_itself() -> None:
    x = Value(3.0)
    assert +x is x


def test_abs_of_a_value_is_the_primitive() -> None:
    assert abs(Value(-3.0)).op is autograd.abs


def test_a_result_holds_the_gradient_zero_before_any_backward() -> None:
    assert (Value(3.0) * 2.0).grad == 0.0


# ---------------------------------------------------------------- the chain rule


def test_a_value_has_derivative_one_with_respect_to_itself() -> None:
    x = Value(3.0)
    x.backward()
    assert x.grad == 1.0


def test_every_path_to_a_leaf_counts() -> None:
    x = Value(3.0)
    (x * x + x).backward()
    assert x.grad == 7.0


def test_a_shared_result_is_finished_before_its_parents_are() -> None:
    # Here one operand of the root is computed from the other one, so the order of the walk matters.
    x = Value(2.0)
    square = x * x
    (square.sin() + square).backward()
    assert x.grad == pytest.approx(4.0 * (math.cos(4.0) + 1.0))


def test_a_shared_result_is_finished_before_its_parents_are_whichever_operand_it_is() -> None:
    x = Value(2.0)
    square = x * x
    (square + square.sin()).backward()
    assert x.grad == pytest.approx(4.0 * (math.cos(4.0) + 1.0))


def test_a_shared_result_reached_by_a_long_and_a_short_way_gets_both_gradients() -> None:
    x = Value(1.0)
    shared = x * 2.0
    longer = ((shared + 1.0) * 3.0).exp() * 0.0 + shared * 5.0
    (shared * 7.0 + longer).backward()
    assert shared.grad == 12.0


def test_backward_gives_intermediate_results_their_gradient() -> None:
    x = Value(3.0)
    square = x * x
    (square * 5.0).backward()
    assert square.grad == 5.0


def test_backward_takes_the_gradient_that_flows_into_the_root() -> None:
    x = Value(3.0)
    (x * x).backward(0.5)
    assert x.grad == 3.0


def test_backward_leaves_that_gradient_in_the_root() -> None:
    y = Value(3.0) * 2.0
    y.backward(0.5)
    assert y.grad == 0.5


@pytest.mark.parametrize("gradient", ["1", None, 1j, Value(1.0)])
def test_backward_refuses_a_gradient_that_is_no_number(gradient: Any) -> None:
    with pytest.raises(TypeError):
        (Value(3.0) * 2.0).backward(gradient)


def test_backward_changes_no_number() -> None:
    x = Value(3.0)
    y = x.exp() * x
    before = (x.data, y.data)
    y.backward()
    assert (x.data, y.data) == before


# ---------------------------------------------------------------- leaves accumulate, intermediates do not


def test_a_second_backward_doubles_the_gradients_of_leaves_exactly() -> None:
    x, y = Value(0.3), Value(-1.7)
    root = (x * y).tanh() * x.exp() + (x * y)
    root.backward()
    once = (x.grad, y.grad)
    root.backward()
    assert (x.grad, y.grad) == (2.0 * once[0], 2.0 * once[1])


def test_a_second_backward_overwrites_the_gradients_of_intermediates() -> None:
    x = Value(0.3)
    middle = x * 2.0
    root = middle.tanh() * middle
    root.backward()
    once = middle.grad
    root.backward()
    assert middle.grad == once


def test_a_second_backward_leaves_the_root_at_one() -> None:
    root = Value(0.3) * 2.0
    root.backward()
    root.backward()
    assert root.grad == 1.0


def test_leaves_add_up_the_gradients_of_different_roots() -> None:
    x = Value(3.0)
    (x * 2.0).backward()
    (x * 5.0).backward()
    assert x.grad == 7.0


def test_an_intermediate_of_two_roots_holds_the_gradient_of_the_last_one() -> None:
    middle = Value(3.0) * 1.0
    (middle * 2.0).backward()
    (middle * 5.0).backward()
    assert middle.grad == 5.0


def test_a_pass_through_a_shared_intermediate_is_not_disturbed_by_an_earlier_one() -> None:
    x = Value(3.0)
    middle = x * 4.0
    (middle * 2.0).backward()
    x.zero_grad()
    (middle * 5.0).backward()
    assert x.grad == 20.0


def test_backward_adds_to_the_gradient_that_the_user_set() -> None:
    x = Value(3.0)
    x.grad = 100.0
    (x * 2.0).backward()
    assert x.grad == 102.0


def test_backward_of_a_leaf_accumulates_too() -> None:
    x = Value(3.0)
    x.backward()
    x.backward(2.0)
    assert x.grad == 3.0


def test_a_gradient_set_on_an_intermediate_does_not_leak_into_the_next_pass() -> None:
    x = Value(3.0)
    middle = x * 4.0
    middle.grad = 1000.0
    (middle * 5.0).backward()
    assert x.grad == 20.0


def test_zero_grad_sets_the_gradient_to_zero() -> None:
    x = Value(3.0)
    (x * 2.0).backward()
    x.zero_grad()
    assert x.grad == 0.0


def test_zero_grad_touches_no_other_value() -> None:
    x, y = Value(3.0), Value(4.0)
    (x * y).backward()
    x.zero_grad()
    assert y.grad == 3.0


# ---------------------------------------------------------------- constants


def test_a_constant_gets_no_gradient() -> None:
    x, constant = Value(3.0), Value(2.0, requires_grad=False)
    (x * constant).backward()
    assert constant.grad == 0.0


def test_a_constant_passes_the_gradient_of_the_other_operand() -> None:
    x, constant = Value(3.0), Value(2.0, requires_grad=False)
    (x * constant).backward()
    assert x.grad == 2.0


def test_the_constant_of_a_plain_number_gets_no_gradient() -> None:
    y = Value(3.0) * 2.0
    constant = y.parents[1]
    y.backward()
    assert constant.grad == 0.0


def test_a_gradient_set_on_a_constant_by_hand_stays() -> None:
    x, constant = Value(3.0), Value(2.0, requires_grad=False)
    constant.grad = 7.0
    (x * constant).backward()
    assert constant.grad == 7.0


def test_a_result_of_constants_alone_is_a_constant() -> None:
    constant = Value(2.0, requires_grad=False)
    assert (constant * 3.0 + constant).requires_grad is False


def test_a_result_of_constants_alone_remembers_nothing() -> None:
    constant = Value(2.0, requires_grad=False)
    assert constant.exp().parents == ()


def test_backward_from_a_constant_is_an_error_that_says_why() -> None:
    with pytest.raises(RuntimeError, match=r"'rate'.*does not require a gradient: it is a constant"):
        Value(2.0, label="rate", requires_grad=False).backward()


def test_no_partial_is_computed_for_a_constant_exponent() -> None:
    # The derivative with respect to the exponent holds log(-2), which does not exist.
    x = Value(-2.0)
    (x**3).backward()
    assert x.grad == 12.0


def test_a_leaf_frozen_before_the_forward_pass_gets_no_gradient() -> None:
    x, y = Value(3.0), Value(4.0)
    x.requires_grad = False
    (x * y).backward()
    assert (x.grad, y.grad) == (0.0, 3.0)


def test_a_thawed_leaf_gets_a_gradient() -> None:
    x = Value(3.0, requires_grad=False)
    x.requires_grad = True
    (x * 2.0).backward()
    assert x.grad == 2.0


@pytest.mark.parametrize("build", [lambda x: x.exp(), lambda x: x * Value(2.0), lambda x: -x], ids=["exp", "*", "-"])
def test_a_leaf_frozen_after_the_forward_pass_gets_no_gradient(build: Callable[[Value], Value]) -> None:
    x = Value(3.0)
    y = build(x)
    x.requires_grad = False
    y.backward()
    assert x.grad == 0.0


# ---------------------------------------------------------------- detach


def test_detach_gives_a_constant() -> None:
    assert (Value(3.0) * 2.0).detach().requires_grad is False


def test_detach_keeps_the_number_and_the_label() -> None:
    copy = Value(3.0, label="x").detach()
    assert (copy.data, copy.label) == (3.0, "x")


def test_detach_drops_the_history() -> None:
    assert (Value(3.0) * 2.0).detach().parents == ()


def test_no_gradient_flows_through_a_detached_value() -> None:
    x = Value(3.0)
    (x * (x * x).detach()).backward()
    assert x.grad == 9.0


def test_detach_leaves_the_original_attached() -> None:
    x = Value(3.0)
    y = x * 2.0
    y.detach()
    y.backward()
    assert x.grad == 2.0


def test_changing_a_detached_value_leaves_the_original() -> None:
    x = Value(3.0)
    x.detach().data = 5.0
    assert x.data == 3.0


# ---------------------------------------------------------------- changing a leaf between forward and backward


CHANGED: list[tuple[str, Callable[[Value], Value], float]] = [
    ("x * x", lambda x: x * x, 6.0),
    ("x / (x + 1)", lambda x: x / (x + 1.0), 1.0 / 16.0),
    ("x**2", lambda x: x**2, 6.0),
    ("log", lambda x: x.log(), 1.0 / 3.0),
    ("exp", lambda x: x.exp(), math.exp(3.0)),
    ("sin", lambda x: x.sin(), math.cos(3.0)),
    ("relu", lambda x: x.relu(), 1.0),
    ("maximum", lambda x: autograd.maximum(x, 1.0), 1.0),
]


@pytest.mark.parametrize(("build", "slope"), [case[1:] for case in CHANGED], ids=[case[0] for case in CHANGED])
def test_changing_a_leaf_after_the_forward_pass_gives_the_gradient_of_the_forward_point(
    build: Callable[[Value], Value], slope: float
) -> None:
    x = Value(3.0)
    y = build(x)
    x.data = -50.0
    y.backward()
    assert x.grad == pytest.approx(slope, rel=1e-14)


def test_changing_a_constant_after_the_forward_pass_gives_the_gradient_of_the_forward_point() -> None:
    x, constant = Value(3.0), Value(2.0, requires_grad=False)
    y = x * constant
    constant.data = 100.0
    y.backward()
    assert x.grad == 2.0


def test_the_constant_shown_for_a_plain_number_is_the_number_at_the_forward_point() -> None:
    x = Value(3.0)
    y = x * 2.0
    x.data = 7.0
    assert y.parents[1].data == 2.0


def test_a_changed_leaf_is_used_by_what_is_computed_afterwards() -> None:
    x = Value(3.0)
    x.data = 5.0
    assert (x * x).data == 25.0


# ---------------------------------------------------------------- comparing, hashing, truth


COMPARISONS: list[tuple[str, Callable[[Any, Any], Any]]] = [
    ("<", lambda x, y: x < y),
    ("<=", lambda x, y: x <= y),
    (">", lambda x, y: x > y),
    (">=", lambda x, y: x >= y),
    ("==", lambda x, y: x == y),
    ("!=", lambda x, y: x != y),
]
COMPARED = pytest.mark.parametrize("compare", [case[1] for case in COMPARISONS], ids=[case[0] for case in COMPARISONS])


@COMPARED
@pytest.mark.parametrize(("left", "right"), [(1.0, 2.0), (2.0, 1.0), (2.0, 2.0), (math.nan, 2.0), (math.nan, math.nan)])
def test_two_values_compare_as_their_numbers(compare: Callable[[Any, Any], Any], left: float, right: float) -> None:
    assert compare(Value(left), Value(right)) is compare(left, right)


@COMPARED
@pytest.mark.parametrize("right", [1, 2, 3, 2.0, True, 10**400])
def test_a_value_compares_with_a_plain_number(compare: Callable[[Any, Any], Any], right: float) -> None:
    assert compare(Value(2.0), right) is compare(2.0, right)


@COMPARED
@pytest.mark.parametrize("left", [1, 2, 3, 2.0, True, 10**400])
def test_a_plain_number_compares_with_a_value(compare: Callable[[Any, Any], Any], left: float) -> None:
    assert compare(left, Value(2.0)) is compare(left, 2.0)


@COMPARED
@pytest.mark.parametrize("number", [Half(), Three()])
def test_a_value_compares_with_whatever_becomes_a_float(compare: Callable[[Any, Any], Any], number: Any) -> None:
    assert compare(Value(0.5), number) is compare(0.5, Value(number).data)


@pytest.mark.parametrize("method", ["__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"])
@pytest.mark.parametrize("thing", ["2", None, [2.0], object()])
def test_comparing_with_no_number_is_not_implemented(method: str, thing: object) -> None:
    assert getattr(Value(2.0), method)(thing) is NotImplemented


@pytest.mark.parametrize("thing", ["2", None, [2.0], object()])
def test_a_value_is_unequal_to_what_is_no_number(thing: object) -> None:
    assert Value(2.0) != thing


def test_ordering_against_no_number_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="not supported between instances"):
        _ = Value(2.0) < "3"  # type: ignore[operator]


def test_values_are_hashed_by_identity() -> None:
    assert len({Value(2.0), Value(2.0)}) == 2


def test_a_value_is_found_again_in_a_dictionary_after_its_number_changed() -> None:
    x = Value(2.0)
    names = {x: "x"}
    x.data = 3.0
    assert names[x] == "x"


def test_pytest_approx_compares_a_value() -> None:
    assert Value(0.1) + 0.2 == pytest.approx(0.3)


def test_pytest_approx_tells_a_value_that_is_off() -> None:
    assert Value(0.31) != pytest.approx(0.3)


def test_pytest_approx_compares_a_list_of_values() -> None:
    assert [Value(0.1) + 0.2, Value(1.0)] == pytest.approx([0.3, 1.0])


def test_sorting_puts_values_in_the_order_of_their_numbers() -> None:
    assert [value.data for value in sorted([Value(3.0), Value(1.0), Value(2.0)])] == [1.0, 2.0, 3.0]


@pytest.mark.parametrize(("number", "truth"), [(0.0, False), (-0.0, False), (1e-300, True), (math.nan, True)])
def test_a_value_is_true_unless_it_is_zero(number: float, truth: bool) -> None:
    assert bool(Value(number)) is truth


# ---------------------------------------------------------------- what would lose the gradient is refused


@pytest.mark.parametrize("function", [float, int, complex, round, math.exp, math.floor, math.sqrt, math.isfinite])
def test_a_function_of_plain_numbers_is_refused_with_both_ways_out(function: Callable[[Any], object]) -> None:
    with pytest.raises(TypeError, match=r"drop its gradient.*v\.data.*autograd\.exp"):
        function(Value(1.0))


@pytest.mark.parametrize(
    ("function", "name"), [(float, "float"), (int, "int"), (complex, "complex"), (round, "round"), (math.exp, "float")]
)
def test_the_refusal_names_the_conversion(function: Callable[[Any], object], name: str) -> None:
    with pytest.raises(TypeError, match=rf"^{name}\(\) of a Value"):
        function(Value(1.0))


def test_round_to_digits_is_refused_too() -> None:
    with pytest.raises(TypeError, match=r"v\.data"):
        round(Value(1.234), 2)


def test_rounding_the_data_works() -> None:
    assert round(Value(1.23456).data, 3) == 1.235


@pytest.mark.parametrize(
    "operation",
    [lambda v: v // 2, lambda v: v % 2, lambda v: divmod(v, 2), lambda v: pow(v, 2, 3), lambda v: [1, 2][v]],
)
def test_what_has_no_derivative_to_speak_of_is_a_type_error(operation: Callable[[Any], object]) -> None:
    with pytest.raises(TypeError):
        operation(Value(1.0))


# ---------------------------------------------------------------- showing


@pytest.mark.parametrize("specification", [".3f", "10.2e", "+.1f", ",.2f", "g", "%"])
def test_a_format_is_that_of_the_number(specification: str) -> None:
    assert format(Value(1234.56789), specification) == format(1234.56789, specification)


def test_an_f_string_shows_the_number_in_the_format() -> None:
    assert f"{Value(1.23456):.3f}" == "1.235"


def test_an_f_string_without_format_shows_the_whole_value() -> None:
    x = Value(1.5)
    assert f"{x}" == repr(x)


def test_repr_shows_number_and_gradient() -> None:
    x = Value(1.5)
    x.grad = 2.0
    assert repr(x) == "Value(data=1.5, grad=2.0)"


def test_repr_shows_the_label() -> None:
    assert repr(Value(1.5, label="it's")) == """Value(data=1.5, grad=0.0, label="it's")"""


def test_repr_shows_that_a_value_is_a_constant() -> None:
    assert repr(Value(1.5, requires_grad=False)) == "Value(data=1.5, grad=0.0, requires_grad=False)"


# ---------------------------------------------------------------- textbook cases


def test_the_running_example_of_griewank_and_walther() -> None:
    # Griewank and Walther, Evaluating Derivatives (2nd ed., 2008), table 1.1:
    # y = (sin(x1/x2) + x1/x2 - exp(x2)) * (x1/x2 - exp(x2)) at (1.5, 0.5), y = 2.0167 there.
    # By hand, with u = x1/x2 = 3 and e = exp(1/2): dy/dx1 = ((cos u + 1)(u - e) + sin u + u - e) / x2.
    x1, x2 = Value(1.5), Value(0.5)
    y = (autograd.sin(x1 / x2) + x1 / x2 - autograd.exp(x2)) * (x1 / x2 - autograd.exp(x2))
    y.backward()
    u, e = 3.0, math.exp(0.5)
    slope_u, slope_e = (math.cos(u) + 1.0) * (u - e) + math.sin(u) + u - e, -(u - e) - (math.sin(u) + u - e)
    assert y.data == pytest.approx(2.0167, abs=1e-4)  # the book rounds on the way
    assert x1.grad == pytest.approx(slope_u / 0.5, rel=1e-14)
    assert x2.grad == pytest.approx(slope_u * -u / 0.5 + slope_e * e, rel=1e-14)


def test_the_running_example_of_the_survey_of_baydin_and_others() -> None:
    # Baydin, Pearlmutter, Radul, Siskind: Automatic Differentiation in Machine Learning: a Survey (JMLR 2018),
    # table 3: y = ln(x1) + x1 x2 - sin(x2) at (2, 5).
    x1, x2 = Value(2.0), Value(5.0)
    y = autograd.log(x1) + x1 * x2 - autograd.sin(x2)
    y.backward()
    assert (y.data, x1.grad, x2.grad) == pytest.approx((11.652, 5.5, 1.716), abs=5e-4)


def test_the_network_for_xor_of_goodfellow_and_others() -> None:
    # Goodfellow, Bengio, Courville: Deep Learning (2016), section 6.1: W = [[1, 1], [1, 1]], c = (0, -1),
    # w = (1, -2), b = 0 computes XOR exactly. By hand at the input (1, 0), y = 1 with the loss (y - 0)**2: hidden
    # units are (1, 0), the second at its kink; dL/dw = 2y h = (2, 0), dL/dc = 2y (w1, 0) = (2, 0).
    weights, biases = [Value(1.0), Value(-2.0)], [Value(0.0), Value(-1.0)]
    hidden = [(1.0 * Value(1.0) + 0.0 * Value(1.0) + bias).relu() for bias in biases]
    y = weights[0] * hidden[0] + weights[1] * hidden[1]
    (y**2).backward()
    assert y.data == 1.0
    assert [parameter.grad for parameter in weights + biases] == [2.0, 0.0, 2.0, 0.0]


def test_the_slow_learner_of_nielsen() -> None:
    # Nielsen, Neural Networks and Deep Learning (2015), chapter 3: one sigmoid neuron, input 1, desired output 0,
    # w = b = 2, quadratic cost C = a**2 / 2: the output is 0.98, and dC/dw = dC/db = a * a (1 - a).
    w, b = Value(2.0), Value(2.0)
    output = (w * 1.0 + b).sigmoid()
    (output**2 / 2.0).backward()
    a = 1.0 / (1.0 + math.exp(-4.0))
    assert output.data == pytest.approx(0.98, abs=5e-3)
    assert (w.grad, b.grad) == pytest.approx((a * a * (1.0 - a), a * a * (1.0 - a)), rel=1e-13)


def test_the_example_of_micrograd_runs_with_a_changed_import() -> None:
    # The README of micrograd 0.1.0, word for word.
    a = Value(-4.0)
    b = Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    g.backward()
    assert (f"{g.data:.4f}", f"{a.grad:.4f}", f"{b.grad:.4f}") == ("24.7041", "138.8338", "645.5773")


@pytest.mark.parametrize("gradient", [math.inf, -math.inf, math.nan])
def test_a_gradient_that_is_not_finite_flows_into_a_leaf_that_is_its_own_root(gradient: float) -> None:
    x = Value(1.0)
    x.backward(gradient)
    assert repr(x.grad) == repr(gradient)


def test_a_gradient_of_none_is_refused_with_what_to_write() -> None:
    x = Value(1.0)
    x.grad = 2.0
    nothing: Any = None
    with pytest.raises(TypeError, match=r"a gradient is a number, .*: write v\.grad = 0\.0 or v\.zero_grad\(\)"):
        x.grad = nothing
    assert x.grad == 2.0


def test_what_matters_comes_first_in_the_file() -> None:
    source = Path(str(autograd.engine.value.__file__)).with_name("value.py").read_text(encoding="utf-8").splitlines()
    first = "\n".join(source[:150])
    assert all(part in first for part in ("_visit: int", "def __add__", "def _node", "def backward"))
    assert "diagnose.no_derivative(node, error)" in first  # the last line of the chain rule


UNARY = [name for name, primitive in PRIMITIVES.items() if isinstance(primitive, Unary)]
AS_OPERATORS = {"negate": "__neg__", "abs": "__abs__"}


@pytest.mark.parametrize("name", UNARY)
def test_each_primitive_of_one_operand_is_a_method_of_a_value(name: str) -> None:
    method = getattr(Value, AS_OPERATORS.get(name, name), None)
    assert method is not None, f"Value needs the method: def {name}(self) -> Value: return _unary(ops.{name}, self)"
    x = Value(PRIMITIVES[name].points()[0][0])
    assert getattr(method(x).op, "name", None) == name
