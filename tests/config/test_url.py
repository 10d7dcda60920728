"""Where paths begin, what is behind an address, and what of it may be seen."""

from pathlib import Path

import pytest

from monitor.config import kind, mask, resolve_path, resolve_url
from monitor.config.url import check_source_url
from monitor.config.web_address import check_web_address
from monitor.config.wrong import Wrong

FOLDER = Path("/etc/monitor")


@pytest.mark.parametrize(
    ("url", "resolved"),
    [
        ("sqlite:///a.db", "sqlite:////etc/monitor/a.db"),
        ("sqlite:////var/a.db", "sqlite:////var/a.db"),
        ("sqlite+pysqlite:///a.db?timeout=5", "sqlite+pysqlite:////etc/monitor/a.db?timeout=5"),
        ("sqlite:///:memory:", "sqlite:///:memory:"),
        ("sqlite://", "sqlite://"),
        ("duckdb:///logs/a.duckdb", "duckdb:////etc/monitor/logs/a.duckdb"),
        ("parquet:///logs/*.parquet", "parquet:////etc/monitor/logs/*.parquet"),
        ("parquet:////logs/*.parquet", "parquet:////logs/*.parquet"),
        ("csv:///../a.csv.gz", "csv:////etc/monitor/../a.csv.gz"),
        ("jsonl:///a.jsonl", "jsonl:////etc/monitor/a.jsonl"),
        ("parquet+s3://bucket/a/*.parquet", "parquet+s3://bucket/a/*.parquet"),
        ("postgresql://u:p@h/db", "postgresql://u:p@h/db"),
        ("ingest://", "ingest://"),
    ],
)
def test_resolved(url: str, resolved: str) -> None:
    """Three slashes begin at the folder, four at the root; twice is as good as once."""
    assert resolve_url(url, FOLDER) == resolved
    assert resolve_url(resolved, Path("/elsewhere")) == resolved


def test_relative_folder_becomes_absolute() -> None:
    """A folder given as ``.`` is that of the process."""
    assert resolve_url("sqlite:///a.db", Path()) == f"sqlite:///{Path.cwd()}/a.db"
    assert resolve_path("/abs/m.py", FOLDER) == Path("/abs/m.py")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("parquet+gs://b/x.parquet", "files"),
        ("sqlite:///a.db", "sql"),
        ("snowflake://a/b", "sql"),
        ("spark://host:7077/db", "spark"),
        ("ingest://", "ingest"),
    ],
)
def test_kinds(url: str, expected: str) -> None:
    """An address that is not files, Spark or ours is a SQL database."""
    assert kind(url) == expected
    assert check_source_url(url) == url


@pytest.mark.parametrize(
    ("url", "masked"),
    [
        ("postgresql://u:p@ss/w@h:5/db", "postgresql://u:***@h:5/db"),
        ("postgresql://u@h/db", "postgresql://u@h/db"),
        ("mssql+pyodbc:///?odbc_connect=DRIVER%3D..PWD%3Dx", "mssql+pyodbc:///?odbc_connect=***"),
        ("snowflake://a/b?password=x&role=y", "snowflake://a/b?password=***&role=y"),
        ("host=db user=u password=x", "host=db user=u password=***"),
        ("u:p@h", "u:***@h"),
        ("", ""),
    ],
)
def test_masked(url: str, masked: str) -> None:
    """Passwords and secret parameters are hidden, the rest stays readable."""
    assert mask(url) == masked


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org",
        "https://localhost/x",
        "https://127.0.0.1/",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://u:p@example.org",
        "ftp://example.org",
        "https://",
        "https://[",
        "",
        None,
        "https://a b\n",
    ],
)
def test_no_web_addresses(url: object) -> None:
    """Plain http, private addresses and passwords are refused."""
    with pytest.raises(Wrong):
        check_web_address(url, allow_private=False)


def test_private_address_that_is_allowed() -> None:
    """``allow_private`` lets http and loopback through."""
    url = "http://127.0.0.1:9093/hook"
    assert check_web_address(url, allow_private=True) == url
