"""What SQLite and PostgreSQL say differently, as SQLAlchemy's own words for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import ARRAY, BigInteger, Text, TypeDecorator, bindparam
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement, GenericFunction
from sqlalchemy.types import NullType

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import ColumnElement, Dialect, Table
    from sqlalchemy.dialects import postgresql
    from sqlalchemy.sql.compiler import SQLCompiler
    from sqlalchemy.types import TypeEngine

    Insert = sqlite.Insert | postgresql.Insert


def inserting(table: Table, dialect: Dialect) -> Insert:
    """An insert into *table* that may say what happens ``on_conflict``, which both say alike."""
    if dialect.name == "sqlite":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table)


class greatest(GenericFunction[Any]):  # noqa: N801  SQL's name
    """The greatest of several values."""

    inherit_cache = True


@compiles(greatest, "sqlite")
def _greatest(element: greatest, compiler: SQLCompiler, **how: Any) -> str:
    return f"max{compiler.process(element.clause_expr, **how)}"


class _Numbers(TypeDecorator["Collection[int]"]):
    """Any number of whole numbers as one parameter."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else ARRAY(BigInteger))

    def process_bind_param(self, value: Collection[int] | None, dialect: Dialect) -> Any:
        numbers = list(value or ())
        return orjson.dumps(numbers).decode() if dialect.name == "sqlite" else numbers


class among(FunctionElement[Any]):  # noqa: N801  as SQL's functions
    """Whether *column* is one of the numbers that the parameter *name* holds.

    One parameter, however many there are: a statement with thousands of them takes twice the time.
    """

    inherit_cache = True
    # Not Boolean, of which SQLAlchemy asks SQLite whether it is 1, and SQLite then looks at every row.
    type = NullType()

    def __init__(self, column: ColumnElement[int], name: str) -> None:
        super().__init__(column, bindparam(name, type_=_Numbers()))


@compiles(among)
def _among(element: among, compiler: SQLCompiler, **how: Any) -> str:
    column, numbers = (compiler.process(one, **how) for one in element.clauses)
    return f"{column} = ANY ({numbers})"


@compiles(among, "sqlite")
def _among_json(element: among, compiler: SQLCompiler, **how: Any) -> str:
    column, numbers = (compiler.process(one, **how) for one in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({numbers}))"  # noqa: S608  it is SQLAlchemy's
