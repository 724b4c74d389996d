"""What an example cannot read or write it tells in one line, and ends with an exit code that is not 0."""

from __future__ import annotations

import runpy
import struct
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with what cannot be read: the current one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("no folder")
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "damaged").mkdir()
    for what in ("images-idx3", "labels-idx1"):
        (tmp_path / "damaged" / f"t10k-{what}-ubyte").write_bytes(b"no digits")
    for count in (0, 1):
        digits = tmp_path / f"digits-{count}"
        digits.mkdir()
        (digits / "t10k-images-idx3-ubyte").write_bytes(
            b"\0\0\x08\x03" + struct.pack(">3I", count, 28, 28) + bytes(784 * count)
        )
        (digits / "t10k-labels-idx1-ubyte").write_bytes(b"\0\0\x08\x01" + struct.pack(">I", count) + bytes(count))
    return tmp_path


MNIST = [
    ("nowhere", "there is no folder nowhere"),
    ("file", "there is no folder file"),
    ("empty", "there is no train-images-idx3-ubyte or t10k-images-idx3-ubyte in empty"),
    ("damaged", "is not an IDX file"),
    ("digits-0", "0 digits; at least one to train on and one to test on are needed"),
    ("digits-1", "1 digits; at least one to train on and one to test on are needed"),
]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        *((f"{example} --mnist {name}", message) for example in ("digits", "two_layers") for name, message in MNIST),
        *((f"{example} --out file", "file") for example in ("digits", "two_layers", "pendulum")),
        *((f"{example} --out file/out", "file/out") for example in ("digits", "two_layers", "pendulum")),
        ("gpt --words nowhere", "nowhere"),
        ("gpt --words empty", "empty"),
        ("gpt --words broken.json", "broken.json, line 1"),
        ("gpt --load nowhere", "nowhere"),
        ("gpt --load broken.json", "broken.json is not a JSON file"),
        ("gpt --load empty", "empty"),
    ],
)
def test_one_line_says_what_cannot_be_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: str, message: str
) -> None:
    pytest.importorskip("numpy")
    name, *options = arguments.split()
    monkeypatch.setattr(sys, "argv", [f"{name}.py", *options])
    with pytest.raises(SystemExit) as caught:
        runpy.run_path(str(EXAMPLES / f"{name}.py"), run_name="__main__")
    said = str(caught.value.code)  # Python writes it to the standard error, and ends with 1
    assert said.startswith(f"{name}.py: ")
    assert message in said.replace("\\", "/")
    assert "\n" not in said


def test_a_folder_to_save_in_is_refused_before_the_training(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["gpt.py", "--save", "empty"])
    with pytest.raises(SystemExit, match="2"):
        runpy.run_path(str(EXAMPLES / "gpt.py"), run_name="__main__")
    assert capsys.readouterr().err.endswith("gpt.py: error: --save empty is a folder, not a file\n")
