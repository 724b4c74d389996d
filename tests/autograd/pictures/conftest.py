"""Pictures with pygraphviz, and without."""

from __future__ import annotations

import sys

import pytest


@pytest.fixture
def with_pygraphviz() -> None:
    pytest.importorskip("pygraphviz", reason="pip install pygraphviz", exc_type=ImportError)


@pytest.fixture
def no_pygraphviz(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
