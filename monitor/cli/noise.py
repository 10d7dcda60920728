"""``monitor backtest --noisy``: the rules that have raised incidents, those that woke people for nothing first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitor.config import Config, ModelConfig
    from monitor.service.alarms.noisy import Noise

TITLES = ("rule", "model", "incidents", "in 30 d", "told", "heeded", "unheeded", "over after")
RIGHT = TITLES[2:]


def print_noise(
    config: Config,
    chosen: Sequence[ModelConfig],
    ends: tuple[str | None, str | None],
    *,
    json: bool,
    rules: Sequence[str] | None,
) -> None:
    """Print it.

    Raises
    ------
    UsageError
        A rule is proposed: nobody has been told of that yet.
    """
    from monitor.cli.lines import print_json  # noqa: PLC0415
    from monitor.errors import UsageError  # noqa: PLC0415
    from monitor.service import asked  # noqa: PLC0415
    from monitor.service.alarms.noisy import noisy  # noqa: PLC0415
    from monitor.service.opening import opened  # noqa: PLC0415

    if rules:
        raise UsageError("--noisy looks at what has happened, --rule at what would have", "take one of them")
    with opened(config) as store:
        found = noisy(store, chosen, {one.name: asked.span(*ends, one.window_timezone) for one in chosen})
    if json:
        print_json(one.record() for one in found)
        return
    for line in _lines(found):
        print(line)


def _lines(found: Sequence[Noise]) -> Iterator[str]:
    from monitor.cli.table import table  # noqa: PLC0415

    if not found:
        yield "No rule has raised an incident."
        return
    yield from table(TITLES, [_row(one) for one in found], right=RIGHT, cuttable=("rule", "model"))
    yield ""
    yield "heeded: acknowledged, silenced or resolved by somebody; unheeded: over by itself before anybody did."


def _row(one: Noise) -> tuple[str, ...]:
    rate = "-" if one.per_month is None else f"{one.per_month:.1f}"
    lasted = "-" if one.hours is None else f"{one.hours:.0f} h"
    numbers = (one.notices, one.heeded, one.unheeded)
    return (one.rule, one.model, str(one.incidents), rate, *map(str, numbers), lasted)
