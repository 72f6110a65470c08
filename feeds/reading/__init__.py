"""Bytes in, ``feeds.document.SourceFeed`` out; no I/O, no clock.

Read ``detect`` first: it finds the encoding (``encoding``) and the format, and hands the document to ``rss``, ``atom``
or ``json_feed``. These say in a table which elements they understand; ``namespaces`` looks elements up in it,
``fields`` holds what the formats share, ``modules`` what modules mean in both, and ``draft`` what has been read so
far. ``mend`` makes well-formed what is not, and ``lenient`` (feedparser) is for the little that it cannot. ``limits``
says how much a document may be; ``web_page`` finds the feeds that a page names.
"""

from feeds.reading.detect import read
from feeds.reading.errors import FeedSyntaxError

__all__ = ["FeedSyntaxError", "read"]
