"""Values among the numbers of other libraries: NumPy, PyTorch, fractions, decimals."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

import autograd
from autograd import Value

np = pytest.importorskip("numpy")

SCALARS = ["float64", "float32", "float16", "longdouble", "int64", "int8", "uint8", "bool_"]
OTHER = [Fraction(1, 4), Decimal("0.25")]
OPERATIONS: list[tuple[str, Callable[[Any, Any], Any]]] = [
    ("+", lambda x, y: x + y),
    ("-", lambda x, y: x - y),
    ("*", lambda x, y: x * y),
    ("/", lambda x, y: x / y),
    ("**", lambda x, y: x**y),
]
COMPARISONS: list[tuple[str, Callable[[Any, Any], Any]]] = [
    ("<", lambda x, y: x < y),
    ("<=", lambda x, y: x <= y),
    (">", lambda x, y: x > y),
    (">=", lambda x, y: x >= y),
    ("==", lambda x, y: x == y),
    ("!=", lambda x, y: x != y),
]


def each(cases: list[tuple[str, Callable[[Any, Any], Any]]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("operation", [case[1] for case in cases], ids=[case[0] for case in cases])


# ---------------------------------------------------------------- what a Value is made of


@pytest.mark.parametrize("kind", SCALARS)
def test_a_value_takes_a_numpy_scalar(kind: str) -> None:
    assert Value(getattr(np, kind)(1)).data == 1.0


@pytest.mark.parametrize("kind", SCALARS)
def test_the_data_of_a_value_made_of_a_numpy_scalar_is_a_python_float(kind: str) -> None:
    assert type(Value(getattr(np, kind)(1)).data) is float


@pytest.mark.parametrize("number", OTHER)
def test_a_value_takes_a_fraction_and_a_decimal(number: Any) -> None:
    assert Value(number).data == 0.25


@pytest.mark.parametrize("shape", [(), (1,), (2, 2)])
def test_an_array_is_refused_with_advice_whatever_its_shape(shape: tuple[int, ...]) -> None:
    with pytest.raises(TypeError, match=r"not an array; make one Value for each of its numbers.*\.item\(\)"):
        Value(np.zeros(shape))


def test_a_complex_numpy_scalar_is_refused() -> None:
    with pytest.raises(TypeError, match="complex"):
        Value(np.complex128(1.0))


def test_a_tensor_is_refused_with_advice() -> None:
    torch = pytest.importorskip("torch")
    with pytest.raises(TypeError, match=r"not a Tensor; .*\.item\(\)"):
        Value(torch.tensor(1.0))


# ---------------------------------------------------------------- arithmetic with scalars


@each(OPERATIONS)
@pytest.mark.parametrize("kind", SCALARS)
def test_a_numpy_scalar_on_the_right_is_a_constant(operation: Callable[[Any, Any], Any], kind: str) -> None:
    result = operation(Value(3.0), getattr(np, kind)(1))
    assert (type(result), result.data, result.parents[1].requires_grad) == (Value, operation(3.0, 1.0), False)


@each(OPERATIONS)
@pytest.mark.parametrize("kind", SCALARS)
def test_a_numpy_scalar_on_the_left_is_a_constant(operation: Callable[[Any, Any], Any], kind: str) -> None:
    result = operation(getattr(np, kind)(1), Value(3.0))
    assert (type(result), result.data, result.parents[0].requires_grad) == (Value, operation(1.0, 3.0), False)


@each(OPERATIONS)
@pytest.mark.parametrize("number", OTHER)
def test_a_fraction_or_a_decimal_on_the_right_is_a_constant(operation: Callable[[Any, Any], Any], number: Any) -> None:
    assert operation(Value(3.0), number).data == operation(3.0, 0.25)


@each(OPERATIONS)
@pytest.mark.parametrize("number", OTHER)
def test_a_fraction_or_a_decimal_on_the_left_is_a_constant(operation: Callable[[Any, Any], Any], number: Any) -> None:
    assert operation(number, Value(3.0)).data == operation(0.25, 3.0)


def test_a_gradient_flows_through_arithmetic_with_numpy_scalars() -> None:
    x = Value(3.0)
    (np.float64(2.0) * x / np.float32(4.0)).backward()
    assert x.grad == 0.5


# ---------------------------------------------------------------- comparing with scalars


@each(COMPARISONS)
@pytest.mark.parametrize("kind", SCALARS)
def test_a_value_compares_with_a_numpy_scalar_as_a_python_bool(operation: Callable[[Any, Any], Any], kind: str) -> None:
    assert operation(Value(2.0), getattr(np, kind)(1)) is operation(2.0, 1.0)


@each(COMPARISONS)
@pytest.mark.parametrize("kind", SCALARS)
def test_a_numpy_scalar_compares_with_a_value(operation: Callable[[Any, Any], Any], kind: str) -> None:
    assert bool(operation(getattr(np, kind)(1), Value(2.0))) is operation(1.0, 2.0)


@each(COMPARISONS)
@pytest.mark.parametrize("number", OTHER)
def test_a_value_compares_with_a_fraction_and_a_decimal(operation: Callable[[Any, Any], Any], number: Any) -> None:
    assert operation(Value(0.25), number) is operation(0.25, 0.25)


@each(COMPARISONS)
@pytest.mark.parametrize("number", OTHER)
def test_a_fraction_and_a_decimal_compare_with_a_value(operation: Callable[[Any, Any], Any], number: Any) -> None:
    assert operation(number, Value(0.25)) is operation(0.25, 0.25)


def test_pytest_approx_compares_a_value_with_a_numpy_scalar() -> None:
    assert Value(0.1) + 0.2 == pytest.approx(np.float64(0.3))


# ---------------------------------------------------------------- functions and arrays of NumPy


FUNCTIONS = ["exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_of_numpy_is_the_primitive_of_its_name(name: str) -> None:
    assert getattr(np, name)(Value(0.5)).op is getattr(autograd, name)


@pytest.mark.parametrize(("name", "primitive"), [("absolute", autograd.abs), ("negative", autograd.negate)])
def test_the_operators_of_numpy_are_primitives(name: str, primitive: object) -> None:
    assert getattr(np, name)(Value(0.5)).op is primitive


def test_a_gradient_flows_through_a_function_of_numpy() -> None:
    x = Value(0.0)
    np.exp(x * 3.0).backward()
    assert x.grad == 3.0


@each(OPERATIONS)
def test_a_value_and_an_array_make_an_array_of_values(operation: Callable[[Any, Any], Any]) -> None:
    results = operation(Value(3.0), np.array([1.0, 2.0]))
    assert [value.data for value in results] == [operation(3.0, 1.0), operation(3.0, 2.0)]


@each(OPERATIONS)
def test_an_array_and_a_value_make_an_array_of_values(operation: Callable[[Any, Any], Any]) -> None:
    results = operation(np.array([1.0, 2.0]), Value(3.0))
    assert [value.data for value in results] == [operation(1.0, 3.0), operation(2.0, 3.0)]


@each(COMPARISONS)
def test_a_value_and_an_array_compare_element_by_element(operation: Callable[[Any, Any], Any]) -> None:
    compared = operation(Value(2.0), np.array([1.0, 2.0, 3.0]))
    assert [bool(answer) for answer in compared] == [operation(2.0, number) for number in (1.0, 2.0, 3.0)]


def test_an_array_of_values_is_an_array_of_objects() -> None:
    assert np.array([Value(1.0), Value(2.0)]).dtype == object


def test_an_array_of_floats_does_not_swallow_a_gradient() -> None:
    with pytest.raises(TypeError, match=r"v\.data"):
        np.array([Value(1.0)], dtype=float)


def test_a_function_of_numpy_takes_an_array_of_values() -> None:
    xs = [Value(0.0), Value(1.0)]
    assert [value.op for value in np.exp(np.array(xs))] == [autograd.exp, autograd.exp]


def test_the_sum_of_an_array_of_values_is_a_value() -> None:
    x = Value(2.0)
    np.array([x, x * x]).sum().backward()
    assert x.grad == 5.0


def test_a_matrix_of_numbers_times_a_vector_of_values() -> None:
    x, y = Value(3.0), Value(4.0)
    (_, second) = np.array([[1.0, 2.0], [5.0, 6.0]]) @ np.array([x, y])
    second.backward()
    assert (second.data, x.grad, y.grad) == (39.0, 5.0, 6.0)


@pytest.mark.parametrize("name", ["arctan", "arcsin", "rad2deg"])
def test_a_function_of_numpy_without_a_method_is_an_error_and_not_a_lost_gradient(name: str) -> None:
    with pytest.raises(TypeError, match=name):
        getattr(np, name)(Value(0.5))


def test_the_package_function_sum_takes_an_array() -> None:
    assert autograd.sum(np.array([1.0, 2.0, 3.0])) == 6.0


def test_a_table_is_told_to_be_made_an_array() -> None:
    with pytest.raises(TypeError, match=r"not a Table; its numbers as an array are \.to_numpy\(\)"):
        Value(Table())  # type: ignore[arg-type]


class Table:
    """Like one of pandas."""

    def to_numpy(self) -> list[float]:
        return [1.0]

    def __len__(self) -> int:
        return 1
