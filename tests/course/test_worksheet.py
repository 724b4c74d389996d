"""Graphs to do by hand: whole numbers, a blank picture, marks that carry errors forward, a page to print."""

from __future__ import annotations

import html
import re
from functools import cache
from pathlib import Path

import pytest

from autograd import gradients, topological_order
from autograd_course import Problem, worksheet
from autograd_course.worksheet import LEVELS

SEEDS = range(25)
SEED_3_LEVEL_2 = {"x": 1.0, "w": -5.0, "v": -5.0, "u": 9.0, "c": -5.0, "b": -14.0, "a": 9.0}


@cache
def problems(level: int) -> list[Problem]:
    return [problem for seed in SEEDS for problem in worksheet(seed, level, 2).problems]


@pytest.mark.parametrize("level", LEVELS)
def test_every_number_and_gradient_is_a_whole_number_of_a_size_for_hand_work(level: int) -> None:
    for problem in problems(level):
        numbers = [number for node in problem.nodes.values() for number in (node.data, node.grad)]
        assert all(number.is_integer() and abs(number) <= LEVELS[level].largest for number in numbers)


@pytest.mark.parametrize("level", LEVELS)
def test_key_is_what_the_engine_finds(level: int) -> None:
    for problem in problems(level):
        found = gradients(problem.root, list(problem.nodes.values()))
        assert problem.key == dict(zip(problem.nodes, found, strict=True))


@pytest.mark.parametrize("level", LEVELS)
def test_every_node_counts(level: int) -> None:
    for problem in problems(level):
        assert {node.label for node in topological_order(problem.root) if node.label} == set(problem.key)


@pytest.mark.parametrize("level", LEVELS)
def test_gradients_have_three_sizes_or_more(level: int) -> None:
    for problem in problems(level):
        assert len(set(map(abs, problem.key.values()))) >= 3


@pytest.mark.parametrize("level", [1, 2])
def test_gradient_is_not_0_without_a_relu(level: int) -> None:
    for problem in problems(level):
        assert all(problem.key.values())


def test_relu_is_off_in_some_graphs_and_stops_the_gradient_there() -> None:
    keys = [key for seed in range(100) for key in worksheet(seed, 3).key]

    assert 0 < sum(0.0 in key.values() for key in keys) < len(keys) // 2


def uses(problem: Problem) -> list[int]:
    nodes = list(problem.nodes.values())
    return [sum(parent is node for child in nodes for parent in child.parents) for node in nodes]


def test_first_level_uses_each_node_once() -> None:
    assert all(max(uses(problem)) == 1 for problem in problems(1))


@pytest.mark.parametrize("level", [2, 3])
def test_higher_level_uses_a_node_twice(level: int) -> None:
    assert all(max(uses(problem)) == 2 for problem in problems(level))


def test_same_arguments_make_the_same_sheet() -> None:
    assert worksheet(3, 2, 4).key == worksheet(3, 2, 4).key


def test_another_seed_makes_another_sheet() -> None:
    assert len({str(worksheet(seed, 3).key) for seed in SEEDS}) > len(SEEDS) // 2


def test_seed_3_level_2_is_as_it_was_first_made() -> None:
    assert worksheet(3, 2).key == [SEED_3_LEVEL_2]


def test_blank_picture_holds_no_gradient() -> None:
    for problem in problems(3):
        assert set(re.findall(r"grad ([^<]*)<", problem.picture())) == {"______"}


def test_solved_picture_holds_every_gradient() -> None:
    problem = worksheet(3, 2).problems[0]

    shown = sorted(float(text) for text in re.findall(r"grad ([^<]*)<", problem.picture(solved=True)))

    assert shown == sorted(problem.key.values())


@pytest.mark.parametrize("solved", [False, True])
def test_graph_is_written_as_a_picture_for_a_slide(tmp_path: Path, solved: bool) -> None:
    problem = worksheet(3, 2).problems[0]
    problem.save(tmp_path / "slide.svg", solved=solved)

    picture = html.unescape((tmp_path / "slide.svg").read_text(encoding="utf-8"))
    shown = re.findall(r"grad ([^<]*)<", picture)
    wanted = [f"{grad:g}" for grad in problem.key.values()] if solved else ["______"] * len(problem.key)
    assert sorted(shown) == sorted(wanted)


def test_key_gets_all_points() -> None:
    for problem in problems(3):
        assert problem.mark(problem.key).points == len(problem.nodes)


def test_mistake_costs_its_own_point_alone_if_the_rest_follows_from_it() -> None:
    problem = worksheet(3, 2).problems[0]
    answers = dict(problem.key) | {"w": problem.key["w"] + 1.0}
    for label in "vucba":
        answers[label] = followed(problem, label, answers)

    marks = problem.mark(answers)

    assert marks.points == len(problem.nodes) - 1
    assert [row.label for row in marks.rows if row.words == "wrong"] == ["w"]
    assert any(row.words == "follows from an earlier mistake" for row in marks.rows)


def followed(problem: Problem, label: str, answers: dict[str, float]) -> float:
    follows = problem.following(label, answers)
    assert follows is not None
    return follows


def test_gradient_that_follows_from_nothing_is_wrong() -> None:
    problem = worksheet(3, 2).problems[0]
    answers = {label: grad + 100.0 for label, grad in problem.key.items()}

    marks = problem.mark(answers)

    assert marks.rows[0].words == "wrong"
    assert marks.points == sum(row.words == "follows from an earlier mistake" for row in marks.rows)


def test_missing_answer_is_named() -> None:
    marks = worksheet(3, 2).problems[0].mark({"x": "1"})

    assert marks.rows[0].words == "right"
    assert {row.words for row in marks.rows[1:]} == {"no answer"}
    assert str(marks).endswith("\n1 of 7 points")


def test_answer_that_cannot_be_read_is_named() -> None:
    marks = worksheet(3, 2).problems[0].mark({"x": "one"})

    assert 'one number is asked for, like 12, 0.5 or "1/2"; "one" cannot be read' in marks.rows[0].words


def test_answer_for_an_unknown_node_is_refused() -> None:
    with pytest.raises(ValueError, match=r"there is no node 'q'; the nodes are x, w, v, u, c, b, a"):
        worksheet(3, 2).problems[0].mark({"q": 1})


def test_answers_for_another_number_of_graphs_are_refused() -> None:
    with pytest.raises(ValueError, match=r"there are 2 graphs, and answers for 1"):
        worksheet(3, 2, 2).mark({})


def test_each_graph_of_a_sheet_is_marked() -> None:
    sheet = worksheet(3, 2, 2)

    assert [marks.points for marks in sheet.mark(*sheet.key)] == [7, 7]


def test_notebook_shows_the_blank_pictures() -> None:
    shown = worksheet(3, 2, 2)._repr_html_()

    assert shown.count("<svg") == 2
    assert set(re.findall(r"grad ([^<]*)<", shown)) == {"______"}


def test_notebook_shows_marks_as_a_table() -> None:
    sheet = worksheet(3, 2)

    assert "7 of 7 points" in sheet.mark(*sheet.key)[0]._repr_html_()


def test_repr_says_how_to_make_it_again() -> None:
    assert repr(worksheet(3, 2, 2)) == "<Worksheet seed 3, level 2: 2 graphs>"


def test_page_holds_each_graph_blank_and_solved(tmp_path: Path) -> None:
    worksheet(3, 2, 2).save(tmp_path / "sheet.html")

    assert (tmp_path / "sheet.html").read_text(encoding="utf-8").count("<svg") == 4


def test_page_knows_the_width_of_each_picture(tmp_path: Path) -> None:
    worksheet(3, 2, 2).save(tmp_path / "sheet.html")

    page = (tmp_path / "sheet.html").read_text(encoding="utf-8")
    widths = re.findall(r'viewBox="\S+ \S+ (\S+) ', page)
    assert re.findall(r"--width: (\S+)px", page) == widths


def test_page_without_the_key_gives_nothing_away(tmp_path: Path) -> None:
    worksheet(3, 2, 2).save(tmp_path / "sheet.html", key=False)

    page = (tmp_path / "sheet.html").read_text(encoding="utf-8")
    assert set(re.findall(r"grad ([^<]*)<", page)) == {"______"}


def test_page_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        ValueError, match=r"written as \.html, which a browser prints or saves as PDF, not 'sheet\.pdf'"
    ):
        worksheet(3).save(tmp_path / "sheet.pdf")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"seed": 1, "level": 9}, "there are the levels 1, 2, 3, not 9"),
        ({"seed": 1, "n": 0}, "a worksheet needs 1 graph or more, not 0"),
    ],
)
def test_sheet_that_cannot_be_made_is_refused(arguments: dict[str, int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        worksheet(**arguments)


@pytest.mark.parametrize("name", ["seed", "level", "n"])
def test_argument_that_is_no_whole_number_is_refused(name: str) -> None:
    arguments = {"seed": 1, name: 1.5}

    with pytest.raises(TypeError, match=f"{name} must be a whole number, not 1.5"):
        worksheet(**arguments)  # type: ignore[arg-type]
