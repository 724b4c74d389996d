"""The training loop, and the evaluation of a model."""

from __future__ import annotations

import inspect
import math
import random
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from autograd import CompileError, Value
from autograd.support.collector import RareCollection
from autograd.support.rng import generator
from nn.arguments import as_list, at_least_zero, described, whole
from nn.data import Dataset, batches
from nn.history import History
from nn.losses import correctness
from nn.module import Module
from nn.optim import Optimizer
from nn.schedules import Schedule
from nn.training.eager import EagerTraining, eager_evaluation
from nn.training.examples import Examples, Model
from nn.training.progress import progress_bar
from nn.training.tally import Tally

if TYPE_CHECKING:
    from tqdm import tqdm

    from nn.training.compiled import CompiledTraining

LEAST_EXAMPLES = 30
"""How many examples, counting each epoch, make up for compiling a model."""

LEAST_WORK = 20_000
"""How many examples times parameters make up for importing NumPy."""


class NotCompiledWarning(UserWarning):
    """Something runs eagerly, which is slow, because it cannot be compiled; the message says why."""


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
        FloatingPointError: a loss is not finite; the message names the example or the operation.
        CompileError, ImportError: as `fit`.

    >>> from nn import hinge
    >>> evaluate(lambda x: Value(x), [0.5, -3.0], [1, 1], loss=hinge)
    (2.25, 0.5)
    """
    examples = Examples(X, y, "evaluate")
    _check_functions(model, loss, is_correct, compile)
    is_correct = is_correct or correctness(loss)

    def on_arrays() -> tuple[float, float | None]:
        from nn.training.compiled import compiled_evaluation

        return compiled_evaluation(model, examples, loss, is_correct)

    compiled = _compiled(on_arrays, compile, is_worthwhile=len(examples) >= 10 * LEAST_EXAMPLES)
    return eager_evaluation(model, examples, loss, is_correct) if compiled is None else compiled


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
    faster and gives the same results but for rounding. Parameters and optimizer then get their new numbers before a
    callback or `is_correct` runs and when the training ends, not in between. The recording is the same for all examples
    and steps, so model and loss may not branch on numbers, draw random ones or read the `.data` of a parameter
    (`.detach()` is allowed). Eagerly, the gradient accumulates example by example, so no graph is larger than that of
    one example.

    Args:
        model: makes an output of one example: an `nn.Module` with `__call__`, or a plain function.
        X: the examples, each what the model takes: a list of lists, an array of rows, a pandas table (its rows, by
            position). The model gets an array for an array, a list for a list. Compiled training reads them once, at
            the beginning: do not change them during the training.
        y: the target of each, as `loss` takes it.
        loss: a function of an output and its target, of `nn.losses` or your own.
        optimizer: holds the parameters to train.
        epochs: how often to go through all the examples; 0 does nothing.
        batch_size: how many examples make a step; more than there are means all of them.
        schedule: gives the factor of the learning rate for each step, as those of `nn.schedules` do; the optimizer has
            its own `lr` back at the end.
        validation: (X, y), or a `Dataset`, of examples to measure after each epoch, not to train on.
        callbacks: functions called after each epoch with the model and the history; one that returns True (no other
            value counts) ends the training.
        progress: whether to show a bar with the loss and the accuracy so far (on the standard error); in a Jupyter
            notebook, the curves as they grow.
        rng: decides the order of the examples; a random.Random, an int seed, or None.
        is_correct: a function of an output and its target that says whether the output is right; by default the one
            that belongs to the loss, if there is one (`nn.losses.correctness`).
        compile: True compiles, False does not. None compiles if NumPy is there and it pays: not for a handful of
            examples, nor where a graph is so deep and narrow that arrays do not help. What cannot be compiled then
            runs eagerly, with a `NotCompiledWarning`.

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
    training: CompiledTraining | EagerTraining | None = None
    bar: tqdm[NoReturn] | None = None
    rarely = RareCollection()

    def end() -> None:
        """Leaves everything in order; a second call does nothing."""
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
                f"optimizer must be an Optimizer, such as SGD(model.parameters(), lr=0.1), not {described(optimizer)}"
            )
        if schedule is not None:
            _check_call(schedule, 1, "the schedule", "the number of steps taken")
        rng = generator(rng)
        is_correct = is_correct or correctness(loss)

        def on_arrays() -> CompiledTraining | None:
            from nn.training.compiled import CompiledTraining

            made = CompiledTraining(model, examples, loss, optimizer, is_correct, validation_examples, batch_size)
            return made if compile or made.pays() else None

        work = epochs * len(examples)
        is_worthwhile = work >= LEAST_EXAMPLES and work * len(optimizer.parameters) >= LEAST_WORK
        training = _compiled(on_arrays, compile if epochs else False, is_worthwhile)
        if training is None:
            training = EagerTraining(model, examples, loss, optimizer, is_correct, validation_examples)
        if schedule is not None:
            lr = optimizer.lr
        steps = 0
        rarely.begin()
        if progress:
            bar = progress_bar(history, epochs, epochs * math.ceil(len(examples) / batch_size))
        for epoch in range(1, epochs + 1):
            tally = Tally(counts_right=is_correct is not None)
            for indices in batches(len(examples), batch_size, rng):
                if schedule is not None and lr is not None:
                    factor = at_least_zero(f"the factor that the schedule gives for step {steps}", schedule(steps))
                    optimizer.lr, steps = lr * factor, steps + 1
                tally.add(len(indices), *training.step(indices))
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


_Result = TypeVar("_Result")


def _compiled(on_arrays: Callable[[], _Result], wanted: bool | None, is_worthwhile: bool) -> _Result | None:
    """The result of a function that compiles; None if that is not wanted, not worthwhile, or not possible.

    Raises:
        CompileError, ImportError: it is not possible, though it is wanted.
    """
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
            f"this runs eagerly, which is slow, because it cannot be compiled; compile=False runs it so without this "
            f"warning:\n  {error}",
            NotCompiledWarning,
            stacklevel=3,
        )
        return None


# ---------------------------------------------------------------- arguments


def _validation(given: Any) -> Examples | None:
    if given is None:
        return None
    if isinstance(given, Dataset):
        given = given.X, given.y
    if not isinstance(given, (tuple, list)) or len(given) != 2:
        kind = "an array" if type(given).__name__ == "ndarray" else f"a {type(given).__name__}"
        many = f" of {len(given)}" if isinstance(given, (tuple, list)) else ""
        raise TypeError(f"validation must be a pair (X, y) or a Dataset, not {kind}{many}")
    X, y = given
    return Examples(X, y, "the validation of fit", names=("validation X", "validation y"))


def _checked_callbacks(given: Any) -> list[Callable[[Any, History], object]]:
    if callable(given):
        raise TypeError(f"callbacks must be a list of functions: callbacks=[{_name(given)}]")
    callbacks = as_list(given if not hasattr(given, "__next__") else list(given))
    if callbacks is None:
        raise TypeError(f"callbacks must be a list of functions, not {described(given)}")
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
        raise TypeError(f"compile must be True, False or None, not {described(compile)}")


def _check_call(function: Any, count: int, what: str, arguments: str) -> None:
    """Raises TypeError for what cannot be called with this many arguments."""
    if not callable(function):
        raise TypeError(f"{what} must be a function of {arguments}, not {described(function)}")
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # some functions in C have none
        return
    try:
        signature.bind(*[None] * count)
    except TypeError:
        raise TypeError(
            f"{what} is called with {arguments}, but {_name(function)}{signature} does not take them"
        ) from None


def _is_true(answer: object) -> bool:
    """Whether a callback says True; anything else, such as the number of characters it wrote, means nothing."""
    return type(answer).__name__ in ("bool", "bool_") and bool(answer)  # NumPy has both names


def _name(function: Any) -> str:
    """The name of a function, or of the class of an object that is called like one."""
    return str(getattr(function, "__name__", type(function).__name__))
