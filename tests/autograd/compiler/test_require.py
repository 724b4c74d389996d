"""`require`: a check of numbers that a compiled function keeps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd
from autograd import CompileError, Value, compile, require, where
from autograd.compiler.loop.run import has_numba

RUNTIMES = ["numpy", "python", *(["numba"] if has_numba() else [])]
REFUSED = r"^a probability is from 0 to 1, not 7\.0$"


def loss(output: Any, target: Any) -> Any:
    require((target >= 0.0) & (target <= 1.0), "a probability is from 0 to 1, not {}", target)
    return (output - target) ** 2


@pytest.mark.parametrize("target", [7.0, 7, Value(7.0)], ids=repr)
def test_a_condition_that_does_not_hold_is_a_value_error(target: Any) -> None:
    with pytest.raises(ValueError, match=REFUSED):
        loss(1.0, target)
    assert loss(1.0, 0.5) == 0.25


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("way", ["__call__", "value_and_grad"])
def test_each_call_of_a_compiled_function_is_checked(runtime: str, way: str) -> None:
    call = getattr(compile(loss, runtime=runtime), way)
    call(1.0, 0.5)
    with pytest.raises(ValueError, match=REFUSED):
        call(1.0, 7.0)
    call(1.0, 1.0)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_call_with_values_is_checked(runtime: str) -> None:
    with pytest.raises(ValueError, match=REFUSED):
        compile(loss, runtime=runtime)(Value(1.0), 7.0)


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("way", ["__call__", "per_example", "vmap", "value_and_grad"])
def test_each_example_of_a_batch_is_checked(runtime: str, way: str) -> None:
    call = getattr(compile(loss, batched=("output", "target"), runtime=runtime), way)
    call([1.0, 2.0, 3.0], [0.0, 0.5, 1.0])
    with pytest.raises(ValueError, match=REFUSED):
        call([1.0, 2.0, 3.0], [0.0, 7.0, 1.0])


def test_a_prepared_function_checks_arguments_once_and_parameters_each_time() -> None:
    p = Value(1.0)

    def scaled(output: Any, target: Any) -> list[Any]:
        require(p > 0.0, "the scale must be positive, not {}", p)
        return [p * loss(output, target)]

    function = compile(scaled, batched=("output", "target")).prepared([1.0], [1.0])
    outputs, good, bad = np.array([1.0, 2.0]), np.array([0.5, 1.0]), np.array([0.5, 7.0])
    function.require(outputs, good)
    with pytest.raises(ValueError, match=REFUSED):
        function.require(outputs, bad)
    for call in (function.values, function.value_and_grad):
        call(np.array([2.0]), outputs, good)
        with pytest.raises(ValueError, match=r"the scale must be positive, not -2\.0"):
            call(np.array([-2.0]), outputs, good)


def test_a_check_of_parameters_reads_them_at_each_call() -> None:
    p = Value(1.0)

    def f(x: Any) -> Any:
        require(p > 0.0, "the scale must be positive, not {}", p)
        return x * p

    compiled = compile(f)
    assert compiled(3.0).data == 3.0
    p.data = -2.0
    with pytest.raises(ValueError, match=r"the scale must be positive, not -2\.0"):
        compiled(3.0)


def test_a_check_changes_no_gradient() -> None:
    def f(x: Any) -> Any:
        require(autograd.sqrt(x) >= 0.0, "{} has no root", x)
        return x * 3.0

    assert compile(f).value_and_grad(0.0) == (0.0, (3.0,))


def test_conditions_are_joined() -> None:
    def sign(x: Any) -> Any:
        require((x == -1.0) | (x == 1.0), "{} is no sign", x)
        return autograd.where((x > 0.0) & (x < 2.0), 1.0, -1.0)

    assert [compile(sign)(number) for number in (-1.0, 1.0)] == [-1.0, 1.0] == [sign(-1.0), sign(1.0)]
    for call in (sign, compile(sign)):
        with pytest.raises(ValueError, match=r"0\.5 is no sign"):
            call(0.5)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_conditions_are_compared(runtime: str) -> None:
    def f(x: Any, y: Any) -> Any:
        same = autograd.where((x > 0.0) == (y > 0.0), 1.0, 0.0 * x)
        differ = autograd.where((x > 0.0) != (y != 0.0), 10.0, 0.0 * x)
        return same + differ + autograd.where((x > 0.0) == True, 100.0, 0.0 * x)  # noqa: E712

    compiled = compile(f, runtime=runtime)
    for x in (-1.0, 1.0):
        for y in (-1.0, 0.0, 1.0):
            assert compiled(x, y) == f(x, y)


@pytest.mark.parametrize("ask", [float, int, lambda condition: [1.0, 2.0][condition]], ids=["float", "int", "index"])
def test_the_number_of_a_comparison_is_not_known_while_recording(ask: Any) -> None:
    with pytest.raises(CompileError, match="asks for the number of a comparison, which cannot be compiled"):
        compile(lambda x: x * ask(x > 0.0))(1.0)


@pytest.mark.parametrize("other", [2, -1, 0.5, Value(1.0)], ids=repr)
def test_a_number_is_not_joined_to_a_condition(other: Any) -> None:
    for f in (lambda x: autograd.where((x > 0.0) & other, x, 0.0), lambda x: autograd.where((x > 0.0) | other, x, 0.0)):
        with pytest.raises(TypeError, match="unsupported operand"):
            compile(f)(1.0)


def test_nan_does_not_pass() -> None:
    with pytest.raises(ValueError, match="not nan"):
        compile(loss)(1.0, np.nan)


def test_a_check_that_is_there_the_second_time_alone_is_refused() -> None:
    runs: list[None] = []

    def f(x: Any) -> Any:
        runs.append(None)
        if len(runs) % 2 == 0:
            require(x > 0.0, "{} is too small", x)
        return where_positive(x)

    def where_positive(x: Any) -> Any:
        return autograd.where(x > 0.0, x, 0.0)

    with pytest.raises(CompileError, match="does something different each time"):
        compile(f)(1.0)


# ---------------------------------------------------------------- wrong conditions and messages


@pytest.mark.parametrize("condition", ["x > 0", [False], None, np.array([True, False])], ids=repr)
def test_what_is_no_condition_is_refused(condition: Any) -> None:
    expected = "a condition is a comparison, such as x > 0, or a bool, not "
    with pytest.raises(TypeError, match=expected):
        require(condition, "never said")
    with pytest.raises(TypeError, match=expected):
        where(condition, 1.0, 2.0)


def test_bools_of_numpy_and_numbers_are_conditions() -> None:
    conditions = (np.bool_(True), np.array(False), 0.0, Value(3.0))
    assert [where(condition, 1.0, 2.0) for condition in conditions] == [1.0, 2.0, 2.0, 1.0]


@pytest.mark.filterwarnings("ignore:Bitwise inversion:DeprecationWarning")  # newer Pythons warn of ~True
@pytest.mark.parametrize("run", [lambda f: f, compile], ids=["eager", "compiled"])
def test_a_condition_is_not_negated_by_a_tilde(run: Any) -> None:
    with pytest.raises(TypeError, match=r"~ does not negate .* x <= 0 for ~\(x > 0\)"):
        run(lambda x: where(~(x > 0.0), x, -x))(1.0)


@pytest.mark.parametrize("run", [lambda f: f, compile], ids=["eager", "compiled"])
def test_a_message_in_the_place_of_the_condition_is_refused(run: Any) -> None:
    def f(x: Value) -> Value:
        require("x must be negative", x < 0)  # type: ignore[arg-type]
        return x

    with pytest.raises(TypeError, match="takes a condition, then a message, which is a str, not "):
        run(f)(1.0)


@pytest.mark.parametrize("run", [lambda f: f, compile], ids=["eager", "compiled"])
@pytest.mark.parametrize("message", ["x is {}, not {}", "x is {x}", "x is {"])
def test_a_message_that_its_numbers_do_not_fill_in_is_refused(run: Any, message: str) -> None:
    def f(x: Value) -> Value:
        require(x < 0, message, x)
        return x

    with pytest.raises(TypeError, match=r"each {} in a message of require .* cannot be filled in with 1 number$"):
        run(f)(1.0)
