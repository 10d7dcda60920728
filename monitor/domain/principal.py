"""Who asks: a person, a key or a program, and what that one may do to which models."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal, get_args

Scope = Literal[
    "read",  # numbers, verdicts, windows, runs, the change feed, recommendations
    "incidents:write",  # acknowledge, resolve, silence, approve or decline retraining
    "retrain:claim",  # claim a recommendation, report on it, complete it
    "ingest:write",  # push predictions and ground truth
    "config:read",  # the configuration in force, without its secrets
    "config:write",  # try a configuration, backfill, promote, retry
    "admin",  # keys, users, deliveries, the audit log
]
SCOPES: frozenset[Scope] = frozenset(get_args(Scope))

Role = Literal["viewer", "operator", "editor", "admin", "retrainer", "ingest"]
_VIEWER: frozenset[Scope] = frozenset({"read"})
_OPERATOR: frozenset[Scope] = _VIEWER | {"incidents:write"}
_EDITOR: frozenset[Scope] = _OPERATOR | {"config:read", "config:write"}
ROLES: dict[Role, frozenset[Scope]] = {
    "viewer": _VIEWER,
    "operator": _OPERATOR,
    "editor": _EDITOR,
    "admin": SCOPES,
    "retrainer": _VIEWER | {"retrain:claim"},
    "ingest": frozenset({"ingest:write"}),
}


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody who asks.

    Parameters
    ----------
    name : str
        As the audit log and timelines name it: ``key ci-gate``, ``user ann``, ``local``.
    scopes : frozenset of str
        What it may do; nothing unless it is named.
    models : tuple of str
        Patterns of the models' names it may do it to, ``*`` and ``?`` standing for any text and any character.
    id : str
        What nobody else ever has, as a name may be given again: ``key 4f2a91c0``; empty for who has none.

    Examples
    --------
    >>> trainer = Principal("key trainer", ROLES["retrainer"], ("fraud-*",))
    >>> trainer.may("retrain:claim", "fraud-eu"), trainer.may("read", "churn"), trainer.may("admin")
    (True, False, False)
    """

    name: str
    scopes: frozenset[Scope] = frozenset()
    models: tuple[str, ...] = ("*",)
    id: str = ""

    def may(self, scope: Scope, model: str | None = None) -> bool:
        """Return whether it may do this, to this model where one is named."""
        return scope in self.scopes and (model is None or self.sees(model))

    def sees(self, model: str) -> bool:
        """Return whether one of its patterns fits a model's name."""
        return any(fnmatchcase(model, pattern) for pattern in self.models)


NOBODY = Principal("nobody")
LOCAL = Principal("local", SCOPES)  # whoever sits at this machine, while nobody has set up keys or users
