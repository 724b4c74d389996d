"""A compiled function gives the numbers that the function itself gives, in every runtime."""

from __future__ import annotations

import gc
import math
import re
from collections import namedtuple
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Value, compile, dot, sin, sqrt, where
from autograd.compiler.loop.run import has_numba

RUNTIMES = ["numpy", "python", *(["numba"] if has_numba() else [])]
LOOPS = RUNTIMES[1:]

# ---------------------------------------------------------------- a number against a whole row


@pytest.mark.slow
def test_a_batched_number_repeated_against_a_row_gets_the_gradient_of_both() -> None:
    f = compile(lambda x: dot([sin(x)] * 3, [x + 1.0, x + 2.0, x + 3.0]), batched="x", runtime="numpy")
    x = np.array([0.5, 0.7])
    expected = 3 * np.sin(x) + np.cos(x) * (3 * x + 6)
    assert f.per_example(x)[1][0] == pytest.approx(expected, rel=1e-14)


def test_a_number_repeated_against_parameters_gives_each_its_own_gradient() -> None:
    weights = [Value(1.0), Value(2.0), Value(3.0)]
    f = compile(lambda x: [dot([sin(x)] * 3, [w * x for w in weights])], batched="x", runtime="numpy")
    x = np.array([0.5, 0.7])
    _, gradient = f.prepared(x).value_and_grad(np.array([1.0, 2.0, 3.0]), x)
    assert gradient == pytest.approx([np.mean(np.sin(x) * x)] * 3, rel=1e-14)


# ---------------------------------------------------------------- the gradient belongs to the numbers that were used


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_parameters_thawed_or_frozen_between_calls_get_the_gradients_of_eager_code(runtime: str) -> None:
    w, x = Value(2.0, requires_grad=False), Value(3.0)
    f = compile(lambda x: w * x, runtime=runtime)
    f(x).backward()
    assert (x.grad, w.grad) == (2.0, 0.0)
    w.requires_grad = True
    f(x).backward()
    assert (x.grad, w.grad) == (4.0, 3.0)
    w.requires_grad = False
    f(x).backward()
    assert (x.grad, w.grad) == (6.0, 3.0)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_an_array_changed_after_the_call_does_not_change_the_gradient(runtime: str) -> None:
    w, x = Value(2.0), np.array([1.0, 2.0, 3.0])
    result = compile(lambda x, w: w * dot(x, x), runtime=runtime)(x, w)
    x[:] = 100.0
    result.backward()
    assert w.grad == 14.0


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_an_array_changed_after_the_call_does_not_change_second_derivatives(runtime: str) -> None:
    w, x = Value(2.0), np.array([1.0, 2.0])
    result = compile(lambda x, w: w**3 * dot(x, x), runtime=runtime)(x, w)
    x[:] = 100.0
    (slope,) = autograd.gradients(result, [w], create_graph=True)
    assert autograd.gradients(slope, [w]) == [60.0]


def test_results_are_no_views_of_the_arguments() -> None:
    x = np.array([1.0, 2.0])
    identity = compile(lambda x: x, batched="x", runtime="numpy")
    results = identity.per_example(x)[0], identity.vmap(x)
    x[:] = 7.0
    assert [result.tolist() for result in results] == [[1.0, 2.0], [1.0, 2.0]]


# ---------------------------------------------------------------- the order of sums


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize(
    "f",
    [
        lambda x, y, z: x + (y - z),
        lambda x, y, z: x - (y - z),
        lambda x, y, z: (y - z) + x,
        lambda x, y, z: x * 1.0 + (y * 1.0 - z * 3.0) + z * 2.0,
        lambda x, y, z: -(y - z) + x,
        lambda x, y, z: -y + z + x,
        lambda x, y, z: x - -(y - z),
    ],
)
def test_brackets_are_kept(runtime: str, f: Any) -> None:
    assert compile(f, runtime=runtime)(1e-3, 1e16, 1e16) == f(1e-3, 1e16, 1e16)


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize(
    "f",
    [
        lambda x: x + 0.0,
        lambda x: 0.0 + x,
        lambda x: x - 0.0,
        lambda x: x + -0.0,
        lambda x: x - -0.0,
        lambda x: -(x + 0.0),
        lambda x: autograd.where(x < 1.0, x, 0.0),
        lambda x: autograd.where(x > 1.0, 1.0, x),
        lambda x: autograd.where(x > 1.0, x, -0.0),
        lambda x: x.detach() if isinstance(x, Value) else x,
    ],
)
def test_the_sign_of_a_zero_is_that_of_eager_code(runtime: str, f: Any) -> None:
    for zero in (0.0, -0.0):
        expected = f(Value(zero))
        sign = math.copysign(1.0, expected.data if isinstance(expected, Value) else expected)
        assert math.copysign(1.0, compile(f, runtime=runtime)(zero)) == sign


# ---------------------------------------------------------------- arrays are arrays, lists are lists

Point = namedtuple("Point", "x y")


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_an_array_reaches_the_function_as_an_array_and_a_list_as_a_list(runtime: str) -> None:
    f = compile(lambda w: autograd.sum([number**2 for number in 2 * w]), runtime=runtime)
    assert f(np.array([1.0, 3.0])) == 40.0
    assert f([1.0, 3.0]) == 20.0


@pytest.mark.parametrize(
    "f",
    [
        lambda x, w: (x @ w).sum(),
        lambda x, w: (x * w).sum(axis=1)[0] * x.sum(),
        lambda x, w: x[:, 0] @ w * x.shape[0],
        lambda x, w: x.T[1] @ (2 * w) + w.mean(),
    ],
)
def test_what_arrays_can_do_works_in_every_way_to_call(f: Any) -> None:
    x, w = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([0.5, -2.0])
    value, gradients = autograd.value_and_grad(f, argnum=(0, 1))(x, w)
    compiled = compile(f)
    assert compiled(x, w) == pytest.approx(value)
    for ours, theirs in zip(compiled.value_and_grad(x, w)[1], gradients, strict=True):
        assert ours == pytest.approx(theirs)
    of_batch = compile(f, batched="x").per_example(np.stack([x, x]), w)
    assert of_batch[0] == pytest.approx([value, value])
    assert compile(lambda x, w: compiled(x, w) * 2.0)(x, w) == pytest.approx(2.0 * value)
    values = np.array([Value(1.0), 2.0, Value(3.0), 4.0], dtype=object).reshape(2, 2)
    compiled(values, w).backward()
    assert values[0, 0].grad == pytest.approx(gradients[0][0, 0])


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_parameters_get_their_gradient_from_a_call_with_arrays(runtime: str) -> None:
    w, b = Value(2.0), Value(1.0)
    loss = b + compile(lambda x: (w * x).sum(), batched="x", runtime=runtime)(np.array([[1.0, 2.0], [3.0, 4.0]]))
    loss.backward()
    assert (loss.data, w.grad, b.grad) == (11.0, 5.0, 1.0)


def test_tuples_and_named_tuples_keep_their_kind() -> None:
    seen: list[Any] = []

    def f(point: Any, pairs: Any, mixed: Any) -> Any:
        seen.append((type(point), type(pairs), type(pairs[0]), type(mixed), type(mixed[0]), type(mixed[1])))
        return point.x * pairs[1][0] + mixed[0] @ mixed[0] * mixed[1][0]

    value, gradients = compile(f).value_and_grad(Point(2.0, 5.0), [(1.0, 2.0), (3.0, 4.0)], (np.ones(2), [4.0]))
    assert value == 14.0
    assert set(seen) == {(Point, list, tuple, tuple, np.ndarray, list)}
    assert gradients[0].tolist() == [3.0, 0.0]
    assert [part.tolist() for part in gradients[2]] == [[8.0, 8.0], [2.0]]


def test_a_list_of_arrays_is_a_batch_of_arrays() -> None:
    f = compile(lambda x: (2 * x).sum(), batched="x")
    assert f.per_example([np.array([1.0, 2.0]), np.array([3.0, 4.0])])[0].tolist() == [6.0, 14.0]
    assert compile(lambda x: autograd.sum(2 * x), batched="x").per_example([[1.0, 2.0]])[0].tolist() == [6.0]


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_what_is_made_of_frozen_parameters_alone_is_computed_anew_each_time(runtime: str) -> None:
    p, x = Value(2.0, requires_grad=False), Value(3.0)
    f = compile(lambda x: (p * p).exp() * x, runtime=runtime)
    assert f(x).data == pytest.approx(3.0 * math.exp(4.0))
    p.data = 1.0
    assert f(x).data == pytest.approx(3.0 * math.exp(1.0))
    p.requires_grad = True
    f(x).backward()
    assert (x.grad, p.grad) == pytest.approx((math.exp(1.0), 3.0 * math.exp(1.0) * 2.0))


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize(
    "f",
    [
        lambda p, x: (p * p).detach() * p + x,
        lambda p, x: where(p > 0.0, x, -x),
        lambda p, x: where(p != 2.0, x, -x) * where(p <= 1.0, 2.0, p),
        lambda p, x: autograd.logsumexp([p, p * 2.0]) * x,
        lambda p, x: autograd.relu(-p) * x + p.detach(),
        lambda p, x: under_no_grad(p) * x + p,
    ],
)
def test_what_is_made_of_parameters_alone_follows_them(runtime: str, f: Any) -> None:
    p, x = Value(2.0), Value(3.0)
    compiled = compile(lambda x: f(p, x), runtime=runtime)
    for number in (2.0, -1.0, 900.0):
        p.data = number
        assert compiled(x).data == pytest.approx(f(p, x).data, rel=1e-15)
        ours, theirs = (autograd.gradients(result, [p, x]) for result in (compiled(x), f(p, x)))
        assert ours == pytest.approx(theirs, rel=1e-15)


def under_no_grad(p: Value) -> Value:
    with autograd.no_grad():
        return p * p


def test_a_branch_on_a_parameter_is_refused() -> None:
    p = Value(2.0)
    with pytest.raises(autograd.CompileError, match=r"branches on the number of a Value"):
        compile(lambda x: x if p > 0.0 else -x)(1.0)
    with pytest.raises(autograd.CompileError, match="branches on a Value"):
        compile(lambda x: x * p if p else -x)(1.0)


# ---------------------------------------------------------------- nothing flows where eager code does not go

UNREACHED = [
    (lambda x: sqrt(x[0]).detach() + sqrt(x[1]), [0.0, 4.0]),
    (lambda x: where(x[0] > 0.0, sqrt(x[0]), x[1] * x[1]), [0.0, 3.0]),
    (lambda x: where(x[0] > 800.0, x[0], (x[0] * 1e200) * (x[1] * 1e200)), [1000.0, 1000.0]),
    (lambda x: where(x[0] > 800.0, x[0], dot([x[0] * 1e200, x[1]], [x[1] * 1e200, x[0]])), [1000.0, 1000.0]),
    (lambda x: where(x[0] > 0.25, x[0] * x[0], 0.0) * x[1], [-math.inf, 2.0]),
    (lambda x: where(x[0] < 1.0, where(x[1] > 0.0, sqrt(x[1]), x[0]), sqrt(x[0])), [0.0, 0.0]),
    (lambda x: autograd.sum([where(number > 0.0, sqrt(number), number * 2.0) for number in x]), [0.0, 4.0]),
]


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize(("f", "x"), UNREACHED)
def test_an_infinite_derivative_that_eager_code_does_not_meet_changes_nothing(
    runtime: str, f: Any, x: list[float]
) -> None:
    value, slopes = autograd.value_and_grad(f)(x)
    found, (ours,) = compile(f, runtime=runtime).value_and_grad(x)
    assert (found, ours.tolist()) == (value, slopes)
    batch = compile(f, batched=0, runtime=runtime)
    assert batch.per_example([x, [1000.5, 2.5], x])[1][0][::2].tolist() == [slopes, slopes]
    leaves = [Value(number) for number in x]
    batch([leaves, [1000.5, 2.5]]).backward()
    assert [leaf.grad for leaf in leaves] == [slope / 2.0 for slope in slopes]


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize(
    ("f", "x", "value", "slope"),
    [
        (lambda x: where(x > 0.0, sqrt(x), x * x), -3.0, 9.0, -6.0),
        (lambda x: where(x < 0.0, x * x, sqrt(x)), -3.0, 9.0, -6.0),
        (lambda x: where(x > 0.0, 1.0 / x, x), 0.0, 0.0, 1.0),
        (lambda x: where(x < 700.0, autograd.exp(x), x), 1000.0, 1000.0, 1.0),
        (lambda x: where(x == 2.0, x, sqrt(x - 5.0) * autograd.log(x - 3.0)), 2.0, 2.0, 1.0),
    ],
)
def test_the_branch_not_taken_may_be_undefined(runtime: str, f: Any, x: float, value: float, slope: float) -> None:
    assert compile(f, runtime=runtime).value_and_grad(x) == (value, (slope,))
    leaf = Value(x)
    result = compile(f, runtime=runtime)(leaf)
    result.backward()
    assert (result.data, leaf.grad) == (value, slope)


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize(
    ("f", "x", "operation"),
    [
        (lambda x: autograd.maximum(sqrt(x), 1.0), 0.0, "sqrt(x)"),
        (lambda x: 0.0 * sqrt(x) + x, 0.0, "sqrt(x)"),
        (lambda x: sqrt(autograd.relu(x)), -1.0, "sqrt(x)"),
        (lambda x: where(x < 1.0, 0.0 * sqrt(x), x), 0.0, "sqrt(x)"),
        (lambda x: autograd.atan2(autograd.relu(x), autograd.relu(x)), -1.0, "atan2(x, y)"),
        (lambda x: autograd.asin(x) * 0.0, 1.0, "asin(x)"),
    ],
)
def test_a_gradient_of_zero_that_meets_an_infinite_derivative_is_an_error(
    runtime: str, f: Any, x: float, operation: str
) -> None:
    with pytest.raises(FloatingPointError, match=re.escape(operation)):
        autograd.grad(f)(x)
    compiled = compile(f, runtime=runtime)
    with pytest.raises(FloatingPointError, match=re.escape(operation)) as raised:
        compiled.value_and_grad(x)
    assert "test_same_as_eager.py:" in str(raised.value)
    result = compiled(Value(x))
    with pytest.raises(FloatingPointError, match=re.escape(operation)) as raised:
        result.backward()
    assert "test_same_as_eager.py:" in str(raised.value)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_results_do_not_poison_each_other(runtime: str) -> None:
    a, b = Value(0.0), Value(4.0)
    first, second = compile(lambda x: [sqrt(number) for number in x], runtime=runtime)([a, b])
    second.backward()
    assert (a.grad, b.grad) == (0.0, 0.25)
    with pytest.raises(FloatingPointError, match=r"sqrt\(x\) = 0\.0 at x = 0\.0"):
        first.backward()


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_where_that_takes_a_constant_is_one(runtime: str) -> None:
    u, a = Value(-1.0), Value(1.0)
    result = compile(lambda a, b: sqrt(where(u > b, u, b)) + a, runtime=runtime)(a, 0.0)
    result.backward()
    assert (result.data, a.grad, u.grad) == (1.0, 1.0, 0.0)
    x = Value(0.0)
    with pytest.raises(FloatingPointError, match=r"sqrt\(x\) = 0\.0"):
        compile(lambda x: sqrt(where(u > 0.0, 1.0, x)) * 0.0, runtime=runtime)(x).backward()


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_nan_of_the_user_stays_where_eager_code_has_it(runtime: str) -> None:
    def f(x: Any) -> Any:
        squares = [number * number for number in x]
        return [where(square > 0.0, 1.0, 0.0) * square for square in squares]

    for x in ([math.nan, 2.0], [1.0, -math.inf]):
        for index in range(2):
            ours, theirs = ([Value(number) for number in x] for _ in range(2))
            compile(f, runtime=runtime)(ours)[index].backward()
            f(theirs)[index].backward()
            np.testing.assert_array_equal([leaf.grad for leaf in ours], [leaf.grad for leaf in theirs])


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_an_infinity_in_a_plain_argument_is_the_users(runtime: str) -> None:
    x = Value(1.0)
    compile(lambda a, b: a * 2.0 + b, runtime=runtime)(x, math.inf).backward()
    assert x.grad == 2.0


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_an_error_that_later_operations_hide_is_told(runtime: str) -> None:
    hidden = compile(lambda x: 1.0 / (1.0 + autograd.exp(x)), runtime=runtime)
    with pytest.raises(OverflowError, match=r"exp\(x\) is too large for a float at x = 1000\.0"):
        hidden(1000.0)
    with pytest.raises(ZeroDivisionError, match=r"x / y divides by zero at x = 1\.0, y = 0\.0"):
        compile(lambda x: autograd.atan(1.0 / x), runtime=runtime)(0.0)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_square_that_is_too_large_is_named_as_the_power_it_is(runtime: str) -> None:
    with pytest.raises(OverflowError, match=r"x\*\*y is too large for a float at x = 1e\+200, y = 2\.0"):
        compile(lambda x: x**2, runtime=runtime)(1e200)


# ---------------------------------------------------------------- second derivatives


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_value_given_twice_gets_its_second_derivative_once(runtime: str) -> None:
    x = Value(3.0)
    result = compile(lambda a, b: a[0] ** 2 * b[0], runtime=runtime)([x], [x])
    (slope,) = autograd.gradients(result, [x], create_graph=True)
    assert slope.data == pytest.approx(27.0)
    assert autograd.gradients(slope, [x]) == pytest.approx([18.0])


def test_second_derivatives_give_the_function_values_where_plain_numbers_came() -> None:
    x = Value(1.0)
    result = compile(lambda a, b: a**2 * b.tanh())(x, 0.5)
    (slope,) = autograd.gradients(result, [x], create_graph=True)
    assert autograd.gradients(slope, [x]) == pytest.approx([2.0 * math.tanh(0.5)])


# ---------------------------------------------------------------- float32


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: x * x, 1e30),
        (lambda x: x**3, 1e20),
        (lambda x: x * 1e30 * 1e30, 1.0),
        (lambda x: x * 1e300, 1e-20),
        (lambda x: autograd.exp(x), 100.0),
    ],
)
def test_what_is_too_large_for_float32_alone_is_told(runtime: str, f: Any, x: float) -> None:
    assert math.isfinite(compile(f, runtime=runtime)(x))
    with pytest.raises(FloatingPointError, match="too large for float32; take dtype='float64'"):
        compile(f, dtype="float32", runtime=runtime)(x)


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("size", [1e-44, 1e-30, 1e-16, 1e-14, 1.0, 1e17, 1e19, 1e25, 5e37])
def test_a_distance_in_float32_is_right_as_long_as_it_is_a_float32(runtime: str, size: float) -> None:
    f = compile(lambda x, y: autograd.hypot(x, y), dtype="float32", runtime=runtime)
    tolerance = 1e-6 + 1e-45 / size
    for x, y, distance in ((3.0, -4.0, 5.0), (0.0, 2.0, 2.0)):
        value, slopes = f.value_and_grad(x * size, y * size)
        assert value == pytest.approx(distance * size, rel=tolerance)
        assert slopes == pytest.approx((x / distance, y / distance), rel=tolerance)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_constant_that_does_not_fit_in_float32_is_named(runtime: str) -> None:
    with pytest.raises(FloatingPointError, match=r"the constant 1e\+300 is too large for float32"):
        compile(lambda x: x + 1e300, dtype="float32", runtime=runtime)(1.0)


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("x", [1e300, [1.0, 1e300], np.array([1.0, 1e300]), Value(1e300)], ids=repr)
def test_an_argument_that_does_not_fit_in_float32_is_an_overflow_error(runtime: str, x: Any) -> None:
    f = compile(lambda number: number, dtype="float32", runtime=runtime)
    with pytest.raises(OverflowError, match=r"the argument number holds 1e\+300, which is too large for float32; take"):
        f(x)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_an_infinity_in_float32_is_one(runtime: str) -> None:
    assert compile(autograd.logsumexp, dtype="float32", runtime=runtime)([1.0, math.inf]) == math.inf


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize(("x", "y"), [(0.0, 0.0), (-4.0, 2.0), (-2.0, -3.0)])
def test_a_learned_exponent_is_refused_as_by_eager_code(runtime: str, x: float, y: float) -> None:
    expected = "x**y needs a positive base where the exponent needs a gradient"
    with pytest.raises(ValueError, match=re.escape(expected)):
        autograd.grad(lambda x, y: x**y, argnum=1)(x, y)
    with pytest.raises(ValueError, match=re.escape(expected)) as raised:
        compile(lambda x, y: x**y, runtime=runtime).value_and_grad(x, y)
    assert "test_same_as_eager.py:" in str(raised.value)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_power_that_is_not_real_is_the_error_of_eager_code(runtime: str) -> None:
    with pytest.raises(ValueError, match="a negative base needs an exponent that is an integer"):
        compile(lambda x: x**1.5 * 2.0, runtime=runtime).value_and_grad(-2.0)


def test_a_captured_value_that_does_not_fit_in_float32_is_an_overflow_error() -> None:
    p = Value(1e300)
    with pytest.raises(OverflowError, match=r"a Value from outside holds 1e\+300"):
        compile(lambda x: x * p, dtype="float32")(1.0)


@pytest.mark.parametrize("primitive", list(autograd.PRIMITIVES.values()), ids=lambda primitive: primitive.name)
def test_every_primitive_of_parameters_alone_follows_them(primitive: Any) -> None:
    first, second, *_ = primitive.points()
    parameters = list(map(Value, first))
    compiled = compile(lambda x: primitive(*parameters) * x)
    for point in (first, second):
        for parameter, number in zip(parameters, point, strict=True):
            parameter.data = number
        assert compiled(2.0).data == pytest.approx(2.0 * primitive(*parameters).data, rel=1e-15)


@pytest.mark.slow
@pytest.mark.parametrize("runtime", LOOPS)
def test_loops_give_the_last_bit_of_a_square(runtime: str) -> None:
    f, g = compile(lambda x: x**2, runtime=runtime), compile(lambda x, y: x**y, runtime=runtime)
    for index in range(5000):
        x = 1.0 + index / 7.0
        assert f(x) == (Value(x) ** 2).data == g(x, 2.0)


# ---------------------------------------------------------------- Python's collector


@pytest.mark.parametrize("is_on", [True, False])
def test_compiling_leaves_the_collector_as_it_was_also_where_an_error_ends_it(is_on: bool) -> None:
    before = gc.isenabled()
    seen: list[bool] = []

    def interrupted(x: Any) -> Any:
        seen.append(gc.isenabled())
        raise KeyboardInterrupt

    try:
        (gc.enable if is_on else gc.disable)()
        with pytest.raises(KeyboardInterrupt) as kept:  # its traceback keeps the frames alive
            compile(interrupted)(1.0)
        compile(lambda x: x * 2.0)(1.0)
        assert (seen, gc.isenabled(), kept.type) == ([False], is_on, KeyboardInterrupt)
    finally:
        (gc.enable if before else gc.disable)()
