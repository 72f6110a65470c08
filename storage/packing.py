"""How values go from one process to another: by their fields alone, in a third of the time that dataclasses take."""

from __future__ import annotations

from functools import cache
from operator import attrgetter
from typing import Any, cast


class Packed:
    """A frozen dataclass with slots that is pickled, and copied, by its fields in their order."""

    __slots__ = ()

    def __reduce__(self) -> tuple[type, tuple[Any, ...]]:
        kind: type = type(self)
        return kind, _fields_of(kind)(self)


@cache
def _fields_of(kind: type) -> attrgetter[tuple[Any, ...]]:
    names = cast("tuple[str, ...]", vars(kind)["__match_args__"])  # a dataclass has it
    assert len(names) > 1, f"{kind} has too few fields to be packed"  # noqa: S101
    return attrgetter(*names)
