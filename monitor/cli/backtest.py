"""``monitor backtest``: when rules would have fired over the stored history."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.options import DEFAULT, ConfigFile, From, Json, Models, To

if TYPE_CHECKING:
    from monitor.service.alarms.backtest import Backtest

Proposed = Annotated[
    list[str] | None,
    typer.Option(
        "--rule",
        metavar="RULE",
        help="A rule to try in place of the model's own: '{metric: psi, columns: \"*\", above: 0.2}'.",
    ),
]
Noisy = Annotated[
    bool,
    typer.Option("--noisy", help="List instead the rules that have raised incidents, those that nobody heeded first."),
]
TITLES = ("model", "severity", "since", "until", "what")


def backtest(
    *,
    config: ConfigFile = DEFAULT,
    model: Models = None,
    rule: Proposed = None,
    noisy: Noisy = False,
    start: From = None,
    end: To = None,
    json: Json = False,
) -> None:
    """Judge every stored window again and print the incidents that there would have been; nothing is stored or sent."""
    from monitor.cli.lines import print_json  # noqa: PLC0415
    from monitor.cli.noise import print_noise  # noqa: PLC0415
    from monitor.cli.progress import progress  # noqa: PLC0415
    from monitor.config import load  # noqa: PLC0415
    from monitor.service import asked  # noqa: PLC0415
    from monitor.service.alarms.backtest import backtest as judge  # noqa: PLC0415
    from monitor.service.opening import load_plugins, opened  # noqa: PLC0415

    loaded = load(config)
    load_plugins(loaded)
    if noisy:
        print_noise(loaded, asked.models(loaded, model), (start, end), json=json, rules=rule)
        return
    proposed = asked.rules(rule or ())
    with opened(loaded) as store, progress() as tell:
        found = []
        for one in asked.models(loaded, model):
            ends = asked.span(start, end, one.window_timezone)
            tell_of = partial(tell, one.name)
            found.append(judge(loaded, store, one, proposed=proposed, ends=ends, progress=tell_of))
    if json:
        print_json(fired.record() for one in found for fired in one.incidents)
    else:
        for line in _lines(found):
            print(line)


def _lines(found: list[Backtest]) -> Iterator[str]:
    from monitor.cli.table import table  # noqa: PLC0415
    from monitor.cli.visible import visible  # noqa: PLC0415
    from monitor.cli.wording import instant, plural  # noqa: PLC0415

    rows = [
        (one.model, one.severity, instant(one.since, one.zone), instant(one.until, one.zone) if one.until else "open",
         ", ".join(one.columns) or ", ".join(one.rules))
        for tested in found
        for one in tested.incidents
    ]  # fmt: skip
    if rows:
        yield from table(TITLES, rows, cuttable=("what", "model"))
        yield ""
    for tested in found:
        rate = "" if tested.per_month is None else f", {tested.per_month:.1f} in 30 days"
        windows = plural(tested.windows, "window")
        yield f"{visible(tested.model)}: {plural(len(tested.incidents), 'incident')} in {windows}{rate}"
        for name, times in sorted(tested.fires.items(), key=lambda item: (-item[1], item[0]))[:5]:
            yield f"  {times} × {visible(name)}"
