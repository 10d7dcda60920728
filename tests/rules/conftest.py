"""Columns of numbers and categories counted by window, as rules judge them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest

from monitor.config.budget import Budget
from monitor.domain.model import Model
from monitor.domain.window import Window
from monitor.profile.build import build
from monitor.profile.freezer import freeze
from monitor.profile.reading import Reading
from monitor.rules.budget import Levels
from monitor.rules.defaults import rules_of
from monitor.rules.judge import judge
from monitor.rules.life import Life
from monitor.rules.scales import summed
from monitor.rules.sides import Sides
from monitor.rules.situation import Situation

START = datetime(2024, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
LEVELS = Levels.of(Budget(1.0, timedelta(days=30)), HOUR)


def hours(first, count=1):
    """Return windows of an hour, so many after the start, a Monday."""
    return [Window(START + i * HOUR, START + (i + 1) * HOUR) for i in range(first, first + count)]


class Stream:
    """A few columns in hourly windows: a reference, and windows after it."""

    def __init__(self, rows=200, length=168, numbers=3, texts=1, seed=0, shift=None):
        self.rng = np.random.default_rng(seed)
        self.rows, self.length, self.shift = rows, length, shift or (lambda number: 0.0)
        self.columns = {f"column:x{i}": "numeric" for i in range(numbers)}
        self.columns |= {f"column:c{i}": "categorical" for i in range(texts)}
        batches = [self.batch(number) for number in range(length)]
        self.layout = freeze(Model("m", "binary", self.columns), batches)
        self.readings = [self.count(batch) for batch in batches]
        self.whole = summed(self.readings)
        self.life = Life.learn(self.layout, zip(hours(0, length), self.readings, strict=True), "UTC", valued=True)

    def count(self, batch):
        """Count a batch under the frozen bins."""
        return Reading(self.layout, build(self.layout, [batch]))

    def batch(self, number, change=None, rows=None):
        """Draw the rows of an hour; ``change`` maps columns to functions of their values."""
        n = self.rows if rows is None else rows
        columns = {}
        for name, kind in self.columns.items():
            values = self.rng.normal(self.shift(number), 1, n)
            if kind == "categorical":
                values = np.array(list("abcdef"))[self.rng.integers(0, 6, n)]
            columns[name] = pa.array((change or {}).get(name, lambda v: v)(values), from_pandas=True)
        return pa.RecordBatch.from_pydict(columns)

    def sides(self, scale=1, change=None, rows=None, life=True):
        """Return both sides of the last ``scale`` windows some hours after the reference."""
        place = self.length + 100
        current = summed([self.count(self.batch(n, change, rows)) for n in range(place - scale + 1, place + 1)])
        known = self.life if life else None
        season, reference = self.life.beside(hours(place - scale + 1, scale), self.whole)
        return Sides(scale, reference if life else self.whole, current, known, season)

    def judge(self, rules=None, scale=1, change=None, rows=None, situation=None):
        """Judge one window by some rules, or the default ones."""
        chosen = rules_of(rules, "binary", "f1")
        situation = situation or Situation("m", hours(self.length + 100)[0])
        return judge(situation, chosen, LEVELS, sides=[self.sides(scale, change, rows)])


@pytest.fixture(scope="session")
def quiet():
    """Give a stream without any drift: four weeks of reference, 200 rows an hour, five columns."""
    return Stream(length=672, texts=2)


@pytest.fixture(scope="session")
def here():
    """Give the words of this folder: windows, streams, levels."""
    return SimpleNamespace(hours=hours, Stream=Stream, levels=LEVELS, start=START)
