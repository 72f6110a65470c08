"""Where documents to read are: ours, and feedparser's own ones, which ``make corpus`` fetches.

``FEEDMILL_CORPUS`` may name another folder for the latter.
"""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).parents[3]
FOLDER: Final = _ROOT / "tests" / "data" / "feeds"
OURS: Final = sorted(path for path in FOLDER.iterdir() if path.suffix in {".xml", ".rdf"})

CORPUS: Final = Path(os.environ.get("FEEDMILL_CORPUS") or _ROOT / ".venv" / "corpus" / "tests")
FOLDERS: Final = ("encoding", "entities", "http", "illformed", "wellformed")
# Parts of "wellformed", to see on which one a change tells; the rest of it goes together.
LARGE: Final = ("wellformed/atom10", "wellformed/rss", "wellformed/sanitize")


def documents_of_corpus() -> dict[str, list[str]]:
    """The paths of all documents by the folder that they are tested in."""
    found = defaultdict(list)
    for path in sorted(CORPUS.rglob("*")):
        name = path.relative_to(CORPUS).as_posix()
        if path.is_file() and name.startswith(FOLDERS):
            folder = next((part for part in LARGE if name.startswith(f"{part}/")), name.partition("/")[0])
            found[folder].append(name)
    return found
