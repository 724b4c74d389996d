"""The graph of a Value as a page that plays the computation and its gradient, step by step.

`explore` lays out the graph (`autograd.explore.layout`) and puts it into one HTML file, together with the style and
the scripts of the folder `page` (`autograd.explore.document`). The file needs no server and no network. Both modules
are imported when the first page is made.
"""

from __future__ import annotations

import html
import os
from pathlib import Path

from autograd.engine import errors, graph
from autograd.engine.errors import GraphTooLargeError
from autograd.engine.value import Value
from autograd.pictures.outline import Outline


class Page:
    """A page that plays one graph: a notebook shows it, and `html` is its text.

    >>> page = explore(Value(2.0, label="x") ** 2)
    >>> page.html.startswith("<!doctype html>")
    True
    """

    def __init__(self, html: str, description: str) -> None:
        self.html = html
        self._description = description

    def _repr_html_(self) -> str:
        """The page in a frame that its scripts cannot leave, light or dark as the notebook is."""
        from autograd.explore import document

        title, page, loaded = map(html.escape, (self._description, self.html, document.frame_script()))
        return (
            f'<iframe title="{title}" srcdoc="{page}" sandbox="allow-scripts" onload="{loaded}" '
            'style="width: 100%; height: 720px; border: 1px solid #8888; border-radius: 8px"></iframe>'
        )

    def __repr__(self) -> str:
        return f"<Page: {self._description}>"


def explore(
    root: Value,
    path: str | os.PathLike[str] | None = None,
    *,
    paths_from: Value | None = None,
    max_nodes: int = 2000,
) -> Page:
    """The graph that `root` was computed from, as a page that plays it forward and backward.

    The page shows each operation's formula with its numbers, each local derivative and what it adds to which
    gradient, and the paths from a node to the root. You can change the numbers of the leaves there, and all other
    numbers follow; a primitive of your own is translated for that. The numbers are fixed if the graph holds a call of
    a compiled function, or a primitive that cannot be translated, because the page has no formulas for these.

    Args:
        root: the Value whose graph to show.
        path: a file that ends in .html to write the page to as well. It is written whole or not at all.
        paths_from: a node of the graph whose paths to the root the page lists from the start, as after a click on it.
        max_nodes: the largest number of nodes to show.

    Returns:
        A `Page`: a notebook shows it, and `.html` is its text.

    Raises:
        TypeError: `root` is not a Value.
        RuntimeError: `root` is a constant, which has no gradient to play.
        ChangedLeafError: a leaf's number has changed since the graph was computed.
        GraphTooLargeError: the graph has more than `max_nodes` nodes.
        ValueError: the file does not end in .html, or `paths_from` is not in the graph.
        FileNotFoundError: the folder of `path` does not exist.

    >>> x = Value(3.0, label="x")
    >>> explore(x * x + 1)
    <Page: computation graph with 4 nodes>
    """
    if not isinstance(root, Value):
        raise TypeError(f"explore plays the graph of one Value, not of {type(root).__name__} {root!r:.80}")
    if not root.requires_grad:
        raise RuntimeError(
            f"{root!r} does not require a gradient, so there is nothing to play: it is a constant, or was computed "
            "from constants or under no_grad()"
        )
    from autograd.explore import document
    from autograd.explore.layout import laid_out

    file = None if path is None else _checked_path(path)
    outline = Outline(root)
    nodes = outline.nodes
    if len(nodes) > max_nodes:
        raise GraphTooLargeError(
            f"the page would have {len(nodes):,} nodes, more than max_nodes={max_nodes:,}; allow more with "
            "max_nodes=, or explore a smaller part, such as the output of one neuron"
        )
    start = None if paths_from is None else outline.index(paths_from)
    if paths_from is not None and start is None:
        raise ValueError(f"{paths_from!r} has no path to {root!r}: it is not a node of that graph")
    _refuse_changed_leaves(nodes)
    data = laid_out(outline, start)
    name = data["nodes"][-1]["name"]
    of = f" of {name}" if name else ""
    page = Page(document.written(data, name), f"computation graph{of} with {len(nodes):,} node{'s' * (len(nodes) > 1)}")
    if file is not None:
        from autograd.support.files import atomic_write

        with atomic_write(file) as unfinished:
            unfinished.write_bytes(page.html.encode())
    return page


def _checked_path(path: str | os.PathLike[str]) -> Path:
    file = Path(path)
    if file.suffix.lower() not in (".html", ".htm"):
        raise ValueError(f"a page needs a file that ends in .html, not {str(file)!r}")
    if not file.parent.is_dir():
        raise FileNotFoundError(f"cannot write {str(file)!r}: there is no folder {str(file.parent)!r}")
    return file


def _refuse_changed_leaves(nodes: list[Value]) -> None:
    """Raises ChangedLeafError if a leaf has changed since the graph was computed."""
    for node in nodes:
        for parent, seen in zip(node.parents, graph.operand_numbers(node), strict=False):
            if parent.data != seen and not (parent.data != parent.data and seen != seen):
                raise errors.ChangedLeafError(
                    f"{parent!r} was {seen!r} when {graph.described(node)} was computed; build the graph again after "
                    "changing a leaf"
                )
