"""Drafting: a starter monitor.yaml from a look at somebody's table."""

from __future__ import annotations

import os
import re
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor.config import kind
from monitor.config.environment import expand
from monitor.config.source import CsvConfig
from monitor.config.url import check_source_url
from monitor.config.wrong import Wrong
from monitor.errors import SourceError, UsageError
from monitor.service.drafting.columns import Column, look, plain
from monitor.service.drafting.roles import Guess, guess
from monitor.service.drafting.signs import csv_signs
from monitor.service.drafting.tables import ground_truth, tables, truth_roles
from monitor.service.drafting.text import Outline, column_names, text
from monitor.source import Relation, Request, open_relation
from monitor.source.times import to_datetime

_ENDINGS = {
    ".parquet": "parquet", ".csv": "csv", ".csv.gz": "csv", ".tsv": "csv", ".tsv.gz": "csv", ".jsonl": "jsonl",
    ".jsonl.gz": "jsonl", ".db": "sqlite", ".sqlite": "sqlite", ".sqlite3": "sqlite", ".duckdb": "duckdb",
}  # fmt: skip
LEARN, CALM = timedelta(days=14), timedelta(days=28)


@dataclass(frozen=True)
class Draft:
    """The text of a monitor.yaml, and what its reader should know."""

    text: str
    guess: Guess
    table: str | None
    truth: str | None
    remarks: list[str]


def draft(
    given: str,
    *,
    folder: Path,
    table: str | None = None,
    truth_table: str | None = None,
    truth_url: str | None = None,
) -> Draft:
    """Look at a log and guess what stands where in it.

    Parameters
    ----------
    given : str
        The log's URL, or the path of a file.
    folder : Path
        Where the monitor.yaml will stand.
    truth_table, truth_url : str, optional
        Where ground truth stands; else a table of the same database that obviously holds it is taken.

    Raises
    ------
    SourceError, UsageError
        The log cannot be read, or its table must be named.
    """
    url = address(given, folder)
    reachable = expanded(url)
    table = _table(reachable, table, folder)
    signs = csv_signs(_csv_of(reachable, truth_url, folder), folder)
    with closing(open_relation(reachable, table=table, csv=signs, folder=folder)) as relation:
        columns = look(relation)
        found = guess(columns)
        truth = _truth(found, reachable, (url, table), (truth_url, truth_table), folder, signs)
        if truth is not None:
            found = guess(columns, target=truth[1])
        remarks = list(_remarks(found, columns))
        left = None
        if truth is None and (truth_url or truth_table):
            left, why = _unguessed(found, reachable, (truth_url, truth_table), folder, signs)
            remarks.append(why)
        reference = _reference(relation, found)
    where = _where(found)
    remarks += [f"the table holds other models too; the file is for {where}"] if where else []
    name = str(next(iter(where.values()), None) or _name(url, table, folder))
    naive = any(column.naive for column in columns if column is found.roles.get("time"))
    outline = Outline(name, url, table, found, where, naive, truth[0] if truth else None, reference, signs, left)
    return Draft(text(outline), found, table, truth[2] if truth else None, remarks)


def address(given: str, folder: Path) -> str:
    """Return the URL of what was given, a path of a file included.

    Raises
    ------
    UsageError
        It is neither.

    Examples
    --------
    >>> address("logs.parquet", Path.cwd())
    'parquet:///logs.parquet'
    """
    path = Path(given)
    if "://" in given:
        try:
            return str(check_source_url(given))
        except Wrong as wrong:
            raise UsageError(f"{given!r} {wrong.problem}", wrong.hint) from None
    ending = next(
        (ending for ending in sorted(_ENDINGS, key=len, reverse=True) if given.lower().endswith(ending)), None
    )
    if ending is None:
        raise UsageError(
            f"{given!r} is neither a URL nor a file that can be read", "write sqlite:///logs.db or the like"
        )
    full = Path.cwd() / path
    inside = full.is_relative_to(folder.absolute())
    shown = full.relative_to(folder.absolute()).as_posix() if inside else full.as_posix()
    return f"{_ENDINGS[ending]}:///{shown}"


def expanded(url: str) -> str:
    """Return the URL with ``${NAME}`` replaced.

    Raises
    ------
    UsageError
        A variable is not set.
    """
    try:
        return expand(url, os.environ)
    except Wrong as wrong:
        raise UsageError(f"the URL {wrong.problem}", wrong.hint) from None


def _csv_of(url: str, truth_url: str | None, folder: Path) -> str:
    """Choose whose signs are asked for, as one block says them of both: the log's if that is CSV."""
    if url.startswith("csv:") or truth_url is None:
        return url
    return expanded(address(truth_url, folder))


def _table(url: str, table: str | None, folder: Path) -> str | None:
    if kind(url) == "files":
        return table
    if kind(url) != "sql":
        raise UsageError("such a URL cannot be looked at", "write monitor.yaml by hand; the README shows how")
    if table is not None:
        return table
    known = tables(url, folder)
    if len(known) == 1:
        return known[0]
    likely = [name for name in known if re.search(r"predict|scor|inference", name, re.IGNORECASE)]
    if len(likely) == 1:
        return likely[0]
    listed = f"its tables are {', '.join(known[:20])}" if known else "write --table and its name"
    raise UsageError("which table holds the predictions? --table is missing", listed)


def _truth(
    found: Guess,
    url: str,
    here: tuple[str, str | None],
    there: tuple[str | None, str | None],
    folder: Path,
    signs: CsvConfig | None,
) -> tuple[dict[str, object], Column, str] | None:
    """Return the block of ground truth, its target, and its name; None when there is none."""
    key = found.roles.get("id")
    if there == (None, None):
        if key is None or here[1] is None or "target" in found.roles or found.task == "ranking":
            return None
        obvious = ground_truth(url, here[1], key, folder)
        return (
            None
            if obvious is None
            else ({"table": obvious[0], **column_names(obvious[1])}, obvious[1]["target"], obvious[0])
        )
    where = address(there[0], folder) if there[0] else here[0]
    place = _place(there)
    if key is None:
        raise UsageError(f"{place} cannot be joined: no column of the predictions looks like an id", "write it by hand")
    roles = truth_roles(expanded(where), there[1], key, folder, signs)
    if roles is None:
        return None
    return _block(there, folder) | column_names(roles), roles["target"], place


def _place(there: tuple[str | None, str | None]) -> str:
    return there[1] or there[0] or ""


def _block(there: tuple[str | None, str | None], folder: Path) -> dict[str, object]:
    """Return where ground truth was said to stand."""
    block: dict[str, object] = {"url": address(there[0], folder)} if there[0] else {}
    return block | ({"table": there[1]} if there[1] else {})


def _unguessed(
    found: Guess, url: str, there: tuple[str | None, str | None], folder: Path, signs: CsvConfig | None
) -> tuple[dict[str, object], str]:
    """Return the block of ground truth whose columns nobody could guess, to be filled in, and a word about it.

    Raises
    ------
    SourceError
        There is no such table or file, or it cannot be read.
    """
    where = expanded(address(there[0], folder)) if there[0] else url
    with closing(open_relation(where, table=there[1], csv=signs, folder=folder)) as relation:
        names = relation.schema().names
    key = found.roles["id"].name
    same = next((name for name in names if plain(name).lower() == plain(key).lower()), None)
    missing = "a target" if same else f"the column with the ids of {key!r}"
    shown = ", ".join(map(repr, names[:12])) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
    block = _block(there, folder) | {"id": same or "COLUMN", "target": "COLUMN"}
    return block, f"ground_truth: is left a comment: {missing} of {_place(there)} could not be guessed among {shown}"


def _where(found: Guess) -> dict[str, object]:
    """Choose one model of a table that holds several."""
    column = found.roles.get("model")
    return {} if column is None or column.distinct < 2 or not column.values else {column.name: column.values[0]}


def _remarks(found: Guess, columns: list[Column]) -> list[str]:
    remarks = []
    if not any(column.rows for column in columns):
        remarks.append("the table has no rows: everything was guessed by names")
    if "time" not in found.roles:
        hint = f"its columns are {', '.join(column.name for column in columns[:20])}"
        raise UsageError("no column looks like the time of a prediction", hint)
    if "id" not in found.roles and found.task != "ranking":
        hint = "a prediction needs a key of its own; add one, or a view that makes one"
        raise UsageError("no column looks like an id: none has another value in each row", hint)
    if not {"prediction", "score", "rank"} & found.roles.keys():
        remarks.append("no column looks like a prediction or a score: only quality and drift can be measured")
    return remarks


def _reference(relation: Relation, found: Guess) -> tuple[datetime, datetime] | None:
    """Choose the first four weeks of a long history, the first two of a shorter one."""
    time = found.roles["time"]
    try:
        ends = relation.extent(Request((), time.name, timezone="UTC"))
    except SourceError:
        return None
    first, last = (to_datetime(end, "UTC", time.name) for end in ends) if ends else (None, None)
    if first is None or last is None:
        return None
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    length = next((length for length in (CALM, LEARN) if last - start >= 2 * length), None)
    return None if length is None else (start, start + length)


def _name(url: str, table: str | None, folder: Path) -> str:
    """Name the model for its table, else for its file, else for its folder: what is not a mere word for logs."""
    stem = re.split(r"[/\\?]", url.rstrip("/"))[-1].split(".")[0]
    names = [name for name in (table, stem, folder.absolute().name) if name]
    dull = re.compile(r"(\w*\.)?(predictions?|scores?|logs?|inferences?|data|events?|\W*)", re.IGNORECASE)
    name = next((name for name in names if not dull.fullmatch(name)), names[0])
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", name).strip("-.") or "model"
