"""Real files, held while others would write to them."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from aggregator.posts import writers
from aggregator.posts.writers import held_from_writers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux knows who has a file open")


@contextmanager
def opened(place: Path) -> Iterator[tuple[int, int]]:
    descriptor = os.open(place, os.O_RDONLY)
    try:
        yield descriptor, os.fstat(descriptor).st_dev
    finally:
        os.close(descriptor)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "a.md").write_text("text")
    return tmp_path / "a.md"


def test_a_file_that_nobody_writes_is_held(place: Path) -> None:
    with opened(place) as file:
        for _ in range(2):
            with held_from_writers(*file) as held:
                assert held


def test_a_file_that_somebody_writes_is_not(place: Path) -> None:
    with opened(place) as file:
        with place.open("a"), held_from_writers(*file) as held:
            assert not held
        with held_from_writers(*file) as held:
            assert held


def test_who_would_write_waits_and_the_process_lives_on(place: Path) -> None:
    begun, done = threading.Event(), threading.Event()

    def write() -> None:
        begun.set()
        with place.open("a") as file:
            file.write(" and more")
        done.set()

    writer = threading.Thread(target=write)
    with opened(place) as (descriptor, device):
        with held_from_writers(descriptor, device) as held:
            assert held
            writer.start()
            assert begun.wait(10)
            assert not done.wait(0.1)
            assert os.read(descriptor, 100) == b"text"
        writer.join(10)
    assert place.read_text() == "text and more"


@pytest.mark.parametrize("kind", ["nfs4", "9p", "fuse.sshfs", "virtiofs"])
def test_what_is_on_another_machine_is_not_known(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    device = place.stat().st_dev
    mounts = tmp_path / "mounts"
    mounts.write_text(f"36 35 {os.major(device)}:{os.minor(device)} / /mnt rw shared:1 - {kind} there rw\n")
    monkeypatch.setattr(writers, "_MOUNTS", mounts)
    writers._is_own.cache_clear()
    try:
        with opened(place) as file, held_from_writers(*file) as held:
            assert not held
    finally:
        writers._is_own.cache_clear()
