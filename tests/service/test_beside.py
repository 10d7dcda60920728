"""Runs, backfills and promotions at the same time: every window once, nobody in another's way."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from typing import Any

import psycopg
import pytest

from monitor.store import measurements, references, runs
from tests.service.conftest import DAY, START, World, rows_of, truth_of
from tests.service.test_promote import desk

MONITOR = [sys.executable, "-c", "import sys; from monitor.cli import main; sys.exit(main())"]
COMMANDS = [
    ["run"],
    ["run", "--from", "2024-03-03", "--to", "2024-03-10"],
    ["run", "--from", "2024-03-06", "--to", "2024-03-13"],
    ["promote", "--from", "2024-03-06", "--to", "2024-03-09"],
]


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_backfill_beside_a_run_and_a_promotion(
    world: World, dialect: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three processes over the same windows and a promotion: each window is done once, whole, against one reference."""
    if dialect == "postgresql":
        url = request.getfixturevalue("postgres_database")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"ALTER DATABASE {connection.info.dbname} SET synchronous_commit = on")
        monkeypatch.setenv("MONITOR_STORE", url)
    rows = rows_of(12)
    world.predict(rows)
    world.label(truth_of(rows))
    with desk(world) as (_, store):
        now = ["--now", (START + 12 * DAY).isoformat()]
        pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        working = [subprocess.Popen([*MONITOR, *c, *now], cwd=world.folder, **pipes) for c in COMMANDS]
        said = [process.communicate()[0] for process in working]
        assert [process.returncode for process in working] == [0] * 4, said
        with store.read() as conn:
            done = runs.history(conn)
            found = list(measurements.query(conn, model="m"))
            versions = [v.kind for v in references.history(conn, 1)]
    assert Counter((r.window.start - START).days for r in done) == Counter(range(12))
    assert {(r.status, r.revision, r.outcome.rows) for r in done} == {("done", 0, 48)}
    keys = Counter((m.window_start, m.metric, m.column, m.version, str(m.group)) for m in found)
    assert set(keys.values()) == {1}
    assert {r.outcome.reference_id for r in done} <= {1, 2}
    assert set(versions) <= {"period", "promoted"}
