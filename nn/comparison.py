"""Optimizers side by side: the paths they take on one landscape, and how long they stay at a saddle.

`import nn` leaves it out, to stay light: from nn.comparison import compare_optimizers

>>> print(compare_optimizers())
optimizer                end     value  gradient's norm  steps           outcome
---------  -----------------  --------  ---------------  -----  ----------------
SGD        (-0.3504, 0.0848)    0.0133            0.173     30  ran out of steps
momentum    (0.8964, 0.0881)    0.0479            0.198     30  ran out of steps
AdaGrad    (-0.1202, 0.0000)  0.000722            0.012     30  ran out of steps
Adam        (0.1360, 0.3182)     0.102            0.637     30  ran out of steps
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from autograd import Value
from autograd.calculus import Path, draw_landscape, gradient_descent
from autograd.support import plotting
from autograd.support.tables import Table, Tabulated
from nn.optim import SGD, AdaGrad, Adam, Optimizer, RMSprop

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MakeOptimizer: TypeAlias = Callable[[list[Value]], Optimizer]
"""A function that makes an optimizer for a list of parameters, as `lambda parameters: Adam(parameters, lr=0.3)`."""


def valley(x: Sequence[Value]) -> Value:
    """x_0^2 / 20 + x_1^2: twenty times as steep across as along, so that the gradient seldom points to the minimum.

    >>> valley([Value(-7.0), Value(2.0)]).data
    6.45
    """
    return x[0] ** 2 / 20.0 + x[1] ** 2


def saddle(x: Sequence[Value]) -> Value:
    """x_0^2 - x_1^2: flat at 0, where the gradient is zero, down on two sides and up on the others.

    >>> saddle([Value(3.0), Value(2.0)]).data
    5.0
    """
    return x[0] ** 2 - x[1] ** 2


OPTIMIZERS: dict[str, MakeOptimizer] = {
    "SGD": lambda parameters: SGD(parameters, lr=0.95),
    "momentum": lambda parameters: SGD(parameters, lr=0.1, momentum=0.9),
    "AdaGrad": lambda parameters: AdaGrad(parameters, lr=1.5),
    "Adam": lambda parameters: Adam(parameters, lr=0.3),
}
"""By name, with learning rates that suit the valley (Saitoh 2016, "Deep Learning from Scratch", section 6.1)."""

OPTIMIZERS_AT_ONE_LR: dict[str, MakeOptimizer] = {
    "SGD": lambda parameters: SGD(parameters, lr=0.05),
    "momentum": lambda parameters: SGD(parameters, lr=0.05, momentum=0.9),
    "AdaGrad": lambda parameters: AdaGrad(parameters, lr=0.05),
    "RMSprop": lambda parameters: RMSprop(parameters, lr=0.05),
    "Adam": lambda parameters: Adam(parameters, lr=0.05),
}
"""By name, all with the same learning rate."""


@dataclass(repr=False)
class Comparison(Tabulated):
    """The paths of several optimizers from one start.

    function: the function that they minimize.
    paths: the path of each, by its name.

    Printing it gives a table of where they ended.
    """

    function: Callable[[Any], Any]
    paths: dict[str, Path]

    def __repr__(self) -> str:
        return f"Comparison({', '.join(self.paths)})"

    def _table(self) -> Table:
        rows = [
            (
                name,
                "(" + ", ".join(f"{x:.4f}" for x in path.end) + ")",
                f"{path.values[-1]:.3g}",
                f"{path.gradient_norms[-1]:.3g}",
                str(path.steps),
                path.outcome,
            )
            for name, path in self.paths.items()
        ]
        header = ("optimizer", "end", "value", "gradient's norm", "steps", "outcome")
        return Table("where each optimizer ended", header, rows)

    def plot(
        self,
        *,
        xlim: tuple[float, float] | None = None,
        ylim: tuple[float, float] | None = None,
        ax: Axes | None = None,
    ) -> Axes:
        """Draws all the paths on the contours of the function, each with its own colour and marker.

        Args:
            xlim: the range of the first variable; by default that of all paths and a margin.
            ylim: the same for the second.
            ax: where to draw; a new figure by default.

        Raises:
            ValueError: the function has three variables or more.
            ImportError: matplotlib is not installed.

        >>> import matplotlib; matplotlib.use("Agg")
        >>> [text.get_text() for text in compare_optimizers().plot().get_legend().get_texts()]
        ['SGD', 'momentum', 'AdaGrad', 'Adam']
        """
        points = [point for path in self.paths.values() for point in path.points]
        ax = draw_landscape(self.function, points, xlim, ylim, ax)
        for index, (name, path) in enumerate(self.paths.items()):
            path.draw_line(ax, label=name, markevery=max(1, path.steps // 45), **_style(index))
        first = next(iter(self.paths.values()))
        ax.plot(*first.drawn()[0], "o", color="white", markeredgecolor="black", markersize=8, zorder=5)
        ax.legend(fontsize=9)
        ax.set_title(f"Optimizers, {max(path.steps for path in self.paths.values())} steps from one start", fontsize=11)
        return ax

    def plot_values(self, *, ax: Axes | None = None) -> Axes:
        """Draws the value at each step for all optimizers, on a logarithmic axis if all are above 0.

        Raises:
            ImportError: matplotlib is not installed.

        >>> import matplotlib; matplotlib.use("Agg")
        >>> len(compare_optimizers().plot_values().lines)
        4
        """
        ax = plotting.axes(ax)
        for index, (name, path) in enumerate(self.paths.items()):
            ax.plot(path.values, label=name, markevery=max(1, path.steps // 10), **_style(index))
        if all(min(path.values) > 0.0 for path in self.paths.values()):
            ax.set_yscale("log")
        return plotting.named(ax, "The value at each step", "step", "value", legend=True)


def _style(index: int) -> dict[str, Any]:
    """The colour and the marker of a path, by its index among them."""
    return {
        "color": plotting.COLOURS[index % len(plotting.COLOURS)],
        "marker": plotting.MARKERS[index % len(plotting.MARKERS)],
        "markersize": 4,
        "linewidth": 1.2,
    }


def compare_optimizers(
    f: Callable[[Any], Any] = valley,
    x0: float | Sequence[float] = (-7.0, 2.0),
    optimizers: Mapping[str, MakeOptimizer] = OPTIMIZERS,
    steps: int = 30,
) -> Comparison:
    """Minimizes a function with several optimizers from one start.

    Args:
        f: as for `autograd.calculus.gradient_descent`; by default a valley.
        x0: the start.
        optimizers: by name, functions that make an optimizer for a list of parameters.
        steps: how many at most.

    Raises:
        ValueError: there are no optimizers; and as `gradient_descent`.
        TypeError: as `gradient_descent`.

    >>> compare_optimizers().paths["Adam"]
    Path(30 steps from (-7, 2) to (0.136, 0.3182), value 0.1022: ran out of steps)
    """
    if not optimizers:
        raise ValueError("there is no optimizer to compare; give {name: function that makes one, ...}")
    return Comparison(
        f, {name: gradient_descent(f, x0, steps=steps, optimizer=make) for name, make in optimizers.items()}
    )


def steps_to_escape(
    f: Callable[[Any], Any] = saddle,
    x0: Sequence[float] = (1.0, 1e-3),
    optimizers: Mapping[str, MakeOptimizer] = OPTIMIZERS_AT_ONE_LR,
    *,
    below: float = -1.0,
    most: int = 1000,
) -> dict[str, int | None]:
    """How many steps each optimizer takes from a start beside a saddle until the value is less than `below`.

    Args:
        f: as for `autograd.calculus.gradient_descent`; by default x_0^2 - x_1^2.
        x0: the start, a little beside the line that leads straight into the saddle.
        optimizers: as for `compare_optimizers`; by default five with one learning rate.
        below: the value that counts as having escaped.
        most: how many steps to try.

    Returns:
        The steps by name; None for one that has not escaped.

    Raises:
        ValueError: there are no optimizers; and as `gradient_descent`.
        TypeError: as `gradient_descent`.

    >>> steps_to_escape()
    {'SGD': 73, 'momentum': 27, 'AdaGrad': 65, 'RMSprop': 3, 'Adam': 21}
    """
    paths = compare_optimizers(f, x0, optimizers, most).paths
    return {
        name: next((step for step, value in enumerate(path.values) if value < below), None)
        for name, path in paths.items()
    }
