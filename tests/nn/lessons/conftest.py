"""What the tests of several lessons use."""

from __future__ import annotations

from collections.abc import Callable

import pytest


@pytest.fixture
def outcome() -> Callable[[Callable[[], object]], type[Exception] | None]:
    """Gives the kind of exception that a computation raises, or None."""

    def raised(compute: Callable[[], object]) -> type[Exception] | None:
        try:
            compute()
        except ArithmeticError as error:
            return type(error)
        return None

    return raised
