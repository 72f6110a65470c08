from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from aggregator.config import ConfigError, load_config, parse_config
from aggregator.fetch_settings import PullSettings, access_to, may_be_private
from aggregator.fetching.errors import BadStatus
from aggregator.fetching.request import NO_ACCESS, Access, FetchRequest
from aggregator.readers.text_fetching import fetch_texts
from aggregator.settings import SourceSettings
from feeds.document import SourceEntry
from storage.source import SourceKind

if TYPE_CHECKING:
    from pathlib import Path

    from aggregator.fetching.client import Fetcher

OWN = "https://wire.example/feed"
EVERYTHING: dict[str, Any] = {
    "headers": {"X-Key": "s3cret-key"}, "username": "s3cret-name", "password": "s3cret-word",
    "proxy": "http://user:s3cret@proxy.example:3128", "ca_file": "wire.pem",
}  # fmt: skip


def source(**settings: Any) -> SourceSettings:
    return SourceSettings(**{"name": "wire", "kind": SourceKind.FEED, "url": OWN} | settings)


def test_a_source_has_what_it_takes_to_be_let_in_at_its_own_host() -> None:
    access = Access(
        headers=(("X-Key", "s3cret-key"),),
        username="s3cret-name",
        password="s3cret-word",
        proxy="http://user:s3cret@proxy.example:3128",
        ca_file="wire.pem",
    )
    for address in (OWN, "https://wire.example/article/1", "https://WIRE.example:443/"):
        assert access_to(source(**EVERYTHING), address) == access


@pytest.mark.parametrize(
    "address",
    [
        "https://other.example/feed",
        "https://www.wire.example/feed",
        "https://wire.example:8443/feed",
        "https://wire.example@other.example/feed",
        "not an address",
    ],
)
def test_elsewhere_it_has_its_proxy_only(address: str) -> None:
    assert access_to(source(**EVERYTHING), address) == Access(proxy="http://user:s3cret@proxy.example:3128")


def test_a_source_that_sets_nothing_has_nothing() -> None:
    assert access_to(source(), OWN) is NO_ACCESS
    assert access_to(source(tls="unchecked"), OWN) == Access(verify=False)
    assert access_to(source(token="s3cret"), OWN) == Access(token="s3cret")


@pytest.mark.parametrize(
    ("address", "private"),
    [
        (OWN, True),
        ("http://wire.example:8080/article", True),
        ("https://other.example/feed", False),
        ("http://127.0.0.1/", False),
    ],
)
def test_private_is_the_source_s_own_host(address: str, *, private: bool) -> None:
    assert may_be_private(source(private=True), address) is private
    assert not may_be_private(source(), address)


def test_a_source_in_a_file_has_no_host() -> None:
    in_file = source(url="", path="feed.xml", private=True)
    assert may_be_private(in_file, "http://127.0.0.1/article")
    assert access_to(in_file, "http://127.0.0.1/article") is NO_ACCESS


def test_nothing_that_shows_a_source_shows_a_secret() -> None:
    settings = source(**EVERYTHING)
    access = access_to(settings, OWN)
    request = FetchRequest("https://user:s3cret@wire.example/feed", access=access)
    token = access_to(source(token="s3cret"), OWN)
    shown = [settings, settings.headers, access, token, request, settings.model_dump(), settings.model_dump_json()]
    for text in [f(value) for value in shown for f in (repr, str)]:
        assert "s3cret" not in text
    assert "**********" in settings.model_dump_json()


def test_what_caused_an_error_does_not_quote_a_secret_either(tmp_path: Path) -> None:
    text = (
        '[site]\nurl = "https://news.example"\n[[source]]\nname = "wire"\nkind = "feed"\nurl = "http://wire.example"\n'
    )
    with pytest.raises(ConfigError) as caught:
        parse_config(f'{text}password = "s3cret"\n', tmp_path / "feedmill.toml")
    assert "s3cret" not in f"{caught.value} {caught.value.__cause__}"


@pytest.mark.parametrize(
    ("contact", "told"),
    [
        ("", "+https://news.example"),
        ("feeds@news.example", "feeds@news.example"),
        ("https://news.example/about#feeds", "+https://news.example/about#feeds"),
    ],
)
def test_who_feedmill_says_it_is(contact: str, told: str, tmp_path: Path) -> None:
    assert PullSettings(contact=contact).user_agent("https://news.example").endswith(f"(feed aggregator; {told})")
    config = tmp_path / "feedmill.toml"
    config.write_text(f'[site]\nurl = "https://news.example/"\n[pull]\ncontact = "{contact}"\n')
    assert load_config(config).user_agent == f"Feedmill/0.1 (feed aggregator; {told})"


@pytest.mark.parametrize(
    "contact", ["me", "me@", "me@here", "ftp://news.example", "https://a.example/(x)", "a@b.c\r\nX: y"]
)
def test_a_contact_is_somewhere_to_write_to_or_to_read(contact: str) -> None:
    with pytest.raises(ValueError, match="is a mail address or a page's"):
        PullSettings(contact=contact)


class NoFetcher:
    """Takes requests, and fetches nothing."""

    def __init__(self) -> None:
        self.asked: dict[str, FetchRequest] = {}

    async def fetch(self, request: FetchRequest) -> object:
        self.asked[request.url] = request
        raise BadStatus(request.url, 404)


async def test_texts_are_asked_for_by_what_lets_the_source_in_at_its_own_host_only() -> None:
    links = [OWN, "https://wire.example/article/1", "https://other.example/1", "http://127.0.0.1/1"]
    entries = [SourceEntry(text_link=link) for link in links]
    settings = source(**EVERYTHING, private=True, timeout="20s")
    fetcher = NoFetcher()
    await fetch_texts(cast("Fetcher", fetcher), settings, entries)
    own, article, other, inner = (fetcher.asked[link] for link in links)
    for request in (own, article):
        assert (request.access, request.private) == (access_to(settings, OWN), True)
    for request in (other, inner):
        assert (request.access, request.private) == (Access(proxy=own.access.proxy), False)
    assert own.timeout == 20.0
