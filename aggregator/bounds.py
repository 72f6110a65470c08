"""How much one entry may hold, and one source may begin: what is beyond is left out.

Every part of an entry stands in every feed and page that shows it, and every category is four files: so whatever a
source says, it can only cost so much. Folders of posts, and lists that are read as posts, are the operator's own, and
begin as many categories as they like.
"""

from __future__ import annotations

from typing import Final

LONGEST_NAME: Final = 200
"""Characters of a name: of a person, a category, a tag. Longer ones are mistakes or attacks."""
LONGEST_TEXT: Final = 1_000
"""Characters of a title, or of a licence's own words."""
LONGEST_SLUG: Final = 80
"""Characters of a slug that a feed's own term becomes."""
LONGEST_ADDRESS: Final = 8_000
"""Characters of an address; no server need take longer ones (RFC 9110, 4.1). What is longer is none."""
MOST_PARTS: Final = 100
"""People, files, addresses or transcripts of an entry."""
MOST_WORDS: Final = 50
"""Tags of an entry, and categories of a post."""
MOST_CATEGORIES: Final = 30
"""Categories of a feed's entry, beside those that are configured."""
MOST_BEGUN: Final = 500
"""Categories that a feed may ever bring first, beside those that are configured. A site of a hundred sections and
authors has room for years; one of which every tag is a category has not, and needs ``map_categories``.
"""
MOST_ALIASES: Final = 100
"""Keys that an entry is known by. One that has a new id, link or title at every pull is known by its first ones."""
