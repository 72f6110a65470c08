"""Documents that are taken in together are as if each had been alone, whatever is wrong with some of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from aggregator import ingest as ingesting
from aggregator.feed_documents import Document, Taking
from aggregator.ingest import Ingested
from aggregator.keep import Kept, Read, keep
from feeds.reading.errors import FeedSyntaxError
from tests.aggregator.store import Store, deleted, item, rss
from tests.storage.held import dump

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from storage.story import Stories
    from tests.aggregator.conftest import NewStore

_MANY = 70


def _documents() -> dict[str, str]:
    """By source: plain ones, some with an entry that others have too, one that is no feed, one that is large."""
    found = {f"harbour-{n}": rss(item(f"{n}"), item(f"{n}-b", title=f"Ship {n}")) for n in range(_MANY)}
    found |= {f"shared-{n}": rss(item("one", title="One")) for n in range(3)}
    found["parked"] = "<html><body>For sale</body></html>"
    found["large"] = rss(item("large", description="Water. " * 200_000))
    found["taken back"] = rss(item("gone"), deleted("gone"))
    return found


def _takings(store: Store, documents: dict[str, str]) -> list[Taking]:
    found = []
    for name, body in documents.items():
        scope = "shared" if name.startswith("shared") else ""
        store.source(name, url=f"https://{name.replace(' ', '-')}.example/feed", scope=scope)
        settings, state = store.prepared(name)
        found.append(Taking(settings, Document(body.encode(), settings.url), state, store.now))
    return found


def _held(store: Store) -> dict[str, Any]:
    with store.database.reading() as connection:
        held = dump(connection)
    # What depends on how many changes there were, and on the order among sources of one moment.
    return {table: held[table] for table in ("membership", "alias", "copy", "tombstone", "source_day")}


@pytest.mark.slow
def test_many_together_are_as_each_alone(new_store: NewStore) -> None:
    documents = _documents()
    with new_store() as alone, new_store() as together:
        expected = [alone.ingest.take([taking])[0] for taking in _takings(alone, documents)]
        found = together.ingest.take(_takings(together, documents))
        assert [type(one) for one in found] == [type(one) for one in expected]
        for one, other in zip(found, expected, strict=True):
            if isinstance(one, Ingested):
                assert one == other
            else:
                assert isinstance(one, FeedSyntaxError)
                assert str(one) == str(other)
        assert _held(together) == _held(alone)
        kept = {name: one.kept for name, one in zip(documents, found, strict=True) if isinstance(one, Ingested)}
        assert kept["harbour-3"].created == 2
        assert [kept[f"shared-{n}"].created for n in range(3)] == [1, 0, 0]


def test_one_that_breaks_while_it_is_kept_costs_only_itself(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = {name: body for name, body in _documents().items() if name.startswith("harbour")}
    takings = _takings(store, documents)

    def breaking(connection: Connection, reads: Sequence[Read], *, shown: Stories) -> list[Kept]:
        if any(read.source == "harbour-5" for read in reads):
            raise RecursionError("too deep")
        return keep(connection, reads, shown=shown)

    monkeypatch.setattr(ingesting, "keep", breaking)
    found = store.ingest.take(takings)
    broken = [taking.source.name for taking, one in zip(takings, found, strict=True) if not isinstance(one, Ingested)]
    assert broken == ["harbour-5"]
    assert len(store.entries()) == 2 * (_MANY - 1)


def test_what_breaks_elsewhere_is_found_out_here(store: Store) -> None:
    """A fault in another process has no traceback that could be told."""
    takings = _takings(store, {f"harbour-{n}": rss(item(f"{n}")) for n in range(_MANY)})
    settings = takings[3].source.model_copy(update={"timezone": "Nowhere/At all"})
    takings[3] = Taking(settings, takings[3].document, takings[3].state, takings[3].now)
    found = store.ingest.take(takings)
    assert [number for number, one in enumerate(found) if not isinstance(one, Ingested)] == [3]
    assert found[3].__traceback__ is not None  # type: ignore[union-attr]


def test_an_end_between_two_parts_keeps_whole_ones(store: Store) -> None:
    takings = _takings(store, {f"harbour-{n}": rss(item(f"{n}")) for n in range(20)})

    def stop(done: int, _total: int) -> None:
        if done >= 16:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.ingest.take(takings, progress=stop)
    assert len(store.entries()) == 16


def test_known_documents_only_bring_their_validators(store: Store) -> None:
    [taking] = _takings(store, {"harbour": rss(item("1"))})
    [first] = store.ingest.take([taking])
    assert isinstance(first, Ingested)
    again = Document(taking.document.body, taking.document.address, "", '"2"', "yesterday")
    [second] = store.ingest.take([Taking(taking.source, again, first.state, store.later())])
    assert isinstance(second, Ingested)
    assert (second.state.etag, second.state.modified, second.kept.created) == ('"2"', "yesterday", 0)
