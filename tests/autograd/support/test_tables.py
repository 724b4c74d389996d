"""What is printed as a table is a table in a notebook, with the same numbers."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest

import nn
from autograd import sin
from autograd.calculus import critical_points, difference_errors, gradient_descent, multistart
from autograd.support.tables import Table, Tabulated
from nn.comparison import compare_optimizers


def bowl(x: list[float]) -> float:
    return x[0] ** 2 + x[1] ** 2


def optimizers() -> Tabulated:
    return compare_optimizers(bowl, [-3.0, 4.0], steps=5)


def gradients() -> Tabulated:
    model = nn.MLP(2, [2, 1], rng=0)
    return nn.compare_gradients(model, [[1.0, 2.0]], [1.0], nn.mse, samples=1)


SHOWN: tuple[Callable[[], Tabulated | Table], ...] = (
    lambda: gradient_descent(bowl, [-3.0, 4.0], lr=0.1, steps=10),
    lambda: critical_points(bowl, [(-1, 1), (-1, 1)], starts=5),
    lambda: multistart(lambda x: sin(3 * x) + 0.1 * x**2, (-4.0, 4.0), n=5, rng=0, lr=0.02),
    lambda: difference_errors(sin, 1.0),
    lambda: nn.SixNeurons([1.0, 0.5], target=1.0, lr=0.5, rng=0).table,
    optimizers,
    gradients,
)


@pytest.mark.parametrize("shown", SHOWN)
def test_a_notebook_shows_all_that_is_printed(shown: Callable[[], Tabulated | Table]) -> None:
    result = shown()
    page = result._repr_html_()
    assert page.count("<table") == 1
    words = html.unescape(re.sub(r"<[^>]*>", " ", page)).split()
    assert [word for word in str(result).split() if word.strip("-") and word not in words] == []


def test_without_rows_a_table_is_the_lines_around_it() -> None:
    table = Table("minima", ("minimum", "value"), [], above="above", below="2 < 3")
    assert str(table) == "above\n2 < 3"
    assert table._repr_html_() == "<div>above</div><div>2 &lt; 3</div>"


def test_a_table_without_a_line_above_says_what_it_shows() -> None:
    table = Table("minima", ("minimum",), [("1",)])
    assert str(table) == "minimum\n-------\n1"
    assert table._repr_html_().startswith("<div>minima</div>")
