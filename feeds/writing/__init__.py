"""Values in, bytes out: feeds for programs and pages for people. The same values always give the same bytes.

A feed is a head, fragments and a tail. ``fragment`` renders one entry and depends on nothing but the entry, the
site and the names of the entry's categories, so its bytes can be kept for as long as those stay; ``document``
joins fragments. ``rss``, ``atom`` and ``json_feed`` have the same two functions.

Read ``text`` first (what may be written at all), then ``common`` (what every format says alike), ``rss``, ``atom``
and ``json_feed``, ``extension`` (what feedgen lacks or gets wrong), ``fragments`` (bytes of elements), ``plain`` (what
most entries are, without feedgen), ``opml`` (the list of all feeds) and ``pages`` (HTML).
"""
