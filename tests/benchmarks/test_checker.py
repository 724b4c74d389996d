"""A fixed share of the draws of benchmarks/checker.py against its bars, and whether it tells that one is missed."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from autograd import GradcheckReport

if TYPE_CHECKING:
    from collections.abc import Callable

PATH = Path(__file__).parents[2] / "benchmarks" / "checker.py"


def imported(path: Path) -> Any:
    specification = importlib.util.spec_from_file_location("benchmarks_checker", path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


checker = imported(PATH)


@pytest.mark.slow
@pytest.mark.parametrize("family", checker.FAMILIES, ids=lambda family: family.__name__)
def test_a_share_of_the_draws_misses_no_bar(family: Any) -> None:
    rates = checker.measured(family, draws=20, seed=1)
    assert rates.draws == 20
    assert rates.failures == []
    assert rates.unsure_of_clear <= 1  # 2 % of the draws of all families
    assert rates.called_wrong[1e-4] > 0


def saying(verdict: str) -> Callable[..., GradcheckReport]:
    def gradcheck(*arguments: Any, **tolerances: Any) -> GradcheckReport:
        rows = checker.autograd.gradcheck(*arguments, **tolerances).rows
        return GradcheckReport([row._replace(verdict=verdict) for row in rows], "somewhere")

    return gradcheck


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("ok", "polynomials, draw 0, at x = .*: one off by 0.01 is called ok"),
        ("kink", "polynomials, draw 0, at x = .*: one off by 0.01 is called kink"),
        ("wrong", "polynomials, draw 0, at x = .*: a right one is called wrong"),
        ("unsure", "unsure of 1 of 1 clear draws, more than 2%"),
    ],
)
def test_a_checker_that_always_says_the_same_misses_a_bar(
    verdict: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checker, "gradcheck", saying(verdict))
    bars = checker.missed([checker.measured(checker.polynomials, draws=1)])
    assert any(re.search(words, bar) for bar in bars), bars


def test_the_status_is_1_when_a_bar_is_missed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(checker, "MOST_UNSURE", -1.0)
    monkeypatch.setattr("sys.argv", ["checker.py", "polynomials", "--draws", "1", "--processes", "1"])
    with pytest.raises(SystemExit) as ended:
        checker.main()
    assert ended.value.code == 1
    assert "unsure of 0 of 1 clear draws" in capsys.readouterr().out
