"""Counters of delivery: what waits for each receiver and for how long, and what was given up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from monitor.config import Config
from monitor.service.scrape.counters import PREFIX, Sample
from monitor.store import clock, dead_letters, receiver_states
from monitor.store.dead_letters import Traffic
from monitor.store.engine import Store
from monitor.store.receiver_states import ReceiverState


def delivery_counters(config: Config, store: Store) -> list[Sample]:
    """Return the samples of all receivers of a configuration, and of those gone that something still waits for."""
    with store.read() as conn:
        now, fares, states = clock.now(conn), dead_letters.traffic(conn), receiver_states.every(conn)
    named = dict.fromkeys([one.name for one in config.receivers] + sorted(fares))
    return delivery_samples(named, fares, states, now)


def delivery_samples(
    receivers: Iterable[str], fares: Mapping[str, Traffic], states: Mapping[str, ReceiverState], now: datetime
) -> list[Sample]:
    """Return samples, those of one name side by side, as the text format demands.

    Examples
    --------
    >>> from datetime import UTC
    >>> found = delivery_samples(["team"], {"team": Traffic(waiting=2, dead=1)}, {}, datetime.now(UTC))
    >>> [(sample.name.removeprefix("model_monitor_"), sample.value) for sample in found][:2]
    [('notices_waiting', 2.0), ('notices_dead', 1.0)]
    """
    names = list(receivers)
    known = {name: (fares.get(name, Traffic()), states.get(name, ReceiverState(name))) for name in names}
    return [
        Sample(PREFIX + name, {"receiver": receiver}, float(value(*known[receiver], now)), told, "gauge")
        for name, value, told in _GAUGES
        for receiver in names
    ]


def _age(fare: Traffic, _: ReceiverState, now: datetime) -> float:
    return 0.0 if fare.oldest is None else max(0.0, (now - fare.oldest).total_seconds())


_GAUGES = (
    ("notices_waiting", lambda fare, *_: fare.waiting, "Notices that wait for the receiver."),
    ("notices_dead", lambda fare, *_: fare.dead, "Notices that were given up: dead letters."),
    ("notices_delivered", lambda fare, *_: fare.delivered, "Notices that the receiver has got."),
    ("oldest_page_age_seconds", _age, "For how long the oldest notice waits that should wake somebody."),
    ("receiver_failures", lambda _, state, *__: state.failures, "Failures in a row; from 5 on it is probed only."),
    ("receiver_disabled", lambda _, state, *__: state.disabled_at is not None, "Whether it asked for no more notices."),
)
