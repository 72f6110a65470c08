"""The data's way, in its order. This is the only file that orders the stages.

    a feed's bytes ─► read ─► recognise ─┐
                                         ├─► normalise ─► keep (one transaction)
    a post's file ─► read ─► identify ───┘

Documents and files that did not change are recognised by their digests before anything else is done.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import TYPE_CHECKING, cast

import structlog

from aggregator.document_group import Group, read_of, state_of
from aggregator.feed_documents import (
    Desk,
    Prepared,
    Taking,
    context_of,
    is_known,
    prepare,
    prepare_apart,
    texts_wanted,
    warning,
)
from aggregator.keep import Kept, Read, keep, vanish, withdraw
from aggregator.normalise import VERSION
from aggregator.post_files import Reading, Task, digest_of, read_files
from aggregator.post_folder import differs, gone, look, pages_mark
from aggregator.posts.files import PostFile, is_post, list_posts
from aggregator.posts.jekyll import read_category_pages, read_settings
from aggregator.rule_settings import RuleSettings
from aggregator.scopes import adopt
from feeds.processes import spread
from storage import aliases, categories, copies, days, entries
from storage.errors import StorageError
from storage.source import PullState, SourceKind

log = structlog.get_logger("ingest")

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy import Connection

    from aggregator.config import Config
    from aggregator.settings import SourceSettings
    from feeds.document import SourceEntry
    from feeds.reading.errors import FeedSyntaxError
    from storage.copy import Seen
    from storage.database import Database

    Progress = Callable[[int, int], None]
    """Told how many files of how many are done."""

# Posts in one transaction: large enough to be cheap, small enough that others need not wait long.
_BATCH = 500
# Documents in one transaction, for the same reasons.
_DOCUMENTS = 16
# From so many posts, or documents, on, reading them in several processes is faster than beginning those.
_MANY = 1_500
_MANY_DOCUMENTS = 64
# Bytes.
_LARGE = 2**20


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
        self._digests: dict[str, str] = {}
        self._desk = Desk(self._site, config.site.timezone, database.url)

    def state(self, source: SourceSettings, known: PullState) -> PullState:
        """What is *known* of a source, less what it was before it was configured as it is now.

        Raises:
            PostError: a folder's ``_config.yml`` cannot be read.
        """
        settings = self._digests.get(source.name) or self._settings(source)
        if source.kind is not SourceKind.POSTS:  # those have a file of settings that may change
            self._digests[source.name] = settings
        if known.settings == settings:
            return known
        fresh = PullState(known.source, known.kind, settings=settings)
        kept = {name: getattr(known, name) for name in ("last_pull", "last_success", "last_new", "rhythm", "alerted")}
        return replace(fresh, **kept)

    def wanted(self, taking: Taking) -> list[SourceEntry]:
        """The entries of a document whose texts it is to be taken in with.

        Raises:
            FeedSyntaxError: it cannot be read.
        """
        if is_known(taking):
            return []
        with self._database.reading() as connection:
            return texts_wanted(self._desk, connection, taking)

    def take(self, takings: Sequence[Taking], *, progress: Progress | None = None) -> list[Ingested | Exception]:
        """Read documents of different sources and keep what is new in them.

        What is wrong with one of them is given back in its place, and nothing of it was kept. Where *progress* raises,
        what was kept before stays.

        Raises:
            StorageError: the store cannot be used.
        """
        results: dict[int, Ingested | Exception] = {}
        new = []
        for number, taking in enumerate(takings):
            if is_known(taking):
                document = taking.document
                results[number] = Ingested(replace(taking.state, etag=document.etag, modified=document.modified))
            else:
                new.append((number, taking))
        self._adopt([taking for _, taking in new])
        # Large ones are not sent from process to process: they would be in memory twice.
        small = [one for one in new if len(one[1].document.body) < _LARGE]
        several = small if len(small) >= _MANY_DOCUMENTS else []
        parts = [several[start : start + _DOCUMENTS] for start in range(0, len(several), _DOCUMENTS)]
        apart = spread(prepare_apart, self._desk, [[taking for _, taking in part] for part in parts], alone=False)
        with closing(apart):
            for part in parts:
                results |= self._keep_part(part, next(apart))
                if progress:
                    progress(len(results), len(takings))
        rest = [one for one in new if one[0] not in results]
        for start in range(0, len(rest), _DOCUMENTS):
            part = rest[start : start + _DOCUMENTS]
            results |= self._keep_part(part, [None] * len(part))
            if progress:
                progress(len(results), len(takings))
        return [results[number] for number in range(len(takings))]

    def _keep_part(
        self, part: Sequence[tuple[int, Taking]], found: Sequence[Prepared | FeedSyntaxError | None]
    ) -> dict[int, Ingested | Exception]:
        """Keep documents, which are numbered, in one transaction."""
        kept = self._keep_all([taking for _, taking in part], found)
        return dict(zip((number for number, _ in part), kept, strict=True))

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
            problems += self._take_category_pages(now)
        tasks = [Task(file, marks.get(file.path)) for file in files]
        changed = [task for task in tasks if not state.digest or differs(*task)]
        reading = Reading(root, state.settings, jekyll, context_of(self._desk, source, ""), now)
        vanished = gone(source, root, marks, files)
        kept = self._keep_posts(source, reading, changed, vanished, progress)
        kept += self._vanish(source, vanished, now)
        with self._database.reading() as connection:
            unread = copies.problems(connection, source.name)
        problems += [f"{path}: {problem}" for path, problem in unread.items()]
        return Ingested(replace(state, digest=pages, warning=warning(problems)), kept, tuple(problems))

    def _adopt(self, takings: Sequence[Taking]) -> None:
        """Let sources that are configured anew take their entries with them, where their scope is another now."""
        fresh = [taking for taking in takings if not taking.state.digest]
        if fresh:
            with self._database.writing() as connection:
                for taking in fresh:
                    adopt(connection, taking.source.name, taking.source.owner, taking.now, self._shown)

    def _keep_all(
        self, takings: Sequence[Taking], found: Sequence[Prepared | FeedSyntaxError | None]
    ) -> list[Ingested | Exception]:
        """Keep documents in one transaction; where that breaks, each in its own, so that one costs only itself."""
        with self._database.reading() as connection:
            together = zip(takings, found, strict=True)
            prepared = [read or self._prepared(connection, taking) for taking, read in together]
        if len(takings) > 1:
            try:
                with self._database.writing() as connection:
                    return self._kept(connection, takings, prepared)
            except StorageError:
                raise
            except Exception as error:
                log.warning("kept each alone", documents=len(takings), exc_info=error)
        return [self._kept_alone(*one) for one in zip(takings, prepared, strict=True)]

    def _prepared(self, connection: Connection, taking: Taking) -> Prepared | Exception:
        try:
            return prepare(self._desk, connection, taking)
        except StorageError:
            raise
        except Exception as error:  # noqa: BLE001  whatever is in a document, it can only hurt its source
            return error

    def _kept_alone(self, taking: Taking, prepared: Prepared | Exception) -> Ingested | Exception:
        try:
            with self._database.writing() as connection:
                return self._kept(connection, [taking], [prepared])[0]
        except StorageError:
            raise
        except Exception as error:  # noqa: BLE001  as above
            return error

    def _kept(
        self, connection: Connection, takings: Sequence[Taking], prepared: Sequence[Prepared | Exception]
    ) -> list[Ingested | Exception]:
        """Keep what is new in documents: as many at once as know nothing of each other."""
        results: list[Ingested | Exception] = []
        group = Group()
        for taking, found in zip(takings, prepared, strict=True):
            if group.has_scope_of(taking):
                results += self._kept_at_once(connection, group)
                group = Group()
            found = self._as_it_is_now(connection, taking, found)
            if group.has_entry_of(found):
                results += self._kept_at_once(connection, group)
                group = Group()
            group.add(taking, found)
        return results + self._kept_at_once(connection, group)

    def _as_it_is_now(
        self, connection: Connection, taking: Taking, prepared: Prepared | Exception
    ) -> Prepared | Exception:
        """*prepared* anew, if a document of its scope was taken in meanwhile."""
        while not isinstance(prepared, Exception):
            if aliases.find(connection, taking.source.owner, prepared.keys) == prepared.known:
                break
            prepared = self._prepared(connection, taking)
        return prepared

    def _kept_at_once(self, connection: Connection, group: Group) -> list[Ingested | Exception]:
        good = group.good
        kept = keep(connection, [read_of(*pair) for pair in good], shown=self._shown)
        aliases.save(connection, group.aliases)
        kept = [one + self._retracted(connection, *pair) for one, pair in zip(kept, good, strict=True)]
        new = [taking for (taking, _), one in zip(good, kept, strict=True) if one.created]
        rhythms: dict[str, float] = {}
        for today, these in groupby(new, lambda taking: taking.now.date()):
            rhythms |= days.rhythms(connection, [taking.source.name for taking in these], today)
        done = {
            taking.source.name: Ingested(state_of(taking, found, rhythms), one, found.problems)
            for (taking, found), one in zip(good, kept, strict=True)
        }
        return [found if isinstance(found, Exception) else done[taking.source.name] for taking, found in group.all]

    def _retracted(self, connection: Connection, taking: Taking, prepared: Prepared) -> Kept:
        """Withdraw what a document says is withdrawn."""
        retracted = dict(prepared.retracted)
        named = entries.named(connection, prepared.stones) if prepared.stones else {}
        retracted |= {code: prepared.stones[own] for own, code in named.items()}
        if not retracted:
            return Kept()
        return withdraw(connection, taking.source.owner, retracted, taking.now, shown=self._shown)

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
                    [one] = keep(
                        connection, [Read(source.name, source.owner, read, reading.now, gone)], shown=self._shown
                    )
                    kept += one
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

    def _take_category_pages(self, now: datetime) -> tuple[str, ...]:
        """Read the names that the category pages of all folders give; the first folder that names a slug decides."""
        titles: dict[str, str] = {}
        problems: tuple[str, ...] = ()
        for source in self._config.source:
            if source.kind is SourceKind.POSTS:
                pages = read_category_pages(cast("Path", source.path))
                titles = {**pages.titles, **titles}
                problems += pages.problems
        with self._database.writing() as connection:
            categories.set_page_titles(connection, titles, now)
        return problems

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
