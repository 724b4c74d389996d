"""The Python program that does the same as an experiment of the playground."""

from __future__ import annotations

from playground.experiment import counts_from_zero, optimizer_arguments
from playground.settings import FEATURES, OWN, Settings


def program(settings: Settings, epochs: int) -> str:
    """A Python program that trains like an `Experiment` with these settings, and ends with the same numbers.

    >>> print(program(Settings(layers=(3,)), epochs=5)[-30:])
        rng=rng,
    )
    print(history)
    <BLANKLINE>
    """
    knows_right = settings.loss in ("binary_cross_entropy_with_logits", "hinge")
    source = "Dataset" if settings.data == OWN else settings.data
    names = sorted({"MLP", "fit", settings.optimizer, settings.loss, source}, key=_as_imports_are_sorted)
    test = round(settings.test * (len(settings.own) if settings.data == OWN else settings.points))
    arguments = "".join(f", {name}={value!r}" for name, value in optimizer_arguments(settings).items())
    expressions = ", ".join(FEATURES[feature].expression for feature in settings.features)
    lines = [
        '"""Learns to tell two classes of points apart; made by the playground of scalar-autograd."""',
        "",
        "import random",
        *(["from math import sin"] if "sin(" in expressions else []),
        "",
        f"from nn import {', '.join(names)}",
        "",
        f"rng = random.Random({settings.seed})",
        *_data_lines(settings),
        *([f"train, test = data.split({test}, rng)"] if test else ["train = data"]),
        "",
        "",
        "def inputs(data):",
        f"    return [[{expressions}] for x, y in data.X]",
        "",
        "",
        "def targets(data):",
        f"    return {'data.y' if counts_from_zero(settings) else '[2 * label - 1 for label in data.y]'}",
        "",
        "",
        f"model = MLP({len(settings.features)}, {[*settings.layers, 1]}, activation={settings.activation!r}, rng=rng)",
        f"optimizer = {settings.optimizer}(model.parameters(){arguments})",
        "history = fit(",
        "    model,",
        "    inputs(train),",
        "    targets(train),",
        f"    loss={settings.loss},",
        "    optimizer=optimizer,",
        f"    epochs={epochs},",
        f"    batch_size={settings.batch_size},",
        *(["    validation=(inputs(test), targets(test)),"] if test else []),
        *([] if knows_right else ["    is_correct=lambda output, target: (output > 0) == (target > 0),"]),
        "    compile=False,  # eagerly, as in the playground; it is faster without this line",
        "    rng=rng,",
        ")",
        "print(history)",
        "",
    ]
    return "\n".join(lines)


def _as_imports_are_sorted(name: str) -> tuple[bool, bool, str]:
    """A key that sorts names in capitals first, then classes, then functions."""
    return not name.isupper(), name.islower(), name


def _data_lines(settings: Settings) -> list[str]:
    if settings.data != OWN:
        classes = "classes=2, " if settings.data == "spiral" else ""
        return [f"data = {settings.data}({settings.points}, {classes}noise={settings.noise!r}, rng=rng)"]
    return [
        "data = Dataset(",
        "    [",
        *(f"        [{x!r}, {y!r}]," for x, y, _ in settings.own),
        "    ],",
        f"    {[label for *_, label in settings.own]},",
        '    ("x", "y"),',
        '    ("A", "B"),',
        ")",
    ]
