"""Backward passes, forward products, Jacobians, Hessians and adjoints that somebody wrote."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd.testing import (
    GradcheckError,
    check_hessian,
    check_jacobian,
    check_jvp,
    check_linear,
    check_vjp,
)

RNG = np.random.default_rng(0)
W = RNG.standard_normal((3, 4))
V = RNG.standard_normal(4)
A = RNG.standard_normal((3, 3))
X = RNG.standard_normal(3)


def layer(w: Any, v: Any) -> Any:
    return np.tanh(w @ v)


def backward(g: Any, w: Any, v: Any) -> tuple[Any, Any]:
    d = g * (1 - np.tanh(w @ v) ** 2)
    return np.outer(d, v), w.T @ d


def forward(tangent: tuple[Any, Any], w: Any, v: Any) -> Any:
    return (1 - np.tanh(w @ v) ** 2) * (tangent[0] @ v + w @ tangent[1])


def names(report: Any, verdict: str) -> list[str]:
    return [row.name for row in report if row.verdict == verdict]


# ---------------------------------------------------------------- vector-Jacobian products


def test_a_right_backward_pass_passes_with_each_cotangent() -> None:
    report = check_vjp(layer, backward, W, V)
    assert report
    assert len(report) == 2 * (12 + 4)
    assert report.rows[0].name == "d/dw[0, 0], cotangent 1"


def test_a_wrong_backward_pass_is_found_and_the_mistake_named() -> None:
    report = check_vjp(layer, lambda g, w, v: (backward(g, w, v)[0], -backward(g, w, v)[1]), W, V)
    assert names(report, "wrong") == [f"d/dv[{i}], cotangent {k}" for k in (1, 2) for i in range(4)]
    assert report.notes[0].startswith("what it looks like: the gradient with respect to v has the wrong sign")


def test_a_mistake_is_named_once_for_all_cotangents() -> None:
    report = check_vjp(layer, lambda g, w, v: tuple(-part for part in backward(g, w, v)), W, V)
    assert report.notes == ["what it looks like: the gradient has the wrong sign"]


def test_a_backward_pass_that_forgets_the_cotangent_is_found() -> None:
    assert not check_vjp(layer, lambda g, w, v: backward(np.ones(3), w, v), W, V)


def test_the_pullback_may_come_with_the_result() -> None:
    assert check_vjp(lambda w, v: (layer(w, v), lambda g: backward(g, w, v)), True, W, V)


def test_results_may_be_nested() -> None:
    def f(x: float, y: float) -> dict[str, Any]:
        return {"product": x * y, "sums": [x + y, x - y]}

    def vjp(g: dict[str, Any], x: float, y: float) -> tuple[float, float]:
        plus, minus = g["sums"]
        return g["product"] * y + plus + minus, g["product"] * x + plus - minus

    assert check_vjp(f, vjp, 2.0, 3.0)
    assert not check_vjp(f, lambda g, x, y: (vjp(g, x, y)[0], vjp(g, x, y)[1] + 2 * g["sums"][1]), 2.0, 3.0)


def test_many_numbers_are_checked_in_directions() -> None:
    x = RNG.standard_normal(1000)
    assert len(check_vjp(np.sin, lambda g, x: g * np.cos(x), x)) == 2 * 4


# ---------------------------------------------------------------- Jacobian-vector products


def test_a_right_forward_product_passes() -> None:
    report = check_jvp(layer, forward, W, V)
    assert report
    assert report.rows[0].name == "result[0] along direction 1"


def test_a_wrong_forward_product_is_found() -> None:
    def wrong(tangent: tuple[Any, Any], w: Any, v: Any) -> Any:
        product = forward(tangent, w, v)
        product[1] *= 1 + 1e-5
        return product

    assert names(check_jvp(layer, wrong, W, V), "wrong") == [f"result[1] along direction {k}" for k in (1, 2)]


def test_the_two_products_are_compared_with_each_other() -> None:
    assert check_jvp(layer, forward, W, V, vjp=backward)
    report = check_jvp(layer, forward, W, V, vjp=lambda g, w, v: (backward(g, w, v)[0], 2 * backward(g, w, v)[1]))
    assert names(report, "wrong") == [f"<Jv, w> = <v, J'w>, direction {k}" for k in (1, 2)]


def test_of_results_with_many_numbers_random_sums_are_checked() -> None:
    x = RNG.standard_normal(300)
    report = check_jvp(np.sin, lambda v, x: v * np.cos(x), x)
    assert report
    assert report.rows[0].name == "cotangent 1 along direction 1"
    assert not check_jvp(np.sin, lambda v, x: v * np.sin(x), x)


# ---------------------------------------------------------------- Jacobians


def jacobian(v: Any) -> Any:
    return (1 - np.tanh(W @ v) ** 2)[:, None] * W


def test_a_right_jacobian_passes_entry_by_entry() -> None:
    report = check_jacobian(lambda v: np.tanh(W @ v), jacobian, V)
    assert report
    assert len(report) == 12
    assert report.rows[5].name == "d result[1]/dv[1]"


def test_the_wrong_entry_of_a_jacobian_is_found() -> None:
    def wrong(v: Any) -> Any:
        matrix = jacobian(v)
        matrix[2, 1] *= 1.001
        return matrix

    assert names(check_jacobian(lambda v: np.tanh(W @ v), wrong, V), "wrong") == ["d result[2]/dv[1]"]


def test_a_jacobian_of_several_arguments_is_a_tuple() -> None:
    assert check_jacobian(lambda x, y: [x * y, x + y], lambda x, y: ([y, 1.0], [x, 1.0]), 2.0, 3.0)
    assert not check_jacobian(lambda x, y: [x * y, x + y], lambda x, y: ([x, 1.0], [y, 1.0]), 2.0, 3.0)


def test_a_large_jacobian_is_checked_by_random_sums_of_rows() -> None:
    x = RNG.standard_normal(30)
    assert check_jacobian(np.sin, lambda x: np.diag(np.cos(x)), x)
    assert not check_jacobian(np.sin, lambda x: np.diag(np.sin(x)), x)


def test_a_jacobian_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match=r"with respect to v must have shape \(3, 4\), not \(4, 3\)"):
        check_jacobian(lambda v: np.tanh(W @ v), lambda v: jacobian(v).T, V)


@pytest.mark.parametrize(
    ("f", "args", "words"),
    [
        (lambda p: p[0] * p[1], ([2.0, 3.0],), "arguments that are floats or arrays; use check_vjp"),
        (lambda x: {"a": x, "b": [x]}, (2.0,), "an array or a list of numbers; use check_vjp"),
    ],
)
def test_a_jacobian_of_nested_numbers_is_refused(f: Callable[..., Any], args: Any, words: str) -> None:
    if isinstance(f(*args), dict):
        f = lambda x: {"a": np.ones(2) * x, "b": x}  # noqa: E731
    with pytest.raises(TypeError, match=words):
        check_jacobian(f, lambda *args: np.ones(2), *args)


# ---------------------------------------------------------------- Hessians


def waves(v: Any) -> float:
    return float(np.sin(A @ v).sum())


def waves_gradient(v: Any) -> Any:
    return A.T @ np.cos(A @ v)


def waves_hessian(v: Any) -> Any:
    return -A.T @ np.diag(np.sin(A @ v)) @ A


def test_a_right_hessian_passes() -> None:
    report = check_hessian(waves, waves_gradient, waves_hessian, X)
    assert report
    assert [row.order for row in report] == [1] * 3 + [2] * 10
    assert [report.rows[index].name for index in (0, 4, 12)] == ["d/dv[0]", "d2/dv[0] dv[1]", "<Hv, w> = <v, Hw>"]


def test_a_hessian_of_one_number_is_a_number() -> None:
    report = check_hessian(lambda x: x**3, lambda x: 3 * x**2, lambda x: 6 * x, 2.0)
    assert report
    assert [row.name for row in report] == ["d/dx", "d2/dx dx", "<Hv, w> = <v, Hw>"]


def test_a_wrong_gradient_under_a_hessian_is_found() -> None:
    report = check_hessian(waves, lambda v: -waves_gradient(v), lambda v: -waves_hessian(v), X)
    assert {row.order for row in report.failures} == {1}


def test_a_wrong_hessian_is_found() -> None:
    report = check_hessian(waves, waves_gradient, lambda v: -waves_hessian(v), X)
    assert {row.order for row in report.failures} == {2}


def test_a_hessian_that_is_not_symmetric_is_found() -> None:
    def wrong(v: Any) -> Any:
        matrix = waves_hessian(v)
        matrix[0, 1] *= 1.001
        return matrix

    assert names(check_hessian(waves, waves_gradient, wrong, X), "wrong") == ["d2/dv[0] dv[1]", "<Hv, w> = <v, Hw>"]


# ---------------------------------------------------------------- linear operators


def convolved(v: Any) -> Any:
    return np.convolve(v, [1.0, 2.0, 3.0])


def test_a_right_adjoint_passes() -> None:
    assert check_linear(convolved, lambda w: np.correlate(w, [1.0, 2.0, 3.0], "valid"), np.ones(7))


def test_an_adjoint_that_is_not_turned_round_is_found() -> None:
    report = check_linear(convolved, lambda w: np.convolve(w, [1.0, 2.0, 3.0], "valid"), np.ones(7))
    assert names(report, "wrong") == ["<A v, w> = <v, A'w>, pair 1", "<A v, w> = <v, A'w>, pair 2"]


def test_an_operator_that_is_not_linear_is_found() -> None:
    report = check_linear(lambda v: convolved(v) + 1.0, lambda w: np.correlate(w, [1.0, 2.0, 3.0], "valid"), np.ones(7))
    assert "A(2v - 3u) = 2 A v - 3 A u, pair 1" in names(report, "wrong")


# ---------------------------------------------------------------- all of them

FAILING: dict[str, Callable[..., Any]] = {
    "vjp": lambda **options: check_vjp(np.sin, lambda g, x: g, X, **options),
    "jvp": lambda **options: check_jvp(np.sin, lambda v, x: v, X, **options),
    "jacobian": lambda **options: check_jacobian(np.sin, lambda x: np.eye(3), X, **options),
    "hessian": lambda **options: check_hessian(waves, waves_gradient, lambda v: np.eye(3), X, **options),
    "linear": lambda **options: check_linear(lambda v: 2 * v, lambda w: w, X, **options),
}


@pytest.mark.parametrize("name", FAILING)
def test_a_failure_is_false_or_raises(name: str) -> None:
    assert not FAILING[name]()
    with pytest.raises(GradcheckError, match="WRONG"):
        FAILING[name](raise_on_failure=True)


# ---------------------------------------------------------------- coarse numbers

N = np.random.default_rng(5).standard_normal((30, 20))


@pytest.mark.parametrize("kind", [np.float32, np.float16])
def test_a_right_adjoint_in_coarse_numbers_passes_and_a_wrong_sign_does_not(kind: Any) -> None:
    matrix = N.astype(kind)
    assert check_linear(lambda v: matrix @ v, lambda w: matrix.T @ w, np.ones(20, kind))
    assert not check_linear(lambda v: matrix @ v, lambda w: -matrix.T @ w, np.ones(20, kind))


@pytest.mark.parametrize("kind", [np.float32, np.float16])
@pytest.mark.parametrize("inside", ["follows its argument", "always coarse"])
def test_right_products_in_coarse_numbers_are_never_wrong_and_a_wrong_sign_never_passes(kind: Any, inside: str) -> None:
    matrix = (N[:3, :8] / 4).astype(kind)

    def layer(x: Any) -> Any:
        return np.tanh(matrix @ (x.astype(kind) if inside == "always coarse" else x))

    def backward(g: Any, x: Any) -> Any:
        return matrix.T @ (g * (1 - layer(x) ** 2))

    def forward(v: Any, x: Any) -> Any:
        return (1 - layer(x) ** 2) * (matrix @ v)

    x = np.random.default_rng(0).standard_normal(8).astype(kind)
    reports = [check_vjp(layer, backward, x), check_jvp(layer, forward, x, vjp=backward)]
    assert all(row.verdict != "wrong" for report in reports for row in report)
    reports = [check_vjp(layer, lambda g, x: -backward(g, x), x), check_jvp(layer, lambda v, x: -forward(v, x), x)]
    assert not any(row.passed for report in reports for row in report)


def test_a_cotangent_of_coarse_numbers_is_the_same_for_both_sides() -> None:
    report = check_vjp(
        lambda x: np.float16(1) * np.cumsum(x).astype(np.float16),
        lambda g, x: np.cumsum(g[::-1].astype(float))[::-1],
        np.ones(3),
    )
    assert "wrong" not in {row.verdict for row in report}


def test_before_is_called_before_a_product() -> None:
    rng = np.random.default_rng()

    def seed() -> None:
        nonlocal rng
        rng = np.random.default_rng(5)

    def dropped(x: Any) -> Any:
        return x * rng.random(4)

    assert check_vjp(dropped, lambda g, x: dropped(g), V, before=seed)
    assert check_jvp(dropped, lambda v, x: dropped(v), V, vjp=lambda g, x: dropped(g), before=seed)
    assert check_jacobian(dropped, lambda x: np.diag(dropped(np.ones(4))), V, before=seed)


def test_a_product_in_float32_is_judged_by_its_rounding() -> None:
    weights = RNG.standard_normal((4, 5)).astype(np.float32)

    def layer(x: Any) -> Any:
        return np.tanh(weights @ x.astype(np.float32))

    def forward(v: Any, x: Any) -> Any:
        return (1 - layer(x) ** 2) * (weights @ v.astype(np.float32))

    report = check_jvp(layer, forward, np.array([0.1, -0.2, 0.3, 0.4, -0.5], np.float32))
    assert report
    assert report.calls is not None
    assert report.calls <= 100


def test_what_is_read_from_a_result_shares_the_calls_of_the_function() -> None:
    calls = itertools.count(1)

    def f(x: Any) -> Any:
        next(calls)
        return np.tanh(W @ x)

    def jacobian(x: Any) -> Any:
        return (1 - np.tanh(W @ x) ** 2)[:, None] * W

    report = check_jacobian(f, jacobian, V)
    assert report
    assert report.calls == next(calls) - 2  # one for the shape of the result
    assert report.calls <= 2 * len(W) + 12 * len(V)


def test_a_result_that_changes_is_seen_however_often_it_is_read() -> None:
    calls = itertools.count()
    with pytest.raises(ValueError, match="the function is not deterministic"):
        check_jacobian(lambda x: x + next(calls), lambda x: np.eye(3), np.ones(3))


@pytest.mark.parametrize("check", [check_vjp, check_jvp, check_jacobian, check_linear])
def test_before_is_called_before_every_call_of_the_function(check: Callable[..., Any]) -> None:
    seeds = iter(range(1_000_000))
    state: dict[str, int | None] = {"seed": None}

    def seeded() -> None:
        state["seed"] = next(seeds)

    def double(*args: Any) -> Any:
        assert state["seed"] is not None
        state["seed"] = None
        return 2 * args[-1]

    def product(v: Any, *_: Any) -> Any:
        state["seed"] = None
        return 2 * v

    written = (lambda x: 2 * np.eye(3)) if check is check_jacobian else product
    assert check(double, written, np.ones(3), before=seeded)


@pytest.mark.parametrize("check", [check_jvp, check_linear])
def test_a_number_of_directions_that_is_none_is_an_error(check: Callable[..., Any]) -> None:
    with pytest.raises(ValueError, match="directions must be an int, 1 or more, not 0"):
        check(lambda x: x, lambda v, *_: v, np.ones(3), directions=0)


NO_FUNCTION: dict[str, tuple[str, Callable[..., Any]]] = {
    "vjp": ("vjp must be a function, not 7", lambda: check_vjp(np.sin, 7, X)),  # type: ignore[arg-type]
    "jvp": ("jvp must be a function, not None", lambda: check_jvp(np.sin, None, X)),  # type: ignore[arg-type]
    "its vjp": ("vjp must be a function", lambda: check_jvp(np.sin, lambda v, x: v, X, vjp=True)),  # type: ignore[arg-type]
    "jacobian": ("jacobian must be a function", lambda: check_jacobian(np.sin, W, X)),  # type: ignore[arg-type]
    "hessian": ("hessian must be a function", lambda: check_hessian(waves, waves_gradient, W, V)),  # type: ignore[arg-type]
    "adjoint": ("adjoint must be a function", lambda: check_linear(np.sin, W, X)),  # type: ignore[arg-type]
    "before": ("before must be a function", lambda: check_linear(np.sin, np.sin, X, before=7)),  # type: ignore[arg-type]
    "no result": ("the function must return a float", lambda: check_vjp(lambda x: None, lambda g, x: x, X)),
    "an int": ("the function must return a float, .* not int 1", lambda: check_vjp(lambda x: 1, lambda g, x: x, X)),
    "a list": (
        "check_hessian takes a function of a float or an array, not of a list",
        lambda: check_hessian(sum, lambda x: x, lambda x: x, [1.0, 2.0]),
    ),
}


@pytest.mark.parametrize("name", NO_FUNCTION)
def test_what_is_no_function_or_gives_no_number_is_refused_by_its_name(name: str) -> None:
    words, check = NO_FUNCTION[name]
    with pytest.raises(TypeError, match=words):
        check()


def with_one_off(x: Any) -> Any:
    return np.cos(x) + np.array([0.0, 1.0, 0.0])


SKIPPING: dict[str, Callable[..., Any]] = {
    "vjp": lambda **options: check_vjp(np.sin, lambda g, x: g * with_one_off(x), X, **options),
    "jvp": lambda **options: check_jvp(np.sin, lambda v, x: v * with_one_off(x), X, **options),
    "jacobian": lambda **options: check_jacobian(np.sin, lambda x: np.diag(with_one_off(x)), X, **options),
}


@pytest.mark.parametrize("name", SKIPPING)
def test_what_is_skipped_is_not_judged(name: str) -> None:
    assert not SKIPPING[name]()
    assert SKIPPING[name](skip=[False, True, False])


def test_an_operator_that_changes_its_argument_is_an_error() -> None:
    with pytest.raises(ValueError, match="changes its argument v in place"):
        check_linear(lambda v: np.multiply(v, 2.0, out=v), lambda w: 2.0 * w, X)


def test_an_operator_that_is_another_each_time_is_an_error() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="not deterministic"):
        check_linear(lambda v: rng.random() * v, lambda w: w, X)


def test_the_calls_of_an_operator_are_counted() -> None:
    report = check_linear(lambda v: 2 * v, lambda w: 2 * w, X, directions=3)
    assert report.calls == 2 + 3 * 3


def test_check_linear_tries_as_many_pairs_as_it_is_told() -> None:
    assert len(check_linear(lambda v: 2 * v, lambda w: 2 * w, np.ones(3), directions=3)) == 6
