"""Collections of garbage: rare, and not of what is loaded."""

from __future__ import annotations

import gc
import subprocess
import sys

LOOK = """
import gc
from monitor.api import garbage
class Ring:
    pass
garbage.rarely()
kept, before = gc.get_freeze_count(), gc.get_stats()[2]["collections"]
for _ in range(300_000):
    ring = Ring()
    ring.ring = ring
print(kept > 1_000, gc.get_stats()[2]["collections"] - before, gc.get_count()[0] <= 100_000 and gc.isenabled())
"""


def test_answers_are_not_held_up_and_circles_are_collected() -> None:
    """What is loaded is frozen, three hundred thousand circles cause no full collection, and still are not kept."""
    done = subprocess.run([sys.executable, "-c", LOOK], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["True", "0", "True"]
    assert gc.isenabled()
