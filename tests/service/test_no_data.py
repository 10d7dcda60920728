"""What is missing is an incident of its own: it mutes what it explains, resolves nothing else, and ends by itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine, select, text

from monitor.config import load
from monitor.notify.saved import load as read
from monitor.service.alarms import standstill
from monitor.service.enlist import enlist
from monitor.service.notices.announce import Announced
from monitor.service.opening import opened
from monitor.store import clock, due, incidents, models
from monitor.store.alert_tables import outbox
from monitor.store.claims import FRESH
from monitor.store.incidents import StoredIncident
from tests.service.conftest import DAY, HOUR, START, World, rows_of, source_block, truth_of
from tests.service.test_alarm import announced

DAYS = 12
END = START + DAYS * DAY


def log(world: World, days: float, **more: Any) -> None:
    """Log so many days from the first one on, with their ground truth."""
    rows = rows_of(days, per_hour=6, **more)
    world.predict(rows)
    world.label(truth_of(rows))


def found(world: World) -> dict[str, StoredIncident]:
    """Return the incidents there are or were, by their key."""
    return {one.incident.key: one for one in world.read(lambda conn: incidents.every(conn, resolved=True))}


def kinds(world: World) -> dict[str | None, bool]:
    """Return what has ever been missing, and whether it still is."""
    one = found(world).get("m/no_data")
    return {member.labels["kind"]: member.held for member in one.incident.members} if one else {}


def test_a_silent_source(world: World) -> None:
    """Two days without a row open an incident that says since when; the first day with rows ends it."""
    log(world, DAYS)
    world.done(END + DAY)
    assert found(world) == {}
    world.done(END + 3 * DAY)
    one = found(world)["m/no_data"].incident
    assert kinds(world) == {"no_rows": True}
    assert (one.state, one.severity, one.started_at, one.no_data) == ("open", "critical", END, True)
    log(world, 2, first=END + 3 * DAY)
    world.done(END + 5 * DAY)
    after = found(world)["m/no_data"].incident
    assert (after.state, after.reason) == ("resolved", "recovered")


def test_a_log_that_ended_long_ago_is_history(world: World) -> None:
    """Whoever looks at an old log for the first time is not told that it has been silent since."""
    log(world, DAYS)
    world.done(None)
    assert found(world) == {}
    assert world.ledger()[-1].outcome.rows == 0


def test_silence_resolves_nothing(world: World) -> None:
    """A column that had moved when the log fell silent has still moved."""
    log(world, DAYS)
    log(world, 4, first=END, shift=60.0)
    world.done(END + 9 * DAY)
    both = found(world)
    assert {key: one.incident.state for key, one in both.items()} == {"m": "open", "m/no_data": "open"}
    assert both["m"].incident.columns == ("amount",)


def test_far_fewer_rows_than_usual(world: World) -> None:
    """A tenth of the rows is too few, which is not none."""
    log(world, DAYS)
    world.predict(rows_of(3, first=END, per_hour=1)[::2])
    world.done(END + 3 * DAY)
    assert kinds(world) == {"too_few_rows": True}
    assert found(world)["m/no_data"].incident.severity == "warning"


def test_nights_are_known_without_windows_of_a_reference(world: World) -> None:
    """Beside a reference that trails, the first weeks tell what is usual: a day is missed, no night is."""
    world.model["window"], world.model["reference"] = "6h", {"last": "2d", "lag": "1d"}
    days = [row for row in rows_of(DAYS, per_hour=6) if row[1].hour >= 6]
    world.predict(days)
    world.done(END)
    assert found(world) == {}
    world.done(END + DAY)
    assert kinds(world) == {"no_rows": True}


def test_no_rule_of_the_file_takes_it_away(world: World) -> None:
    """A model without rules is told of silence all the same."""
    log(world, DAYS)
    world.model["rules"] = []
    world.model["no_data_for"] = 1
    world.done(END + DAY)
    assert kinds(world) == {"no_rows": True}


def test_excluded_days_lack_nothing(world: World) -> None:
    """What was announced as a pause is none of it."""
    log(world, DAYS)
    world.model["exclude"] = [{"start": END.isoformat(), "end": (END + 5 * DAY).isoformat()}]
    world.done(END + 5 * DAY)
    assert found(world) == {}


@pytest.mark.parametrize(
    ("fault", "cure", "kind", "said"),
    [
        pytest.param(
            "ALTER TABLE predictions RENAME TO gone",
            "ALTER TABLE gone RENAME TO predictions",
            "source_error",
            "predictions",
            id="table renamed",
        ),
        pytest.param(
            "ALTER TABLE predictions RENAME COLUMN amount TO total",
            "ALTER TABLE predictions RENAME COLUMN total TO amount",
            "schema_changed",
            "amount",
            id="column gone",
        ),
    ],
)
def test_a_log_that_cannot_be_read(world: World, fault: str, cure: str, kind: str, said: str) -> None:
    """After two due windows it is an incident that names the fault; cured, all is computed and it is over."""
    log(world, DAYS + 3)
    world.done(END)
    world.execute(fault)
    assert world.run(END + DAY)[0].error is not None
    assert found(world) == {}
    assert world.run(END + 2 * DAY)[0].error is not None
    one = found(world)["m/no_data"].incident
    assert kinds(world) == {kind: True}
    assert (one.state, one.severity, one.started_at) == ("open", "critical", END)
    assert one.members[0].evidence is not None
    assert said in str(one.members[0].evidence.note)
    world.run(END + 2 * DAY)
    assert found(world)["m/no_data"].incident == one
    world.execute(cure)
    assert world.done(END + 3 * DAY).windows == 3
    assert found(world)["m/no_data"].incident.state == "resolved"


def test_an_inferred_column_that_goes(world: World) -> None:
    """A log that can be read without a column that nobody listed is told of too, beside what is missing in it."""
    del world.model["features"]
    log(world, DAYS + 3)
    world.done(END)
    world.execute("ALTER TABLE predictions DROP COLUMN amount")
    world.done(END + 3 * DAY)
    assert kinds(world) == {"schema_changed": True}
    (member,) = found(world)["m/no_data"].incident.members
    assert member.evidence is not None
    assert member.evidence.note == "amount has gone"


def test_permission_denied(world: World, postgres_database: str) -> None:
    """A right that was taken away is named; given back, the windows fill and the incident is over."""
    log(world, DAYS + 3)
    engine = create_engine(postgres_database)
    columns = "id text primary key, at timestamptz, version text, decided int, score float, amount float, place text"
    rows = [(r[0], r[1], *r[2:]) for r in rows_of(DAYS + 3, per_hour=6)]
    names = ("id", "at", "version", "decided", "score", "amount", "place")
    with engine.begin() as conn:
        conn.execute(text(f"CREATE TABLE predictions ({columns})"))
        conn.execute(text("CREATE TABLE outcomes (id text, seen timestamptz, happened int)"))
        values = ", ".join(f":{name}" for name in names)
        conn.execute(
            text(f"INSERT INTO predictions VALUES ({values})"),
            [dict(zip(names, row, strict=True)) for row in rows],
        )
        conn.execute(text("DROP ROLE IF EXISTS watcher_alarm"))
        conn.execute(text("CREATE ROLE watcher_alarm LOGIN PASSWORD 'secret'"))
        conn.execute(text("GRANT SELECT ON predictions, outcomes TO watcher_alarm"))
    url = engine.url.set(username="watcher_alarm", password="secret", drivername="postgresql")
    world.model["source"] = source_block(url.render_as_string(hide_password=False))
    try:
        world.done(END)
        with engine.begin() as conn:
            conn.execute(text("REVOKE SELECT ON predictions FROM watcher_alarm"))
        world.run(END + 2 * DAY)
        one = found(world)["m/no_data"].incident
        assert kinds(world) == {"source_error": True}
        assert one.members[0].evidence is not None
        assert "secret" not in str(one.members[0].evidence.note)
        with engine.begin() as conn:
            conn.execute(text("GRANT SELECT ON predictions TO watcher_alarm"))
        world.done(END + 3 * DAY)
        assert found(world)["m/no_data"].incident.state == "resolved"
    finally:
        with engine.begin() as conn:
            conn.execute(text("DROP OWNED BY watcher_alarm"))
            conn.execute(text("DROP ROLE watcher_alarm"))
        engine.dispose()


def test_ground_truth_that_stays_away(world: World) -> None:
    """Labels that come within an hour and then stop are missed two days later, not at the end of their horizon."""
    world.model["ground_truth_horizon"] = "4d"
    rows = rows_of(DAYS + 4, per_hour=6)
    world.predict(rows)
    world.label(truth_of([row for row in rows if row[1] < END]))
    world.done(END + DAY)
    assert found(world) == {}
    world.done(END + 4 * DAY)
    assert kinds(world) == {"labels_overdue": True}


def test_two_short_faults_are_not_a_long_one(world: World) -> None:
    """A window missed now and one missed later, with sound ones between, do not add up to two in a row."""
    log(world, DAYS + 6)
    world.done(END)
    for day in (1, 3):
        world.execute("ALTER TABLE predictions RENAME TO gone")
        world.run(END + day * DAY)
        world.execute("ALTER TABLE gone RENAME TO predictions")
        world.done(END + (day + 1) * DAY)
    assert found(world) == {}


def enlisted(world: World, now: datetime) -> tuple[Any, Any]:
    config = load(world.folder / "monitor.yaml")
    with opened(config, writing=True) as store:
        return config, enlist(config, store, now).models


def test_windows_that_nobody_computes(world: World) -> None:
    """Windows that came due under a scheduler and wait beyond the grace are overdue, and no more once computed."""
    log(world, DAYS)
    world.done(END)
    config, chosen = enlisted(world, END)
    with opened(config, writing=True) as store:
        with store.write() as conn:
            stored = models.find(conn, "m")
            assert stored is not None
            real = clock.now(conn)
            windows = [world.ledger()[-1].window.__class__(END + i * DAY, END + (i + 1) * DAY) for i in range(2)]
            due.enter(conn, stored.id, windows, FRESH, real)
        assert standstill.look(store, chosen, real + timedelta(minutes=20)) == 0
        late = real + HOUR
        assert standstill.look(store, chosen, late, settled=False) == 0
        assert standstill.look(store, chosen, late) == 1
        assert standstill.look(store, chosen, late) == 0, "every replica may look, any number of times"
    assert kinds(world) == {"overdue": True}
    log(world, 2, first=END)
    world.done(END + 2 * DAY)
    assert kinds(world) == {"overdue": False}


def test_what_missing_rows_explain_is_not_told(world: World) -> None:
    """A column that moves in the very days in which most rows are missing is recorded; told are the missing rows."""
    log(world, DAYS)
    few = [row for i, row in enumerate(rows_of(3, first=END, per_hour=6, shift=60.0)) if i % 12 < 5]
    world.predict(few)
    world.label(truth_of(few))
    world.done(END + 3 * DAY)
    assert kinds(world) == {"too_few_rows": True}
    assert found(world)["m"].incident.columns == ("amount",)
    assert announced(world, END + 3 * DAY) == Announced(1)
    with opened(load(world.folder / "monitor.yaml")) as store, store.read() as conn:
        assert [read(text).title for text in conn.execute(select(outbox.c.message)).scalars()] == [
            "m: fewer rows arrive than usual"
        ]
