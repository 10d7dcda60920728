"""``monitor report``: Evidently's page about one window."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from monitor.cli.options import DEFAULT, ConfigFile

Model = Annotated[str, typer.Option("--model", metavar="NAME", help="The model.")]
Window = Annotated[
    str, typer.Option(metavar="TIME", help="An instant in the window; without an offset in window_timezone.")
]
Output = Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The HTML file to write.")]


def report(*, config: ConfigFile = DEFAULT, model: Model, window: Window, output: Output) -> None:
    """Write an Evidently report of one window against the reference."""
    from monitor.cli.visible import visible  # noqa: PLC0415
    from monitor.cli.wording import count  # noqa: PLC0415
    from monitor.config import load  # noqa: PLC0415
    from monitor.service.reports.reporting import write_report  # noqa: PLC0415

    written = write_report(load(config), model, window, output)
    print(f"{visible(str(written))}  {count(written.stat().st_size)} bytes")
