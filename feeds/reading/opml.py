"""OPML 1.0, 1.1 and 2.0: lists of feeds, as feed readers exchange them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lxml import etree

from feeds.outline import NAMESPACE, Folder, Outline
from feeds.reading.encoding import to_utf8
from feeds.reading.errors import NotWellFormedError
from feeds.reading.namespaces import split_tag
from feeds.reading.xml import parse_xml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lxml.etree import _Element

# Types of an outline with an address that is no feed's (OPML 2.0, "Include outlines" and "Link outlines").
_OTHER_TYPES: Final = frozenset({"link", "include"})
# An address is often copied into an attribute as it is.
_BARE_AMPERSAND: Final = re.compile(rb"&(?!#?\w{1,32};)")


class OpmlSyntaxError(ValueError):
    """The bytes are no OPML that can be read; the message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """What is no feed in a list of feeds: what it is called, and why."""

    title: str
    reason: str


@dataclass(frozen=True, slots=True)
class Outlines:
    """A whole document in its order; ``problems`` are sentences for people."""

    feeds: tuple[Outline, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    problems: tuple[str, ...] = ()


def read_opml(data: bytes) -> Outlines:
    """The feeds in *data*. The innermost folder counts, and each category of a ``category`` attribute.

    Raises:
        OpmlSyntaxError: the bytes are no OPML that can be read.
    """
    converted, complaint = to_utf8(data, "")
    root, damage = _parse(converted.strip(b" \t\r\n\0"))
    if split_tag(root.tag)[1].lower() != "opml":
        raise OpmlSyntaxError(f"this is no OPML: its root is <{split_tag(root.tag)[1]}>")
    feeds: list[Outline] = []
    skipped: list[Skipped] = []
    for read in _walk(root):
        (feeds if isinstance(read, Outline) else skipped).append(read)  # type: ignore[arg-type]  # its own list
    return Outlines(tuple(feeds), tuple(skipped), tuple(filter(None, (complaint, damage))))


def _parse(document: bytes) -> tuple[_Element, str]:
    """The root, and a sentence on what was damaged, empty where nothing was."""
    if not document:
        raise OpmlSyntaxError("the document is empty")
    try:
        return parse_xml(document), ""
    except NotWellFormedError as error:
        told = f"line {error.line} is not well-formed XML: {error}"
        problem = error
    document = _BARE_AMPERSAND.sub(b"&amp;", document)
    try:
        return parse_xml(document), told
    except NotWellFormedError as error:
        told = f"line {error.line} is not well-formed XML: {error}; what stands before may be all that was read"
        root = _recovered(document)
    if root is None:
        raise OpmlSyntaxError(f"this is no OPML: line {problem.line} is not well-formed XML: {problem}") from problem
    return root, told


def _recovered(document: bytes) -> _Element | None:
    """What stands before the damage."""
    parser = etree.XMLParser(
        encoding="utf-8", recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        return etree.fromstring(document, parser)
    except etree.XMLSyntaxError:
        return None


def _walk(root: _Element) -> Iterator[Outline | Skipped]:
    folders: list[Folder] = []
    for event, node in etree.iterwalk(root, events=("start", "end")):
        if not isinstance(node.tag, str) or split_tag(node.tag)[1].lower() != "outline":
            continue
        fields = {str(key).lower(): str(value).strip() for key, value in node.items()}
        is_folder = not _address(fields) and len(node) > 0
        if event == "end":
            if is_folder:
                folders.pop()
        elif is_folder:
            folders.append(Folder(_title(fields), node.get(f"{{{NAMESPACE}}}name", "")))
        else:
            yield _outline(node, fields, folders)


def _outline(node: _Element, fields: Mapping[str, str], folders: list[Folder]) -> Outline | Skipped:
    kind = fields.get("type", "").lower()
    if not _address(fields):
        reason = f"is of the type {kind!r}, not a feed" if kind in _OTHER_TYPES else "has no xmlUrl"
        return Skipped(_title(fields) or "an outline without a title", reason)
    filed = [folder for folder in folders if folder.title or folder.name][-1:]
    filed += map(Folder, filter(None, map(_innermost, fields.get("category", "").split(","))))
    return Outline(
        address=_address(fields),
        title=_title(fields),
        name=node.get(f"{{{NAMESPACE}}}name", ""),
        link=fields.get("htmlurl", ""),
        folders=tuple(dict.fromkeys(filed)),
    )


def _address(fields: Mapping[str, str]) -> str:
    kind = fields.get("type", "").lower()
    return fields.get("xmlurl", "") or (fields.get("url", "") if kind in {"rss", "atom", "json"} else "")


def _title(fields: Mapping[str, str]) -> str:
    return " ".join((fields.get("title") or fields.get("text", "")).split())


def _innermost(category: str) -> str:
    """``/Boston/Weather``: a category in a category (OPML 2.0)."""
    return " ".join(category.strip().strip("/").rpartition("/")[2].split())
