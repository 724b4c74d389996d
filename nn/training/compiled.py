"""Training on arrays: a compiled loss, and the parameters in one array.

It gives what eager training gives, but for rounding.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from autograd import CompileError
from nn.optim import Optimizer
from nn.training.arrays import example_arrays
from nn.training.compiled_loss import RAISED_EAGERLY, CompiledLoss
from nn.training.examples import Examples, Loss, Model, require_training
from nn.training.parameter_array import ParameterArray


class CompiledTraining:
    """What `fit` does with each batch, on arrays; `EagerTraining` does the same eagerly.

    Raises:
        CompileError: the model, the loss or the examples cannot be compiled.
        ValueError: the loss refuses one of the targets.
    """

    def __init__(
        self,
        model: Model,
        examples: Examples,
        loss: Loss,
        optimizer: Optimizer,
        is_correct: Callable[[Any, Any], bool] | None,
        validation: Examples | None,
        batch_size: int,
    ) -> None:
        self._arrays = example_arrays(examples, model, loss)
        self._validation = None if validation is None else example_arrays(validation, model, loss)
        self._arguments = model, loss, is_correct, self._arrays, self._validation
        self._optimizer = optimizer
        self._batch_size = batch_size
        self._compile()

    def _compile(self) -> None:
        model, loss, *_ = self._arguments
        require_training(self._arrays.given, model, loss, self._optimizer)
        self._loss = CompiledLoss(*self._arguments)
        self._parameters = ParameterArray(self._loss.captured, self._optimizer)
        self._had_gradients = self._requiring_gradients()

    def _requiring_gradients(self) -> list[bool]:
        return [value.requires_grad for value in self._loss.captured]

    def pays(self) -> bool:
        """Whether arrays are faster than single numbers here."""
        return self._loss.pays(min(self._batch_size, len(self._arrays)))

    def step(self, indices: list[int]) -> tuple[float, int]:
        """Trains on the examples with these indices; gives the sum of their losses, and how many were right."""
        loss, parameters, arrays = self._loss, self._parameters, self._arrays
        parameters.forget_gradient()
        x, y = arrays.batch(indices)
        numbers = parameters.numbers_captured
        try:
            results, gradient = loss.value_and_grad(numbers, x, y)
        except RAISED_EAGERLY as error:
            parameters.publish()
            loss.raise_eagerly(error, arrays, indices)
        if loss.calls_the_user:
            parameters.publish()
        measured = loss.measured(results, y, (arrays.given[index][1] for index in indices))
        if not math.isfinite(measured[0]):
            arrays.given.require_finite(indices)
        parameters.step(gradient)
        return measured

    def validated(self) -> tuple[float, float | None]:
        """The mean loss of the validation examples, and the share of them that are right, or None."""
        assert self._validation is not None
        if self._loss.calls_the_user:
            self.publish()
        return self._loss.evaluated(self._parameters.numbers_captured, self._validation, max(self._batch_size, 100))

    def publish(self) -> None:
        """Gives parameters and optimizer their newest numbers, so that others can read them."""
        self._parameters.publish()

    def refresh(self) -> None:
        """Reads what a callback has changed; compiles again if the model computes something else now.

        Raises:
            CompileError: the model can no longer be compiled.
        """
        try:
            self._loss.check_model(self._arrays)
            is_same = self._had_gradients == self._requiring_gradients()
        except CompileError:
            is_same = False
        if is_same:
            self._parameters.refresh()
        else:
            self._compile()


def compiled_evaluation(
    model: Model, examples: Examples, loss: Loss, is_correct: Callable[[Any, Any], bool] | None
) -> tuple[float, float | None]:
    """What `nn.evaluate` gives, computed on arrays."""
    arrays = example_arrays(examples, model, loss)
    compiled = CompiledLoss(model, loss, is_correct, arrays, None)
    return compiled.evaluated(compiled.numbers(), arrays, batch_size=1000)
