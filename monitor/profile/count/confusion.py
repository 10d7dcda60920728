"""Counts of rows by target class and predicted class, per attribute set."""

from __future__ import annotations

from monitor.profile.count.groups import label, part
from monitor.profile.encode import Encoded
from monitor.profile.slots import Slots, count
from monitor.profile.tally import Tally


def count_confusion(rows: Encoded, slots: Slots) -> dict[str, list[Tally]]:
    """Count rows with label ``(*attribute values, target, predicted)``; None stands for what is not known."""
    counted = {}
    for attributes in rows.layout.model.attributes:
        code, keys = label(rows, slots, attributes, rows.target, rows.predicted)
        counted[part("confusion", attributes)] = count(slots, code, 1, keys)
    return counted
