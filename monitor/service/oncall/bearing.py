"""Bearing: which models a silence can be about, and whether they have the words that it goes by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from monitor.alerts.matcher import Matcher, fit
from monitor.config import Config, ModelConfig
from monitor.config.cross_check import MATCHABLE
from monitor.config.near import near
from monitor.errors import UsageError
from monitor.rules.select import CELLS, RESERVED
from monitor.store import models

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from monitor.store.incidents import StoredIncident

KNOWN = (*MATCHABLE, *sorted(CELLS))


def demand_words(
    config: Config, conn: Connection, matchers: Sequence[Matcher], still: Iterable[StoredIncident]
) -> None:
    """Demand that a model which fits has every word: one that is mistyped would silence nothing, or too much.

    What other models are called and what words they have is not told. While no model fits, only words that look like
    one of everybody's are refused.

    Parameters
    ----------
    still : iterable of StoredIncident
        The open incidents, whose members may have words that monitor.yaml does not tell of.

    Raises
    ------
    UsageError
        A word is none.
    """
    names = _fitting(config, conn, matchers)
    words = {word for model in config.models if model.name in names for word in _words(model)}
    words |= {
        key for found in still if found.incident.model in names for one in found.incident.held for key in one.labels
    }
    known = [*KNOWN, *sorted(words)]
    for one in matchers:
        meant = near(one.word, known)
        if one.word not in known and (names or meant):
            others = ", ".join(known[:20])
            hint = f"did you mean {meant}?" if meant else f"write one of {others}, or a label of the model"
            raise UsageError(f"no alarm has the word {one.word[:80]!r}", hint)


def warnings(config: Config, conn: Connection, matchers: Sequence[Matcher]) -> tuple[str, ...]:
    """Return what whoever made a silence should know: that none of the models is one it is about."""
    about = [str(one) for one in matchers if one.word == "model"]
    if not about or _fitting(config, conn, matchers):
        return ()
    return (f"no model fits {' and '.join(about)}: as it is, this silences nothing",)


def _fitting(config: Config, conn: Connection, matchers: Iterable[Matcher]) -> frozenset[str]:
    chosen = [one for one in matchers if one.word == "model"]
    names = {*(model.name for model in config.models), *(model.name for model in models.every(conn))}
    return frozenset(name for name in names if fit(chosen, {"model": (name,)}))


def _words(model: ModelConfig) -> Iterator[str]:
    """Yield the words of a model that its configuration tells of; a group's key that is a word of ours has a prefix."""
    yield from model.labels
    for one in (*model.groups, *model.segments):
        for key in (one,) if isinstance(one, str) else one:
            yield f"group:{key}" if key in RESERVED else key
