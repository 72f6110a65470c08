"""Editing ``feedmill.toml``, the only truth about sources.

The new text is read as a whole before it takes the old one's place, at once and with the same permissions. What would
not give just what was asked for leaves the file as it is.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aggregator.config import ConfigError, parse_config, read_text
from aggregator.source_tables import TextError, with_address, with_paused, with_sources, without_sources

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from aggregator.config import Config
    from aggregator.settings import SourceSettings


def add_sources(path: Path, tables: Sequence[Mapping[str, Any]]) -> Config:
    """Write *tables*, settings of sources as in the file, at the end of the configuration at *path*.

    Returns:
        The new configuration.

    Raises:
        ConfigError: a setting is wrong, or the file cannot be edited; nothing was changed.
    """

    def as_asked(before: tuple[SourceSettings, ...], after: tuple[SourceSettings, ...]) -> bool:
        added = [source.name for source in after[len(before) :]]
        return after[: len(before)] == before and added == [table["name"] for table in tables]

    return _edit(path, lambda text: with_sources(text, tables), as_asked)


def remove_sources(path: Path, names: Collection[str]) -> Config:
    """Take the sources of these *names* out of the configuration at *path*.

    Returns:
        The new configuration.

    Raises:
        ConfigError: the file cannot be edited, or is wrong without them; nothing was changed.
    """

    def as_asked(before: tuple[SourceSettings, ...], after: tuple[SourceSettings, ...]) -> bool:
        return after == tuple(source for source in before if source.name not in names)

    return _edit(path, lambda text: without_sources(text, names), as_asked)


def pause_sources(path: Path, names: Collection[str], *, paused: bool) -> Config:
    """Pause the sources of these *names* in the configuration at *path*, or let them go on.

    Returns:
        The new configuration.

    Raises:
        ConfigError: the file cannot be edited; nothing was changed.
    """

    def as_asked(before: tuple[SourceSettings, ...], after: tuple[SourceSettings, ...]) -> bool:
        return after == tuple(
            source.model_copy(update={"paused": paused}) if source.name in names else source for source in before
        )

    return _edit(path, lambda text: with_paused(text, names, paused=paused), as_asked)


def move_source(path: Path, name: str, address: str) -> Config:
    """Give the source of that *name* in the configuration at *path* another *address*.

    Returns:
        The new configuration.

    Raises:
        ConfigError: the address is wrong, or the file cannot be edited; nothing was changed.
    """

    def as_asked(before: tuple[SourceSettings, ...], after: tuple[SourceSettings, ...]) -> bool:
        return after == tuple(
            source.model_copy(update={"url": address}) if source.name == name else source for source in before
        )

    return _edit(path, lambda text: with_address(text, name, address), as_asked)


def _edit(
    path: Path,
    change: Callable[[str], str],
    as_asked: Callable[[tuple[SourceSettings, ...], tuple[SourceSettings, ...]], bool],
) -> Config:
    text = read_text(path)
    before = parse_config(text, path)
    try:
        edited = change(text)
    except TextError as error:
        raise ConfigError(f"{path} {error}; nothing was changed") from error
    after = parse_config(edited, path)
    if not as_asked(before.source, after.source):
        # As if FEEDMILL_SOURCE in the environment went before what the file says.
        raise ConfigError(f"{path} cannot be edited to that effect; nothing was changed. Edit it by hand")
    if edited != text:
        _replace(path, text, edited)
    return after


def _replace(path: Path, text: str, edited: str) -> None:
    place = Path(os.path.realpath(path))  # a link stays one
    temporary = None
    try:
        with tempfile.NamedTemporaryFile(dir=place.parent, prefix=f".{place.name}.", delete=False) as file:
            temporary = Path(file.name)
            file.write(edited.encode())
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(place, temporary)
        _keep_owner(place, temporary)
        if read_text(place) != text:
            raise ConfigError(f"{path} was changed by someone else meanwhile; nothing was changed. Try again")
        temporary.replace(place)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}; nothing was changed") from error
    except UnicodeEncodeError as error:
        raise ConfigError(
            f"{path} cannot hold {error.object[error.start : error.end]!r}: it is no character"
        ) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _keep_owner(place: Path, temporary: Path) -> None:
    """As far as we may: only root gives files away."""
    status = place.stat()
    with suppress(PermissionError):
        os.chown(temporary, status.st_uid, status.st_gid)
