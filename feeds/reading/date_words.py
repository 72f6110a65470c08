"""The words in dates: months, zones, eras, parts of the day, in the languages that feeds write them in.

Every word stands as ``simplified`` leaves it: in lower case and without accents.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Final

# By as many letters as tell them apart; longer beginnings are looked up first.
_MONTHS: Final = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11,
    "dec": 12,
    # German, Dutch, French, Italian, Spanish, Portuguese, Hungarian, where they differ
    "mai": 5, "okt": 10, "dez": 12, "mrt": 3, "maa": 3, "mei": 5, "fev": 2, "avr": 4, "juin": 6, "juil": 7, "aou": 8,
    "gen": 1, "mag": 5, "giu": 6, "lug": 7, "ago": 8, "set": 9, "ott": 10, "dic": 12, "ene": 1, "abr": 4, "out": 10,
    "apri": 4, "maju": 5, "sze": 9,
    # Greek, with the forms that wrong tables of characters have made of March and June
    "ιαν": 1, "φεβ": 2, "μαρ": 3, "μαω": 3, "απρ": 4, "μαι": 5, "ιουν": 6, "ιον": 6, "ιουλ": 7, "ιολ": 7, "αυγ": 8,
    "σεπ": 9, "οκτ": 10, "νοε": 11, "δεκ": 12,
    # Russian
    "янв": 1, "фев": 2, "мар": 3, "апр": 4, "мая": 5, "маи": 5, "июн": 6, "июл": 7, "авг": 8, "сен": 9, "окт": 10,
    "ноя": 11, "дек": 12,
}  # fmt: skip

# Hours east of Greenwich: RFC 822's names (5.1), among them the military letters that it explains, and those of other
# zones that mean only one thing. All other letters say nothing of the zone (RFC 5322, 4.3), which is UTC.
_ZONES: Final = {
    "a": -1, "m": -12, "n": 1, "y": 12, **dict.fromkeys("bcdefghiklopqrstuvwxz", 0),
    "ut": 0, "utc": 0, "gmt": 0, "etc/gmt": 0, "etc/utc": 0, "wet": 0, "west": 1,
    "adt": -3, "ast": -4, "at": -4, "edt": -4, "est": -5, "et": -5, "cdt": -5, "cst": -6, "ct": -6, "mdt": -6,
    "mst": -7, "mt": -7, "pdt": -7, "pst": -8, "pt": -8, "akdt": -8, "akst": -9, "hst": -10, "bst": 1, "cet": 1,
    "cest": 2, "met": 1, "mest": 2, "eet": 2, "eest": 3, "msk": 3, "sast": 2, "ict": 7, "wib": 7, "hkt": 8, "sgt": 8,
    "awst": 8, "jst": 9, "kst": 9, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13, "北京时间": 8, "日本时间": 9,
}  # fmt: skip
_AFTERNOON: Final = frozenset({"pm", "下午", "午後", "午后", "傍晚", "晚上", "晚间", "오후"})
# "1 at noon" is 13:00, "11 at noon" is before it.
_NOON: Final = "中午"
# The year before an era's first.
ERAS: Final = {"令和": 2018, "平成": 1988, "昭和": 1925, "民国": 1911, "民國": 1911}
# Where only one country writes so, the words tell the zone.
_ONE_ZONE: Final = timezone(timedelta(hours=9))
_ONE_ZONE_WORDS: Final = re.compile("년|월|일|오전|오후|令和|平成|昭和|午前|午後")

_CHINESE_NUMBER: Final = re.compile("[〇零一二三四五六七八九十]+(?=[年月日号號时時点點分秒])")
_CHINESE_DIGITS: Final = str.maketrans("〇零一二三四五六七八九", "00123456789")
_INVISIBLE: Final = frozenset({"Mn", "Cf"})


def simplified(text: str) -> str:
    """*text* in lower case, without accents, wide forms, invisible marks, Chinese numerals and needless white space."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
        kept = (c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) not in _INVISIBLE)
        text = unicodedata.normalize("NFC", "".join(kept)).replace("\u2212", "-").replace("元年", "1年")
        text = _CHINESE_NUMBER.sub(_digits, text)
    return " ".join(text.lower().split())


def _digits(match: re.Match[str]) -> str:
    """二〇二六 is 2026, 二十三 is 23, 十 is 10."""
    number = match[0]
    tens, ten, ones = number.partition("十")
    if ten:
        number = f"{tens or '一'}{ones or '〇'}"
    return number.translate(_CHINESE_DIGITS)


def month_of(word: str) -> int | None:
    """The month that *word* names, as a number or in letters."""
    if word.isdigit():
        return int(word)
    return _MONTHS.get(word[:4]) or _MONTHS.get(word[:3])


def hour_of(hour: int, half: str) -> int:
    """The hour of the day of an *hour* with the words beside it, such as ``pm`` and 下午."""
    half = half.replace(".", "")
    if half in _AFTERNOON or (half == _NOON and hour < 10):
        return hour + 12 if hour < 12 else hour
    return 0 if half and half != _NOON and hour == 12 else hour


def implied_zone(text: str) -> tzinfo | None:
    """The zone of the one country that writes dates with the words of *text*: Korea, or Japan."""
    return _ONE_ZONE if not text.isascii() and _ONE_ZONE_WORDS.search(text) else None


@lru_cache(maxsize=256)
def zone_of(text: str) -> tzinfo | None:
    """The zone of an offset (``+08:00``, ``gmt+8``) or a name; None for a name that is not known.

    Raises:
        ValueError: the offset is a day or more.
    """
    sign = max(text.find("+"), text.find("-"))
    if sign < 0:
        hours = _ZONES.get(text)
        return None if hours is None else timezone(timedelta(hours=hours)) if hours else UTC
    numbers = text[sign + 1 :].replace(":", "").strip()
    numbers = numbers.zfill(len(numbers) + len(numbers) % 2).ljust(6, "0")
    offset = timedelta(hours=int(numbers[:2]), minutes=int(numbers[2:4]), seconds=int(numbers[4:]))
    return timezone(-offset if text[sign] == "-" else offset) if offset else UTC
