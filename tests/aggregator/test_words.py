"""Whether two revisions say the same."""

from __future__ import annotations

from dataclasses import replace

from aggregator.words import same_words
from storage.entry import Enclosure
from tests.storage.held import entry

SAID = replace(entry(1).said, content="<p>潮水来了。港口关闭！</p><ul><li>One. Two.</li><li>Three</li></ul>")


def test_other_words_are_a_correction() -> None:
    assert same_words(SAID, replace(SAID, title=f" {SAID.title}\n"))
    for other in (
        replace(SAID, title="Other"),
        replace(SAID, content="<p>x</p>"),
        replace(SAID, link="https://a.example/"),
        replace(SAID, enclosures=(Enclosure("https://a.example/1.mp3"),)),
        replace(SAID, published=SAID.published.replace(year=2025)),
    ):
        assert not same_words(SAID, other)
