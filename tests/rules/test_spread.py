"""What chance does to a gap, what ordinary life does, and which windows are compared and added."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from monitor.domain.window import Window
from monitor.profile.profile import add
from monitor.profile.reading import Reading
from monitor.rules.false_discovery import corrected
from monitor.rules.gap import variation_square
from monitor.rules.null import look
from monitor.rules.scales import reaches_back, summed, summed_windows
from monitor.rules.season import ALL, DAY, WEEK, Season
from monitor.rules.spread import spread_of

KS = "kolmogorov_smirnov_statistic"


def test_correction_is_scipys():
    """Corrected p-values are those of scipy; tests without a p-value count as so many ones."""
    p = np.random.default_rng(0).random(40) ** 3
    assert corrected(p) == pytest.approx(false_discovery_control(p))
    padded = false_discovery_control(np.append(p, np.ones(10)))[:40]
    assert corrected(p, 50) == pytest.approx(padded)
    assert corrected([]) == []


@pytest.mark.parametrize("level", [0.05, 0.001])
@pytest.mark.parametrize("shape", [(2, 50), (8, 1), (21, 50)])
def test_chance_exceeds_its_reach_as_often_as_it_says(level, shape):
    """Two samples of one distribution differ by more than the reach with about the level's probability, or less."""
    from monitor.profile.freeze import categorical_bins
    from monitor.profile.histogram import Histogram

    bins, alpha = shape
    rng = np.random.default_rng(bins)
    share = rng.dirichlet(np.full(bins, alpha))
    frozen = categorical_bins({f"c{i}": 1000 for i in range(bins)})
    histogram = lambda n: Histogram(frozen, np.append(rng.multinomial(n, share), [0, 0, 0]), np.zeros(bins + 3))  # noqa: E731
    over = [(gap := look(histogram(4000), histogram(1000)).gaps[0]).value > gap.reach(level) for _ in range(2000)]
    assert np.mean(over) <= 1.6 * level + 0.002


def test_mean_square_of_a_variation():
    """Simulated total variation distances have the mean square that the formula gives."""
    rng = np.random.default_rng(1)
    share = rng.dirichlet(np.ones(20))
    apart = [rng.multinomial(1000, share) / 1000 - rng.multinomial(4000, share) / 4000 for _ in range(4000)]
    square = np.mean((np.abs(apart).sum(axis=1) / 2) ** 2) / (1 / 1000 + 1 / 4000)
    assert square == pytest.approx(variation_square(np.round(share * 1e6).astype(int)), rel=0.05)


def test_a_quiet_reference_has_no_spread(quiet):
    """Windows that differ by chance alone show next to no variance on any scale; freedom counts the blocks."""
    for column in quiet.layout.bins:
        statistic = KS if "x" in column else "total_variation_distance"
        for scale, blocks in ((1, 672), (6, 112), (24, 28)):
            spread = quiet.life.spread(column, statistic, scale)[-1]
            assert spread.variance < 0.15 / (200 * scale)
            assert blocks / 3 < spread.freedom <= blocks - 1


def test_a_wandering_reference_shows_it(here):
    """The variance of a mean that wanders by half a standard deviation is found, on longer scales less of it."""
    wander = np.random.default_rng(2).normal(0, 0.5, 400)
    stream = here.Stream(rows=300, length=336, numbers=1, texts=0, shift=lambda n: wander[n])
    one, six = (stream.life.spread("column:x0", KS, s)[-1] for s in (1, 6))
    assert one.variance**0.5 == pytest.approx(0.5 * 0.39, rel=0.2)  # a shift by d moves the largest gap by 0.39 d
    assert six.variance < one.variance / 3


def test_few_blocks_tell_nothing(here):
    """A reference of a day has no spread on the scale of a day; shorter scales bound it instead."""
    stream = here.Stream(rows=50, length=30, numbers=1, texts=0)
    assert len(stream.life.spread("column:x0", KS, 24)) == 2
    assert spread_of(np.ones(3), np.ones(3), 1.0) is None


def test_neighbours_that_agree_count_less():
    """Blocks whose gaps follow one another stand for fewer independent ones."""
    slow = np.repeat(np.random.default_rng(0).random(20), 10)
    fast = np.random.default_rng(0).permutation(slow)
    noise = np.zeros(200)
    assert spread_of(slow, noise, 1.0).freedom < 30 < spread_of(fast, noise, 1.0).freedom


@pytest.mark.parametrize(
    ("length", "expected"),
    [(24 * 28, WEEK), (24 * 27, DAY), (24 * 7, DAY), (24 * 6, ALL), (5, ALL), (0, ALL)],
)
def test_seasons(here, length, expected):
    """Four windows of an hour of the week make a season, else seven of an hour of the day, else there is none."""
    season = Season.of(here.hours(0, length), "UTC")
    name, slots = season.match(here.hours(24 * 41 + 3, 2))  # a Sunday
    assert name == expected
    assert len(slots) == {WEEK: 2, DAY: 14, ALL: min(length, 168)}[expected]


def test_seasons_follow_the_local_clock(here):
    """Ten in the morning is compared with ten in the morning, whatever the clocks did in between."""
    season = Season.of(here.hours(24 * 60, 24 * 14), "Europe/Berlin")  # March, in part before clocks change
    name, slots = season.match(here.hours(24 * 120 + 8))
    assert name == DAY
    assert {minute for _, minute in slots} == {10 * 60}


def test_days_have_seasons_of_the_week_only(here):
    """A daily window is compared with its weekday, or else with everything."""
    days = [Window(here.start + timedelta(days=i), here.start + timedelta(days=i + 1)) for i in range(60)]
    assert Season.of(days[:28], "UTC").match(days[40:41]) == (WEEK, ((5, 0),))
    assert Season.of(days[:21], "UTC").match(days[40:41])[0] == ALL


def test_which_windows_are_added(here):
    """A sum takes the last usable windows after the reference, outside excluded stretches, after a resolve."""
    windows = here.hours(0, 40)
    assert summed_windows(windows, 6) == tuple(windows[-6:])
    assert summed_windows(windows, 24, reference=Window(here.start, windows[16].start)) == tuple(windows[16:])
    assert summed_windows(windows, 24, reference=Window(here.start, windows[17].start)) is None
    assert summed_windows(windows, 6, since=windows[35].start) is None
    kept = summed_windows(windows, 6, excluded=lambda w: w == windows[37])
    assert kept == (*windows[33:37], *windows[38:])
    assert reaches_back(windows[-6:], windows[-6])
    assert not reaches_back(windows[-6:], windows[-7])


def test_sums_are_those_of_profiles(quiet):
    """What is added for columns is what adding whole profiles gives."""
    some = quiet.readings[:7]
    ours, whole = summed(some), Reading(quiet.layout, add([r.profile for r in some]))
    for column in quiet.layout.bins:
        a, b = ours.histogram(column), whole.histogram(column)
        assert np.array_equal(a.counts, b.counts)
        assert a.bin_sums == pytest.approx(b.bin_sums)
        assert (a.finite, a.minimum, a.maximum) == (b.finite, b.minimum, b.maximum)


def test_a_reference_without_windows(quiet):
    """A reference that is a file has neither season nor spread: it is judged by size and significance."""
    from monitor.rules.life import Life

    life = Life.learn(quiet.layout, (), "UTC")
    assert life.beside([], quiet.whole) == (ALL, quiet.whole)
    assert life.spread("column:x0", KS, 6) == ()
