"""Hugo, which makes an RSS feed of the newest 50 whole posts for every category and for all, and nothing else.

It neither cleans nor keeps anything, and folds the case of categories.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.peers.posts import copy_store
from benchmarks.running import Run, run, tool

if TYPE_CHECKING:
    from pathlib import Path

_SETTINGS = """
baseURL = "http://127.0.0.1/"
title = "Posts"
timeZone = "Asia/Shanghai"
disablePathToLower = true
disableKinds = ["section", "sitemap", "robotsTXT", "404"]
[taxonomies]
category = "categories"
[outputs]
home = ["RSS"]
term = ["RSS"]
taxonomy = []
[markup.goldmark.renderer]
unsafe = true
[[cascade]]
[cascade._build]
render = "never"
[cascade._target]
kind = "page"
"""
_TEMPLATE = """{{- printf `<?xml version="1.0" encoding="utf-8"?>` | safeHTML }}
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel>
<title>{{ .Title }}</title>
<link>{{ .Permalink }}</link>
<description>{{ .Title }}</description>
{{- $posts := .Site.RegularPages }}{{ if eq .Kind "term" }}{{ $posts = .Pages }}{{ end }}
{{- range first 50 $posts }}
<item>
<title>{{ .Title }}</title>
<link>{{ .Permalink }}</link>
<pubDate>{{ .Date.Format "Mon, 02 Jan 2006 15:04:05 -0700" | safeHTML }}</pubDate>
<guid>{{ .Permalink }}</guid>
<content:encoded>{{ .Content | html }}</content:encoded>
</item>
{{- end }}
</channel>
</rss>
"""


def find() -> Path | str:
    """Where Hugo is; or a sentence that it is missing."""
    return tool("hugo", "hugo")


def prepare(store: Path, folder: Path) -> int:
    """Make a site of Hugo's in *folder* of the posts of *store*; how many categories they have."""
    slugs = copy_store(store, posts(folder))
    (folder / "config.toml").write_text(_SETTINGS)
    (folder / "layouts/_default").mkdir(parents=True)
    (folder / "layouts/_default/rss.xml").write_text(_TEMPLATE)
    return len({slug.lower() for slug in slugs})


def posts(folder: Path) -> Path:
    """Where the posts of the site in *folder* are."""
    return folder / "content/posts"


def build(program: Path, folder: Path) -> Run:
    """Build the site in *folder*."""
    return run([program, "--quiet"], folder)


def feeds(folder: Path) -> list[Path]:
    """The feeds of categories that were built."""
    return list((folder / "public/categories").glob("*/index.xml"))


def feed(folder: Path, slug: str) -> Path:
    """Where the feed of the category *slug* is, of small letters."""
    return folder / f"public/categories/{slug}/index.xml"
