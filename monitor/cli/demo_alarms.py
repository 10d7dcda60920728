"""The demo's incidents, printed: what told of each planted fault, and what opened where nothing was planted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from monitor.service.demo.demo import Demo
    from monitor.service.demo.incidents import Caught, Opened

MOST = 3  # columns named


def alarms(made: Demo) -> Iterator[str]:
    """Yield the lines."""
    from monitor.cli.table import table  # noqa: PLC0415

    if not made.caught:
        return
    yield ""
    yield "What was told of it (a model has one incident for all that fires together):"
    yield ""
    rows: list[list[str]] = []
    for one in made.caught:
        if one.model not in [row[0] for row in rows]:
            rows.append([one.model, "", "", ""])
        rows.append(_row(one))
    yield from table(("fault", "told", "as", "incident"), rows)
    yield ""
    planted = {one.model for one in made.caught}
    strays = sum(one.stray for one in made.incidents if one.model in planted)
    met = sum(one.incident is not None for one in made.caught)
    yield f"{met} of {len(made.caught)} planted faults have their incident; {strays or 'none'} opened without one."
    natural = [one for one in made.incidents if one.model not in planted]
    for model in dict.fromkeys(one.model for one in natural):
        yield ""
        yield f"{model} has real flights and nothing planted: a model of one winter meets the rest of the year."
        yield from (_natural(one) for one in natural if one.model == model)


def _row(one: Caught) -> list[str]:
    from monitor.cli.incident_words import short  # noqa: PLC0415

    told = "not told" if one.at is None else f"{one.at:%Y-%m-%d}"
    return [f"  {one.fault.name}", told, one.about or "", "" if one.incident is None else short(one.incident)]


def _natural(one: Opened) -> str:
    from monitor.cli.incident_words import short  # noqa: PLC0415

    until = "open" if one.resolved_at is None else f"to {one.resolved_at:%Y-%m-%d}"
    columns = ", ".join(one.columns[:MOST]) + (" …" if len(one.columns) > MOST else "")
    about = f"first {one.first}" + (f", also {columns}" if columns else "")
    return f"  {short(one.id)}  from {one.opened_at:%Y-%m-%d} {until:13}  {about}"
