"""The training loop, and what it has to tell."""

from __future__ import annotations

import gc
import math
import random
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias, TypeVar

from autograd import CompileError, Value, no_grad
from autograd.rng import generator
from nn.curves import history_html, history_table
from nn.data import batches
from nn.losses import correctness
from nn.optim import Optimizer
from nn.schedules import Schedule

if TYPE_CHECKING:
    from tqdm import tqdm

    from nn.arrays import CompiledTraining

Model: TypeAlias = Callable[[Any], Any]
"""Anything that makes an output of one example; an `nn.Module` with `__call__`, or a plain function."""


LEAST_EXAMPLES = 30
"""How many examples, counting each epoch, make up for compiling a model."""

LEAST_WORK = 20_000
"""How many examples times parameters make up for importing NumPy."""


class NotCompiledWarning(UserWarning):
    """Something runs number by number, which is slow, because it cannot be compiled; the message says why."""


class History:
    """How training went: lists with one number for each complete epoch.

    loss: the mean loss of the examples, each as it was when its batch was trained on.
    accuracy: the share of them that were right; empty if the loss knows no right and wrong.
    validation_loss, validation_accuracy: the same after the epoch, of the validation examples; empty without any.
    interrupted: whether Ctrl-C ended the training.

    Printed, it is a table of the epochs; a notebook shows the curves.

    >>> history = History()
    >>> history.record((2.0, 0.25), (2.1, 0.2))
    >>> print(history)
    1 epoch
    epoch  loss  accuracy  validation loss  validation accuracy
    -----  ----  --------  ---------------  -------------------
        1     2      0.25              2.1                  0.2
    """

    def __init__(self) -> None:
        self.loss: list[float] = []
        self.accuracy: list[float] = []
        self.validation_loss: list[float] = []
        self.validation_accuracy: list[float] = []
        self.interrupted = False
        self._cell: int | None = None  # of a notebook, where the training has shown its curves already

    def record(self, training: tuple[float, float | None], validation: tuple[float, float | None] | None) -> None:
        """Adds an epoch: the loss and the accuracy (or None), of training and, if there is one, of validation."""
        losses, accuracies = [self.loss, self.validation_loss], [self.accuracy, self.validation_accuracy]
        for measured, loss, accuracy in zip((training, validation), losses, accuracies, strict=True):
            if measured is not None:
                loss.append(measured[0])
            if measured is not None and measured[1] is not None:
                accuracy.append(measured[1])

    def measured(self) -> dict[str, list[float]]:
        """The lists that are not empty, by name."""
        return {name: numbers for name, numbers in vars(self).items() if isinstance(numbers, list) and numbers}

    def latest(self) -> dict[str, float]:
        """The last number of each list that is not empty, by name.

        >>> history = History()
        >>> history.loss += [2.0, 1.5]
        >>> history.latest()
        {'loss': 1.5}
        """
        return {name: numbers[-1] for name, numbers in self.measured().items()}

    def __str__(self) -> str:
        return "\n".join(filter(None, [self._title(), history_table(self)]))

    def _repr_html_(self) -> str:
        is_shown = self._cell is not None and self._cell == _running_cell()
        return f"<div>{self._title()}</div>{'' if is_shown else history_html(self)}"

    def _title(self) -> str:
        epochs = len(self.loss)
        return f"{epochs:,} epoch{'s' * (epochs != 1)}{', interrupted' if self.interrupted else ''}"

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
    compile: bool | None = None,  # noqa: A002 - the word that readers know
) -> tuple[float, float | None]:
    """The mean loss of the examples, and the share of them that are right; no gradient is computed.

    The arguments are those of `fit`. The share is None if the loss knows no right and wrong.

    Raises:
        ValueError: there are no examples, or `X` and `y` are of different lengths.
        CompileError, ImportError: as `fit`.

    >>> from nn import hinge
    >>> evaluate(lambda x: Value(x), [0.5, -3.0], [1, 1], loss=hinge)
    (2.25, 0.5)
    """
    _check_examples(X, y, "evaluate")
    is_correct = is_correct or correctness(loss)

    def on_arrays() -> tuple[float, float | None]:
        from nn.arrays import compiled_evaluation

        return compiled_evaluation(model, X, y, loss, is_correct)

    compiled = _compiled(on_arrays, compile, is_worthwhile=len(X) >= 10 * LEAST_EXAMPLES)
    return _evaluated(model, X, y, loss, is_correct) if compiled is None else compiled


def _evaluated(
    model: Model,
    X: Sequence[Any],
    y: Sequence[Any],
    loss: Callable[[Any, Any], Value],
    is_correct: Callable[[Any, Any], bool] | None,
) -> tuple[float, float | None]:
    """The same, number by number."""
    tally = _Tally(counts_right=is_correct is not None)
    with no_grad():
        for x, target in zip(X, y, strict=True):
            output = model(x)
            example_loss = loss(output, target)
            tally.add(1, example_loss.data, is_correct is not None and bool(is_correct(output, target)))
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
    schedule: Schedule | None = None,
    validation: tuple[Sequence[Any], Sequence[Any]] | None = None,
    callbacks: Iterable[Callable[[Any, History], object]] = (),
    progress: bool = True,
    rng: random.Random | int | None = None,
    is_correct: Callable[[Any, Any], bool] | None = None,
    compile: bool | None = None,  # noqa: A002 - the word that readers know
) -> History:
    """Trains a model: `epochs` times through all the examples, one step of the optimizer for each batch.

    The loss of a batch is the mean of the losses of its examples.

    Compiled, model and loss are recorded once (`autograd.compile`) and run on whole batches as arrays, which is much
    faster and gives the same results but for rounding. Parameters and optimizer then have their new
    numbers when a callback or `is_correct` runs and when the training ends, not in between. What is recorded is the
    same for all examples and steps, so it may not branch on numbers or draw random ones. Number by number, the
    gradient is gathered example by example, so that no graph is larger than that of one example.

    Args:
        model: makes an output of one example, as an `nn.Module` does.
        X: the examples, each what the model takes.
        y: the target of each, as `loss` takes it.
        loss: a function of an output and its target, of `nn.losses` or your own.
        optimizer: holds the parameters to train.
        epochs: how often to go through all the examples; 0 does nothing.
        batch_size: how many examples make a step; more than there are means all of them.
        schedule: gives the factor of the learning rate for each step, as those of `nn.schedules` do; the optimizer has
            its own `lr` back at the end.
        validation: (X, y) of examples to measure after each epoch, not to train on.
        callbacks: functions called after each epoch with the model and the history; one that returns True ends the
            training.
        progress: whether to show a bar with the loss and the accuracy so far (on the standard error); in a Jupyter
            notebook, the curves as they grow.
        rng: decides the order of the examples; a random.Random, an int seed, or None.
        is_correct: a function of an output and its target that says whether the output is right; by default the one
            that belongs to the loss, if there is one (`nn.losses.correctness`).
        compile: True compiles, False does not. None compiles if NumPy is there and it pays: not for a handful of
            examples, nor where a graph is so deep and narrow that arrays do not help. What cannot be compiled is then
            trained number by number, with a `NotCompiledWarning`.

    Returns:
        The history of the complete epochs. Ctrl-C ends the training between two steps, with the parameters as the
        last step left them; the history then says `interrupted`.

    Raises:
        ValueError: there are no examples, X and y are of different lengths, or `epochs` or `batch_size` is too small.
        FloatingPointError: a loss or a gradient is not finite; the message names the operation or the parameter.
        CompileError: with `compile=True`: the model or the loss cannot be compiled. The message names the line.
        ImportError: with `compile=True`: NumPy is not installed.

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

    def on_arrays() -> CompiledTraining | None:
        from nn.arrays import CompiledTraining

        made = CompiledTraining(
            model,
            X,
            y,
            loss=loss,
            optimizer=optimizer,
            is_correct=is_correct,
            validation=validation,
            batch_size=batch_size,
        )
        return made if compile or made.pays() else None

    lr, steps = optimizer.lr, 0
    training: CompiledTraining | _Training | None = None
    try:
        work = epochs * len(X)
        is_worthwhile = work >= LEAST_EXAMPLES and work * len(optimizer.parameters) >= LEAST_WORK
        training = _compiled(on_arrays, compile if epochs else False, is_worthwhile)
        if training is None:
            training = _Training(model, X, y, loss, optimizer, is_correct, validation)
        steps_ahead = epochs * math.ceil(len(X) / batch_size)
        with _rare_collection(), _bar(history, epochs, steps_ahead) if progress else nullcontext() as bar:
            for epoch in range(1, epochs + 1):
                tally = _Tally(counts_right=is_correct is not None)
                for places in batches(len(X), batch_size, rng):
                    if schedule is not None:
                        optimizer.lr, steps = lr * schedule(steps), steps + 1
                    tally.add(len(places), *training.step(places))
                    if bar is not None:
                        bar.set_description(f"epoch {epoch}/{epochs}", refresh=False)
                        bar.set_postfix(history.latest() | tally.measured(), refresh=False)
                        bar.update()
                validated = None if validation is None else training.validated()
                history.record((tally.loss(), tally.accuracy()), validated)
                if bar is not None:
                    bar.set_postfix(history.latest(), refresh=False)  # drawing each would slow short epochs
                if callbacks:
                    training.publish()
                    wishes_to_stop = [bool(callback(model, history)) for callback in callbacks]
                    if any(wishes_to_stop):
                        break
                    training.refresh()
    except KeyboardInterrupt:
        history.interrupted = True
    finally:
        if schedule is not None:
            optimizer.lr = lr
        if training is not None:
            training.publish()
    return history


class _Training:
    """What `fit` does with each batch, number by number. `nn.arrays.CompiledTraining` does the same on arrays."""

    def __init__(
        self,
        model: Model,
        X: Sequence[Any],
        y: Sequence[Any],
        loss: Callable[[Any, Any], Value],
        optimizer: Optimizer,
        is_correct: Callable[[Any, Any], bool] | None,
        validation: tuple[Sequence[Any], Sequence[Any]] | None,
    ) -> None:
        self._model = model
        self._X, self._y = X, y
        self._loss = loss
        self._optimizer = optimizer
        self._is_correct = is_correct
        self._validation = validation

    def step(self, places: Sequence[int]) -> tuple[float, int]:
        """Trains on the examples at these places; gives the sum of their losses, and how many were right."""
        total, right = 0.0, 0
        self._optimizer.zero_grad()
        for place in places:
            output, target = self._model(self._X[place]), self._y[place]
            example_loss = self._loss(output, target)
            example_loss.backward(1.0 / len(places))
            total += example_loss.data
            right += self._is_correct is not None and bool(self._is_correct(output, target))
        self._optimizer.step()
        return total, right

    def validated(self) -> tuple[float, float | None]:
        assert self._validation is not None
        return _evaluated(self._model, *self._validation, self._loss, self._is_correct)

    def publish(self) -> None:
        """The parameters are up to date at any time."""

    def refresh(self) -> None:
        """So are they here."""


_Result = TypeVar("_Result")


def _compiled(on_arrays: Callable[[], _Result], wanted: bool | None, is_worthwhile: bool) -> _Result | None:
    """The result of a function that compiles; None if it is not to be called, or cannot do it and need not."""
    if wanted is False or (wanted is None and not is_worthwhile):
        return None
    try:
        return on_arrays()
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "numpy":
            raise
        if wanted:
            raise ImportError('compile=True needs NumPy: pip install "scalar-autograd[compile]"') from error
        return None
    except CompileError as error:
        if wanted:
            raise
        warnings.warn(
            f"this runs number by number, which is slow (compile=False says that it is wanted), because of\n  {error}",
            NotCompiledWarning,
            stacklevel=3,
        )
        return None


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

    def __init__(self, counts_right: bool) -> None:
        self._counts_right = counts_right
        self._count = 0
        self._total = 0.0
        self._right = 0

    def add(self, count: int, loss: float, right: int) -> None:
        """Takes in a number of examples: the sum of their losses, and how many of them were right."""
        self._count += count
        self._total += loss
        self._right += right

    def loss(self) -> float:
        return self._total / self._count

    def accuracy(self) -> float | None:
        return self._right / self._count if self._counts_right else None

    def measured(self) -> dict[str, float]:
        """What `History.latest()` will say of this epoch, as far as it is known."""
        accuracy = self.accuracy()
        return {"loss": self.loss()} if accuracy is None else {"loss": self.loss(), "accuracy": accuracy}


def _bar(history: History, epochs: int, steps: int) -> tqdm[NoReturn]:
    """A progress bar over all the steps; imported here so that `import nn` needs nothing but Python.

    Where there is no terminal every update is a line that stays, in a log for instance, so they come less often.
    """
    if _is_notebook():
        from nn.live import LiveBar

        history._cell = _running_cell()
        return LiveBar(history, epochs=epochs, steps=steps)
    from tqdm import tqdm

    return tqdm(total=steps, unit="step", mininterval=0.1 if sys.stderr.isatty() else 1.0)


def _is_notebook() -> bool:
    """Whether a Jupyter kernel runs this."""
    return hasattr(_shell(), "kernel")


def _running_cell() -> int | None:
    """The number of the notebook's cell that runs now."""
    return getattr(_shell(), "execution_count", None)


def _shell() -> Any:
    """The shell of IPython that runs this, or None; where there is one, IPython is imported already."""
    ipython = sys.modules.get("IPython")
    return None if ipython is None else ipython.get_ipython()


def _check_examples(X: Sequence[Any], y: Sequence[Any], what: str) -> None:
    if len(X) != len(y):
        raise ValueError(f"{what} needs a target for each example, not {len(y)} targets for {len(X)} examples")
    if len(X) == 0:
        raise ValueError(f"{what} needs at least 1 example, and was given none")
