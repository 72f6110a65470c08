"""What stands in an Atom document that a subscriber was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    from tests.aggregator.deliver.receiver import Came

ATOM = {"a": "http://www.w3.org/2005/Atom", "at": "http://purl.org/atompub/tombstones/1.0"}
INFO_CODE = "{http://purl.org/dc/elements/1.1/}identifier"


def entries_in(came: Came) -> list[str]:
    """The infoCodes of the entries in an Atom document."""
    return [str(one.findtext(INFO_CODE)) for one in etree.fromstring(came.body).findall("a:entry", ATOM)]


def graves_in(came: Came) -> list[str]:
    return [str(one.get("ref")) for one in etree.fromstring(came.body).findall("at:deleted-entry", ATOM)]
