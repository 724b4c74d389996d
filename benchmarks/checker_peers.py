"""Checks of written gradients beside their peers: what each finds, misses and blames wrongly, on the same functions.

40 functions of arrays with gradients written by hand (smooth, with kinks, stiff, tiny, huge, of float32, noisy) are
given to each checker right, and then wrong: one entry, the largest, off by 1e-1 to 1e-6 of itself, all signs turned,
all entries doubled, and a square array transposed. A checker that is not installed is reported and left out.

    python benchmarks/checker_peers.py --help

How each says "wrong": this library by a row with that verdict; `torch.autograd.gradcheck` and
`jax.test_util.check_grads` by their errors, at their own tolerances; `scipy.optimize.check_grad` gives a number, which
is compared with 1e-6 of the gradient's length; `numdifftools.Gradient` gives a gradient and its error, and more than
ten times that, and 1e-6 of the entry, is called wrong.
"""

from __future__ import annotations

import argparse
import importlib.util
import platform
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np

from autograd.testing import check_gradient

Array: TypeAlias = Any
Answer: TypeAlias = Literal["right", "wrong", "unsure"]
ERRORS = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6)
RNG = np.random.default_rng(0)
X = RNG.standard_normal(6)
SQUARE = RNG.standard_normal((6, 6))
POSITIVE = SQUARE @ SQUARE.T + 6 * np.eye(6)
LINEAR = RNG.standard_normal(6)
SCALES = np.array([1e-6, 1e-3, 1.0, 1e3, 1e6, 1.0])
WEIGHTS, LAST = RNG.standard_normal((5, 6)), RNG.standard_normal(5)
LOGITS = RNG.standard_normal((3, 3))


class Function(NamedTuple):
    """A function of one array, its gradient, and a point."""

    f: Callable[[Array], Any]
    gradient: Callable[[Array], Array]
    x: Array


def pendulum(start: Array) -> float:
    """The squared length of the state of a damped pendulum after 100 steps."""
    state = start.copy()
    for _ in range(100):
        state = state + 0.02 * np.array([state[1], -np.sin(state[0]) - 0.1 * state[1]])
    return float(state @ state)


def pendulum_adjoint(start: Array) -> Array:
    """Its gradient, from the last step back to the first."""
    states = [start.copy()]
    for _ in range(100):
        state = states[-1]
        states.append(state + 0.02 * np.array([state[1], -np.sin(state[0]) - 0.1 * state[1]]))
    adjoint = 2 * states.pop()
    for state in reversed(states):
        adjoint = adjoint + 0.02 * np.array([-np.cos(state[0]) * adjoint[1], adjoint[0] - 0.1 * adjoint[1]])
    return adjoint


def rosenbrock(x: Array) -> float:
    """A curved valley."""
    return float((100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum())


def rosenbrock_gradient(x: Array) -> Array:
    """Its gradient."""
    gradient = np.zeros_like(x)
    bend = x[1:] - x[:-1] ** 2
    gradient[:-1] = -400 * x[:-1] * bend - 2 * (1 - x[:-1])
    gradient[1:] += 200 * bend
    return gradient


def softmax(x: Array) -> Array:
    """The softmax of each row."""
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def single(f: Callable[[Array], Array]) -> Callable[[Array], Array]:
    """A function that computes in float32 whatever it is given."""
    return lambda x: f(x.astype(np.float32))


FUNCTIONS: dict[str, Function] = {
    # smooth
    "sum of squares": Function(lambda x: x @ x, lambda x: 2 * x, X),
    "quadratic": Function(lambda x: x @ POSITIVE @ x / 2 - LINEAR @ x, lambda x: POSITIVE @ x - LINEAR, X),
    "log of determinant": Function(lambda x: np.linalg.slogdet(x)[1], lambda x: np.linalg.inv(x).T, POSITIVE + SQUARE),
    "log of sum of exp": Function(lambda x: np.log(np.exp(x).sum()), softmax, X),
    "Rosenbrock": Function(rosenbrock, rosenbrock_gradient, X),
    "norm": Function(lambda x: np.sqrt(x @ x), lambda x: x / np.sqrt(x @ x), X),
    "cross-entropy": Function(
        lambda z: -np.log(np.diag(softmax(z))).mean(), lambda z: (softmax(z) - np.eye(3)) / 3, LOGITS
    ),
    "network": Function(
        lambda x: LAST @ np.tanh(WEIGHTS @ x), lambda x: WEIGHTS.T @ (LAST * (1 - np.tanh(WEIGHTS @ x) ** 2)), X
    ),
    "tanh of a matrix": Function(
        lambda m: np.tanh(m @ LINEAR).sum(), lambda m: np.outer(1 - np.tanh(m @ LINEAR) ** 2, LINEAR), SQUARE
    ),
    "simulation": Function(pendulum, pendulum_adjoint, np.array([0.5, 0.3])),
    "sine": Function(lambda x: np.sin(x).sum(), np.cos, X),
    "a power": Function(lambda x: (x**3.5).sum(), lambda x: 3.5 * x**2.5, np.array([0.05, 0.3, 2.0])),
    # at and near a minimum, of which some entries are 0
    "near a minimum": Function(lambda x: ((x - 1) ** 4).sum(), lambda x: 4 * (x - 1) ** 3, np.array([1.1, 0.9, 1.5])),
    "at a minimum": Function(lambda x: ((x - 2) ** 2).sum(), lambda x: 2 * (x - 2), np.full(3, 2.0)),
    "of one entry": Function(lambda x: x[0] ** 2, lambda x: np.array([2 * x[0], 0, 0, 0, 0, 0]), X),
    "constant": Function(lambda _: 3.0, lambda x: 0 * x, X),
    # kinks
    "relu": Function(lambda x: np.maximum(x, 0).sum(), lambda x: (x > 0) * 1.0, X),
    "absolute value": Function(lambda x: np.abs(x).sum(), np.sign, X),
    "at a kink": Function(lambda x: np.abs(x).sum(), np.sign, np.array([0.0, 1.0, -1.0])),
    "near a kink": Function(
        lambda x: np.maximum(x, 0).sum(), lambda x: (x > 0) * 1.0, np.array([1e-3, 1e-5, -1e-7, 2])
    ),
    "Huber": Function(
        lambda x: np.where(abs(x) < 0.5, x * x / 2, 0.5 * abs(x) - 0.125).sum(), lambda x: np.clip(x, -0.5, 0.5), X
    ),
    "maximum": Function(lambda x: x.max(), lambda x: (x == x.max()) * 1.0, X),
    "sorted": Function(lambda x: np.sort(x) @ np.arange(6.0), lambda x: np.argsort(np.argsort(x)) * 1.0, X),
    # stiff, steep, fast
    "a steep step": Function(lambda x: np.tanh(1e4 * x).sum(), lambda x: 1e4 / np.cosh(1e4 * x) ** 2, X * 1e-4),
    "a steep exponential": Function(lambda x: np.exp(20 * x).sum(), lambda x: 20 * np.exp(20 * x), X),
    "a fast wave": Function(lambda x: np.sin(50 * x).sum(), lambda x: 50 * np.cos(50 * x), X),
    "a faster wave": Function(lambda x: np.sin(1000 * x).sum(), lambda x: 1000 * np.cos(1000 * x), X),
    "a narrow bump": Function(lambda x: np.exp(-x @ x / 2e-4), lambda x: -x / 1e-4 * np.exp(-x @ x / 2e-4), X * 1e-2),
    "near the edge of log": Function(lambda x: np.log(x).sum(), lambda x: 1 / x, np.array([1e-10, 1e-3, 1, 5])),
    "near the edge of sqrt": Function(
        lambda x: np.sqrt(x).sum(), lambda x: 0.5 / np.sqrt(x), np.array([1e-8, 1e-4, 1, 4])
    ),
    # tiny and huge
    "tiny results": Function(lambda x: 1e-12 * np.tanh(x).sum(), lambda x: 1e-12 / np.cosh(x) ** 2, X),
    "huge results": Function(lambda x: 1e12 * np.tanh(x).sum(), lambda x: 1e12 / np.cosh(x) ** 2, X),
    "tiny arguments": Function(lambda x: np.sin(1e9 * x).sum(), lambda x: 1e9 * np.cos(1e9 * x), X * 1e-9),
    "huge arguments": Function(lambda x: np.sin(1e-9 * x).sum(), lambda x: 1e-9 * np.cos(1e-9 * x), X * 1e9),
    "mixed scales": Function(lambda x: (SCALES @ x) ** 2, lambda x: 2 * (SCALES @ x) * SCALES, X),
    # rounding and noise
    "a large offset": Function(lambda x: 1e6 + np.sin(x).sum(), np.cos, X),
    "rounded to 9 digits": Function(lambda x: round(float(np.sin(x).sum()), 9), np.cos, X),
    "cancellation": Function(
        lambda x: (x**6 - 6 * x**5 + 15 * x**4 - 20 * x**3 + 15 * x**2 - 6 * x + 1).sum(),
        lambda x: 6 * (x - 1) ** 5,
        np.array([1.2, 0.7, 1.5]),
    ),
    "float32": Function(
        lambda x: single(np.tanh)(x).sum(), lambda x: 1 - single(np.tanh)(x) ** 2, X.astype(np.float32)
    ),
    "float32 network": Function(
        lambda x: LAST.astype(np.float32) @ np.tanh(WEIGHTS.astype(np.float32) @ single(np.array)(x)),
        lambda x: WEIGHTS.T.astype(np.float32) @ (LAST * (1 - np.tanh(WEIGHTS @ x) ** 2)).astype(np.float32),
        X.astype(np.float32),
    ),
}


def mistakes(function: Function) -> dict[str, Callable[[Array], Array]]:
    """Wrong gradients of a function, by what is wrong with them."""
    right = np.asarray(function.gradient(function.x), float)
    if not right.any():
        return {}
    largest = int(abs(right).argmax())

    def off(x: Array, error: float) -> Array:
        gradient = np.array(function.gradient(x))
        gradient.flat[largest] *= 1 + error
        return gradient

    wrong: dict[str, Callable[[Array], Array]] = {f"{error:.0e}": partial(off, error=error) for error in ERRORS}
    wrong["sign"] = lambda x: -np.asarray(function.gradient(x))
    wrong["twice"] = lambda x: 2 * np.asarray(function.gradient(x))
    if right.ndim == 2 and right.shape[0] == right.shape[1] and not np.allclose(right, right.T):
        wrong["transposed"] = lambda x: np.asarray(function.gradient(x)).T
    return wrong


# ---------------------------------------------------------------- the checkers


def ours(f: Callable[[Array], Any], gradient: Callable[[Array], Array], x: Array) -> Answer:
    """`autograd.testing.check_gradient`."""
    verdicts = {row.verdict for row in check_gradient(f, gradient, x)}
    return "wrong" if "wrong" in verdicts else "unsure" if "unsure" in verdicts else "right"


def scipy_check(f: Callable[[Array], Any], gradient: Callable[[Array], Array], x: Array) -> Answer:
    """`scipy.optimize.check_grad`, with flat arguments, which are all that it takes."""
    from scipy.optimize import check_grad

    shape = x.shape
    flat_gradient = np.asarray(gradient(x), float).ravel()
    error = check_grad(
        lambda flat: float(f(flat.reshape(shape))),
        lambda flat: np.asarray(gradient(flat.reshape(shape)), float).ravel(),
        x.ravel().astype(float),
    )
    return "right" if error <= 1e-6 * max(float(np.linalg.norm(flat_gradient)), 1.0) else "wrong"


def numdifftools_check(f: Callable[[Array], Any], gradient: Callable[[Array], Array], x: Array) -> Answer:
    """`numdifftools.Gradient`, with the error that it estimates."""
    import numdifftools

    found = numdifftools.Gradient(lambda flat: float(f(flat.reshape(x.shape))), full_output=True)(
        x.ravel().astype(float)
    )
    claimed, estimate = np.asarray(gradient(x), float).ravel(), np.ravel(found.estimate)
    allowed = 10 * np.ravel(found.error_estimate) + 1e-6 * np.maximum(abs(claimed), abs(estimate))
    return "right" if bool((abs(estimate - claimed) <= allowed).all()) else "wrong"


def torch_check(f: Callable[[Array], Any], gradient: Callable[[Array], Array], x: Array) -> Answer:
    """`torch.autograd.gradcheck` of a Function whose backward pass is the gradient."""
    import torch

    class Written(torch.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(context: Any, tensor: Any) -> Any:
            context.save_for_backward(tensor)
            return torch.tensor(float(f(tensor.detach().numpy())), dtype=tensor.dtype)

        @staticmethod
        def backward(context: Any, cotangent: Any) -> Any:
            (tensor,) = context.saved_tensors
            return cotangent * torch.as_tensor(np.array(gradient(tensor.detach().numpy())), dtype=tensor.dtype)

    tensor = torch.tensor(x, requires_grad=True)
    return "right" if torch.autograd.gradcheck(Written.apply, (tensor,), raise_exception=False) else "wrong"


def jax_check(f: Callable[[Array], Any], gradient: Callable[[Array], Array], x: Array) -> Answer:
    """`jax.test_util.check_grads` of a function whose custom VJP is the gradient."""
    import jax
    from jax.test_util import check_grads

    jax.config.update("jax_enable_x64", True)
    kind = jax.ShapeDtypeStruct((), x.dtype)

    @jax.custom_vjp  # type: ignore[untyped-decorator]
    def written(array: Array) -> Array:
        return jax.pure_callback(lambda given: np.asarray(f(np.asarray(given)), x.dtype), kind, array)

    def forward(array: Array) -> tuple[Array, Array]:
        return written(array), array

    def backward(array: Array, cotangent: Array) -> tuple[Array]:
        like = jax.ShapeDtypeStruct(x.shape, x.dtype)
        pulled = jax.pure_callback(lambda given: np.asarray(gradient(np.asarray(given)), x.dtype), like, array)
        return (cotangent * pulled,)

    written.defvjp(forward, backward)
    try:
        check_grads(written, (x,), order=1, modes=["rev"])
    except AssertionError:
        return "wrong"
    return "right"


CHECKERS: dict[str, tuple[str | None, Callable[..., Answer]]] = {
    "autograd.testing (this project)": (None, ours),
    "torch.autograd.gradcheck": ("torch", torch_check),
    "jax.test_util.check_grads": ("jax", jax_check),
    "scipy.optimize.check_grad": ("scipy", scipy_check),
    "numdifftools.Gradient": ("numdifftools", numdifftools_check),
}


class Score(NamedTuple):
    """What a checker did: of right gradients, and of each kind of wrong ones the part that it found."""

    blamed: list[str]
    unsure: list[str]
    found: dict[str, set[str]]
    seconds: float


def score(check: Callable[..., Answer]) -> Score:
    """All functions, right and wrong, through one checker."""
    blamed, unsure = [], []
    found: dict[str, set[str]] = {}
    began = time.process_time()
    for name, function in FUNCTIONS.items():
        answer = check(function.f, function.gradient, function.x)
        if answer == "wrong":
            blamed.append(name)
        elif answer == "unsure":
            unsure.append(name)
        for kind, gradient in mistakes(function).items():
            if check(function.f, gradient, function.x) == "wrong":
                found.setdefault(kind, set()).add(name)
    return Score(blamed, unsure, found, time.process_time() - began)


class Timed:
    """A function that counts its calls, and the processor seconds that it takes."""

    def __init__(self, f: Callable[[Array], Any]) -> None:
        self.f = f
        self.calls = 0
        self.seconds = 0.0

    def __call__(self, x: Array) -> Any:
        began = time.process_time()
        result = self.f(x)
        self.seconds += time.process_time() - began
        self.calls += 1
        return result


class Cost(NamedTuple):
    """What right gradients cost: calls of f for each entry, function by function, and seconds beside each call."""

    per_entry: list[float]
    overhead: float


def cost(check: Callable[..., Answer]) -> Cost:
    """All functions with their right gradients through one checker; what it imports is loaded by now."""
    per_entry, calls, seconds = [], 0, 0.0
    for function in FUNCTIONS.values():
        f, gradient = Timed(function.f), Timed(function.gradient)
        began = time.process_time()
        check(f, gradient, function.x)
        seconds += time.process_time() - began - f.seconds - gradient.seconds
        calls += f.calls
        per_entry.append(f.calls / function.x.size)
    return Cost(per_entry, seconds / calls)


def main() -> int:
    """Prints the table; the status is 1 if this project blames a right gradient or misses what a peer finds."""
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    warnings.simplefilter("ignore")
    kinds = [*(f"{error:.0e}" for error in ERRORS), "sign", "twice", "transposed"]
    totals = {kind: sum(kind in mistakes(function) for function in FUNCTIONS.values()) for kind in kinds}
    print(f"{len(FUNCTIONS)} functions; CPython {platform.python_version()}, {platform.machine()}\n")
    print(f"{'':32} {'blamed':>6} {'unsure':>6} " + " ".join(f"{kind:>10}" for kind in kinds) + "    s")
    scores, costs = {}, {}
    for name, (package, check) in CHECKERS.items():
        if package is not None and importlib.util.find_spec(package) is None:
            print(f"{name:32} not installed")
            continue
        scores[name] = result = score(check)
        costs[name] = cost(check)
        cells = [f"{len(result.found.get(kind, ())):>4} of {totals[kind]:>2}" for kind in kinds]
        print(
            f"{name:32} {len(result.blamed):>6} {len(result.unsure):>6} " + " ".join(f"{c:>10}" for c in cells), end=""
        )
        print(f" {result.seconds:4.0f}")
    print(f"\n{'':32} calls of f for each entry: {'median':>8} {'most':>8}   overhead, us for each call")
    for name, spent in costs.items():
        median, most = statistics.median(spent.per_entry), max(spent.per_entry)
        print(f"{name:32} {'':26} {median:8.1f} {most:8.1f}   {1e6 * spent.overhead:10.1f}")
    own = scores[next(iter(CHECKERS))]
    print(f"\nunsure: {', '.join(own.unsure) or 'none'}")
    failed = bool(own.blamed)
    for name, peer in scores.items():
        for kind in kinds:
            more = peer.found.get(kind, set()) - own.found.get(kind, set()) - set(peer.blamed)
            if more:
                print(f"{name} finds {kind}, and this project does not: {', '.join(sorted(more))}")
                failed = True
    print(
        "blamed: "
        + "; ".join(f"{name}: {', '.join(result.blamed)}" for name, result in scores.items() if result.blamed)
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
