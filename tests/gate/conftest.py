"""A busy machine makes no file of a test one that takes too long to read."""

from collections.abc import Iterator

import pytest

from integration.contents.reader import LIMITS

_LONG = 10.0
"""Seconds for the PDF files of a message. What ships is less than a busy machine may take for one turn."""


@pytest.fixture(scope="module", autouse=True)
def patient(request: pytest.FixtureRequest) -> Iterator[None]:
    """Read each PDF file to its end, where it is not the limit itself that is tried."""
    usual = LIMITS.pdf_seconds
    if request.path.name != "test_bounds.py":
        object.__setattr__(LIMITS, "pdf_seconds", _LONG)  # it is the default of many functions: another one is not seen
    yield
    object.__setattr__(LIMITS, "pdf_seconds", usual)
