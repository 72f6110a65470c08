"""Settings whose values stand in files: ``FEEDMILL_STORAGE__URL_FILE=/run/secrets/url`` is what is written there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class FileSettingError(Exception):
    """A file of the environment cannot be read; the message is a sentence for people."""


_PREFIX, _SUFFIX = "feedmill_", "_file"
# Settings of these names are files themselves.
_OWN = ("__ca_file",)


def with_files(variables: Mapping[str, str | None]) -> dict[str, str | None]:
    """*variables* of the environment (names in lower case), with those that name files as what these hold.

    The line end that editors leave behind is no part of a value.

    Raises:
        FileSettingError: such a file cannot be read.
    """
    found = dict(variables)
    for name, path in variables.items():
        if path and name.startswith(_PREFIX) and name.endswith(_SUFFIX) and not name.endswith(_OWN):
            del found[name]
            try:
                found[name.removesuffix(_SUFFIX)] = Path(path).read_text().rstrip("\r\n")
            except (OSError, UnicodeDecodeError) as error:
                reason = error.strerror if isinstance(error, OSError) else error
                raise FileSettingError(f"{name.upper()} in the environment: {path} cannot be read: {reason}") from error
    return found
