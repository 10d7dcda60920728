"""``monitor status``: how far every model is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from monitor.cli.options import DEFAULT, ConfigFile, Json, Models, Now

if TYPE_CHECKING:
    from monitor.service.status import Status

TITLES = ("model", "task", "state", "done", "last", "rows", "key metric", "at")
RIGHT = ("done", "rows")


def status(*, config: ConfigFile = DEFAULT, model: Models = None, now: Now = None, json: Json = False) -> None:
    """Print how far every model is, how late, and what stands in its way."""
    from monitor.cli.lines import print_json  # noqa: PLC0415
    from monitor.config import load  # noqa: PLC0415
    from monitor.service import asked  # noqa: PLC0415
    from monitor.service.opening import opened  # noqa: PLC0415
    from monitor.service.status import status as look  # noqa: PLC0415

    loaded = load(config)
    chosen, clock = asked.models(loaded, model), asked.now(now)
    with opened(loaded) as store:
        found = look(loaded, store, chosen, clock)
    if json:
        print_json(one.record() for one in found)
    else:
        _print(found)


def _print(found: Iterable[Status]) -> None:
    from monitor.cli.table import table  # noqa: PLC0415

    found = list(found)
    for line in table(TITLES, map(_cells, found), right=RIGHT, cuttable=("model", "task")):
        print(line)
    notes = [note for one in found for note in _notes(one)]
    if notes:
        print()
    for note in notes:
        print(note)


def _cells(one: Status) -> list[str]:
    from monitor.cli.wording import NOTHING, count, instant, number, window  # noqa: PLC0415

    key = NOTHING if one.key is None else f"{one.key_metric} {number(one.key.value)}"
    return [
        one.model,
        one.task,
        _state(one),
        count(one.windows),
        window(one.last.start, one.last.end, one.zone) if one.last else NOTHING,
        count(one.rows),
        key,
        instant(one.key.window_start if one.key else None, one.zone),
    ]


def _state(one: Status) -> str:
    from monitor.cli.wording import about, instant  # noqa: PLC0415

    if one.state == "late":
        return f"late {about(one.lateness)}"
    return f"ended {instant(one.ended_at, one.zone)[:10]}" if one.state == "ended" else one.state


def _notes(one: Status) -> Iterator[str]:
    from monitor.cli.visible import visible  # noqa: PLC0415
    from monitor.cli.wording import instant  # noqa: PLC0415

    name = visible(one.model)
    if one.learning_until is not None:
        yield f"{name}: learning until {instant(one.learning_until)} UTC; its first 14 days become the reference"
    if one.state == "failing":
        said, _, cure = (one.source_error or "").partition("\n")
        when = f", seen {instant(one.source_checked_at)} UTC" if one.source_checked_at else ""
        yield f"{name}: {visible(one.source_state or '')}{when}: {visible(said)}"
        if cure:
            yield f"  {visible(cure.strip())}"
    if one.provisional:
        yield f"{name}: {one.provisional} of {one.windows} windows are provisional: their ground truth still comes"
    if one.state == "new":
        yield f"{name}: no window yet; `monitor run` evaluates what is due"
