"""The tables. ``rows`` turns a row into a value and back; neither rows nor models leave this room.

Table models do not validate, so values are made sure of before they come here. Rows are written and read with
SQLAlchemy Core (a list of mappings, no session), which costs a quarter of a session's ``add_all``.
"""

from sqlmodel import SQLModel

from storage.tables.columns import same_in_both, table_of
from storage.tables.entries import (
    AliasRow,
    BandRow,
    CategoryNameRow,
    CategoryRow,
    CopyRow,
    EntryRow,
    MembershipRow,
    RevisionRow,
    StoreRow,
    StoryRow,
    TombstoneRow,
)
from storage.tables.followers import DeadLetterRow, FollowerRow, PartnerDayRow, PartnerRow, TopicSubscriptionRow
from storage.tables.history import ArchivedRow, ArchivePageRow, ArrivalRow, EventRow
from storage.tables.pulls import SourceDayRow, SourceRow, SubscriptionRow
from storage.tables.search import SearchDocumentRow, SearchMarkRow

__all__ = [
    "AliasRow",
    "ArchivePageRow",
    "ArchivedRow",
    "ArrivalRow",
    "BandRow",
    "CategoryNameRow",
    "CategoryRow",
    "CopyRow",
    "DeadLetterRow",
    "EntryRow",
    "EventRow",
    "FollowerRow",
    "MembershipRow",
    "PartnerDayRow",
    "PartnerRow",
    "RevisionRow",
    "SearchDocumentRow",
    "SearchMarkRow",
    "SourceDayRow",
    "SourceRow",
    "StoreRow",
    "StoryRow",
    "SubscriptionRow",
    "TombstoneRow",
    "TopicSubscriptionRow",
    "table_of",
]

same_in_both(SQLModel.metadata)
