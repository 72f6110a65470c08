"""Alembic's migrations, in order under ``versions``; run whenever a store is opened that is behind."""
