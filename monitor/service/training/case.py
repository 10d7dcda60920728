"""Cases: what the store knows of a model that speaks for or against training it anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from monitor.alerts import retraining_policy as policy
from monitor.alerts.fingerprint import fingerprint
from monitor.alerts.incident import cooldown
from monitor.alerts.member import Member
from monitor.alerts.recommendation import Block, Grounds
from monitor.alerts.retraining_policy import Case, Fall
from monitor.config import ModelConfig
from monitor.domain.verdict import Verdict
from monitor.domain.window import Window
from monitor.service.job import reference_digest
from monitor.service.promote import KIND as PROMOTED
from monitor.store import incidents, recommendations, references, tile_facts, verdicts
from monitor.store.incidents import StoredIncident
from monitor.store.recommendations import Stored

LOOKS = 16  # windows of a fall that are looked back through


@dataclass(frozen=True)
class Standing:
    """What is known of some models: their open incidents, and the recommendations that tell what is to be thought."""

    incidents: Mapping[int, Sequence[StoredIncident]]
    live: Mapping[int, Stored]
    satisfied: Mapping[int, Stored]
    declined: Mapping[int, Stored]

    @classmethod
    def of(cls, conn: Connection, model_ids: Iterable[int]) -> Standing:
        """Read it, in four queries however many models."""
        wanted = list(model_ids)
        open_now: dict[int, list[StoredIncident]] = {}
        for found in incidents.every(conn, model_ids=wanted):
            open_now.setdefault(found.model_id, []).append(found)
        live = recommendations.live(conn, wanted)
        ended = (recommendations.last_over(conn, status, wanted) for status in ("satisfied", "declined"))
        return cls(open_now, live, *ended)

    def members(self, model_id: int) -> tuple[Member, ...]:
        """Return the members of a model's open incidents."""
        return tuple(member for one in self.incidents.get(model_id, ()) for member in one.incident.members)

    def matters(self, model_id: int) -> bool:
        """Tell whether a model needs a closer look: something is recommended, or performance has fallen."""
        return model_id in self.live or any(map(policy.is_fall, self.members(model_id)))


def case_of(conn: Connection, standing: Standing, model_id: int, model: ModelConfig, at: datetime) -> Case:
    """Return what speaks for and against training a model anew at an instant."""
    members = standing.members(model_id)
    satisfied, declined = standing.satisfied.get(model_id), standing.declined.get(model_id)
    replaced = (satisfied.recommendation.closed_at if satisfied else None, promoted_at(conn, model_id, model))
    blocks = policy.faults(members)
    until = satisfied.recommendation.cooldown_until if satisfied else None
    if until is not None and at < until:
        blocks += (Block("cool_down", f"a new version was deployed; wait until {until:%Y-%m-%d %H:%M} UTC", until),)
    falling = tuple(filter(policy.is_fall, members))
    ends = not falling and model_id in standing.live
    return Case(
        model.name,
        falling,
        blocks,
        max((one for one in replaced if one is not None), default=None),
        declined.recommendation.cooldown_until if declined else None,
        _closed_by(conn, model_id) if ends else None,
    )


def grounds_for(conn: Connection, model_id: int, case: Case, known: Grounds | None = None) -> Grounds | None:
    """Return what a recommendation rests on, counted; ``known`` while no later window shows anything new."""
    staying = [member for member in case.falling if policy.may_stay(member, case.since)]
    latest = max((member.last_breach.end for member in staying), default=None)
    if known is None or (latest is not None and latest > known.windows[-1].end):
        falls = [Fall(member, tuple(_looks(conn, model_id, member))) for member in staying]
        found = policy.grounds_of(falls, case.since) or known
    else:
        found = known
    return None if found is None else _counted(conn, model_id, found)


def pause_of(model: ModelConfig | None) -> timedelta:
    """Return a model's cool-down: for so long after a deployment or a refusal nothing is to be claimed."""
    if model is None:
        return cooldown(timedelta(0))
    return model.cooldown or cooldown(timedelta(hours=model.window.size.hours))


def _closed_by(conn: Connection, model_id: int) -> str | None:
    """Return who has resolved the model's last incident by hand although performance had not recovered."""
    every = (found.incident for found in incidents.every(conn, model_ids=[model_id], resolved=True))
    last = next((one for one in every if not one.no_data), None)
    by_hand = last is not None and last.reason == "manual" and any(map(policy.is_fall, last.members))
    return last.resolved_by if last is not None and by_hand else None


def _counted(conn: Connection, model_id: int, found: Grounds) -> Grounds:
    rows, labelled = tile_facts.totals(conn, model_id, found.training.start, found.training.end)
    return replace(found, rows=rows, labelled=labelled)


def _looks(conn: Connection, model_id: int, member: Member) -> Iterable[Verdict]:
    """Yield what the member's rule said of the windows up to its last breach, oldest first."""
    span = Window(member.started.start, member.last_breach.end)
    for window in verdicts.load(conn, model_id, span.start, span.end, last=LOOKS):
        for verdict in window:
            if fingerprint(verdict.model, verdict.rule, verdict.labels) == member.fingerprint:
                yield verdict


def promoted_at(conn: Connection, model_id: int, model: ModelConfig) -> datetime | None:
    """Return since when a reference is in force that somebody has chosen; None for that of the configuration."""
    found = references.history(conn, model_id, reference_digest(model))
    last = found[-1] if found else None
    return last.created_at if last and (last.kind == PROMOTED or last.restores is not None) else None
