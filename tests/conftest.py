"""What the tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autograd import PRIMITIVES


@pytest.fixture
def table() -> Iterator[None]:
    """Lets a test define primitives of its own: the table is afterwards what it was before."""
    before = dict(PRIMITIVES)
    yield
    PRIMITIVES.clear()
    PRIMITIVES.update(before)
