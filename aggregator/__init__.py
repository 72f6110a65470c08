"""Pulling, normalising, scheduling, commands. Imports ``feeds`` and ``storage``.

Read ``ingest`` first: it is the only file that orders the stages. Then ``identity``, ``clean_html`` and ``normalise``
(a source's words become an entry), ``resolve`` and ``keep`` (all copies of it become what is held), ``fetching`` and
``posts`` (where the words come from), ``pulling`` and ``schedule`` (one pull, and when the next is), ``scheduler``
(what runs when), ``mill`` (the parts, put together) and ``cli.main`` (the commands).
"""
