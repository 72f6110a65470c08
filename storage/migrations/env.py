"""Run by Alembic. ``storage.database`` passes the open connection, so that a migration is one transaction."""

from alembic import context
from sqlmodel import SQLModel

import storage.tables  # noqa: F401  registers the tables

connection = context.config.attributes.get("connection")
if connection is None:
    raise SystemExit("migrations are run by opening a store with Feedmill, not by alembic itself")
context.configure(connection=connection, target_metadata=SQLModel.metadata, transactional_ddl=False)
context.run_migrations()
