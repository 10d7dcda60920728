"""Drift: a change must be large, significant and unusual at once."""

from __future__ import annotations

import numpy as np
import pytest

from monitor.config.rule import RuleConfig
from monitor.metrics import registered
from monitor.rules.null import look
from monitor.rules.situation import Situation


def by_column(verdicts, rule="drift_effect above 0.05"):
    """Return verdicts of a rule by column."""
    return {v.labels["column"]: v for v in verdicts if v.rule == rule}


def test_nothing_changed_is_ok(quiet):
    """Of a window like the reference every verdict is ok, with the season it was compared with."""
    found = by_column(quiet.judge())
    assert {v.state for v in found.values()} == {"ok"}
    assert {v.evidence.season for v in found.values()} == {"same hours of the week"}


@pytest.mark.parametrize(
    ("change", "scale"),
    [
        pytest.param(lambda v: v + 1.0, 1, id="a great shift in one window"),
        pytest.param(lambda v: v + 0.25, 24, id="a small one in 24"),
        pytest.param(lambda v: v * 2, 1, id="spread"),
        pytest.param(lambda v: v * 1000, 1, id="unit"),
        pytest.param(lambda v: np.where(np.arange(len(v)) % 3 == 0, np.nan, v), 1, id="missing"),
        pytest.param(lambda v: np.zeros(len(v)), 1, id="constant"),
    ],
)
def test_a_change_breaches_in_its_column_only(quiet, change, scale):
    """A column that changes breaches, with evidence beyond each limit; the others stay as they are."""
    found = by_column(quiet.judge(scale=scale, change={"column:x1": change}))
    assert [name for name, v in found.items() if v.state == "breach"] == ["x1"]
    evidence = found["x1"].evidence
    assert evidence.effect > evidence.limit
    assert evidence.p_value <= evidence.p_corrected <= evidence.level
    assert evidence.n == 200 * scale
    assert found["x1"].scale == scale


def test_a_new_category_breaches(quiet):
    """Rows with a category that the reference never had are drift of that column."""
    new = {"column:c1": lambda v: np.where(np.arange(len(v)) % 4 == 0, "new", v)}
    assert by_column(quiet.judge(change=new))["c1"].state == "breach"


def test_the_look_is_the_published_measure(quiet):
    """The p-value and the greatest effect of a look are those that measurements show, for all kinds of column."""
    sides = quiet.sides(change={"column:x0": lambda v: v + 0.3, "column:c0": lambda v: np.where(v == "a", "b", v)})
    for column in sides.reference.layout.bins:
        pair = sides.histograms(column)
        found = look(*pair)
        assert found.p_value == pytest.approx(registered()["drift_pvalue"].function(*pair).value, rel=1e-9)
        effect = registered()["drift_effect"].function(*pair).value
        assert max(gap.effect for gap in found.gaps) == pytest.approx(effect, abs=1e-12)


def test_a_small_change_in_many_rows_is_no_alarm(here):
    """At 40 000 rows a shift of a twentieth is significant beyond doubt, and too small to matter."""
    stream = here.Stream(rows=40_000, length=8, numbers=1, texts=0)
    verdict = by_column(stream.judge(change={"column:x0": lambda v: v + 0.05}))["x0"]
    assert verdict.evidence.p_corrected < 1e-6
    assert verdict.state == "ok"


def test_what_the_reference_does_too_is_no_alarm(here):
    """A column whose mean strays from hour to hour in the reference may go on so; one that did not may not begin."""
    wander = np.random.default_rng(4).normal(0, 0.5, 1000)
    usual = here.Stream(rows=400, length=340, numbers=1, texts=0, shift=lambda n: wander[n] if n < 340 else 0.0)
    steady = here.Stream(rows=400, length=340, numbers=1, texts=0)
    change = {"column:x0": lambda v: v + 0.7}
    assert by_column(usual.judge(change=change))["x0"].state != "breach"
    assert by_column(steady.judge(change=change))["x0"].state == "breach"


def test_a_season_is_compared_with_itself(here):
    """A daily cycle of a whole standard deviation is ok at every hour; the same hour without it is not."""
    stream = here.Stream(length=672, numbers=1, texts=0, shift=lambda n: np.sin(2 * np.pi * n / 24))
    assert by_column(stream.judge())["x0"].state == "ok"
    assert by_column(stream.judge(scale=6))["x0"].state == "ok"
    other = {"column:x0": lambda v: v - 2 * np.sin(2 * np.pi * (672 + 100) / 24)}
    assert by_column(stream.judge(change=other))["x0"].state == "breach"


def test_too_few_rows_say_nothing(quiet):
    """Below the rule's rows the verdict is none, with the reason; without any rows too."""
    few = by_column(quiet.judge(rows=49, change={"column:x0": lambda v: v + 3}))["x0"]
    none = by_column(quiet.judge(rows=0))["x0"]
    assert (few.state, few.reason) == ("none", "too_few_rows")
    assert (none.state, none.reason) == ("none", "no_rows")


@pytest.mark.parametrize("silent", ["excluded", "in_reference", "learning", "error"])
def test_a_silent_window_says_nothing(quiet, here, silent):
    """In a window that is not to be judged every verdict is none, with the reason."""
    situation = Situation("m", here.hours(800)[0], silent=silent)
    found = quiet.judge(situation=situation, change={"column:x0": lambda v: v + 3})
    assert {(v.state, v.reason) for v in found} == {("none", silent)}


@pytest.mark.parametrize(
    ("metric", "limit"),
    [("psi", 0.2), ("wasserstein_distance_normed", 0.3), ("mean_shift", 0.3), ("jensen_shannon_distance", 0.2)],
)
def test_a_named_metric_replaces_the_size_only(here, metric, limit):
    """A shift breaches a rule on any drift metric; a value beyond the limit by chance alone does not."""
    stream = here.Stream(rows=200, length=336, numbers=2, texts=0)
    rules = [RuleConfig(metric=metric, above=limit), RuleConfig(metric=metric, above=1e-9, name="any")]
    found = stream.judge(rules, change={"column:x0": lambda v: v + 1})
    states = {(v.rule, v.labels["column"]): v.state for v in found if v.rule != "any"}
    chance = {v.labels["column"]: v.state for v in found if v.rule == "any"}
    rule = f"{metric} above {limit:g}"
    assert states == {(rule, "x0"): "breach", (rule, "x1"): "ok"}
    assert chance["x1"] != "breach"


def test_a_p_value_may_be_limited(quiet):
    """A limit below on a p-value breaches where it is small."""
    rules = [RuleConfig(metric="kolmogorov_smirnov_pvalue", below=1e-6)]
    found = quiet.judge(rules, change={"column:x0": lambda v: v + 1})
    assert {v.labels["column"]: v.state for v in found} == {"x0": "breach", "x1": "ok", "x2": "ok"}


def test_a_clear_limit_of_ones_own(quiet):
    """Between the clear and the firing limit a check is neither healthy nor bad."""
    rules = [RuleConfig(metric="drift_effect", columns="x0", above=0.5, clear=0.1)]
    (verdict,) = quiet.judge(rules, change={"column:x0": lambda v: v + 1})
    assert verdict.state == "mid"
