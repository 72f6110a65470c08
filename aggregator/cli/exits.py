"""What exit codes mean."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """An exit code of ``feedmill``."""

    WELL = 0
    BROKEN = 1
    """The store, the output folder or the address of the server cannot be used."""
    WRONG_USE = 2
    """The configuration or the command line is wrong; nothing was done."""
    SOURCE_FAILED = 3
    """Some source or the upload failed, or something is not as it should be; all the rest was done."""
