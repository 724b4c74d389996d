"""What users have besides floats and plain arrays: it is checked as it is, or refused with a word."""

from __future__ import annotations

import dataclasses
import threading
from typing import Any

import numpy as np
import pytest

from autograd.testing import check_gradient


@dataclasses.dataclass
class Model:
    weight: float
    cache: float = dataclasses.field(init=False)


@dataclasses.dataclass(slots=True, frozen=True)
class Slots:
    x: float
    y: float


class Metres(np.ndarray):
    """An array of a class of its own."""

    unit = "m"


def as_written(series: Any) -> float:
    return float(series["a"] ** 2 + 3 * series["b"])


RIGHT: dict[str, tuple[Any, Any, tuple[Any, ...]]] = {
    "a gradient with its keys in another order": (
        lambda p: p["a"] * p["b"] ** 2,
        lambda p: {"b": 2 * p["a"] * p["b"], "a": p["b"] ** 2},
        ({"a": 2.0, "b": 3.0},),
    ),
    "a gradient without the keys of ints": (lambda p: p["a"] * p["n"], lambda p: {"a": p["n"]}, ({"a": 2.0, "n": 3},)),
    "an array as the gradient of a list": (lambda v: v[0] * v[1], lambda v: np.array([v[1], v[0]]), ([2.0, 3.0],)),
    "an array as the gradient of nested lists": (
        lambda v: v[0][0] * v[1][0],
        lambda v: np.array([[v[1][0]], [v[0][0]]]),
        ([[2.0], [3.0]],),
    ),
    "a dataclass with a field that is not set": (lambda m: m.weight**2, lambda m: Model(2 * m.weight), (Model(3.0),)),
    "a dataclass with slots": (lambda s: s.x * s.y, lambda s: Slots(s.y, s.x), (Slots(2.0, 3.0),)),
    "a lock": (lambda x, lock: x * x, lambda x, lock: 2 * x, (2.0, threading.Lock())),
    "a generator": (lambda x, unused: x * x, lambda x, unused: 2 * x, (2.0, (i for i in range(3)))),
    "an array of another class": (
        lambda x: float((x**2).sum()) * (x.unit == "m"),
        lambda x: 2 * x,
        (np.ones(3).view(Metres),),
    ),
    "the same array twice": (lambda x, y: x @ y, lambda x, y: (y, x), (np.ones(2),) * 2),
    "columns first": (
        lambda x: float((x[0] ** 2).sum() + x[1, 0]),
        lambda x: np.array([2 * x[0], [1.0, 0.0, 0.0]]),
        (np.asfortranarray(np.arange(6.0).reshape(2, 3)),),
    ),
    "every second number": (lambda x: float(x @ x), lambda x: (2 * x)[::-1][::-1], (np.arange(9.0)[::2],)),
}


def test_a_series_is_checked_as_a_series() -> None:
    pandas = pytest.importorskip("pandas")
    right = check_gradient(
        as_written, lambda s: pandas.Series({"a": 2 * s["a"], "b": 3.0}), pandas.Series({"a": 1.5, "b": 2.0})
    )
    assert right, str(right)


def test_a_data_frame_is_checked_as_a_data_frame() -> None:
    pandas = pytest.importorskip("pandas")
    right = check_gradient(
        lambda table: float((table["a"] * table["b"]).sum()),
        lambda table: pandas.DataFrame({"a": table["b"], "b": table["a"]}),
        pandas.DataFrame({"a": [1.0, 2.0], "b": [3.0, 5.0]}),
    )
    assert right, str(right)


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_gradient_passes(name: str) -> None:
    f, grad, args = RIGHT[name]
    report = check_gradient(f, grad, *args)
    assert report, str(report)


REFUSED: dict[str, tuple[type[Exception], str, Any, Any, tuple[Any, ...], dict[str, Any]]] = {
    "no number": (ValueError, r"no number to differentiate .*x float64 \(0,\)", sum, np.sin, (np.zeros(0),), {}),
    "masked": (TypeError, "x is a masked array", sum, np.sin, (np.ma.array([1.0, 2.0], mask=[False, True]),), {}),
    "structured": (TypeError, "x is a structured array", sum, np.sin, (np.zeros(2, [("a", float)]),), {}),
    "objects": (TypeError, "x is an array of objects", sum, np.sin, (np.array([1.0, "a"], object),), {}),
    "another key": (
        TypeError,
        "must be shaped like its argument",
        lambda x: x["a"],
        lambda x: {"a": 1.0, "c": 1.0},
        ({"a": 2.0},),
        {},
    ),
    "a list too long": (
        TypeError,
        "must be shaped like its argument",
        lambda x: x[0],
        lambda x: [1.0, 2.0],
        ([2.0],),
        {},
    ),
    "indices for a mask": (
        ValueError,
        "skip must hold a bool for each entry of x, True where it is skipped, not 2",
        np.sum,
        np.ones_like,
        (np.ones(3),),
        {"skip": [0, 2, 1]},
    ),
    "a list that grows": (
        ValueError,
        r"changes its argument x\[2\] in place",
        lambda x: x.append(1.0) or sum(x),
        lambda x: [1.0, 1.0],
        ([1.0, 2.0],),
        {},
    ),
    "a list that shrinks": (ValueError, "changes its argument", lambda x: x.pop(), lambda x: [0.0], ([1.0],), {}),
    "a mask for two": (
        TypeError,
        "skip must be a tuple of 2",
        lambda x, y: x,
        lambda x, y: (1.0, 0.0),
        (2.0, 3.0),
        {"skip": True},
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_checked_is_refused_with_a_word(name: str) -> None:
    kind, words, f, grad, args, options = REFUSED[name]

    def named(x: Any, *more: Any) -> Any:
        return f(x, *more)

    with pytest.raises(kind, match=words):
        check_gradient(named, grad, *args, **options)


def test_counts_and_indices_may_be_of_numpy() -> None:
    one, two = np.int64(1), np.int64(2)
    options: dict[str, Any] = {"argnums": one, "points": two, "directions": two, "rng": one, "rtol": np.float64(1e-6)}
    report = check_gradient(lambda x, y: float(x @ y), lambda x, y: x, np.ones(3), np.ones(3), **options)
    assert report
    assert len(report) == 4


def test_a_mask_of_none_skips_nothing_that_is_not_finite() -> None:
    def f(x: Any, y: float) -> float:
        return float(np.exp(-x).sum()) * y

    def grad(x: Any, y: float) -> Any:
        return -np.exp(-x) * y, np.exp(-x).sum()

    report = check_gradient(f, grad, np.array([1.0, np.inf]), 2.0, skip=(None, True))
    assert [row.name for row in report] == ["d/dx[0]", "d/dx[1]"]


def test_a_float_is_skipped_too() -> None:
    report = check_gradient(lambda x, y: x * y, lambda x, y: (y, 0.0), 2.0, 3.0, skip=(False, True))
    assert [row.name for row in report] == ["d/dx"]
    assert report


# ---------------------------------------------------------------- points


def test_other_points_are_moved_nearer_until_the_function_is_defined_there() -> None:
    x = np.array([1e-3, 5.0, 0.2])
    report = check_gradient(lambda x: np.log(x).sum(), lambda x: 1 / x, x, points=5)
    assert report
    assert len(report) == 15


def test_an_error_beside_the_arguments_says_where() -> None:
    def f(x: float) -> float:
        if x != 2.0:
            raise ValueError("only 2 is defined")
        return x

    with pytest.raises(ValueError, match="only 2") as caught:
        check_gradient(f, lambda x: 1.0, 2.0, points=2)
    assert caught.value.__notes__[0].startswith("This is beside the arguments, at x = ")


# ---------------------------------------------------------------- kinks along directions

ZEROS = np.r_[np.zeros(50), np.random.default_rng(0).standard_normal(450)]


def relu_gradient(x: Any) -> Any:
    return np.where(x > 0, 1.0, 0.0) + 0.9 * (x == 0)


def test_a_kink_does_not_hide_a_wrong_entry_elsewhere() -> None:
    def wrong(x: Any) -> Any:
        return relu_gradient(x) + 0.5 * (np.arange(500) == 77)

    report = check_gradient(lambda x: np.maximum(x, 0).sum(), wrong, ZEROS)
    assert "d/dx[77] beside the kink" in [row.name for row in report.failures]


def test_a_right_gradient_on_a_kink_passes_and_the_report_promises_no_more_than_it_saw() -> None:
    report = check_gradient(lambda x: np.maximum(x, 0).sum(), relu_gradient, ZEROS)
    assert report
    assert [row.verdict for row in report] == ["kink"] * 4 + ["ok"] * 4
    on_kink, beside = report.notes
    assert on_kink == "the point is on a kink, where any number between the sides passes"
    assert beside.endswith("in a single one would have shown beside the kink")
