"""How fast the command line answers: ``monitor --help`` beside an interpreter that does nothing.

``python -m benchmarks.startup``: the shortest of several starts of each, in turn, and their ratio.
"""

from __future__ import annotations

import subprocess
import sys
import time

from benchmarks.figures import at_most, record

STARTS, BAR = 9, 0.5
NOTHING = "pass"
HELP = "from monitor.cli import main; main(['--help'])"


def seconds(code: str) -> float:
    """Return how long an interpreter takes for some code."""
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


def main() -> int:
    taken = [(seconds(NOTHING), seconds(HELP)) for _ in range(STARTS)]
    nothing, answer = (min(times) for times in zip(*taken, strict=True))
    print(f"monitor --help {answer:.2f} s, an empty program {nothing:.2f} s: {answer / nothing:.1f} ×")
    record("startup", [at_most("monitor --help", answer, BAR, f"an empty program {nothing:.2f} s", unit="s")])
    return 0 if answer <= BAR else 1


if __name__ == "__main__":
    sys.exit(main())
