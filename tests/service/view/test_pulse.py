"""The pulse changes with everything that pages show, and with nothing else."""

from __future__ import annotations

from datetime import timedelta

from monitor.config import load
from monitor.service.oncall import incidents, silencing
from monitor.service.opening import opened
from monitor.service.view.pulse import pulse
from tests.service.conftest import DAY, START, World, rows_of, truth_of

NOW = START + 10 * DAY + timedelta(minutes=5, seconds=10)


def test_the_pulse_changes_with_what_pages_show(world: World) -> None:
    """A window, an incident acted on, a silence and a minute are each another pulse; looking again is not."""
    rows = [*rows_of(6, per_hour=20), *rows_of(3, first=START + 6 * DAY, per_hour=20, shift=80.0)]
    world.predict(rows)
    world.label(truth_of(rows))
    world.done(START + 9 * DAY)
    config = load(world.folder / "monitor.yaml")
    with opened(config) as store:
        seen = [pulse(store, NOW)]
        assert pulse(store, NOW + timedelta(seconds=40)) == seen[0]
        seen.append(pulse(store, NOW + timedelta(seconds=50)))
        [one] = incidents.listed(config, store)
        incidents.acknowledge(config, store, one.id, actor="ann", note="on it")
        seen.append(pulse(store, NOW))
        silencing.add(config, store, ["model=m"], length=timedelta(hours=1), actor="ann", reason="known")
        seen.append(pulse(store, NOW))
    world.predict(rows_of(1, first=START + 9 * DAY, per_hour=20, shift=80.0))
    world.done(START + 10 * DAY)
    with opened(config) as store:
        seen.append(pulse(store, NOW))
    assert len(set(seen)) == len(seen) == 5
