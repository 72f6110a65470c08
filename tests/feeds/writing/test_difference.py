"""Where two revisions differ, for people."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from feeds.writing.difference import changed, differences, lines_of
from tests.storage.held import entry

SAID = replace(entry(1).said, content="<p>潮水来了。港口关闭！</p><ul><li>One. Two.</li><li>Three</li></ul>")


def test_sentences_and_blocks_are_lines() -> None:
    assert lines_of(SAID.content) == ["潮水来了。", "港口关闭！", "One.", "Two.", "Three"]
    assert lines_of("a<br>b <b>c</b>") == ["a", "b c"]
    assert lines_of("") == []


def test_only_what_differs_is_shown() -> None:
    after = replace(SAID, title="Other", content=SAID.content.replace("关闭", "开放"))

    assert changed(SAID, after) == ("title", "content")
    assert list(differences(SAID, after)) == [
        ("title", [("-", "Title 1"), ("+", "Other")]),
        (
            "content",
            [
                (" ", "潮水来了。"),
                ("-", "港口关闭！"),
                ("+", "港口开放！"),
                (" ", "One."),
                (" ", "Two."),
                (" ", "Three"),
            ],
        ),
    ]
    assert list(differences(SAID, SAID)) == []


@given(st.lists(st.sampled_from("abc"), max_size=12), st.lists(st.sampled_from("abc"), max_size=12))
def test_both_sides_can_be_told_from_a_difference(old: list[str], new: list[str]) -> None:
    before, after = (replace(SAID, content="".join(f"<p>{word}</p>" for word in words)) for words in (old, new))

    lines = [line for part in differences(before, after) for line in part.lines]

    if old == new:
        assert lines == []
    else:
        assert [text for mark, text in lines if mark != "+"] == old
        assert [text for mark, text in lines if mark != "-"] == new


def test_what_is_too_long_to_compare_is_replaced_whole_between_what_is_common() -> None:
    def said(word: str) -> str:
        return "<p>begin</p>" + "".join(f"<p>{word} {n % 2}</p>" for n in range(300)) + "<p>end</p>"

    [part] = differences(replace(SAID, content=said("a")), replace(SAID, content=said("b")))

    assert [mark for mark, _ in part.lines] == [" ", *"-" * 300, *"+" * 300, " "]
