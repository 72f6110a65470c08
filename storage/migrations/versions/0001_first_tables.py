"""The first tables."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table of a new store."""
    op.create_table(
        "alias",
        sa.Column("scope", sqlmodel.AutoString(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("info_code", sqlmodel.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "key"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "band",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("info_code", sqlmodel.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("key", "info_code"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "archive_page",
        sa.Column("category", sqlmodel.AutoString(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("filled", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sqlmodel.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("category", "page"),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_archive_page_version"), "archive_page", ["version"], unique=False)
    op.create_table(
        "archived",
        sa.Column("info_code", sqlmodel.AutoString(), nullable=False),
        sa.Column("until", sa.Integer(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("info_code", "until"),
    )
    op.create_table(
        "arrival",
        sa.Column("category", sqlmodel.AutoString(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("info_code", sqlmodel.AutoString(), nullable=False),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.Column("gone", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("category", "number"),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_arrival_info_code"), "arrival", ["info_code"], unique=False)
    op.create_table(
        "category",
        sa.Column("slug", sqlmodel.AutoString(), nullable=False),
        sa.Column("title", sqlmodel.AutoString(), nullable=False),
        sa.Column("page_title", sqlmodel.AutoString(), nullable=False),
        sa.Column("given_title", sqlmodel.AutoString(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("arrivals", sa.Integer(), nullable=False),
        sa.Column("source", sqlmodel.AutoString(), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("moved_to", sqlmodel.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("slug"),
    )
    op.create_index(op.f("ix_category_hidden"), "category", ["hidden"], unique=False)
    op.create_index(op.f("ix_category_moved_to"), "category", ["moved_to"], unique=False)
    op.create_index(op.f("ix_category_private"), "category", ["private"], unique=False)
    op.create_index(op.f("ix_category_source"), "category", ["source"], unique=False)
    op.create_index(op.f("ix_category_version"), "category", ["version"], unique=False)
    op.create_table(
        "event",
        sa.Column("category", sqlmodel.AutoString(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("info_code", sqlmodel.AutoString(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("moment", sa.Integer(), nullable=False),
        sa.Column("was", sa.Boolean(), nullable=False),
        sa.Column("now", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("category", "number"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "category_name",
        sa.Column("slug", sqlmodel.AutoString(), nullable=False),
        sa.Column("name", sqlmodel.AutoString(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("slug", "name"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "copy",
        sa.Column("source", sqlmodel.AutoString(), nullable=False),
        sa.Column("place", sqlmodel.AutoString(), nullable=False),
        sa.Column("info_code", sqlmodel.AutoString(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("modified_ns", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("first_seen", UTCDateTime(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("published", UTCDateTime(), nullable=True),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("category_names", sa.JSON(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("payload", sa.JSON(none_as_null=True), nullable=True),
        sa.PrimaryKeyConstraint("source", "place"),
    )
    op.create_index(op.f("ix_copy_info_code"), "copy", ["info_code"], unique=False)
    op.create_table(
        "entry",
        sa.Column("info_code", sqlmodel.AutoString(), nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("scope", sqlmodel.AutoString(), nullable=False),
        sa.Column("source", sqlmodel.AutoString(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("published", UTCDateTime(), nullable=False),
        sa.Column("updated", UTCDateTime(), nullable=False),
        sa.Column("first_seen", UTCDateTime(), nullable=False),
        sa.Column("origin", sa.JSON(), nullable=False),
        sa.Column("authors", sa.JSON(), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("category_names", sa.JSON(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("enclosures", sa.JSON(), nullable=False),
        sa.Column("language", sqlmodel.AutoString(), nullable=False),
        sa.Column("extras", sa.JSON(), nullable=False),
        sa.Column("guid", sa.Text(), nullable=False),
        sa.Column("atom_id", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("withdrawn", UTCDateTime(), nullable=True),
        sa.Column("withdrawn_by", sqlmodel.AutoString(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("info_code"),
        sa.UniqueConstraint("atom_id"),
    )
    op.create_index(op.f("ix_entry_change"), "entry", ["change"], unique=False)
    op.create_table(
        "membership",
        sa.Column("category", sqlmodel.AutoString(), nullable=False),
        sa.Column("published", UTCDateTime(), nullable=False),
        sa.Column("info_code", sqlmodel.AutoString(), nullable=False),
        sa.Column("source", sqlmodel.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("category", "published", "info_code"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "revision",
        sa.Column("info_code", sqlmodel.AutoString(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("published", UTCDateTime(), nullable=False),
        sa.Column("updated", UTCDateTime(), nullable=False),
        sa.Column("enclosures", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("info_code", "revision"),
    )
    op.create_table(
        "source",
        sa.Column("name", sqlmodel.AutoString(), nullable=False),
        sa.Column("kind", sqlmodel.AutoString(), nullable=False),
        sa.Column("settings", sqlmodel.AutoString(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=False),
        sa.Column("modified", sa.Text(), nullable=False),
        sa.Column("digest", sqlmodel.AutoString(), nullable=False),
        sa.Column("last_pull", UTCDateTime(), nullable=True),
        sa.Column("last_success", UTCDateTime(), nullable=True),
        sa.Column("next_pull", UTCDateTime(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("trouble", sqlmodel.AutoString(), nullable=False),
        sa.Column("warning", sa.Text(), nullable=False),
        sa.Column("alerted", UTCDateTime(), nullable=True),
        sa.Column("outcome", sqlmodel.AutoString(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("moved_to", sa.Text(), nullable=False),
        sa.Column("moved_pulls", sa.Integer(), nullable=False),
        sa.Column("proposal", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("hub", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("rhythm", sa.Float(), nullable=False),
        sa.Column("last_new", UTCDateTime(), nullable=True),
        sa.Column("pace", sa.JSON(), nullable=False),
        sa.Column("fresh_until", UTCDateTime(), nullable=True),
        sa.Column("retry_until", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "source_day",
        sa.Column("source", sqlmodel.AutoString(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("source", "day"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "subscription",
        sa.Column("token", sqlmodel.AutoString(), nullable=False),
        sa.Column("source", sqlmodel.AutoString(), nullable=False),
        sa.Column("hub", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("secret", sqlmodel.AutoString(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("asked", UTCDateTime(), nullable=True),
        sa.Column("next_ask", UTCDateTime(), nullable=True),
        sa.Column("lease_until", UTCDateTime(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("pushed", UTCDateTime(), nullable=True),
        sa.Column("missed", UTCDateTime(), nullable=True),
        sa.Column("dropped", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("token"),
    )
    op.create_index(op.f("ix_subscription_source"), "subscription", ["source"], unique=False)
    op.create_table(
        "partner",
        sa.Column("name", sqlmodel.AutoString(), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("created", UTCDateTime(), nullable=False),
        sa.Column("excerpt", sa.Integer(), nullable=True),
        sa.Column("embargo", sa.Integer(), nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=False),
        sa.Column("expires", UTCDateTime(), nullable=True),
        sa.Column("revoked", UTCDateTime(), nullable=True),
        sa.Column("former_key", sa.LargeBinary(), nullable=False),
        sa.Column("former_until", UTCDateTime(), nullable=True),
        sa.Column("webhook", sa.Text(), nullable=False),
        sa.Column("webhook_secret", sqlmodel.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_index(op.f("ix_partner_former_key"), "partner", ["former_key"], unique=False)
    op.create_index(op.f("ix_partner_key"), "partner", ["key"], unique=False)
    op.create_table(
        "partner_day",
        sa.Column("partner", sqlmodel.AutoString(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("partner", "day"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "topic_subscription",
        sa.Column("token", sqlmodel.AutoString(), nullable=False),
        sa.Column("callback", sa.Text(), nullable=False),
        sa.Column("host", sqlmodel.AutoString(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("category", sqlmodel.AutoString(), nullable=False),
        sa.Column("suffix", sqlmodel.AutoString(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("lease_until", UTCDateTime(), nullable=True),
        sa.Column("pending", sqlmodel.AutoString(), nullable=False),
        sa.Column("wanted_secret", sa.Text(), nullable=False),
        sa.Column("wanted_seconds", sa.Integer(), nullable=False),
        sa.Column("next_try", UTCDateTime(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("token"),
    )
    op.create_table(
        "follower",
        sa.Column("id", sqlmodel.AutoString(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("next_try", UTCDateTime(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", UTCDateTime(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("delivered", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "dead_letter",
        sa.Column("follower", sqlmodel.AutoString(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("info_code", sqlmodel.AutoString(), nullable=False),
        sa.Column("died", UTCDateTime(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("follower", "number"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "search_document",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("info_code", sqlmodel.AutoString(), nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("published", UTCDateTime(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("info_code"),
    )
    op.create_table(
        "search_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("numbers", sa.Integer(), nullable=False),
        sa.Column("emptied", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.execute("INSERT INTO search_mark (id, change, numbers, emptied) VALUES (1, 0, 0, 0)")
    # Which entries have a token, and no more: no text, no positions, no counts.
    op.execute(
        "CREATE VIRTUAL TABLE search_words USING fts5 (tokens, content='', detail=none, columnsize=0, tokenize='ascii')"
    )
    op.create_table(
        "store",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("identity", sqlmodel.AutoString(), nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "story",
        sa.Column("info_code", sqlmodel.AutoString(), nullable=False),
        sa.Column("story", sqlmodel.AutoString(), nullable=False),
        sa.Column("published", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("info_code"),
    )
    op.create_index(op.f("ix_story_story"), "story", ["story"], unique=False)
    op.create_table(
        "tombstone",
        sa.Column("category", sqlmodel.AutoString(), nullable=False),
        sa.Column("withdrawn", UTCDateTime(), nullable=False),
        sa.Column("info_code", sqlmodel.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("category", "withdrawn", "info_code"),
        sqlite_with_rowid=False,
    )
