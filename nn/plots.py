"""Pictures of how training went. matplotlib, of the extra `plot`, is imported when something is plotted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

from autograd import plotting

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from nn.fit import History

Measure = Literal["accuracy", "loss"]


def plot_history(history: History, measure: Measure = "accuracy", *, ax: Axes | None = None) -> Axes:
    """The accuracy, or the loss, of each epoch: of the training examples, and of the validation examples if any.

    The numbers of the training examples are taken while the epoch goes on, those of the others after it; so early on
    the validation may look better.

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
    if measure not in get_args(Measure):
        raise ValueError(f"there is no measure {measure!r}; there are {', '.join(map(repr, get_args(Measure)))}")
    training: list[float] = getattr(history, measure)
    validation: list[float] = getattr(history, f"validation_{measure}")
    if not training:
        raise ValueError(f"the history has no {measure}; it is {history!r}")
    ax = plotting.axes(ax)
    # A single epoch is a point, many are a line with a marker here and there.
    every = max(len(training) // 12, 1)
    ax.plot(
        range(1, len(training) + 1),
        training,
        color=plotting.BLUE,
        marker=plotting.MARKERS[0],
        markersize=4,
        markevery=every,
        label=f"training, {training[-1]:.3f} at the end",
    )
    if validation:
        ax.plot(
            range(1, len(validation) + 1),
            validation,
            color=plotting.ORANGE,
            linestyle="--",
            marker=plotting.MARKERS[1],
            markersize=4,
            markevery=every,
            label=f"test, {validation[-1]:.3f} at the end",
        )
    ax.set_ylim(0.0, 1.0 if measure == "accuracy" else None)
    ax.locator_params(axis="x", integer=True)
    return plotting.named(ax, f"The {measure} of each epoch", "epoch", measure, legend=True)
