"""Sources by the names that were typed."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aggregator.config import Config
    from aggregator.settings import SourceSettings

# More than these are no help in a sentence.
_MOST = 20


def named(config: Config, names: Iterable[str]) -> list[SourceSettings]:
    """The sources of these *names*, each once.

    Raises:
        ConfigError: there is none of such a name; the message tells which are near.
    """
    from aggregator.config import ConfigError

    known = {source.name: source for source in config.source}
    for name in names:
        if name not in known:
            raise ConfigError(f"there is no source named {name!r}; {_hint(name, list(known))}")
    return [known[name] for name in dict.fromkeys(names)]


def _hint(name: str, known: list[str]) -> str:
    folded = {other.casefold(): other for other in known}
    if near := get_close_matches(name.casefold(), folded, cutoff=0.7):
        return f"do you mean {' or '.join(repr(folded[other]) for other in near)}?"
    if len(known) > _MOST:
        return "feedmill source list names all"
    return f"there are: {', '.join(sorted(known)) or 'none'}"
