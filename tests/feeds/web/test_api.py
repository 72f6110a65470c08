"""The API of partners: what it answers, and what it refuses in which words."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import jsonschema_rs
import pytest

from feeds.web.cursor import Cursor, read_cursor
from feeds.web.openapi import described
from storage import events, partner_days
from storage.category import ALL
from storage.errors import StorageError
from storage.keys import new_key
from storage.partner import Terms
from storage.partner_days import Use
from tests.feeds.publishing.shelf import SITE, code, made
from tests.feeds.web.visitors import LONG, SECRET, House

if TYPE_CHECKING:
    import httpx2

EVENTS = "/api/v1/entries"


def _detail(answer: httpx2.Response, status: int) -> str:
    """What a problem says, which has the form that RFC 9457 gives it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    said = answer.json()
    assert set(said) == {"type", "title", "status", "detail"}
    assert (said["type"], said["status"]) == ("about:blank", status)
    return str(said["detail"])


def test_events_come_in_order_once_and_to_their_end(house: House) -> None:
    key = house.admit("acme", SECRET)
    house.shelf.correct(11, title="Corrected")
    house.shelf.withdraw(12)
    seen, after = [], ""
    while True:
        page = house.get(f"{EVENTS}?limit=2{after}", key).json()
        seen += page["events"]
        after = f"&after={page['next']}"
        if not page["more"]:
            break
    assert [(one["event"], one["infoCode"], one["revision"]) for one in seen] == [
        ("created", code(11), 1),
        ("created", code(12), 1),
        ("created", code(13), 1),
        ("corrected", code(11), 2),
        ("withdrawn", code(12), 1),
    ]
    assert len({one["id"] for one in seen}) == 5
    # As it is now: what was withdrawn since is not handed out any more.
    assert [one["item"] and one["item"]["title"] for one in seen] == [
        *("Corrected", None, "第13条 <tide>", "Corrected", None)
    ]
    nothing = house.get(f"{EVENTS}?limit=2{after}", key).json()
    assert nothing == {"events": [], "next": after.removeprefix("&after="), "more": False}
    house.open()
    assert house.get(f"{EVENTS}?limit=2{after}", key).json() == nothing
    house.shelf.put(made(14, SECRET))
    [new] = house.get(EVENTS + f"?{after[1:]}", key).json()["events"]
    assert new["infoCode"] == code(14)


def test_nobody_hears_of_what_they_were_not_granted(house: House) -> None:
    key = house.admit("acme", "guance")
    told = house.get(EVENTS, key)
    assert {one["infoCode"] for one in told.json()["events"]} == {code(2), code(3)}
    assert SECRET not in told.text
    everything = house.get(EVENTS, house.admit("all", ALL))
    assert {one["infoCode"] for one in everything.json()["events"]} == {code(n) for n in (1, 2, 3, 4, 5, 12)}
    assert SECRET not in everything.text


def test_events_are_told_on_the_terms(house: House) -> None:
    terms = Terms(20, timedelta(minutes=30))
    key = house.admit("acme", SECRET, terms=terms)
    assert house.get(EVENTS, key).json()["events"] == []
    house.later(30)
    [told] = [one for one in house.get(EVENTS, key).json()["events"] if one["infoCode"] == code(13)]
    assert "The tide came in" in told["item"]["content_html"]
    assert "at six" not in told["item"]["content_html"]


def test_an_answer_has_a_tag(house: House) -> None:
    key = house.admit("acme", SECRET)
    for path in (EVENTS, f"{EVENTS}/{code(11)}", "/api/v1/categories", "/api/v1/openapi.json"):
        answer = house.get(path, key)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "application/json"
        again = house.get(path, key, if_none_match=answer.headers["etag"])
        assert (again.status_code, again.content) == (304, b"")
        head = house.client.head(path, headers={"Authorization": f"Bearer {key}"})
        same = ("etag", "cache-control", "vary", "content-length", "content-type")
        assert {name: head.headers[name] for name in same} == {name: answer.headers[name] for name in same}
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("after=x", "no cursor"),
        ("after=", "no cursor"),
        ("after=" + "A" * 23, "no cursor"),
        ("after=" + "A" * 21 + "B", "no cursor"),
        ("after=" + "%2B" * 22, "no cursor"),
        ("after=潮", "no cursor"),
        ("limit=0", "from 1 to 500"),
        ("limit=501", "from 1 to 500"),
        ("limit=-1", "from 1 to 500"),
        ("limit=", "from 1 to 500"),
        ("limit=1.0", "from 1 to 500"),
        ("limit=%D9%A5", "from 1 to 500"),
        ("limit=01", "from 1 to 500"),
        ("limit=1&limit=2", "more than once"),
    ],
)
def test_what_is_not_of_its_form_is_refused(house: House, query: str, says: str) -> None:
    assert says in _detail(house.get(f"{EVENTS}?{query}", house.admit("acme", SECRET)), 400)


def test_a_cursor_of_another_store_means_to_begin_again(house: House) -> None:
    key = house.admit("acme", SECRET)
    with house.shelf.database.reading() as connection:
        last = events.last(connection)
    other = Cursor("0123456789abcdef", 3)
    ahead = Cursor(house.shelf.database.identity, last + 1)  # a backup was put in its place
    for cursor in (other, ahead, Cursor(house.shelf.database.identity, 2**64 - 1)):
        assert read_cursor(str(cursor)) == cursor
        assert "begin again" in _detail(house.get(f"{EVENTS}?after={cursor}", key), 410)
    assert house.get(f"{EVENTS}?after={Cursor(house.shelf.database.identity, last)}", key).status_code == 200


def test_an_entry_has_its_revisions(house: House) -> None:
    key, short = house.admit("acme", SECRET), house.admit("short", SECRET, terms=Terms(20))
    house.shelf.correct(13, title="Later", content="<p>The tide went out at seven, not at six.</p>")
    whole = house.get(f"{EVENTS}/{code(13)}", key).json()
    assert (whole["infoCode"], whole["revision"], whole["categories"]) == (code(13), 2, [SECRET])
    assert whole["item"]["title"] == "Later"
    [before] = whole["revisions"]
    assert (before["revision"], before["title"]) == (1, "第13条 <tide>")
    assert before["content_html"] == LONG
    excerpt = house.get(f"{EVENTS}/{code(13)}", short).text
    assert "at six" not in excerpt
    assert "at seven" not in excerpt


def test_an_entry_is_there_for_whom_it_is(house: House) -> None:
    key, other = house.admit("acme", SECRET), house.admit("other", ALL)
    late = house.admit("late", SECRET, terms=Terms(embargo=timedelta(minutes=30)))
    path = f"{EVENTS}/{code(11)}"
    assert house.get(path, key).status_code == 200
    assert "granted" in _detail(house.get(path, other), 404)
    assert "no infoCode" in _detail(house.get(f"{EVENTS}/nothing", key), 404)
    assert _detail(house.get(f"{EVENTS}/{code(99)}", key), 404)
    house.shelf.put(made(20, SECRET, first_seen=house.now))
    assert _detail(house.get(f"{EVENTS}/{code(20)}", late), 404)
    house.later(30)
    assert house.get(f"{EVENTS}/{code(20)}", late).status_code == 200
    house.shelf.withdraw(11)
    assert "was withdrawn" in _detail(house.get(path, key), 410)
    assert _detail(house.get(path, other), 404)


def test_an_embargo_tells_all_in_the_end(house: House) -> None:
    late, key = house.admit("late", SECRET, terms=Terms(embargo=timedelta(minutes=30))), house.admit("acme", SECRET)
    first = house.get(EVENTS, late).json()
    assert (first["events"], first["more"]) == ([], False)
    house.later(29)
    assert house.get(EVENTS, late).json() == first
    house.later(1)
    assert house.get(f"{EVENTS}?after={first['next']}", late).json() == house.get(EVENTS, key).json()


def test_categories_are_those_that_are_seen(house: House) -> None:
    key = house.admit("acme", SECRET, "guance")
    house.shelf.put(made(30, "hidden"))
    found = house.get("/api/v1/categories", key).json()["categories"]
    assert {(one["slug"], one["private"], one["granted"]) for one in found} == {
        ("", False, False),
        ("guance", False, True),
        ("haitang(xianggang)", False, False),
        ("harbour", False, False),
        ("hidden", False, False),
        (SECRET, True, True),
    }
    own = next(one for one in found if one["slug"] == SECRET)
    assert (own["title"], own["entries"]) == ("Name of vault", 3)
    assert own["feeds"]["atom"] == f"{SITE.url}/category/vault.atom"
    assert SECRET not in house.get("/api/v1/categories", house.admit("other", ALL)).text


@pytest.mark.parametrize("path", [EVENTS, f"{EVENTS}/{code(11)}", "/api/v1/categories"])
def test_without_a_key_there_is_nothing(house: House, path: str) -> None:
    assert "key is needed" in _detail(house.get(path), 401)
    assert "error=" not in house.get(path).headers["www-authenticate"]
    assert "opens nothing" in _detail(house.get(path, new_key()), 401)
    assert _detail(house.get(f"/key/{new_key()}{path}"), 401)


@pytest.mark.parametrize("path", ["/api/", "/api/v1", "/api/v2/entries", "/api/v1/entries/", "/api/v1/entries/a/b"])
def test_what_is_not_there_is_a_problem_too(house: House, path: str) -> None:
    assert "openapi.json" in _detail(house.get(path), 404)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])
def test_only_reading_is_allowed(house: House, method: str) -> None:
    for path in (EVENTS, f"{EVENTS}/{code(11)}", "/api/v1/categories", "/api/v1/openapi.json"):
        answer = house.client.request(method, path)
        assert _detail(answer, 405)
        assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}


def test_too_many_requests_and_a_broken_store_are_problems(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    key = house.admit("acme", SECRET, per_minute=1)
    assert house.get(EVENTS, key).status_code == 200
    refused = house.get(EVENTS, key)
    assert "more than 1 requests" in _detail(refused, 429)
    assert refused.headers["retry-after"] == "60"

    def unreadable() -> None:
        raise StorageError("/srv/secret/mill.db: disk I/O error")

    monkeypatch.setattr(house.shelf.database, "reading", unreadable)
    for path in (EVENTS, f"/key/{key}/all.atom"):
        answer = house.get(path, key)
        assert "ask again later" in _detail(answer, 503)
        assert "secret" not in answer.text


def test_answers_are_as_they_are_described(house: House) -> None:
    key = house.admit("acme", SECRET, ALL)
    house.shelf.correct(11, title="Corrected", authors=())
    house.shelf.withdraw(12)
    schemas = described(SITE)["components"]
    for path, name in (
        (EVENTS, "Events"),
        (f"{EVENTS}/{code(11)}", "Entry"),
        ("/api/v1/categories", "Categories"),
        ("/api/v2", "Problem"),
    ):
        validator = jsonschema_rs.Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": schemas})
        validator.validate(json.loads(house.get(path, key).content))


def test_entries_that_are_given_are_counted(house: House) -> None:
    key = house.admit("acme", SECRET)
    house.shelf.withdraw(12)
    tag = house.get(EVENTS, key).headers["etag"]
    house.get(EVENTS, key, if_none_match=tag)
    house.client.head(EVENTS, headers={"Authorization": f"Bearer {key}"})
    house.get(f"{EVENTS}/{code(11)}", key)
    house.get(f"{EVENTS}/{code(12)}", key)
    house.get("/api/v1/categories", key)
    house.partners.write_use()
    with house.shelf.database.reading() as connection:
        assert partner_days.recent(connection, "acme", house.now.date()) == {house.now.date(): Use(6, 0, 3)}
