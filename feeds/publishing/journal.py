"""What a publication moves where, written down before the first move, so that a crash in between is made up for."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from feeds.publishing.documents import HOME, OPML
from feeds.writing import pages
from feeds.writing.sitemap import NEWS_PATH, SITEMAP_PATH

if TYPE_CHECKING:
    from pathlib import Path

NAME = "journal.json"

# What a page needs goes before it, what is led to before what leads there.
_FIRST = {pages.STYLESHEET_PATH: 0, pages.SCRIPT_PATH: 0, "entry": 1, "archive": 2, "all": 2}
_LAST = dict.fromkeys((HOME, OPML, pages.SUBSCRIBE_PATH, SITEMAP_PATH, NEWS_PATH), 4)
_DEEP = 2
_FEEDS = 3


@dataclass(frozen=True, slots=True)
class Mark:
    """What a folder shows: the *change* of a *store*, in a *look* (site settings, templates). One that is *held* stays
    as it is until somebody publishes to it by hand.
    """

    store: str
    change: int
    look: str
    held: bool = False

    def comes_before(self, now: Mark) -> bool:
        """Whether only what changed since is to be written; a store that was put back from a backup counts anew."""
        return (self.store, self.look) == (now.store, now.look) and self.change <= now.change

    @classmethod
    def read(cls, values: Any) -> Mark:
        """A mark as it was written.

        Raises:
            ValueError, KeyError, TypeError: these *values* are none.
        """
        return cls(values["store"], int(values["change"]), values["look"], values.get("held") is True)


class Move(NamedTuple):
    """A file that is to stand at *path*, is called *staged* until then, and *replaces* another or is new."""

    path: str
    staged: str
    replaces: bool


@dataclass(frozen=True, slots=True)
class Journal:
    """A publication: its moves, in their order, what is *gone* after them, and what the folder shows then.

    ``before`` is what it showed until then; None where it was new. One that *undoes* another keeps nothing of what it
    replaces.
    """

    moves: tuple[Move, ...]
    gone: tuple[str, ...]
    mark: Mark
    before: Mark | None
    undoes: bool = False

    @property
    def paths(self) -> list[str]:
        """Every path that it touches."""
        return [*(move.path for move in self.moves), *self.gone]

    def write(self, folder: Path) -> None:
        """Put it into *folder*, whole or not at all; it is on the disk afterwards."""
        values = {
            "moves": self.moves,
            "gone": self.gone,
            "mark": asdict(self.mark),
            "before": asdict(self.before) if self.before else None,
            "undoes": self.undoes,
        }
        temporary = folder / f"{NAME}.new"
        with temporary.open("w") as file:
            file.write(json.dumps(values))  # orjson refuses names that are not UTF-8, which strangers' files can have
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(folder / NAME)

    @classmethod
    def read(cls, folder: Path) -> Journal | None:
        """The one in *folder*; None where there is none.

        Raises:
            ValueError, KeyError, TypeError: it is damaged.
        """
        try:
            values = json.loads((folder / NAME).read_bytes())
        except FileNotFoundError:
            return None
        return cls(
            moves=tuple(Move(*one) for one in values["moves"]),
            gone=tuple(values["gone"]),
            mark=Mark.read(values["mark"]),
            before=Mark.read(values["before"]) if values["before"] else None,
            undoes=values["undoes"],
        )


def rank(path: str) -> int:
    """When a file is put in its place, among others: nothing leads to what is not there yet."""
    if path.count("/") >= _DEEP:  # pages of a category's archive, and of all that it holds
        return _FIRST["archive"]
    return _LAST.get(path) or _FIRST.get(path.partition("/")[0], _FEEDS)
