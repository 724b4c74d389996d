"""The engine is the same whether it runs as plain Python or was compiled; the whole suite runs both ways."""

from __future__ import annotations

import gc
import importlib
import inspect
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import autograd
from autograd import PRIMITIVES, Binary, Unary, Value, backend
from autograd.engine import ops

BUILT_IN = [primitive for primitive in PRIMITIVES.values() if type(primitive).__module__ == "autograd.engine.ops"]


@pytest.fixture
def no_collector() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


def test_the_backend_is_native_where_the_modules_are_extensions() -> None:
    loaded = [importlib.import_module(f"autograd.engine.{name}").__spec__ for name in NATIVE]
    suffixes = {Path(str(specification and specification.origin)).suffix for specification in loaded}
    assert suffixes == ({".py"} if backend() == "python" else {".so"} if ".so" in suffixes else {".pyd"})


NATIVE = ["value", "ops", "graph", "entry"]


@pytest.mark.parametrize("module", NATIVE)
def test_every_function_keeps_its_docstring(module: str) -> None:
    imported = importlib.import_module(f"autograd.engine.{module}")
    assert imported.__doc__
    source = Path(str(imported.__file__)).with_name(f"{module}.py").read_text(encoding="utf-8")
    public: list[Any] = [getattr(imported, name) for name in vars(imported) if f"\ndef {name}(" in source]
    documented = [function for function in public if not function.__name__.startswith("_")]
    assert all(inspect.getdoc(function) for function in documented)


@pytest.mark.parametrize("name", [name for name in vars(Value) if not name.startswith("_")])
def test_every_method_of_a_value_keeps_its_docstring(name: str) -> None:
    assert getattr(Value, name).__doc__


@pytest.mark.parametrize("primitive", BUILT_IN, ids=lambda primitive: primitive.name)
def test_the_float_partials_of_a_primitive_are_its_partials(primitive: Any) -> None:
    for point in primitive.points():
        out = primitive.forward(*point)
        for operand in primitive.operands if point not in getattr(primitive, "samples_in_x", ()) else ("x",):
            float_partial = getattr(primitive, f"float_partial_{operand}")
            partial = getattr(primitive, f"partial_{operand}")
            assert float_partial(*(*point, 0.0)[:2], out) == partial(*point, out)


@pytest.mark.usefixtures("table")
def test_a_primitive_of_the_library_cannot_be_derived_from() -> None:
    # Its derivative may be written twice, and only one of the two would be the new one's.
    wrong: Any = type("Wrong", (ops.Tanh,), {"name": "wrong", "partial_x": lambda self, x, out: out})
    with pytest.raises(TypeError, match="derives from Unary or Binary, not from a primitive of the library"):
        wrong()


@pytest.mark.usefixtures("table")
def test_a_primitive_may_derive_from_another_of_the_user() -> None:
    class Power(Unary):
        samples = (1.0, 2.0)
        exponent = 2

        def forward(self, x: float) -> float:
            return x**self.exponent

        def partial_x(self, x: Any, out: Any) -> Any:
            return self.exponent * x ** (self.exponent - 1)

    class Cube(Power):
        name = "cube"
        exponent = 3

    x = Value(2.0)
    Cube()(x).backward()
    assert x.grad == 12.0


@pytest.mark.usefixtures("table")
def test_a_primitive_may_compute_with_any_real_number() -> None:
    class Half(Unary):
        name = "half"
        samples = (1.0,)

        def forward(self, x: float) -> float:
            return Fraction(x) / 2  # type: ignore[return-value]

        def partial_x(self, x: Any, out: Any) -> Any:
            return Fraction(1, 2)

    x = Value(3.0)
    y = Half()(x)
    y.backward()
    assert (y.data, x.grad) == (1.5, 0.5)
    assert type(x.grad) is float


@pytest.mark.usefixtures("table")
def test_a_partial_that_is_no_number_is_named() -> None:
    class Odd(Binary):
        name = "odd"
        samples = ((1.0, 2.0),)

        def forward(self, x: float, y: float) -> float:
            return x + y

        def partial_x(self, x: Any, y: Any, out: Any) -> Any:
            return 1.0

        def partial_y(self, x: Any, y: Any, out: Any) -> Any:
            return "1"

    with pytest.raises(TypeError, match=r"partial_y of the primitive 'odd' must return a float: .* not the str '1'"):
        Odd()(Value(1.0), Value(2.0)).backward()


@pytest.mark.usefixtures("no_collector")
@pytest.mark.skipif(backend() == "python", reason="takes a minute in plain Python, where a test has a million")
def test_a_chain_of_ten_million_is_freed() -> None:
    x = Value(1.0)
    y = x
    for _ in range(10_000_000):
        y = y + 1.0
    del y
    assert x.is_leaf


@pytest.mark.parametrize("label", [3, b"x", ["x"]])
def test_a_label_that_is_no_text_is_refused_in_the_same_words(label: Any) -> None:
    with pytest.raises(TypeError, match=f"a label is a str or None, not {type(label).__name__}"):
        Value(1.0, label=label)
    with pytest.raises(TypeError, match=f"a label is a str or None, not {type(label).__name__}"):
        Value(1.0).label = label


@pytest.mark.parametrize("number", ["1", None, 1j, [1.0]])
def test_what_is_no_real_number_is_refused_in_the_same_words(number: Any) -> None:
    with pytest.raises(TypeError, match="a Value holds one real number, not"):
        Value(number)
    with pytest.raises(TypeError, match="a Value holds one real number, not"):
        autograd.tanh(number)
    with pytest.raises(TypeError, match="a Value holds one real number, not"):
        Value(1.0).backward(number)
    with pytest.raises(TypeError, match="unsupported operand type"):
        Value(1.0) + number if number != [1.0] else Value(1.0) - number


@pytest.mark.parametrize("wanted", [1, "yes", [0]])
def test_what_is_true_requires_a_gradient(wanted: Any) -> None:
    assert Value(1.0, requires_grad=wanted).requires_grad is True
