"""A store, what delivers from it, and a clock that is moved by hand."""

from __future__ import annotations

import base64
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from starlette.testclient import TestClient

from aggregator.config import Config
from aggregator.deliver.deliverer import Deliverer
from aggregator.settings import PublishSettings, SiteSettings
from feeds.publishing.documents import Documents
from feeds.publishing.rendering import Renderer
from feeds.web.app import application
from feeds.web.hub import hub_routes
from storage import categories, category_moves, entries, followers, partners, topic_subscriptions
from storage.category import ALL
from storage.entries import EntryChange
from storage.entry import WithdrawnBy
from storage.follower import Follower, FollowerKind, follower_id
from storage.partner import Partner
from tests import stores
from tests.aggregator.deliver.receiver import HOSTS
from tests.storage.held import code, entry

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import httpx2

    from aggregator.deliver.outlook import Outlook
    from storage.entry import Entry
    from storage.follower import DeadLetter
    from storage.topic_subscription import TopicSubscription

SITE = "https://mill.example.org"
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
DAY = timedelta(days=1)
TICK = timedelta(seconds=1)


class Desk:
    """What writers, the operator and the clock do, and what is held after it."""

    def __init__(self, folder: Path, **publish: Any) -> None:
        self.path = folder / "mill.db"
        self.database = stores.open_at(self.path)
        site = SiteSettings(title="Mill", url=SITE, language="en", timezone="UTC")
        given = {"hub": "own", "private_hosts": frozenset(HOSTS)} | publish
        self.config = Config(site=site, publish=PublishSettings(**given))
        self.renderer = Renderer(self.config.published_site)
        self.documents = Documents(self.database, self.renderer)
        # A little ahead of the hub, which has the machine's clock.
        self.now = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=30)
        self.delivered: list[tuple[FollowerKind, bool]] = []
        self.deliverer = Deliverer(self.config, self.database, self.renderer, self._told, lambda: self.now)
        site_of_all = self.config.published_site
        self.web = TestClient(
            application(self.documents, site_of_all, hub_routes(self.database, site_of_all, self.deliverer.wake)),
            follow_redirects=False,
        )

    def _told(self, kind: FollowerKind, *, taken: bool) -> None:
        self.delivered.append((kind, taken))

    # What writers and the operator do.

    def put(self, *new: Entry) -> None:
        """Store entries; one that is there already is corrected."""
        with self.database.writing() as connection:
            known = entries.find(connection, [one.info_code for one in new])
            entries.save(connection, [EntryChange(known.get(one.info_code), one) for one in new], self.now)

    def correct(self, number: int, **values: Any) -> None:
        before = self.get(number)
        self.put(replace(before, revision=before.revision + 1, updated=self.now, **values))

    def withdraw(self, number: int) -> None:
        self.put(replace(self.get(number), withdrawn=self.now, withdrawn_by=WithdrawnBy.OPERATOR))

    def restore(self, number: int) -> None:
        self.put(replace(self.get(number), withdrawn=None, withdrawn_by=None))

    def rename(self, old: str, new: str) -> None:
        with self.database.writing() as connection:
            category_moves.move(connection, old, new, self.now)

    def close(self, slug: str, *, private: bool = True) -> None:
        with self.database.writing() as connection:
            category_moves.keep_private(connection, slug, self.now, private=private)

    def hide(self, slug: str) -> None:
        with self.database.writing() as connection:
            category_moves.hide(connection, slug, self.now, hidden=True)

    def partner(self, webhook: str, *granted: str, name: str = "harbour", **terms: Any) -> Partner:
        given = {"webhook_secret": SECRET} | terms
        partner = Partner(name, granted or (ALL,), name.encode(), self.now, webhook=webhook, **given)
        self.save_partner(partner)
        return partner

    def save_partner(self, partner: Partner) -> None:
        with self.database.writing() as connection:
            partners.save(connection, partner)

    def ask(self, callback: str, topic: str = "all.atom", mode: str = "subscribe", **more: str) -> httpx2.Response:
        """Ask our hub, as subscribers do; *more* are further parameters, without ``hub.``."""
        address = topic if "://" in topic else f"{SITE}/{topic}"
        said = {"hub.mode": mode, "hub.topic": address, "hub.callback": callback}
        said |= {f"hub.{name}": value for name, value in more.items()}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return self.web.post("/hub", content=urlencode(said), headers=headers)

    async def subscribe(self, callback: str, topic: str = "all.atom", **more: str) -> TopicSubscription:
        """A subscription that its callback has confirmed."""
        assert self.ask(callback, topic, **more).status_code == 202
        await self.deliver()
        [found] = [one for one in self.subscriptions() if one.callback == callback and one.topic.endswith(topic)]
        assert found.holds(self.now)
        return found

    # What the program does.

    async def deliver(self) -> Outlook:
        """Do all that is to be done now, and what comes of it."""
        while True:
            found = await self.deliverer.begin_due()
            await self.deliverer.idle()
            if not found.send and not found.ask:
                return found

    async def later(self, **time: float) -> None:
        """Let time go by, and do what is to be done then."""
        self.now += timedelta(**time)
        await self.deliver()

    # What is held.

    def get(self, number: int) -> Entry:
        with self.database.reading() as connection:
            return entries.find(connection, [code(number)])[code(number)]

    def has(self, number: int) -> bool:
        """Whether there is that entry, withdrawn or not."""
        with self.database.reading() as connection:
            return bool(entries.find(connection, [code(number)]))

    def slug_of(self, slug: str) -> str:
        """What a category is called by now."""
        with self.database.reading() as connection:
            return categories.moved(connection).get(slug, slug)

    def follower(self, name: str = "harbour", kind: FollowerKind = FollowerKind.WEBHOOK) -> Follower:
        with self.database.reading() as connection:
            found = followers.find(connection, follower_id(kind, name))
        assert found is not None
        return found

    def followers(self) -> list[str]:
        with self.database.reading() as connection:
            return [one.id for one in followers.all(connection)]

    def dead(self) -> list[DeadLetter]:
        with self.database.reading() as connection:
            return followers.dead(connection)

    def subscriptions(self) -> list[TopicSubscription]:
        with self.database.reading() as connection:
            return topic_subscriptions.all(connection)

    def replay(self, name: str = "webhook:harbour") -> int:
        with self.database.writing() as connection:
            return followers.replay(connection, name)

    def holding(self, *slugs: str) -> set[str]:
        """The infoCodes of what categories hold now."""
        with self.database.reading() as connection:
            there = categories.moved(connection)
            now = {there.get(slug, slug) for slug in slugs}
            private = categories.private(connection)
            found = entries.find(connection, [one for one, _ in entries.changed_since(connection, 0)])
        public = {code for code, one in found.items() if not one.categories or not private.issuperset(one.categories)}
        return {
            code
            for code, one in found.items()
            if not one.withdrawn and (now & set(one.categories) or (ALL in now and code in public))
        }


def posted(number: int, *slugs: str, **values: Any) -> Entry:
    """An entry, with names for its categories."""
    return entry(number, *slugs, votes={slug: f"Name of {slug}" for slug in slugs}, **values)


@asynccontextmanager
async def opened(folder: Path, **publish: Any) -> AsyncIterator[Desk]:
    """A desk at work."""
    desk = Desk(folder, **publish)
    try:
        async with desk.deliverer.running():
            yield desk
    finally:
        desk.web.close()
        desk.database.close()
