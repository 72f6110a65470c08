"""XML out of what was meant to be XML: one pass over the markup, in time and memory linear in its length.

Every tag that comes out is closed in the right order and its attributes are quoted; references are those that XML
knows; prefixes are declared. What was wrong is noted. A last entry that the document breaks off in is left out: what is
left of it may lack its id, and would be taken for another entry.
"""

from __future__ import annotations

import re
from html.entities import html5
from typing import TYPE_CHECKING, Final

from feeds.reading.errors import FeedSyntaxError
from feeds.reading.namespaces import namespace_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from feeds.reading.draft import Problems

_ROOTS: Final = frozenset({b"rss", b"rdf", b"feed", b"channel", b"item", b"entry"})
_ENTRIES: Final = frozenset({b"item", b"entry"})
# Elements that hold text alone, and those that cannot stand inside them: the former was not closed.
_LEAVES: Final = frozenset({
    b"title", b"link", b"guid", b"pubdate", b"category", b"comments", b"id", b"updated", b"published", b"dc:date",
    b"dc:creator",
})  # fmt: skip
_SIBLINGS: Final = _LEAVES | {b"description", b"author", b"enclosure", b"summary", b"content", b"content:encoded"}
# What an entry stands in; anything else that is open when one begins was not closed.
_AROUND_ENTRIES: Final = _ROOTS - _ENTRIES
# lxml refuses more than 256.
_DEEPEST: Final = 200
# More is no accident, and each costs time.
_MOST_BAD_REFERENCES: Final = 200_000
_MOST_MARKUP: Final = 700_000

_NO_CHARACTERS: Final = bytes({*range(0x20)} - {9, 10, 13})
_NO_UNICODE: Final = re.compile(b"\xef\xbf[\xbe\xbf]")  # U+FFFE, U+FFFF
_NAME: Final = rb"[A-Za-z_][-.\w]*+(?::[A-Za-z_][-.\w]*+)?"
_TAG: Final = re.compile(
    rb"<(?P<end>/?)(?P<name>" + _NAME + rb")(?P<rest>(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*+)>"
    rb"|<(?P<end2>/?)(?P<name2>" + _NAME + rb")(?P<rest2>[^<>]*+)>"
)
# A tag that breaks off; of other names it may as well be text.
_BROKEN_TAG: Final = re.compile(
    rb"<(?P<end>/?)(?P<name>(?:[A-Za-z_][-.\w]*+:)?(?:rss|rdf|feed|channel|item|entry))(?P<rest>(?:[\s/][^<>]*+)?+)(?=<|\Z)",
    re.IGNORECASE,
)
_ATTRIBUTE: Final = re.compile(
    rb"(?P<name>"
    + _NAME
    + rb")(?:\s*+=\s*+(?:\"(?P<double>[^\"]*+)\"|'(?P<single>[^']*+)'|[\"']?+(?P<bare>[^\s\"'>]++)))?"
)
# Addresses of namespaces that libxml2 takes (RFC 3986), and what is never in them.
_ADDRESS: Final = re.compile(
    rb"(?:[A-Za-z][A-Za-z0-9+.-]*+:)?[A-Za-z0-9/._-][A-Za-z0-9:/?=._~,;-]*+(?:#[A-Za-z0-9/._-]*+)?"
)
_NO_ADDRESS: Final = re.compile(rb"[^A-Za-z0-9:/?#=._~,;+-]")
_NAMESPACE: Final = re.compile(rb' xmlns="[^"]*+"')
_NO_PATH: Final = re.compile(rb"[^A-Za-z0-9/.]")
_DOCTYPE: Final = re.compile(rb"<!doctype[^<>\[]*+(?:\[(?:[^\]\"']|\"[^\"]*+\"|'[^']*+')*+\]\s*+)?>", re.IGNORECASE)
_ENTITY: Final = re.compile(
    rb"<!ENTITY\s++([A-Za-z][\w.-]{0,60})\s++(?:\"([^\"&%<]{0,1000})\"|'([^'&%<]{0,1000})')\s*+>"
)
# References that XML does not know, and "&" that begins none.
_BAD_REFERENCE: Final = re.compile(
    rb"&(?!(?:amp|lt|gt|quot|apos);)(?!#(?:[0-9]{1,7}|[xX][0-9a-fA-F]{1,6});)(?:([A-Za-z][A-Za-z0-9]{1,31});)?"
)
# Numbers of what is no character in XML: controls, halves of characters, the last two of the plane, and beyond the end.
_BAD_NUMBER: Final = re.compile(
    rb"(?:&#(?:[xX]0{0,5}[dD][89abAB][0-9a-fA-F]{2}|0{0,3}5(?:529[6-9]|5[3-9]\d\d|6[0-2]\d\d|63[01]\d));)"
    rb"(?:&#(?:[xX]0{0,5}[dD][c-fC-F][0-9a-fA-F]{2}|0{0,3}5(?:632\d|63[3-9]\d|6[4-9]\d\d|7[0-2]\d\d|73[0-3]\d|734[0-3]));)"
    rb"|&#(?:[xX]0{0,5}(?:[0-8bBcCeEfF]|1[0-9a-fA-F]|[dD][89a-fA-F][0-9a-fA-F]{2}|[fF]{3}[eEfF])"
    rb"|[xX](?:1[1-9a-fA-F][0-9a-fA-F]{4}|[2-9a-fA-F][0-9a-fA-F]{5})"
    rb"|0{0,6}(?:[0-8]|1[124-9]|2[0-9]|3[01])|0{0,3}(?:5529[6-9]|55[3-9]\d\d|56\d{3}|57[0-2]\d\d|573[0-3]\d|5734[0-3]"
    rb"|6553[45])|111411[2-9]|11141[2-9]\d|1114[2-9]\d\d|111[5-9]\d{3}|11[2-9]\d{4}|1[2-9]\d{5}|[2-9]\d{6});"
)
_NUMBER: Final = re.compile(rb"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));")


def mend(data: bytes, problems: Problems) -> bytes:
    """Well-formed XML with all that can be understood of *data*, which is UTF-8.

    Raises:
        FeedSyntaxError: there is no feed in it, or more is wrong than can be mended.
    """
    clean = data.translate(None, _NO_CHARACTERS)
    if len(clean) != len(data):
        problems.note(f"{len(data) - len(clean)} control characters were left out")
    return _Mender(_NO_UNICODE.sub(b"", clean), problems).mended()


class _Mender:
    """One document on its way; ``_open`` are the elements that are not closed yet, ``_parts`` what is written."""

    def __init__(self, data: bytes, problems: Problems) -> None:
        self._data = data
        self._problems = problems
        self._entities: dict[bytes, bytes] = {}
        self._open: list[bytes] = []
        self._parts: list[bytes] = []
        self._declared: dict[bytes, bytes] = {}
        self._used: set[bytes] = set()
        self._declared_by_root: frozenset[bytes] = frozenset()
        self._entry_start = 0
        self._bad_references = 0
        self._nowhere: set[bytes] = set()

    def mended(self) -> bytes:
        position = count = 0
        while (start := self._data.find(b"<", position)) >= 0:
            self._text(self._data[position:start])
            position = self._markup(start)
            count += 1
            if count > _MOST_MARKUP:
                raise FeedSyntaxError("this is not well-formed, and has too much markup to be mended")
        if not self._open:
            raise FeedSyntaxError("this is no feed: neither RSS, Atom nor JSON Feed can be recognised in it")
        self._text(self._data[position:])
        if any(_local(name) in _ENTRIES for name in self._open[1:]):
            self._problems.note("the document breaks off inside its last entry: left out")
            del self._parts[self._entry_start :]
            self._open = self._open[: next(i for i, name in enumerate(self._open) if _local(name) in _ENTRIES)]
        self._parts += [b"</%s>" % name for name in reversed(self._open)]
        return self._head() + b"".join(self._parts[1:])

    def _head(self) -> bytes:
        """The start tag of the root, with every prefix that the document uses."""
        declared = b""
        for prefix in sorted(self._used):
            if prefix not in self._declared_by_root:
                address = self._declared.get(prefix) or namespace_of(prefix.decode()).encode()
                if prefix not in self._declared:
                    self._problems.note(f'the namespace prefix "{prefix.decode()}" is not declared')
                declared += b' xmlns:%s="%s"' % (prefix, address or b"urn:undeclared:" + prefix)
        return self._parts[0][:-1] + declared + b">"

    def _text(self, text: bytes) -> None:
        if self._open and text:
            self._parts.append(self._referenced(text).replace(b"]]>", b"]]&gt;"))

    def _markup(self, start: int) -> int:
        """Take what begins at *start*; the position after it."""
        data = self._data
        if data.startswith(b"<![CDATA[", start):
            return self._cdata(start)
        if data.startswith(b"<!--", start):
            return self._until(start, 4, b"-->")
        if data.startswith(b"<?", start):
            return self._until(start, 2, b"?>")
        if data.startswith(b"<!", start):
            return self._doctype(start)
        match = _TAG.match(data, start)
        if match is None:
            return self._broken_tag(start)
        name = match["name"] or match["name2"]
        rest = match["rest"] if match["name"] else match["rest2"]
        if match["end"] or match["end2"]:
            self._end(name)
        else:
            self._start(name, rest)
        return match.end()

    def _broken_tag(self, start: int) -> int:
        match = _BROKEN_TAG.match(self._data, start)
        if match is None:
            self._note_once("something that begins with < is no tag")
            self._text_of_markup(b"&lt;")
            return start + 1
        self._note_once(f"a tag <{match['name'].decode()}> does not end")
        if match["end"]:
            self._end(match["name"])
        else:
            self._start(match["name"], match["rest"])
        return match.end()

    def _cdata(self, start: int) -> int:
        """Text that is marked as such; where the mark has no end, what follows is markup like any other."""
        stop = -1 if b"]]>" in self._nowhere else self._data.find(b"]]>", start)
        if stop < 0:
            self._nowhere.add(b"]]>")
            self._note_once("something that ends with ]]> does not end")
            return start + len(b"<![CDATA[")
        if self._open:
            self._parts.append(self._data[start : stop + 3])
        return stop + 3

    def _until(self, start: int, length: int, end: bytes) -> int:
        stop = -1 if end in self._nowhere else self._data.find(end, start + length)
        if stop < 0:
            self._nowhere.add(end)  # nor is there one further down
            self._note_once(f"something that ends with {end.decode()} does not end")
            self._text_of_markup(b"&lt;")
            return start + 1
        return stop + len(end)

    def _text_of_markup(self, text: bytes) -> None:
        if self._open:
            self._parts.append(text)

    def _doctype(self, start: int) -> int:
        match = _DOCTYPE.match(self._data, start)
        if match is None:
            stop = self._data.find(b">", start)
            return stop + 1 if stop >= 0 else len(self._data)
        for name, double, single in _ENTITY.findall(match[0]):
            self._entities.setdefault(name, self._referenced(double or single))
        return match.end()

    def _is_root(self, local: bytes, rest: bytes) -> bool:
        """Whether the first element may be *local*; what stands before the feed is not written."""
        if local == b"html":
            raise FeedSyntaxError("this is a web page, not a feed: give the address of the feed itself")
        if local in {b"channel", b"item", b"entry"}:
            root = b"feed" if local == b"entry" else b"rss"
            namespace = _NAMESPACE.search(self._attributes(rest))
            self._parts.append(b"<%s%s>" % (root, namespace[0] if namespace else b""))
            self._open.append(root)
        return local in _ROOTS

    def _start(self, name: bytes, rest: bytes) -> None:
        alone = rest.rstrip().endswith(b"/") and not rest.rstrip().endswith(b"=/")
        local = _local(name)
        if name.startswith((b"xml:", b"xmlns:")):
            return  # an attribute, amid broken tags
        if not self._open and not self._is_root(local, rest):
            return
        if self._open and local == _local(self._open[0]) and local in {b"rss", b"rdf", b"feed"}:
            self._problems.note("a second document follows the first: read as one")
            return
        self._make_room(name.lower(), local)
        if len(self._open) >= _DEEPEST:
            return
        if local in _ENTRIES and not any(_local(other) in _ENTRIES for other in self._open):
            self._entry_start = len(self._parts)
        attributes = self._attributes(rest)
        if not self._parts:
            self._declared_by_root = frozenset(prefix for prefix, address in self._declared.items() if address)
        self._parts.append(b"<%s%s%s>" % (name, attributes, b"/" if alone and self._open else b""))
        if b":" in name:
            self._used.add(name.partition(b":")[0])
        if not alone or len(self._parts) == 1:
            self._open.append(name)

    def _make_room(self, low: bytes, local: bytes) -> None:
        """Close what cannot be around the element that begins."""
        if local in _ENTRIES:
            self._close_to_channel()
        elif low in _SIBLINGS and len(self._open) > 1 and self._open[-1].lower() in _LEAVES:
            self._note_once(f"<{self._open[-1].decode()}> is not closed where it should be")
            self._parts.append(b"</%s>" % self._open.pop())

    def _close_to_channel(self) -> None:
        """Close what an entry cannot stand in: another entry, or a title that has no end tag."""
        for depth in range(1, len(self._open)):
            if _local(self._open[depth]) not in _AROUND_ENTRIES:
                self._note_once(f"<{self._open[depth].decode()}> is not closed where it should be")
                self._close(depth)
                return

    def _close(self, depth: int) -> None:
        """Close all but the outermost *depth* elements."""
        self._parts += [b"</%s>" % name for name in reversed(self._open[depth:])]
        del self._open[depth:]

    def _end(self, name: bytes) -> None:
        """Close *name* and all that is open inside it; the root stays open, since more may follow."""
        low = name.lower()
        if self._open and low == self._open[0].lower():
            self._close(1)
            return
        if name not in self._open and low not in self._open:
            return
        for depth in range(len(self._open) - 1, 0, -1):
            if self._open[depth].lower() == low:
                if depth < len(self._open) - 1:
                    self._note_once(f"<{self._open[-1].decode()}> is not closed where it should be")
                self._close(depth)
                return
            if _local(self._open[depth]) in _ENTRIES and low not in {b"channel", b"items"}:
                return  # an end tag inside an entry closes nothing outside it

    def _attributes(self, rest: bytes) -> bytes:
        if not rest.strip(b" \t\r\n/"):
            return b""
        found: dict[bytes, bytes] = {}
        for match in _ATTRIBUTE.finditer(rest):
            name = match["name"]
            value = match["double"] or match["single"] or match["bare"] or b""
            if match["bare"] and not rest[match.end() :].strip():
                value = value.removesuffix(b"/")
            if name in found:
                self._note_once(f"an attribute {name.decode()} stands twice")
                continue
            prefix, colon, local = name.partition(b":")
            if prefix == b"xmlns":
                value = _NO_ADDRESS.sub(b"", value)
                value = value if _ADDRESS.fullmatch(value) else _NO_PATH.sub(b"", value)
            found[name] = self._referenced(value).replace(b'"', b"&quot;").replace(b"<", b"&lt;")
            if prefix == b"xmlns" and colon:
                self._declared.setdefault(local, found[name])
            elif colon and prefix != b"xml":
                self._used.add(prefix)
        # An empty address takes a prefix back, which only XML 1.1 allows.
        return b"".join(b' %s="%s"' % item for item in found.items() if item[1] or not item[0].startswith(b"xmlns:"))

    def _referenced(self, text: bytes) -> bytes:
        if b"&" not in text:
            return text
        if b"&#" in text:
            text = text.replace(b"&#X", b"&#x")
            text = self._replaced(_BAD_NUMBER, _character, text)
        return self._replaced(_BAD_REFERENCE, self._reference, text)

    def _replaced(
        self, pattern: re.Pattern[bytes], replacement: Callable[[re.Match[bytes]], bytes], text: bytes
    ) -> bytes:
        left = _MOST_BAD_REFERENCES - self._bad_references
        text, count = pattern.subn(replacement, text, count=left + 1)
        self._bad_references += count
        if count > left:
            raise FeedSyntaxError("this is not well-formed, and has too many mistakes to be mended")
        return text

    def _reference(self, match: re.Match[bytes]) -> bytes:
        name = match[1]
        if name is None:
            self._note_once('a "&" is not written "&amp;"')
            return b"&amp;"
        if name in self._entities:
            return self._entities[name]
        character = html5.get(f"{name.decode()};")
        self._note_once(f"the entity &{name.decode()}; is not defined")
        return character.encode() if character else b"&amp;%s;" % name

    def _note_once(self, message: str) -> None:
        self._problems.note(message)


def _local(name: bytes) -> bytes:
    return name.rpartition(b":")[2].lower()


def _character(match: re.Match[bytes]) -> bytes:
    """Halves of characters put together, as those write emoji who think in UTF-16; what is no character is U+FFFD."""
    numbers = [
        int(hexadecimal, 16) if hexadecimal else int(decimal) for hexadecimal, decimal in _NUMBER.findall(match[0])
    ]
    if len(numbers) == 2:
        return chr(0x10000 + ((numbers[0] - 0xD800) << 10) + numbers[1] - 0xDC00).encode()
    return "\ufffd".encode()
