"""Training: the gradient it follows, what it measures, when it stops."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

import pytest

import autograd
from autograd import Value
from nn import (
    MLP,
    SGD,
    Adam,
    History,
    Module,
    Optimizer,
    binary_cross_entropy_with_logits,
    cross_entropy,
    evaluate,
    fit,
    hinge,
    minibatches,
    moons,
    mse,
    spiral,
    xor,
)

POINTS = [[0.0], [1.0], [2.0], [3.0], [4.0]]
LINE = [1.0, 3.0, 5.0, 7.0, 9.0]


class Line(Module):
    def __init__(self) -> None:
        self.slope, self.shift = Value(0.0, label="slope"), Value(0.0, label="shift")

    def __call__(self, x: list[float]) -> Value:
        return self.slope * x[0] + self.shift


def fit_line(model: Line, optimizer: Optimizer | None = None, **arguments: Any) -> History:
    """Training of a line on the five points, without a bar and with a seed unless told otherwise."""
    settings: dict[str, Any] = {"loss": mse, "epochs": 3, "batch_size": 2, "progress": False, "rng": 0}
    return fit(model, POINTS, LINE, optimizer=optimizer or SGD(model.parameters(), lr=0.05), **settings | arguments)


# ---------------------------------------------------------------- what training does


def test_training_finds_the_line_through_the_points() -> None:
    model = Line()
    fit_line(model, epochs=200)
    assert [model.slope.data, model.shift.data] == pytest.approx([2.0, 1.0], abs=1e-3)


def test_a_step_follows_the_gradient_of_the_mean_loss_of_the_batch() -> None:
    model = Line()
    fit_line(model, epochs=1, batch_size=5)
    whole = Line()
    autograd.mean([mse(whole(x), y) for x, y in zip(POINTS, LINE, strict=True)]).backward()
    expected = [-0.05 * whole.slope.grad, -0.05 * whole.shift.grad]
    assert [model.slope.data, model.shift.data] == pytest.approx(expected, rel=1e-14)


def test_training_is_the_loop_one_would_write_by_hand() -> None:
    data = moons(12, rng=0)
    models = [MLP(2, [3, 1], rng=1), MLP(2, [3, 1], rng=1)]
    optimizers = [Adam(model.parameters(), lr=0.1) for model in models]
    loss = binary_cross_entropy_with_logits
    fit(models[0], data.X, data.y, loss=loss, optimizer=optimizers[0], epochs=1, batch_size=5, progress=False, rng=3)
    for batch_x, batch_y in minibatches(data.X, data.y, 5, 3):
        models[1].zero_grad()
        autograd.mean([loss(models[1](x), y) for x, y in zip(batch_x, batch_y, strict=True)]).backward()
        optimizers[1].step()
    assert list(models[0].state_dict().values()) == pytest.approx(list(models[1].state_dict().values()), rel=1e-12)


def test_the_same_seed_trains_the_same_model() -> None:
    first, second, third = Line(), Line(), Line()
    fit_line(first, rng=1)
    fit_line(second, rng=1)
    fit_line(third, rng=2)
    assert first.state_dict() == second.state_dict()
    assert first.state_dict() != third.state_dict()


def test_every_epoch_takes_the_examples_in_a_new_order() -> None:
    seen: list[float] = []

    def model(x: list[float]) -> Value:
        seen.append(x[0])
        return line(x)

    line = Line()
    fit(model, POINTS, LINE, loss=mse, optimizer=SGD(line.parameters(), lr=0.0), epochs=2, batch_size=5, progress=False)
    first, second = seen[:5], seen[5:]
    assert sorted(first) == sorted(second) == [0.0, 1.0, 2.0, 3.0, 4.0]


def test_a_batch_larger_than_the_data_is_all_of_it() -> None:
    first, other = Line(), Line()
    fit_line(first, batch_size=5)
    fit_line(other, batch_size=1000)
    assert first.state_dict() == other.state_dict()


def test_no_epochs_do_nothing() -> None:
    model = Line()
    history = fit_line(model, epochs=0)
    assert model.state_dict() == {"slope": 0.0, "shift": 0.0}
    assert history.latest() == {}


@pytest.mark.parametrize("threshold", [700, 0, 1_000_000])
def test_the_collector_of_cycles_is_left_as_it_was(threshold: int) -> None:
    before = gc.get_threshold()
    try:
        gc.set_threshold(threshold)
        fit_line(Line())
        after = gc.get_threshold()
    finally:
        gc.set_threshold(*before)
    assert after[0] == threshold


@pytest.mark.parametrize(("threshold", "meanwhile"), [(700, 50_000), (0, 0), (1_000_000, 1_000_000)])
def test_the_collector_of_cycles_looks_less_often_meanwhile(threshold: int, meanwhile: int) -> None:
    seen: list[int] = []
    before = gc.get_threshold()
    try:
        gc.set_threshold(threshold)
        fit_line(Line(), epochs=1, callbacks=[lambda *_: seen.append(gc.get_threshold()[0])])
    finally:
        gc.set_threshold(*before)
    assert seen == [meanwhile]


# ---------------------------------------------------------------- what it measures


def test_the_loss_of_an_epoch_is_the_mean_over_its_examples() -> None:
    model = Line()
    history = fit_line(model, SGD(model.parameters(), lr=0.0), epochs=1)
    assert history.loss == pytest.approx([(1 + 9 + 25 + 49 + 81) / 5])


def test_there_is_a_number_for_every_epoch() -> None:
    history = fit_line(Line(), epochs=4, validation=([[5.0]], [11.0]))
    assert (len(history.loss), len(history.validation_loss)) == (4, 4)


def test_the_validation_loss_is_that_after_the_epoch() -> None:
    model = Line()
    history = fit_line(model, epochs=2, validation=([[5.0]], [11.0]))
    assert history.validation_loss[-1] == pytest.approx((5.0 * model.slope.data + model.shift.data - 11.0) ** 2)


def test_validation_does_not_train() -> None:
    with_validation, without = Line(), Line()
    fit_line(with_validation, validation=([[5.0]], [-100.0]))
    fit_line(without)
    assert with_validation.state_dict() == without.state_dict()


def test_a_regression_has_no_accuracy() -> None:
    history = fit_line(Line(), validation=([[5.0]], [11.0]))
    assert (history.accuracy, history.validation_accuracy) == ([], [])


def test_without_validation_there_are_no_numbers_for_it() -> None:
    history = fit_line(Line())
    assert (history.validation_loss, history.validation_accuracy) == ([], [])


def test_accuracy_can_be_what_the_user_says() -> None:
    def is_close(output: Value, target: float) -> bool:
        return abs(output.data - target) < 4.0

    model = Line()
    history = fit_line(model, SGD(model.parameters(), lr=0.0), epochs=1, is_correct=is_close)
    assert history.accuracy == [0.4]


@pytest.mark.parametrize(
    ("loss", "outputs", "targets", "accuracy"),
    [
        (cross_entropy, [[0.0, 1.0], [2.0, 1.0], [0.0, 3.0], [4.0, 1.0]], [1, 0, 0, 0], 0.75),
        (hinge, [0.5, -0.5, 2.0, -2.0], [1, 1, 1, 1], 0.5),
        (binary_cross_entropy_with_logits, [0.5, -0.5, 2.0, -2.0], [1, 0, 1, 1], 0.75),
        (mse, [0.5, -0.5, 2.0, -2.0], [1, 0, 1, 1], None),
    ],
)
def test_evaluation_measures_accuracy_as_the_loss_understands_it(
    loss: Callable[[Any, Any], Value], outputs: list[Any], targets: list[int], accuracy: float | None
) -> None:
    def constant(numbers: Any) -> Any:
        return [Value(number) for number in numbers] if isinstance(numbers, list) else Value(numbers)

    assert evaluate(constant, outputs, targets, loss=loss)[1] == accuracy


def test_evaluation_remembers_no_graph() -> None:
    outputs: list[Value] = []

    def model(x: list[float]) -> Value:
        outputs.append(line(x))
        return outputs[-1]

    line = Line()
    evaluate(model, POINTS, LINE, loss=mse)
    assert [output.requires_grad for output in outputs] == [False] * 5


def test_evaluation_leaves_the_gradients_alone() -> None:
    model = Line()
    model.slope.grad = 3.0
    evaluate(model, POINTS, LINE, loss=mse)
    assert model.slope.grad == 3.0


# ---------------------------------------------------------------- when it stops


class PressCtrlC:
    """A model at which Ctrl-C is pressed when it has been asked often enough."""

    def __init__(self, model: Line, after: int) -> None:
        self.model = model
        self.left = after

    def __call__(self, x: list[float]) -> Value:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt
        return self.model(x)


def interrupted(line: Line, after: int, **arguments: Any) -> History:
    optimizer = SGD(line.parameters(), lr=0.05)
    settings: dict[str, Any] = {"loss": mse, "epochs": 3, "batch_size": 2, "progress": False, "rng": 0}
    return fit(PressCtrlC(line, after), POINTS, LINE, optimizer=optimizer, **settings | arguments)


def test_ctrl_c_gives_the_history_of_the_complete_epochs() -> None:
    history = interrupted(Line(), after=13)
    assert (len(history.loss), history.interrupted) == (2, True)


def test_ctrl_c_leaves_the_parameters_as_the_last_step_left_them() -> None:
    stopped, finished = Line(), Line()
    interrupted(stopped, after=6)  # in the first batch of the second epoch
    fit_line(finished, epochs=1)
    assert stopped.state_dict() == finished.state_dict()


def test_ctrl_c_during_validation_leaves_lists_of_one_length() -> None:
    history = interrupted(Line(), after=7, validation=(POINTS, LINE))
    assert (history.loss, history.validation_loss, history.interrupted) == ([], [], True)


def test_ctrl_c_in_a_callback_keeps_the_epoch_that_is_complete() -> None:
    def press(model: object, history: History) -> None:
        raise KeyboardInterrupt

    history = fit_line(Line(), callbacks=[press])
    assert (len(history.loss), history.interrupted) == (1, True)


def test_training_to_the_end_is_not_interrupted() -> None:
    assert not fit_line(Line()).interrupted


def test_callbacks_see_the_model_and_the_history_after_every_epoch() -> None:
    calls: list[tuple[object, int]] = []
    model = Line()
    fit_line(model, callbacks=[lambda m, history: calls.append((m, len(history.loss)))])
    assert calls == [(model, 1), (model, 2), (model, 3)]


def test_a_callback_that_returns_true_ends_the_training() -> None:
    history = fit_line(Line(), epochs=10, callbacks=[lambda _, history: len(history.loss) == 4])
    assert (len(history.loss), history.interrupted) == (4, False)


def test_every_callback_is_called_in_the_last_epoch() -> None:
    calls: list[int] = []
    fit_line(Line(), callbacks=[lambda *_: True, lambda _, history: calls.append(len(history.loss))])
    assert calls == [1]


def test_a_loss_that_is_not_finite_is_an_error() -> None:
    model = Line()
    model.slope.data = 1e308
    with pytest.raises(FloatingPointError, match="not finite"):
        fit_line(model)


# ---------------------------------------------------------------- the bar


def test_the_bar_shows_the_numbers_of_training_and_validation(capsys: pytest.CaptureFixture[str]) -> None:
    data = xor()
    model = MLP(2, [2, 1], rng=0)
    fit(
        model,
        data.X,
        data.y,
        loss=binary_cross_entropy_with_logits,
        optimizer=SGD(model.parameters(), lr=0.1),
        epochs=1,
        batch_size=2,
        validation=(data.X, data.y),
    )
    captured = capsys.readouterr()
    last = captured.err.strip().splitlines()[-1].split("\r")[-1]
    shown = ("epoch 1/1", "2/2", " loss=", " accuracy=", "validation_loss=", "validation_accuracy=")
    assert [part for part in shown if part not in last] == []
    assert captured.out == ""


def test_without_the_bar_nothing_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    fit_line(Line())
    assert capsys.readouterr() == ("", "")


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("X", "y", "arguments", "message"),
    [
        ([], [], {}, "fit needs at least 1 example"),
        ([[1.0]], [1.0, 2.0], {}, "not 2 targets for 1 examples"),
        ([[1.0]], [1.0], {"epochs": -1}, "negative: -1"),
        ([[1.0]], [1.0], {"batch_size": 0}, "at least 1 example, not 0"),
        ([[1.0]], [1.0], {"epochs": 0, "batch_size": 0}, "at least 1 example, not 0"),
        ([[1.0]], [1.0], {"validation": ([], [])}, "validation of fit needs at least 1 example"),
        ([[1.0]], [1.0], {"validation": ([[1.0]], [])}, "validation of fit .* not 0 targets for 1 examples"),
    ],
)
def test_what_cannot_be_trained_on_is_an_error(X: Any, y: Any, arguments: Any, message: str) -> None:
    model = Line()
    settings = {"loss": mse, "epochs": 1, "batch_size": 1, "progress": False} | arguments
    with pytest.raises(ValueError, match=message):
        fit(model, X, y, optimizer=SGD(model.parameters(), lr=0.1), **settings)


def test_evaluation_of_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="evaluate needs at least 1 example"):
        evaluate(Line(), [], [], loss=mse)


# ---------------------------------------------------------------- all together


def test_a_network_learns_the_moons() -> None:
    data = moons(60, rng=0)
    model = MLP(2, [8, 8, 1], rng=1)
    history = fit(
        model,
        data.X,
        [2 * y - 1 for y in data.y],
        loss=hinge,
        optimizer=SGD(model.parameters(), lr=0.1, momentum=0.9, nesterov=True),
        epochs=20,
        batch_size=10,
        progress=False,
        rng=2,
    )
    assert history.accuracy[-1] == 1.0


def test_a_network_learns_three_classes() -> None:
    data = spiral(60, noise=0.05, rng=0)
    model = MLP(2, [12, 3], activation="tanh", rng=1)
    history = fit(
        model,
        data.X,
        data.y,
        loss=cross_entropy,
        optimizer=Adam(model.parameters(), lr=0.1),
        epochs=30,
        batch_size=10,
        progress=False,
        rng=2,
    )
    assert history.accuracy[-1] > 0.75
