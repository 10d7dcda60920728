"""What of an incident may be heard at a moment, and by whom: silences, inhibition, mute times and routes together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from monitor.alerts.incident import Incident
from monitor.alerts.inhibit import inhibited
from monitor.alerts.member import Member
from monitor.alerts.mute import muted
from monitor.alerts.route import chosen, escalated, receivers
from monitor.alerts.silence import Silence, covered
from monitor.alerts.subject import of_incident, of_member
from monitor.config.mute_time import MuteTimeConfig
from monitor.config.route import RouteConfig


@dataclass(frozen=True, slots=True)
class Hearing:
    """The members of an incident by whether they may be told, and the receivers.

    ``muted`` says that all notices wait. ``receivers`` are those of the routes, ``escalated`` those whom escalation
    has reached, with the last step that named them.
    """

    audible: tuple[Member, ...]
    silenced: tuple[Member, ...] = ()
    inhibited: tuple[Member, ...] = ()
    muted: bool = False
    receivers: tuple[str, ...] = ()
    escalated: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What people have set that concerns hearing: a model's labels, silences, routes and mute times."""

    words: Mapping[str, str] = field(default_factory=dict)
    silences: Sequence[Silence] = ()
    routes: Sequence[RouteConfig] = ()
    mute_times: Sequence[MuteTimeConfig] = ()


def hear(incident: Incident, no_data: Iterable[Member], wishes: Wishes, at: datetime) -> Hearing:
    """Return what of an incident may be heard at an instant.

    Routes go by what is audible; when nothing is, by all of it.

    Parameters
    ----------
    no_data : iterable of Member
        Those of the model's open no-data incident; they inhibit nothing in that incident itself.
    """
    faults = () if incident.no_data else tuple(no_data)
    silenced, hindered, audible = [], [], []
    for member in incident.held:
        if covered(wishes.silences, of_member(incident.model, wishes.words, member), at):
            silenced.append(member)
        elif inhibited(member, faults):
            hindered.append(member)
        else:
            audible.append(member)
    subject = of_incident(incident, wishes.words, audible or incident.members)
    routes = chosen(wishes.routes, subject)
    return Hearing(
        tuple(audible),
        tuple(silenced),
        tuple(hindered),
        muted(wishes.mute_times, subject, at),
        receivers(routes),
        escalated(routes, incident, at),
    )
