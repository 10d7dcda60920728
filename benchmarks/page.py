"""The page of figures, made of what the benchmarks kept: ``python -m benchmarks.page`` prints docs/benchmarks.md."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from benchmarks.figures import kept

HEAD = """# Benchmarks

    make bench

makes the data (seeded), runs ours and theirs in turn over the same rows, each in a process of its own, says what it
does and what comes out, and writes this page: its tables are made of `benchmarks/results.json`, which the benchmarks
write, and `make check` refuses a page that says anything else. `make bench BENCH="drift peers"` runs some of them and
leaves the figures of the others; `python -m benchmarks.drift --quick` measures a tenth of the size and writes nothing;
every file of `benchmarks/` says at its head what it does. Evidently and fairlearn are installed with the tests;
whylogs and NannyML, which do not live with our versions, get environments of their own in `.bench/` (by uv, else by
pip; wheels only); one that cannot be installed in ten minutes is left out, and said so.

What counts are **ratios inside one run**: both sides had the same machine, and the same neighbours on it. Seconds are
wall time, the best of three (a peer's: of one), after imports and with frames loaded. The load says how many other
processes wanted the processor when it was measured: far above the number of cores, wall times of both sides are
several times what they are on a quiet machine, and short ones of ours suffer more than long ones of theirs.
"""
DATA = """
## The data

1,000,000 rows beside a reference of 100,000: 40 numeric columns (normal, log-normal, whole, zero-inflated; four of
them with 5 % missing) and 10 of text with 3 to 1,000 categories; for performance a score, a decision, a binary ground
truth of which a tenth has not come, and two groups. `monitor.compare` computes every drift and quality statistic
there is, with intervals, over all rows: nothing is sampled. Evidently's `DataDriftPreset` computes one statistic a
column.
"""
NOTHING = """
## Figures

None were kept yet of this state: `make bench` on a machine that does nothing else writes them here, with the bars, what
falls short of them, and the machine.
"""
SHORT = """
## Where we fall short
"""


def page(results: dict[str, Any]) -> str:
    """Return the page for these results."""
    if not results:
        return HEAD + NOTHING + DATA
    return "".join([HEAD, *_table(results), *_short(results), DATA, *_machines(results)])


def _table(results: dict[str, Any]) -> Iterator[str]:
    yield "\n## Figures\n\n| what | measured | bar | | seconds | `python -m` |\n|---|---|---|---|---|---|\n"
    for bench, found in results.items():
        for figure in found["figures"]:
            sign = {True: "holds", False: "**short**", None: ""}[figure["holds"]]
            cells = [figure["what"], figure["measured"], figure["bar"], sign, figure["beside"], f"benchmarks.{bench}"]
            yield f"| {' | '.join(cells)} |\n"


def _short(results: dict[str, Any]) -> Iterator[str]:
    missed = [f for found in results.values() for f in found["figures"] if f["holds"] is False]
    yield SHORT
    yield "\n" if missed else "\nNowhere: every bar holds.\n"
    for figure in missed:
        yield f"- {figure['what']}: {figure['measured']} (bar {figure['bar']}).\n"


def _machines(results: dict[str, Any]) -> Iterator[str]:
    """Yield on what was measured, and how busy it was."""
    yield "\n## The machine\n\n"
    each = sorted(results.items(), key=lambda item: json.dumps([item[1]["machine"]["processor"], item[1]["day"]]))
    for (processor, day), found in groupby(each, key=lambda item: (item[1]["machine"]["processor"], item[1]["day"])):
        benches = list(found)
        loads = ", ".join(f"{bench} {one['machine']['load']}" for bench, one in benches)
        last = benches[-1][1]["machine"]
        yield f"- {day}: {processor}; Python {last['python']}; {last['packages']}. Load: {loads}.\n"
    took = {bench: found["seconds"] / 60 for bench, found in results.items() if "seconds" in found}
    if took:
        yield "\nMinutes that they took: " + ", ".join(f"{bench} {each:.1f}" for bench, each in took.items()) + ".\n"


def current() -> str:
    """Return the page for the results that are kept."""
    return page(kept())


if __name__ == "__main__":
    print(current(), end="")
