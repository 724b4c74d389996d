"""What the tests share."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from autograd import PRIMITIVES

# The same examples at every run, so that a change is judged by what it changed. To look for new ones:
# HYPOTHESIS_PROFILE=explore python -m pytest
settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("explore", max_examples=2000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


@pytest.fixture
def table() -> Iterator[None]:
    """Lets a test define primitives of its own: the table is afterwards what it was before."""
    before = dict(PRIMITIVES)
    yield
    PRIMITIVES.clear()
    PRIMITIVES.update(before)
