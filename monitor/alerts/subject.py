"""What matchers look at: the words of an instance or an incident, some of them with several values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from monitor.alerts.incident import Incident
from monitor.alerts.kind import is_no_data, kind_of
from monitor.alerts.member import Member

Subject = Mapping[str, tuple[str, ...]]

_OWN = ("metric", "column", "version")


def of_member(model: str, words: Mapping[str, str], member: Member) -> Subject:
    """Return the words of one instance.

    ``group`` and ``segment`` hold the values of its rows, whose keys are words too. Words of the service win over
    group keys, these over the model's labels. A missing value is the empty text.

    Parameters
    ----------
    words : mapping
        The model's ``labels``.
    """
    rows = {key: value or "" for key, value in member.labels.items() if key not in (*_OWN, "kind")}
    values = tuple(rows.values())
    return {
        **{key: (value,) for key, value in words.items()},
        **{key: (value,) for key, value in rows.items()},
        "group": values,
        "segment": values,
        "model": (model,),
        "rule": (member.rule,),
        "severity": (member.severity,),
        "kind": _kinds(member.labels),
        **{key: (value,) for key in _OWN if (value := member.labels.get(key)) is not None},
    }


def of_incident(incident: Incident, words: Mapping[str, str], members: Iterable[Member]) -> Subject:
    """Return the words of an incident: those of its members together, and its own severity."""
    joined: dict[str, dict[str, None]] = {key: {value: None} for key, value in words.items()}
    for member in members:
        for key, values in of_member(incident.model, words, member).items():
            joined.setdefault(key, {}).update(dict.fromkeys(values))
    own = {"model": (incident.model,), "severity": (incident.severity,)}
    if incident.no_data:
        joined.setdefault("kind", {})["no_data"] = None
    return {key: tuple(values) for key, values in joined.items()} | own


def _kinds(labels: Mapping[str, str | None]) -> tuple[str, ...]:
    """Return the kind; a member of the no-data family answers to ``no_data`` too."""
    kind = kind_of(labels)
    return (kind, "no_data") if is_no_data(labels) else (kind,)
