"""Optimizers: the numbers they agree on with PyTorch, and what they refuse."""

from __future__ import annotations

import json
import math
import runpy
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from autograd import Value
from nn import MLP, SGD, AdaGrad, Adam, AdamW, Optimizer, RMSprop

FOLDER = Path(__file__).parent / "golden"
GOLDEN = json.loads((FOLDER / "optimizers.json").read_text(encoding="utf-8"))
OPTIMIZERS: dict[str, Callable[..., Optimizer]] = {
    "SGD": SGD,
    "AdaGrad": AdaGrad,
    "RMSprop": RMSprop,
    "Adam": Adam,
    "AdamW": AdamW,
}


def described(case: dict[str, Any]) -> str:
    return "-".join([case["optimizer"], *(f"{name}={value}" for name, value in case["arguments"].items())])


def with_gradients(*gradients: float) -> list[Value]:
    """Parameters at 1.0 that a backward pass has left with these gradients."""
    parameters = [Value(1.0, label=f"p{number}") for number in range(1, len(gradients) + 1)]
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = gradient
    return parameters


# ---------------------------------------------------------------- the same numbers as PyTorch


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=described)
def test_a_hundred_steps_agree_with_pytorch(case: dict[str, Any]) -> None:
    parameters = [Value(number) for number in GOLDEN["start"]]
    optimizer = OPTIMIZERS[case["optimizer"]](parameters, **case["arguments"])
    numbers = {}
    for step, gradients in enumerate(GOLDEN["gradients"], start=1):
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = gradient
        optimizer.step()
        numbers[str(step)] = [parameter.data for parameter in parameters]
    for step, expected in case["numbers"].items():
        assert numbers[step] == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_the_golden_numbers_are_those_of_pytorch() -> None:
    pytest.importorskip("torch", reason="the golden numbers are compared with PyTorch where that is installed")
    made = runpy.run_path(str(FOLDER / "make_optimizers.py"))["golden"]()
    for case, fresh in zip(GOLDEN["cases"], made["cases"], strict=True):
        assert {"optimizer": case["optimizer"], "arguments": case["arguments"]} == {
            "optimizer": fresh["optimizer"],
            "arguments": fresh["arguments"],
        }
        for step, numbers in case["numbers"].items():
            assert numbers == pytest.approx(fresh["numbers"][step], rel=1e-13, abs=1e-13)
    assert GOLDEN["schedules"] == made["schedules"]


def test_the_golden_file_holds_a_hundred_steps_and_says_which_pytorch_made_it() -> None:
    assert GOLDEN["torch"].startswith("2.13.")
    assert len(GOLDEN["gradients"]) == 100
    assert all("100" in case["numbers"] for case in GOLDEN["cases"])


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=described)
def test_an_update_of_an_array_is_that_of_each_of_its_numbers(case: dict[str, Any]) -> None:
    numpy = pytest.importorskip("numpy")
    optimizer = OPTIMIZERS[case["optimizer"]]([Value(0.0)], **case["arguments"])
    numbers = list(GOLDEN["start"])
    states = [optimizer.initial_state] * len(numbers)
    array, state = numpy.array(numbers), optimizer.initial_state
    for gradients in GOLDEN["gradients"]:
        moved = [optimizer.update(*each) for each in zip(numbers, gradients, states, strict=True)]
        numbers, states = [number for number, _ in moved], [after for _, after in moved]
        array, state = optimizer.update(array, numpy.array(gradients), state)
    assert array.tolist() == pytest.approx(numbers, rel=1e-13, abs=1e-13)


# ---------------------------------------------------------------- steps


def test_the_learning_rate_may_change_between_steps() -> None:
    parameters = with_gradients(1.0)
    optimizer = SGD(parameters, lr=0.5)
    optimizer.step()
    optimizer.lr = 0.125
    optimizer.step()
    assert parameters[0].data == 1.0 - 0.5 - 0.125


def test_momentum_that_is_set_later_begins_at_rest() -> None:
    parameters = with_gradients(1.0)
    optimizer = SGD(parameters, lr=0.5)
    optimizer.step()
    optimizer.momentum = 0.5
    optimizer.step()
    assert parameters[0].data == 1.0 - 0.5 - 0.5


def test_zero_grad_clears_every_gradient() -> None:
    parameters = with_gradients(1.0, 2.0)
    SGD(parameters, lr=0.1).zero_grad()
    assert [parameter.grad for parameter in parameters] == [0.0, 0.0]


def test_parameters_may_come_from_a_generator() -> None:
    model = MLP(2, [3, 1])
    assert len(SGD((parameter for parameter in model.parameters()), lr=0.1).parameters) == 13


@pytest.mark.parametrize("make", [lambda p: SGD(p, lr=0.1, momentum=0.9, weight_decay=0.5), lambda p: Adam(p, lr=0.1)])
def test_a_frozen_parameter_stays_and_its_momentum_with_it(make: Callable[[list[Value]], Optimizer]) -> None:
    frozen_for_a_while, never_frozen = with_gradients(1.0, 1.0), with_gradients(1.0, 1.0)
    for parameters, pauses in ((frozen_for_a_while, 3), (never_frozen, 0)):
        optimizer = make(parameters)
        optimizer.step()
        for _ in range(pauses):
            parameters[0].requires_grad = False
            optimizer.step()
        parameters[0].requires_grad = True
        optimizer.step()
    assert frozen_for_a_while[0] == never_frozen[0]
    assert frozen_for_a_while[1] != never_frozen[1]


def test_a_frozen_parameter_may_have_any_gradient() -> None:
    frozen, moving = with_gradients(math.nan, 1.0)
    frozen.requires_grad = False
    SGD([frozen, moving], lr=0.5).step()
    assert (frozen.data, moving.data) == (1.0, 0.5)


@pytest.mark.parametrize("make", [lambda p: SGD(p, lr=0.01, momentum=0.9), lambda p: Adam(p, lr=0.1)])
def test_optimizers_find_the_minimum_of_a_bowl(make: Callable[[list[Value]], Optimizer]) -> None:
    x, y = Value(3.0), Value(-2.0)
    optimizer = make([x, y])
    for _ in range(600):
        optimizer.zero_grad()
        ((x - 1.0) ** 2 + 10.0 * (y + 0.5) ** 2).backward()
        optimizer.step()
    assert [x.data, y.data] == pytest.approx([1.0, -0.5], abs=1e-3)


# ---------------------------------------------------------------- all or nothing


@pytest.mark.parametrize("gradient", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("optimizer", [SGD, Adam])
def test_a_gradient_that_is_not_finite_is_an_error_that_names_the_parameter(
    optimizer: Callable[..., Optimizer], gradient: float
) -> None:
    with pytest.raises(FloatingPointError, match=f"the gradient of the parameter 'p2' is {gradient}"):
        optimizer(with_gradients(1.0, gradient, 1.0), lr=0.1).step()


def test_a_parameter_without_a_label_is_named_by_its_place() -> None:
    parameters = [Value(1.0), Value(1.0)]
    parameters[1].grad = math.nan
    with pytest.raises(FloatingPointError, match="parameter 2 of 2"):
        SGD(parameters, lr=0.1).step()


@pytest.mark.parametrize("make", [lambda p: SGD(p, lr=0.1, momentum=0.9), lambda p: Adam(p, lr=0.1)])
def test_a_refused_step_leaves_no_trace(make: Callable[[list[Value]], Optimizer]) -> None:
    disturbed, undisturbed = with_gradients(1.0, 1.0), with_gradients(1.0, 1.0)
    optimizers = [make(disturbed), make(undisturbed)]
    disturbed[1].grad = math.nan
    with pytest.raises(FloatingPointError):
        optimizers[0].step()
    disturbed[1].grad = 1.0
    for _ in range(2):
        for optimizer in optimizers:
            optimizer.step()
    assert disturbed == undisturbed


def test_a_step_out_of_the_range_of_floats_is_refused() -> None:
    parameters = with_gradients(1.0, 1e300)
    with pytest.raises(FloatingPointError, match=r"'p2' from 1\.0 out of the range"):
        SGD(parameters, lr=1e10).step()
    assert [parameter.data for parameter in parameters] == [1.0, 1.0]


def test_a_gradient_whose_square_overflows_is_refused_by_adam() -> None:
    with pytest.raises(FloatingPointError, match="'p1'"):
        Adam(with_gradients(1e200)).step()


class Interrupting(Value):
    """A parameter at which Ctrl-C is pressed as soon as it is set."""

    armed = False

    @property
    def data(self) -> float:
        return super().data

    @data.setter
    def data(self, number: float) -> None:
        if self.armed:
            self.armed = False
            raise KeyboardInterrupt
        Value.data.__set__(self, number)  # type: ignore[attr-defined]


def test_a_step_that_is_interrupted_did_not_happen() -> None:
    parameters = [*with_gradients(1.0), Interrupting(1.0), *with_gradients(1.0)]
    parameters[1].grad = 1.0
    optimizer = SGD(parameters, lr=0.5, momentum=0.5)
    parameters[1].armed = True  # type: ignore[attr-defined]
    with pytest.raises(KeyboardInterrupt):
        optimizer.step()
    assert [parameter.data for parameter in parameters] == [1.0, 1.0, 1.0]
    assert optimizer.states == [(0.0,)] * 3
    optimizer.step()
    assert [parameter.data for parameter in parameters] == [0.5, 0.5, 0.5]


# ---------------------------------------------------------------- what is refused at once


@pytest.mark.parametrize(
    ("optimizer", "arguments", "message"),
    [
        (SGD, {"lr": -0.1}, "lr must be a finite number of at least 0, not -0.1"),
        (SGD, {"lr": math.nan}, "lr must"),
        (SGD, {"lr": math.inf}, "lr must"),
        (SGD, {"lr": 0.1, "momentum": -0.5}, "momentum must"),
        (SGD, {"lr": 0.1, "weight_decay": -0.5}, "weight_decay must"),
        (SGD, {"lr": 0.1, "nesterov": True}, "nesterov needs a momentum"),
        (Adam, {"lr": -1.0}, "lr must"),
        (Adam, {"betas": (1.0, 0.9)}, "betas must"),
        (Adam, {"betas": (0.9, -0.1)}, "betas must"),
        (Adam, {"eps": 0.0}, "eps must be above 0"),
        (Adam, {"eps": math.nan}, "eps must be above 0"),
        (Adam, {"weight_decay": -0.5}, "weight_decay must"),
        (AdaGrad, {"lr": -1.0}, "lr must"),
        (AdaGrad, {"eps": 0.0}, "eps must be above 0"),
        (AdaGrad, {"weight_decay": -0.5}, "weight_decay must"),
        (RMSprop, {"alpha": 1.0}, "alpha must be at least 0 and below 1, not 1.0"),
        (RMSprop, {"eps": 0.0}, "eps must be above 0"),
        (RMSprop, {"momentum": -0.5}, "momentum must"),
        (RMSprop, {"weight_decay": -0.5}, "weight_decay must"),
        (AdamW, {"betas": (1.0, 0.9)}, "betas must"),
        (AdamW, {"weight_decay": -0.5}, "weight_decay must"),
    ],
)
def test_settings_out_of_range_are_errors(
    optimizer: Callable[..., Optimizer], arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        optimizer([Value(1.0)], **arguments)


@pytest.mark.parametrize(
    ("optimizer", "arguments", "message"),
    [
        (SGD, {"lr": None}, "lr must be a number, not None"),
        (SGD, {"lr": "0.1"}, "lr must be a number, not the str '0.1'"),
        (SGD, {"lr": [0.1]}, r"lr must be a number, not the list \[0\.1\]"),
        (SGD, {"lr": Value(0.1)}, "lr must be a number, not the Value"),
        (SGD, {"lr": 0.1, "momentum": None}, "momentum must be a number, not None"),
        (SGD, {"lr": 0.1, "weight_decay": "1"}, "weight_decay must be a number"),
        (Adam, {"lr": None}, "lr must be a number, not None"),
        (Adam, {"betas": 0.9}, r"betas must be two numbers, such as \(0\.9, 0\.999\), not 0\.9"),
        (Adam, {"betas": (0.9,)}, "betas must be two numbers"),
        (Adam, {"betas": (0.9, None)}, "a beta must be a number, not None"),
        (Adam, {"eps": None}, "eps must be a number, not None"),
        (AdamW, {"lr": "1e-3"}, "lr must be a number"),
        (AdaGrad, {"lr": None}, "lr must be a number"),
        (RMSprop, {"lr": None}, "lr must be a number"),
        (RMSprop, {"alpha": "0.9"}, "alpha must be a number, not the str '0.9'"),
    ],
)
def test_settings_that_are_no_numbers_are_type_errors(
    optimizer: Callable[..., Optimizer], arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        optimizer([Value(1.0)], **arguments)


@pytest.mark.parametrize(("lr", "error"), [(None, TypeError), ("0.1", TypeError), (-1.0, ValueError)])
def test_a_learning_rate_that_is_set_to_nonsense_is_an_error_of_the_step(lr: Any, error: type[Exception]) -> None:
    optimizer = SGD([Value(1.0)], lr=0.1)
    optimizer.lr = lr
    with pytest.raises(error, match="lr"):
        optimizer.step()


def test_settings_may_be_any_real_numbers() -> None:
    optimizer = SGD([Value(1.0)], lr=Fraction(1, 4), momentum=1)  # type: ignore[arg-type]
    assert (optimizer.lr, optimizer.momentum) == (0.25, 1.0)


def test_parameters_may_be_an_array() -> None:
    numpy = pytest.importorskip("numpy")
    table = numpy.array([[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]])
    assert SGD(table, lr=0.1).parameters == [1.0, 2.0, 3.0, 4.0]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (MLP(2, [1]).parameters, r"model\.parameters\(\), not <bound method .*; call it: model\.parameters\(\)"),
        (None, r"model\.parameters\(\), not None"),
        (0.1, r"model\.parameters\(\), not 0\.1"),
    ],
)
def test_what_is_no_list_of_parameters_is_a_type_error(given: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        SGD(given, lr=0.1)


def test_no_parameters_are_an_error() -> None:
    with pytest.raises(ValueError, match="at least 1 parameter"):
        SGD([], lr=0.1)


def test_what_is_no_value_is_an_error_with_its_place() -> None:
    with pytest.raises(TypeError, match=r"parameter 2 is not a Value but a float: 1\.0"):
        Adam([Value(1.0), 1.0])  # type: ignore[list-item]


def test_the_result_of_an_operation_is_an_error() -> None:
    with pytest.raises(ValueError, match="parameter 1 is the result of an operation"):
        SGD([Value(1.0) * 2.0], lr=0.1)


def test_a_parameter_listed_twice_is_an_error() -> None:
    x = Value(1.0)
    with pytest.raises(ValueError, match=r"parameter 3, .* twice"):
        SGD([x, Value(1.0), x], lr=0.1)


@pytest.mark.parametrize(("given", "instead"), [(MLP(2, [1]), "model.parameters()"), (Value(1.0), "[x]")])
def test_a_model_in_place_of_its_parameters_is_an_error_that_says_what_to_pass(given: Any, instead: str) -> None:
    with pytest.raises(TypeError) as caught:
        SGD(given, lr=0.1)
    assert instead in str(caught.value)
