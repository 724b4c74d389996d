"""Installs each distribution in a folder into an environment of its own, and tries all that was installed there.

python try_distributions.py dist
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def backend_of(distribution: Path) -> str:
    """What the engine runs as when this is installed; prints what was found.

    The libraries that some modules import are not installed again: those of this Python serve.
    """
    with tempfile.TemporaryDirectory() as directory:
        venv.create(directory, with_pip=True)
        python = Path(directory) / ("Scripts" if sys.platform == "win32" else "bin") / "python"
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", distribution]
        subprocess.run(install, check=True)
        program = ROOT / ".ci" / "try_installed.py"
        command = [python, "-W", "error", program, ROOT, sysconfig.get_path("purelib")]
        tried = subprocess.run(command, cwd=directory, stdout=subprocess.PIPE, text=True)
        if tried.returncode != 0:
            raise SystemExit(f"{distribution.name} is not what it should be")
        *found, backend = tried.stdout.splitlines()
        print(f"{distribution.name}: {', '.join([backend, *found])}")
        return backend


def main() -> None:
    """Tries all of them, and stops at one that is not what it should be."""
    distributions = sorted(Path(sys.argv[1]).resolve().iterdir())
    found = {distribution.name: backend_of(distribution) for distribution in distributions}
    for name, backend in found.items():
        expected = "python" if name.endswith("none-any.whl") else "native"
        if backend != expected:
            raise SystemExit(f"{name} runs as {backend}, not as {expected}")
    if len(found) != 3:
        raise SystemExit("there should be the sources, a native wheel and a pure one")


if __name__ == "__main__":
    main()
