"""The rules in JavaScript, for the pages, with the errors of Python's floats in place of NaN and Infinity."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from autograd.engine.ops import PRIMITIVES, Binary, Unary
from autograd.rules.expression_reader import ARITIES, RULES, is_built_in
from autograd.rules.expressions import (
    Assign,
    Call,
    Expression,
    Function,
    If,
    Number,
    Raise,
    Return,
    Statement,
    Variable,
    uses,
)
from autograd.rules.language import (
    AND,
    ATOM,
    COMPARISON,
    MADE,
    OR,
    PRODUCT,
    SELECT,
    SIGN,
    SUM,
    Language,
    assigned,
    ends,
    expressions,
)
from autograd.rules.translate import translated_rules

SAFE = ("abs", "asinh", "atan", "atan2", "cbrt", "hypot", "tanh")
"""Functions of Math that do what those of Python do, for every number."""
ARITHMETIC = (
    *("NotDefined", "acos", "acosh", "asin", "atanh", "ceil", "copySign", "cos", "cosh", "exp", "exp2", "expm1"),
    *("floor", "isInfinite", "log", "log10", "log1p", "log2", "pow", "power", "quotient", "sin", "sinh", "sqrt"),
    *("tan", "trunc"),
)
"""The names of arithmetic.js."""

WIDTH = 110
OPERATORS = {"==": "===", "!=": "!=="}

WORDS = """abstract arguments await boolean break byte case catch char class const continue debugger default delete do
double else enum eval export extends false final finally float for function goto if implements import in instanceof int
interface let long native new null package private protected public return short static super switch synchronized this
throw throws transient true try typeof var void volatile while with yield NaN Infinity undefined"""


class JavaScript(Language):
    """JavaScript; the functions that are not of Math are those of arithmetic.js, and its `erf` and `erfc`."""

    FUNCTIONS: ClassVar = {
        **{name: f"Math.{name}" for name in SAFE},
        **{name: name for name in ARITHMETIC if name in ARITIES},
        **{name: name for name in ("erf", "erfc", "power")},
        "copysign": "copySign",
        "isnan": "Number.isNaN",
        "isfinite": "Number.isFinite",
        "isinf": "isInfinite",
    }
    RESERVED = frozenset([*WORDS.split(), *ARITHMETIC, "Math", "Number"])

    def number(self, value: float) -> str:
        if not math.isfinite(value):
            return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
        return repr(value).removesuffix(".0")

    def truth(self, value: bool) -> str:
        return str(value).lower()

    def power(self, base: Expression, exponent: Expression) -> tuple[str, int]:
        return self.call("power", (base, exponent))

    def quotient(self, left: Expression, right: Expression) -> tuple[str, int]:
        if isinstance(right, Number) and right.value:
            return f"{self.text(left, PRODUCT)} / {self.text(right, SIGN)}", PRODUCT
        return f"quotient({self.texts_of((left, right))})", ATOM

    def select(self, condition: Expression, chosen: Expression, otherwise: Expression) -> tuple[str, int]:
        parts = (self.text(condition, OR), self.text(chosen, OR), self.text(otherwise))
        return "{} ? {} : {}".format(*parts), SELECT

    def comparison(self, operator: str, left: Expression, right: Expression) -> tuple[str, int]:
        sign = OPERATORS.get(operator, operator)
        return f"{self.text(left, SUM)} {sign} {self.text(right, SUM)}", COMPARISON

    def both(self, parts: tuple[Expression, ...]) -> tuple[str, int]:
        return " && ".join(self.text(part, COMPARISON) for part in parts), AND

    def either(self, parts: tuple[Expression, ...]) -> tuple[str, int]:
        return " || ".join(self.text(part, COMPARISON) for part in parts), OR

    def negation(self, part: Expression) -> tuple[str, int]:
        return f"!{self.text(part, ATOM)}", SIGN

    def definition(self, name: str, function: Function) -> Iterable[str]:
        yield f"function {name}({', '.join(map(self.variable, function.parameters))}) {{"
        yield from (f"  {line}" for line in self._body(function))
        yield "}"

    def rule(self, function: Function, primitive: Any, rule: str) -> list[str]:
        """The lines of a function without a name, or its name if there is one that is the same."""
        if (id(primitive), rule) in self._names:
            return [self.name_of_rule(primitive, rule)]
        read = {name for name in function.parameters if any(uses(each, name) for each in expressions(function.body))}
        given = list(function.parameters)
        while given and given[-1] not in read:
            given.pop()
        parameters = ", ".join(map(self.variable, given))
        first = function.body[0]
        if isinstance(first, Return):
            if isinstance(first.value, Call) and first.value.arguments == tuple(map(Variable, function.parameters)):
                return [self.call(first.value.function, ())[0].removesuffix("()")]
            return [f"({parameters}) => {self.text(first.value)}"]
        return [f"({parameters}) => {{", *(f"  {line}" for line in self._body(function)), "}"]

    def _body(self, function: Function) -> Iterator[str]:
        escaping = list(dict.fromkeys(_escaping(function.body, set(function.parameters))))
        declared = [self.variable(name) for name in escaping if name not in function.parameters]
        if declared:
            yield f"let {', '.join(declared)};"
        yield from self._block(function.body, set(escaping))

    def _block(self, statements: Iterable[Statement], declared: set[str]) -> Iterator[str]:
        for statement in statements:
            match statement:
                case Assign(name, value):
                    begin = "" if name in declared else "const "
                    yield f"{begin}{self.variable(name)} = {self.text(value)};"
                case Return(value):
                    yield f"return {self.text(value)};"
                case Raise(kind):
                    yield f'throw new NotDefined("{kind}");'
                case If(condition, then, otherwise):
                    yield f"if ({self.text(condition)}) {{"
                    yield from (f"  {line}" for line in self._block(then, declared))
                    if otherwise:
                        yield "} else {"
                        yield from (f"  {line}" for line in self._block(otherwise, declared))
                    yield "}"


def _escaping(statements: tuple[Statement, ...], before: set[str]) -> Iterator[str]:
    """The variables that are set again where they have a value, or in more than one block that is left with them."""
    here = set(before)
    for statement in statements:
        if isinstance(statement, Assign):
            if statement.name in here:
                yield statement.name
            here.add(statement.name)
        elif isinstance(statement, If):
            left_with = [set(assigned(block)) for block in (statement.then, statement.otherwise) if not ends(block)]
            yield from _escaping(statement.then, here)
            yield from _escaping(statement.otherwise, here)
            if len(left_with) == 2:
                yield from left_with[0] & left_with[1]
            here.update(*left_with)


def source(primitive: Unary | Binary) -> str:
    """An expression that is the rules of a primitive: `{ forward: ..., partials: [...] }`.

    Raises:
        NotTranslatable: a rule does something that only Python can do, or for which a page has no function.
    """
    language = JavaScript()
    lines = entry(language, primitive)
    if not language.texts and not language.constants:
        return "\n".join(lines)
    inner = [*constants(language), *language.texts, "return " + "\n".join(lines) + ";"]
    return "(() => {\n" + "\n".join(f"  {line}" for text in inner for line in text.splitlines()) + "\n})()"


def entry(language: JavaScript, primitive: Unary | Binary) -> list[str]:
    """The lines of `{ forward: ..., partials: [...] }`: one, if that is not too long."""
    rules = translated_rules(primitive)
    for function in rules.values():
        language.prepare(function)
    (forward, *partials) = [
        [language.FUNCTIONS["power"]] if rule not in rules else language.rule(rules[rule], primitive, rule)
        for rule in RULES[: len(primitive.operands) + 1]
    ]
    if all(len(lines) == 1 for lines in (forward, *partials)):
        line = f"{{ forward: {forward[0]}, partials: [{', '.join(lines[0] for lines in partials)}] }}"
        if len(line) <= WIDTH:
            return [line]
    lines = ["{", *_indented(f"forward: {forward[0]}", forward[1:]), "  partials: ["]
    for first, *rest in partials:
        lines += [f"  {line}" for line in _indented(first, rest)]
    return [*lines, "  ],", "}"]


def _indented(first: str, rest: list[str]) -> list[str]:
    lines = [first, *rest]
    return [f"  {line}" for line in [*lines[:-1], f"{lines[-1]},"]]


def constants(language: JavaScript) -> list[str]:
    """The lines that give the constants that were used their names."""
    return [f"const {name} = {language.number(value)};" for name, value in sorted(language.constants.items())]


def library() -> str:
    """The module of the page that holds the rules of the library's own primitives."""
    language = JavaScript()
    entries: list[str] = []
    for primitive in filter(is_built_in, PRIMITIVES.values()):
        first, *rest = entry(language, primitive)
        entries += _indented(f"{primitive.name}: {first}", rest)
    inner = [*constants(language), "", *"\n\n".join(language.texts).splitlines(), "", "return {", *entries, "};"]
    body = "".join(f"  {line}".rstrip() + "\n" for line in inner)
    needed = [name for name in ARITHMETIC if re.search(rf"\b{name}\b(?!:)", body)]
    return (
        f"// {MADE}\n"
        f'import {{ {", ".join(needed)} }} from "./arithmetic.js";\n'
        'import { erf, erfc } from "./numbers.js";\n\n'
        "/** By name: the value, and the partial derivatives, which take the operands and the value. */\n"
        f"export const PRIMITIVES = (() => {{\n{body}}})();\n"
    )
