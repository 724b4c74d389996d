"""Random functions of lists: a program is data, a short list of steps, that can be printed as Python.

Each step makes a list of numbers from lists that are there already: arguments, captured parameters, results of other
steps. What a step needs besides (which function, which index, how many) is a row of whole numbers that is brought
into range when the program is printed. So any step can be left out, and any list made shorter, and what remains is
still a program: that is what shrinking does.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

LONGEST = 20
"""The greatest length of a list that a step makes."""


class Argument(NamedTuple):
    """An argument of a program.

    kind: "number", "list", "tuple", "array", "rows" (nested lists of one length), "matrix" (an array of two axes),
    "parts" (lists of different lengths), "arrays" (a list of arrays of different lengths).
    shape: one number, the number of rows and their length, or the lengths of the parts.
    """

    kind: str
    shape: tuple[int, ...]

    def size(self) -> int:
        """How many numbers it holds."""
        if self.kind in ("parts", "arrays"):
            return sum(self.shape)
        return int(np.prod(self.shape, dtype=int))

    def nested(self, numbers: Sequence[Any]) -> Any:
        """Numbers, as plain nested lists in this arrangement."""
        if self.kind == "number":
            return numbers[0]
        if self.kind == "tuple":
            return tuple(numbers)
        if self.kind in ("list", "array"):
            return list(numbers)
        lengths = self.shape if self.kind in ("parts", "arrays") else [self.shape[1]] * self.shape[0]
        rows, start = [], 0
        for length in lengths:
            rows.append(list(numbers[start : start + length]))
            start += length
        return rows

    def filled(self, numbers: Sequence[Any], dtype: Any = None) -> Any:
        """Numbers in this arrangement, as lists and arrays."""
        nested = self.nested(numbers)
        if self.kind == "arrays":
            return [np.array(part, dtype) for part in nested]
        return np.array(nested, dtype) if self.kind in ("array", "matrix") else nested


class Step(NamedTuple):
    """A step: the form of it, the indices of the lists it takes, and the numbers that decide the rest."""

    form: str
    operands: tuple[int, ...]
    numbers: tuple[int, ...]


class Program(NamedTuple):
    """A function of lists.

    captured: the lengths of the lists of parameters. result: which form, of which lists.
    """

    arguments: tuple[Argument, ...]
    captured: tuple[int, ...]
    steps: tuple[Step, ...]
    result: Step

    def source(self) -> str:
        """The function as Python text, `def f(a, b): ...`; what the result does not need is left out."""
        return _Printer(self).text

    def outputs(self) -> int:
        """How many numbers a model gives."""
        return 1 if self.has_one_result() else _Printer(self).length

    def has_one_result(self) -> bool:
        """Whether it returns a number, not a list."""
        return RESULTS[self.result.form].is_number


class Named(NamedTuple):
    """A list as the text of a program knows it: its name and its length."""

    name: str
    length: int

    def __str__(self) -> str:
        return self.name

    def first(self, count: int) -> str:
        """Its first numbers, as text."""
        return self.name if count == self.length else f"{self.name}[:{count}]"

    def rows(self, width: int) -> tuple[str, int]:
        """Its numbers in rows, as text for `for row in ...`; and how many rows there are."""
        count = self.length // width
        if count == 1:
            return f"[{self.first(width)}]", 1
        return f"[{self}[i : i + {width}] for i in range(0, {count * width}, {width})]", count


Made = tuple[str, int]
"""The text of an expression that makes a list, and the length of the list."""

CALM = ("tanh", "sin", "cos", "sigmoid", "softplus", "relu", "abs", "atan", "silu", "gelu", "erf", "negate")
STEEP = ("exp", "sinh", "cosh", "expm1", "asinh", "erfc", "tan")
BOUNDED = ("log", "sqrt", "log1p", "log2", "log10", "asin", "acos", "acosh", "atanh")
"""Functions with a domain; they are given what lies in it most of the time."""
BEFORE = {"log1p": "x * x", "asin": "0.5 * tanh(x)", "acos": "0.5 * tanh(x)", "atanh": "0.5 * tanh(x)"}
WITH_METHOD = ("tanh", "sigmoid", "exp", "relu", "sin")
CONSTANTS = ("0.5", "2.0", "-1.0", "1.0", "0.0", "-0.25", "3.0", "-0.0")


def _applied(numbers: Sequence[int], x: str = "x") -> str:
    """The text of some function of a number."""
    which, kind = numbers[0], numbers[1] % 100
    if kind < 60:
        name = CALM[which % len(CALM)]
    elif kind < 75:
        name = STEEP[which % len(STEEP)]
    elif kind < 80:
        return f"{WITH_METHOD[which % len(WITH_METHOD)]}({x})" if x != "x" else f"x.{WITH_METHOD[which % 5]}()"
    elif kind < 88:
        return (f"{x} * {x}", f"{x} ** 2", f"{x} ** 3", f"({x} * {x} + 0.5) ** -0.5", f"{x} ** 1", f"{x} ** 0")[
            which % 6
        ]
    elif kind < 92:
        return (f"leaky_relu({x}, 0.25)", f"elu({x}, 0.5)", f"{x} / 2.0", f"1.0 / ({x} * {x} + 1.0)")[which % 4]
    elif kind < 98:
        name = BOUNDED[which % len(BOUNDED)]
        return f"{name}({BEFORE.get(name, 'x * x + 1.0').replace('x', x) if len(x) == 1 else f'{x} * {x} + 1.0'})"
    else:
        name = BOUNDED[which % len(BOUNDED)]  # whatever comes
    return f"-{x}" if name == "negate" else f"{name}({x})"


def _map(a: Named, *, numbers: Sequence[int]) -> Made:
    return f"[{_applied(numbers)} for x in {a}]", a.length


def _scale(a: Named, b: Named, *, numbers: Sequence[int]) -> Made:
    index = (0, -1, numbers[1] % b.length)[numbers[0] % 3]
    factor = f"{b}[{index}]"
    operation = ("*", "*", "*", "/")[numbers[2] % 4]
    if operation == "/":
        return f"[x / ({factor} * {factor} + 1.0) for x in {a}]", a.length
    return (f"[x * {factor} for x in {a}]" if numbers[3] % 2 else f"[{factor} * x for x in {a}]"), a.length


def _bias(a: Named, b: Named, *, numbers: Sequence[int]) -> Made:
    bias = f"{b}[{(0, -1, numbers[1] % b.length)[numbers[0] % 3]}]"
    return f"[{(f'x + {bias}', f'{bias} + x', f'x - {bias}', f'{bias} - x')[numbers[2] % 4]} for x in {a}]", a.length


def _constant(a: Named, *, numbers: Sequence[int]) -> Made:
    constant = CONSTANTS[numbers[0] % len(CONSTANTS)]
    text = (f"x * {constant}", f"{constant} * x", f"x + {constant}", f"{constant} - x", f"{constant} + x")
    return f"[{text[numbers[1] % len(text)]} for x in {a}]", a.length


PAIRS = (
    *("x * y", "x * y", "x + y", "x - y", "x / (y * y + 1.0)", "maximum(x, y)", "minimum(x, y)", "atan2(x, y)"),
    *("where(x > y, x, y)", "where(x < 0.0, y, x)", "where(x <= y, x * y, 0.0)", "where(x == y, x, -y)"),
    *("(x * x + 0.5) ** y", "x * y - x", "x * y + y * y", "x - (y - x)", "-(x * y)", "leaky_relu(x, y)", "elu(x, y)"),
    *("where(x != y, 1.0, y)", "where(x >= y, sqrt(x), y)", "where(y > 0.0, log(y), x)", "x / y", "x ** y"),
)


def _pairs(a: Named, b: Named, *, numbers: Sequence[int]) -> Made:
    text = PAIRS[numbers[0] % (len(PAIRS) if numbers[1] % 30 == 0 else len(PAIRS) - 2)]
    return f"[{text} for x, y in zip({a}, {b})]", min(a.length, b.length)


def _outer(a: Named, b: Named, *, numbers: Sequence[int]) -> Made:
    text = ("x * y", "x * y", "x + y", "x - y", "maximum(x, y)", "tanh(x * y)")[numbers[0] % 6]
    size = a.length * b.length
    made = f"[{text} for x in {a} for y in {b}]"
    return (made, size) if size <= LONGEST else (f"{made}[:{LONGEST}]", LONGEST)


def _slice(a: Named, *, numbers: Sequence[int]) -> Made:
    n = a.length
    start, stop = sorted((numbers[0] % (n + 1), numbers[1] % (n + 1)))
    if start == stop:
        start, stop = 0, n
    step = (1, 1, 2, 3, -1)[numbers[2] % 5]
    if step < 0:
        return f"{a}[::-1]", n
    text = f"{a}[{start or ''}:{stop if stop < n else ''}" + (f":{step}]" if step > 1 else "]")
    return text, len(range(start, stop, step))


def _concatenate(a: Named, b: Named, *, numbers: Sequence[int]) -> Made:
    size = a.length + b.length
    return (f"{a} + {b}", size) if size <= LONGEST else (f"({a} + {b})[:{LONGEST}]", LONGEST)


def _interleave(a: Named, b: Named, *, numbers: Sequence[int]) -> Made:
    return f"[z for pair in zip({a}, {b}) for z in pair]", 2 * min(a.length, b.length)


def _gather(a: Named, *, numbers: Sequence[int]) -> Made:
    count = 1 + numbers[0] % 6
    indices = [number % a.length for number in numbers[1 : 1 + count]]
    return f"[{', '.join(f'{a}[{index}]' for index in indices)}]", count


def _repeat(a: Named, *, numbers: Sequence[int]) -> Made:
    count = 1 + numbers[1] % 4
    return f"[{a}[{(0, -1, numbers[0] % a.length)[numbers[2] % 3]}]] * {count}", count


def _repeat_list(a: Named, *, numbers: Sequence[int]) -> Made:
    count = 1 + numbers[0] % 3
    size = a.length * count
    return (f"{a} * {count}", size) if size <= LONGEST else (f"({a} * {count})[:{LONGEST}]", LONGEST)


def _dot(a: Named, b: Named, *, numbers: Sequence[int]) -> Made:
    count = min(a.length, b.length)
    return f"[dot({a.first(count)}, {b.first(count)})]", 1


def _dot_with_one(a: Named, b: Named, *, numbers: Sequence[int]) -> Made:
    """One number, repeated, times a list."""
    same = f"[{a}[{(0, -1)[numbers[0] % 2]}]] * {b.length}"
    text = (f"dot({same}, {b})", f"dot({b}, {same})", f"sum(x * y for x, y in zip({b}, {same}))")[numbers[1] % 3]
    return f"[{text}]", 1


def _matrix(a: Named, b: Named, *, numbers: Sequence[int]) -> Made:
    """A matrix times a vector; sometimes the columns of it, sometimes with a bias."""
    width = 1 + numbers[0] % min(a.length, b.length)
    rows, count = a.rows(width)
    if numbers[1] % 3 == 0 and 1 < count <= b.length:
        return f"[dot({a}[i:{count * width}:{width}], {b.first(count)}) for i in range({width})]", width  # columns
    added = ("", "", f" + {b}[-1]", f" - {a}[0]")[numbers[2] % 4]
    return f"[dot(row, {b.first(width)}){added} for row in {rows}]", count


def _columns(a: Named, b: Named, *, numbers: Sequence[int]) -> Made:
    return _matrix(a, b, numbers=numbers) if a.length <= b.length else _table(a, b, numbers=numbers)


def _table(a: Named, b: Named, *, numbers: Sequence[int]) -> Made:
    """A matrix times another."""
    width = 1 + numbers[0] % min(a.length, b.length, 4)
    rows, count = a.rows(width)
    columns, across = b.rows(width)
    size = count * across
    made = f"[dot(row, column) for row in {rows} for column in {columns}]"
    if numbers[1] % 4 == 0:
        made = f"[dot(row, column) for column in {columns} for row in {rows}]"
    if numbers[1] % 4 == 1:
        made = f"[dot(row, column) + row[0] * column[-1] for row in {rows} for column in {columns}]"
    return (made, size) if size <= LONGEST else (f"{made}[:{LONGEST}]", LONGEST)


def _row_sums(a: Named, *, numbers: Sequence[int]) -> Made:
    rows, count = a.rows(1 + numbers[0] % a.length)
    text = ("sum(row)", "sum(row)", "mean(row)", "sum(x * x for x in row)", "sum(row) - row[0]")[numbers[1] % 5]
    return f"[{text} for row in {rows}]", count


def _unequal_sums(a: Named, b: Named, *, numbers: Sequence[int]) -> Made:
    count = 1 + numbers[0] % a.length
    text = ("sum({a}[: i + 1])", "sum({a}[i:])", "sum([{b}[0], *{a}[: i + 1]])", "sum({a}[:i])")[numbers[1] % 4]
    return f"[{text.format(a=a, b=b)} for i in range({count})]", count


def _terms(a: Named, b: Named, *, numbers: Sequence[int]) -> Made:
    """Sums written out: terms of both lists, products of them, with signs and brackets."""
    p, q, r, s = (
        f"{operand}[{number % operand.length}]" for operand, number in zip((a, b, a, b), numbers[2:6], strict=True)
    )
    texts = (
        *("{p} + ({q} - {r})", "{p} * {q} - {r} * {s}", "{p} - {q} * {r} + {s}", "-({p} + {q}) - {r} * {r}"),
        *("{p} - ({q} - ({r} - {s}))", "{p} * {q} + {r}", "{p} + {q} + {r} * {s}", "-{p} * {q} - 2.0 * {r}"),
        *("{p} + {p} * {q} + {p}", "({p} + {q}) * ({p} - {q})", "{p} * {p} - {p} * {p}"),
    )
    text = texts[numbers[0] % len(texts)].format(p=p, q=q, r=r, s=s)
    return f"[{text}]" if numbers[1] % 3 else f"[{text}, {p}]", 1 if numbers[1] % 3 else 2


def _across(a: Named, b: Named, c: Named, d: Named, e: Named, *, numbers: Sequence[int]) -> Made:
    """Sums of terms from many lists, several of one form."""
    text = (
        *("{a} * {b} + {c} - {d} * {e}", "{a} + {b} + {c} + {d} + {e}", "{a} - {b} - {c} * {d} + {e}"),
        *("{a} * {b} + {c} * {d} + {e} * {a}", "{a} * {c} + {b} * {d} + {c} * {e} + {d} * {a} + {e} * {b}"),
    )[numbers[0] % 5]
    count = 1 + numbers[1] % 4
    made = []
    for row in range(count):
        named = zip("abcde", (a, b, c, d, e), strict=True)
        elements = {
            name: f"{operand}[{(numbers[2 + index] + row * numbers[7]) % operand.length}]"
            for index, (name, operand) in enumerate(named)
        }
        made.append(text.format(**elements))
    return f"[{', '.join(made)}]", count


def _layer(a: Named, b: Named, c: Named, *, numbers: Sequence[int]) -> Made:
    """A layer of a network: weights, inputs, biases."""
    width = 1 + numbers[0] % min(a.length, b.length)
    rows, count = a.rows(width)
    count = min(count, c.length)
    text = ("{sum}", "tanh({sum})", "relu({sum})", "sigmoid({sum})")[numbers[1] % 4]
    total = (f"dot(row, {b.first(width)}) + bias", f"bias + dot({b.first(width)}, row)")[numbers[2] % 2]
    return f"[{text.format(sum=total)} for row, bias in zip({rows}, {c})]", count


def _with_numbers(a: Named, *, numbers: Sequence[int]) -> Made:
    """With a list of plain numbers."""
    plain = ", ".join(CONSTANTS[(numbers[2 + index % 6] + index) % len(CONSTANTS)] for index in range(a.length))
    texts = (
        "[dot({a}, [{plain}])]",
        "[x * y for x, y in zip([{plain}], {a})]",
        "[x + y for x, y in zip({a}, [{plain}])]",
    )
    which = numbers[0] % 3
    return texts[which].format(a=a, plain=plain), 1 if which == 0 else a.length


def _gated(a: Named, b: Named, *, numbers: Sequence[int]) -> Made:
    texts = (
        *("where(x > 0.0, y, 0.0)", "where(y > 0.25, x * y, 0.0)", "relu(y) * x", "sigmoid(x) * y"),
        *("where(x > y, x, 0.0)", "where(x > 0.0, 1.0, 0.0) * y", "(x > 0.0) * y"),
    )
    return f"[sum({texts[numbers[0] % (len(texts) - 1)]} for x, y in zip({a}, {b}))]", 1


def _softmax(a: Named, *, numbers: Sequence[int]) -> Made:
    return f"softmax({a})", a.length


def _logsumexp(a: Named, *, numbers: Sequence[int]) -> Made:
    return f"[logsumexp({a})]", 1


def _norm(a: Named, *, numbers: Sequence[int]) -> Made:
    return f"[norm({a})]", 1


def _largest(a: Named, *, numbers: Sequence[int]) -> Made:
    return f"[reduce({('maximum', 'maximum', 'minimum')[numbers[0] % 3]}, {a})]", 1


def _mean(a: Named, *, numbers: Sequence[int]) -> Made:
    return f"[{('mean', 'sum')[numbers[0] % 2]}({a})]", 1


def _running(a: Named, b: Named, *, numbers: Sequence[int]) -> Made:
    """A recurrence over a list: each waits for the one before."""
    text = (
        *("x + y", "x * y", "tanh(x * {b}[0] + y)", "x * {b}[-1] + y", "maximum(x, y)", "y - x", "x - tanh(y)"),
        "where(y > 0.0, x, y)",
    )[numbers[0] % 8]
    return f"list(accumulate({a}, lambda x, y: {text.format(b=b)}))", a.length


def _deep(a: Named, b: Named, *, numbers: Sequence[int]) -> Made:
    """The same to each number again and again: a deep graph."""
    count = (3, 8, 21, 25)[numbers[0] % 4]
    text = (
        *("sin(x) + {b}[0]", "tanh(x * {b}[-1])", "x - 0.25 * x * x", "0.5 * x + cos(x)", "{b}[0] - sin(x)"),
        *("x * x - 0.5", "tanh(x) * {b}[0] - x * 0.25", "where(x > 0.0, 0.5 * x, {b}[0])"),
    )[numbers[1] % 8].format(b=b)
    return f"reduce(lambda s, _: [{text} for x in s], range({count}), {a})", a.length


def _detached(a: Named, b: Named, *, numbers: Sequence[int]) -> Made:
    text = (
        *("[x.detach() for x in {a}]", "[x.detach() * y for x, y in zip({a}, {b})]"),
        *("[tanh(x).detach() + y for x, y in zip({a}, {b})]", "[sqrt(x * x).detach() + x for x in {a}]"),
    )[numbers[0] % 4]
    return text.format(a=a, b=b), a.length if numbers[0] % 4 in (0, 3) else min(a.length, b.length)


def _quiet(a: Named, *, numbers: Sequence[int]) -> Made:
    """Under `no_grad`; the printer knows."""
    return _map(a, numbers=numbers)


def _function_of_pairs(a: Named, b: Named, *, numbers: Sequence[int]) -> Made:
    text = ("{f} * y", "y - {f}", "{f} + y", "{f} - {f} * y")[numbers[2] % 4].format(f=_applied(numbers))
    return f"[{text} for x, y in zip({a}, {b})]", min(a.length, b.length)


Form = Callable[..., Made]
FORMS: dict[str, tuple[Form, int, int]] = {  # the form, how many lists it takes, how often it is chosen
    "map": (_map, 1, 10),
    "scale": (_scale, 2, 4),
    "bias": (_bias, 2, 4),
    "constant": (_constant, 1, 3),
    "pairs": (_pairs, 2, 9),
    "function_of_pairs": (_function_of_pairs, 2, 3),
    "outer": (_outer, 2, 3),
    "slice": (_slice, 1, 4),
    "concatenate": (_concatenate, 2, 3),
    "interleave": (_interleave, 2, 2),
    "gather": (_gather, 1, 4),
    "repeat": (_repeat, 1, 4),
    "repeat_list": (_repeat_list, 1, 2),
    "dot": (_dot, 2, 5),
    "dot_with_one": (_dot_with_one, 2, 3),
    "matrix": (_matrix, 2, 5),
    "table": (_table, 2, 3),
    "row_sums": (_row_sums, 1, 3),
    "unequal_sums": (_unequal_sums, 2, 3),
    "terms": (_terms, 2, 4),
    "across": (_across, 5, 3),
    "layer": (_layer, 3, 4),
    "with_numbers": (_with_numbers, 1, 2),
    "gated": (_gated, 2, 3),
    "softmax": (_softmax, 1, 2),
    "logsumexp": (_logsumexp, 1, 2),
    "norm": (_norm, 1, 1),
    "largest": (_largest, 1, 3),
    "mean": (_mean, 1, 2),
    "running": (_running, 2, 3),
    "deep": (_deep, 2, 1),
    "detached": (_detached, 2, 2),
    "quiet": (_quiet, 1, 1),
}


ALGEBRA = ("dot", "dot_with_one", "matrix", "table", "layer", "across", "outer", "row_sums", "slice", "gather", "map")
"""What becomes products of matrices; some programs are of nothing else."""


class ResultForm(NamedTuple):
    """How a program returns what it made: `text` of the lists, and whether that is a number."""

    text: Callable[[Sequence[Named]], str]
    is_number: bool
    weight: int


def _joined(lists: Sequence[Named]) -> str:
    return lists[0].name if len(lists) == 1 else f"[{', '.join(f'*{named}' for named in lists)}]"


def _squares(lists: Sequence[Named]) -> str:
    return " + ".join(f"sum(x * x for x in {named})" for named in lists)


RESULTS: dict[str, ResultForm] = {
    "sum": ResultForm(lambda lists: f"sum({_joined(lists)})", True, 6),
    "sums": ResultForm(lambda lists: " + ".join(f"sum({named})" for named in lists), True, 2),
    "mean": ResultForm(lambda lists: f"mean({_joined(lists)})", True, 2),
    "squares": ResultForm(_squares, True, 3),
    "last": ResultForm(lambda lists: " + ".join(f"{named}[-1]" for named in lists), True, 3),
    "product": ResultForm(lambda lists: " * ".join(f"sum({named})" for named in lists), True, 1),
    "list": ResultForm(_joined, False, 3),
    "lists": ResultForm(lambda lists: f"[{', '.join(map(str, lists))}]", False, 2),
    "nested": ResultForm(lambda lists: f"[{lists[0]}[0], [{', '.join(map(str, lists))}]]", False, 2),
    "pair": ResultForm(lambda lists: f"({lists[0]}[-1], sum({_joined(lists)}))", False, 2),
    "loss": ResultForm(lambda lists: f"[sum({_joined(lists)}), {lists[-1]}]", False, 1),
    "constant": ResultForm(lambda lists: f"[{lists[0]}[0], 2.0]", False, 1),
}

MODELS = ("sum", "mean", "squares", "last", "list", "list")
"""What a model returns: a number or a list."""

ON_ARRAYS: dict[str, tuple[str, ...]] = {  # what only the arrangement of an argument can do
    "array": ("list(2 * {a})", "list({a} @ {a} * {a})", "[{a}.sum()]", "list({a} + {a})", "list({a}[::-1] * {a})"),
    "matrix": ("list({a}.sum(axis=0))", "list({a}[:, 0])", "list({a}.T.ravel())", "list({a} @ {a}[0])"),
    "list": ("2 * {a}", "{a} + {a}", "list({a})"),
    "tuple": ("list(2 * {a})", "list({a} + {a})", "list({a} + (1.0,))"),
    "rows": ("2 * {a}[0]", "{a}[-1] + {a}[0]", "[row[0] for row in {a}]"),
}


class _Printer:
    """Prints a program."""

    def __init__(self, program: Program) -> None:
        names = "abcde"[: len(program.arguments)]
        self.lists: list[Named] = []
        made: list[tuple[str, str, bool]] = []  # of each list: its name, its text, whether it is made under no_grad
        for name, argument in zip(names, program.arguments, strict=True):
            text, kind = name, argument.kind
            if kind == "number":
                text = f"[{name}]"
            elif kind in ("array", "tuple"):
                text = f"list({name})"
            elif kind != "list":
                text = f"[x for row in {name} for x in row]"
            self._enter(made, name, text, argument.size())
        for index, length in enumerate(program.captured):
            self._enter(made, "uvw"[index], "uvw"[index], length)
        for index, step in enumerate(program.steps, 1):
            if step.form == "arrangement":
                text, length = self._arrangement(program, step, names)
            else:
                form, _, _ = FORMS[step.form]
                operands = [self.lists[operand % len(self.lists)] for operand in step.operands]
                text, length = form(*operands, numbers=step.numbers)
            self.lists.append(Named(f"s{index}", length))
            made.append((f"s{index}", text, step.form == "quiet"))
        results = [self.lists[operand % len(self.lists)] for operand in program.result.operands]
        result = RESULTS[program.result.form].text(results)
        self.length = sum(result.length for result in results)
        self.text = f"def f({', '.join(names)}):\n" + "".join(self._needed(made, result)) + f"    return {result}\n"

    def _enter(self, made: list[tuple[str, str, bool]], name: str, text: str, length: int) -> None:
        listed = name if text == name else f"{name}_list"
        self.lists.append(Named(listed, length))
        made.append((listed, "" if text == name else text, False))

    def _arrangement(self, program: Program, step: Step, names: str) -> Made:
        index = step.operands[0] % max(1, len(names))
        argument = program.arguments[index] if names else Argument("number", ())
        texts = ON_ARRAYS.get(argument.kind)
        if texts is None or (argument.kind == "matrix" and argument.shape[0] != argument.shape[1]):
            return self.lists[0].name, self.lists[0].length
        text = texts[step.numbers[0] % len(texts)]
        return text.format(a=names[index]), _length(text.format(a="a"), argument)

    def _needed(self, made: Sequence[tuple[str, str, bool]], result: str) -> list[str]:
        """The lines that make what the result needs."""
        lines: list[str] = []
        needed = result
        for name, text, quiet in reversed(made):
            if text and _mentions(needed, name):
                needed += " " + text
                line = f"{name} = {text}\n"
                lines.append(f"    with no_grad():\n        {line}" if quiet else f"    {line}")
        return lines[::-1]


def _mentions(text: str, name: str) -> bool:
    return re.search(rf"(?<![\w.]){name}(?!\w)", text) is not None


def _length(text: str, argument: Argument) -> int:
    """How long the list is that an expression on an argument makes."""
    return len(eval(text, {"a": argument.filled(range(argument.size()))}))


def random_program(dice: random.Random, is_model: bool = False) -> Program:
    """A program, small ones most often; a model takes one argument, and has parameters."""
    arguments = tuple(_random_argument(dice, is_model) for _ in range(1 if is_model else dice.choice((1, 1, 2, 2, 3))))
    captured = tuple(
        dice.choice((1, 2, 2, 3, 4, 6, 12)) for _ in range(dice.choice((1, 2, 3) if is_model else (0, 0, 1, 1, 2, 3)))
    )
    lists = len(arguments) + len(captured)
    steps: list[Step] = []
    names = list(FORMS)
    weights = [weight for _, _, weight in FORMS.values()]
    if dice.random() < 0.3:
        weights = [weight if name in ALGEBRA else 0 for name, weight in zip(names, weights, strict=True)]
    for _ in range(dice.choice((1, 1, 2, 2, 3, 3, 4, 5, 6, 8, 10))):
        form = dice.choices(names, weights)[0]
        if dice.random() < 0.02:
            form = "arrangement"
        count = 1 if form == "arrangement" else FORMS[form][1]
        operands = []
        for _ in range(count):
            recent = lists - 1 - min(int(dice.expovariate(0.7)), lists - 1)
            operands.append(recent if dice.random() < 0.5 else dice.randrange(lists))
        if form == "arrangement":
            operands = [dice.randrange(len(arguments))]
        steps.append(Step(form, tuple(operands), tuple(dice.randrange(1200) for _ in range(8))))
        lists += 1
    forms = list(MODELS) if is_model else list(RESULTS)
    form = dice.choices(forms, [RESULTS[name].weight for name in forms])[0]
    count = min(lists, dice.choice((1, 1, 2, 2, 3)))
    results = [lists - 1, *(dice.randrange(lists) for _ in range(count - 1))]
    return Program(arguments, captured, tuple(steps), Step(form, tuple(results), ()))


def _random_argument(dice: random.Random, is_example: bool) -> Argument:
    regular = 0 if is_example else 1
    kinds = ("number", "list", "array", "rows", "matrix", "parts", "arrays", "tuple")
    kind = dice.choices(kinds, (3, 6, 5, 1, 2, regular, regular, regular))[0]
    if kind == "number":
        return Argument(kind, ())
    if kind in ("list", "array", "tuple"):
        return Argument(kind, (dice.choice((1, 2, 2, 3, 3, 4, 5, 6, 9)),))
    if kind in ("rows", "matrix"):
        return Argument(kind, (dice.choice((1, 2, 3, 5)), dice.choice((1, 2, 3, 4))))
    return Argument(kind, tuple(dice.randint(1, 3) for _ in range(dice.randint(1, 3))))
