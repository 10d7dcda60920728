"""Labels of rows by attribute set and class: one code per row, and the key of each code."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from monitor.profile.encode import Coded, Encoded, combined
from monitor.profile.slots import Slots
from monitor.profile.tally import Ints, Key


def part(name: str, attributes: tuple[str, ...]) -> str:
    """Return the name of a part kept by an attribute set: each set has its own, so one that explodes harms no other.

    Examples
    --------
    >>> part("confusion", ()), part("confusion", ("a", "b"))
    ('confusion', 'confusion by ["a", "b"]')
    """
    quoted = ", ".join('"' + a.replace("\\", "\\\\").replace('"', '\\"') + '"' for a in attributes)
    return f"{name} by [{quoted}]" if attributes else name


def label(
    rows: Encoded, slots: Slots, attributes: tuple[str, ...], *more: Coded
) -> tuple[Ints, Callable[[Ints], list[Key]]]:
    """Return each row's label code and the function from codes to keys ``(*attribute values, *more)``."""
    code, texts = combined([*(rows.attribute(name) for name in attributes), *more], rows.n)
    sizes = [len(names) for names in texts]

    def keys(present: Ints) -> list[Key]:
        if not sizes:
            return [()] * len(present)
        places = np.unravel_index(present, sizes)
        return list(zip(*([names[i] for i in at] for names, at in zip(texts, places, strict=True)), strict=True))

    return slots.take(code), keys
