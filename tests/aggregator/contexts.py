"""What entries are normalised with: a feed and a folder of posts of one site, and a moment at which they are read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from aggregator.normalise import Context
from feeds.site import Site
from storage.entry import InfoCode

SHANGHAI = ZoneInfo("Asia/Shanghai")
SITE = Site("Mill", "https://mill.example.org", SHANGHAI)
CODE = InfoCode("NW202203142308379872")
DERIVED = InfoCode("FM" + "0" * 26)
SEEN = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
FEED = Context("harbour", "harbour", SITE, SHANGHAI, address="https://harbour.example.org/feed")
POSTS = replace(FEED, source="posts", scope="site", literal_categories=True, address="")
