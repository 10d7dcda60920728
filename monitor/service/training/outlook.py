"""The outlook: which models are to be trained anew or are being, and which were and lack a reference of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.alerts.recommendation import Recommendation
from monitor.config import Config, ModelConfig
from monitor.service import asked
from monitor.service.training.case import promoted_at
from monitor.store import models, recommendations
from monitor.store.engine import Store


@dataclass(frozen=True)
class Outlook:
    """One model: ``live`` is what is recommended now; ``deployed`` ended with a version that has no reference yet."""

    model: str
    zone: str
    live: Recommendation | None = None
    deployed: Recommendation | None = None


def outlook(store: Store, chosen: Sequence[ModelConfig]) -> list[Outlook]:
    """Return that of the models about which there is something to say."""
    found = []
    with store.read() as conn:
        numbers = {one.name: one.id for one in models.every(conn)}
        wanted = [numbers[one.name] for one in chosen if one.name in numbers]
        live, over = recommendations.live(conn, wanted), recommendations.last_over(conn, "satisfied", wanted)
        for model in chosen:
            number = numbers.get(model.name, 0)
            done = over[number].recommendation if number in over else None
            if done is not None and done.closed_at is not None:
                at = promoted_at(conn, number, model)
                done = None if at is not None and at > done.closed_at else done
            now = live[number].recommendation if number in live else None
            if now is not None or done is not None:
                found.append(Outlook(model.name, model.window_timezone, now, done))
    return found


def listed(
    config: Config, store: Store, names: Sequence[str] | None = None, *, over: bool = False
) -> list[Recommendation]:
    """Return the recommendations of some models, of all when none is named, the newest first.

    Parameters
    ----------
    over : bool
        Whether to return those that are over, too.

    Raises
    ------
    UsageError
        A model is known neither to the file nor to the store.
    """
    with store.read() as conn:
        numbers = None
        if names:
            known = {name: models.find(conn, name) for name in names}
            asked.models(config, [name for name, one in known.items() if one is None])
            numbers = [one.id for one in known.values() if one is not None]
        statuses = () if over else ("open", "claimed")
        found = recommendations.page(conn, model_ids=numbers, statuses=statuses)
    return [one.recommendation for one in found]
