"""What the fixture `gradcheck` is: the checks of `autograd.testing`, which fail the test where one does not pass."""

from __future__ import annotations

import importlib
import inspect
import linecache
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal

import pytest

if TYPE_CHECKING:
    from autograd.testing import GradcheckReport

Checks = Mapping[str, Callable[..., "GradcheckReport"]]
"""The functions that check, by their names."""

NAMES = ("check_gradient", "check_vjp", "check_jvp", "check_jacobian", "check_hessian", "check_linear")
ANOTHER = """\
The fixture gradcheck needs the package autograd of scalar-autograd, but Python finds {found}
Another distribution, autograd, installs a package of this name: the one installed last overwrites the other, and
uninstalling either breaks both. To repair this environment:
    pip uninstall autograd scalar-autograd
    pip install scalar-autograd
If you need both, give each an environment of its own (python -m venv FOLDER).
If a file or a folder of your own is called autograd, rename it."""


def imported() -> Checks:
    """The functions that check; it ends the test where Python finds another package called autograd."""
    try:
        testing = importlib.import_module("autograd.testing")
        checks = {name: getattr(testing, name) for name in NAMES}
        return {**checks, "gradcheck": importlib.import_module("autograd").gradcheck}
    except Exception:  # another package of this name may fail in any way
        found = _another()
        if found is None:
            raise
    pytest.fail(ANOTHER.format(found=found), pytrace=False)


def _another() -> str | None:
    """Where the package `autograd` is, if it is not the one of scalar-autograd."""
    spec = find_spec("autograd")
    if spec is None:
        return "none."
    if spec.origin is None:
        return f"{next(iter(spec.submodule_search_locations or ()))}, which has no __init__.py."
    ours = "autograd.engine" in "".join(linecache.getlines(spec.origin))
    return None if ours else f"another: {spec.origin}."


def options_of(check: Callable[..., object]) -> set[str]:
    """The names of the options that a check takes; a failure always fails the test."""
    parameters = inspect.signature(check).parameters.values()
    return {parameter.name for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY} - {
        "raise_on_failure"
    }


def defaults_for(node: pytest.Item, checks: Checks) -> dict[str, Any]:
    """The options in the marks of a test; those of the test itself come before those of its class or its module."""
    known = {"unsure"}.union(*map(options_of, checks.values()))
    defaults: dict[str, Any] = {}
    for mark in reversed(list(node.iter_markers("gradcheck"))):
        unknown = sorted(set(mark.kwargs) - known)
        if mark.args or unknown:
            wrong = repr(mark.args[0]) if mark.args else unknown[0]
            raise TypeError(
                f"the mark gradcheck takes options by their names, as in points=5, not {wrong}; there are: "
                f"{', '.join(sorted(known))}"
            )
        defaults.update(mark.kwargs)
    return defaults


class Checked:
    """What one test has checked, and the defaults that its marks set.

    A test of Hypothesis runs for many examples: of each function, its last check is kept, which is that of the smallest
    example if the test fails.

    Args:
        node: the test.
        checks: the functions that check.
        with_sections: whether to keep what a page shows of each report.

    Raises:
        TypeError: a mark has an option that no check takes.
    """

    def __init__(self, node: pytest.Item, checks: Checks, with_sections: bool) -> None:
        self.defaults = defaults_for(node, checks)
        self._node = node
        self._with_sections = with_sections
        self._kept: dict[int | str, tuple[list[tuple[str, str]], tuple[str, ...] | None]] = {}
        self._examples: Counter[int | str] = Counter()
        self._told = 0

    def add(self, called: str, report: GradcheckReport) -> None:
        """Keeps what a report says."""
        key = called if in_hypothesis() else len(self._kept)
        self._examples[key] += 1
        properties = [("", called), *((f".{name.replace(' ', '_')}", text) for name, text in report.properties())]
        if isinstance(key, str):
            properties.append((".examples", str(self._examples[key])))
        self._kept[key] = (properties, tuple(report.section(called)) if self._with_sections else None)

    def tell(self) -> list[tuple[str, ...]]:
        """Gives the test the properties of what it has checked since the last time; returns the sections of a page."""
        kept = list(enumerate(self._kept.values(), start=1))[self._told :]
        self._told = len(self._kept)
        for number, (properties, _) in kept:
            self._node.user_properties += [(f"gradcheck[{number}]{name}", text) for name, text in properties]
        return [section for _, (_, section) in kept if section is not None]


def in_hypothesis() -> bool:
    """Whether a test of Hypothesis is running, with one of its examples."""
    hypothesis = sys.modules.get("hypothesis")
    return hypothesis is not None and bool(hypothesis.currently_in_test_context())


class Gradcheck:
    """The checks of `autograd.testing`, each of which fails the test where a derivative does not pass.

    They take the arguments and the options of the functions there, and return the report. `unsure="skip"` skips the
    test where no derivative is wrong and differences cannot tell of some (of a test of Hypothesis, the example);
    without it, that fails, too. The mark `@pytest.mark.gradcheck(points=5)` on a test, a class or a module sets
    defaults.

    Args:
        checks: the functions that check.
        checked: gives what the test that is running has checked.
    """

    def __init__(self, checks: Checks, checked: Callable[[], Checked]) -> None:
        self._checks = checks
        self._checked_by_test = checked

    def __repr__(self) -> str:
        return "<fixture gradcheck>"

    def __call__(
        self, f: Callable[..., Any], grad: Callable[..., Any] | Literal[True] | None, *args: Any, **options: Any
    ) -> GradcheckReport:
        """Checks a gradient: `autograd.testing.check_gradient`."""
        __tracebackhide__ = True
        return self._checked("check_gradient", (f, grad, *args), options)

    def vjp(
        self, f: Callable[..., Any], vjp: Callable[..., Any] | Literal[True], *args: Any, **options: Any
    ) -> GradcheckReport:
        """Checks a vector-Jacobian product, such as a backward pass: `autograd.testing.check_vjp`."""
        __tracebackhide__ = True
        return self._checked("check_vjp", (f, vjp, *args), options)

    def jvp(self, f: Callable[..., Any], jvp: Callable[..., Any], *args: Any, **options: Any) -> GradcheckReport:
        """Checks a Jacobian-vector product: `autograd.testing.check_jvp`."""
        __tracebackhide__ = True
        return self._checked("check_jvp", (f, jvp, *args), options)

    def jacobian(
        self, f: Callable[..., Any], jacobian: Callable[..., Any], *args: Any, **options: Any
    ) -> GradcheckReport:
        """Checks a Jacobian: `autograd.testing.check_jacobian`."""
        __tracebackhide__ = True
        return self._checked("check_jacobian", (f, jacobian, *args), options)

    def hessian(
        self, f: Callable[..., Any], grad: Callable[..., Any], hessian: Callable[..., Any], x: Any, **options: Any
    ) -> GradcheckReport:
        """Checks a gradient and a Hessian: `autograd.testing.check_hessian`."""
        __tracebackhide__ = True
        return self._checked("check_hessian", (f, grad, hessian, x), options)

    def linear(
        self,
        A: Callable[..., Any],  # noqa: N803 - as in check_linear
        adjoint: Callable[..., Any],
        x: Any,
        **options: Any,
    ) -> GradcheckReport:
        """Checks that an operator is linear, and another its adjoint: `autograd.testing.check_linear`."""
        __tracebackhide__ = True
        return self._checked("check_linear", (A, adjoint, x), options)

    def values(self, f: Callable[..., Any], inputs: Sequence[object], **options: Any) -> GradcheckReport:
        """Checks the engine's derivatives of a function of Values: `autograd.gradcheck`."""
        __tracebackhide__ = True
        return self._checked("gradcheck", (f, inputs), options)

    def _checked(self, name: str, given: tuple[Any, ...], options: dict[str, Any]) -> GradcheckReport:
        """The report of a check that passed; it fails or skips the test where one did not."""
        __tracebackhide__ = True
        check, checked = self._checks[name], self._checked_by_test()
        known = options_of(check)
        unsure = options.pop("unsure", checked.defaults.get("unsure", "fail"))
        if unsure not in ("fail", "skip"):
            raise ValueError(f'unsure must be "fail" or "skip", not {unsure!r}')
        unknown = sorted(set(options) - known)
        if unknown:
            raise TypeError(f"{name} takes no option {unknown[0]}; there are: {', '.join(sorted(known | {'unsure'}))}")
        defaults = {option: value for option, value in checked.defaults.items() if option in known}
        report = check(*given, **{**defaults, **options})
        called = f"{name}({name_of(given[0])})"
        checked.add(called, report)
        if report:
            return report
        failures = [row.name for row in report.failures]
        if report.verdict == "unsure":
            words = f"{called}: differences cannot judge {_named(failures)}"
            if unsure == "skip":
                if in_hypothesis():
                    sys.modules["hypothesis"].reject()
                pytest.skip(f"{words} at {report.point}")
        else:
            words = f"{called}: {len(failures)} of {len(report)} derivatives did not pass"
        raise importlib.import_module("autograd.testing").GradcheckError(f"{words}\n{report.brief()}")


def name_of(f: object) -> str:
    """What to call a function in a report: its name, not where it was defined; an instance has that of its class."""
    name: str = getattr(f, "__qualname__", type(f).__qualname__)
    return name.rpartition("<locals>.")[2]


def _named(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more derivatives"
