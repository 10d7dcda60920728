"""Flapping: an instance that fires and clears so often that saying so each time helps nobody."""

from __future__ import annotations

from dataclasses import replace

from monitor.alerts.instance import Instance

TURNS = 4
WITHIN = 10
QUIET = 5
"""As many fires and clears within so many usable windows are flapping, until so many windows without one."""


def turned(instance: Instance) -> Instance:
    """Return the instance with a fire or a clear at its present window noted."""
    return replace(instance, turns=(*instance.turns, instance.ordinal))


def weighed(instance: Instance) -> Instance:
    """Return the instance with its flag put up or down, and turns that count no more forgotten.

    Examples
    --------
    >>> often = Instance("m", "r", {}, ordinal=9, turns=(2, 4, 6, 9))
    >>> weighed(often).flapping
    True
    >>> weighed(replace(often, flapping=True, ordinal=14)).flapping
    False
    """
    turns = tuple(turn for turn in instance.turns if turn > instance.ordinal - WITHIN)
    quiet = not turns or instance.ordinal - turns[-1] >= QUIET
    flapping = not quiet if instance.flapping else len(turns) >= TURNS
    if turns == instance.turns and flapping == instance.flapping:
        return instance
    return replace(instance, turns=turns, flapping=flapping)
