"""Rows that are written in bulk are those that SQLAlchemy writes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, text

from storage import sources
from storage.rows import state_row
from storage.source import Pace, PullOutcome, PullState, SourceKind, Trouble
from storage.tables import SourceRow, table_of

if TYPE_CHECKING:
    from storage.database import Database

_ZONES = st.sampled_from([UTC, timezone(timedelta(hours=8)), timezone(timedelta(hours=-3, minutes=-30))])
_MOMENTS = st.none() | st.datetimes(datetime(1900, 1, 1), datetime(2999, 1, 1), timezones=_ZONES)  # noqa: DTZ001
_STATES = st.builds(
    PullState,
    source=st.just("tides"),
    kind=st.sampled_from(SourceKind),
    etag=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=9),
    last_pull=_MOMENTS,
    next_pull=_MOMENTS,
    failures=st.integers(0, 2**40),
    trouble=st.none() | st.sampled_from(Trouble),
    outcome=st.none() | st.sampled_from(PullOutcome),
    seconds=st.floats(0, 1e9),
    rhythm=st.floats(0, 1e9),
    pace=st.builds(
        Pace, ttl=st.none() | st.timedeltas(timedelta(1), timedelta(9)), skip_hours=st.frozensets(st.integers(0, 23))
    ),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_STATES)
def test_what_is_written_is_what_sqlalchemy_writes_and_is_read_back(database: Database, state: PullState) -> None:
    rows = text("SELECT * FROM source WHERE name = :name")
    with database.writing() as connection:
        connection.execute(text("DELETE FROM source"))
        sources.record(connection, [state])
        connection.execute(insert(table_of(SourceRow)), [state_row(replace(state, source="other"))])
        own, other = (connection.execute(rows, {"name": name}).one() for name in ("tides", "other"))
        assert own[1:] == other[1:]
        assert sources.states(connection)["tides"] == state


def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    naive = datetime(2022, 3, 14)  # noqa: DTZ001
    with database.writing() as connection, pytest.raises(ValueError, match="has no time zone"):
        sources.record(connection, [PullState("tides", SourceKind.FEED, last_pull=naive)])


def test_what_is_recorded_again_takes_the_old_ones_place(database: Database) -> None:
    with database.writing() as connection:
        for failures in (1, 2):
            sources.record(connection, [PullState(name, SourceKind.FEED, failures=failures) for name in "ab"])
        assert {name: state.failures for name, state in sources.states(connection).items()} == {"a": 2, "b": 2}
        assert list(sources.states(connection, ["b", "c"])) == ["b"]
        sources.record(connection, [])
