"""However 15 MB are made, reading them takes no more than 10 seconds and 200 MB."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.feeds.reading.hostile import DOCUMENTS, SIZE

SECONDS = 10
MEGABYTES = 200
ROOT = Path(__file__).parents[3]

# The child makes the document, and forgets what that took, before it is measured.
CHILD = """
import json, resource, sys
from feeds.reading import FeedSyntaxError, read
from tests.feeds.reading.hostile import DOCUMENTS

def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) // 1024

read(b"<rss><channel><item><title>a &nbsp; b</title></item></channel></rss>")
data = DOCUMENTS[sys.argv[1]]()
with open("/proc/self/clear_refs", "w") as refs:
    refs.write("5")
before, used = peak(), resource.getrusage(resource.RUSAGE_SELF).ru_utime
resource.setrlimit(resource.RLIMIT_CPU, (int(used) + 12, int(used) + 13))
try:
    answer = f"{len(read(data).entries)} entries"
except FeedSyntaxError as error:
    answer = str(error)[:200]
seconds = resource.getrusage(resource.RUSAGE_SELF).ru_utime - used
print(json.dumps({"answer": answer, "seconds": seconds, "megabytes": peak() - before}))
"""


def cost(name: str) -> dict[str, object]:
    found = subprocess.run(
        [sys.executable, "-c", CHILD, name], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert found.returncode == 0, (name, found.returncode, found.stderr[-2000:])
    measured: dict[str, object] = json.loads(found.stdout)
    return measured


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="the peak of memory is told by Linux")
@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_it_costs(name: str) -> None:
    measured = cost(name)
    assert float(str(measured["seconds"])) < SECONDS, measured
    assert int(str(measured["megabytes"])) < MEGABYTES, measured


@pytest.mark.slow
@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_documents_are_as_large_as_they_say(name: str) -> None:
    assert SIZE * 0.95 < len(DOCUMENTS[name]()) < SIZE * 1.05
