"""The layers with backward passes written by hand: they are right, and one planted mistake in each is found."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd.testing import check_gradient, check_vjp
from examples import layers
from examples.layers import State

ROOT = Path(__file__).parent.parent.parent
LAYERS = layers.layers()
LOGITS, CLASSES = np.random.default_rng(1).standard_normal((4, 3)), np.array([0, 2, 1, 2])


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_is_right(name: str) -> None:
    layer = LAYERS[name]
    report = check_vjp(layer.forward, layer.backward, *layer.arguments)
    assert report, str(report)


def test_the_loss_is_right() -> None:
    assert check_gradient(layers.softmax_loss, layers.softmax_loss_gradient, LOGITS, CLASSES)


def biases_of_one_row(g: Any, x: Any, w: Any, b: Any) -> Any:
    return g @ w.T, x.T @ g, g[0]


def relu_of_the_gradient(g: Any, x: Any) -> Any:
    return np.maximum(g, 0.0) * (x > 0)


def mean_forgotten(g: Any, x: Any, gamma: Any, beta: Any) -> Any:
    of_x, of_gamma, of_beta = layers.batch_norm_backward(g, x, gamma, beta)
    deviation = np.sqrt(x.var(axis=0, keepdims=True) + layers.EPSILON)
    return of_x + (g * gamma).mean(axis=0) / deviation, of_gamma, of_beta


def gamma_forgotten(g: Any, x: Any, gamma: Any, beta: Any) -> Any:
    return layers.layer_norm_backward(g, x, np.ones_like(gamma), beta)


def kernels_turned_round(g: Any, x: Any, kernels: Any) -> Any:
    return layers.convolution_backward(g, x, kernels[:, :, ::-1, ::-1])[0], layers.convolution_backward(g, x, kernels)[
        1
    ]


def pooling_to_all(g: Any, x: Any) -> Any:
    return np.repeat(np.repeat(g, 2, axis=2), 2, axis=3) / 4


def memory_forgotten(g: Any, x: Any, state: Any, w: Any, b: Any) -> Any:
    return layers.lstm_backward(State(g.h, 0.0 * g.c), x, state, w, b)


def scale_forgotten(g: Any, q: Any, k: Any, v: Any) -> Any:
    of_q, of_k, of_v = layers.attention_backward(g, q, k, v)
    return of_q * np.sqrt(q.shape[1]), of_k * np.sqrt(q.shape[1]), of_v


# Of each layer: a backward pass with one mistake, and the arguments whose gradients it makes wrong.
PLANTED: dict[str, tuple[Callable[..., Any], set[str]]] = {
    "affine": (biases_of_one_row, {"b"}),
    "relu": (relu_of_the_gradient, {"x"}),
    "batch norm": (mean_forgotten, {"x"}),
    "layer norm": (gamma_forgotten, {"x"}),
    "convolution": (kernels_turned_round, {"x"}),
    "max pooling": (pooling_to_all, {"x"}),
    "lstm": (memory_forgotten, {"x", "state", "w", "b"}),
    "attention": (scale_forgotten, {"q", "k"}),
}


@pytest.mark.parametrize("name", LAYERS)
def test_a_planted_mistake_is_found_in_the_arguments_that_it_concerns(name: str) -> None:
    layer = LAYERS[name]
    backward, wrong = PLANTED[name]
    report = check_vjp(layer.forward, backward, *layer.arguments)
    assert {row.name.removeprefix("d/d").split("[")[0].split(".")[0] for row in report.failures} == wrong


NAMED: dict[str, tuple[Callable[..., Any], str]] = {
    "affine": (lambda g, x, w, b: (g @ w.T, -x.T @ g, g.sum(axis=0)), "with respect to w has the wrong sign"),
    "relu": (lambda g, x: 2 * g * (x > 0), "the gradient is twice what it should be"),
    "batch norm": (
        lambda g, x, gamma, beta: (
            layers.batch_norm_backward(g, x, gamma, beta)[:1] + layers.batch_norm_backward(g, x, gamma, beta)[:0:-1]
        ),
        "the gradients with respect to gamma and beta are exchanged",
    ),
    "layer norm": (
        lambda g, x, gamma, beta: (
            *layers.layer_norm_backward(g, x, gamma, beta)[:2],
            g.mean(axis=0),
        ),
        "is 5 times too small, the length of axis 0 of x",
    ),
    "convolution": (
        lambda g, x, kernels: (
            layers.convolution_backward(g, x, kernels)[0],
            layers.convolution_backward(g, x, kernels)[1][:, :, ::-1],
        ),
        "with respect to kernels runs backwards along axis 2",
    ),
    "max pooling": (
        lambda g, x: layers.max_pooling_backward(g, x).transpose(0, 1, 3, 2),
        "has its axes in another order, (0, 1, 3, 2)",
    ),
    "lstm": (
        lambda g, x, state, w, b: (
            layers.lstm_backward(g, x, state, w, b)[0],
            State(*layers.lstm_backward(g, x, state, w, b)[1][::-1]),
            *layers.lstm_backward(g, x, state, w, b)[2:],
        ),
        "the gradients with respect to state.h and state.c are exchanged",
    ),
    "attention": (scale_forgotten, "with respect to q and k must be multiplied by 0.57735"),
}


@pytest.mark.parametrize("name", LAYERS)
def test_a_common_kind_of_mistake_is_named(name: str) -> None:
    layer = LAYERS[name]
    backward, words = NAMED[name]
    report = check_vjp(layer.forward, backward, *layer.arguments)
    assert not report
    assert any(words in note for note in report.notes), report.notes


def test_a_loss_of_a_sum_for_a_mean_is_named() -> None:
    report = check_gradient(
        layers.softmax_loss, lambda logits, c: 4 * layers.softmax_loss_gradient(logits, c), LOGITS, CLASSES
    )
    (note,) = report.notes
    assert "is 4 times too large, the length of axis 0 of logits: is it of a sum where the function has a mean?" in note


def test_the_program_prints_that_all_are_right() -> None:
    program = [sys.executable, "-W", "error", str(ROOT / "examples" / "layers.py")]
    said = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert said.count("right") == len(LAYERS) + 1
    assert "WRONG" not in said
