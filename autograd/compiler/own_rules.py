"""The rules of primitives that users wrote, translated where they are compiled.

A translation is compared with the class's own rules before use, and made again when something that the rules use has
changed. Without one, the rules of the class are called element by element, and a warning says why.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from types import FrameType
from typing import Any, Generic, NamedTuple, TypeVar

from autograd.compiler.lines import is_ours
from autograd.engine.errors import NotTranslatedWarning
from autograd.rules.careful import careful
from autograd.rules.expression_reader import RULES
from autograd.rules.expressions import Function
from autograd.rules.text import NotTranslatable
from autograd.rules.translate import translated_rules

_Made = TypeVar("_Made")

Translate = Callable[[Any, dict[str, Function]], _Made]
"""Writes the rules of a primitive in a language.

Raises:
    NotTranslatable: the language lacks a function that they need, or they give other numbers there.
"""


class _Translation(NamedTuple, Generic[_Made]):
    """Rules in a language, or None and the reason why there are none."""

    made: _Made | None
    reason: str
    functions: tuple[Function, ...]

    def is_current(self, primitive: Any) -> bool:
        if _on_instance(primitive):
            return self.made is None
        return all(function.changed() is None for function in self.functions)


class Translations(Generic[_Made]):
    """The translations of primitives into one language, each made once, and again when it is out of date."""

    def __init__(self, translate: Translate[_Made]) -> None:
        self._translate = translate
        self._of: dict[Any, _Translation[_Made]] = {}

    def of(self, primitive: Any) -> _Made:
        """The rules of a primitive.

        Raises:
            NotTranslatable: there are none; the message says why.
        """
        found = self._of.get(primitive)
        if found is None or not found.is_current(primitive):
            found = self._of[primitive] = self._new(primitive)
        if found.made is None:
            raise NotTranslatable(found.reason)
        return found.made

    def _new(self, primitive: Any) -> _Translation[_Made]:
        functions: dict[str, Function] = {}
        try:
            for rule in _on_instance(primitive):
                raise NotTranslatable(f"{rule} was set on the instance, not written in the class")
            functions = translated_rules(primitive)
            made = self._translate(primitive, {rule: careful(function) for rule, function in functions.items()})
        except NotTranslatable as error:
            return _Translation(None, str(error), tuple(functions.values()))
        return _Translation(made, "", tuple(functions.values()))


def _on_instance(primitive: Any) -> list[str]:
    """The rules that were set on the instance, where they may change."""
    held = getattr(primitive, "__dict__", {})
    return [rule for rule in RULES if rule in held] if held else []


_warned: set[type] = set()


def warn_of(primitive: Any, reason: NotTranslatable) -> None:
    """Warns, once for each class, that a primitive is called element by element."""
    if type(primitive) in _warned:
        return
    _warned.add(type(primitive))
    frame: FrameType | None = sys._getframe(1)
    level = 2
    while frame is not None and (is_ours(frame) or str(frame.f_globals.get("__name__")).startswith("nn.")):
        frame, level = frame.f_back, level + 1
    warnings.warn(
        f"where it is compiled, the primitive {primitive.name!r} is called element by element, which is slow: {reason}",
        NotTranslatedWarning,
        stacklevel=level,
    )
