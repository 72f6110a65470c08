"""Names on disk and addresses: safe, one for each slug, encoded once."""

from __future__ import annotations

from datetime import date
from itertools import combinations
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feeds.site import Site, category_path, entry_path, file_name
from storage.category import ALL
from storage.entry import InfoCode
from tests.feeds.publishing.shelf import ODD_SLUGS, SITE

# Characters that meet each other in an escape are drawn often.
_TRICKY = st.text(st.sampled_from('%/\\.2EFef-5 aA\0:*?"<>|证\x7f'), min_size=1, max_size=8)
_SLUGS = st.one_of(_TRICKY, st.text(min_size=1), st.text(min_size=60, max_size=400), st.sampled_from(ODD_SLUGS))


@given(_SLUGS, _SLUGS)
@example("%2E", ".")
@example("%", "%25")
@example("a/b", "a%2Fb")
@example("x" * 300, "x" * 301)
def test_different_slugs_have_different_names(one: str, other: str) -> None:
    assert (file_name(one) == file_name(other)) is (one == other)


def test_odd_slugs_have_different_names_all_of_them() -> None:
    for one, other in combinations(ODD_SLUGS, 2):
        assert file_name(one) != file_name(other), (one, other)


@given(_SLUGS)
def test_a_shortened_name_is_nobody_elses_own(slug: str) -> None:
    assert file_name(file_name(slug)) == file_name(slug) or "%" in file_name(slug)
    assert file_name(file_name("x" * 300)) != file_name("x" * 300)


@given(_SLUGS, st.sampled_from(["rss", "atom", "json", "html"]))
@example("\U00010330" * 66, "html")  # letters of four bytes
def test_no_name_leaves_its_folder_or_is_too_long(slug: str, suffix: str) -> None:
    path = category_path(slug, suffix)
    folder, _, name = path.partition("/")
    assert folder == "category"
    assert name not in {".", ".."}
    assert not name.startswith(".")
    assert not set('/\\:*?"<>|\0\n\r\t') & set(name)
    assert len(name.encode()) <= 255
    assert PurePosixPath(path).parent == PurePosixPath("category")


@given(_SLUGS)
def test_an_address_is_encoded_once(slug: str) -> None:
    path = category_path(slug, "rss")
    address = SITE.address(path)
    assert address.isascii()
    assert not set(' "<>\\^`{|}') & set(address)
    parts = urlsplit(address)
    assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == ("https", "tide.example", "", "")
    assert unquote(parts.path) == f"/{path}"


@pytest.mark.parametrize(
    ("slug", "name"),
    [
        ("zhengquanshibao", "zhengquanshibao"),
        ("TechWeb", "TechWeb"),
        ("Techweb", "Techweb"),
        ("haitang(xianggang)", "haitang(xianggang)"),
        ("两 词", "两 词"),
        ("50%", "50%25"),
        ("a/b", "a%2Fb"),
        (".", "%2E"),
        ("..", "%2E."),
        ("nul\0l", "nul%00l"),
        ("y" * 200, "y" * 200),
    ],
)
def test_names(slug: str, name: str) -> None:
    assert file_name(slug) == name


def test_addresses() -> None:
    assert SITE.address(category_path(ALL, "rss")) == "https://tide.example/all.rss"
    assert SITE.address(category_path("all", "rss")) == "https://tide.example/category/all.rss"
    assert SITE.address(category_path("50%", "atom")) == "https://tide.example/category/50%2525.atom"
    assert SITE.address(category_path("haitang(xianggang)", "json")).endswith("/category/haitang(xianggang).json")
    assert SITE.address(category_path("证 券", "html")).endswith("/category/%E8%AF%81%20%E5%88%B8.html")
    assert entry_path(InfoCode("NW202203142308379872")) == "entry/NW202203142308379872.html"


def test_the_host_of_tag_uris() -> None:
    site = Site("x", "https://News.example:8443/feeds", ZoneInfo("UTC"))
    assert site.tag_uri(InfoCode("NW1"), date(2022, 3, 14)) == "tag:news.example,2022-03-14:NW1"
