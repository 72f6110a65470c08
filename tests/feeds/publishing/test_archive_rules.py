"""Archive documents against RFC 5005 (feed paging and archiving) and RFC 6721 (tombstones)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from lxml import etree

from feeds.publishing.documents import Documents
from feeds.publishing.found import Document
from feeds.publishing.rendering import Renderer
from feeds.publishing.static_site import StaticSite
from feeds.site import archive_path, category_path
from tests.feeds.publishing.archive_reader import ARCHIVE, ATOM, DELETED, chain, entry_ids, link, read
from tests.feeds.publishing.shelf import NOON, ODD_SLUGS, SITE, Shelf, made

if TYPE_CHECKING:
    from pathlib import Path

CURRENT = SITE.address("category/pier.atom")


@pytest.fixture
def full(shelf: Shelf) -> Shelf:
    """250 entries: two full pages, and half of one."""
    shelf.put(*(made(number, "pier") for number in range(1001, 1251)))
    return shelf


def _body(documents: Documents, path: str) -> bytes:
    found = documents.find(path)
    assert isinstance(found, Document), path
    return found.body


def _page(number: int) -> str:
    return archive_path("pier", number)


@pytest.mark.usefixtures("full")
def test_4_the_current_feed_must_have_prev_archive(documents: Documents) -> None:
    """ "Subscription documents and archive documents MUST have a prev-archive link relation, unless there are no
    preceding archives available."
    """
    feeds = [feed for _, feed in chain(documents, read(documents, CURRENT))]
    assert len(feeds) >= 2
    assert all(link(feed, "prev-archive") for feed in feeds[:-1])
    assert link(feeds[-1], "prev-archive") is None
    channel = etree.fromstring(_body(documents, "category/pier.rss"))[0]
    [named] = [one for one in channel.iterchildren(f"{ATOM}link") if one.get("rel") == "prev-archive"]
    assert named.get("href") == link(read(documents, CURRENT), "prev-archive")


@pytest.mark.usefixtures("full")
def test_4_archive_documents_are_marked_and_lead_both_ways(documents: Documents) -> None:
    """4: ``next-archive`` (SHOULD), ``current`` (SHOULD), ``fh:archive`` (SHOULD). All documents of one logical feed
    have its ``atom:id`` (RFC 4287, 4.2.6), as those of the section's example do.
    """
    pages = dict(chain(documents, read(documents, CURRENT)))
    assert read(documents, CURRENT).find(ARCHIVE) is None
    for address, feed in pages.items():
        assert feed.find(ARCHIVE) is not None
        assert link(feed, "current") == CURRENT
        assert link(feed, "self") == address
        assert (following := link(feed, "next-archive")) is None or read(documents, following) is not None
        assert feed.findtext(f"{ATOM}updated")
    ids = {feed.findtext(f"{ATOM}id") for feed in pages.values()}
    assert ids == {read(documents, CURRENT).findtext(f"{ATOM}id")}
    assert link(pages[SITE.address(_page(1))], "next-archive") == SITE.address(_page(2))


def test_4_the_set_of_entries_at_an_address_does_not_change(full: Shelf, documents: Documents) -> None:
    """ "The set of entries contained in an archive document published at a particular URI SHOULD NOT change over time."

    A page that grows has another address after each change.
    """
    before = dict(chain(documents, read(documents, CURRENT)))
    full.put(made(500, "pier"))  # too old for the current feed
    after = dict(chain(documents, read(documents, CURRENT)))
    for address in before.keys() & after.keys():
        assert entry_ids(before[address]) == entry_ids(after[address])
    [new] = after.keys() - before.keys()
    assert full.get(500).atom_id in entry_ids(after[new])


def test_an_old_entry_that_comes_late_goes_to_the_newest_page(full: Shelf, documents: Documents) -> None:
    pages = [_body(documents, _page(1)), _body(documents, _page(2))]
    full.put(made(501, "pier"))
    assert pages == [_body(documents, _page(1)), _body(documents, _page(2))]
    assert full.get(501).atom_id == entry_ids(read(documents, SITE.address(_page(3))))[0]


def test_4_1_a_correction_is_listed_again_in_the_current_feed(full: Shelf, documents: Documents) -> None:
    """4.1: "they should consider publishing the revised entry in the subscription document"."""
    page = _body(documents, _page(1))
    full.correct(1001, title="Put right")
    assert _body(documents, _page(1)) == page
    for suffix in ("atom", "rss", "json"):
        assert b"Put right" in _body(documents, f"category/pier.{suffix}")
    assert b"Put right" not in _body(documents, "category/pier.html")
    full.correct(1001, title="Put right twice")
    assert _body(documents, _page(1)) == page
    # It lies on the next page for good once that is full.
    full.put(*(made(number, "pier") for number in range(2001, 2101)))
    assert _body(documents, _page(3)).count(b"Put right twice") == 1
    assert b"Put right" not in _body(documents, "category/pier.atom")


@pytest.mark.parametrize("kind", ["withdrawn", "moved"])
def test_a_tombstone_stands_where_the_entry_stood(full: Shelf, documents: Documents, kind: str) -> None:
    """RFC 6721, 3: ``ref`` is the entry's id, ``when`` when it was removed from the feed."""
    before = etree.fromstring(_body(documents, _page(2)))
    if kind == "withdrawn":
        full.withdraw(1150)
    else:
        full.put(replace(full.get(1150), categories=("guance",)))
    after = etree.fromstring(_body(documents, _page(2)))
    identity = full.get(1150).atom_id
    [place] = [at for at, one in enumerate(before) if one.findtext(f"{ATOM}id") == identity]
    assert after[place].tag == DELETED
    assert after[place].get("ref") == identity
    assert after[place].get("when")
    assert [etree.tostring(one) for one in before][place + 1 :] == [etree.tostring(one) for one in after][place + 1 :]
    for feed in (read(documents, CURRENT), read(documents, SITE.address(_page(3)))):
        assert [one.get("ref") for one in feed.iterchildren(DELETED)] == [identity]


def test_nothing_but_a_withdrawal_changes_a_full_page(full: Shelf, documents: Documents) -> None:
    pages = [_body(documents, _page(1)), _body(documents, _page(2))]
    full.name(pier="Quite another name")
    full.put(replace(full.get(1001), tags=("a new tag",), categories=("pier", "guance")))
    full.put(*(made(number, "pier") for number in range(3000, 3200)))
    assert pages == [_body(documents, _page(1)), _body(documents, _page(2))]


def test_a_restored_entry_arrives_anew(full: Shelf, documents: Documents) -> None:
    full.withdraw(1001)
    buried = _body(documents, _page(1))
    back = full.get(1001)
    full.put(replace(back, withdrawn=None, withdrawn_by=None, updated=NOON.replace(year=2023)))
    assert _body(documents, _page(1)) == buried
    newest = read(documents, SITE.address(_page(3)))
    assert back.atom_id in entry_ids(newest)
    assert newest.find(DELETED) is None
    assert back.atom_id not in [one.get("ref") for one in read(documents, CURRENT).iterchildren(DELETED)]


def test_a_small_category_has_no_archive(shelf: Shelf, documents: Documents) -> None:
    shelf.put(*(made(number, "pier") for number in range(1001, 1051)))
    assert link(read(documents, CURRENT), "prev-archive") is None
    assert documents.find(_page(1)) is None
    assert documents.find("category/none/archive/1.atom") is None


@pytest.mark.usefixtures("full")
def test_pages_that_are_not_there(documents: Documents) -> None:
    for path in (_page(4), _page(0), "category/pier/archive/01.atom", "category/pier/archive/1.rss"):
        assert documents.find(path) is None


def test_archives_of_odd_slugs_are_files_beside_no_others(shelf: Shelf, tmp_path: Path) -> None:
    site = replace(SITE, entries_per_feed=1)
    shelf.put(*(made(number, *ODD_SLUGS) for number in (1001, 1002)))
    StaticSite(tmp_path / "public", shelf.database, Renderer(site)).publish()
    served = Documents(shelf.database, Renderer(site))
    seen = set()
    for slug in ODD_SLUGS:
        path = archive_path(slug, 1)
        assert (tmp_path / "public" / path).read_bytes() == _body(served, path)
        assert (tmp_path / "public" / category_path(slug, "atom")).is_file()
        seen.add(path)
    assert len(seen) == len(ODD_SLUGS)


def test_a_full_page_is_written_once(full: Shelf, renderer: Renderer, tmp_path: Path) -> None:
    public = tmp_path / "public"
    static = StaticSite(public, full.database, renderer)
    static.publish()
    file = public / _page(1)
    file.write_text("as it was left")
    full.put(made(500, "pier"))
    static.publish()
    assert file.read_text() == "as it was left"
    full.withdraw(1001)
    static.publish()
    assert "deleted-entry" in file.read_text()
    stranger = public / "category" / "gone" / "archive" / "1.atom"
    stranger.parent.mkdir(parents=True)
    stranger.write_text("of another time")
    static.publish(everything=True)
    assert not stranger.exists()
