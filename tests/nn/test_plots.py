"""Pictures of training: the curves hold the numbers of the history."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from autograd import Value
from nn import MLP, DecisionFilm, History, iris, plot_decisions, plot_history, spiral, xor

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    """Closes the figures of a test."""
    from matplotlib import pyplot

    pyplot.close("all")  # the figures of doctests that ran before
    yield
    pyplot.close("all")


def numbers(data: Any) -> list[float]:
    return list(data)


def history(epochs: int = 3, *, validation: bool = True, counts_right: bool = True) -> History:
    made = History()
    for epoch in range(epochs):
        training = (2.0 - 0.1 * epoch, 0.5 + 0.01 * epoch if counts_right else None)
        other = (2.1 - 0.1 * epoch, 0.4 + 0.01 * epoch if counts_right else None)
        made.record(training, other if validation else None)
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
    assert [text.get_text() for text in legend.get_texts()] == [
        "training, 0.520 at the end",
        "validation, 0.420 at the end",
    ]


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


# ---------------------------------------------------------------- decisions


def drawn_on(ax: Any) -> list[Any]:
    return list(ax.collections)


def test_the_examples_of_each_class_are_drawn() -> None:
    ax = plot_decisions(lambda x: Value(x[0] - 0.5), xor(), points=5)
    points = [drawn.get_offsets().tolist() for drawn in drawn_on(ax) if drawn.get_label() in ("equal", "different")]
    assert points == [[[0, 0], [1, 1]], [[0, 1], [1, 0]]]


def test_the_border_is_where_the_output_changes_its_sign() -> None:
    ax = plot_decisions(lambda x: Value(x[0] - 0.4), xor(), points=4)
    border = drawn_on(ax)[1]
    assert [x for x, _ in border.get_paths()[0].vertices] == pytest.approx([0.4] * 4)


def test_the_largest_of_several_outputs_decides() -> None:
    asked: list[Any] = []

    def model(x: Any) -> list[Value]:
        asked.append(x)
        return [Value(x[0]), Value(x[1]), Value(0.0)]

    plot_decisions(model, spiral(9, rng=0), points=4)
    assert len(asked) == 16


def test_a_model_that_always_says_the_same_has_no_border() -> None:
    plot_decisions(lambda x: Value(1.0), xor(), points=3)


def test_more_than_two_features_are_refused() -> None:
    pytest.importorskip("sklearn")
    with pytest.raises(ValueError, match="2 features; these examples have 4"):
        plot_decisions(lambda x: Value(1.0), iris())


def test_too_few_points_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 2 points along each side are needed, not 1"):
        plot_decisions(lambda x: Value(1.0), xor(), points=1)


# ---------------------------------------------------------------- films


def filmed(epochs: int = 7, every: int = 3) -> DecisionFilm:
    film = DecisionFilm(xor(), every=every, points=3)
    for epoch in range(1, epochs + 1):
        film(lambda x: Value(x[0] - 0.5), history(epoch))
    return film


def test_the_first_epoch_and_every_so_many_are_filmed() -> None:
    assert len(filmed(epochs=7, every=3).frames) == 3  # 1, 3 and 6


def test_a_film_is_saved_as_an_animation(tmp_path: Path) -> None:
    from PIL import Image

    filmed().save(tmp_path / "film.gif")
    with Image.open(tmp_path / "film.gif") as saved:
        assert (saved.format, getattr(saved, "n_frames", 1)) == ("GIF", 3)
    assert [path.name for path in tmp_path.iterdir()] == ["film.gif"]


def test_a_film_that_cannot_be_written_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError("disk full")

    film = filmed()
    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        film.save(tmp_path / "film.gif")
    assert list(tmp_path.iterdir()) == []


def test_a_notebook_shows_the_film() -> None:
    assert filmed()._repr_html_().startswith('<img alt="the decisions while training" src="data:image/gif;base64,R0lG')


def test_a_notebook_says_how_to_fill_an_empty_film() -> None:
    assert "callbacks=[film]" in DecisionFilm(xor())._repr_html_()


def test_an_empty_film_is_not_saved(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no frames yet"):
        DecisionFilm(xor()).save(tmp_path / "film.gif")


def test_another_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"ending in \.gif"):
        filmed().save(tmp_path / "film.mp4")


@pytest.mark.parametrize("option", ["every", "frames_per_second"])
def test_options_below_one_are_refused(option: str) -> None:
    options: dict[str, Any] = {option: 0}
    with pytest.raises(ValueError, match=f"{option}=0"):
        DecisionFilm(xor(), **options)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: plot_decisions(MLP(2, [1]), xor().X), "data must be a Dataset, such as moons\\(\\), not the list"),  # type: ignore[arg-type]
        (lambda: plot_decisions(MLP(2, [1]), xor(), points=2.5), "points must be an int, not the float 2.5"),  # type: ignore[arg-type]
        (lambda: DecisionFilm(xor(), every=0.5), "every must be an int, not the float 0.5"),  # type: ignore[arg-type]
        (lambda: DecisionFilm(xor(), frames_per_second="5"), "frames_per_second must be a number, not the str '5'"),  # type: ignore[arg-type]
        (lambda: DecisionFilm(None), "data must be a Dataset, such as moons\\(\\), not None"),  # type: ignore[arg-type]
    ],
)
def test_arguments_of_another_kind_are_type_errors(make: Callable[[], object], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        make()


def test_a_model_may_give_plain_numbers() -> None:
    ax = plot_decisions(lambda x: x[0] - x[1], xor(), points=5)
    assert ax.get_xlabel() == "x"
