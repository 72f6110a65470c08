"""What is cast in a mould is what the template itself gives."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import escape

from feeds.writing import entry_page, page_lines, pages
from feeds.writing.mould import Mould
from feeds.writing.page_frame import escaped, template_of
from feeds.writing.page_parts import Line, Link, Time
from feeds.writing.text import clean
from tests.feeds.writing.test_plain import plain
from tests.feeds.writing.test_properties import entries, sites, texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from feeds.site import Site
    from storage.entry import Entry

lines = st.builds(
    Line,
    title=texts,
    href=texts,
    language=texts,
    published=st.builds(Time, texts, texts),
    source=texts,
    categories=st.lists(st.builds(Link, texts, texts), max_size=3),
    excerpt=texts,
)


class _NoMould(Mould):
    """Renders the template itself for all that is asked of it."""

    def fill(self, values: Sequence[str]) -> str:
        return self._render(values)


@settings(max_examples=40, deadline=None)
@given(entry=entries(), bare=st.booleans(), site=sites, name=texts)
def test_an_entry_page_is_what_its_template_gives(entry: Entry, bare: bool, site: Site, name: str) -> None:
    entry = replace(plain(entry), revision=1) if bare else entry
    entry = replace(entry, categories=tuple(clean(slug) for slug in entry.categories))  # as slugs are
    titles = dict.fromkeys(entry.categories, name)
    with pytest.MonkeyPatch.context() as patch:
        page = pages.entry(site, entry, titles)
        patch.setattr(entry_page, "Mould", _NoMould)
        patch.setattr(entry_page, "escaped", lambda text: text)
        entry_page._mould.cache_clear()
        try:
            assert page == pages.entry(site, entry, titles)
        finally:
            entry_page._mould.cache_clear()


@settings(max_examples=40, deadline=None)
@given(st.lists(lines, max_size=3))
def test_lines_are_what_their_templates_give(told: list[Line]) -> None:
    for made, name, heading in (
        (page_lines.in_list(told), "line.html", "h2"),
        (page_lines.in_wire(told, "h2"), "wire.html", "h2"),
        (page_lines.in_wire(told, "h3"), "wire.html", "h3"),
    ):
        assert made == "\n".join(template_of(name).render(line=line, heading=heading) for line in told)


@given(st.text())
def test_a_text_is_escaped_as_a_template_does(text: str) -> None:
    assert escaped(text) == str(escape(text))


def test_a_mould_is_made_once_for_each_shape() -> None:
    asked = []

    def render(marks: Sequence[str]) -> str:
        asked.append(tuple(map(bool, marks)))
        first, second = marks
        return f"({first}{first if second else ''}{second})"

    mould = Mould(render)
    assert [mould.fill(one) for one in (("a", ""), ("b", ""), ("c", "d"), ("", "e"), ("f", "g"))] == [
        "(a)",
        "(b)",
        "(ccd)",
        "(e)",
        "(ffg)",
    ]
    assert asked == [(True, False), (True, True), (False, True)]
