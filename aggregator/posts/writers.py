"""Whether somebody has a file open to write, as far as the system knows: Linux does, of files on its own disks."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

# What is written to on another machine as well is not known here: file systems of a network, or of a machine's host.
_OWN: Final = frozenset({"btrfs", "ext2", "ext3", "ext4", "f2fs", "overlay", "tmpfs", "xfs", "zfs"})
_MOUNTS = Path("/proc/self/mountinfo")
# EAGAIN: somebody has it open. EACCES: it is another user's. EINVAL, ENOLCK: the file system has no leases.
_NO_LEASE: Final = frozenset({errno.EAGAIN, errno.EACCES, errno.EINVAL, errno.ENOLCK})


@contextmanager
def held_from_writers(descriptor: int, device: int) -> Iterator[bool]:
    """Whether nobody has the file open to write; then nobody has until the block ends, and who tries waits so long.

    *descriptor* is open for reading, of a file on *device*. False where the system cannot say.
    """
    # fcntl(2): a read lease is given where nobody has the file open to write, and whoever opens it waits for the lease.
    held = _is_own(device) and _leased(descriptor)
    try:
        yield held
    finally:
        if held:
            fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)


def _leased(descriptor: int) -> bool:
    try:
        # Who opens the file has the system tell us so, by a signal that would end the process; this one does nothing.
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except OSError as error:
        if error.errno not in _NO_LEASE:
            raise
        return False
    return True


@lru_cache(maxsize=16)
def _is_own(device: int) -> bool:
    """Whether *device* is a disk of this machine: what is written there, its system knows."""
    if not hasattr(fcntl, "F_SETLEASE"):  # only Linux has leases
        return False
    name = f"{os.major(device)}:{os.minor(device)}"
    # proc(5): the third field is the device, the one after the hyphen the kind of file system.
    mounts = (line.split() for line in _MOUNTS.read_text(errors="surrogateescape").splitlines())
    kinds = {fields[fields.index("-") + 1] for fields in mounts if fields[2] == name}
    return bool(kinds) and kinds <= _OWN
