"""A server that partners come to, at a time of the test's own."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from starlette.testclient import TestClient

from feeds.publishing.documents import Documents
from feeds.publishing.rendering import Renderer
from feeds.web.app import application
from feeds.web.partners import Partners
from storage import category_moves, partners
from storage.keys import digest_of, new_key
from storage.partner import Partner
from tests.feeds.publishing.shelf import SITE, Shelf, made

if TYPE_CHECKING:
    import httpx2

    from feeds.site import Site

SECRET = "vault"
LONG = "<p>" + "The tide came in at noon and went out at six. " * 20 + "</p>"


class House:
    """A store, its server, and a clock that stands still until it is moved."""

    def __init__(self, shelf: Shelf, site: Site = SITE) -> None:
        self.shelf = shelf
        self.site = site
        self.now: datetime = shelf.now
        self.seconds = 0.0
        self.open()

    def open(self) -> None:
        """Start the server (again): it knows nothing but the store."""
        self.documents = Documents(self.shelf.database, Renderer(self.site))
        self.partners = Partners(self.documents, lambda: self.now, lambda: self.seconds)
        self.app = application(self.documents, self.site, (), self.partners)
        self.client = TestClient(self.app, follow_redirects=False)
        self.client.headers["accept-encoding"] = "identity"

    def admit(self, name: str, *slugs: str, **parts: Any) -> str:
        """The key of a new partner."""
        key = new_key()
        digest = digest_of(key)
        assert digest is not None
        whole = {"per_minute": 10_000, **parts}
        with self.shelf.database.writing() as connection:
            partners.save(connection, Partner(name, slugs, digest, self.now, **whole))
        return key

    def change(self, name: str, **parts: Any) -> None:
        with self.shelf.database.writing() as connection:
            partner = partners.find(connection, name)
            assert partner is not None
            partners.save(connection, replace(partner, **parts))

    def close(self, slug: str = SECRET, *, private: bool = True) -> None:
        with self.shelf.database.writing() as connection:
            category_moves.keep_private(connection, slug, self.now, private=private)

    def move(self, old: str, new: str) -> None:
        with self.shelf.database.writing() as connection:
            category_moves.move(connection, old, new, self.now)

    def get(self, path: str, key: str = "", **headers: str) -> httpx2.Response:
        """What is answered to the bearer of *key*."""
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        if key:
            fields["Authorization"] = f"Bearer {key}"
        return self.client.get(path, headers=fields)

    def later(self, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)
        self.seconds += minutes * 60


@pytest.fixture
def house(shelf: Shelf) -> House:
    """Beside the public categories there is a private one, with three entries of which one is in ``harbour`` too."""
    house = House(shelf)
    house.close()
    shelf.put(made(11, SECRET), made(12, SECRET, "harbour"), made(13, SECRET, content=LONG))
    return house
