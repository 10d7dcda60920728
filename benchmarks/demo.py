"""How long the demo takes, and whether all that was planted shows.

``python -m benchmarks.demo``: the five samples over their whole history, as a newcomer sees them. What is demanded is
that every planted fault shows; the time is told.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

MONITOR = Path(sys.executable).with_name("monitor")
PLANTED = 11


def main() -> int:
    """Run the demo in an empty folder."""
    with TemporaryDirectory() as folder:
        began = time.perf_counter()
        done = subprocess.run([MONITOR, "demo", "--no-serve"], cwd=folder, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - began
    told = re.search(r"(\d+) of (\d+) planted faults show", done.stdout)
    shown = (0, 0) if told is None else (int(told[1]), int(told[2]))
    print(f"five models in {seconds:.0f} s; {shown[0]} of {shown[1]} planted faults show")
    if done.returncode or shown != (PLANTED, PLANTED):
        print(done.stdout, done.stderr, sep="\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
