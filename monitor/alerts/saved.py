"""How instances, incidents, ledgers, silences and recommendations are saved: as JSON text, and back."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import TypeAdapter

from monitor.alerts.incident import Incident
from monitor.alerts.instance import Instance
from monitor.alerts.ledger import Ledger
from monitor.alerts.recommendation import Recommendation
from monitor.alerts.silence import Silence

Saved = TypeVar("Saved", Instance, Incident, Ledger, Silence, Recommendation)

_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {
    kind: TypeAdapter(kind) for kind in (Instance, Incident, Ledger, Silence, Recommendation)
}


def dump(state: Instance | Incident | Ledger | Silence | Recommendation) -> str:
    """Return the JSON text of a state; NaN and infinity in its evidence become null.

    Examples
    --------
    >>> load(Ledger, dump(Ledger(seq=3))) == Ledger(seq=3)
    True
    """
    return _ADAPTERS[type(state)].dump_json(state, exclude_defaults=True).decode("utf-8")


def load(kind: type[Saved], text: str) -> Saved:
    """Return the state that a JSON text holds; what it lacks is as at the beginning."""
    found: Saved = _ADAPTERS[kind].validate_json(text)
    return found
