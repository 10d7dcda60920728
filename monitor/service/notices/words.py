"""What a notice says in words: what is wrong, since when, how sure that is, what it comes from, where to look."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from monitor.alerts.incident import Incident
from monitor.alerts.kind import is_no_data, kind_of
from monitor.alerts.ledger import NoticeKind
from monitor.alerts.member import Member
from monitor.notify.plain import plain, shown
from monitor.notify.wording import instant

_MISSING = {
    "no_rows": "no rows arrive",
    "too_few_rows": "fewer rows arrive than usual",
    "overdue": "windows are overdue",
    "labels_overdue": "ground truth is overdue",
    "source_error": "the log cannot be read",
    "schema_changed": "the log's columns have changed",
}
_QUALITY = {
    "missing_rate": "missing values in {}",
    "missing_rate_change": "missing values in {}",
    "unseen_rate": "unseen categories in {}",
    "out_of_range_rate": "values out of range in {}",
    "duplicate_rate": "rows come twice",
    "row_count": "the number of rows",
    "target_coverage": "little ground truth",
}
ORDER = ("performance", "ranking", "fairness", "quality", "drift", "operations", "other")
_NAME = 60  # letters of a column's name within a sentence


def subject_of(member: Member) -> str:
    """Return what a member is about: its column, else its metric, with the segment or group that it is within."""
    own = ("metric", "column", "version", "kind")
    name = member.labels.get("column") or member.labels.get("metric") or member.labels.get("kind") or member.rule
    within = [f"{key}={_value(value)}" for key, value in sorted(member.labels.items()) if key not in own]
    version = member.labels.get("version")
    within += [f"version {version}"] if version else []
    return f"{name} ({', '.join(within)})" if within else name


def title(model: str, members: Sequence[Member]) -> str:
    """Return what is wrong in a line.

    Examples
    --------
    >>> title("fraud", [])
    'fraud: nothing is out of bounds any more'
    """
    kinds: dict[str, list[Member]] = {}
    for member in members:
        kinds.setdefault(kind_of(member.labels), []).append(member)
    parts = [_MISSING[kind] for kind in _MISSING if kind in kinds]
    parts += [_part(kind, kinds[kind]) for kind in ORDER if kind in kinds]
    return f"{plain(model, 100)}: {', '.join(parts) or 'nothing is out of bounds any more'}"


def summary(kind: NoticeKind, incident: Incident, members: Sequence[Member]) -> str:
    """Return a few sentences about members that stand the strongest first; what was, when it is over."""
    if kind == "resolved":
        return " ".join(_over(incident, members))
    leading = _LEADING.get(kind)
    parts = [leading(incident) if leading else "", _what(incident, members)]
    parts += [_certainty(members[0]), cause(members)] if members else []
    return " ".join(part for part in parts if part)


def _part(kind: str, members: Sequence[Member]) -> str:
    names = _distinct(subject_of(member) for member in members)
    few = plain(names[0], _NAME) if len(names) == 1 else f"{len(names)} columns"
    if kind == "drift":
        return f"{few} drifts" if len(names) == 1 else f"{few} drift"
    metrics = _distinct(str(member.labels.get("metric") or member.rule) for member in members)
    if kind == "quality" and len(metrics) == 1 and metrics[0] in _QUALITY:
        return _QUALITY[metrics[0]].format(few)
    more = f" and {len(metrics) - 2} more" if len(metrics) > 2 else ""
    listed = " and ".join(plain(name, _NAME) for name in metrics[:2]) if not more else ", ".join(metrics[:2])
    return f"{listed}{more} out of bounds"


def _what(incident: Incident, members: Sequence[Member]) -> str:
    since = f"Since {instant(incident.started_at)}"
    if not members:
        return f"{since}."
    first = members[0]
    if is_no_data(first.labels):
        what = _MISSING[kind_of(first.labels)]
    elif first.evidence is None:
        what = f"{plain(subject_of(first), _NAME)} is out of bounds"
    else:
        found = first.evidence
        name = plain(subject_of(first), _NAME)
        size = shown(found.effect if found.value is None else found.value)
        limit = "" if found.limit is None else f", limit {shown(found.limit)}"
        drifts = kind_of(first.labels) == "drift"
        what = f"{name} has moved by {size}{limit}" if drifts else f"{_metric(first, name)} is {size}{limit}"
    more = len(_distinct(subject_of(member) for member in members)) - 1
    return f"{since}: {what}{f', and {more} more' if more else ''}."


def _metric(member: Member, name: str) -> str:
    metric = plain(member.evidence.metric if member.evidence else member.rule, _NAME)
    return name if name.startswith(metric) else f"{metric} of {name}"


def _certainty(first: Member) -> str:
    """Say how sure it is, by the numbers that the verdict rests on."""
    found = first.evidence
    if found is None:
        return ""
    parts = []
    if found.p_corrected is not None:
        parts.append(f"chance alone does this with p {shown(found.p_corrected, 2)}, corrected for all tests")
    elif found.level is not None:
        parts.append(f"its interval at level {shown(found.level, 2)} excludes that all is well")
    if found.reference_high is not None and kind_of(first.labels) == "drift":
        parts.append(f"the reference itself moves by up to {shown(found.reference_high)}")
    if found.n is not None:
        beside = "" if found.n_reference is None else f" beside {found.n_reference} of the reference"
        parts.append(f"{found.n} rows{beside}" + (f", {found.scale} windows together" if found.scale > 1 else ""))
    parts += [plain(found.note, 200)] if found.note else []
    return f"How sure: {'; '.join(parts)}." if parts else ""


def cause(members: Sequence[Member]) -> str:
    """Say what it may come from: faults of the data before movements, movements before the model itself."""
    kinds = {kind: [m for m in members if kind_of(m.labels) == kind] for kind in ("quality", "drift")}
    if any(is_no_data(member.labels) for member in members):
        return "Look at what writes the log, and when it last did."
    if kinds["quality"]:
        names = _named(kinds["quality"])
        return f"Likely cause: a fault of the data in {names}; look there first, other numbers may follow from it."
    if kinds["drift"] and len(kinds["drift"]) < len(members):
        return f"Likely cause: {_named(kinds['drift'])}, which moved most; look there first."
    if kinds["drift"]:
        return f"Look first at what feeds {_named(kinds['drift'])}."
    return "No input has moved: what the inputs mean may have changed, or the model did; look at its last deployment."


def _over(incident: Incident, members: Sequence[Member]) -> Iterable[str]:
    ended = "" if incident.resolved_at is None else f" to {instant(incident.resolved_at)}"
    about = f" and concerned {_named(members)}" if members else ""
    yield f"It lasted from {instant(incident.started_at)}{ended}{about}."
    if incident.resolved_by:
        yield f"Resolved by {plain(incident.resolved_by, _NAME)}."


def _named(members: Iterable[Member]) -> str:
    names = _distinct(plain(subject_of(member), _NAME) for member in members)
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _distinct(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _value(value: str | None) -> str:
    return "missing" if value is None else value


_LEADING: dict[NoticeKind, Callable[[Incident], str]] = {
    "reopened": lambda incident: f"It is back, for the {_nth(incident.reopen_count)} time.",
    "repeated": lambda incident: f"Nobody has looked after it since {instant(incident.unacked_since)}.",
    "ack_expired": lambda incident: f"The acknowledgement ended at {instant(incident.unacked_since)}.",
    "escalated": lambda incident: f"Nobody has acknowledged it since {instant(incident.unacked_since)}.",
    "severity_up": lambda incident: f"It has become {incident.severity}.",
    "flapping": lambda _: "It comes and goes: nothing more is told of that until it has settled.",
}


def _nth(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10 if number % 100 not in (11, 12, 13) else 0, "th")
    return f"{number}{ending}"
