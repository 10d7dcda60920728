"""Addresses of logs and stores: which kind they are, and where a relative path begins."""

import re
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal

from monitor.config.parsed import Parsed
from monitor.config.wrong import Wrong

FILES = ("parquet", "csv", "jsonl")
REMOTES = ("s3", "gs", "abfs")
_ON_DISK = (*FILES, "sqlite", "duckdb")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9]*)(?:\+([A-Za-z0-9_.-]+))?://(.*)", re.DOTALL)
_KNOWN = (*_ON_DISK, "postgresql", "mysql", "mariadb", "oracle", "mssql", "spark", "ingest")
_MEANT = {
    "postgres": "postgresql", "pg": "postgresql", "psql": "postgresql", "sqlite3": "sqlite",
    "tsv": "csv", "json": "jsonl", "ndjson": "jsonl", "file": "parquet", "pq": "parquet",
    "s3": "parquet+s3", "gs": "parquet+gs", "abfs": "parquet+abfs", "sqlserver": "mssql",
}  # fmt: skip
_UNREAD = ("avro", "orc", "xlsx", "xls", "excel", "feather", "pickle", "http", "https", "ftp")

Kind = Literal["files", "sql", "spark", "ingest"]


def scheme(url: str) -> tuple[str, str]:
    """Return a URL's scheme and what follows its ``+``, in small letters; both empty if there is none.

    Examples
    --------
    >>> scheme("parquet+s3://bucket/*.parquet"), scheme("ingest://")
    (('parquet', 's3'), ('ingest', ''))
    """
    match = _SCHEME.fullmatch(url)
    return (match[1].lower(), (match[2] or "").lower()) if match else ("", "")


def kind(url: str) -> Kind:
    """Return what is behind a source's URL: files, a SQL database, Spark, or rows pushed to us.

    Examples
    --------
    >>> kind("csv:///logs/*.csv.gz"), kind("duckdb:///logs.duckdb")
    ('files', 'sql')
    """
    name = scheme(url)[0]
    if name in FILES:
        return "files"
    if name == "spark":
        return "spark"
    return "ingest" if name == "ingest" else "sql"


def resolve_url(url: str, folder: Path) -> str:
    """Return the URL with a relative path on disk made absolute, beginning at ``folder``.

    Three slashes are relative to the folder of monitor.yaml, four absolute, as in SQLAlchemy. URLs
    of servers, object stores and ``:memory:`` are returned as they are.

    Examples
    --------
    >>> resolve_url("sqlite:///flights.db", Path("/etc/monitor"))
    'sqlite:////etc/monitor/flights.db'
    >>> resolve_url("parquet:////data/*.parquet", Path("/etc/monitor"))
    'parquet:////data/*.parquet'
    """
    match = _SCHEME.fullmatch(url)
    if not match or match[1].lower() not in _ON_DISK or scheme(url)[1] in REMOTES:
        return url
    rest = match[3]
    if not rest.startswith("/") or rest.startswith(("//", "/:memory:", "/file:")) or rest == "/":
        return url
    return url[: len(url) - len(rest)] + f"/{folder.absolute()}{rest}"


def resolve_path(path: str, folder: Path) -> Path:
    """Return a path of monitor.yaml made absolute, beginning at ``folder``.

    Examples
    --------
    >>> resolve_path("my_metrics.py", Path("/etc/monitor")).as_posix()
    '/etc/monitor/my_metrics.py'
    """
    return folder.absolute() / path


def check_source_url(value: object) -> str:
    """Return the URL of a log.

    Raises
    ------
    Wrong
        It has no scheme, one that is refused, or two slashes where a path needs three.
    """
    hint = "write sqlite:///logs.db, postgresql://host/db, parquet:///dir/*.parquet or the like"
    if not isinstance(value, str) or not value.strip():
        raise Wrong("is not a URL", hint)
    name, extra = scheme(value)
    if not name:
        raise Wrong("is not a URL: it has no scheme", hint)
    if not value.isprintable():
        raise Wrong("is not a URL: it holds a control character", hint)
    _known(name)
    rest = value.partition("://")[2]
    if name in FILES and extra and extra not in REMOTES:
        raise Wrong(f"is on a store that is not known: {extra}", "write one of +s3, +gs, +abfs")
    if name in _ON_DISK and not extra and not rest.startswith("/"):
        cure = f"write {name}:///file relative to this file, {name}:////folder/file absolute"
        raise Wrong("has two slashes before its path", cure)
    if name in FILES and not rest.strip("/"):
        raise Wrong("names no file", f"write {name}:///dir/*.{name}")
    return value


def check_store_url(value: object) -> str:
    """Return the URL of the service's own database: SQLite or PostgreSQL.

    Raises
    ------
    Wrong
        It is another database, or no URL.
    """
    hint = "write sqlite:///monitor.db or postgresql://user:${PASSWORD}@host/monitor"
    if not isinstance(value, str) or not scheme(value)[0]:
        raise Wrong("is not a URL", hint)
    name = scheme(value)[0]
    if name not in ("sqlite", "postgresql"):
        raise Wrong(f"cannot hold the store: {name} is neither SQLite nor PostgreSQL", hint)
    if name == "sqlite" and not value.endswith("://") and "://" + "/" not in value:
        raise Wrong("has two slashes before its path", "write sqlite:///monitor.db")
    return value


def _known(name: str) -> None:
    kinds = f"write one of {', '.join(_KNOWN)}"
    if name in _MEANT:
        raise Wrong(f"has the scheme {name}, which is not read", f"did you mean {_MEANT[name]}://?")
    if name in _UNREAD:
        raise Wrong(f"has the scheme {name}, which is not read", kinds)
    near = get_close_matches(name, _KNOWN, n=1, cutoff=0.8)
    if near and name not in _KNOWN:
        raise Wrong(f"has the scheme {name}, which is not known", f"did you mean {near[0]}://?")


_SCHEMA = {"type": "string", "examples": ["sqlite:///logs.db", "parquet:///logs/*.parquet"]}

SourceUrl = Annotated[str, Parsed(check_source_url, _SCHEMA)]
StoreUrl = Annotated[str, Parsed(check_store_url, {"type": "string"})]
