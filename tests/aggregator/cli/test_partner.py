"""``feedmill partner``: keys are shown once, what cannot be is said in a sentence, and what was agreed is shown."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from aggregator.deliver import signing
from storage import partner_days, partners
from storage.keys import digest_of
from storage.partner_days import PartnerDay, Use
from tests import stores

if TYPE_CHECKING:
    from storage.partner import Partner
    from tests.aggregator.cli.conftest import Done, Terminal

TERMS = ("--excerpt", "200", "--embargo", "15", "--per-minute", "7", "--expires", "2999-12-31")

REFUSED: list[tuple[list[str], str]] = [
    (["a b", "--all"], "'a b' cannot be a partner's name: letters, digits"),
    (["", "--all"], "'' cannot be a partner's name"),
    (["../x", "--all"], "cannot be a partner's name"),
    (["x" * 65, "--all"], "at most 64"),
    (["acme"], "name it with --category, or all that is public with --all"),
    (["acme", "--category", "harbor"], "there is no category 'harbor'; do you mean harbour?"),
    (["acme", "--category", "zzz"], "there is no category 'zzz'; feedmill category list names all"),
    (["acme", "--category", ""], "there is no category ''"),
    (["acme", "--all", "--expires", "2020-01-01"], "a key that ended 2020-01-01 is of no use"),
    (["acme", "--all", "--webhook", "ftp://x"], "'ftp://x' is no address"),
    (["acme", "--all", "--webhook", "https://x y/"], "is no address"),
]


@pytest.fixture
def site(terminal: Terminal) -> Terminal:
    """A site that is read, with the categories ``harbour`` and ``tides``."""
    assert terminal.type("pull").code == 0
    return terminal


def _kept(site: Terminal, name: str = "acme") -> Partner:
    database = stores.open_at(site.folder / "data" / "feedmill.db")
    with database.reading() as connection:
        found = partners.find(connection, name)
    database.close()
    assert found is not None
    return found


def _wrong(done: Done, says: str) -> None:
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("feedmill: ")
    assert says in done.err
    assert done.err.count("\n") == 1


def test_a_partner_gets_a_key_that_is_shown_once(site: Terminal) -> None:
    done = site.type("partner", "add", "acme", "--category", "harbour", "--all", *TERMS)

    key = done.out.strip()
    assert done.code == 0
    assert key.startswith("fm_")
    assert "acme can come with this key; it is not kept" in done.err
    assert _kept(site).key == digest_of(key)
    for more in (
        ("list",),
        ("list", "--json"),
        ("show", "acme"),
        ("show", "acme", "--json"),
        ("show", "acme", "--secret"),
    ):
        shown = site.type("partner", *more)
        assert shown.code == 0
        assert key[3:] not in shown.out + shown.err
    assert site.type("partner", "list").out == (
        "acme  good  all that is public, harbour  200 characters of each text, 15 minutes late, 7 requests a minute\n"
    )


def test_a_key_is_good_to_the_end_of_its_last_day(site: Terminal) -> None:
    today = date.today()  # noqa: DTZ011  any zone's will do
    for day in (today + timedelta(days=2), date(2999, 12, 31)):
        assert site.type("partner", "add", f"p{day}", "--all", "--expires", str(day)).code == 0
        ends = datetime(day.year, day.month, day.day, 16, tzinfo=UTC)  # midnight in Shanghai
        assert _kept(site, f"p{day}").expires == ends


def test_what_cannot_be_is_refused(site: Terminal) -> None:
    for arguments, says in REFUSED:
        _wrong(site.type("partner", "add", *arguments), says)
    for option in ("--expires=tomorrow", "--per-minute=0", "--excerpt=0", "--embargo=-1", "--excerpt=x"):
        done = site.type("partner", "add", "acme", "--all", option)
        assert done.code == 2
        assert option.partition("=")[0] in done.err
    assert site.type("partner", "list").err == "feedmill: there is no partner yet: feedmill partner add makes one\n"


def test_a_name_is_given_once(site: Terminal) -> None:
    assert site.type("partner", "add", "acme", "--all").code == 0
    _wrong(site.type("partner", "add", "acme", "--all"), "there is a partner acme already")
    assert site.type("partner", "revoke", "acme").err == "feedmill: acme is revoked: its keys open nothing\n"
    _wrong(site.type("partner", "add", "acme", "--all"), "a partner acme was revoked")
    _wrong(site.type("partner", "revoke", "acme"), "acme was revoked already")
    _wrong(site.type("partner", "rotate", "acme"), "acme was revoked: add the partner under another name")
    assert "acme  revoked" in site.type("partner", "list").out


def test_who_is_not_there_is_looked_for_near(site: Terminal) -> None:
    _wrong(site.type("partner", "show", "acme"), "there is no partner 'acme'; feedmill partner list names all")
    site.type("partner", "add", "Acme", "--all")
    for command in ("show", "rotate", "revoke"):
        _wrong(site.type("partner", command, "acme"), "there is no partner 'acme'; do you mean Acme?")


def test_a_renamed_category_is_granted_by_its_name(site: Terminal) -> None:
    assert site.type("category", "rename", "harbour", "port").code == 0
    _wrong(site.type("partner", "add", "acme", "--category", "harbour"), "harbour is port now: name that")
    assert site.type("category", "private", "vault").code == 0
    assert site.type("partner", "add", "acme", "--category", "port", "--category", "vault").code == 0
    assert _kept(site).categories == ("port", "vault")


def test_another_key_leaves_the_former_one_a_day(site: Terminal) -> None:
    first = site.type("partner", "add", "acme", "--all").out.strip()
    done = site.type("partner", "rotate", "acme")
    second = done.out.strip()
    kept = _kept(site)
    assert (kept.key, kept.former_key) == (digest_of(second), digest_of(first))
    assert kept.former_until is not None
    assert timedelta(hours=23) < kept.former_until - datetime.now(UTC) <= timedelta(hours=24)
    until = f"{kept.former_until:%Y-%m-%d %H:%M} UTC"
    assert done.err == f"feedmill: acme has another key, which is not kept; the former one is good until {until}\n"
    assert f"former key until: {until}" in site.type("partner", "show", "acme").out

    done = site.type("partner", "rotate", "acme", "--keep", "0")
    assert done.err.endswith("the former one opens nothing\n")
    assert (_kept(site).former_key, _kept(site).former_until) == (b"", None)


def test_a_webhook_has_a_secret_that_can_be_shown_again(site: Terminal) -> None:
    done = site.type("partner", "add", "acme", "--all", "--webhook", "https://acme.example/hook")
    _, secret = done.out.split()
    assert "the second line is the secret that its webhook is signed with" in done.err
    assert _kept(site).webhook_secret == secret
    assert signing.of_webhook(secret, "1", 0, b"")  # else nothing would ever be sent
    assert "webhook: https://acme.example/hook" in site.type("partner", "show", "acme").out
    assert secret not in site.type("partner", "show", "acme", "--json").out
    assert f"webhook secret: {secret}" in site.type("partner", "show", "acme", "--secret").out
    assert json.loads(site.type("partner", "show", "acme", "--secret", "--json").out)["webhookSecret"] == secret


def test_what_was_used_is_shown_day_by_day(site: Terminal) -> None:
    site.type("partner", "add", "acme", "--all")
    assert "used: not in the last 30 days" in site.type("partner", "show", "acme").out
    today = datetime.now(UTC).date()
    database = stores.open_at(site.folder / "data" / "feedmill.db")
    with database.writing() as connection:
        for ago, use in ((40, Use(9, 9, 9)), (1, Use(1234, 5, 67_890)), (0, Use(3, 0, 1))):
            partner_days.add(connection, {PartnerDay("acme", today - timedelta(days=ago)): use})
    database.close()

    lines = site.type("partner", "show", "acme").out.splitlines()
    assert lines[-3:] == [
        "day           requests     refused     entries",
        f"{today - timedelta(days=1)}       1,234           5      67,890",
        f"{today}           3           0           1",
    ]
    shown = json.loads(site.type("partner", "show", "acme", "--json").out)
    assert shown["days"][-1] == {"day": str(today), "requests": 3, "refused": 0, "entries": 1}
    assert [one["name"] for one in json.loads(site.type("partner", "list", "--json").out)] == ["acme"]
