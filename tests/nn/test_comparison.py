"""Optimizers side by side: where PyTorch's end too, how they leave a saddle, and the picture of their paths."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from autograd import Value
from nn import SGD, Adam
from nn.comparison import (
    OPTIMIZERS,
    OPTIMIZERS_AT_ONE_LR,
    MakeOptimizer,
    compare_optimizers,
    saddle,
    steps_to_escape,
    valley,
)

# PyTorch 2.13, float64, after 30 steps on x^2 / 20 + y^2 from (-7, 2): torch.optim.SGD(lr=0.95), SGD(lr=0.1,
# momentum=0.9), Adagrad(lr=1.5), Adam(lr=0.3).
ENDS = {
    "SGD": (-0.35039299575231964, 0.08478231655043211),
    "momentum": (0.896413858493732, 0.08808560171506968),
    "AdaGrad": (-0.12016224724728577, 2.4863841159975314e-17),
    "Adam": (0.13601461732623352, 0.31824538889630977),
}


def rosenbrock(x: Sequence[Value]) -> Value:
    """Rosenbrock (1960): a bent valley; the minimum 0 is at (1, 1)."""
    return (1.0 - x[0]) ** 2 + 100.0 * (x[1] - x[0] ** 2) ** 2


def beale(x: Sequence[Value]) -> Value:
    """Beale (1958): flat, with steep corners; the minimum 0 is at (3, 0.5)."""
    return (
        (1.5 - x[0] + x[0] * x[1]) ** 2 + (2.25 - x[0] + x[0] * x[1] ** 2) ** 2 + (2.625 - x[0] + x[0] * x[1] ** 3) ** 2
    )


@pytest.mark.parametrize("name", ENDS)
def test_in_the_valley_each_ends_where_pytorch_does(name: str) -> None:
    path = compare_optimizers().paths[name]
    assert path.steps == 30
    assert path.end == pytest.approx(ENDS[name], rel=1e-12, abs=1e-12)


def test_the_comparison_with_pytorch_itself() -> None:
    torch = pytest.importorskip("torch", reason="compared with PyTorch where that is installed")
    made: dict[str, Any] = {
        "SGD": lambda x: torch.optim.SGD(x, lr=0.95),
        "momentum": lambda x: torch.optim.SGD(x, lr=0.1, momentum=0.9),
        "AdaGrad": lambda x: torch.optim.Adagrad(x, lr=1.5),
        "Adam": lambda x: torch.optim.Adam(x, lr=0.3),
    }
    for name, make in made.items():
        x = torch.tensor([-7.0, 2.0], dtype=torch.float64, requires_grad=True)
        optimizer = make([x])
        for _ in range(30):
            optimizer.zero_grad()
            (x[0] ** 2 / 20 + x[1] ** 2).backward()
            optimizer.step()
        assert ENDS[name] == pytest.approx(tuple(x.tolist()), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(
    ("f", "x0", "minimum", "make"),
    [
        (rosenbrock, (-1.2, 1.0), (1.0, 1.0), lambda parameters: SGD(parameters, lr=2e-4, momentum=0.99)),
        (rosenbrock, (-1.2, 1.0), (1.0, 1.0), lambda parameters: Adam(parameters, lr=0.05)),
        (beale, (1.0, 1.0), (3.0, 0.5), lambda parameters: SGD(parameters, lr=0.01, momentum=0.9)),
        (beale, (1.0, 1.0), (3.0, 0.5), lambda parameters: Adam(parameters, lr=0.05)),
    ],
)
def test_optimizers_find_the_minima_of_functions_made_to_be_hard(
    f: Any, x0: tuple[float, float], minimum: tuple[float, float], make: MakeOptimizer
) -> None:
    path = compare_optimizers(f, x0, {"it": make}, steps=3000).paths["it"]
    assert path.end == pytest.approx(minimum, abs=1e-3)


def test_plain_descent_leaves_the_saddle_when_the_formula_says() -> None:
    # x_1 grows by 1 + 2 lr at each step, x_0 shrinks by 1 - 2 lr: 1e-6 1.1^(2n) > 1 + 0.9^(2n) from n = 73 on.
    assert steps_to_escape()["SGD"] == 73


def test_momentum_and_adam_leave_the_saddle_sooner_than_plain_descent() -> None:
    steps = steps_to_escape()
    assert set(steps) == set(OPTIMIZERS_AT_ONE_LR)
    assert all(steps[name] < steps["SGD"] for name in ("momentum", "Adam", "RMSprop"))  # type: ignore[operator]


def test_straight_into_the_saddle_plain_descent_never_leaves() -> None:
    assert steps_to_escape(x0=(1.0, 0.0), optimizers={"SGD": OPTIMIZERS["SGD"]}, most=50) == {"SGD": None}


def test_no_optimizers_are_an_error() -> None:
    with pytest.raises(ValueError, match=r"no optimizer to compare; give \{name: function that makes one"):
        compare_optimizers(optimizers={})


def test_the_table_has_a_row_for_each() -> None:
    assert [line.split()[0] for line in str(compare_optimizers()).splitlines()[2:]] == list(OPTIMIZERS)


def test_the_named_functions_are_those_of_their_formulas() -> None:
    x = [Value(3.0), Value(-2.0)]
    assert (valley(x).data, saddle(x).data) == (9.0 / 20.0 + 4.0, 5.0)


@pytest.fixture
def pyplot() -> Iterator[Any]:
    matplotlib = pytest.importorskip("matplotlib", reason="pictures need matplotlib")
    matplotlib.use("Agg")
    from matplotlib import pyplot

    pyplot.close("all")  # the figures of doctests that ran before
    yield pyplot
    pyplot.close("all")


def test_the_paths_are_on_one_landscape_each_with_a_look_of_its_own(pyplot: Any) -> None:
    ax: Any = pyplot.subplots()[1]
    comparison = compare_optimizers()
    assert comparison.plot(ax=ax) is ax
    lines: dict[str, Any] = {str(line.get_label()): line for line in ax.lines if line.get_label() in OPTIMIZERS}
    assert {name: list(zip(*line.get_data(), strict=True)) for name, line in lines.items()} == {
        name: path.points for name, path in comparison.paths.items()
    }
    assert len({(line.get_color(), line.get_marker()) for line in lines.values()}) == 4


def test_plot_values_shows_the_value_of_each_at_each_step(pyplot: Any) -> None:
    comparison = compare_optimizers()
    ax: Any = comparison.plot_values()
    assert [list(line.get_ydata()) for line in ax.lines] == [path.values for path in comparison.paths.values()]
