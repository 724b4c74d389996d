"""Objectives as SciPy's optimizers take them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd.testing import check_gradient, check_hessian, check_jacobian, from_scipy

optimize: Any = pytest.importorskip("scipy.optimize", reason="checked beside SciPy by `make peers`")
sparse: Any = pytest.importorskip("scipy.sparse")
linalg: Any = pytest.importorskip("scipy.sparse.linalg")
rosen, rosen_der = optimize.rosen, optimize.rosen_der
rosen_hess, rosen_hess_prod = optimize.rosen_hess, optimize.rosen_hess_prod

X0 = np.array([1.3, 0.7, 0.8, 1.9, 1.2])


@pytest.mark.parametrize("x0", [X0, list(X0)], ids=["array", "list"])
def test_a_right_gradient_passes(x0: Any) -> None:
    report = check_gradient(*from_scipy(rosen, rosen_der), x0)
    assert report, str(report)
    assert [row.name for row in report] == [f"d/dx[{index}]" for index in range(5)]


def test_a_wrong_gradient_is_found() -> None:
    def wrong(x: Any) -> Any:
        gradient = rosen_der(x)
        gradient[2] *= 1 + 1e-6
        return gradient

    report = check_gradient(*from_scipy(rosen, wrong), X0)
    assert [row.name for row in report.failures] == ["d/dx[2]"]


def test_a_function_that_returns_both_is_taken_with_jac_true() -> None:
    report = check_gradient(*from_scipy(lambda x: (rosen(x), rosen_der(x)), True), X0)
    assert report, str(report)


def test_further_arguments_are_given() -> None:
    def fun(x: Any, a: float, b: float) -> Any:
        return a * ((x - b) ** 2).sum()

    report = check_gradient(*from_scipy(fun, lambda x, a, b: 2 * a * (x - b), args=(3.0, 0.5)), X0)
    assert report, str(report)
    assert check_gradient(*from_scipy(lambda x, a: a * x @ x, lambda x, a: 2 * a * x, args=3.0), X0)


def test_a_single_number_is_an_array_of_one_to_the_objective() -> None:
    def fun(x: Any) -> Any:
        return x[0] ** 4

    assert check_gradient(*from_scipy(fun, lambda x: 4 * x**3), 2.0)
    assert check_hessian(*from_scipy(fun, lambda x: 4 * x**3, lambda x: np.array([[12 * x[0] ** 2]])), 2.0)


HESSIANS: dict[str, tuple[Any, Any, Any]] = {
    "an array": from_scipy(rosen, rosen_der, rosen_hess),
    "a sparse matrix": from_scipy(rosen, rosen_der, lambda x: sparse.csr_matrix(rosen_hess(x))),
    "a sparse array": from_scipy(rosen, rosen_der, lambda x: sparse.csr_array(rosen_hess(x))),
    "a linear operator": from_scipy(rosen, rosen_der, lambda x: linalg.aslinearoperator(rosen_hess(x))),
    "a product": from_scipy(rosen, rosen_der, hessp=rosen_hess_prod),
}


@pytest.mark.parametrize("kind", HESSIANS)
def test_a_right_hessian_passes(kind: str) -> None:
    report = check_hessian(*HESSIANS[kind], X0)
    assert report, str(report)


def test_a_wrong_hessian_is_found() -> None:
    def wrong(x: Any) -> Any:
        hessian = rosen_hess(x)
        hessian[0, 1] *= 2
        return hessian

    report = check_hessian(*from_scipy(rosen, rosen_der, wrong), X0)
    assert "d2/dx[0] dx[1]" in [row.name for row in report.failures]
    report = check_hessian(*from_scipy(rosen, rosen_der, hessp=lambda x, p: -rosen_hess_prod(x, p)), X0)
    assert report.verdict == "wrong"


def test_residuals_and_their_jacobian_are_checked() -> None:
    def fun(x: Any, t: Any) -> Any:
        return x[0] * np.exp(-x[1] * t)

    def jac(x: Any, t: Any) -> Any:
        return sparse.csr_matrix(np.stack([np.exp(-x[1] * t), -x[0] * t * np.exp(-x[1] * t)], axis=1))

    report = check_jacobian(*from_scipy(fun, jac, args=(np.linspace(0, 1, 4),)), np.array([2.0, 0.5]))
    assert report, str(report)


REFUSED: dict[str, tuple[tuple[Any, ...], str]] = {
    "no objective": ((3, rosen_der), "fun must be a function, not 3$"),
    "a method": ((rosen, "2-point"), "jac must be a function, not '2-point': SciPy then takes differences"),
    "no gradient": ((rosen, None), "jac must be a function, not None"),
    "an update": ((rosen, rosen_der, optimize.BFGS()), "hess must be a function, not .*BFGS"),
    "both": ((rosen, rosen_der, rosen_hess, rosen_hess_prod), "takes hess or hessp, not both"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_has_no_derivative_to_check_is_refused(what: str) -> None:
    given, words = REFUSED[what]
    with pytest.raises(TypeError, match=words):
        from_scipy(*given)


def test_with_jac_true_a_value_alone_is_refused() -> None:
    with pytest.raises(TypeError, match=r"with jac=True, fun must return \(value, gradient\)"):
        check_gradient(*from_scipy(rosen, True), X0)
