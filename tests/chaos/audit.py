"""An audit: what must hold in a store after whatever has happened, each finding a sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection, Table, func, select

from monitor.store.tables import (
    changes,
    chores,
    counters,
    measurements,
    metadata,
    model_counters,
    models,
    reference_profiles,
    runs,
    series,
    tile_facts,
    tiles,
)
from tests.chaos.ground import HOUR, Ground

WITNESSES = "CREATE TABLE witnesses (run_id BIGINT NOT NULL, fence BIGINT NOT NULL)"
FEW = 3  # findings of a kind that are shown


def audit(ground: Ground, *, witnessed: bool = False, failures: bool = False) -> list[str]:
    """Return what is wrong: with the ledger, the feed, the numbers or the files; ``failures`` may have been counted."""
    with ground.opened() as conn, ground.undisturbed() as other:
        return [
            *_ledger(conn, ground, failures=failures),
            *_feed(conn),
            *_commits(conn, witnessed=witnessed),
            *_same("measurements", _numbers(conn, ground.end), _numbers(other, ground.end)),
            *_same("facts", _facts(conn, ground.end), _facts(other, ground.end)),
            *_same("tiles", _tiles(conn, ground.end), _tiles(other, ground.end)),
            *_same("references", _references(conn), _references(other)),
            *_indexes(conn),
        ]


def _ledger(conn: Connection, ground: Ground, *, failures: bool) -> Iterator[str]:
    """Look for windows of the grid that are not there once, done and free."""
    wanted = {ground.start + i * HOUR for i in range(ground.windows)}
    names = dict(conn.execute(select(models.c.id, models.c.name)).all())
    for model_id, name in names.items():
        own = conn.execute(select(runs).where(runs.c.model_id == model_id, runs.c.window_start < ground.end)).all()
        times = Counter(run.window_start for run in own)
        if missing := wanted - times.keys():
            yield f"{name}: {len(missing)} windows are missing"
        if doubled := [start for start, number in times.items() if number > 1 or start not in wanted]:
            yield f"{name}: {len(doubled)} windows are there twice or off the grid"
        for run in own:
            if (
                run.status != "done"
                or run.owner is not None
                or run.lease_until is not None
                or (run.attempts and not failures)
            ):
                yield f"{name}: {run.window_start:%d %H} is {run.status}, attempts {run.attempts}: {run.error}"
    if len(names) != ground.models:
        yield f"there are {len(names)} models"


def _feed(conn: Connection) -> Iterator[str]:
    """Look for gaps in the feed, and for runs that it does not tell once."""
    told = conn.execute(select(changes).order_by(changes.c.seq)).all()
    last = conn.execute(select(counters.c.value).where(counters.c.name == "changes")).scalar()
    if [row.seq for row in told] != list(range(1, len(told) + 1)) or last != len(told):
        yield f"the feed of {len(told)} entries, counter {last}, has gaps"
    times = Counter(row.run_id for row in told if row.kind == "window")
    done = set(conn.execute(select(runs.c.id).where(runs.c.status == "done")).scalars())
    if times.keys() != done or any(number > 1 for number in times.values()):
        yield f"the feed tells {times.total()} runs of {len(done)} that are done, {len(times)} different ones"


def _commits(conn: Connection, *, witnessed: bool) -> Iterator[str]:
    """Look for runs done without measurements or the reverse, and for ends by somebody who had lost the lease."""
    count = select(runs.c.id, runs.c.status, runs.c.fence, func.count(measurements.c.series_id).label("n"))
    found = conn.execute(count.outerjoin(measurements, measurements.c.run_id == runs.c.id).group_by(runs.c.id)).all()
    if bare := sum(1 for run in found if (run.status == "done") != bool(run.n)):
        yield f"{bare} runs are done without measurements, or have some and are not done"
    if witnessed:
        said = conn.exec_driver_sql("SELECT run_id, fence FROM witnesses").all()
        fences = {run.id: run.fence for run in found if run.status == "done"}
        if sorted(said) != sorted(fences.items()):
            yield f"{len(set(said) - set(fences.items()))} runs were finished by somebody who had lost them"


def _same(what: str, one: dict[object, object], other: dict[object, object]) -> Iterator[str]:
    different = [key for key in one.keys() | other.keys() if one.get(key) != other.get(key)]
    if different:
        shown = [(key, one.get(key), other.get(key)) for key in sorted(different, key=repr)[:FEW]]
        yield f"{len(different)} {what} differ from an undisturbed run's {len(other)}: {shown!r:.600}"


def _numbers(conn: Connection, end: datetime) -> dict[object, object]:
    """Return every measurement by what it measures: names, not numbers of rows."""
    chosen = (
        select(
            models.c.name, runs.c.window_start, runs.c.revision,
            series.c.metric, series.c.column_name, series.c.group_json, series.c.version,
            measurements.c.value, measurements.c.low, measurements.c.high, measurements.c.n, measurements.c.reason,
        )
        .join_from(measurements, runs, measurements.c.run_id == runs.c.id)
        .join(series, series.c.id == measurements.c.series_id)
        .join(models, models.c.id == runs.c.model_id)
        .where(runs.c.window_start < end)
    )  # fmt: skip
    return {tuple(row[:7]): tuple(row[7:]) for row in conn.execute(chosen)}


def _facts(conn: Connection, end: datetime) -> dict[object, object]:
    columns = [tile_facts.c[name] for name in ("tile_end", "rows_read", "rows", "labelled", "duplicates", "digest")]
    return _by_tile(conn, tile_facts, columns, end)


def _tiles(conn: Connection, end: datetime) -> dict[object, object]:
    names = ("fingerprint", "slot", "tile_end", "rows", "labelled", "profile")
    return _by_tile(conn, tiles, [tiles.c[name] for name in names], end)


def _by_tile(conn: Connection, table: Table, columns: list[object], end: datetime) -> dict[object, object]:
    chosen = select(models.c.name, table.c.tile_start, *columns).join(models, models.c.id == table.c.model_id)
    rows = [tuple(row) for row in conn.execute(chosen.where(table.c.tile_start < end))]
    split = 4 if table is tiles else 2
    return {row[:split]: row[split:] for row in rows}


def _references(conn: Connection) -> dict[object, object]:
    names = ("version", "fingerprint", "rows", "kind", "profile")
    columns = [reference_profiles.c[name] for name in names]
    chosen = select(models.c.name, *columns).join(models, models.c.id == reference_profiles.c.model_id)
    return {tuple(row[:2]): tuple(row[2:]) for row in conn.execute(chosen)}


def _indexes(conn: Connection) -> Iterator[str]:
    """Compare every index with its table."""
    if conn.dialect.name == "sqlite":
        said = [row[0] for row in conn.exec_driver_sql("PRAGMA integrity_check")]
        if said != ["ok"]:
            yield f"integrity_check: {said[:FEW]}"
        if broken := conn.exec_driver_sql("PRAGMA foreign_key_check").all():
            yield f"foreign_key_check: {broken[:FEW]}"
        return
    for table in metadata.sorted_tables:
        key = list(table.primary_key.columns)
        counted = []
        for seq in ("on", "off"):
            conn.exec_driver_sql(f"SET LOCAL enable_seqscan = {seq}")
            conn.exec_driver_sql(f"SET LOCAL enable_indexscan = {'off' if seq == 'on' else 'on'}")
            conn.exec_driver_sql(f"SET LOCAL enable_bitmapscan = {'off' if seq == 'on' else 'on'}")
            chosen = select(*key).order_by(*key)
            counted.append([tuple(row) for row in conn.execute(chosen)])
        if counted[0] != counted[1] or len(set(counted[0])) != len(counted[0]):
            yield f"the index of {table.name} disagrees with the table"


def counted(ground: Ground, name: str) -> int:
    """Return a counter summed over all models."""
    with ground.opened() as conn:
        total = select(func.coalesce(func.sum(model_counters.c.value), 0)).where(model_counters.c.name == name)
        return int(conn.execute(total).scalar_one())


def undone(ground: Ground) -> int:
    """Return how many windows are not done yet, or are held by somebody."""
    with ground.opened() as conn:
        done = select(func.count()).select_from(runs).where(runs.c.status == "done", runs.c.window_start < ground.end)
        held = select(func.count()).select_from(chores).where(chores.c.owner.is_not(None))
        return ground.models * ground.windows - conn.execute(done).scalar_one() + conn.execute(held).scalar_one()
