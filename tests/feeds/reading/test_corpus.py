"""feedparser's own test documents, read by both readers: what they say is the same, but for one table of reasons."""

from __future__ import annotations

import pytest

from tests.feeds.reading.comparing import differences
from tests.feeds.reading.corpus import Served
from tests.feeds.reading.documents import CORPUS, FOLDERS, LARGE
from tests.feeds.reading.known_differences import KNOWN


@pytest.mark.slow
@pytest.mark.parametrize("folder", [*(folder for folder in FOLDERS), *LARGE])
def test_both_readers_say_the_same(folder: str, corpus: dict[str, list[str]]) -> None:
    wrong = []
    for name in corpus[folder]:
        found = differences(Served.of(CORPUS / name))
        fields, reason = KNOWN.get(name, (set(), ""))
        if {line.partition(":")[0] for line in found} != fields:
            wrong.append(f"{name} ({reason or 'not in the table'}): " + ("; ".join(found) or "no difference any more"))
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
def test_fewer_than_two_in_a_hundred_differ(corpus: dict[str, list[str]]) -> None:
    names = {name for folder in corpus.values() for name in folder}
    assert len(names) > 2000
    assert names >= set(KNOWN)
    assert len(KNOWN) * 50 < len(names)


def test_every_difference_has_its_reason() -> None:
    assert all(fields and reason for fields, reason in KNOWN.values())
    lost = [name for name, (fields, _) in KNOWN.items() if "entries" in fields]
    assert lost == ["illformed/rss_incomplete_cdata.xml"]  # which breaks off before there is anything to read
