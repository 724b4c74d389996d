"""Modules: the names of their parameters, their state, and their form on disk."""

from __future__ import annotations

import copy
import json
import math
import pickle
import random
from collections import OrderedDict, UserDict, UserList, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import Any, ClassVar, NamedTuple

import pytest

from autograd import Value
from nn import MLP, Module


class Line(Module):
    def __init__(self, slope: float = 2.0, shift: float = 1.0) -> None:
        self.slope = Value(slope)
        self.shift = Value(shift)


class Holder(Module):
    """A module that holds whatever it is given."""

    child: Any

    def __init__(self, **held: object) -> None:
        vars(self).update(held)


def names(module: Module) -> list[str]:
    return [name for name, _ in module.named_parameters()]


# ---------------------------------------------------------------- names


def test_parameters_are_found_in_the_order_of_the_attributes() -> None:
    line = Line()
    assert line.parameters() == [line.slope, line.shift]


def test_lists_are_numbered_from_1_without_the_plural() -> None:
    assert names(Holder(weights=[Value(1.0), Value(2.0)], w=(Value(3.0),))) == ["weight1", "weight2", "w1"]


def test_modules_in_modules_are_joined_by_dots() -> None:
    assert names(Holder(lines=[Line()], last=Line())) == ["line1.slope", "line1.shift", "last.slope", "last.shift"]


def test_lists_of_lists_keep_their_numbers_apart() -> None:
    assert names(Holder(w=[[Value(1.0), Value(2.0)]])) == ["w1.1", "w1.2"]


def test_values_in_a_dict_go_by_their_keys() -> None:
    assert names(Holder(table={"a": Value(1.0), "b": Line()})) == ["table.a", "table.b.slope", "table.b.shift"]


def test_a_parameter_used_twice_is_listed_once() -> None:
    shared = Value(1.0)
    assert names(Holder(first=shared, second=shared)) == ["first"]


def test_results_of_operations_and_other_attributes_are_no_parameters() -> None:
    x = Value(1.0)
    assert names(Holder(x=x, cached=x * 2.0, name="line", size=3)) == ["x"]


def test_two_parameters_of_one_name_are_an_error() -> None:
    with pytest.raises(ValueError, match="'w1'"):
        Holder(w=[Value(1.0)], w1=Value(2.0)).named_parameters()


def test_label_parameters_gives_every_parameter_its_name() -> None:
    line = Line()
    line.label_parameters()
    assert [line.slope.label, line.shift.label] == ["slope", "shift"]


def test_zero_grad_clears_every_gradient() -> None:
    line = Line()
    (line.slope * line.shift).backward()
    line.zero_grad()
    assert [line.slope.grad, line.shift.grad] == [0.0, 0.0]


def test_a_deep_copy_has_parameters_of_its_own() -> None:
    model = MLP(2, [3, 1], rng=0)
    twin = copy.deepcopy(model)
    twin.parameters()[0].data = 99.0
    assert model.parameters()[0].data != 99.0
    assert names(twin) == names(model)


def test_a_pickled_model_computes_the_same() -> None:
    model = MLP(2, [3, 2], activation="tanh", rng=0)
    twin = pickle.loads(pickle.dumps(model))
    assert twin([0.5, -1.0]) == model([0.5, -1.0])


# ---------------------------------------------------------------- wherever they are held


class Pair(NamedTuple):
    first: object
    second: object


@dataclass
class Record:
    first: object
    second: object


@dataclass(frozen=True, slots=True)
class FrozenRecord:
    first: object
    second: object


class Slotted(Module):
    __slots__ = ("__hidden", "absent", "w")

    def __init__(self) -> None:
        self.later = Value(3.0)
        self.w = Value(1.0)
        self.__hidden = Value(2.0)


class SlottedFurther(Slotted):
    __slots__ = "b"  # Python takes a single name

    def __init__(self) -> None:
        super().__init__()
        self.b = Value(4.0)


class WithProperty(Module):
    def __init__(self) -> None:
        self._w = Value(1.0)

    @property
    def w(self) -> Value:
        return self._w


@dataclass
class DataModule(Module):
    w: Value
    b: Value = field(default_factory=lambda: Value(0.0))


HOLDERS: dict[str, tuple[Callable[[Value, Value], object], list[str]]] = {
    "deque": (lambda a, b: deque([a, b]), ["p1", "p2"]),
    "UserList": (lambda a, b: UserList([a, b]), ["p1", "p2"]),
    "named tuple": (Pair, ["p.first", "p.second"]),
    "data class": (Record, ["p.first", "p.second"]),
    "frozen data class with slots": (FrozenRecord, ["p.first", "p.second"]),
    "namespace": (lambda a, b: SimpleNamespace(first=a, second=b), ["p.first", "p.second"]),
    "UserDict": (lambda a, b: UserDict(first=a, second=b), ["p.first", "p.second"]),
    "OrderedDict": (lambda a, b: OrderedDict(first=a, second=b), ["p.first", "p.second"]),
    "mapping proxy": (lambda a, b: MappingProxyType({1: a, "x": b}), ["p.1", "p.x"]),
    "nested": (lambda a, b: {"in": [deque([Record(a, (b,))])]}, ["p.in1.1.first", "p.in1.1.second1"]),
    "data class of modules": (lambda a, b: Record(Holder(w=a), [Holder(w=b)]), ["p.first.w", "p.second1.w"]),
}


@pytest.mark.parametrize("holder", HOLDERS)
def test_parameters_are_found_in_whatever_holds_them_in_order(holder: str) -> None:
    make, expected = HOLDERS[holder]
    first, second = Value(1.0), Value(2.0)
    found = Holder(p=make(first, second)).named_parameters()
    assert [name for name, _ in found] == expected
    assert [parameter is held for (_, parameter), held in zip(found, (first, second), strict=True)] == [True, True]


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((4,), ["w1", "w2", "w3", "w4"]), ((2, 2), ["w1.1", "w1.2", "w2.1", "w2.2"]), ((0,), [])],
)
def test_parameters_are_found_in_arrays_of_any_shape(shape: tuple[int, ...], expected: list[str]) -> None:
    numpy = pytest.importorskip("numpy")
    array = numpy.empty(shape, object)
    for index in numpy.ndindex(*shape):
        array[index] = Value(1.0)
    assert names(Holder(w=array, inputs=numpy.zeros(3))) == expected


def test_a_parameter_in_an_array_without_axes_has_the_name_of_the_attribute() -> None:
    numpy = pytest.importorskip("numpy")
    assert names(Holder(w=numpy.array(Value(1.0), object))) == ["w"]


def test_parameters_in_slots_come_first_base_class_by_base_class() -> None:
    assert names(SlottedFurther()) == ["_Slotted__hidden", "w", "b", "later"]


def test_a_property_is_found_as_what_it_shows() -> None:
    assert names(WithProperty()) == ["_w"]


def test_a_module_may_be_a_data_class() -> None:
    module = DataModule(Value(1.0))
    assert names(module) == ["w", "b"]


def family() -> Holder:
    """A module whose child refers back to it."""
    parent = Holder(w=Value(1.0), child=Holder(w=Value(2.0)))
    parent.child.parent = parent
    return parent


def test_a_module_may_refer_back_to_the_one_that_holds_it() -> None:
    parent = family()
    assert names(parent) == ["w", "child.w"]
    assert names(parent.child) == ["w", "parent.w"]


def test_the_table_of_modules_that_refer_to_each_other_counts_each_parameter_once() -> None:
    parent = family()
    assert [line.split() for line in str(parent).splitlines()[2:]] == [["w", "1"], ["child", "1"], ["total", "2"]]
    assert str(parent.child).splitlines()[-1].split() == ["total", "2"]


def test_a_list_may_hold_itself() -> None:
    circle: list[object] = [Value(1.0)]
    circle.append(circle)
    holder = Holder(circle=circle)
    assert names(holder) == ["circle1"]
    assert str(holder).splitlines()[-1].split() == ["total", "1"]


def test_modules_that_refer_to_each_other_are_copied_and_pickled_as_such() -> None:
    for twin in (copy.deepcopy(family()), pickle.loads(pickle.dumps(family()))):
        assert twin.child.parent is twin
        assert twin.state_dict() == {"w": 1.0, "child.w": 2.0}


def test_a_state_goes_through_every_kind_of_holder() -> None:
    def make(start: float) -> Module:
        values = (Value(start + offset) for offset in range(6))
        return Holder(d=deque([next(values)]), r=FrozenRecord(next(values), Pair(next(values), [next(values)])))

    source, target = make(1.0), make(-9.0)
    target.load_state_dict(source.state_dict())
    assert target.state_dict() == {"d1": 1.0, "r.first": 2.0, "r.second.first": 3.0, "r.second.second1": 4.0}
    assert copy.deepcopy(source).state_dict() == pickle.loads(pickle.dumps(source)).state_dict() == source.state_dict()


def test_a_chain_of_very_many_modules_is_walked_without_recursion() -> None:
    last = Holder(w=Value(0.0))
    for _ in range(5_000):
        last = Holder(w=Value(0.0), next=last)
    assert len(last.parameters()) == 5_001


# ---------------------------------------------------------------- what would never be trained


class Box:
    """Something that is no module."""

    def __init__(self, **held: object) -> None:
        vars(self).update(held)


class SlottedBox:
    __slots__ = ("w",)

    def __init__(self, w: object) -> None:
        self.w = w


NAMELESS: dict[str, tuple[Callable[[Value], object], str]] = {
    "set": (lambda p: {p}, "1 parameter in the set p would never be trained: a set has no order"),
    "frozen set": (lambda p: [frozenset({p})], "1 parameter in the set p1 would"),
    "set of modules": (lambda p: {Holder(a=p, b=Value(1.0))}, "2 parameters in the set p would"),
    "keys": (lambda p: {p: 1.0}, "1 parameter in the keys of p would never be trained: only the values of a dict"),
    "tuples as keys": (lambda p: {(1, p): 1.0}, "1 parameter in the keys of p would"),
    "object": (
        lambda p: Box(w=p),
        "p, an object of the class Box and not a Module, would never be trained: derive",
    ),
    "list in an object": (lambda p: Box(w=[p, 1.0]), "an object of the class Box and not a Module"),
    "modules in an object": (lambda p: Box(layers=[Holder(w=p)]), "an object of the class Box and not a Module"),
    "object with slots": (lambda p: (SlottedBox(p),), "p1, an object of the class SlottedBox and not a Module"),
}


@pytest.mark.parametrize("holder", NAMELESS)
def test_a_parameter_that_gets_no_name_is_an_error_that_says_where_it_is(holder: str) -> None:
    make, message = NAMELESS[holder]
    module = Holder(before=Value(0.0), p=make(Value(1.0)))
    with pytest.raises(TypeError, match=message):
        module.parameters()


@pytest.mark.parametrize("holder", NAMELESS)
def test_what_is_found_elsewhere_may_be_held_anywhere_too(holder: str) -> None:
    parameter = Value(1.0)
    make, _ = NAMELESS[holder]
    held = make(parameter)
    assert "found" in names(Holder(p=held, found=parameter, more=all_modules(held)))


def all_modules(held: Any) -> list[Module]:
    """The modules that one of the cases holds."""
    return [part for part in held if isinstance(part, Module)] if isinstance(held, set) else []


def test_constants_may_be_held_anywhere() -> None:
    constant = Value(1.0, requires_grad=False)
    assert names(Holder(w=Value(1.0), s={constant}, k={constant: 1.0}, box=Box(c=constant))) == ["w"]


def test_objects_of_other_libraries_and_of_python_are_no_trouble() -> None:
    held = {"rng": random.Random(0), "path": Path("x"), "kind": Box, "module": math, "function": names, "number": 3}
    assert names(Holder(w=Value(1.0), **held, method="".join, property=WithProperty.w)) == ["w"]


@pytest.mark.parametrize("make", [lambda: Value(1.0), lambda: [Value(1.0)], lambda: {"a": Holder(w=Value(1.0))}])
def test_a_parameter_in_the_body_of_a_class_is_an_error(make: Callable[[], object]) -> None:
    with pytest.raises(TypeError, match=r"Wrong\.w belongs to the class, .* set self\.w in __init__"):
        type("Wrong", (Module,), {"w": make()})


def test_a_constant_may_stand_in_the_body_of_a_class() -> None:
    class Right(Module):
        half: ClassVar[Value] = Value(0.5, requires_grad=False)

    assert names(Right()) == []


# ---------------------------------------------------------------- state


def test_a_state_goes_into_another_module_of_the_same_shape() -> None:
    source, target = MLP(2, [3, 1], rng=0), MLP(2, [3, 1], rng=1)
    target.load_state_dict(source.state_dict())
    assert target.state_dict() == source.state_dict()


def test_a_state_may_come_in_any_order() -> None:
    line = Line()
    line.load_state_dict({"shift": 5.0, "slope": 4.0})
    assert (line.slope.data, line.shift.data) == (4.0, 5.0)


def test_the_message_lists_every_problem_of_a_state() -> None:
    module = Holder(a=Value(1.0), b=Value(2.0), c=Value(3.0))
    with pytest.raises(ValueError, match=r"1 missing: c; 1 left over: 'd'; 2 not one number: a .*list.*b .*str"):
        module.load_state_dict({"a": [1.0, 2.0], "b": "2", "d": 4.0})  # type: ignore[dict-item]


def test_long_lists_of_problems_are_cut_short_with_their_number() -> None:
    with pytest.raises(ValueError, match=r"65 missing: layer1\.neuron1\.w1.* and 55 more"):
        MLP(2, [16, 1]).load_state_dict({})


@pytest.mark.parametrize("state", [{"slope": 9.0}, {"slope": 9.0, "shift": None}, {"slope": 9.0, "shift": 1, "x": 1}])
def test_a_state_that_does_not_fit_changes_nothing(state: dict[str, float]) -> None:
    line = Line()
    with pytest.raises(ValueError, match="does not fit this Line of 2 parameters"):
        line.load_state_dict(state)
    assert line.slope.data == 2.0


class Interrupting(Value):
    """A parameter at which Ctrl-C is pressed as soon as it is set."""

    @property
    def data(self) -> float:
        return super().data

    @data.setter
    def data(self, number: float) -> None:
        if number == 9.0:
            raise KeyboardInterrupt
        Value.data.__set__(self, number)  # type: ignore[attr-defined]


def test_loading_a_state_that_is_interrupted_changes_nothing() -> None:
    module = Holder(a=Value(1.0), b=Interrupting(2.0), c=Value(3.0))
    with pytest.raises(KeyboardInterrupt):
        module.load_state_dict({"a": 8.0, "b": 9.0, "c": 10.0})
    assert module.state_dict() == {"a": 1.0, "b": 2.0, "c": 3.0}


def test_an_int_too_large_for_a_float_is_a_problem_like_any_other() -> None:
    with pytest.raises(ValueError, match="1 not one number: slope"):
        Line().load_state_dict({"slope": 10**400, "shift": 1.0})


def test_a_state_that_is_no_mapping_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="not list"):
        Line().load_state_dict([1.0, 2.0])  # type: ignore[arg-type]


# ---------------------------------------------------------------- on disk


def test_every_float_comes_back_exactly(tmp_path: Path) -> None:
    Line(0.1 + 0.2, 5e-324).save(tmp_path / "line.json")
    line = Line()
    line.load(str(tmp_path / "line.json"))
    assert (line.slope.data, line.shift.data) == (0.1 + 0.2, 5e-324)


def test_what_is_not_finite_comes_back(tmp_path: Path) -> None:
    Line(math.nan, -math.inf).save(tmp_path / "line.json")
    line = Line()
    line.load(tmp_path / "line.json")
    assert math.isnan(line.slope.data)
    assert line.shift.data == -math.inf


def test_the_file_is_json_for_any_reader(tmp_path: Path) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    Line(math.inf, 1.0).save(tmp_path / "line.json")
    text = (tmp_path / "line.json").read_text(encoding="utf-8")
    assert json.loads(text, parse_constant=refuse) == {"slope": "inf", "shift": 1.0}


def test_saving_replaces_the_file_and_leaves_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "line.json").write_text("old", encoding="utf-8")
    Line().save(tmp_path / "line.json")
    assert [file.name for file in tmp_path.iterdir()] == ["line.json"]


def test_a_reader_of_the_old_file_keeps_it_whole(tmp_path: Path) -> None:
    (tmp_path / "line.json").write_text("old", encoding="utf-8")
    with (tmp_path / "line.json").open(encoding="utf-8") as reader:
        Line().save(tmp_path / "line.json")
        assert reader.read() == "old"


def test_a_save_that_fails_leaves_no_file(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError, match="taken"):
        Line().save(tmp_path / "taken")
    assert [file.name for file in tmp_path.iterdir()] == ["taken"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is not a JSON file"),
        (b'{"slope": 1.0', "is not a JSON file"),
        (b"\x80\x81", "is not a JSON file"),
        (b"[" * 100_000, "is not a JSON file"),
        (b"[1.0, 2.0]", "does not hold a state"),
        (b"null", "does not hold a state"),
        (b'{"slope": 1.0}', "cannot be loaded.* 1 missing: shift"),
        (b'{"slope": 1.0, "shift": [2.0]}', "cannot be loaded.* 1 not one number: shift"),
        (b'{"slope": 1.0, "shift": "two"}', "cannot be loaded.* 1 not one number: shift"),
    ],
    ids=[
        "empty",
        "cut",
        "not-text",
        "nested-too-deep",
        "list",
        "null",
        "name-missing",
        "list-for-number",
        "word-for-number",
    ],
)
def test_a_file_that_holds_no_state_is_an_error_that_names_it(tmp_path: Path, content: bytes, problem: str) -> None:
    file = tmp_path / "broken.json"
    file.write_bytes(content)
    with pytest.raises(ValueError, match=rf"broken\.json {problem}"):
        Line().load(file)


def test_a_file_that_does_not_fit_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "line.json").write_text('{"slope": 9.0, "shift": null}', encoding="utf-8")
    line = Line()
    with pytest.raises(ValueError, match="shift"):
        line.load(tmp_path / "line.json")
    assert line.slope.data == 2.0


def test_a_file_that_is_not_there_is_a_file_not_found_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Line().load(tmp_path / "absent.json")
