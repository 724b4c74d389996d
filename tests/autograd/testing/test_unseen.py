"""What a check cannot see, it says: errors beside the arguments, entries that cannot be moved, what rounding hides."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd as ag
from autograd.testing import GradcheckReport, check_gradient

RNG = np.random.default_rng(0)
MANY = RNG.standard_normal(300)
ROWS = RNG.standard_normal((300, 300)) / 17


# ---------------------------------------------------------------- errors beside the arguments


class OutsideError(Exception):
    """An error of a package of its own."""


def fails_beside(error: Exception) -> Callable[[float], float]:
    def f(x: float) -> float:
        if x > 1.05:
            raise error
        return x * x

    return f


ANY_ERROR = [IndexError("list index"), RuntimeError("singular"), TypeError("no"), KeyError("x"), OutsideError("away")]


@pytest.mark.parametrize("error", ANY_ERROR, ids=lambda error: type(error).__name__)
def test_an_error_beside_the_arguments_counts_as_not_defined_and_is_told(error: Exception) -> None:
    report = check_gradient(fails_beside(error), lambda x: 2 * x, 1.0)
    assert report
    (note,) = report.notes
    assert re.fullmatch(
        rf"at x = 1\.[01]\d* the function raised {type(error).__name__}: .*; it counts as not defined there", note
    )


def test_errors_of_numbers_are_told_only_if_there_is_no_verdict() -> None:
    assert check_gradient(fails_beside(ValueError("math domain error")), lambda x: 2 * x, 1.0).notes == []

    def at_1_alone(x: float) -> float:
        if x != 1.0:
            raise ValueError("math domain error")
        return x

    report = check_gradient(at_1_alone, lambda x: 1.0, 1.0)
    assert report.verdict == "unsure"
    assert re.match(r"at x = [\d.]+ the function raised ValueError: math domain error;", report.notes[0])


def test_an_error_at_the_arguments_ends_the_check() -> None:
    with pytest.raises(IndexError):
        check_gradient(lambda x: [1.0][int(x)] * x, lambda x: 1.0, 1.5)


def test_an_error_beside_names_the_entry_and_along_a_direction_how_far_it_moved() -> None:
    def f(x: Any) -> float:
        if x.max() > 2.0 * np.abs(MANY).max() or x[7] != MANY[7]:
            raise IndexError("outside the table")
        return float(x @ x)

    by_entry = check_gradient(f, lambda x: 2 * x, MANY, directions="entries")
    assert any(note.startswith("at x[7] = ") for note in by_entry.notes)
    along = check_gradient(f, lambda x: 2 * x, MANY)
    assert any(
        re.match(r"at x moved by up to \d\.\de.\d\d the function raised IndexError", note) for note in along.notes
    )


def test_an_error_beside_the_inputs_of_a_function_of_values_counts_as_not_defined_too() -> None:
    def f(x: ag.Value) -> ag.Number:
        if x.data > 1.0:
            raise IndexError("list index out of range")
        return x * x

    for order in (1, 2):
        report = ag.gradcheck(f, [0.9999], order=order)
        assert report
        assert report.notes[0].endswith(
            "the function raised IndexError: list index out of range; it counts as not defined there"
        )


def test_a_mistake_in_a_function_of_values_ends_numerical_differences() -> None:
    with pytest.raises(TypeError):
        ag.numerical_gradient(lambda x: math.sin(x), [1.0])


# ---------------------------------------------------------------- entries that are not finite


def with_one(number: float, size: int) -> Any:
    x = np.linspace(0.5, 2.0, size)
    x[3] = number
    return x


def finite_squares(x: Any) -> float:
    return float((x[np.isfinite(x)] ** 2).sum())


def of_finite_squares(x: Any) -> Any:
    return np.where(np.isfinite(x), 2 * x, 0.0)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("size", [5, 300])
def test_an_entry_that_is_not_finite_is_never_ok_and_is_named(number: float, size: int) -> None:
    x = with_one(number, size)
    report = check_gradient(finite_squares, of_finite_squares, x)
    assert [row.name for row in report.failures] == ["d/dx[3]"]
    assert report.verdict == "unsure"
    assert "x[3] is not finite and cannot be moved; leave it out with skip" in report.notes
    assert check_gradient(finite_squares, of_finite_squares, x, skip=~np.isfinite(x))


def test_beside_entries_that_are_not_finite_a_wrong_one_is_found() -> None:
    def off(x: Any) -> Any:
        gradient = of_finite_squares(x)
        gradient[200] *= 1.01
        return gradient

    rows = check_gradient(finite_squares, off, with_one(math.nan, 300)).rows
    assert [row.name for row in rows if row.verdict == "wrong" and "along" not in row.name] == ["d/dx[200]"]


@pytest.mark.parametrize("size", [5, 300])
def test_a_skipped_gradient_need_not_be_finite(size: int) -> None:
    x = with_one(math.nan, size)
    assert check_gradient(finite_squares, lambda x: 2 * x, x, skip=np.isnan(x))


# ---------------------------------------------------------------- what rounding hides


def said_visible(report: GradcheckReport) -> float:
    (found,) = re.findall(r"an error of (\S+) in a single one would have shown", "\n".join(report.notes))
    return float(found)


SEEN: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any], Any]] = {
    "squares": (lambda x: x @ x, lambda x: 2 * x, MANY),
    "a network": (lambda x: np.tanh(ROWS @ x).sum(), lambda x: ROWS.T @ (1 - np.tanh(ROWS @ x) ** 2), MANY),
    "a large offset": (lambda x: 1e8 + np.sin(x).sum(), np.cos, MANY),
    "a constant": (lambda x: 3.0, lambda x: 0 * x, MANY),
    "hidden by rounding": (lambda x: 1e20 + x.sum(), lambda x: 0 * x, MANY),
    "at a minimum": (lambda x: ((x - 2) ** 2).sum(), lambda x: 2 * (x - 2), np.full(300, 2.0)),
    "one large number": (
        lambda x: np.log1p(x * x).sum(), lambda x: 2 * x / (1 + x * x), np.where(np.arange(300) == 5, 1e6, MANY)
    ),
    "float32": (
        lambda x: np.tanh(x.astype(np.float32)).sum(), lambda x: 1 - np.tanh(x.astype(np.float32)) ** 2,
        MANY.astype(np.float32),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SEEN)
def test_an_error_above_the_one_that_is_said_to_show_shows(name: str) -> None:
    f, grad, x = SEEN[name]
    right = check_gradient(f, grad, x, directions=2)
    assert right
    visible = said_visible(right)
    for entry, sign in ((0, 1), (123, -1), (299, 1)):

        def off(x: Any, entry: int = entry, change: float = 1.001 * sign * visible) -> Any:
            gradient = np.array(grad(x), float)
            gradient[entry] += change
            return gradient

        assert not check_gradient(f, off, x, directions=2)


def test_a_report_says_how_many_entries_are_too_small_to_be_seen_in_a_direction() -> None:
    small = np.where(np.arange(300) < 4, 1e-12, 1.0)
    report = check_gradient(lambda x: small @ x, lambda x: small, MANY)
    assert report
    assert report.notes[0].endswith("in a single one would have shown, which is more than 4 of them are")


def test_a_report_says_which_entries_rounding_hides() -> None:
    report = check_gradient(lambda x: ((x - 2) ** 2).sum() + 1, lambda x: 2 * (x - 2) + 1e-16, np.full(2, 2.0))
    assert report
    assert re.fullmatch(
        r"rounding hides d/dx\[0\], d/dx\[1\]: an error of up to \d\.\de-15 would not have shown", report.notes[-1]
    )
    assert check_gradient(lambda x: ((x - 2) ** 2).sum() + 1, lambda x: 2 * (x - 2), np.full(2, 2.0)).notes == []


def test_entries_that_skip_masks_are_not_counted_as_wrong() -> None:
    x = np.random.default_rng(1).standard_normal(20_000)
    masked = np.arange(x.size) % 2 == 0
    report = check_gradient(lambda x: x @ x, lambda x: 3 * x, x, skip=masked)
    (more,) = re.findall(r"about ([\d,]+) more entries are wrong", "\n".join(report.notes))
    assert 5_000 < int(more.replace(",", "")) < 15_000
