"""Well-formed XML, read safely: no DTD is loaded, nothing is fetched, nothing grows, nothing is nested without end."""

from __future__ import annotations

import re
import threading
from html import escape
from typing import TYPE_CHECKING, Final

from lxml import etree

from feeds.reading.errors import NotWellFormedError
from feeds.reading.namespaces import split_tag

if TYPE_CHECKING:
    from lxml.etree import _Element

# libxml2's own words, and what they mean to the one who has to mend the document.
_EXPLANATIONS: Final = (
    (re.compile(r"Opening and ending tag mismatch: (\S+)"), r"<\1> is not closed where it should be"),
    (re.compile(r"Entity '(.+)' not defined"), r"the entity &\1; is not defined"),
    (re.compile(r"EntityRef: expecting ';'|xmlParseEntityRef: no name"), r'a "&" is not written "&amp;"'),
    (re.compile(r"invalid Char value (\d+)"), r"character number \1 is not allowed in XML"),
    (re.compile(r"Namespace prefix (\S+)"), r'the namespace prefix "\1" is not declared'),
    (re.compile(r"Extra content at the end"), "there is something after the end of the document"),
    (re.compile(r"Premature end|EndTag: '</' not found"), "the document ends too soon"),
    (re.compile(r"invalid xmlChar value (\d+)"), r"&#\1; is no character"),
    (re.compile(r"amplification"), "its entities grow without end"),
    (re.compile(r"CData section not finished"), "a CDATA section does not end"),
    (re.compile(r"(?:Text node|CData section|Comment) too|Buffer size limit"), "a text in it is longer than 10 MB"),
    (re.compile(r"Excessive depth"), "its elements are nested too deeply"),
)
_PLACE: Final = re.compile(r", line \d+, column \d+.*$", re.DOTALL)
_CONTROL: Final = re.compile(rb"\xc2([\x80-\x9f])")
_REFERENCE: Final = re.compile(rb"&#1(2[89]|[345][0-9]);")
_VOID: Final = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
})  # fmt: skip  # HTML, 13.1.2


class _Parsers(threading.local):
    """A parser for each thread: lxml lets only one thread into one, and making one takes as long as a small feed."""

    def __init__(self) -> None:
        self.parser = etree.XMLParser(
            encoding="utf-8",
            resolve_entities="internal",  # type: ignore[arg-type]  # the stubs are older than this value
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )


_parsers: Final = _Parsers()


def parse_xml(data: bytes) -> _Element:
    """The root of *data*, which is UTF-8 whatever its declaration says.

    libxml2 itself refuses more than 256 levels, and entities that make the document more than five times as long.

    Raises:
        NotWellFormedError: it is not XML, or dangerous to read.
    """
    data = _with_windows_characters(data)
    try:
        return etree.fromstring(data, _parsers.parser)
    except etree.XMLSyntaxError as error:
        raise NotWellFormedError(_explain(error), error.lineno or 1) from error


def _with_windows_characters(data: bytes) -> bytes:
    """*data* with what Windows-1252 has in the place of control characters, as HTML reads them (HTML, 13.2.5.80)."""
    if b"\xc2" in data:
        data = _CONTROL.sub(lambda match: _windows(match[1][0]), data)
    return _REFERENCE.sub(lambda match: _windows(100 + int(match[1])), data)


def _windows(code: int) -> bytes:
    character = bytes([code]).decode("cp1252", "ignore")
    return (character or chr(code)).encode()


def _explain(error: etree.XMLSyntaxError) -> str:
    message = error.msg or "it is no XML at all"
    for pattern, explanation in _EXPLANATIONS:
        match = pattern.search(message)
        if match is not None:
            return match.expand(explanation)
    return _PLACE.sub("", message)


def inner_html(element: _Element) -> str:
    """What is inside *element*, as HTML: names without namespaces, void elements without an end tag."""
    parts = [escape(element.text or "", quote=False)]
    for event, node in etree.iterwalk(element, events=("start", "end")):
        if node is element:
            continue
        name = split_tag(node.tag)[1]
        if event == "start":
            parts.append(_start_tag(name, node))
            parts.append(escape(node.text or "", quote=False))
        else:
            if name not in _VOID:
                parts.append(f"</{name}>")
            parts.append(escape(node.tail or "", quote=False))
    return "".join(parts).strip()


def _start_tag(name: str, node: _Element) -> str:
    attributes = "".join(f' {split_tag(str(key))[1]}="{escape(str(value))}"' for key, value in node.items())
    return f"<{name}{attributes}>"
