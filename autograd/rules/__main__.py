"""Makes the files that hold the library's own primitives in other languages (`make rules`)."""

from __future__ import annotations

from pathlib import Path

from autograd.rules import javascript_language, numba_language, numpy_language

PACKAGE = Path(__file__).resolve().parent.parent


def made() -> dict[Path, str]:
    """The text of each file that is made."""
    return {
        PACKAGE / "compiler/arrays/rules.py": numpy_language.library(),
        PACKAGE / "compiler/loop/rules.py": numba_language.library(),
        PACKAGE / "explore/page/primitives.js": javascript_language.library(),
    }


if __name__ == "__main__":
    for file, text in made().items():
        file.write_text(text, encoding="utf-8")
