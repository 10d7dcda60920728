"""What a verdict rests on, so that a person can check it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Evidence:
    """The numbers behind one verdict; None where a kind of rule has no such number.

    ``value`` was held against ``limit``; ``effect`` is the size of a change. ``p_corrected`` is ``p_value`` after the
    correction over all tests of the window, held against ``level``. ``reference_low`` and ``reference_high`` bound what
    the reference itself shows. ``n`` and ``n_reference`` count rows. ``scale`` is how many windows were summed,
    ``season`` which hours of the reference they were compared with. ``note`` is a sentence for people.
    """

    metric: str
    column: str | None = None
    value: float | None = None
    limit: float | None = None
    effect: float | None = None
    p_value: float | None = None
    p_corrected: float | None = None
    level: float | None = None
    reference_low: float | None = None
    reference_high: float | None = None
    n: int | None = None
    n_reference: int | None = None
    scale: int = 1
    season: str | None = None
    note: str | None = None

    @property
    def chance(self) -> float | None:
        """The p-value that counts: the corrected one where there is one; None without a test."""
        return self.p_value if self.p_corrected is None else self.p_corrected
