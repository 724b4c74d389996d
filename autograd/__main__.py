"""The command line: the value and the derivatives of a formula, its picture, its check.

python -m autograd "tanh(x1*w1 + x2*w2 + b)" x1=2 x2=0 w1=-3 w2=1 b=6.88
python -m autograd "x**2 / y" x=3 y=2 --draw out.svg --check
python -m autograd ops
python -m autograd check layers:loss --grad layers:gradient --at "w=0.5 b=2"
"""

from __future__ import annotations

import argparse
import io
import math
import os
import sys
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import autograd
from autograd import PRIMITIVES, Value, draw, explore, gradcheck
from autograd.expression import CONSTANTS, Expression
from autograd.pictures.drawers import LAYOUTS
from autograd.support.tables import on_one_line, table
from autograd.testing import command

_LONGEST_SHOWN = 200


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the program and returns its exit status.

    It is 0; of a check 1 if a derivative is wrong, and 3 if differences cannot tell; 2 for a mistake in the arguments.
    """
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    if arguments[:1] == ["check"]:
        return command.main(arguments[1:])
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.expression == "ops" and (
        options.numbers or options.draw or options.explore or options.layout or options.check
    ):
        parser.error("ops takes no other arguments")
    if options.layout and not options.draw:
        parser.error("--layout says how to lay out the graph of --draw")
    try:
        code = _run(options)
        sys.stdout.flush()  # so that a failure to write is reported here
        return code
    except BrokenPipeError:
        raise
    except (ValueError, ArithmeticError, RuntimeError, OSError) as error:
        print(f"python -m autograd: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m autograd",
        description="The value of a formula, and its derivative with respect to each name in it.",
        epilog="Write -- before a formula that begins with -, as in: python -m autograd --check -- -x x=1. To check a "
        "gradient that you wrote: python -m autograd check --help",
    )
    parser.add_argument("expression", help='a formula, such as "tanh(w*x + b)"; or ops, which lists the functions')
    parser.add_argument("numbers", nargs="*", metavar="name=number", help="a number for each name in the formula")
    parser.add_argument("--draw", type=Path, metavar="FILE", help="write the graph as a picture (.svg .png .pdf .dot)")
    parser.add_argument("--explore", type=Path, metavar="FILE", help="write a page that plays the graph (.html)")
    parser.add_argument("--layout", choices=LAYOUTS, help="what lays out the picture; else the first that is there")
    parser.add_argument("--check", action="store_true", help="compare the derivatives with numerical ones")
    version = f"scalar-autograd {autograd.__version__} ({autograd.backend()})"
    parser.add_argument("--version", action="version", version=version)
    return parser


def _run(options: argparse.Namespace) -> int:
    if options.expression == "ops":
        print(_ops())
        return 0
    expression = Expression(options.expression)
    numbers = _numbers(options.numbers)
    missing = [name for name in expression.names if name not in numbers]
    if missing:
        numbers_to_add = " ".join(
            f"{name}={CONSTANTS.get(name if len(name) == 1 else name.lower(), 1)!r}" for name in missing
        )
        calls = [PRIMITIVES[name].call for name in missing if name in PRIMITIVES]
        hint = f"; call a function, as in {calls[0]}" if calls else ""
        raise ValueError(f"there is no number for {', '.join(missing)}: add {numbers_to_add}{hint}")
    unused = [name for name in numbers if name not in expression.names]
    if unused:
        raise ValueError(f"the formula has no {', '.join(unused)}; it has {', '.join(expression.names) or 'no names'}")
    values = {name: Value(numbers[name], label=name) for name in expression.names}
    result = expression(values)
    if result.requires_grad:
        result.backward()
    print(f"{_shortened(options.expression)} = {result.data!r}")
    if values:
        rows = [(name, f"{value.data:.6g}", repr(value.grad)) for name, value in values.items()]
        print(table(("name", "number", "derivative"), rows))
    if options.draw is not None:
        draw(result, options.draw, layout=options.layout)
        print(f"drawn: {options.draw}")
    if options.explore is not None:
        explore(result, options.explore)
        print(f"written: {options.explore}")
    if not options.check:
        return 0
    if not values:
        raise ValueError("there is nothing to check in a formula without names")
    report = gradcheck(lambda *leaves: expression(dict(zip(values, leaves, strict=True))), list(values.values()))
    print(report)
    return command.STATUS[report.verdict]


def _shortened(text: str) -> str:
    text = on_one_line(" ".join(text.splitlines()).strip())
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"


def _numbers(assignments: Sequence[str]) -> dict[str, float]:
    """The numbers by name.

    Raises:
        ValueError: an argument is not name=number, or a name is given twice.
    """
    numbers: dict[str, float] = {}
    for assignment in assignments:
        name, _, text = assignment.partition("=")
        try:
            number = float(text)
        except ValueError:
            raise ValueError(f"{assignment!r} does not give a number to a name, as x=0.5 does") from None
        if math.isinf(number) and "inf" not in text.lower():
            raise ValueError(f"{text} in {assignment!r} is too large for a float")
        if not name.isidentifier():
            raise ValueError(f"{name!r} in {assignment!r} is not a name")
        name = unicodedata.normalize("NFKC", name)  # as Python does with the names in the formula
        if name in numbers:
            raise ValueError(f"there are two numbers for {name}: {numbers[name]!r} and {number!r}")
        numbers[name] = number
    return numbers


def _ops() -> str:
    rows = [
        (op.name, op.call, "; ".join(f"d/d{x}: {text}" for x, text in zip(op.operands, op.derivatives, strict=False)))
        for op in PRIMITIVES.values()
    ]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    return "\n".join(f"{name:<{widths[0]}}  {call:<{widths[1]}}  {rules}".rstrip() for name, call, rules in rows)


def _run_as_program() -> int:
    """Runs `main` with streams that may not show every character, or whose reader may stop early."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        return main()
    except BrokenPipeError:
        # The reader, such as head, has stopped. Python would complain when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


if __name__ == "__main__":
    sys.exit(_run_as_program())
