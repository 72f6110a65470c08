"""A site made of real feeds and a real post, where the machine has them: the whole way, from files to feeds.

``FEEDMILL_REAL_FEEDS`` and ``FEEDMILL_SEED_POSTS`` name the folders.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import feedparser
import pytest
from lxml import etree

from tests import stores
from tests.storage.held import dump

FEEDS = os.environ.get("FEEDMILL_REAL_FEEDS", "")
POSTS = os.environ.get("FEEDMILL_SEED_POSTS", "")
pytestmark = pytest.mark.skipif(not (FEEDS and POSTS), reason="FEEDMILL_REAL_FEEDS and FEEDMILL_SEED_POSTS are not set")

CODE = "NW202203142308379872"
ATOM = "{http://www.w3.org/2005/Atom}"
DC = "{http://purl.org/dc/elements/1.1/}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"


def run_once(site: Path) -> None:
    command = [sys.executable, "-m", "aggregator", "--config", str(site / "feedmill.toml"), "run", "--once"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def digests(folder: Path) -> dict[str, tuple[str, int]]:
    return {
        str(path.relative_to(folder)): (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def rows(site: Path) -> dict[str, list[Any]]:
    """Every row but the record of pulls, which tells when each source was last looked at."""
    with stores.sound(site / "data" / "feedmill.db") as connection:
        return dump(connection, ["source"])


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("site")
    shutil.copytree(POSTS, root / "_posts")
    lines = ['[site]\ntitle = "金融消息"\nurl = "https://finews.withounder.com"\ntimezone = "Asia/Shanghai"']
    lines += [
        '[publish]\ndirectory = "public"\nentries = 1000',
        '[[source]]\nname = "posts"\nkind = "posts"\npath = "."',
    ]
    for number, path in enumerate(sorted(Path(FEEDS).iterdir())):
        lines.append(
            f'[[source]]\nname = "feed{number}"\nkind = "feed"\npath = "{path}"\ncategories = ["feed{number}"]'
        )
    (root / "feedmill.toml").write_text("\n".join(lines))
    run_once(root)
    return root


@pytest.mark.parametrize(("number", "path"), list(enumerate(sorted(Path(FEEDS).iterdir()))) if FEEDS else [])
def test_every_entry_that_feedparser_finds_is_in_its_category(site: Path, number: int, path: Path) -> None:
    published = json.loads((site / "public" / "category" / f"feed{number}.json").read_bytes())["items"]
    if path.suffix == ".json":
        wanted = {item["url"] for item in json.loads(path.read_bytes())["items"]}
    else:
        found = feedparser.parse(BytesIO(path.read_bytes())).entries
        assert len(published) == len({entry.get("id") or entry.link for entry in found})
        wanted = {entry.link for entry in found}
    assert wanted == {item["url"] for item in published}


def test_the_seed_is_in_its_rss(site: Path) -> None:
    [item] = etree.parse(str(site / "public/category/zhengquanshibao.rss")).findall("channel/item")
    content = item.findtext(f"{CONTENT}encoded") or item.findtext("description") or ""
    assert item.findtext(f"{DC}identifier") == CODE
    assert item.findtext("title") == "“数字广东”要来了！建设广东省数据交易场所、支持深圳开展数据交易！"
    assert item.findtext("pubDate") == "Mon, 14 Mar 2022 18:35:49 +0800"
    assert item.findtext(f"{DC}creator") == "证券时报"
    assert item.findtext("category") == "证券时报"
    assert item.findtext("link") == f"http://finews.zning.xyz/html_News/NewsShare.html?infoCode={CODE}"
    assert "文章来源：证券时报" in content
    assert "NewsShare" not in content
    assert "返回" not in content


def test_the_seed_is_in_its_atom(site: Path) -> None:
    [entry] = etree.parse(str(site / "public/category/zhengquanshibao.atom")).findall(f"{ATOM}entry")
    assert entry.findtext(f"{DC}identifier") == CODE
    assert entry.findtext(f"{ATOM}published") == "2022-03-14T18:35:49+08:00"
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "证券时报"
    assert entry.find(f"{ATOM}category").attrib == {"term": "zhengquanshibao", "label": "证券时报"}  # type: ignore[union-attr]
    assert entry.findtext(f"{ATOM}id") == f"tag:finews.withounder.com,2022-03-14:{CODE}"


def test_the_seed_is_in_its_json(site: Path) -> None:
    [item] = json.loads((site / "public/category/zhengquanshibao.json").read_bytes())["items"]
    assert item["_feedmill"] == {"infoCode": CODE, "revision": 1, "source": {"title": "证券时报"}}
    assert item["date_published"] == "2022-03-14T18:35:49+08:00"
    assert "证券时报" in item["tags"]
    assert "返回" not in item["content_html"]


def test_the_same_run_again_changes_nothing(site: Path) -> None:
    files, held = digests(site / "public"), rows(site)
    run_once(site)
    assert digests(site / "public") == files
    assert rows(site) == held
