"""What the README shows is what happens, in a copy of the folder that it speaks of."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parents[1]
LOANS = TOP / "examples" / "loans"
README = (TOP / "README.md").read_text(encoding="utf-8")
MONITOR = Path(sys.executable).with_name("monitor")
ONE_MORE = "INSERT INTO decisions VALUES (99999, '2026-02-15 12:00:00', 'v1', 1, 0.9, 20000, 30000, 'car', 'north')"


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def _call(command: str, folder: Path) -> str:
    words = command.split("#", maxsplit=1)[0].split()
    assert words[0] == "monitor"
    done = subprocess.run([MONITOR, *words[1:]], cwd=folder, capture_output=True, text=True, check=False, timeout=900)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _plain(text: str) -> str:
    """Leave out what any new metric changes, and what the README leaves out."""
    text = re.sub(r"\d[\d ]* measurements", "N measurements", text)
    return "\n".join(line.rstrip() for line in text.splitlines() if line and not line.startswith("Windows by"))


@pytest.fixture(scope="module")
def loans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a copy of the example's folder with its database made."""
    folder = tmp_path_factory.mktemp("loans") / "loans"
    shutil.copytree(LOANS, folder, ignore=shutil.ignore_patterns("__pycache__", "*.db"))
    subprocess.run([sys.executable, "make_database.py"], cwd=folder, check=True)
    return folder


def test_the_files_of_the_example_are_shown() -> None:
    """The configuration and the metric in the README are those of the example, letter by letter."""
    assert (LOANS / "monitor.yaml").read_text(encoding="utf-8") in _blocks("yaml")
    assert (LOANS / "cost_per_loan.py").read_text(encoding="utf-8") in _blocks("python")


def test_commands_print_what_is_shown(loans: Path) -> None:
    """Each command of the README prints what stands below it, and the measurement is stored as it is shown."""
    first, *later = [block for block in _blocks("console") if "monitor" in block]
    _compare(first, loans)
    (shown,) = [block for block in _blocks("json") if '"metric"' in block]
    day = "--from 2026-02-15 --to 2026-02-16"
    assert _call(f"monitor measurements --metric psi --column income {day} --version null --json", loans) == shown
    assert "cost_per_loan" in _call(f"monitor measurements --metric cost_per_loan {day} --csv", loans)
    with sqlite3.connect(loans / "loans.db") as database:
        database.execute(ONE_MORE)
    database.close()
    for block in later:
        _compare(block, loans)
    assert "nothing new" in _call("monitor run --now 2026-02-21T00:00:00Z", loans)


def _compare(block: str, folder: Path) -> None:
    for command, expected in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE):
        assert _plain(_call(command, folder)) == _plain(expected), command
