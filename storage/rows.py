"""A row becomes a value and back, here only."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import datetime, timedelta
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from storage.copy import Copy
from storage.entry import (
    Author,
    CategoryName,
    Enclosure,
    Entry,
    Episode,
    InfoCode,
    Link,
    Origin,
    Revision,
    Transcript,
    WithdrawnBy,
)
from storage.source import Pace, PullOutcome, PullState, SourceKind, Trouble
from storage.subscription import Subscription

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import RowMapping

# The columns of an entry.
_ENTRY_COLUMNS = (
    *("info_code", "change", "scope", "source", "title", "summary", "content", "link", "published", "updated"),
    *("first_seen", "origin", "authors", "categories", "category_names", "tags", "enclosures", "language", "extras"),
    *("guid", "atom_id", "revision", "withdrawn", "withdrawn_by"),
)
# The columns of a payload that JSON turns into text.
_MOMENTS = ("published", "updated", "first_seen")


def entry_row(entry: Entry) -> dict[str, Any]:
    """The columns of *entry*."""
    return {
        "info_code": entry.info_code,
        "change": entry.change,
        "scope": entry.scope,
        "source": entry.source,
        "title": entry.title,
        "summary": entry.summary,
        "content": entry.content,
        "link": entry.link,
        "published": entry.published,
        "updated": entry.updated,
        "first_seen": entry.first_seen,
        "origin": [entry.origin.title, entry.origin.link, entry.origin.feed],
        "authors": _people(entry.authors),
        "categories": list(entry.categories),
        "category_names": _votes(entry.category_names),
        "tags": list(entry.tags),
        "enclosures": enclosures(entry),
        "language": entry.language,
        "extras": _extras(entry),
        "guid": entry.guid,
        "atom_id": entry.atom_id or entry.own_id,
        "revision": entry.revision,
        "withdrawn": entry.withdrawn,
        "withdrawn_by": entry.withdrawn_by or "",
    }


def entry_of(row: Mapping[str, Any] | RowMapping) -> Entry:
    """The entry that lies in *row*."""
    return entry_of_parts({name: PARTS.get(name, _same)(row[name]) for name in _ENTRY_COLUMNS})


def entry_of_parts(parts: Mapping[str, Any]) -> Entry:
    """The entry whose columns are *parts*, each made of what lies there by :data:`PARTS`."""
    guid, atom_id = parts["guid"], parts["atom_id"]
    return Entry(
        info_code=parts["info_code"],
        title=parts["title"],
        content=parts["content"],
        published=parts["published"],
        updated=parts["updated"],
        first_seen=parts["first_seen"],
        scope=parts["scope"],
        source=parts["source"],
        origin=parts["origin"],
        summary=parts["summary"],
        link=parts["link"],
        own_id=atom_id if atom_id != guid else "",
        authors=parts["authors"],
        categories=parts["categories"],
        category_names=parts["category_names"],
        tags=parts["tags"],
        enclosures=parts["enclosures"],
        language=parts["language"],
        **parts["extras"],
        guid=guid,
        atom_id=atom_id,
        revision=parts["revision"],
        change=parts["change"],
        withdrawn=parts["withdrawn"],
        withdrawn_by=parts["withdrawn_by"],
    )


def entry_of_payload(payload: Mapping[str, Any]) -> Entry:
    """The entry whose columns, as JSON, are *payload*; one that is not withdrawn."""
    return entry_of({**payload, **{key: datetime.fromisoformat(payload[key]) for key in _MOMENTS}})


def revision_row(entry: Entry) -> dict[str, Any]:
    """The columns of an earlier revision."""
    row = entry_row(entry)
    return {key: row[key] for key in _REVISION}


_REVISION = (
    *("info_code", "revision", "title", "summary", "content", "link", "published", "updated"),
    "enclosures",
)


def revision_of(row: RowMapping) -> Revision:
    """The earlier revision that lies in *row*."""
    return Revision(
        number=row["revision"],
        title=row["title"],
        summary=row["summary"],
        content=row["content"],
        link=row["link"],
        published=row["published"],
        updated=row["updated"],
        enclosures=tuple(Enclosure(*item) for item in row["enclosures"]),
    )


def copy_row(copy: Copy) -> dict[str, Any]:
    """The columns of *copy*."""
    return {
        "source": copy.source,
        "place": copy.place,
        "info_code": copy.info_code or "",
        "size": copy.size,
        "modified_ns": copy.modified_ns,
        "digest": copy.digest,
        "first_seen": copy.first_seen,
        "gone": copy.gone,
        "withdrawn": copy.withdrawn,
        "problem": copy.problem,
        "owner": copy.owner,
        "published": copy.published,
        "length": copy.length,
        "categories": list(copy.categories),
        "category_names": _votes(copy.category_names),
        "tags": list(copy.tags),
        "payload": entry_row(copy.entry) if copy.entry else None,
    }


def copy_of(row: Mapping[str, Any] | RowMapping) -> Copy:
    """The copy that lies in *row*."""
    payload = row["payload"]
    if payload is not None:
        payload = entry_of_payload(payload)
    return Copy(
        source=row["source"],
        place=row["place"],
        digest=bytes(row["digest"]),
        first_seen=row["first_seen"],
        size=row["size"],
        modified_ns=row["modified_ns"],
        info_code=InfoCode(row["info_code"]) if row["info_code"] else None,
        gone=row["gone"],
        withdrawn=row["withdrawn"],
        problem=row["problem"],
        owner=row["owner"],
        published=row["published"],
        length=row["length"],
        categories=tuple(row["categories"]),
        category_names=tuple(CategoryName(*vote) for vote in row["category_names"]),
        tags=tuple(row["tags"]),
        entry=payload,
    )


def state_row(state: PullState) -> dict[str, Any]:
    """The columns of a source's state."""
    row = {name: getattr(state, name) for name in _STATE}
    row["name"] = state.source
    row["outcome"], row["trouble"] = state.outcome or "", state.trouble or ""
    row["pace"] = _pace(state.pace)
    return row


def state_of(row: RowMapping) -> PullState:
    """The state that lies in *row*."""
    found = {name: row[name] for name in _STATE}
    found["kind"] = SourceKind(row["kind"])
    found["outcome"] = PullOutcome(row["outcome"]) if row["outcome"] else None
    found["trouble"] = Trouble(row["trouble"]) if row["trouble"] else None
    found["pace"] = _pace_of(row["pace"])
    return PullState(source=row["name"], **found)


# What a source's state and its row call by the same name.
_STATE = tuple(field.name for field in fields(PullState) if field.name != "source")


def _pace(pace: Pace) -> dict[str, Any]:
    """What a document says of its pace, in seconds, without what it does not say."""
    told = {
        "ttl": pace.ttl.total_seconds() if pace.ttl else None,
        "period": pace.period.total_seconds() if pace.period else None,
        "skip_hours": sorted(pace.skip_hours),
        "skip_days": sorted(pace.skip_days),
    }
    return {name: value for name, value in told.items() if value}


def _pace_of(told: Mapping[str, Any]) -> Pace:
    if not told:
        return _NO_PACE
    return Pace(
        ttl=timedelta(seconds=told["ttl"]) if "ttl" in told else None,
        period=timedelta(seconds=told["period"]) if "period" in told else None,
        skip_hours=frozenset(told.get("skip_hours", ())),
        skip_days=frozenset(told.get("skip_days", ())),
    )


_NO_PACE = Pace()


def subscription_row(subscription: Subscription) -> dict[str, Any]:
    """The columns of a subscription."""
    return asdict(subscription)


def subscription_of(row: RowMapping) -> Subscription:
    """The subscription that lies in *row*."""
    return Subscription(**{name: row[name] for name in _SUBSCRIPTION})


# A subscription and its row call everything by the same name.
_SUBSCRIPTION = tuple(field.name for field in fields(Subscription))


def enclosures(entry: Entry) -> list[list[Any]]:
    """The enclosures of *entry* as they lie in a column."""
    return [
        [item.url, item.media_type, item.length, item.title, item.duration, item.width, item.height]
        for item in entry.enclosures
    ]


_FEW_HAVE = attrgetter("contributors", "links", "comments", "image", "licence", "restored", "episode")


def _extras(entry: Entry) -> dict[str, Any]:
    """What few entries have, without what this one lacks."""
    if not any(_FEW_HAVE(entry)):
        return {}
    found: dict[str, Any] = {
        "contributors": _people(entry.contributors),
        "links": [[link.href, link.rel, link.media_type, link.title, link.language] for link in entry.links],
        "comments": entry.comments,
        "image": entry.image,
        "licence": entry.licence,
    }
    found = {name: value for name, value in found.items() if value}
    if entry.restored is not None:
        found["restored"] = entry.restored.isoformat()
    if (told := entry.episode) is not None:
        transcripts = [[item.url, item.media_type, item.language] for item in told.transcripts]
        words = [told.duration, told.season, told.number, told.kind, told.explicit, transcripts, told.chapters]
        found["episode"] = words
    return found


def _extras_of(extras: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an entry that lie in *extras*."""
    if not extras:
        return {}
    found = dict(extras)
    if people := found.get("contributors"):
        found["contributors"] = tuple(Author(*person) for person in people)
    if links := found.get("links"):
        found["links"] = tuple(Link(*link) for link in links)
    if restored := found.get("restored"):
        found["restored"] = datetime.fromisoformat(restored)
    if words := found.get("episode"):
        duration, season, number, kind, explicit, transcripts, chapters = words
        those = tuple(Transcript(*item) for item in transcripts)
        found["episode"] = Episode(duration, season, number, kind, explicit, those, chapters)
    return found


def _people(people: tuple[Author, ...]) -> list[list[str]]:
    return [[person.name, person.email, person.uri] for person in people]


def _votes(names: tuple[CategoryName, ...]) -> list[list[str]]:
    return [[vote.slug, vote.name] for vote in names]


def _same(value: Any) -> Any:
    return value


PARTS: Mapping[str, Callable[[Any], Any]] = MappingProxyType(
    {
        "origin": lambda told: Origin(*told),
        "authors": lambda people: tuple(Author(*person) for person in people),
        "categories": tuple,
        "category_names": lambda votes: tuple(CategoryName(*vote) for vote in votes),
        "tags": tuple,
        "enclosures": lambda items: tuple(Enclosure(*item) for item in items),
        "extras": _extras_of,
        "withdrawn_by": lambda who: WithdrawnBy(who) if who else None,
    }
)
"""What makes a part of an entry of what lies in its column; what is not here is both."""
