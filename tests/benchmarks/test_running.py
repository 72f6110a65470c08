from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path

import pytest

from benchmarks.process_tree import descendants
from benchmarks.running import began, interleaved, run, timed, tool, until, workplace

HOLDS = "import time; held = bytearray(b'x') * 60_000_000; time.sleep(1)"
BEGINS = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {HOLDS!r}]); print('done')"


def test_a_command_with_all_that_it_began() -> None:
    done = run([sys.executable, "-c", BEGINS])
    assert done.output == "done\n"
    assert done.memory > 60_000_000
    assert done.seconds > 1
    assert done.processor > 0


def test_the_time_of_a_process_that_outlives_its_parent_counts() -> None:
    works = "import time\nwhile time.process_time() < 0.5: pass"
    begins = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {works!r}], stdout=-3, stderr=-3)"
    done = run([sys.executable, "-c", begins])
    assert done.processor > 0.5


def test_a_command_that_fails_is_told_of() -> None:
    with pytest.raises(SystemExit, match=r"(?s)ended with 3:.*no such feed"):
        run([sys.executable, "-c", "import sys; print('no such feed', file=sys.stderr); sys.exit(3)"])


def test_what_was_begun_ends_with_the_block_that_broke_off() -> None:
    found: list[int] = []

    def breaks_off() -> None:
        with began([sys.executable, "-c", BEGINS]) as process:
            until(lambda: len(descendants(process.pid)) == 2, patience=30)
            found.extend(descendants(process.pid))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        breaks_off()
    until(lambda: not any(_runs(one) for one in found), patience=10)


def _runs(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_what_is_compared_is_done_in_turns() -> None:
    order: list[str] = []
    found = interleaved({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, 3)
    assert "".join(order) == "abbaab"
    assert {name: len(values) for name, values in found.items()} == {"a": 3, "b": 3}


def test_seconds_by_the_clock_that_is_asked_for() -> None:
    assert timed(lambda: time.sleep(0.05)) >= 0.05
    assert timed(lambda: time.sleep(0.05), time.process_time) < 0.05


def test_a_place_to_write_is_removed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with workplace(1, tmp_path) as folder:
        (folder / "left").write_text("something")
        assert folder.parent == tmp_path
    assert not folder.exists()
    assert capsys.readouterr().out == ""
    with workplace(10**18):
        pass
    if Path("/dev/shm").is_dir():
        assert "the disk is measured with the rest" in capsys.readouterr().out


def test_a_tool_that_is_missing_is_named_with_what_brings_it() -> None:
    assert tool("sh", "dash") == Path(shutil.which("sh") or "")
    assert tool("no-such-tool", "some-package") == "no-such-tool is not installed (apt-get install some-package)"


def test_waiting_has_an_end() -> None:
    with pytest.raises(SystemExit, match=r"did not come in 0[.]01 seconds"):
        until(lambda: False, patience=0.01)
