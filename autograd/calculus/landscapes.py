"""Pictures of functions of two variables: as a surface, as contours, as a field of gradients.

A function is compiled and computed on all points of a grid at once; if it cannot be compiled, it runs eagerly, point by
point. Where it is not defined, the picture has a gap.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from autograd.calculus.arguments import checked_count, checked_sides
from autograd.calculus.evaluation import UNDEFINED, Function, Point, SearchedFunction, evaluated
from autograd.compiler import compile
from autograd.engine.value import Value
from autograd.functional import gradients
from autograd.support import plotting

if TYPE_CHECKING:
    from matplotlib.axes import Axes

X0, X1 = "$x_0$", "$x_1$"
"""The names of the axes."""
FINE, COARSE = 121, 15
"""Points along each side of a grid: for heights, and for arrows."""
LARGEST = 1e300
"""Heights beyond this are cut off, so that a picture can be scaled."""


class Grid(NamedTuple):
    """A function on a grid: `values[j, i]` is its value at (xs[i], ys[j]), NaN where it is not defined.

    gradient: `gradient[j, i]` is the gradient there, an array of two numbers.
    """

    xs: Any
    ys: Any
    values: Any
    gradient: Any


def plot_surface(f: Function, xlim: tuple[float, float], ylim: tuple[float, float], *, ax: Axes | None = None) -> Axes:
    """Draws `f` as a landscape in three dimensions.

    Args:
        f: takes a list of two Values and returns one.
        xlim: the range of the first variable.
        ylim: the range of the second.
        ax: Axes with projection="3d"; None makes new ones.

    Raises:
        TypeError: `f` does not take a list of two variables, or returns no Value.
        ValueError: two limits are swapped, `f` is defined nowhere between them, or `ax` has two dimensions.
        ImportError: matplotlib is not installed.

    >>> import matplotlib; matplotlib.use("Agg")
    >>> plot_surface(lambda x: x[0] ** 2 - x[1] ** 2, (-2, 2), (-2, 2)).get_zlabel()
    '$f(x)$'
    """
    if ax is not None and ax.name != "3d":
        raise ValueError('a surface needs Axes in three dimensions: pyplot.figure().add_subplot(projection="3d")')
    grid = on_grid(f, xlim, ylim, FINE)
    axes: Any = plotting.axes(ax, projection="3d")
    import numpy as np

    xs, ys = np.meshgrid(grid.xs, grid.ys)
    low, high, _ = steady_range(grid.values.ravel().tolist())
    heights = np.where((low <= grid.values) & (grid.values <= high), grid.values, np.nan)
    axes.plot_surface(
        xs, ys, heights, cmap=plotting.HEIGHTS, vmin=low, vmax=high, rcount=40, ccount=40, linewidth=0.2,
        edgecolor="#FFFFFF80",
    )  # fmt: skip
    axes.set_zlabel("$f(x)$")
    return plotting.named(axes, "The surface $f(x_0, x_1)$", X0, X1)


def plot_contours(
    f: Function,
    xlim: tuple[float, float],
    ylim: tuple[float, float],
    *,
    levels: int | Sequence[float] = 14,
    ax: Axes | None = None,
) -> Axes:
    """Draws `f` as a map: each line joins points of the same height, which is written on some of them.

    Args:
        f: takes a list of two Values and returns one.
        xlim: the range of the first variable.
        ylim: the range of the second.
        levels: the heights of the lines, or their number. A number spaces them so that half of the picture lies below
            the middle one: steep walls do not use up all lines, and flat valleys get some. Then lines that are close
            together do not show where it is steep; at heights with equal steps between them, such as
            `range(0, 20, 2)`, they do.
        ax: where to draw; None makes new Axes.

    Raises:
        TypeError: `f` does not take a list of two variables, or returns no Value.
        ValueError: two limits are swapped, `f` is defined nowhere between them, or there are no levels.
        ImportError: matplotlib is not installed.

    >>> import matplotlib; matplotlib.use("Agg")
    >>> plot_contours(lambda x: x[0] ** 2 + x[1] ** 2, (-2, 2), (-2, 2), levels=[1.0, 2.0]).get_xlabel()
    '$x_0$'
    """
    count = None if hasattr(levels, "__len__") else checked_count(levels, "levels")
    grid = on_grid(f, xlim, ylim, FINE)
    ax = plotting.axes(ax)
    heights: list[float] = spaced(grid.values, count) if count is not None else sorted(set(map(float, levels)))  # type: ignore[arg-type]
    if not (heights and all(map(math.isfinite, heights))):
        raise ValueError(f"levels must be one or more finite heights, not {levels!r:.80}")
    from matplotlib.colors import ListedColormap

    # The light end of the colours would be hard to see on white paper.
    colours = ListedColormap(_colours(0.0, 0.8))
    lines = ax.contour(grid.xs, grid.ys, _masked(grid.values), levels=heights, cmap=colours, linewidths=1.0)
    ax.clabel(lines, heights[:: max(1, len(heights) // 7)], fontsize=7, fmt=_short)
    _fit(ax, xlim, ylim)
    return plotting.named(ax, "Contours of $f(x_0, x_1)$", X0, X1)


def plot_gradient_field(
    f: Function,
    xlim: tuple[float, float],
    ylim: tuple[float, float],
    *,
    negative: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Draws the gradient of `f` as arrows: uphill, and longer where it is steeper.

    Where most arrows would be too short to see beside the longest, the lengths are compressed; the directions are
    always those of the gradient.

    Args:
        f: takes a list of two Values and returns one.
        xlim: the range of the first variable.
        ylim: the range of the second.
        negative: whether to draw the negative gradient, which points downhill, as descent goes.
        ax: where to draw, for example on contours; None makes new Axes.

    Raises:
        TypeError: `f` does not take a list of two variables, or returns no Value.
        ValueError: two limits are swapped, or `f` is defined nowhere between them.
        ImportError: matplotlib is not installed.

    >>> import matplotlib; matplotlib.use("Agg")
    >>> plot_gradient_field(lambda x: x[0] ** 2 + x[1] ** 2, (-2, 2), (-2, 2), negative=True).get_aspect()
    1.0
    """
    grid = on_grid(f, xlim, ylim, COARSE)
    ax = plotting.axes(ax)
    import numpy as np

    arrows = -grid.gradient if negative else grid.gradient
    xs, ys = (part.ravel() for part in np.meshgrid(grid.xs, grid.ys))
    steepest = np.nanmax(abs(arrows), initial=0.0)
    arrows = arrows / steepest if steepest > 0.0 else arrows  # so that no square is too large for a float
    norms = np.hypot(arrows[..., 0], arrows[..., 1]).ravel()
    arrows = arrows.reshape(-1, 2)
    steep = np.isfinite(norms) & (norms > 0.0)
    if steep.any():
        xs, ys, norms, arrows = xs[steep], ys[steep], norms[steep], arrows[steep]
        lengths = compressed(norms / norms.max())
        arrows = arrows / norms[:, None] * lengths[:, None]
        # The longest arrow is as long as one step of the grid.
        ax.quiver(
            xs, ys, arrows[:, 0], arrows[:, 1], angles="xy", pivot="mid", units="width", scale_units="width",
            scale=COARSE, width=0.005, headwidth=4, color=plotting.BLUE if negative else plotting.ORANGE,
        )  # fmt: skip
    _fit(ax, xlim, ylim)
    title = r"The negative gradient $-\nabla f$" if negative else r"The gradient $\nabla f$"
    return plotting.named(ax, title, X0, X1)


def draw_landscape(
    f: Function,
    points: Sequence[Point],
    xlim: tuple[float, float] | None = None,
    ylim: tuple[float, float] | None = None,
    ax: Axes | None = None,
    *,
    levels: int = 14,
) -> Axes:
    """Draws the contours of a function of two variables, or the curve of a function of one, around some points.

    Args:
        f: takes a list of one or two Values and returns one.
        points: what the picture must show, as tuples of one or two numbers; they are not drawn.
        xlim: the range of the first variable; by default that of the points and a margin.
        ylim: the same for the second; for a curve, of its heights.
        ax: where to draw; None makes new Axes.
        levels: how many contour lines there are.

    Raises:
        TypeError: `f` does not take a list of Values, or returns no Value.
        ValueError: the points have three coordinates or more, two limits are swapped, or `f` is defined nowhere.
        ImportError: matplotlib is not installed.

    >>> import matplotlib; matplotlib.use("Agg")
    >>> draw_landscape(lambda x: x[0] * x[1], [(0.0, 0.0), (1.0, 2.0)]).get_ylabel()
    '$x_1$'
    """
    dimensions = len(points[0])
    if dimensions > 2:
        raise ValueError(f"a landscape of {dimensions} variables has no picture; plot_values and print show the path")
    xlim = checked_sides(xlim, "xlim") if xlim is not None else _wide_enough([point[0] for point in points])
    ylim = checked_sides(ylim, "ylim") if ylim is not None else None
    if dimensions == 1:
        ax = plotting.axes(ax)
        function = SearchedFunction(f)
        xs = [xlim[0] + (xlim[1] - xlim[0]) * i / 400 for i in range(401)]
        heights = [function.value([x]) for x in xs]
        draw_curve(ax, xs, heights, map(function.value, points), color=plotting.BLACK, linewidth=1.2)
        ax.set_xlim(*xlim)
        if ylim is not None:
            ax.set_ylim(*ylim)
        return plotting.named(ax, "", "$x$", "$f(x)$")
    return plot_contours(f, xlim, ylim or _wide_enough([point[1] for point in points]), levels=levels, ax=ax)


def draw_curve(ax: Axes, xs: Sequence[float], heights: Sequence[float], shown: Iterable[float], **style: Any) -> None:
    """Draws a curve with a gap where it is not finite; `style` is that of `Axes.plot`.

    If a few points, such as those beside a pole, are very much higher or lower than the others, the picture leaves them
    out; the heights in `shown` are always inside.

    >>> import matplotlib; matplotlib.use("Agg")
    >>> ax = plotting.axes()
    >>> draw_curve(ax, range(101), [1e300, *(1.0 / x for x in range(1, 101))], [2.0])
    >>> bool(2.0 < ax.get_ylim()[1] < 3.0)
    True
    """
    low, high, is_all = steady_range(heights)
    width = high - low
    if not is_all:
        seen = [low, high, *filter(math.isfinite, shown)]
        ax.set_ylim(min(seen) - 0.1 * width, max(seen) + 0.1 * width)
    lowest, highest = low - 100.0 * width, high + 100.0 * width  # far outside
    ax.plot(xs, [min(max(height, lowest), highest) for height in drawable(heights)], **style)


def drawable(heights: Iterable[float]) -> list[float]:
    """Heights that can be drawn: infinity becomes NaN, a gap, and those near the largest float are cut off.

    >>> drawable([2.0, math.inf, -1.7e308])
    [2.0, nan, -1e+300]
    """
    return [min(max(height, -LARGEST), LARGEST) if math.isfinite(height) else math.nan for height in heights]


def drawn(points: Sequence[Point], values: Sequence[float]) -> list[tuple[float, float]]:
    """Points in a picture; those of one coordinate lie on the curve."""
    if len(points[0]) == 1:
        return [(x, value) for (x,), value in zip(points, drawable(values), strict=True)]
    return [(point[0], point[1]) for point in points]


def steady_range(heights: Sequence[float]) -> tuple[float, float, bool]:
    """The lowest and the highest of the finite heights, and True; or those without outliers, and False.

    Outliers are the outermost two in a hundred at either end, if they make the range more than ten times as wide. If no
    height is finite, the result is NaN, NaN and True.

    >>> steady_range([0.0, math.nan, 2.0]), steady_range([*range(100), 1e300])
    ((0.0, 2.0, True), (2, 98, False))
    """
    ordered = sorted(height for height in heights if math.isfinite(height))
    if not ordered:
        return math.nan, math.nan, True
    cut = len(ordered) // 50
    low, high = ordered[cut], ordered[-1 - cut]
    # Halved, so that the differences stay in the range of floats.
    is_all = low == high or ordered[-1] / 2 - ordered[0] / 2 <= 10.0 * (high / 2 - low / 2)
    if is_all:
        low, high = ordered[0], ordered[-1]
    return max(low, -LARGEST), min(high, LARGEST), is_all


def on_grid(f: Function, xlim: tuple[float, float], ylim: tuple[float, float], n: int) -> Grid:
    """A function of two variables, and its gradient, on n times n points.

    Raises:
        TypeError: `f` does not take a list of two variables, or returns no Value.
        ValueError: two limits are swapped, or `f` is defined nowhere between them.
        ImportError: NumPy is not installed.

    >>> on_grid(lambda x: x[0] * x[1], (0, 1), (0, 2), 2).values.tolist()
    [[0.0, 0.0], [0.0, 2.0]]
    """
    try:
        import numpy as np
    except ModuleNotFoundError as error:
        raise ImportError('plots need matplotlib and NumPy: pip install "scalar-autograd[plot]"') from error
    (left, right), (low, high) = checked_sides(xlim, "xlim"), checked_sides(ylim, "ylim")
    xs, ys = np.linspace(left, right, n), np.linspace(low, high, n)
    points = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
    _require_two_variables(f, points)
    try:
        compiled = compile(f, batched=0, check_finite=False, runtime="numpy")
        values, (gradient,) = compiled.per_example(points)
    except (TypeError, RuntimeError, *UNDEFINED):
        # It branches on numbers, or computes derivatives itself; it is known that it can run eagerly.
        values, gradient = (np.array(part) for part in zip(*(_at(f, point) for point in points.tolist()), strict=True))
    values = np.where(np.isfinite(values), values, np.nan)
    if np.isnan(values).all():
        raise ValueError(f"f is not defined at any point of the grid over xlim={xlim} and ylim={ylim}")
    gradient = np.where(np.isfinite(gradient).all(axis=1, keepdims=True), gradient, np.nan)
    return Grid(xs, ys, values.reshape(n, n), gradient.reshape(n, n, 2))


def _require_two_variables(f: Function, points: Any) -> None:
    """Raises a TypeError unless `f` takes two variables: it is called at a point where it is defined."""
    for point in points[:: max(1, len(points) // 50)].tolist():
        try:
            evaluated(f, [Value(number) for number in point])
        except UNDEFINED:
            continue
        except TypeError as error:
            raise TypeError(f"a picture shows a function of two variables, f(x) with x[0] and x[1]: {error}") from error
        return


def _at(f: Function, point: Sequence[float]) -> tuple[float, list[float]]:
    """The value and the gradient at one point, NaN where they are not defined."""
    leaves = [Value(number) for number in point]
    nowhere = [math.nan, math.nan]
    try:
        root = evaluated(f, leaves)
    except UNDEFINED:
        return math.nan, nowhere
    try:
        return root.data, gradients(root, leaves) if root.requires_grad else [0.0, 0.0]
    except UNDEFINED:
        return root.data, nowhere


def _wide_enough(numbers: Sequence[float]) -> tuple[float, float]:
    low, high = min(numbers), max(numbers)
    margin = 0.2 * (high - low) or 1.0
    return low - margin, high + margin


def spaced(values: Any, count: int) -> list[float]:
    """The heights of contour lines between the lowest and the highest value, the middle one at the median.

    >>> import numpy as np
    >>> spaced(np.array([0.0, 1.0, 2.0]), 3)
    [0.5, 1.0, 1.5]
    """
    import numpy as np

    low, high, _ = steady_range(np.ravel(values).tolist())
    if not high > low:
        return [low]
    share = min(max((float(np.nanmedian(values)) - low) / (high - low), 1e-4), 1 - 1e-4)
    power = math.log(share) / math.log(0.5)
    return [float(low + (high - low) * (i / (count + 1)) ** power) for i in range(1, count + 1)]


def compressed(lengths: Any) -> Any:
    """Lengths from 0 to 1, made more equal if the median one would be hard to see.

    >>> import numpy as np
    >>> compressed(np.array([0.5, 0.7, 1.0])).tolist(), compressed(np.array([1e-4, 0.01, 1.0])).round(2).tolist()
    ([0.5, 0.7, 1.0], [0.16, 0.4, 1.0])
    """
    import numpy as np

    median = float(np.median(lengths))
    return lengths ** (math.log(0.4) / math.log(median)) if median < 0.4 else lengths


def _short(height: float) -> str:
    return f"{height:.0f}" if 1000 <= abs(height) < 1e6 else f"{height:.3g}"


def _colours(low: float, high: float) -> Any:
    import matplotlib
    import numpy as np

    return matplotlib.colormaps[plotting.HEIGHTS](np.linspace(low, high, 256))


def _masked(values: Any) -> Any:
    import numpy as np

    return np.ma.masked_invalid(values)


def _fit(ax: Axes, xlim: tuple[float, float], ylim: tuple[float, float]) -> None:
    """Sets the limits, with the same scale on both axes unless that makes the picture too narrow.

    With the same scale, gradients cross contours at right angles.
    """
    ax.set_xlim(*xlim)
    ax.set_ylim(*ylim)
    ratio = (xlim[1] - xlim[0]) / (ylim[1] - ylim[0])
    if 0.4 <= ratio <= 2.5:
        ax.set_aspect("equal")
