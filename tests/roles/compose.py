"""The services of ``docker-compose.yml`` as plain processes: the same commands, the same settings, read from there.

What a container has of its own is given to each process instead: folders for volumes and mounts, files for secrets,
a free port for 8080, a PostgreSQL and an nginx that are installed here.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

import yaml

from tests.roles.processes import PATIENCE, ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = ROOT / "docker-compose.yml"
NGINX = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
_SHORTEST = 0.2


def services() -> dict[str, dict[str, Any]]:
    """All of them, by name."""
    found: dict[str, dict[str, Any]] = yaml.safe_load(FILE.read_text())["services"]
    return found


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


class Plain:
    """One of the processes of a service."""

    def __init__(self, name: str, service: Mapping[str, Any], folder: Path, number: int) -> None:
        self.name, self.service, self.port = f"{name}-{number}", service, free_port()
        self.log = folder / f"{self.name}.log"
        self._places = {
            "/site": str(folder / "site"),
            "/public": str(folder / "public"),
            "/data": str(folder / "data"),
            "/run/secrets": str(folder / "secrets"),
            "8080": str(self.port),
        }
        said = {key: self.here(value) for key, value in service.get("environment", {}).items()}
        kept = {key: value for key, value in os.environ.items() if not key.startswith("FEEDMILL_")}
        # What the image sets.
        own = {"FEEDMILL_SERVER__HOST": "127.0.0.1", "FEEDMILL_SERVER__PORT": str(self.port), "PYTHONPATH": str(ROOT)}
        self.environment = kept | own | said
        self.popen: subprocess.Popen[bytes] | None = None

    def here(self, value: object) -> str:
        """*value* of the file with what a container has as what this machine has."""
        there = "|".join(map(re.escape, self._places))
        return re.sub(rf"({there})(?!\w)", lambda found: self._places[found[0]], str(value))

    def start(self) -> None:
        command = [self.here(part) for part in self.service["command"]]
        site = Path(self._places["/site"])
        with self.log.open("w") as log:
            self.popen = subprocess.Popen(
                [sys.executable, "-m", "aggregator", *command],
                cwd=site,
                env=self.environment,
                stdout=log,
                stderr=log,
            )

    def start_nginx(self, web: int) -> None:
        """The proxy, with its configuration filled in as the image's own script does."""
        assert NGINX is not None
        filled = self.environment | {"WEB": f"127.0.0.1:{web}", "NGINX_LOCAL_RESOLVERS": "127.0.0.1"}
        [mounted] = [one for one in self.service["volumes"] if "template" in one]
        told = Template((ROOT / mounted.split(":")[0]).read_text()).safe_substitute(filled)
        folder = self.log.parent / "nginx"
        folder.mkdir()
        paths = "".join(f"{name}_temp_path {folder}; " for name in ("proxy", "fastcgi", "uwsgi", "scgi"))
        (folder / "nginx.conf").write_text(
            f"daemon off; pid {folder}/pid; error_log {self.log}; user root; events {{}} "
            f"http {{ access_log off; client_body_temp_path {folder}; {paths}\n{told}\n}}"
        )
        with self.log.open("w") as log:
            command = [NGINX, "-c", str(folder / "nginx.conf"), "-p", str(folder)]
            self.popen = subprocess.Popen(command, stdout=log, stderr=log)

    @property
    def said(self) -> str:
        return self.log.read_text()

    def is_healthy(self) -> bool:
        """Whether the service's own health check says so."""
        test = [self.here(part) for part in self.service["healthcheck"]["test"][1:]]
        program = {"python": sys.executable}.get(test[0], shutil.which(test[0]) or test[0])
        return subprocess.run([program, *test[1:]], capture_output=True, check=False).returncode == 0

    def until_healthy(self) -> None:
        end = time.monotonic() + PATIENCE
        while not self.is_healthy():
            assert self.popen is not None
            assert self.popen.poll() is None, self.said
            assert time.monotonic() < end, self.said
            time.sleep(_SHORTEST)

    def end(self) -> int:
        """SIGTERM, and as long as the service gives it."""
        assert self.popen is not None
        self.popen.terminate()
        return self.popen.wait(int(self.service.get("stop_grace_period", "10s").removesuffix("s")))

    def kill(self) -> None:
        if self.popen is not None and self.popen.poll() is None:
            self.popen.kill()
            self.popen.wait(PATIENCE)
