"""`python -m autograd check module:function`: a gradient that you wrote, checked from a shell or by any CI system."""

from __future__ import annotations

import argparse
import importlib
import inspect
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from operator import attrgetter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from autograd.check.gradcheck import gradcheck
from autograd.check.report import GradcheckReport
from autograd.support.files import atomic_write
from autograd.support.tables import on_one_line
from autograd.testing.checks import check_gradient

STATUS = {"ok": 0, "wrong": 1, "unsure": 3}
"""The exit status of each verdict; 2 is a mistake in the arguments, or a function that fails."""


def main(arguments: Sequence[str]) -> int:
    """Checks a function, prints the report and writes what was asked for; returns the exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.points is not None and options.points < 1:
        parser.error(f"--points must be 1 or more, not {options.points}")
    for option, file, suffix in (("--html", options.html, ".html"), ("--junit", options.junit, ".xml")):
        if file is not None and file.suffix != suffix:
            parser.error(f"{option} must name a file that ends in {suffix}, not {file}")
    started = time.perf_counter()
    report: GradcheckReport | None = None
    try:
        report = _report(options)
        told = str(report)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - it may fail in any way, and leave with status 0 unchecked
        told = f"python -m autograd check: {_in_words(error)}"
    print(told, file=sys.stderr if report is None else sys.stdout, flush=True)
    try:
        if options.junit is not None:
            with atomic_write(options.junit) as unfinished:
                unfinished.write_bytes(junit(options.function, report, told, time.perf_counter() - started))
        if options.html is not None and report is not None:
            report.save(options.html, options.function)
    except OSError as error:
        print(f"python -m autograd check: {error}", file=sys.stderr)
        return 2
    return 2 if report is None else STATUS[report.verdict]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m autograd check",
        description="Compares the gradient of a function with differences.",
        epilog="Exit status: 0 right, 1 wrong, 3 unsure, 2 a mistake in the arguments or a function that fails.",
    )
    parser.add_argument("function", metavar="module:function", help="a function that returns one number")
    parser.add_argument(
        "--grad", metavar="module:gradient", help="its gradient; without it, the function is one of Values"
    )
    parser.add_argument(
        "--at",
        nargs="+",
        metavar="POINT",
        default=[],
        help='the arguments: point.npy, point.npz with an array for each name, or "x=1 y=2"; else their defaults',
    )
    parser.add_argument("--points", type=int, metavar="N", help="how many points to check: this one, others around it")
    parser.add_argument("--junit", type=Path, metavar="FILE", help="write a JUnit report (.xml)")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a page (.html)")
    return parser


def _report(options: argparse.Namespace) -> GradcheckReport:
    f = _found(options.function)
    at = _arguments(f, options.at)
    if options.grad is not None:
        return check_gradient(f, _found(options.grad), *at, points=options.points or 1)
    if options.points is None:
        return gradcheck(f, at)
    numbers = [float(number) if isinstance(number, int) else number for number in at]  # all are inputs, as in gradcheck
    return check_gradient(f, None, *numbers, points=options.points)


def _found(where: str) -> Callable[..., Any]:
    """The function that `module:function` names; it may be in a class of the module, as in layers:Affine.loss."""
    module, colon, name = where.partition(":")
    if not (module and colon and name):
        raise ValueError(f"{where!r} does not name a function, as layers:loss does for loss in layers.py")
    try:
        imported = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise  # the module is there, and one that it imports is not
        raise ValueError(f"there is no module {module} in this folder, nor among what is installed") from None
    try:
        found = attrgetter(name)(imported)
    except AttributeError:
        raise ValueError(f"the module {module} has no {name}") from None
    if not callable(found):
        raise ValueError(f"{where} is not a function, but {found!r:.80}")
    return found  # type: ignore[no-any-return]


def _arguments(f: Callable[..., Any], at: Sequence[str]) -> list[Any]:
    """The arguments of a function, from files or texts; the others have their defaults."""
    if len(at) > 1 and any(text.endswith((".npy", ".npz")) for text in at):
        raise ValueError("--at takes one file: for several arguments, an .npz file with an array for each name")
    if len(at) == 1 and at[0].endswith(".npy"):
        return [_loaded(at[0])]
    given = _loaded(at[0]) if len(at) == 1 and at[0].endswith(".npz") else _numbers(" ".join(at))
    arguments = []
    for parameter in inspect.signature(f).parameters.values():
        if parameter.kind not in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            continue
        argument = given.pop(parameter.name, parameter.default)
        if argument is parameter.empty:
            raise ValueError(
                f"there is nothing for the parameter {parameter.name}: give it with --at {parameter.name}=1"
            )
        arguments.append(argument)
    if given:
        raise ValueError(f"the function has no parameter {', '.join(given)}")
    return arguments


def _loaded(file: str) -> Any:
    import numpy

    loaded = numpy.load(file)
    if isinstance(loaded, numpy.ndarray):
        return loaded
    with loaded:
        return dict(loaded)


def _numbers(text: str) -> dict[str, Any]:
    numbers: dict[str, Any] = {}
    for assignment in text.split():
        name, _, number = assignment.partition("=")
        if name in numbers:
            raise ValueError(f"there are two numbers for {name}")
        try:
            numbers[name] = float(number)
        except ValueError:
            raise ValueError(
                f"{assignment!r} is no file (.npy, .npz), and does not give a number, as x=0.5 does"
            ) from None
    return numbers


def _in_words(error: BaseException) -> str:
    """What went wrong, and where, if it was not here."""
    *_, last = traceback.extract_tb(error.__traceback__)
    if isinstance(error, OSError) or Path(last.filename).is_relative_to(Path(__file__).parent.parent):
        return str(error)
    return f"{type(error).__name__}: {error} ({last.filename}, line {last.lineno}, in {last.name})"


def junit(name: str, report: GradcheckReport | None, told: str, seconds: float) -> bytes:
    """The JUnit report of one check; without a report, of an error.

    >>> b'errors="1"' in junit("layers:loss", None, "there is no module layers", 0.1)
    True
    """
    told = "\n".join(map(on_one_line, told.split("\n")))  # XML has no control characters
    failed = report is not None and not report
    counts = {"tests": "1", "failures": str(int(failed)), "errors": str(int(report is None)), "skipped": "0"}
    suites = ElementTree.Element("testsuites", counts)
    suite = ElementTree.SubElement(suites, "testsuite", {"name": "gradcheck", **counts, "time": f"{seconds:.3f}"})
    case = {"classname": name.partition(":")[0], "name": name.rpartition(":")[2], "time": f"{seconds:.3f}"}
    test = ElementTree.SubElement(suite, "testcase", case)
    if report is None:
        ElementTree.SubElement(test, "error", {"message": told.partition("\n")[0]}).text = told
    else:
        properties = ElementTree.SubElement(test, "properties")
        for key, text in report.properties():
            ElementTree.SubElement(properties, "property", {"name": key.replace(" ", "_"), "value": on_one_line(text)})
        if failed:
            words = {"type": report.verdict, "message": f"{len(report.failures)} of {len(report)} did not pass"}
            ElementTree.SubElement(test, "failure", words).text = told
    ElementTree.indent(suites)
    written: bytes = ElementTree.tostring(suites, encoding="utf-8", xml_declaration=True)
    return written
