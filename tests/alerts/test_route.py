"""Routes: the first that fits, those after it that continue, and escalation."""

from __future__ import annotations

from typing import Any

from monitor.alerts.acknowledge import acknowledge, unacknowledge
from monitor.alerts.route import chosen, escalated, escalations, receivers
from monitor.config.route import RouteConfig
from tests.alerts.conftest import HOUR, Desk, window


def route(**keys: Any) -> RouteConfig:
    """Return a route as the file would have it."""
    return RouteConfig.model_validate(keys)


CRITICAL = route(match={"severity": "critical"}, receivers=["oncall"], escalate={"after": "30m", "to": ["lead"]})
AUDIT = route(match={"team": "risk"}, receivers=["audit"], **{"continue": True})
REST = route(receivers=["team"])


def test_the_first_that_fits_is_taken() -> None:
    """Their order decides; one without a match takes the rest."""
    assert receivers(chosen([CRITICAL, REST], {"severity": ("critical",)})) == ("oncall",)
    assert receivers(chosen([CRITICAL, REST], {"severity": ("warning",)})) == ("team",)
    assert chosen([CRITICAL], {"severity": ("info",)}) == ()


def test_one_that_continues_adds_the_next() -> None:
    """After a route with continue the search goes on, and each receiver is named once."""
    subject = {"severity": ("critical",), "team": ("risk",)}
    assert receivers(chosen([AUDIT, CRITICAL, REST], subject)) == ("audit", "oncall")
    assert receivers(chosen([AUDIT, AUDIT, REST], subject)) == ("audit", "team")


def test_escalation_waits_for_nobody_having_looked() -> None:
    """Its steps count from the opening, none is left once somebody looks after it, and freeing begins anew."""
    steps = route(
        receivers=["team"], escalate=[{"after": "2h", "to": ["boss"]}, {"after": "30m", "to": ["lead", "deputy"]}]
    )
    desk = Desk()
    desk.play("BB")
    opened_at = window(1).end
    assert [(due.step, due.at - opened_at) for due in escalations([steps], desk.last())] == [
        (1, HOUR / 2),
        (2, 2 * HOUR),
    ]
    assert escalated([steps], desk.last(), opened_at) == {}
    assert escalated([steps], desk.last(), opened_at + HOUR) == {"lead": 1, "deputy": 1}
    assert escalated([steps], desk.last(), opened_at + 3 * HOUR) == {"lead": 1, "deputy": 1, "boss": 2}
    desk.keep(acknowledge(desk.last(), actor="ann", at=opened_at))
    assert escalated([steps], desk.last(), opened_at + 3 * HOUR) == {}
    desk.keep(unacknowledge(desk.last(), actor="ann", at=opened_at + 5 * HOUR))
    assert escalated([steps], desk.last(), opened_at + 5.5 * HOUR) == {"lead": 1, "deputy": 1}
