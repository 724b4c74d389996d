"""Makes optimizers.json: where PyTorch's optimizers take three numbers in 100 steps along given gradients.

Run it from the repository's root, with PyTorch installed: python tests/nn/golden/make_optimizers.py
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("optimizers.json")
STEPS = 100
NAMES_IN_PYTORCH = {"AdaGrad": "Adagrad"}
STEPS_KEPT = (1, 2, 3, 10, 50, 100)
START = [1.5, -0.25, 0.0]
CASES: list[dict[str, Any]] = [
    {"optimizer": "SGD", "arguments": {"lr": 0.1}},
    {"optimizer": "SGD", "arguments": {"lr": 0.1, "weight_decay": 0.05}},
    {"optimizer": "SGD", "arguments": {"lr": 0.02, "momentum": 0.9}},
    {"optimizer": "SGD", "arguments": {"lr": 0.02, "momentum": 0.9, "weight_decay": 0.05}},
    {"optimizer": "SGD", "arguments": {"lr": 0.02, "momentum": 0.9, "nesterov": True}},
    {"optimizer": "SGD", "arguments": {"lr": 0.02, "momentum": 0.5, "nesterov": True, "weight_decay": 0.05}},
    {"optimizer": "Adam", "arguments": {}},
    {"optimizer": "Adam", "arguments": {"lr": 0.05}},
    {"optimizer": "Adam", "arguments": {"lr": 0.05, "betas": [0.5, 0.9]}},
    {"optimizer": "Adam", "arguments": {"lr": 0.05, "betas": [0.0, 0.0], "eps": 0.1}},
    {"optimizer": "Adam", "arguments": {"lr": 0.05, "weight_decay": 0.05}},
    {"optimizer": "AdaGrad", "arguments": {}},
    {"optimizer": "AdaGrad", "arguments": {"lr": 0.5, "eps": 0.1, "weight_decay": 0.05}},
    {"optimizer": "RMSprop", "arguments": {}},
    {"optimizer": "RMSprop", "arguments": {"lr": 0.05, "alpha": 0.5, "momentum": 0.9}},
    {"optimizer": "RMSprop", "arguments": {"lr": 0.05, "alpha": 0.0, "eps": 0.1, "weight_decay": 0.05}},
    {"optimizer": "AdamW", "arguments": {}},
    {"optimizer": "AdamW", "arguments": {"lr": 0.05, "betas": [0.5, 0.9], "weight_decay": 0.1}},
]

SCHEDULES: list[dict[str, Any]] = [
    {"schedule": "StepDecay", "arguments": {"every": 30}},
    {"schedule": "StepDecay", "arguments": {"every": 7, "factor": 0.5}},
    {"schedule": "Cosine", "arguments": {"steps": 100}},
    {"schedule": "Cosine", "arguments": {"steps": 120, "lowest": 0.25}},
    {"schedule": "WarmUp", "arguments": {"steps": 10, "first": 0.1}},
    {"schedule": "WarmUp", "arguments": {"steps": 10}, "then": {"schedule": "Cosine", "arguments": {"steps": 90}}},
    {"schedule": "WarmUp", "arguments": {"steps": 5}, "then": {"schedule": "StepDecay", "arguments": {"every": 40}}},
]


def gradients() -> list[list[float]]:
    """A gradient of three numbers for each step: an ordinary one, one that is often 0, and one of wild size."""
    rng = random.Random(2013)
    return [
        [round(rng.gauss(0.3, 1.0), 4), round(max(0.0, rng.gauss(0.0, 1.0)), 4), round(10 ** rng.uniform(-6, 2), 8)]
        for _ in range(STEPS)
    ]


def golden() -> dict[str, Any]:
    """What the file holds: the gradients, and for each case the three numbers after some of the steps."""
    import torch

    given = gradients()
    cases = []
    for case in CASES:
        parameter = torch.tensor(START, dtype=torch.float64, requires_grad=True)
        name = case["optimizer"]
        optimizer = getattr(torch.optim, NAMES_IN_PYTORCH.get(name, name))([parameter], **case["arguments"])
        numbers = {}
        for step, gradient in enumerate(given, start=1):
            parameter.grad = torch.tensor(gradient, dtype=torch.float64)
            optimizer.step()
            if step in STEPS_KEPT:
                numbers[str(step)] = parameter.tolist()
        cases.append({**case, "numbers": numbers})
    factors = [{**case, "factors": scheduled(case)} for case in SCHEDULES]
    return {
        "torch": torch.__version__,
        "start": START,
        "gradients": given,
        "cases": cases,
        "schedules": factors,
    }


def scheduled(case: dict[str, Any]) -> list[float]:
    """The learning rate that PyTorch's schedule sets for each of the steps, where the optimizer began with 1."""
    import torch

    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)

    def made(case: dict[str, Any]) -> Any:
        arguments, schedulers = case["arguments"], torch.optim.lr_scheduler
        if case["schedule"] == "StepDecay":
            return schedulers.StepLR(optimizer, arguments["every"], arguments.get("factor", 0.1))
        if case["schedule"] == "Cosine":
            return schedulers.CosineAnnealingLR(optimizer, arguments["steps"], arguments.get("lowest", 0.0))
        warm_up = schedulers.LinearLR(optimizer, arguments.get("first", 1 / 3), 1.0, arguments["steps"])
        if "then" not in case:
            return warm_up
        return schedulers.SequentialLR(optimizer, [warm_up, made(case["then"])], [arguments["steps"]])

    schedule, rates = made(case), []
    for _ in range(STEPS):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return rates


if __name__ == "__main__":
    FILE.write_text(json.dumps(golden(), indent=1) + "\n", encoding="utf-8")
