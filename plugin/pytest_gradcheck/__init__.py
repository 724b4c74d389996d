"""The fixture `gradcheck` for pytest: it checks gradients that you wrote by hand, and fails the test if one is wrong.

    def test_the_backward_pass(gradcheck):
        gradcheck.vjp(forward, backward, x, w)

The checks are those of `autograd.testing`, in the distribution scalar-autograd, which is imported when a test uses the
fixture. What was checked goes into the properties of a JUnit report.
"""

from __future__ import annotations

import pytest

from pytest_gradcheck.fixture import Gradcheck, defaults_for, imported

__all__ = ["Gradcheck"]

MARKER = (
    "gradcheck(**options): defaults for the fixture gradcheck, such as points=5 or rtol=1e-5, or unsure='skip', which "
    "skips a test where differences cannot tell"
)


def pytest_configure(config: pytest.Config) -> None:
    """Registers the marker."""
    config.addinivalue_line("markers", MARKER)


@pytest.fixture
def gradcheck(request: pytest.FixtureRequest) -> Gradcheck:
    """Checks gradients that you wrote by hand; `gradcheck(f, grad, *args)`, `gradcheck.vjp(f, vjp, *args)`, ..."""
    checks = imported()
    return Gradcheck(checks, defaults_for(request.node, checks), request.node.user_properties.append)
