"""Environments for peers that do not live with our versions: one folder each in ``.bench/``, made once.

By uv where it is on the PATH, else, or where that fails, by pip. Wheels only: a peer that would have to be built here
is none that a newcomer gets by ``pip install``.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

TOP = Path(__file__).parents[1] / ".bench"
WHEELS = ["--quiet", "--only-binary", ":all:"]


def interpreter(peer: str, needs: Sequence[str], minutes: float) -> Path | None:
    """Return the peer's interpreter, made where it is not there yet as asked.

    None, and a line that says why, when no installer manages it in so many minutes.
    """
    folder = TOP / peer
    python, complete = folder / "bin" / "python", folder / "complete"
    if complete.exists() and complete.read_text(encoding="utf-8") == "\n".join(needs):
        return python
    print(f"{peer}: installing {', '.join(needs)} in .bench/{peer}", flush=True)
    for commands in _ways(folder, python, needs):
        why = _failure(commands, 60 * minutes)
        if why is None:
            complete.write_text("\n".join(needs), encoding="utf-8")
            return python
        print(f"{peer}: {Path(commands[-1][0]).name} could not install it: {why}", flush=True)
    return None


def _ways(folder: Path, python: Path, needs: Sequence[str]) -> Iterator[list[list[str]]]:
    """Yield the commands of each installer there is."""
    uv = shutil.which("uv")
    if uv is not None:
        yield [
            [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)],
            [uv, "pip", "install", "--python", str(python), *WHEELS, *needs],
        ]
    yield [
        [sys.executable, "-m", "venv", "--clear", str(folder)],
        [str(python), "-m", "pip", "install", *WHEELS, *needs],
    ]


def _failure(commands: list[list[str]], seconds: float) -> str | None:
    """Run commands one after the other; return the last words of the one that failed."""
    try:
        for command in commands:
            subprocess.run(command, check=True, capture_output=True, text=True, timeout=seconds)
    except subprocess.CalledProcessError as error:
        return next((line for line in reversed(error.stderr.splitlines()) if line.strip()), f"exit {error.returncode}")
    except subprocess.TimeoutExpired:
        return f"not done in {seconds / 60:.0f} minutes"
    except OSError as error:
        return str(error)
    return None
