"""What several tests of reading need."""

from __future__ import annotations

import os

import pytest

from tests.feeds.reading.documents import CORPUS, documents_of_corpus


@pytest.fixture(scope="session")
def corpus() -> dict[str, list[str]]:
    """feedparser's documents by folder; in CI they have to be there."""
    found = documents_of_corpus()
    if not found:
        missing = f"there are no documents in {CORPUS}: run `make corpus`, or set FEEDMILL_CORPUS"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return found
