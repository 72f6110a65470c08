"""The first tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0001"
down_revision = None

# SQLite compares texts byte by byte, and a whole number of it has 64 bits.
TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
WHOLE = sa.Integer().with_variant(sa.BigInteger(), "postgresql")


def upgrade() -> None:
    """Make every table of a new store."""
    op.create_table(
        "alias",
        sa.Column("scope", TEXT, nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("info_code", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("scope", "key"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "band",
        sa.Column("key", WHOLE, nullable=False),
        sa.Column("info_code", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("key", "info_code"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "archive_page",
        sa.Column("category", TEXT, nullable=False),
        sa.Column("page", WHOLE, nullable=False),
        sa.Column("filled", WHOLE, nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("category", "page"),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_archive_page_version"), "archive_page", ["version"], unique=False)
    op.create_table(
        "archived",
        sa.Column("info_code", TEXT, nullable=False),
        sa.Column("until", WHOLE, nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("info_code", "until"),
    )
    op.create_table(
        "arrival",
        sa.Column("category", TEXT, nullable=False),
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("info_code", TEXT, nullable=False),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.Column("gone", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("category", "number"),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_arrival_info_code"), "arrival", ["info_code"], unique=False)
    op.create_table(
        "category",
        sa.Column("slug", TEXT, nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("page_title", TEXT, nullable=False),
        sa.Column("given_title", TEXT, nullable=False),
        sa.Column("version", WHOLE, nullable=False),
        sa.Column("changed", WHOLE, nullable=False),
        sa.Column("entries", WHOLE, nullable=False),
        sa.Column("arrivals", WHOLE, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("moved_to", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("slug"),
    )
    op.create_index(op.f("ix_category_hidden"), "category", ["hidden"], unique=False)
    op.create_index(op.f("ix_category_moved_to"), "category", ["moved_to"], unique=False)
    op.create_index(op.f("ix_category_private"), "category", ["private"], unique=False)
    op.create_index(op.f("ix_category_source"), "category", ["source"], unique=False)
    op.create_index(op.f("ix_category_version"), "category", ["version"], unique=False)
    op.create_table(
        "event",
        sa.Column("category", TEXT, nullable=False),
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("info_code", TEXT, nullable=False),
        sa.Column("revision", WHOLE, nullable=False),
        sa.Column("moment", WHOLE, nullable=False),
        sa.Column("was", sa.Boolean(), nullable=False),
        sa.Column("now", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("category", "number"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "category_name",
        sa.Column("slug", TEXT, nullable=False),
        sa.Column("name", TEXT, nullable=False),
        sa.Column("entries", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("slug", "name"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "copy",
        sa.Column("source", TEXT, nullable=False),
        sa.Column("place", TEXT, nullable=False),
        sa.Column("info_code", TEXT, nullable=False),
        sa.Column("size", WHOLE, nullable=False),
        sa.Column("modified_ns", WHOLE, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("first_seen", UTCDateTime(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("problem", TEXT, nullable=False),
        sa.Column("owner", TEXT, nullable=False),
        sa.Column("published", UTCDateTime(), nullable=True),
        sa.Column("length", WHOLE, nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("category_names", sa.JSON(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("payload", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("source", "place"),
    )
    op.create_index(op.f("ix_copy_info_code"), "copy", ["info_code"], unique=False)
    has_problem = sa.text("problem <> ''")
    op.create_index(
        "ix_copy_problem", "copy", ["source", "place"], sqlite_where=has_problem, postgresql_where=has_problem
    )
    op.create_table(
        "entry",
        sa.Column("info_code", TEXT, nullable=False),
        sa.Column("change", WHOLE, nullable=False),
        sa.Column("scope", TEXT, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("link", TEXT, nullable=False),
        sa.Column("published", UTCDateTime(), nullable=False),
        sa.Column("updated", UTCDateTime(), nullable=False),
        sa.Column("first_seen", UTCDateTime(), nullable=False),
        sa.Column("origin", sa.JSON(), nullable=False),
        sa.Column("authors", sa.JSON(), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("category_names", sa.JSON(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("enclosures", sa.JSON(), nullable=False),
        sa.Column("language", TEXT, nullable=False),
        sa.Column("extras", sa.JSON(), nullable=False),
        sa.Column("guid", TEXT, nullable=False),
        sa.Column("atom_id", TEXT, nullable=False),
        sa.Column("revision", WHOLE, nullable=False),
        sa.Column("withdrawn", UTCDateTime(), nullable=True),
        sa.Column("withdrawn_by", TEXT, nullable=False),
        sa.Column("summary", TEXT, nullable=False),
        sa.Column("content", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("info_code"),
        sa.UniqueConstraint("atom_id"),
    )
    op.create_index(op.f("ix_entry_change"), "entry", ["change"], unique=False)
    op.create_table(
        "membership",
        sa.Column("category", TEXT, nullable=False),
        sa.Column("published", UTCDateTime(), nullable=False),
        sa.Column("info_code", TEXT, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("category", "published", "info_code"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "revision",
        sa.Column("info_code", TEXT, nullable=False),
        sa.Column("revision", WHOLE, nullable=False),
        sa.Column("title", TEXT, nullable=False),
        sa.Column("summary", TEXT, nullable=False),
        sa.Column("content", TEXT, nullable=False),
        sa.Column("link", TEXT, nullable=False),
        sa.Column("published", UTCDateTime(), nullable=False),
        sa.Column("updated", UTCDateTime(), nullable=False),
        sa.Column("enclosures", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("info_code", "revision"),
    )
    op.create_table(
        "source",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("kind", TEXT, nullable=False),
        sa.Column("settings", TEXT, nullable=False),
        sa.Column("etag", TEXT, nullable=False),
        sa.Column("modified", TEXT, nullable=False),
        sa.Column("digest", TEXT, nullable=False),
        sa.Column("last_pull", UTCDateTime(), nullable=True),
        sa.Column("last_success", UTCDateTime(), nullable=True),
        sa.Column("next_pull", UTCDateTime(), nullable=True),
        sa.Column("failures", WHOLE, nullable=False),
        sa.Column("failure", TEXT, nullable=False),
        sa.Column("trouble", TEXT, nullable=False),
        sa.Column("warning", TEXT, nullable=False),
        sa.Column("alerted", UTCDateTime(), nullable=True),
        sa.Column("outcome", TEXT, nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("why", TEXT, nullable=False),
        sa.Column("address", TEXT, nullable=False),
        sa.Column("moved_to", TEXT, nullable=False),
        sa.Column("moved_pulls", WHOLE, nullable=False),
        sa.Column("proposal", TEXT, nullable=False),
        sa.Column("site", TEXT, nullable=False),
        sa.Column("hub", TEXT, nullable=False),
        sa.Column("topic", TEXT, nullable=False),
        sa.Column("rhythm", sa.Float(), nullable=False),
        sa.Column("last_new", UTCDateTime(), nullable=True),
        sa.Column("pace", sa.JSON(), nullable=False),
        sa.Column("fresh_until", UTCDateTime(), nullable=True),
        sa.Column("retry_until", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_index(op.f("ix_source_next_pull"), "source", ["next_pull"], unique=False)
    op.create_index(op.f("ix_source_retry_until"), "source", ["retry_until"], unique=False)
    op.create_table(
        "source_day",
        sa.Column("source", TEXT, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("entries", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("source", "day"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "subscription",
        sa.Column("token", TEXT, nullable=False),
        sa.Column("source", TEXT, nullable=False),
        sa.Column("hub", TEXT, nullable=False),
        sa.Column("topic", TEXT, nullable=False),
        sa.Column("secret", TEXT, nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("asked", UTCDateTime(), nullable=True),
        sa.Column("next_ask", UTCDateTime(), nullable=True),
        sa.Column("lease_until", UTCDateTime(), nullable=True),
        sa.Column("failures", WHOLE, nullable=False),
        sa.Column("failure", TEXT, nullable=False),
        sa.Column("pushed", UTCDateTime(), nullable=True),
        sa.Column("missed", UTCDateTime(), nullable=True),
        sa.Column("dropped", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("token"),
    )
    op.create_index(op.f("ix_subscription_source"), "subscription", ["source"], unique=False)
    op.create_table(
        "partner",
        sa.Column("name", TEXT, nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("created", UTCDateTime(), nullable=False),
        sa.Column("excerpt", WHOLE, nullable=True),
        sa.Column("embargo", WHOLE, nullable=False),
        sa.Column("per_minute", WHOLE, nullable=False),
        sa.Column("expires", UTCDateTime(), nullable=True),
        sa.Column("revoked", UTCDateTime(), nullable=True),
        sa.Column("former_key", sa.LargeBinary(), nullable=False),
        sa.Column("former_until", UTCDateTime(), nullable=True),
        sa.Column("webhook", TEXT, nullable=False),
        sa.Column("webhook_secret", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_index(op.f("ix_partner_former_key"), "partner", ["former_key"], unique=False)
    op.create_index(op.f("ix_partner_key"), "partner", ["key"], unique=False)
    op.create_table(
        "partner_day",
        sa.Column("partner", TEXT, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("requests", WHOLE, nullable=False),
        sa.Column("refused", WHOLE, nullable=False),
        sa.Column("entries", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("partner", "day"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "topic_subscription",
        sa.Column("token", TEXT, nullable=False),
        sa.Column("callback", TEXT, nullable=False),
        sa.Column("host", TEXT, nullable=False),
        sa.Column("topic", TEXT, nullable=False),
        sa.Column("category", TEXT, nullable=False),
        sa.Column("suffix", TEXT, nullable=False),
        sa.Column("secret", TEXT, nullable=False),
        sa.Column("lease_until", UTCDateTime(), nullable=True),
        sa.Column("pending", TEXT, nullable=False),
        sa.Column("wanted_secret", TEXT, nullable=False),
        sa.Column("wanted_seconds", WHOLE, nullable=False),
        sa.Column("next_try", UTCDateTime(), nullable=True),
        sa.Column("failures", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("token"),
    )
    op.create_table(
        "follower",
        sa.Column("id", TEXT, nullable=False),
        sa.Column("position", WHOLE, nullable=False),
        sa.Column("next_try", UTCDateTime(), nullable=True),
        sa.Column("failures", WHOLE, nullable=False),
        sa.Column("failing_since", UTCDateTime(), nullable=True),
        sa.Column("failure", TEXT, nullable=False),
        sa.Column("delivered", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "dead_letter",
        sa.Column("follower", TEXT, nullable=False),
        sa.Column("number", WHOLE, nullable=False),
        sa.Column("info_code", TEXT, nullable=False),
        sa.Column("died", UTCDateTime(), nullable=False),
        sa.Column("failure", TEXT, nullable=False),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("follower", "number"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "search_document",
        sa.Column("number", WHOLE, autoincrement=False, nullable=False),
        sa.Column("info_code", TEXT, nullable=False),
        sa.Column("change", WHOLE, nullable=False),
        sa.Column("published", UTCDateTime(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("info_code"),
    )
    op.create_table(
        "search_mark",
        sa.Column("id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("change", WHOLE, nullable=False),
        sa.Column("numbers", WHOLE, nullable=False),
        sa.Column("emptied", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.execute("INSERT INTO search_mark (id, change, numbers, emptied) VALUES (1, 0, 0, 0)")
    _create_search_words()
    op.create_table(
        "store",
        sa.Column("id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("identity", TEXT, nullable=False),
        sa.Column("change", WHOLE, nullable=False),
        sa.Column("changed", WHOLE, nullable=False),
        sa.Column("events", WHOLE, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "story",
        sa.Column("info_code", TEXT, nullable=False),
        sa.Column("story", TEXT, nullable=False),
        sa.Column("published", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("info_code"),
    )
    op.create_index(op.f("ix_story_story"), "story", ["story"], unique=False)
    op.create_table(
        "tombstone",
        sa.Column("category", TEXT, nullable=False),
        sa.Column("withdrawn", UTCDateTime(), nullable=False),
        sa.Column("info_code", TEXT, nullable=False),
        sa.PrimaryKeyConstraint("category", "withdrawn", "info_code"),
        sqlite_with_rowid=False,
    )


def _create_search_words() -> None:
    """Which entries have a token, and no more: no text, no positions, no counts."""
    if op.get_context().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE search_words "
            "USING fts5 (tokens, content='', detail=none, columnsize=0, tokenize='ascii')"
        )
    else:
        op.create_table(
            "search_words",
            sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
            sa.Column("tokens", TSVECTOR(), nullable=False),
            sa.PrimaryKeyConstraint("number"),
        )
        op.create_index("ix_search_words_tokens", "search_words", ["tokens"], postgresql_using="gin")
