"""Docstrings as the markup that Sphinx reads."""

from __future__ import annotations

from docs.docstrings import marked_up


def test_signs_of_arithmetic_are_no_markup() -> None:
    assert marked_up("|x| * y_ and `a*b`") == r"\|x\| \* y\_ and `a*b`"


def test_a_doctest_stays_as_it_is() -> None:
    assert marked_up(">>> x * y_\n|3|") == ">>> x * y_\n|3|"


def test_an_indented_formula_is_shown_as_it_is() -> None:
    assert marked_up("So:\n\n    g = a * b") == "So:\n\n::\n\n    g = a * b"


def test_what_an_object_holds_is_a_list() -> None:
    assert marked_up("x, y: two\n    numbers\nz: one", of_class=True) == "`x`, `y`\n    two\n    numbers\n`z`\n    one"


def test_a_colon_in_what_a_function_returns_makes_no_type() -> None:
    assert marked_up("Returns:\n    A list: one\n    for each.") == ":returns: A list: one for each."


def test_a_name_with_a_dot_before_it_is_no_link() -> None:
    assert marked_up("the `.grad` of `x`") == "the ``.grad`` of `x`"
