"""From a feed's document to the copies that are kept: reads the store and changes nothing, so that any process can."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import orjson

from aggregator.bounds import MOST_ALIASES
from aggregator.category_bounds import within_bounds
from aggregator.identity import claimed
from aggregator.normalise import Context, normalise
from aggregator.post_files import copy_of, digest_of
from aggregator.readers.choice import read_document
from aggregator.readers.texts import Texts, Wanted
from aggregator.recognise import SAYS_NOTHING, Names, Recognised, names_of, recognise, wanted
from aggregator.rules import select
from aggregator.tombstones import standing
from feeds.reading.errors import FeedSyntaxError
from storage import aliases, copies, entries
from storage.copy import Copy
from storage.database import Database, open_database
from storage.source import SourceKind

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from aggregator.settings import SourceSettings
    from feeds.document import SourceEntry, SourceFeed
    from feeds.site import Site
    from storage.entry import InfoCode
    from storage.source import PullState


@dataclass(frozen=True, slots=True)
class Document:
    """A feed as it was fetched; ``address`` is empty for one from a file, the validators for one without.

    ``hubs`` and ``topic`` are what the answer's head says of WebSub, before what the document says.
    """

    body: bytes
    address: str = ""
    content_type: str = ""
    etag: str = ""
    modified: str = ""
    hubs: tuple[str, ...] = ()
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Taking:
    """A document that is to be taken in: of which source, what is known of that, when (aware, UTC), and its texts."""

    source: SourceSettings
    document: Document
    state: PullState
    now: datetime
    texts: Texts | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document as it is to be kept, if what its entries were known by (``known``, of ``keys``) is still so.

    ``aliases`` are what they are known by from now on, ``retracted`` the entries that it withdraws by infoCode and
    ``stones`` by their own ids, each with the time that it gives.
    """

    state: PullState
    copies: tuple[Copy, ...]
    keys: frozenset[bytes]
    known: Mapping[bytes, str]
    aliases: Mapping[bytes, str]
    retracted: Mapping[InfoCode, datetime | None]
    stones: Mapping[str, datetime | None]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Desk:
    """What all documents are read with: the site, the time zone of dates without one, and the address of the store."""

    site: Site
    timezone: str
    storage: str


def prepare_apart(desk: Desk, takings: Sequence[Taking]) -> list[Prepared | FeedSyntaxError | None]:
    """What comes of *takings*, in a process of its own; None where something else went wrong, which is to be found out
    where it can be told.
    """
    database = _store(desk.storage)
    found: list[Prepared | FeedSyntaxError | None] = []
    for taking in takings:
        try:
            with database.reading() as connection:
                found.append(prepare(desk, connection, taking))
        except FeedSyntaxError as error:
            found.append(error)
        except Exception:  # noqa: BLE001  the one who asked does it again, and tells
            found.append(None)
    return found


@lru_cache(maxsize=1)
def _store(address: str) -> Database:
    return open_database(address)


def is_known(taking: Taking) -> bool:
    """Whether the document is, to the byte, the one that was read last."""
    return _digest(taking) == taking.state.digest


def prepare(desk: Desk, connection: Connection, taking: Taking) -> Prepared:
    """Read a document, and find out what is new in it.

    Raises:
        FeedSyntaxError: it is no feed, or not what the settings say.
    """
    source, document = taking.source, taking.document
    feed = _read(source, document)
    said = standing(feed.entries)
    names = names_of(said, (feed.link, feed.self_link))
    keys, known, recognised = _recognised(connection, said, names, source)
    told = list(zip(recognised.codes, said, strict=True))
    found = _copies_of(desk, connection, feed, told, taking, taking.texts or Texts(source, {}))
    nameless = sum(code is None and not entry.withdrawn for code, entry in told)
    found, crowded = within_bounds(connection, source, found)
    problems = (*_problems(feed, taking.texts, nameless), *crowded)
    return Prepared(
        state=_told(taking, feed, problems),
        copies=tuple(found),
        keys=frozenset(keys),
        known=known,
        aliases=_remembered(connection, source.owner, known, recognised.aliases),
        retracted={code: entry.updated for code, entry in told if entry.withdrawn and code},
        # An entry with a code of its own is known by the id that it carries (RFC 6721, 3: "ref").
        stones={entry.id: entry.updated for entry in said if entry.withdrawn},
        problems=problems,
    )


def texts_wanted(desk: Desk, connection: Connection, taking: Taking) -> list[SourceEntry]:
    """The entries of a document whose texts are needed: new and changed ones, that are to be published.

    Raises:
        FeedSyntaxError: it cannot be read.
    """
    feed, noted = _read(taking.source, taking.document), Wanted()
    said = standing(feed.entries)
    names = names_of(said, (feed.link, feed.self_link))
    _, _, recognised = _recognised(connection, said, names, taking.source)
    told = list(zip(recognised.codes, said, strict=True))
    _copies_of(desk, connection, feed, told, taking, noted)
    stored = entries.find(connection, noted.entries)
    withdrawn = {code for code, entry in stored.items() if entry.withdrawn}
    return [entry for code, entry in noted.entries.items() if code not in withdrawn]


def _read(source: SourceSettings, document: Document) -> SourceFeed:
    return read_document(source, document.body, content_type=document.content_type, location=document.address)


def _recognised(
    connection: Connection, said: Sequence[SourceEntry], names: Sequence[Names], source: SourceSettings
) -> tuple[Collection[bytes], Mapping[bytes, str], Recognised]:
    """Which infoCode each entry has; before it, the keys that were asked for, and where they lead."""
    trusted = source.info_codes == "trusted"
    keys = wanted(name for name, entry in zip(names, said, strict=True) if not (trusted and claimed(entry)))
    known = aliases.find(connection, source.owner, keys)
    return keys, known, recognise(said, names, source.owner, known, trusted=trusted)


def _remembered(
    connection: Connection, scope: str, known: Mapping[bytes, str], fresh: Mapping[bytes, str]
) -> Mapping[bytes, str]:
    """The *fresh* aliases, less those of entries that are known by more than enough already."""
    again = set(fresh.values()).intersection(known.values()) - {SAYS_NOTHING}
    if not again:
        return fresh
    counts = aliases.counts(connection, scope, again)
    return {key: code for key, code in fresh.items() if counts.get(code, 0) < MOST_ALIASES}


def _copies_of(
    desk: Desk,
    connection: Connection,
    feed: SourceFeed,
    said: Sequence[tuple[InfoCode | None, SourceEntry]],
    taking: Taking,
    texts: Texts | Wanted,
) -> list[Copy]:
    """A document's entries as copies, less those that did not change and those that it withdraws."""
    source, now = taking.source, taking.now
    head = repr((taking.state.settings, feed.title, feed.link, feed.language, feed.authors))
    mark = head.encode(errors="surrogatepass")
    context = context_of(desk, source, taking.document.address)
    known = copies.at(connection, source.name, [code for code, _ in said if code])
    refs = {entry.id for _, entry in said if entry.withdrawn and entry.id}
    found: list[Copy] = []
    met = {code for code, entry in said if code and entry.withdrawn}
    chosen = select([entry for _, entry in said], context.rules, context.timezone)
    for (code, _), entry in zip(said, chosen, strict=True):
        if code is None or code in met or entry is None or entry.id in refs:
            continue
        met.add(code)
        digest = digest_of(mark, _words(entry))
        seen = known.get(code)
        if seen is None or seen.digest != digest:
            first = seen.first_seen if seen else now
            whole = texts.completed(code, entry, digest, seen)
            if whole is None:
                continue
            held = normalise(whole.entry, code, feed, context, first, now)
            copy = Copy(source.name, code, whole.digest, first, problem=whole.problem)
            found.append(copy_of(copy, held, whole.entry))
    return found


def _words(entry: SourceEntry) -> bytes:
    """All that an entry says, to be compared: as JSON, which takes a fifth of the time that Python's own words take."""
    try:
        return orjson.dumps(entry)
    except TypeError:  # half a character, or a time zone or a number of its own kind
        return repr(entry).encode(errors="surrogatepass")


def context_of(desk: Desk, source: SourceSettings, address: str) -> Context:
    """What the entries of *source* are normalised with; *address* is where its document was found."""
    return Context(
        source=source.name,
        scope=source.owner,
        site=desk.site,
        timezone=ZoneInfo(source.timezone or desk.timezone),
        categories=source.categories,
        own_categories=source.own_categories,
        literal_categories=source.kind is SourceKind.POSTS or source.as_posts,
        address=address,
        rules=source.rules,
    )


def _problems(feed: SourceFeed, texts: Texts | None, nameless: int) -> list[str]:
    """What is wrong with a document that could be read, as sentences for people."""
    problems = [problem.message for problem in feed.problems]
    if feed.lenient:
        problems.insert(0, "the document is damaged and was read leniently")
    if nameless:
        problems.append(f"{nameless} entries have neither id, link, title, date nor text, and were left out")
    return problems + (texts.problems if texts else [])


def _told(taking: Taking, feed: SourceFeed, problems: Sequence[str]) -> PullState:
    """The source's state with what the document says of itself, its pace, its site and its hub.

    A hub in the answer's head goes before one in the document (WebSub, 4).
    """
    document = taking.document
    hubs = document.hubs or feed.hubs
    topic = document.topic or feed.self_link or document.address
    # Where texts are missing, the next pull is to look at this document again, whether it changed or not.
    again = taking.texts is not None and taking.texts.again
    return replace(
        taking.state,
        digest="" if again else _digest(taking),
        etag="" if again else document.etag,
        modified="" if again else document.modified,
        warning=warning(problems),
        pace=feed.pace,
        site=feed.link,
        hub=hubs[0] if hubs else "",
        topic=topic if hubs else "",
    )


def _digest(taking: Taking) -> str:
    return digest_of(taking.state.settings.encode(), taking.document.body).hex()


def warning(problems: Sequence[str]) -> str:
    """The first of *problems*, and how many more there are."""
    if not problems:
        return ""
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return problems[0] + more
