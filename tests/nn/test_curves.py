"""A history as curves in a notebook, and as a table to print."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd.support import plotting
from nn import History
from nn.curves import ticks

SVG = "{http://www.w3.org/2000/svg}"


def history(loss: list[float], **lists: list[float]) -> History:
    made = History()
    made.loss = loss
    for name, numbers in lists.items():
        setattr(made, name, numbers)
    return made


def pictures(shown: History) -> list[ElementTree.Element]:
    """The pictures in what a notebook gets, which is well-formed."""
    return list(ElementTree.fromstring(f"<body>{shown._repr_html_()}</body>").iter(f"{SVG}svg"))


def texts(picture: ElementTree.Element) -> list[str]:
    return [text.text or "" for text in picture.iter(f"{SVG}text")]


def lines(picture: ElementTree.Element) -> list[ElementTree.Element]:
    """The curves, not the grid nor the legend."""
    return [path for path in picture.iter(f"{SVG}path") if path.get("stroke-linejoin")]


def points(path: ElementTree.Element) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"([\d.]+) ([\d.]+)", path.get("d") or "")]


# ---------------------------------------------------------------- the curves


def test_a_notebook_shows_the_loss_and_the_accuracy() -> None:
    shown = pictures(history([2.0, 1.0], accuracy=[0.5, 0.75]))
    assert [texts(picture)[0] for picture in shown] == ["loss", "accuracy"]


def test_without_an_accuracy_there_is_only_the_loss() -> None:
    assert len(pictures(history([2.0, 1.0]))) == 1


def test_without_an_epoch_there_is_no_picture() -> None:
    assert pictures(History()) == []


def test_the_title_says_that_training_was_interrupted() -> None:
    interrupted = history([1.0])
    interrupted.interrupted = True
    assert "1 epoch, interrupted" in interrupted._repr_html_()


def test_the_lower_the_loss_the_lower_the_curve() -> None:
    (picture,) = pictures(history([4.0, 2.0, 1.0]))
    heights = [y for _, y in points(lines(picture)[0])]
    assert heights == sorted(heights)  # y grows downwards
    assert heights[2] - heights[1] == pytest.approx((heights[1] - heights[0]) / 2)


def test_training_and_validation_differ_in_colour_dashes_and_name() -> None:
    (picture,) = pictures(history([2.0, 1.0], validation_loss=[2.5, 1.5]))
    training, validation = lines(picture)
    assert (training.get("stroke"), validation.get("stroke")) == (plotting.BLUE, plotting.ORANGE)
    assert (training.get("stroke-dasharray") is None, validation.get("stroke-dasharray") is None) == (True, False)
    assert {"training 1", "validation 1.5"} <= set(texts(picture))


def test_a_screen_reader_is_told_how_it_began_and_ended() -> None:
    (picture,) = pictures(history([2.0, 0.25]))
    assert picture.get("aria-label") == "loss of 2 epochs: training from 2 to 0.25"


def test_what_is_not_finite_leaves_a_gap() -> None:
    (picture,) = pictures(history([3.0, 2.0, math.nan, 1.0, math.inf, 0.5]))
    path = lines(picture)[0].get("d") or ""
    assert path.count("M") == 3
    assert "nan" not in path


def test_a_point_between_two_gaps_is_drawn() -> None:
    (picture,) = pictures(history([math.nan, 1.0, math.nan]))
    path = lines(picture)[0]
    assert (path.get("d"), path.get("stroke-linecap")) == ("M200.0 54.0h0", "round")


def test_of_a_long_training_no_spike_is_lost() -> None:
    losses = [1.0] * 10_000
    losses[5_003] = 50.0
    (picture,) = pictures(history(losses))
    ys = [y for _, y in points(lines(picture)[0])]
    assert ys.index(min(ys)) not in (0, len(ys) - 1)
    assert max(ys) - min(ys) > 100.0


def test_a_long_training_makes_no_long_picture() -> None:
    assert len(history([1.0 / (epoch + 1) for epoch in range(100_000)])._repr_html_()) < 20_000


@given(st.lists(st.floats(), min_size=1, max_size=40), st.lists(st.floats(), max_size=40))
def test_any_numbers_make_a_picture_whose_curves_stay_inside(loss: list[float], validation: list[float]) -> None:
    (picture,) = pictures(history(loss, validation_loss=validation))
    drawn = [point for path in lines(picture) for point in points(path)]
    assert all(60.0 <= x <= 340.0 and 50.0 <= y <= 190.0 for x, y in drawn)


@given(st.floats(-1e300, 1e300), st.floats(-1e300, 1e300), st.integers(2, 9))
def test_ticks_are_few_and_inside(first: float, other: float, at_most: int) -> None:
    low, high = sorted((first, other))
    found = ticks(low, high, at_most)
    slack = 1e-9 * max(abs(low), abs(high))
    assert len(found) <= at_most + 1
    assert all(low - slack <= tick <= high + slack for tick in found)


# ---------------------------------------------------------------- the table


def test_printed_it_is_a_line_for_each_epoch() -> None:
    assert str(history([2.0, 0.5], validation_loss=[2.5, 1.0])).splitlines() == [
        "2 epochs",
        "epoch  loss  validation loss",
        "-----  ----  ---------------",
        "    1     2              2.5",
        "    2   0.5                1",
    ]


def test_of_many_epochs_twelve_are_printed_the_first_and_the_last_among_them() -> None:
    lines = str(history([float(epoch) for epoch in range(1, 1001)])).splitlines()[3:]
    assert len(lines) == 12
    assert [lines[0].split(), lines[-1].split()] == [["1", "1"], ["1000", "1000"]]


def test_a_list_that_is_shorter_leaves_its_cells_empty() -> None:
    assert str(history([2.0, 1.0], accuracy=[0.5])).splitlines()[-1] == "    2     1"


def test_without_an_epoch_it_says_so() -> None:
    assert str(History()) == "0 epochs"
