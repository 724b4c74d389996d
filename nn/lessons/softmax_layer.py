"""The softmax layer that ends every network for classification, and its remarkably simple gradient."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import reduce
from operator import add, mul
from typing import NamedTuple

import autograd
from autograd import Value, gradients, numerical_gradient
from nn.arguments import listed, rows
from nn.lessons.finite import finite, require_finite
from nn.losses import cross_entropy


class SoftmaxGradients(NamedTuple):
    """The numbers of a `SoftmaxLayer`.

    logits: the sums z_j.
    probabilities: p_j.
    loss: the cross-entropy.
    weights: dE/dw_ij, in rows like the weights.
    """

    logits: list[float]
    probabilities: list[float]
    loss: float
    weights: list[list[float]]


class SoftmaxLayer:
    """A matrix of weights, softmax, and cross-entropy: the last layer of every classifier.

    z_j = sum_i x_i w_ij, p = softmax(z), E = -sum_j y_j log(p_j). Its gradient is remarkably simple: dE/dz_j is
    p_j - y_j, so row i of dE/dW is x_i (p - y).

    Args:
        weights: a row for each input, with a number for each class.
        inputs: the numbers x_i.
        target: the probabilities y_j that the classes should have; [0, 0, 1] for the third of three.

    Raises:
        ValueError: there are no inputs or less than 2 classes, the weights are not a matrix of that size, the target
            is not a list of probabilities that add up to 1, or a number is not finite.
        TypeError: something is not a number.

    >>> layer = SoftmaxLayer([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]], [0.6, 0.9], [0, 0, 1])
    >>> [round(p, 6) for p in layer.by_hand().probabilities]
    [0.284763, 0.330847, 0.38439]
    """

    def __init__(self, weights: Sequence[Sequence[float]], inputs: Sequence[float], target: Sequence[float]) -> None:
        self.inputs = [finite(x, "an input") for x in listed(inputs, "the inputs must be a list of numbers")]
        self.target = [finite(y, "a target") for y in listed(target, "the target must be a list of probabilities")]
        if not self.inputs or len(self.target) < 2:
            raise ValueError(
                "a softmax layer needs at least 1 input and 2 classes (the softmax of one is always 1), "
                f"not {len(self.inputs)} and {len(self.target)}"
            )
        lists = rows(weights, "the weights must be a list for each input")
        numbers = [listed(row, "the weights of an input must be a list of numbers") for row in lists]
        if len(numbers) != len(self.inputs) or any(len(row) != len(self.target) for row in numbers):
            raise ValueError(
                f"{len(self.inputs)} inputs and {len(self.target)} classes need {len(self.inputs)} rows of "
                f"{len(self.target)} weights, not rows of {', '.join(str(len(row)) for row in numbers) or 'nothing'}"
            )
        if min(self.target, default=-1.0) < 0.0 or not math.isclose(math.fsum(self.target), 1.0, abs_tol=1e-6):
            raise ValueError(f"the target must be probabilities of the classes, which add up to 1, not {self.target}")
        self.weights = [[finite(w, "a weight") for w in row] for row in numbers]

    def by_hand(self) -> SoftmaxGradients:
        """The gradients by the formula above, on plain floats.

        Raises:
            FloatingPointError: a logit or the loss is not finite.
        """
        columns = list(zip(*self.weights, strict=True))
        # Added one by one, as the engine does: `sum` rounds less often since Python 3.12.
        logits = [reduce(add, map(mul, self.inputs, column), 0.0) for column in columns]
        for number, logit in enumerate(logits, start=1):
            require_finite(logit, f"the logit z_{number}")
        largest = max(logits)
        powers = [math.exp(z - largest) for z in logits]
        total = sum(powers)
        p = [power / total for power in powers]
        loss = sum(y * (math.log(total) + largest - z) for y, z in zip(self.target, logits, strict=True) if y)
        require_finite(loss, "the loss")
        weights = [[x * (p_j - y_j) for p_j, y_j in zip(p, self.target, strict=True)] for x in self.inputs]
        return SoftmaxGradients(logits, p, loss, weights)

    def by_engine(self) -> SoftmaxGradients:
        """The same by the engine, from the forward pass alone."""
        weights = [[Value(w) for w in row] for row in self.weights]
        logits = self._logits(weights)
        loss = cross_entropy(logits, self.target)
        found = iter(gradients(loss, [w for row in weights for w in row]))
        p = [probability.data for probability in autograd.softmax(logits)]
        rows = [[next(found) for _ in row] for row in weights]
        return SoftmaxGradients([z.data for z in logits], p, loss.data, rows)

    def by_differences(self) -> list[list[float]]:
        """dE/dW from the change of the loss when each weight moves a little (`autograd.numerical_gradient`)."""
        found = iter(numerical_gradient(lambda w: cross_entropy(self._logits(w), self.target), [self.weights]))
        return [[next(found) for _ in row] for row in self.weights]

    def _logits(self, weights: Sequence[Sequence[Value]]) -> list[Value]:
        return [autograd.dot(column, self.inputs) for column in zip(*weights, strict=True)]
