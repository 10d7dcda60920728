"""Verdicts written as letters, one a window, and a small world in which incidents are told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.alerts.assemble import assemble
from monitor.alerts.fold import blank, fold
from monitor.alerts.hearing import Wishes, hear
from monitor.alerts.incident import Changed, Incident
from monitor.alerts.instance import Instance
from monitor.alerts.kind import group_key
from monitor.alerts.ledger import Ledger
from monitor.alerts.saved import dump, load
from monitor.alerts.send_decision import Decision, Moment, decide
from monitor.alerts.send_policy import SendPolicy
from monitor.alerts.step import step
from monitor.config.route import RouteConfig
from monitor.domain.verdict import Verdict
from monitor.domain.window import Window

START = datetime(2024, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)

LETTERS: Mapping[str, dict[str, str]] = {
    "o": {"state": "ok"},
    "m": {"state": "mid"},
    "B": {"state": "breach"},
    "I": {"state": "breach", "severity": "info"},
    "C": {"state": "breach", "severity": "critical"},
    "-": {"state": "none", "reason": "no_rows"},
}


def window(number: int) -> Window:
    """Return the window of that number, an hour long."""
    return Window(START + number * HOUR, START + (number + 1) * HOUR)


def verdict(letter: str, number: int, **more: Any) -> Verdict:
    """Return the verdict that a letter means, on the window of that number."""
    made: dict[str, Any] = {
        "model": "m",
        "rule": "r",
        "labels": {"metric": "psi", "column": "x"},
        "window": window(number),
    }
    return Verdict(**(made | LETTERS[letter] | more))


def verdicts(letters: str, **more: Any) -> list[Verdict]:
    """Return one verdict a letter, on windows from the first; a space has none."""
    return [verdict(letter, number, **more) for number, letter in enumerate(letters) if letter != " "]


def folded(letters: str, **more: Any) -> Instance:
    """Return the instance after those letters."""
    found = verdicts(letters, **more)
    return fold(blank(found[0]), found).instance


def told(letters: str, **more: Any) -> list[tuple[str, int]]:
    """Return what happened, and in which window."""
    found = verdicts(letters, **more)
    return [(t.kind, (t.window.start - START) // HOUR) for t in fold(blank(found[0]), found).transitions]


@dataclass
class Desk:
    """Instances stepped a window at a time, their incidents, and what each receiver was told of them.

    All states go through their saved form after every call, as they do in the service.
    """

    routes: Sequence[RouteConfig] = (RouteConfig(receivers=("team",)),)
    wishes: Wishes = field(default_factory=Wishes)
    policy: SendPolicy = field(default_factory=SendPolicy)
    cooldown: timedelta = 24 * HOUR
    instances: dict[str, Instance] = field(default_factory=dict)
    incidents: dict[str, list[Incident]] = field(default_factory=dict)
    ledgers: dict[tuple[str, str], Ledger] = field(default_factory=dict)
    notices: list[tuple[str, str, str]] = field(default_factory=list)
    receivers: Sequence[str] = ("team",)
    decide: Callable[..., Decision] = decide

    def step(self, number: int, found: Sequence[Verdict], at: datetime | None = None) -> None:
        """Fold the verdicts of a window into their instances, and these into incidents."""
        sorted_out: dict[str, list[Verdict]] = {}
        for one in found:
            sorted_out.setdefault(blank(one).fingerprint, []).append(one)
        for name, looks in sorted_out.items():
            now, _ = step(self.instances.get(name, blank(looks[0])), window(number), looks)
            self.instances[name] = load(Instance, dump(now))
        self.assemble(at or window(number).end)

    def assemble(self, at: datetime, cause: str | None = None) -> None:
        """Bring the incidents up to date."""
        keys: dict[str, list[Instance]] = {}
        for instance in self.instances.values():
            keys.setdefault(group_key(instance.model, instance.labels), []).append(instance)
        for key, found in keys.items():
            known = self.incidents.setdefault(key, [])
            last = known[-1] if known else None
            self.keep(assemble(last, found, at, cooldown=self.cooldown, cause=cause))

    def keep(self, changed: Changed) -> None:
        """Keep an incident that a call changed."""
        if changed.incident is None:
            return
        incident = load(Incident, dump(changed.incident))
        known = self.incidents.setdefault(incident.key, [])
        if known and known[-1].dedup_key == incident.dedup_key:
            known[-1] = incident
        else:
            known.append(incident)

    def last(self, key: str = "m") -> Incident:
        """Return the latest incident of a key."""
        return self.incidents[key][-1]

    def send(self, at: datetime, *, final: bool = True, late: bool = False) -> list[tuple[str, str, Decision]]:
        """Decide for every incident and receiver; return what was decided, incident and receiver before it."""
        wishes = Wishes(self.wishes.words, self.wishes.silences, self.routes, self.wishes.mute_times)
        decided = []
        for key, incidents in sorted(self.incidents.items()):
            faults = self.incidents.get(f"{key}/no_data", [])
            for incident in incidents:
                hearing = hear(incident, faults[-1].held if faults and faults[-1].open else (), wishes, at)
                for receiver in self.receivers:
                    place = (incident.dedup_key, receiver)
                    decision = self.decide(
                        incident,
                        hearing,
                        receiver,
                        self.ledgers.get(place, Ledger()),
                        Moment(at, final, late),
                        self.policy,
                    )
                    self.ledgers[place] = load(Ledger, dump(decision.ledger))
                    decided.append((incident.dedup_key, receiver, decision))
                    if decision.kind:
                        self.notices.append((key, receiver, decision.kind))
        return decided

    def play(self, letters: str, first: int = 0, **more: Any) -> list[str | None]:
        """Step and send a window at a time; return the kind of notice after each, of the first receiver."""
        kinds = []
        for number, letter in enumerate(letters, first):
            if letter != " ":
                self.step(number, [verdict(letter, number, **more)])
            kinds.append(next((d.kind for _, _, d in self.send(window(number).end) if d.kind), None))
        return kinds
