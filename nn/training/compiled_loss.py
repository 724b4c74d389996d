"""A model with its loss as one compiled function that runs a whole batch.

What cannot be compiled is refused with a CompileError. Where a batch fails, its examples run eagerly once more, so the
error is that of eager training, and names the example.
"""

from __future__ import annotations

import math
import traceback
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

import autograd
from autograd import CompileError, no_grad
from nn.losses import binary_cross_entropy_with_logits, cross_entropy, half_mse, hinge, mae, mse
from nn.training.arrays import Array, ExampleArrays
from nn.training.examples import Loss, Model, number
from nn.training.outputs import Arrangement, arrangement, right_counter

FEWEST_PER_INSTRUCTION = 10
"""With fewer scalar operations per array instruction and batch, arrays are slower than single numbers."""

RAISED_EAGERLY = (ArithmeticError, ValueError, TypeError)
"""Errors of a batch whose examples run eagerly once more, so that the error names the example."""

CHECKED = (mse, half_mse, mae, hinge, binary_cross_entropy_with_logits)
"""Losses whose recordings refuse every target that they refuse themselves."""

LIBRARY = (str(Path(autograd.__file__).parent), str(Path(__file__).parents[1]))
"""The folders of this library, whose lines are not the user's."""


class CompiledLoss:
    """A model with its loss, compiled.

    Args:
        model: as `fit` takes it.
        loss: the same.
        is_correct: a function of an output and its target, or None.
        examples: the examples it is for. The first runs eagerly too, and so does the loss for all different targets.
        validation: more examples, of which only the targets are tried eagerly.

    captured: the Values that model and loss use, parameters and others.

    Raises:
        CompileError: the two cannot be compiled, or compute something else when they are.
        ValueError: the loss refuses one of the targets.
    """

    def __init__(
        self,
        model: Model,
        loss: Loss,
        is_correct: Callable[[Any, Any], bool] | None,
        examples: ExampleArrays,
        validation: ExampleArrays | None,
    ) -> None:
        self._model = model
        self._loss = loss
        self._is_correct = is_correct
        self._count_right = right_counter(is_correct)
        self._arranged: Arrangement
        parts = [part for part in (examples, validation) if part is not None]
        unchecked = [part for part in parts if not _refuses_alike(loss, part)]
        wants_outputs = is_correct is not None or bool(unchecked)

        def example(x: Any, target: Any) -> list[Any]:
            output = model(x)
            example_loss = loss(output, target)
            if not wants_outputs:
                return [example_loss]
            self._arranged = arrangement(output)
            return [example_loss, output]

        self._eager_loss(examples)  # first, since an error here has nothing to do with compiling
        try:
            # As they were given: the model gets an array where it gets one eagerly, and a list for a list.
            x, target = examples.given[0]
            self._function = autograd.compile(example, batched=("x", "target")).prepared([x], [target])
        except CompileError:
            raise
        except Exception as error:
            raise CompileError(f"{_users_line(error)}\n  {type(error).__name__} while recording: {error}") from error
        self._takes_all = all(map(self._takes, parts))
        self.captured = self._function.captured
        for value in self.captured:
            if value.requires_grad and not value.is_leaf:
                raise CompileError(f"the model uses {value!r}, which was computed before the training")
        self.check_model(examples)
        seen: set[object] = set()
        for part in unchecked:
            self._check_targets(part, seen)

    @property
    def calls_the_user(self) -> bool:
        """Whether `measured` calls a function of the user, which may look at the parameters."""
        return self._is_correct is not None and self._count_right is None

    def pays(self, batch_size: int) -> bool:
        """Whether there are enough scalar operations for each array instruction."""
        program = self._function.program
        return program.scalars * batch_size >= FEWEST_PER_INSTRUCTION * len(program.instructions)

    def numbers(self) -> Array:
        """The present numbers of the captured Values."""
        return np.array([value.data for value in self.captured], np.float64)

    def value_and_grad(self, numbers: Array, x: Array, y: Array) -> tuple[list[Array], Array]:
        """For a batch: the loss and the outputs of each example, and the gradient of the mean loss.

        Raises:
            FloatingPointError: a loss or the gradient is not finite; the message names the operation.
            ValueError, ZeroDivisionError, OverflowError: an operation is not defined; the message names it.
        """
        if not self._takes_all:
            self._function.require(x, y)
        return self._function.value_and_grad(numbers, x, y)

    def measured(self, results: list[Array], y: Array, targets: Iterable[Any]) -> tuple[float, int]:
        """The sum of the losses of a batch, and how many of the outputs are right.

        Args:
            results: the losses and the outputs.
            y: the targets as an array.
            targets: the same as they were given.
        """
        right = 0
        if self._count_right is not None:
            right = self._count_right(results[1], y)
        elif self._is_correct is not None:
            outputs = results[1].tolist()
            right = sum(
                bool(self._is_correct(self._arranged(iter(output)), target))
                for output, target in zip(outputs, targets, strict=True)
            )
        return float(np.add.reduce(results[0])), right

    def evaluated(self, numbers: Array, examples: ExampleArrays, batch_size: int) -> tuple[float, float | None]:
        """The mean loss of examples, and the share of them that are right, or None.

        Raises:
            FloatingPointError: a loss is not finite; the message names the example or the operation.
        """
        total, right = 0.0, 0
        for part, results in self._in_batches(numbers, examples, batch_size):
            targets = (examples.given[index][1] for index in part)
            loss, correct = self.measured(results, examples.y[part.start : part.stop], targets)
            total, right = total + loss, right + correct
        if not math.isfinite(total):
            examples.given.require_finite(range(len(examples)))
        return total / len(examples), None if self._is_correct is None else right / len(examples)

    def _in_batches(self, numbers: Array, examples: ExampleArrays, size: int) -> Iterator[tuple[range, list[Array]]]:
        for start in range(0, len(examples), size):
            part = range(start, min(start + size, len(examples)))
            x, y = examples.x[part.start : part.stop], examples.y[part.start : part.stop]
            try:
                if not self._takes_all:
                    self._function.require(x, y)
                results = self._function.values(numbers, x, y)
            except RAISED_EAGERLY as error:
                self.raise_eagerly(error, examples, part)
            yield part, results

    def raise_eagerly(self, error: Exception, examples: ExampleArrays, indices: Iterable[int]) -> NoReturn:
        """Raises the error that the examples raise eagerly, which names one of them; else the error itself.

        The captured Values must have the numbers at which it happened.
        """
        try:
            examples.given.raise_eagerly(indices, self._model, self._loss)
        except RAISED_EAGERLY as eager:
            raise eager from None
        raise error

    def _takes(self, examples: ExampleArrays) -> bool:
        """Whether model and loss take all the examples (`autograd.require`); if not, each batch is checked."""
        try:
            self._function.require(examples.x, examples.y)
        except ValueError:
            return False
        return True

    # ------------------------------------------------------------ checks

    def check_model(self, examples: ExampleArrays) -> None:
        """Compares the loss of the first example with the one computed eagerly.

        Raises:
            CompileError: they differ.
        """
        ((compiled, *_), *_) = self._function.values(self.numbers(), examples.x[:1], examples.y[:1])
        _require_equal(compiled, self._eager_loss(examples), "the loss of the first example")

    def _eager_loss(self, examples: ExampleArrays) -> Any:
        """The loss of the first example, computed eagerly."""
        with no_grad():
            return examples.given.outcome(0, self._model, self._loss)[2]

    def _check_targets(self, examples: ExampleArrays, seen: set[object]) -> None:
        """Calls the loss once with every different target, so that it can refuse those that its recording takes.

        Raises:
            ValueError: the loss refuses one of them.
            CompileError: the loss does with one of them what its recording does not.
        """
        for part, (losses, outputs) in self._in_batches(self.numbers(), examples, size=100):
            for row, index in enumerate(part):
                target = examples.given[index][1]
                key = target.tobytes() if hasattr(target, "tobytes") else repr(target)
                if key in seen:
                    continue
                seen.add(key)
                with no_grad():
                    try:
                        eager = self._loss(self._arranged(iter(outputs[row].tolist())), target)
                    except RAISED_EAGERLY as error:
                        examples.given.name_in(error, index)
                        raise
                _require_equal(losses[row], eager, f"the loss for the target {target!r:.80}")


def _refuses_alike(loss: Loss, examples: ExampleArrays) -> bool:
    """Whether the recording of a loss refuses all targets that the loss does; in an array, 1.0 is the class 1."""
    if loss is cross_entropy:
        return examples.y.ndim > 1 or examples.has_whole_targets
    return any(loss is checked for checked in CHECKED)


def _require_equal(compiled: float, eager_loss: Any, what: str) -> None:
    eager = number(eager_loss)
    # Another order of sums changes the last digits, which some models make larger; another operation changes more.
    if not (math.isclose(compiled, eager, rel_tol=1e-6, abs_tol=1e-9) or (math.isnan(compiled) and math.isnan(eager))):
        raise CompileError(
            f"{what} is {eager!r}, but {float(compiled)!r} when model and loss are compiled; they must do the same "
            "operations for all examples and targets, and each time they run"
        )


def _users_line(error: Exception) -> str:
    """The last line of the user's before an exception was raised, otherwise the line that raised it."""
    lines = traceback.extract_tb(error.__traceback__)
    line = next((line for line in reversed(lines) if not line.filename.startswith(LIBRARY)), lines[-1])
    return f"{line.filename}:{line.lineno}: {line.line}"
