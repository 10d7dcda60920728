"""The options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ConfigFile = Annotated[
    Path, typer.Option("--config", "-c", metavar="FILE", help="The monitor.yaml to work with.", show_default=True)
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")]
Now = Annotated[
    str | None,
    typer.Option(metavar="TIME", help="The clock, such as 2013-03-01T06:00:00Z; the real one when absent."),
]
Models = Annotated[
    list[str] | None, typer.Option("--model", metavar="NAME", help="Only this model; may be given several times.")
]
From = Annotated[
    str | None,
    typer.Option("--from", metavar="TIME", help="First instant; without an offset in the model's window_timezone."),
]
AsOf = Annotated[
    str | None, typer.Option(metavar="TIME", help="As the store stood at that instant; without an offset in UTC.")
]
To = Annotated[str | None, typer.Option("--to", metavar="TIME", help="The instant before which it ends.")]
As = Annotated[str | None, typer.Option("--as", metavar="NAME", help="Who does it; your user and host when absent.")]
Note = Annotated[str | None, typer.Option(metavar="TEXT", help="What others should know.")]

DEFAULT = Path("monitor.yaml")
