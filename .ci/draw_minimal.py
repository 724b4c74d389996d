"""Draws where there is nothing but Python and what pip installed; runs in the system of try_minimal.py.

python draw_minimal.py FOLDER

It prints what it found, and fails with an AssertionError where that is not as it should be.
"""

from __future__ import annotations

import importlib.util
import shutil
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path

import autograd
import nn
from autograd import RenderError, Value, draw, explore, tanh

SVG = "{http://www.w3.org/2000/svg}svg"


def main() -> None:
    """Draws to files, for a notebook and as a page."""
    folder = Path(sys.argv[1])
    assert shutil.which("dot") is None
    x, w = Value(2.0, label="输入 x"), Value(-3.0, label="w")
    y = tanh(x * w + 1.0)
    y.backward()

    draw(y, folder / "x.svg")
    drawing = (folder / "x.svg").read_text(encoding="utf-8")
    assert ElementTree.fromstring(drawing).tag == SVG
    assert "输入 x" in drawing
    assert "data -0.9999" in drawing

    bundle = y._repr_mimebundle_()
    assert ElementTree.fromstring(bundle["image/svg+xml"]).tag == SVG

    network = nn.MLP(2, [4, 4, 1])([1.0, 2.0])
    assert isinstance(network, Value)
    draw(network, folder / "network.svg", max_depth=1)
    assert "layer 2" in (folder / "network.svg").read_text(encoding="utf-8")

    explore(network, folder / "player.html")
    assert (folder / "player.html").read_text(encoding="utf-8").startswith("<!doctype html>")

    advice = ["scalar-autograd[pictures]", "apt-get install graphviz"]
    if importlib.util.find_spec("pygraphviz"):
        advice = ["does not load", "libgobject-2.0.so.0", "apt-get install libglib2.0-0"]
    for name in ("x.png", "x.pdf"):
        said = refusal(lambda name=name: draw(y, folder / name))
        assert all(part in said for part in advice), said
        assert not (folder / name).exists()
    print(f"{autograd.backend()}, draws SVG, for notebooks and pages; PNG and PDF say what they need")


def refusal(draws: Callable[[], object]) -> str:
    """What an error says that must come."""
    try:
        draws()
    except RenderError as error:
        return str(error)
    raise AssertionError("it was drawn without Graphviz")


if __name__ == "__main__":
    main()
