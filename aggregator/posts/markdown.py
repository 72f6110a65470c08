"""Markdown as Jekyll's kramdown would render it, as near as comrak comes; raw HTML stays, for cleaning comes later."""

from __future__ import annotations

import re

import comrak

# kramdown goes on with Markdown right after </p>; CommonMark only after an empty line.
_HTML_END = re.compile(r"(</(?:p|center|div)>)[ \t]*\n?(?=[^\s<&])")
# The writer puts it before the first paragraphs: CommonMark would wrap them in another, and read them as Markdown.
_SPACE_BEFORE_HTML = re.compile(r"^[ \t]*(?:&nbsp;[ \t]*)+(?=<(?:p|center|div|table|h[1-6])\b)", re.MULTILINE)
# A quoted line that is followed by the article: CommonMark would take the article into the quote.
_QUOTE_LINE = re.compile(r"^(>[^\n]*)\n(?=&nbsp;|[ \t]*<|\u3000)", re.MULTILINE)
# *ST is a mark of shares in distress and stands in pairs in every second article; it is not emphasis.
_SHARE_MARK = re.compile(r"(?<![*\\])\*(?=ST[\u3400-\u9fff])")
# GFM strikes out between single tildes, kramdown does not: "5~10元，涨幅1~2%".
_SINGLE_TILDE = re.compile(r"(?<!~)~(?!~)")


def _extensions(*, strikethrough: bool) -> comrak.ExtensionOptions:
    options = comrak.ExtensionOptions()
    options.table = True
    options.footnotes = True
    options.description_lists = True
    options.cjk_friendly_emphasis = True
    options.strikethrough = strikethrough
    return options


def _rendering() -> comrak.RenderOptions:
    options = comrak.RenderOptions()
    options.unsafe_ = True
    return options


_WITH_STRIKETHROUGH = _extensions(strikethrough=True)
_WITHOUT_STRIKETHROUGH = _extensions(strikethrough=False)
_RENDERING = _rendering()


def to_html(text: str) -> str:
    """HTML of *text*; as unsafe as its writer made it."""
    text = _HTML_END.sub("\\1\n\n", text)
    if "&nbsp;" in text:
        text = _SPACE_BEFORE_HTML.sub("", text)
    if text.startswith(">") or "\n>" in text:
        text = _QUOTE_LINE.sub("\\1\n\n", text)
    if "*" in text:
        text = _SHARE_MARK.sub("&#42;", text)
    single = "~" in text and _SINGLE_TILDE.search(text) is not None
    options = _WITHOUT_STRIKETHROUGH if single else _WITH_STRIKETHROUGH
    return comrak.render_markdown(text, options, None, _RENDERING)
