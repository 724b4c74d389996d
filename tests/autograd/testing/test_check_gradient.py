"""Gradients that somebody wrote: right ones pass, and planted mistakes are found, located and named."""

from __future__ import annotations

import dataclasses
import json
import math
import subprocess
import sys
from collections import OrderedDict, namedtuple
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd as ag
from autograd.testing import GradcheckError, check_gradient

Point = namedtuple("Point", "x y")
RNG = np.random.default_rng(0)
X = RNG.standard_normal((20, 5))
Y = RNG.standard_normal(20)
W = RNG.standard_normal(5)


def mse(w: Any, b: float) -> float:
    return float(((X @ w + b - Y) ** 2).mean())


def mse_gradient(w: Any, b: float) -> tuple[Any, float]:
    error = 2 * (X @ w + b - Y) / len(Y)
    return X.T @ error, float(error.sum())


def printed_by(program: str) -> str:
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout


def likely(f: Callable[..., Any], grad: Callable[..., Any], *args: Any, **options: Any) -> str:
    """The mistake that the report names."""
    report = check_gradient(f, grad, *args, **options)
    assert not report
    (note,) = [note for note in report.notes if note.startswith("what it looks like: ")]
    return note.removeprefix("what it looks like: ")


# ---------------------------------------------------------------- what users have


@dataclasses.dataclass(frozen=True)
class Layer:
    weight: Any
    bias: float
    name: str = "layer"


@dataclasses.dataclass
class Count:
    x: float
    n: int


RIGHT: dict[str, tuple[Any, Any, tuple[Any, ...]]] = {
    "floats": (lambda x, y: x * x * y, lambda x, y: (2 * x * y, x * x), (3.0, -2.0)),
    "a list": (lambda v: v[0] * v[1], lambda v: [v[1], v[0]], ([2.0, 3.0],)),
    "a nested list": (lambda v: v[0] * v[1][0], lambda v: [v[1][0], [v[0]]], ([2.0, [3.0]],)),
    "a tuple": (lambda v: v[0] * v[1], lambda v: (v[1], v[0]), ((2.0, 3.0),)),
    "a named tuple": (lambda p: p.x * p.y, lambda p: Point(p.y, p.x), (Point(2.0, 3.0),)),
    "a dict": (lambda p: p["w"] * p["b"], lambda p: {"w": p["b"], "b": p["w"]}, ({"w": 2.0, "b": 3.0},)),
    "an ordered dict": (lambda p: p["w"] ** 2, lambda p: OrderedDict(w=2 * p["w"]), (OrderedDict(w=2.0),)),
    "a frozen dataclass": (
        lambda layer: layer.weight.sum() * layer.bias,
        lambda layer: Layer(np.full(3, layer.bias), layer.weight.sum()),
        (Layer(np.arange(3.0), 2.0),),
    ),
    "a dataclass with an int": (lambda c: c.x**c.n, lambda c: Count(c.n * c.x ** (c.n - 1), 0), (Count(2.0, 3),)),
    "an array": (lambda x: (x**3).sum(), lambda x: 3 * x**2, (RNG.standard_normal((2, 3)),)),
    "an array and a float": (mse, mse_gradient, (W, 0.3)),
    "an empty array beside a float": (lambda x, y: y * y + x.sum(), lambda x, y: (0 * x, 2 * y), (np.zeros(0), 3.0)),
    "an array of three axes": (lambda x: np.sin(x).sum(), np.cos, (RNG.standard_normal((2, 2, 3)),)),
    "a NumPy number": (lambda x: x * x, lambda x: 2 * x, (np.float64(3.0),)),
    "an array without axes": (lambda x: x * x, lambda x: 2 * x, (np.array(3.0),)),
    "an array as the result": (lambda x: np.array([[x * x]]), lambda x: 2 * x, (3.0,)),
    "a gradient of ints": (lambda x, y: x + 2 * y, lambda x, y: (1, 2), (3.0, 4.0)),
    "a tuple of one array": (lambda x: x @ x, lambda x: (2 * x,), (np.ones(3),)),
    "a tuple of one number": (lambda x: x * x, lambda x: (2 * x,), (3.0,)),
    "a tuple of one dict": (lambda p: p["w"] ** 2, lambda p: ({"w": 2 * p["w"]},), ({"w": 3.0},)),
    "a tuple of one row": (lambda x: (x * x).sum(), lambda x: (2 * x[0],), (np.ones((1, 3)),)),
    "a tuple as the gradient of an array of one": (lambda x: x @ x, lambda x: (2 * x[0],), (np.ones(1),)),
    "a list as the gradient of an array": (lambda x: x @ x, lambda x: list(2 * x), (np.ones(3),)),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_gradient_passes(name: str) -> None:
    f, grad, args = RIGHT[name]
    report = check_gradient(f, grad, *args)
    assert report, str(report)
    assert all(row.verdict == "ok" for row in report)


@pytest.mark.parametrize("name", [name for name in RIGHT if name != "a gradient of ints"])
def test_the_same_gradient_with_one_entry_off_by_1e6th_is_wrong(name: str) -> None:
    f, grad, args = RIGHT[name]
    first = True

    def off(number: Any) -> Any:
        nonlocal first
        if isinstance(number, dict):
            return type(number)((key, off(part)) for key, part in number.items())
        if isinstance(number, Point):
            return Point(*map(off, number))
        if isinstance(number, (list, tuple)):
            return type(number)(map(off, number))
        if dataclasses.is_dataclass(number) and not isinstance(number, type):
            return dataclasses.replace(
                number, **{f.name: off(getattr(number, f.name)) for f in dataclasses.fields(number)}
            )
        if first and isinstance(number, np.ndarray) and number.size:
            first = False
            changed = number.copy()
            changed.flat[-1] *= 1 + 1e-6
            return changed
        if first and isinstance(number, float):
            first = False
            return number * (1 + 1e-6)
        return number

    def wrong(*args: Any) -> Any:
        nonlocal first
        first = True
        return off(grad(*args))

    assert [row.verdict for row in check_gradient(f, wrong, *args)].count("wrong") == 1


def test_the_gradient_may_come_with_the_value() -> None:
    assert check_gradient(lambda x: (x @ x, 2 * x), True, np.ones(3))


def test_the_engines_own_gradient_is_checked_where_none_is_given() -> None:
    assert check_gradient(lambda x, w: ag.tanh(x) * ag.sum([v * v for v in w]), None, 0.5, [1.0, 2.0])
    assert check_gradient(lambda x, w: x.tanh() * w[0] * w[1].exp(), None, 0.5, np.array([1.0, 2.0]), points=2)


def test_only_the_arguments_named_are_differentiated() -> None:
    def f(X: Any, w: Any, y: Any) -> float:
        return float(((X @ w - y) ** 2).sum())

    report = check_gradient(f, lambda X, w, y: 2 * X.T @ (X @ w - y), X, W, Y, argnums=1)
    assert report
    assert [row.name for row in report] == [f"d/dw[{index}]" for index in range(5)]


def test_rows_are_named_as_the_entries_are_written() -> None:
    report = check_gradient(
        lambda options, p: options["w"].sum() * p.x + p.y,
        lambda options, p: ({"w": np.full((1, 2), p.x)}, Point(options["w"].sum(), 1.0)),
        {"w": np.ones((1, 2))},
        Point(2.0, 3.0),
    )
    assert [row.name for row in report] == ["d/doptions['w'][0, 0]", "d/doptions['w'][0, 1]", "d/dp.x", "d/dp.y"]


def test_no_argument_is_changed() -> None:
    x = np.arange(3.0)
    check_gradient(lambda x: x @ x, lambda x: 2 * x, x)
    assert x.tolist() == [0.0, 1.0, 2.0]


def test_numpy_is_not_needed_for_floats() -> None:
    said = printed_by(
        "import sys; from autograd.testing import check_gradient;"
        "print(bool(check_gradient(lambda x: x[0] * x[1], lambda x: [x[1], x[0]], [2.0, 3.0])), 'numpy' in sys.modules)"
    )
    assert said.split() == ["True", "False"]


# ---------------------------------------------------------------- verdicts


def test_a_kink_is_named_and_any_number_between_its_sides_passes() -> None:
    report = check_gradient(abs, lambda x: 0.3, 0.0)
    assert [row.verdict for row in report] == ["kink"]
    assert not check_gradient(abs, lambda x: 1.3, 0.0)


def test_a_jump_is_unsure_which_does_not_pass() -> None:
    report = check_gradient(math.floor, lambda x: 0.0, 1.0)
    assert [row.verdict for row in report] == ["unsure"]
    assert not report


def test_more_points_find_what_is_right_at_one_point_alone() -> None:
    assert check_gradient(lambda x: x**3, lambda x: 6 * x, 2.0)
    report = check_gradient(lambda x: x**3, lambda x: 6 * x, 2.0, points=3)
    assert [(row.name, row.verdict) for row in report] == [
        ("d/dx at point 1", "ok"),
        ("d/dx at point 2", "wrong"),
        ("d/dx at point 3", "wrong"),
    ]


def test_skipped_entries_are_left_out() -> None:
    def half_wrong(x: Any) -> Any:
        return 2 * x * np.array([-1.0, 1.0, 1.0])

    report = check_gradient(lambda x: x @ x, half_wrong, np.ones(3), skip=np.array([True, False, False]))
    assert report
    assert [row.name for row in report] == ["d/dx[1]", "d/dx[2]"]


def test_skipped_entries_are_left_out_of_directions_too() -> None:
    skip = np.zeros(500, bool)
    skip[7] = True
    assert check_gradient(lambda x: x @ x, lambda x: np.where(skip, 9.0, 2 * x), np.ones(500), skip=skip)


def test_before_is_called_before_each_evaluation() -> None:
    rng = np.random.default_rng()

    def seed() -> None:
        nonlocal rng
        rng = np.random.default_rng(5)

    assert check_gradient(
        lambda x: float(rng.random() * x), lambda x: np.random.default_rng(5).random(), 2.0, before=seed
    )


def test_before_is_called_before_the_gradient_too() -> None:
    rng = np.random.default_rng()

    def seed() -> None:
        nonlocal rng
        rng = np.random.default_rng(5)

    def dropped(x: Any) -> tuple[float, Any]:
        kept = rng.random(3)
        return float(kept @ x), kept

    assert check_gradient(dropped, True, np.ones(3), before=seed)


@pytest.mark.parametrize("refusal", [AssertionError("x < 1"), RuntimeWarning("x < 1"), ValueError("x < 1")])
def test_a_function_may_refuse_numbers_beside_the_arguments(refusal: Exception) -> None:
    def f(x: float) -> float:
        if x < 1.0:
            raise refusal
        return x * x

    assert check_gradient(f, lambda x: 2 * x, 1.0)


@pytest.mark.parametrize("reach", [0.1, 0.008])
def test_a_wave_with_a_period_that_divides_round_steps_is_not_taken_for_a_line(reach: float) -> None:
    def f(x: float) -> float:
        return x * x + math.sin(2 * math.pi * x * 100 / reach)

    assert not check_gradient(f, lambda x: 2 * x, 0.0)


@pytest.mark.parametrize("size", [2e-2, 1e-3, 1e-4])
def test_a_weak_kink_is_seen_at_the_point_and_hides_no_error_beside_it(size: float) -> None:
    (row,) = check_gradient(lambda x: x + size * abs(x), lambda x: 1.0, 0.0)
    assert row.verdict == "kink"
    (row,) = check_gradient(lambda x: x + size * abs(x - 1e-8), lambda x: 1.0, 0.0)
    assert row.verdict == "wrong"


def test_a_complex_number_tells_where_rounding_hides_the_slope() -> None:
    def f(x: Any) -> Any:
        return 1e13 + np.sin(x)

    (unsure,) = check_gradient(f, np.cos, 1.0, method="real")
    (row,) = check_gradient(f, np.cos, 1.0)
    assert (unsure.verdict, row.verdict) == ("unsure", "ok")
    assert row.error_estimate < 1e-14
    assert [row.verdict for row in check_gradient(f, lambda x: 1.001 * np.cos(x), 1.0)] == ["wrong"]


def test_a_complex_number_is_not_believed_where_it_contradicts_the_differences() -> None:
    (row,) = check_gradient(lambda x: 1e6 + abs(x) * 1e-3, lambda x: 0.0, 1.0)  # |x + ih| has no imaginary part
    assert row.verdict == "wrong"


def test_a_complex_number_confirms_a_slope_that_is_lost_in_the_sum() -> None:
    x = np.array([15.0, 0.1])  # tanh is 1 up to rounding at the first
    report = check_gradient(lambda x: np.tanh(x).sum(), lambda x: 1 / np.cosh(x) ** 2, x)
    assert [row.verdict for row in report] == ["ok", "ok"]
    report = check_gradient(lambda x: np.tanh(x).sum(), lambda x: 2 / np.cosh(x) ** 2, x)
    assert [row.verdict for row in report] == ["unsure", "wrong"]


def test_a_complex_number_confirms_nothing_that_the_differences_rule_out() -> None:
    report = check_gradient(lambda x: 1e13 + np.sin(x) + abs(x), np.cos, 1.0)  # |x + ih| has no imaginary part
    assert not report


def test_a_complex_number_refutes_nothing_by_itself() -> None:
    (row,) = check_gradient(lambda x: 1e17 + abs(x), lambda x: 1.0, 1.0)
    assert row.verdict == "unsure"


# ---------------------------------------------------------------- many numbers


def test_of_a_million_numbers_directions_are_checked() -> None:
    x = np.random.default_rng(1).standard_normal(1_000_000)
    report = check_gradient(lambda x: x @ x, lambda x: 2 * x, x, directions=2)
    assert report
    assert [row.name for row in report] == ["along direction 1", "along direction 2"]
    assert report.calls is not None
    assert report.calls <= 2 + 2 * 16
    (note,) = report.notes
    assert note.startswith("1,000,000 entries in 2 random directions: an error of ")


def test_the_error_that_directions_would_have_shown_is_true() -> None:
    x = np.random.default_rng(1).standard_normal(1000)
    (note,) = check_gradient(lambda x: x @ x, lambda x: 2 * x, x).notes
    visible = float(note.split("an error of ")[1].split()[0])
    for entry in range(0, 1000, 97):
        wrong = np.zeros(1000)
        wrong[entry] = 1.1 * visible
        assert not check_gradient(lambda x: x @ x, lambda x, wrong=wrong: 2 * x + wrong, x)


def test_wrong_entries_are_found_by_halving() -> None:
    def grad(x: Any) -> Any:
        wrong = 3 * x**2
        wrong[3, 4] *= -1
        wrong[17, 2] = 0.0
        return wrong

    x = np.random.default_rng(2).uniform(0.5, 2.0, (30, 30))
    report = check_gradient(lambda x: (x**3).sum(), grad, x)
    found = [row.name for row in report.failures if row.name.startswith("d/d")]
    assert sorted(found) == ["d/dx[17, 2]", "d/dx[3, 4]"]
    assert not any("more" in note for note in report.notes)


def test_of_many_wrong_entries_ten_are_named_and_the_rest_counted() -> None:
    x = np.random.default_rng(2).uniform(0.5, 2.0, (30, 30))
    report = check_gradient(lambda x: (x**3).sum(), lambda x: -3 * x**2, x)
    assert sum(row.name.startswith("d/d") for row in report) == 10
    assert report.notes == ["about 890 more entries are wrong", "what it looks like: the gradient has the wrong sign"]


@pytest.mark.parametrize("factor", [-1.0, 0.0, 1.01])
def test_a_small_argument_does_not_hide_beside_a_large_one(factor: float) -> None:
    numbers = np.random.default_rng(3).standard_normal(300)

    def checked(factor: float) -> Any:
        grad = lambda a, b: (2 * factor * a, 2 * b)  # noqa: E731
        return check_gradient(lambda a, b: a @ a + b @ b, grad, 1e-2 * numbers, 1e3 * numbers)

    right = checked(1.0)
    assert right
    assert [row.name for row in right][4:] == ["along a direction in a alone"]
    assert checked(factor).verdict == "wrong"


def test_every_entry_is_checked_where_that_is_wanted() -> None:
    assert len(check_gradient(lambda x: x @ x, lambda x: 2 * x, np.ones(300), directions="entries")) == 300


# ---------------------------------------------------------------- coarse numbers

COARSE: dict[str, tuple[Any, Any]] = {
    "tanh": (lambda x: np.tanh(x).sum(), lambda x: 1 - np.tanh(x) ** 2),
    "square": (lambda x: (x * x).sum(), lambda x: 2 * x),
    "mean of exp": (lambda x: np.exp(x).mean(), lambda x: np.exp(x) / x.size),
    "softplus": (lambda x: np.logaddexp(0, x).sum(), lambda x: 1 / (1 + np.exp(-x))),
    "norm": (lambda x: np.sqrt((x * x).sum()), lambda x: x / np.sqrt((x * x).sum())),
    "offset": (lambda x: 10 + np.sin(x).sum(), np.cos),
}


def kept_coarse(f: Any, kind: Any) -> Any:
    """A function that computes in these numbers, whatever it is given."""
    return lambda x: kind(f(x.astype(kind))) if np.ndim(f(x.astype(kind))) == 0 else f(x.astype(kind)).astype(kind)


@pytest.mark.parametrize("x", [np.linspace(-1, 1, 5, dtype=np.longdouble), np.longdouble(0.3)], ids=["array", "number"])
def test_numbers_of_more_digits_are_checked_in_float64(x: Any) -> None:
    report = check_gradient(lambda x: np.exp(x).sum(), np.exp, x)
    assert report
    assert all(row.error_estimate > 1e-17 for row in report)


@pytest.mark.parametrize("inside", ["follows its argument", "always coarse"])
@pytest.mark.parametrize("kind", [np.float32, np.float16])
@pytest.mark.parametrize("name", COARSE)
def test_a_right_gradient_of_coarse_numbers_is_never_wrong_and_a_wrong_sign_never_passes(
    name: str, kind: Any, inside: str
) -> None:
    f, grad = COARSE[name]
    if inside == "always coarse":
        f, grad = kept_coarse(f, kind), kept_coarse(grad, kind)
    for seed in range(5):
        x = np.random.default_rng(seed).standard_normal(6).astype(kind)
        assert "wrong" not in {row.verdict for row in check_gradient(f, grad, x)}
        assert not any(row.passed for row in check_gradient(f, lambda x: -grad(x), x))


def test_code_that_takes_float64_too_is_checked_as_sharply() -> None:
    x = np.linspace(-1, 1, 5, dtype=np.float32)
    f, grad = COARSE["tanh"]
    report = check_gradient(f, grad, x)
    assert all(row.error_estimate < 1e-9 for row in report)
    assert not check_gradient(f, lambda x: grad(x) * x.dtype.type(1 + 1e-5), x)


# ---------------------------------------------------------------- what kind of mistake

SQUARE = np.random.default_rng(3).standard_normal((4, 4))
V = np.random.default_rng(4).standard_normal(4)


def outer_gradient(m: Any) -> Any:
    return np.outer(1 - np.tanh(m @ V) ** 2, V)


MISTAKES: dict[str, tuple[Any, Any, tuple[Any, ...], str]] = {
    "sign": (mse, lambda w, b: tuple(-part for part in mse_gradient(w, b)), (W, 0.3), "has the wrong sign"),
    "sign of one argument": (
        mse,
        lambda w, b: (mse_gradient(w, b)[0], -mse_gradient(w, b)[1]),
        (W, 0.3),
        "with respect to b has the wrong sign",
    ),
    "half": (
        mse,
        lambda w, b: tuple(part / 2 for part in mse_gradient(w, b)),
        (W, 0.3),
        "is half of what it should be",
    ),
    "twice": (mse, lambda w, b: tuple(2 * part for part in mse_gradient(w, b)), (W, 0.3), "is twice what it should be"),
    "sum for mean": (
        lambda X, w: float(((X @ w) ** 2).mean()),
        lambda X, w: 2 * X.T @ (X @ w),
        (X, W),
        "is 20 times too large, the length of axis 0 of X: is it of a sum where the function has a mean?",
    ),
    "mean for sum": (
        lambda X, w: float(((X @ w) ** 2).sum()),
        lambda X, w: 2 * X.T @ (X @ w) / 20,
        (X, W),
        "is 20 times too small, the length of axis 0 of X: is it of a mean where the function has a sum?",
    ),
    "another factor": (
        mse,
        lambda w, b: tuple(0.7 * p for p in mse_gradient(w, b)),
        (W, 0.3),
        "must be multiplied by 1.42857",
    ),
    "a slightly wrong constant": (
        lambda x: float(np.sin(x).sum()),
        lambda x: np.cos(x) * (1 - 4e-6),
        (W,),
        "must be multiplied by 1 + 4e-06",
    ),
    "transposed": (lambda m: np.tanh(m @ V).sum(), lambda m: outer_gradient(m).T, (SQUARE,), "is transposed"),
    "backwards": (lambda x: np.sin(x).sum(), lambda x: np.cos(x)[::-1], (W,), "runs backwards along axis 0"),
    "exchanged": (lambda x, y: x * x * y, lambda x, y: (x * x, 2 * x * y), (3.0, -2.0), "x and y are exchanged"),
    "of another argument": (
        lambda x, y: float(np.sin(x).sum() * np.exp(y).sum()),
        lambda x, y: (np.sin(x).sum() * np.exp(y), np.sin(x).sum() * np.exp(y)),
        (W, W[::-1].copy()),
        "",
    ),
    "a term missing that another argument has": (
        lambda x, y: float(np.sin(x + y).sum() + (x**3).sum()),
        lambda x, y: (3 * x**2, np.cos(x + y)),
        (W, W[::-1].copy()),
        "with respect to x lacks the term the gradient with respect to y",
    ),
    "a product's other factor missing": (
        lambda x, y: float((x * y).sum() + np.sin(x).sum()),
        lambda x, y: (np.cos(x), x),
        (W, W[::-1].copy()),
        "with respect to x lacks the term y",
    ),
    "a constant missing": (
        lambda x: float(np.sin(x).sum() + 3 * x.sum()),
        lambda x: np.cos(x),
        (W,),
        "lacks the term 3 * 1, a constant",
    ),
    "nothing flows back": (
        lambda x, y: float(np.sin(x).sum() * np.exp(y).sum()),
        lambda x, y: (np.cos(x) * np.exp(y).sum(), 0 * y),
        (W, W[::-1].copy()),
        "with respect to y is 0, although the function depends on it",
    ),
    "a missing penalty": (
        lambda w: float((X @ w).sum() + 0.05 * (w @ w)),
        lambda w: X.sum(axis=0),
        (W,),
        "lacks the term 0.1 * w",
    ),
    "axes in another order": (
        lambda x: float((x * np.arange(8.0).reshape(2, 2, 2)).sum()),
        lambda x: np.arange(8.0).reshape(2, 2, 2).transpose(1, 2, 0),
        (np.ones((2, 2, 2)),),
        "has its axes in another order",
    ),
}
ONE_ARGUMENT = {"sum for mean", "mean for sum"}


@pytest.mark.parametrize("name", [name for name in MISTAKES if MISTAKES[name][3]])
def test_the_kind_of_mistake_is_named(name: str) -> None:
    f, grad, args, words = MISTAKES[name]
    assert words in likely(f, grad, *args, argnums=1 if name in ONE_ARGUMENT else None)


def test_no_factor_is_named_for_a_single_number() -> None:
    assert check_gradient(lambda x: x * x + 3 * x, lambda x: 2 * x, 3.0).notes == []


def test_no_kind_is_named_where_none_explains_the_errors() -> None:
    noise = np.array([0.3, -0.1, 0.7, 0.2, 0.9])
    report = check_gradient(mse, lambda w, b: (mse_gradient(w, b)[0] + noise, mse_gradient(w, b)[1]), W, 0.3)
    assert not report
    assert report.notes == []


def test_a_broadcast_axis_that_is_not_summed_is_named_where_the_sum_is_right() -> None:
    def f(x: Any, b: Any) -> float:
        return float(((x + b) ** 2).sum())

    with pytest.raises(
        ValueError, match=r"b has shape \(5,\).* has shape \(20, 5\); summed over the axes .* it is right"
    ):
        check_gradient(f, lambda x, b: (2 * (x + b), 2 * (x + b)), X, W)
    with pytest.raises(ValueError, match=r"has shape \(20, 5\)$"):
        check_gradient(f, lambda x, b: (2 * (x + b), 3 * (x + b)), X, W)
    with pytest.raises(ValueError, match=r"c has shape \(1, 5\).*summed"):
        check_gradient(lambda c: float(((X + c) ** 2).sum()), lambda c: 2 * (X + c), W[None, :])
    with pytest.raises(ValueError, match=r"c has shape \(\).*summed"):
        check_gradient(lambda c: float(((X + c) ** 2).sum()), lambda c: 2 * (X + c), 0.5)


# ---------------------------------------------------------------- errors


def kept_between_calls() -> Callable[[Any], Any]:
    kept = np.zeros(3)

    def grad(x: Any) -> Any:
        nonlocal kept
        kept = kept + 2 * x
        return kept

    return grad


def doubles_in_place(x: Any) -> float:
    x *= 2
    return float(x @ x)


ONES = np.ones(3)
ERRORS: dict[str, tuple[type[Exception], str, Any, Any, tuple[Any, ...], dict[str, Any]]] = {
    "no float": (ValueError, r"there is no float among the arguments \(x: int\)", lambda x: x, lambda x: 1, (3,), {}),
    "complex argument": (
        TypeError,
        "x is complex: 2j; check a function of its real",
        lambda x: x,
        lambda x: 1,
        (2j,),
        {},
    ),
    "complex array": (TypeError, "x is an array of complex numbers", abs, abs, (np.ones(2) * 1j,), {}),
    "complex result": (TypeError, "the result is complex: 2j", lambda x: x * 1j, lambda x: 1.0, (2.0,), {}),
    "array result": (
        TypeError,
        r"not an array of shape \(3,\): .*check_vjp.*check_jacobian",
        lambda x: x,
        abs,
        (ONES,),
        {},
    ),
    "text result": (TypeError, "must return a number, not str 'a'", lambda x: "a", abs, (2.0,), {}),
    "not a function": (TypeError, "f must be a function, not 3", 3, abs, (2.0,), {}),
    "gradient is no function": (TypeError, "grad must be a function, not 3", abs, 3, (2.0,), {}),
    "no pair": (TypeError, r"must return \(value, gradient\), not 4.0", lambda x: x * x, True, (2.0,), {}),
    "another shape": (
        ValueError,
        r"x has shape \(3,\), but the gradient .* has shape \(2,\)",
        lambda x: x.sum(),
        lambda x: x[:2],
        (ONES,),
        {},
    ),
    "transposed shape": (ValueError, "is it transposed", lambda x: x.sum(), lambda x: x.T, (np.ones((2, 3)),), {}),
    "one for two": (
        TypeError,
        "must be a tuple of 2, for x, y, not float",
        lambda x, y: x,
        lambda x, y: 1.0,
        (2.0, 3.0),
        {},
    ),
    "one for ints too": (
        TypeError,
        r"w must be of shape \(3,\), not tuple of 2; an argument without floats is held fixed",
        lambda x, w: (x @ w).sum(),
        lambda x, w: (np.ones((2, 3)), x.sum(axis=0)),
        (np.ones((2, 3), int), ONES),
        {},
    ),
    "one for ints of the same shape": (
        ValueError,
        r"w has shape \(3,\), but the gradient .* has shape \(2, 3\); an argument without floats is held fixed",
        lambda x, w: x @ w,
        lambda x, w: (w, x),
        (np.ones(3, int), ONES),
        {},
    ),
    "other keys": (
        TypeError,
        "must be shaped like its argument",
        lambda p: p["a"],
        lambda p: {"b": 1.0},
        ({"a": 2.0},),
        {},
    ),
    "none": (
        TypeError,
        "y is None: to leave y out, choose .* argnums=",
        lambda x, y: x,
        lambda x, y: (1.0, None),
        (2.0, 3.0),
        {},
    ),
    "not deterministic": (ValueError, "is not deterministic: it gave", lambda x: RNG.random() * x, abs, (2.0,), {}),
    "argument changed": (
        ValueError,
        "the function changes its argument x in place",
        doubles_in_place,
        abs,
        (ONES,),
        {},
    ),
    "argument changed by the gradient": (
        ValueError,
        "the gradient changes the argument x in place",
        lambda x: x @ x,
        lambda x: np.multiply(x, 2, out=x),
        (ONES,),
        {},
    ),
    "accumulated": (
        ValueError,
        "it is twice the first; is it added to what an earlier call has left",
        lambda x: x @ x,
        kept_between_calls(),
        (ONES,),
        {},
    ),
    "not finite": (FloatingPointError, "the function is nan at these arguments", lambda x: math.nan, abs, (2.0,), {}),
    "gradient not finite": (
        FloatingPointError,
        "with respect to x is inf; leave out",
        abs,
        lambda x: math.inf,
        (2.0,),
        {},
    ),
    "argnums too large": (ValueError, "argnums names argument 2, but there are 1", abs, abs, (2.0,), {"argnums": 2}),
    "argnums no index": (TypeError, "argnums must be the index", abs, abs, (2.0,), {"argnums": ("x",)}),
    "argnums twice": (ValueError, "argnums names an argument twice", abs, abs, (2.0,), {"argnums": (0, 0)}),
    "directions": (ValueError, "directions must be a number of directions", abs, abs, (2.0,), {"directions": 0}),
    "points": (ValueError, "points must be an int, 1 or more, not 0", abs, abs, (2.0,), {"points": 0}),
    "a text for rtol": (ValueError, "rtol must be a finite number", abs, abs, (2.0,), {"rtol": "small"}),
    "seed": (TypeError, "rng must be an int, the seed of", abs, abs, (2.0,), {"rng": np.random.default_rng(0)}),
    "before": (TypeError, "before must be a function, not 7", abs, abs, (2.0,), {"before": 7}),
    "an argument by a float": (TypeError, "argnums must be the index", abs, abs, (2.0,), {"argnums": 0.0}),
    "no argument": (ValueError, "argnums names no argument", abs, abs, (2.0,), {"argnums": ()}),
    "rtol": (ValueError, "rtol must be a finite number, not negative, not -1", abs, abs, (2.0,), {"rtol": -1}),
    "all skipped": (ValueError, "skip leaves no entry to check", lambda x: x @ x, abs, (ONES,), {"skip": ONES > 0}),
}


@pytest.mark.parametrize("name", ERRORS)
def test_what_cannot_be_checked_raises_an_error_that_says_why(name: str) -> None:
    kind, words, f, grad, args, options = ERRORS[name]
    with pytest.raises(kind, match=words):
        check_gradient(f, grad, *args, **options)


def test_an_error_in_the_users_function_comes_through() -> None:
    def f(x: float) -> float:
        raise RuntimeError("the user's own")

    with pytest.raises(RuntimeError, match="the user's own"):
        check_gradient(f, abs, 2.0)


# ---------------------------------------------------------------- the report


def test_a_failure_can_raise_the_table() -> None:
    with pytest.raises(GradcheckError, match=r"d/dx .* WRONG"):
        check_gradient(lambda x: x * x, lambda x: x, 3.0, raise_on_failure=True)


def test_the_report_becomes_plain_data() -> None:
    report = check_gradient(lambda x: x * x, lambda x: x, 3.0)
    data = json.loads(json.dumps(report.to_dict()))
    assert (data["passed"], data["point"], data["calls"]) == (False, "x = 3.0", report.calls)
    (row,) = data["derivatives"]
    assert (row["name"], row["analytic"], row["verdict"], row["passed"]) == ("d/dx", 3.0, "wrong", False)
    assert data["notes"] == [
        "what it looks like: the gradient is half of what it should be; is the factor of a square missing?"
    ]


def test_an_infinite_error_is_none_in_plain_data() -> None:
    (row,) = check_gradient(math.floor, lambda x: 0.0, 1.0).to_dict()["derivatives"]
    json.dumps(row, allow_nan=False)


def test_notes_are_printed_under_the_table() -> None:
    assert str(check_gradient(lambda x: x * x, lambda x: -2 * x, 3.0)).endswith("the gradient has the wrong sign")


# ---------------------------------------------------------------- random functions


@given(seed=st.integers(0, 2**32 - 1), size=st.integers(1, 6), part=st.integers(0, 5))
def test_random_networks_pass_and_with_one_entry_off_do_not(seed: int, size: int, part: int) -> None:
    rng = np.random.default_rng(seed)
    hidden = rng.standard_normal((size, 3))
    last = rng.standard_normal(size)

    def f(x: Any) -> float:
        return float(last @ np.tanh(hidden @ x))

    def grad(x: Any) -> Any:
        return hidden.T @ (last * (1 - np.tanh(hidden @ x) ** 2))

    x = rng.standard_normal(3)
    assert check_gradient(f, grad, x)
    entry = part % 3

    def off(x: Any) -> Any:
        gradient = grad(x)
        gradient[entry] += 1e-4 * abs(gradient).max()
        return gradient

    assert [row.verdict for row in check_gradient(f, off, x)][entry] == "wrong"


@pytest.mark.parametrize("kind", [np.float32, np.float16])
def test_a_function_that_rounds_its_arguments_is_judged_by_that(kind: Any) -> None:
    def f(x: Any) -> float:
        return float(np.tanh(x.astype(kind).astype(np.float64)).sum())

    def grad(x: Any) -> Any:
        return 1 - np.tanh(x.astype(np.float64)) ** 2

    x = np.array([0.3, -0.7, 1.1], kind)
    assert check_gradient(f, grad, x)
    assert check_gradient(f, lambda x: -grad(x), x).verdict == "wrong"


def test_a_module_that_is_imported_needs_the_standard_library_alone() -> None:
    said = printed_by("import sys; import autograd.testing; print('numpy' in sys.modules, 'hypothesis' in sys.modules)")
    assert said.split() == ["False", "False"]
