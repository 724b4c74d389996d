"""What type checkers are told is what happens: mypy and pyright read this file (`make types`), and the tests run it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, assert_type

import pytest

from autograd import Number, Value, compile, grad, hessian, jacobian, norm, sin, tanh, value_and_grad


def cube(x: Number) -> Number:
    return x * x * x


def product(x: Number, y: Number) -> Number:
    return x * y


def area(sides: Sequence[Number]) -> Number:
    return sides[0] * sides[1]


def square(x: Value) -> Value:
    return x * x


def test_a_gradient_at_a_number_is_a_float() -> None:
    assert type(assert_type(grad(lambda x: x**3)(2.0), float)) is float
    assert type(assert_type(grad(cube)(2), float)) is float
    assert type(assert_type(grad(grad(sin))(2.0), float)) is float
    assert type(assert_type(grad(product, argnum=1)(2.0, 3.0), float)) is float


def test_a_gradient_inside_another_is_a_value() -> None:
    def slope(x: Value) -> Value:
        return assert_type(grad(square)(x), Value)

    assert assert_type(grad(slope)(3.0), float) == 2.0
    assert type(assert_type(grad(cube)(Value(2.0)), Value)) is Value


def test_a_gradient_has_the_structure_of_its_argument() -> None:
    assert assert_type(grad(area)([2.0, 3.0]), list[float]) == [3.0, 2.0]
    assert type(assert_type(grad(area)([Value(2.0), Value(3.0)]), list[Value])[0]) is Value
    assert assert_type(grad(product, argnum=(0, 1))(2.0, 3.0), tuple[Any, ...]) == (3.0, 2.0)
    assert assert_type(jacobian(product, argnum=(0, 1))(2.0, 3.0), tuple[Any, ...]) == (3.0, 2.0)
    blocks = hessian(product, argnum=(0, 1))(2.0, 3.0)
    assert assert_type(blocks, tuple[tuple[Any, ...], ...]) == ((0.0, 1.0), (1.0, 0.0))


def test_what_is_unknown_stays_unknown() -> None:
    at: Any = [3.0, 4.0]
    assert assert_type(grad(area)(at), Any) == [4.0, 3.0]
    assert grad(lambda x: norm(grad(lambda y: y[0] ** 2 + y[1] ** 2)(x)))(at) == pytest.approx([1.2, 1.6])
    assert grad(lambda x: grad(area)(x)[0])(at) == [0.0, 1.0]


def test_the_value_comes_with_the_gradient() -> None:
    assert assert_type(value_and_grad(cube)(2.0), tuple[float, float]) == (8.0, 12.0)
    assert assert_type(value_and_grad(area)([2.0, 3.0]), tuple[float, list[float]]) == (6.0, [3.0, 2.0])
    assert type(assert_type(value_and_grad(cube)(Value(2.0)), tuple[Value, Value])[1]) is Value


def test_a_second_derivative_is_a_float_or_rows_of_them() -> None:
    assert type(assert_type(hessian(cube)(2.0), float)) is float
    assert type(assert_type(hessian(cube)(Value(2.0)), Value)) is Value
    assert assert_type(hessian(area)([2.0, 3.0]), list[list[float]]) == [[0.0, 1.0], [1.0, 0.0]]


def test_a_primitive_gives_what_it_is_given() -> None:
    x: Number = Value(1.0)
    assert type(assert_type(tanh(1.0), float)) is float
    assert type(assert_type(tanh(Value(1.0)), Value)) is Value
    assert isinstance(product(tanh(x), abs(Value(2.0))), Value)


def test_a_call_of_a_compiled_function_is_checked() -> None:
    compiled = compile(product)
    assert assert_type(compiled(2.0, 3.0), Number) == 6.0
    assert assert_type(compiled.value_and_grad(2.0, 3.0), tuple[float, tuple[Any, ...]])[0] == 6.0
    with pytest.raises(TypeError):
        compiled(2.0)  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]
    with pytest.raises(TypeError):
        compile(cube)("two")  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    with pytest.raises(TypeError):
        compile(area)(2.0, 3.0)  # type: ignore[call-arg, arg-type] # pyright: ignore[reportCallIssue]


def test_a_compiled_function_of_values_takes_numbers_too() -> None:
    assert assert_type(compile(square)(Value(3.0)), Value).data == 9.0
    assert assert_type(compile(square)(3.0), Any) == 9.0
    assert compile(area)([2.0, 3.0]) == 6.0


def test_a_compiled_batch_is_not_that_of_the_function() -> None:
    assert assert_type(compile(area, batched="sides")([[2.0, 3.0], [4.0, 5.0]]), Any) == 13.0
