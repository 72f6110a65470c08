"""One entry becomes one post, in the shape that ``post`` reads: front matter, body, share link, way back.

What the shape has no place for stands in the front matter under ``feedmill`` (``own_words`` reads it), and only where
reading the post would not give it anyway.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aggregator.clean_html import clean_html
from aggregator.posts.body import Trimmed, protected, trim
from aggregator.posts.markdown import to_html
from aggregator.posts.own_words import NAME
from aggregator.posts.post import code_in_link
from feeds.site import category_path, file_name
from feeds.writing.text import local
from storage.category import without_news
from storage.entry import DERIVED_INFO_CODE, Author, CategoryName, Origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from feeds.site import Site
    from storage.entry import Entry, Episode

# A share link's line is read up to 2,000 characters.
_LONGEST_LINK = 1_900
_NEWS = "新闻"
_LONGEST_NAME = 100
# YAML 1.1 cannot hold these in quotes as they are, or takes them for ends of lines.
_UNQUOTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff]")
_MEDIUM_PARAGRAPH = re.compile(r"<p>(（文章来源[：:][^<>]{1,80}）)</p>\Z")
# What YAML takes for itself without quotes, and of that, what it takes for something else than text.
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9()-]*|[\u4e00-\u9fff]+|[0-9-]{10} [0-9:]{8} [+-][0-9]{4}")
_NO_TEXTS = frozenset({"null", "y", "yes", "true", "on", "n", "no", "false", "off"})
_LIQUID = re.compile(r"\{[{%]")


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file of a Jekyll folder: its path from the root, with ``/``, and its text."""

    path: str
    text: str


def post(entry: Entry, site: Site, titles: Mapping[str, str]) -> WrittenFile:
    """*entry* as a post; *titles* gives a category's name by its slug.

    A body that Markdown would change makes it an ``.html`` file, which Jekyll and ``post`` leave as it is.
    """
    body = protected(_MEDIUM_PARAGRAPH.sub(r'<p class="em_media">\1</p>', entry.content))
    as_markdown = clean_html(to_html(body)) == entry.content
    moment = local(entry.published, site)
    end = _end(entry, site, titles)
    head = _front_matter(entry, site, trim(body + end))
    suffix = "md" if as_markdown else "html"
    name = f"_posts/{moment.isoformat()[:10]}-{entry.info_code}.{suffix}"
    return WrittenFile(name, f"{_block(head)}{body}{end}\n")


def category_page(slug: str, title: str) -> WrittenFile:
    """The page that gives the category *slug* its name."""
    name = file_name(slug)
    if name[0] in "#~":  # an editor's file, to Jekyll and to us
        name = f"%{ord(name[0]):02X}{name[1:]}"
    if name[-1] in "#~":
        name += "-"
    head = {"layout": "category", "title": title, "category": slug}
    return WrittenFile(f"category/{name}.html", _block(head))


def site_settings(site: Site) -> WrittenFile:
    """``_config.yml``: what the folder says of the site."""
    facts = {"title": site.title, "url": site.url, "timezone": site.timezone.key, "lang": site.language}
    facts["author"] = site.author
    return WrittenFile("_config.yml", "".join(f"{name}: {_quoted(text)}\n" for name, text in facts.items() if text))


def _end(entry: Entry, site: Site, titles: Mapping[str, str]) -> str:
    link = entry.link if len(entry.link) <= _LONGEST_LINK else ""
    home = f"[返回首页]({_relative(site.address(''))})"
    if not entry.categories:
        return f"\n\n<{link}>\n\n{home}"
    slug = entry.categories[0]
    name = re.sub(r"[\[\]()\\\s]+", " ", titles.get(slug, slug))[:_LONGEST_NAME]
    page = _relative(site.address(category_path(slug, "html"))).replace("(", "%28").replace(")", "%29")
    return f"\n\n<{link}>\n\n[返回{name}]({page})｜{home}"


def _relative(address: str) -> str:
    """*address* without its scheme, as the site writes it."""
    return address.partition(":")[2]


def _front_matter(entry: Entry, site: Site, read: Trimmed) -> dict[str, Any]:
    """The head; *read* is what the body tells by itself."""
    moment = local(entry.published, site)
    head: dict[str, Any] = {
        "layout": "post",
        "title": entry.title,
        "date": _date(moment.isoformat(sep=" ")),
        "categories": _words(entry.categories),
        "tags": _words(entry.tags),
    }
    # A derived code stands in no other place, and a link may hold another's.
    code = code_in_link(entry.link) or entry.info_code
    if code != entry.info_code or DERIVED_INFO_CODE.fullmatch(code):
        head["infoCode"] = str(entry.info_code)
    if entry.updated > entry.published:
        head["last_modified_at"] = _date(local(entry.updated, site).isoformat(sep=" "))
    head |= {name: text for name, text in (("excerpt", entry.summary), ("lang", entry.language)) if text}
    if _LIQUID.search(entry.content):
        head["render_with_liquid"] = False
    if own := _own(entry, read):
        head[NAME] = own
    return {name: value for name, value in head.items() if value not in ("", [])}


def _date(moment: str) -> str:
    """``2022-03-14 18:35:49 +0800``."""
    return f"{moment[:19]} {moment[19:].replace(':', '')}"


def _words(words: tuple[str, ...]) -> str | list[str]:
    """One word as a text; more of them, or one that Jekyll would part, as a list."""
    return words[0] if len(words) == 1 and not re.search(r"\s", words[0]) else list(words)


def _own(entry: Entry, read: Trimmed) -> dict[str, Any]:
    """What the post does not tell by itself."""
    said_authors = (Author(read.medium),) if read.medium else ()
    medium = read.medium or (entry.tags[0].removesuffix(_NEWS) if entry.tags else "")
    tag_names = tuple(CategoryName(slug, without_news(tag)) for slug in entry.categories for tag in entry.tags)
    own: dict[str, Any] = {}
    if entry.link != read.share_link:
        own["link"] = entry.link
    if entry.authors != said_authors:
        own["authors"] = [_person(author) for author in entry.authors]
    if entry.origin != Origin(medium):
        own["origin"] = _known(title=entry.origin.title, link=entry.origin.link, feed=entry.origin.feed)
    if entry.category_names != tuple(dict.fromkeys(tag_names)) or not entry.tags:
        own["names"] = [{"slug": vote.slug, "name": vote.name} for vote in entry.category_names]
    files = [
        _known(
            url=file.url,
            type=file.media_type,
            length=file.length,
            title=file.title,
            duration=file.duration,
            width=file.width,
            height=file.height,
        )
        for file in entry.enclosures
    ]
    links = [
        _known(href=one.href, rel=one.rel, type=one.media_type, title=one.title, language=one.language)
        for one in entry.links
    ]
    return own | _known(
        enclosures=files,
        contributors=[_person(one) for one in entry.contributors],
        links=links,
        comments=entry.comments,
        image=entry.image,
        licence=entry.licence,
        episode=_episode(entry.episode) if entry.episode else {},
    )


def _person(person: Author) -> dict[str, Any]:
    return _known(name=person.name, email=person.email, uri=person.uri)


def _episode(episode: Episode) -> dict[str, Any]:
    return _known(
        duration=episode.duration,
        season=episode.season,
        number=episode.number,
        type=episode.kind,
        explicit=episode.explicit,
        transcripts=[_known(url=o.url, type=o.media_type, language=o.language) for o in episode.transcripts],
        chapters=episode.chapters,
    )


def _known(**parts: Any) -> dict[str, Any]:
    """*parts* that say something; false does."""
    return {name: part for name, part in parts.items() if part or part is False}


def _block(head: Mapping[str, Any]) -> str:
    return "".join(["---\n", *_lines(head), "---\n"])


def _lines(head: Mapping[str, Any], indent: str = "") -> Iterable[str]:
    """YAML: a line for each text, a quoted one; lists and mappings below their names."""
    for name, value in head.items():
        if isinstance(value, dict):
            yield f"{indent}{name}:\n"
            yield from _lines(value, f"{indent}  ")
        elif isinstance(value, list) and value:
            yield f"{indent}{name}:\n"
            for one in value:
                if isinstance(one, dict):
                    first, *rest = _lines(one, f"{indent}    ")
                    yield f"{indent}  - {first.lstrip(' ')}"
                    yield from rest
                else:
                    yield f"{indent}  - {_quoted(one)}\n"
        elif isinstance(value, list):
            yield f"{indent}{name}: []\n"
        else:
            yield f"{indent}{name}: {_scalar(name, value)}\n"


def _scalar(name: str, value: str | int) -> str:
    """A value as YAML; the site's writer put only titles into quotes."""
    if isinstance(value, int):
        return str(value).lower()
    plain = name != "title" and _PLAIN.fullmatch(value) and value.lower() not in _NO_TEXTS
    return value if plain else _quoted(value)


def _quoted(text: str) -> str:
    """*text* in double quotes: JSON's escapes are YAML's, too."""
    return _UNQUOTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(text, ensure_ascii=False))
