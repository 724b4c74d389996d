"""What the reference says of the primitives, made from their table: the directive `primitives`.

It shows a table of all primitives, and then each of them with its docstring. So a new primitive is in the reference as
soon as there is one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from autograd import PRIMITIVES, Binary, Unary, Value

if TYPE_CHECKING:
    from sphinx.application import Sphinx

HEADINGS = ("function", "operator or method", "drawn as", "derivatives, with respect to x and y")


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.add_directive("primitives", Primitives)
    return {"parallel_read_safe": True}


class Primitives(SphinxDirective):
    """`.. primitives::`"""

    def run(self) -> list[nodes.Node]:
        """Called by Sphinx."""
        return self.parse_text_to_nodes(f"{operation_table()}\n{entries()}")


def operation_table() -> str:
    """A row for each primitive, as reStructuredText.

    >>> print(operation_table()[:212])
    .. list-table::
       :header-rows: 1
       :class: operations
    <BLANKLINE>
       * - function
         - operator or method
         - drawn as
         - derivatives, with respect to x and y
       * - :py:obj:`add <autograd.add>`
         - ``x + y``
    """
    rows = [HEADINGS, *map(row, PRIMITIVES.values())]
    items = [
        "\n".join(f"   {'* -' if column == 0 else '  -'} {cell}" for column, cell in enumerate(row)) for row in rows
    ]
    return "\n".join([".. list-table::\n   :header-rows: 1\n   :class: operations\n", *items, ""])


def row(primitive: Unary | Binary) -> tuple[str, ...]:
    """The cells of one primitive.

    >>> row(PRIMITIVES["sqrt"])
    (':py:obj:`sqrt <autograd.sqrt>`', '``x.sqrt()``', '``sqrt``', '``0.5 / sqrt(x)``')
    """
    link = f":py:obj:`{primitive.name} <autograd.{primitive.name}>`"
    return link, code(also_written(primitive)), code(primitive.title), ", ".join(map(code, primitive.derivatives))


def code(text: str) -> str:
    """Text in the font of code; nothing stays nothing."""
    return f"``{text}``" if text else ""


def also_written(primitive: Unary | Binary) -> str:
    """How a primitive is written without its function: with an operator, or as a method of Value.

    >>> [also_written(PRIMITIVES[name]) for name in ("power", "abs", "exp", "atan2")]
    ['x**y', 'abs(x)', 'x.exp()', '']
    """
    if "(" not in primitive.call:
        return primitive.call
    if hasattr(Value, f"__{primitive.name}__"):  # what a function of Python calls
        return primitive.call
    x, *others = primitive.operands
    return f"{x}.{primitive.name}({', '.join(others)})" if hasattr(Value, primitive.name) else ""


def entries() -> str:
    """An entry for each primitive, as reStructuredText."""
    return "\n".join(f".. autofunction:: autograd.{name}" for name in PRIMITIVES)
