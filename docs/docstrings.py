"""Turns docstrings, which are written as plain text, into the markup that Sphinx reads.

Docstrings use four conventions: names in backticks, doctests, indented formulas, and lines that begin with a name and a
colon, which describe an attribute. Sections such as `Args:` are left to sphinx.ext.napoleon.
"""

from __future__ import annotations

import inspect
import re
from collections import _tuplegetter  # type: ignore[attr-defined] # what a field of a named tuple is
from typing import TYPE_CHECKING, Any

from autograd import Primitive

if TYPE_CHECKING:
    from sphinx.application import Sphinx

SECTION = re.compile(r"(Args|Returns|Yields|Raises):$")
HELD = re.compile(r"(\w+(?:, \w+)*): (?=\S)")


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("autodoc-process-docstring", _process, priority=100)  # before napoleon
    app.connect("autodoc-process-signature", _signature)
    app.connect("autodoc-skip-member", _skip)
    return {"parallel_read_safe": True}


def marked_up(text: str, *, of_class: bool = False) -> str:
    r"""A docstring as reStructuredText.

    Args:
        text: the docstring, as `inspect.cleandoc` leaves it.
        of_class: whether lines such as "rows: a list" describe an attribute.

    >>> print(marked_up("Gives x * `y`.\n\n    y = x * 2"))
    Gives x \* `y`.
    <BLANKLINE>
    ::
    <BLANKLINE>
        y = x * 2
    >>> print(marked_up("rows: a list\n    of rows", of_class=True))
    `rows`
        a list
        of rows
    """
    blocks = re.split(r"\n{2,}", text)
    return "\n\n".join(_block(block, of_class) for block in blocks)


def _block(block: str, of_class: bool) -> str:
    """One paragraph, list, doctest, formula or section."""
    lines = block.split("\n")
    if block.startswith(">>> "):
        return block
    if block.startswith("    "):
        return f"::\n\n{block}"
    held = [HELD.match(line) for line in lines if not line.startswith(" ")]
    if lines[0] == "Returns:":  # napoleon would take what stands before a colon for a type
        return ":returns: " + _escaped(" ".join(line.strip() for line in lines[1:]))
    if SECTION.match(lines[0]) or not of_class or not all(held):
        return "\n".join(map(_escaped, lines))
    return "\n".join(_held(line) for line in lines)


def _held(line: str) -> str:
    """A line that describes an attribute, as an entry of a definition list."""
    found = HELD.match(line)
    if found is None:
        return _escaped(line)
    return ", ".join(f"`{name}`" for name in found[1].split(", ")) + f"\n    {_escaped(line[found.end() :])}"


def _escaped(line: str) -> str:
    """A line in which only backticks are markup."""
    texts = re.split(r"(`[^`]+`)", line)
    for index, text in enumerate(texts):
        if index % 2 == 0:
            texts[index] = re.sub(r"([*|\\]|_\b)", r"\\\1", text)
        elif text.startswith("`."):  # `.grad` may be that of several classes
            texts[index] = f"`{text}`"
    return "".join(texts)


def _process(app: Sphinx, what: str, name: str, thing: Any, options: Any, lines: list[str]) -> None:
    text = marked_up(inspect.cleandoc("\n".join(lines)), of_class=what == "class")
    if isinstance(thing, Primitive):
        derivatives = [
            f"| The derivative with respect to ``{operand}`` is ``{derivative}``."
            for operand, derivative in zip(thing.operands, thing.derivatives, strict=False)
        ]
        text += "\n\n" + "\n".join(derivatives)
    # In the first line of a property, napoleon takes the words before a colon for its type. So that is a comment.
    lines[:] = ["..", "", *text.split("\n"), ""]


def _signature(
    app: Sphinx, what: str, name: str, thing: Any, options: Any, signature: str | None, returns: str | None
) -> tuple[str | None, str | None]:
    if isinstance(thing, Primitive):
        return f"({', '.join(thing.operands)})", None
    return _plain_types(signature), _plain_types(returns)


def _skip(app: Sphinx, what: str, name: str, thing: Any, skip: bool, options: Any) -> bool | None:
    """Leaves out the fields of named tuples, which the docstring of the class describes."""
    return True if isinstance(thing, _tuplegetter) else None


def _plain_types(text: str | None) -> str | None:
    """Types by their last names, without `autograd.engine.native.Unchecked`, which only type checkers need."""
    if text is None:
        return None
    return re.sub(r"~(\w+\.)+", "", re.sub(r"Annotated\[(.+?), 'checked by the function itself'\]", r"\1", text))
