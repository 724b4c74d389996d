"""What the playground trains: settings as an address tells them, an experiment, and the program that does the same.

The page runs this file, and the library with it, in the browser; the tests run it where they run. It uses nothing but
what `autograd` and `nn` offer to everybody.
"""

from __future__ import annotations

import copy
import dataclasses
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sin
from typing import Any
from urllib.parse import parse_qsl, urlencode

import nn
from autograd import Value, explore, gradients, topological_order
from nn import ACTIVATIONS, MLP, Dataset, Optimizer, fit

OWN = "own"
"""The data set of points that the user made."""

DATA: dict[str, Callable[[int, float, random.Random], Dataset]] = {
    "moons": lambda points, noise, rng: nn.moons(points, noise=noise, rng=rng),
    "circles": lambda points, noise, rng: nn.circles(points, noise=noise, rng=rng),
    "xor": lambda points, noise, rng: nn.xor(points, noise=noise, rng=rng),
    "spiral": lambda points, noise, rng: nn.spiral(points, classes=2, noise=noise, rng=rng),
}
"""The data sets that are made by chance, each a function of nn with two classes."""

FEATURES: dict[str, Callable[[float, float], float]] = {
    "x": lambda x, y: x,
    "y": lambda x, y: y,
    "xx": lambda x, y: x * x,
    "yy": lambda x, y: y * y,
    "xy": lambda x, y: x * y,
    "sinx": lambda x, y: sin(x),
    "siny": lambda x, y: sin(y),
}
"""What a network can be told of a point (x, y)."""

EXPRESSIONS = {"x": "x", "y": "y", "xx": "x * x", "yy": "y * y", "xy": "x * y", "sinx": "sin(x)", "siny": "sin(y)"}
"""The features as Python writes them."""

LOSSES: dict[str, Callable[[Any, Any], Value]] = {
    "binary_cross_entropy_with_logits": nn.binary_cross_entropy_with_logits,
    "hinge": nn.hinge,
    "mse": nn.mse,
    "mae": nn.mae,
}
"""The losses; all but the first want the classes as -1 and 1, and with all an output above 0 means the second class."""

OPTIMIZERS: dict[str, tuple[str, ...]] = {
    "SGD": ("lr", "momentum", "nesterov", "weight_decay"),
    "AdaGrad": ("lr", "weight_decay"),
    "RMSprop": ("lr", "alpha", "momentum", "weight_decay"),
    "Adam": ("lr", "beta_1", "beta_2", "weight_decay"),
    "AdamW": ("lr", "beta_1", "beta_2", "weight_decay"),
}
"""The optimizers, each with the settings that it takes."""

CHOICES: dict[str, tuple[str, ...]] = {
    "data": (*DATA, OWN),
    "activation": tuple(ACTIVATIONS),
    "loss": tuple(LOSSES),
    "optimizer": tuple(OPTIMIZERS),
}
"""The settings that are one of a few names."""

LIMITS: dict[str, tuple[float, float]] = {
    "points": (10, 500),
    "noise": (0.0, 0.5),
    "test": (0.0, 0.5),
    "batch_size": (1, 500),
    "seed": (0, 999_999),
    "lr": (0.0, 1000.0),
    "momentum": (0.0, 0.999),
    "weight_decay": (0.0, 1.0),
    "alpha": (0.0, 0.999),
    "beta_1": (0.0, 0.999),
    "beta_2": (0.0, 0.9999),
}
"""The settings that are numbers: the least and the largest."""

MOST_LAYERS = 4
MOST_NEURONS = 8
"""In one layer."""

Point = tuple[float, float, int]
"""A point of the user's own: x and y from -1 to 1, and its class, 0 or 1."""


@dataclass(frozen=True)
class Settings:
    """All that decides how an experiment goes; equal settings give equal numbers.

    data, points, noise, seed: a name in `CHOICES`, the number of examples, the standard deviation of their noise, and
        the start of all chance.
    own: the examples, where `data` is "own".
    test: the share of the examples that is held out.
    features: what the network is told of a point, names in `FEATURES`.
    layers, activation: how many neurons each hidden layer has, and their activation.
    The others are those of the loss, the optimizer and `nn.fit`.

    >>> Settings(layers=(8,), seed=3).address()[:40]
    'data=moons&points=100&noise=0.1&test=0.3'
    """

    data: str = "moons"
    points: int = 100
    noise: float = 0.1
    test: float = 0.3
    features: tuple[str, ...] = ("x", "y")
    layers: tuple[int, ...] = (4, 2)
    activation: str = "tanh"
    loss: str = "binary_cross_entropy_with_logits"
    optimizer: str = "SGD"
    lr: float = 0.3
    momentum: float = 0.0
    nesterov: bool = False
    weight_decay: float = 0.0
    alpha: float = 0.99
    beta_1: float = 0.9
    beta_2: float = 0.999
    batch_size: int = 10
    seed: int = 2  # one with which the default network learns moons, circles and xor
    own: tuple[Point, ...] = ()

    @classmethod
    def from_address(cls, address: str) -> tuple[Settings, list[str]]:
        """The settings in the part of an address after the #, and what in it was not understood.

        What is missing, or not understood, is as by default.

        >>> settings, ignored = Settings.from_address("data=xor&layers=3&lr=fast&colour=red")
        >>> settings.data, settings.layers, settings.lr, ignored
        ('xor', (3,), 0.3, ['lr=fast', 'colour=red'])
        """
        understood: dict[str, Any] = {}
        ignored = []
        for name, text in parse_qsl(address.removeprefix("#"), keep_blank_values=True):
            try:
                understood[name] = _read(name, text)
            except ValueError:
                ignored.append(f"{name[:20]}={text[:40]}")
        return cls(**understood), ignored

    def address(self) -> str:
        """The settings as `from_address` reads them; those that change nothing are left out."""
        unused = {name for taken in OPTIMIZERS.values() for name in taken} - set(OPTIMIZERS[self.optimizer])
        unused |= {"points", "noise"} if self.data == OWN else {OWN}
        written = {
            field.name: _written(getattr(self, field.name))
            for field in dataclasses.fields(self)
            if field.name not in unused
        }
        return urlencode(written, safe=",;")


def _read(name: str, text: str) -> Any:
    """One setting; ValueError where there is none of that name, or the text is not one."""
    if name in CHOICES:
        return _one_of(CHOICES[name], text)
    if name in LIMITS:
        return _limited(name, text)
    if name == "nesterov":
        return _one_of(("0", "1"), text) == "1"
    parts = text.split(",") if text else []
    if name == "features":
        if not parts:
            raise ValueError("a network needs an input")
        return tuple(feature for feature in FEATURES if feature in [_one_of(tuple(FEATURES), part) for part in parts])
    if name == "layers":
        sizes = tuple(int(part) for part in parts)
        if len(sizes) > MOST_LAYERS or not all(1 <= size <= MOST_NEURONS for size in sizes):
            raise ValueError(f"not {MOST_LAYERS} layers of at most {MOST_NEURONS} neurons")
        return sizes
    if name == OWN:
        points = text.split(";") if text else []
        if len(points) > LIMITS["points"][1]:
            raise ValueError("too many points")
        return tuple(map(_point, points))
    raise ValueError(f"there is no setting {name!r}")


def _one_of(names: tuple[str, ...], text: str) -> str:
    if text not in names:
        raise ValueError(f"{text!r} is none of {', '.join(names)}")
    return text


def _limited(name: str, text: str) -> float:
    least, largest = LIMITS[name]
    number = int(text) if isinstance(getattr(Settings, name), int) else float(text)
    if not least <= number <= largest:
        raise ValueError(f"{name} is from {least} to {largest}")
    return number


def _point(text: str) -> Point:
    x, y, label = text.split(",")
    if not (-1.0 <= float(x) <= 1.0 and -1.0 <= float(y) <= 1.0):
        raise ValueError("outside of the map")
    return float(x), float(y), int(_one_of(("0", "1"), label))


def _written(setting: Any) -> str:
    if isinstance(setting, bool):
        return str(int(setting))
    if isinstance(setting, tuple):
        return ",".join(map(str, setting)) if not setting or not isinstance(setting[0], tuple) else _points(setting)
    return str(setting)


def _points(points: Sequence[Point]) -> str:
    return ";".join(f"{x:g},{y:g},{label}" for x, y, label in points)


class Experiment:
    """A network and the points it learns to tell apart, at some epoch of its training.

    settings: those it was made from.
    train, test: the points to learn from and those held out (or None).
    model, optimizer: of `nn`.
    loss, test_loss, accuracy, test_accuracy: one number for each epoch; those of the test are empty without one.

    Raises:
        ValueError: there are no points, or an optimizer does not take its settings.

    >>> experiment = Experiment(Settings(points=20, layers=(3,)))
    >>> experiment.train_epoch()
    >>> experiment.epochs, experiment.model
    (1, MLP(2, [3, 1], activation='tanh', output='linear'))
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._rng = random.Random(settings.seed)
        data = _data(settings, self._rng)
        held_out = round(settings.test * len(data))
        self.train: Dataset = data
        self.test: Dataset | None = None
        if held_out:
            self.train, self.test = data.split(held_out, self._rng)
        sizes = [*settings.layers, 1]
        self.model = MLP(len(settings.features), sizes, activation=settings.activation, rng=self._rng)
        self.optimizer = _optimizer(settings, self.model)
        self.loss: list[float] = []
        self.test_loss: list[float] = []
        self.accuracy: list[float] = []
        self.test_accuracy: list[float] = []

    @property
    def epochs(self) -> int:
        """How many epochs the network was trained."""
        return len(self.loss)

    def train_epoch(self) -> None:
        """Goes through the training points once.

        Raises:
            FloatingPointError: a loss or a gradient is not finite.
            OverflowError: a number is too large for a float.
        """
        history = fit(
            self.model,
            self._inputs(self.train),
            self._targets(self.train),
            loss=LOSSES[self.settings.loss],
            optimizer=self.optimizer,
            epochs=1,
            batch_size=self.settings.batch_size,
            validation=None if self.test is None else (self._inputs(self.test), self._targets(self.test)),
            progress=False,
            rng=self._rng,
            is_correct=is_correct,
            compile=False,
        )
        self.loss += history.loss
        self.accuracy += history.accuracy
        self.test_loss += history.validation_loss
        self.test_accuracy += history.validation_accuracy

    def gradients(self) -> dict[str, float]:
        """Of each parameter, by name: the derivative of the mean loss over the training points as it now is.

        Raises:
            FloatingPointError: a loss or a gradient is not finite.
        """
        names, parameters = zip(*self.model.named_parameters(), strict=True)
        totals = [0.0] * len(parameters)
        loss = LOSSES[self.settings.loss]
        for example, target in zip(self._inputs(self.train), self._targets(self.train), strict=True):
            found = gradients(loss(self.model(example), target), parameters)
            totals = [total + gradient for total, gradient in zip(totals, found, strict=True)]
        return dict(zip(names, (total / len(self.train) for total in totals), strict=True))

    def loss_by(self, name: str, example: int) -> Value:
        """The loss of one point, computed from one parameter: all else is constant, so its graph is just their paths.

        The points are counted from 0, those held out after the others.

        Raises:
            KeyError: there is no such parameter.
            IndexError: there is no such point.

        >>> loss = Experiment(Settings(layers=(2,), loss="hinge")).loss_by("layer2.neuron1.w1", 0)
        >>> gradients(loss, [node for node in loss.parents if node.requires_grad])
        [1.0]
        """
        model = copy.deepcopy(self.model)
        parameters = dict(model.named_parameters())
        chosen = parameters[name]
        for parameter in parameters.values():
            parameter.requires_grad = parameter is chosen
        parts = [self.train] if self.test is None else [self.train, self.test]
        inputs = [one for part in parts for one in self._inputs(part)]
        targets = [one for part in parts for one in self._targets(part)]
        named = [
            Value(number, label=EXPRESSIONS[feature], requires_grad=False)
            for number, feature in zip(inputs[example], self.settings.features, strict=True)
        ]
        loss = LOSSES[self.settings.loss](model(named), targets[example])
        loss.label = "loss"
        return loss

    def _inputs(self, part: Dataset) -> list[list[float]]:
        functions = [FEATURES[name] for name in self.settings.features]
        return [[function(x, y) for function in functions] for x, y in part.X]

    def _targets(self, part: Dataset) -> list[int]:
        return part.y if _counts_from_zero(self.settings) else [2 * label - 1 for label in part.y]


def is_correct(output: Value, target: int) -> bool:
    """Whether an output is on the side of its target, for classes 0 and 1 as well as -1 and 1.

    >>> is_correct(Value(0.2), 1), is_correct(Value(-0.2), 0), is_correct(Value(0.2), -1)
    (True, True, False)
    """
    return (output > 0) == (target > 0)


def _counts_from_zero(settings: Settings) -> bool:
    return settings.loss == "binary_cross_entropy_with_logits"


def _data(settings: Settings, rng: random.Random) -> Dataset:
    if settings.data != OWN:
        return DATA[settings.data](settings.points, settings.noise, rng)
    if not settings.own:
        raise ValueError("there are no points to learn from")
    return Dataset([[x, y] for x, y, _ in settings.own], [label for *_, label in settings.own], ("x", "y"), ("A", "B"))


def _optimizer_arguments(settings: Settings) -> dict[str, Any]:
    """What the optimizer is given, beside the parameters."""
    arguments = {name: getattr(settings, name) for name in OPTIMIZERS[settings.optimizer]}
    if "beta_1" in arguments:
        arguments["betas"] = (arguments.pop("beta_1"), arguments.pop("beta_2"))
    return arguments


def _optimizer(settings: Settings, model: MLP) -> Optimizer:
    made: Optimizer = getattr(nn, settings.optimizer)(model.parameters(), **_optimizer_arguments(settings))
    return made


# ---------------------------------------------------------------- the same as a program


def program(settings: Settings, epochs: int) -> str:
    """A Python program that trains as an `Experiment` of these settings does, with the same numbers as a result.

    >>> print(program(Settings(layers=(3,)), epochs=5)[-30:])
        rng=rng,
    )
    print(history)
    <BLANKLINE>
    """
    counts_from_zero = _counts_from_zero(settings)
    knows_right = settings.loss in ("binary_cross_entropy_with_logits", "hinge")
    source = "Dataset" if settings.data == OWN else settings.data
    names = sorted({"MLP", "fit", settings.optimizer, settings.loss, source}, key=_as_imports_are_sorted)
    test = round(settings.test * (len(settings.own) if settings.data == OWN else settings.points))
    arguments = "".join(f", {name}={value!r}" for name, value in _optimizer_arguments(settings).items())
    expressions = ", ".join(EXPRESSIONS[feature] for feature in settings.features)
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
        f"    return {'data.y' if counts_from_zero else '[2 * label - 1 for label in data.y]'}",
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
        "    compile=False,  # number by number, as in the playground; without this line it is faster",
        "    rng=rng,",
        ")",
        "print(history)",
        "",
    ]
    return "\n".join(lines)


def _as_imports_are_sorted(name: str) -> tuple[bool, bool, str]:
    """Names in capitals first, then classes, then functions."""
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


# ---------------------------------------------------------------- what the page asks


class Session:
    """What the page asks for, and the answers: numbers, strings, lists and dicts of these.

    >>> session = Session()
    >>> session.open("data=xor&layers=3")["settings"]["layers"], session.begin()["epochs"], session.train()["epochs"]
    ((3,), 0, 1)
    """

    def __init__(self) -> None:
        self._settings = Settings()
        self._experiment: Experiment | None = None

    def choices(self) -> dict[str, Any]:
        """What can be chosen, and between which limits."""
        return {
            "choices": CHOICES | {"features": tuple(FEATURES)},
            "limits": LIMITS,
            "optimizers": OPTIMIZERS,
            "mostLayers": MOST_LAYERS,
            "mostNeurons": MOST_NEURONS,
            "activations": {name: _operation(name) for name in ACTIVATIONS},
        }

    def open(self, address: str) -> dict[str, Any]:
        """The settings of an address, and what in it was not understood; the next experiment will be of these."""
        self._experiment = None
        self._settings, ignored = Settings.from_address(address)
        return {
            "settings": dataclasses.asdict(self._settings),
            "address": self._settings.address(),
            "ignored": ignored,
        }

    def begin(self) -> dict[str, Any]:
        """Begins the experiment: its points, and its state before the first epoch.

        Raises:
            ValueError: there are no points, or an optimizer does not take its settings.
        """
        self._experiment = experiment = Experiment(self._settings)
        parts = [(experiment.train, False)] + ([] if experiment.test is None else [(experiment.test, True)])
        points = [
            {"x": x, "y": y, "label": label, "heldOut": held_out}
            for part, held_out in parts
            for (x, y), label in zip(part.X, part.y, strict=True)
        ]
        return {"points": points} | self._state(experiment)

    def train(self) -> dict[str, Any]:
        """Trains for one epoch.

        Raises:
            FloatingPointError, OverflowError: the training went out of the range of floats.
            RuntimeError: there is nothing to train.
        """
        experiment = self._running()
        experiment.train_epoch()
        return self._state(experiment)

    def gradients(self) -> dict[str, Any]:
        """The gradient of each parameter, by name."""
        experiment = self._running()
        return {"epochs": experiment.epochs, "gradients": experiment.gradients()}

    def player(self, name: str, example: int) -> dict[str, Any]:
        """A page that plays the loss of one point, computed from one parameter."""
        experiment = self._running()
        loss = experiment.loss_by(name, example)
        (parameter,) = (node for node in topological_order(loss) if node.is_leaf and node.requires_grad)
        return {"epochs": experiment.epochs, "html": explore(loss, paths_from=parameter).html}

    def program(self, epochs: int) -> str:
        """The program that does the same."""
        return program(self._settings, epochs)

    def _running(self) -> Experiment:
        if self._experiment is None:
            raise RuntimeError("there is nothing to train: no experiment was begun")
        return self._experiment

    def _state(self, experiment: Experiment) -> dict[str, Any]:
        return {
            "epochs": experiment.epochs,
            "layers": [
                [{"weights": [weight.data for weight in one.w], "bias": one.b.data} for one in layer.neurons]
                for layer in experiment.model.layers
            ],
            "loss": experiment.loss[-1:],
            "testLoss": experiment.test_loss[-1:],
            "accuracy": experiment.accuracy[-1:],
            "testAccuracy": experiment.test_accuracy[-1:],
        }


def _operation(activation: str) -> dict[str, Any]:
    """What the page needs to compute an activation: the primitive that it is, and its further operands."""
    result = ACTIVATIONS[activation].function(Value(0.5))
    if result.op is None:
        return {"primitive": None, "operands": []}
    return {"primitive": result.op.name, "operands": [parent.data for parent in result.parents[1:]]}
