"""Exit codes, errors without tracebacks, and what the command line loads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Desk

HEAVY = (
    "numpy",
    "pandas",
    "pyarrow",
    "scipy",
    "sqlalchemy",
    "duckdb",
    "evidently",
    "dash",
    "plotly",
    "pydantic",
    "rich",
)
COMMANDS = (
    "init", "validate", "apply", "run", "measurements", "report", "status", "runs", "backup", "doctor", "demo",
    "serve", "worker", "db", "promote", "retry",
)  # fmt: skip
HELP = "from monitor.cli import main; main(['--help'])"


def test_help_loads_nothing_heavy() -> None:
    """``monitor --help`` imports none of the libraries that make start-up slow."""
    code = f"{HELP}; import sys; print([m for m in {HEAVY} if m in sys.modules], file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    assert all(f"\n  {name} " in done.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(desk: Desk, name: str) -> None:
    """Each command has a help text, and all but ``db`` and ``demo`` know ``-c``."""
    said = desk(name, "--help")
    assert said.code == 0
    assert "Usage: monitor" in said.out
    assert name in ("db", "demo") or "-c" in said.out


@pytest.mark.parametrize(
    "arguments",
    [("nonsense",), ("run", "--nonsense"), ("run", "--now"), ("report",), ("runs", "--limit", "0"), ("backup",)],
)
def test_wrong_usage_is_two(desk: Desk, arguments: tuple[str, ...]) -> None:
    """What cannot be understood leaves with 2 and says what it was."""
    said = desk(*arguments)
    assert said.code == 2
    assert "Error: " in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize("name", ["validate", "apply", "run", "measurements", "status", "runs"])
def test_no_file_is_two(desk: Desk, name: str) -> None:
    """Without its file every command says which one it looked for, and how to get one."""
    (desk.folder / "monitor.yaml").unlink()
    said = desk(name)
    assert (said.code, said.out) == (2, "")
    assert said.err == (
        "error: monitor.yaml: the file is not there\n"
        " hint: name it with -c FILE, or write one: monitor init URL --table T\n"
    )


@pytest.mark.parametrize("arguments", [("measurements",), ("status",), ("runs",), ("db", "check"), ("backup", "x.db")])
def test_no_store_is_one(desk: Desk, arguments: tuple[str, ...]) -> None:
    """Looking at a store that is not there makes none, fails with 1 and says what makes it."""
    said = desk(*arguments)
    assert (said.code, said.out) == (1, "")
    assert "There is no store" in said.err
    assert "`monitor run`" in said.err
    assert not (desk.folder / "monitor.db").exists()


def test_every_fault_of_the_file_is_said(desk: Desk) -> None:
    """A wrong file gives 2, and each fault its line, field and cure."""
    desk.model["task"] = "binry"
    desk.model["window"] = "5h"
    desk.write()
    said = desk("run")
    assert said.code == 2
    assert said.err.count("error: monitor.yaml:") == 2
    assert "models[0].task" in said.err
    assert "did you mean binary?" in said.err


def test_the_unexpected_is_one_line(desk: Desk) -> None:
    """A fault of our own is one line and 1; ``MONITOR_DEBUG`` shows where it happened."""
    code = (
        "import sys; from monitor.cli.app import app; from monitor.cli import main\n"
        "@app.command()\ndef bang():\n    raise RuntimeError('a\\x1bb')\nsys.exit(main(['bang']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "error: unexpected RuntimeError: a\\x1bb\n"
        " hint: this is a fault of the monitor itself; MONITOR_DEBUG=1 shows where it happened\n"
    )
    environment = os.environ | {"MONITOR_DEBUG": "1"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment)
    assert "Traceback" in done.stderr


def test_an_interrupt_is_130(desk: Desk) -> None:
    """Ctrl-C ends a command without a word."""
    code = (
        "import sys; from monitor.cli.app import app; from monitor.cli import main\n"
        "@app.command()\ndef wait():\n    raise KeyboardInterrupt\nsys.exit(main(['wait']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_a_failing_plugin_is_a_fault_of_the_file(desk: Desk) -> None:
    """What a plug-in raises is said with its line, and nothing runs."""
    (desk.folder / "own.py").write_text("raise RuntimeError('own fault')\n")
    desk.document["plugins"] = ["own.py"]
    desk.write()
    said = desk("validate")
    assert said.code == 2
    assert "RuntimeError on line 1: own fault" in said.err


def test_a_missing_plugin_is_a_fault_of_the_file(desk: Desk) -> None:
    """A plug-in that is missing is a fault of the file, named by its place."""
    desk.document["plugins"] = ["nowhere.py"]
    desk.write()
    said = desk("run")
    assert said.code == 2
    assert "plugins[0]" in said.err
    assert str(desk.folder / "nowhere.py") in said.err


def test_version(desk: Desk) -> None:
    """``--version`` prints it."""
    said = desk("--version")
    assert (said.code, said.out[:8]) == (0, "monitor ")


def test_a_closed_pipe_is_quiet(desk: Desk) -> None:
    """``monitor measurements | head`` leaves no traceback."""
    desk.ran()
    monitor = f"{sys.executable} -c 'import sys; from monitor.cli import main; sys.exit(main())'"
    command = f"{monitor} measurements --json | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True, cwd=desk.folder)
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""


def test_a_missing_password_variable_is_said(desk: Desk) -> None:
    """An unset variable is a fault of the file."""
    desk.model["source"]["url"] = "postgresql://me:${NOT_SET_HERE}@localhost/logs"
    desk.write()
    said = desk("validate")
    assert said.code == 2
    assert "NOT_SET_HERE" in said.err


def test_passwords_never_leave(desk: Desk) -> None:
    """An unreachable database is named without its password, with 1 and a cure."""
    desk.model["source"]["url"] = "postgresql://me:s3cretword@127.0.0.1:1/logs"
    desk.write()
    for name in ("validate", "run", "doctor"):
        said = desk(name)
        assert said.code == 1
        assert "s3cretword" not in said.out + said.err
        assert "127.0.0.1" in said.out + said.err


def test_relative_files_begin_at_the_file(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``-c`` works from any folder."""
    other = tmp_path / "elsewhere"
    other.mkdir()
    monkeypatch.chdir(other)
    assert desk("validate", "-c", str(tmp_path / "monitor.yaml")).code == 0
