"""Pictures of training: how it went, and what a model has learned.

matplotlib, of the extra `plot`, is imported when something is plotted.
"""

from __future__ import annotations

import base64
import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograd import Value, no_grad
from autograd.support import plotting
from autograd.support.files import atomic_write
from nn.arguments import described, real, whole
from nn.curves import Measure, axis, curves
from nn.data import Dataset
from nn.history import History
from nn.training.examples import Model

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from PIL.Image import Image


def plot_history(history: History, measure: Measure = "accuracy", *, ax: Axes | None = None) -> Axes:
    """The accuracy, or the loss, of each epoch: of the training examples, and of the validation examples if any.

    The training numbers are measured during the epoch, those of the validation after it, so the validation may look
    better at first.

    Raises:
        ValueError: there is no such measure, or the history has no numbers of it.
        ImportError: matplotlib is not installed.

    >>> import matplotlib; matplotlib.use("Agg")
    >>> from nn import History
    >>> history = History()
    >>> history.record((2.0, 0.25), (2.1, 0.2))
    >>> plot_history(history).get_ylabel()
    'accuracy'
    """
    drawn = curves(history.measured(), measure)
    if not drawn:
        raise ValueError(f"the history has no {measure}; it is {history!r}")
    ax = plotting.axes(ax)
    for curve, marker in zip(drawn, plotting.MARKERS, strict=False):
        ax.plot(
            range(1, len(curve.numbers) + 1),
            curve.numbers,
            color=curve.colour,
            linestyle="--" if curve.is_dashed else "-",
            marker=marker,
            markersize=4,
            # A single epoch is a point, many are a line with a marker here and there.
            markevery=max(len(curve.numbers) // 12, 1),
            label=f"{curve.name}, {curve.numbers[-1]:.3f} at the end",
        )
    low, high = axis(measure, [number for curve in drawn for number in curve.numbers])
    ax.set_ylim(low - 0.02 * (high - low) * (low < 0.0), high + 0.02 * (high - low))
    ax.locator_params(axis="x", integer=True)
    return plotting.named(ax, f"The {measure} of each epoch", "epoch", measure, legend=True)


def plot_decisions(model: Model, data: Dataset, *, points: int = 60, ax: Axes | None = None) -> Axes:
    """The plane, divided into the classes that a model gives to its points, with the examples on it.

    A single output means class 1 where it is positive; of several outputs, the largest decides.

    Args:
        model: called with two numbers.
        data: examples of two features.
        points: how many points to compute along each side.
        ax: the Axes to draw on; a new figure's if not given.

    Raises:
        ValueError: the examples do not have two features, or `points` is less than 2.
        ImportError: matplotlib is not installed.

    >>> import matplotlib; matplotlib.use("Agg")
    >>> from nn import MLP, xor
    >>> plot_decisions(MLP(2, [1], rng=0), xor(), points=5).get_xlabel()
    'x'
    """
    _require_dataset(data)
    if len(data.feature_names) != 2:
        raise ValueError(f"a plane shows 2 features; these examples have {len(data.feature_names)}")
    points = whole("points", points)
    if points < 2:
        raise ValueError(f"at least 2 points along each side are needed, not {points}")
    ax = plotting.axes(ax)
    axis_x, axis_y = (_around([example[feature] for example in data.X], points) for feature in (0, 1))
    with no_grad():
        outputs = [[model([x, y]) for x in axis_x] for y in axis_y]
    count = max(len(data.class_names), 2)
    if isinstance(outputs[0][0], (Value, float, int)):  # the output itself makes a smoother border than the class
        heights = [[output.data if isinstance(output, Value) else output for output in row] for row in outputs]
        farthest = 1.0 + max(abs(height) for row in heights for height in row)
        levels, count = [-farthest, 0.0, farthest], 2
    else:
        heights = [[max(range(len(output)), key=output.__getitem__) for output in row] for row in outputs]
        levels = [number - 0.5 for number in range(count + 1)]
    colours = [plotting.COLOURS[number % len(plotting.COLOURS)] for number in range(count)]
    ax.contourf(axis_x, axis_y, heights, levels=levels, colors=colours, alpha=0.2)
    lowest, highest = min(map(min, heights)), max(map(max, heights))
    borders = [level for level in levels[1:-1] if lowest < level < highest]
    if borders:
        ax.contour(axis_x, axis_y, heights, levels=borders, colors=plotting.BLACK, linewidths=1.0)
    for number, name in enumerate(data.class_names):
        members = [example for example, target in zip(data.X, data.y, strict=True) if target == number]
        marker = plotting.MARKERS[number % len(plotting.MARKERS)]
        xs, ys = ([member[axis] for member in members] for axis in (0, 1))
        ax.scatter(xs, ys, color=colours[number], marker=marker, edgecolors="white", s=40, label=name, zorder=3)
    ax.legend(
        loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, fontsize=9
    )  # inside, it would look like examples
    return plotting.named(ax, "What the model decides", *data.feature_names)


class DecisionFilm:
    """A film of a model that learns to divide the plane: a callback of `fit` that draws `plot_decisions` repeatedly.

    Args:
        data: the examples to draw, of two features.
        every: the first epoch is drawn, and each whose number is a multiple of this.
        points: as in `plot_decisions`; a frame takes points * points calls of the model.
        frames_per_second: how fast the film runs.

    frames: the pictures so far.

    Saved, it is an animated GIF; a notebook shows it.

    Raises:
        ValueError: `every` or `frames_per_second` is less than 1; as `plot_decisions` otherwise.
        ImportError: matplotlib is not installed.

    >>> from nn import MLP, SGD, binary_cross_entropy_with_logits, fit, xor
    >>> film, model = DecisionFilm(xor(), every=5, points=3), MLP(2, [2, 1], rng=0)
    >>> history = fit(model, xor().X, xor().y, loss=binary_cross_entropy_with_logits, callbacks=[film], progress=False,
    ...               optimizer=SGD(model.parameters(), lr=0.1), epochs=10, batch_size=4)
    >>> len(film.frames)
    3
    """

    def __init__(self, data: Dataset, *, every: int = 1, points: int = 30, frames_per_second: int = 5) -> None:
        _require_dataset(data)
        every, points = whole("every", every), whole("points", points)
        if every < 1 or real("frames_per_second", frames_per_second) < 1:
            raise ValueError(f"both must be at least 1: every={every}, frames_per_second={frames_per_second}")
        self.frames: list[Image] = []
        self._data = data
        self._every = every
        self._points = points
        self._duration = round(1000 / frames_per_second)

    def __call__(self, model: Model, history: History) -> None:
        """Draws a frame if this epoch is one to be drawn."""
        epoch = len(history.loss)
        if epoch != 1 and epoch % self._every:
            return
        figure_type, image = _canvas()
        figure = figure_type(figsize=(5.5, 3.6), dpi=90, layout="constrained")
        ax = plot_decisions(model, self._data, points=self._points, ax=figure.subplots())
        ax.set_title(f"after {epoch:,} epoch{'s' * (epoch != 1)}: loss {history.loss[-1]:.3f}", fontsize=11)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png")
        self.frames.append(image.open(buffer).convert("P", palette=image.Palette.ADAPTIVE))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the film as an animated GIF; the file appears whole or not at all.

        Raises:
            ValueError: the name does not end in .gif, or there are no frames yet.
        """
        path = Path(path)
        if path.suffix.lower() != ".gif":
            raise ValueError(f"a film is written to a file ending in .gif, not to {str(path)!r}")
        with atomic_write(path) as unfinished:
            unfinished.write_bytes(self._gif())

    def _repr_html_(self) -> str:
        if not self.frames:
            return "<p>a film without frames: give it to fit, callbacks=[film]</p>"
        return f'<img alt="the decisions while training" src="data:image/gif;base64,{_text(self._gif())}">'

    def _gif(self) -> bytes:
        if not self.frames:
            raise ValueError("the film has no frames yet; give it to fit, callbacks=[film]")
        first, *others = self.frames
        buffer = io.BytesIO()
        durations = [self._duration] * len(others) + [10 * self._duration]  # the end stays for a while
        first.save(buffer, format="GIF", save_all=True, append_images=others, duration=durations, loop=0)
        return buffer.getvalue()


def _canvas() -> Any:
    """The class of figures and the module of images."""
    try:
        from matplotlib.figure import Figure
        from PIL import Image
    except ModuleNotFoundError as error:
        raise ImportError('films need matplotlib: pip install "scalar-autograd[plot]"') from error
    return Figure, Image


def _require_dataset(data: object) -> None:
    if not isinstance(data, Dataset):
        raise TypeError(f"data must be a Dataset, such as moons(), not {described(data)}")


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _around(numbers: list[float], points: int) -> list[float]:
    """Evenly spaced numbers that reach beyond the given ones by a fifth of their width."""
    low, high = min(numbers), max(numbers)
    margin = 0.2 * (high - low) or 1.0
    return [low - margin + (high - low + 2 * margin) * index / (points - 1) for index in range(points)]
