"""A stand-in for the package pygraphviz, which draws with Graphviz as WebAssembly.

A browser has neither the program `dot` nor packages with C code. The worker installs this file instead, and offers the
function that draws as the module `graphviz_in_browser`.
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
        """The picture in a format.

        Raises:
            DotError: Graphviz could not draw; the message is Graphviz's own.
        """
        from pyodide.ffi import JsException

        try:
            drawn: str = layout(self._source, format, prog)
        except JsException as error:
            raise DotError(str(error)) from error
        return drawn.encode()
