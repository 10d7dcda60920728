"""Progress on stderr: a bar on a terminal, a line now and then in a pipe."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from monitor.cli.visible import visible

Tell = Callable[[str, str, int, int], None]
SECONDS_BETWEEN_LINES = 5.0


@contextmanager
def progress() -> Iterator[Tell]:
    """Give a function to be told (model, phase, done, total), and clear up at the end."""
    if sys.stderr.isatty():
        with _bar() as tell:
            yield tell
    else:
        yield _lines()


@contextmanager
def _bar() -> Iterator[Tell]:
    from rich.console import Console  # noqa: PLC0415 - not wanted in a pipe
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn  # noqa: PLC0415

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=sys.stdout.isatty()) as shown:
        tasks: dict[str, object] = {}

        def tell(model: str, phase: str, done: int, total: int) -> None:
            words = f"{visible(model)}  {phase}"
            if model not in tasks:
                tasks[model] = shown.add_task(words, total=total)
            shown.update(tasks[model], description=words, completed=done, total=total)  # type: ignore[arg-type]

        yield tell


def _lines() -> Tell:
    """Say where each phase is, at most once in some seconds."""
    said: dict[tuple[str, str], float] = {}

    def tell(model: str, phase: str, done: int, total: int) -> None:
        key, at = (model, phase), time.monotonic()
        before = said.setdefault(key, at)
        if at - before < SECONDS_BETWEEN_LINES or done >= total:
            return
        said[key] = at
        print(f"{visible(model)}: {phase} {done}/{total}", file=sys.stderr, flush=True)

    return tell
