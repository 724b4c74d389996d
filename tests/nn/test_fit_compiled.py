"""Training through a compiled model: the same as eagerly, and what is said where that cannot be."""

from __future__ import annotations

import copy
import math
import random
import subprocess
import sys
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import CompileError, Value
from nn import (
    MLP,
    SGD,
    Adam,
    History,
    Module,
    NotCompiledWarning,
    Optimizer,
    binary_cross_entropy_with_logits,
    cross_entropy,
    evaluate,
    fit,
    half_mse,
    hinge,
    mae,
    mse,
)
from nn.testing import networks

pytest.importorskip("numpy", reason="compiled training needs NumPy")

Make = Callable[[list[Value]], Optimizer]
POINTS = [[0.0], [1.0], [2.0], [3.0], [4.0]]
LINE = [1.0, 3.0, 5.0, 7.0, 9.0]
SETTINGS: dict[str, Any] = {"loss": mse, "epochs": 3, "batch_size": 2, "progress": False, "rng": 0, "compile": True}


class Line(Module):
    def __init__(self) -> None:
        self.slope, self.shift = Value(0.5, label="slope"), Value(0.0, label="shift")

    def __call__(self, x: list[float]) -> Value:
        return self.slope * x[0] + self.shift


def fit_line(model: Any, optimizer: Optimizer, **arguments: Any) -> History:
    return fit(model, POINTS, LINE, optimizer=optimizer, **SETTINGS | arguments)


def numbers(history: History) -> list[list[float]]:
    return [history.loss, history.accuracy, history.validation_loss, history.validation_accuracy]


def assert_same(model: Module, history: History, other: Module, other_history: History) -> None:
    """The same numbers came out of both, to 1e-9."""
    assert list(model.state_dict().values()) == pytest.approx(list(other.state_dict().values()), rel=1e-9, abs=1e-13)
    for mine, others in zip(numbers(history), numbers(other_history), strict=True):
        assert mine == pytest.approx(others, rel=1e-9, abs=1e-13)


def assert_trains_alike(make_model: Callable[[], Any], make_optimizer: Make, X: Any, y: Any, **arguments: Any) -> None:
    """Training gives the same compiled and eagerly."""
    settings = SETTINGS | {"validation": (X[:3], y[:3])} | arguments
    models, histories = [make_model(), make_model()], []
    for model, compiled in zip(models, (True, False), strict=True):
        optimizer = make_optimizer(model.parameters())
        histories.append(fit(model, X, y, optimizer=optimizer, **settings | {"compile": compiled}))
    assert_same(models[0], histories[0], models[1], histories[1])


def inputs(count: int, size: int, seed: int = 0) -> list[list[float]]:
    dice = random.Random(seed)
    return [[dice.uniform(-1.0, 1.0) for _ in range(size)] for _ in range(count)]


OPTIMIZERS: dict[str, Make] = {
    "SGD": lambda p: SGD(p, lr=0.1),
    "momentum": lambda p: SGD(p, lr=0.05, momentum=0.9),
    "Nesterov": lambda p: SGD(p, lr=0.05, momentum=0.9, nesterov=True),
    "decay": lambda p: SGD(p, lr=0.1, weight_decay=0.1),
    "momentum and decay": lambda p: SGD(p, lr=0.05, momentum=0.9, weight_decay=0.1),
    "Adam": lambda p: Adam(p, lr=0.05),
    "Adam and decay": lambda p: Adam(p, lr=0.05, weight_decay=0.1),
}


# ---------------------------------------------------------------- the same numbers


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_every_optimizer_trains_as_it_does_number_by_number(optimizer: str, activation: str) -> None:
    X = inputs(11, 3)
    y = [index % 3 for index in range(11)]
    assert_trains_alike(
        lambda: MLP(3, [5, 3], activation=activation, rng=1),
        OPTIMIZERS[optimizer],
        X,
        y,
        loss=cross_entropy,
        batch_size=4,
    )


def penalized(output: Value, target: float) -> Value:
    return autograd.abs(output - target) + 0.1 * output**2


@pytest.mark.parametrize(
    ("loss", "n_outs", "target"),
    [
        (mse, 1, lambda i: i / 3.0),
        (half_mse, 1, lambda i: i),
        (mae, 2, lambda i: [i / 3.0, -1.0]),
        (mse, 2, lambda i: (i / 3.0, 1)),
        (hinge, 1, lambda i: 2 * (i % 2) - 1),
        (hinge, 2, lambda i: [2 * (i % 2) - 1, 1]),
        (binary_cross_entropy_with_logits, 1, lambda i: i % 2),
        (binary_cross_entropy_with_logits, 1, lambda i: bool(i % 2)),
        (binary_cross_entropy_with_logits, 2, lambda i: [i % 2, 0.25]),
        (cross_entropy, 3, lambda i: i % 3),
        (cross_entropy, 3, lambda i: [[0.5, 0.5, 0.0], [0.0, 0.0, 1.0]][i % 2]),
        (penalized, 1, lambda i: i / 3.0),
    ],
)
def test_every_loss_trains_as_it_does_number_by_number(loss: Any, n_outs: int, target: Callable[[int], Any]) -> None:
    X = inputs(7, 2)
    y = [target(index) for index in range(7)]
    assert_trains_alike(lambda: MLP(2, [4, n_outs], activation="tanh", rng=1), OPTIMIZERS["SGD"], X, y, loss=loss)


@pytest.mark.parametrize("batch_size", [1, 3, 7, 1000])
def test_batches_of_every_size_train_as_they_do_number_by_number(batch_size: int) -> None:
    assert_trains_alike(
        lambda: MLP(2, [3, 1], rng=1),
        OPTIMIZERS["momentum"],
        inputs(7, 2),
        [0.0, 1.0] * 3 + [0.5],
        batch_size=batch_size,
    )


@pytest.mark.slow
@given(
    network=networks(max_parameters=60),
    optimizer=st.sampled_from(sorted(OPTIMIZERS)),
    examples=st.integers(1, 8),
    batch_size=st.integers(1, 9),
    seed=st.integers(0, 1000),
)
def test_any_network_trains_as_it_does_number_by_number(
    network: MLP, optimizer: str, examples: int, batch_size: int, seed: int
) -> None:
    n_out = network.layers[-1].n_out
    y = [row if n_out > 1 else row[0] for row in inputs(examples, n_out, seed + 1)]
    assert_trains_alike(
        lambda: copy.deepcopy(network),
        OPTIMIZERS[optimizer],
        inputs(examples, network.n_in, seed),
        y,
        batch_size=batch_size,
        epochs=2,
    )


def test_examples_may_be_single_numbers() -> None:
    class Parabola(Line):
        def __call__(self, x: Any) -> Any:
            return self.slope * x**2 + self.shift

    assert_trains_alike(Parabola, OPTIMIZERS["SGD"], [0.1, 0.2, 0.3, 0.4], [1, 2, 3, 4])


def test_examples_may_be_arrays() -> None:
    import numpy as np

    assert_trains_alike(Line, OPTIMIZERS["SGD"], np.array(POINTS) / 4.0, np.array(LINE) / 4.0)


def test_examples_may_be_tables() -> None:
    class Table(Line):
        def __call__(self, x: Any) -> Any:
            return autograd.sum(self.slope * number for row in x for number in row) + self.shift

    assert_trains_alike(Table, OPTIMIZERS["SGD"], [[[0.1, 0.2], [0.3, 0.4]], [[0.5, 0.6], [0.7, 0.8]]], [1.0, 2.0])


def test_training_goes_on_where_another_way_of_training_stopped() -> None:
    for make in OPTIMIZERS.values():
        lines = [Line(), Line()]
        for line, ways in zip(lines, ((False, True, False), (False, False, False)), strict=True):
            optimizer = make(line.parameters())
            for seed, compiled in enumerate(ways):
                fit_line(line, optimizer, rng=seed, compile=compiled, epochs=2)
        assert list(lines[0].state_dict().values()) == pytest.approx(list(lines[1].state_dict().values()), rel=1e-9)


def test_gradients_are_those_of_the_last_batch() -> None:
    lines = [Line(), Line()]
    for line, compiled in zip(lines, (True, False), strict=True):
        fit_line(line, SGD(line.parameters(), lr=0.05), compile=compiled)
    assert [lines[0].slope.grad, lines[0].shift.grad] == pytest.approx([lines[1].slope.grad, lines[1].shift.grad])


# ---------------------------------------------------------------- parameters that stay


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_frozen_parameter_stays_and_what_is_remembered_of_it(optimizer: str) -> None:
    lines = [Line(), Line()]
    for line, compiled in zip(lines, (True, False), strict=True):
        made = OPTIMIZERS[optimizer](line.parameters())
        line.shift.requires_grad = False
        fit_line(line, made, compile=compiled)
        line.shift.requires_grad = True
        fit_line(line, made, compile=compiled)
    assert lines[0].shift != 0.0
    assert [lines[0].slope.data, lines[0].shift.data] == pytest.approx([lines[1].slope.data, lines[1].shift.data])


@pytest.mark.parametrize("compiled", [True, False])
def test_a_frozen_parameter_has_no_gradient_afterwards(compiled: bool) -> None:
    line = Line()
    line.shift.requires_grad = False
    line.shift.grad = 3.0
    fit_line(line, SGD(line.parameters(), lr=0.1), compile=compiled)
    assert line.shift.grad == 0.0


@pytest.mark.parametrize("compiled", [True, False])
def test_where_every_parameter_is_frozen_there_is_nothing_to_train(compiled: bool) -> None:
    line = Line()
    line.slope.requires_grad = line.shift.requires_grad = False
    with pytest.raises(RuntimeError, match="nothing to differentiate"):
        fit_line(line, SGD(line.parameters(), lr=0.1), compile=compiled)


def test_a_parameter_that_the_loss_does_not_use_only_decays() -> None:
    class WithSpare(Line):
        def __init__(self) -> None:
            super().__init__()
            self.spare = Value(8.0)

    model = WithSpare()
    fit_line(model, SGD(model.parameters(), lr=0.125, weight_decay=0.5), epochs=1, batch_size=5)
    assert model.spare.data == 8.0 - 0.125 * 0.5 * 8.0


def test_values_that_are_not_trained_are_read_and_gather_their_gradient() -> None:
    slopes = []
    for compiled in (True, False):
        line = Line()
        fit_line(line, SGD([line.slope], lr=0.01), compile=compiled)
        assert line.shift.data == 0.0
        slopes.append((line.slope.data, line.shift.grad))
    assert slopes[0] == pytest.approx(slopes[1])


# ---------------------------------------------------------------- who looks at the parameters


def test_callbacks_see_the_parameters_as_they_are_after_the_epoch() -> None:
    seen: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
    for compiled, numbers_seen in seen.items():
        line = Line()
        look = lambda m, _, kept=numbers_seen: kept.append((m.slope.data, m.shift.grad))  # noqa: E731
        fit_line(line, SGD(line.parameters(), lr=0.05), callbacks=[look], compile=compiled)
    assert [number for pair in seen[True] for number in pair] == pytest.approx(
        [number for pair in seen[False] for number in pair]
    )
    assert len(set(seen[True])) == 3


@pytest.mark.parametrize("what", ["number", "lr", "frozen", "thawed", "constant", "gradient"])
def test_what_a_callback_changes_counts_from_then_on(what: str) -> None:
    class Scaled(Line):
        factor = 1.0

        def __call__(self, x: list[float]) -> Value:
            return super().__call__(x) * self.factor

    models = [Scaled(), Scaled()]
    for model, compiled in zip(models, (True, False), strict=True):
        optimizer = SGD(model.parameters(), lr=0.02, momentum=0.5)
        if what == "thawed":
            model.slope.requires_grad = False

        def change(model: Any, history: History, optimizer: SGD = optimizer) -> None:
            if what == "number":
                model.slope.data += 1.0
            elif what == "lr":
                optimizer.lr /= 2.0
            elif what == "frozen":
                model.shift.requires_grad = False
            elif what == "thawed":
                model.slope.requires_grad = True
            elif what == "constant":
                model.factor += 0.25
            else:
                model.shift.grad = 5.0

        fit_line(model, optimizer, callbacks=[change], compile=compiled)
    assert models[0].state_dict() == pytest.approx(models[1].state_dict(), rel=1e-9)


def test_is_correct_sees_outputs_as_values_and_the_parameters_before_the_step() -> None:
    seen: dict[bool, list[float]] = {True: [], False: []}
    for compiled, kept in seen.items():
        line = Line()

        def is_close(output: Value, target: float, line: Line = line, kept: list[float] = kept) -> bool:
            kept.append(line.slope.data)
            return abs(output.data - target) < 4.0

        history = fit_line(
            line, SGD(line.parameters(), lr=0.01), is_correct=is_close, validation=(POINTS, LINE), compile=compiled
        )
        kept += history.accuracy + history.validation_accuracy
    tried = len(seen[True]) - len(seen[False])
    assert tried == 0
    assert seen[True] == pytest.approx(seen[False])


def test_is_correct_is_given_nested_outputs_as_the_model_makes_them() -> None:
    seen: list[Any] = []

    def model(x: list[float]) -> Any:
        return [line(x), (line(x), [line(x)])]

    line = Line()
    fit_line(
        model,
        SGD(line.parameters(), lr=0.0),
        loss=lambda output, target: mse(output[1][1][0], target),
        is_correct=lambda output, _: seen.append(output),
        epochs=1,
    )
    first, (second, (third,)) = seen[0]
    assert first.data == second.data == third.data


class PressCtrlC:
    """An `is_correct` at which Ctrl-C is pressed when it has been asked often enough."""

    def __init__(self, after: int, exception: type[BaseException] = KeyboardInterrupt) -> None:
        self.left = after
        self.exception = exception

    def __call__(self, output: Value, target: float) -> bool:
        self.left -= 1
        if self.left < 0:
            raise self.exception
        return True


def test_ctrl_c_leaves_the_parameters_as_the_last_step_left_them() -> None:
    stopped, finished = Line(), Line()
    history = fit_line(stopped, OPTIMIZERS["momentum"](stopped.parameters()), is_correct=PressCtrlC(6))
    fit_line(finished, OPTIMIZERS["momentum"](finished.parameters()), epochs=1)
    assert (len(history.loss), history.interrupted) == (1, True)
    assert stopped.state_dict() == finished.state_dict()


def test_an_exception_leaves_the_parameters_as_the_last_step_left_them() -> None:
    stopped, finished = Line(), Line()
    with pytest.raises(LookupError):
        fit_line(stopped, SGD(stopped.parameters(), lr=0.05), is_correct=PressCtrlC(6, LookupError))
    fit_line(finished, SGD(finished.parameters(), lr=0.05), epochs=1)
    assert stopped.state_dict() == finished.state_dict()


def test_a_callback_that_returns_true_ends_the_training() -> None:
    line = Line()
    history = fit_line(line, SGD(line.parameters(), lr=0.05), epochs=10, callbacks=[lambda _, h: len(h.loss) == 4])
    assert len(history.loss) == 4


def test_the_model_runs_a_few_times_and_not_for_each_example() -> None:
    calls = 0

    def model(x: list[float]) -> Value:
        nonlocal calls
        calls += 1
        return line(x)

    line = Line()
    fit_line(model, SGD(line.parameters(), lr=0.05), epochs=50)
    assert calls < 10


# ---------------------------------------------------------------- what cannot be compiled


def branching(x: list[Any]) -> Any:
    return x[0] * WEIGHT if x[0] > 1.0 else x[0] + WEIGHT


WEIGHT = Value(1.0)
WEIGHT_SQUARED = WEIGHT**2
DICE = random.Random(0)


def reading(output: Value, target: float) -> Value:
    return (output - target) ** 2 if output.data > target else (output - target) * 0.5


def indexing(output: Value, target: int) -> Value:
    return [output, output * 2.0][target] ** 2


def typed(output: Value, target: object) -> Value:
    return output if isinstance(target, int) else output * 2.0


def linear(x: list[float]) -> Value:
    return WEIGHT * x[0]


REFUSED: dict[str, tuple[Any, Any, Any, Any, str]] = {
    "branch": (branching, mse, [[0.0], [2.0]], [1.0, 2.0], "branches on"),
    "data": (linear, reading, [[0.0], [2.0]], [1.0, 2.0], r"\(\.data\)"),
    "index": (linear, indexing, [[0.0], [2.0]], [0, 1], r"output \* 2\.0\]\[target\]"),
    "type": (linear, typed, [[3.0], [2.0]], [0, 1], "the loss of the first example is 3.0, but 6.0"),
    "dropout": (lambda x: x[0] * WEIGHT * DICE.random(), mse, [[0.0], [2.0]], [1.0, 2.0], "each time"),
    "irregular": (lambda x: autograd.sum(x) * WEIGHT, mse, [[0.0], [2.0, 3.0]], [1.0, 2.0], "of one length"),
    "words": (lambda x: WEIGHT * len(x), mse, ["one", "two"], [1.0, 2.0], "plain numbers, not str 'one'"),
    "targets": (linear, lambda o, t: (o - t["y"]) ** 2, [[0.0], [2.0]], [{"y": 1.0}] * 2, "the targets must be plain"),
    "computed": (lambda x: x[0] * (WEIGHT_SQUARED), mse, [[0.0], [2.0]], [1.0, 2.0], "computed before the training"),
    "dict": (lambda x: {"y": x[0] * WEIGHT}, lambda o, t: mse(o["y"], t), [[0.0]], [1.0], "the model returns a dict"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_compiled_is_an_error_where_that_was_asked_for(case: str) -> None:
    model, loss, X, y, message = REFUSED[case]
    arguments = SETTINGS | {"loss": loss, "is_correct": lambda output, target: True}
    with pytest.raises(CompileError, match=message):
        fit(model, X, y, optimizer=SGD([WEIGHT], lr=0.0), **arguments)


@pytest.mark.parametrize("case", sorted(REFUSED.keys() - {"computed"}))
def test_what_cannot_be_compiled_is_trained_eagerly_with_a_warning(case: str) -> None:
    model, loss, X, y, message = REFUSED[case]
    arguments = SETTINGS | {"loss": loss, "is_correct": lambda output, target: True, "compile": None, "epochs": 30_000}
    stop = [lambda model, history: True]
    with pytest.warns(NotCompiledWarning, match=message):
        history = fit(model, X, y, optimizer=SGD([WEIGHT], lr=0.0), callbacks=stop, **arguments)
    assert len(history.loss) == 1


def test_the_warning_points_to_the_call_and_names_the_line_of_the_user() -> None:
    arguments = SETTINGS | {"compile": None, "epochs": 30_000, "callbacks": [lambda *_: True]}
    with pytest.warns(NotCompiledWarning, match=r"test_fit_compiled\.py:\d+: return x\[0\] \* WEIGHT if") as caught:
        fit(branching, [[1.0]], [2.0], optimizer=SGD([WEIGHT], lr=0.0), **arguments)
    assert caught[0].filename == __file__


def test_running_eagerly_on_purpose_is_no_reason_to_warn() -> None:
    with warnings.catch_warnings(record=True) as caught:
        fit(branching, [[1.0]], [2.0], optimizer=SGD([WEIGHT], lr=0.0), **SETTINGS | {"compile": False})
    assert caught == []


def test_an_error_of_the_model_itself_is_that_error() -> None:
    def broken(x: list[float]) -> Value:
        return WEIGHT * x[7]

    with pytest.raises(IndexError):
        fit_line(broken, SGD([WEIGHT], lr=0.1))


def test_a_handful_of_examples_is_not_compiled_unless_asked_for() -> None:
    calls = {None: 0, True: 0}
    for wanted in calls:
        line = Line()

        def model(x: list[float], wanted: bool | None = wanted, line: Line = line) -> Value:
            calls[wanted] += 1
            return line(x)

        fit_line(model, SGD(line.parameters(), lr=0.05), epochs=20, compile=wanted)
    assert calls[None] == 20 * len(POINTS)
    assert calls[True] < 10


def test_a_deep_narrow_graph_is_not_compiled_unless_asked_for() -> None:
    calls = 0
    weight, others = Value(1.0), [Value(0.0) for _ in range(1000)]

    def deep(x: list[Any]) -> Value:
        nonlocal calls
        calls += 1
        y: Value = x[0] * weight
        for _ in range(20):
            y = autograd.tanh(y) * weight
        return y

    counted = []
    for wanted in (None, True):
        calls = 0
        optimizer = SGD([weight, *others], lr=0.0)
        fit(deep, [[1.0]], [1.0], optimizer=optimizer, **SETTINGS | {"compile": wanted, "epochs": 40})
        counted.append(calls)
    assert counted[0] >= 40
    assert counted[1] < 10


# ---------------------------------------------------------------- what a loss refuses, what is not finite


@pytest.mark.parametrize("index", [0, 6])
@pytest.mark.parametrize(
    ("loss", "n_out", "good", "bad", "error"),
    [
        (hinge, 1, 1, 0, r"hinge takes targets -1 and \+1, not 0"),
        (hinge, 1, 1, math.nan, "not nan"),
        (binary_cross_entropy_with_logits, 1, 1, 1.5, "from 0 to 1, not 1.5"),
        (cross_entropy, 3, 2, 3, "there is no class 3"),
        (cross_entropy, 3, 2, -1, "there is no class -1"),
        (cross_entropy, 3, [1.0, 0.0, 0.0], [0.5, 0.0, 0.0], "must add up to 1"),
        (cross_entropy, 3, [1.0, 0.0, 0.0], [1.5, -0.5, 0.0], "cannot be negative"),
        (lambda o, t: hinge(o, t) * 2.0, 1, 1, 0, "hinge takes targets"),
    ],
)
@pytest.mark.parametrize("in_validation", [False, True])
def test_a_target_that_the_loss_refuses_is_its_error(
    loss: Any, n_out: int, good: Any, bad: Any, error: str, index: int, in_validation: bool
) -> None:
    y = [good] * 7
    wrong = [*y[:index], bad, *y[index + 1 :]]
    model = MLP(2, [n_out], rng=0)
    arguments = SETTINGS | {"loss": loss, "validation": (inputs(7, 2), wrong if in_validation else y)}
    with pytest.raises(ValueError, match=error):
        fit(model, inputs(7, 2), y if in_validation else wrong, optimizer=SGD(model.parameters(), lr=0.1), **arguments)


def test_a_class_that_is_no_int_is_the_error_of_the_loss() -> None:
    model = MLP(2, [3], rng=0)
    with pytest.raises(TypeError, match="the target of cross_entropy must be a class"):
        fit(
            model,
            inputs(2, 2),
            [1.0, 2.0],
            optimizer=SGD(model.parameters(), lr=0.1),
            **SETTINGS | {"loss": cross_entropy},
        )


@pytest.mark.parametrize("compiled", [True, False])
def test_a_loss_that_is_not_finite_names_the_operation_and_the_example(compiled: bool) -> None:
    line = Line()
    line.slope.data = 1e308
    message = r"not finite; it began with x \* y = inf at x = 1e\+308.* \(example \d: X\[\d\] = \["
    with pytest.raises(FloatingPointError, match=message):
        fit_line(line, SGD(line.parameters(), lr=0.05), compile=compiled)


@pytest.mark.parametrize("compiled", [True, False])
def test_a_loss_that_overflows_in_python_is_the_same_error(compiled: bool) -> None:
    line = Line()
    line.slope.data = 1e200
    with pytest.raises(OverflowError, match=r"x\*\*y is too large for a float .* \(example \d: X"):
        fit_line(line, SGD(line.parameters(), lr=0.05), compile=compiled)


@pytest.mark.parametrize("compiled", [True, False])
def test_a_loss_that_stops_being_finite_leaves_the_parameters_before_it(compiled: bool) -> None:
    line = Line()
    with pytest.raises(ArithmeticError, match="example"):
        fit_line(line, SGD(line.parameters(), lr=1e80), epochs=100, compile=compiled)
    assert all(map(math.isfinite, line.state_dict().values()))
    assert line.slope.data != 0.5


@pytest.mark.parametrize("compiled", [True, False])
def test_a_derivative_that_is_not_finite_names_the_operation_and_the_example(compiled: bool) -> None:
    def model(x: list[float]) -> Value:
        return autograd.sqrt(WEIGHT * x[0])

    with pytest.raises(
        FloatingPointError, match=r"sqrt\(x\) = 0\.0 .* \(example 1: X\[1\] = \[0\.0\], y\[1\] = 1\.0\)"
    ):
        fit(
            model,
            [[1.0], [0.0]],
            [1.0, 1.0],
            optimizer=SGD([WEIGHT], lr=0.1),
            **SETTINGS | {"compile": compiled},
        )


def test_a_step_out_of_the_range_of_floats_names_the_parameter() -> None:
    line = Line()
    with pytest.raises(FloatingPointError, match=r"would take the parameter 'slope' from 0\.5 out of the range"):
        fit(line, [[1e150]], [0.0], optimizer=SGD(line.parameters(), lr=1e170), **SETTINGS)
    assert line.state_dict() == {"slope": 0.5, "shift": 0.0}


# ---------------------------------------------------------------- optimizers of users


class WithSquareRoot(SGD):
    def update(self, number: float, gradient: float, state: Any) -> tuple[float, Any]:
        return number - self.lr * gradient / (1.0 + math.sqrt(abs(gradient))), state


class Branching(SGD):
    def update(self, number: float, gradient: float, state: Any) -> tuple[float, Any]:
        return (number - self.lr if gradient > 0.0 else number + self.lr), state


class InPlace(SGD):
    def update(self, number: float, gradient: float, state: Any) -> tuple[float, Any]:
        gradient *= 0.5
        number -= self.lr * gradient
        return number, state


class Random(SGD):
    def __init__(self, parameters: Any, lr: float) -> None:
        super().__init__(parameters, lr)
        self.dice = random.Random(0)

    def update(self, number: float, gradient: float, state: Any) -> tuple[float, Any]:
        return number - self.lr * gradient * self.dice.random(), state


class OnArrays(Optimizer):
    initial_state = (0.0,)
    calls = 0

    def update(self, number: float, gradient: float, state: Any) -> tuple[float, Any]:
        type(self).calls += 1
        (largest,) = state
        largest = (largest * largest + gradient * gradient) ** 0.5
        return number - self.lr * gradient / (1.0 + largest), (largest,)


class Clipping(SGD):
    def step(self) -> None:
        for parameter in self.parameters:
            parameter.grad = max(-1.0, min(1.0, parameter.grad))
        super().step()


@pytest.mark.parametrize("kind", [WithSquareRoot, Branching, InPlace, OnArrays, Clipping])
def test_an_optimizer_of_the_user_gives_what_it_gives_number_by_number(kind: type[Optimizer]) -> None:
    assert_trains_alike(Line, lambda parameters: kind(parameters, lr=0.02), POINTS, LINE)


@pytest.mark.parametrize("kind", [WithSquareRoot, Branching, OnArrays])
def test_an_optimizer_of_the_user_may_have_one_parameter(kind: type[Optimizer]) -> None:
    class Slope(Module):
        def __init__(self) -> None:
            self.slope = Value(0.5)

        def __call__(self, x: list[float]) -> Value:
            return self.slope * x[0]

    assert_trains_alike(Slope, lambda parameters: kind(parameters, lr=0.02), POINTS, LINE)


def test_an_optimizer_that_draws_a_random_number_draws_one_for_each_parameter() -> None:
    line = Line()
    fit(line, [[1.0]], [4.0], optimizer=Random(line.parameters(), lr=0.1), **SETTINGS | {"epochs": 1})
    assert line.slope.data - 0.5 != pytest.approx(line.shift.data)


def test_an_optimizer_written_with_operators_runs_on_arrays() -> None:
    model = MLP(2, [16, 1], rng=0)
    OnArrays.calls = 0
    fit(model, inputs(10, 2), [1.0] * 10, optimizer=OnArrays(model.parameters(), lr=0.02), **SETTINGS)
    assert OnArrays.calls < 2 * len(model.parameters())


# ---------------------------------------------------------------- evaluation, the bar, without NumPy


@pytest.mark.parametrize(
    ("loss", "n_outs", "y"),
    [(cross_entropy, 3, [0, 1, 2, 1, 0]), (hinge, 2, [[1, -1]] * 5), (mse, 1, [0.5] * 5)],
)
def test_evaluation_is_the_same_compiled(loss: Any, n_outs: int, y: Sequence[Any]) -> None:
    model = MLP(3, [4, n_outs], rng=0)
    X = inputs(5, 3)
    compiled = evaluate(model, X, y, loss=loss, compile=True)
    plain = evaluate(model, X, y, loss=loss, compile=False)
    assert compiled[0] == pytest.approx(plain[0], rel=1e-12)
    assert compiled[1] == plain[1]


def test_evaluation_that_cannot_be_compiled_says_so() -> None:
    with pytest.raises(CompileError, match="branches on"):
        evaluate(branching, [[1.0]], [1.0], loss=mse, compile=True)


def test_the_bar_shows_the_numbers_of_training_and_validation(capsys: pytest.CaptureFixture[str]) -> None:
    model = MLP(2, [2, 1], rng=0)
    settings = SETTINGS | {"loss": binary_cross_entropy_with_logits, "progress": True, "epochs": 1}
    X, y = inputs(4, 2), [0, 1, 1, 0]
    fit(model, X, y, optimizer=SGD(model.parameters(), lr=0.1), validation=(X, y), **settings)
    last = capsys.readouterr().err.strip().splitlines()[-1].split("\r")[-1]
    shown = ("epoch 1/1", "2/2", " loss=", " accuracy=", "validation_loss=", "validation_accuracy=")
    assert [part for part in shown if part not in last] == []


WITHOUT_NUMPY = """
import sys
sys.modules["numpy"] = None
from nn import MLP, SGD, fit, mse
model = MLP(1, [4, 1], rng=0)
for wanted in (None, True):
    try:
        history = fit(model, [[0.0], [1.0]], [1.0, 2.0], loss=mse, optimizer=SGD(model.parameters(), lr=0.1),
                      epochs=2000, batch_size=2, progress=False, callbacks=[lambda *_: True], compile=wanted)
        print(len(history.loss))
    except ImportError as error:
        print(error)
"""


def test_without_numpy_it_trains_number_by_number_and_compiling_names_the_extra() -> None:
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", WITHOUT_NUMPY], capture_output=True, text=True, check=True
    )
    assert run.stdout.splitlines() == ["1", 'compile=True needs NumPy: pip install "scalar-autograd[compile]"']


def test_rounding_that_a_model_makes_larger_is_no_other_operation() -> None:
    first, second = Value(1.0), Value(-2.5)

    def model(x: Any) -> Any:
        return autograd.atanh(autograd.tanh(autograd.dot([first, second], x) + Value(1.0)))

    optimizer = SGD([first, second], lr=0.05)
    fit(model, [[1.0, -3.0]], [0.5], **SETTINGS | {"optimizer": optimizer, "loss": mse, "compile": True})
    assert (first.data, second.data) != (1.0, -2.5)


def test_a_model_that_reads_the_number_of_a_parameter_is_trained_eagerly_with_a_warning() -> None:
    def trained(compiled: bool | None) -> float:
        weight = Value(0.5)
        rng = random.Random(0)
        X = [[rng.random(), rng.random()] for _ in range(600)]
        optimizer = SGD([weight], lr=0.1)
        fit(
            lambda x: weight * x[0] + weight.data * x[1],
            X,
            [0.0] * 600,
            **SETTINGS | {"optimizer": optimizer, "compile": compiled, "epochs": 40},
        )
        return weight.data

    with pytest.warns(NotCompiledWarning, match=r"reads the number of a Value from outside \(\.data\)"):
        found = trained(None)
    assert found == trained(False)
    with pytest.raises(CompileError, match="it may differ at the next call"):
        trained(True)
