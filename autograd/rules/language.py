"""A language: a table of names, and methods for what it writes differently from Python.

To add one, derive from `Language`: give `FUNCTIONS`, and override what is different.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, ClassVar

from autograd.engine.ops import PRIMITIVES
from autograd.rules.expression_reader import RULES
from autograd.rules.expressions import (
    Assign,
    Both,
    Call,
    Comparison,
    Either,
    Expression,
    Function,
    FunctionCall,
    If,
    Negative,
    Not,
    Number,
    Operation,
    Raise,
    Return,
    RuleCall,
    Select,
    Statement,
    Truth,
    Variable,
    parts,
)
from autograd.rules.text import NotTranslatable
from autograd.rules.translate import translated, translated_rules

SELECT, OR, AND, NOT, COMPARISON, SUM, PRODUCT, SIGN, ATOM = range(9)
"""How tightly an expression binds; one that binds less tightly than its place needs is put in parentheses."""

MADE = "Made from autograd/engine/ops.py by `make rules`; what is changed here is lost."
"""The first line of the files that hold the library's own primitives."""

LEVELS = {"+": SUM, "-": SUM, "*": PRODUCT, "/": PRODUCT}


class Language:
    """Writes functions, one below the other, and those that they call before them.

    FUNCTIONS: how it names the functions of `math`, "abs" and "power". RESERVED: words that are no names of variables.
    """

    FUNCTIONS: ClassVar[dict[str, str]] = {}
    RESERVED: ClassVar[frozenset[str]] = frozenset(keyword.kwlist)

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.constants: dict[str, float] = {}
        self._names: dict[object, str] = {}
        self._taken = {name.rpartition(".")[2] for name in self.FUNCTIONS.values()}.union(self.RESERVED)

    # ------------------------------------------------------------ functions

    def name_of(self, function: Function) -> str:
        """The name of a function, which is written if it was not yet."""
        return self._written(function, function.name.lstrip("_") or "function", lambda: function)

    def name_of_rule(self, primitive: Any, rule: str) -> str:
        """The name of a rule of a primitive, which is written if it was not yet."""
        return self._written((id(primitive), rule), name_of_rule(primitive, rule), lambda: translated(primitive, rule))

    def known_rule(self, name: str) -> None:
        """Notes that the rule of this name (see `name_of_rule`) exists already and is not to be written."""
        self._taken.add(name)
        self._names.update(
            {
                (id(primitive), rule): name
                for primitive in PRIMITIVES.values()
                for rule in RULES
                if name_of_rule(primitive, rule) == name
            }
        )

    def define(self, name: str, function: Function) -> None:
        """Writes a function under a name of one's own, and those that it calls before it."""
        self._taken.add(name)
        self.prepare(function)
        self.texts.append("\n".join(self.definition(name, function)))

    def module(self, head: str, primitive: Any, rules: Mapping[str, Function] | None) -> str:
        """A module that defines the rules of a primitive as `forward`, `partial_x` and `partial_y`.

        Args:
            head: what it begins with.
            primitive: the one to translate.
            rules: the rules to write instead of those that `translated_rules` gives.

        Raises:
            NotTranslatable: a rule does something that only Python can do.
        """
        for rule, function in (translated_rules(primitive) if rules is None else rules).items():
            self.define(rule, function)
        return "\n\n\n".join([head + constants(self), *self.texts]) + "\n"

    def prepare(self, function: Function) -> None:
        """Writes the functions that a function calls; its variables do not get their names."""
        for called in calls(function.body):
            if isinstance(called, FunctionCall):
                self.name_of(called.function)
            else:
                self.name_of_rule(called.primitive, called.rule)

    def _written(self, key: object, name: str, function: Callable[[], Function]) -> str:
        if key not in self._names:
            name = unique(re.sub(r"\W", "_", f"_{name}" if name[:1].isdigit() else name, flags=re.ASCII), self._taken)
            self._names[key] = name
            self.define(name, function())
        return self._names[key]

    def definition(self, name: str, function: Function) -> Iterable[str]:
        """The lines of a function."""
        raise NotImplementedError

    def variable(self, name: str) -> str:
        """A variable, under a name that means nothing else, and that no other variable gets."""
        stem = name.rstrip("_")
        lengths = [len(taken) for taken in self._taken if taken.rstrip("_") == stem]
        return name + "_" * (max(lengths) - len(stem) + 1) if lengths else name

    def constant(self, number: Number) -> str:
        """A number; a constant of the engine by its name, which is kept in `constants`."""
        if number.name:
            self.constants[number.name] = number.value
            return number.name
        return self.number(number.value)

    # ------------------------------------------------------------ expressions

    def text(self, expression: Expression, level: int = SELECT) -> str:
        """An expression, in parentheses if it holds together less than its neighbours."""
        written, own = self.written(expression)
        return written if own >= level else f"({written})"

    def texts_of(self, expressions: Iterable[Expression]) -> str:
        """Expressions, with commas between them."""
        return ", ".join(map(self.text, expressions))

    def written(self, expression: Expression) -> tuple[str, int]:
        """An expression, and how strongly its parts hold together."""
        match expression:
            case Number(value):
                negative = str(value).startswith("-")
                return self.constant(expression), SIGN if negative and not expression.name else ATOM
            case Variable(name):
                return self.variable(name), ATOM
            case Negative(operand):
                return f"-{self.text(operand, ATOM)}", SIGN
            case Operation("**", left, right):
                return self.power(left, right)
            case Operation("/", left, right):
                return self.quotient(left, right)
            case Operation(operator, left, right):
                level = LEVELS[operator]
                return f"{self.text(left, level)} {operator} {self.text(right, level + 1)}", level
            case Call(function, arguments):
                return self.call(function, arguments)
            case RuleCall(primitive, rule, arguments):
                return f"{self.name_of_rule(primitive, rule)}({self.texts_of(arguments)})", ATOM
            case FunctionCall(called, arguments):
                return f"{self.name_of(called)}({self.texts_of(arguments)})", ATOM
            case Select(condition, chosen, otherwise):
                return self.select(condition, chosen, otherwise)
            case Comparison(operator, left, right):
                return self.comparison(operator, left, right)
            case Both(given):
                return self.both(given)
            case Either(given):
                return self.either(given)
            case Not(part):
                return self.negation(part)
            case Truth(value):
                return self.truth(value), ATOM

    def number(self, value: float) -> str:
        """A number."""
        raise NotImplementedError

    def truth(self, value: bool) -> str:
        """True or false."""
        return str(value)

    def power(self, base: Expression, exponent: Expression) -> tuple[str, int]:
        """The operator `**` of floats, not the primitive, which is the function "power"."""
        return self.call("pow", (base, exponent))

    def quotient(self, left: Expression, right: Expression) -> tuple[str, int]:
        """left / right"""
        return f"{self.text(left, PRODUCT)} / {self.text(right, SIGN)}", PRODUCT

    def call(self, function: str, arguments: tuple[Expression, ...]) -> tuple[str, int]:
        """A function of `math`.

        Raises:
            NotTranslatable: the language has none like it.
        """
        if function not in self.FUNCTIONS:
            raise NotTranslatable(f"{type(self).__name__} has no function like math.{function}")
        return f"{self.FUNCTIONS[function]}({self.texts_of(arguments)})", ATOM

    def select(self, condition: Expression, chosen: Expression, otherwise: Expression) -> tuple[str, int]:
        """One of two numbers."""
        before = f"{self.text(chosen, OR)} if {self.text(condition, OR)}"
        return f"{before} else {self.text(otherwise)}", SELECT

    def comparison(self, operator: str, left: Expression, right: Expression) -> tuple[str, int]:
        """left operator right"""
        return f"{self.text(left, SUM)} {operator} {self.text(right, SUM)}", COMPARISON

    def both(self, parts: tuple[Expression, ...]) -> tuple[str, int]:
        """All conditions; 0 < x and x < 1 as 0 < x < 1."""
        texts: list[str] = []
        for before, part in zip((None, *parts), parts, strict=False):
            if _continues(before, part):
                texts[-1] += f" {part.operator} {self.text(part.right, SUM)}"  # type: ignore[union-attr]
            else:
                texts.append(self.text(part, NOT))
        return " and ".join(texts), AND if len(texts) > 1 else COMPARISON

    def either(self, parts: tuple[Expression, ...]) -> tuple[str, int]:
        """At least one condition."""
        return " or ".join(self.text(part, AND) for part in parts), OR

    def negation(self, part: Expression) -> tuple[str, int]:
        """That a condition does not hold."""
        return f"not {self.text(part, NOT)}", NOT


def _continues(before: Expression | None, part: Expression) -> bool:
    """Whether a comparison begins with what the one before ends with, and points the same way."""
    if not (isinstance(before, Comparison) and isinstance(part, Comparison)):
        return False
    return before.right == part.left and before.operator[0] == part.operator[0] in "<>"


def name_of_rule(primitive: Any, rule: str) -> str:
    """The name of a rule among those of all primitives."""
    return str(primitive.name) if rule == "forward" else f"{primitive.name}_{rule}"


def constants(language: Language) -> str:
    """The lines that give the constants that were used their names."""
    return "".join(f"\n{name} = {language.number(value)}" for name, value in sorted(language.constants.items()))


def unique(name: str, taken: Iterable[str]) -> str:
    """The name, with as many underscores as it takes to differ from those that are taken."""
    while name in taken:
        name += "_"
    return name


def expressions(statements: Iterable[Statement]) -> Iterator[Expression]:
    """The expressions of some statements, in order."""
    for statement in statements:
        if isinstance(statement, (Assign, Return)):
            yield statement.value
        elif isinstance(statement, If):
            yield statement.condition
            yield from expressions(statement.then)
            yield from expressions(statement.otherwise)


def calls(statements: Iterable[Statement]) -> Iterator[FunctionCall | RuleCall]:
    """The calls of functions and rules in some statements, in order."""
    waiting = list(expressions(statements))[::-1]
    while waiting:
        expression = waiting.pop()
        waiting += parts(expression)[::-1]
        if isinstance(expression, (FunctionCall, RuleCall)):
            yield expression


def assigned(statements: Iterable[Statement]) -> Iterator[str]:
    """The variables that are assigned, in order, each as often as it is."""
    for statement in statements:
        if isinstance(statement, Assign):
            yield statement.name
        elif isinstance(statement, If):
            yield from assigned(statement.then)
            yield from assigned(statement.otherwise)


def ends(statements: tuple[Statement, ...]) -> bool:
    """Whether every path through some statements ends in a return, or an error."""
    if not statements:
        return False
    last = statements[-1]
    return isinstance(last, (Return, Raise)) or (isinstance(last, If) and ends(last.then) and ends(last.otherwise))
