"""The parts of a running site as processes of their own, on as many machines as wanted, with PostgreSQL between them.

``leader`` decides what is due and hands it out, ``worker`` does it (what that is, ``aggregator.jobs`` says: the very
functions that ``aggregator.scheduler`` calls where everything is one process), ``web`` answers. ``endpoint`` is where
each tells how it does, and ``running`` how each begins and ends.
"""
