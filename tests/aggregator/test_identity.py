"""Which infoCode an entry has: the same for ever, whoever asks."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.identity import derive, identify, native_day, own_iri
from aggregator.recognise import names_of, recognise
from feeds.document import SourceEntry, Text, TextKind
from storage.entry import DERIVED_INFO_CODE, InfoCode

NATIVE = "NW202203142308379872"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def code_of(entry: SourceEntry, scope: str = "harbour", *, trusted: bool = False) -> InfoCode | None:
    return codes_of([entry], scope, trusted=trusted)[0]


def codes_of(entries: list[SourceEntry], scope: str = "harbour", *, trusted: bool = False) -> list[InfoCode | None]:
    """The codes of a document's entries, in a scope that remembers nothing."""
    return list(recognise(entries, names_of(entries), scope, {}, trusted=trusted).codes)


def test_a_derived_code_never_changes() -> None:
    assert derive("harbour", "id", "tag:example.org,2026:1") == "FM5M9Q3QN4VWYGXY39NCXTR9NSSA"
    assert derive("harbour", "id", "港口") == "FM376JM1HZ0NZAHJWAQ1BSCDE0DV"


@given(st.text(), st.text())
@example("\ud800", "\udfff")
def test_a_derived_code_has_its_form(scope: str, own: str) -> None:
    code = derive(scope, own)

    assert DERIVED_INFO_CODE.fullmatch(code)
    assert len(code) == 28
    assert code == derive(scope, own)
    assert code[2] in "01234567"  # 128 bits in 26 characters of five


@given(st.lists(st.text(max_size=3), max_size=3), st.lists(st.text(max_size=3), max_size=3))
@example(["a", "b"], ["ab"])
@example(["a", ""], ["a"])
def test_other_words_have_another_code(one: list[str], other: list[str]) -> None:
    nul = any("\0" in part for part in [*one, *other])  # no XML, no JSON that is kept, no front matter holds it

    assert nul or (derive("s", *one) == derive("s", *other)) is (one == other)


def test_scopes_differ() -> None:
    assert derive("harbour", "id", "1") != derive("port", "id", "1")


def test_an_entry_is_known_by_its_id_first() -> None:
    whole = SourceEntry(id="1", link="https://a.example/1", title=Text("One"), published=NOON)

    assert code_of(whole) == code_of(SourceEntry(id="1")) == derive("harbour", "id", "1")


def test_then_by_its_link() -> None:
    whole = SourceEntry(link="https://a.example/1", title=Text("One"), published=NOON)

    assert code_of(whole) == code_of(SourceEntry(link="https://a.example/1"))


def test_then_by_title_and_date() -> None:
    one = SourceEntry(title=Text("One"), published=NOON, content=Text("body"))

    assert code_of(one) == code_of(SourceEntry(title=Text("One"), published=NOON))
    assert code_of(one) != code_of(SourceEntry(title=Text("One")))
    assert code_of(one) != code_of(SourceEntry(title=Text("Two"), published=NOON))


def test_then_by_its_text() -> None:
    one = SourceEntry(content=Text("<p>One</p>", TextKind.HTML))

    assert code_of(one) not in (None, code_of(SourceEntry(summary=Text("<p>Two</p>"))))
    assert code_of(one) == code_of(SourceEntry(summary=Text("<p>One</p>")))


@pytest.mark.parametrize("entry", [SourceEntry(), SourceEntry(content=Text("  \n")), SourceEntry(title=Text(""))])
def test_nothing_is_known_by_nothing(entry: SourceEntry) -> None:
    assert code_of(entry) is None


def test_an_id_that_several_entries_share_says_nothing_alone() -> None:
    one = SourceEntry(id="news", link="https://a.example/1")
    two = SourceEntry(id="news", link="https://a.example/2")
    other = SourceEntry(id="other", link="https://a.example/3")
    codes = codes_of([one, two, other])

    assert len(set(codes)) == 3
    assert codes == codes_of([one, two, other])
    assert codes[2] == code_of(other)


def test_one_entry_twice_is_one() -> None:
    one = SourceEntry(id="1", link="https://a.example/1")
    codes = codes_of([one, one])

    assert codes == [code_of(one)] * 2


def test_the_withdrawal_of_an_id_does_not_make_it_shared() -> None:
    one = SourceEntry(id="1", link="https://a.example/1")
    deleted = SourceEntry(id="1", withdrawn=True)

    assert codes_of([one, deleted]) == [code_of(one)] * 2


def test_only_a_trusted_source_brings_a_code() -> None:
    claim = SourceEntry(id="1", info_code=NATIVE)

    assert identify(claim, "harbour") == NATIVE  # posts are trusted
    assert code_of(claim, trusted=True) == NATIVE
    assert code_of(claim) == derive("harbour", "id", "1")


@pytest.mark.parametrize("claim", ["nonsense", "NW123", "nw202203142308379872", "FM!"])
def test_a_claim_that_is_no_code_is_refused(claim: str) -> None:
    assert identify(SourceEntry(id="1", info_code=claim), "harbour") == derive("harbour", "id", "1")
    assert code_of(SourceEntry(id="1", info_code=claim), trusted=True) == derive("harbour", "id", "1")


@pytest.mark.parametrize(
    ("code", "day"),
    [
        (NATIVE, date(2022, 3, 14)),
        ("NW202202302308379872", None),
        ("NW000000000000000000", None),
        ("FM0123456789ABCDEFGHJKMNPQRS", None),
    ],
)
def test_the_day_of_a_native_code(code: str, day: date | None) -> None:
    assert native_day(InfoCode(code)) == day


@pytest.mark.parametrize(
    "iri", ["https://a.example/1", "tag:a.example,2026:1", "urn:uuid:1-2", "https://a.example/港%e6"]
)
def test_an_absolute_iri_is_an_id_of_its_own(iri: str) -> None:
    assert own_iri(iri) == iri


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "/1",
        "a b:c",
        "1a:b",
        "tag:",
        "https://a.example/<1>",
        "tag:a\n",
        "tag:\ud800",
        "tag:\uffff",
        "tag:5%",
        "tag:%zz",
    ],
)
def test_anything_else_is_not(text: str) -> None:
    assert own_iri(text) == ""


@pytest.mark.parametrize("text", ["javascript:alert(1)", "JavaScript://a.example/%0Aalert(1)", "vbscript:a", "data:,a"])
def test_an_iri_that_a_reader_would_run_is_not(text: str) -> None:
    assert own_iri(text) == ""
