"""What the database's errors mean to the operator, passwords masked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.engine import URL
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from monitor.errors import ContestedError, StoreError, UsageError
from monitor.store.address import masked, shown

REACH = "check that the server runs, its host and port in `store:`, and the firewall"
UPGRADE = "`monitor db upgrade` makes or updates its tables"
LOCKED = "database is locked"
NUL = "cannot contain NUL"  # what the driver for PostgreSQL says before it asks
CONTESTED = ("40001", "40P01")  # serialization failure, deadlock: PostgreSQL has undone one of those that stood still

# (what the driver says, what it means, what cures it), first match wins.
MEANINGS = (
    (LOCKED, "is locked by another process that did not finish in time",
     "wait for the other command to end; `fuser` on the file names the process"),
    ("unable to open database file", "cannot be opened", "check that the folder is there and yours to write in"),
    ("readonly database", "cannot be written", "check the permissions of the file and of its folder"),
    ("file is not a database", "is not a SQLite database", "point `store:` at another file"),
    ("malformed", "is damaged", "restore the last `monitor backup`"),
    ("disk is full", "has no room left on the disk", "free some disk space"),
    ("no space left", "has no room left on the disk", "free some disk space"),
    ("disk i/o error", "cannot be read or written", "check the disk: is there room, is it still mounted?"),
    ("no such table", "lacks a table", UPGRADE),
    ("no such column", "lacks a column", UPGRADE),
    ("password authentication failed", "refused the password", "check user and password in `store:` or MONITOR_STORE"),
    ("no password supplied", "wants a password", "write postgresql://user:${PASSWORD}@host/database"),
    ("permission denied", "refused permission", "grant the user of `store:` its schema and tables"),
    ("connection refused", "cannot be reached", REACH),
    ("failed to resolve host", "cannot be reached", REACH),
    ("name or service not known", "cannot be reached", REACH),
    ("connection timeout", "did not answer in time", REACH),
    ("connection timed out", "does not answer any more", REACH),
    ("closed the connection", "has lost its connection", REACH),
    ("too many clients", "has no connection left", "raise max_connections or run fewer workers"),
)  # fmt: skip


@contextmanager
def explained(url: URL) -> Iterator[None]:
    """Turn what the database could not do into a StoreError that says so; leave faults of our own code alone.

    Raises
    ------
    StoreError
        The database could not be reached or could not do what was asked.
    UsageError
        It was asked for a text that PostgreSQL cannot hold.
    """
    try:
        yield
    except IntegrityError:
        raise
    except DataError as error:
        if NUL in str(error.orig):
            raise UsageError("a text holds a NUL character", "nothing here is named so: leave it out") from error
        raise
    except DBAPIError as error:
        raise meaning(error, url) from error
    except PoolTimeout as error:
        raise StoreError(
            f"The store {shown(url)} has every connection in use.", "try again, or run fewer threads"
        ) from error


def meaning(error: DBAPIError, url: URL) -> StoreError:
    """Return the error for people.

    Examples
    --------
    >>> from sqlalchemy.engine import make_url
    >>> print(meaning(DBAPIError("", None, Exception("no such table: runs")), make_url("sqlite:////srv/m.db")))
    The store sqlite:////srv/m.db lacks a table: no such table: runs
      hint: `monitor db upgrade` makes or updates its tables
    """
    said = masked(str(error.orig).strip(), url)
    state = getattr(error.orig, "sqlstate", None)
    if state in CONTESTED:
        why = f"The store {shown(url)} ended a transaction that other processes stood in the way of: {said}"
        return ContestedError(why, "nothing of it was stored: try again")
    what, cure = _known(said, state)
    kind = ContestedError if LOCKED in said else StoreError
    return kind(f"The store {shown(url)} {what}: {said}", cure)


def _known(said: str, state: str | None) -> tuple[str, str]:
    if state == "3D000" or ("database" in said and "does not exist" in said):
        return "is not there", "create the database first: `createdb NAME`"
    if state in {"42P01", "42703"}:
        return "lacks a table or column", UPGRADE
    for words, what, cure in MEANINGS:
        if words in said.lower():
            return what, cure
    return "cannot be used", "check that the server runs and that `store:` names it rightly"
