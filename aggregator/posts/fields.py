"""Front matter's values as a post needs them: texts, lists of words, truth, authors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from storage.entry import Author

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# YAML 1.1's words (yaml.org/type/bool.html), in any case.
_TRUTH = dict.fromkeys(("y", "yes", "true", "on"), True) | dict.fromkeys(("n", "no", "false", "off"), False)


@dataclass(frozen=True, slots=True)
class Fields:
    """Reads *values* by name; what has the wrong shape is added to *problems* and passed over."""

    values: Mapping[str, object]
    problems: list[str]

    def text(self, name: str) -> str:
        """One text; a list's texts are joined, for ``title: [快讯]`` is YAML's for a list."""
        value = self.values.get(name, "")
        if isinstance(value, str):
            return value.strip()
        return " ".join(self._flat(name, value))

    def truth(self, name: str) -> bool | None:
        """Yes, no, or None where it is neither."""
        return _TRUTH.get(self.text(name).lower())

    def words(self, plural: str, singular: str) -> tuple[str, ...]:
        """Jekyll's categories and tags: a plural's text is split at white space, a list's and a singular's are not."""
        value = self.values.get(plural, "")
        words = value.split() if isinstance(value, str) else list(self._flat(plural, value))
        words += self._flat(singular, self.values.get(singular, ""))
        return tuple(dict.fromkeys(words))

    def authors(self) -> tuple[Author, ...]:
        """``author`` and ``authors``: names, mappings with a name, or lists of both."""
        found: list[Author] = []
        for name in ("author", "authors"):
            value = self.values.get(name, "")
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, dict):
                    part = Fields(one, self.problems)
                    found.append(Author(part.text("name"), part.text("email"), part.text("uri") or part.text("url")))
                else:
                    found += map(Author, self._flat(name, one))
        return tuple(dict.fromkeys(author for author in found if author.name))

    def _flat(self, name: str, value: object) -> Iterator[str]:
        """The texts of a list and of the lists in it."""
        if isinstance(value, str):
            if value.strip():
                yield value.strip()
        elif isinstance(value, list):
            for one in value:
                yield from self._flat(name, one)
        else:
            self.problems.append(f"{name}: a mapping stands where a text or a list is expected; it is passed over")
