"""The shape of the house: who imports whom, how long things are, what they are called, what is documented."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from subprocess import PIPE, STDOUT, run

import pytest

from monitor.metrics import registered

TOP = Path(__file__).parents[1]
CODE = ("monitor", "dashboards", "alembic", "sample_data", "benchmarks", "examples")
PURE = ("domain", "profile", "metrics", "rules", "alerts")

MOST_LINES_OF_A_FILE = 300
MOST_LINES_OF_A_FUNCTION = 40  # its docstring not counted
LONGER: dict[str, str] = {}  # "path::function": why it may be; printed by the test

EMPTY_WORDS = {"utils", "util", "helpers", "helper", "common", "base", "manager", "handler", "misc", "processor"}
CLOCK_OR_CHANCE = re.compile(
    r"\b(?:datetime\.now|datetime\.utcnow|datetime\.today|date\.today)\("
    r"|\btime\.(?:time|monotonic|perf_counter)\b"
    r"|\bdefault_rng\(\s*\)"
    r"|\bnp\.random\.(?!Generator\b|default_rng\b)\w+"
)


@cache
def _files(*rooms: str) -> tuple[Path, ...]:
    found = (path for room in rooms for path in sorted((TOP / room).rglob("*.py")))
    return tuple(path for path in found if "__pycache__" not in path.parts)


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _name(path: Path) -> str:
    return path.relative_to(TOP).as_posix()


def _functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(_tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count a function's lines without its decorators and docstring."""
    described = ast.get_docstring(function) is not None
    text = function.body[0] if described else None
    docs = text.end_lineno - text.lineno + 1 if text is not None and text.end_lineno else 0
    return (function.end_lineno or function.lineno) - function.lineno + 1 - docs


def test_imports_point_one_way() -> None:
    """The contracts of ``.importlinter`` hold: rooms in their order, pure rooms pure."""
    call = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
    done = run(
        [sys.executable, "-c", call, "--no-cache", "--no-logo", "--config", str(TOP / ".importlinter")],
        cwd=TOP,
        stdout=PIPE,
        stderr=STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_every_room_is_a_package() -> None:
    """A folder with code has an ``__init__.py``: without it the import contracts would not see the folder."""
    folders = {path.parent for path in _files("monitor", "dashboards")}
    assert not [_name(folder) for folder in folders if not (folder / "__init__.py").exists()]


def test_every_room_says_what_it_is() -> None:
    """Each file begins with a docstring."""
    assert not [_name(path) for path in _files(*CODE) if ast.get_docstring(_tree(path)) is None]


def test_no_file_is_long() -> None:
    """A file that needs more lines holds more than one noun."""
    lengths = {_name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in _files(*CODE)}
    assert not {name: n for name, n in lengths.items() if n > MOST_LINES_OF_A_FILE}


def test_no_function_is_long() -> None:
    """A function fits on a screen, or stands in the list of exceptions with its reason."""
    for name, why in LONGER.items():
        print(f"{name} may be long: {why}")  # noqa: T201 - pytest shows it with -rP
    lengths = {f"{_name(path)}::{f.name}": _length(f) for path in _files(*CODE) for f in _functions(path)}
    long = {name for name, n in lengths.items() if n > MOST_LINES_OF_A_FUNCTION}
    assert not {name: lengths[name] for name in long - set(LONGER)}
    assert set(LONGER) <= long, "an exception that is none any more"


def test_names_say_something() -> None:
    """No file and no folder is named for being a leftover."""
    named = {part for path in _files(*CODE) for part in (path.stem, *path.relative_to(TOP).parts[:-1])}
    assert not named & EMPTY_WORDS
    assert not {name for name in named if name.split("_")[-1] in EMPTY_WORDS}


@pytest.mark.parametrize("room", PURE)
def test_pure_rooms_own_no_clock_and_no_chance(room: str) -> None:
    """The time and the random generator are arguments there."""
    found = {
        f"{_name(path)}:{number}": line.strip()
        for path in _files(f"monitor/{room}")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if CLOCK_OR_CHANCE.search(line)
    }
    assert not found


def test_no_error_is_swallowed() -> None:
    """No bare ``except:``, and none whose whole answer is ``pass``."""
    caught = [
        (path, node) for path in _files(*CODE) for node in ast.walk(_tree(path)) if isinstance(node, ast.ExceptHandler)
    ]
    silent = [
        f"{_name(path)}:{node.lineno}"
        for path, node in caught
        if node.type is None or all(isinstance(line, ast.Pass) for line in node.body)
    ]
    assert not silent


def test_one_metric_one_file() -> None:
    """A metric's file is named like its function and lies in the folder of its kind."""
    for metric in registered().values():
        module = metric.function.__module__.split(".")
        if module[:2] == ["monitor", "metrics"] and metric.reads != "change":
            assert module[2:] == [metric.kind, metric.function.__name__]


def test_every_metric_is_documented() -> None:
    """Each metric's name stands in ``docs/metrics.md``."""
    page = (TOP / "docs" / "metrics.md").read_text(encoding="utf-8")
    ours = {name for name, metric in registered().items() if metric.function.__module__.startswith("monitor.metrics.")}
    assert not {name for name in ours if f"`{name}`" not in page}


def test_every_test_says_what_it_shows() -> None:
    """Each test function's docstring begins with a sentence."""
    tests = [(path, f) for path in _files("tests") for f in _functions(path) if f.name.startswith("test_")]
    mute = [
        f"{_name(path)}:{f.lineno} {f.name}"
        for path, f in tests
        if not (ast.get_docstring(f) or "").split("\n\n")[0].rstrip().endswith((".", "?", "!"))
    ]
    assert not mute
