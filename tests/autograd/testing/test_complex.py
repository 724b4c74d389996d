"""One value at a complex number: all digits of a derivative, unless abs, a comparison, .real or conj break it."""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograd.testing import GradcheckReport, check_gradient, check_hessian, check_jacobian, check_jvp, check_vjp

X = np.array([0.3, -1.2, 2.0])
MANY = np.linspace(-1.0, 2.0, 300)


def by_complex(f: Callable[..., Any], grad: Callable[..., Any], *args: Any, **options: Any) -> GradcheckReport:
    return check_gradient(f, grad, *args, method="complex", **options)


@pytest.mark.parametrize("x", [X, MANY], ids=["entries", "directions"])
def test_a_complex_number_finds_what_differences_cannot(x: Any) -> None:
    def f(x: Any) -> Any:
        return np.sin(x).sum()

    def off(x: Any) -> Any:
        return np.cos(x) * (1 + 1e-10)

    assert by_complex(f, np.cos, x, rtol=1e-12)
    assert by_complex(f, off, x, rtol=1e-12).verdict == "wrong"
    assert check_gradient(f, off, x, rtol=1e-12, method="real").verdict != "ok" or x is X


def test_below_rounding_a_complex_number_still_tells() -> None:
    def f(x: Any) -> Any:
        return 1e15 + np.sin(x).sum()

    assert check_gradient(f, np.cos, X, method="real").verdict == "unsure"
    assert by_complex(f, np.cos, X)
    wrong = by_complex(f, lambda x: -np.cos(x), X)
    assert wrong.verdict == "unsure"
    assert [row.numeric for row in wrong] == pytest.approx(np.cos(X), rel=1e-14)


BROKEN: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "abs": (lambda x: np.abs(x).sum(), np.sign),
    "a part of abs": (lambda x: (x * np.abs(x)).sum(), lambda x: 2 * np.abs(x)),
    ".real": (lambda x: (x * x.real).sum(), lambda x: 2 * x),
    "conj": (lambda x: (x * np.conj(x)).real.sum(), lambda x: 2 * x),
    "a comparison of parts": (lambda x: np.where(x.imag > 0, 3 * x, x * x).sum(), lambda x: 2 * x),
}


@pytest.mark.parametrize("x", [X, MANY], ids=["entries", "directions"])
@pytest.mark.parametrize("name", BROKEN)
def test_where_complex_numbers_break_differences_decide_and_the_report_says_so(name: str, x: Any) -> None:
    f, grad = BROKEN[name]
    if name == "a comparison of parts":
        with pytest.raises(TypeError, match=r'the function is .*, but .* with x complex, .*; use method="real"'):
            by_complex(f, grad, x)
        return
    right = by_complex(f, grad, x)
    assert right
    assert any(note.startswith("a complex number contradicts differences in ") for note in right.notes)
    assert by_complex(f, lambda x: 1.001 * grad(x), x).verdict == "wrong"


@pytest.mark.parametrize("name", BROKEN)
def test_auto_says_the_same_as_real_where_complex_numbers_break(name: str) -> None:
    f, grad = BROKEN[name]
    for written in (grad, lambda x: 1.001 * grad(x), lambda x: 0.5 * grad(x)):
        assert (
            check_gradient(f, written, X, method="auto").verdict == check_gradient(f, written, X, method="real").verdict
        )


def test_a_gradient_broken_like_the_complex_derivative_is_wrong() -> None:
    assert by_complex(lambda x: (x * x.real).sum(), lambda x: x, X).verdict == "wrong"


def test_a_comparison_that_keeps_the_imaginary_part_breaks_nothing() -> None:
    report = by_complex(lambda x: np.where(x.real > 0, x * x, -x).sum(), lambda x: np.where(x > 0, 2 * x, -1.0), X)
    assert report
    assert report.notes == []


def test_at_a_kink_differences_decide() -> None:
    report = by_complex(lambda x: np.maximum(x, 0).sum(), lambda x: (x > 0) * 1.0, np.array([0.0, 1.0]))
    assert [row.verdict for row in report] == ["kink", "ok"]


def test_a_derivative_of_0_is_left_to_differences() -> None:
    assert by_complex(lambda x: 3.0, lambda x: 0.0, 1.0)
    assert by_complex(lambda x: x.real, lambda x: 0.0, 1.0).verdict == "wrong"


REFUSALS: dict[str, Callable[[Any], Any]] = {
    "must be real number": math.sin,
    "'>' not supported": lambda x: x if x > 0 else -x,
    "float\\(\\) argument": lambda x: float(x) * x,
}


@pytest.mark.parametrize("words", REFUSALS)
def test_a_function_that_takes_no_complex_numbers_is_told_what_to_do(words: str) -> None:
    said = f"takes no complex numbers: with x complex it raised TypeError: {words}"
    with pytest.raises(TypeError, match=f'{said}.*; compute with NumPy or cmath, or use method="real"'):
        by_complex(REFUSALS[words], math.cos, 1.0)


def test_a_function_that_drops_the_imaginary_part_is_refused() -> None:
    with pytest.raises(TypeError, match="takes no complex numbers"):
        by_complex(lambda x: x.astype(np.float64).sum(), np.ones_like, X)


def test_an_unknown_method_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match='method must be "auto", "real" or "complex", not \'exact\''):
        check_gradient(cmath.sin, cmath.cos, 1.0, method="exact")  # type: ignore[arg-type]


def test_products_jacobians_and_hessians_take_complex_numbers_too() -> None:
    def f(x: Any) -> Any:
        return [np.sin(x), x[0] * x[1]]

    def forward(v: Any, x: Any, error: float = 0.0) -> Any:
        return [(1 + error) * np.cos(x) * v, v[0] * x[1] + x[0] * v[1]]

    def backward(g: Any, x: Any, error: float = 0.0) -> Any:
        return (1 + error) * np.cos(x) * g[0] + g[1] * np.array([x[1], x[0], 0.0])

    options: dict[str, Any] = {"method": "complex", "rtol": 1e-12}
    assert check_vjp(f, backward, X, **options)
    assert not check_vjp(f, lambda g, x: backward(g, x, 1e-9), X, **options)
    assert check_jvp(f, forward, X, **options)
    assert not check_jvp(f, lambda v, x: forward(v, x, 1e-9), X, **options)
    assert check_jacobian(np.sin, lambda x: np.diag(np.cos(x)), X, **options)
    assert not check_jacobian(np.sin, lambda x: np.diag(np.cos(x)) * (1 + 1e-9), X, **options)
    assert check_hessian(lambda x: np.sin(x).sum(), np.cos, lambda x: np.diag(-np.sin(x)), X, **options)
    off = check_hessian(lambda x: np.sin(x).sum(), np.cos, lambda x: np.diag(-np.sin(x)) * (1 + 1e-9), X, **options)
    assert off.verdict == "wrong"
