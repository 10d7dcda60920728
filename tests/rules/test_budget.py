"""How strict tests are for a budget."""

from __future__ import annotations

from datetime import timedelta
from math import comb, sqrt

import pytest

from monitor.config.budget import parse_budget
from monitor.rules.budget import LARGEST, Levels

HOURLY, DAILY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("budget", "step", "tests", "expected"),
    [
        pytest.param("1 per 30d", HOURLY, 50, (0.05, 6 / 12960, 24 / 12960), id="hourly, 50 columns"),
        pytest.param("1 per 30d", HOURLY, 5, (sqrt(5 / 8640), 6 / 12960, 24 / 12960), id="hourly, 5 columns"),
        pytest.param("1 per 30d", DAILY, 50, (0.05, 6 / 540, 24 / 540), id="daily: no level over 0.05"),
        pytest.param("4 per 30d", DAILY, 50, (0.05, 24 / 540, 0.05), id="daily, four"),
        pytest.param("1 per 90d", HOURLY, 5, (sqrt(5 / 25920), 6 / 38880, 24 / 38880), id="a stricter one"),
        pytest.param("1 per 30d", timedelta(days=7), 50, (0.05, 0.05, 0.05), id="weekly"),
    ],
)
def test_levels_of_drift(budget, step, tests, expected):
    """The levels of the three scales follow the formulas."""
    levels = Levels.of(parse_budget(budget), step)
    assert levels.scales == (1, 6, 24)
    assert [levels.drift(s, tests) for s in levels.scales] == pytest.approx(expected)


def test_drift_keeps_its_half():
    """What the scales allow adds up to half of the budget at most: a sixth each, under two of three."""
    levels = Levels.of(parse_budget("1 per 30d"), HOURLY)
    for tests in (1, 10, 50, 500):
        single = 2 * levels.windows * levels.drift(1, tests) ** 2 / tests
        longer = [3 * levels.windows * levels.drift(s, tests) / s for s in (6, 24)]
        assert single <= 1 / 6 + 1e-9
        assert longer == pytest.approx([1 / 6, 1 / 6])


@pytest.mark.parametrize(("needed", "of"), [(1, 1), (2, 3), (3, 3), (2, 5), (5, 5)])
def test_intervals_keep_the_other_half(needed, of):
    """All checks together spend half of the budget, however many windows must breach, unless at 0.05 already."""
    levels = Levels.of(parse_budget("1 per 30d"), HOURLY)
    for checks in (1, 7, 300):
        level = levels.interval(checks, needed, of)
        spent = levels.windows * checks * comb(of - 1, needed - 1) * level**needed
        assert spent == pytest.approx(0.5) if level < LARGEST else spent <= 0.5


def test_a_rolling_window_is_one_scale():
    """A week looked at every day has one scale, with the level of a sum of seven."""
    levels = Levels.of(parse_budget("1 per 30d"), DAILY, overlap=7)
    assert levels.scales == (7,)
    assert levels.drift(7, 50) == pytest.approx(7 / 540)
    assert levels.interval(10, 2, 3) == pytest.approx(7 / (6 * 30 * 10))
