"""A page's feeds, found on a real server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aiohttp import web
from aiohttp.test_utils import BaseTestServer, TestServer

from aggregator import discovery
from aggregator.fetching.client import Fetcher
from aggregator.fetching.errors import AddressRefused, BadStatus
from aggregator.finding import MOST, NoFeedError, find_feeds

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aggregator.finding import Found

_LINK = '<link rel="alternate" type="application/rss+xml" href="{}">'


def _rss(title: str, *items: str, at: str = "https://tides.example/") -> str:
    told = "".join(f"<item><title>{item}</title><link>{at}{item}</link></item>" for item in items)
    return f'<rss version="2.0"><channel><title>{title}</title>{told}</channel></rss>'


def _atom(title: str, *items: str) -> str:
    told = "".join(
        f'<entry><id>tag:{i}</id><title>{i}</title><link href="https://tides.example/{i}"/>'
        "<updated>2022-03-14T10:00:00Z</updated></entry>"
        for i in items
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>{title}</title>{told}</feed>'


class Site:
    """Answers with ``documents`` by path; those that begin with ``->`` are redirects."""

    def __init__(self, server: BaseTestServer, documents: dict[str, str], asked: list[str]) -> None:
        self.documents = documents
        self.asked = asked
        self._server = server

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self._server.port}{path}"


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    documents: dict[str, str] = {}
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        document = documents.get(request.path)
        if document is None:
            raise web.HTTPNotFound
        if document.startswith("->"):
            raise web.HTTPFound(document[2:])
        return web.Response(body=document.encode(), content_type="text/html")

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    async with TestServer(app, host="127.0.0.1") as server:
        yield Site(server, documents, asked)


async def _find(address: str, *, private: bool = True) -> tuple[Found, ...]:
    async with Fetcher("Feedmill/0.1 (+https://feedmill.example/)") as fetcher:
        return await find_feeds(fetcher, address, private=private)


async def test_a_feed_is_itself(site: Site) -> None:
    site.documents["/anything"] = _rss("Tides", "a", "b")
    [found] = await _find(site.url("/anything"))
    assert (found.address, found.moved, found.private) == (site.url("/anything"), "", True)
    assert (found.feed.title, len(found.feed.entries), found.newest, found.family) == ("Tides", 2, None, "rss")
    assert site.asked == ["/anything"]


async def test_feeds_that_a_page_names(site: Site) -> None:
    site.documents |= {
        "/": "<html>" + "".join(map(_LINK.format, ("/comments", "/lost", "/page", "/all", "/sport"))),
        "/comments": _rss("Comments", "x"),
        "/page": "<html>No feed",
        "/all": _rss("Tides", "a", "b"),
        "/sport": _rss("Tides", "b"),
    }
    found = await _find(site.url())
    # A part of a feed in the same format is a feed of its own.
    assert [one.address for one in found] == [site.url("/all"), site.url("/sport"), site.url("/comments")]
    assert "/feed" not in site.asked


async def test_one_feed_in_two_formats_is_one(site: Site) -> None:
    site.documents |= {
        "/": "<html>" + "".join(map(_LINK.format, ("/rss", "/other", "/atom", "/same", "/again"))),
        "/rss": _rss("Tides", "a", "b", at="http://tides.example/"),
        "/atom": _atom("Tides", "b", "c"),
        "/other": _atom("Ships", "b"),
        "/same": "->/atom",
        "/again": "->/other",
    }
    found = await _find(site.url())
    assert [(one.address, one.family) for one in found] == [(site.url("/atom"), "atom"), (site.url("/other"), "atom")]
    assert found[0].newest is not None
    assert found[0].newest.isoformat() == "2022-03-14T10:00:00+00:00"


async def test_usual_places_beside_the_page_and_then_at_the_root(site: Site) -> None:
    site.documents |= {"/blog": "->/blog/", "/blog/": "<html>", "/feed.xml": _rss("Tides"), "/rss": "<html>all is well"}
    [found] = await _find(site.url("/blog"))
    assert found.address == site.url("/feed.xml")
    site.documents["/blog/index.xml"] = _rss("Blog")
    [found] = await _find(site.url("/blog"))
    assert found.address == site.url("/blog/index.xml")


async def test_a_feed_that_moved_keeps_the_address_that_was_asked_for(site: Site) -> None:
    site.documents |= {"/old": "->/new", "/new": _rss("Tides")}
    [found] = await _find(site.url("/old"))
    assert (found.address, found.moved) == (site.url("/old"), site.url("/new"))


async def test_a_site_that_is_known(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    known = (r"127\.0\.0\.1", r"/channel/(\w+)", site.url("/videos/{}"))
    monkeypatch.setattr(discovery, "SITES", (known,))
    site.documents["/videos/tides"] = _atom("Tides", "a")
    [found] = await _find(site.url("/channel/tides"))
    assert (found.address, site.asked) == (site.url("/videos/tides"), ["/videos/tides"])
    # Where that fails, the page is as any other.
    site.documents |= {"/channel/ships": "<html>" + _LINK.format("/ships"), "/ships": _rss("Ships")}
    [found] = await _find(site.url("/channel/ships"))
    assert found.address == site.url("/ships")


async def test_no_feed_anywhere(site: Site) -> None:
    site.documents["/"] = "<html>Nothing"
    with pytest.raises(NoFeedError) as caught:
        await _find(site.url().replace("//", "//mate:secret@"))
    assert str(caught.value) == (
        f"{site.url()}: this is a web page, not a feed: give the address of the feed itself, "
        "and no feed was found from there"
    )


async def test_named_feeds_that_cannot_be_read(site: Site) -> None:
    site.documents["/"] = "<html>" + _LINK.format("/lost")
    with pytest.raises(NoFeedError) as caught:
        await _find(site.url())
    reason = f"{site.url('/lost')} answers with status 404 (Not Found)"
    assert str(caught.value) == f"{site.url()}: no feed that it names can be read: {reason}"


async def test_a_page_that_is_not_there(site: Site) -> None:
    with pytest.raises(BadStatus):
        await _find(site.url("/lost"))
    assert site.asked == ["/lost"]


async def test_a_private_address_is_refused(site: Site) -> None:
    site.documents["/"] = _rss("Tides")
    with pytest.raises(AddressRefused):
        await _find(site.url(), private=False)
    assert site.asked == []


async def test_a_page_does_not_lead_to_other_private_hosts(site: Site) -> None:
    elsewhere = site.url("/feed").replace("127.0.0.1", "127.0.0.2")
    site.documents |= {"/": "<html>" + _LINK.format(elsewhere), "/feed": _rss("Inside")}
    [found] = await _find(site.url())
    assert found.address == site.url("/feed")  # the usual place on its own host


async def test_a_page_with_very_many_feeds(site: Site) -> None:
    site.documents["/"] = "<html>" + "".join(_LINK.format(f"/{number}") for number in range(100))
    with pytest.raises(NoFeedError):
        await _find(site.url())
    assert sum(path[1:].isdigit() for path in site.asked) == MOST
