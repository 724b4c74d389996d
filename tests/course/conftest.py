"""Each test begins a session of its own."""

from __future__ import annotations

import pytest

from autograd_course import session


@pytest.fixture(autouse=True)
def _new_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "_records", {})
