"""The primitives: one table that everything reads, rules that hold on floats and on Values, choices at the kinks."""

from __future__ import annotations

import copy
import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import PRIMITIVES, Binary, Primitive, Unary, Value, gradients
from autograd.compiler.loop.run import has_numba
from autograd.engine import ops
from autograd.expression import Expression

BUILT_IN = [primitive for primitive in PRIMITIVES.values() if type(primitive).__module__.startswith("autograd.")]
"""The primitives of the library, without those of other tests."""
UNARY = [primitive for primitive in BUILT_IN if isinstance(primitive, Unary)]
BINARY = [primitive for primitive in BUILT_IN if isinstance(primitive, Binary)]

needs_numba = pytest.mark.skipif(not has_numba(), reason="Numba is not installed")

METHODS = {"negate": "__neg__", "abs": "__abs__"}
"""Where the method of a primitive of one operand has another name."""


def points(primitive: Primitive) -> list[tuple[float, ...]]:
    """The sample points, with those at which only the first operand can be differentiated."""
    return primitive.points() + [tuple(map(float, pair)) for pair in getattr(primitive, "samples_in_x", ())]


def differentiable(primitive: Primitive, point: tuple[float, ...]) -> list[int]:
    """Which operands can be differentiated at a point: both, unless it is one of `samples_in_x`."""
    return [0] if point not in primitive.points() else list(range(len(point)))


UNARY_POINTS = [(primitive, x) for primitive in UNARY for (x,) in points(primitive)]
BINARY_POINTS = [(primitive, x, y) for primitive in BINARY for x, y in points(primitive)]
PARTIALS = [
    (primitive, point, index)
    for primitive in BUILT_IN
    for point in points(primitive)
    for index in differentiable(primitive, point)
]


def name_of(parameter: object) -> str:
    return parameter.name if isinstance(parameter, Primitive) else str(parameter)


def partial(primitive: Any, index: int, operands: tuple[Any, ...], out: Any) -> Any:
    """The partial of a primitive with respect to the operand at an index."""
    rule = (primitive.partial_x, primitive.partial_y)[index] if len(operands) == 2 else primitive.partial_x
    return rule(*operands, out)


def number(result: Any) -> float:
    return result.data if isinstance(result, Value) else result


# ---------------------------------------------------------------- the table


def test_every_class_of_a_primitive_has_its_instance() -> None:
    written = {kind for kind in vars(ops).values() if isinstance(kind, type) and issubclass(kind, Unary | Binary)} - {
        Unary,
        Binary,
    }
    assert written == {type(primitive) for primitive in BUILT_IN}


@pytest.mark.parametrize("name", [primitive.name for primitive in BUILT_IN])
def test_every_primitive_is_a_function_of_the_package(name: str) -> None:
    assert getattr(autograd, name) is PRIMITIVES[name]


@pytest.mark.parametrize("name", [primitive.name for primitive in BUILT_IN])
def test_every_primitive_is_among_the_public_names(name: str) -> None:
    assert name in autograd.__all__


@pytest.mark.parametrize("name", [primitive.name for primitive in BUILT_IN])
def test_the_key_in_the_table_is_the_name(name: str) -> None:
    assert PRIMITIVES[name].name == name


@pytest.mark.parametrize("primitive", BUILT_IN, ids=name_of)
def test_every_primitive_has_sample_points_with_a_number_for_each_operand(primitive: Primitive) -> None:
    assert {len(point) for point in points(primitive)} == {len(primitive.operands)}


@pytest.mark.parametrize("primitive", BUILT_IN, ids=name_of)
def test_every_primitive_has_an_interval_for_each_operand(primitive: Primitive) -> None:
    assert [low < high for low, high in primitive.intervals()] == [True] * len(primitive.operands)


@pytest.mark.parametrize("primitive", BUILT_IN, ids=name_of)
def test_every_primitive_states_a_derivative_for_each_operand(primitive: Primitive) -> None:
    assert len(primitive.derivatives) == len(primitive.operands)


@pytest.mark.parametrize("primitive", BUILT_IN, ids=name_of)
def test_every_primitive_has_a_docstring(primitive: Primitive) -> None:
    assert type(primitive).__doc__


@pytest.mark.parametrize(
    ("name", "title"),
    [("add", "+"), ("subtract", "−"), ("negate", "neg"), ("multiply", "×"), ("power", "^"), ("exp", "exp")],
)
def test_the_title_is_the_symbol_or_else_the_name(name: str, title: str) -> None:
    assert PRIMITIVES[name].title == title


@pytest.mark.parametrize(("name", "call"), [("power", "x**y"), ("exp", "exp(x)"), ("atan2", "atan2(x, y)")])
def test_the_call_is_the_formula_or_else_the_plain_call(name: str, call: str) -> None:
    assert PRIMITIVES[name].call == call


def test_a_primitive_shows_its_call() -> None:
    assert repr(autograd.maximum) == "<primitive maximum(x, y)>"


@pytest.mark.parametrize("primitive", BUILT_IN, ids=name_of)
def test_a_pickled_primitive_comes_back_as_the_one_in_the_table(primitive: Primitive) -> None:
    assert pickle.loads(pickle.dumps(primitive)) is primitive


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
def test_a_copied_primitive_is_the_primitive(duplicate: Any) -> None:
    assert duplicate(autograd.exp) is autograd.exp


# ---------------------------------------------------------------- functions, methods and operators are one


@pytest.mark.parametrize(("primitive", "x"), UNARY_POINTS, ids=name_of)
def test_a_method_computes_what_the_function_computes(primitive: Unary, x: float) -> None:
    method = getattr(Value(x), METHODS.get(primitive.name, primitive.name))
    assert method().data == primitive(Value(x)).data


@pytest.mark.parametrize("primitive", UNARY, ids=name_of)
def test_a_method_records_the_primitive_of_its_name(primitive: Unary) -> None:
    method = getattr(Value(primitive.samples[0]), METHODS.get(primitive.name, primitive.name))
    assert method().op is primitive


@pytest.mark.parametrize("name", ["leaky_relu", "elu"])
def test_the_second_operand_of_a_method_is_passed_on(name: str) -> None:
    assert getattr(Value(-1.0), name)(0.25).parents[1].data == 0.25


@pytest.mark.parametrize(("name", "default"), [("leaky_relu", 0.01), ("elu", 1.0)])
def test_the_second_operand_has_a_default_in_the_method_and_in_the_function(name: str, default: float) -> None:
    y = [getattr(Value(-1.0), name)(), getattr(autograd, name)(Value(-1.0))]
    assert [result.parents[1].data for result in y] == [default, default]


@pytest.mark.parametrize(
    ("name", "operator"),
    [
        ("add", lambda x, y: x + y),
        ("subtract", lambda x, y: x - y),
        ("multiply", lambda x, y: x * y),
        ("divide", lambda x, y: x / y),
        ("power", lambda x, y: x**y),
    ],
)
def test_an_operator_records_the_primitive(name: str, operator: Any) -> None:
    results = [operator(Value(3.0), Value(2.0)), operator(Value(3.0), 2.0), operator(3.0, Value(2.0))]
    assert [result.op for result in results] == [PRIMITIVES[name]] * 3


@pytest.mark.parametrize(("primitive", "x"), UNARY_POINTS, ids=name_of)
def test_a_function_of_a_plain_number_is_a_float(primitive: Unary, x: float) -> None:
    assert type(primitive(x)) is float


@pytest.mark.parametrize(("primitive", "x", "y"), BINARY_POINTS, ids=name_of)
def test_a_function_of_two_plain_numbers_is_a_float(primitive: Binary, x: float, y: float) -> None:
    assert type(primitive(x, y)) is float


@pytest.mark.parametrize(("primitive", "x"), UNARY_POINTS, ids=name_of)
def test_a_function_gives_one_number_for_floats_and_values(primitive: Unary, x: float) -> None:
    assert primitive(Value(x)).data == primitive(x)


@pytest.mark.parametrize(("primitive", "x", "y"), BINARY_POINTS, ids=name_of)
def test_a_function_of_two_gives_one_number_for_floats_and_values(primitive: Binary, x: float, y: float) -> None:
    assert {primitive(Value(x), y).data, primitive(Value(x), Value(y, requires_grad=False)).data} == {primitive(x, y)}


def test_a_function_of_an_int_computes_with_floats() -> None:
    assert type(autograd.abs(-3)) is float


@pytest.mark.parametrize("thing", ["2", None, [2.0], 2j])
def test_a_function_of_no_number_is_refused_with_advice(thing: Any) -> None:
    with pytest.raises(TypeError, match="a Value holds one real number, not"):
        autograd.exp(thing)


@pytest.mark.parametrize("primitive", BINARY, ids=name_of)
@pytest.mark.parametrize("thing", ["2", None, [2.0], 2j])
@pytest.mark.parametrize("index", [0, 1])
def test_a_function_of_a_value_and_no_number_is_refused_with_advice(primitive: Any, thing: Any, index: int) -> None:
    operands = (thing, Value(2.0)) if index == 0 else (Value(2.0), thing)
    with pytest.raises(TypeError, match="a Value holds one real number, not"):
        primitive(*operands)


# ---------------------------------------------------------------- one rule per derivative


# The text divides 0 by 0 at 0**0, whose derivative is a choice with a test of its own.
@pytest.mark.parametrize(
    ("primitive", "point", "index"), [case for case in PARTIALS if case[1] != (0.0, 0.0)], ids=name_of
)
def test_the_text_of_a_derivative_is_the_derivative(primitive: Primitive, point: tuple[float, ...], index: int) -> None:
    names = {"pi": math.pi, **dict(zip(("x", "y"), point, strict=False))}
    values = {name: Value(number, requires_grad=False) for name, number in names.items()}
    said = Expression(primitive.derivatives[index], conditions=True)(values).data
    computed = partial(primitive, index, point, primitive(*point))  # type: ignore[operator]
    assert said == pytest.approx(computed, rel=1e-12, abs=1e-300)


@pytest.mark.parametrize(("primitive", "point", "index"), PARTIALS, ids=name_of)
def test_a_partial_on_floats_is_a_float(primitive: Primitive, point: tuple[float, ...], index: int) -> None:
    assert type(partial(primitive, index, point, primitive(*point))) is float  # type: ignore[operator]


@pytest.mark.parametrize(("primitive", "point", "index"), PARTIALS, ids=name_of)
def test_a_partial_on_values_is_the_partial_on_floats(
    primitive: Primitive, point: tuple[float, ...], index: int
) -> None:
    wanted = differentiable(primitive, point)
    values = tuple(Value(x, requires_grad=i in wanted) for i, x in enumerate(point))
    on_values = partial(primitive, index, values, primitive(*values))  # type: ignore[operator]
    on_floats = partial(primitive, index, point, primitive(*point))  # type: ignore[operator]
    assert number(on_values) == on_floats


@pytest.mark.parametrize(("primitive", "point", "index"), PARTIALS, ids=name_of)
def test_backward_gives_an_operand_the_partial(primitive: Primitive, point: tuple[float, ...], index: int) -> None:
    values = [Value(x, requires_grad=i == index) for i, x in enumerate(point)]
    primitive(*values).backward()  # type: ignore[operator]
    assert values[index].grad == partial(primitive, index, point, primitive(*point))  # type: ignore[operator]


@pytest.mark.parametrize(("primitive", "point", "index"), PARTIALS, ids=name_of)
def test_gradients_give_an_operand_the_partial(primitive: Primitive, point: tuple[float, ...], index: int) -> None:
    values = [Value(x, requires_grad=i == index) for i, x in enumerate(point)]
    root = primitive(*values)  # type: ignore[operator]
    expected = partial(primitive, index, point, primitive(*point))  # type: ignore[operator]
    assert gradients(root, [values[index]]) == [expected]


@pytest.mark.parametrize(("primitive", "point", "index"), PARTIALS, ids=name_of)
def test_gradients_as_values_give_an_operand_the_partial(
    primitive: Primitive, point: tuple[float, ...], index: int
) -> None:
    values = [Value(x, requires_grad=i == index) for i, x in enumerate(point)]
    root = primitive(*values)  # type: ignore[operator]
    expected = partial(primitive, index, point, primitive(*point))  # type: ignore[operator]
    assert [slope.data for slope in gradients(root, [values[index]], create_graph=True)] == [expected]


# ---------------------------------------------------------------- kinks


def slopes(root: Value, *operands: Value) -> tuple[float, ...]:
    return tuple(gradients(root, operands))


@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_relu_has_slope_zero_at_its_kink(zero: float) -> None:
    x = Value(zero)
    assert slopes(x.relu(), x) == (0.0,)


@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_the_absolute_value_has_slope_zero_at_its_kink(zero: float) -> None:
    x = Value(zero)
    assert slopes(abs(x), x) == (0.0,)


def test_leaky_relu_has_the_slope_of_its_left_side_at_its_kink() -> None:
    x = Value(0.0)
    assert slopes(x.leaky_relu(0.25), x) == (0.25,)


def test_elu_has_the_slope_of_its_left_side_at_its_kink() -> None:
    x = Value(0.0)
    assert slopes(x.elu(0.5), x) == (0.5,)


@pytest.mark.parametrize("primitive", [autograd.maximum, autograd.minimum], ids=name_of)
def test_equal_numbers_share_the_gradient_in_half(primitive: Binary) -> None:
    x, y = Value(1.5), Value(1.5)
    assert slopes(primitive(x, y), x, y) == (0.5, 0.5)


@pytest.mark.parametrize("primitive", [autograd.maximum, autograd.minimum], ids=name_of)
def test_a_number_equal_to_a_plain_one_gets_half_the_gradient(primitive: Binary) -> None:
    x = Value(1.5)
    assert slopes(primitive(x, 1.5), x) == (0.5,)


@pytest.mark.parametrize("primitive", [autograd.maximum, autograd.minimum], ids=name_of)
def test_one_value_twice_gets_the_whole_gradient(primitive: Binary) -> None:
    x = Value(1.5)
    assert slopes(primitive(x, x), x) == (1.0,)


@pytest.mark.parametrize(
    ("primitive", "word"),
    [
        (autograd.relu, "derivative 0 at the kink"),
        (autograd.abs, "derivative 0 at the kink"),
        (autograd.leaky_relu, "derivative y at the kink"),
        (autograd.elu, "derivative y at x = 0"),
        (autograd.maximum, "half each"),
        (autograd.minimum, "half each"),
    ],
    ids=name_of,
)
def test_the_choice_at_a_kink_is_in_the_docstring(primitive: Primitive, word: str) -> None:
    assert word in str(type(primitive).__doc__)


@pytest.mark.parametrize("primitive", [autograd.maximum, autograd.minimum], ids=name_of)
@pytest.mark.parametrize("operands", [(math.nan, 1.0), (1.0, math.nan)])
def test_a_choice_between_a_number_and_nan_is_nan(primitive: Binary, operands: tuple[float, float]) -> None:
    assert math.isnan(primitive(*operands))


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "elu", "abs", "sigmoid", "softplus", "tanh", "gelu", "silu"])
def test_an_activation_of_nan_is_nan(name: str) -> None:
    assert math.isnan(getattr(autograd, name)(math.nan))


# ---------------------------------------------------------------- the rules of powers


@pytest.mark.parametrize(("base", "exponent"), [(-2.0, 3), (-2.0, 2), (-1.5, -2), (-0.5, 0), (-3.0, 5.0)])
def test_a_negative_base_takes_a_constant_integer_exponent(base: float, exponent: float) -> None:
    x = Value(base)
    y = x**exponent
    assert (y.data, *slopes(y, x)) == (base**exponent, exponent * base ** (exponent - 1))


def test_a_negative_base_takes_a_constant_value_as_exponent() -> None:
    x = Value(-2.0)
    assert slopes(x ** Value(3.0, requires_grad=False), x) == (12.0,)


def test_a_negative_base_with_a_fractional_exponent_is_a_value_error() -> None:
    with pytest.raises(ValueError, match=r"x\*\*y is not defined at x = -2\.0 .*'base'.*, y = 0\.5.*integer"):
        Value(-2.0, label="base") ** 0.5


def test_a_negative_base_with_a_fractional_exponent_is_a_value_error_also_where_the_power_is_large() -> None:
    with pytest.raises(ValueError, match=r"x\*\*y is not defined at x = -720\.5, y = 230\.7.*integer"):
        Value(-720.5) ** 230.7


def test_zero_to_the_zero_is_one() -> None:
    assert (Value(0.0) ** 0).data == 1.0


def test_zero_to_the_zero_has_derivative_zero() -> None:
    x = Value(0.0)
    assert slopes(x**0, x) == (0.0,)


@pytest.mark.parametrize(("exponent", "slope"), [(1, 1.0), (2, 0.0), (3, 0.0), (1.5, 0.0)])
def test_a_power_of_zero_has_its_derivative(exponent: float, slope: float) -> None:
    x = Value(0.0)
    assert slopes(x**exponent, x) == (slope,)


def test_the_second_derivative_of_a_square_at_zero_is_two() -> None:
    x = Value(0.0)
    (slope,) = gradients(x**2, [x], create_graph=True)
    assert slopes(slope, x) == (2.0,)


REFUSED = r"positive base.*the derivative holds log\(x\).*plain number"


def test_an_exponent_that_needs_a_gradient_refuses_a_negative_base() -> None:
    with pytest.raises(ValueError, match=REFUSED):
        Value(-2.0) ** Value(2.0)


def test_a_plain_base_must_not_be_negative_either_where_the_exponent_needs_a_gradient() -> None:
    with pytest.raises(ValueError, match=REFUSED):
        (-2.0) ** Value(2.0)


@pytest.mark.parametrize("zero", [0.0, -0.0])
@pytest.mark.parametrize("exponent", [1e-3, 0.5, 1.0, 2.0, 1e20])
def test_a_base_of_zero_takes_a_positive_exponent_and_gives_it_no_gradient(zero: float, exponent: float) -> None:
    y = Value(exponent)
    powers = [zero**y, Value(zero, requires_grad=False) ** y]
    assert [(power.data, *slopes(power, y)) for power in powers] == [(0.0, 0.0)] * 2


@pytest.mark.parametrize(("exponent", "slope"), [(1.0, 1.0), (1.5, 0.0), (2.0, 0.0)])
def test_a_base_of_zero_has_its_derivative_beside_that_of_the_exponent(exponent: float, slope: float) -> None:
    x, y = Value(0.0), Value(exponent)
    assert slopes(x**y, x, y) == (slope, 0.0)


def test_the_derivative_by_a_base_of_zero_is_an_error_where_it_is_infinite() -> None:
    x, y = Value(0.0), Value(0.5)
    with pytest.raises(FloatingPointError, match=r"derivative of x\*\*y = 0\.0 at x = 0\.0, y = 0\.5"):
        slopes(x**y, x)


def test_the_second_derivatives_of_a_power_of_zero() -> None:
    x, y = Value(0.0), Value(2.5)
    by_x, by_y = gradients(x**y, [x, y], create_graph=True)
    assert (slopes(by_x, x, y), slopes(by_y, x, y)) == ((0.0, 0.0), (0.0, 0.0))


@pytest.mark.parametrize("runtime", ["numpy", "python", pytest.param("numba", marks=needs_numba)])
def test_a_compiled_power_of_zero_takes_an_exponent_that_is_learned(runtime: str) -> None:
    power = autograd.compile(lambda x, y: x**y, runtime=runtime)
    assert power.value_and_grad(0.0, 2.5) == (0.0, (0.0, 0.0))
    assert power.value_and_grad(0.0, 1.0) == (0.0, (1.0, 0.0))
    with pytest.raises(FloatingPointError):
        power.value_and_grad(0.0, 0.5)
    y = Value(0.5)
    hill = autograd.compile(lambda x: x**y, runtime=runtime)
    root = hill(Value(0.0, requires_grad=False))
    root.backward()
    assert (root.data, y.grad) == (0.0, 0.0)


def test_zero_to_the_zero_has_no_derivative_by_the_exponent() -> None:
    with pytest.raises(ValueError, match=REFUSED):
        Value(0.0) ** Value(0.0)


def test_a_negative_power_of_zero_divides_by_zero() -> None:
    with pytest.raises(ZeroDivisionError, match=r"x\*\*y divides by zero at x = 0\.0, y = -1\.0"):
        Value(0.0) ** Value(-1.0)


@pytest.mark.parametrize("exponent", [2.0**53, 2.0**54, 1e16, 2.0**53 + 2])
@pytest.mark.parametrize("runtime", ["eager", "numpy", "python", pytest.param("numba", marks=needs_numba)])
def test_a_huge_even_exponent_knows_that_it_is_even(exponent: float, runtime: str) -> None:
    x = Value(-1.0)
    if runtime == "eager":
        assert slopes(x**exponent, x) == (-exponent,)
    else:
        power = autograd.compile(lambda x: x**exponent, runtime=runtime)
        assert power.value_and_grad(-1.0) == (1.0, (-exponent,))


def test_the_refusal_of_a_base_names_both_numbers_and_labels() -> None:
    with pytest.raises(ValueError, match=r"-2\.0.*'base'.*3\.5.*'rate'"):
        Value(-2.0, label="base") ** Value(3.5, label="rate")


def test_an_exponent_gets_its_gradient() -> None:
    y = Value(3.0)
    assert slopes(2.0**y, y) == (8.0 * math.log(2.0),)


@pytest.mark.parametrize("base", [0.0, -2.0])
def test_under_no_grad_any_base_takes_an_integer_exponent(base: float) -> None:
    with autograd.no_grad():
        assert (Value(base) ** Value(2.0)).data == base**2


def test_an_exponent_thawed_after_the_forward_pass_raises_at_backward() -> None:
    exponent = Value(2.0, requires_grad=False)
    y = Value(-3.0) ** exponent
    exponent.requires_grad = True
    with pytest.raises(FloatingPointError, match=r"x\*\*y = 9\.0 at x = -3\.0, y = 2\.0"):
        y.backward()


@pytest.mark.parametrize("zero", [1e-320, 5e-324])
def test_the_zeroth_power_of_a_tiny_number_has_derivative_zero(zero: float) -> None:
    x = Value(zero)
    assert slopes(x**0, x) == (0.0,)


# ---------------------------------------------------------------- stable at the ends, exact near zero


@pytest.mark.parametrize(
    ("name", "x", "value", "slope"),
    [
        ("sigmoid", 1000.0, 1.0, 0.0),
        ("sigmoid", -1000.0, 0.0, 0.0),
        ("softplus", 1000.0, 1000.0, 1.0),
        ("softplus", -1000.0, 0.0, 0.0),
        ("tanh", 1000.0, 1.0, 0.0),
        ("tanh", -1000.0, -1.0, 0.0),
        ("silu", 1000.0, 1000.0, 1.0),
        ("silu", -1000.0, 0.0, 0.0),
        ("gelu", 1000.0, 1000.0, 1.0),
        ("gelu", -1000.0, 0.0, 0.0),
        ("erf", 1000.0, 1.0, 0.0),
        ("erfc", 1000.0, 0.0, 0.0),
        ("elu", -1000.0, -1.0, 0.0),
        ("atan", 1e300, math.pi / 2, 0.0),
        ("expm1", -1000.0, -1.0, 0.0),
    ],
)
def test_far_out_a_function_takes_its_limit(name: str, x: float, value: float, slope: float) -> None:
    operand = Value(x)
    y = getattr(autograd, name)(operand)
    assert (y.data, *slopes(y, operand)) == (value, slope)


@pytest.mark.parametrize("name", ["sigmoid", "softplus", "tanh", "silu", "gelu", "erf", "erfc"])
@pytest.mark.parametrize("x", [1000.0, -1000.0])
def test_far_out_a_function_has_a_finite_second_derivative(name: str, x: float) -> None:
    operand = Value(x)
    (slope,) = gradients(getattr(autograd, name)(operand), [operand], create_graph=True)
    assert slopes(slope, operand) == (0.0,)


@pytest.mark.parametrize("name", ["expm1", "log1p", "sinh", "asinh", "atanh", "tanh", "sin", "tan", "asin", "atan"])
def test_near_zero_a_function_that_starts_like_x_keeps_every_digit(name: str) -> None:
    assert getattr(autograd, name)(Value(1e-18)).data == 1e-18


def test_far_to_the_left_sigmoid_keeps_its_digits() -> None:
    assert autograd.sigmoid(Value(-40.0)).data == pytest.approx(math.exp(-40.0), rel=1e-14, abs=0.0)


def test_far_to_the_right_sigmoid_keeps_the_digits_of_its_slope() -> None:
    x = Value(40.0)
    assert slopes(x.sigmoid(), x) == pytest.approx((math.exp(-40.0),), rel=1e-14, abs=0.0)


def test_far_to_the_left_softplus_keeps_its_digits() -> None:
    assert autograd.softplus(Value(-40.0)).data == pytest.approx(math.exp(-40.0), rel=1e-14, abs=0.0)


def test_in_the_tail_erfc_keeps_its_digits() -> None:
    # Abramowitz and Stegun 7.1.23: erfc(x) ~ exp(-x**2) / (x sqrt(pi)) (1 - 1 / (2 x**2) + 3 / (4 x**4) - ...)
    x = 25.0
    series = 1.0 - 1.0 / (2.0 * x**2) + 3.0 / (4.0 * x**4) - 15.0 / (8.0 * x**6)
    expected = math.exp(-x * x) / (x * math.sqrt(math.pi)) * series
    assert autograd.erfc(Value(x)).data == pytest.approx(expected, rel=1e-8, abs=0.0)


def test_far_to_the_left_gelu_keeps_its_digits() -> None:
    expected = -20.0 * 0.5 * math.erfc(20.0 / math.sqrt(2.0))
    assert autograd.gelu(Value(-20.0)).data == pytest.approx(expected, rel=1e-13, abs=0.0)


@pytest.mark.parametrize("size", [1e-200, 1e-160, 1e160, 1e200])
def test_the_angle_of_a_point_however_near_or_far_has_its_derivatives(size: float) -> None:
    x, y = Value(size), Value(size)
    assert slopes(autograd.atan2(x, y), x, y) == pytest.approx((0.5 / size, -0.5 / size), rel=1e-14, abs=0.0)


@pytest.mark.parametrize("name", ["asinh", "acosh"])
def test_the_inverse_hyperbolic_functions_have_the_slope_of_the_logarithm_far_out(name: str) -> None:
    x = Value(1e200)
    assert slopes(getattr(autograd, name)(x), x) == pytest.approx((1e-200,), rel=1e-14, abs=0.0)


# ---------------------------------------------------------------- primitives of the user's own


class Cube(Unary):
    """What a user writes: x**3."""

    name = "cube"
    samples = (-1.0, 0.0, 2.0)

    def forward(self, x: float) -> float:
        return x**3

    def partial_x(self, x: Any, out: Any) -> Any:
        return 3.0 * x * x


class Blend(Binary):
    """What a user writes: x**2 * y."""

    name, symbol = "blend", "~"
    samples = ((1.0, 2.0), (-1.0, 0.5))

    def forward(self, x: float, y: float) -> float:
        return x * x * y

    def partial_x(self, x: Any, y: Any, out: Any) -> Any:
        return 2.0 * x * y

    def partial_y(self, x: Any, y: Any, out: Any) -> Any:
        return x * x


@pytest.mark.usefixtures("table")
def test_ten_lines_make_a_primitive_of_one_operand() -> None:
    x = Value(2.0)
    y = Cube()(x)
    y.backward()
    assert (y.data, x.grad) == (8.0, 12.0)


@pytest.mark.usefixtures("table")
def test_ten_lines_make_a_primitive_of_two_operands() -> None:
    x, y = Value(3.0), Value(2.0)
    z = Blend()(x, y)
    z.backward()
    assert (z.data, x.grad, y.grad) == (18.0, 12.0, 9.0)


@pytest.mark.usefixtures("table")
def test_ones_own_primitive_is_differentiated_twice() -> None:
    x = Value(2.0)
    (slope,) = gradients(Cube()(x), [x], create_graph=True)
    assert gradients(slope, [x]) == [12.0]


@pytest.mark.usefixtures("table")
def test_ones_own_primitive_of_two_operands_is_differentiated_twice() -> None:
    x, y = Value(3.0), Value(2.0)
    float_partial_x, _ = gradients(Blend()(x, y), [x, y], create_graph=True)
    assert gradients(float_partial_x, [x, y]) == [4.0, 6.0]


@pytest.mark.usefixtures("table")
def test_ones_own_primitive_takes_plain_numbers() -> None:
    assert (Cube()(2), Blend()(3.0, 2.0)) == (8.0, 18.0)


@pytest.mark.usefixtures("table")
def test_ones_own_primitive_takes_a_plain_number_beside_a_value() -> None:
    y = Value(2.0)
    Blend()(3.0, y).backward()
    assert y.grad == 9.0


@pytest.mark.usefixtures("table")
def test_making_an_instance_enters_it_in_the_table() -> None:
    cube = Cube()
    assert PRIMITIVES["cube"] is cube


@pytest.mark.usefixtures("table")
def test_ones_own_primitive_is_pickled_within_a_graph() -> None:
    x = Value(2.0)
    y = pickle.loads(pickle.dumps(Cube()(x)))
    y.backward()
    assert y.parents[0].grad == 12.0


@pytest.mark.usefixtures("table")
def test_ones_own_primitive_has_title_call_points_and_intervals_without_saying_so() -> None:
    cube = Cube()
    assert (cube.title, cube.call, cube.points(), cube.intervals()) == (
        "cube",
        "cube(x)",
        [(-1.0,), (0.0,), (2.0,)],
        [(-3.0, 3.0)],
    )


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(("missing", "given"), [("name", {"samples": (1.0,)}), ("samples", {"name": "nameless"})])
def test_a_primitive_without_name_or_samples_is_refused(missing: str, given: dict[str, object]) -> None:
    kind = type("Incomplete", (Unary,), given)
    with pytest.raises(TypeError, match=f"the primitive Incomplete needs {missing} = "):
        kind()


@pytest.mark.usefixtures("table")
def test_a_refused_primitive_is_not_entered_in_the_table() -> None:
    with pytest.raises(TypeError):
        type("Incomplete", (Unary,), {"name": "incomplete"})()
    assert "incomplete" not in PRIMITIVES


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("name", ["exp", "cube"])
def test_a_name_that_is_taken_is_refused(name: str) -> None:
    Cube()
    kind = type("Other", (Unary,), {"name": name, "samples": (1.0,)})
    with pytest.raises(ValueError, match=f"the name '{name}' is taken by (Exp|Cube); choose another"):
        kind()


@pytest.mark.usefixtures("table")
def test_after_a_refusal_the_table_holds_the_first_owner_of_the_name() -> None:
    with pytest.raises(ValueError, match="is taken"):
        type("Other", (Unary,), {"name": "exp", "samples": (1.0,)})()
    assert PRIMITIVES["exp"] is autograd.exp


@pytest.mark.usefixtures("table")
def test_defining_a_primitive_again_replaces_it_as_when_a_notebook_cell_is_run_twice() -> None:
    def cell() -> Primitive:
        class Again(Unary):
            name = "again"
            samples = (1.0,)

        return Again()

    cell()
    second = cell()
    assert PRIMITIVES["again"] is second


def returning(result: object, base: type[Unary] | type[Binary]) -> Value:
    """The result of a primitive whose forward returns something."""
    samples: tuple[object, ...] = (1.0,) if base is Unary else ((1.0, 1.0),)
    rules = {"forward": lambda self, *operands: result}
    primitive = type("Returning", (base,), {"name": "returning", "samples": samples, **rules})()
    value: Value = primitive(Value(1.0)) if base is Unary else primitive(Value(1.0), 2.0)
    return value


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("base", [Unary, Binary])
@pytest.mark.parametrize("result", [None, "1.0", [1.0], 1j])
def test_a_forward_that_returns_no_float_is_refused(result: object, base: type[Unary] | type[Binary]) -> None:
    with pytest.raises(TypeError, match=r"forward of the primitive 'returning' must return a float: .*not"):
        returning(result, base)


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("base", [Unary, Binary])
def test_a_forward_that_returns_an_int_gives_a_float(base: type[Unary] | type[Binary]) -> None:
    assert type(returning(7, base).data) is float


@pytest.mark.usefixtures("table")
def test_a_primitive_without_forward_says_what_it_needs() -> None:
    kind = type("Bare", (Unary,), {"name": "bare", "samples": (1.0,)})
    with pytest.raises(NotImplementedError, match=r"Bare needs a forward\(self, x\)"):
        kind()(Value(1.0))


@pytest.mark.usefixtures("table")
def test_a_primitive_without_partial_says_what_it_needs() -> None:
    kind = type("Flat", (Unary,), {"name": "flat", "samples": (1.0,), "forward": lambda self, x: x})
    with pytest.raises(NotImplementedError, match=r"Flat needs a partial_x\(self, x, out\)"):
        kind()(Value(1.0)).backward()


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(
    ("rule", "signature"), [("forward", "x, y"), ("partial_x", "x, y, out"), ("partial_y", "x, y, out")]
)
def test_a_primitive_of_two_operands_says_what_it_needs(rule: str, signature: str) -> None:
    rules = {
        "forward": lambda self, x, y: x,
        "partial_x": lambda self, x, y, out: 1.0,
        "partial_y": lambda self, x, y, out: 1.0,
    }
    del rules[rule]
    kind = type("Gap", (Binary,), {"name": "gap", "samples": ((1.0, 1.0),), **rules})
    with pytest.raises(NotImplementedError, match=rf"Gap needs a {rule}\(self, {signature}\)"):
        kind()(Value(1.0), Value(2.0)).backward()


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize(
    ("constant", "called"), [(0, ["partial_y"]), (1, ["partial_x"]), (None, ["partial_x", "partial_y"])]
)
@pytest.mark.parametrize("plain", [True, False])
def test_the_partial_of_a_constant_operand_is_not_computed(
    constant: int | None, called: list[str], plain: bool
) -> None:
    calls: list[str] = []

    def rule(name: str) -> Callable[..., float]:
        def partial(self: object, x: float, y: float, out: float) -> float:
            calls.append(name)
            return 1.0

        return partial

    rules = {"forward": lambda self, x, y: x, "partial_x": rule("partial_x"), "partial_y": rule("partial_y")}
    spy = type("Spy", (Binary,), {"name": "spy", "samples": ((1.0, 1.0),), **rules})()
    operands: list[Any] = [Value(1.0), Value(2.0)]
    if constant is not None:
        operands[constant] = 2.0 if plain else Value(2.0, requires_grad=False)
    spy(*operands).backward()
    assert calls == called


@pytest.mark.usefixtures("table")
def test_a_primitive_that_is_neither_unary_nor_binary_is_refused() -> None:
    kind = type("Odd", (Primitive,), {"name": "odd", "samples": ()})
    with pytest.raises(TypeError, match="the primitive Odd must derive from Unary or Binary"):
        kind()


@pytest.mark.usefixtures("table")
def test_an_exception_of_ones_own_from_forward_comes_out_as_it_is() -> None:
    class OwnError(ValueError):
        pass

    def forward(self: object, x: float) -> float:
        raise OwnError("mine")

    kind = type("Raiser", (Unary,), {"name": "raiser", "samples": (1.0,), "forward": forward})
    with pytest.raises(OwnError, match=r"^mine$"):
        kind()(Value(1.0))


# ---------------------------------------------------------------- primitives with a state of their own


class Scaled(Unary):
    """What a user writes: k * x, for a k of each instance."""

    name = "scaled"
    samples = (1.0,)

    def __init__(self, k: float) -> None:
        super().__init__()
        self.k = k

    def forward(self, x: float) -> float:
        return self.k * x

    def partial_x(self, x: Any, out: Any) -> Any:
        return self.k


class Slotted(Scaled):
    """The same with a slot."""

    name = "slotted"
    __slots__ = ("shift",)

    def __init__(self, k: float) -> None:
        super().__init__(k)
        self.shift = k

    def forward(self, x: float) -> float:
        return self.k * x + self.shift


def pickled(thing: Any) -> Any:
    return pickle.loads(pickle.dumps(thing))


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
def test_a_copy_of_a_primitive_is_the_same_instance(duplicate: Any) -> None:
    two, _ = Scaled(2.0), Scaled(3.0)
    assert duplicate(two) is two
    assert duplicate([two])[0](1.0) == 2.0


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("duplicate", [copy.deepcopy, pickled])
def test_a_copied_graph_keeps_the_instances_that_made_it(duplicate: Any) -> None:
    two, three = Scaled(2.0), Scaled(3.0)
    y = duplicate(two(three(Value(1.0))))
    (inner,) = y.parents
    inner.parents[0].grad = 0.0
    y.backward()
    assert (y.op(1.0), inner.op(1.0), inner.parents[0].grad) == (2.0, 3.0, 6.0)


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("kind", [Scaled, Slotted])
def test_the_state_of_a_primitive_is_in_its_pickle(kind: type[Scaled]) -> None:
    two, three = kind(2.0), kind(3.0)
    assert [pickled(primitive)(10.0) for primitive in (two, three)] == [two(10.0), three(10.0)]


@pytest.mark.usefixtures("table")
def test_unpickling_leaves_the_table_as_it_is() -> None:
    old = pickle.dumps([Scaled(2.0), Cube()])
    newest = Scaled(3.0)
    del PRIMITIVES["cube"]
    assert [primitive(2.0) for primitive in pickle.loads(old)] == [4.0, 8.0]
    assert PRIMITIVES["scaled"] is newest
    assert "cube" not in PRIMITIVES


@pytest.mark.usefixtures("table")
def test_a_primitive_unpickled_where_another_has_its_name_is_still_itself() -> None:
    old = pickle.dumps(Cube()(Value(2.0)))
    del PRIMITIVES["cube"]
    type("Other", (Unary,), {"name": "cube", "samples": (1.0,), "forward": lambda self, x: 0.0})()
    assert pickle.loads(old).op(3.0) == 27.0


# ---------------------------------------------------------------- rules that give what is no number


def faulty(partial: object) -> Value:
    """x + y by a primitive whose partials are something else."""

    class Faulty(Binary):
        name = "faulty"
        samples = ((1.0, 2.0),)

        def forward(self, x: float, y: float) -> float:
            return x + y

        def partial_x(self, x: Any, y: Any, out: Any) -> Any:
            return partial

        def partial_y(self, x: Any, y: Any, out: Any) -> Any:
            return 1.0

    y = Faulty()(Value(1.0), Value(2.0))
    assert isinstance(y, Value)
    return y


NO_NUMBERS = {
    "str": "1",
    "None": None,
    "complex": 1j,
    "list": [1.0],
    "array": np.array([1.0]),
    "Value": Value(1.0),
}

WAYS: dict[str, Callable[[Value], object]] = {
    "backward": lambda y: y.backward(),
    "gradients": lambda y: gradients(y, y.parents),
    "trace": autograd.trace,
    "grad": lambda y: autograd.grad(y.op)(1.0, 2.0),  # type: ignore[call-overload]
    "jacobian": lambda y: autograd.jacobian(y.op)(1.0, 2.0),  # type: ignore[call-overload]
    "compile, numpy": lambda y: autograd.compile(y.op, runtime="numpy").value_and_grad(1.0, 2.0),  # type: ignore[call-overload]
    "compile, python": lambda y: autograd.compile(y.op, runtime="python").value_and_grad(1.0, 2.0),  # type: ignore[call-overload]
    "compile, a Value": lambda y: autograd.compile(y.op)(Value(1.0), 2.0).backward(),  # type: ignore[call-overload]
    "draw": lambda y: autograd.draw(y, show_partials=True),
    "explore": autograd.explore,
}


@pytest.mark.filterwarnings("ignore::autograd.NotTranslatedWarning")
@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("partial", NO_NUMBERS)
def test_a_partial_that_is_no_number_is_refused_by_its_name(partial: str, way: str) -> None:
    with pytest.raises(TypeError, match=r"^partial_x of the primitive 'faulty' must return a float: "):
        WAYS[way](faulty(NO_NUMBERS[partial]))


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("partial", ["str", "None", "complex", "list", "array"])
def test_a_partial_of_values_that_is_no_number_is_refused_by_its_name(partial: str) -> None:
    y = faulty(NO_NUMBERS[partial])
    with pytest.raises(TypeError, match=r"^partial_x of the primitive 'faulty' must return a float: "):
        gradients(y, y.parents, create_graph=True)


@pytest.mark.filterwarnings("ignore::autograd.NotTranslatedWarning")
@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("call", ["plain", "numpy", "python"])
def test_a_value_that_is_no_number_is_refused_for_plain_numbers_too(call: str) -> None:
    rules = {"forward": lambda self, x: "1.0"}
    op = type("Text", (Unary,), {"name": "text", "samples": (1.0,), **rules})()
    function: Any = op if call == "plain" else autograd.compile(lambda x: op(x), runtime=call)
    with pytest.raises(TypeError, match=r"^forward of the primitive 'text' must return a float: .* not the str '1\.0'"):
        function(1.0)


# ---------------------------------------------------------------- calls with another number of operands


@pytest.mark.parametrize("primitive", BUILT_IN, ids=name_of)
def test_another_number_of_operands_is_refused_by_the_name_of_the_op(primitive: Any) -> None:
    count = len(primitive.operands)
    call = rf"{primitive.name} takes {count} operands?, as in {primitive.name}\({', '.join(primitive.operands)}\), not "
    has_default = primitive.name in ("leaky_relu", "elu")
    for wrong in {0, 1, 2, 3, 4} - {count, count - has_default}:
        for operand in (0.5, Value(0.5)):
            with pytest.raises(TypeError, match=f"^{call}{wrong} operands?(;.*)?$"):
                primitive(*[operand] * wrong)


@pytest.mark.parametrize(
    ("call", "advice"),
    [
        (
            lambda log: log(2.0, 10.0),
            r"not 2 operands; for another base write log\(x\) / log\(base\), log2\(x\) or log10",
        ),
        (lambda log: log(2.0, base=10.0), r"not the keyword 'base'; for another base write log\(x\) / log\(base\)"),
        (lambda log: log(2.0, 1.0, base=10.0), "not 2 operands and the keyword 'base'"),
    ],
)
def test_a_logarithm_to_another_base_is_refused_with_what_to_write(call: Any, advice: str) -> None:
    with pytest.raises(TypeError, match=advice):
        call(autograd.log)


@pytest.mark.parametrize("name", ["maximum", "minimum"])
def test_the_largest_of_three_is_refused_with_what_to_write(name: str) -> None:
    with pytest.raises(TypeError, match=rf"not 3 operands; for three numbers write {name}\({name}\(x, y\), z\)"):
        getattr(autograd, name)(1.0, Value(2.0), 3.0)


def test_operands_may_be_named() -> None:
    assert (autograd.log(x=1.0), autograd.atan2(y=1.0, x=0.0)) == (0.0, 0.0)
