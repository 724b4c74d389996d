"""The settings of the playground: the choices, the limits, and how an address holds them.

The page runs this file and `experiment`, `program` and `session` in the browser, with the library. They use only the
public names of `autograd` and `nn`.
"""

from __future__ import annotations

import dataclasses
import inspect
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlencode

import nn
from autograd import Value, sin
from nn import ACTIVATIONS, Dataset

OWN = "own"
"""The data set of the user's own points."""

DATA: dict[str, Callable[[int, float, random.Random], Dataset]] = {
    "moons": lambda points, noise, rng: nn.moons(points, noise=noise, rng=rng),
    "circles": lambda points, noise, rng: nn.circles(points, noise=noise, rng=rng),
    "xor": lambda points, noise, rng: nn.xor(points, noise=noise, rng=rng),
    "spiral": lambda points, noise, rng: nn.spiral(points, classes=2, noise=noise, rng=rng),
}
"""The random data sets: functions of `nn` that give two classes."""


@dataclass(frozen=True)
class Feature:
    """A number that a network can get of a point (x, y).

    label: the feature in mathematical notation.
    expression: the feature in Python; the program shows it, and `function` and the page compute it.

    >>> FEATURES["xx"].function(3.0, 0.0)
    9.0
    """

    label: str
    expression: str

    @cached_property
    def function(self) -> Callable[..., Any]:
        """The feature as a function of x and y, which may be floats or Values."""
        function: Callable[..., Any] = eval(f"lambda x, y: {self.expression}", {"sin": sin})
        return function


FEATURES: dict[str, Feature] = {
    "x": Feature("x", "x"),
    "y": Feature("y", "y"),
    "xx": Feature("x²", "x * x"),
    "yy": Feature("y²", "y * y"),
    "xy": Feature("xy", "x * y"),
    "sinx": Feature("sin x", "sin(x)"),
    "siny": Feature("sin y", "sin(y)"),
}
"""The features by the names that they have in an address."""

LOSSES: dict[str, Callable[[Any, Any], Value]] = {
    "binary_cross_entropy_with_logits": nn.binary_cross_entropy_with_logits,
    "hinge": nn.hinge,
    "mse": nn.mse,
    "mae": nn.mae,
}
"""The losses. The first takes classes 0 and 1, the others -1 and 1; an output above 0 means the second class."""

OPTIMIZERS: dict[str, tuple[str, ...]] = {
    "SGD": ("lr", "momentum", "nesterov", "weight_decay"),
    "AdaGrad": ("lr", "weight_decay"),
    "RMSprop": ("lr", "alpha", "momentum", "weight_decay"),
    "Adam": ("lr", "beta_1", "beta_2", "weight_decay"),
    "AdamW": ("lr", "beta_1", "beta_2", "weight_decay"),
}
"""The optimizers, and the settings that each of them takes."""

CHOICES: dict[str, tuple[str, ...]] = {
    "data": (*DATA, OWN),
    "activation": tuple(ACTIVATIONS),
    "loss": tuple(LOSSES),
    "optimizer": tuple(OPTIMIZERS),
}
"""The settings that are one of several names."""

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
"""The settings that are numbers: the smallest and the largest value."""

MOST_LAYERS = 4
MOST_NEURONS = 8
"""In one layer."""

Point = tuple[float, float, int]
"""A point of the user's own: x and y from -1 to 1, and its class, 0 or 1."""


@dataclass(frozen=True)
class Settings:
    """All settings of an experiment; equal settings give equal numbers.

    data, points, noise, seed: a name in `CHOICES`, the number of examples, the standard deviation of their noise, and
        the seed of all random numbers.
    own: the examples, if `data` is "own".
    test: the fraction of the examples that is held out.
    features: the inputs of the network, names in `FEATURES`.
    layers, activation: the number of neurons in each hidden layer, and their activation.
    The others are settings of the loss, the optimizer and `nn.fit`.

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
        """The settings in the part of an address after the #, and the parts that were ignored.

        A setting that is missing or ignored has its default.

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

    def lower_rate(self) -> float:
        """A learning rate to try after one that was too large: the optimizer's default, or a tenth if that is lower.

        >>> Settings(optimizer="Adam", lr=1.0).lower_rate(), Settings(optimizer="Adam", lr=0.001).lower_rate()
        (0.001, 0.0001)
        """
        default = default_rate(self.optimizer)
        return default if default < self.lr else float(f"{self.lr / 10:.4g}")

    def address(self) -> str:
        """The settings as `from_address` reads them, without those that have no effect."""
        unused = {name for taken in OPTIMIZERS.values() for name in taken} - set(OPTIMIZERS[self.optimizer])
        unused |= {"points", "noise"} if self.data == OWN else {OWN}
        written = {
            field.name: _written(getattr(self, field.name))
            for field in dataclasses.fields(self)
            if field.name not in unused
        }
        return urlencode(written, safe=",;")


def default_rate(optimizer: str) -> float:
    """The learning rate of an optimizer unless another is chosen: that of `nn`; where it has none, of `Settings`.

    >>> default_rate("SGD"), default_rate("Adam")
    (0.3, 0.001)
    """
    default = inspect.signature(getattr(nn, optimizer)).parameters["lr"].default
    return Settings.lr if default is inspect.Parameter.empty else float(default)


def _read(name: str, text: str) -> Any:
    """The setting of a name in a text; ValueError if there is no such setting, or the text is not valid."""
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
