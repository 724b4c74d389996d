"""Pictures of boxes and edges that are given as plain data."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autograd import GraphTooLargeError
from autograd.pictures.boxes import draw_boxes, titled
from autograd.pictures.drawing import Box, Edge

pytest.importorskip("graphviz", reason="drawing needs graphviz")

BOXES = [titled("a", "x[2]", ["argument"], "leaf"), titled("b", "exp of x\n+ 1", [], "root")]


def test_a_box_has_a_title_in_bold_and_an_edge_its_text() -> None:
    source = draw_boxes(BOXES, [Edge("a", "b", " [0] ")], None, count=2, max_nodes=2, layout=None, otherwise="").source
    for text in ("<b>x[2]</b>", ">argument<", "<b>exp of x</b>", "<b>+ 1</b>", 'a -> b [label=" [0] "]'):
        assert text in source


def test_too_many_boxes_are_refused_before_they_are_made() -> None:
    def made() -> Iterator[Box]:
        raise AssertionError("nobody draws them")
        yield  # type: ignore[unreachable] # a generator

    with pytest.raises(GraphTooLargeError, match=r"1,000 boxes, more than max_nodes=999;"):
        draw_boxes(made(), [], None, count=1000, max_nodes=999, layout=None, otherwise="draw a smaller function")
