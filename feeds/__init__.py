"""Formats in and out, and publishing. Imports ``storage``.

Read ``document`` first, then ``reading`` (bytes to values), ``writing`` (values to bytes), ``publishing`` (where the
bytes go) and ``web`` (the server).
"""
