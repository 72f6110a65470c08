"""Entries in lists: a line for each, cast in a mould of its template, for there are many."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from feeds.writing.mould import Mould
from feeds.writing.page_frame import escaped, template_of
from feeds.writing.page_parts import Line, Link, Time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence


def in_list(lines: Iterable[Line]) -> str:
    """*lines* for a list with excerpts, as HTML."""
    return "\n".join(map(_filled("line.html", "h2"), lines))


def in_wire(lines: Iterable[Line], heading: str) -> str:
    """*lines* for a list of titles, each of which is a *heading* element, as HTML."""
    return "\n".join(map(_filled("wire.html", heading), lines))


@cache
def _filled(template: str, heading: str) -> Callable[[Line], str]:
    def render(marks: Sequence[str]) -> str:
        title, href, language, source, excerpt, machine, people, *links = marks
        categories = list(map(Link, links[::2], links[1::2]))
        line = Line(title, href, language, Time(machine, people), source, categories, excerpt)
        return template_of(template).render(line=line, heading=heading)

    mould = Mould(render)

    def filled(line: Line) -> str:
        values = [line.title, line.href, line.language, line.source, line.excerpt, *line.published]
        for link in line.categories:
            values += link
        return mould.fill(list(map(escaped, values)))

    return filled
