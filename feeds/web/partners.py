"""Partners at the door: who has which key, how often they may come, what they see, and how much they took."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, NamedTuple

from starlette.exceptions import HTTPException

from feeds.publishing.view import PUBLIC, View
from feeds.web.rates import Rates
from storage import categories, partner_days, partners
from storage.category import ALL
from storage.keys import digest_of
from storage.partner_days import PartnerDay, Use

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from sqlalchemy import Connection

    from feeds.publishing.documents import Documents, Unless
    from feeds.publishing.found import Document, Gone, Moved, Unchanged
    from storage.category import Category
    from storage.partner import Partner

# Beside everybody's: as many as there are private categories and terms together, which are few.
_MOST_VIEWS = 16
_SCHEMES: Final = 'realm="partners"'


class Grant(NamedTuple):
    """What a partner was granted, by the names that it has had; ``private`` are those of all private categories."""

    slugs: frozenset[str]
    private: frozenset[str]

    def holds(self, category: Category) -> bool:
        """Whether *category* is the partner's on the partner's own terms."""
        return category.slug in self.slugs or (ALL in self.slugs and not category.private)


class Partners:
    """What a server knows of partners; *now* gives the time (aware), *ticks* seconds that never run back.

    Safe for any thread.
    """

    def __init__(
        self,
        documents: Documents,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self.database = documents.database
        self.site = documents.site
        self._documents = documents
        self._now = now
        self._rates = Rates(ticks)
        self._views: OrderedDict[View, Documents] = OrderedDict()
        self._used: dict[PartnerDay, Use] = {}
        self._lock = threading.Lock()

    def admit(self, key: str | None) -> Partner:
        """The partner who has this *key* (None: none was shown); the request is counted.

        Raises:
            HTTPException: 401, where nobody has it (any more); 429, where this one has asked too often.
        """
        digest = digest_of(key) if key is not None else None
        partner = None
        if digest is not None:  # else there is nothing to look for
            with self.database.reading() as connection:
                partner = partners.with_key(connection, digest, self._now())
        if partner is None or not partner.is_welcome(self._now()):
            raise _unknown(shown=key is not None)
        wait = self._rates.take(partner.name, partner.per_minute)
        self._count(partner, Use(requests=1, refused=int(wait > 0)))
        if wait > 0:
            detail = f"more than {partner.per_minute} requests a minute: ask again after the seconds of Retry-After"
            raise HTTPException(HTTPStatus.TOO_MANY_REQUESTS, detail, {"Retry-After": str(math.ceil(wait))})
        return partner

    def gave(self, partner: Partner, entries: int) -> None:
        """Count what was given out."""
        self._count(partner, Use(entries=entries))

    def until(self, partner: Partner) -> datetime | None:
        """What came later than this is not to be told to *partner* yet; None: all is."""
        return View(terms=partner.terms).until(self._now())

    def find(self, partner: Partner, path: str, unless: Unless) -> Document | Unchanged | Gone | Moved | None:
        """What stands at *path* for *partner*: on their terms what they were granted, all else as everybody sees it."""
        with self.database.reading() as connection:
            view, until = self._own(connection, partner, path), self.until(partner)
            if view is not None and until is not None:
                return view.feed_until(connection, path, until)
        return (view or self._documents).find(path, unless=unless)

    def differing(self, partner: Partner, path: str) -> Documents | None:
        """The documents that the difference of a feed is taken from; None where *partner* gets none."""
        with self.database.reading() as connection:
            view = self._own(connection, partner, path)
        if view is None:
            return self._documents
        return None if self.until(partner) is not None else view

    def opml(self, partner: Partner, chosen: Collection[str]) -> Document:
        """The feeds that *partner* was granted, or those of them with the *chosen* slugs, as OPML."""
        with self.database.reading() as connection:
            grant = granted(connection, partner)
            view = self._view(grant, partner)
            own = {one.slug for one in categories.listed(connection, everyone=True) if grant.holds(one)}
        own |= grant.slugs & {ALL}
        return view.opml(own & set(chosen) if chosen else own)

    def write_use(self) -> None:
        """Store what was counted.

        Raises:
            StorageError: it cannot be stored; it is still counted then.
        """
        with self._lock:
            used, self._used = self._used, {}
        if not used:
            return
        try:
            with self.database.writing() as connection:
                partner_days.add(connection, used)
        except BaseException:
            for day, use in used.items():
                self._add(day, use)
            raise

    def _own(self, connection: Connection, partner: Partner, path: str) -> Documents | None:
        """The documents as *partner* sees them, where what stands at *path* is theirs."""
        category = self._documents.category_at(connection, path)
        if category is None:
            return None
        grant = granted(connection, partner)
        return self._view(grant, partner) if grant.holds(category) else None

    def _view(self, grant: Grant, partner: Partner) -> Documents:
        view = View(grant.slugs & grant.private, partner.terms)
        if view == PUBLIC:
            return self._documents
        with self._lock:
            if view not in self._views:
                self._views[view] = self._documents.seeing(view)
                if len(self._views) > _MOST_VIEWS:
                    self._views.popitem(last=False)
            self._views.move_to_end(view)
            return self._views[view]

    def _count(self, partner: Partner, use: Use) -> None:
        self._add(PartnerDay(partner.name, self._now().astimezone(UTC).date()), use)

    def _add(self, day: PartnerDay, use: Use) -> None:
        with self._lock:
            self._used[day] = Use(*map(sum, zip(self._used.get(day, Use()), use, strict=True)))


def granted(connection: Connection, partner: Partner) -> Grant:
    """What *partner* was granted, as it is called now and was called before."""
    return Grant(categories.followed(connection, partner.categories), categories.private(connection))


def _unknown(*, shown: bool) -> HTTPException:
    """RFC 9110, 15.5.2: the same for a key that never was, was taken back, or has ended."""
    error = ', error="invalid_token"' if shown else ""  # RFC 6750, 3: not where no key was shown
    detail = "this key opens nothing (any more): ask the publisher for another" if shown else "a key is needed here"
    challenge = f'Bearer {_SCHEMES}{error}, Basic {_SCHEMES}, charset="UTF-8"'
    return HTTPException(HTTPStatus.UNAUTHORIZED, detail, {"WWW-Authenticate": challenge})
