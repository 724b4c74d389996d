"""Strategies for Hypothesis: what is drawn is well scaled and away from kinks, shrinks, and finds what is wrong."""

from __future__ import annotations

import itertools
import math
import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, assume, find, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

import autograd
from autograd import PRIMITIVES, Value, compile, grad, gradients, topological_order
from autograd.engine import ops
from autograd.testing import check_gradient, check_vjp
from autograd.testing.random_function import BUILT_IN, LARGEST, LEAST_STEEP, Program
from autograd.testing.strategies import RandomFunction, arrays, functions, numbers, points


def drawn(strategy: SearchStrategy[Any], count: int) -> list[Any]:
    """What a strategy draws, the same each time."""
    found = []

    @settings(max_examples=count, database=None)
    @given(strategy)
    def collect(thing: Any) -> None:
        found.append(thing)

    collect()
    return found


FEW = settings(max_examples=40)
QUICKLY = settings(database=None, phases=[Phase.generate, Phase.shrink])


def smallest(strategy: SearchStrategy[Any], condition: Callable[[Any], bool]) -> Any:
    """What Hypothesis finds first and makes smaller."""
    return find(strategy, condition, settings=settings(QUICKLY, max_examples=2000))


def minimal(test: Callable[..., None]) -> str:
    """The example that Hypothesis prints when a test fails, on one line."""
    with pytest.raises(AssertionError) as failure:
        test()
    return " ".join(" ".join(failure.value.__notes__).split())


# ---------------------------------------------------------------- numbers


@given(
    st.floats(-1e3, 1e3),
    st.floats(0.01, 1e3),
    st.lists(st.floats(-1e3, 1e3), max_size=3),
    st.floats(0.0, 0.3),
    st.data(),
)
def test_numbers_lie_between_the_ends_and_away_from_the_kinks(
    low: float, length: float, shares: list[float], distance: float, data: st.DataObject
) -> None:
    kinks = [low + length * share for share in shares]
    high = low + length
    x = data.draw(numbers(low, high, away_from=kinks, distance=distance * length / 2))
    assert low <= x <= high
    assert all(abs(x - kink) >= distance * length / 2 - 1e-9 * length for kink in kinks)


def test_numbers_are_well_scaled() -> None:
    sizes = sorted(abs(x) for x in drawn(numbers(), 200))
    assert min(size for size in sizes if size) >= 1e-3
    assert sizes[-1] <= 3.0
    # Hypothesis likes simple numbers: of 40 seeds, the least share was 0.83.
    assert sum(size >= 0.1 for size in sizes) >= 0.7 * len(sizes)


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (1e-9, 2e-9), (-1e12, 1e12), (1e6, 1e6 + 1.0), (-1e308, 1e308)])
def test_numbers_spread_over_any_interval(low: float, high: float) -> None:
    found = sorted(drawn(numbers(low, high), 120))
    assert len(set(found)) > 40
    assert found[0] < low + (high - low) / 5
    assert found[-1] > high - (high - low) / 5


def test_a_number_has_few_digits() -> None:
    assert all(len(repr(abs(x))) <= 5 for x in drawn(numbers(), 50))


def test_a_number_shrinks_towards_0_to_where_it_begins_to_fail() -> None:
    assert smallest(numbers(), lambda x: True) == 0.0
    assert smallest(numbers(), lambda x: x > 1.234) == 1.235
    assert smallest(numbers(away_from=[0.0]), lambda x: True) == 0.1
    assert smallest(numbers(away_from=[0.0]), lambda x: x < 0.0) == -0.1


def test_each_side_of_a_kink_is_drawn() -> None:
    found = drawn(numbers(away_from=[0.0, 0.5, 2.9]), 150)
    sides = [sum(low < x < high for x in found) for low, high in ((-3, 0), (0, 0.5), (0.5, 2.9), (2.9, 3))]
    assert sides[-1] == 0  # nothing is as far from 2.9
    assert min(sides[:-1]) > 25


# ---------------------------------------------------------------- points


def test_a_point_is_a_tuple_of_numbers() -> None:
    for point in drawn(points(3, low=0.0, away_from=[1.0]), 40):
        assert len(point) == 3
        assert all(0.0 <= x <= 3.0 and abs(x - 1.0) >= 0.1 - 1e-12 for x in point)


@FEW
@given(points(4, apart=0.3))
def test_numbers_that_are_to_be_apart_are(point: tuple[float, ...]) -> None:
    assert all(abs(x - y) >= 0.3 - 1e-12 for x, y in itertools.combinations(point, 2))


def test_all_places_can_be_taken() -> None:
    (point, *_) = drawn(points(7, apart=1.0), 1)
    assert sorted(point) == [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0]


# ---------------------------------------------------------------- arrays


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", np.float32, np.dtype("float32")])
def test_arrays_have_their_shape_and_type_and_keep_their_distance(dtype: Any) -> None:
    for x in drawn(arrays((2, 3), -1.7, 2.9, away_from=[0.0, 0.7], distance=0.2, dtype=dtype), 50):
        assert (x.shape, x.dtype) == ((2, 3), np.dtype(dtype))
        wide, rounding = x.astype(float), np.finfo(dtype).eps * 3.0
        assert wide.min() >= -1.7 - rounding
        assert wide.max() <= 2.9 + rounding
        assert min(abs(wide).min(), abs(wide - 0.7).min()) >= 0.2 - rounding


def test_a_shape_may_be_a_number_or_drawn() -> None:
    assert smallest(arrays(2), lambda x: True).shape == (2,)
    assert smallest(arrays(()), lambda x: True).shape == ()
    shapes = {x.shape for x in drawn(arrays(st.tuples(st.integers(1, 2), st.integers(0, 2))), 60)}
    assert shapes == set(itertools.product([1, 2], [0, 1, 2]))


def test_entries_of_an_array_shrink_one_by_one() -> None:
    found = smallest(arrays((2, 2), away_from=[0.0]), lambda x: x[1, 0] > 1.5)
    assert found.tolist() == [[0.1, 0.1], [1.501, 0.1]]


@FEW
@given(arrays((3, 3), apart=0.1))
def test_entries_that_are_to_be_apart_are(x: Any) -> None:
    assert np.diff(np.sort(x.ravel())).min() >= 0.1 - 1e-12


def test_an_array_is_fresh_each_time() -> None:
    for x in drawn(arrays(3), 20):
        x += 1e9
    assert all(abs(x).max() <= 3.0 for x in drawn(arrays(3), 20))


# ---------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: numbers(1.0, 1.0), "low must be below high, both finite, not low=1.0 and high=1.0"),
        (lambda: numbers(0.0, math.inf), "low must be below high, both finite, not low=0.0 and high=inf"),
        (lambda: numbers(math.nan), "low must be below high, both finite, not low=nan and high=3.0"),
        (lambda: numbers(away_from=[0.0], distance=-1.0), "distance must be finite and not negative, not -1.0"),
        (lambda: points(2, apart=math.nan), "apart must be finite and not negative, not nan"),
        (
            lambda: arrays(2, 0.0, 1.0, away_from=[0.0, 1.0], distance=0.6),
            "no number from 0.0 to 1.0 is 0.6 away from 0.0, 1.0; choose a smaller distance",
        ),
        (lambda: arrays((3, 3), apart=1.0), "9 numbers do not fit: 1.0 apart there are 7 from -3.0 to 3.0"),
        (lambda: arrays(2, dtype=int), "arrays must be of floats, such as float64 or float32, not of int64"),
        (lambda: drawn(functions(0), 1), "inputs must be 1 or more, not 0"),
        (lambda: drawn(functions(()), 1), "inputs must be 1 or more, not 0"),
        (lambda: drawn(functions(operations=0), 1), "operations must be 1 or more, not 0"),
        (lambda: drawn(functions(primitives=["tan", "arctan"]), 1), "there is no primitive 'arctan'; there are add, "),
        (lambda: RandomFunction("a = tanh(x); a * z", x=1.0), "'z' is not a name of the function 'a = tanh(x); a * z'"),
        (lambda: RandomFunction("tanh(x", x=1.0), "this is not a formula"),
    ],
)
def test_what_cannot_be_drawn_is_refused(make: Callable[[], object], words: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011
        make()
    assert str(refused.value).startswith(words)


def test_without_hypothesis_the_import_says_what_to_install() -> None:
    program = "import sys; sys.modules['hypothesis'] = None; import autograd.testing.strategies"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stderr.splitlines()[-1] == (
        "ImportError: autograd.testing.strategies needs Hypothesis: pip install hypothesis"
    )


# ---------------------------------------------------------------- functions

ANY_FUNCTION = st.integers(1, 4).flatmap(functions)


def leaves_and_result(f: RandomFunction) -> tuple[list[Value], Value]:
    leaves = [Value(x) for x in f.point]
    return leaves, f(*leaves)


@FEW
@given(ANY_FUNCTION)
def test_a_function_is_well_scaled_at_its_point(f: RandomFunction) -> None:
    leaves, result = leaves_and_result(f)
    assert abs(result.data) <= LARGEST
    assert LEAST_STEEP <= max(map(abs, gradients(result, leaves))) <= LARGEST


@FEW
@given(ANY_FUNCTION)
def test_a_function_gives_the_same_for_floats_numpy_numbers_and_values(f: RandomFunction) -> None:
    number = f(*f.point)
    assert type(number) is float
    assert f(*map(np.float64, f.point)) == number
    assert f(*np.array(f.point)) == number
    assert leaves_and_result(f)[1].data == number


@FEW
@given(ANY_FUNCTION)
def test_a_function_is_printed_as_the_program_that_makes_it(f: RandomFunction) -> None:
    again = eval(repr(f))
    assert again == f
    assert hash(again) == hash(f)
    assert (again.point, again.names, again(*f.point)) == (f.point, f.names, f(*f.point))
    nodes, again_nodes = (topological_order(leaves_and_result(each)[1]) for each in (f, again))
    assert [node.op for node in nodes] == [node.op for node in again_nodes]


def test_a_function_can_be_pickled() -> None:
    f = RandomFunction("a = tanh(x); a * y", x=0.5, y=2.0)
    assert pickle.loads(pickle.dumps(f)) == f


@pytest.mark.slow
@FEW
@given(ANY_FUNCTION)
def test_the_right_gradient_passes_and_no_kink_is_near(f: RandomFunction) -> None:
    argnum: Any = 0 if len(f.point) == 1 else range(len(f.point))
    report = check_gradient(f, grad(f, argnum=argnum), *f.point)
    assert {row.verdict for row in report} == {"ok"}, str(report)


@pytest.mark.slow
@FEW
@given(functions(3))
def test_a_compiled_function_gives_the_same(f: RandomFunction) -> None:
    assert compile(lambda x: f(*x))(f.point) == pytest.approx(f(*f.point), rel=1e-12, abs=1e-12)


def test_a_result_that_is_used_twice_is_computed_once() -> None:
    program = Program([0.5])
    for name, *operands in (("tanh", 0), ("multiply", 1, 1), ("negate", 2), ("power", 1, -2.0)):
        assert program.apply(name, *operands)
    assert repr(program.function()) == "RandomFunction('tanh(x) ** (-2.0)', x=0.5)"
    assert program.apply("subtract", 1, 4)
    f = program.function()
    assert f.text == "a = tanh(x); a - a ** (-2.0)"
    assert len(topological_order(leaves_and_result(f)[1])) == 5  # x, a, -2, the power, the difference


def test_negative_numbers_are_written_in_parentheses_where_it_matters() -> None:
    program = Program([0.5])
    assert program.apply("subtract", 0, -1.5)
    assert program.apply("divide", -1.5, 1)
    f = program.function()
    assert f(0.5) == -0.75
    assert f.text == "-1.5 / (x - -1.5)"


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_primitive_takes_part(name: str) -> None:
    found = drawn(functions(2, primitives=[name], operations=2), 20)
    operations = [node.op for f in found for node in topological_order(leaves_and_result(f)[1]) if node.op]
    assert PRIMITIVES[name] in operations
    assert {each.name for each in operations} <= {name, "tanh", "multiply", "add"}


def test_a_plain_number_may_be_either_operand() -> None:
    texts = [f.text for f in drawn(functions((0.5,), primitives=["hypot"], operations=1), 30)]
    assert any(text.startswith("hypot(x, ") and text != "hypot(x, x)" for text in texts)
    assert any(text.endswith(", x)") and text != "hypot(x, x)" for text in texts)


@pytest.mark.parametrize(
    ("name", "operands"),
    [
        ("relu", (0,)),
        ("abs", (0,)),
        ("leaky_relu", (0, 0.5)),
        ("leaky_relu", (0.02, 0)),
        ("maximum", (0, 0.52)),
        ("minimum", (0.48, 0)),
        ("maximum", (0, 0)),
    ],
)
def test_an_operation_near_a_kink_is_left_out(name: str, operands: tuple[Any, ...]) -> None:
    program = Program([0.5])
    if name in ("relu", "abs") or operands == (0, 0.5):
        program.apply("subtract", 0, 0.48)
        operands = tuple(1 if operand == 0 and isinstance(operand, int) else operand for operand in operands)
    before = program.operands()
    assert not program.apply(name, *operands)
    assert program.operands() == before


def test_an_operation_whose_result_is_badly_scaled_is_left_out() -> None:
    program = Program([3.0])
    assert program.apply("exp", 0)
    assert not program.apply("multiply", 1, 1)  # 403, as steep as 807
    assert not program.apply("multiply", 0, 1e-3)
    assert not program.apply("subtract", 0, 0)
    assert program.function().text == "exp(x)"


@pytest.mark.usefixtures("table")
def test_a_primitive_of_the_user_takes_part_if_it_is_named() -> None:
    class Cube(autograd.Unary):
        name = "cube"
        samples = (2.0,)

        def forward(self, x: float) -> float:
            if x > 2.0:
                raise ValueError("too large")
            return x**3

        def partial_x(self, x: Any, out: Any) -> Any:
            return 3.0 * x * x

    Cube()
    assert smallest(functions(1, primitives=["cube"]), lambda f: f.text == "cube(x)").point < (0.1,)
    assert "cube" not in BUILT_IN


def test_a_function_shrinks_to_what_matters() -> None:
    chosen = ["sigmoid", "cos", "exp", "multiply"]
    found = smallest(functions(2, primitives=chosen), lambda f: "sigmoid" in f.text and "cos(" in f.text)
    assert found.text.count("(") <= 3
    assert max(map(abs, found.point)) <= 0.1


def test_the_point_may_be_given() -> None:
    assert all(f.point == (0.25, 7.0) for f in drawn(functions((0.25, 7.0)), 20))


def test_inputs_are_called_x_y_and_z_or_numbered() -> None:
    assert smallest(functions(3), lambda f: True).names == ("x", "y", "z")
    assert smallest(functions(4), lambda f: True).names == ("x1", "x2", "x3", "x4")
    f = RandomFunction("w * b", w=2.0, b=3.0)
    assert [row.name for row in check_gradient(f, lambda w, b: (b, w), *f.point)] == ["d/dw", "d/db"]


def test_a_function_refuses_another_number_of_inputs_and_what_is_no_number() -> None:
    f = RandomFunction("x * y", x=2.0, y=3.0)
    with pytest.raises(TypeError, match=r"RandomFunction\('x \* y', x=2.0, y=3.0\) takes 2 numbers, not 1$"):
        f(1.0)
    with pytest.raises(TypeError, match="a Value holds one real number, not an array"):
        f(np.ones(2), 1.0)


# ---------------------------------------------------------------- what is wrong is found


def test_a_wrong_backward_pass_is_found_and_shrunk() -> None:
    @QUICKLY
    @given(arrays(2, away_from=[0.0]))
    def test(x: Any) -> None:
        assert check_vjp(lambda x: np.maximum(x, 0.0), lambda g, x: g * (x > 0.7), x)  # the gradient is 1 from 0 on

    assert "x=array([0.1, 0.1])" in minimal(test)


def test_a_wrong_derivative_of_a_primitive_is_found_and_shrunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ops.Tanh, "float_partial_x", lambda self, x, y, out: 1.0 - out)

    @QUICKLY
    @given(functions(2))
    def test(f: RandomFunction) -> None:
        assert check_gradient(f, grad(f, argnum=(0, 1)), *f.point)

    program = minimal(test).partition("f=RandomFunction('")[2].partition("'")[0]
    assert "tanh(" in program
    assert program.count("(") <= 5  # how much is left over depends on the draws


def test_ties_are_kept_away_from_a_maximum() -> None:
    @FEW
    @given(arrays(4, apart=0.1))
    def test(x: Any) -> None:
        assert {row.verdict for row in check_gradient(np.max, lambda x: 1.0 * (x == x.max()), x)} == {"ok"}

    test()


def test_a_kink_elsewhere_is_left_out_by_assume() -> None:
    w = np.array([[1.0, -2.0], [0.5, 1.5]])

    @FEW
    @given(arrays((2, 2)))
    def test(x: Any) -> None:
        assume(abs(x @ w).min() > 0.01)
        report = check_gradient(lambda x: np.maximum(x @ w, 0.0).sum(), lambda x: (x @ w > 0.0) @ w.T, x)
        assert {row.verdict for row in report} == {"ok"}

    test()


@given(points(2, away_from=[0.0, 1.0]))
def test_the_kinks_of_a_clipped_number_are_kept_away(point: tuple[float, float]) -> None:
    def clipped(x: float, y: float) -> float:
        return min(max(x, 0.0), 1.0) * y

    report = check_gradient(clipped, lambda x, y: (y * (0.0 < x < 1.0), min(max(x, 0.0), 1.0)), *point)
    assert {row.verdict for row in report} == {"ok"}
