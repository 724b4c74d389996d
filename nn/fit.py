"""The training loop, and what it has to tell."""

from __future__ import annotations

import gc
import inspect
import math
import random
import sys
import threading
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, TypeAlias, TypeVar

from autograd import CompileError, Value, enable_grad, no_grad
from autograd.support.rng import generator
from nn.arguments import as_list, at_least_zero, described, whole
from nn.curves import history_html, history_table
from nn.data import Dataset, batches
from nn.examples import Examples, moves, number, require_training
from nn.losses import correctness
from nn.module import Module
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
    stopped_by: the name of the callback that ended the training; None if none did.

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
        self.stopped_by: str | None = None
        self._cell: int | None = None  # of a notebook, where the training has shown its curves already

    def record(self, training: tuple[float, float | None], validation: tuple[float, float | None] | None) -> None:
        """Adds an epoch: the loss and the accuracy (or None), of training and, if there is one, of validation."""
        lists = [self.loss, self.accuracy, self.validation_loss, self.validation_accuracy]
        before = list(map(len, lists))
        try:
            for numbers, number in zip(lists, (*training, *(validation or (None, None))), strict=True):
                if number is not None:
                    numbers.append(number)
        except BaseException:  # Ctrl-C: no half of an epoch
            for numbers, length in zip(lists, before, strict=True):
                del numbers[length:]
            raise

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
        return f"{epochs:,} epoch{'s' * (epochs != 1)}{self._early()}"

    def ending(self) -> str:
        """How the training ended, if that was early: "interrupted", or "stopped by" the callback that did.

        >>> History().ending()
        ''
        """
        return "interrupted" if self.interrupted else "" if self.stopped_by is None else f"stopped by {self.stopped_by}"

    def _early(self) -> str:
        return f", {self.ending()}" if self.ending() else ""

    def __repr__(self) -> str:
        numbers = "".join(f", {name}={number:.4g}" for name, number in self.latest().items())
        return f"History({len(self.loss)} epochs{numbers}{self._early()})"


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
        TypeError: `X` or `y` is not a list of examples, or a function takes other arguments than it is given.
        ValueError: there are no examples, or `X` and `y` are of different lengths.
        FloatingPointError: a loss is not finite, since an example is not, or by an operation that is named.
        CompileError, ImportError: as `fit`.

    >>> from nn import hinge
    >>> evaluate(lambda x: Value(x), [0.5, -3.0], [1, 1], loss=hinge)
    (2.25, 0.5)
    """
    examples = Examples(X, y, "evaluate")
    _check_functions(model, loss, is_correct, compile)
    is_correct = is_correct or correctness(loss)

    def on_arrays() -> tuple[float, float | None]:
        from nn.arrays import compiled_evaluation

        return compiled_evaluation(model, examples, loss, is_correct)

    compiled = _compiled(on_arrays, compile, is_worthwhile=len(examples) >= 10 * LEAST_EXAMPLES)
    return _evaluated(model, examples, loss, is_correct) if compiled is None else compiled


def _evaluated(
    model: Model,
    examples: Examples,
    loss: Callable[[Any, Any], Value],
    is_correct: Callable[[Any, Any], bool] | None,
) -> tuple[float, float | None]:
    """The same, number by number."""
    tally = _Tally(counts_right=is_correct is not None)
    with no_grad():
        for place in range(len(examples)):
            output, target, example_loss = examples.outcome(place, model, loss)
            if not math.isfinite(number(example_loss)):
                with enable_grad():
                    examples.retell([place], model, loss)
            tally.add(1, number(example_loss), is_correct is not None and bool(is_correct(output, target)))
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
    validation: tuple[Sequence[Any], Sequence[Any]] | Dataset | None = None,
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
    same for all examples and steps, so it may not branch on numbers, draw random ones or read the `.data` of a
    parameter (`.detach()` it may). Number by number, the gradient is gathered example by example, so that no graph is
    larger than that of one example.

    Args:
        model: makes an output of one example, as an `nn.Module` does.
        X: the examples, each what the model takes: a list of lists, an array of rows, a pandas table (its rows, by
            position). The model gets an array for an array, a list for a list. Compiled, they are read once, at the
            beginning: do not change them meanwhile.
        y: the target of each, as `loss` takes it.
        loss: a function of an output and its target, of `nn.losses` or your own.
        optimizer: holds the parameters to train.
        epochs: how often to go through all the examples; 0 does nothing.
        batch_size: how many examples make a step; more than there are means all of them.
        schedule: gives the factor of the learning rate for each step, as those of `nn.schedules` do; the optimizer has
            its own `lr` back at the end.
        validation: (X, y), or a `Dataset`, of examples to measure after each epoch, not to train on.
        callbacks: functions called after each epoch with the model and the history; one that returns True, and not
            just anything, ends the training.
        progress: whether to show a bar with the loss and the accuracy so far (on the standard error); in a Jupyter
            notebook, the curves as they grow.
        rng: decides the order of the examples; a random.Random, an int seed, or None.
        is_correct: a function of an output and its target that says whether the output is right; by default the one
            that belongs to the loss, if there is one (`nn.losses.correctness`).
        compile: True compiles, False does not. None compiles if NumPy is there and it pays: not for a handful of
            examples, nor where a graph is so deep and narrow that arrays do not help. What cannot be compiled is then
            trained number by number, with a `NotCompiledWarning`.

    Returns:
        The history of the complete epochs. Ctrl-C ends the training between two steps, whatever is going on, with the
        parameters as the last step left them; the history then says `interrupted`. If a callback ended it, the history
        says which: `stopped_by`.

    Raises:
        TypeError: an argument is of the wrong kind, a function takes other arguments than it is given, or the loss
            gives no Value.
        ValueError: there are no examples, X and y are of different lengths, `epochs` or `batch_size` is too small, or
            the optimizer holds none of the parameters that the loss depends on.
        FloatingPointError: a loss or a gradient is not finite; the message names the example, the operation or the
            parameter.
        CompileError: with `compile=True`: the model or the loss cannot be compiled. The message names the line.
        ImportError: with `compile=True`: NumPy is not installed.

    >>> from nn import MLP, SGD, binary_cross_entropy_with_logits, moons
    >>> data, model = moons(40, rng=0), MLP(2, [8, 1], rng=0)
    >>> history = fit(model, data.X, data.y, loss=binary_cross_entropy_with_logits, rng=0, progress=False,
    ...               optimizer=SGD(model.parameters(), lr=0.5, momentum=0.9), epochs=20, batch_size=10)
    >>> history.accuracy[-1] > 0.8
    True
    """
    history = History()
    lr: float | None = None
    training: CompiledTraining | _Training | None = None
    bar: tqdm[NoReturn] | None = None
    rarely = _RareCollection()

    def end() -> None:
        """Leaves everything in order; done twice, it does nothing the second time."""
        rarely.end()
        if lr is not None:
            optimizer.lr = lr
        if training is not None:
            training.publish()
        if bar is not None:
            bar.close()

    try:
        examples = Examples(X, y, "fit")
        validation_examples = _validation(validation)
        _check_functions(model, loss, is_correct, compile)
        callbacks = _checked_callbacks(callbacks)
        epochs, batch_size = whole("epochs", epochs), whole("batch_size", batch_size)
        if epochs < 0:
            raise ValueError(f"the number of epochs cannot be negative: {epochs}")
        if batch_size < 1:
            raise ValueError(f"a batch needs at least 1 example, not {batch_size}")
        if not isinstance(optimizer, Optimizer):
            raise TypeError(
                f"optimizer is an Optimizer, such as SGD(model.parameters(), lr=0.1), not {described(optimizer)}"
            )
        if schedule is not None:
            _check_call(schedule, 1, "the schedule", "the number of steps taken")
        rng = generator(rng)
        is_correct = is_correct or correctness(loss)

        def on_arrays() -> CompiledTraining | None:
            from nn.arrays import CompiledTraining

            made = CompiledTraining(model, examples, loss, optimizer, is_correct, validation_examples, batch_size)
            return made if compile or made.pays() else None

        work = epochs * len(examples)
        is_worthwhile = work >= LEAST_EXAMPLES and work * len(optimizer.parameters) >= LEAST_WORK
        training = _compiled(on_arrays, compile if epochs else False, is_worthwhile)
        if training is None:
            training = _Training(model, examples, loss, optimizer, is_correct, validation_examples)
        if schedule is not None:
            lr = optimizer.lr
        steps = 0
        rarely.begin()
        if progress:
            bar = _bar(history, epochs, epochs * math.ceil(len(examples) / batch_size))
        for epoch in range(1, epochs + 1):
            tally = _Tally(counts_right=is_correct is not None)
            for places in batches(len(examples), batch_size, rng):
                if schedule is not None and lr is not None:
                    factor = at_least_zero(f"the factor that the schedule gives for step {steps}", schedule(steps))
                    optimizer.lr, steps = lr * factor, steps + 1
                tally.add(len(places), *training.step(places))
                if bar is not None:
                    bar.set_description(f"epoch {epoch}/{epochs}", refresh=False)
                    bar.set_postfix(history.latest() | tally.measured(), refresh=False)
                    bar.update()
            validated = None if validation_examples is None else training.validated()
            history.record((tally.loss(), tally.accuracy()), validated)
            if bar is not None:
                bar.set_postfix(history.latest(), refresh=False)  # drawing each would slow short epochs
            if callbacks:
                training.publish()
                stopping = [callback for callback in callbacks if _is_true(callback(model, history))]
                if stopping:
                    history.stopped_by = _name(stopping[0])
                    break
                training.refresh()
        end()
        return history
    except KeyboardInterrupt:
        history.interrupted = True
        end()
    except BaseException as error:
        if bar is not None:
            bar.__exit__(type(error), error, error.__traceback__)
        end()
        raise
    return history


class _Training:
    """What `fit` does with each batch, number by number. `nn.arrays.CompiledTraining` does the same on arrays."""

    def __init__(
        self,
        model: Model,
        examples: Examples,
        loss: Callable[[Any, Any], Value],
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

    def step(self, places: Sequence[int]) -> tuple[float, int]:
        """Trains on the examples at these places; gives the sum of their losses, and how many were right."""
        total, right = 0.0, 0
        examples = self._examples
        self._optimizer.zero_grad()
        for place in places:
            output, target, example_loss = examples.to_train(place, self._model, self._loss)
            try:
                example_loss.backward(1.0 / len(places))
            except FloatingPointError as error:
                examples.tell(error, place)
                raise
            total += example_loss.data
            right += self._is_correct is not None and bool(self._is_correct(output, target))
            self._learns = self._learns or moves(self._optimizer.parameters, example_loss)
        if not self._learns:
            require_training(examples, self._model, self._loss, self._optimizer)
            self._learns = True
        if not math.isfinite(total):
            examples.require_finite(places)
        self._optimizer.step()
        return total, right

    def validated(self) -> tuple[float, float | None]:
        assert self._validation is not None
        return _evaluated(self._model, self._validation, self._loss, self._is_correct)

    def publish(self) -> None:
        """The parameters are up to date at any time."""

    def refresh(self) -> None:
        """So are they here; but a callback may have put others into the model."""
        self._learns = False


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


class _RareCollection:
    """Lets Python's collector of cycles look less often while any training goes on, in whatever thread.

    A graph holds no cycles and is freed as soon as nothing refers to it. The collector would look through it several
    times while it is built, and find nothing; that took a third of the time of training.
    """

    _lock: ClassVar = threading.RLock()
    _under_way: ClassVar[set[_RareCollection]] = set()
    _before: ClassVar = gc.get_threshold()

    def begin(self) -> None:
        with self._lock:
            if not self._under_way:
                _RareCollection._before = gc.get_threshold()
            self._under_way.add(self)
            often, *rest = gc.get_threshold()
            if often:  # 0: somebody has switched it off
                gc.set_threshold(max(often, 50_000), *rest)

    def end(self) -> None:
        """Puts the threshold back if this was the last; what it has done already, it does not do again."""
        with self._lock:
            if self not in self._under_way:
                return
            if len(self._under_way) == 1:
                gc.set_threshold(*self._before)
            self._under_way.discard(self)


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


# ---------------------------------------------------------------- what is given


def _validation(given: Any) -> Examples | None:
    if given is None:
        return None
    if isinstance(given, Dataset):
        given = given.X, given.y
    if not isinstance(given, (tuple, list)) or len(given) != 2:
        kind = "an array" if type(given).__name__ == "ndarray" else f"a {type(given).__name__}"
        many = f" of {len(given)}" if isinstance(given, (tuple, list)) else ""
        raise TypeError(f"validation is a pair (X, y) or a Dataset, not {kind}{many}")
    X, y = given
    return Examples(X, y, "the validation of fit", names=("validation X", "validation y"))


def _checked_callbacks(given: Any) -> list[Callable[[Any, History], object]]:
    if callable(given):
        raise TypeError(f"callbacks is a list of functions: callbacks=[{_name(given)}]")
    callbacks = as_list(given if not hasattr(given, "__next__") else list(given))
    if callbacks is None:
        raise TypeError(f"callbacks is a list of functions, not {described(given)}")
    for callback in callbacks:
        _check_call(callback, 2, "a callback", "the model and the history")
    return callbacks


def _check_functions(model: Any, loss: Any, is_correct: Any, compile: Any) -> None:  # noqa: A002
    if isinstance(model, Module) and not callable(model):
        raise TypeError(f"the model cannot be called: {type(model).__name__} needs a method __call__(self, x)")
    _check_call(model, 1, "the model", "one example")
    _check_call(loss, 2, "the loss", "an output and its target")
    if is_correct is not None:
        _check_call(is_correct, 2, "is_correct", "an output and its target")
    if not (compile is None or isinstance(compile, bool)):
        raise TypeError(f"compile is True, False or None, not {described(compile)}")


def _check_call(function: Any, count: int, what: str, arguments: str) -> None:
    """Raises TypeError for what cannot be called with so many arguments."""
    if not callable(function):
        raise TypeError(f"{what} is a function of {arguments}, not {described(function)}")
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # some that are not written in Python do not tell
        return
    try:
        signature.bind(*[None] * count)
    except TypeError:
        raise TypeError(
            f"{what} is called with {arguments}, which {_name(function)}{signature} does not take"
        ) from None


def _is_true(answer: object) -> bool:
    """Whether a callback says True; anything else that it may give, the length of what it wrote, means nothing."""
    return type(answer).__name__ in ("bool", "bool_") and bool(answer)  # those of NumPy are called so


def _name(function: Any) -> str:
    """What to call a function, or an object that is called."""
    return str(getattr(function, "__name__", type(function).__name__))
