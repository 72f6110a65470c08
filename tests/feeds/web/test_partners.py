"""What partners get at the addresses of everybody's documents, on which terms, and what they do not get."""

from __future__ import annotations

import base64
import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import pytest
from lxml import etree
from structlog.testing import capture_logs

from storage import categories, partner_days
from storage.category import ALL
from storage.keys import digest_of, new_key
from storage.partner import Terms
from storage.partner_days import Use
from tests.feeds.publishing.archive_reader import ATOM, link
from tests.feeds.publishing.shelf import NOON, SITE, code, made
from tests.feeds.web.visitors import LONG, SECRET, House

if TYPE_CHECKING:
    from pathlib import Path

FEEDS = ("rss", "atom", "json")
OWN = "/category/vault.atom"


def _items(house: House, path: str, key: str = "") -> list[str]:
    answer = house.get(path, key)
    assert answer.status_code == 200, answer.text
    return [item["_feedmill"]["infoCode"] for item in answer.json()["items"]]


def _says(problem: bytes) -> tuple[int, str]:
    said = json.loads(problem)
    assert said["type"] == "about:blank"
    assert said["title"]
    return said["status"], said["detail"]


def test_a_private_category_is_there_with_the_key_alone(house: House) -> None:
    key, other = house.admit("acme", SECRET), house.admit("other", "guance")
    for suffix in FEEDS:
        path = f"/category/vault.{suffix}"
        assert house.get(path).status_code == 404
        assert house.get(path, other).status_code == 404
        assert house.get(path, key).status_code == 200
    assert _items(house, "/category/vault.json", key) == [code(13), code(12), code(11)]
    assert _items(house, "/all.json", key) == _items(house, "/all.json")
    assert house.get("/category/vault.html", key).status_code == 404


def test_what_everybody_sees_is_the_same_with_a_key(house: House) -> None:
    key = house.admit("acme", SECRET, terms=Terms(10, timedelta(minutes=10)))
    for path in house.shelf.paths():
        if "%" not in path and path != "feeds.opml":
            assert house.get(f"/{path}", key).content == house.get(f"/{path}").content, path


def test_what_was_granted_names_the_private_category_and_nothing_else_does(house: House) -> None:
    key = house.admit("acme", SECRET, "harbour")
    own = house.get("/category/harbour.atom", key)
    assert b'term="vault"' in own.content
    assert b"vault" not in house.get("/category/harbour.atom").content
    assert b"vault" not in house.get("/all.atom", key).content
    assert own.headers["etag"] != house.get("/category/harbour.atom").headers["etag"]


@pytest.mark.parametrize("user", ["", "reader", "fm"])
def test_a_feed_reader_gives_the_key_as_password_or_in_the_address(house: House, user: str) -> None:
    key = house.admit("acme", SECRET)
    basic = base64.b64encode(f"{user}:{key}".encode()).decode()
    in_field = house.get(OWN, Authorization=f"Basic {basic}")
    in_path = house.get(f"/key/{key}{OWN}")
    assert in_field.content == in_path.content == house.get(OWN, key).content
    assert in_path.status_code == 200
    assert house.get(OWN, Authorization=f"bearer {key}").status_code == 200


@pytest.mark.parametrize("said", ["Basic b3BlcmF0b3I6aHVzaC1odXNo", "Basic !", "Basic", "Digest x", "Negotiate YII="])
def test_what_is_no_key_of_ours_is_not_looked_at(house: House, said: str) -> None:
    """The browser of the operator sends the password of the status page with every page of the site."""
    assert house.get("/all.atom", Authorization=said).content == house.get("/all.atom").content
    assert house.get(OWN, Authorization=said).status_code == 404


def test_every_wrong_key_is_answered_alike(house: House) -> None:
    key = house.admit("ended", SECRET, expires=house.now)
    revoked = house.admit("revoked", SECRET, revoked=house.now)
    answers = []
    for wrong in (key, revoked, new_key(), "fm_", "x", "fm_" + "é", key[:-1]):
        for path in (OWN, "/all.atom", "/", "/nowhere"):
            if wrong.isascii():
                answers.append(house.get(path, wrong))
            answers.append(house.get(f"/key/{wrong}{path}"))
    for answer in answers:
        assert answer.content == answers[0].content
        assert answer.headers == answers[0].headers
    assert _says(answers[0].content)[0] == 401
    assert answers[0].headers["content-type"] == "application/problem+json"
    assert answers[0].headers["cache-control"] == "no-store"
    challenge = answers[0].headers["www-authenticate"]
    assert challenge.startswith('Bearer realm="partners", error="invalid_token"')
    assert "Basic realm=" in challenge


def test_a_key_ends_when_it_was_agreed_and_at_once_when_it_is_revoked(house: House) -> None:
    key = house.admit("acme", SECRET, expires=house.now + timedelta(minutes=5))
    assert house.get(OWN, key).status_code == 200
    house.later(5)
    assert house.get(OWN, key).status_code == 401
    house.change("acme", expires=None)
    assert house.get(OWN, key).status_code == 200
    house.change("acme", revoked=house.now)
    assert house.get(OWN, key).status_code == 401


def test_a_former_key_is_good_a_while(house: House) -> None:
    key, new = house.admit("acme", SECRET), new_key()
    former = {"former_key": digest_of(key), "former_until": house.now + timedelta(hours=1)}
    house.change("acme", key=digest_of(new), **former)
    assert {house.get(OWN, one).status_code for one in (key, new)} == {200}
    house.later(60)
    assert [house.get(OWN, one).status_code for one in (key, new)] == [401, 200]


def test_nobody_else_keeps_what_a_partner_gets(house: House) -> None:
    key = house.admit("acme", SECRET)
    for answer in (house.get(OWN, key), house.get(f"/key/{key}{OWN}"), house.get(f"/key/{key}/nowhere")):
        assert answer.headers["cache-control"] == "private, max-age=60"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "Authorization" in answer.headers["vary"]
        assert "access-control-allow-origin" not in answer.headers
    for answer in (house.get(OWN), house.get("/all.atom"), house.get("/feeds.opml")):
        assert "Authorization" in answer.headers["vary"]


def test_a_feed_that_is_known_is_not_sent_again(house: House) -> None:
    key = house.admit("acme", SECRET)
    tag = house.get(OWN, key).headers["etag"]
    assert house.get(OWN, key, if_none_match=tag).status_code == 304
    house.shelf.put(made(14, SECRET))
    assert house.get(OWN, key, if_none_match=tag).status_code == 200
    again = house.get(OWN, key).headers["etag"]
    house.open()
    assert house.get(OWN, key).headers["etag"] == again


def test_a_partner_gets_differences_and_archives(house: House) -> None:
    key = house.admit("acme", SECRET, terms=Terms(20))
    house.shelf.put(*(made(number, SECRET, content=LONG) for number in range(20, 220)))
    tag = house.get(OWN, key).headers["etag"]
    house.shelf.put(made(300, SECRET))
    new = house.get(OWN, key, if_none_match=tag, a_im="feed")
    assert new.status_code == 226
    assert code(300) in new.text
    assert code(219) not in new.text
    feed, seen = etree.fromstring(house.get(OWN, key).content), set()
    while True:
        seen |= {one.text for one in feed.iter("{http://purl.org/dc/elements/1.1/}identifier")}
        assert b"went out at six" not in etree.tostring(feed)
        if (address := link(feed, "prev-archive")) is None:
            break
        path = address.removeprefix(SITE.url)
        assert house.get(path).status_code == 404
        feed = etree.fromstring(house.get(path, key).content)
    assert seen == {code(number) for number in (11, 12, 13, *range(20, 220), 300)}


def test_nobody_has_a_difference_from_what_others_see(house: House) -> None:
    full, short = house.admit("full", "harbour", SECRET), house.admit("short", "harbour", terms=Terms(5))
    for first in ("", full, short):
        tag = house.get("/category/harbour.atom", first).headers["etag"]
        house.shelf.correct(1, title=f"Other {first[:5]}")
        for then in ("", full, short):
            answer = house.get("/category/harbour.atom", then, if_none_match=tag, a_im="feed")
            assert answer.status_code == (226 if first == then else 200)


def test_an_excerpt_is_all_that_there_is(house: House) -> None:
    key = house.admit("acme", SECRET, terms=Terms(20))
    for suffix in FEEDS:
        text = house.get(f"/category/vault.{suffix}", key).text
        assert "The tide came in" in text
        assert "went out at six" not in text
    whole = house.admit("whole", SECRET)
    assert "went out at six" in house.get(OWN, whole).text


def test_who_was_granted_all_sees_public_categories_on_their_terms(house: House) -> None:
    key = house.admit("acme", ALL, terms=Terms(3))
    for path in ("/all.json", "/category/harbour.json", "/feed.xml"):
        assert house.get(path, key).content != house.get(path).content
    assert house.get(OWN, key).status_code == 404
    assert b"vault" not in house.get("/category/harbour.atom", key).content


def test_an_embargo_holds_entries_back_and_ends(house: House) -> None:
    key = house.admit("acme", SECRET, terms=Terms(embargo=timedelta(minutes=30)))
    house.shelf.put(made(20, SECRET, first_seen=house.now), made(21, SECRET, first_seen=house.now))
    house.shelf.withdraw(21)
    house.shelf.withdraw(13)
    path = "/category/vault.json"
    assert _items(house, path, key) == [code(12), code(11)]
    feed = house.get(OWN, key)
    assert [code(number) in feed.text for number in (13, 21)] == [True, False]
    tag = feed.headers["etag"]
    assert "last-modified" not in feed.headers
    house.later(29)
    assert house.get(OWN, key, if_none_match=tag).status_code == 304
    house.later(1)
    assert _items(house, path, key) == [code(20), code(12), code(11)]
    assert house.get(OWN, key, if_none_match=tag).status_code == 200


def test_an_embargo_leaves_no_way_round_it(house: House) -> None:
    key = house.admit("acme", SECRET, terms=Terms(embargo=timedelta(minutes=30)))
    house.shelf.put(*(made(number, SECRET) for number in range(20, 220)))
    feed = house.get(OWN, key)
    assert link(etree.fromstring(feed.content), "prev-archive") is None
    assert house.get("/category/vault/archive/1.atom", key).status_code == 404
    house.shelf.correct(219, title="Other")
    assert house.get(OWN, key, if_none_match=feed.headers["etag"], a_im="feed").status_code == 200


def test_a_grant_goes_with_its_category(house: House) -> None:
    key = house.admit("acme", SECRET)
    house.move(SECRET, "bank vault")
    moved = house.get(OWN, key)
    assert (moved.status_code, moved.headers["location"]) == (301, f"{SITE.url}/category/bank%20vault.atom")
    assert house.get("/category/bank%20vault.atom", key).status_code == 200
    assert house.get("/category/bank%20vault.atom").status_code == 404
    assert house.get(OWN).status_code == 404
    address = f"https://tide.example/key/{key}{OWN}"
    moved = house.get(f"/key/{key}{OWN}")
    assert key not in str(moved.headers)
    there = urljoin(address, moved.headers["location"])
    assert there == f"https://tide.example/key/{key}/category/bank%20vault.atom"
    assert house.get(there.removeprefix("https://tide.example")).status_code == 200


def test_a_category_that_opens_or_closes_is_seen_so_at_once(house: House) -> None:
    key, other = house.admit("acme", SECRET), house.admit("other", ALL)
    assert [house.get(OWN, one).status_code for one in (key, other, "")] == [200, 404, 404]
    house.close(private=False)
    assert [house.get(OWN, one).status_code for one in (key, other, "")] == [200, 200, 200]
    house.close()
    assert [house.get(OWN, one).status_code for one in (key, other, "")] == [200, 404, 404]


def test_a_partner_has_a_list_of_its_own_feeds(house: House) -> None:
    key, everything = house.admit("acme", SECRET, "guance"), house.admit("all", ALL, SECRET)

    def listed(path: str, key: str) -> list[str]:
        return re.findall(rf'xmlUrl="{SITE.url}/([^"]+)"', house.get(path, key).text)

    assert listed("/feeds.opml", key) == ["category/guance.atom", "category/vault.atom"]
    assert "category/vault.atom" not in listed("/feeds.opml", "")
    assert set(listed("/feeds.opml", everything)) == {*listed("/feeds.opml", ""), "category/vault.atom"}
    assert listed("/feeds.opml", everything)[0] == "all.atom"
    assert listed("/feeds.opml?category=vault&category=harbour", key) == ["category/vault.atom"]
    assert listed("/feeds.opml?category=harbour", key) == []


def test_who_asks_too_often_waits(house: House) -> None:
    key, other = house.admit("acme", SECRET, per_minute=6), house.admit("other", SECRET)
    assert [house.get(OWN, key).status_code for _ in range(7)] == [200] * 6 + [429]
    refused = house.get(f"/key/{key}{OWN}")
    assert refused.headers["retry-after"] == "10"
    assert refused.headers["content-type"] == "application/problem+json"
    assert _says(refused.content)[0] == 429
    assert house.get(OWN, other).status_code == 200
    house.later(10 / 60)
    assert [house.get(OWN, key).status_code for _ in range(2)] == [200, 429]
    house.later(60)
    assert [house.get(OWN, key).status_code for _ in range(7)] == [200] * 6 + [429]


def test_use_is_counted_by_day(house: House) -> None:
    key = house.admit("acme", SECRET, per_minute=3)
    tag = house.get(OWN, key).headers["etag"]
    house.get(OWN, key, if_none_match=tag)
    house.client.head(OWN, headers={"Authorization": f"Bearer {key}"})
    house.get(OWN, key)
    house.get(OWN)
    house.partners.write_use()
    first = house.now.date()
    house.later(24 * 60)
    house.get("/category/vault.json", key)
    house.partners.write_use()
    house.partners.write_use()
    with house.shelf.database.reading() as connection:
        used = partner_days.recent(connection, "acme", first)
    assert used == {first: Use(4, 1, 3), first + timedelta(days=1): Use(1, 0, 3)}


def test_use_that_could_not_be_stored_is_counted_still(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    key = house.admit("acme", SECRET)
    house.get(OWN, key)
    with monkeypatch.context() as patch:
        patch.setattr(partner_days, "add", _full)
        with pytest.raises(OSError, match="full"):
            house.partners.write_use()
    house.get(OWN, key)
    house.partners.write_use()
    with house.shelf.database.reading() as connection:
        assert partner_days.recent(connection, "acme", NOON.date()) == {house.now.date(): Use(2, 0, 6)}


def _full(*_: object) -> None:
    raise OSError("full")


def test_many_terms_are_not_all_remembered(house: House) -> None:
    house.shelf.put(made(14, SECRET, content=f"<p>{'潮' * 100}</p>"))
    keys = [house.admit(f"p{number}", SECRET, terms=Terms(number + 4)) for number in range(40)]
    first = [house.get(OWN, key).content for key in keys]
    assert len(set(first)) == 40
    assert [house.get(OWN, key).content for key in keys] == first
    assert len(house.partners._views) == 16


def test_a_key_is_nowhere(house: House, tmp_path: Path) -> None:
    """Not in an answer, a log line or the store's files, wherever it was put in the request."""
    wrong = new_key()
    keys = [house.admit("acme", SECRET, ALL), house.admit("late", SECRET, terms=Terms(9, timedelta(minutes=1))), wrong]
    house.move(SECRET, "safe")
    said: list[bytes] = []
    with capture_logs() as logs:
        for key in keys:
            for path in (
                *(f"/{path}" for path in house.shelf.paths() if "%" not in path),
                *("/category/safe.atom", OWN, "/category/safe/archive/1.atom", "/nowhere", "/nowhere.atom"),
                *(f"/{key}", f"/category/{key}.atom", f"/key/{key}", f"/keys/{key}/all.atom", f"//key/{key}/all.atom"),
                *("/api", f"/api/{key}", f"/api/v1/entries?after={key}", f"/api/v1/entries/{key}"),
                *(
                    "/api/v1/entries",
                    "/api/v1/categories",
                    f"/api/v1/entries/{code(11)}",
                    f"/feeds.opml?category={key}",
                ),
                f"/html_News/NewsShare.html?infoCode={key}",
            ):
                answers = (house.get(path), house.get(path, key), house.get(f"/key/{key}{path}"))
                said += [answer.content + str(answer.headers.items()).encode() for answer in answers]
    assert len(said) > 300
    house.partners.write_use()
    with house.shelf.database.reading() as connection:
        assert categories.private(connection) == {"safe"}
    said += [repr(logs).encode(), *(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())]
    for key in keys:
        assert not any(key[3:20].encode() in one for one in said)


def test_entries_of_a_feed_are_those_that_it_lists(house: House) -> None:
    key = house.admit("acme", SECRET)
    feed = etree.fromstring(house.get(OWN, key).content)
    assert len(feed.findall(f"{ATOM}entry")) == 3
