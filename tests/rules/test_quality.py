"""Missing and unseen values are judged from counts: by season, and with an allowance for rare categories."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.domain.model import Model
from monitor.profile.bins import CategoricalBins
from monitor.profile.freeze import categorical_bins
from monitor.profile.layout import Layout
from monitor.profile.profile import Profile
from monitor.profile.reading import Reading
from monitor.profile.tally import Tally
from monitor.rules.defaults import rules_of
from monitor.rules.judge import judge
from monitor.rules.quality import allowance
from monitor.rules.sides import Sides
from monitor.rules.situation import Situation

RULES = [rule for rule in rules_of(None, "binary", "f1") if rule.metric in {"unseen_rate", "missing_rate_change"}]


def reading(layout, bins, values):
    """Count categories."""
    codes = [bins.codes.get(v, bins.unseen) for v in values]
    dense = np.bincount(codes, minlength=len(bins))
    at, none = np.flatnonzero(dense), np.zeros((1, 0))
    tally = Tally(layout.size, ((),), at, dense[at], np.zeros(len(at)), none, none, none)
    return Reading(layout, Profile("f", {"bins": tally}))


def unseen(here, draw, rng, rows=300, new=0):
    """Judge a window of a column whose reference has 300 rows; so many rows are of a category that never was."""
    past = draw(rng, 300)
    names, counts = np.unique(past, return_counts=True)
    bins = categorical_bins({str(n): int(c) for n, c in zip(names, counts, strict=True)})
    assert isinstance(bins, CategoricalBins)
    layout = Layout(Model("m", "binary", {"column:c": "categorical"}), {"column:c": bins}, np.zeros(0, np.uint64), {})
    values = [str(v) for v in draw(rng, rows - new)] + ["never"] * new
    sides = Sides(1, reading(layout, bins, [str(v) for v in past]), reading(layout, bins, values))
    found = judge(Situation("m", here.hours(0)[0]), RULES, here.levels, sides=[sides])
    return next(v for v in found if v.rule == "unseen_rate above 0.05")


def test_rare_categories_turn_up_without_drift(here):
    """A reference of 300 rows has not seen all of 1000 categories: what it lacks is no alarm, in no window of 200."""
    rng = np.random.default_rng(0)
    found = [unseen(here, lambda r, n: r.zipf(1.3, n) % 1000, rng) for _ in range(200)]
    assert np.mean([v.evidence.value > 0.05 for v in found]) > 0.9  # the plain rate is beyond the limit
    assert not [v for v in found if v.state == "breach"]


def test_a_category_that_never_was_is_an_alarm(here):
    """Thirty per cent of rows in a new category breach, whether the others are few or many."""
    rng = np.random.default_rng(1)
    for draw in (lambda r, n: r.integers(0, 5, n), lambda r, n: r.zipf(1.3, n) % 1000):
        assert unseen(here, draw, rng, new=90).state == "breach"


def test_allowance_of_a_numeric_column_is_none(quiet):
    """Numbers have no unseen categories."""
    assert allowance(quiet.whole.histogram("column:x0")) == 0.0


@pytest.mark.parametrize(
    ("share", "states"), [(0.0, ("ok", "ok")), (0.15, ("breach", "ok")), (0.5, ("breach", "breach"))]
)
def test_missing_values(quiet, share, states):
    """A share of missing values beyond each limit breaches it, critical and warning."""
    lost = {"column:x0": lambda v: np.where(np.arange(len(v)) < share * len(v), np.nan, v)}
    found = {
        v.severity: v for v in quiet.judge(change=lost) if v.labels == {"metric": "missing_rate_change", "column": "x0"}
    }
    assert (found["warning"].state, found["critical"].state) == states
    assert (found["critical"].needed, found["critical"].of) == (1, 1)
