"""Each validator takes a document in which everything is said, and objects to every one in which a rule is broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.feeds.validators import atom, broken, json_feed, modules, opml, rss, sitemap
from tests.feeds.validators.words import is_absolute, is_iri, is_rfc_822, is_rfc_3339, relative_links

VALID = Path(__file__).parents[2] / "data" / "valid"
CHECKS = {"atom": atom.check, "rss": rss.check, "json": json_feed.check, "opml": opml.check, "xml": sitemap.check}
TABLES = {"atom": broken.ATOM, "rss": broken.RSS, "json": broken.JSON, "opml": broken.OPML, "xml": broken.SITEMAP}
ROWS = [(suffix, *row) for suffix, rows in TABLES.items() for row in rows]


def whole(suffix: str) -> str:
    return (VALID / f"whole.{suffix}").read_text()


@pytest.mark.parametrize("suffix", CHECKS)
def test_a_document_that_says_everything_is_valid(suffix: str) -> None:
    assert CHECKS[suffix](whole(suffix).encode()) == []


@pytest.mark.parametrize(("suffix", "rule", "old", "new"), ROWS)
def test_what_breaks_a_rule_breaks_that_one(suffix: str, rule: str, old: str, new: str) -> None:
    document = whole(suffix)
    assert old in document
    problems = CHECKS[suffix](document.replace(old, new, 1).encode())
    assert {problem.rule for problem in problems} == {rule}, problems


def test_an_entry_without_any_author() -> None:
    document = whole("atom").replace("<author>", "<contributor>").replace("</author>", "</contributor>")
    rules = {problem.rule for problem in atom.check(document.encode())}
    assert rules == {"feed-author", "entry-author"}
    alone = document[: document.index("<entry>")].replace("<feed ", "<entry ") + "</entry>"
    assert "entry-author" in {problem.rule for problem in atom.check(alone.encode())}


@pytest.mark.parametrize("suffix", CHECKS)
def test_every_rule_is_shown_to_be_broken(suffix: str) -> None:
    rules = {"atom": atom.RULES, "rss": rss.RULES, "json": json_feed.RULES, "opml": opml.RULES, "xml": sitemap.RULES}
    own = rules[suffix].rules
    shown = {rule for rule, _, _ in TABLES[suffix]} | ({"feed-author", "entry-author"} if suffix == "atom" else set())
    assert own.keys() - shown == set()
    assert shown - own.keys() <= modules.RULES.rules.keys()


def test_every_rule_of_a_module_is_shown_to_be_broken() -> None:
    assert modules.RULES.rules.keys() <= {rule for _, rule, _, _ in ROWS}


def test_not_json_at_all() -> None:
    for document in (b"\xef\xbb\xbf{}", b"\xff", b"[", whole("json").encode("utf-16")):
        assert [problem.rule for problem in json_feed.check(document)] == ["json"]


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("2026-03-01T08:00:00Z", True),
        ("2024-02-29T23:59:60.123+05:45", True),
        ("2026-03-01t08:00:00z", False),
        ("2026-03-01 08:00:00Z", False),
        ("2026-02-29T08:00:00Z", False),
        ("2026-03-01T24:00:00Z", False),
        ("2026-03-01T08:00Z", False),
        ("2026-03-01T08:00:00+0100", False),
        ("２026-03-01T08:00:00Z", False),
    ],
)
def test_dates_of_rfc_3339(text: str, good: bool) -> None:
    assert is_rfc_3339(text) is good


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("Sun, 01 Mar 2026 08:00:00 GMT", True),
        ("1 Mar 2026 08:00 -0330", True),
        ("Sun, 1 Mar 2026 08:00:00 EST", True),
        ("Mon, 01 Mar 2026 08:00:00 GMT", False),
        ("Sun, 01 March 2026 08:00:00 GMT", False),
        ("Sun, 01 Mar 2026 08:00:00", False),
        ("Sun, 01 Mar 2026 08:00:00 CET", False),
        ("Sun, 01 Mar 2026 25:00:00 GMT", False),
        ("So, 01 Mar 2026 08:00:00 GMT", False),
    ],
)
def test_dates_of_rfc_822(text: str, good: bool) -> None:
    assert is_rfc_822(text) is good


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("https://pier.example/港?a=%E6&b#c", True),
        ("http://[::1]:80/", True),
        ("urn:uuid:1-2", True),
        ("mailto:ada@pier.example", True),
        ("https:///path", False),
        ("https://pier.example/a b", False),
        ("https://pier.example/%zz", False),
        ("https://[pier/", False),
        ("unheard-of:x", False),
        ("javascript:alert(1)", False),
        ("//pier.example/", False),
        ("tag:", False),
        ("", False),
    ],
)
def test_absolute_addresses(address: str, good: bool) -> None:
    assert is_absolute(address) is good


@pytest.mark.parametrize(
    ("name", "good"),
    [("yt:video:1", True), ("tag:a,2026:1", True), ("tag:", False), ("a b:c", False), ("x:%zz", False)],
)
def test_names_of_any_scheme(name: str, good: bool) -> None:
    assert is_iri(name) is good


def test_relative_links_in_markup() -> None:
    markup = (
        '<p><a href="https://a.example">a</a><a href="#b">b</a><a href="mailto:c@c.example">c</a><img src="d.png"></p>'
    )
    assert list(relative_links(markup)) == ["img src='d.png'"]
    assert list(relative_links("")) == list(relative_links("\x00 < ")) == []
    assert list(relative_links('<a href="//e.example/">e</a>')) == ["a href='//e.example/'"]
