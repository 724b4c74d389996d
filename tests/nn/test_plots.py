"""Pictures of training: the curves hold the numbers of the history."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from nn import History, plot_history

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """Closes the figures of a test."""
    from matplotlib import pyplot

    yield
    pyplot.close("all")


def numbers(data: Any) -> list[float]:
    return list(data)


def history(epochs: int = 3, *, validation: bool = True, counts_right: bool = True) -> History:
    made = History()
    for epoch in range(epochs):
        one = (2.0 - 0.1 * epoch, 0.5 + 0.01 * epoch if counts_right else None)
        other = (2.1 - 0.1 * epoch, 0.4 + 0.01 * epoch if counts_right else None)
        made.record(one, other if validation else None)
    return made


@pytest.mark.parametrize("measure", ["accuracy", "loss"])
def test_training_and_validation_are_drawn_together(measure: Any) -> None:
    made = history()
    ax = plot_history(made, measure)
    expected = [getattr(made, measure), getattr(made, f"validation_{measure}")]
    assert [numbers(line.get_ydata()) for line in ax.lines] == expected


def test_epochs_count_from_one() -> None:
    assert numbers(plot_history(history()).lines[0].get_xdata()) == [1, 2, 3]


def test_without_validation_there_is_one_curve() -> None:
    assert len(plot_history(history(validation=False)).lines) == 1


def test_the_legend_says_how_it_ended() -> None:
    legend = plot_history(history()).get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["training, 0.520 at the end", "test, 0.420 at the end"]


def test_it_draws_where_it_is_told() -> None:
    from matplotlib import pyplot

    _, ax = pyplot.subplots()
    assert plot_history(history(), ax=ax) is ax


def test_a_measure_that_is_none_is_refused() -> None:
    measure: Any = "precision"
    with pytest.raises(ValueError, match="no measure 'precision'; there are 'accuracy', 'loss'"):
        plot_history(history(), measure)


def test_a_history_without_the_measure_is_refused() -> None:
    with pytest.raises(ValueError, match="the history has no accuracy"):
        plot_history(history(counts_right=False))
