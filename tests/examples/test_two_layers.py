"""The two-layer example, as a user runs it."""

from __future__ import annotations

import os
import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    pytest.importorskip("numpy", reason="eagerly this takes minutes")
    pytest.importorskip("matplotlib")
    return subprocess.run(
        [sys.executable, str(ROOT / "examples" / "two_layers.py"), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


@pytest.mark.slow
def test_the_digits_are_learned_and_the_curves_are_drawn(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    result = run("--epochs", 10, "--out", tmp_path)
    assert result.returncode == 0, result.stderr
    found = re.search(r"accuracy: training (\S+), test (\S+)", result.stdout)
    assert found is not None
    assert min(map(float, found.groups())) > 0.9
    assert [path.name for path in tmp_path.iterdir()] == ["two_layers.png"]


@pytest.mark.slow
def test_mnist_is_read_from_a_folder(tmp_path: Path) -> None:
    count = 50
    labels = bytes(index % 10 for index in range(count))
    images = b"".join(bytes(56 * label) + b"\xff" * 28 + bytes(784 - 28 - 56 * label) for label in labels)
    (tmp_path / "t10k-images-idx3-ubyte").write_bytes(b"\0\0\x08\x03" + struct.pack(">3I", count, 28, 28) + images)
    (tmp_path / "t10k-labels-idx1-ubyte").write_bytes(b"\0\0\x08\x01" + struct.pack(">I", count) + labels)
    result = run("--mnist", tmp_path, "--epochs", 1, "--out", tmp_path / "out")
    assert result.returncode == 0, result.stderr
    assert "training on 40 digits in batches of 100, testing on 10" in result.stdout


def test_no_epochs_are_refused() -> None:
    result = run("--epochs", 0)
    assert (result.returncode, "--epochs must be at least 1" in result.stderr) == (2, True)
