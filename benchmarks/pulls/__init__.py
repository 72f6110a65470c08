"""Pulling, measured: the feeds, the server that has them, and everyone who pulls them, each in a process of its own.

``feeds`` ─► ``server`` ─► ``with_aiohttp``, ``with_feedmill``, ``with_reader`` ─► ``report`` ─► ``benchmarks.pulling``
"""
