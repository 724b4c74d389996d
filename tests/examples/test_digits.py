"""The digits of the examples: MNIST from files, learned by the program as a user runs it."""

from __future__ import annotations

import os
import re
import struct
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REAL_MNIST = Path(os.environ.get("MNIST_FOLDER", "no MNIST_FOLDER is given"))


def run_digits(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "examples" / "digits.py"), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def write_mnist(folder: Path, count: int) -> None:
    """Images that are easy to tell apart: row 2 k of the digit k is white, and all else black."""
    labels = bytes(index % 10 for index in range(count))
    images = b"".join(bytes(56 * label) + b"\xff" * 28 + bytes(784 - 28 - 56 * label) for label in labels)
    (folder / "t10k-images-idx3-ubyte").write_bytes(b"\0\0\x08\x03" + struct.pack(">3I", count, 28, 28) + images)
    (folder / "t10k-labels-idx1-ubyte").write_bytes(b"\0\0\x08\x01" + struct.pack(">I", count) + labels)


@pytest.mark.slow
def test_a_fifth_of_the_images_is_held_out_and_read(tmp_path: Path) -> None:
    pytest.importorskip("numpy", reason="eagerly this takes minutes")
    write_mnist(tmp_path, 500)
    run = run_digits("--mnist", tmp_path, "--epochs", 30)
    assert run.returncode == 0, run.stderr
    assert "test accuracy 1.0000 on 100 digits" in run.stdout


@pytest.mark.slow
def test_a_network_that_has_learned_too_little_is_a_failure(tmp_path: Path) -> None:
    pytest.importorskip("numpy", reason="eagerly this takes minutes")
    write_mnist(tmp_path, 500)
    run = run_digits("--mnist", tmp_path, "--epochs", 1)
    assert run.returncode == 1
    assert "is below 0.93" in run.stderr


def test_no_epochs_at_all_are_refused(tmp_path: Path) -> None:
    run = run_digits("--mnist", tmp_path, "--epochs", 0)
    assert run.returncode == 2
    assert "--epochs must be at least 1, not 0" in run.stderr


@pytest.mark.skipif(not REAL_MNIST.is_dir(), reason="MNIST_FOLDER names no folder with the real MNIST files")
def test_real_digits_are_read() -> None:
    pytest.importorskip("numpy", reason="eagerly this takes hours")
    run = run_digits("--mnist", REAL_MNIST)
    assert run.returncode == 0, run.stderr
    (accuracy,) = re.findall(r"test accuracy (\S+) on 2000 digits", run.stdout)
    assert float(accuracy) >= 0.93
