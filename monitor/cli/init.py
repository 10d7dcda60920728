"""``monitor init``: a starter monitor.yaml from a look at a table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.options import DEFAULT

if TYPE_CHECKING:
    from monitor.service.drafting.draft import Draft

Url = Annotated[
    str, typer.Argument(metavar="URL", help="Where the predictions are: sqlite:///logs.db, a file, or another URL.")
]
Target = Annotated[Path, typer.Option("--config", "-c", metavar="FILE", help="The monitor.yaml to write.")]
Table = Annotated[str | None, typer.Option(metavar="NAME", help="The table of predictions.")]
Truth = Annotated[str | None, typer.Option(metavar="NAME", help="The table of ground truth.")]
TruthUrl = Annotated[str | None, typer.Option(metavar="URL", help="Where ground truth is, if elsewhere.")]
Force = Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")]


def init(
    url: Url,
    *,
    table: Table = None,
    ground_truth_table: Truth = None,
    ground_truth_url: TruthUrl = None,
    config: Target = DEFAULT,
    force: Force = False,
) -> None:
    """Look at a table and write a monitor.yaml with the roles of its columns guessed and marked."""
    from monitor.cli.visible import visible  # noqa: PLC0415
    from monitor.errors import UsageError  # noqa: PLC0415
    from monitor.service.drafting.draft import draft  # noqa: PLC0415

    if config.exists() and not force:
        raise UsageError(f"{config} is there already", "write another with -c FILE, or replace it with --force")
    if not config.parent.is_dir():
        raise UsageError(f"the folder {config.parent} is not there", f"mkdir -p {config.parent}")
    found = draft(url, folder=config.parent, table=table, truth_table=ground_truth_table, truth_url=ground_truth_url)
    secret = _write(config, found.text)
    for line in _told(found):
        print(visible(line))
    if secret:
        print("note: the URL holds a password; ${NAME} in its place keeps it out of the file")
    print(f"\nWritten to {visible(str(config))}. Look at what is marked `# guessed`, then:")
    for command in ("validate", "run", "status"):
        print(f"  monitor {command}{'' if config == DEFAULT else f' -c {visible(str(config))}'}")


def _write(path: Path, text: str) -> bool:
    """Write the file, readable by its owner only when it holds a password; tell whether it does."""
    from monitor.config import mask  # noqa: PLC0415

    secret = any(mask(line) != line and "${" not in line for line in text.splitlines()[2:])
    path.write_text(text, encoding="utf-8")
    if secret:
        path.chmod(0o600)
    return secret


def _told(found: Draft) -> list[str]:
    guess = found.guess
    roles = [f"{role} = {column.name}" for role, column in guess.roles.items() if role != "model"]
    lines = [f"task      {guess.task}"]
    lines += [f"table     {found.table}"] if found.table else []
    lines += [f"roles     {', '.join(roles[:4])}"] + [
        f"          {', '.join(roles[i : i + 4])}" for i in range(4, len(roles), 4)
    ]
    lines += [f"scores    one for each of {len(guess.scores)} classes"] if guess.scores else []
    lines += [f"truth     {found.truth}"] if found.truth else []
    lines += [
        f"features  {len(guess.numeric)} numeric, {len(guess.categorical)} categorical, {len(guess.left_out)} left out"
    ]
    return lines + [f"note: {remark}" for remark in found.remarks]
