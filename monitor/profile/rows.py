"""Rows: how many were read, kept, labelled."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rows:
    """Facts about the rows of one window.

    ``rows`` is after duplicates are gone, ``read`` before; ``labelled`` have a target; ``early`` have one that is
    stamped before the prediction. ``unparsable`` have one that is no number where the task needs numbers; they are not
    among the labelled. ``orphans`` are ground-truth rows without a prediction, None when that was not
    counted. ``has_target`` tells whether the model has ground truth at all.
    """

    rows: int
    read: int
    labelled: int
    early: int = 0
    orphans: int | None = None
    has_target: bool = True
    unparsable: int = 0
