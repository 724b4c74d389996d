"""Programs as models: `fit`, compiled and eagerly."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

import nn
from autograd import Value
from tests.fuzz.lists.cases import Case, Training


def own_loss(output: Any, target: Any) -> Any:
    """A loss as a user writes it."""
    return (output - target) ** 2 + 0.25 * output


LOSSES: dict[str, Callable[[Any, Any], Value]] = {
    "mse": nn.mse,
    "half_mse": nn.half_mse,
    "mae": nn.mae,
    "hinge": nn.hinge,
    "binary_cross_entropy_with_logits": nn.binary_cross_entropy_with_logits,
    "cross_entropy": nn.cross_entropy,
    "own_loss": own_loss,
}
FOR_LISTS = ("mse", "mae", "hinge", "binary_cross_entropy_with_logits", "cross_entropy", "cross_entropy")
FOR_NUMBERS = ("mse", "half_mse", "mae", "hinge", "binary_cross_entropy_with_logits", "own_loss")
OPTIMIZERS: dict[str, str] = {
    "SGD": "SGD({parameters}, lr=0.05)",
    "momentum": "SGD({parameters}, lr=0.05, momentum=0.5)",
    "decay": "SGD({parameters}, lr=0.05, weight_decay=0.1)",
    "Adam": "Adam({parameters}, lr=0.05)",
}

TARGETS: dict[str, tuple[Sequence[float], float]] = {  # the targets of a loss, and one that it refuses
    "hinge": ((1, -1), 0),
    "binary_cross_entropy_with_logits": ((0, 1, 0.25), 7),
}


def target(loss: str, example: int, outputs: int, is_number: bool, is_refused: bool) -> Any:
    """The target of an example, for a loss."""
    if loss == "cross_entropy":
        return outputs + 5 if is_refused else (example * 2 + 1) % outputs
    usual, wrong = TARGETS.get(loss, ((0.5, -1.0, 2.0, 0.25), 0.5))
    row = [wrong if is_refused else usual[(example + 2 * index) % len(usual)] for index in range(outputs)]
    return row[0] if is_number else row


def inputs(case: Case, numbers: Sequence[Sequence[float]]) -> Any:
    """The examples, as `fit` takes them."""
    argument = case.program.arguments[0]
    nested = [argument.nested(row) for row in numbers]
    return np.array(nested, float) if argument.kind in ("array", "matrix") else nested


def targets(case: Case, training: Training) -> list[Any]:
    """The targets of all examples."""
    outputs, last = case.program.outputs(), case.examples - 1
    return [
        target(training.loss, index, outputs, case.program.has_one_result(), training.is_refused and index == last)
        for index in range(case.examples)
    ]


def trained(
    case: Case, f: Callable[[Any], Any], captured: Sequence[Sequence[Value]], compiled: bool
) -> dict[str, list[float]]:
    """The losses of some epochs, and the parameters after them."""
    training = case.way.training
    assert training is not None
    used = captured[:-1] if training.left_out else captured
    parameters = [parameter for part in used for parameter in part]
    optimizer = eval(
        OPTIMIZERS[training.optimizer].format(parameters="parameters"), vars(nn) | {"parameters": parameters}
    )
    x, y = inputs(case, case.numbers[0]), targets(case, training)
    history = nn.fit(
        f,
        x,
        y,
        loss=LOSSES[training.loss],
        optimizer=optimizer,
        epochs=training.epochs,
        batch_size=training.batch_size,
        validation=(x[:2], y[:2]) if training.has_validation else None,
        progress=False,
        rng=0,
        compile=compiled,
    )
    found = {
        "values": [*history.loss, *history.validation_loss],
        "others": [*history.accuracy, *history.validation_accuracy],
    }
    for name, part in zip("uvw", captured, strict=False):
        found[name] = [parameter.data for parameter in part]
        found[f"slopes {name}"] = [parameter.grad for parameter in part]
    return found


def moved(numbers: Any, dice: random.Random, amount: float) -> Any:
    """Nested tuples of numbers, each a little off."""
    if isinstance(numbers, tuple):
        return tuple(moved(part, dice, amount) for part in numbers)
    return numbers * (1.0 + amount * dice.choice((-1.0, 1.0)))
