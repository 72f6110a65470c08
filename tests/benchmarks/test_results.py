from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from benchmarks import table
from benchmarks.results import Goal, Job, Line, kept, number, tell

if TYPE_CHECKING:
    from pathlib import Path

JOB = Job(
    "scan",
    "a sack of corn",
    (
        Line("Feedmill", "s", (2.0, 4.0, 3.0)),
        Line("Feedmill, memory", "MB", (250.0,)),
        Line("a hand mill", "s", (60.0, 59.0), "Feedmill"),
        Line("floor: carrying the sack", "s", (1.5,), "Feedmill"),
    ),
    (
        Goal("Feedmill", 1.5, "floor: carrying the sack"),
        Goal("a hand mill", 10, "Feedmill", at_least=True),
        Goal("Feedmill, memory", 400),
        Goal("Feedmill", 0.5, "a water mill"),
    ),
    ("a water mill: there is no river",),
)


def test_ratios_are_of_medians() -> None:
    assert [job and JOB.ratio(job) for job in JOB.lines] == [None, None, 3 / 59.5, 2.0]
    assert [JOB.reached(goal) for goal in JOB.goals] == [2.0, 59.5 / 3, 250.0, None]
    assert [JOB.is_met(goal) for goal in JOB.goals] == [False, True, True, None]


def test_what_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    tell(JOB, tmp_path / "results")
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        "a sack of corn",
        "Feedmill 3.00 s 2.00 to 4.00",
        "Feedmill, memory 250 MB",
        "a hand mill 59.5 s 59.0 to 60.0 Feedmill / this: 0.0504",
        "floor: carrying the sack 1.50 s Feedmill / this: 2.00",
        "left out: a water mill: there is no river",
        "goal: Feedmill: at most 1.50 times floor: carrying the sack: 2.00, NOT met",
        "goal: a hand mill: at least 10.0 times Feedmill: 19.8, met",
        "goal: Feedmill, memory: at most 400 MB: 250, met",
        "goal: Feedmill: at most 0.500 times a water mill: not measured",
        "",
    ]
    assert kept(tmp_path / "results" / "scan.json") == JOB


def test_tables(tmp_path: Path) -> None:
    tell(Job("storing", "a loaf", (Line("Feedmill", "ms", (1.0,)),), (Goal("Feedmill", 2),)), tmp_path)
    tell(JOB, tmp_path)
    (tmp_path / table.MACHINE).write_text(json.dumps({"sentence": "A small machine."}))
    assert table.tables(tmp_path).splitlines() == [
        "A small machine.",
        "",
        "| job | goal | median (lowest to highest) | beside | ratio | |",
        "| --- | --- | --- | --- | --- | --- |",
        "| a sack of corn | Feedmill: at most 1.5 times floor: carrying the sack | 3.00 s (2.00 to 4.00) | 1.50 s "
        "| 2.00 | NOT met |",
        "|  | a hand mill: at least 10 times Feedmill | 59.5 s (59.0 to 60.0) | 3.00 s (2.00 to 4.00) | 19.8 | met |",
        "|  | Feedmill, memory: at most 400 MB | 250 MB |  |  | met |",
        "|  | Feedmill: at most 0.5 times a water mill | 3.00 s (2.00 to 4.00) | not measured |  | not measured |",
        "| a loaf | Feedmill: at most 2 ms | 1.00 ms |  |  | met |",
        "",
        "| job | measured | median | lowest to highest | Feedmill / this |",
        "| --- | --- | --- | --- | --- |",
        "| a sack of corn | Feedmill | 3.00 s | 2.00 to 4.00 |  |",
        "|  | Feedmill, memory | 250 MB |  |  |",
        "|  | a hand mill | 59.5 s | 59.0 to 60.0 | 0.0504 |",
        "|  | floor: carrying the sack | 1.50 s |  | 2.00 |",
        "|  | left out: a water mill: there is no river |  |  |  |",
        "| a loaf | Feedmill | 1.00 ms |  |  |",
    ]


def test_tables_are_put_where_they_belong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tell(JOB, tmp_path / "results")
    document = tmp_path / "document.md"
    document.write_text(f"# Figures\n\n{table.BEGIN}\nold\n{table.END}\n\nThe rest.\n")
    monkeypatch.setattr(sys, "argv", ["table", str(tmp_path / "results"), "--into", str(document)])
    for _ in range(2):
        table.main()
        text = document.read_text()
        assert text.startswith(f"# Figures\n\n{table.BEGIN}\n\n| job |")
        assert text.endswith(f"|\n\n{table.END}\n\nThe rest.\n")
        assert "old" not in text


def test_no_tables_of_nothing(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="holds no results: run make bench"):
        table.tables(tmp_path)
    with pytest.raises(SystemExit, match="is not marked"):
        table.placed("no marks", "text")


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0.00"), (0.01234, "0.0123"), (3, "3.00"), (45.67, "45.7"), (99.97, "100"), (53_214.4, "53,214")],
)
def test_three_digits_that_count(value: float, text: str) -> None:
    assert number(value) == text
