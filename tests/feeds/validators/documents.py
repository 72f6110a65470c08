"""Which validator a published document is for, by its path."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.feeds.validators import atom, json_feed, opml, rss, sitemap

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.feeds.validators.words import Problem

CHECKS: Mapping[str, Callable[[bytes], list[Problem]]] = {
    "atom": atom.check,
    "json": json_feed.check,
    "opml": opml.check,
    "rss": rss.check,
    "xml": sitemap.check,
}


def feeds_of(documents: Mapping[str, bytes]) -> dict[str, bytes]:
    """Those of *documents*, by their paths, that a validator is for; a name that begins with a dot is nobody's."""
    return {
        path: body
        for path, body in documents.items()
        if path.rpartition(".")[2] in CHECKS and not path.rpartition("/")[2].startswith(".feedmill")
    }


def problems_of(documents: Mapping[str, bytes]) -> list[str]:
    """What is wrong with any of *documents*, each with its path."""
    found = feeds_of(documents).items()
    return [f"{path}: {one}" for path, body in found for one in _check_of(path)(body)]


def _check_of(path: str) -> Callable[[bytes], list[Problem]]:
    return atom.check if path == "feed.xml" else CHECKS[path.rpartition(".")[2]]
