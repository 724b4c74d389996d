"""The style of all plots: colours that everybody can tell apart, and that differ in grey on paper.

matplotlib, of the extra `plot`, is imported when something is plotted.

The colours are those of Okabe and Ito, "Color Universal Design" (2008).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE, ORANGE, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
YELLOW, SKY, BLACK, GREY = "#E69F00", "#56B4E9", "#000000", "#999999"
COLOURS = (BLUE, ORANGE, GREEN, PURPLE, YELLOW, SKY, BLACK)
"""The colours of curves, in order."""
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
"""The markers of the same curves, so that they differ not in colour alone."""
HEIGHTS = "cividis"
"""The colour map of heights."""


def axes(ax: Axes | None = None, *, projection: str | None = None, size: tuple[float, float] = (6.0, 4.0)) -> Axes:
    """The Axes to draw on: the given ones, or those of a new figure.

    Raises:
        ImportError: matplotlib is not installed.

    >>> import matplotlib; matplotlib.use("Agg")
    >>> ax = axes()
    >>> axes(ax) is ax
    True
    """
    if ax is not None:
        return ax
    try:
        from matplotlib import pyplot
    except ModuleNotFoundError as error:
        raise ImportError('plots need matplotlib: pip install "scalar-autograd[plot]"') from error
    keywords: dict[str, Any] = {"projection": projection} if projection else {}
    new: Axes = pyplot.figure(figsize=size, layout="constrained").add_subplot(**keywords)
    if projection is None:
        new.grid(True, linewidth=0.4, color="#DDDDDD")
        new.set_axisbelow(True)
        new.spines[["top", "right"]].set_visible(False)
    return new


def named(ax: Axes, title: str, x: str, y: str, *, legend: bool = False) -> Axes:
    """The same Axes with a title, names on both axes and, if wanted, a legend."""
    ax.set_title(title, fontsize=11)
    ax.set_xlabel(x)
    ax.set_ylabel(y)
    if legend:
        ax.legend(frameon=False, fontsize=9)
    return ax
