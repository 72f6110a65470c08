"""Pages against the Nu Html Checker, which validates HTML at the W3C: one jar, which needs Java and no network."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Collection

_JAR = Path(os.environ.get("FEEDMILL_VNU") or Path(__file__).parents[3] / ".venv" / "vnu" / "vnu.jar")
# It takes each file for a host of its own, whose policy lets nothing be loaded from beside it; and words that are not
# in composed form are the publisher's, as they were said.
_NO_MATTER = ("Resource violates Content Security Policy", "is not in Unicode Normalization Form C")


def checker() -> Path:
    """The checker's jar; a test that asks for it is skipped where it is not there."""
    if not _JAR.is_file():
        pytest.skip(f"there is no {_JAR}: set FEEDMILL_VNU to the vnu.jar of npm's vnu-jar")
    if shutil.which("java") is None:
        pytest.skip("there is no java")
    return _JAR


def problems_of(folder: Path, suffixes: Collection[str] = (".html", ".css")) -> list[str]:
    """What the checker objects to in the files below *folder*: errors and warnings."""
    named = sorted(str(path) for path in folder.rglob("*") if path.suffix in suffixes)
    command = ["java", "-jar", str(checker()), "--format", "json", "--also-check-css", "--exit-zero-always", "--stdout"]
    command += ["--no-langdetect"]
    done = subprocess.run([*command, *named], capture_output=True, check=True)
    return [
        f"{Path(message['url']).name}:{message.get('lastLine')}: {message['message']}"
        for message in json.loads(done.stdout)["messages"]
        if not any(words in message["message"] for words in _NO_MATTER)
    ]
