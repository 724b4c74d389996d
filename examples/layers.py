"""Layers in NumPy with their backward passes written by hand, and a check of each: a start for your own.

    python examples/layers.py

Each layer is a function, and beside it its vector-Jacobian product: given the gradient `g` of some loss with respect to
the result, it returns the gradient with respect to each argument. `autograd.testing.check_vjp` compares it with
differences of the function. The layers do not use this library; only the checks do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from autograd.testing import check_gradient, check_vjp

Array: TypeAlias = Any
EPSILON = 1e-5


# ---------------------------------------------------------------- affine


def affine(x: Array, w: Array, b: Array) -> Array:
    """A batch of rows `x`, (n, d), times the weights `w`, (d, m), plus the biases `b`, (m,)."""
    return x @ w + b


def affine_backward(g: Array, x: Array, w: Array, b: Array) -> tuple[Array, Array, Array]:
    """The biases are added to every row, so their gradient is the sum over the rows."""
    return g @ w.T, x.T @ g, g.sum(axis=0)


# ---------------------------------------------------------------- relu


def relu(x: Array) -> Array:
    """max(x, 0)."""
    return np.maximum(x, 0.0)


def relu_backward(g: Array, x: Array) -> Array:
    """The gradient passes where x is positive."""
    return g * (x > 0)


# ---------------------------------------------------------------- softmax and cross-entropy


def softmax(logits: Array) -> Array:
    """The probabilities of each row of logits."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def softmax_loss(logits: Array, classes: Array) -> float:
    """The mean cross-entropy of rows of logits, (n, m), whose classes are ints, (n,)."""
    return float(-np.log(softmax(logits)[np.arange(len(classes)), classes]).mean())


def softmax_loss_gradient(logits: Array, classes: Array) -> Array:
    """The probabilities minus 1 at the class, over the number of rows."""
    gradient = softmax(logits)
    gradient[np.arange(len(classes)), classes] -= 1.0
    return gradient / len(classes)


# ---------------------------------------------------------------- batch and layer normalization


def batch_norm(x: Array, gamma: Array, beta: Array) -> Array:
    """Each column of `x`, (n, d), with mean 0 and variance 1, times `gamma` plus `beta`, (d,)."""
    return gamma * normalized(x, axis=0) + beta


def batch_norm_backward(g: Array, x: Array, gamma: Array, beta: Array) -> tuple[Array, Array, Array]:
    """The mean and the variance depend on every entry of a column."""
    return normalized_backward(g * gamma, x, axis=0), (g * normalized(x, axis=0)).sum(axis=0), g.sum(axis=0)


def layer_norm(x: Array, gamma: Array, beta: Array) -> Array:
    """Each row of `x`, (n, d), with mean 0 and variance 1, times `gamma` plus `beta`, (d,)."""
    return gamma * normalized(x, axis=1) + beta


def layer_norm_backward(g: Array, x: Array, gamma: Array, beta: Array) -> tuple[Array, Array, Array]:
    """As for a batch, along rows."""
    return normalized_backward(g * gamma, x, axis=1), (g * normalized(x, axis=1)).sum(axis=0), g.sum(axis=0)


def normalized(x: Array, axis: int) -> Array:
    """Mean 0 and variance 1 along an axis."""
    centred = x - x.mean(axis=axis, keepdims=True)
    return centred / np.sqrt((centred**2).mean(axis=axis, keepdims=True) + EPSILON)


def normalized_backward(g: Array, x: Array, axis: int) -> Array:
    """The gradient, without its mean and without its part along the normalized numbers."""
    y = normalized(x, axis)
    deviation = np.sqrt(x.var(axis=axis, keepdims=True) + EPSILON)
    along = (g * y).mean(axis=axis, keepdims=True)
    return (g - g.mean(axis=axis, keepdims=True) - y * along) / deviation


# ---------------------------------------------------------------- convolution and pooling


def convolution(x: Array, kernels: Array) -> Array:
    """Images `x`, (n, c, h, w), under kernels (k, c, p, q), without padding: (n, k, h - p + 1, w - q + 1)."""
    p, q = kernels.shape[2:]
    return np.einsum("ncijpq,kcpq->nkij", np.lib.stride_tricks.sliding_window_view(x, (p, q), axis=(2, 3)), kernels)


def convolution_backward(g: Array, x: Array, kernels: Array) -> tuple[Array, Array]:
    """Each pixel gets the gradient of every window that it is in."""
    p, q = kernels.shape[2:]
    of_x = np.zeros_like(x)
    height, width = g.shape[2:]
    for i in range(p):
        for j in range(q):
            of_x[:, :, i : i + height, j : j + width] += np.einsum("nkij,kc->ncij", g, kernels[:, :, i, j])
    windows = np.lib.stride_tricks.sliding_window_view(x, (p, q), axis=(2, 3))
    return of_x, np.einsum("ncijpq,nkij->kcpq", windows, g)


def max_pooling(x: Array) -> Array:
    """The largest number of each square of 2 by 2 pixels of images (n, c, h, w), h and w even."""
    return squares(x).max(axis=-1)


def max_pooling_backward(g: Array, x: Array) -> Array:
    """The gradient goes to the largest number of each square."""
    n, c, h, w = x.shape
    largest = np.arange(4) == squares(x).argmax(axis=-1)[..., None]
    spread = (largest * g[..., None]).reshape(n, c, h // 2, w // 2, 2, 2)
    return spread.transpose(0, 1, 2, 4, 3, 5).reshape(x.shape)


def squares(x: Array) -> Array:
    """The squares of 2 by 2 pixels, each in one row: (n, c, h / 2, w / 2, 4)."""
    n, c, h, w = x.shape
    return x.reshape(n, c, h // 2, 2, w // 2, 2).transpose(0, 1, 2, 4, 3, 5).reshape(n, c, h // 2, w // 2, 4)


# ---------------------------------------------------------------- LSTM


class State(NamedTuple):
    """What an LSTM cell passes on: its output, and its memory."""

    h: Array
    c: Array


def lstm(x: Array, state: State, w: Array, b: Array) -> State:
    """One step: rows `x`, (n, d), state (n, m), weights (d + m, 4m) and biases (4m,) of four gates."""
    into, forget, out, new = gates(x, state.h, w, b)
    c = forget * state.c + into * new
    return State(out * np.tanh(c), c)


def lstm_backward(g: State, x: Array, state: State, w: Array, b: Array) -> tuple[Array, State, Array, Array]:
    """The memory is reached in two ways: through the output, and directly."""
    into, forget, out, new = gates(x, state.h, w, b)
    c = np.tanh(forget * state.c + into * new)
    of_c = g.c + g.h * out * (1 - c**2)
    of_gates = np.concatenate(
        [
            of_c * new * into * (1 - into),
            of_c * state.c * forget * (1 - forget),
            g.h * c * out * (1 - out),
            of_c * into * (1 - new**2),
        ],
        axis=1,
    )
    of_both = of_gates @ w.T
    both = np.concatenate([x, state.h], axis=1)
    return of_both[:, : x.shape[1]], State(of_both[:, x.shape[1] :], of_c * forget), both.T @ of_gates, of_gates.sum(0)


def gates(x: Array, h: Array, w: Array, b: Array) -> tuple[Array, Array, Array, Array]:
    """How much goes in, how much is kept, how much comes out, and what is new."""
    into, forget, out, new = np.split(np.concatenate([x, h], axis=1) @ w + b, 4, axis=1)
    return sigmoid(into), sigmoid(forget), sigmoid(out), np.tanh(new)


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x))."""
    return 1.0 / (1.0 + np.exp(-x))


# ---------------------------------------------------------------- attention


def attention(q: Array, k: Array, v: Array) -> Array:
    """Scaled dot products: queries and keys (t, d), values (t, m)."""
    return softmax(q @ k.T / np.sqrt(q.shape[1])) @ v


def attention_backward(g: Array, q: Array, k: Array, v: Array) -> tuple[Array, Array, Array]:
    """Through the weights, whose rows add up to 1, and through the values."""
    weights = softmax(q @ k.T / np.sqrt(q.shape[1]))
    of_weights = g @ v.T
    of_scores = weights * (of_weights - (weights * of_weights).sum(axis=1, keepdims=True)) / np.sqrt(q.shape[1])
    return of_scores @ k, of_scores.T @ q, weights.T @ g


# ---------------------------------------------------------------- the checks


class Layer(NamedTuple):
    """A layer, its backward pass, and arguments to check it at."""

    forward: Callable[..., Any]
    backward: Callable[..., Any]
    arguments: tuple[Any, ...]


def layers() -> dict[str, Layer]:
    """All layers, with random arguments that are the same each time."""
    rng = np.random.default_rng(0)

    def drawn(*shape: int) -> Array:
        return rng.standard_normal(shape)

    return {
        "affine": Layer(affine, affine_backward, (drawn(5, 3), drawn(3, 2), drawn(2))),
        "relu": Layer(relu, relu_backward, (drawn(4, 3),)),
        "batch norm": Layer(batch_norm, batch_norm_backward, (drawn(5, 3), drawn(3), drawn(3))),
        "layer norm": Layer(layer_norm, layer_norm_backward, (drawn(5, 3), drawn(3), drawn(3))),
        "convolution": Layer(convolution, convolution_backward, (drawn(2, 2, 4, 5), drawn(3, 2, 2, 2))),
        "max pooling": Layer(max_pooling, max_pooling_backward, (drawn(2, 2, 4, 4),)),
        "lstm": Layer(lstm, lstm_backward, (drawn(3, 2), State(drawn(3, 2), drawn(3, 2)), drawn(4, 8), drawn(8))),
        "attention": Layer(attention, attention_backward, (drawn(4, 3), drawn(4, 3), drawn(4, 2))),
    }


def main() -> None:
    """Checks every layer, and prints how it went."""
    for name, layer in layers().items():
        report = check_vjp(layer.forward, layer.backward, *layer.arguments)
        print(f"{name:14} {len(report):4} derivatives  {'right' if report else 'WRONG'}")
    rng = np.random.default_rng(1)
    logits, classes = rng.standard_normal((4, 3)), np.array([0, 2, 1, 2])
    report = check_gradient(softmax_loss, softmax_loss_gradient, logits, classes)
    print(f"{'softmax loss':14} {len(report):4} derivatives  {'right' if report else 'WRONG'}")


if __name__ == "__main__":
    main()
