"""Functions of lists of Values: their numbers, their gradients, and their range."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, assert_type

import numpy as np
import pytest

import autograd
from autograd import Number, Value, gradients
from autograd.compiler.loop.run import has_numba


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
    total = autograd.sum([x, 2, 0.5])
    assert isinstance(total, Value)
    assert (total.data, gradients(total, [x])) == (3.5, [1.0])


def test_sum_takes_a_generator() -> None:
    assert autograd.sum(x * 2.0 for x in values(1.0, 2.0)).data == 6.0


def test_the_sum_of_nothing_is_zero() -> None:
    assert repr(autograd.sum([])) == "0.0"


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
    assert repr(autograd.dot([], [])) == "0.0"


def test_dot_of_lists_of_different_lengths_is_refused_with_both_lengths() -> None:
    with pytest.raises(ValueError, match="two lists of the same length, not of 2 and 3"):
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
    shares = autograd.softmax([Value(2.0), 2.0])
    assert [share.data for share in shares if isinstance(share, Value)] == [0.5, 0.5]


needs_numba = pytest.mark.skipif(not has_numba(), reason="Numba is not installed")
RUNTIMES = ["eager", "numpy", "python", pytest.param("numba", marks=needs_numba)]


def in_runtime(runtime: str, function: Callable[[Any], Any], *numbers: float) -> list[float]:
    """The value and the gradient of a function of a list."""
    if runtime == "eager":
        xs = values(*numbers)
        root = function(xs)
        root.backward()
        return [root.data, *(x.grad for x in xs)]
    value, (slopes,) = autograd.compile(function, runtime=runtime).value_and_grad(list(numbers))
    return [value, *slopes]


INF = math.inf


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_logsumexp_of_nothing_but_minus_infinity_is_that_with_gradient_zero(runtime: str, count: int) -> None:
    assert in_runtime(runtime, autograd.logsumexp, *[-INF] * count) == [-INF, *[0.0] * count]


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_the_logsumexp_of_one_number_has_gradient_one(runtime: str) -> None:
    assert in_runtime(runtime, autograd.logsumexp, 3.25) == [3.25, 1.0]


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_minus_infinity_adds_nothing_to_a_logsumexp(runtime: str) -> None:
    assert in_runtime(runtime, autograd.logsumexp, -INF, 2.0, -INF) == [2.0, 0.0, 1.0, 0.0]


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("numbers", [(INF, 1.0), (1.0, -INF, INF), (INF, INF)])
def test_the_logsumexp_of_an_infinity_is_infinite(runtime: str, numbers: Sequence[float]) -> None:
    compiled: Any = autograd.logsumexp
    if runtime != "eager":
        compiled = autograd.compile(autograd.logsumexp, runtime=runtime)
    assert float(compiled(list(numbers))) == INF


def test_the_logsumexp_of_plain_minus_infinities_is_that() -> None:
    assert autograd.logsumexp([-INF, -INF]) == -INF


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_the_softmax_of_nothing_but_minus_infinity_is_nan(runtime: str) -> None:
    assert math.isnan(in_runtime(runtime, lambda xs: autograd.softmax(xs)[0], -INF, -INF)[0])
    assert math.isnan(in_runtime(runtime, lambda xs: autograd.softmax(xs)[1], -INF, -INF)[0])


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_minus_infinity_has_no_share(runtime: str) -> None:
    assert in_runtime(runtime, lambda xs: autograd.softmax(xs)[1], -INF, 2.0, -INF) == [1.0, 0.0, 0.0, 0.0]


# With a gap of g between two numbers the shares are 1 / (1 + e^-g) and e^-g / (1 + e^-g), and every slope is +- their
# product: e^-g to all digits where g is large.
@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("gap", [30.0, 37.0, 100.0, 700.0])
@pytest.mark.parametrize("largest_first", [True, False])
def test_the_largest_share_keeps_the_digits_of_its_gradient(runtime: str, gap: float, largest_first: bool) -> None:
    numbers, sign = ((gap, 0.0), 1.0) if largest_first else ((0.0, gap), -1.0)
    tail = math.exp(-gap)
    slope = pytest.approx(sign * tail / (1.0 + tail) ** 2, rel=1e-15, abs=0.0)
    index = 0 if largest_first else 1
    value, *slopes = in_runtime(runtime, lambda xs: autograd.softmax(xs)[index], *numbers)
    assert value == 1.0 / (1.0 + tail)
    assert [slopes[0], -slopes[1]] == [slope, slope]


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("index", [0, 1, 2])
def test_equal_numbers_share_alike(runtime: str, index: int) -> None:
    value, *slopes = in_runtime(runtime, lambda xs: autograd.softmax(xs)[index], 1.5, 1.5, 1.5)
    assert value == 1.0 / 3.0
    assert slopes == pytest.approx([2.0 / 9.0 if i == index else -1.0 / 9.0 for i in range(3)], rel=1e-15)


@pytest.mark.parametrize("runtime", ["python", pytest.param("numba", marks=needs_numba)])
@pytest.mark.parametrize("numbers", [(0.3, -1.2, 0.7), (2.5, 2.5, -1.1), (-30.3, 11.7, 7.9)])
def test_the_gradient_through_a_softmax_is_the_same_to_the_last_bit_in_a_loop(
    numbers: Sequence[float], runtime: str
) -> None:
    def weighted(xs: Any) -> Any:
        return autograd.dot(autograd.softmax(xs), [1.7, 2.3, -3.1]) * xs[1] + xs[0] / 3.0

    assert in_runtime(runtime, weighted, *numbers) == in_runtime("eager", weighted, *numbers)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_the_softmax_of_one_number_is_one(runtime: str) -> None:
    assert in_runtime(runtime, lambda xs: autograd.softmax(xs)[0], 5.0) == [1.0, 0.0]


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


@pytest.mark.parametrize("runtime", ["numpy", "python"])
@pytest.mark.parametrize("scale", [1e300, 1e140, 1.0, 1e-140, 1e-300])
def test_a_compiled_norm_neither_overflows_nor_underflows(scale: float, runtime: str) -> None:
    expected = [5.0 * scale, 0.6, -0.8]
    found = in_runtime(runtime, autograd.norm, 3.0 * scale, -4.0 * scale)
    assert found == pytest.approx(expected, rel=1e-14, abs=0.0)


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
    assert repr(autograd.norm([])) == "0.0"


@pytest.mark.parametrize("number", [math.inf, -math.inf])
def test_an_infinite_component_makes_an_infinite_norm(number: float) -> None:
    assert autograd.norm(values(number, 1.0)).data == math.inf


def test_a_nan_component_makes_the_norm_nan() -> None:
    assert math.isnan(autograd.norm(values(math.nan, 1.0)).data)


# ---------------------------------------------------------------- plain numbers give plain numbers

OF_1_2_3 = [
    (autograd.sum, 6.0),
    (autograd.mean, 2.0),
    (lambda numbers: autograd.dot(numbers, [1, 1.0, 2]), 9.0),
    (autograd.norm, math.sqrt(14.0)),
    (autograd.logsumexp, 3.4076059644443806),  # mpmath, 50 digits
    (autograd.softmax, [0.09003057317038046, 0.24472847105479764, 0.6652409557748218]),  # mpmath
]


@pytest.mark.parametrize("kind", [list, tuple, iter, np.array, lambda numbers: np.array(numbers, dtype=np.float32)])
@pytest.mark.parametrize(("function", "expected"), OF_1_2_3, ids=["sum", "mean", "dot", "norm", "logsumexp", "softmax"])
def test_of_plain_numbers_the_result_is_a_float(
    function: Callable[[Any], Any], expected: Any, kind: Callable[[list[int]], Any]
) -> None:
    result = function(kind([1, 2, 3]))
    assert result == pytest.approx(expected, rel=1e-15)
    assert {type(number) for number in (result if isinstance(result, list) else [result])} == {float}


@pytest.mark.parametrize("index", [0, 1])
@pytest.mark.parametrize(("function", "expected"), OF_1_2_3, ids=["sum", "mean", "dot", "norm", "logsumexp", "softmax"])
def test_as_soon_as_one_is_a_value_so_is_the_result(function: Callable[[Any], Any], expected: Any, index: int) -> None:
    numbers: list[Any] = [1.0, 2.0, 3.0]
    numbers[index] = Value(numbers[index], requires_grad=False)
    result = function(numbers)
    assert {type(number) for number in (result if isinstance(result, list) else [result])} == {Value}
    data = [number.data for number in result] if isinstance(result, list) else result.data
    assert data == pytest.approx(expected, rel=1e-15)


def test_plain_numbers_are_added_as_values_are() -> None:
    numbers = [0.1, 1e16, -1e16, 0.2, 1e-17]
    assert autograd.sum(numbers) == autograd.sum(values(*numbers)).data


@pytest.mark.parametrize("scale", [1e200, 1e-200])
def test_the_norm_of_plain_numbers_neither_overflows_nor_underflows(scale: float) -> None:
    assert autograd.norm([3.0 * scale, -4.0 * scale]) == pytest.approx(5.0 * scale, rel=1e-14, abs=0.0)


def test_an_array_of_values_is_a_list_of_them() -> None:
    assert autograd.sum(np.array(values(1.0, 2.0), dtype=object)).data == 3.0


def test_type_checkers_know_what_comes_out() -> None:
    x, floats = Value(1.0), [1.0, 2.0]
    assert_type(autograd.sum(floats), float)
    assert_type(autograd.sum([x]), Value)
    assert_type(autograd.mean([1, 2]), float)
    assert_type(autograd.mean([x]), Value)
    assert_type(autograd.dot(floats, floats), float)
    assert_type(autograd.dot([x, x], floats), Value)
    assert_type(autograd.dot(floats, [x, x]), Value)
    assert_type(autograd.norm(floats), float)
    assert_type(autograd.norm([x]), Value)
    assert_type(autograd.logsumexp(floats), float)
    assert_type(autograd.logsumexp([x]), Value)
    assert_type(autograd.softmax(floats), list[float])
    assert_type(autograd.softmax([x]), list[Value])
    assert_type(autograd.where(True, 1.0, 2), float)
    assert_type(autograd.where(True, x, 2.0), Value)
    assert_type(autograd.where(True, 1.0, x), Value)
    numbers: list[Number] = [x, 1.0]
    assert_type(autograd.sum(numbers), Number)


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
    with pytest.raises(TypeError, match="takes a list of numbers, not a single one, Value"):
        function(Value(1.0))


@pytest.mark.parametrize("number", [3.0, None, np.array(3.0)], ids=["float", "None", "array without an axis"])
@pytest.mark.parametrize(("function", "name"), list(zip(LISTS, NAMES, strict=True)), ids=NAMES)
def test_what_is_no_list_is_refused(function: Callable[[Any], Any], name: str, number: object) -> None:
    with pytest.raises(TypeError, match=f"{name} takes a list of numbers, not {type(number).__name__} "):
        function(number)


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
