"""Training on arrays: the steps of `fit`, with the model and the loss compiled and the parameters in one array.

Everything here gives what the loop over single numbers in `nn.fit` gives. What cannot be done so is refused with a
CompileError, and what is to be said of a number that is not finite is left to the optimizer's own `step`.
"""

from __future__ import annotations

import math
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

import numpy as np

import autograd
from autograd import CompileError, Value, no_grad
from nn.arguments import at_least_zero
from nn.examples import Examples, require_training
from nn.examples import number as number_of
from nn.losses import binary_cross_entropy_with_logits, correctness, cross_entropy, half_mse, hinge, mae, mse
from nn.optim import SGD, Adam, Optimizer, State

Array: TypeAlias = Any
"""A NumPy array of floats."""

FEWEST_PER_INSTRUCTION = 10
"""With fewer scalar operations per array instruction and batch, arrays are slower than single numbers."""


TOLD_AGAIN = (ArithmeticError, ValueError, TypeError)
"""Errors of a batch that are raised once more number by number, which says which example it was."""

CHECKED = (mse, half_mse, mae, hinge, binary_cross_entropy_with_logits)
"""Losses whose recordings refuse every target that they refuse themselves."""


class Arrays:
    """Examples as arrays, one row for each.

    given: the examples as they were given. x, y: their inputs and targets. has_whole_targets: whether these are ints.

    Raises:
        CompileError: they are not plain numbers, or not all of one shape.
    """

    def __init__(self, given: Examples) -> None:
        self.given = given
        self.x = _as_array(given.inputs, "the examples", given.names[0])
        self.y = _as_array(given.targets, "the targets", given.names[1])
        self.has_whole_targets = np.asarray(given.targets).dtype.kind in "iu"
        self._batch = self.x[:0]

    def __len__(self) -> int:
        return len(self.x)

    def batch(self, places: list[int]) -> tuple[Array, Array]:
        """The examples at these places: inputs, in an array that the next batch overwrites, and targets."""
        if len(self._batch) < len(places):
            self._batch = np.empty((len(places), *self.x.shape[1:]))
        x = self._batch[: len(places)]
        indices = np.array(places, np.intp)
        self.x.take(indices, axis=0, out=x, mode="clip")  # the other modes copy once more
        return x, self.y.take(indices, axis=0)


def _as_array(things: Any, what: str, name: str) -> Array:
    try:
        array = np.asarray(things.tolist() if _holds_objects(things) else things)
    except (TypeError, ValueError) as error:
        array, reason = None, f": {error}"
    if array is not None and array.dtype.kind in "biuf":
        return array.astype(np.float64, copy=False)
    for place in range(len(things)):
        thing = things[place]
        if not _is_plain(thing):
            raise CompileError(
                f"{what} must be plain numbers, not {type(thing).__name__} {thing!r:.80} ({name}[{place}])"
            )
    raise CompileError(f"{what} must be plain numbers in lists of one length{'' if array is not None else reason}")


def _is_plain(thing: Any) -> bool:
    """Whether something alone is an array of plain numbers."""
    try:
        return np.asarray(thing.tolist() if _holds_objects(thing) else thing).dtype.kind in "biuf"
    except (TypeError, ValueError):
        return False


def _holds_objects(thing: Any) -> bool:
    return isinstance(thing, np.ndarray) and thing.dtype == object


# ---------------------------------------------------------------- the model and the loss


class CompiledLoss:
    """A model with its loss, compiled.

    Args:
        model: what `fit` takes.
        loss: the same.
        is_correct: a function of an output and its target, or None.
        examples: what it is for; the first, and all the different targets, are tried number by number too.
        validation: more of them, of which the targets are tried.

    captured: the Values that model and loss use, parameters and others.

    Raises:
        CompileError: the two cannot be compiled, or compute something else when they are.
        ValueError: the loss refuses one of the targets.
    """

    def __init__(
        self,
        model: Callable[[Any], Any],
        loss: Callable[[Any, Any], Value],
        is_correct: Callable[[Any, Any], bool] | None,
        examples: Arrays,
        validation: Arrays | None,
    ) -> None:
        self._model = model
        self._loss = loss
        self._is_correct = is_correct
        self._count_right = next((count for known, count in _COUNTS if known is is_correct), None)
        self._arranged: Callable[[Iterator[float]], Any] = _as_value
        parts = [part for part in (examples, validation) if part is not None]
        unchecked = [part for part in parts if not _is_checked(loss, part)]
        wants_outputs = is_correct is not None or bool(unchecked)

        def example(x: Any, target: Any) -> list[Any]:
            output = model(x)
            self._arranged = _arrangement(output)
            return [loss(output, target), _flat(output)] if wants_outputs else [loss(output, target)]

        self._plain_loss(examples)  # first: what goes wrong here has nothing to do with compiling
        try:
            # As they were given: the model gets an array where it gets one number by number, and a list for a list.
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
        """Whether `measured` runs a function of the user, who may look at the parameters there."""
        return self._is_correct is not None and self._count_right is None

    def pays(self, batch_size: int) -> bool:
        """Whether there is enough to do for each array instruction."""
        program = self._function.program
        return program.scalars * batch_size >= FEWEST_PER_INSTRUCTION * len(program.instructions)

    def numbers(self) -> Array:
        """The numbers of the captured Values as they are now."""
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

    def evaluated(self, numbers: Array, examples: Arrays, batch_size: int) -> tuple[float, float | None]:
        """The mean loss of examples, and the share of them that are right, or None.

        Raises:
            FloatingPointError: a loss is not finite, since an example is not, or by an operation that is named.
        """
        total, right = 0.0, 0
        for part, results in self._in_batches(numbers, examples, batch_size):
            targets = (examples.given[place][1] for place in part)
            loss, correct = self.measured(results, examples.y[part.start : part.stop], targets)
            total, right = total + loss, right + correct
        if not math.isfinite(total):
            examples.given.require_finite(range(len(examples)))
        return total / len(examples), None if self._is_correct is None else right / len(examples)

    def _in_batches(self, numbers: Array, examples: Arrays, size: int) -> Iterator[tuple[range, list[Array]]]:
        for start in range(0, len(examples), size):
            part = range(start, min(start + size, len(examples)))
            x, y = examples.x[part.start : part.stop], examples.y[part.start : part.stop]
            try:
                if not self._takes_all:
                    self._function.require(x, y)
                results = self._function.values(numbers, x, y)
            except TOLD_AGAIN as error:
                self.retell(error, examples, part)
            yield part, results

    def retell(self, error: Exception, examples: Arrays, places: Iterable[int]) -> NoReturn:
        """Raises the error as it is number by number, which says which example it was; else the error itself.

        The captured Values must have the numbers at which it happened.
        """
        try:
            examples.given.retell(places, self._model, self._loss)
        except TOLD_AGAIN as told:
            raise told from None
        raise error

    def _takes(self, examples: Arrays) -> bool:
        """Whether model and loss take all the examples (`autograd.require`); else each batch is looked at."""
        try:
            self._function.require(examples.x, examples.y)
        except ValueError:
            return False
        return True

    # ------------------------------------------------------------ whether it computes what it should

    def check_model(self, examples: Arrays) -> None:
        """Computes the loss of the first example number by number too, and compares.

        Raises:
            CompileError: they differ.
        """
        ((compiled, *_), *_) = self._function.values(self.numbers(), examples.x[:1], examples.y[:1])
        _require_equal(compiled, self._plain_loss(examples), "the loss of the first example")

    def _plain_loss(self, examples: Arrays) -> Any:
        """The loss of the first example, number by number."""
        with no_grad():
            return examples.given.outcome(0, self._model, self._loss)[2]

    def _check_targets(self, examples: Arrays, seen: set[object]) -> None:
        """Gives the loss every different target once, so that it can refuse what its recording does not.

        Raises:
            ValueError: the loss refuses one of them.
            CompileError: the loss does with one of them what its recording does not.
        """
        for part, (losses, outputs) in self._in_batches(self.numbers(), examples, size=100):
            for row, place in enumerate(part):
                target = examples.given[place][1]
                key = target.tobytes() if hasattr(target, "tobytes") else repr(target)
                if key in seen:
                    continue
                seen.add(key)
                with no_grad():
                    try:
                        plain = self._loss(self._arranged(iter(outputs[row].tolist())), target)
                    except TOLD_AGAIN as error:
                        examples.given.tell(error, place)
                        raise
                _require_equal(losses[row], plain, f"the loss for the target {target!r:.80}")


def _is_checked(loss: Callable[[Any, Any], Any], examples: Arrays) -> bool:
    """Whether the recording of a loss refuses all that the loss does; an array does not tell the class 1 from 1.0."""
    if loss is cross_entropy:
        return examples.y.ndim > 1 or examples.has_whole_targets
    return any(loss is checked for checked in CHECKED)


def _require_equal(compiled: float, plain: Any, what: str) -> None:
    number = number_of(plain)
    # Another order of sums changes the last digits, which some models make larger; another operation changes more.
    if not (math.isclose(compiled, number, rel_tol=1e-6, abs_tol=1e-9) or (compiled != compiled and number != number)):
        raise CompileError(
            f"{what} is {number!r}, but {float(compiled)!r} when model and loss are compiled; they must do the same "
            "operations for all examples and targets, and each time they run"
        )


def _users_line(error: Exception) -> str:
    """The line at which an exception came out of the user's code, or into ours."""
    lines = traceback.extract_tb(error.__traceback__)
    ours = (str(Path(autograd.__file__).parent), str(Path(__file__).parent))
    line = next((line for line in reversed(lines) if not line.filename.startswith(ours)), lines[-1])
    return f"{line.filename}:{line.lineno}: {line.line}"


def _flat(output: Any) -> list[Any]:
    """The numbers of an output, one after the other."""
    if isinstance(output, (list, tuple)):
        return [number for part in output for number in _flat(part)]
    if isinstance(output, np.ndarray):
        return _flat(output.ravel().tolist())
    if not isinstance(output, (Value, float, int)):
        raise CompileError(f"the model gives a {type(output).__name__}, not a Value or nested lists of Values")
    return [output]


def _arrangement(output: Any) -> Callable[[Iterator[float]], Any]:
    """A function that arranges numbers, as Values, as those of an output are: in lists, tuples or arrays."""
    if isinstance(output, np.ndarray):
        shape = output.shape

        def array(numbers: Iterator[float]) -> Array:
            filled = np.empty(math.prod(shape), object)
            filled[:] = [_as_value(numbers) for _ in range(len(filled))]
            return filled.reshape(shape)

        return array
    if isinstance(output, (list, tuple)):
        kind, parts = type(output), list(map(_arrangement, output))
        if hasattr(kind, "_fields"):
            return lambda numbers: kind(*(part(numbers) for part in parts))
        return lambda numbers: kind([part(numbers) for part in parts])
    return _as_value


def _as_value(numbers: Iterator[float]) -> Value:
    return Value(next(numbers), requires_grad=False)


# ---------------------------------------------------------------- whether outputs are right, for a batch


def _count_largest(outputs: Array, y: Array) -> int:
    return int(np.count_nonzero(outputs.argmax(axis=1) == (y if y.ndim == 1 else y.argmax(axis=1))))


def _count_signs(outputs: Array, y: Array) -> int:
    return _count_sides(outputs > 0.0, y > 0.0)


def _count_likelier(outputs: Array, y: Array) -> int:
    return _count_sides(outputs > 0.0, y > 0.5)


def _count_sides(outputs: Array, y: Array) -> int:
    return int(np.count_nonzero((outputs == y.reshape(len(y), -1)).all(axis=1)))


_COUNTS = (
    (correctness(cross_entropy), _count_largest),
    (correctness(hinge), _count_signs),
    (correctness(binary_cross_entropy_with_logits), _count_likelier),
)


# ---------------------------------------------------------------- the parameters and the optimizer


class Parameters:
    """The numbers of an optimizer's parameters, and of whatever else a loss uses, in one array that is moved.

    The Values keep the numbers they had until `publish`; what others set meanwhile is seen by `refresh`.
    """

    def __init__(self, captured: Sequence[Value], optimizer: Optimizer) -> None:
        known = set(captured)
        self._captured = len(captured)
        self._optimizer = optimizer
        self._values = [*captured, *(one for one in optimizer.parameters if one not in known)]
        self._place = {value: place for place, value in enumerate(optimizer.parameters)}
        self._on_arrays = type(optimizer).step is Optimizer.step
        self._is_tried = type(optimizer).update in (SGD.update, Adam.update)
        self.refresh()

    @property
    def numbers_captured(self) -> Array:
        """The numbers of the captured Values."""
        numbers = self._now[0]
        return numbers if len(numbers) == self._captured else numbers[: self._captured]

    def refresh(self) -> None:
        """Reads the Values, what of them may be moved, and what the optimizer remembers."""
        place, optimizer = self._place, self._optimizer
        numbers = np.array([value.data for value in self._values], np.float64)
        moving = [i for i, value in enumerate(self._values) if value in place and value.requires_grad]
        self._states_at = [place[self._values[i]] for i in moving]
        self._moving = None if len(moving) == len(numbers) else np.array(moving, np.intp)
        self._others = [i for i, value in enumerate(self._values) if value not in place and value.requires_grad]
        states = _columns([optimizer.states[i] for i in self._states_at])
        if states is None:
            self._on_arrays = False
        self._now: tuple[Array, Array | None, tuple[Any, ...]]
        self._read, self._now = numbers, (numbers, None, states or ())  # at once: Ctrl-C between them would undo a step
        self._gathered = np.zeros(len(self._others))

    def forget_gradient(self) -> None:
        """Makes room for the next one."""
        numbers, _, states = self._now
        self._now = numbers, None, states

    def publish(self) -> None:
        """Gives the Values their numbers and gradients, and the optimizer what it remembers; as a whole."""
        if self._now[0] is self._read and self._now[1] is None:
            return  # nothing has happened
        numbers, slopes, states = self._news()
        try:
            self._write(numbers, slopes, states)
        except BaseException:  # Ctrl-C: not half of it
            self._write(numbers, slopes, states)
            raise

    def _news(self) -> tuple[list[tuple[Value, float]], list[tuple[Value, float]], list[State]]:
        """Values with their next numbers, Values with their next gradients, and what the optimizer will remember."""
        numbers, gradient, states = self._now
        moving = range(len(numbers)) if self._moving is None else self._moving.tolist()
        values = [self._values[i] for i in moving]
        slopes = [(parameter, 0.0) for parameter in self._optimizer.parameters if not parameter.requires_grad]
        if gradient is not None:
            slopes += zip(values, gradient[self._part()].tolist(), strict=True)
        for i, slope in zip(self._others, self._gathered.tolist(), strict=True):
            slopes.append((self._values[i], self._values[i].grad + slope))
        remembered = list(self._optimizer.states)
        if self._on_arrays:
            count = len(self._states_at)
            columns = [np.broadcast_to(column, count).tolist() for column in states]
            for i, state in zip(self._states_at, zip(*columns, strict=True) if columns else [()] * count, strict=True):
                remembered[i] = state
        return list(zip(values, numbers[self._part()].tolist(), strict=True)), slopes, remembered

    def _write(
        self, numbers: list[tuple[Value, float]], slopes: list[tuple[Value, float]], states: list[State]
    ) -> None:
        """Done twice, it comes to the same."""
        for value, number in numbers:
            value.data = number
        for value, slope in slopes:
            value.grad = slope
        self._optimizer.states = states
        self._gathered = np.zeros(len(self._others))
        self._read, self._now = self._now[0], (self._now[0], None, self._now[2])

    def _part(self) -> Any:
        return slice(None) if self._moving is None else self._moving

    def step(self, gradient: Array) -> None:
        """Moves the parameters once, as `Optimizer.step` does, by the gradient with respect to the captured Values.

        Raises:
            FloatingPointError: as `Optimizer.step`; the Values then have the numbers they had before.
        """
        at_least_zero("lr", self._optimizer.lr)
        numbers, _, states = self._now
        if len(gradient) < len(numbers):  # nothing depends on the others
            gradient = np.concatenate([gradient, np.zeros(len(numbers) - len(gradient))])
        if self._others:
            self._gathered = self._gathered + gradient[self._others]
        moved = self._moved(numbers, gradient, states) if self._on_arrays else None
        if moved is not None:
            self._now = moved[0], gradient, moved[1]
            return
        self._now = numbers, gradient, states
        self.publish()
        self._optimizer.step()
        self.refresh()

    def _moved(self, numbers: Array, gradient: Array, states: tuple[Any, ...]) -> tuple[Array, tuple[Any, ...]] | None:
        """The next numbers and states; None if the optimizer must do it number by number."""
        part = self._moving
        if not self._states_at:
            return (numbers, states) if _are_finite(numbers, gradient) else None
        if not self._is_tried and len(self._states_at) == 1:
            return None  # nothing to gain, and a single number hides that functions of `math` refuse arrays
        before, slopes = (numbers, gradient) if part is None else (numbers[part], gradient[part])
        if not self._is_tried:
            for array in (before, slopes, *states):
                if isinstance(array, np.ndarray):
                    array.setflags(write=False)
        try:
            with np.errstate(all="ignore"):
                after, states_after = self._optimizer.update(before, slopes, states)
                if not self._is_tried and not self._agrees(before, slopes, states, after, states_after):
                    self._on_arrays = False
                    return None
        except (TypeError, ValueError):
            if self._is_tried:
                raise
            self._on_arrays = False
            return None
        if part is not None:
            whole = numbers.copy()
            whole[part] = after
            after = whole
        is_finite = _are_finite(after, gradient) and all(map(_is_finite, states_after))
        return (after, states_after) if is_finite else None

    def _agrees(self, numbers: Array, gradient: Array, states: Any, after: Any, states_after: Any) -> bool:
        """Whether a user's `update` gives for some single parameters what it gives for arrays of all."""
        count = len(numbers)
        for i in {0, count // 2, count - 1}:
            state = tuple(float(np.broadcast_to(column, count)[i]) for column in states)
            number, next_state = self._optimizer.update(float(numbers[i]), float(gradient[i]), state)
            arrays = [float(np.broadcast_to(array, count)[i]) for array in (after, *states_after)]
            if not np.allclose(arrays, [number, *next_state], rtol=1e-12, atol=0.0, equal_nan=True):
                return False
        self._is_tried = type(after) is np.ndarray
        return self._is_tried


def _is_finite(numbers: Any) -> bool:
    """Whether all numbers of an array are finite; also False if the sum of their squares is too large."""
    return math.isfinite(numbers if isinstance(numbers, float) else np.vdot(numbers, numbers))


def _are_finite(one: Array, other: Array) -> bool:
    """The same for two arrays in one look: a product with an infinity or a nan is not finite, not even that with 0."""
    return math.isfinite(np.vdot(one, other))


def _columns(states: list[Any]) -> tuple[Any, ...] | None:
    """What an optimizer remembers, kind by kind: an array, or one float where it is the same for all parameters."""
    if not states or states[0] == ():
        return ()
    try:
        table = np.array(states, np.float64)
    except (TypeError, ValueError):
        return None
    if table.ndim != 2:
        return None
    return tuple(float(column[0]) if (column == column[0]).all() else column.copy() for column in table.T)


# ---------------------------------------------------------------- both


class CompiledTraining:
    """Training through a compiled loss: what `fit` does with each batch.

    Raises:
        CompileError: the model, the loss or the examples cannot be compiled.
        ValueError: the loss refuses one of the targets.
    """

    def __init__(
        self,
        model: Callable[[Any], Any],
        examples: Examples,
        loss: Callable[[Any, Any], Value],
        optimizer: Optimizer,
        is_correct: Callable[[Any, Any], bool] | None,
        validation: Examples | None,
        batch_size: int,
    ) -> None:
        self._arrays = _arrays(examples, model, loss)
        self._validation = None if validation is None else _arrays(validation, model, loss)
        self._arguments = model, loss, is_correct, self._arrays, self._validation
        self._optimizer = optimizer
        self._batch_size = batch_size
        self._compile()

    def _compile(self) -> None:
        model, loss, *_ = self._arguments
        require_training(self._arrays.given, model, loss, self._optimizer)
        self._loss = CompiledLoss(*self._arguments)
        self._parameters = Parameters(self._loss.captured, self._optimizer)
        self._had_gradients = self._requiring_gradients()

    def _requiring_gradients(self) -> list[bool]:
        return [value.requires_grad for value in self._loss.captured]

    def pays(self) -> bool:
        """Whether arrays are faster than single numbers here."""
        return self._loss.pays(min(self._batch_size, len(self._arrays)))

    def step(self, places: list[int]) -> tuple[float, int]:
        """Trains on the examples at these places; gives the sum of their losses, and how many were right."""
        loss, parameters, arrays = self._loss, self._parameters, self._arrays
        parameters.forget_gradient()
        x, y = arrays.batch(places)
        numbers = parameters.numbers_captured
        try:
            results, gradient = loss.value_and_grad(numbers, x, y)
        except TOLD_AGAIN as error:
            parameters.publish()
            loss.retell(error, arrays, places)
        if loss.calls_the_user:
            parameters.publish()
        measured = loss.measured(results, y, (arrays.given[place][1] for place in places))
        if not math.isfinite(measured[0]):
            arrays.given.require_finite(places)
        parameters.step(gradient)
        return measured

    def validated(self) -> tuple[float, float | None]:
        """The mean loss of the validation examples, and the share of them that are right, or None."""
        assert self._validation is not None
        if self._loss.calls_the_user:
            self.publish()
        return self._loss.evaluated(self._parameters.numbers_captured, self._validation, max(self._batch_size, 100))

    def publish(self) -> None:
        """Gives parameters and optimizer what they have come to, before somebody looks at them."""
        self._parameters.publish()

    def refresh(self) -> None:
        """Takes note of what a callback has changed; compiles again if the model does something else by now.

        Raises:
            CompileError: it does what cannot be compiled.
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
    model: Callable[[Any], Any],
    examples: Examples,
    loss: Callable[[Any, Any], Value],
    is_correct: Callable[[Any, Any], bool] | None,
) -> tuple[float, float | None]:
    """What `nn.evaluate` gives, computed on arrays."""
    arrays = _arrays(examples, model, loss)
    compiled = CompiledLoss(model, loss, is_correct, arrays, None)
    return compiled.evaluated(compiled.numbers(), arrays, batch_size=1000)


def _arrays(examples: Examples, model: Callable[[Any], Any], loss: Callable[[Any, Any], Value]) -> Arrays:
    """Examples as arrays; where one of them cannot be, the error of the model or the loss, if they refuse it too."""
    try:
        return Arrays(examples)
    except CompileError:
        places = range(len(examples))
        bad = next((place for place in places if not all(map(_is_plain, examples[place]))), None)
        if bad is not None:
            with no_grad():
                examples.outcome(bad, model, loss)
        raise
