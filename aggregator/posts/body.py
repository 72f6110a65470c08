"""The body of a post: what is not content is taken off its end, and what it says of its source is found.

After the article stand, in either order, the share link and the way back to the category and the home page. Neither is
content. The paragraph that names the medium and the digest at the beginning are, and stay.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from aggregator.posts.markdown import to_html
from aggregator.posts.plain import without_hidden
from feeds.plain_text import plain_text

# No line of the end is longer; a bound for every pattern below.
_LONGEST_LINE = 2000
_LONGEST_MEDIUM = 80
_LONGEST_DIGEST = 20_000

# NewsShare.html on any host, and the article pages of eastmoney.com and of its like.
_SHARE = re.compile(
    r"(?:https?:)?//[^/\s<>]+/(?:[^\s<>]*/)?NewsShare\.html(?:\?[^\s<>]*)?"
    r"|https?://[^/\s<>]+/(?:[^\s<>]*/)?news/\d+,\d{18}\.html[^\s<>]*"
    r"|https?://(?:[^/\s<>]+\.)?eastmoney\.com/[^\s<>]*\d{14,}[^\s<>]*",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"https?://[^\s<>]+", re.IGNORECASE)
# Names and addresses may hold one level of brackets: …/category/anxinguojizhengquan(xianggang).html
_WAY_BACK = re.compile(r"\[返回((?:[^\[\]]|\[[^\[\]]*\])*)\]\(((?:[^()]|\([^()]*\))*)\)")
_BETWEEN = re.compile(r"(?:[\s｜|·\\]|&nbsp;|<br ?/?>)*")
_UNSEEN = re.compile(
    r"(?:\s|&nbsp;|<br ?/?>|<!--(?:(?!-->).)*-->|<(p|div|span)\b[^<>]*display:\s*none[^<>]*>(?:(?!</\1>).)*</\1>)*",
    re.IGNORECASE,
)
_MARKDOWN_LINK = re.compile(r"\[([^\[\]]*)\]\([^()]*\)")


@dataclass(frozen=True, slots=True)
class Trimmed:
    """A body without its end: ``share_link`` as written, ``medium`` and ``digest`` plain; all may be empty."""

    text: str
    share_link: str = ""
    medium: str = ""
    digest: str = ""


def trim(body: str) -> Trimmed:
    """Take share link and way back off the end of *body*; a share link elsewhere is content."""
    text, share_link = _without_end(body)
    return Trimmed(text, share_link, _medium(text), _digest(text))


def protected(content: str) -> str:
    """*content* (safe HTML) with each of its last lines that would be taken off begun by a character reference."""
    lines = content.split("\n")
    for at in range(len(lines) - 1, -1, -1):
        line = lines[at].strip()
        if _share_link(line, any_address=False) is not None or _is_way_back(line):
            indent = len(lines[at]) - len(lines[at].lstrip())
            lines[at] = f"{lines[at][:indent]}&#{ord(line[0])};{line[1:]}"
        elif not _is_unseen(line):
            break
    return "\n".join(lines)


def _without_end(body: str) -> tuple[str, str]:
    lines = body.split("\n")
    share_link, shared, way_back = "", False, False
    unseen: list[str] = []  # stays, but hides no line above it
    while lines:
        line = lines[-1].strip()
        link = _share_link(line, any_address=way_back and not shared)
        if link is not None:
            share_link, shared = share_link or link, True
        elif _is_way_back(line):
            way_back = True
        elif _is_unseen(line):
            unseen.append(lines[-1])
        else:
            break
        del lines[-1]
    return "\n".join((*lines, *reversed(unseen))).rstrip(), share_link


def _share_link(line: str, *, any_address: bool) -> str | None:
    """The address in a share link's line, empty for ``<>``; None for any other line.

    Above the way back, any address in angle brackets is the share link.
    """
    if len(line) > _LONGEST_LINE:
        return None
    bracketed = line.startswith("<") and line.endswith(">")
    address = line[1:-1].strip() if bracketed else line
    if bracketed and not address:
        return ""
    pattern = _ADDRESS if bracketed and any_address else _SHARE
    return address if pattern.fullmatch(address) else None


def _is_way_back(line: str) -> bool:
    if not line.startswith("[返回") or len(line) > _LONGEST_LINE:
        return False
    position = 0
    while position < len(line):
        link = _WAY_BACK.match(line, position)
        if link is None or not _leads_back(link[1].strip(), link[2].strip()):
            return False
        position = _BETWEEN.match(line, link.end()).end()  # type: ignore[union-attr]  # it matches nothing, too
    return True


def _leads_back(name: str, target: str) -> bool:
    """Whether a link is the site's own: "[返回舱着陆](https://…)" is an article's."""
    relative = "//" not in target
    return name == "首页" or relative or "/category/" in target


def _is_unseen(line: str) -> bool:
    return len(line) <= _LONGEST_LINE and _UNSEEN.fullmatch(line) is not None


def _medium(text: str) -> str:
    """The name in the last paragraph of class ``em_media``, else in the wording at the very end of the text."""
    marked = text.rfind("em_media")
    if marked >= 0:
        opening = text.find(">", marked)
        closing = text.find("</p>", opening)
        if marked < opening < closing and (name := _source_name(text[opening + 1 : closing], at_end=False)):
            return name
    start = text.rfind("文章来源")
    if start < 0 or len(text) - start > _LONGEST_LINE:
        return ""
    start = text.rfind("\n", 0, start) + 1
    line, _, rest = text[max(start, len(text) - 2 * _LONGEST_LINE) :].partition("\n")
    return _source_name(line, at_end=True) if all(map(_is_unseen, rest.split("\n"))) else ""


def _source_name(markup: str, *, at_end: bool) -> str:
    """The name after 文章来源; *at_end* asks that it be all of the line or in round brackets at the line's end."""
    text = plain_text(without_hidden(_MARKDOWN_LINK.sub(r"\1", markup[-2 * _LONGEST_LINE :])))
    before, _, after = text.rpartition("文章来源")
    colon, name = after.lstrip()[:1], after.lstrip()[1:].strip()
    if colon not in {":", "："}:
        return ""
    before = before.rstrip()
    closing = {"（": "）", "(": ")"}.get(before[-1:])
    if closing is not None:
        inside, closed, rest = name.rpartition(closing)
        if at_end and (not closed or rest):
            return ""
        name = inside.strip() if closed else name
    elif at_end and before:
        return ""
    return name if len(name) <= _LONGEST_MEDIUM and "。" not in name else ""


def _digest(text: str) -> str:
    """The quoted lines at the beginning, as plain text."""
    beginning = text.lstrip("\n \t\u3000")
    if not beginning.startswith(">"):
        return ""
    quoted: list[str] = []
    for line in beginning[:_LONGEST_DIGEST].split("\n"):
        stripped = line.lstrip(" ")
        if not stripped.startswith(">"):
            break
        quoted.append(stripped[1:].removeprefix(" "))
    return plain_text(to_html("\n".join(quoted)))
