"""``monitor measurements``: what is stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.options import DEFAULT, AsOf, ConfigFile, From, Json, Models, To

if TYPE_CHECKING:
    from monitor.domain.measurement import Measurement

Metric = Annotated[str | None, typer.Option(metavar="NAME", help="Only this metric, such as psi or ndcg@5.")]
Column = Annotated[str | None, typer.Option(metavar="NAME", help="Only this column; null for none.")]
Group = Annotated[
    str | None,
    typer.Option(metavar="GROUP", help="Only this group: origin=JFK,carrier=UA or JSON; null for none."),
]
Version = Annotated[str | None, typer.Option(metavar="NAME", help="Only this model version; null for the total.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print CSV with a line of titles.")]
AllRevisions = Annotated[bool, typer.Option("--all-revisions", help="Earlier revisions of each window as well.")]


def measurements(
    *,
    config: ConfigFile = DEFAULT,
    model: Models = None,
    metric: Metric = None,
    column: Column = None,
    group: Group = None,
    version: Version = None,
    start: From = None,
    end: To = None,
    all_revisions: AllRevisions = False,
    as_of: AsOf = None,
    json: Json = False,
    csv: Csv = False,
) -> None:
    """Print stored measurements, by default the latest revision of every window."""
    from monitor.config import load  # noqa: PLC0415
    from monitor.errors import UsageError  # noqa: PLC0415
    from monitor.service import asked  # noqa: PLC0415
    from monitor.service.opening import load_plugins, opened  # noqa: PLC0415
    from monitor.service.read import Selection, read  # noqa: PLC0415
    from monitor.store.measurements import ANY  # noqa: PLC0415

    if json and csv:
        raise UsageError("--json and --csv exclude each other", "choose one")
    selection = Selection(
        models=tuple(model or ()),
        metric=metric,
        column=ANY if column is None else None if column == "null" else column,
        group=ANY if group is None else asked.group(group),
        version=ANY if version is None else None if version == "null" else version,
        start=start,
        end=end,
        all_revisions=all_revisions,
        as_of=asked.instant(as_of, "--as-of"),
    )
    loaded = load(config)
    load_plugins(loaded)
    with opened(loaded) as store:
        zones = {one.name: one.window_timezone for one in loaded.models}
        _print(read(loaded, store, selection), zones, "json" if json else "csv" if csv else "table", all_revisions)


def _print(found: Iterable[Measurement], zones: Mapping[str, str], form: str, revisions: bool) -> None:
    from monitor.cli.lines import print_csv, print_json  # noqa: PLC0415
    from monitor.service.record import FIELDS, record  # noqa: PLC0415

    if form == "json":
        print_json(map(record, found))
    elif form == "csv":
        print_csv(FIELDS, map(record, found))
    else:
        _print_table(found, zones, revisions=revisions)


def _print_table(found: Iterable[Measurement], zones: Mapping[str, str], *, revisions: bool) -> None:
    from monitor.cli.table import table  # noqa: PLC0415

    rows = list(found)
    if not rows:
        print("No measurement is stored that fits.")
        return
    shown = [name for name, needed in _titles(rows, revisions=revisions).items() if needed]
    cells = ([_cell(one, name, zones) for name in shown] for one in rows)
    cuttable = ("model", "version", "column", "group", "note")
    for line in table(shown, cells, right=("value", "low", "high", "n", "rev"), cuttable=cuttable):
        print(line)
    where = sorted({zones.get(one.model, "UTC") for one in rows})
    if where == ["UTC"]:
        return
    print(f"\nWindows by the clocks of {', '.join(where)}.")


def _titles(rows: list[Measurement], *, revisions: bool) -> dict[str, bool]:
    """Return every title and whether its column says anything."""
    return {
        "model": len({one.model for one in rows}) > 1,
        "version": any(one.version is not None for one in rows),
        "window": True,
        "rev": revisions or any(one.revision for one in rows),
        "metric": True,
        "column": any(one.column is not None for one in rows),
        "group": any(one.group is not None for one in rows),
        "value": True,
        "low": any(one.low is not None for one in rows),
        "high": any(one.high is not None for one in rows),
        "n": True,
        "note": any(any(_notes(one)) for one in rows),
    }


def _cell(one: Measurement, title: str, zones: Mapping[str, str]) -> str:
    from monitor.cli import wording  # noqa: PLC0415

    if title == "window":
        return wording.window(one.window_start, one.window_end, zones.get(one.model, "UTC"))
    if title in ("value", "low", "high"):
        return wording.number(getattr(one, title))
    if title == "group":
        return wording.group(one.group)
    if title == "note":
        return ", ".join(_notes(one))
    value = wording.count(one.n) if title == "n" else getattr(one, {"rev": "revision"}.get(title, title))
    return wording.NOTHING if value is None else str(value)


def _notes(one: Measurement) -> Iterator[str]:
    if one.reason is not None:
        yield one.reason
    if one.provisional:
        yield "provisional"
    if one.in_reference:
        yield "in reference"
