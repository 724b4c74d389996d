"""Training as one would write it by hand: the examples of a batch run eagerly, one after the other.

The gradient accumulates in the parameters, so no graph is larger than that of one example.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from autograd import enable_grad, no_grad
from nn.optim import Optimizer
from nn.training.examples import Examples, Loss, Model, depends_on, number, require_training
from nn.training.tally import Tally


class EagerTraining:
    """What `fit` does with each batch, eagerly; `CompiledTraining` does the same on arrays."""

    def __init__(
        self,
        model: Model,
        examples: Examples,
        loss: Loss,
        optimizer: Optimizer,
        is_correct: Callable[[Any, Any], bool] | None,
        validation: Examples | None,
    ) -> None:
        self._model = model
        self._examples = examples
        self._loss = loss
        self._optimizer = optimizer
        self._is_correct = is_correct
        self._validation = validation
        self._learns = False

    def step(self, indices: Sequence[int]) -> tuple[float, int]:
        """Trains on the examples with these indices; gives the sum of their losses, and how many were right."""
        total, right = 0.0, 0
        examples = self._examples
        self._optimizer.zero_grad()
        for index in indices:
            output, target, example_loss = examples.to_train(index, self._model, self._loss)
            try:
                example_loss.backward(1.0 / len(indices))
            except FloatingPointError as error:
                examples.name_in(error, index)
                raise
            total += example_loss.data
            right += self._is_correct is not None and bool(self._is_correct(output, target))
            self._learns = self._learns or depends_on(example_loss, self._optimizer.parameters)
        if not self._learns:
            require_training(examples, self._model, self._loss, self._optimizer)
            self._learns = True
        if not math.isfinite(total):
            examples.require_finite(indices)
        self._optimizer.step()
        return total, right

    def validated(self) -> tuple[float, float | None]:
        """The mean loss of the validation examples, and the share of them that are right, or None."""
        assert self._validation is not None
        return eager_evaluation(self._model, self._validation, self._loss, self._is_correct)

    def publish(self) -> None:
        """Nothing: the parameters always have their newest numbers."""

    def refresh(self) -> None:
        """Looks again whether the loss depends on the parameters, since a callback may have replaced them."""
        self._learns = False


def eager_evaluation(
    model: Model, examples: Examples, loss: Loss, is_correct: Callable[[Any, Any], bool] | None
) -> tuple[float, float | None]:
    """What `nn.evaluate` gives, computed eagerly."""
    tally = Tally(counts_right=is_correct is not None)
    with no_grad():
        for index in range(len(examples)):
            output, target, example_loss = examples.outcome(index, model, loss)
            if not math.isfinite(number(example_loss)):
                with enable_grad():
                    examples.raise_eagerly([index], model, loss)
            tally.add(1, number(example_loss), is_correct is not None and bool(is_correct(output, target)))
    return tally.loss(), tally.accuracy()
