"""Compiled functions run by a loop over their scalar operations: its rules, which graphs take it, and how they run."""

from __future__ import annotations

import math
import os
import random
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import PRIMITIVES, Primitive, Unary, Value, compile, gradients, where
from autograd.compiler.loop import run as loop_run
from autograd.compiler.loop.program import LoopProgram
from autograd.compiler.loop.run import has_numba
from autograd.compiler.tape import EQUAL, LESS, LESS_EQUAL, SELECT_IF, SELECT_UNLESS, TapeOperation

needs_numba = pytest.mark.skipif(not has_numba(), reason="Numba is not installed")
LOOPS = ["python", pytest.param("numba", marks=needs_numba)]
BUILT_IN = [primitive for primitive in PRIMITIVES.values() if type(primitive).__module__.startswith("autograd.")]
CHOICES = [LESS, LESS_EQUAL, EQUAL, SELECT_IF, SELECT_UNLESS]


class Cube(Unary):
    """A primitive that a user wrote."""

    name = "cube_of_the_loop_tests"
    samples = (2.0,)

    def forward(self, x: float) -> float:
        return x * x * x

    def partial_x(self, x: Any, out: Any) -> Any:
        return 3.0 * x * x


@pytest.fixture
def cube() -> Any:
    yield Cube()
    del PRIMITIVES[Cube.name]


# ---------------------------------------------------------------- the rules of the compiled loop


def points(primitive: Primitive) -> list[tuple[float, ...]]:
    """The sample points, random ones from the domain, and some that are out of range."""
    dice = random.Random(0)
    drawn = [tuple(dice.uniform(*interval) for interval in primitive.intervals()) for _ in range(200)]
    far = [(x,) * len(primitive.operands) for x in (0.0, -0.0, -2.0, 1e200, -1e200, math.inf, -math.inf, math.nan)]
    return primitive.points() + list(getattr(primitive, "samples_in_x", ())) + drawn + far


def number_of(rule: Callable[..., Any], *operands: float) -> float:
    """What a scalar rule gives; nan where it raises."""
    try:
        return float(rule(*operands))
    except (ArithmeticError, ValueError):
        return math.nan


def assert_same(found: float, wanted: float) -> None:
    if math.isfinite(wanted):
        assert found == pytest.approx(wanted, rel=1e-12, abs=1e-300)
    else:
        assert not math.isfinite(found)


@needs_numba
def test_every_operation_has_a_code_of_its_own_and_no_code_is_left_over() -> None:
    from autograd.compiler.loop import codes, program, rules

    sums = [program.TERMS, program.PRODUCTS, program.TERM_AND_PRODUCTS, program.SIGNED]
    assert sorted(rules.CODES) == sorted(operation.name for operation in [*BUILT_IN, *CHOICES, *sums])
    for name, code in rules.CODES.items():
        constant = {"sum_of_terms": "TERMS", "sum_of_products": "PRODUCTS"}.get(name, name.upper())
        constant = {"SUM_OF_TERM_AND_PRODUCTS": "TERM_AND_PRODUCTS"}.get(constant, constant)
        constant = {"SUM_OF_SIGNED_TERMS_AND_PRODUCTS": "SIGNED"}.get(constant, constant)
        assert getattr(codes if hasattr(codes, constant) else rules, constant) == code
    assert len(set(rules.CODES.values())) == len(rules.CODES)


@needs_numba
@pytest.mark.parametrize("primitive", BUILT_IN, ids=lambda primitive: primitive.name)
def test_the_rule_of_the_loop_is_the_rule_of_the_primitive(primitive: Any) -> None:
    from autograd.compiler.loop import rules

    code = rules.CODES[primitive.name]
    for at in points(primitive):
        x, y = (*map(float, at), 0.0)[:2]
        wanted = number_of(primitive.forward, *at)
        assert_same(rules.value(code, x, y), wanted)
        if math.isfinite(wanted):  # else there is no derivative to compare
            assert_same(rules.partial_x(code, x, y, wanted), number_of(primitive.partial_x, *at, wanted))
            if not isinstance(primitive, Unary):
                assert_same(rules.partial_y(code, x, y, wanted), number_of(primitive.partial_y, *at, wanted))


@needs_numba
@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: choice.name)
def test_the_rule_of_a_choice_is_its_own(choice: TapeOperation) -> None:
    from autograd.compiler.loop import rules

    code = rules.CODES[choice.name]
    for x, y in [(0.0, 2.0), (1.0, 3.0), (1.0, 1.0), (2.0, -1.0), (0.0, 0.0), (math.nan, 1.0), (0.0, math.nan)]:
        out = choice.forward(x, y)
        assert rules.value(code, x, y) == pytest.approx(out, nan_ok=True)
        assert rules.partial_x(code, x, y, out) == choice.partial_x(x, y, out)
        assert rules.partial_y(code, x, y, out) == choice.partial_y(x, y, out)


@pytest.mark.parametrize("runtime", LOOPS)
@pytest.mark.parametrize("primitive", BUILT_IN, ids=lambda primitive: primitive.name)
def test_a_result_out_of_range_is_what_array_instructions_give(primitive: Any, runtime: str) -> None:
    array = compile(primitive, check_finite=False, runtime="numpy")
    loop = compile(primitive, check_finite=False, runtime=runtime)
    for at in points(primitive):
        if not all(map(math.isfinite, at)):
            continue
        wanted, wanted_slopes = array.value_and_grad(*at)
        found, found_slopes = loop.value_and_grad(*at)
        assert math.isfinite(found) == math.isfinite(wanted)
        assert np.isfinite(found_slopes).tolist() == np.isfinite(wanted_slopes).tolist()


# ---------------------------------------------------------------- the program


def program_of(f: Callable[..., Any], *arguments: Any) -> LoopProgram:
    compiled = compile(f, runtime="python")
    compiled(*arguments)
    assert isinstance(compiled.program, LoopProgram)
    return compiled.program


def test_a_program_reads_like_the_function() -> None:
    w = Value(3.0)
    text = str(program_of(lambda x, y: autograd.tanh(x[0] * x[1] - y * 0.5 + x[0] * w) - y, np.ones(2), np.array(1.0)))
    assert text.splitlines() == [
        "x[2] = argument",
        "y[1] = argument",
        "captured[1] = captured",
        "r1 = x[0] * x[1] + y[0] * -0.5 + x[0] * captured[0]",
        "r2 = tanh(r1)",
        "r3 = subtract(r2, y[0])",
        "return r3",
        "# operations: 3, terms in sums: 3",
    ]


def test_a_long_program_shows_its_beginning() -> None:
    def f(x: Value) -> Value:
        for _ in range(100):
            x = autograd.sin(x)
        return x

    lines = str(program_of(f, 1.0)).splitlines()
    assert lines[-4:] == [
        "r40 = sin(r39)",
        "... and 60 more",
        "return r100",
        "# operations: 100, terms in sums: 0",
    ]


def test_what_no_result_needs_is_left_out() -> None:
    assert program_of(lambda x: [autograd.exp(x), x + 1.0][1], 2.0).operations == [PRIMITIVES["add"]]


def test_a_sum_that_is_used_twice_stays_one_number() -> None:
    program = program_of(lambda x: (x[0] + x[1]) * 2.0 + (x[0] + x[1]) * x[2], [1.0, 2.0, 3.0])
    assert [operation.name for operation in program.operations] == ["add", "sum_of_products"]


@pytest.mark.parametrize("runtime", LOOPS)
def test_sums_are_added_up_from_left_to_right(runtime: str) -> None:
    numbers = [1e16, 1.0, -1e16, 1.0]  # any other order gives something else
    total = autograd.sum(map(Value, numbers)).data
    assert compile(lambda x: autograd.sum(x), runtime=runtime)(numbers) == total == 1.0


SUMS: list[Callable[[Any], Value]] = [
    lambda x: x[0] - (x[1] - (x[2] - x[3])),
    lambda x: -(x[0] * x[1]) - x[2] * x[3] + x[0],
    lambda x: x[0] - 2.0 * x[1] - x[2] * 3.0 + 1.0,
    lambda x: -(-(x[0] + x[1]) - x[2]) + x[3],
    lambda x: x[3] + x[0] * x[0] - x[1] * x[1],
    lambda x: x[0] + x[1] + x[0] + x[2] * -1.5,
    lambda x: x[3] + x[1] + x[0],
    lambda x: autograd.dot(x, x[::-1]) * x[0],
]


@pytest.mark.parametrize("runtime", LOOPS)
@pytest.mark.parametrize("f", SUMS)
def test_sums_of_every_kind_agree_with_the_eager_engine(f: Callable[[Any], Value], runtime: str) -> None:
    leaves = [Value(number) for number in (1.5, -0.25, 3.0, 0.7)]
    root = f(leaves)
    value, (slope,) = compile(f, runtime=runtime).value_and_grad([leaf.data for leaf in leaves])
    assert value == pytest.approx(root.data, rel=1e-15)
    assert slope.tolist() == pytest.approx(gradients(root, leaves), rel=1e-15)


@pytest.mark.parametrize("runtime", LOOPS)
@pytest.mark.parametrize("f", SUMS)
def test_the_derivative_by_a_single_number_is_that_of_the_eager_engine(f: Callable[[Any], Value], runtime: str) -> None:
    def of_one(x: Any) -> Value:
        row = [x, autograd.sin(x), x.detach() * 2.0, x / (1.0 + x)]
        return f(row) + autograd.leaky_relu(f(row), 0.1 * x)

    leaf = Value(0.8)
    root = of_one(leaf)
    value, (slope,) = compile(of_one, runtime=runtime).value_and_grad(0.8)
    assert (value, float(slope)) == pytest.approx((root.data, *gradients(root, [leaf])), rel=1e-14)


@pytest.mark.parametrize("runtime", LOOPS)
def test_the_gradient_of_a_result_knows_nothing_of_the_other_results(runtime: str) -> None:
    x, y = Value(0.0), Value(3.0)
    fine, steep = compile(lambda x, y: [x * y, autograd.sqrt(x)], runtime=runtime)(x, y)
    fine.backward()
    assert (steep.data, x.grad) == (0.0, 3.0)
    of_one = compile(lambda x: [x * 2.0, autograd.sqrt(x)], runtime=runtime)(x)
    of_one[0].backward()
    assert x.grad == 5.0


@pytest.mark.parametrize("runtime", LOOPS)
def test_an_infinite_derivative_is_told_even_where_no_gradient_comes(runtime: str) -> None:
    f = compile(lambda x, y: autograd.sqrt(x) * 0.0 + y, check_finite=False, runtime=runtime)
    assert math.isnan(f.value_and_grad(0.0, 1.0)[1][0])


@pytest.mark.parametrize("runtime", LOOPS)
@pytest.mark.parametrize(
    "f",
    [
        lambda x: 2.0 * x + 3.0 * x,
        lambda x: x.detach() - 2.0 * x - x * 3.0 + x,
        lambda x: x.detach() * 4.0 + 1.0 + 2.0 * x,
        lambda x: x - x.detach() - x.detach() * x.detach(),
        lambda x: x * 0.5 - math.inf,
    ],
)
def test_what_wants_no_gradient_adds_nothing_to_a_derivative_at_infinity(f: Any, runtime: str) -> None:
    leaf = Value(1.0)
    (wanted,) = gradients(f(leaf), [leaf])  # the same everywhere, since f is linear but for what is detached
    _, (slope,) = compile(f, runtime=runtime).value_and_grad(math.inf)
    assert float(slope) == wanted


@pytest.mark.parametrize("runtime", LOOPS)
def test_of_many_numbers_a_single_one_may_want_a_gradient(runtime: str) -> None:
    f = compile(lambda x, w: autograd.sin(autograd.sum(x) * w), batched="x", runtime=runtime)
    x = np.array([[1.0, 2.0], [0.5, 0.25]])
    value, (nothing, slope) = f.value_and_grad(x, 0.3)
    totals = x.sum(axis=1)
    assert nothing is None
    assert value == pytest.approx(np.sin(totals * 0.3).mean())
    assert float(slope) == pytest.approx((totals * np.cos(totals * 0.3)).mean())


# ---------------------------------------------------------------- which runtime


def deep(x: Any, width: int, depth: int) -> Any:
    row = [x[index % len(x)] * (1.0 + index) for index in range(width)]
    for _ in range(depth):
        row = [autograd.sin(number) for number in row]
    return autograd.mean(row)


def chosen(width: int, depth: int, **options: Any) -> str:
    compiled = compile(lambda x: deep(x, width, depth), **options)
    compiled.value_and_grad(np.array([0.5, 0.7]) if "batched" not in options else np.full((2000, 2), 0.5))
    return compiled.runtime


def test_a_shallow_graph_takes_array_instructions() -> None:
    assert chosen(width=1, depth=5) == "numpy"


@needs_numba
def test_a_deep_narrow_graph_takes_the_compiled_loop() -> None:
    assert chosen(width=2, depth=600) == "numba"


def test_a_deep_narrow_graph_takes_the_plain_loop_without_numba(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop_run, "has_numba", lambda: False)
    assert chosen(width=2, depth=600) == "python"


def test_a_small_graph_takes_the_plain_loop() -> None:
    assert chosen(width=2, depth=50) == "python"


def test_a_large_batch_takes_array_instructions() -> None:
    assert chosen(width=50, depth=30, batched="x") == "numpy"


@pytest.mark.parametrize("fastest", ["numpy", "python"])
def test_where_the_shape_does_not_decide_the_faster_one_is_kept(monkeypatch: pytest.MonkeyPatch, fastest: str) -> None:
    monkeypatch.setattr(loop_run, "has_numba", lambda: False)
    monkeypatch.setattr(loop_run, "seconds", lambda runtime, arguments: 1.0 if runtime.name == fastest else 2.0)
    assert chosen(width=100, depth=30) == fastest


def test_both_are_timed_on_the_arguments_of_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop_run, "has_numba", lambda: False)
    timed: list[tuple[str, float]] = []
    time_of = loop_run.seconds

    def noted(runtime: Any, arguments: Any) -> float:
        timed.append((runtime.name, arguments[0][0]))
        return time_of(runtime, arguments)

    monkeypatch.setattr(loop_run, "seconds", noted)
    chosen(width=100, depth=30)
    assert sorted(timed) == [("numpy", 0.5), ("python", 0.5)]


def test_a_runtime_by_name_is_taken_whatever_the_shape() -> None:
    assert chosen(width=2, depth=2, runtime="python") == "python"
    assert chosen(width=2, depth=600, runtime="numpy") == "numpy"


def test_an_unknown_runtime_is_refused() -> None:
    with pytest.raises(ValueError, match="the runtime is one of 'auto', 'numpy', 'numba', 'python', not 'torch'"):
        compile(lambda x: x, runtime="torch")


def test_numba_by_name_needs_numba(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop_run, "has_numba", lambda: False)
    with pytest.raises(ImportError, match=r"scalar-autograd\[jit\]"):
        compile(lambda x: x, runtime="numba")


def test_there_is_no_runtime_before_the_first_call() -> None:
    with pytest.raises(RuntimeError, match="before the first call"):
        _ = compile(lambda x: x).runtime


def test_a_deep_graph_with_a_primitive_of_the_user_takes_a_loop(cube: Any) -> None:
    def f(x: Any) -> Any:
        for _ in range(600):
            x = autograd.sin(0.5 * cube(x))
        return x

    compiled = compile(f)
    leaf = Value(1.1)
    root = f(leaf)
    value, (slope,) = compiled.value_and_grad(1.1)
    assert compiled.runtime == ("numba" if has_numba() else "python")
    assert (value, float(slope)) == pytest.approx((root.data, *gradients(root, [leaf])), rel=1e-12)


# ---------------------------------------------------------------- running


@pytest.mark.parametrize("runtime", LOOPS)
def test_a_result_that_is_not_finite_names_the_operation(runtime: str) -> None:
    f = compile(lambda x: autograd.log(x - 5.0), runtime=runtime)
    with pytest.raises(ValueError, match=r"log\(x\) is not defined at x = -3\.0"):
        f.value_and_grad(2.0)


@pytest.mark.parametrize("runtime", LOOPS)
def test_a_derivative_that_is_not_finite_names_the_operation(runtime: str) -> None:
    f = compile(lambda x: autograd.sqrt(x), runtime=runtime)
    with pytest.raises(FloatingPointError, match=r"the derivative of sqrt\(x\) = 0\.0 at x = 0\.0"):
        f.value_and_grad(0.0)


@pytest.mark.parametrize("runtime", LOOPS)
def test_no_gradient_flows_where_none_is_wanted(runtime: str) -> None:
    f = compile(lambda x: x.detach() * x + where(x > 1.0, x, 0.0), runtime=runtime)
    _, (slope,) = f.value_and_grad(3.0)
    assert float(slope) == 4.0


@pytest.mark.parametrize("runtime", LOOPS)
def test_a_power_with_a_constant_exponent_takes_a_negative_base(runtime: str) -> None:
    value, (slope,) = compile(lambda x: x**3, runtime=runtime).value_and_grad(-2.0)
    assert (value, float(slope)) == (-8.0, 12.0)


@pytest.mark.parametrize("runtime", LOOPS)
def test_single_precision_is_what_comes_out(runtime: str) -> None:
    f = compile(lambda x: x[0] * x[1], dtype="float32", runtime=runtime)
    value, (slope,) = f.value_and_grad(np.array([0.1, 3.0], np.float32))
    assert slope.dtype == np.float32
    assert value == pytest.approx(0.3, rel=1e-6)


@pytest.mark.parametrize("runtime", LOOPS)
def test_calls_in_several_threads_do_not_meet(runtime: str) -> None:
    f = compile(lambda x: deep(x, 3, 100), runtime=runtime)
    points = [np.array([0.1 * index, 0.5]) for index in range(8)]
    wanted = [f.value_and_grad(point) for point in points]
    wrong: list[int] = []

    def work(index: int) -> None:
        for _ in range(50):
            value, (slope,) = f.value_and_grad(points[index])
            if value != wanted[index][0] or (slope != wanted[index][1][0]).any():
                wrong.append(index)

    threads = [threading.Thread(target=work, args=(index,)) for index in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.slow
@pytest.mark.parametrize("runtime", LOOPS)
def test_a_chain_of_100_000_operations_agrees_with_the_eager_engine(runtime: str) -> None:
    def f(x: Any) -> Any:
        total = x[0]
        for _ in range(50_000):
            total = autograd.tanh(total + x[1])
        return total

    leaves = [Value(0.3), Value(0.01)]
    root = f(leaves)
    value, (slope,) = compile(f, runtime=runtime).value_and_grad([0.3, 0.01])
    assert value == pytest.approx(root.data, rel=1e-12)
    assert slope.tolist() == pytest.approx(gradients(root, leaves), rel=1e-12)


# ---------------------------------------------------------------- importing and caching Numba


def run_python(program: str, **environment: str) -> str:
    """What a program prints, run apart with warnings as errors."""
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(program)],
        env=os.environ | environment,
        cwd=Path(autograd.__file__).parent.parent,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_numba_is_not_imported_for_array_instructions_and_small_graphs() -> None:
    assert run_python("""
        import sys
        from autograd import compile, sin

        compile(lambda x: x * x).value_and_grad(2.0)

        def repeated(x):
            for _ in range(50):
                x = sin(x)
            return x

        deep = compile(repeated)
        deep.value_and_grad(2.0)
        print(deep.runtime, "numba" in sys.modules)
    """).split() == ["python", "False"]


@pytest.mark.slow
@needs_numba
def test_the_compiled_loop_is_kept_on_disk_where_the_user_says(tmp_path: Path) -> None:
    program = """
        from autograd import compile

        print(compile(lambda x: x[0] * x[1], runtime="numba").value_and_grad([3.0, 3.0])[0])
        from autograd.compiler.loop import numba_loop

        print(sum(numba_loop.forward.stats.cache_hits.values()))
    """
    found = [run_python(program, NUMBA_CACHE_DIR=str(tmp_path)).split() for _ in range(2)]
    assert found == [["9.0", "0"], ["9.0", "1"]]


@needs_numba
def test_where_nothing_can_be_kept_on_disk_the_loop_is_compiled_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    import numba

    from autograd.compiler.loop import jit

    njit = numba.njit

    def without_a_place(*arguments: Any, cache: bool = False, **options: Any) -> Any:
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return njit(*arguments, **options)

    monkeypatch.setattr(numba, "njit", without_a_place)
    assert jit.jitted(lambda x: x + 1.0)(2.0) == 3.0
