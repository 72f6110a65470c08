"""Markup made safe: what a stranger's feed may put on our pages and in our feeds, with absolute links.

nh3 (an HTML5 parser and an allow list) decides what is safe. What is done here around it: input that would cost it
more than linear time is known beforehand, hidden content goes, lazy images get their address, and the result is tidied
until cleaning it again changes nothing.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape, unescape
from html.entities import html5
from typing import TYPE_CHECKING, Literal

import nh3

from feeds.addresses import is_web_address
from feeds.plain_text import clean_text, plain_text

if TYPE_CHECKING:
    from collections.abc import Callable


def _names(*lists: str) -> frozenset[str]:
    return frozenset(" ".join(lists).split())


_LARGEST = 1_000_000  # characters in and out
_PASSES = 4  # dropping tags can leave a tree that parses differently; real markup settles in two passes

_CONTENT = _names("""
    a abbr article aside b bdi bdo blockquote br caption cite code col colgroup dd del details dfn div dl dt em
    figcaption figure footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li mark ol p pre q rp rt ruby s samp section
    small strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr audio source video
""")
# Dropped with what is inside: programs, controls, other documents, and what is there for browsers without scripts.
_DROPPED = _names("""
    script style template noscript noembed noframes iframe object applet svg math textarea select button title xmp
""")
_CELL = {"colspan", "rowspan"}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "abbr": {"title"},
    "audio": {"src", "controls"},
    "bdo": {"dir"},
    "col": {"span"},
    "colgroup": {"span"},
    "del": {"datetime"},
    "details": {"open"},
    "dfn": {"title"},
    "img": {"src", "alt", "title", "width", "height"},
    "ins": {"datetime"},
    "ol": {"start", "reversed"},
    "source": {"src", "type"},
    "td": _CELL,
    "th": _CELL | {"scope"},
    "time": {"datetime"},
    "video": {"src", "controls", "poster", "width", "height"},
}
_SCHEMES = {"http", "https", "mailto", "tel"}
# Neither may a linked page reach back to ours, nor does it learn which reader sent someone. "nofollow" is left out:
# it would tell search engines that the media cited here are not vouched for.
_REL = "noopener noreferrer"

# ---- The tokens of HTML5 (13.2.5). Possessive quantifiers keep hostile input linear.
_SPACE = r"\t\n\f\r "
_VALUE = rf"""(?:"([^"]*+)"|'([^']*+)'|(?!["'])([^{_SPACE}>]*+))"""
_ATTRIBUTE_SOURCE = rf"([^{_SPACE}/>][^{_SPACE}/>=]*+)(?:[{_SPACE}]*+=[{_SPACE}]*+{_VALUE})?"
_ATTRIBUTE = re.compile(_ATTRIBUTE_SOURCE)
_UNGROUPED = re.sub(r"\((?!\?)", "(?:", _ATTRIBUTE_SOURCE)
_TAG_SOURCE = (
    r"<!--(?:-?>|.*?(?:--!?>|\Z))|<(?:[!?]|/(?![a-z]))[^>]*+"
    rf"|<(?P<closing>/?)(?P<name>[a-z][^{_SPACE}/>]*+)(?P<attributes>(?:[{_SPACE}/]++|{_UNGROUPED})*+)>?"
)
_TAG = re.compile(_TAG_SOURCE, re.IGNORECASE | re.DOTALL)
_TABLE_START = re.compile("<table", re.IGNORECASE)
_FOREIGN_START = re.compile("<(?:svg|math|template)", re.IGNORECASE)
# Where content is looked for, a tag within a script is none; where cost is guarded, every tag counts.
_SHOWN_TAG = re.compile(
    rf"<(script|style|iframe|textarea|title|noscript|noembed|noframes|xmp)(?=[{_SPACE}/>])"
    rf".*?(?:</\1(?=[{_SPACE}/>])|\Z)|{_TAG_SOURCE}",
    re.IGNORECASE | re.DOTALL,
)

# ---- What the parser does not do in linear time
_SHORT = 64_000  # characters; with few tags too, nothing in it can take long
_FEW_TAGS = 1_000
_MOST = 100_000  # tags, or character references
_DEEPEST = 256  # open elements; browsers stop at 512, libxml2 at 256
_CLONES = 1_000_000  # formatting that is never closed is opened again in every block: so many copies at most
_MOST_FOSTERED = 25_000  # what stands in a table but in no cell is moved before it, past all that was moved before
_MOST_ATTRIBUTES = 2_000  # of one tag
_FEW_REFERENCES = 2_000  # an "&" that starts no character reference is slow
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}+;|#[xX][0-9a-fA-F]{1,6}+;|[a-zA-Z][a-zA-Z0-9]{1,31}+;)?+")

_VOID = _names("area base br col embed frame hr img input link meta param source track wbr keygen")
_FORMATTING = _names("a b big code em font i nobr s small strike strong tt u")
_INLINE = _FORMATTING | _names("abbr cite del ins kbd label mark q samp span sub sup time var")
# Content of another kind, where other rules hold: taken for never closed, and no end tag may be left out.
_FOREIGN = _names("svg math template")
_BLOCK = _names(
    "address article aside blockquote center details dir div dl dd dt fieldset figcaption figure footer form h1 h2 h3",
    "h4 h5 h6 header hr li main menu nav ol p pre section summary table ul",
)
_ROW_PARTS = _names("td th p li")
_TABLE_PARTS = _ROW_PARTS | _names("tr tbody thead tfoot caption colgroup")
_TABLE = _TABLE_PARTS - {"p", "li"} | {"table", "col"}
_IMPLIED = _TABLE_PARTS | _names("dt dd option optgroup rb rp rt rtc")
# Which open elements a start tag ends without an end tag of theirs (13.2.6.4).
_ENDED_BY = dict.fromkeys(_BLOCK, frozenset({"p"})) | {
    "a": frozenset({"a"}),
    "li": frozenset({"li", "p"}),
    "dt": frozenset({"dt", "dd", "p"}),
    "dd": frozenset({"dt", "dd", "p"}),
    "option": frozenset({"option"}),
    "td": _ROW_PARTS,
    "th": _ROW_PARTS,
    "tr": _ROW_PARTS | {"tr"},
    "tbody": _TABLE_PARTS,
    "thead": _TABLE_PARTS,
    "tfoot": _TABLE_PARTS,
}

# ---- Before: hidden elements and lazy images
_HIDDEN_STYLE = re.compile(r"(?:^|;)\s*display\s*:\s*none", re.IGNORECASE)
_CENTER = re.compile(rf"<(/?)center(?=[{_SPACE}/>])", re.IGNORECASE)
_LAZY = ("data-src", "data-original", "data-lazy-src")
_PLACEHOLDER = re.compile(r"data:|[^?]*(?:blank|placeholder|loading|spacer|transparent|pixel|1x1)", re.IGNORECASE)

# ---- Links: what may be an address that is not absolute; when in doubt, it is
_RELATIVE = re.compile(
    r"""=(?:(?<=[hH][rR][eE][fF]=)|(?<=[sS][rR][cC]=)|(?<=[tT][eE][rR]=)|(?<=\s=))\s*+["']?+(?!https?://)"""
)

# ---- After: in nh3's output ">" and '"' are escaped wherever they are not syntax
_NOTHING_SHOWN = re.compile(
    r'<(?:img|source)(?![^>]* src=)[^>]*>|<img(?=[^>]* (?:width|height)="\s*[01](?:px)?\s*")[^>]*>'
)
_UNLINKED = re.compile(r"<a(?=[ >])(?![^>]* href=)[^>]*>(.*?)</a>", re.DOTALL)
_NOTHING_IN_PARAGRAPH = re.compile(r"<p>(?:\s++|<br>)*+</p>|<p>(?:\s++|<br>)++")
_BETWEEN = re.compile(r">\s++<p>")


# The commonest shapes, which a parser gives back as they are: text with links, of which nothing is within its like, in
# paragraphs, headings, lists and quotations. Without groups that capture: within possessive quantifiers they break
# Python's re.
def _element(names: str, inside: str, attributes: str = "") -> str:
    return "|".join(f"<{name}{attributes}>{inside}</{name}>" for name in names.split())


_LEAF = "[^<]++|<br>|<img [^>]*+>"
_MARKED = "b strong em i u sub sup"
_FLAT = "|".join((
    _LEAF,
    _element("a", f"(?:{_LEAF}|{_element(_MARKED, '[^<]*+')})*+", " href=[^>]*+"),
    _element(_MARKED, f"(?:{_LEAF}|{_element('a', '[^<]*+', ' href=[^>]*+')})*+"),
))  # fmt: skip
_ITEMS = rf"(?:\s++|{_element('li', f'(?:{_FLAT})*+')})*+"
_BLOCKS = f"{_FLAT}|<hr>|{_element('p h1 h2 h3 h4', f'(?:{_FLAT})++')}|{_element('ul ol', _ITEMS)}"
_SETTLED = re.compile(f"(?:{_BLOCKS}|{_element('blockquote div', f'(?:{_BLOCKS})*+')})*+")


def clean_html(markup: str, base: str = "") -> str:
    """Return *markup* as safe HTML: allowed elements only, every link absolute, nothing hidden, nothing empty.

    Relative links are resolved against *base*, an http or https URL; without one they lose the link and keep the
    text. Input is cut after a million characters, and what would take the parser too long (thousands of nested
    elements) comes back as plain text in one paragraph. Cleaning the result again gives the result.
    """
    markup = _readable(markup[:_LARGEST])
    if "<" not in markup and "&" not in markup:
        return markup.strip().replace(">", "&gt;")
    # A cleaner costs as much to make as to use, and most bodies have no link that needs one for their own base.
    cleaner = _cleaner(base if _RELATIVE.search(markup) else "")
    has_references = "&#" in markup  # may be control characters, or ends of lines
    for number in range(_PASSES):
        if len(markup) > _LARGEST or _too_costly(markup):
            break
        cleaned = cleaner.clean(markup if number else _prepared(markup))
        cleaned = _tidied(_readable(cleaned) if has_references else cleaned)
        if cleaned == markup or _is_settled(cleaned):
            return cleaned
        markup = cleaned
    return _as_text(markup)


def _readable(markup: str) -> str:
    """*markup* without characters that no document can carry, its lines ended as parsers end them."""
    markup = clean_text(markup)
    return markup.replace("\r\n", "\n").replace("\r", "\n") if "\r" in markup else markup


def _is_settled(cleaned: str) -> bool:
    return bool(_SETTLED.fullmatch(cleaned)) and len(cleaned) <= _LARGEST and not _too_costly(cleaned)


@lru_cache(maxsize=256)
def _cleaner(base: str) -> nh3.Cleaner:
    if is_web_address(base):
        try:
            return _cleaner_with(("rewrite_with_base", base))
        except ValueError:  # to nh3 a host with a space in it is none
            return _cleaner_with(_with_scheme)
    return _cleaner_with(_with_scheme)


def _cleaner_with(relative: tuple[Literal["rewrite_with_base"], str] | Callable[[str], str | None]) -> nh3.Cleaner:
    """A cleaner that treats *relative* addresses so."""
    return nh3.Cleaner(
        tags=_CONTENT,
        clean_content_tags=_DROPPED,
        attributes=_ATTRIBUTES,
        url_schemes=_SCHEMES,
        link_rel=_REL,
        url_relative=relative,
    )


def _with_scheme(url: str) -> str | None:
    return f"https:{url}" if url.startswith("//") else None


def _escaped(text: str) -> str:
    return escape(text, quote=False)


def _as_text(markup: str) -> str:
    """The words of *markup* in one paragraph: always safe, in linear time, and never over the limit."""
    text = _escaped(plain_text(markup))[: _LARGEST - len("<p></p>")]
    start, ampersand, reference = text.rpartition("&")
    if ampersand and ";" not in reference:  # cut within a character reference
        text = start
    return f"<p>{text.strip()}</p>" if text.strip() else ""


# ---- Cost


def _too_costly(markup: str) -> bool:
    """Whether parsing *markup* may take far more than linear time; when in doubt, yes."""
    tags = markup.count("<")
    if tags <= _FEW_TAGS and len(markup) <= _SHORT:
        return False
    if tags > _MOST or markup.count("&") > _MOST:
        return True
    open_elements: list[str] = []
    implied = frozenset[str]() if _FOREIGN_START.search(markup) else _IMPLIED
    fostered = 0 if _TABLE_START.search(markup) else -tags
    for tag in _TAG.finditer(markup):
        name = (tag["name"] or "").lower()
        fostered += name not in _TABLE
        if fostered > _MOST_FOSTERED or _has_too_many(tag["attributes"] or ""):
            return True
        if tag["closing"]:
            _close(open_elements, name, implied)
        elif name and name not in _VOID:
            _open(open_elements, name, implied)
            if _is_too_deep(open_elements, tags):
                return True
    return False


def _has_too_many(attributes: str) -> bool:
    return len(attributes) > _MOST_ATTRIBUTES and sum(1 for _ in _ATTRIBUTE.finditer(attributes)) > _MOST_ATTRIBUTES


def _is_too_deep(open_elements: list[str], tags: int) -> bool:
    if len(open_elements) > _DEEPEST:
        return True
    return open_elements[-1] in _FORMATTING and tags * sum(map(_FORMATTING.__contains__, open_elements)) > _CLONES


def _open(open_elements: list[str], name: str, implied: frozenset[str]) -> None:
    ended = _ENDED_BY.get(name, frozenset()) if implied else frozenset()
    while open_elements and open_elements[-1] in ended:
        open_elements.pop()
    open_elements.append(name)


def _close(open_elements: list[str], name: str, implied: frozenset[str]) -> None:
    """Take *name* off only where the parser surely would; what stays makes the guess too deep, never too shallow."""
    if name in _FOREIGN:
        return
    if name in _INLINE:
        # Over other inline elements, and not far: the parser itself gives up after eight (13.2.6.4.7).
        for index in range(len(open_elements) - 1, max(len(open_elements) - 9, -1), -1):
            if open_elements[index] == name:
                del open_elements[index]
                return
            if open_elements[index] not in _INLINE:
                return
        return
    while open_elements and open_elements[-1] != name and open_elements[-1] in implied:
        open_elements.pop()
    if open_elements and open_elements[-1] == name:
        open_elements.pop()


# ---- Before


def _prepared(markup: str) -> str:
    """*markup* without hidden elements, with lazy images' addresses, ``center`` a block that is kept."""
    if markup.count("&") > _FEW_REFERENCES:
        markup = _REFERENCE.sub(_known_reference, markup)
    lowered = markup.encode().lower()  # bytes: three times as fast, and ASCII is what is looked for
    if b"<center" in lowered:
        markup = _CENTER.sub(r"<\1div", markup)
    if b"hidden" in lowered or b"display" in lowered or b"data-" in lowered:
        markup = _revised(markup)
    return markup


def _known_reference(match: re.Match[str]) -> str:
    reference = match[0][1:]
    return match[0] if reference.startswith("#") or reference in html5 else f"&amp;{reference}"


def _revised(markup: str) -> str:
    tags = list(_SHOWN_TAG.finditer(markup))
    ends = _element_ends(tags)
    kept: list[str] = []
    position = 0
    for index, tag in enumerate(tags):
        if tag.start() < position or not tag["name"] or tag["closing"] or not tag["attributes"]:
            continue
        attributes = _attributes(tag["attributes"])
        if _is_hidden(attributes):
            # An end tag that never comes hides nothing: better too much shown than an article lost.
            kept.append(markup[position : tag.start()])
            position = ends.get(index, tag.end())
        elif tag["name"].lower() == "img" and (address := _lazy_address(attributes)):
            kept += [markup[position : tag.start()], _image(attributes | {"src": address})]
            position = tag.end()
    return "".join([*kept, markup[position:]])


def _element_ends(tags: list[re.Match[str]]) -> dict[int, int]:
    """Where the element ends that each start tag (by index) opens, for those that end."""
    ends: dict[int, int] = {}
    starts: dict[str, list[int]] = {"p": []}
    for index, tag in enumerate(tags):
        name = (tag["name"] or "").lower()
        opened = starts.setdefault(name, [])
        first = 0  # of the paragraphs that end here: all where a block begins, else those within the one that ends
        if tag["closing"]:
            first = opened.pop() if opened else index
            ends[first] = tag.end()
        while name in _BLOCK and starts["p"] and starts["p"][-1] >= first:
            ends[starts["p"].pop()] = tag.start()
        if not tag["closing"] and name not in _VOID:
            opened.append(index)
    return ends


def _attributes(source: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(source):
        found.setdefault(name.lower(), unescape(double or single or bare))
    return found


def _is_hidden(attributes: dict[str, str]) -> bool:
    return "hidden" in attributes or bool(_HIDDEN_STYLE.search(attributes.get("style", "")))


def _lazy_address(attributes: dict[str, str]) -> str:
    source = attributes.get("src", "").strip()
    if source and not _PLACEHOLDER.match(source):
        return ""
    return next((attributes[name].strip() for name in _LAZY if attributes.get(name, "").strip()), "")


def _image(attributes: dict[str, str]) -> str:
    written = (f'{name}="{escape(attributes[name])}"' for name in sorted(_ATTRIBUTES["img"] & attributes.keys()))
    return f"<img {' '.join(written)}>"


# ---- After


def _tidied(markup: str) -> str:
    markup = markup.replace("&nbsp;", "\xa0")
    if "<img" in markup or "<source" in markup:
        markup = _NOTHING_SHOWN.sub("", markup)
    if "<a" in markup:
        markup = _UNLINKED.sub(r"\1", markup)
    # A whole paragraph of nothing goes; of another one, what stands at its start.
    markup = _NOTHING_IN_PARAGRAPH.sub(lambda match: "" if match[0].endswith("</p>") else "<p>", markup)
    return _BETWEEN.sub(">\n<p>", markup).strip()
