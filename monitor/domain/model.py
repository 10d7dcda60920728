"""A model as the counting rooms see it: its task, its columns and the groups to keep apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Task = Literal["binary", "multiclass", "regression", "ranking"]
Kind = Literal["numeric", "categorical"]

OUTPUTS = ("prediction", "score", "target")
FEATURE = "column:"
CLASS_SCORE = "score:"


@dataclass(frozen=True)
class Model:
    """What must be known of a model to count its rows and to measure them.

    ``columns`` maps each histogrammed column, by its name in a canonical batch (``column:<name>``, ``prediction``,
    ``score``, ``score:<class>``, ``target``), to its kind. ``roles`` are the canonical columns that the log has.
    ``groups`` are the attribute sets whose rows performance is kept apart for; ``segments`` the attributes
    inside which drift is measured too.
    """

    name: str
    task: Task
    columns: Mapping[str, Kind]
    roles: frozenset[str] = frozenset()
    positive: str = "1"
    threshold: float = 0.5
    groups: tuple[tuple[str, ...], ...] = ()
    segments: tuple[str, ...] = ()
    k: tuple[int, ...] = (10,)
    min_group_size: int = 30
    reference_group: Mapping[str, str] = field(default_factory=dict)

    @property
    def attributes(self) -> tuple[tuple[str, ...], ...]:
        """The attribute sets that performance is counted by, the whole first, segments after the groups."""
        sets = [(), *self.groups, *((segment,) for segment in self.segments)]
        return tuple(dict.fromkeys(sets))

    @property
    def score_classes(self) -> tuple[str, ...]:
        """Classes that have a score column of their own (multiclass)."""
        return tuple(c.removeprefix(CLASS_SCORE) for c in self.columns if c.startswith(CLASS_SCORE))

    @property
    def negative(self) -> str:
        """What a binary decision that is not the positive class is called when only a score is logged."""
        return "0" if self.positive == "1" else f"not {self.positive}"


def published_name(column: str) -> str:
    """Return a column's name in measurements.

    Examples
    --------
    >>> [published_name(c) for c in ("column:age", "column:score", "score", "score:cat", "target")]
    ['age', 'feature:score', 'score', 'score', 'target']
    """
    if column.startswith(FEATURE):
        name = column.removeprefix(FEATURE)
        return f"feature:{name}" if name in OUTPUTS else name
    return "score" if column.startswith(CLASS_SCORE) else column
