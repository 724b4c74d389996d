"""Functions of JAX with derivatives of their own, with and without float64."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest

from autograd.testing import check_gradient, check_hessian, check_jvp, check_vjp, from_jax

jax: Any = pytest.importorskip("jax", reason="checked beside JAX by `make peers`")
jnp = jax.numpy

X = np.array([0.3, -1.2, 2.0])


@pytest.fixture(params=[False, True], ids=["float32", "x64"])
def x64(request: pytest.FixtureRequest) -> Iterator[bool]:
    """JAX as it is by default, and with float64."""
    jax.config.update("jax_enable_x64", request.param)
    yield request.param
    jax.config.update("jax_enable_x64", False)


def written(error: float = 0.0, sign: float = 1.0) -> Any:
    """The log of the sum of exp, with a custom VJP whose second entry may be wrong."""

    @jax.custom_vjp  # type: ignore[untyped-decorator]
    def f(x: Any) -> Any:
        return jax.nn.logsumexp(x)

    def backward(x: Any, g: Any) -> tuple[Any]:
        return (sign * g * jax.nn.softmax(x).at[1].multiply(1 + error),)

    f.defvjp(lambda x: (f(x), x), backward)
    return jax.jit(f)


def written_forward(factor: float = 1.0) -> Any:
    """A product, with a custom JVP that may be wrong in its second argument."""

    @jax.custom_jvp  # type: ignore[untyped-decorator]
    def f(x: Any, y: Any) -> Any:
        return x * jnp.sin(y)

    @f.defjvp  # type: ignore[untyped-decorator]
    def product(primals: Any, tangents: Any) -> Any:
        (x, y), (dx, dy) = primals, tangents
        return f(x, y), dx * jnp.sin(y) + factor * x * jnp.cos(y) * dy

    return jax.jit(f)


def test_a_right_custom_vjp_passes_in_either_precision(x64: bool) -> None:
    for x in (jnp.asarray(X), jnp.asarray(X, dtype=jnp.float32), X):
        report = check_vjp(*from_jax(written()), x)
        assert report, str(report)


def test_an_entry_that_is_wrong_by_a_millionth_is_found_in_either_precision(x64: bool) -> None:
    for x in (jnp.asarray(X), jnp.asarray(X, dtype=jnp.float32), X):
        report = check_vjp(*from_jax(written(error=1e-6)), x)
        assert {row.name for row in report.failures} == {f"d/dx[1], cotangent {number}" for number in (1, 2)}


@pytest.mark.parametrize("kind", ["float16", "bfloat16", "float32"])
def test_a_turned_sign_does_not_pass_in_code_that_computes_in_one_type_alone(kind: str) -> None:
    def in_its_type(f: Any) -> Any:
        return lambda x: f(x.astype(kind))

    x = jnp.asarray(X, dtype=kind)
    assert check_vjp(*from_jax(in_its_type(written())), x).verdict != "wrong"
    assert check_vjp(*from_jax(in_its_type(written(sign=-1.0))), x).verdict != "ok"


def test_a_function_that_is_not_compiled_is_checked() -> None:
    report = check_vjp(*from_jax(written().__wrapped__), jnp.asarray(X))
    assert report, str(report)


def test_a_right_custom_jvp_passes_in_both_modes(x64: bool) -> None:
    f, vjp = from_jax(written_forward())
    _, jvp = from_jax(written_forward(), mode="forward")
    report = check_jvp(f, jvp, jnp.asarray(X), jnp.asarray(X[::-1].copy()), vjp=vjp)
    assert report, str(report)


def test_a_wrong_custom_jvp_is_found_in_both_modes() -> None:
    wrong, args = written_forward(2.0), (jnp.asarray(X), jnp.asarray(X[::-1].copy()))
    assert check_jvp(*from_jax(wrong, mode="forward"), *args).verdict == "wrong"
    report = check_vjp(*from_jax(wrong), *args)
    assert {row.name[:4] for row in report.failures} == {"d/dy"}


def test_arguments_and_results_may_be_nested() -> None:
    @partial(jax.jit, static_argnums=1)
    def f(p: Any, n: int, scale: float) -> Any:
        return {"out": scale * p["w"] ** n, "count": jnp.asarray(n), "all": [jnp.sum(p["w"]) * p["b"]]}

    p = {"w": jnp.asarray(X), "b": 2.0, "index": jnp.arange(3)}
    report = check_vjp(*from_jax(f), p, 3, 0.5)
    assert report, str(report)
    assert {row.name.partition(",")[0].partition("[")[0] for row in report} == {"d/dp", "d/dscale"}
    report = check_jvp(*from_jax(f, mode="forward"), p, 3, 0.5)
    assert report, str(report)


def test_a_key_of_random_numbers_is_held_fixed() -> None:
    @jax.jit  # type: ignore[untyped-decorator]
    def f(x: Any, key: Any) -> Any:
        return x * jax.random.bernoulli(key, 0.5, x.shape)

    for key in (jax.random.key(0), jax.random.PRNGKey(0)):
        report = check_vjp(*from_jax(f), jnp.asarray(X), key)
        assert report, str(report)


def test_argnums_leaves_an_argument_out() -> None:
    report = check_vjp(*from_jax(written_forward(2.0)), jnp.asarray(X), jnp.asarray(X), argnums=0)
    assert report, str(report)


def test_an_argument_that_cannot_be_differentiated_is_given_beforehand() -> None:
    @partial(jax.custom_vjp, nondiff_argnums=(1,))
    def f(x: Any, limit: float) -> Any:
        return limit * jnp.tanh(x / limit)

    f.defvjp(lambda x, limit: (f(x, limit), x), lambda limit, x, g: (g / jnp.cosh(x / limit) ** 2,))
    report = check_vjp(*from_jax(lambda x: f(x, 2.0)), jnp.asarray(X))
    assert report, str(report)


# ---------------------------------------------------------------- without the adapter


def test_arrays_of_jax_come_as_such(x64: bool) -> None:
    @jax.jit  # type: ignore[untyped-decorator]
    def f(x: Any) -> Any:
        return x.at[0].multiply(3.0) @ x

    gradient = jax.jit(jax.grad(f))
    report = check_gradient(f, gradient, jnp.asarray(X))
    assert report, str(report)
    wrong = check_gradient(f, lambda x: gradient(x).at[1].multiply(1.1), jnp.asarray(X))
    assert [row.name for row in wrong.failures] == ["d/dx[1]"]


def test_hessians_of_jax_are_checked(x64: bool) -> None:
    @jax.jit  # type: ignore[untyped-decorator]
    def f(x: Any) -> Any:
        return jnp.sum(x**3) + x[0] * x[1]

    grad, hessian = jax.jit(jax.grad(f)), jax.jit(jax.hessian(f))
    report = check_hessian(f, grad, hessian, jnp.asarray(X))
    assert report, str(report)
    assert check_hessian(f, grad, lambda x: -hessian(x), jnp.asarray(X)).verdict == "wrong"


# ---------------------------------------------------------------- what is refused


def test_what_is_no_function_is_refused() -> None:
    with pytest.raises(TypeError, match="from_jax takes a function, not 3"):
        from_jax(3)  # type: ignore[arg-type]


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(ValueError, match='mode must be "reverse" or "forward", not \'jvp\''):
        from_jax(jnp.sin, mode="jvp")  # type: ignore[arg-type]


def test_a_fixed_argument_in_forward_mode_is_refused_with_a_word() -> None:
    with pytest.raises(TypeError, match="1 tangents for 2 arguments"):
        check_jvp(*from_jax(jnp.multiply, mode="forward"), jnp.asarray(X), jnp.asarray(X), argnums=0)
