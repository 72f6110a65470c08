"""Where Jekyll puts a post: permalink templates and their placeholders (jekyllrb.com/docs/permalinks)."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

_STYLES = {
    "": "/:categories/:year/:month/:day/:title:output_ext",
    "date": "/:categories/:year/:month/:day/:title:output_ext",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "ordinal": "/:categories/:year/:y_day/:title:output_ext",
    "weekdate": "/:categories/:year/W:week/:short_day/:title:output_ext",
    "none": "/:categories/:title:output_ext",
}
_PLACEHOLDER = re.compile(r":([a-z_]+)")
_DATED = re.compile(r"\d{4}-\d{1,2}-\d{1,2}-(?=.)", re.ASCII)
_SLASHES = re.compile(r"/{2,}")
_SLUG = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")  # one already, in every mode
_HYPHENS = re.compile(r"-{2,}")
# What Jekyll's "pretty" slugs keep besides letters, marks and decimal digits.
_PRETTY = "._~!$&'()+,;=@"
# English whatever the machine's locale, as in Jekyll.
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December")  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class _Post(NamedTuple):
    """What placeholders are filled from, beside the date."""

    path: str
    word: str
    categories: Sequence[str]


def file_slug(path: str) -> str:
    """The word of a post's file name: without folder, day and suffix."""
    stem = path.rpartition("/")[2].rpartition(".")[0]
    return _DATED.sub("", stem, count=1) if _DATED.match(stem) else stem


def permalink(template: str, path: str, slug: str, categories: Sequence[str], moment: datetime | None) -> str:
    """The path of a post's page, percent-encoded, from the site's root.

    *template* is a style's name or a template; *slug* is front matter's, else the file's name gives it; *moment* is
    the post's, in the site's time zone. A placeholder that Jekyll does not know stays as it is.
    """
    post = _Post(path, slug or file_slug(path), categories)
    template = _STYLES.get(template, template)
    found = _PLACEHOLDER.sub(lambda match: _value(match[1], post, moment), template)
    found = f"/{found}".replace("..", "/").replace("./", "")
    return quote(_SLASHES.sub("/", found), safe="/:@!$&'()*+,;=~")


def _value(name: str, post: _Post, moment: datetime | None) -> str:
    """A placeholder's value; as in Jekyll, ``:year_`` is ``:year`` and an underscore."""
    stem = name.rstrip("_")
    if stem in _OF_POST:
        value = _OF_POST[stem](post)
    elif stem in _OF_MOMENT:
        value = _OF_MOMENT[stem](moment) if moment is not None else ""
    else:
        return f":{name}"
    return value + name[len(stem) :]


def _slugify(text: str, kept: str) -> str:
    if _SLUG.fullmatch(text):
        return text
    characters = (c if c in kept or unicodedata.category(c) in _LETTERS else "-" for c in text)
    return _HYPHENS.sub("-", "".join(characters)).strip("-")


_LETTERS = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd"})


# Worked out only where a template names them: every post has a page, and few templates name more than five.
_OF_POST: Mapping[str, Callable[[_Post], str]] = {
    "title": lambda post: _slugify(post.word, _PRETTY),
    "slug": lambda post: _slugify(post.word, "").lower(),
    "name": lambda post: _slugify(post.path.rpartition("/")[2].rpartition(".")[0], "").lower(),
    "categories": lambda post: "/".join(dict.fromkeys(category.lower() for category in post.categories)),
    "slugified_categories": lambda post: "/".join(dict.fromkeys(_slugify(c, "").lower() for c in post.categories)),
    "collection": lambda _: "posts",
    "output_ext": lambda _: ".html",
    "path": lambda post: post.path.rpartition(".")[0].rpartition("_posts/")[2],
}
_OF_MOMENT: Mapping[str, Callable[[datetime], str]] = {
    "year": lambda moment: f"{moment.year:04}",
    "short_year": lambda moment: f"{moment.year % 100:02}",
    "month": lambda moment: f"{moment.month:02}",
    "i_month": lambda moment: str(moment.month),
    "short_month": lambda moment: _MONTHS[moment.month - 1][:3],
    "long_month": lambda moment: _MONTHS[moment.month - 1],
    "day": lambda moment: f"{moment.day:02}",
    "i_day": lambda moment: str(moment.day),
    "y_day": lambda moment: f"{moment.timetuple().tm_yday:03}",
    "week": lambda moment: f"{moment.isocalendar().week:02}",
    "w_year": lambda moment: f"{moment.isocalendar().year:04}",
    "w_day": lambda moment: str(moment.isoweekday()),
    "short_day": lambda moment: _DAYS[moment.weekday()][:3],
    "long_day": lambda moment: _DAYS[moment.weekday()],
    "hour": lambda moment: f"{moment.hour:02}",
    "minute": lambda moment: f"{moment.minute:02}",
    "second": lambda moment: f"{moment.second:02}",
}
