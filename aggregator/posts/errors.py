"""What can be wrong with a post, and what with a whole store."""

from __future__ import annotations


class PostError(ValueError):
    """One file cannot be read as a post; the message completes "<file name>: …"."""


class PostStoreError(Exception):
    """The folder itself cannot be listed or watched; the message names it and what to do."""
