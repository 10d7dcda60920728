"""What ``monitor demo`` says of the time that it takes."""

from __future__ import annotations

from pathlib import Path

from monitor.cli.demo import TAKES

ROOT = Path(__file__).parents[2]


def test_the_readme_and_the_command_tell_the_same_total() -> None:
    """The command's first line and the README mean the whole demo, not its first step."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert TAKES.startswith("All of it takes about a minute")
    assert TAKES.removeprefix("All of it ") in readme
