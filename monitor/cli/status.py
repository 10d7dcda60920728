"""``monitor status``: how far every model is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from monitor.cli.options import DEFAULT, ConfigFile, Json, Models, Now

if TYPE_CHECKING:
    from monitor.service.oncall.incidents import Seen
    from monitor.service.status.model import Status

TITLES = ("model", "state", "done", "last", "rows", "key metric")
RIGHT = ("done", "rows")


def status(*, config: ConfigFile = DEFAULT, model: Models = None, now: Now = None, json: Json = False) -> None:
    """Print how far every model is, how late, and what stands in its way."""
    from monitor.cli.lines import print_json  # noqa: PLC0415
    from monitor.cli.open_incidents import still_open  # noqa: PLC0415
    from monitor.cli.retraining_words import outlook_lines  # noqa: PLC0415
    from monitor.config import load  # noqa: PLC0415
    from monitor.service import asked  # noqa: PLC0415
    from monitor.service.opening import opened  # noqa: PLC0415
    from monitor.service.status.status import status as look  # noqa: PLC0415
    from monitor.service.training.outlook import outlook  # noqa: PLC0415

    loaded = load(config)
    chosen, clock = asked.models(loaded, model), asked.now(now)
    with opened(loaded) as store:
        found = look(loaded, store, chosen, clock)
        alarms = still_open(loaded, store, chosen)
        ahead = list(outlook_lines(outlook(store, chosen)))
    if json:
        print_json(one.record() | {"incidents": _numbers(alarms, one.model)} for one in found)
    else:
        _print(found, alarms, ahead)


def _numbers(alarms: Iterable[Seen], model: str) -> list[str]:
    return [alarm.id for alarm in alarms if alarm.incident.model == model]


def _print(found: Iterable[Status], alarms: Sequence[Seen], ahead: Sequence[str]) -> None:
    from monitor.cli.open_incidents import lines  # noqa: PLC0415
    from monitor.cli.status_notes import notes  # noqa: PLC0415
    from monitor.cli.table import table  # noqa: PLC0415

    found = list(found)
    older = any(one.key and one.last and one.key.window_start != one.last.start for one in found)
    titles = (*TITLES, "at") if older else TITLES
    for line in table(titles, (_cells(one)[: len(titles)] for one in found), right=RIGHT, cuttable=("model",)):
        print(line)
    below = [*lines(alarms), *(["  `monitor incidents show` says more"] if alarms else []), *ahead]
    below += [note for one in found for note in notes(one)]
    if below:
        print()
    for note in below:
        print(note)


def _cells(one: Status) -> list[str]:
    from monitor.cli.wording import NOTHING, count, instant, number, window  # noqa: PLC0415

    key = NOTHING if one.key is None else f"{one.key_metric} {number(one.key.value)}"
    return [
        one.model,
        _state(one),
        count(one.windows),
        window(one.last.start, one.last.end, one.zone) if one.last else NOTHING,
        count(one.rows),
        key,
        instant(one.key.window_start if one.key else None, one.zone),
    ]


def _state(one: Status) -> str:
    from monitor.cli.wording import about, count, instant  # noqa: PLC0415

    state: str = one.state
    if one.state == "late":
        state = f"late {about(one.lateness)}"
    elif one.state == "ended":
        state = f"ended {instant(one.ended_at, one.zone)[:10]}"
    given_up = one.count("failed") + one.count("quarantined")
    return f"{state}, {count(given_up)} failed" if given_up else state
