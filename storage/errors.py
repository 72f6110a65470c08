"""What can be wrong with a store, as errors that name the thing and what to do."""

from __future__ import annotations


class StorageError(Exception):
    """The database cannot be used; the message is a sentence for people."""


class NewerDatabaseError(StorageError):
    """The database was written by a later Feedmill."""


class DamagedDatabaseError(StorageError):
    """The file is not a database, or its pages are broken. It is left as it is."""


class ForeignDatabaseError(StorageError):
    """The database belongs to another program. It is left as it is."""
