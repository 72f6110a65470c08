"""Sources that are not feeds, and texts that are not in them: bytes and settings in, a ``SourceFeed`` out.

Read in this order: ``choice`` (which reader a source has), ``paths`` and ``json_list``, ``post_shape``, ``selectors``
and ``page``, ``dates``; then ``texts`` (what is fetched for single entries, the only file that does I/O) and
``full_text`` (an article out of its page).
"""
