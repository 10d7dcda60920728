"""Alarms come with the windows that raise them, whatever the order and however often one runs, and go with them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from monitor.alerts.matcher import Matcher
from monitor.alerts.silence import silence
from monitor.config import load
from monitor.service.enlist import enlist
from monitor.service.notices.announce import Announced, announce
from monitor.service.opening import opened
from monitor.store import clock, incidents, instances, models, silences
from tests.service.conftest import DAY, HOUR, START, World, rows_of, truth_of

if TYPE_CHECKING:
    from datetime import datetime

    from monitor.store.incidents import StoredIncident

DAYS, MOVED = 22, 16
END = START + DAYS * DAY


def log(world: World, shift: float = 60.0) -> None:
    """Log 22 days of which `amount` has moved from the 16th on."""
    world.model["ground_truth_horizon"] = "1d"
    rows = rows_of(MOVED, per_hour=6)
    rows += rows_of(DAYS - MOVED, first=START + MOVED * DAY, per_hour=6, shift=shift)
    world.predict(rows)
    world.label(truth_of(rows))


def open_now(world: World) -> list[StoredIncident]:
    return list(world.read(lambda conn: incidents.every(conn, resolved=True)))


def states(world: World) -> dict[str, Any]:
    def ask(conn: Any) -> dict[str, Any]:
        found = models.find(conn, world.model["name"])
        assert found is not None
        return dict(instances.every(conn, found.id))

    return dict(world.read(ask))


def test_a_shift_opens_one_incident(world: World) -> None:
    """What moved is one incident, open since the day it moved, told with its evidence; a second run adds nothing."""
    log(world)
    world.done(END)
    (found,) = open_now(world)
    assert found.incident.columns == ("amount",)
    assert found.incident.started_at == START + MOVED * DAY
    assert found.incident.state == "open"
    assert all(member.evidence and member.evidence.p_corrected is not None for member in found.incident.members)
    world.done(END)
    assert open_now(world) == [found]


def test_day_by_day_is_as_all_at_once(world: World, tmp_path_factory: Any) -> None:
    """Whoever runs every day has in the end what one run over all days gives."""
    log(world)
    for day in range(15, DAYS + 1):
        world.done(START + day * DAY)
    other = World(tmp_path_factory.mktemp("other"), dict(world.model))
    (other.folder / "logs.db").write_bytes(world.path.read_bytes())
    other.done(END)
    assert {n: (i.phase, i.started, i.last) for n, i in states(world).items()} == {
        n: (i.phase, i.started, i.last) for n, i in states(other).items()
    }
    assert [f.incident.started_at for f in open_now(world)] == [f.incident.started_at for f in open_now(other)]


def test_an_alarm_goes_when_its_rule_does(world: World) -> None:
    """A rule that is taken out of the file resolves what it had raised, and says why."""
    log(world)
    world.done(END - DAY)
    world.model["rules"] = []
    world.done(END)
    (found,) = open_now(world)
    assert (found.incident.state, found.incident.reason) == ("resolved", "rule_deleted")


def test_an_alarm_ends_by_itself(world: World) -> None:
    """When the column is as before for two days the incident resolves."""
    log(world)
    back = rows_of(4, first=END, per_hour=6)
    world.predict(back)
    world.label(truth_of(back))
    world.done(END + 4 * DAY)
    (found,) = open_now(world)
    assert (found.incident.state, found.incident.reason) == ("resolved", "recovered")


def announced(world: World, now: datetime) -> Announced:
    config = load(world.folder / "monitor.yaml")
    config = config.model_copy(
        update={"receivers": load_receivers(), "routes": load_routes()},
    )
    with opened(config, writing=True) as store:
        return announce(store, config, enlist(config, store, now).models, now=now)


def load_receivers() -> Any:
    from monitor.config.receiver import LogReceiver

    return (LogReceiver(name="team", type="log"),)


def load_routes() -> Any:
    from monitor.config.route import RouteConfig

    return (RouteConfig(receivers=("team",)),)


def test_a_receiver_is_told_once(world: World) -> None:
    """One incident is one notice; looking again tells nothing, a day without acknowledgement repeats it."""
    log(world)
    world.done(END)
    assert announced(world, END) == Announced(1)
    assert announced(world, END + timedelta(minutes=5)) == Announced()
    assert announced(world, END + timedelta(hours=5)) == Announced(1)


def test_a_quiet_model_opens_nothing(world: World) -> None:
    """Without a shift there is no incident, and nobody is told anything."""
    log(world, shift=0.0)
    world.done(END)
    assert open_now(world) == []
    assert announced(world, END) == Announced()


def test_a_silence_holds_by_the_real_clock(world: World) -> None:
    """A silence made just now hushes a run whose clock is set to the past."""
    log(world)
    world.done(END)
    config = load(world.folder / "monitor.yaml")
    with opened(config, writing=True) as store, store.write() as conn:
        real = clock.now(conn)
        made = silence(
            "sil_1",
            [Matcher("model", "=", "m")],
            starts_at=real,
            ends_at=real + HOUR,
            author="ann",
            reason="known",
            at=real,
        )
        silences.save(conn, made)
    assert announced(world, END) == Announced()
