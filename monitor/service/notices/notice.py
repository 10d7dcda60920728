"""Notices: what one receiver is told of one incident, put into a message whose id never changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from urllib.parse import quote

from monitor.alerts.digest import Line
from monitor.alerts.gravity import gravest, rank
from monitor.alerts.incident import Incident
from monitor.alerts.kind import kind_of
from monitor.alerts.member import Member
from monitor.alerts.send_decision import Decision
from monitor.config import Config
from monitor.domain.window import Window
from monitor.notify import Mark, Message
from monitor.notify.plain import plain
from monitor.notify.wording import instant
from monitor.service.notices.words import ORDER, subject_of, summary, title
from monitor.service.secrets import cleaner

MOST_MARKS = 5
MOST_LINES = 10
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True)
class Stationery:
    """What every notice of one configuration carries: the links' beginning, and the eraser of secrets."""

    external_url: str | None = None
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    runbooks: Mapping[str, str | None] = field(default_factory=dict)
    clean: Callable[[str], str] = str

    @classmethod
    def of(cls, config: Config) -> Stationery:
        """Return that of a configuration."""
        labels = {model.name: dict(model.labels) for model in config.models}
        return cls(config.external_url, labels, {m.name: m.runbook for m in config.models}, cleaner(config))

    def link(self, *place: str) -> str | None:
        """Return the address of a page of the dashboard; None when nobody said where that is."""
        return self.external_url and "/".join([self.external_url, "dash", *(quote(part, safe="") for part in place)])


def notice(
    paper: Stationery,
    incident_id: str,
    incident: Incident,
    decision: Decision,
    receiver: str,
    members: Iterable[Member],
    at: datetime,
    *,
    picture: bytes | None = None,
) -> Message:
    """Return the message that a decision asks for.

    Parameters
    ----------
    members : iterable of Member
        Those that may be heard; of a resolved incident all of them are told.
    picture : bytes, optional
        A PNG for those who show one.

    Raises
    ------
    ValueError
        The decision is to tell nothing.
    """
    if decision.kind is None:
        raise ValueError("there is nothing to tell")
    told = ranked(incident.members if decision.kind == "resolved" else members)
    marks = _marks(told)
    windows = [member.last_breach for member in told] or [Window(incident.started_at, incident.opened_at)]
    return Message(
        id=notice_id(at, incident_id, receiver, decision.ledger.seq),
        kind=decision.kind,
        model=incident.model,
        severity=gravest(member.severity for member in told) or incident.severity,
        dedup_key=incident.dedup_key,
        incident=incident_id,
        title=paper.clean(title(incident.model, told)),
        summary=paper.clean(summary(decision.kind, incident, told)),
        at=at,
        since=incident.started_at,
        window=max(windows, key=lambda window: window.end),
        reason=decision.reason,
        columns=marks[:MOST_MARKS],
        more=max(0, len(marks) - MOST_MARKS),
        link=paper.link("incidents", incident_id),
        runbook=paper.runbooks.get(incident.model),
        labels=paper.labels.get(incident.model, {}),
        late=decision.late,
        picture=picture,
    )


def digest(paper: Stationery, receiver: str, lines: Sequence[Line], at: datetime) -> Message:
    """Return the one message about incidents that a receiver was not told of, oldest first.

    Raises
    ------
    ValueError
        There are none.
    """
    if not lines:
        raise ValueError("there is nothing to list")
    models = list(dict.fromkeys(line.model for line in lines))
    told = "; ".join(_line(line) for line in lines[:MOST_LINES])
    more = f"; and {len(lines) - MOST_LINES} more" if len(lines) > MOST_LINES else ""
    one = len(lines) == 1
    ends = [line.resolved_at for line in lines if line.resolved_at is not None]
    start = min(line.started_at for line in lines)
    number = notice_id(at, receiver, *(line.dedup_key for line in lines), "digest")
    return Message(
        id=number,
        kind="digest",
        model=models[0] if len(models) == 1 else f"{len(models)} models",
        severity=gravest(line.severity for line in lines) or "info",
        dedup_key=number,
        incident=number,
        title=f"{'an incident was' if one else f'{len(lines)} incidents were'} not told at the time",
        summary=paper.clean(f"Nothing needs doing now. {told}{more}."),
        at=at,
        since=start,
        window=Window(start, max([start, *ends])),
        link=paper.link("incidents"),
        labels=paper.labels.get(models[0], {}) if len(models) == 1 else {},
    )


def ranked(members: Iterable[Member]) -> tuple[Member, ...]:
    """Return members, the gravest first, of those what hurts most, of one kind the strongest effect."""
    return tuple(sorted(members, key=lambda m: (-rank(m.severity), _kind(m), -_strength(m), m.fingerprint)))


def notice_id(at: datetime, *parts: object) -> str:
    """Return a ULID that is the same for the same notice, and sorts by time.

    Examples
    --------
    >>> from datetime import UTC
    >>> notice_id(datetime(2024, 1, 1, tzinfo=UTC), "inc_1", "team", 1)
    '01HK153X00WMA5R5T88QSR1ES9'
    """
    rest = int.from_bytes(sha256("\0".join(map(str, parts)).encode("utf-8", "surrogatepass")).digest()[:10], "big")
    number = int(at.timestamp() * 1000) << 80 | rest
    return "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))


def _marks(members: Sequence[Member]) -> tuple[Mark, ...]:
    """Return one mark a column, that of its strongest member."""
    found: dict[str, Mark] = {}
    for member in members:
        evidence, name = member.evidence, subject_of(member)
        if evidence is None:
            found.setdefault(name, Mark(name, str(member.labels.get("metric") or member.labels.get("kind") or "")))
            continue
        value = evidence.effect if evidence.value is None else evidence.value
        found.setdefault(name, Mark(name, evidence.metric, value, evidence.limit, evidence.p_corrected))
    return tuple(found.values())


def _kind(member: Member) -> int:
    kind = kind_of(member.labels)
    return ORDER.index(kind) if kind in ORDER else -1


def _strength(member: Member) -> float:
    """Return how far a member is out of bounds, as comparable as numbers of different metrics are."""
    found = member.evidence
    if found is None:
        return 0.0
    size = found.effect if found.effect is not None else found.value
    return 0.0 if size is None or size != size else abs(size)  # noqa: PLR0124 - NaN


def _line(line: Line) -> str:
    until = "" if line.resolved_at is None else f" to {instant(line.resolved_at)}"
    columns = ", ".join(plain(name, 40) for name in line.columns[:3])
    more = f" and {len(line.columns) - 3} more" if len(line.columns) > 3 else ""
    about = f" ({columns}{more})" if columns else ""
    return f"{plain(line.model, 60)}{about}: {line.severity}, {instant(line.started_at)}{until}"
