from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.fetching.errors import BadStatus, BadUrl, without_credentials


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://news.example/@column/feed?to=a@b.example", "https://news.example/@column/feed?to=a@b.example"),
        ("https://user:secret@news.example/feed", "https://news.example/feed"),
        ("https://user@news.example:8443/feed", "https://news.example:8443/feed"),
        ("https://user:se@cret@news.example/feed", "https://news.example/feed"),
        ("http://user:secret@[2001:db8::1]/@feed", "http://[2001:db8::1]/@feed"),
        ("http://user:sec/ret@news.example/", "http://news.example/"),
        ("http://user:sec?ret@news.example/", "http://news.example/"),
        ("http://user:secret@[::1/", "http://[::1/"),
        ("http://user:secret@news.example:99999/", "http://news.example:99999/"),
        ("http:\\\\user:secret@news.example/", "http:news.example/"),
        ("user:secret@news.example", "user:news.example"),
        ("ftp://user:secret@news.example/feed", "ftp://news.example/feed"),
    ],
)
def test_no_message_shows_a_password(url: str, shown: str) -> None:
    assert without_credentials(url) == shown
    assert str(BadUrl(url, "is not for us")) == f"{shown} is not for us"


@given(st.text().filter(lambda text: "@" not in text))
def test_no_password_survives_whatever_it_is_made_of(secret: str) -> None:
    marked = f"s3cr3t{secret}s3cr3t"
    assert "s3cr3t" not in without_credentials(f"https://user:{marked}@news.example/feed")


def test_a_redirect_is_told() -> None:
    error = BadStatus("http://b.example/feed", 404)
    error.redirected_from("http://user:secret@a.example/feed")
    assert str(error) == (
        "http://b.example/feed answers with status 404 (Not Found) (redirected from http://a.example/feed)"
    )


def test_an_error_where_it_was_asked_tells_of_no_redirect() -> None:
    error = BadStatus("http://a.example/feed", 799, retry_after=5.0)
    error.redirected_from("http://a.example/feed")
    assert (str(error), error.retry_after) == ("http://a.example/feed answers with status 799", 5.0)


def test_what_others_import_early_does_not_import_aiohttp() -> None:
    names = ("errors", "request", "address", "headers")
    lines = ["import sys", *(f"import aggregator.fetching.{name}" for name in names)]
    lines.append("sys.exit('aiohttp' in sys.modules)")
    assert subprocess.run([sys.executable, "-c", "\n".join(lines)], check=False).returncode == 0
