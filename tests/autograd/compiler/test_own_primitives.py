"""Primitives that a user wrote, compiled: translated, compared with their own rules, or called element by element."""

from __future__ import annotations

import copy
import math
import pickle
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Binary, CompileError, NotTranslatedWarning, Unary, Value, compile, gradients, where
from autograd.compiler import own_rules
from autograd.compiler.arrays import own
from autograd.compiler.loop.run import has_numba
from autograd.rules import numba_language, numpy_language

RUNTIMES = ["numpy", "python", *(["numba"] if has_numba() else [])]
needs_numba = pytest.mark.skipif(not has_numba(), reason="needs Numba")
TRANSLATING = [runtime for runtime in RUNTIMES if runtime != "python"]
pytestmark = pytest.mark.usefixtures("table")

SCALE = 2.0


class Softsign(Unary):
    """That of the tour (docs/tour.md)."""

    name = "softsign"
    samples = (-2.0, 0.5, 3.0)

    def forward(self, x: float) -> float:
        return x / (1 + abs(x))

    def partial_x(self, x: Any, out: Any) -> Any:
        return 1 / (1 + abs(x)) ** 2


class Logistic(Unary):
    """Raises an OverflowError far left, where an infinity in place of it would give a number."""

    name = "own_logistic"
    samples = (0.5,)

    def forward(self, x: float) -> float:
        return 1 / (1 + math.exp(-x))

    def partial_x(self, x: Any, out: Any) -> Any:
        return out * (1 - out)


class OfPositives(Unary):
    name = "of_positives"
    samples = (0.5, 2.0)
    domain = (0.1, 3.0)

    def forward(self, x: float) -> float:
        if x < 0:
            raise ValueError("it has no value to the left of 0")
        return x * math.sqrt(x)

    def partial_x(self, x: Any, out: Any) -> Any:
        return 1.5 * autograd.sqrt(x)


class Scaled(Unary):
    name = "scaled_by_a_global"
    samples = (0.5,)

    def forward(self, x: float) -> float:
        return SCALE * x

    def partial_x(self, x: Any, out: Any) -> Any:
        return SCALE


def half(x: Any) -> Any:
    return 0.5 * x


class Bounded(Binary):
    """With kinks, a helper function, and a rule that returns a plain number."""

    name = "bounded"
    samples = ((1.0, 2.0), (2.0, 2.0))

    def forward(self, x: float, y: float) -> float:
        return half(y) if x > half(y) else x * y

    def partial_x(self, x: Any, y: Any, out: Any) -> Any:
        return 0.0 if x > half(y) else y

    def partial_y(self, x: Any, y: Any, out: Any) -> Any:
        return 0.5 if x > half(y) else x


class WithAttribute(Unary):
    name = "with_attribute"
    samples = (0.5,)

    def __init__(self) -> None:
        super().__init__()
        self.factor = 3.0

    def forward(self, x: float) -> float:
        return self.factor * x * x

    def partial_x(self, x: Any, out: Any) -> Any:
        return 2.0 * self.factor * x


@pytest.fixture(autouse=True)
def unwarned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was warned of, and nothing was translated, before a test."""
    monkeypatch.setattr(own_rules, "_warned", set())


def eager(f: Callable[..., Any], *numbers: float) -> tuple[float, list[float]]:
    leaves = list(map(Value, numbers))
    root = f(*leaves)
    return root.data, gradients(root, leaves)


def chain_of(op: Any, depth: int = 40) -> Callable[[Any], Any]:
    def f(x: Any) -> Any:
        for _ in range(depth):
            x = op(x) + 0.5 * x
        return x

    return f


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("x", [-3.5, -0.0, 0.7, 1e9])
def test_the_softsign_of_the_tour_gives_what_eager_code_gives(runtime: str, x: float) -> None:
    f = chain_of(Softsign())
    value, (gradient,) = compile(f, runtime=runtime).value_and_grad(x)
    expected, (slope,) = eager(f, x)
    assert (value, float(gradient)) == pytest.approx((expected, slope), rel=1e-12)


@pytest.mark.parametrize("runtime", TRANSLATING)
def test_a_translated_primitive_does_not_run_its_own_rules(runtime: str, monkeypatch: pytest.MonkeyPatch) -> None:
    f = compile(chain_of(Softsign()), runtime=runtime)
    f.value_and_grad(0.5)
    called: list[object] = []
    monkeypatch.setattr("autograd.compiler.arrays.own.as_float", lambda *operands: called.append(operands))
    f.value_and_grad(0.6)
    assert called == []


def test_arrays_of_single_precision_are_rounded_once() -> None:
    softsign = Softsign()
    x = np.linspace(-3.0, 3.0, 20_001, dtype=np.float32)
    f = compile(lambda x: softsign(x), batched="x", runtime="numpy", dtype="float32")
    values, (slopes,) = f.per_example(x)
    assert (values.dtype, slopes.dtype) == (np.float32, np.float32)
    expected = np.array([softsign.forward(float(number)) for number in x], np.float32)
    assert (values == expected).all()
    assert slopes == pytest.approx([softsign.partial_x(float(number), 0.0) for number in x], rel=1e-6)


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_kinks_and_constant_operands(runtime: str, dtype: str) -> None:
    bounded = Bounded()
    rtol = 1e-13 if dtype == "float64" else 1e-6
    for f in (lambda x, y: bounded(x, y), lambda x, y: bounded(x, 3.0) * y, lambda x, y: bounded(2.0, y) * x):
        compiled = compile(f, runtime=runtime, dtype=dtype)
        for point in [(1.0, 2.0), (2.0, 1.0), (1.5, 3.0), (-1.0, 0.0)]:
            value, slopes = compiled.value_and_grad(*point)
            expected, expected_slopes = eager(f, *point)
            assert (value, *map(float, slopes)) == pytest.approx((expected, *expected_slopes), rel=rtol)


# ---------------------------------------------------------------- errors


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize(
    ("kind", "x", "error"), [(Logistic, -1000.0, OverflowError), (OfPositives, -1.0, ValueError)], ids=["math", "raise"]
)
def test_an_error_of_a_rule_is_that_of_eager_code(runtime: str, kind: Any, x: float, error: type) -> None:
    op = kind()
    with pytest.raises(error) as raised:
        op(Value(x))
    with pytest.raises(error, match=r"test_own_primitives\.py") as compiled:
        compile(lambda x: 2.0 * op(x), runtime=runtime)(x)
    assert str(raised.value).partition(" (if this is a branch")[0] in str(compiled.value)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_branch_that_is_not_taken_may_be_undefined(runtime: str) -> None:
    op = OfPositives()
    f = compile(lambda x: where(x > 0.0, op(x), 2.0 * x), runtime=runtime)
    assert f.value_and_grad(-1.0) == (-2.0, (2.0,))
    assert f.value_and_grad(4.0) == (8.0, (3.0,))


# ---------------------------------------------------------------- what changes


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_global_constant_that_changes_later_counts(runtime: str, monkeypatch: pytest.MonkeyPatch) -> None:
    op = Scaled()
    f = compile(lambda x: op(x), runtime=runtime)
    assert f.value_and_grad(3.0) == (6.0, (2.0,))
    monkeypatch.setitem(globals(), "SCALE", 5.0)
    assert f.value_and_grad(3.0) == (15.0, (5.0,))
    monkeypatch.setitem(globals(), "SCALE", 2.0)
    assert f.value_and_grad(3.0) == (6.0, (2.0,))


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_constant_of_a_closure_that_changes_later_counts(runtime: str) -> None:
    factor = 2.0

    class OfClosure(Unary):
        name = "of_closure"
        samples = (0.5,)

        def forward(self, x: float) -> float:
            return factor * x

        def partial_x(self, x: Any, out: Any) -> Any:
            return factor

    op = OfClosure()
    f = compile(lambda x: op(x), runtime=runtime)
    assert f.value_and_grad(3.0) == (6.0, (2.0,))
    factor = 7.0
    assert f.value_and_grad(3.0) == (21.0, (7.0,))


def times(x: Any, factor: float = 2.0) -> Any:
    return factor * x


def cubed(x: Any, factor: float = 2.0) -> Any:
    return factor * x * x * x


class OfFunction(Unary):
    """Calls a function, whose parts may be replaced."""

    name = "of_function"
    samples = (0.5, 3.0)

    def forward(self, x: float) -> float:
        return times(x)  # type: ignore[no-any-return]

    def partial_x(self, x: Any, out: Any) -> Any:
        return times(1.0)


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize(("part", "new", "value"), [("__defaults__", (7.0,), 21.0), ("__code__", cubed.__code__, 54.0)])
def test_a_function_that_is_changed_in_place_counts(
    monkeypatch: pytest.MonkeyPatch, runtime: str, part: str, new: Any, value: float
) -> None:
    op = OfFunction()
    f = compile(lambda x: op(x), runtime=runtime)
    assert f(3.0) == 6.0
    monkeypatch.setattr(times, part, new)
    assert f(3.0) == value


@pytest.mark.parametrize("runtime", TRANSLATING)
def test_a_rule_that_is_replaced_counts(runtime: str, monkeypatch: pytest.MonkeyPatch) -> None:
    op = Softsign()
    f = compile(lambda x: op(x), runtime=runtime)
    assert f(1.0) == 0.5
    monkeypatch.setattr(Softsign, "forward", lambda self, x: 3.0 * x)
    with pytest.warns(NotTranslatedWarning, match="is not written with def"):
        assert f(1.0) == 3.0


def multiplying(factor: float) -> Any:
    def forward(self: Any, x: float) -> float:
        return factor * x

    return forward


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_rule_that_is_replaced_by_one_with_another_closure_counts(
    runtime: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    op = Softsign()
    monkeypatch.setattr(Softsign, "forward", multiplying(2.0))
    f = compile(lambda x: op(x), runtime=runtime)
    assert f(1.0) == 2.0
    monkeypatch.setattr(Softsign, "forward", multiplying(5.0))
    assert f(1.0) == 5.0


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_global_that_hides_a_builtin_later_counts(runtime: str, monkeypatch: pytest.MonkeyPatch) -> None:
    op = Softsign()
    f = compile(lambda x: op(x), runtime=runtime)
    assert f(3.0) == 0.75
    monkeypatch.setitem(globals(), "abs", squared)
    assert f(3.0) == 0.3


def squared(x: Any) -> Any:
    return x * x


class Rounded(Unary):
    """Whether its operand is rounded up to a 0 shows in a sign, and an int has no -0."""

    name = "rounded"
    samples = (0.5, -1.5)

    def forward(self, x: float) -> float:
        return math.copysign(1.0, math.ceil(x - 7000.0))

    def partial_x(self, x: Any, out: Any) -> Any:
        return 0.0


class Mirrored(Unary):
    """A parameter gets another value in one branch; a variable has the name of a function, another nearly."""

    name = "mirrored"
    samples = (0.5, -1.5)

    def forward(self, x: float) -> float:
        if x < 0:
            x = -x
        log, log_ = x + 1.0, x - 1.0
        return log * log * log_

    def partial_x(self, x: Any, out: Any) -> Any:
        sign = 1.0
        if x < 0:
            x, sign = -x, -1.0
        return sign * (x + 1.0) * (3.0 * x - 1.0)


class OfTheLibrary(Binary):
    """Calls primitives whose rule on arrays is a function of NumPy, or has another name than the primitive."""

    name = "of_the_library"
    samples = ((0.5, 1.0), (-1.5, 0.2))

    def forward(self, x: float, y: float) -> float:
        return autograd.hypot(x, y) + autograd.maximum(2.0 * x, y + 1.0)

    def partial_x(self, x: Any, y: Any, out: Any) -> Any:
        return x / autograd.hypot(x, y) + 2.0 * autograd.maximum.partial_x(2.0 * x, y + 1.0, out)

    def partial_y(self, x: Any, y: Any, out: Any) -> Any:
        return y / autograd.hypot(x, y) + autograd.maximum.partial_y(2.0 * x, y + 1.0, out)


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("kind", [Rounded, Mirrored, OfTheLibrary])
def test_what_is_translated_gives_the_numbers_of_the_class(runtime: str, kind: Any) -> None:
    op = kind()
    f = compile(lambda x, y: op(*[x, y][: len(op.operands)]), runtime=runtime)
    for point in ((6999.5, 1.0), (-2.0, 3.0), (3.0, 1.0)):  # a warning that it is not translated is an error
        x, y = map(Value, point)
        expected = op(*[x, y][: len(op.operands)])
        expected.backward()
        value, slopes = f.value_and_grad(*point)
        assert value == pytest.approx(expected.data, rel=1e-15)
        assert slopes == pytest.approx((x.grad, y.grad), rel=1e-14)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_class_that_is_defined_again_is_another_primitive(runtime: str) -> None:
    def defined(power: float) -> Any:
        class Again(Unary):
            name = "again"
            samples = (0.5,)

            def forward(self, x: float) -> float:
                return x**power  # type: ignore[no-any-return]

            def partial_x(self, x: Any, out: Any) -> Any:
                return power * x ** (power - 1.0)

        return Again()

    old, new = defined(2.0), defined(3.0)
    f = compile(lambda x: old(x) + 100.0 * new(x), runtime=runtime)
    assert f.value_and_grad(2.0) == (804.0, (1204.0,))


# ---------------------------------------------------------------- what cannot be translated


def test_an_attribute_of_self_is_used_element_by_element_with_a_warning() -> None:
    op = WithAttribute()
    f = compile(lambda x: op(x), runtime="numpy", batched="x")
    with pytest.warns(NotTranslatedWarning, match=r"element by element.*self\.factor, an attribute of self") as warned:
        assert f.per_example([1.0, 2.0])[0].tolist() == [3.0, 12.0]
    assert [(warning.filename, len(warned)) for warning in warned] == [(__file__, 1)]
    op.factor = 5.0
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # it is said once
        assert f.per_example([1.0, 2.0])[1][0].tolist() == [10.0, 20.0]
        assert compile(lambda x: op(op(x)), runtime="numpy")(1.0) == 125.0


def test_a_class_without_a_text_is_used_element_by_element_with_a_warning() -> None:
    namespace: dict[str, Any] = {"Unary": Unary, "__name__": "typed_in"}
    exec(
        "class Typed(Unary):\n"
        "    name = 'typed'\n"
        "    samples = (1.0,)\n"
        "    def forward(self, x):\n"
        "        return x + 1.0\n"
        "    def partial_x(self, x, out):\n        return 1.0\n",
        namespace,
    )
    op = namespace["Typed"]()
    with pytest.warns(NotTranslatedWarning, match="the text of Typed.forward is not at hand"):
        assert compile(lambda x: op(x), runtime="numpy").value_and_grad(1.0) == (2.0, (1.0,))


def test_a_rule_on_the_instance_is_used_element_by_element_with_a_warning() -> None:
    op = Softsign()
    f = compile(lambda x: op(x), runtime="numpy")
    assert f(1.0) == 0.5
    object.__setattr__(op, "forward", lambda x: 3.0 * x)
    with pytest.warns(NotTranslatedWarning, match="forward was set on the instance"):
        assert f(1.0) == 3.0
    object.__delattr__(op, "forward")
    assert f(1.0) == 0.5


def test_complex_numbers_on_the_way_are_not_translated() -> None:
    class Complex(Unary):
        name = "through_complex"
        samples = (2.0,)
        domain = (1.0, 3.0)

        def forward(self, x: float) -> float:
            return abs(x**0.5)  # type: ignore[no-any-return]

        def partial_x(self, x: Any, out: Any) -> Any:
            return 0.5 / out

    op = Complex()
    with pytest.warns(NotTranslatedWarning, match=r"forward gives 0\.7\d*, and its translation gives nan"):
        assert compile(lambda x: op(x), runtime="numpy")(-4.0) == pytest.approx(2.0)


@needs_numba
def test_the_compiled_loop_refuses_what_cannot_be_translated_if_it_is_asked_for_by_name() -> None:
    op = WithAttribute()
    with pytest.raises(CompileError, match=r"with_attribute is not one of autograd's, .* uses self\.factor, .*; take"):
        compile(chain_of(op), runtime="numba")(0.1)


@needs_numba
def test_a_primitive_that_cannot_be_translated_any_more_goes_on_in_the_plain_loop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    op = Scaled()
    f = compile(lambda x, y: op(op(x)) * y, runtime="numba")
    assert (f(1.0, 1.0), f.runtime) == (4.0, "numba")
    monkeypatch.setitem(globals(), "SCALE", np.float64(3.0))
    with pytest.warns(NotTranslatedWarning, match=r"uses SCALE, which is a float64"):
        assert f.value_and_grad(1.0, 1.0) == (9.0, (9.0, 9.0))
    assert f.runtime == "python"


@needs_numba
def test_the_loop_is_not_compiled_again_for_a_primitive_of_the_user() -> None:
    from autograd.compiler.loop import numba_loop

    loops: list[Any] = [numba_loop.forward, numba_loop.backward]
    compile(lambda x, y: autograd.silu(x) * y, runtime="numba").value_and_grad(1.0, 2.0)
    before = [len(loop.signatures) for loop in loops]
    op = Softsign()
    compile(lambda x, y: op(x) * y, runtime="numba").value_and_grad(1.0, 2.0)
    assert [len(loop.signatures) for loop in loops] == before == [1, 1]


# ---------------------------------------------------------------- a translation that is wrong


@pytest.mark.parametrize("rule", ["forward", "partial_x"])
@pytest.mark.parametrize("wrong", ["1.0 + 1e-6", "-1.0", "np.nan"])
def test_a_wrong_translation_to_arrays_is_noticed_and_not_used(
    monkeypatch: pytest.MonkeyPatch, rule: str, wrong: str
) -> None:
    right = numpy_language.source

    def source(*operands: Any) -> str:
        return right(*operands) + f"\n_right = {rule}\ndef {rule}(*arrays):\n    return _right(*arrays) * ({wrong})\n"

    monkeypatch.setattr(numpy_language, "source", source)
    op = Softsign()
    expected = rf"{rule} gives [-\d.e]+, and its translation gives [-\d.ena]+"
    with pytest.warns(NotTranslatedWarning, match=f"'softsign' is called element by element, .*: at x = .*{expected}"):
        result = compile(lambda x: op(x), runtime="numpy").value_and_grad(1.0)
    assert result == (0.5, (0.25,))


@needs_numba
@pytest.mark.parametrize("rule", ["forward", "partial_x"])
@pytest.mark.parametrize("wrong", ["1.0 + 1e-6", "-1.0", "math.nan"])
def test_a_wrong_translation_for_the_loop_is_noticed_and_not_used(
    monkeypatch: pytest.MonkeyPatch, rule: str, wrong: str
) -> None:
    right = numba_language.source

    def source(*operands: Any) -> str:
        text = right(*operands)
        before, after = text.split(f"def {rule}(")
        rule_alone, _, others = after.partition("\n@")
        return (
            f"{before}def {rule}({rule_alone.replace('return ', f'return ({wrong}) * ')}\n{'@' * bool(others)}{others}"
        )

    monkeypatch.setattr(numba_language, "source", source)
    f = chain_of(Softsign(), depth=600)
    with pytest.raises(CompileError, match=rf"cannot call it: at x = .* {rule} gives .* its translation gives"):
        compile(f, runtime="numba").value_and_grad(1.0)
    compiled = compile(f)
    with pytest.warns(NotTranslatedWarning, match=rf": at x = .* {rule} gives .* its translation gives"):
        value, (gradient,) = compiled.value_and_grad(1.0)
    expected, (slope,) = eager(f, 1.0)
    assert compiled.runtime == "python"
    assert (value, float(gradient)) == pytest.approx((expected, slope), rel=1e-12)


@needs_numba
def test_what_numba_cannot_compile_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    right = numba_language.source
    monkeypatch.setattr(numba_language, "source", lambda *operands: right(*operands).replace("return ", "return [] * "))
    with pytest.raises(CompileError, match=r"Numba cannot compile its rules"):
        compile(chain_of(Softsign()), runtime="numba")(1.0)


def test_a_translation_that_fails_is_noticed_and_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numpy_language, "source", lambda *operands: "forward = partial_x = None")
    op = Softsign()
    with pytest.warns(NotTranslatedWarning, match="its translation raises TypeError"):
        assert compile(lambda x: op(x), runtime="numpy").value_and_grad(1.0) == (0.5, (0.25,))


# ---------------------------------------------------------------- copies, derivatives of derivatives


def of_softsign(x: Any) -> Any:
    op: Any = autograd.PRIMITIVES["softsign"]
    return op(x) * x


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda f: pickle.loads(pickle.dumps(f))], ids=["copy", "pickle"])
def test_a_copy_of_a_compiled_function(runtime: str, copied: Callable[[Any], Any]) -> None:
    Softsign()
    f = compile(of_softsign, runtime=runtime)
    value, (slope,) = f.value_and_grad(1.5)
    assert (value, slope) == pytest.approx((0.9, 0.84))
    assert copied(f).value_and_grad(1.5) == (value, (slope,))


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_values_flow_through(runtime: str) -> None:
    op, x, w = Softsign(), Value(1.5), Value(2.0)
    compile(lambda x: w * op(x), runtime=runtime)(x).backward()
    assert [x.grad, w.grad] == pytest.approx([0.32, 0.6])


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_second_derivatives_are_those_of_eager_code(runtime: str) -> None:
    op, x = Softsign(), Value(1.0)
    (slope,) = gradients(compile(lambda x: op(x) * x, runtime=runtime)(x), [x], create_graph=True)
    assert slope.data == pytest.approx(0.75)
    assert gradients(slope, [x]) == [pytest.approx(0.25)]


def test_samples_outside_of_where_it_is_defined_are_compared_as_errors() -> None:
    class Root(Unary):
        name = "own_root"
        samples = (-1.0, 0.0, 4.0)
        domain = (-2.0, 3.0)

        def forward(self, x: float) -> float:
            return math.sqrt(x)

        def partial_x(self, x: Any, out: Any) -> Any:
            return 0.5 / out

    op = Root()
    f = compile(lambda x: op(x), runtime="numpy")
    assert f.value_and_grad(4.0) == (2.0, (0.25,))
    assert "forward" in own._TRANSLATIONS.of(op)
    with pytest.raises(ValueError, match=r"own_root\(x\) is not defined at x = -1\.0"):
        f(-1.0)
    with pytest.raises(FloatingPointError, match=r"derivative of own_root\(x\)"):
        f.value_and_grad(0.0)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_an_error_in_a_partial_alone_names_the_operation(runtime: str) -> None:
    op = OfPositives()
    f = compile(lambda x, y: op(x) * y, runtime=runtime)
    assert f.value_and_grad(0.0, 1.0) == (0.0, (0.0, 0.0))
    logistic = Logistic()
    g = compile(lambda x, y: logistic(x) * y, runtime=runtime)
    with pytest.raises(OverflowError, match=r"own_logistic\(x\) is too large for a float at x = -1000\.0"):
        g.value_and_grad(-1000.0, 1.0)
