"""The server that these tests ask."""

from __future__ import annotations

import pytest

from tests.web import serving


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> serving.Server:
    """The real library, served by a real `planvev serve`."""
    return serving.shared(request.config)
