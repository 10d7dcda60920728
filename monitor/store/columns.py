"""What the tables share: how constraints are named, and the columns that many of them have."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, MetaData, text
from sqlalchemy.types import TypeEngine

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def id_() -> Column[int]:
    """Return a key that the database numbers by itself."""
    # SQLite numbers rows by itself only when the key is called INTEGER.
    kind: TypeEngine[int] = BigInteger().with_variant(Integer, "sqlite")
    return Column("id", kind, primary_key=True)


def model_id(*, primary_key: bool = False) -> Column[int]:
    """Return the column that says whose a row is."""
    return Column("model_id", BigInteger, ForeignKey("models.id"), nullable=False, primary_key=primary_key)


def count(name: str) -> Column[int]:
    """Return a column of counts, 0 unless told."""
    return Column(name, BigInteger, nullable=False, server_default=text("0"))
