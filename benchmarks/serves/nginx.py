"""nginx with one worker, which serves a folder as it would a static site."""

from __future__ import annotations

import gzip
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

from benchmarks.running import tool

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SETTINGS = """
daemon off;
user root;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 1024; }}
http {{
    types {{ application/atom+xml atom; }}
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000;
    open_file_cache max=100;
    client_body_temp_path {folder}/temporary;
    proxy_temp_path {folder}/temporary;
    fastcgi_temp_path {folder}/temporary;
    uwsgi_temp_path {folder}/temporary;
    scgi_temp_path {folder}/temporary;
    server {{
        listen 127.0.0.1:{port};
        root {folder}/site;
        gzip_static {packed};
    }}
}}
"""


def find() -> Path | str:
    """Where nginx is; or a sentence that it is missing."""
    return tool("nginx", "nginx")


@contextmanager
def serving(nginx: Path, folder: Path, port: int, body: bytes) -> Iterator[tuple[int, str]]:
    """nginx, which serves *body* in plain and packed beforehand; its process and the path."""
    site = folder / "site"
    site.mkdir(parents=True)
    (site / "feed.atom").write_bytes(body)
    (site / "feed.atom.gz").write_bytes(gzip.compress(body, compresslevel=6))
    settings = folder / "nginx.conf"
    packed = "on" if _has_gzip_static(nginx) else "off; gzip on; gzip_types application/atom+xml"
    settings.write_text(_SETTINGS.format(folder=folder, port=port, packed=packed))
    with subprocess.Popen([nginx, "-c", str(settings), "-p", str(folder)], stderr=subprocess.DEVNULL) as process:
        try:
            yield process.pid, "/feed.atom"
        finally:
            process.terminate()


def _has_gzip_static(nginx: Path) -> bool:
    told = subprocess.run([nginx, "-V"], capture_output=True, text=True, check=True).stderr
    return "http_gzip_static_module" in told
