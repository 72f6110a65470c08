"""Where the bytes go: ``documents`` renders what is stored and remembers it, ``static_site`` writes it as files.

The server in ``feeds.web`` answers from ``documents`` too, so that a file and an answer are the same bytes.
"""
