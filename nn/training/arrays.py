"""Examples as NumPy arrays, from which a batch is taken in one step."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from autograd import CompileError, no_grad
from nn.training.examples import Examples, Loss, Model

Array: TypeAlias = Any
"""A NumPy array of floats."""


class ExampleArrays:
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

    def batch(self, indices: list[int]) -> tuple[Array, Array]:
        """The examples with these indices: inputs, in an array that the next batch overwrites, and targets."""
        if len(self._batch) < len(indices):
            self._batch = np.empty((len(indices), *self.x.shape[1:]))
        x = self._batch[: len(indices)]
        rows = np.array(indices, np.intp)
        self.x.take(rows, axis=0, out=x, mode="clip")  # the other modes copy once more
        return x, self.y.take(rows, axis=0)


def example_arrays(examples: Examples, model: Model, loss: Loss) -> ExampleArrays:
    """Examples as arrays.

    Raises:
        CompileError: as `ExampleArrays`. Where the model or the loss refuses the example, too, it is their error.
    """
    try:
        return ExampleArrays(examples)
    except CompileError:
        bad = next((index for index in range(len(examples)) if not all(map(_is_plain, examples[index]))), None)
        if bad is not None:
            with no_grad():
                examples.outcome(bad, model, loss)
        raise


def _as_array(things: Any, what: str, name: str) -> Array:
    try:
        array = np.asarray(things.tolist() if _holds_objects(things) else things)
    except (TypeError, ValueError) as error:
        array, reason = None, f": {error}"
    if array is not None and array.dtype.kind in "biuf":
        return array.astype(np.float64, copy=False)
    for index in range(len(things)):
        thing = things[index]
        if not _is_plain(thing):
            raise CompileError(
                f"{what} must be plain numbers, not {type(thing).__name__} {thing!r:.80} ({name}[{index}])"
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
