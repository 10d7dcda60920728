"""Judging a window: everything that the rules say of it."""

from __future__ import annotations

from collections.abc import Sequence

from monitor.domain.measurement import Measurement
from monitor.domain.verdict import Verdict
from monitor.rules.budget import Levels
from monitor.rules.drift import judge_drift
from monitor.rules.measured import Before, measured
from monitor.rules.quality import quality
from monitor.rules.rule import Rule
from monitor.rules.select import Attributes
from monitor.rules.sides import Sides
from monitor.rules.situation import Situation
from monitor.rules.threshold import judge_check


def judge(
    situation: Situation,
    rules: Sequence[Rule],
    levels: Levels,
    *,
    sides: Sequence[Sides] = (),
    measurements: Sequence[Measurement] = (),
    before: Before | None = None,
    known: Attributes | None = None,
) -> list[Verdict]:
    """Return the verdicts of one window.

    Parameters
    ----------
    situation : Situation
        The window, and what keeps anything from being said of it.
    rules : sequence of Rule
        From `monitor.rules.defaults.rules_of`.
    levels : Levels
        From the budget and the length of a window.
    sides : sequence of Sides
        Counts for drift, missing and unseen values: on every scale of ``levels.scales`` that has windows enough, of the
        whole and of what segments and versions the rules name.
    measurements : sequence of Measurement
        The window's numbers, for all other rules.
    before : Before, optional
        The reference's own numbers, for rules that limit a change.
    known : Attributes, optional
        The model's groups and segments.
    """
    known = known or Attributes()
    found = list(judge_drift(situation, rules, sides, levels, known))
    checks = [
        *quality(situation, rules, sides, known),
        *measured(situation, rules, measurements, before or Before(), known),
    ]
    for check in checks:
        found += judge_check(situation, check, len(checks), levels)
    return found
