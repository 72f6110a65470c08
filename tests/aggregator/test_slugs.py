from __future__ import annotations

import subprocess
import sys
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from aggregator.slugs import slug


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("重庆银行", "chongqingyinhang"),
        ("证券时报", "zhengquanshibao"),
        ("21世纪经济报道", "21shijijingjibaodao"),
        ("绿色 金融", "lvse-jinrong"),
        ("安信国际证券（香港）", "anxinguojizhengquan-xianggang"),
        ("World News", "world-news"),
        ("  World\u3000 News \n", "world-news"),
        ("ＷＯＲＬＤ", "world"),
        ("C", "c"),
        ("C++", "c-plus-plus"),
        ("C#", "c-sharp"),
        ("R&D", "r-and-d"),
        ("#metoo", "metoo"),
        ("node.js", "node-js"),
        (".NET", "net"),
        ("Women's health", "womens-health"),
        ("Women’s health", "womens-health"),
        ("Économie", "economie"),
        ("E\u0301conomie", "economie"),
        ("Größe", "grosse"),
        ("Łódź", "lodz"),
        ("İstanbul", "istanbul"),
        ("Tiếng Việt", "tieng-viet"),
        ("Новости дня", "новости-дня"),
        ("Йогурт", "йогурт"),
        ("ΕΛΛΆΔΑ σήμερα", "ελλάδα-σήμερα"),
        ("日本のニュース", "日本のニュース"),
        ("한국 뉴스", "한국-뉴스"),
        ("हिन्दी", "हिन्दी"),
        ("ไทยรัฐ", "ไทยรัฐ"),
        ("../etc/passwd", "etc-passwd"),
        ("a/b\\c", "a-b-c"),
        ("++", "plus-plus"),
    ],
)
def test_a_term_becomes_a_slug(term: str, expected: str) -> None:
    assert slug(term) == expected
    assert slug(expected) == expected


@pytest.mark.parametrize("term", ["", " ", "\u3000\n"])
def test_a_blank_term_has_no_slug(term: str) -> None:
    assert slug(term) == ""


def test_terms_of_signs_have_different_slugs_that_last() -> None:
    slugs = [slug(term) for term in (".", "..", "/", "🎉", "—", "\ud800")]
    assert len(set(slugs)) == len(slugs)
    assert all(len(found) == 16 and found.startswith("tag-") for found in slugs)
    assert slug("🎉") == "tag-bb758879d82d"


def test_long_terms_stay_different() -> None:
    first, second = slug("long words " * 20 + "a"), slug("long words " * 20 + "b")
    assert first != second
    assert len(first) <= 80
    assert first.startswith("long-words-long-words-")


@given(st.text(st.characters(exclude_categories=[]), max_size=120))
@example("ß" * 79 + "ẞ")
@example("İ" * 80)
@example("\u0345")
@example("𠮷野家")
@example("ﷺ" * 20)
@example("ＡＢＣ++＃")
@example("か゛")
def test_any_slug_is_safe_and_its_own(term: str) -> None:
    found = slug(term)
    assert bool(found) == bool(unicodedata.normalize("NFKC", term).strip())
    assert len(found) <= 80
    assert slug(found) == found
    assert found == found.casefold()
    assert all(c == "-" or unicodedata.category(c)[0] in "LNM" for c in found)
    assert "--" not in found
    assert found == found.strip("-")


def test_only_chinese_loads_the_pinyin_dictionaries() -> None:
    program = (
        "import sys; from aggregator.slugs import slug; slug('World News'); slug('новости');"
        "assert 'pypinyin' not in sys.modules; slug('新闻'); assert 'pypinyin' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
