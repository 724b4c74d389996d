"""The check of a function at a point: nothing is taken on trust.

The analytic derivative, from the rules in `ops`, is compared with numeric ones, from values of the function alone.
These come with estimates of their errors, so a right derivative is not rejected for what differences cannot resolve,
and a wrong one cannot hide behind a loose tolerance. `screen` and `views` compute them, and `judge` compares.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Literal

from autograd.check.arguments import Arguments
from autograd.check.claim import Claim, claims
from autograd.check.curve import Line
from autograd.check.judge import Judge
from autograd.check.report import GradcheckReport, GradcheckRow
from autograd.engine.errors import GradcheckError
from autograd.engine.ops import Number
from autograd.engine.value import Value
from autograd.functional import gradients

RTOL = 1e-7
ATOL = 1e-15


def gradcheck(
    f: Callable[..., Number],
    inputs: Sequence[object],
    *,
    rtol: float = RTOL,
    atol: float = ATOL,
    order: Literal[1, 2] = 1,
    raise_on_failure: bool = False,
) -> GradcheckReport:
    """Compares the engine's derivatives of `f` at `inputs` with derivatives found by differences.

    A derivative passes if |analytic - numeric| <= rtol * max(|analytic|, |numeric|) + atol * steepness + six times the
    error estimate of the numeric one, where steepness is how steep the function is around the point. The scale of the
    function does not matter. For smooth functions the estimate is far below the tolerance, so an error of one part in
    10^6 is found. An error of one part in 10^4 never passes, since a less precise numeric derivative does not count.

    If the one-sided derivatives differ, at all step sizes, the function has a kink: any number between them (a
    subgradient) passes, with the verdict "kink". If differences cannot tell, because the function jumps or rounding
    hides its slope, the verdict is "unsure", which does not pass: try another point or another scale. An input that the
    result does not depend on has derivative 0, and passes if differences agree.

    Args:
        f: a function of Values that returns one Value.
        inputs: its arguments: numbers, leaf Values, or nested lists, tuples or arrays of them, which `f` receives in
            the same structure. A Value is passed to `f` itself, so the parameters of a model can be the inputs, and `f`
            may use the model instead of its arguments. No `.grad` changes, and every number is put back.
        rtol: relative tolerance, positive or 0.
        atol: tolerance as a part of how steep the function is, positive or 0.
        order: 2 also checks every second derivative, against differences of the first.
        raise_on_failure: whether a failure raises an error, instead of returning a report that is false.

    Where the function raises an error beside the inputs, it counts as not defined, and the report's notes tell of it.

    Raises:
        GradcheckError: with `raise_on_failure`, if a derivative does not pass; its message is the table.
        FloatingPointError: the function, or its derivative, is not finite at the inputs.
        TypeError: `f` does not return a Value.
        ValueError: the result differs from one call to the next.

    >>> from autograd import tanh
    >>> bool(gradcheck(lambda x, y: tanh(x) * y, [0.5, -2.0], order=2))
    True
    """
    if order not in (1, 2):
        raise ValueError(f"order must be 1 or 2, not {order!r}")
    if not (0 <= rtol < math.inf and 0 <= atol < math.inf):
        raise ValueError(f"tolerances must be finite and not negative, not rtol={rtol!r}, atol={atol!r}")
    arguments = Arguments(f, inputs)
    root = _examined(arguments)
    judge = Judge(rtol, atol)
    claimed = claims(root, arguments.leaves)
    rows = _first_order(arguments, root, claimed, judge)
    lost = [
        row.name for row, claim in zip(rows, claimed, strict=True) if row.verdict == "wrong" and not claim.connected
    ]
    if order == 2:
        rows += _second_order(arguments, root, judge, rows)
    _same_again(root.data, arguments)
    notes = arguments.failures.notes(unsure=any(row.verdict == "unsure" for row in rows))
    report = GradcheckReport(rows, arguments.point(), lost, notes=notes)
    if raise_on_failure and not report:
        raise GradcheckError(str(report))
    return report


def _examined(arguments: Arguments) -> Value:
    """The result of the function at its inputs, if it can be checked: it is finite, and the same when called again."""
    root = arguments()
    if not math.isfinite(root.data):
        raise FloatingPointError(f"the function is {root.data!r} at {arguments.point()}; a check needs a finite value")
    _same_again(root.data, arguments)
    return root


def _same_again(value: float, arguments: Arguments) -> None:
    again = arguments.value()
    if again != value:
        raise ValueError(
            f"the function is not deterministic: at {arguments.point()} it gave {value!r}, and then {again!r}; "
            "give its random numbers a fixed seed, and let it change nothing outside itself"
        )


def _first_order(arguments: Arguments, root: Value, claimed: Sequence[Claim], judge: Judge) -> list[GradcheckRow]:
    rows = []
    for index, claim in enumerate(claimed):
        f, x = arguments.along(index), arguments.leaves[index].data
        found = judge.judged(f, x, root.data, claim)
        name = f"d/d{arguments.names[index]}"
        rows.append(GradcheckRow(name, 1, claim.derivative, *found.numeric, found.verdict, Line(f, x)))
    return rows


def _second_order(
    arguments: Arguments, root: Value, judge: Judge, first_order: Sequence[GradcheckRow]
) -> list[GradcheckRow]:
    """The second derivatives, compared with differences of the first ones.

    At a kink the first derivative jumps, and there is no second one to compare with: "unsure" there becomes "kink".
    """
    rows = []
    leaves = arguments.leaves
    gradient = gradients(root, leaves, create_graph=True) if root.requires_grad else [root] * len(leaves)
    moved = [_gradient_along(arguments, second) for second in range(len(leaves))]
    for first, derivative in enumerate(gradient):
        for second, claim in enumerate(claims(derivative, leaves)):
            f, x = partial(_entry, moved[second], first), leaves[second].data
            found = judge.judged(f, x, first_order[first].analytic, claim)
            at_kink = first_order[second].verdict == "kink" and found.verdict == "unsure"
            name = f"d2/d{arguments.names[first]} d{arguments.names[second]}"
            verdict = "kink" if at_kink else found.verdict
            rows.append(GradcheckRow(name, 2, claim.derivative, *found.numeric, verdict, Line(f, x)))
    return rows


def _gradient_along(arguments: Arguments, index: int) -> Callable[[float], Sequence[float]]:
    """The gradient, as a function of one leaf; nan where it is not defined.

    It is computed once at each number, for all its entries.
    """

    def gradient() -> list[float]:
        result = arguments()
        return gradients(result, arguments.leaves) if result.requires_grad else [0.0] * len(arguments.leaves)

    return cache(arguments.defined(gradient, index, [math.nan] * len(arguments.leaves)))


def _entry(gradient: Callable[[float], Sequence[float]], index: int, x: float) -> float:
    return gradient(x)[index]
