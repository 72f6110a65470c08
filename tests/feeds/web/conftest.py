"""The application over the store that publishing is tested with, in this process and on a wire."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
import uvicorn
from starlette.testclient import TestClient

from feeds.publishing.documents import Documents
from feeds.publishing.rendering import Renderer
from feeds.web.app import application
from feeds.web.quick import Quick
from tests.feeds.publishing.conftest import documents, empty, fill, folder, renderer, shelf
from tests.feeds.publishing.shelf import ODD_SLUGS, SITE, Shelf, made
from tests.feeds.web.visitors import house

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["documents", "empty", "folder", "house", "renderer", "shelf"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came over the wire; names of fields in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


class Ask:
    """A real server, and questions to it in exactly these bytes."""

    def __init__(self, shelf: Shelf, documents: Documents, port: int) -> None:
        self.shelf = shelf
        self.documents = documents
        self._port = port

    def __call__(self, target: bytes, *fields: bytes, method: bytes = b"GET", host: bytes = b"127.0.0.1") -> Answer:
        lines = [method + b" " + target + b" HTTP/1.1", b"Host: " + host, *fields, b"Connection: close", b"", b""]
        said = b""
        with socket.create_connection(("127.0.0.1", self._port), timeout=30) as wire:
            # A server that refuses what is too long does not wait for its end.
            with contextlib.suppress(ConnectionError):
                wire.sendall(b"\r\n".join(lines))
            with contextlib.suppress(ConnectionError):
                while part := wire.recv(65_536):
                    said += part
        if not said:
            return Answer(400, {}, b"")
        head, _, body = said.partition(b"\r\n\r\n")
        status, *rest = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
        return Answer(int(status.split(" ")[1]), headers, body)


@pytest.fixture(scope="module")
def client(ask: Ask) -> Iterator[TestClient]:
    app = application(ask.documents, SITE)
    with TestClient(app, follow_redirects=False, raise_server_exceptions=True) as client:
        client.headers["accept-encoding"] = "identity"
        yield client


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """A server for all tests of a file: none of them changes what is published."""
    shelf = fill(Shelf(tmp_path_factory.mktemp("wire") / "mill.db"))
    shelf.put(*(made(number, slug) for number, slug in enumerate(ODD_SLUGS, 100)))
    documents = Documents(shelf.database, Renderer(SITE))
    app = Quick(application(documents, SITE), shelf.database.stamp)
    settings = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(settings)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield Ask(shelf, documents, port)
        server.should_exit = True
        thread.join(30)
    shelf.database.close()
