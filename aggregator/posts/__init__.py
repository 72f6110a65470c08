"""A Jekyll folder in, source entries out.

Read ``post`` first: one file's bytes become a ``SourceEntry``. It asks ``front_matter`` (the head), ``body`` (what is
not content is taken off the end), ``markdown``, ``dates`` and ``permalink`` (Jekyll's rules). ``jekyll`` reads what the
folder says of itself, ``files`` lists and reads its posts, ``watch`` tells which of them change.
"""
