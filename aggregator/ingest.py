"""The data's way, in its order. This is the only file that orders the stages.

    a feed's bytes ─► read ─► recognise ─┐
                                         ├─► normalise ─► keep (one transaction)
    a post's file ─► read ─► identify ───┘

Documents and files that did not change are recognised by their digests before anything else is done.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

from aggregator.identity import claimed
from aggregator.keep import Kept, keep, vanish, withdraw
from aggregator.normalise import VERSION, Context, normalise
from aggregator.post_files import Reading, Task, copy_of, digest_of, read_files
from aggregator.post_folder import differs, gone, look, pages_mark
from aggregator.posts.files import PostFile, is_post, list_posts
from aggregator.posts.jekyll import read_category_pages, read_settings
from aggregator.readers.choice import read_document
from aggregator.readers.texts import Texts, Wanted
from aggregator.recognise import Recognised, names_of, recognise, wanted
from aggregator.rule_settings import RuleSettings
from aggregator.rules import select
from aggregator.scopes import adopt
from aggregator.tombstones import standing
from feeds.processes import spread
from storage import aliases, categories, copies, days, entries
from storage.copy import Copy, Seen
from storage.source import PullState, SourceKind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from aggregator.config import Config
    from aggregator.settings import SourceSettings
    from feeds.document import SourceEntry, SourceFeed
    from storage.database import Database
    from storage.entry import InfoCode

    Progress = Callable[[int, int], None]
    """Told how many files of how many are done."""

# Posts in one transaction: large enough to be cheap, small enough that others need not wait long.
_BATCH = 500
# From so many posts on, reading them in several processes is faster than beginning those.
_MANY = 1_500


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
class Ingested:
    """What came of reading a source: ``state`` knows what was read, ``problems`` are sentences for people."""

    state: PullState
    kept: Kept = field(default_factory=Kept)
    problems: tuple[str, ...] = ()


class Ingest:
    """Takes what sources say into the store."""

    def __init__(self, config: Config, database: Database) -> None:
        self._config = config
        self._database = database
        self._site = config.published_site
        self._shown = config.publish.stories

    def state(self, source: SourceSettings, known: PullState) -> PullState:
        """What is *known* of a source, less what it was before it was configured as it is now.

        Raises:
            PostError: a folder's ``_config.yml`` cannot be read.
        """
        settings = self._settings(source)
        if known.settings == settings:
            return known
        fresh = PullState(known.source, known.kind, settings=settings)
        kept = {name: getattr(known, name) for name in ("last_pull", "last_success", "last_new", "rhythm", "alerted")}
        return replace(fresh, **kept)

    def wanted(self, source: SourceSettings, document: Document, state: PullState, now: datetime) -> list[SourceEntry]:
        """The entries of *document* that ``take`` needs the texts of: new and changed ones, that are to be published.

        Raises:
            FeedSyntaxError: it cannot be read.
        """
        if digest_of(state.settings.encode(), document.body).hex() == state.digest:
            return []
        feed, noted = _read(source, document), Wanted()
        said = standing(feed.entries)
        _, _, recognised = self._recognised(said, feed, source)
        told = list(zip(recognised.codes, said, strict=True))
        self._copies_of(feed, told, source, document.address, state, now, noted)
        with self._database.reading() as connection:
            stored = entries.find(connection, noted.entries)
        withdrawn = {code for code, entry in stored.items() if entry.withdrawn}
        return [entry for code, entry in noted.entries.items() if code not in withdrawn]

    def take(
        self, source: SourceSettings, document: Document, state: PullState, now: datetime, texts: Texts | None = None
    ) -> Ingested:
        """Read a *document* and keep what is new in it, with the *texts* of those entries that were ``wanted``.

        Raises:
            FeedSyntaxError: it is no feed, or not what the settings say; nothing was kept.
        """
        texts = texts or Texts(source, {})
        digest = digest_of(state.settings.encode(), document.body).hex()
        state = replace(state, etag=document.etag, modified=document.modified)
        if digest == state.digest:
            return Ingested(state)
        feed = _read(source, document)
        state = _told(state, document, feed)
        if not state.digest:
            with self._database.writing() as connection:
                adopt(connection, source.name, source.owner, now, self._shown)
        kept, nameless = self._keep_feed(feed, source, document.address, state, now, texts)
        problems = [problem.message for problem in feed.problems]
        if feed.lenient:
            problems.insert(0, "the document is damaged and was read leniently")
        if nameless:
            problems.append(f"{nameless} entries have neither id, link, title, date nor text, and were left out")
        problems += texts.problems
        if texts.again:  # the next pull is to look at this document again, whether it changed or not
            digest, state = "", replace(state, etag="", modified="")
        state = self._paced(replace(state, digest=digest, warning=_warning(problems)), kept, now)
        return Ingested(state, kept, tuple(problems))

    def scan(
        self,
        source: SourceSettings,
        state: PullState,
        now: datetime,
        *,
        only: Collection[str] | None = None,
        progress: Progress | None = None,
    ) -> Ingested:
        """Read what changed in a folder of posts: in all of it, or at the paths of *only*.

        Raises:
            PostStoreError: the folder cannot be listed.
            PostError: ``_config.yml`` cannot be read.
        """
        root = cast("Path", source.path)
        if only is not None and (not state.digest or any(not is_post(path) for path in only)):
            only = None  # a setting, a category page: that can concern every post
        if not state.digest:
            with self._database.writing() as connection:
                adopt(connection, source.name, source.owner, now, self._shown)
        marks, files = self._listing(source, root, only)
        jekyll = read_settings(root)
        problems = list(jekyll.problems)
        pages = pages_mark(root) if only is None else state.digest
        if pages != state.digest:
            problems += self._take_category_pages()
        tasks = [Task(file, marks.get(file.path)) for file in files]
        changed = [task for task in tasks if not state.digest or differs(*task)]
        reading = Reading(root, state.settings, jekyll, self._context(source, ""), now)
        vanished = gone(source, root, marks, files)
        kept = self._keep_posts(source, reading, changed, vanished, progress)
        kept += self._vanish(source, vanished, now)
        with self._database.reading() as connection:
            unread = copies.problems(connection, source.name)
        problems += [f"{path}: {problem}" for path, problem in unread.items()]
        return Ingested(replace(state, digest=pages, warning=_warning(problems)), kept, tuple(problems))

    def _keep_feed(
        self, feed: SourceFeed, source: SourceSettings, address: str, state: PullState, now: datetime, texts: Texts
    ) -> tuple[Kept, int]:
        """Keep what a document says; also, how many of its entries have no name."""
        said = standing(feed.entries)
        while True:
            keys, known, recognised = self._recognised(said, feed, source)
            told = list(zip(recognised.codes, said, strict=True))
            found = self._copies_of(feed, told, source, address, state, now, texts)
            with self._database.writing() as connection:
                if aliases.find(connection, source.owner, keys) != known:
                    continue  # another process has read a document of this scope meanwhile
                kept = keep(connection, source.name, source.owner, found, now, shown=self._shown)
                aliases.save(connection, source.owner, recognised.aliases)
                retracted = {code: entry.updated for code, entry in told if entry.withdrawn and code}
                # An entry with a code of its own is known by the id that it carries (RFC 6721, 3: "ref").
                stones = {entry.id: entry.updated for entry in said if entry.withdrawn}
                retracted |= {code: stones[own] for own, code in entries.named(connection, stones).items()}
                kept += withdraw(connection, source.owner, retracted, now, shown=self._shown)
            return kept, sum(code is None and not entry.withdrawn for code, entry in told)

    def _recognised(
        self, said: Sequence[SourceEntry], feed: SourceFeed, source: SourceSettings
    ) -> tuple[Collection[bytes], Mapping[bytes, str], Recognised]:
        """Which infoCode each entry has; before it, the keys that were asked for, and where they lead."""
        trusted = source.info_codes == "trusted"
        names = names_of(said, (feed.link, feed.self_link))
        keys = wanted(name for name, entry in zip(names, said, strict=True) if not (trusted and claimed(entry)))
        with self._database.reading() as connection:
            known = aliases.find(connection, source.owner, keys)
        return keys, known, recognise(said, names, source.owner, known, trusted=trusted)

    def _copies_of(
        self,
        feed: SourceFeed,
        said: Sequence[tuple[InfoCode | None, SourceEntry]],
        source: SourceSettings,
        address: str,
        state: PullState,
        now: datetime,
        texts: Texts | Wanted,
    ) -> list[Copy]:
        """A document's entries as copies, less those that did not change and those that it withdraws."""
        head = repr((state.settings, feed.title, feed.link, feed.language, feed.authors)).encode(errors="surrogatepass")
        context = self._context(source, address)
        with self._database.reading() as connection:
            known = copies.at(connection, source.name, [code for code, _ in said if code])
        refs = {entry.id for _, entry in said if entry.withdrawn and entry.id}
        found: list[Copy] = []
        met = {code for code, entry in said if code and entry.withdrawn}
        chosen = select([entry for _, entry in said], context.rules, context.timezone)
        for (code, _), entry in zip(said, chosen, strict=True):
            if code is None or code in met or entry is None or entry.id in refs:
                continue
            met.add(code)
            digest = digest_of(head, repr(entry).encode(errors="surrogatepass"))
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

    def _listing(
        self, source: SourceSettings, root: Path, only: Collection[str] | None
    ) -> tuple[Mapping[str, Seen], Sequence[PostFile]]:
        """The marks of the files that were read before, and those that are there: of all, or of *only* those paths."""
        with self._database.reading() as connection:
            if only is None:
                return copies.seen(connection, source.name), list(list_posts(root))
            known = copies.at(connection, source.name, only)
        return {path: copy.seen for path, copy in known.items()}, sorted(look(root, only))

    def _keep_posts(
        self,
        source: SourceSettings,
        reading: Reading,
        tasks: Sequence[Task],
        gone: Collection[str],
        progress: Progress | None,
    ) -> Kept:
        """Read the files of *tasks* and keep what is in them, so many in a transaction."""
        kept, done = Kept(), 0
        parts = [tasks[start : start + _BATCH] for start in range(0, len(tasks), _BATCH)]
        results = spread(read_files, reading, parts, alone=len(tasks) < _MANY)
        with closing(results):
            for part, found in zip(parts, results, strict=True):
                same = [task for task, copy in zip(part, found, strict=True) if copy is None]
                marks = {f.path: (f.size, f.modified_ns) for f, mark in same if mark and differs(f, mark)}
                with self._database.writing() as connection:
                    copies.remark(connection, source.name, marks)
                    read = [copy for copy in found if copy is not None]
                    own = (source.name, source.owner)
                    kept += keep(connection, *own, read, reading.now, gone=gone, shown=self._shown)
                done += len(part)
                if progress:
                    progress(done, len(tasks))
        return kept

    def _vanish(self, source: SourceSettings, gone: Collection[str], now: datetime) -> Kept:
        if not gone:
            return Kept()
        with self._database.writing() as connection:
            withdrawing = source.on_missing == "withdraw"
            return vanish(connection, source.name, sorted(gone), now, withdrawing=withdrawing, shown=self._shown)

    def _take_category_pages(self) -> tuple[str, ...]:
        """Read the names that the category pages of all folders give; the first folder that names a slug decides."""
        titles: dict[str, str] = {}
        problems: tuple[str, ...] = ()
        for source in self._config.source:
            if source.kind is SourceKind.POSTS:
                pages = read_category_pages(cast("Path", source.path))
                titles = {**pages.titles, **titles}
                problems += pages.problems
        with self._database.writing() as connection:
            categories.set_page_titles(connection, titles)
        return problems

    def _paced(self, state: PullState, kept: Kept, now: datetime) -> PullState:
        """*state* with the source's rhythm as it is now that something new came."""
        if not kept.created:
            return state
        with self._database.reading() as connection:
            rhythm = days.rhythm(connection, state.source, now)
        return replace(state, rhythm=rhythm, last_new=now)

    def _context(self, source: SourceSettings, address: str) -> Context:
        return Context(
            source=source.name,
            scope=source.owner,
            site=self._site,
            timezone=ZoneInfo(source.timezone or self._config.site.timezone),
            categories=source.categories,
            own_categories=source.own_categories,
            literal_categories=source.kind is SourceKind.POSTS or source.as_posts,
            address=address,
            rules=source.rules,
        )

    def _settings(self, source: SourceSettings) -> str:
        """A digest of all that decides how *source* is read."""
        facts = [VERSION, source.owner, source.url, source.path, source.categories, source.entry_categories]
        facts += [source.info_codes, source.timezone or self._config.site.timezone, self._site.host]
        facts += [source.model_dump(mode="json", include=set(RuleSettings.model_fields))]
        facts += [source.json_list, source.page, source.full_text]
        if source.kind is SourceKind.POSTS:
            jekyll = read_settings(cast("Path", source.path))
            facts += [jekyll.url, jekyll.baseurl, jekyll.permalink]
        return digest_of(repr(facts).encode()).hex()


def _read(source: SourceSettings, document: Document) -> SourceFeed:
    """What *document* says.

    Raises:
        FeedSyntaxError: it cannot be read.
    """
    return read_document(source, document.body, content_type=document.content_type, location=document.address)


def _told(state: PullState, document: Document, feed: SourceFeed) -> PullState:
    """*state* with what a document says of its pace, its site and its hub (WebSub, 4: a header goes before)."""
    hubs = document.hubs or feed.hubs
    topic = document.topic or feed.self_link or document.address
    return replace(state, pace=feed.pace, site=feed.link, hub=hubs[0] if hubs else "", topic=topic if hubs else "")


def _warning(problems: Sequence[str]) -> str:
    if not problems:
        return ""
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return problems[0] + more
