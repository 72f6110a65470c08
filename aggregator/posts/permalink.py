"""Where Jekyll puts a post: permalink templates and their placeholders (jekyllrb.com/docs/permalinks)."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
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
_DATE_PARTS = ("year", "short_year", "month", "i_month", "short_month", "long_month", "day", "i_day", "y_day",
    "week", "w_year", "w_day", "short_day", "long_day", "hour", "minute", "second")  # fmt: skip
# English whatever the machine's locale, as in Jekyll.
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December")  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def file_slug(path: str) -> str:
    """The word of a post's file name: without folder, day and suffix."""
    stem = path.rpartition("/")[2].rpartition(".")[0]
    return _DATED.sub("", stem, count=1) if _DATED.match(stem) else stem


def permalink(template: str, path: str, slug: str, categories: Sequence[str], moment: datetime | None) -> str:
    """The path of a post's page, percent-encoded, from the site's root.

    *template* is a style's name or a template; *slug* is front matter's, else the file's name gives it; *moment* is
    the post's, in the site's time zone. A placeholder that Jekyll does not know stays as it is.
    """
    word = slug or file_slug(path)
    values = {
        "title": _slugify(word, _PRETTY),
        "slug": _slugify(word, "").lower(),
        "name": _slugify(path.rpartition("/")[2].rpartition(".")[0], "").lower(),
        "categories": "/".join(dict.fromkeys(category.lower() for category in categories)),
        "slugified_categories": "/".join(dict.fromkeys(_slugify(c, "").lower() for c in categories)),
        "collection": "posts",
        "output_ext": ".html",
        "path": path.rpartition(".")[0].rpartition("_posts/")[2],
        **_parts(moment),
    }
    found = _PLACEHOLDER.sub(lambda match: _value(match[1], values), _STYLES.get(template, template))
    found = f"/{found}".replace("..", "/").replace("./", "")
    return quote(_SLASHES.sub("/", found), safe="/:@!$&'()*+,;=~")


def _value(name: str, values: Mapping[str, str]) -> str:
    """A placeholder's value; as in Jekyll, ``:year_`` is ``:year`` and an underscore."""
    stem = name.rstrip("_")
    return values[stem] + name[len(stem) :] if stem in values else f":{name}"


def _parts(moment: datetime | None) -> dict[str, str]:
    if moment is None:
        return dict.fromkeys(_DATE_PARTS, "")
    iso_year, week, weekday = moment.isocalendar()
    return {
        "year": f"{moment.year:04}",
        "short_year": f"{moment.year % 100:02}",
        "month": f"{moment.month:02}",
        "i_month": str(moment.month),
        "short_month": _MONTHS[moment.month - 1][:3],
        "long_month": _MONTHS[moment.month - 1],
        "day": f"{moment.day:02}",
        "i_day": str(moment.day),
        "y_day": f"{moment.timetuple().tm_yday:03}",
        "week": f"{week:02}",
        "w_year": f"{iso_year:04}",
        "w_day": str(weekday),
        "short_day": _DAYS[weekday - 1][:3],
        "long_day": _DAYS[weekday - 1],
        "hour": f"{moment.hour:02}",
        "minute": f"{moment.minute:02}",
        "second": f"{moment.second:02}",
    }


def _slugify(text: str, kept: str) -> str:
    if _SLUG.fullmatch(text):
        return text
    characters = (c if c in kept or unicodedata.category(c) in _LETTERS else "-" for c in text)
    return _HYPHENS.sub("-", "".join(characters)).strip("-")


_LETTERS = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd"})
