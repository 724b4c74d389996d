"""The rules as functions of floats for Numba: Python that calls nothing but `math` and itself."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from autograd.engine import ops
from autograd.engine.ops import PRIMITIVES, Binary, Unary
from autograd.rules.expression_reader import ARITIES, RULES, is_built_in
from autograd.rules.expressions import Assign, Expression, Function, If, Raise, Return, Statement
from autograd.rules.language import ATOM, MADE, Language, constants
from autograd.rules.translate import translated

OF_JIT = ("cbrt", "ceil", "exp2", "floor", "fmod", "power", "remainder", "trunc")
"""The functions of `autograd.compiler.loop.jit`."""


HEAD = f"import math\n\nfrom autograd.compiler.loop.jit import jitted, {', '.join(OF_JIT)}\n"
"""What a text of functions begins with."""


class Numba(Language):
    """Python for Numba's compiler; where the class raises an error, it gives nan or an infinity, as NumPy does."""

    FUNCTIONS: ClassVar = {
        **{name: f"math.{name}" for name in ARITIES if name not in ("gamma", "lgamma")},  # which would not be the same
        **{name: name for name in OF_JIT},
        "abs": "abs",
    }
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


def source(primitive: Unary | Binary, rules: Mapping[str, Function] | None = None) -> str:
    """A module that defines the rules of a primitive as `forward`, `partial_x` and `partial_y`, for Numba.

    Args:
        primitive: the one to translate.
        rules: its rules, where they are not to be as `translated_rules` gives them.

    Raises:
        NotTranslatable: a rule does something that only Python can do.
    """
    return Numba().module(HEAD, primitive, rules)


FUNCTIONS = {
    "forward": (
        "value(code: int, x: float, y: float)",
        "The result of an operation other than a sum.",
        "tape_value(code, x, y)",
    ),
    "partial_x": ("partial_x(code: int, x: float, y: float, out: float)", "Its derivative with respect to x.", "0.0"),
    "partial_y": (
        "partial_y(code: int, x: float, y: float, out: float)",
        "Its derivative with respect to y.",
        "tape_partial_y(code, x)",
    ),
}
"""The functions of the loop: their heads and docstrings, and what they give for what is no primitive."""


def library() -> str:
    """The module that holds the codes and the rules of the library's own primitives."""
    primitives = list(filter(is_built_in, PRIMITIVES.values()))
    language = Numba()
    dispatches = []
    for rule, (head, doc, otherwise) in FUNCTIONS.items():
        lines = ["@jitted", f"def {head} -> float:", f'    """{doc}"""']
        for primitive in primitives:
            if rule in RULES[: len(primitive.operands) + 1]:
                lines += [
                    f"    if code == {_constant(primitive)}:",
                    f"        return {_result(language, primitive, rule)}",
                ]
        dispatches.append("\n".join([*lines, f"    return {otherwise}"]))
    names = [_constant(primitive) for primitive in primitives]
    codes = [f"{name} = FIRST_PRIMITIVE + {index}" for index, name in enumerate(names)]
    table = [f'    "{primitive.name}": {_constant(primitive)},' for primitive in primitives]
    rules = "\n\n\n".join([*language.texts, *dispatches])
    return f"""\
# {MADE}
\"\"\"The rules of the primitives for the compiled loop, and the numbers that stand for them there.\"\"\"

from __future__ import annotations

import math

from autograd.compiler.loop.codes import FIRST_PRIMITIVE, TAPE_CODES, tape_partial_y, tape_value
{HEAD.partition(chr(10) * 2)[2]}{constants(language)}

{chr(10).join(codes)}

CODES: dict[str, int] = {{
    **TAPE_CODES,
{chr(10).join(table)}
}}
\"\"\"The number that stands for an operation in the loop, by its name.\"\"\"


{rules}
"""


def _constant(primitive: Any) -> str:
    return str(primitive.name).upper()


def _result(language: Numba, primitive: Any, rule: str) -> str:
    """The text of what a rule gives: its one expression, or a call."""
    arguments = ("x", "y")[: len(primitive.operands)] + (() if rule == "forward" else ("out",))
    if rule == "forward" and primitive is ops.power:
        return "power(x, y)"
    function = translated(primitive, rule)
    first = function.body[0]
    if function.parameters == arguments and isinstance(first, Return):
        language.prepare(function)
        return language.text(first.value)
    return f"{language.name_of_rule(primitive, rule)}({', '.join(arguments)})"
