"""What the operator does to categories by hand: another slug, one made of two, out of sight, a title; in the caller's
transaction. What may not be is refused here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aggregator.bounds import LONGEST_NAME
from aggregator.entry_parts import name_of
from feeds.plain_text import clean_text
from storage import categories, category_moves
from storage.category import ALL

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from storage.category import Category


class CategoryError(Exception):
    """What was asked for cannot be, or is so already; nothing was done. The message is a sentence for people."""


def rename(connection: Connection, old: str, new: str, now: datetime) -> int:
    """Give the category *old* the slug *new*, which no other has; returns how many entries it has, withdrawn too.

    A category that was renamed before can have its earlier slug back.

    Raises:
        CategoryError: there is no such category, or the new slug is taken, or is none.
    """
    was = _find(connection, old)
    _check_slug(new)
    taken = categories.find(connection, [new]).get(new)
    if taken is not None and taken.moved_to and taken.moved_to != was.slug:
        raise CategoryError(f"{new} is {taken.moved_to} now: take another slug, or rename that back first")
    if taken is not None and not taken.moved_to:
        raise CategoryError(f"there is a category {new} already: make one of both with category merge {old} {new}")
    return category_moves.move(connection, old, new, now)


def merge(connection: Connection, old: str, into: str, now: datetime) -> int:
    """Make one category of two, under the slug and the title of *into*; returns how many entries come to it.

    Raises:
        CategoryError: one of them is not there, or they are the same.
    """
    was = _find(connection, old)
    target = _find(connection, into)
    if old == into:
        raise CategoryError(f"{old} and {into} are the same category")
    if was.private != target.private:
        private, public = (old, into) if was.private else (into, old)
        raise CategoryError(f"{private} is private and {public} is not: let both be the same first")
    category_moves.give_title(connection, into, target.title, now)
    return category_moves.move(connection, old, into, now)


def hide(connection: Connection, slug: str, now: datetime) -> None:
    """Let a category have no documents and be named nowhere; its entries stay where else they are.

    Raises:
        CategoryError: there is no such category, or it is hidden already.
    """
    if _find(connection, slug).hidden:
        raise CategoryError(f"{slug} is hidden already")
    category_moves.hide(connection, slug, now, hidden=True)


def show(connection: Connection, slug: str, now: datetime) -> None:
    """Bring a hidden category back.

    Raises:
        CategoryError: there is no such category, or it is not hidden.
    """
    if not _find(connection, slug).hidden:
        raise CategoryError(f"{slug} is not hidden")
    category_moves.hide(connection, slug, now, hidden=False)


def close(connection: Connection, slug: str, now: datetime) -> int:
    """Let a category, and the entries that are in no other, be seen by partners alone; there need be none yet.

    Returns:
        How many entries nobody else sees any more, withdrawn ones among them.

    Raises:
        CategoryError: it is private already, or the slug is none.
    """
    _check_slug(slug)
    known = categories.find(connection, [slug]).get(slug)
    if known is not None and _find(connection, slug).private:
        raise CategoryError(f"{slug} is private already")
    return category_moves.keep_private(connection, slug, now, private=True)


def open_up(connection: Connection, slug: str, now: datetime) -> int:
    """Let everybody see a private category; returns how many entries they did not see before, withdrawn ones too.

    Raises:
        CategoryError: there is no such category, or it is not private.
    """
    if not _find(connection, slug).private:
        raise CategoryError(f"{slug} is not private")
    return category_moves.keep_private(connection, slug, now, private=False)


def give_title(connection: Connection, slug: str, title: str, now: datetime) -> None:
    """Call a category *title*, before all that pages and entries call it; empty: as they do again.

    Raises:
        CategoryError: there is no such category, or the title has no words.
    """
    _find(connection, slug)
    name = name_of(title)
    if title and not name:
        raise CategoryError(f"{title!r} has nothing that can be read: give a title, or '' to take it back")
    category_moves.give_title(connection, slug, name, now)


def _check_slug(slug: str) -> None:
    if slug == ALL or slug != clean_text(slug).strip() or len(slug) > LONGEST_NAME:
        raise CategoryError(
            f"{slug!r} cannot be a slug: it has no words, bare spaces around it, or over {LONGEST_NAME} signs"
        )


def _find(connection: Connection, slug: str) -> Category:
    found = categories.find(connection, [slug]).get(slug) if slug != ALL else None
    if found is None:
        raise CategoryError(f"there is no category {slug!r}: see feedmill category list")
    if found.moved_to:
        raise CategoryError(f"{slug} is {found.moved_to} now: name that")
    return found
