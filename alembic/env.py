"""How Alembic reaches the store: the connection it is handed, else MONITOR_STORE (to write a migration)."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection

from alembic import context
from monitor.store.address import parse
from monitor.store.engine import build_engine
from monitor.store.instant import Instant
from monitor.store.schema import metadata
from monitor.store.text import HostileText

logging.getLogger("alembic").setLevel(logging.WARNING)


def spell_out(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Write our own types as what they are in a database: a migration must not change when they do."""
    if kind == "type" and isinstance(item, Instant):
        return 'sa.DateTime(timezone=True).with_variant(sa.String(27), "sqlite")'
    if kind == "type" and isinstance(item, HostileText):
        return "sa.Text()"
    return False


def migrate(connection: Connection) -> None:
    """Run the migrations on this connection; a transaction already open stays the caller's."""
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=spell_out,
    )
    with context.begin_transaction():
        context.run_migrations()


handed = context.config.attributes.get("connection")
if handed is not None:
    migrate(handed)
else:
    url = parse(os.environ.get("MONITOR_STORE", "sqlite:///monitor.db"), Path.cwd())
    with build_engine(url, migrating=True).begin() as own:
        migrate(own)
