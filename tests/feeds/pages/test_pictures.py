"""Pictures, sounds and films of content wait until the reader asks for them."""

from __future__ import annotations

import pytest

from feeds.writing.page_words import words_for
from feeds.writing.pictures import waiting

WORDS = words_for("en")


@pytest.mark.parametrize(
    ("content", "shown"),
    [
        ("<p>words <b>only</b></p>", "<p>words <b>only</b></p>"),
        (
            '<img src="https://a.example/i.jpg?a&amp;b" alt="A &lt;gate&gt;" width="3" height="2">',
            '<a class="picture" href="https://a.example/i.jpg?a&amp;b" rel="noopener noreferrer">'
            "A &lt;gate&gt; <small>3 × 2 · a.example</small></a>",
        ),
        (
            '<a href="https://a.example/"><img src="https://a.example/i"></a><img src="http://b.example/" title="T">',
            '<a href="https://a.example/"><span class="picture">Picture <small>a.example</small></span></a>'
            '<a class="picture" href="http://b.example/" rel="noopener noreferrer">T <small>b.example</small></a>',
        ),
        ('<img src="javascript:alert(1)" alt="x">', '<span class="picture">x <small></small></span>'),
        ('<img src="https://[" alt="x">', None),
        (
            '<video src="https://a.example/v" poster="https://a.example/p" controls=""></video>',
            '<video src="https://a.example/v" controls="" preload="none"></video>',
        ),
        ('<audio controls><source src="https://a.example/a"></audio>', None),
        ("<table><tr><td>1</td></tr></table>", '<table tabindex="0"><tr><td>1</td></tr></table>'),
    ],
)
def test_what_is_fetched_waits(content: str, shown: str | None) -> None:
    made = waiting(content, WORDS)
    assert "<img" not in made
    assert made.count('preload="none"') == made.count("<audio") + made.count("<video")
    if shown is not None:
        assert made == shown
