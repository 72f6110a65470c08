from __future__ import annotations

import http.client
import ipaddress
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from benchmarks.process_tree import size_of, watched
from benchmarks.pulling import LARGEST, READER, prepare, pulled, serving
from benchmarks.pulls.feeds import ENTRIES, Served, addresses, feed
from benchmarks.pulls.report import ROUNDS, Report, parsed
from benchmarks.pulls.server import Answers
from feeds.reading import read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SOURCES = 3
NUMBERS = range(24)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving(SOURCES) as port:
        yield port


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, port: int) -> Path:
    folder = tmp_path_factory.mktemp("pulling")
    prepare(folder, addresses(SOURCES, port))
    return folder


@pytest.mark.parametrize("number", NUMBERS)
def test_a_feed_is_read_whole(number: int) -> None:
    served = feed(number)
    document = read(served.body)
    assert document.problems == ()
    assert not document.lenient
    assert len(document.entries) == ENTRIES
    assert 30_000 < len(served.body) < 90_000
    assert all(entry.content and entry.title and entry.published and entry.categories for entry in document.entries)
    assert len({term.term for entry in document.entries for term in entry.categories}) <= 6


def test_feeds_are_the_same_every_time_and_all_different() -> None:
    assert feed(7) == feed(7)
    served = [feed(number) for number in NUMBERS]
    texts = [entry.content.value for one in served for entry in read(one.body).entries if entry.content]
    assert len(set(texts)) == len(NUMBERS) * ENTRIES
    assert len({one.etag for one in served}) == len(NUMBERS)
    assert {one.content_type.split(";")[0] for one in served} == {"application/rss+xml", "application/atom+xml"}


def test_a_few_sources_on_each_of_many_loopback_addresses() -> None:
    found = addresses(2_000, 8080)
    hosts = [urlsplit(address).hostname for address in found]
    assert len(set(found)) == 2_000
    assert {hosts.count(host) for host in set(hosts)} == {4}
    assert all(host and ipaddress.ip_address(host).is_loopback for host in hosts)


def test_the_server_answers_with_documents_and_304(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    answers = []
    for path, known in (("/0/feed", ""), ("/0/feed", feed(0).etag), ("/1/feed", feed(0).etag), ("/9/feed", "")):
        connection.request("GET", path, headers={"If-None-Match": known} if known else {})
        response = connection.getresponse()
        answers.append((response.status, response.read(), response.getheader("ETag")))
    connection.close()
    assert answers == [
        (200, feed(0).body, feed(0).etag),
        (304, b"", feed(0).etag),
        (200, feed(1).body, feed(1).etag),
        (404, b"", None),
    ]


def test_the_server_takes_requests_in_pieces(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        for piece in (b"GET /9/feed HTT", b"P/1.1\r\n\r", b"\nGET /8/feed HTTP/1.1\r\n\r\n"):
            connection.sendall(piece)
        received = b""
        while received.count(b"404 Not Found") < 2 or not received.endswith(b"\r\n\r\n"):
            received += connection.recv(1_000)
    assert received.count(b"HTTP/1.1") == 2


def test_the_server_counts_what_it_sent() -> None:
    answers = Answers([Served(b"text", "text/plain", '"a-tag"', "Sun, 01 Jun 2025 00:00:00 GMT")])
    answers.to(b"GET /0/feed HTTP/1.1")
    for _ in range(2):
        answers.to(b'GET /0/feed HTTP/1.1\r\nIf-None-Match: "a-tag"')
    assert answers.to(b"GET /tally HTTP/1.1").endswith(b'\r\n\r\n{"200": 1, "304": 2}')


@pytest.mark.slow
@pytest.mark.parametrize(
    "by",
    [
        "aiohttp",
        "feedmill",
        pytest.param("reader", marks=pytest.mark.skipif(not READER.exists(), reason="make bench installs reader")),
    ],
)
def test_everyone_pulls_everything_and_then_is_told_304(by: str, folder: Path, port: int) -> None:
    report = pulled(by, folder, port, SOURCES)
    assert report.first > 0
    assert report.again > 0
    assert 10**7 < report.memory < LARGEST
    if by == "feedmill":
        assert report.published > 0
        assert len(list((folder / "public" / "entry").glob("*.html"))) == SOURCES * ENTRIES


def test_who_does_not_ask_for_everything_is_not_compared(folder: Path, port: int) -> None:
    expected = {"200": SOURCES + 1, "304": (SOURCES + 1) * ROUNDS}
    with pytest.raises(SystemExit, match=rf"aiohttp was sent .*, not {expected}"):
        pulled("aiohttp", folder, port, SOURCES + 1)


def test_who_fails_is_told_of(tmp_path: Path, port: int) -> None:
    prepare(tmp_path, [f"http://127.0.0.1:{port}/9/feed"])
    with pytest.raises(SystemExit, match=r"(?s)feedmill ended with 1:.*source0: failed.*404"):
        pulled("feedmill", tmp_path, port, 1)


def test_a_report_goes_from_process_to_process(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report(first=1.5, again=0.25, memory=10**8, published=2.0)
    report.write()
    assert parsed(capsys.readouterr().out) == report


def test_memory_is_of_a_process_and_of_those_it_began() -> None:
    child = "import sys; held = bytearray(b'x') * 40_000_000; sys.stdin.read()"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    with subprocess.Popen([sys.executable, "-c", parent], stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        with watched(process.pid) as sizes:
            while sizes[-1] < 40_000_000:
                time.sleep(0.05)
        process.stdin.close()
    assert size_of(process.pid) == 0
