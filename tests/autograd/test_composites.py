"""Functions of lists of Values: their numbers, their gradients, and their range."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import pytest

import autograd
from autograd import Value, gradients


def values(*numbers: float) -> list[Value]:
    return [Value(number) for number in numbers]


def constants(*numbers: float) -> list[Value]:
    return [Value(number, requires_grad=False) for number in numbers]


# ---------------------------------------------------------------- sum and mean


def test_sum_adds() -> None:
    assert autograd.sum(values(1.0, 2.0, 3.5)).data == 6.5


def test_sum_adds_from_left_to_right() -> None:
    # From the right it would be 0.0, and with compensation 2.0.
    assert autograd.sum(values(1.0, 1e100, 1.0, -1e100)).data == 0.0
    assert autograd.sum(values(1e100, -1e100, 1.0, 1.0)).data == 2.0


def test_each_summand_has_gradient_one() -> None:
    xs = values(1.0, 2.0, 3.5)
    assert gradients(autograd.sum(xs), xs) == [1.0, 1.0, 1.0]


def test_sum_takes_plain_numbers_as_constants() -> None:
    x = Value(1.0)
    assert (autograd.sum([x, 2, 0.5]).data, gradients(autograd.sum([x, 2, 0.5]), [x])) == (3.5, [1.0])


def test_sum_takes_a_generator() -> None:
    assert autograd.sum(x * 2.0 for x in values(1.0, 2.0)).data == 6.0


def test_the_sum_of_nothing_is_a_constant_zero() -> None:
    nothing = autograd.sum([])
    assert (nothing.data, nothing.requires_grad) == (0.0, False)


def test_the_sum_of_plain_numbers_is_a_constant() -> None:
    assert autograd.sum([1.0, 2.0]).requires_grad is False


def test_mean_divides_by_the_count() -> None:
    assert autograd.mean(values(1.0, 2.0, 6.0)).data == 3.0


def test_each_number_has_its_share_in_the_mean() -> None:
    xs = values(1.0, 2.0, 3.0, 6.0)
    assert gradients(autograd.mean(xs), xs) == [0.25] * 4


# ---------------------------------------------------------------- dot


def test_dot_sums_the_products() -> None:
    assert autograd.dot(values(1.0, 2.0, 3.0), values(4.0, 5.0, 6.0)).data == 32.0


def test_the_gradient_of_dot_is_the_other_list() -> None:
    xs, ys = values(1.0, 2.0), values(4.0, 5.0)
    assert gradients(autograd.dot(xs, ys), xs + ys) == [4.0, 5.0, 1.0, 2.0]


def test_dot_takes_a_list_of_plain_numbers_on_either_side() -> None:
    xs = values(1.0, 2.0)
    assert [autograd.dot(xs, [3, 4.0]).data, autograd.dot([3, 4.0], xs).data] == [11.0, 11.0]


def test_dot_takes_generators() -> None:
    assert autograd.dot((x for x in values(1.0, 2.0)), (float(n) for n in range(2))).data == 2.0


def test_the_dot_of_nothing_is_zero() -> None:
    assert autograd.dot([], []).data == 0.0


def test_dot_of_lists_of_different_lengths_is_refused_with_both_lengths() -> None:
    with pytest.raises(ValueError, match="one length, not of 2 and 3"):
        autograd.dot(values(1.0, 2.0), values(1.0, 2.0, 3.0))


# ---------------------------------------------------------------- logsumexp and softmax


def test_logsumexp_is_what_its_name_says() -> None:
    direct = math.log(math.exp(1.0) + math.exp(2.0) + math.exp(-0.5))
    assert autograd.logsumexp(values(1.0, 2.0, -0.5)).data == pytest.approx(direct, rel=1e-15)


@pytest.mark.parametrize("size", [1e3, -1e3, 1e308, -1e308])
def test_logsumexp_stays_finite_for_large_numbers(size: float) -> None:
    assert autograd.logsumexp(values(size, size)).data == pytest.approx(size + math.log(2.0), rel=1e-15)


def test_logsumexp_of_one_number_is_the_number() -> None:
    assert autograd.logsumexp(values(3.25)).data == 3.25


def test_the_gradient_of_logsumexp_is_the_softmax() -> None:
    xs = values(1.0, 2.0, -0.5)
    shares = [share.data for share in autograd.softmax(xs)]
    assert gradients(autograd.logsumexp(xs), xs) == pytest.approx(shares, rel=1e-15)


def test_the_second_derivatives_of_logsumexp_are_those_of_the_softmax() -> None:
    xs = values(1.0, 2.0)
    (slope, _) = gradients(autograd.logsumexp(xs), xs, create_graph=True)
    p = 1.0 / (1.0 + math.exp(1.0))
    assert gradients(slope, xs) == pytest.approx([p * (1 - p), -p * (1 - p)], rel=1e-14)


@pytest.mark.parametrize("numbers", [(1e308, -1e308), (1000.0, -1000.0), (-1e308, 1e308)])
def test_the_gradient_of_logsumexp_is_finite_however_far_apart_the_numbers_are(numbers: Sequence[float]) -> None:
    xs = values(*numbers)
    autograd.logsumexp(xs).backward()
    assert [x.grad for x in xs] == [float(number == max(numbers)) for number in numbers]


@pytest.mark.parametrize("numbers", [(1e308, -1e308), (1000.0, -1000.0), (-1e308, 1e308)])
def test_gradients_of_logsumexp_are_finite_however_far_apart_the_numbers_are(numbers: Sequence[float]) -> None:
    xs = values(*numbers)
    assert gradients(autograd.logsumexp(xs), xs) == [float(number == max(numbers)) for number in numbers]


def test_softmax_is_the_share_of_each_exponential() -> None:
    total = math.exp(1.0) + math.exp(2.0)
    shares = [share.data for share in autograd.softmax(values(1.0, 2.0))]
    assert shares == pytest.approx([math.exp(1.0) / total, math.exp(2.0) / total], rel=1e-15)


@pytest.mark.parametrize("numbers", [(0.0, 1000.0, 1000.0), (-1e4, 0.0, 0.0), (-1e308, 1e308, 1e308)])
def test_softmax_does_not_overflow(numbers: Sequence[float]) -> None:
    assert [share.data for share in autograd.softmax(values(*numbers))] == [0.0, 0.5, 0.5]


def test_the_gradient_of_softmax() -> None:
    # d p_i / d x_j = p_i (1 if i == j else 0) - p_i p_j
    xs = values(0.5, -0.25, 1.0)
    shares = autograd.softmax(xs)
    p = [share.data for share in shares]
    jacobian = [gradients(share, xs) for share in shares]
    expected = [[p[i] * ((i == j) - p[j]) for j in range(3)] for i in range(3)]
    assert [slope for row in jacobian for slope in row] == pytest.approx([slope for row in expected for slope in row])


def test_softmax_takes_plain_numbers() -> None:
    assert [share.data for share in autograd.softmax([Value(2.0), 2.0])] == [0.5, 0.5]


# ---------------------------------------------------------------- norm


def test_norm_is_the_euclidean_length() -> None:
    assert autograd.norm(values(3.0, -4.0)).data == 5.0


def test_the_gradient_of_norm_is_the_unit_vector() -> None:
    xs = values(3.0, -4.0)
    assert gradients(autograd.norm(xs), xs) == pytest.approx([0.6, -0.8], rel=1e-15)


@pytest.mark.parametrize("scale", [1e300, 1e200, 1e160, 1e140, 1e-140, 1e-160, 1e-200, 1e-300])
def test_norm_neither_overflows_nor_underflows(scale: float) -> None:
    assert autograd.norm(values(3.0 * scale, -4.0 * scale)).data == pytest.approx(5.0 * scale, rel=1e-14, abs=0.0)


@pytest.mark.parametrize("scale", [1e300, 1e200, 1e160, 1e-160, 1e-200, 1e-300, 1e-310])
def test_the_gradient_of_norm_neither_overflows_nor_underflows(scale: float) -> None:
    xs = values(3.0 * scale, -4.0 * scale)
    assert gradients(autograd.norm(xs), xs) == pytest.approx([0.6, -0.8], rel=1e-14)


@pytest.mark.parametrize("scale", [1.0, 1e200])
def test_the_second_derivatives_of_norm(scale: float) -> None:
    # d2 |x| / dx_i dx_j = (1 if i == j else 0) / |x| - x_i x_j / |x|**3
    xs = values(3.0 * scale, -4.0 * scale)
    (slope, _) = gradients(autograd.norm(xs), xs, create_graph=True)
    expected = [(1.0 / 5.0 - 9.0 / 125.0) / scale, 12.0 / 125.0 / scale]
    assert gradients(slope, xs) == pytest.approx(expected, rel=1e-13, abs=0.0)


def test_the_norm_of_the_zero_vector_is_zero() -> None:
    assert autograd.norm(values(0.0, 0.0)).data == 0.0


def test_the_norm_has_no_derivative_at_the_zero_vector() -> None:
    with pytest.raises(FloatingPointError, match=r"derivative of sqrt\(x\)"):
        autograd.norm(values(0.0, 0.0)).backward()


def test_the_norm_of_nothing_is_zero() -> None:
    assert autograd.norm([]).data == 0.0


@pytest.mark.parametrize("number", [math.inf, -math.inf])
def test_an_infinite_component_makes_an_infinite_norm(number: float) -> None:
    assert autograd.norm(values(number, 1.0)).data == math.inf


def test_a_nan_component_makes_the_norm_nan() -> None:
    assert math.isnan(autograd.norm(values(math.nan, 1.0)).data)


# ---------------------------------------------------------------- what all of them refuse


LISTS: list[Callable[[Any], Any]] = [
    autograd.sum,
    autograd.mean,
    autograd.logsumexp,
    autograd.softmax,
    autograd.norm,
    lambda numbers: autograd.dot(numbers, [1.0]),
]
NAMES = ["sum", "mean", "logsumexp", "softmax", "norm", "dot"]


@pytest.mark.parametrize("function", LISTS, ids=NAMES)
def test_one_value_instead_of_a_list_is_refused(function: Callable[[Any], Any]) -> None:
    with pytest.raises(TypeError, match="a list of Values is needed, not the one Value"):
        function(Value(1.0))


@pytest.mark.parametrize("function", LISTS, ids=NAMES)
def test_a_list_with_no_number_in_it_is_refused_with_advice(function: Callable[[Any], Any]) -> None:
    with pytest.raises(TypeError, match="not the str '1'; convert it with float"):
        function(["1"])


@pytest.mark.parametrize("name", ["mean", "logsumexp", "softmax"])
def test_an_empty_list_is_refused_where_it_has_no_meaning(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} of an empty list is not defined"):
        getattr(autograd, name)([])


@pytest.mark.parametrize("function", LISTS, ids=NAMES)
def test_a_list_of_constants_gives_constants(function: Callable[[Any], Any]) -> None:
    result = function(constants(2.0))
    assert [value.requires_grad for value in (result if isinstance(result, list) else [result])] == [False]
