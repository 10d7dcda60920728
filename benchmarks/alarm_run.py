"""One stream judged and folded as the service does, window by window, by the package's own code.

Only windows that could breach are judged: a gap must exceed both the limit and what ordinary life reaches, and gaps of
all windows are cheap to compute at once. `test_the_filter_leaves_no_breach_out` holds the two against each other.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from benchmarks.alarm_streams import COLUMNS, Stream, is_number, windows
from monitor.alerts.fingerprint import fingerprint
from monitor.alerts.fold import blank
from monitor.alerts.instance import Instance
from monitor.alerts.step import step
from monitor.domain.verdict import Verdict
from monitor.domain.window import Window
from monitor.rules.budget import SCALES, Levels
from monitor.rules.defaults import rules_of
from monitor.rules.drift import judge_drift
from monitor.rules.gap import Gap, variation_shape
from monitor.rules.quality import quality
from monitor.rules.scales import reaches_back
from monitor.rules.select import Attributes
from monitor.rules.sides import Sides
from monitor.rules.situation import Situation
from monitor.rules.threshold import judge_check

LEVELS = Levels(1.0, 720.0)
RULES = [rule for rule in rules_of(None, "binary", "f1") if rule.groups is None and rule.change is None]
CHECKS = 2 * COLUMNS  # missing and unseen values of each column, and some performance
LIMIT = 0.05
SLACK = 0.95  # the filter's own estimate of a reach is good to a few per cent


@dataclass
class Run:
    """What happened: the hours in which an incident opened, and the instances as they are."""

    stream: Stream
    instances: dict[str, Instance] = field(default_factory=dict)
    opened: list[int] = field(default_factory=list)
    last: int = -1

    def go(self, until: int, *, stop: bool = False) -> None:
        """Judge the hours after the reference; with ``stop`` only until the first incident."""
        wanted = candidates(self.stream, until)
        hour = 0
        while hour < until:
            if any(one.active for one in self.instances.values()) or wanted[:, hour].any():
                scales = SCALES if self._open else [s for s, w in zip(SCALES, wanted[:, hour], strict=True) if w]
                self._judge(hour, scales)
                if stop and self.opened:
                    return
            hour += 1

    @property
    def _open(self) -> bool:
        return any(one.active for one in self.instances.values())

    def _judge(self, hour: int, scales: list[int] | tuple[int, ...]) -> None:
        before = self._open
        self._pass_quiet(hour - self.last - 1)
        self.last = hour
        verdicts = judged(self.stream, hour, scales)
        by_instance: dict[str, list[Verdict]] = {}
        for verdict in verdicts:
            name = fingerprint(verdict.model, verdict.rule, verdict.labels)
            if name in self.instances or verdict.state == "breach":
                by_instance.setdefault(name, []).append(verdict)
        window = verdicts[0].window
        for name, instance in list(self.instances.items()):
            if name not in by_instance:
                self.instances[name] = step(instance, window, [quiet(instance, window, s) for s in SCALES])[0]
        for name, found in by_instance.items():
            instance = self.instances.get(name) or blank(found[0])
            sums = {s: windows(self.stream.reference + hour - s + 1, s) for s in SCALES}
            kept = [v for v in found if not reaches_back(sums[v.scale], instance.resolved if v.scale > 1 else None)]
            kept += [quiet(instance, window, s) for s in SCALES if s not in {v.scale for v in found}]
            self.instances[name] = step(instance, window, kept)[0]
        if self._open and not before:
            self.opened.append(hour)

    def _pass_quiet(self, hours: int) -> None:
        """Let the windows in which nothing can breach go by: three of them make an instance forget."""
        if hours >= 3:
            kept = {n: i for n, i in self.instances.items() if i.resolved is not None}
            self.instances = {n: blank_after(i) for n, i in kept.items()}
        for back in range(hours if hours < 3 else 0, 0, -1):
            window = windows(self.stream.reference + self.last + hours - back + 1, 1)[0]
            for name, instance in self.instances.items():
                self.instances[name] = step(instance, window, [quiet(instance, window, s) for s in SCALES])[0]


def blank_after(instance: Instance) -> Instance:
    return replace(instance, recent={}, phase="inactive")


def quiet(instance: Instance, window: Window, scale: int) -> Verdict:
    return Verdict(instance.model, instance.rule, window, "ok", instance.labels, scale=scale)


def judged(stream: Stream, hour: int, scales: list[int] | tuple[int, ...]) -> list[Verdict]:
    """Judge one hour after the reference."""
    at = stream.reference + hour
    sides = []
    for scale in scales:
        if hour + 1 < scale:
            continue
        summed = windows(at - scale + 1, scale)
        season, reference = stream.life.beside(summed, stream.whole)
        sides.append(Sides(scale, reference, stream.reading(slice(at - scale + 1, at + 1)), stream.life, season))
    situation = Situation("m", windows(at, 1)[0])
    found = list(judge_drift(situation, RULES, sides, LEVELS, Attributes(), tests=COLUMNS))
    for check in quality(situation, RULES, [side for side in sides if side.scale == 1], Attributes()):
        found += judge_check(situation, check, CHECKS, LEVELS)
    return found


def candidates(stream: Stream, until: int) -> np.ndarray:
    """Return which hours may breach by scale; shape ``(scales, hours)``."""
    found = np.zeros((len(SCALES), until), dtype=bool)
    for column, rows in stream.counts.items():
        for place, scale in enumerate(SCALES):
            if until >= scale:
                found[place, scale - 1 :] |= _with_another(
                    _beyond(stream, column, rows[: stream.reference + until], scale)
                )
        found[0] |= _broken(stream, column, rows[: stream.reference + until])
    return found


def _broken(stream: Stream, column: str, rows: np.ndarray) -> np.ndarray:
    """Return in which hours so many values are missing or unseen that a rule about them may breach."""
    bad = rows[:, -1:] if is_number(column) else rows[:, -2:]
    share = bad / rows.sum(axis=1, keepdims=True)
    return (share[stream.reference :] - share[: stream.reference].mean(axis=0) > SLACK * LIMIT).any(axis=1)


def _with_another(beyond: np.ndarray) -> np.ndarray:
    """Keep the hours that have another one within two: alone they are no two of three."""
    padded = np.pad(beyond, 2)
    near = padded[:-4] | padded[1:-3] | padded[3:-1] | padded[4:]
    return beyond & near


def _beyond(stream: Stream, column: str, rows: np.ndarray, scale: int) -> np.ndarray:
    now = rolling(rows[stream.reference :], scale)
    ends = (np.arange(len(now)) + stream.reference + scale - 1) % 168
    before = _compared(stream, rows[: stream.reference], scale)[ends]
    folding = stream.life.foldings[column]
    coarse = now.shape[1]
    few = np.zeros((coarse, int(folding.few.max()) + 1))
    few[np.arange(coarse), folding.few] = 1
    moved = np.abs((now @ few) / now.sum(axis=1, keepdims=True) - (before @ few) / before.sum(axis=1, keepdims=True))
    noise = 1 / now.sum(axis=1) + 1 / before.sum(axis=1)
    shape = variation_shape((before[0] @ few).astype(np.int64))
    share = (before[0] @ few) / before[0].sum()
    chance = np.sqrt(noise[0] * 2 / np.pi) * np.sqrt(share * (1 - share)).sum() / 2
    variation = Gap("total_variation_distance", 0.0, float(chance), float(noise[0]), shape)
    beyond = moved.sum(axis=1) / 2 > _least(stream, column, variation, scale)
    if is_number(column):
        apart = np.cumsum(now[:, :-1], axis=1) / now[:, :-1].sum(axis=1, keepdims=True)
        apart -= np.cumsum(before[:, :-1], axis=1) / before[:, :-1].sum(axis=1, keepdims=True)
        largest = Gap("kolmogorov_smirnov_statistic", 0.0, 0.0, float(noise.min()))
        beyond |= np.abs(apart).max(axis=1) > _least(stream, column, largest, scale)
    return beyond


def _least(stream: Stream, column: str, gap: Gap, scale: int) -> float:
    gaps = 2 if is_number(column) else 1
    spreads = stream.life.spread(column, gap.name, scale)
    beyond = min((one.reach(LEVELS.lasting(scale) / COLUMNS / gaps) for one in spreads), default=0.0)
    reach = np.hypot(gap.reach(LEVELS.drift(scale, COLUMNS) / COLUMNS / gaps), beyond)
    return max(LIMIT, SLACK * float(reach))


def rolling(rows: np.ndarray, scale: int) -> np.ndarray:
    running = np.cumsum(np.concatenate([np.zeros((1, rows.shape[1])), rows]), axis=0)
    return running[scale:] - running[:-scale]


def _compared(stream: Stream, rows: np.ndarray, scale: int) -> np.ndarray:
    """Return by hour of the week in which a sum ends what it is compared with."""
    week = np.zeros((168, rows.shape[1]))
    np.add.at(week, np.arange(len(rows)) % 168, rows)
    if scale not in stream.matches:
        weights = np.zeros((168, 168))
        for end in range(168):
            for day, minute in stream.life.season.match(windows(168 * 8 + end - scale + 1, scale))[1]:
                weights[end, 24 * day + minute // 60] += 1
        stream.matches[scale] = weights
    return stream.matches[scale] @ week
