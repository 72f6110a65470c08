"""The many namespaces that mean the same, and the short names that the tables of handlers give to elements."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

ATOM: Final = "http://www.w3.org/2005/Atom"
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDF_ABOUT: Final = f"{{{RDF}}}about"
RDF_RESOURCE: Final = f"{{{RDF}}}resource"
XML_BASE: Final = "{http://www.w3.org/XML/1998/namespace}base"
XML_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"

# Written as _plain() leaves them. RSS itself has had a namespace or none; both are the empty prefix.
_PREFIXES: Final = {
    "": "",
    "http://backend.userland.com/rss": "",
    "http://backend.userland.com/rss2": "",
    "http://blogs.law.harvard.edu/tech/rss": "",
    "http://purl.org/rss/1.0": "",
    "http://purl.org/rss/1.0/modules/rss091": "",
    "http://channel.netscape.com/rdf/simple/0.9": "",
    "http://my.netscape.com/rdf/simple/0.9": "",
    "http://www.w3.org/2005/atom": "atom",
    "http://purl.org/atom/ns": "atom",
    # What Atom was called while it was being made.
    "http://purl.org/echo": "atom",
    "http://purl.org/pie": "atom",
    "http://example.com/necho": "atom",
    "http://example.com/newformat": "atom",
    "uri/of/echo/namespace": "atom",
    "http://purl.org/dc/elements/1.0": "dc",
    "http://purl.org/dc/elements/1.1": "dc",
    "http://purl.org/dc/terms": "dcterms",
    "http://purl.org/rss/1.0/modules/content": "content",
    "http://purl.org/rss/1.0/modules/syndication": "sy",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://example.com/dtds/podcast-1.0.dtd": "itunes",  # Apple's own documentation had it
    "http://podcastindex.org/namespace/1.0": "podcast",
    "http://github.com/podcastindex-org/podcast-namespace/blob/main/docs/1.0.md": "podcast",
    "http://www.google.com/schemas/play-podcasts/1.0": "googleplay",
    "http://search.yahoo.com/mrss": "media",
    "http://www.rssboard.org/media-rss": "media",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://wellformedweb.org/commentapi": "wfw",
    "http://backend.userland.com/creativecommonsrssmodule": "creativecommons",
    "http://cyber.law.harvard.edu/rss/creativecommonsrssmodule.html": "creativecommons",
    "http://web.resource.org/cc": "cc",
    "http://creativecommons.org/ns": "cc",
    "http://www.w3.org/1999/xhtml": "xhtml",
    "http://purl.org/syndication/history/1.0": "fh",
    "http://purl.org/atompub/tombstones/1.0": "at",
}

MOST_KEPT: Final = 500
"""Tags that are remembered for the next documents; what a feed needs are fifty."""


def split_tag(tag: str) -> tuple[str, str]:
    """The namespace and the local name of lxml's ``{namespace}local``."""
    if tag.startswith("{"):
        namespace, _, local = tag[1:].rpartition("}")
        return namespace, local
    return "", tag


def _plain(namespace: str) -> str:
    """Without the differences that publishers make by mistake: case, ``https``, the last character."""
    return namespace.lower().replace("https://", "http://", 1).rstrip("/#")


@lru_cache(maxsize=MOST_KEPT)
def local_name(tag: object) -> str:
    """The local name of lxml's *tag* in lower case; a reference to an unknown entity has none."""
    return split_tag(tag)[1].lower() if isinstance(tag, str) else ""


class Names(dict[str, str]):
    """Elements by lxml's tags, as the tables of handlers name them: ``dc:creator``, ``title``.

    Names are in lower case. *core* is the prefix of the namespace that the document's root is in, whichever
    that is. What is in a namespace that is not known has the empty name.
    """

    def __init__(self, root: str, core: str) -> None:
        super().__init__()
        self._root = split_tag(root)[0]
        self._core = core

    def __missing__(self, tag: object) -> str:
        """Work the name out, once for each tag; a reference to an unknown entity has none."""
        if not isinstance(tag, str):
            return ""
        namespace, local = split_tag(tag)
        prefix = self._core if namespace == self._root else _PREFIXES.get(_plain(namespace))
        name = "" if prefix is None else f"{prefix}:{local.lower()}" if prefix else local.lower()
        if len(self) < MOST_KEPT:
            self[tag] = name
        return name


def namespace_of(prefix: str) -> str:
    """The namespace that *prefix* usually stands for, empty where it is not known."""
    if prefix.lower() == "rdf":
        return RDF
    return next((namespace for namespace, known in _PREFIXES.items() if known == prefix.lower()), "")
