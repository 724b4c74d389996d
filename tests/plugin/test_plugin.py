"""The fixture `gradcheck` of the distribution pytest-gradcheck, in test suites of its users."""

from __future__ import annotations

import os
import re
import sys
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import numpy  # noqa: F401 - before the tests run tests, each of which forgets what it has imported
import pytest

import autograd
import autograd.testing

pytest_plugins = "pytester"

ROOT = Path(__file__).resolve().parent.parent.parent
PLUGIN = ROOT / "plugin"

SUITE = """
import numpy as np
import pytest

def f(x):
    return (x * x).sum()

def right(x):
    return 2 * x

def wrong(x):
    return -2 * x

def jumps(x):
    return float(x > 1.0)

X = np.array([0.5, 1.5, -2.0])
"""


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A folder for the tests of a user, in which the plugin is found whether it is installed or not."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(PLUGIN), str(ROOT)]))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    for name in [name for name in os.environ if name.startswith("PYTEST_XDIST")]:
        monkeypatch.delenv(name)
    for name in [name for name in sys.modules if name.partition(".")[0] == "pytest_gradcheck"]:
        monkeypatch.delitem(sys.modules, name)  # where it is installed, these tests run with it
    pytester.syspathinsert(PLUGIN)
    return pytester


ALWAYS = ("-p", "pytest_gradcheck", "-p", "no:cacheprovider", "-W", "error", "--strict-markers")


def run(suite: pytest.Pytester, tests: str, *options: str) -> pytest.RunResult:
    """Runs tests, with warnings as errors."""
    suite.makepyfile(test_suite=SUITE + tests)
    return suite.runpytest_inprocess(*ALWAYS, *options)


def run_apart(suite: pytest.Pytester, tests: str, *options: str) -> pytest.RunResult:
    """Runs tests in a process of their own, in which nothing is imported yet."""
    suite.makepyfile(test_suite=tests)
    return suite.runpytest_subprocess(*ALWAYS, *options)


CALLS = """
def test_gradient(gradcheck):
    report = gradcheck(f, right, X)
    assert len(report) == 3

def test_value_and_gradient(gradcheck):
    gradcheck(lambda x: (f(x), right(x)), True, X)

def test_vjp(gradcheck):
    gradcheck.vjp(lambda x: x * x, lambda g, x: 2 * x * g, X)

def test_jvp(gradcheck):
    gradcheck.jvp(lambda x: x * x, lambda v, x: 2 * x * v, X, directions=1)

def test_jacobian(gradcheck):
    gradcheck.jacobian(lambda x: x * x, lambda x: np.diag(2 * x), X)

def test_hessian(gradcheck):
    gradcheck.hessian(f, right, lambda x: 2 * np.eye(3), X)

def test_linear(gradcheck):
    gradcheck.linear(lambda v: 3 * v, lambda w: 3 * w, X)

def test_values(gradcheck):
    gradcheck.values(lambda x: x.exp(), [0.5], order=2)
"""


def test_every_check_passes_what_is_right(suite: pytest.Pytester) -> None:
    run(suite, CALLS).assert_outcomes(passed=8)


def test_every_check_fails_what_is_wrong(suite: pytest.Pytester) -> None:
    mistakes = CALLS.replace("right", "wrong").replace("2 * x *", "3 * x *").replace("np.diag(2", "np.diag(3")
    mistakes = mistakes.replace("lambda w: 3 *", "lambda w: 4 *").replace(
        "lambda x: x.exp()", "lambda x: x * float(x.data)"
    )
    run(suite, mistakes).assert_outcomes(failed=8)


def test_a_failure_shows_the_table_and_what_it_looks_like(suite: pytest.Pytester) -> None:
    result = run(suite, "def test_sign(gradcheck):\n    gradcheck(f, wrong, X)")
    result.stdout.re_match_lines(
        [
            r">   *gradcheck\(f, wrong, X\)$",
            r"E .*GradcheckError: check_gradient\(f\): 3 of 3 derivatives did not pass",
            r"E  *derivative +analytic +numeric .*verdict",
            r"E  *d/dx\[0\] +-1 +1 .* WRONG",
            r"E .*what it looks like: the gradient has the wrong sign",
        ]
    )
    result.stdout.no_fnmatch_line("*fixture.py*")  # nothing of the plugin's own code


def test_a_failure_can_be_expected(suite: pytest.Pytester) -> None:
    tests = """
def test_the_planted_mistake(gradcheck):
    with pytest.raises(AssertionError, match="wrong sign"):
        gradcheck(f, wrong, X)
"""
    run(suite, tests).assert_outcomes(passed=1)


def test_a_long_table_shows_what_did_not_pass(suite: pytest.Pytester) -> None:
    tests = """
def test_long(gradcheck):
    def one_wrong(x):
        gradient = 2 * x
        gradient[7] += 1e-4
        return gradient
    gradcheck(f, one_wrong, np.linspace(1.0, 2.0, 100))
"""
    shown = run(suite, tests).stdout.str()
    assert re.findall(r"E  *(d/dx\S*)", shown) == ["d/dx[7]"]
    assert "... 99 more derivatives" in shown


UNSURE = """
def test_jump(gradcheck):
    gradcheck(jumps, lambda x: 0.0, 1.0{option})
"""


def test_unsure_fails_in_its_own_words(suite: pytest.Pytester) -> None:
    result = run(suite, UNSURE.format(option=""))
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*GradcheckError: check_gradient(jumps): differences cannot judge d/dx"])


def test_unsure_can_be_skipped(suite: pytest.Pytester) -> None:
    result = run(suite, UNSURE.format(option=', unsure="skip"'), "-rs")
    result.assert_outcomes(skipped=1)
    result.stdout.re_match_lines([r"SKIPPED .*test_suite.py:\d+: check_gradient\(jumps\): .* d/dx at x = 1.0"])


def test_a_wrong_derivative_is_not_skipped(suite: pytest.Pytester) -> None:
    run(suite, 'def test(gradcheck):\n    gradcheck(f, wrong, X, unsure="skip")').assert_outcomes(failed=1)


def test_the_mark_sets_defaults(suite: pytest.Pytester) -> None:
    tests = """
pytestmark = pytest.mark.gradcheck(points=2, rtol=1e-6)

def test_of_the_module(gradcheck):
    assert len(gradcheck(f, right, X)) == 6

@pytest.mark.gradcheck(points=3)
def test_of_the_test_first(gradcheck):
    assert len(gradcheck(f, right, X)) == 9

def test_of_the_call_first(gradcheck):
    assert len(gradcheck(f, right, X, points=1)) == 3

def test_for_checks_that_take_it_alone(gradcheck):
    assert gradcheck.linear(lambda v: 3 * v, lambda w: 3 * w, X)

@pytest.mark.gradcheck(unsure="skip")
def test_skip(gradcheck):
    gradcheck(jumps, lambda x: 0.0, 1.0, points=1)

@pytest.mark.gradcheck(unknown=1)
def test_that_does_not_use_the_fixture():
    pass
"""
    run(suite, tests).assert_outcomes(passed=5, skipped=1)


@pytest.mark.parametrize(
    ("tests", "words"),
    [
        ("@pytest.mark.gradcheck(point=5)\ndef test(gradcheck): ...", "not point; there are: argnums, "),
        ("@pytest.mark.gradcheck(5)\ndef test(gradcheck): ...", "not 5; there are: argnums, "),
        ("@pytest.mark.gradcheck(raise_on_failure=False)\ndef test(gradcheck): ...", "not raise_on_failure;"),
        ("def test(gradcheck):\n    gradcheck(f, right, X, point=5)", "check_gradient takes no option point; "),
        ("def test(gradcheck):\n    gradcheck(f, right, X, unsure='pass')", 'unsure must be "fail" or "skip"'),
    ],
)
def test_an_option_that_there_is_not_is_an_error(suite: pytest.Pytester, tests: str, words: str) -> None:
    result = run(suite, tests)
    assert result.ret == 1
    result.stdout.fnmatch_lines([f"*{words}*"])


def properties_of(suite: pytest.Pytester) -> dict[str | None, str | None]:
    """The properties in a JUnit report."""
    properties = ElementTree.parse(suite.path / "report.xml").iter("property")
    return {item.get("name"): item.get("value") for item in properties}


@pytest.mark.parametrize("options", [(), ("-p", "xdist", "-n", "2")], ids=["one process", "xdist"])
def test_the_properties_are_in_the_junit_report(suite: pytest.Pytester, options: tuple[str, ...]) -> None:
    tests = """
def test_two(gradcheck):
    gradcheck(f, right, X)
    class Doubled:
        def __call__(self, x):
            return 2.0 * x
    gradcheck.vjp(Doubled(), lambda g, x: 3.0 * g, X)
"""
    run(suite, tests, "--junit-xml=report.xml", *options)
    found = properties_of(suite)
    assert found["gradcheck[1]"] == "check_gradient(f)"
    assert (found["gradcheck[1].verdict"], found["gradcheck[1].ok"]) == ("ok", "3")
    assert int(str(found["gradcheck[1].calls"])) > 10
    assert str(found["gradcheck[2]"]).endswith("Doubled)")
    assert (found["gradcheck[2].verdict"], found["gradcheck[2].wrong"]) == ("wrong", "6")
    assert str(found["gradcheck[2].worst"]).startswith("d/dx[")
    assert str(found["gradcheck[2].worst_relative_error"]) == "3.3e-01"
    assert "must be multiplied by 0.666667" in str(found["gradcheck[2].note"])


def test_the_library_is_imported_when_the_fixture_is_used(suite: pytest.Pytester) -> None:
    tests = """
import sys

def test_before():
    assert "autograd" not in sys.modules

def test_after(gradcheck):
    assert "autograd.testing" in sys.modules
"""
    run_apart(suite, tests).assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("files", "where"),
    [
        ({"autograd/__init__": "def grad(f): ..."}, "another: *__init__.py."),
        ({"autograd/__init__": "raise RuntimeError('old')"}, "another: *__init__.py."),
        ({"autograd/notes": ""}, "*autograd, which has no __init__.py."),
    ],
)
def test_another_package_of_the_name_is_told_from_ours(
    suite: pytest.Pytester, files: dict[str, str], where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(PLUGIN))
    for name, text in files.items():
        (suite.path / name).parent.mkdir()
        (suite.path / f"{name}.py").write_text(text, encoding="utf-8")
    result = run_apart(suite, "def test_other(): pass\ndef test(gradcheck): pass")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines([f"The fixture gradcheck needs the package autograd *, but Python finds {where}"])
    result.stdout.fnmatch_lines(["    pip install scalar-autograd"])
    result.stdout.no_fnmatch_line("*fixture.py*")


def test_the_versions_are_tied() -> None:
    project = tomllib.loads((PLUGIN / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == autograd.__version__
    assert f"scalar-autograd=={autograd.__version__}" in project["dependencies"]


def test_what_the_distributions_share_is_the_same() -> None:
    ours, theirs = (
        tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"] for folder in (ROOT, PLUGIN)
    )
    for name in ("requires-python", "license", "authors"):
        assert ours[name] == theirs[name]
    assert (PLUGIN / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


@pytest.mark.parametrize("options", [(), ("-p", "xdist", "-n", "2")], ids=["one process", "xdist"])
def test_the_page_has_all_checks_of_the_run(suite: pytest.Pytester, options: tuple[str, ...]) -> None:
    tests = """
def test_a(gradcheck):
    gradcheck(f, right, X)
    gradcheck(f, wrong, X)

@pytest.mark.parametrize("name", ["<script>"])
def test_b(gradcheck, name):
    gradcheck.values(lambda x: x.exp(), [0.5])

@pytest.fixture
def checked(gradcheck):
    gradcheck(f, right, X)

def test_c(checked):
    pass
"""
    result = run(suite, tests, "--gradcheck-html=out/report.html", *options)
    result.stdout.fnmatch_lines([f"*gradient checks: {suite.path / 'out' / 'report.html'}*"])
    text = (suite.path / "out" / "report.html").read_text(encoding="utf-8")
    assert "<p>3 right, 1 wrong</p>" in text
    assert re.findall(r"</b>(test_suite.py::.*?)</summary>", text) == [
        "test_suite.py::test_a: check_gradient(f)",
        "test_suite.py::test_a: check_gradient(f)",
        "test_suite.py::test_b[&lt;script&gt;]: gradcheck(&lt;lambda&gt;)",
        "test_suite.py::test_c: check_gradient(f)",
    ]
    assert text.count("<svg ") == 4


def test_what_fills_the_page_is_not_in_the_junit_report(suite: pytest.Pytester) -> None:
    tests = "def test(gradcheck):\n    gradcheck(f, right, X)"
    run(suite, tests, "--gradcheck-html=report.html", "--junit-xml=report.xml")
    assert "svg" not in (suite.path / "report.xml").read_text(encoding="utf-8")


@pytest.mark.parametrize("file", ["report", "."])
def test_a_page_needs_the_name_of_a_file(suite: pytest.Pytester, file: str) -> None:
    result = run(suite, "def test(): pass", f"--gradcheck-html={file}")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--gradcheck-html must name a file, such as report.html, not *"])


# ---------------------------------------------------------------- with Hypothesis

EXAMPLES = """
from hypothesis import given, settings
from autograd.testing.strategies import arrays

@settings(max_examples=20, database=None, deadline=None, derandomize=True)
@given(x=arrays(3, away_from=[0.0]))
def test_abs(gradcheck, x):
    gradcheck(lambda x: abs(x).sum(), lambda x: GRADIENT, x)
"""


HYPOTHESIS = ("-p", "_hypothesis_pytestplugin")


def test_hypothesis_takes_the_fixture_as_it_is(suite: pytest.Pytester) -> None:
    result = run(suite, EXAMPLES.replace("GRADIENT", "x / abs(x)"), *HYPOTHESIS, "--junit-xml=report.xml")
    result.assert_outcomes(passed=1)
    properties = properties_of(suite)
    assert [properties["gradcheck[1]"], properties["gradcheck[1].verdict"]] == ["check_gradient(<lambda>)", "ok"]
    assert properties["gradcheck[1].examples"] == "20"
    assert "gradcheck[2]" not in properties


def test_a_failure_tells_of_the_smallest_example(suite: pytest.Pytester) -> None:
    mistake = EXAMPLES.replace("GRADIENT", "np.where(x > 1.5, -1.0, x / abs(x))")
    result = run(suite, mistake, *HYPOTHESIS, "--gradcheck-html=report.html", "--junit-xml=report.xml")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*d/dx[[]?] * -1 * WRONG*", "*gradcheck=<fixture gradcheck>*", "*x=array(*1.501*"])
    assert properties_of(suite)["gradcheck[1].wrong"] == "1"
    page = (suite.path / "report.html").read_text(encoding="utf-8")
    assert page.count("<svg ") == 1
    assert "<p>1 wrong</p>" in page


def test_an_example_of_which_differences_cannot_tell_can_be_skipped(suite: pytest.Pytester) -> None:
    tests = """
from hypothesis import given, strategies as st
seen = set()

@given(x=st.sampled_from([0.5, 1.0, 1.5]))
def test_jump(gradcheck, x):
    seen.add(x)
    gradcheck(jumps, lambda x: 0.0, x, unsure="skip")

def test_all_were_tried():
    assert seen == {0.5, 1.0, 1.5}
"""
    run(suite, tests, *HYPOTHESIS).assert_outcomes(passed=2)
    run(suite, tests.replace(', unsure="skip"', ""), *HYPOTHESIS).assert_outcomes(failed=1, passed=1)


def test_the_program_for_hypothesis_in_the_readme_passes(suite: pytest.Pytester) -> None:
    programs = re.findall(r"```python\n(.*?)```", (PLUGIN / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    run(suite, "".join(programs[:1] + programs[2:]), *HYPOTHESIS).assert_outcomes(passed=2)
