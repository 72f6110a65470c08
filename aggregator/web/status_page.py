"""The status page: every source, filtered and sorted by query parameters alone, so that it needs no script."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from aggregator.glance import DAYS, NEVER, PAUSED, span
from aggregator.web import plot
from feeds.addresses import is_web_address
from feeds.writing import pages
from storage.source import PullOutcome, Trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from aggregator.glance import Glance
    from feeds.site import Site

PER_PAGE = 200

_TEMPLATES = Path(__file__).parent / "templates"

# What the totals at the top count, and the filter knows besides each state's word.
GROUPS: Mapping[str, Callable[[Glance], bool]] = {
    "well": lambda one: one.state in (PullOutcome.CHANGED, PullOutcome.UNCHANGED) and not one.late,
    "failing": lambda one: one.failing,
    "late": lambda one: one.late,
    "slow": lambda one: one.slow,
    PAUSED: lambda one: one.state == PAUSED,
    NEVER: lambda one: one.state == NEVER,
    "found elsewhere": lambda one: bool(one.pull.proposal),
}


class Column(NamedTuple):
    """A column that can be sorted by; ``first`` is the direction that a first click gives."""

    heading: str
    first: str
    value: Callable[[Glance], object]


def _moment(moment: datetime | None) -> float:
    return moment.timestamp() if moment else 0.0


COLUMNS: Mapping[str, Column] = {
    "name": Column("Source", "up", lambda one: one.source.name.casefold()),
    "state": Column("State", "up", lambda one: one.word),
    "failures": Column("Failures", "down", lambda one: one.pull.failures),
    "success": Column("Last success", "up", lambda one: _moment(one.pull.last_success)),
    "next": Column("Next pull", "up", lambda one: _moment(one.next_pull)),
    "late": Column("Late by", "down", lambda one: one.lateness),
    "took": Column("Took", "down", lambda one: one.pull.seconds),
    "rhythm": Column("A day", "down", lambda one: one.pull.rhythm),
    "days": Column(f"{DAYS} days", "down", lambda one: sum(one.days.values())),
    "entries": Column("Entries", "down", lambda one: one.counts.entries),
}


class Query(NamedTuple):
    """What is asked for; whatever the address says that is not known is as if it were not said."""

    q: str = ""
    state: str = ""
    sort: str = ""
    order: str = ""
    page: int = 1

    def link(self, **changes: object) -> str:
        """The address of the page with *changes*."""
        wanted = self._replace(**({"page": 1} | changes))  # type: ignore[arg-type]
        told = {key: value for key, value in wanted._asdict().items() if value not in ("", 1)}
        return "status" + ("?" + urlencode(told, errors="replace") if told else "")


def page(site: Site, glances: Sequence[Glance], parameters: Mapping[str, str], remarks: Sequence[str]) -> bytes:
    """The page that *parameters* ask for; *remarks* are of the site as a whole."""
    query = _query(parameters)
    found = _sorted([one for one in glances if _matches(one, query)], query)
    last = max(1, -(-len(found) // PER_PAGE))
    query = query._replace(page=min(query.page, last))
    start = (query.page - 1) * PER_PAGE
    totals = {name: sum(map(test, glances)) for name, test in GROUPS.items()}
    words = sorted({str(one.word) for one in glances} - totals.keys())
    return _render(
        "status.html",
        site=site,
        remarks=remarks,
        query=query,
        columns=COLUMNS,
        totals=totals,
        states=[*totals, *words],
        number=len(glances),
        found=len(found),
        first=start + 1,
        shown=found[start : start + PER_PAGE],
        last=last,
        today=max((site.local(one.now).date() for one in found), default=None),
    )


def refusal(site: Site, *, wanted: bool) -> bytes:
    """What is said to who may not see it: the key is *wanted*, or there is none."""
    return _render("refused.html", site=site, wanted=wanted)


@cache
def stylesheet() -> bytes:
    """The style of these pages: the site's, and what is theirs."""
    return pages.stylesheet() + (_TEMPLATES / "status.css").read_bytes()


def _query(parameters: Mapping[str, str]) -> Query:
    state, sort, order = (parameters.get(name, "") for name in ("state", "sort", "order"))
    number = parameters.get("page", "")
    return Query(
        q=parameters.get("q", "").strip()[:200],
        state=state if state in GROUPS or state in {*PullOutcome, *Trouble} else "",
        sort=sort if sort in COLUMNS else "",
        order=order if order in ("up", "down") else "",
        page=max(1, int(number)) if number.isascii() and number.isdigit() and len(number) < 6 else 1,
    )


def _matches(one: Glance, query: Query) -> bool:
    text = query.q.casefold()
    if text and text not in one.source.name.casefold() and text not in one.address.casefold():
        return False
    if not query.state:
        return True
    return GROUPS[query.state](one) if query.state in GROUPS else one.word == query.state


def _sorted(found: list[Glance], query: Query) -> list[Glance]:
    """What needs a person comes first, unless the address says otherwise."""
    if not query.sort:
        return sorted(found, key=lambda one: (not one.failing, -one.pull.failures, not one.late, not one.slow))
    column = COLUMNS[query.sort]
    key: Callable[[Glance], tuple[object]] = lambda one: (column.value(one),)  # noqa: E731
    return sorted(found, key=key, reverse=(query.order or column.first) == "down")


def _rhythm(a_day: float) -> str:
    if not a_day:
        return "–"
    return f"{a_day:,.0f}" if a_day >= 10 else f"{a_day:.2g}"


def _ago(one: Glance, moment: datetime) -> str:
    seconds = (one.now - moment).total_seconds()
    return f"{span(seconds)} ago" if seconds >= 0 else f"in {span(-seconds)}"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals.update(
        span=span,
        rhythm=_rhythm,
        ago=_ago,
        plot=plot,
        is_web=is_web_address,
        height=plot.HEIGHT,
        width=DAYS * plot.STEP,
    )
    return environment


def _render(template: str, **values: object) -> bytes:
    return _environment().get_template(template).render(values).encode(errors="replace")
