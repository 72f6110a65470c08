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
from benchmarks.pulling import measure, prepare, pulled, serving
from benchmarks.pulls.feeds import ENTRIES, Served, addresses, feed
from benchmarks.pulls.report import ROUNDS, Report, parsed
from benchmarks.pulls.server import Answers
from benchmarks.pulls.with_prototype import rows
from benchmarks.running import BENCH_PYTHON, run
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
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pulling")


@pytest.mark.parametrize("number", range(4))
def test_the_prototype_reads_what_is_served(number: int) -> None:
    read_whole = {entry.title.value for entry in read(feed(number).body).entries if entry.title}
    found = rows("http://here.example/", feed(number).body)
    assert {row[2] for row in found} == read_whole
    assert len(found) == ENTRIES
    assert all(len(row) == 8 and all(row) for row in found)


@pytest.mark.slow
def test_what_is_told_of_pulling(folder: Path, port: int) -> None:
    first, again = measure(folder, port, SOURCES, rounds=1)
    assert all(job.ratio(line) for job in (first, again) for line in job.lines if line.beside)
    unknown = [goal.of for job in (first, again) for goal in job.goals if job.reached(goal) is None]
    assert unknown == ([] if BENCH_PYTHON.exists() else ["reader, stored, nothing published"])


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
        "prototype",
        "feedmill",
        pytest.param(
            "reader", marks=pytest.mark.skipif(not BENCH_PYTHON.exists(), reason="make bench installs reader")
        ),
    ],
)
def test_everyone_pulls_everything_and_then_is_told_304(by: str, folder: Path, port: int) -> None:
    report = pulled(by, folder / by, port, SOURCES)
    assert report.first > 0
    assert len(report.again) == ROUNDS
    assert min(report.again) > 0
    assert 10**7 < report.memory < 512 * 10**6
    if by == "feedmill":
        assert report.published > 0
        assert len(list((folder / by / "public" / "entry").glob("*.html"))) == SOURCES * ENTRIES


def test_who_does_not_ask_for_everything_is_not_compared(
    folder: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.pulling.ROUNDS", ROUNDS + 1)
    expected = {"200": SOURCES, "304": SOURCES * (ROUNDS + 1)}
    with pytest.raises(SystemExit, match=rf"aiohttp was sent .*, not {expected}"):
        pulled("aiohttp", folder / "aiohttp", port, SOURCES)


def test_who_fails_is_told_of(tmp_path: Path, port: int) -> None:
    prepare(tmp_path, [f"http://127.0.0.1:{port}/9/feed"])
    with pytest.raises(SystemExit, match=r"(?s)with_feedmill .*ended with 1:.*source0: failed.*404"):
        run([sys.executable, "-m", "benchmarks.pulls.with_feedmill", tmp_path])


def test_a_report_goes_from_process_to_process(capsys: pytest.CaptureFixture[str]) -> None:
    report = Report(first=1.5, again=(0.25, 0.5), memory=10**8, published=2.0)
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
