"""Parquet in an object store: S3 as a local server speaks it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from moto.server import ThreadedMotoServer
from pyarrow import fs

from monitor.errors import SourceError
from monitor.source import Request, open_relation
from monitor.source.objects import connect

START = datetime(2024, 3, 1, tzinfo=UTC)
NOWHERE = Path("/nowhere")


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """Run a server that speaks S3, on a free port of this machine."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> fs.FileSystem:
    """Point the environment at the server and put ten days of rows into a bucket."""
    for name, value in {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "monitor",
        "AWS_SECRET_ACCESS_KEY": "s3cret-key",
        "AWS_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    store = fs.S3FileSystem(endpoint_override=endpoint, allow_bucket_creation=True)
    store.create_dir("logs")
    for day in range(3):
        hours = [START + timedelta(hours=24 * day + hour) for hour in range(24)]
        rows = pa.table({"t": pa.array(hours, pa.timestamp("us", "UTC")), "n": range(24 * day, 24 * day + 24)})
        pq.write_table(rows, f"logs/flights/day={day}/part.parquet", filesystem=store, row_group_size=12)
    return store


@pytest.mark.usefixtures("bucket")
def test_rows_of_a_bucket_are_read() -> None:
    """Patterns, folders as columns, windows and extents work as on a disk."""
    relation = open_relation("parquet+s3://logs/flights/day=*/*.parquet", folder=NOWHERE)
    ask = Request(("n", "day"), "t", START + timedelta(hours=12), START + timedelta(hours=36))
    found = pa.Table.from_batches(relation.read(ask))
    assert found.column("n").to_pylist() == list(range(12, 36))
    assert found.column("day").to_pylist() == [0] * 12 + [1] * 12
    assert relation.extent(Request((), "t")) == (START, START + timedelta(hours=71))


@pytest.mark.usefixtures("bucket")
@pytest.mark.parametrize("path", ["**/*.parquet", "flights/day=[0-2]/part.parquet", "flights/*/p?rt.parquet"])
def test_patterns_match_as_on_a_disk(path: str) -> None:
    """``**`` goes to any depth, brackets and question marks stand for one sign."""
    relation = open_relation(f"parquet+s3://logs/{path}", folder=NOWHERE)
    assert pa.Table.from_batches(relation.read(Request(("n",)))).num_rows == 72


@pytest.mark.usefixtures("bucket")
def test_one_object_is_read() -> None:
    """A URL without a pattern names one object."""
    relation = open_relation("parquet+s3://logs/flights/day=1/part.parquet", folder=NOWHERE)
    assert relation.schema().names == ["t", "n", "day"]


@pytest.mark.usefixtures("bucket")
@pytest.mark.parametrize(
    ("url", "state"),
    [
        ("parquet+s3://logs/flights/*.csv", "missing_table"),
        ("parquet+s3://logs/none/x.parquet", "missing_table"),
        ("parquet+s3://no-such-bucket/*.parquet", "missing_table"),
        ("parquet+s3://logs", "unreadable"),
        ("parquet+s3://logs/flights/day=1", "unreadable"),
    ],
)
def test_what_is_not_there_is_named(url: str, state: str) -> None:
    """Absent buckets and objects are told as absent."""
    with pytest.raises(SourceError) as caught:
        open_relation(url, folder=NOWHERE)
    assert caught.value.state == state
    assert "logs" in caught.value.message or "no-such-bucket" in caught.value.message


def test_a_damaged_object_is_named(bucket: fs.FileSystem) -> None:
    """The message names the object."""
    with bucket.open_output_stream("logs/bad/x.parquet") as stream:
        stream.write(b"no parquet at all")
    with pytest.raises(SourceError, match=r"logs/bad/x\.parquet"):
        open_relation("parquet+s3://logs/bad/*.parquet", folder=NOWHERE).schema()


def test_an_unreachable_store_is_told_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dead endpoint is a state of its own, and keys in a URL never show."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    with pytest.raises(SourceError) as caught:
        open_relation("parquet+s3://key:s3cret-key@logs/*.parquet", folder=NOWHERE)
    assert caught.value.state == "unreachable"
    assert "s3cret-key" not in str(caught.value)


def test_other_stores_are_addressed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Google and Azure URLs become stores and paths, without any request."""
    store, path = connect("parquet+gs://bucket/a/*.parquet")
    assert (store.type_name, path) == ("gcs", "bucket/a/*.parquet")
    monkeypatch.setenv("AZURE_STORAGE_KEY", "a2V5")
    store, path = connect("parquet+abfs://box@acc.dfs.core.windows.net/a.parquet")
    assert (store.type_name, path) == ("abfs", "box/a.parquet")
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT", raising=False)
    with pytest.raises(SourceError, match="account is not known"):
        connect("parquet+abfs://box/a.parquet")
