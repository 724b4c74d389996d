"""What `import nn` brings with it."""

from __future__ import annotations

import subprocess
import sys

import nn


def test_importing_nn_needs_nothing_but_the_standard_library() -> None:
    code = "import sys; before = set(sys.modules); import nn; print(*(set(sys.modules) - before))"
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    imported = {name.partition(".")[0] for name in output.split()}
    assert imported - set(sys.stdlib_module_names) == {"autograd", "nn"}


def test_every_public_name_is_there_and_has_a_docstring_or_is_a_table() -> None:
    undocumented = [name for name in nn.__all__ if not getattr(nn, name).__doc__]
    assert undocumented == []
