"""The store's URL: what is allowed, what a relative path is relative to, and no password ever shown."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote, quote_plus

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from monitor.errors import StoreError
from monitor.store.filesystem import network_type

SECRET_WORDS = ("password", "passwd", "secret", "token")
HINT = "write sqlite:///monitor.db or postgresql://user:password@host/database"


def parse(url: str, folder: Path) -> URL:
    """Return the parsed URL, SQLite paths made absolute from ``folder``, PostgreSQL through psycopg 3.

    Raises
    ------
    StoreError
        The URL cannot be read, names another database, or a SQLite file in memory or on a network file system.

    Examples
    --------
    >>> parse("sqlite:///monitor.db", Path("/srv")).database
    '/srv/monitor.db'
    >>> parse("postgresql://me:secret@db/monitor", Path("/srv")).drivername
    'postgresql+psycopg'
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise StoreError("The store's URL cannot be read.", HINT) from None
    kind = parsed.drivername.split("+")[0]
    if kind in {"postgresql", "postgres"}:
        return parsed.set(drivername="postgresql+psycopg")
    if kind == "sqlite":
        return _sqlite(parsed, folder)
    raise StoreError(f"The store cannot be a {kind!r} database.", HINT)


def shown(url: URL) -> str:
    """Return the URL for people: password and secret query values as ``***``.

    Examples
    --------
    >>> shown(make_url("postgresql://me:secret@db/monitor?password=x"))
    'postgresql://me:***@db/monitor?password=***'
    """
    query = {key: "***" if _is_secret(key) else value for key, value in url.query.items()}
    plain = url.set(drivername=url.get_backend_name(), query=query)
    return plain.render_as_string(hide_password=True).replace("%2A%2A%2A", "***")


def masked(message: str, url: URL) -> str:
    """Return the message with every password of the URL, however written, as ``***``.

    Examples
    --------
    >>> masked("cannot reach s%40cret as s@cret", make_url("postgresql://me:s%40cret@db/monitor"))
    'cannot reach *** as ***'
    """
    secrets = [str(url.password)] if url.password else []
    secrets += [str(value) for key, value in url.query.items() if _is_secret(key) and value]
    for secret in sorted(
        {form for s in secrets for form in (s, quote(s, safe=""), quote_plus(s))}, key=len, reverse=True
    ):
        message = message.replace(secret, "***")
    return message


def _is_secret(key: str) -> bool:
    return any(word in key.lower() for word in SECRET_WORDS)


def _sqlite(url: URL, folder: Path) -> URL:
    name = url.database or ""
    if name in {"", ":memory:"} or name.startswith("file:"):
        raise StoreError(f"The store needs a SQLite file, not {name or 'memory'!r}.", "write sqlite:///monitor.db")
    path = (folder / name).absolute()
    network = network_type(path.resolve())
    if network:
        raise StoreError(
            f"{path} lies on a network file system ({network}), where SQLite's locks do not hold.",
            "put the file on a local disk, or use postgresql://",
        )
    return url.set(drivername="sqlite+pysqlite", database=str(path))
