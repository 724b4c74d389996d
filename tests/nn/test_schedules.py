"""Schedules: the learning rates they agree on with PyTorch, what `fit` does with them, and what they refuse."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograd import Value
from nn import MLP, SGD, AdaGrad, AdamW, Cosine, Optimizer, RMSprop, StepDecay, WarmUp, fit, mse
from nn.schedules import Schedule

# Made by golden/make_optimizers.py; tests/nn/test_optim.py compares the file with PyTorch where that is installed.
GOLDEN = json.loads((Path(__file__).parent / "golden" / "optimizers.json").read_text(encoding="utf-8"))["schedules"]
SCHEDULES: dict[str, Callable[..., Schedule]] = {"StepDecay": StepDecay, "Cosine": Cosine, "WarmUp": WarmUp}


def made(case: dict[str, Any]) -> Schedule:
    then = {"then": made(case["then"])} if "then" in case else {}
    return SCHEDULES[case["schedule"]](**case["arguments"], **then)


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: repr(made(case)))
def test_a_hundred_learning_rates_agree_with_pytorch(case: dict[str, Any]) -> None:
    assert len(case["factors"]) == 100
    schedule = made(case)
    assert [schedule(step) for step in range(100)] == pytest.approx(case["factors"], rel=1e-12, abs=1e-12)


def test_the_cosine_stays_at_its_lowest() -> None:
    assert Cosine(steps=10, lowest=0.25)(1000) == 0.25


class Noting(SGD):
    """SGD that notes its learning rate at each step."""

    def __init__(self, parameters: list[Value], lr: float) -> None:
        super().__init__(parameters, lr)
        self.rates: list[float] = []

    def step(self) -> None:
        self.rates.append(self.lr)
        super().step()


def test_fit_sets_the_learning_rate_before_each_step_and_puts_it_back() -> None:
    weight = Value(1.0)
    optimizer = Noting([weight], lr=0.5)
    fit(
        lambda x: weight * x,
        [1.0, 2.0, 3.0],
        [2.0, 4.0, 6.0],
        loss=mse,
        optimizer=optimizer,
        epochs=2,
        batch_size=2,
        schedule=lambda step: 1 / (10 + step),
        progress=False,
    )
    assert optimizer.rates == [0.5 * (1 / (10 + step)) for step in range(4)]
    assert optimizer.lr == 0.5


@pytest.mark.parametrize("make", [SGD, AdaGrad, RMSprop, AdamW])
def test_a_schedule_does_the_same_compiled_and_number_by_number(make: Callable[..., Optimizer]) -> None:
    pytest.importorskip("numpy")
    results = []
    for compiled in (True, False):
        model = MLP(2, [4, 1], rng=0)
        fit(
            model,
            [[0.5, -1.0], [1.0, 2.0], [-1.0, 0.3]],
            [1.0, -1.0, 0.5],
            loss=mse,
            optimizer=make(model.parameters(), lr=0.05),
            epochs=10,
            batch_size=2,
            schedule=WarmUp(steps=5, then=Cosine(steps=15)),
            progress=False,
            rng=0,
            compile=compiled,
        )
        results.append([parameter.data for parameter in model.parameters()])
    assert results[0] == pytest.approx(results[1], rel=1e-9, abs=1e-12)


def test_the_learning_rate_is_put_back_after_an_error() -> None:
    weight = Value(1.0)
    optimizer = SGD([weight], lr=0.5)

    def schedule(step: int) -> float:
        if step:
            raise RuntimeError("no schedule beyond the first step")
        return 0.1

    with pytest.raises(RuntimeError, match="beyond the first step"):
        fit(
            lambda x: weight * x,
            [1.0, 2.0],
            [2.0, 4.0],
            loss=mse,
            optimizer=optimizer,
            epochs=1,
            batch_size=1,
            schedule=schedule,
            progress=False,
        )
    assert optimizer.lr == 0.5


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: StepDecay(every=0), "every must be at least 1, not 0"),
        (lambda: StepDecay(every=10, factor=0.0), "factor must be a finite number above 0, not 0.0"),
        (lambda: Cosine(steps=0), "steps must be at least 1, not 0"),
        (lambda: Cosine(steps=10, lowest=-0.1), "lowest must be a finite number of at least 0, not -0.1"),
        (lambda: WarmUp(steps=0), "steps must be at least 1, not 0"),
        (lambda: WarmUp(steps=10, first=-1.0), "first must be a finite number of at least 0, not -1.0"),
    ],
)
def test_settings_out_of_range_are_errors(make: Callable[[], Schedule], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: StepDecay(every=2.5), "every must be an int, not the float 2.5"),  # type: ignore[arg-type]
        (lambda: StepDecay(every=10, factor=None), "factor must be a number, not None"),  # type: ignore[arg-type]
        (lambda: Cosine(steps="10"), "steps must be an int, not the str '10'"),  # type: ignore[arg-type]
        (lambda: Cosine(steps=10, lowest="0"), "lowest must be a number, not the str '0'"),  # type: ignore[arg-type]
        (lambda: WarmUp(steps=10, first=None), "first must be a number, not None"),  # type: ignore[arg-type]
        (lambda: WarmUp(steps=10, then=0.5), "then must be another schedule, .* not 0.5"),  # type: ignore[arg-type]
    ],
)
def test_settings_of_another_kind_are_type_errors(make: Callable[[], Schedule], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        make()
