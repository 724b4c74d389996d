"""The formulas of the primitives that the user wrote, in JavaScript, for the script of a page."""

from __future__ import annotations

import re
from typing import Any

from autograd.engine.ops import Binary, Primitive, Unary
from autograd.rules import javascript_language
from autograd.rules.comparison import compared_rules
from autograd.rules.text import NotTranslatable

_ENDS_A_SCRIPT = re.compile(r"</|<!--|-->|\]\]>", re.ASCII)


class OwnFormulas:
    """The formulas that a page needs beside those of the library, each once.

    sources: an expression of JavaScript for each, as `autograd.rules.javascript_language` writes it.
    """

    def __init__(self) -> None:
        self.sources: list[str] = []
        self._found: dict[Primitive, dict[str, Any]] = {}

    def of(self, primitive: Primitive) -> dict[str, Any]:
        """The data of a primitive for the page: the index of its formula ("own"), or why there is none ("why")."""
        if primitive not in self._found:
            try:
                source = formula(primitive)
            except NotTranslatable as reason:
                self._found[primitive] = {"why": _without_folders(str(reason))}
            else:
                self._found[primitive] = {"own": len(self.sources)}
                self.sources.append(source)
        return self._found[primitive]


def formula(primitive: Primitive) -> str:
    """An expression of JavaScript, `{ forward: ..., partials: [...] }`, in plain ASCII.

    Raises:
        NotTranslatable: the rules cannot be written in JavaScript; the message says why.

    >>> from autograd import sin
    >>> formula(sin)
    '{ forward: sin, partials: [(x) => cos(x)] }'
    """
    if not isinstance(primitive, (Unary, Binary)):
        raise NotTranslatable("")  # a call of a compiled function
    compared_rules(primitive)
    source = javascript_language.source(primitive)
    if _ENDS_A_SCRIPT.search(source):
        raise NotTranslatable(f"the formula of {primitive.name} cannot stand in a page")
    # Names may hold any letters, as in Python.
    return "".join(each if each.isascii() else f"\\u{{{ord(each):x}}}" for each in source)


def _without_folders(reason: str) -> str:
    """A page may go to other people: the name of a file is enough."""
    return re.sub(r"^\S.*[/\\](?=[^/\\]+:\d+: )", "", reason)
