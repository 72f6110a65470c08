"""HTTP towards the sources: one document, safely, or one reason why not.

Read ``errors`` first (what can go wrong, and whose fault it is), then ``client`` (a request in, a document
out). ``address`` says which addresses are public, ``guard`` sees to it that no other is connected to,
``decoding`` undoes content encodings within bounds, ``urls`` and ``headers`` read what their names say, ``failures``
turns aiohttp's exceptions into ours. aiohttp takes a while to import: import ``client`` where a fetch is
about to be made; ``errors``, ``address`` and ``headers`` do without it.
"""
