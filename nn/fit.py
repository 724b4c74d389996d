"""The training loop, and what it has to tell."""

from __future__ import annotations

import gc
import math
import random
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

from autograd import Value, no_grad
from nn.data import minibatches
from nn.losses import correctness
from nn.optim import Optimizer
from nn.rng import generator

if TYPE_CHECKING:
    from tqdm import tqdm

Model: TypeAlias = Callable[[Any], Any]
"""Anything that makes an output of one example; an `nn.Module` with `__call__`, or a plain function."""


class History:
    """How training went: lists with one number for each complete epoch.

    loss: the mean loss of the examples, each as it was when its batch was trained on.
    accuracy: the share of them that were right; empty if the loss knows no right and wrong.
    validation_loss, validation_accuracy: the same after the epoch, of the validation examples; empty without any.
    interrupted: whether Ctrl-C ended the training.
    """

    def __init__(self) -> None:
        self.loss: list[float] = []
        self.accuracy: list[float] = []
        self.validation_loss: list[float] = []
        self.validation_accuracy: list[float] = []
        self.interrupted = False

    def record(self, training: tuple[float, float | None], validation: tuple[float, float | None] | None) -> None:
        """Adds an epoch: the loss and the accuracy (or None), of training and, if there is one, of validation."""
        losses, accuracies = [self.loss, self.validation_loss], [self.accuracy, self.validation_accuracy]
        for measured, loss, accuracy in zip((training, validation), losses, accuracies, strict=True):
            if measured is not None:
                loss.append(measured[0])
            if measured is not None and measured[1] is not None:
                accuracy.append(measured[1])

    def latest(self) -> dict[str, float]:
        """The last number of each list that is not empty, by name.

        >>> history = History()
        >>> history.loss += [2.0, 1.5]
        >>> history.latest()
        {'loss': 1.5}
        """
        return {name: numbers[-1] for name, numbers in vars(self).items() if isinstance(numbers, list) and numbers}

    def __repr__(self) -> str:
        numbers = "".join(f", {name}={number:.4g}" for name, number in self.latest().items())
        return f"History({len(self.loss)} epochs{numbers}{', interrupted' if self.interrupted else ''})"


def evaluate(
    model: Model,
    X: Sequence[Any],
    y: Sequence[Any],
    *,
    loss: Callable[[Any, Any], Value],
    is_correct: Callable[[Any, Any], bool] | None = None,
) -> tuple[float, float | None]:
    """The mean loss of the examples, and the share of them that are right; computed under `no_grad()`.

    The arguments are those of `fit`. The share is None if the loss knows no right and wrong.

    Raises:
        ValueError: there are no examples, or `X` and `y` are of different lengths.

    >>> from nn import hinge
    >>> evaluate(lambda x: Value(x), [0.5, -3.0], [1, 1], loss=hinge)
    (2.25, 0.5)
    """
    _check_examples(X, y, "evaluate")
    tally = _Tally(is_correct or correctness(loss))
    with no_grad():
        for x, target in zip(X, y, strict=True):
            output = model(x)
            tally.add(loss(output, target), output, target)
    return tally.loss(), tally.accuracy()


def fit(
    model: Model,
    X: Sequence[Any],
    y: Sequence[Any],
    *,
    loss: Callable[[Any, Any], Value],
    optimizer: Optimizer,
    epochs: int,
    batch_size: int,
    validation: tuple[Sequence[Any], Sequence[Any]] | None = None,
    callbacks: Iterable[Callable[[Any, History], object]] = (),
    progress: bool = True,
    rng: random.Random | int | None = None,
    is_correct: Callable[[Any, Any], bool] | None = None,
) -> History:
    """Trains a model: `epochs` times through all the examples, one step of the optimizer for each batch.

    The loss of a batch is the mean of the losses of its examples. Its gradient is gathered example by example, so
    that no graph is larger than that of one example; it is the same gradient.

    Args:
        model: makes an output of one example, as an `nn.Module` does.
        X: the examples, each what the model takes.
        y: the target of each, as `loss` takes it.
        loss: a function of an output and its target, of `nn.losses` or your own.
        optimizer: holds the parameters to train.
        epochs: how often to go through all the examples; 0 does nothing.
        batch_size: how many examples make a step; more than there are means all of them.
        validation: (X, y) of examples to measure after each epoch, not to train on.
        callbacks: functions called after each epoch with the model and the history; one that returns True ends the
            training.
        progress: whether to show a bar with the loss and the accuracy so far (on the standard error).
        rng: decides the order of the examples; a random.Random, an int seed, or None.
        is_correct: a function of an output and its target that says whether the output is right; by default the one
            that belongs to the loss, if there is one (`nn.losses.correctness`).

    Returns:
        The history of the complete epochs. Ctrl-C ends the training between two steps, with the parameters as the
        last step left them; the history then says `interrupted`.

    Raises:
        ValueError: there are no examples, X and y are of different lengths, or `epochs` or `batch_size` is too small.
        FloatingPointError: a loss or a gradient is not finite; the message names the operation or the parameter.

    >>> from nn import MLP, SGD, binary_cross_entropy_with_logits, moons
    >>> data, model = moons(40, rng=0), MLP(2, [8, 1], rng=0)
    >>> history = fit(model, data.X, data.y, loss=binary_cross_entropy_with_logits, rng=0, progress=False,
    ...               optimizer=SGD(model.parameters(), lr=0.5, momentum=0.9), epochs=20, batch_size=10)
    >>> history.accuracy[-1] > 0.8
    True
    """
    _check_examples(X, y, "fit")
    if validation is not None:
        _check_examples(*validation, "the validation of fit")
    if epochs < 0:
        raise ValueError(f"the number of epochs cannot be negative: {epochs}")
    if batch_size < 1:
        raise ValueError(f"a batch needs at least 1 example, not {batch_size}")
    rng = generator(rng)
    is_correct = is_correct or correctness(loss)
    callbacks = list(callbacks)
    history = History()
    try:
        with _rare_collection(), _bar(epochs * math.ceil(len(X) / batch_size)) if progress else nullcontext() as bar:
            for epoch in range(1, epochs + 1):
                tally = _Tally(is_correct)
                for batch_X, batch_y in minibatches(X, y, batch_size, rng):
                    optimizer.zero_grad()
                    for x, target in zip(batch_X, batch_y, strict=True):
                        output = model(x)
                        example_loss = loss(output, target)
                        example_loss.backward(1.0 / len(batch_X))
                        tally.add(example_loss, output, target)
                    optimizer.step()
                    if bar is not None:
                        bar.set_description(f"epoch {epoch}/{epochs}", refresh=False)
                        bar.set_postfix(history.latest() | tally.measured(), refresh=False)
                        bar.update()
                validated = None
                if validation is not None:
                    validated = evaluate(model, *validation, loss=loss, is_correct=is_correct)
                history.record((tally.loss(), tally.accuracy()), validated)
                if bar is not None:
                    bar.set_postfix(history.latest())
                wishes_to_stop = [bool(callback(model, history)) for callback in callbacks]
                if any(wishes_to_stop):
                    break
    except KeyboardInterrupt:
        history.interrupted = True
    return history


@contextmanager
def _rare_collection() -> Iterator[None]:
    """Lets Python's collector of cycles look less often.

    A graph holds no cycles and is freed as soon as nothing refers to it. The collector would look through it several
    times while it is built, and find nothing; that took a third of the time of training.
    """
    often, *rest = gc.get_threshold()
    if often:  # 0: somebody has switched it off
        gc.set_threshold(max(often, 50_000), *rest)
    try:
        yield
    finally:
        gc.set_threshold(often, *rest)


class _Tally:
    """The losses and the right answers of the examples seen so far."""

    def __init__(self, is_correct: Callable[[Any, Any], bool] | None) -> None:
        self._is_correct = is_correct
        self._count = 0
        self._total = 0.0
        self._right = 0

    def add(self, loss: Value, output: Any, target: Any) -> None:
        self._count += 1
        self._total += loss.data
        if self._is_correct is not None:
            self._right += bool(self._is_correct(output, target))

    def loss(self) -> float:
        return self._total / self._count

    def accuracy(self) -> float | None:
        return None if self._is_correct is None else self._right / self._count

    def measured(self) -> dict[str, float]:
        """What `History.latest()` will say of this epoch, as far as it is known."""
        accuracy = self.accuracy()
        return {"loss": self.loss()} if accuracy is None else {"loss": self.loss(), "accuracy": accuracy}


def _bar(steps: int) -> tqdm[NoReturn]:
    """A progress bar over all the steps; imported here so that `import nn` needs nothing but Python.

    Where there is no terminal every update is a line that stays, in a log for instance, so they come less often.
    """
    from tqdm import tqdm

    return tqdm(total=steps, unit="step", mininterval=0.1 if sys.stderr.isatty() else 1.0)


def _check_examples(X: Sequence[Any], y: Sequence[Any], what: str) -> None:
    if len(X) != len(y):
        raise ValueError(f"{what} needs a target for each example, not {len(y)} targets for {len(X)} examples")
    if len(X) == 0:
        raise ValueError(f"{what} needs at least 1 example, and was given none")
