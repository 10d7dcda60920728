"""The incidents that are open, a line each, for commands that are about something else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from monitor.cli.incident_words import about, short
from monitor.cli.visible import visible
from monitor.cli.wording import minute

if TYPE_CHECKING:
    from monitor.config import Config, ModelConfig
    from monitor.service.oncall.incidents import Seen
    from monitor.store.engine import Store


def still_open(config: Config, store: Store, chosen: Iterable[ModelConfig]) -> list[Seen]:
    """Return the open incidents of some models, in the order of the models."""
    from monitor.service.oncall.incidents import listed  # noqa: PLC0415

    names = [one.name for one in chosen]
    found = listed(config, store, names) if names else []
    return sorted(found, key=lambda one: names.index(one.incident.model))


def lines(found: Iterable[Seen]) -> Iterator[str]:
    """Yield a line about each incident: how grave, since when, about what, and whether somebody looks after it."""
    for one in found:
        incident, taken = one.incident, one.incident.acknowledgement
        since = f"{minute(incident.opened_at, one.zone)} {one.zone}"
        told = f"looked after by {taken.actor}" if taken else "silenced" if one.silenced else ""
        said = f"{incident.model}: {incident.severity} incident {short(one.id)} since {since}: {about(one)}"
        yield visible(said + (f"; {told}" if told else ""))
