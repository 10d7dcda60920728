"""A situation: the window that is judged, and what keeps anything from being said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from monitor.domain.evidence import Evidence
from monitor.domain.verdict import Judged, Verdict
from monitor.domain.window import Window
from monitor.rules.rule import Rule


@dataclass(frozen=True, slots=True)
class Situation:
    """One window of one model, as one revision of its numbers.

    ``silent`` is why nothing is judged: ``excluded``, ``in_reference``, ``learning``, ``no_rows``, ``error``; None when
    all is well. ``mature`` tells that the window's ground truth is there, ``reference_mature`` the reference's;
    ``mature_at`` when the window's was. ``judge_provisional`` judges ground truth that is not all there, too.
    """

    model: str
    window: Window
    revision: int = 0
    silent: str | None = None
    reference_mature: bool = True
    mature_at: datetime | None = None
    judge_provisional: bool = False

    def verdict(
        self,
        rule: Rule,
        labels: Mapping[str, str | None],
        state: Judged,
        evidence: Evidence | None = None,
        *,
        reason: str | None = None,
        scale: int = 1,
        late: bool = False,
    ) -> Verdict:
        """Return what a rule says here; ``late`` when it needed ground truth."""
        return Verdict(
            model=self.model,
            rule=rule.id,
            window=self.window,
            state=state,
            labels=dict(labels),
            revision=self.revision,
            severity=rule.severity,
            reason=reason,
            evidence=evidence,
            scale=scale,
            needed=rule.needed,
            of=rule.of,
            clear_for=rule.clear_for,
            mature_at=self.mature_at if late else None,
        )
