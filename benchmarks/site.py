"""A site of Feedmill's that is made of a generated store, and the commands that run on it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from benchmarks.running import Run, free_port, run
from benchmarks.store import write_store

if TYPE_CHECKING:
    from pathlib import Path

_SETTINGS = """
[site]
url = "http://127.0.0.1:{port}"
[storage]
url = "sqlite:///{out}/feedmill.db"
[publish]
directory = "{out}/public"
[server]
port = {port}
[[source]]
name = "posts"
kind = "posts"
path = "{store}"
"""


def prepare(folder: Path, posts: int, categories: int, size: int) -> Path:
    """Write a store of so many *posts* into *folder*, which is made, and the configuration that is returned."""
    folder.mkdir()
    write_store(folder / "store", posts, categories, size)
    return write_settings(folder, free_port())


def write_settings(folder: Path, port: int) -> Path:
    """Write a configuration that makes a site in *folder*``/out`` of the posts in *folder*``/store``."""
    config = folder / "feedmill.toml"
    config.write_text(_SETTINGS.format(port=port, out=folder / "out", store=folder / "store"))
    return config


def address(config: Path) -> str:
    """Where the site of that configuration is served."""
    return config.read_text().partition('url = "')[2].partition('"')[0]


def command(config: Path, *arguments: str) -> list[str]:
    """What runs Feedmill with *arguments* on that configuration."""
    return [sys.executable, "-m", "aggregator", "--config", str(config), *arguments]


def feedmill(config: Path, *arguments: str) -> Run:
    """Run a command to its end.

    Raises:
        SystemExit: it failed.
    """
    return run(command(config, *arguments))
