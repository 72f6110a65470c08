from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from benchmarks import first_build, growth, nothing_changed, one_post, reading, serving
from benchmarks.__main__ import NAMES
from benchmarks.__main__ import main as run_all
from benchmarks.pulls.feeds import feed
from benchmarks.running import BENCH_PYTHON, ROOT, run
from benchmarks.serves import load
from benchmarks.site import feedmill, prepare
from benchmarks.store import write_store
from benchmarks.table import MACHINE

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.results import Job

SIZE = 1_500


def told(job: Job) -> set[str]:
    """What of *job* has no figure; every figure must be more than nothing."""
    assert all(value > 0 for line in job.lines for value in line.values)
    assert all(job.line(line.beside) for line in job.lines if line.beside)
    return {goal.of if job.line(goal.of) is None else goal.beside for goal in job.goals if job.reached(goal) is None}


@pytest.fixture
def _no_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("hugo", "jekyll"):
        monkeypatch.setattr(f"benchmarks.peers.{module}.find", lambda module=module: f"{module} is not installed")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    config = prepare(tmp_path / "site", 60, 4, SIZE)
    feedmill(config, "run", "--once")
    return config


@pytest.mark.slow
@pytest.mark.usefixtures("_no_tools")
def test_a_first_build_without_any_peer_has_its_floors(tmp_path: Path) -> None:
    write_store(tmp_path / "store", 60, 4, SIZE)
    job = first_build.measure(tmp_path, 4, rounds=2)
    assert told(job) == {"Hugo, RSS alone"}
    assert job.missing == ("hugo is not installed", "jekyll is not installed")
    assert {line.name for line in job.lines if line.name.startswith("floor")} > {"floor: read every file"}


@pytest.mark.slow
@pytest.mark.usefixtures("_no_tools")
def test_one_new_post(site: Path) -> None:
    job = one_post.measure(site, SIZE, added=3, posts="60")
    assert told(job) == {"Hugo, built again, RSS alone"}
    answered = job.line("Feedmill")
    assert answered
    assert len(answered.values) == 3
    assert job.missing == ("hugo is not installed", "jekyll is not installed")


@pytest.mark.slow
def test_one_new_post_of_two_sites(site: Path, tmp_path: Path) -> None:
    larger = prepare(tmp_path / "larger", 120, 8, SIZE)
    feedmill(larger, "run", "--once")
    assert told(one_post.compare(site, larger, SIZE, added=2, posts="120")) == set()


@pytest.mark.slow
def test_nothing_changed(site: Path) -> None:
    for job in nothing_changed.measure(site, rounds=1, posts="60"):
        assert told(job) == set()


def test_reading() -> None:
    job = reading.measure([feed(number).body for number in range(2)], "generated", rounds=1)
    assert told(job) == set()
    assert "2 generated documents" in job.title


@pytest.mark.slow
def test_serving(tmp_path: Path) -> None:
    wrk = load.find()
    if isinstance(wrk, str):
        pytest.skip(wrk)
    job = serving.measure(wrk, tmp_path, seconds=1, rounds=1)
    assert told(job) in (set(), {f"nginx, one worker, {way}" for way in ("200", "200 gzip", "304")})


def test_only_benchmarks_that_there_are(tmp_path: Path) -> None:
    assert all((ROOT / "benchmarks" / f"{name}.py").exists() for name in NAMES)
    wrong = [sys.executable, "-m", "benchmarks", "no-such", "--results", str(tmp_path)]
    done = subprocess.run(wrong, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "no-such" in done.stderr


def test_one_that_fails_is_told_of_and_the_machine_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.__main__.NAMES", ("table", "no_such"))  # neither takes what a benchmark does
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--results", str(tmp_path / "results")])
    with pytest.raises(SystemExit, match="these benchmarks failed, and have told why: table, no_such"):
        run_all()
    assert f"{os.cpu_count()} cores" in json.loads((tmp_path / "results" / MACHINE).read_text())["sentence"]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_growth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["growth", "--posts", "3", "--sources", "2", "--results", str(tmp_path)])
    growth.main()
    found = json.loads((tmp_path / "growth.json").read_text())
    assert f"{os.cpu_count()} cores" in found.pop("machine")
    assert {kind: list(sizes) for kind, sizes in found.items()} == {"posts": ["3"], "sources": ["2"]}
    assert all(value > 0 for sizes in found.values() for values in sizes.values() for value in values.values())


@pytest.mark.slow
@pytest.mark.skipif(not BENCH_PYTHON.exists(), reason="make bench makes the environment that draws")
def test_plots_of_growth(tmp_path: Path) -> None:
    costs = {"first build, s": 2.0, "floor: list and stat, s": 0.001, "store, B": 10**6}
    sizes = {str(10**power): {name: value * power for name, value in costs.items()} for power in (1, 2, 3)}
    (tmp_path / "growth.json").write_text(json.dumps({"machine": "two cores", "posts": sizes}))
    (tmp_path / "docs").mkdir()
    drawn = set()
    for _ in range(2):
        run([BENCH_PYTHON, "-m", "benchmarks.plots", str(tmp_path), "--into", str(tmp_path / "docs")])
        drawn.add((tmp_path / "docs/growth-posts.svg").read_text())
    [text] = drawn
    assert all(
        name in text
        for name in ("first build", "floor: list and stat", "in proportion", "Memory and disk", "two cores")
    )
    assert (tmp_path / "growth-posts.png").stat().st_size > 1_000
