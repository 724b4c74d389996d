"""Parameters in one array, which the rule of an optimizer moves in one step."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from autograd import Value
from nn.arguments import at_least_zero
from nn.optim import SGD, Adam, Optimizer, State
from nn.training.arrays import Array


class ParameterArray:
    """The numbers of an optimizer's parameters, and of the other Values that a loss uses, in one array that is moved.

    The Values get the new numbers with `publish`; `refresh` reads those that others have set.
    """

    def __init__(self, captured: Sequence[Value], optimizer: Optimizer) -> None:
        known = set(captured)
        self._captured = len(captured)
        self._optimizer = optimizer
        self._values = [*captured, *(parameter for parameter in optimizer.parameters if parameter not in known)]
        self._index_of = {parameter: index for index, parameter in enumerate(optimizer.parameters)}
        self._on_arrays = type(optimizer).step is Optimizer.step
        self._is_tried = type(optimizer).update in (SGD.update, Adam.update)
        self.refresh()

    @property
    def numbers_captured(self) -> Array:
        """The numbers of the captured Values."""
        numbers = self._now[0]
        return numbers if len(numbers) == self._captured else numbers[: self._captured]

    def refresh(self) -> None:
        """Reads the Values, which of them are to be moved, and what the optimizer remembers."""
        index_of, optimizer = self._index_of, self._optimizer
        numbers = np.array([value.data for value in self._values], np.float64)
        moving = [i for i, value in enumerate(self._values) if value in index_of and value.requires_grad]
        self._states_at = [index_of[self._values[i]] for i in moving]
        self._moving = None if len(moving) == len(numbers) else np.array(moving, np.intp)
        self._others = [i for i, value in enumerate(self._values) if value not in index_of and value.requires_grad]
        states = _columns([optimizer.states[i] for i in self._states_at])
        if states is None:
            self._on_arrays = False
        self._now: tuple[Array, Array | None, tuple[Any, ...]]
        self._read, self._now = numbers, (numbers, None, states or ())  # at once: Ctrl-C between them would undo a step
        self._accumulated = np.zeros(len(self._others))

    def forget_gradient(self) -> None:
        """Frees the memory of the last gradient for the next one."""
        numbers, _, states = self._now
        self._now = numbers, None, states

    def publish(self) -> None:
        """Gives the Values their numbers and gradients, and the optimizer what it remembers: all or nothing."""
        if self._now[0] is self._read and self._now[1] is None:
            return  # nothing has happened
        numbers, gradients, states = self._news()
        try:
            self._write(numbers, gradients, states)
        except BaseException:  # Ctrl-C: not half of it
            self._write(numbers, gradients, states)
            raise

    def _news(self) -> tuple[list[tuple[Value, float]], list[tuple[Value, float]], list[State]]:
        """Values with their next numbers, Values with their next gradients, and what the optimizer will remember."""
        numbers, gradient, states = self._now
        moving = range(len(numbers)) if self._moving is None else self._moving.tolist()
        values = [self._values[i] for i in moving]
        gradients = [(parameter, 0.0) for parameter in self._optimizer.parameters if not parameter.requires_grad]
        if gradient is not None:
            gradients += zip(values, gradient[self._part()].tolist(), strict=True)
        for i, added in zip(self._others, self._accumulated.tolist(), strict=True):
            gradients.append((self._values[i], self._values[i].grad + added))
        remembered = list(self._optimizer.states)
        if self._on_arrays:
            count = len(self._states_at)
            columns = [np.broadcast_to(column, count).tolist() for column in states]
            for i, state in zip(self._states_at, zip(*columns, strict=True) if columns else [()] * count, strict=True):
                remembered[i] = state
        return list(zip(values, numbers[self._part()].tolist(), strict=True)), gradients, remembered

    def _write(
        self, numbers: list[tuple[Value, float]], gradients: list[tuple[Value, float]], states: list[State]
    ) -> None:
        """Writes what `_news` gives; a second call with the same changes nothing."""
        for value, number in numbers:
            value.data = number
        for value, gradient in gradients:
            value.grad = gradient
        self._optimizer.states = states
        self._accumulated = np.zeros(len(self._others))
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
            self._accumulated = self._accumulated + gradient[self._others]
        moved = self._moved(numbers, gradient, states) if self._on_arrays else None
        if moved is not None:
            self._now = moved[0], gradient, moved[1]
            return
        self._now = numbers, gradient, states
        self.publish()
        self._optimizer.step()
        self.refresh()

    def _moved(self, numbers: Array, gradient: Array, states: tuple[Any, ...]) -> tuple[Array, tuple[Any, ...]] | None:
        """The next numbers and states; None if the optimizer must move each parameter by itself."""
        part = self._moving
        if not self._states_at:
            return (numbers, states) if _are_finite(numbers, gradient) else None
        if not self._is_tried and len(self._states_at) == 1:
            return None  # nothing to gain, and a single number hides that functions of `math` refuse arrays
        before, gradients = (numbers, gradient) if part is None else (numbers[part], gradient[part])
        if not self._is_tried:
            for array in (before, gradients, *states):
                if isinstance(array, np.ndarray):
                    array.setflags(write=False)
        try:
            with np.errstate(all="ignore"):
                after, states_after = self._optimizer.update(before, gradients, states)
                if not self._is_tried and not self._agrees(before, gradients, states, after, states_after):
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
        # `value_and_grad` lets a gradient through if those of the single examples are finite and only their sum is not.
        is_finite = _are_finite(after, gradient) and all(map(_is_finite, states_after))
        return (after, states_after) if is_finite else None

    def _agrees(self, numbers: Array, gradient: Array, states: Any, after: Any, states_after: Any) -> bool:
        """Whether a user's `update` gives the same for a few single parameters as for the arrays of all."""
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


def _are_finite(left: Array, right: Array) -> bool:
    """The same for two arrays in one look: a product with an infinity or a nan is not finite, not even that with 0."""
    return math.isfinite(np.vdot(left, right))


def _columns(states: list[Any]) -> tuple[Any, ...] | None:
    """What an optimizer remembers, one column for each number: an array, or a float if it is the same for all."""
    if not states or states[0] == ():
        return ()
    try:
        table = np.array(states, np.float64)
    except (TypeError, ValueError):
        return None
    if table.ndim != 2:
        return None
    return tuple(float(column[0]) if (column == column[0]).all() else column.copy() for column in table.T)
