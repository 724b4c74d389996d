"""`python -m autograd check`: the gradients of a user's module, from a shell."""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from autograd.__main__ import main

MODULE = """
import numpy as np

def f(x, y=2.0):
    return x * x * y

def right(x, y=2.0):
    return 2 * x * y, x * x

def wrong(x, y=2.0):
    return -2 * x * y, -x * x

def jumps(x):
    return float(x > 1.0)

def flat(x):
    return 0.0

def of_arrays(w, b):
    return float((w * w).sum() + (b ** 3).sum())

def gradient(w, b):
    return 2 * w, 3 * b ** 2

def squares(w):
    return float((w * w).sum())

def doubled(w):
    return 2 * w

def of_values(x, y):
    return x.tanh() * y

def detached(x, y):
    return x * y.data

def leaves(x):
    raise SystemExit(0)

def fails(x):
    raise RuntimeError("a bell \\a and <b>")

class Layer:
    @staticmethod
    def loss(x):
        return x ** 3

    @staticmethod
    def gradient(x):
        return 3 * x ** 2

number = 1.0
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a module of a user, where the program runs."""
    (tmp_path / "gradients_of_a_user.py").write_text(MODULE, encoding="utf-8")
    (tmp_path / "broken_of_a_user.py").write_text("import nothing_of_the_kind", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "gradients_of_a_user", raising=False)
    return tmp_path


def ran(capsys: pytest.CaptureFixture[str], function: str, *more: str) -> tuple[int, str]:
    """The exit status, and what was printed; @ stands for the module."""
    status = main(["check", *(text.replace("@", "gradients_of_a_user:") for text in (function, *more))])
    printed = capsys.readouterr()
    return status, printed.out + printed.err


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("@f", "--grad", "@right", "--at", "x=1.5 y=3"), 0),
        (("@f", "--grad", "@right", "--at", "x=1.5", "y=3", "--points", "3"), 0),
        (("@of_values", "--at", "x=0.5 y=2", "--points", "3"), 0),
        (("@detached", "--at", "x=0.5 y=2", "--points", "3"), 1),
        (("@f", "--grad", "@right", "--at", "x=1.5"), 0),
        (("@f", "--grad", "@wrong", "--at", "x=1.5"), 1),
        (("@jumps", "--grad", "@flat", "--at", "x=1"), 3),
        (("@Layer.loss", "--grad", "@Layer.gradient", "--at", "x=2"), 0),
        (("@of_values", "--at", "x=0.5 y=2"), 0),
        (("@detached", "--at", "x=0.5 y=2"), 1),
        (("@fails", "--grad", "@flat", "--at", "x=1"), 2),
    ],
)
def test_the_status_says_what_was_found(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], status: int
) -> None:
    assert ran(capsys, *arguments)[0] == status


def test_the_report_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    printed = ran(capsys, "@f", "--grad", "@wrong", "--at", "x=1.5")[1]
    assert "gradcheck at x = 1.5, y = 2.0" in printed
    assert "has the wrong sign" in printed


def test_points_can_be_arrays_in_files(capsys: pytest.CaptureFixture[str]) -> None:
    np.savez("point.npz", b=np.ones(2), w=np.ones((2, 2)))
    status, printed = ran(capsys, "@of_arrays", "--grad", "@gradient", "--at", "point.npz")
    assert (status, "6 derivatives, all passed" in printed) == (0, True)
    np.save("point.npy", np.arange(3.0))
    status, printed = ran(capsys, "@squares", "--grad", "@doubled", "--at", "point.npy")
    assert (status, "gradcheck at w float64 (3,)" in printed) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("f",), "'f' does not name a function, as layers:loss does"),
        (("nowhere_at_all:f",), "there is no module nowhere_at_all"),
        (("broken_of_a_user:f",), "ModuleNotFoundError: No module named 'nothing_of_the_kind' ("),
        (("@nothing",), "the module gradients_of_a_user has no nothing"),
        (("@number",), "gradients_of_a_user:number is not a function, but 1.0"),
        (("@f", "--grad", "@right"), "nothing for the parameter x: give it with --at x=1"),
        (("@f", "--grad", "@right", "--at", "x=1 z=2"), "the function has no parameter z"),
        (("@f", "--grad", "@right", "--at", "x=one"), "'x=one' is no file (.npy, .npz), and does not give a number"),
        (("@f", "--grad", "@right", "--at", "x=1 x=2"), "there are two numbers for x"),
        (("@f", "--grad", "@right", "--at", "none.npy"), "none.npy"),
        (("@squares", "--grad", "@doubled", "--at", "one.npy", "two.npy"), "--at takes one file"),
        (("@leaves", "--grad", "@flat", "--at", "x=1"), "SystemExit: 0"),
        (("@fails", "--grad", "@flat", "--at", "x=1"), "gradients_of_a_user.py, line "),
    ],
)
def test_a_mistake_is_told_and_is_status_2(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str
) -> None:
    status, printed = ran(capsys, *arguments)
    assert (status, words in printed) == (2, True), printed


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--points", "0"), "--points must be 1 or more, not 0"),
        (("--html", "page"), "--html must name a file that ends in .html"),
        (("--junit", "report"), "--junit must name a file that ends in .xml"),
    ],
)
def test_options_that_make_no_sense_are_refused(
    capsys: pytest.CaptureFixture[str], more: tuple[str, ...], words: str
) -> None:
    with pytest.raises(SystemExit, match="2"):
        ran(capsys, "@f", *more)
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("function", "gradient", "counts", "element"),
    [
        ("@f", "@right", ("0", "0"), None),
        ("@f", "@wrong", ("1", "0"), ("failure", "wrong")),
        ("@jumps", "@flat", ("1", "0"), ("failure", "unsure")),
        ("@fails", "@flat", ("0", "1"), ("error", None)),
    ],
)
def test_the_junit_report_says_what_was_found(
    capsys: pytest.CaptureFixture[str],
    function: str,
    gradient: str,
    counts: tuple[str, str],
    element: tuple[str, str | None] | None,
) -> None:
    ran(capsys, function, "--grad", gradient, "--at", "x=1", "--junit", "report.xml")
    suites = ElementTree.parse("report.xml").getroot()
    (suite,) = suites
    assert (suite.get("failures"), suite.get("errors")) == counts
    (test,) = suite
    assert test.get("name") == function[1:]
    if element is not None:
        found = test.find(element[0])
        assert found is not None
        assert found.get("type") == element[1]
        assert ("a bell \\x07 and <b>" in str(found.text)) == (element[0] == "error")
    if counts[1] == "0":
        verdicts = {item.get("name"): item.get("value") for item in test.iter("property")}
        assert verdicts["verdict"] == ("ok" if element is None else element[1])


def test_the_page_is_written(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    assert ran(capsys, "@f", "--grad", "@wrong", "--at", "x=1", "--html", "report.html")[0] == 1
    assert "<svg" in (folder / "report.html").read_text(encoding="utf-8")


def test_a_file_that_cannot_be_written_is_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    status, printed = ran(capsys, "@f", "--grad", "@right", "--at", "x=1", "--html", "no/folder.html")
    assert (status, "there is no folder" in printed) == (2, True)


def test_a_formula_that_differences_cannot_judge_is_status_3(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["x + 1e20", "x=1", "--check"]) == 3
    assert "UNSURE" in capsys.readouterr().out
