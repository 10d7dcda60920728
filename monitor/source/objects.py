"""Parquet in object stores: ``parquet+s3://bucket/dir/*.parquet``, and gs and abfs likewise.

Credentials come from where each store's own tools look for them (environment, profile, instance role).
``AWS_ENDPOINT_URL_S3`` or ``AWS_ENDPOINT_URL`` names another server that speaks S3; the Azure account is
in the URL (``container@account.dfs.core.windows.net``) or in ``AZURE_STORAGE_ACCOUNT``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
from pyarrow import fs

from monitor.config.source import CsvConfig
from monitor.errors import SourceError
from monitor.source.files import brief, check_ending, no_match, no_table
from monitor.source.fileset import FileSet
from monitor.source.parquet import ENDINGS, ParquetReader
from monitor.source.relation import Relation
from monitor.source.scrub import scrub
from monitor.source.stamps import UNKNOWN

SCHEMES = ("parquet+s3", "parquet+gs", "parquet+abfs")
_DENIED = re.compile(r"access.?denied|forbidden|unauthori[sz]ed|invalidaccesskey|signature|\b40[13]\b", re.IGNORECASE)
_ABSENT = re.compile(r"no.?such.?(bucket|key)|not.?found|does not exist|\b404\b", re.IGNORECASE)
_PIECE = re.compile(r"\*\*/|\*|\?|\[!?\]?[^]]*\]|[^*?\[]+|\[")


def open_relation(url: str, *, table: str | None, query: str | None, csv: CsvConfig | None, folder: Path) -> Relation:
    """Open the Parquet objects that a URL's pattern names.

    Raises
    ------
    SourceError
        ``missing_table`` when nothing matches, ``permission_denied`` or ``unreachable`` as the store says.
    """
    del csv, folder
    no_table(url, table, query)
    with reaching(url):
        store, path = connect(url)
        found = _listed(store, path, url)
    listed = tuple((each.path, each.size or 0, each.mtime_ns or UNKNOWN) for each in found)
    return FileSet(scrub(url), tuple(each.path for each in found), ParquetReader(store, (url,)), listed)


def connect(url: str) -> tuple[fs.FileSystem, str]:
    """Return the store of a URL and the path or pattern in it, which begins with the bucket."""
    scheme, _, rest = url.partition("://")
    authority, _, path = rest.partition("/")
    user, _, place = authority.rpartition("@")
    kind = scheme.lower().partition("+")[2]
    if not authority or not path:
        raise SourceError(f"{scrub(url)} names no object", f"write {scheme}://bucket/dir/*.parquet")
    if kind == "s3":
        return _s3(user, place), f"{place}/{path}"
    if kind == "gs":
        return fs.GcsFileSystem(retry_time_limit=timedelta(seconds=30)), f"{place}/{path}"
    return _azure(place if user else ""), f"{user or place}/{path}"


@contextmanager
def reaching(url: str) -> Iterator[None]:
    """Turn a store's complaints into SourceErrors that tell what to look at."""
    try:
        yield
    except (OSError, pa.ArrowException) as error:
        said, shown = brief(error, url), scrub(url)
        if _DENIED.search(said):
            cure = "give the credentials in the environment the right to list and read it"
            raise SourceError(f"{shown}: {said}", cure, state="permission_denied") from error
        if _ABSENT.search(said) or isinstance(error, FileNotFoundError):
            cure = "check the bucket's name and the region in AWS_REGION"
            raise SourceError(f"{shown}: {said}", cure, state="missing_table") from error
        cure = "check network, region, credentials and endpoint (AWS_ENDPOINT_URL)"
        raise SourceError(f"{shown} cannot be reached: {said}", cure, state="unreachable") from error


def pattern_regex(pattern: str) -> re.Pattern[str]:
    """Return a shell pattern as a regular expression; ``*`` stays inside a folder, ``**/`` does not.

    Examples
    --------
    >>> rule = pattern_regex("b/**/*.parquet")
    >>> [bool(rule.fullmatch(name)) for name in ("b/x.parquet", "b/c/d/x.parquet", "b/.x.parquet")]
    [True, True, False]
    """
    parts = []
    fresh = True  # at the beginning of a name, where a dot hides it
    for piece in _PIECE.findall(pattern):
        guard = r"(?!\.)" if fresh and piece[0] in "*?[" else ""
        if piece == "**/":
            parts.append(r"(?:(?!\.)[^/]+/)*")
            continue
        if piece == "*":
            parts.append(guard + "[^/]*")
        elif piece == "?":
            parts.append(guard + "[^/]")
        elif piece[0] == "[" and len(piece) > 1:
            inner = piece[1:-1].replace("\\", r"\\")
            parts.append(guard + "[" + ("^" + inner[1:] if inner[:1] == "!" else inner) + "]")
        else:
            parts.append(re.escape(piece))
        fresh = piece.endswith("/")
    return re.compile("".join(parts))


def _s3(user: str, bucket: str) -> fs.FileSystem:
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""
    scheme, _, host = endpoint.rpartition("://")
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if region is None and not endpoint:
        try:
            region = fs.resolve_s3_region(bucket)
        except OSError:
            region = None  # the store's own default; listing tells if it is wrong
    key, _, secret = user.partition(":")
    return fs.S3FileSystem(
        access_key=key or None,
        secret_key=secret or None,
        endpoint_override=host.rstrip("/") or None,
        scheme=scheme or None,
        region=region,
        connect_timeout=10,
        request_timeout=60,
    )


def _azure(host: str) -> fs.FileSystem:
    account = host.partition(".")[0] or os.environ.get("AZURE_STORAGE_ACCOUNT")
    if not account:
        raise SourceError(
            "the Azure account is not known",
            "write parquet+abfs://container@account.dfs.core.windows.net/dir/*.parquet or set AZURE_STORAGE_ACCOUNT",
        )
    return fs.AzureFileSystem(account, account_key=os.environ.get("AZURE_STORAGE_KEY"))


def _listed(store: fs.FileSystem, pattern: str, url: str) -> list[fs.FileInfo]:
    """Return the objects that match, sorted; folders are refused unless the pattern goes inside."""
    fixed = re.split(r"[*?\[]", pattern, maxsplit=1)[0]
    if fixed == pattern:
        found = [store.get_file_info(pattern)]
    else:
        base = fixed.rpartition("/")[0]
        deep = "/" in pattern[len(base) + 1 :]
        listed = store.get_file_info(fs.FileSelector(base, allow_not_found=True, recursive=deep))
        rule = pattern_regex(pattern)
        found = [each for each in listed if rule.fullmatch(each.path)]
    if "**" in pattern:
        found = [each for each in found if each.type == fs.FileType.File]
    there = sorted((each for each in found if each.type != fs.FileType.NotFound), key=lambda e: e.path)
    if not there:
        raise no_match(url, pattern)
    for each in there:
        check_ending(each.path, url, ENDINGS)
        if each.type == fs.FileType.Directory:
            raise SourceError(f"{each.path} is a folder", f"write {scrub(url)}/**/*.parquet")
    return there
