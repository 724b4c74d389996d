"""What the README shows is true."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograd import PRIMITIVES

README = Path(__file__).parent.parent / "README.md"
TEXT = README.read_text(encoding="utf-8")
PROGRAMS = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("place", range(len(PROGRAMS)))
def test_a_program_in_the_readme_runs(place: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    exec(compile(PROGRAMS[place], f"README.md program {place}", "exec"), {"__name__": "readme"})


def test_the_gradient_in_the_readme_is_the_one_that_is_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    exec(PROGRAMS[0], {"__name__": "readme"})
    (promised,) = re.findall(r"print\(w\.grad\) +# (\S+)", PROGRAMS[0])
    assert capsys.readouterr().out.splitlines()[0] == promised


def operation_table() -> str:
    """The table of operations as the README should show it."""
    rows = ["| function | value | derivative |", "| --- | --- | --- |"]
    for name, op in PRIMITIVES.items():
        derivatives = ", ".join(f"`{text}`" for text in op.derivatives)
        rows.append(f"| `{name}` | `{op.call}` | {derivatives} |")
    return "\n".join(rows)


def test_the_table_of_operations_is_that_of_the_code() -> None:
    (shown,) = re.findall(r"<!-- operations:.*?-->\n(.*?)\n<!-- end of operations -->", TEXT, re.DOTALL)
    assert shown.strip() == operation_table(), f"the table should be:\n{operation_table()}"
