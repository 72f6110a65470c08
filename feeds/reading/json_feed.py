"""JSON Feed 1.0 and 1.1 (https://jsonfeed.org/version/1.1).

What has the wrong type is left out and noted: only a document that is no JSON Feed at all is refused.
"""

from __future__ import annotations

from typing import Final

from feeds.document import Format, Paging, SourceEntry, SourceFeed, Term, Text, TextKind
from feeds.reading.dates import parse_date
from feeds.reading.draft import Draft, Head, Problems, document_base
from feeds.reading.errors import FeedSyntaxError
from feeds.reading.json_extension import own_words
from feeds.reading.json_members import Members
from feeds.reading.json_text import load_json
from feeds.reading.links import make_enclosure, resolve
from storage.entry import DERIVED_INFO_CODE, NATIVE_INFO_CODE, Author, Enclosure, Link

_VERSIONS: Final = ("https://jsonfeed.org/version/", "http://jsonfeed.org/version/")


def read_json(data: bytes, location: str, problems: Problems) -> SourceFeed:
    """The feed in *data*, which is UTF-8.

    Raises:
        FeedSyntaxError: it is no JSON, or JSON of another kind.
    """
    document = load_json(data, problems)
    if not isinstance(document, dict):
        raise FeedSyntaxError("this is JSON, but no JSON Feed: an object with version and items is expected")
    version = document.get("version")
    known = isinstance(version, str) and version.startswith(_VERSIONS)
    if not known and not isinstance(document.get("items"), list):
        raise FeedSyntaxError("this is JSON, but no JSON Feed: it has neither its version nor a list of items")
    if not known:
        problems.note("the document does not say which version of JSON Feed it is")
    return _read_feed(Members(document, "feed", problems), str(version), location)


def _read_feed(members: Members, version: str, location: str) -> SourceFeed:
    page = members.text("home_page_url")
    head = Head(document_base(location, page), members.text("language"), members.problems)
    title, description = members.text("title"), members.text("description")
    head.title = Text(title) if title else None
    head.subtitle = Text(description) if description else None
    head.link = page
    head.self_link = members.text("feed_url")
    head.paging = Paging(next=members.text("next_url"))
    head.image = members.text("icon") or members.text("favicon")
    head.hubs = tuple(hub.text("url") for hub in members.objects("hubs") if hub.text("url") and _is_websub(hub))
    head.complete = members.flag("expired") is True
    head.authors = _authors(members, head.base)
    entries = tuple(_read_item(item, head) for item in members.objects("items"))
    return head.feed(Format.JSON_11 if version.endswith("/1.1") else Format.JSON_10, entries)


def _is_websub(hub: Members) -> bool:
    return hub.text("type").lower() in {"websub", "pubsubhubbub"}


def _read_item(item: Members, head: Head) -> SourceEntry:
    draft = Draft(head.base, item.text("language") or head.language, item.problems)
    draft.id = item.id()
    draft.link = item.text("url")
    _read_external_url(item, draft)
    title, summary = item.text("title"), item.text("summary")
    draft.title = Text(title) if title else None
    draft.summary = Text(summary) if summary else None
    draft.content = _content(item)
    draft.published = parse_date(item.date("date_published"))
    draft.updated = parse_date(item.date("date_modified"))
    draft.authors = _authors(item, draft.base)
    draft.image = resolve(draft.base, item.text("image") or item.text("banner_image"))
    for tag in item.texts("tags"):
        draft.add_category(Term(tag))
    for attachment in item.objects("attachments"):
        draft.add_enclosure(_attachment(attachment, draft.base))
    draft.info_code = _info_code(item)
    return own_words(item, draft.entry())


def _read_external_url(item: Members, draft: Draft) -> None:
    """The page that the item is about; where the item has no page of its own, its page."""
    external = item.text("external_url")
    if external and draft.link:
        draft.add_link(Link(resolve(draft.base, external), "related"))
    elif external:
        draft.link = external


def _attachment(attachment: Members, base: str) -> Enclosure:
    return make_enclosure(
        resolve(base, attachment.text("url")),
        attachment.text("mime_type"),
        str(attachment.number("size_in_bytes")),
        title=attachment.text("title"),
        duration=attachment.number("duration_in_seconds") or None,
    )


def _content(item: Members) -> Text | None:
    html, text = item.text("content_html"), item.text("content_text")
    if html:
        return Text(html, TextKind.HTML)
    return Text(text) if text else None


def _authors(members: Members, base: str) -> tuple[Author, ...]:
    """1.1 has ``authors``, 1.0 had ``author``; both may be there."""
    people = members.objects("authors")
    if not people:
        one = members.object("author")
        people = [one] if one is not None else []
    authors = [(person.text("name"), resolve(base, person.text("url"))) for person in people]
    return tuple(Author(name or url, uri=url) for name, url in authors if name or url)


def _info_code(item: Members) -> str:
    extension = item.object("_feedmill")
    code = extension.text("infoCode") if extension is not None else ""
    return code if NATIVE_INFO_CODE.fullmatch(code) or DERIVED_INFO_CODE.fullmatch(code) else ""
