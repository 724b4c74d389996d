"""The gradients of a model's parameters, found twice: by backpropagation, and by moving each parameter a little."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from statistics import fmean
from typing import Any, NamedTuple, Protocol

import autograd
from autograd import CompileError, Value, gradients, numerical_gradient
from autograd.support.rng import generator
from autograd.support.tables import Table, Tabulated
from nn.arguments import rows, whole
from nn.training.examples import wide

_CHUNK = 20  # parameters between two movements of the progress bar


class Model(Protocol):
    """A module that can be called, such as an `MLP`."""

    def __call__(self, x: Any, /) -> Any: ...

    def named_parameters(self) -> list[tuple[str, Value]]: ...


class ComparedGradient(NamedTuple):
    """The derivative of the loss with respect to one parameter, found twice.

    name: of the parameter.
    backpropagated, numerical: the two derivatives.
    """

    name: str
    backpropagated: float
    numerical: float

    @property
    def difference(self) -> float:
        """|backpropagated - numerical|"""
        return abs(self.backpropagated - self.numerical)


class GradientComparison(Tabulated):
    """What `compare_gradients` found; printed, a table with a line for the weights and the biases of each layer.

    rows: a `ComparedGradient` for each parameter that was compared.
    parameters: how many parameters the model has.
    samples: how many examples the loss is the mean of.
    """

    def __init__(self, rows: Sequence[ComparedGradient], parameters: int, samples: int) -> None:
        self.rows = list(rows)
        self.parameters = parameters
        self.samples = samples

    @property
    def mean_difference(self) -> float:
        """The mean of |backpropagated - numerical| over the parameters."""
        return fmean(row.difference for row in self.rows)

    def groups(self) -> dict[str, list[ComparedGradient]]:
        """The rows by what they belong to: "layer1.w", "layer1.b" and so on."""
        groups: dict[str, list[ComparedGradient]] = {}
        for row in self.rows:
            groups.setdefault(_group(row.name), []).append(row)
        return groups

    def __iter__(self) -> Iterator[ComparedGradient]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        return f"<GradientComparison: {len(self)} parameters, mean difference {self.mean_difference:.1e}>"

    def _table(self) -> Table:
        header = ("parameters", "compared", "mean |gradient|", "mean difference", "largest difference")
        lines = [
            (
                name,
                f"{len(rows):,}",
                f"{fmean(abs(row.backpropagated) for row in rows):.2e}",
                f"{fmean(row.difference for row in rows):.1e}",
                f"{max(row.difference for row in rows):.1e}",
            )
            for name, rows in [*self.groups().items(), ("all", self.rows)]
        ]
        counted = f"{len(self):,} of {self.parameters:,} parameters, {self.samples} samples"
        above = f"backpropagated and numerical gradients: {counted}"
        return Table("gradients", header, lines, above=above)


def compare_gradients(
    model: Model,
    X: Sequence[Any],
    y: Sequence[Any],
    loss: Callable[[Any, Any], Value],
    *,
    samples: int = 3,
    at_most: int | None = 200,
    rng: random.Random | int | None = 0,
    progress: bool = False,
) -> GradientComparison:
    """Compares the gradients of the mean loss of a few examples with those found by central differences.

    Backpropagation finds all of them in one pass; differences need two evaluations of the loss for every parameter,
    which is why nobody trains with them. Where NumPy is installed and model and loss can be compiled, they are. No
    `.grad` is touched, and every parameter is put back.

    Args:
        model: with the parameters; called with an element of `X`.
        X: the examples.
        y: the target of each.
        loss: a function of an output and its target.
        samples: how many examples to use, the first ones.
        at_most: how many weights, or biases, of each layer to compare, drawn at random; None means all.
        rng: draws them; a random.Random, an int seed, or None.
        progress: whether to show a bar.

    Raises:
        ValueError: the model has no parameters that need a gradient; there are fewer examples or targets than
            `samples`; `samples` or `at_most` is less than 1.

    >>> from nn import MLP, cross_entropy
    >>> model = MLP(2, [3, 2], activation="tanh", rng=0)
    >>> comparison = compare_gradients(model, [[0.1, 0.2], [0.3, -0.4]], [0, 1], cross_entropy, samples=2)
    >>> len(comparison), comparison.mean_difference < 1e-9
    (17, True)
    """
    samples, at_most = whole("samples", samples), None if at_most is None else whole("at_most", at_most)
    X, y = rows(X, "X must be a list or an array of examples"), rows(y, "y must be a list or an array of targets")
    if samples < 1 or (at_most is not None and at_most < 1):
        raise ValueError(f"both must be at least 1: samples={samples}, at_most={at_most}")
    if min(len(X), len(y)) < samples:
        raise ValueError(f"{samples} samples are asked for, but there are {len(X)} examples and {len(y)} targets")
    named = [(name, parameter) for name, parameter in model.named_parameters() if parameter.requires_grad]
    if not named:
        raise ValueError(f"this {type(model).__name__} has no parameter that needs a gradient")
    examples = [(wide(X[index]), wide(y[index])) for index in range(samples)]

    def mean_loss(*_: Value) -> Value:
        return autograd.mean([loss(model(x), target) for x, target in examples])

    rng, chosen = generator(rng), set[str]()
    for members in _grouped([name for name, _ in named]).values():
        chosen.update(members if at_most is None or len(members) <= at_most else rng.sample(members, at_most))
    named = [(name, parameter) for name, parameter in named if name in chosen]
    parameters = [parameter for _, parameter in named]
    backpropagated = gradients(mean_loss(), parameters)
    evaluated = _compiled(mean_loss)
    numerical: list[float] = []
    for start in _progress(range(0, len(parameters), _CHUNK), progress):
        numerical += numerical_gradient(evaluated, parameters[start : start + _CHUNK], method="central")
    found = [
        ComparedGradient(name, *derivatives)
        for (name, _), *derivatives in zip(named, backpropagated, numerical, strict=True)
    ]
    return GradientComparison(found, len(model.named_parameters()), samples)


def _compiled(f: Callable[[], Value]) -> Callable[..., Value]:
    """The function compiled, or itself if that is not possible."""
    try:
        compiled = autograd.compile(f)
        compiled()
    except (ImportError, CompileError):
        return f
    return lambda *_: compiled()


def _progress(chunks: range, wanted: bool) -> Iterator[int]:
    if not wanted:
        return iter(chunks)
    from tqdm import tqdm

    return iter(tqdm(chunks, desc="differences", unit=f"{_CHUNK} parameters"))


def _grouped(names: Sequence[str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(_group(name), []).append(name)
    return groups


def _group(name: str) -> str:
    """The name of a parameter without its numbers inside a layer: layer1.w for layer1.neuron3.w2."""
    *path, last = (part for part in name.split(".") if not re.fullmatch(r"neuron\d+", part))
    return ".".join([*path, last.rstrip("0123456789") or last])
