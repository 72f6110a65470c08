"""Which texts contain which words, and that every text that does has the tokens that are looked for."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.search_words import exact, fold, spell, terms, tokens

_ALPHABET = st.sampled_from("aAbé1２ ,。-|\"'*\0\ud800\u00ad股市场ＡカガㇰーABC한국한\u0301\u200d\ufe0f𠀋😀ßİ()")
_TEXTS = st.text(_ALPHABET, max_size=30) | st.text(max_size=20)


def contains(text: str, words: str) -> bool:
    spelling = spell(text)
    return all(run in spelling for run in spell(words).split())


def has_tokens(text: str, words: str) -> bool:
    there = tokens(spell(text))
    wanted = [term for run in spell(words).split() for term in terms(run)]
    return all(any(one.startswith(t.token) if t.begins else one == t.token for one in there) for t in wanted)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A股市场震荡", "A股"),
        ("A股市场震荡", "股市"),
        ("A股市场震荡", "a"),
        ("A股市场震荡", "荡"),
        ("A股市场震荡", "市"),
        ("A股市场震荡", "震荡 A股"),
        ("Ａ股上涨３％", "a股 3%"),
        ("2022年3月14日", "3月14"),
        ("The Harbour opens", "harbour"),
        ("The Harbour opens", "OPENS the"),
        ("Café de l'Étoile", "cafe\u0301 ÉTOILE"),
        ("Straße", "STRASSE"),
        ("ﾊｰﾊﾞｰ", "ハーバー"),
        ("한국어 뉴스", "국어"),
        ("हिन्दी समाचार", "हिन्दी"),
        ("co\u00adop\u200bera\ufefftion", "cooperation"),
        ("葛\U000e0100城", "葛城"),
        ("𠀋𠂢", "𠂢"),
        ("foo-bar", "bar foo"),
        ("x" * 300, "x" * 300),
        ("anything", ""),
    ],
)
def test_found(text: str, words: str) -> None:
    assert contains(text, words)
    assert has_tokens(text, words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A股市场", "股场"),
        ("A股市场", "B股"),
        ("AA股", "A股"),
        ("股市。场", "市场"),
        ("harbours", "harbour"),
        ("harbour", "arbour"),
        ("A 股", "A股"),
        ("x" * 300, "x" * 299),
        ("", "词"),
    ],
)
def test_not_found(text: str, words: str) -> None:
    assert not contains(text, words)


def test_a_text_of_pairs_alone_is_a_candidate_and_no_more() -> None:
    assert has_tokens("证券时，券时报", "证券时报")
    assert not contains("证券时，券时报", "证券时报")


@given(before=_TEXTS, words=_TEXTS, after=_TEXTS)
def test_what_contains_words_has_their_tokens(before: str, words: str, after: str) -> None:
    text = f"{before} {words} {after}"
    assert contains(text, words)
    assert has_tokens(text, words)


@given(text=_TEXTS, words=_TEXTS)
def test_no_text_without_the_tokens_contains_the_words(text: str, words: str) -> None:
    if contains(text, words):
        assert has_tokens(text, words)


@given(text=_TEXTS)
def test_every_character_and_every_pair_is_found(text: str) -> None:
    for run in spell(text).split():
        if "|" not in run:
            for start in range(len(run)):
                for end in range(start + 1, min(start + 3, len(run)) + 1):
                    assert has_tokens(text, run[start:end])


@given(text=_TEXTS)
def test_folding_is_settled(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert spell(fold(text)).split() == spell(text).split()


@given(texts=st.lists(_TEXTS, max_size=5), kind=st.sampled_from(["tag", "medium"]), value=_TEXTS)
def test_an_index_takes_every_token_as_one(texts: list[str], kind: str, value: str) -> None:
    found = set().union(*(tokens(spell(text)) for text in texts)) | {exact(kind, value)}
    with sqlite3.connect(":memory:") as driver:
        driver.execute("CREATE VIRTUAL TABLE words USING fts5 (tokens, tokenize='ascii')")
        driver.execute("CREATE VIRTUAL TABLE vocabulary USING fts5vocab (words, row)")
        driver.execute("INSERT INTO words VALUES (?)", [" ".join(sorted(found))])
        held = {term for (term,) in driver.execute("SELECT term FROM vocabulary")}
    driver.close()
    assert held == found


@given(text=_TEXTS, kind=st.sampled_from(["category", "tag", "medium"]), value=_TEXTS)
def test_no_text_has_the_token_of_a_value(text: str, kind: str, value: str) -> None:
    assert exact(kind, value) not in tokens(spell(text))
    assert exact(kind, value) != exact("q", value)
