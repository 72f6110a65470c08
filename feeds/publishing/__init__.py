"""Where the bytes go: ``documents`` renders what is stored and remembers it, ``static_site`` writes it as files.

Of the latter, ``touched`` says what is to be rendered, ``staging`` holds it, ``folder`` swaps it in by a ``journal``
and takes it back, ``validation`` reads it in a rehearsal, and ``upload`` brings what is ``owed`` to another place.

The server in ``feeds.web`` answers from ``documents`` too, so that a file and an answer are the same bytes.
"""
