"""Pulling, normalising, scheduling, commands. Imports ``feeds`` and ``storage``.

Read ``ingest`` first: it is the only file that orders the stages. Then ``identity``, ``clean_html`` and ``normalise``
(a source's words become an entry), ``fetching`` and ``posts`` (where the words come from), ``schedule`` (when), and
``cli.main`` (where everything is put together).
"""
