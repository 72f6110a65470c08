"""What one new post costs does not grow with the store: no statement looks at every row of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from aggregator.settings import SiteSettings
from feeds.publishing.found import Document
from tests import stores
from tests.aggregator.mills import mill_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from aggregator.mill import Mill

_SITE = SiteSettings(title="Tides", url="https://tide.example", language="en", timezone="UTC")
_POST = "---\ntitle: Tide {0}\ndate: 2022-03-14 18:35:49\ncategories: harbour\n---\nThe water came {0} times.\n"
# What is looked at whole: the one row of the store, what a statement itself has found before, and lists in parameters.
_SMALL = ("SCAN store", "SCAN anon_", "SCAN json_each", "SCAN CONSTANT ROW")


def _write(folder: Path, number: int) -> str:
    place = f"_posts/2022-03-14-NW{202203140000000000 + number}.md"
    (folder / place).write_text(_POST.format(number) + "It rose to the wall and fell again by noon.\n" * 20)
    return place


def _looks_at_all(plan: str) -> bool:
    of_source = "copy" in plan and plan.endswith("(source=?)") and "ix_copy_problem" not in plan
    return of_source or (plan.startswith("SCAN") and not plan.startswith(_SMALL))


@pytest.fixture
def said() -> dict[str, Any]:
    """Statements, each with parameters that it was made with."""
    return {}


def _plans(mill: Mill, said: dict[str, Any]) -> Iterator[tuple[str, str]]:
    with mill.database.reading() as connection:
        for statement, parameters in dict(said).items():
            if statement.startswith(("SELECT", "WITH", "UPDATE", "DELETE")):
                one = parameters[0] if isinstance(parameters, list) else parameters
                for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", one):
                    yield statement, row.detail


@stores.about_sqlite
async def test_no_statement_of_one_new_post_looks_at_every_row(tmp_path: Path, said: dict[str, Any]) -> None:
    (tmp_path / "_posts").mkdir()
    for number in range(30):
        _write(tmp_path, number)
    async with mill_of(tmp_path, _SITE, [{"name": "posts", "kind": "posts", "path": tmp_path}]) as mill:
        await mill.pull(mill.config.source)

        def note(_c: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
            said[statement] = parameters

        with mill.database.reading() as connection:
            engine = connection.engine
        event.listen(engine, "before_cursor_execute", note)
        pull = await mill.puller.pull(mill.config.source[0], only=[_write(tmp_path, 99)])
        shown = mill.documents.find("category/harbour.json")
        event.remove(engine, "before_cursor_execute", note)
        assert pull.counts == (1, 0, 0)
        assert isinstance(shown, Document)
        assert b"Tide 99" in shown.body
        assert len(said) > 20
        wrong = [plan for plan in _plans(mill, said) if _looks_at_all(plan[1])]
    assert wrong == []
