"""Routes: whom an incident is told to, and who else when nobody looks after it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from monitor.alerts.incident import Incident
from monitor.alerts.matcher import meets
from monitor.alerts.subject import Subject
from monitor.config.route import RouteConfig


@dataclass(frozen=True, slots=True)
class Due:
    """A step of escalation: who is told when, unless the incident is acknowledged or resolved before."""

    step: int
    at: datetime
    receivers: tuple[str, ...]


def chosen(routes: Iterable[RouteConfig], subject: Subject) -> tuple[RouteConfig, ...]:
    """Return the first route that fits, and those after it that fit as long as the fitting ones ``continue``.

    Examples
    --------
    >>> routes = [RouteConfig(match={"severity": "critical"}, receivers="oncall"), RouteConfig(receivers="team")]
    >>> chosen(routes, {"severity": ("critical",)})[0].receivers, chosen(routes, {"severity": ("info",)})[0].receivers
    (('oncall',), ('team',))
    """
    taken = []
    for route in routes:
        if meets(route.match, subject):
            taken.append(route)
            if not route.continue_:
                break
    return tuple(taken)


def receivers(routes: Iterable[RouteConfig]) -> tuple[str, ...]:
    """Return the receivers of some routes, each once."""
    return tuple(dict.fromkeys(name for route in routes for name in route.receivers))


def escalations(routes: Iterable[RouteConfig], incident: Incident) -> Iterator[Due]:
    """Yield the steps that stand before an incident, by their times; none when it is looked after or resolved."""
    if incident.state != "open":
        return
    steps = [step for route in routes for step in route.escalate]
    for number, step in enumerate(sorted(steps, key=lambda step: step.after), 1):
        yield Due(number, incident.unacked_since + step.after, step.to)


def escalated(routes: Iterable[RouteConfig], incident: Incident, at: datetime) -> Mapping[str, int]:
    """Return the receivers whom escalation has reached by an instant, with the last step that named them."""
    due = (step for step in escalations(routes, incident) if step.at <= at)
    return {name: step.step for step in due for name in step.receivers}
