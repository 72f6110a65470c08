"""Rows that are written in bulk are those that SQLAlchemy writes."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, text

from storage import aliases, sources
from storage.bulk import Lookup, Removal
from storage.copy import Copy
from storage.entry import Author, CategoryName, Entry, InfoCode, Origin
from storage.rows import state_row
from storage.source import Pace, PullOutcome, PullState, SourceKind, Trouble
from storage.tables import AliasRow, SourceRow, table_of

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


@pytest.mark.parametrize("many", [0, 1, 5, 512, 700])
def test_every_key_that_there_is_is_found_once(database: Database, many: int) -> None:
    table = table_of(AliasRow)
    keys = [number.to_bytes(2) for number in range(many)]
    find = Lookup(select(table.c.key, table.c.info_code), table.c.key, table.c.scope)
    with database.writing() as connection:
        aliases.save(connection, {(scope, key): f"{scope}{key.hex()}" for key in keys for scope in "ab"})
        found = [(bytes(key), code) for key, code in find.rows(connection, [*keys, *keys[:3], b"none"], "a")]
        assert sorted(found) == [(key, f"a{key.hex()}") for key in keys]


def test_what_is_taken_out_is_gone_and_nothing_else(database: Database) -> None:
    table = table_of(AliasRow)
    with database.writing() as connection:
        aliases.save(connection, {(scope, key): "code" for scope in "ab" for key in (b"1", b"2")})
        Removal(table).run(connection, [("a", b"1"), ("b", b"2"), ("c", b"3")])
        left = connection.execute(select(table.c.scope, table.c.key).order_by(table.c.scope)).all()
        assert [(scope, bytes(key)) for scope, key in left] == [("a", b"2"), ("b", b"1")]
        Removal(table).run(connection, [])


def test_values_come_out_of_another_process_as_they_went_in() -> None:
    moment = datetime(2022, 3, 14, tzinfo=UTC)
    entry = Entry(
        *(InfoCode("A"), "t", "c", moment, moment, moment, "s", "s", Origin("o")),
        authors=(Author("Ann"),),
        category_names=(CategoryName("a", "A"),),
        restored=moment,
    )
    copy = Copy("s", "A", b"1", moment, entry=entry, bands=(1, 2))
    again = pickle.loads(pickle.dumps(copy))
    assert again == copy
    assert (again.bands, again.entry) == ((1, 2), entry)
    assert copy.stored() == replace(copy, entry=None)
