"""The server: an ASGI application that answers with published documents."""
