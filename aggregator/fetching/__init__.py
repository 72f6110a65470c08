"""HTTP towards the sources: one document, safely, or one reason why not.

Read ``errors`` first (what can go wrong, and whose fault it is), then ``request`` (what is asked for, what comes back)
and ``client`` (how one becomes the other, hop by hop). What ``client`` puts together:

- ``urls``, ``headers`` and ``access``: where we go, what single header fields say, what lets us in;
- ``politeness`` and ``patience``: whose turn it is, and whom nobody asks for now;
- ``address`` and ``guard``: which addresses are public, and that no other is connected to; ``resolver`` looks names up;
- ``connections``: what aiohttp leaves open is bounded; ``failures``: its exceptions turned into ours;
- ``answers`` and ``decoding``: a body read to its end, content encodings undone within bounds.

aiohttp takes a while to import: import ``client`` where a fetch is about to be made; ``errors``, ``request``,
``address`` and ``headers`` do without it.
"""
