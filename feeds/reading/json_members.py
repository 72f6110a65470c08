"""The members of JSON objects, by the type that they should have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from feeds.reading.draft import Problems

# What JSON gives: members are looked at one by one, so their types are not known before.
_Object = dict[str, Any]


class Members:
    """The members of one object, by the type that the format gives them; others are noted as problems."""

    def __init__(self, members: _Object, where: str, problems: Problems) -> None:
        self._members = members
        self._where = where
        self.problems = problems

    def text(self, name: str) -> str:
        """A string without white space at its ends, empty where there is none."""
        value = self._get(name, str)
        return value.strip() if isinstance(value, str) else ""

    def texts(self, name: str) -> list[str]:
        """The strings of a list."""
        return [value.strip() for value in self._each(name, str)]

    def objects(self, name: str) -> list[Members]:
        """The objects of a list."""
        return [
            Members(value, f"{self._where}.{name}[{index}]", self.problems)
            for index, value in enumerate(self._each(name, dict))
        ]

    def object(self, name: str) -> Members | None:
        """An object, None where there is none."""
        value = self._get(name, dict)
        return Members(value, f"{self._where}.{name}", self.problems) if value is not None else None

    def number(self, name: str) -> int:
        """A number that is not negative, 0 where there is none."""
        value = self._get(name, (int, float))
        return int(value) if value is not None and 0 <= value < 2**63 else 0

    def date(self, name: str) -> str:
        """A date as text; some write a number, which is a Unix time."""
        value = self._get(name, (str, int, float))
        return f"{value:.0f}" if isinstance(value, float) and abs(value) < 1e15 else str(value or "")

    def flag(self, name: str) -> bool | None:
        """True or false, None where it is neither."""
        value = self._members.get(name)
        return value if isinstance(value, bool) else None

    def id(self) -> str:
        """The id; a number is coerced to a string, as the format demands."""
        value = self._get("id", (str, int, float))
        return "" if value is None else str(value).strip()

    def _get(self, name: str, kind: type | tuple[type, ...]) -> Any:
        value = self._members.get(name)
        if value is None or (isinstance(value, kind) and not isinstance(value, bool)):
            return value
        self.problems.note(f"{self._where}.{name} is {_kind(value)}, which does not belong there: left out")
        return None

    def _each(self, name: str, kind: type) -> list[Any]:
        values = self._get(name, list) or []
        if any(not isinstance(value, kind) for value in values):
            self.problems.note(f"{self._where}.{name} holds values of the wrong type: left out")
        return [value for value in values if isinstance(value, kind)]


def _kind(value: object) -> str:
    names = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list", dict: "an object"}
    return names.get(type(value), "null")
