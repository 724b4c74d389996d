"""Modules: the names of their parameters, their state, and their form on disk."""

from __future__ import annotations

import copy
import json
import math
import pickle
from pathlib import Path

import pytest

from autograd import Value
from nn import MLP, Module


class Line(Module):
    def __init__(self, slope: float = 2.0, shift: float = 1.0) -> None:
        self.slope = Value(slope)
        self.shift = Value(shift)


class Holder(Module):
    """A module that holds whatever it is given."""

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
