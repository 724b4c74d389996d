"""The rules as functions of floats for Numba: Python that calls nothing but `math` and itself."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from autograd.engine.ops import Binary, Unary
from autograd.rules.expressions import Assign, Expression, Function, If, Raise, Return, Statement
from autograd.rules.language import ATOM, Language, constants
from autograd.rules.translate import ARITIES, translated_rules

HEAD = """\
import math

from autograd.compiler.loop.jit import jitted, power
"""


class Numba(Language):
    """Python for Numba's compiler; where Python raises, it gives nan or an infinity, as NumPy does."""

    FUNCTIONS = {name: f"math.{name}" for name in ARITIES} | {"abs": "abs", "power": "power"}
    RESERVED = Language.RESERVED | {"math", "jitted", "float"}

    def number(self, value: float) -> str:
        return f"math.{value}".replace("math.-", "-math.") if not math.isfinite(value) else repr(value)

    def power(self, base: Expression, exponent: Expression) -> tuple[str, int]:
        return f"float({self.text(base, ATOM)} ** {self.text(exponent, ATOM)})", ATOM

    def definition(self, name: str, function: Function) -> Iterable[str]:
        given = ", ".join(f"{self.variable(parameter)}: float" for parameter in function.parameters)
        return ["@jitted", f"def {name}({given}) -> float:", *(f"    {line}" for line in self.block(function.body))]

    def block(self, statements: Iterable[Statement]) -> Iterator[str]:
        """The lines of some statements."""
        for statement in statements:
            match statement:
                case Assign(name, value):
                    yield f"{self.variable(name)} = {self.text(value)}"
                case Return(value):
                    yield f"return {self.text(value)}"
                case Raise():
                    yield "return math.nan"
                case If(condition, then, otherwise):
                    yield f"if {self.text(condition)}:"
                    yield from (f"    {line}" for line in self.block(then))
                    if otherwise:
                        yield "else:"
                        yield from (f"    {line}" for line in self.block(otherwise))


def source(primitive: Unary | Binary) -> str:
    """A module that defines the rules of a primitive as `forward`, `partial_x` and `partial_y`, for Numba.

    Raises:
        NotTranslatable: a rule does something that only Python can do.
    """
    language = Numba()
    for rule, function in translated_rules(primitive).items():
        language.define(rule, function)
    return "\n\n\n".join([HEAD + constants(language), *language.texts]) + "\n"
