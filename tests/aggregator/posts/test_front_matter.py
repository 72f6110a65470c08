from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.posts.errors import PostError
from aggregator.posts.front_matter import decode, read_values, split


def test_every_scalar_stays_text() -> None:
    head = "date: 2022-03-14 18:35:49 +0800\nn: 012\nyes: no\nlist: [1, 2.0]\nmap: {a: 3}\nblock: |\n  one\n  two\n"
    values, problems = read_values(head)
    assert values == {
        "date": "2022-03-14 18:35:49 +0800",
        "n": "012",
        "yes": "no",
        "list": ["1", "2.0"],
        "map": {"a": "3"},
        "block": "one\ntwo\n",
    }
    assert problems == ()


def test_nothing_is_empty_unless_it_is_quoted() -> None:
    values, _ = read_values("a:\nb: ~\nc: null\nd: '~'\n")
    assert values == {"a": "", "b": "", "c": "", "d": "~"}


def test_tags_make_no_objects() -> None:
    values, _ = read_values('a: !!python/object/apply:os.getcwd []\nb: !!int "3"\nc: !!binary aGk=\n')
    assert values == {"a": [], "b": "3", "c": "aGk="}


@pytest.mark.parametrize(
    "text",
    [
        "---\r\ntitle: x\r\n---\r\nbody\n",
        "\ufeff---\ntitle: x\n---\nbody\n",
        "---  \ntitle: x\n---\t\nbody\n",
        "---\ntitle: x\n...\nbody\n",
        "---\ntitle: \0x\n--\0-\nbo\0dy\n",
        "---\rtitle: x\r---\rbody\r",
    ],
)
def test_every_form_of_the_lines_around_a_head(text: str) -> None:
    parts = split(text)
    assert (parts.values, parts.body, parts.problems) == ({"title": "x"}, "body\n", ())


def test_a_head_may_be_empty_and_a_body_missing() -> None:
    assert split("---\n---") == split("---\n\n---\n")
    assert split("---\n---").body == ""


def test_a_rule_in_the_body_is_no_end_of_the_head() -> None:
    assert split("---\ntitle: x\n---\none\n\n---\n\ntwo").body == "one\n\n---\n\ntwo"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no front matter"),
        ("title: x\n", "no front matter"),
        ("\n---\ntitle: x\n---\n", "no front matter"),
        ("---- \ntitle: x\n---\n", "no front matter"),
        ("---\ntitle: x\n --- \n", "not closed"),
        ("---\ntitle: " + "长" * 22_000 + "\n---\n", "larger than 64 KB"),
    ],
)
def test_what_cannot_be_recovered_is_named(text: str, reason: str) -> None:
    with pytest.raises(PostError, match=reason):
        split(text)


def test_the_first_wrong_byte_is_named() -> None:
    assert decode(b"\xef\xbb\xbfx") == "x"
    with pytest.raises(PostError, match="byte 2 "):
        decode(b"ab\xff")


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ('"a"b"c"', 'a"b"c'),
        ('""a" b"', '"a" b'),
        ('"a"b" # c', 'a"b'),
        ('"a', "a"),
        ("'it's'", "it's"),
        ('"a\\q"', "a\\q"),
        ("a: b", "a: b"),
        ('[快讯]"稳"字: 当头', '[快讯]"稳"字: 当头'),
        ("@a", "@a"),
        ("*a", "*a"),
        ("%a", "%a"),
        ("`a`", "`a`"),
    ],
)
def test_a_line_that_its_writer_did_not_escape_is_recovered(line: str, value: str) -> None:
    assert read_values(f"first: 1\ntitle: {line}\nlast: [2]") == ({"first": "1", "title": value, "last": ["2"]}, ())


@pytest.mark.parametrize(
    "lines",
    [
        "garbage",
        "- a",
        "tags: [a, b",
        "? [a]",
        "a: [[[[[[[[[[1]]]]]]]]]]",
        "a:\n  b: c\n d: e",
        "a: &a [1]\nb: [" + "*a, " * 21 + "]",
    ],
)
def test_what_cannot_be_recovered_costs_only_itself(lines: str) -> None:
    values, problems = read_values(f'first: 1\n{lines}\nlast: "2"3"', first_line=2)
    assert (values["first"], values["last"]) == ("1", '2"3')
    assert len(problems) == 1
    assert problems[0].startswith(("line 2: ", "line 3: ", "line 4: "))


def test_a_head_of_rubbish_does_not_flood_the_operator() -> None:
    _, problems = read_values("rubbish\n" * 1000)
    assert len(problems) == 21
    assert problems[-1] == "980 more lines cannot be read"


def test_aliases_are_read_but_do_not_grow() -> None:
    assert read_values("a: &x [1]\nb: *x") == ({"a": ["1"], "b": ["1"]}, ())
    bomb = "a: &a [x, x]\n" + "".join(
        f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefghijk", "bcdefghijkl", strict=True)
    )
    values, _ = read_values(bomb)
    assert len(repr(values)) < 1000


NAMES = st.from_regex(r"[a-z]{1,8}", fullmatch=True)
VALUES = st.recursive(
    st.text(max_size=20), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3)
)


@settings(max_examples=40)
@given(st.dictionaries(NAMES, VALUES, max_size=5))
def test_what_yaml_writes_is_read_back(values: dict[str, object]) -> None:
    head = yaml.safe_dump(values, allow_unicode=True, default_style='"')
    assert read_values(head)[0] == values


@given(st.text(max_size=300))
def test_no_text_breaks_the_reader(text: str) -> None:
    values, problems = read_values(text)
    assert isinstance(values, dict)
    assert all("line " in problem or "lines" in problem for problem in problems)


@given(st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=40))
def test_no_title_is_lost(title: str) -> None:
    values, _ = read_values(f'layout: post\ntitle: "“{title}”"\ndate: 2022-03-14')
    assert values["layout"] == "post"
    assert "title" in values
    if "\\" not in title and '"' not in title:
        assert values["title"] == f"“{title}”"


ODD = ["title", "null", "~", "y", "no", " ", ":", ": ", " #", "#", '"', "'", "\\", "-", "- ", "?", "中文", "港口", "a"]
ODD += [
    "1:2",
    "2022-03-14 18:35:49 +0800",
    "\t",
    "\u3000",
    "\x85",
    "\xa0",
    "\ufeff",
    "\u2028",
    "|",
    "&a",
    "*a",
    "[",
    "😀",
]
LINES = st.builds(
    "{}{}{}{}\n".format,
    st.sampled_from(["title", "date", "null", "x_y", "键", " a", ""]),
    st.sampled_from([":", ": ", ":  "]),
    st.sampled_from(["", "a", "中", '"', "'", "2"]),
    st.lists(st.sampled_from(ODD), max_size=4).map("".join),
)


@settings(max_examples=500)
@given(st.lists(LINES, max_size=4).map("".join))
def test_lines_that_need_no_yaml_say_what_yaml_says(head: str) -> None:
    # A comment is nothing that the short way knows.
    assert read_values(head)[0] == read_values(f"{head}# A comment.\n")[0]
