"""Neural networks made of single numbers: modules, losses, optimizers, data and training.

>>> from nn import MLP, SGD, half_mse
>>> model = MLP(2, [4, 1], activation="tanh", rng=0)
>>> optimizer = SGD(model.parameters(), lr=0.1)
>>> before = half_mse(model([1.0, -1.0]), 0.5)
>>> before.backward()
>>> optimizer.step()
>>> half_mse(model([1.0, -1.0]), 0.5) < before
True
"""

try:
    from autograd import Value as _Value  # noqa: F401
except Exception as error:
    from nn.other_autograd import refuse_another

    refuse_another(error)
    raise

from autograd.support.rng import generator
from nn.data import Dataset, circles, digits, iris, minibatches, mnist, moons, spiral, xor
from nn.fit import NotCompiledWarning, evaluate, fit
from nn.gradient_comparison import GradientComparison, compare_gradients
from nn.history import History
from nn.init import glorot_uniform, he_normal
from nn.layers import ACTIVATIONS, MLP, Activation, Layer, Neuron
from nn.lessons.chain import Chain, mean_deltas, plot_vanishing_gradient
from nn.lessons.six_neurons import SixNeurons
from nn.lessons.softmax_layer import SoftmaxLayer
from nn.losses import (
    binary_cross_entropy_with_logits,
    correctness,
    cross_entropy,
    half_mse,
    hinge,
    mae,
    mse,
)
from nn.module import Module
from nn.optim import SGD, AdaGrad, Adam, AdamW, Optimizer, RMSprop
from nn.plots import DecisionFilm, plot_decisions, plot_history
from nn.schedules import Cosine, StepDecay, WarmUp

__all__ = [
    "Module",
    "Neuron",
    "Layer",
    "MLP",
    "ACTIVATIONS",
    "Activation",
    "he_normal",
    "glorot_uniform",
    "generator",
    "mse",
    "half_mse",
    "mae",
    "hinge",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "correctness",
    "Optimizer",
    "SGD",
    "AdaGrad",
    "RMSprop",
    "Adam",
    "AdamW",
    "StepDecay",
    "Cosine",
    "WarmUp",
    "Dataset",
    "minibatches",
    "circles",
    "digits",
    "iris",
    "mnist",
    "moons",
    "spiral",
    "xor",
    "fit",
    "evaluate",
    "History",
    "NotCompiledWarning",
    "plot_history",
    "plot_decisions",
    "DecisionFilm",
    "compare_gradients",
    "GradientComparison",
    "SixNeurons",
    "Chain",
    "SoftmaxLayer",
    "mean_deltas",
    "plot_vanishing_gradient",
]
