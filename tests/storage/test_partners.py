"""Partners are found by what is stored of their keys, their use is counted, and a merge tells them what it brings."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from storage import categories, category_moves, entries, events, partner_days, partners
from storage.category import ALL
from storage.entries import EntryChange
from storage.entry import WithdrawnBy
from storage.event import EventKind
from storage.keys import digest_of, new_key, without_keys
from storage.partner import Partner, Terms
from storage.partner_days import PartnerDay, Use
from tests.storage.held import NOON, code, entry

if TYPE_CHECKING:
    from storage.database import Database

HOUR = timedelta(hours=1)


def partner(name: str, *slugs: str, key: str = "", **parts: object) -> Partner:
    digest = digest_of(key or new_key())
    assert digest is not None
    whole = Partner(name, slugs, digest, NOON)
    return replace(whole, **parts)  # type: ignore[arg-type]


def test_keys_are_long_and_never_the_same() -> None:
    keys = {new_key() for _ in range(100)}
    assert len(keys) == 100
    assert all(len(key) == 46 and key.startswith("fm_") and digest_of(key) for key in keys)


@pytest.mark.parametrize("word", ["", "fm_", "fm_" + "a" * 42, "fm_" + "a" * 44, "xx_" + "a" * 43, "fm_" + "é" * 43])
def test_what_cannot_be_a_key_has_no_digest(word: str) -> None:
    assert digest_of(word) is None


def test_keys_are_taken_out_of_texts() -> None:
    key = new_key()
    for text in (f"/key/{key}/x.atom", f"/{key}", f"/a/{key[:20]}", f"/{key}more"):
        assert key[:20] not in without_keys(text)
    assert without_keys("/category/harbour.atom") == "/category/harbour.atom"


def test_all_that_was_agreed_is_kept(database: Database) -> None:
    whole = partner(
        "acme",
        *(ALL, "harbour"),
        terms=Terms(200, timedelta(minutes=15)),
        per_minute=7,
        expires=NOON + HOUR,
        former_key=b"x" * 32,
        former_until=NOON,
        webhook="https://acme.example/hook",
        webhook_secret="hush",
    )
    with database.writing() as connection:
        partners.save(connection, whole)
        partners.save(connection, partner("other", "a"))
    with database.reading() as connection:
        assert partners.find(connection, "acme") == whole
        assert [one.name for one in partners.all(connection)] == ["acme", "other"]
    assert "hush" not in repr(whole)
    assert repr(whole.key) not in repr(whole)


def test_a_key_is_good_a_while_after_it_was_changed(database: Database) -> None:
    old, new = new_key(), new_key()
    with database.writing() as connection:
        kept = partner("acme", "a", key=new, former_key=digest_of(old), former_until=NOON + HOUR)
        partners.save(connection, kept)
        partners.save(connection, partner("other", "a"))

    def who(key: str, later: timedelta) -> str | None:
        digest = digest_of(key)
        assert digest is not None
        with database.reading() as connection:
            found = partners.with_key(connection, digest, NOON + later)
        return None if found is None else found.name

    assert who(old, HOUR - timedelta(seconds=1)) == "acme"
    assert who(old, HOUR) is None
    assert who(new, timedelta(days=900)) == "acme"
    assert who(new_key(), timedelta(0)) is None


def test_use_adds_up_by_day(database: Database) -> None:
    today, tomorrow = date(2026, 11, 24), date(2026, 11, 25)
    with database.writing() as connection:
        partner_days.add(connection, {PartnerDay("acme", today): Use(3, 1, 50), PartnerDay("other", today): Use(1)})
        partner_days.add(connection, {PartnerDay("acme", today): Use(2, 0, 5), PartnerDay("acme", tomorrow): Use(1)})
    with database.reading() as connection:
        assert partner_days.recent(connection, "acme", today) == {today: Use(5, 1, 55), tomorrow: Use(1, 0, 0)}
        assert partner_days.recent(connection, "acme", tomorrow) == {tomorrow: Use(1, 0, 0)}
    with database.writing() as connection:
        partner_days.forget(connection, tomorrow)
        assert partner_days.recent(connection, "acme", today) == {tomorrow: Use(1, 0, 0)}


def test_who_was_granted_everything_follows_no_category(database: Database) -> None:
    """What everybody may see is one thing; private categories are named one by one."""
    with database.writing() as connection:
        entries.save(connection, [EntryChange(None, entry(1, "a")), EntryChange(None, entry(2, "b"))], NOON)
        category_moves.keep_private(connection, "a", NOON, private=True)
        assert categories.followed(connection, [ALL]) == {ALL}
        assert categories.followed(connection, [ALL, "b"]) == {ALL, "b"}


@pytest.mark.parametrize("grant", [("a",), (ALL, "a"), ("b",), ("a", "b"), (ALL,), ()])
def test_who_comes_to_a_category_by_a_merge_is_told_of_all_in_it(database: Database, grant: tuple[str, ...]) -> None:
    with database.writing() as connection:
        partners.save(connection, partner("acme", *grant))
        new = [entry(1, "a"), entry(2, "b"), entry(3, "a", "b"), entry(4, "b")]
        entries.save(connection, [EntryChange(None, one) for one in new], NOON)
        fourth = entries.find(connection, [code(4)])[code(4)]
        gone = replace(fourth, withdrawn=NOON, withdrawn_by=WithdrawnBy.AUTHOR)
        entries.save(connection, [EntryChange(fourth, gone)], NOON)
        before = events.last(connection)
        category_moves.move(connection, "a", "b", NOON + HOUR)
        found = events.after(connection, before, ["b"], 100)
        again = events.last(connection)
        category_moves.give_title(connection, "b", "Bay", NOON + HOUR)

    comes = "a" in grant and "b" not in grant
    told = {one.info_code: one.kind for one in found}
    assert told.get(code(2)) is (EventKind.CREATED if comes else None)
    assert {code(1), code(3)} <= told.keys()
    assert code(4) not in told
    assert again - before == 2 + comes
