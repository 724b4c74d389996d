"""Errors: those of Python's floats, in words that name the operation, its numbers and their labels."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import pytest

import autograd
from autograd import ChangedLeafError, GradcheckError, GraphTooLargeError, RenderError, Value
from autograd.engine import errors

# ---------------------------------------------------------------- outside of the domain


OUTSIDE: list[tuple[str, float, str]] = [
    ("log", -1.0, r"log\(x\) is not defined at x = -1\.0"),
    ("log", 0.0, r"log\(x\) is not defined at x = 0\.0"),
    ("log1p", -1.0, r"log1p\(x\) is not defined at x = -1\.0"),
    ("log2", 0.0, r"log2\(x\) is not defined at x = 0\.0"),
    ("log10", -3.0, r"log10\(x\) is not defined at x = -3\.0"),
    ("sqrt", -4.0, r"sqrt\(x\) is not defined at x = -4\.0"),
    ("asin", 1.5, r"asin\(x\) is not defined at x = 1\.5"),
    ("acos", -1.5, r"acos\(x\) is not defined at x = -1\.5"),
    ("acosh", 0.5, r"acosh\(x\) is not defined at x = 0\.5"),
    ("atanh", 1.0, r"atanh\(x\) is not defined at x = 1\.0"),
    ("sin", math.inf, r"sin\(x\) is not defined at x = inf"),
]


@pytest.mark.parametrize(("name", "x", "words"), OUTSIDE)
def test_outside_of_its_domain_an_operation_is_a_value_error_that_names_it(name: str, x: float, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        getattr(autograd, name)(Value(x))


@pytest.mark.parametrize(("name", "x", "words"), OUTSIDE)
def test_a_plain_number_outside_of_the_domain_gets_the_same_words(name: str, x: float, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        getattr(autograd, name)(x)


@pytest.mark.parametrize(("name", "x", "words"), OUTSIDE)
def test_the_error_names_the_label(name: str, x: float, words: str) -> None:
    with pytest.raises(ValueError, match=words + r" \(labelled 'price'\)"):
        getattr(autograd, name)(Value(x, label="price"))


@pytest.mark.parametrize(
    "divide", [lambda x: 1.0 / x, lambda x: Value(1.0) / x, lambda x: Value(1.0) / x.data, lambda x: 1 / x]
)
def test_division_by_zero_is_a_zero_division_error(divide: Callable[[Value], Value]) -> None:
    with pytest.raises(ZeroDivisionError, match=r"x / y divides by zero at x = 1\.0, y = 0\.0"):
        divide(Value(0.0))


def test_division_of_plain_numbers_by_zero_gets_the_same_words() -> None:
    with pytest.raises(ZeroDivisionError, match=r"x / y divides by zero at x = 1\.0, y = 0\.0"):
        autograd.divide(1.0, 0.0)


def test_a_negative_power_of_zero_is_a_zero_division_error() -> None:
    with pytest.raises(ZeroDivisionError, match=r"x\*\*y divides by zero at x = 0\.0, y = -1\.0"):
        Value(0.0) ** -1


def test_an_error_names_the_labels_of_both_operands() -> None:
    with pytest.raises(ZeroDivisionError, match=r"x = 3\.0 \(labelled 'sum'\), y = 0\.0 \(labelled 'count'\)"):
        Value(3.0, label="sum") / Value(0.0, label="count")


def test_an_error_names_the_label_of_the_one_operand_that_has_one() -> None:
    with pytest.raises(ZeroDivisionError, match=r"x = 3\.0, y = 0\.0 \(labelled 'count'\)"):
        3.0 / Value(0.0, label="count")


@pytest.mark.parametrize(
    ("compute", "words"),
    [
        (lambda: Value(1000.0, label="logit").exp(), r"exp\(x\) is too large for a float at x = 1000\.0 \(.*'logit'\)"),
        (lambda: Value(1000.0).expm1(), r"expm1\(x\) is too large for a float at x = 1000\.0"),
        (lambda: Value(-1000.0).sinh(), r"sinh\(x\) is too large for a float at x = -1000\.0"),
        (lambda: Value(1000.0).cosh(), r"cosh\(x\) is too large for a float at x = 1000\.0"),
        (lambda: Value(10.0) ** 400, r"x\*\*y is too large for a float at x = 10\.0, y = 400\.0"),
        (lambda: autograd.exp(1000.0), r"exp\(x\) is too large for a float at x = 1000\.0"),
    ],
)
def test_too_large_a_result_is_an_overflow_error_where_floats_raise_one(
    compute: Callable[[], object], words: str
) -> None:
    with pytest.raises(OverflowError, match=words):
        compute()


def test_an_error_keeps_the_words_and_the_exception_of_python() -> None:
    with pytest.raises(ZeroDivisionError, match=r"division by zero \(if this is a branch of where") as caught:
        1.0 / Value(0.0)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_an_undefined_branch_of_where_is_told_to_be_an_if() -> None:
    x = Value(-1.0)
    hint = "(if this is a branch of where that is not taken, write `a if x > 0 else b` instead)"
    with pytest.raises(ValueError, match=f"{re.escape(hint)}$"):
        autograd.where(x > 0.0, autograd.sqrt(x), 0.0)


def test_an_error_under_no_grad_names_the_labels_too() -> None:
    with autograd.no_grad(), pytest.raises(ValueError, match="'price'"):
        Value(-1.0, label="price").log()


# ---------------------------------------------------------------- where floats go quiet


@pytest.mark.parametrize(
    ("compute", "number"),
    [
        (lambda: Value(1e200) * 1e200, math.inf),
        (lambda: Value(1e308) + 1e308, math.inf),
        (lambda: Value(-1e308) - 1e308, -math.inf),
        (lambda: Value(1e300) / 1e-300, math.inf),
        (lambda: Value(math.inf) - math.inf, math.nan),
        (lambda: Value(math.inf) * 0.0, math.nan),
        (lambda: Value(1e-200) * 1e-200, 0.0),
    ],
)
def test_where_floats_go_quiet_so_does_the_operation(compute: Callable[[], Value], number: float) -> None:
    assert repr(compute().data) == repr(number)


def test_backward_from_an_infinite_root_names_the_operation() -> None:
    root = Value(1e200, label="mass") * Value(1e200, label="speed")
    with pytest.raises(
        FloatingPointError, match=r"it began with x \* y = inf at x = 1e\+200 .*'mass'.*, y = 1e\+200 .*'speed'"
    ):
        root.backward()


def test_backward_from_a_nan_root_names_the_first_operation_that_was_not_finite() -> None:
    x = Value(1e200)
    square = x * x
    square.label = "square"
    root = (square - square) * 2.0 + x
    with pytest.raises(FloatingPointError, match=r"x \* y = inf \(labelled 'square'\) at x = 1e\+200, y = 1e\+200$"):
        root.backward()


def test_the_first_operation_is_named_even_where_the_last_operand_is_the_culprit() -> None:
    x = Value(1e200)
    root = (x + 1.0) * (x * x).sigmoid() + (x * x) / x
    with pytest.raises(FloatingPointError, match=r"x \* y = inf"):
        root.backward()


def test_of_two_operations_that_overflow_the_first_is_named() -> None:
    first = Value(1e200) * 1e200
    large = first.atan() * 1e308
    root = large + large
    with pytest.raises(FloatingPointError, match=r"x \* y = inf at x = 1e\+200, y = 1e\+200$"):
        root.backward()


def test_backward_from_a_root_that_is_not_finite_leaves_all_gradients() -> None:
    x = Value(1e200)
    x.grad = 5.0
    with pytest.raises(FloatingPointError):
        (x * x).backward()
    assert x.grad == 5.0


def test_the_user_is_told_of_an_operation_even_where_a_nan_was_put_in_elsewhere() -> None:
    with pytest.raises(FloatingPointError, match=r"x \* y = inf"):
        (Value(math.nan) + Value(1e200) * 1e200).backward()


@pytest.mark.parametrize("number", [math.inf, -math.inf])
def test_an_infinity_of_the_users_flows_through_backward(number: float) -> None:
    x, y = Value(number), Value(2.0)
    (x * y).backward()
    assert (x.grad, y.grad) == (2.0, number)


def test_a_nan_of_the_users_flows_through_backward() -> None:
    x, y = Value(math.nan), Value(2.0)
    (x * y).backward()
    assert x.grad == 2.0
    assert math.isnan(y.grad)


def test_a_nan_made_of_infinities_of_the_users_flows_through_backward() -> None:
    x = Value(math.inf)
    (x - math.inf).backward()
    assert x.grad == 1.0


def test_a_nan_that_the_user_passes_to_backward_flows_through() -> None:
    x = Value(2.0)
    (x * 3.0).backward(math.nan)
    assert math.isnan(x.grad)


def test_an_infinity_in_a_plain_number_flows_through_backward() -> None:
    x = Value(2.0)
    (x * math.inf).backward()
    assert x.grad == math.inf


def test_backward_from_an_infinite_leaf_is_the_users_business() -> None:
    x = Value(math.inf)
    x.backward()
    assert x.grad == 1.0


def test_an_intermediate_that_overflows_is_no_error_where_root_and_gradients_are_finite() -> None:
    x = Value(1e200)
    (x * x).atan().backward()
    assert x.grad == 0.0


# ---------------------------------------------------------------- derivatives that do not exist


def test_the_square_root_of_zero_has_a_value() -> None:
    assert Value(0.0).sqrt().data == 0.0


@pytest.mark.parametrize(
    ("build", "x", "words"),
    [
        (lambda x: x.sqrt(), 0.0, r"the derivative of sqrt\(x\) = 0\.0 at x = 0\.0 \(labelled 'x'\) is not a finite"),
        (lambda x: x.asin(), 1.0, r"the derivative of asin\(x\) = 1\.57\d* at x = 1\.0 \(labelled 'x'\)"),
        (lambda x: x.acos(), -1.0, r"the derivative of acos\(x\) = 3\.14\d* at x = -1\.0 \(labelled 'x'\)"),
        (lambda x: x.acosh(), 1.0, r"the derivative of acosh\(x\) = 0\.0 at x = 1\.0 \(labelled 'x'\)"),
        (lambda x: x**0.5, 0.0, r"the derivative of x\*\*y = 0\.0 at x = 0\.0 \(labelled 'x'\), y = 0\.5"),
        (lambda x: autograd.atan2(x, 0.0), 0.0, r"the derivative of atan2\(x, y\) = 0\.0 at x = 0\.0"),
    ],
)
def test_a_derivative_that_does_not_exist_raises_at_backward_and_is_named(
    build: Callable[[Value], Value], x: float, words: str
) -> None:
    root = build(Value(x, label="x")) * 2.0
    with pytest.raises(FloatingPointError, match=words):
        root.backward()


def test_a_derivative_that_does_not_exist_leaves_the_gradients_of_all_leaves() -> None:
    x, y = Value(0.0), Value(3.0)
    x.grad, y.grad = 5.0, 7.0
    with pytest.raises(FloatingPointError):
        (x.sqrt() * y + y).backward()
    assert (x.grad, y.grad) == (5.0, 7.0)


def test_a_derivative_that_does_not_exist_is_not_computed_for_a_constant() -> None:
    x, zero = Value(3.0), Value(0.0, requires_grad=False)
    (x + zero.sqrt()).backward()
    assert x.grad == 1.0


def test_a_gradient_that_overflows_names_the_operation_and_what_flows_in() -> None:
    x = Value(1e-200, label="tiny")
    root = 1e-300 / x * 1e300
    with pytest.raises(
        FloatingPointError,
        match=r"the gradient stops being finite at x / y = 1e-100 at x = 1e-300, y = 1e-200 \(labelled 'tiny'\): its "
        r"derivative with respect to y is -1\.?0*\d*e\+100, and 1e\+300 flows into it",
    ):
        root.backward()


def test_a_gradient_that_overflows_leaves_the_gradients_of_all_leaves() -> None:
    x, y = Value(1e-200), Value(2.0)
    x.grad, y.grad = 5.0, 7.0
    with pytest.raises(FloatingPointError):
        (1e-300 / x * 1e300 + y).backward()
    assert (x.grad, y.grad) == (5.0, 7.0)


def test_contributions_that_add_up_to_an_overflow_name_the_leaf() -> None:
    x = Value(0.0, label="weight")
    with pytest.raises(FloatingPointError, match=r"gradient of Value\(.*label='weight'\) add up to inf"):
        (x * 1e308 + x * 1e308).backward()


def test_finite_gradients_whose_sum_over_the_leaves_overflows_are_no_error() -> None:
    x, y = Value(0.0), Value(0.0)
    (x * 1e308 + y * 1e308).backward()
    assert (x.grad, y.grad) == (1e308, 1e308)


def test_a_gradient_that_underflows_is_zero() -> None:
    x = Value(1.0)
    (x * 1e-200 * 1e-200).backward()
    assert x.grad == 0.0


# ---------------------------------------------------------------- the classes


@pytest.mark.parametrize(
    ("error", "base"),
    [
        (GradcheckError, AssertionError),
        (ChangedLeafError, RuntimeError),
        (GraphTooLargeError, ValueError),
        (RenderError, RuntimeError),
    ],
)
def test_an_error_of_the_library_is_also_one_of_pythons(error: type[Exception], base: type[Exception]) -> None:
    assert issubclass(error, base)


def test_the_words_for_inputs_name_only_the_labels_there_are() -> None:
    assert errors.at(("x", "y"), (1.0, 0.0), (None, "price")) == "x = 1.0, y = 0.0 (labelled 'price')"
