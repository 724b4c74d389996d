"""What the library asks of the package pygraphviz, answered by Graphviz as WebAssembly.

In the browser there is neither the program `dot` nor a package with C code, so the worker puts this file in their
place, and the function that draws into a module of its own, `graphviz_in_browser`.
"""

from __future__ import annotations

from graphviz_in_browser import layout


class DotError(ValueError):
    """Graphviz could not draw."""


class AGraph:
    """A graph as DOT text."""

    def __init__(self, string: str) -> None:
        self._source = string

    def draw(self, format: str, prog: str) -> bytes:  # noqa: A002 - the name is that of pygraphviz
        """The picture in that format.

        Raises:
            DotError: Graphviz could not draw; the message is its own.
        """
        from pyodide.ffi import JsException

        try:
            drawn: str = layout(self._source, format, prog)
        except JsException as error:
            raise DotError(str(error)) from error
        return drawn.encode()
