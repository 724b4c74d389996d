"""Examples with their targets, in whatever holds them; errors name the example that caused them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from autograd import Value, gradients, topological_order
from nn.arguments import as_list, described, is_number, rows
from nn.optim import Optimizer

Model: TypeAlias = Callable[[Any], Any]
"""Makes an output of one example; an `nn.Module` with `__call__`, or a plain function."""

Loss: TypeAlias = Callable[[Any, Any], Any]
"""Makes a Value of an output and its target."""

_NAMED = (TypeError, ValueError, ArithmeticError, LookupError, AttributeError, RuntimeError)


class Examples:
    """Inputs and targets, one target for each input.

    Args:
        X: lists, tuples or arrays; the rows of a pandas table, by position.
        y: the targets.
        what: the function that needs them, for messages.
        names: what messages call the two.

    Raises:
        TypeError: one of the two is not a list of examples.
        ValueError: they are of different lengths, or empty.
    """

    def __init__(self, X: Any, y: Any, what: str, names: tuple[str, str] = ("X", "y")) -> None:
        self.names = names
        self.inputs = rows(X, f"{what} takes a list or an array of examples as {names[0]}")
        self.targets = rows(y, f"{what} takes a list or an array of targets as {names[1]}")
        if len(self.inputs) != len(self.targets):
            raise ValueError(
                f"{what} needs a target for each example, not {len(self.targets)} targets for "
                f"{len(self.inputs)} examples"
            )
        if len(self.inputs) == 0:
            raise ValueError(f"{what} needs at least 1 example, and was given none")

    def __len__(self) -> int:
        return len(self.inputs)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        """An example and its target."""
        return wide(self.inputs[index]), wide(self.targets[index])

    def outcome(self, index: int, model: Model, loss: Loss) -> tuple[Any, Any, Any]:
        """The output of a model for an example, the target, and the loss; an error names the example.

        Raises:
            TypeError: the loss is not a number.
        """
        x, target = self[index]
        try:
            output = model(x)
            example_loss = loss(output, target)
        except _NAMED as error:
            self.name_in(error, index)
            raise
        if not isinstance(example_loss, Value) and not is_number(example_loss):
            hint = (
                "; did it forget to return?"
                if example_loss is None
                else "; reduce it to one, with autograd.mean for instance" * hasattr(example_loss, "__len__")
            )
            kind = "None" if example_loss is None else f"a {type(example_loss).__name__}"
            raise TypeError(f"a loss must return one Value for each example, not {kind}{hint}")
        return output, target, example_loss

    def to_train(self, index: int, model: Model, loss: Loss) -> tuple[Any, Any, Value]:
        """The same, with a loss that can be differentiated.

        Raises:
            TypeError: the loss is not a Value.
        """
        output, target, example_loss = self.outcome(index, model, loss)
        if not isinstance(example_loss, Value):
            raise TypeError(
                f"a loss must return a Value to train on, not {described(example_loss)}; reading .data or using "
                "functions of math takes numbers out of the graph"
            )
        return output, target, example_loss

    def name_in(self, error: Exception, index: int) -> None:
        """Adds to the message of an error which example it was, and which of its numbers is not finite."""
        wrong = self._not_a_number(index)
        x, y = self.names
        added = wrong or f"{x}[{index}] = {_short(self.inputs[index])}, {y}[{index}] = {_short(self.targets[index])}"
        added = f" (example {index}: {added})"
        if len(error.args) == 1 and isinstance(error.args[0], str) and not isinstance(error, KeyError):
            if added not in error.args[0]:
                error.args = (error.args[0] + added,)
        else:
            error.add_note(added.strip(" ()"))

    def require_finite(self, indices: Iterable[int]) -> None:
        """Raises the error for a loss that is not finite because an example is not.

        Raises:
            FloatingPointError: there is a NaN or an infinity in an example or its target.
        """
        for index in indices:
            wrong = self._not_a_number(index)
            if wrong:
                raise FloatingPointError(
                    f"the loss of example {index} is not finite: {wrong}; no parameter was changed"
                )

    def raise_eagerly(self, indices: Iterable[int], model: Model, loss: Loss) -> None:
        """Runs examples eagerly, one by one, and raises the error of the first that fails; it names the example."""
        for index in indices:
            example_loss = self.outcome(index, model, loss)[2]
            if not math.isfinite(number(example_loss)):
                self.require_finite([index])
            self._require_differentiable(example_loss, index)

    def _require_differentiable(self, example_loss: Any, index: int) -> None:
        """Raises FloatingPointError if an operation in a loss is to blame for numbers that are not finite."""
        if not isinstance(example_loss, Value) or not example_loss.requires_grad:
            return
        leaves = [node for node in topological_order(example_loss) if node.is_leaf and node.requires_grad]
        try:
            gradients(example_loss, leaves)
        except FloatingPointError as error:
            self.name_in(error, index)
            raise

    def _not_a_number(self, index: int) -> str:
        """The first thing in an example or its target that is None, NaN or infinite; an empty text if there is none."""
        for things, name in zip((self.inputs, self.targets), self.names, strict=True):
            found = _first_wrong(things[index], f"{name}[{index}]")
            if found:
                return found
        return ""


def number(example_loss: Any) -> float:
    """The number of a loss, a Value or a plain number."""
    return example_loss.data if isinstance(example_loss, Value) else float(example_loss)


def depends_on(example_loss: Value, parameters: Iterable[Value]) -> bool:
    """Whether a loss depends on one of these parameters that requires a gradient."""
    moved = {id(parameter) for parameter in parameters if parameter.requires_grad}
    return any(id(node) in moved for node in topological_order(example_loss))


def require_training(examples: Examples, model: Model, loss: Loss, optimizer: Optimizer) -> None:
    """Looks for an example whose loss depends on a parameter that the optimizer moves; most often it is the first.

    Raises:
        RuntimeError: there is nothing to differentiate.
        ValueError: no example has such a loss.
    """
    for index in range(len(examples)):
        example_loss = examples.to_train(index, model, loss)[2]
        if not example_loss.requires_grad:
            example_loss.backward()  # raises it
        if depends_on(example_loss, optimizer.parameters):
            return
    needed = [node for node in topological_order(example_loss) if node.is_leaf and node.requires_grad]
    such_as = next((f", such as {parameter.label!r}" for parameter in needed if parameter.label), "")
    raise ValueError(
        f"nothing would be trained: the optimizer moves none of the {len(needed)} parameters that the loss depends on"
        f"{such_as}, but {len(optimizer.parameters)} others; give it those of this model (a copy has its own)"
    )


def wide(example: Any) -> Any:
    """An array of NumPy in the types that Python computes with: in narrower ones, sums and products wrap around."""
    kind = getattr(getattr(example, "dtype", None), "kind", "")
    if not kind or kind not in "fiub" or example.dtype in ("float64", "int64"):
        return example
    is_whole = kind != "f" and example.dtype != "uint64"  # which int64 does not hold
    return example.astype("int64" if is_whole else "float64")


def _first_wrong(thing: Any, name: str) -> str:
    """Where the first None, NaN or infinity is in nested lists and arrays."""
    if thing is None or type(thing).__name__ in ("NAType", "NaTType"):  # a missing number of pandas
        return f"{name} is {thing!r}"
    if isinstance(thing, Value):
        thing = thing.data
    if isinstance(thing, float):
        return "" if math.isfinite(thing) else f"{name} is {float(thing)!r}"
    parts: Sequence[Any] = list(thing) if len(getattr(thing, "shape", ())) > 1 else as_list(thing) or ()
    return next(filter(None, (_first_wrong(part, f"{name}[{index}]") for index, part in enumerate(parts))), "")


def _short(thing: Any) -> str:
    text = " ".join(repr(thing).split())
    return text if len(text) <= 60 else f"{text[:57]}..."
