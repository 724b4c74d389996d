"""Installs each distribution in a folder into an environment of its own, and differentiates something with it.

python try_distributions.py dist
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

PROGRAM = """
import autograd, nn
x = autograd.Value(2.0)
(x**3).backward()
assert x.grad == 12.0 and len(nn.MLP(2, [1]).parameters()) == 3 and autograd.check_all_ops()
print(autograd.backend())
"""


def backend_of(distribution: Path) -> str:
    """What the engine runs as when this is installed."""
    with tempfile.TemporaryDirectory() as directory:
        venv.create(directory, with_pip=True)
        python = Path(directory) / ("Scripts" if sys.platform == "win32" else "bin") / "python"
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", distribution]
        subprocess.run(install, check=True)
        tried = subprocess.run(
            [python, "-W", "error", "-c", PROGRAM], check=True, cwd=directory, capture_output=True, text=True
        )
        return tried.stdout.strip()


def main() -> None:
    """Tries all of them, and stops at one that is not what it should be."""
    distributions = sorted(Path(sys.argv[1]).resolve().iterdir())
    found = {distribution.name: backend_of(distribution) for distribution in distributions}
    for name, backend in found.items():
        print(f"{name}: {backend}")
        expected = "python" if name.endswith("none-any.whl") else "native"
        if backend != expected:
            raise SystemExit(f"{name} runs as {backend}, not as {expected}")
    if len(found) != 3:
        raise SystemExit("there should be the sources, a native wheel and a pure one")


if __name__ == "__main__":
    main()
