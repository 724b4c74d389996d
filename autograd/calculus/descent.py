"""Gradient descent: the path downhill, and why it ends.

>>> path = gradient_descent(lambda x: x[0] ** 2 + x[1] ** 2, [-3.0, 4.0], lr=0.1)
>>> path
Path(100 steps from (-3, 4) to (-6.111e-10, 8.148e-10), value 1.037e-18: converged)
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path as FilePath
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

from autograd.calculus.arguments import checked_count, checked_number
from autograd.calculus.evaluation import Evaluation, Function, Point, SearchedFunction, of_one_number, shown
from autograd.calculus.film import FASTEST, SLOWEST, Film, filmed
from autograd.calculus.landscapes import draw_landscape, drawable, drawn
from autograd.engine.value import Value
from autograd.support import plotting
from autograd.support.tables import Table, Tabulated

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Outcome: TypeAlias = Literal[
    "converged", "ran out of steps", "hardly moves", "diverges", "falls without end", "leaves the domain"
]
"""Why a descent stopped, in two or three words."""

CONVERGED = 1e-10
"""A descent stops when the norm of the gradient is below this, or below this part of the first one if that is less."""

CONVERGED_SHARE = 1e-8
"""A descent that has used up its steps has converged if no more than this part of the first gradient is left."""

SHORTEST = 1e-6
"""The first step that is tried without a learning rate is at least this part of the size of the start, or of 1."""

RUNAWAY = 1e12
"""A descent stops when the value has changed by this many times its first size."""

LARGEST = 1e300
"""A value beyond this, on the way to one that is not finite, counts as leaving the range of floats."""


_Step: TypeAlias = tuple[Point, Evaluation]
"""A point, and the function there."""


_NO_OPTIMIZER = (
    "optimizer must be a function that makes an optimizer, as lambda parameters: Adam(parameters, lr=0.3); {}"
)


class Optimizer(Protocol):
    """It moves the parameters that it was made for, against their `grad`; `nn` has several."""

    def step(self) -> None: ...


MakeOptimizer: TypeAlias = Callable[[list[Value]], Optimizer]
"""Such as `lambda parameters: Adam(parameters, lr=0.3)`."""


@dataclass(repr=False)
class Path(Tabulated):
    """Where a descent went, and why it stopped.

    function: of one list of Values.
    points: every point, the start first, as a tuple of numbers.
    values: the value of the function at each.
    gradient_norms: the norm of its gradient at each.
    outcome: why it stopped, in two or three words.
    reason: the same in a sentence, with the numbers and what to do.
    evaluations: how often the function was computed.

    All these numbers are finite: a descent ends before a point where the value or a derivative is not, and the reason
    names that point. Printed, it is a table of some of the steps, and the reason.
    """

    function: Function
    points: list[Point]
    values: list[float]
    gradient_norms: list[float]
    outcome: Outcome
    reason: str
    evaluations: int

    @property
    def steps(self) -> int:
        """How many steps were taken: one less than there are points."""
        return len(self.points) - 1

    @property
    def end(self) -> Point:
        """The last point."""
        return self.points[-1]

    def __repr__(self) -> str:
        return (
            f"Path({self.steps} steps from {shown(self.points[0])} to {shown(self.end)}, "
            f"value {self.values[-1]:.4g}: {self.outcome})"
        )

    def _table(self) -> Table:
        steps = [step for step in _round_numbers(self.steps) if step < self.steps]
        rows = [
            (str(step), shown(self.points[step]), f"{self.values[step]:.6g}", f"{self.gradient_norms[step]:.3g}")
            for step in [*steps, self.steps]
        ]
        header = ("step", "point", "value", "gradient's norm")
        return Table("some of the steps", header, rows, below=f"\n{self.reason}")

    def plot(
        self,
        *,
        xlim: tuple[float, float] | None = None,
        ylim: tuple[float, float] | None = None,
        ax: Axes | None = None,
    ) -> Axes:
        """Draws the path on the contours of the function, or on its curve if it is a function of one number.

        Args:
            xlim: the range of the first variable; by default that of the path and a margin.
            ylim: the same for the second.
            ax: where to draw; a new figure by default.

        Raises:
            ValueError: the function has three variables or more.
            ImportError: matplotlib is not installed.

        >>> import matplotlib; matplotlib.use("Agg")
        >>> gradient_descent(lambda x: (x - 1.0) ** 2, 3.0, lr=0.1).plot().get_xlabel()
        '$x$'
        """
        ax = draw_landscape(self.function, self.points, xlim, ylim, ax)
        self.draw_line(ax)
        ends: list[tuple[str, int, str]] = [("start", 0, "o"), ("end", -1, "*")]
        for label, index, marker in ends:
            x, y = self.drawn()[index]
            size = 12 if marker == "*" else 7
            ax.plot(x, y, marker, color="white", markeredgecolor="black", markersize=size, label=label, zorder=5)
        ax.legend(fontsize=9)
        ax.set_title(f"Gradient descent, {self.steps} steps: {self.outcome}", fontsize=11)
        return ax

    def draw_line(self, ax: Axes, **style: Any) -> None:
        """Draws the path alone, on Axes that show the landscape already; `style` is that of `Axes.plot`."""
        x, y = zip(*self.drawn(), strict=True)
        looks: dict[str, Any] = {"marker": ".", "color": plotting.ORANGE, "linewidth": 1.5, "zorder": 4}
        ax.plot(x, y, **looks | style)

    def drawn(self) -> list[tuple[float, float]]:
        """The points in the picture; those of a function of one number lie on its curve."""
        return drawn(self.points, self.values)

    def plot_values(self, *, ax: Axes | None = None, **style: Any) -> Axes:
        """Draws the value at each step, on a logarithmic axis if all are above 0; `style` is that of `Axes.plot`.

        Raises:
            ImportError: matplotlib is not installed.

        >>> import matplotlib; matplotlib.use("Agg")
        >>> gradient_descent(lambda x: x**2, 3.0, lr=0.1).plot_values().get_yscale()
        'log'
        """
        ax = plotting.axes(ax)
        if min(self.values) > 0.0:
            ax.set_yscale("log")
        ax.plot(drawable(self.values), **{"color": plotting.BLUE} | style)
        return plotting.named(ax, "The value along the path", "step", "value")

    def animate(
        self,
        path: str | FilePath | None = None,
        *,
        xlim: tuple[float, float] | None = None,
        ylim: tuple[float, float] | None = None,
        frames: int = 60,
        per_second: float = 12,
        progress: bool = True,
    ) -> FilePath | Film:
        """Films the descent; the film is saved as a GIF, or returned for a notebook to play.

        Args:
            path: the file, ending in .gif; None gives the film itself, which a notebook plays.
            xlim: as for `plot`.
            ylim: the same.
            frames: how many pictures at most; a longer path moves several steps from one to the next.
            per_second: pictures per second, from 0.01 to 100.
            progress: whether to show a bar while the pictures are drawn (on the standard error).

        Raises:
            ValueError: the file does not end in .gif, `frames` is below 2, `per_second` is out of range, or the
                function has three variables.
            ImportError: matplotlib is not installed.

        >>> import matplotlib; matplotlib.use("Agg")
        >>> len(gradient_descent(lambda x: x**2, 3.0, lr=0.1, steps=2).animate(progress=False).html) > 1000
        True
        """
        if path is not None and FilePath(path).suffix != ".gif":
            raise ValueError(f"a film must be saved as .gif, not as {FilePath(path).name!r}")
        frames = checked_count(frames, "frames", 2)
        if not SLOWEST <= checked_number(per_second, "per_second") <= FASTEST:
            raise ValueError(f"per_second must be from {SLOWEST} to {FASTEST}, not {per_second!r}")
        ax = draw_landscape(self.function, self.points, xlim, ylim, None)
        (line,) = ax.plot([], [], ".-", color=plotting.ORANGE, linewidth=1.5, zorder=4)
        (ball,) = ax.plot([], [], "o", color="white", markeredgecolor="black", markersize=9, zorder=5)
        points = self.drawn()

        def show(step: int) -> None:
            x, y = zip(*points[: step + 1], strict=True)
            line.set_data(x, y)
            ball.set_data(x[-1:], y[-1:])
            ax.set_title(f"step {step}: value {self.values[step]:.4g}", fontsize=11)

        count = min(frames, self.steps + 1)
        pictures = [round(i * self.steps / max(count - 1, 1)) for i in range(count)]
        return filmed(ax, show, pictures, per_second, None if path is None else FilePath(path), progress)


def gradient_descent(
    f: Callable[[Any], Any],
    x0: float | Sequence[float],
    lr: float | None = None,
    steps: int = 100,
    *,
    optimizer: MakeOptimizer | None = None,
) -> Path:
    """Walks downhill from `x0`: at each step the point moves by minus `lr` times the gradient.

    It stops early where the gradient is zero (`CONVERGED`), however small the units of `f` are, when the value runs
    away upwards or downwards, and before a point where the value or a derivative is not finite, or `f` raises an error.

    Args:
        f: a function of one list of Values, f([x, y]), or of one Value if `x0` is a plain number; it returns one Value.
        x0: the start.
        lr: the learning rate. Without it, and without an optimizer, the length of each step is searched for: halved
            until the value falls, and doubled for the next step (Armijo 1966; Nocedal and Wright, Numerical
            Optimization, 2nd edition, algorithm 3.1).
        steps: how many at most.
        optimizer: a function that makes an optimizer of `nn.optim` for a list of parameters, in place of `lr`:
            `lambda parameters: Adam(parameters, lr=0.3)`.

    Returns:
        Every point, its value and the norm of its gradient, and why it stopped: it converged, ran out of steps, hardly
        moves, diverges, falls without end, or leaves the domain of `f`.

    Raises:
        TypeError: `x0` holds something that is not a number, or `f` does not return a Value.
        ValueError: `x0` is empty or not finite, the value or a derivative is not finite there, `lr` is not above 0,
            `steps` is below 1, or both `lr` and `optimizer` are given. An error of `f` at `x0` is raised as it is.

    >>> print(gradient_descent(lambda x: x[0] ** 2 + x[1] ** 2, [-3.0, 4.0], lr=10.0).reason)
    diverges: the value grew from 25 to 1.53277e+14 in 5 steps; lower lr = 10
    """
    start, f = _start(x0, f)
    lr, steps = checked_descent(lr, steps, optimizer)
    function = SearchedFunction(f)
    here = function.at(start)
    if here.error is not None:
        here.error.add_note(f"at the start of a descent, {shown(start)}")
        raise here.error
    if here.flaw:
        raise ValueError(f"a descent must start where f and its gradient are finite; at {shown(start)} {here.flaw}")
    return descended(f, function, start, here, lr, steps, optimizer)


def checked_descent(lr: Any, steps: Any, optimizer: Any) -> tuple[float | None, int]:
    """The learning rate and the number of steps, checked.

    Raises:
        TypeError, ValueError: as `gradient_descent`.
    """
    steps = checked_count(steps, "steps")
    if not (optimizer is None or callable(optimizer)):
        raise TypeError(_NO_OPTIMIZER.format(f"{optimizer!r:.80} is not a function"))
    if lr is not None:
        lr = checked_number(lr, "lr")
    if lr is not None and optimizer is not None:
        raise ValueError("give lr or optimizer, not both: the optimizer has a learning rate of its own")
    if lr is not None and not (lr > 0.0 and math.isfinite(lr)):
        raise ValueError(f"lr must be a finite number above 0, not {lr!r}")
    return lr, steps


def descended(
    f: Function,
    function: SearchedFunction,
    start: Point,
    here: Evaluation,
    lr: float | None,
    steps: int,
    optimizer: MakeOptimizer | None,
) -> Path:
    """The descent from a start at which `function`, made of `f`, is known to be finite."""
    points, evaluations = [start], [here]
    move: Callable[[Point, Evaluation], _Step | None]
    if optimizer is not None:
        move = _Optimized(function, start, optimizer)
        lr = getattr(move.optimizer, "lr", None)
    elif lr is not None:
        rate = lr

        def move(point: Point, here: Evaluation) -> _Step:
            moved = _downhill(point, here, rate)
            return moved, function.at(moved)

    else:
        move = _Searching(function, start, here)

    advice = "" if isinstance(move, _Searching) else f"; {_advice('lower', lr)}"

    def path(outcome: Outcome, reason: str) -> Path:
        values = [evaluation.value for evaluation in evaluations]
        norms = [evaluation.norm for evaluation in evaluations]
        return Path(f, points, values, norms, outcome, f"{outcome}: {reason}", function.count)

    least = CONVERGED * min(1.0, here.norm)
    is_at_zero = _is_at_zero(function, start, here)
    for step in range(1, steps + 1):
        if here.norm <= least or is_at_zero:
            return path("converged", f"the norm of the gradient is {here.norm:.3g} after {_steps(step - 1)}")
        moved = move(points[-1], here)
        if moved is None:
            return path(
                "converged",
                f"after {_steps(step - 1)} no step along the gradient, of norm {here.norm:.3g}, lowers the value",
            )
        point, there = moved
        if there.flaw:
            return path(*_refused(function, points[-1], evaluations, point, there, advice))
        here = there
        points.append(point)
        evaluations.append(here)
        if _runs_away(evaluations[0].value, here.value):
            return path(*_runaway(evaluations[0].value, here.value, f"in {_steps(step)}", advice))
    return path(*_judged(points, evaluations, lr))


def _is_at_zero(function: SearchedFunction, start: Point, here: Evaluation) -> bool:
    """Whether a start is where the gradient is zero, but for rounding.

    A small gradient alone does not show that: the whole function may be small. So it is compared with the Hessian,
    which says how far away the zero is (Newton's method).
    """
    if not 0.0 < here.norm <= CONVERGED:
        return here.norm == 0.0
    reach = CONVERGED * max(1.0, math.hypot(*start))
    hessian = function.hessian(start)
    return all(abs(slope) <= reach * max(map(abs, row)) for slope, row in zip(here.gradient, hessian, strict=True))


def _runs_away(first: float, last: float) -> bool:
    return abs(last - first) > RUNAWAY * (abs(first) + 1.0)


def _runaway(first: float, last: float, when: str, advice: str) -> tuple[Outcome, str]:
    """The outcome of a descent whose value rises or falls without end."""
    went = f"from {first:.6g} to {last:.6g} {when}"
    if last < first:
        return "falls without end", f"the value fell {went}; there may be no minimum"
    return "diverges", f"the value grew {went}{advice}"


def _refused(
    function: SearchedFunction,
    point: Point,
    evaluations: Sequence[Evaluation],
    refused: Point,
    there: Evaluation,
    advice: str,
) -> tuple[Outcome, str]:
    """The outcome of a descent whose next step, from `point`, leads to where the function is not finite.

    The values on the way there tell whether they leave the range of floats, or whether the function just ends.
    """
    first, taken = evaluations[0].value, _steps(len(evaluations))
    if there.value == -math.inf:
        return _runaway(first, there.value, f"in {taken}", advice)
    edge = function.edge(point, refused)
    if _runs_away(first, edge) or (abs(edge) > LARGEST and refused != point):
        return _runaway(first, edge, f"in {taken}; then it left the range of floats ({there.flaw})", advice)
    step = len(evaluations)
    if refused == point:
        return "leaves the domain", f"step {step}, from {shown(point)}, is not possible: {there.flaw}{advice}"
    to = shown(refused) if shown(refused) != shown(point) else "a point just beside it"
    return "leaves the domain", f"step {step} leads down from {shown(point)} to {to}, and there {there.flaw}{advice}"


def _judged(points: Sequence[Point], evaluations: Sequence[Evaluation], lr: float | None) -> tuple[Outcome, str]:
    """The outcome of a descent that has used up its steps."""
    first, last = evaluations[0], evaluations[-1]
    taken = _steps(len(points) - 1)
    if last.norm <= CONVERGED_SHARE * first.norm:
        return "converged", f"the norm of the gradient fell from {first.norm:.3g} to {last.norm:.3g} in {taken}"
    values = [evaluation.value for evaluation in evaluations]
    if last.value > first.value and last.value == max(values):
        return _runaway(first.value, last.value, f"in {taken}", f"; {_advice('lower', lr)}")
    length = sum(math.dist(here, there) for here, there in pairwise(points))
    # The part of the way to where the gradient is zero, if it goes on changing at this rate (the secant method).
    change = math.dist(first.gradient, last.gradient) / first.norm
    if change < 0.01 and length < 0.001 * max(math.hypot(*points[0]), 1.0):
        return "hardly moves", (
            f"{taken} moved {length:.3g} in all, {change:.1g} of the way to where the gradient is zero; "
            f"{_advice('raise', lr)}"
        )
    if last.value >= first.value:
        went = f"the value is {last.value:.6g} after {taken}, no lower than the {first.value:.6g} of the start"
        return "ran out of steps", f"{went}; {_advice('lower', lr)}"
    return "ran out of steps", f"after {taken} the norm of the gradient is {last.norm:.3g}; it was {first.norm:.3g}"


def _advice(verb: str, lr: float | None) -> str:
    return f"{verb} the learning rate" if lr is None else f"{verb} lr = {lr:g}"


def _downhill(point: Point, here: Evaluation, rate: float) -> Point:
    return tuple(x - rate * slope for x, slope in zip(point, here.gradient, strict=True))


class _Optimized:
    """The steps of an optimizer."""

    def __init__(self, function: SearchedFunction, start: Point, make: MakeOptimizer) -> None:
        self._function = function
        self._parameters = [Value(x) for x in start]
        self.optimizer = make(self._parameters)
        if not callable(getattr(self.optimizer, "step", None)):
            raise TypeError(_NO_OPTIMIZER.format(f"it gave {self.optimizer!r:.80}"))

    def __call__(self, point: Point, here: Evaluation) -> _Step:
        for parameter, slope in zip(self._parameters, here.gradient, strict=True):
            parameter.grad = slope
        try:
            self.optimizer.step()
        except ArithmeticError as error:
            return point, Evaluation(math.nan, [], str(error))
        moved = tuple(parameter.data for parameter in self._parameters)
        return moved, self._function.at(moved)


class _Searching:
    """Steps found by a search: so long that the value falls by at least half of what the slope promises."""

    def __init__(self, function: SearchedFunction, start: Point, here: Evaluation) -> None:
        self._function = function
        self._rate = 0.5
        least_move = SHORTEST * max(1.0, math.hypot(*start))
        if self._rate * here.norm < least_move and here.norm:
            self._rate = min(least_move / here.norm, sys.float_info.max)

    def __call__(self, point: Point, here: Evaluation) -> _Step | None:
        """The next step; None if no step lowers the value.

        If every step, however short, leads to where `f` is not finite, it is one of these.
        """
        least_fall = 1e-12 * abs(here.value)  # what rounding of the value may hide
        is_hidden = self._rate * here.norm * here.norm < least_fall
        rate = self._rate if is_hidden else min(2.0 * self._rate, sys.float_info.max)
        refused: Point | None = None
        while (moved := _downhill(point, here, rate)) != point:
            value = self._function.value(moved)
            if value <= (here.value + least_fall if is_hidden else here.value - 0.5 * (rate * here.norm) * here.norm):
                there = self._function.at(moved)
                if value == -math.inf or not there.flaw:
                    self._rate = rate
                    return moved, there
                refused = moved
            else:
                refused = None if math.isfinite(value) else moved
            rate /= 2.0
        return None if refused is None else (refused, self._function.at(refused))


def _start(x0: float | Sequence[float], f: Callable[[Any], Any]) -> tuple[Point, Function]:
    """A start as a tuple, and a function of a list."""
    if not callable(f):
        raise TypeError(f"f must be a function of the variables, not {f!r:.80}")
    if isinstance(x0, (Mapping, Set)):
        raise TypeError(
            f"the start x0 must be a number or a list of numbers, in the order of the variables, not {x0!r:.80}"
        )
    is_of_one_number = not hasattr(x0, "__len__") or getattr(x0, "ndim", 1) == 0
    if is_of_one_number and hasattr(x0, "item"):
        x0 = x0.item()  # a NumPy scalar
    given: list[Any] = [x0] if is_of_one_number else list(x0)  # type: ignore[arg-type]
    if not given:
        raise ValueError("the start x0 is empty; give one number for each variable")
    numbers = []
    for x in given:
        try:
            numbers.append(Value(x).data)
        except TypeError as error:
            raise TypeError(f"the start x0 must be a number or a list of numbers, not {x0!r:.80}") from error
    if not all(map(math.isfinite, numbers)):
        raise ValueError(f"the start x0 must be finite, not {x0!r:.80}")
    return tuple(numbers), of_one_number(f) if is_of_one_number else f


def _steps(count: int) -> str:
    return "1 step" if count == 1 else f"{count} steps"


def _round_numbers(largest: int) -> Iterator[int]:
    """0, 1, 2, 5, 10, 20, 50, ... up to a number."""
    yield 0
    size = 1
    while size <= largest:
        yield from (digit * size for digit in (1, 2, 5) if digit * size <= largest)
        size *= 10
