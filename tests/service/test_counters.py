"""The samples for a monitoring system, and the text they become."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest

from monitor.config import load
from monitor.domain.window import Window
from monitor.service.scrape.counters import COUNTERS, PREFIX, Counted, Sample, counters, samples
from monitor.service.scrape.exposition import exposition
from monitor.service.status.model import Status
from monitor.store import due, model_counters, models
from monitor.store.claims import FRESH
from monitor.store.engine import open_store
from monitor.store.tables import STATUSES
from tests.service.conftest import DAY, HOUR, START, World, rows_of, truth_of

NAME = re.compile(r"[a-z][a-z0-9_]*")
LABEL = r'[a-zA-Z_]\w*="(?:[^"\\\n]|\\[\\"n])*"'
LINE = re.compile(rf"[a-zA-Z_:][\w:]*(?:\{{{LABEL}(?:,{LABEL})*\}})? (?:[+-]?[0-9.e+-]+|NaN|[+-]Inf)")
HEAD = re.compile(r"# (?:HELP [a-zA-Z_:][\w:]* .*|TYPE [a-zA-Z_:][\w:]* (?:counter|gauge))")


def _values(found: list[Sample]) -> dict[str, float]:
    return {"/".join([s.name.removeprefix(PREFIX), *list(s.labels.values())[1:]]): s.value for s in found}


def test_counters_of_a_run(world: World) -> None:
    """What a run left and what workers counted comes as samples, one query's worth however many windows there are."""
    rows = rows_of(5)
    world.predict(rows)
    world.label(truth_of(rows))
    world.done(START + 5 * DAY)
    late = [("new", START + 4 * DAY + HOUR, None, 1, 0.5, 1.0, "A")]
    world.predict(late)
    world.done(START + 5 * DAY + 2 * HOUR)
    config = load(world.folder / "monitor.yaml")
    store = open_store(config.store, folder=world.folder)
    with store.write() as conn:
        model = models.find(conn, "m")
        assert model is not None
        model_counters.add(conn, model.id, "stale_fences", 3)
        model_counters.add(conn, model.id, "late_after_close", 7)
        due.enter(conn, model.id, [Window(START + 5 * DAY, START + 6 * DAY)], FRESH, START)
    found = _values(counters(config, store, START + 6 * DAY + HOUR))
    store.close()
    assert found["last_success_timestamp_seconds"] == (START + 5 * DAY + 2 * HOUR).timestamp()
    assert found["last_window_end_timestamp_seconds"] == (START + 5 * DAY).timestamp()
    assert (found["lateness_seconds"], found["oldest_due_window_age_seconds"]) == (3600, 3600)
    assert (found["windows/done"], found["windows/due"], found["windows/failed"]) == (5, 1, 0)
    assert (found["rows"], found["ledger_rows"], found["source_up"]) == (len(rows) + 1, 7, 1)
    assert (found["revisions_total"], found["stale_fences_total"], found["late_after_close_rows_total"]) == (1, 3, 7)


@pytest.mark.parametrize("state", ["ok", "failing", "new"])
def test_names_and_kinds(state: Any) -> None:
    """Names follow the conventions: a prefix, units in full, ``_total`` for what only grows and for nothing else."""
    found = samples([Counted(Status("m", "binary", state))], START)
    assert all(NAME.fullmatch(s.name) and s.name.startswith(PREFIX) and s.help.endswith(".") for s in found)
    assert {s.name.endswith("_total") for s in found if s.type == "counter"} == {True}
    assert not any(s.name.endswith("_total") for s in found if s.type == "gauge")
    assert {s.labels["status"] for s in found if "status" in s.labels} == set(STATUSES)
    assert sum(s.type == "counter" for s in found) == len(COUNTERS)
    assert len({(s.name, *s.labels.items()) for s in found}) == len(found)
    assert _values(found)["source_up"] == (state != "failing")


def test_hostile_names_keep_the_format() -> None:
    """Text that is Prometheus' grammar comes of any name, each metric's lines together with one head."""
    names = ['a"} 1\n# TYPE evil counter', "back\\slash", "größe 訓練", "\ud800\x1b[31m"]
    last = Window(START, START + DAY)
    status = [Status(name, "binary", "late", last=last, lateness=timedelta(seconds=1.5)) for name in names]
    text = exposition(samples([Counted(one) for one in status], datetime.now(START.tzinfo)))
    text.encode("utf-8")
    lines = text.split("\n")
    assert lines.pop() == ""
    assert [line for line in lines if not (HEAD if line.startswith("#") else LINE).fullmatch(line)] == []
    metrics = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(metrics) == len(set(metrics))
    owners = [re.split(r"[ {]", line.removeprefix("# HELP ").removeprefix("# TYPE "))[0] for line in lines]
    changes = [name for i, name in enumerate(owners) if i == 0 or owners[i - 1] != name]
    assert changes == metrics
    assert 'model_monitor_lateness_seconds{model="back\\\\slash"} 1.5' in lines
