"""All benchmarks in turn: ``python -m benchmarks [NAME …]``, which is ``make bench``.

Each runs in a process of its own and says what it does as it goes; behind them stand all figures with their bars, as in
docs/benchmarks.md, which is written anew after each, so that one may stop at any time.
"""

from __future__ import annotations

import argparse
import ast
import os
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.figures import FILE, kept, spent
from benchmarks.page import page

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "benchmarks.md"
# What has figures on the page comes first.
FIRST = ("startup", "drift", "fairness", "streaming", "rolling", "growth", "postgres", "peers")


def known() -> list[str]:
    """Return the names of all benchmarks, in the order they are run."""
    found = {path.stem for path in HERE.glob("*.py") if "__main__" in path.read_text(encoding="utf-8")}
    return [*FIRST, *sorted(found - {"__main__", "page", *FIRST})]


def purpose(name: str) -> str:
    """Return the first sentence that a benchmark says of itself."""
    said = ast.get_docstring(ast.parse((HERE / f"{name}.py").read_text(encoding="utf-8"))) or ""
    return said.partition("\n")[0]


def ran(name: str) -> bool:
    """Run one, keep its figures and what it took; tell whether its bars hold."""
    environment = os.environ | {"MONITOR_BENCH": str(FILE), "PYTHONUNBUFFERED": "1"}
    begun = time.perf_counter()
    done = subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False, env=environment, cwd=HERE.parent)
    seconds = time.perf_counter() - begun
    spent(name, seconds)
    PAGE.write_text(page(kept()), encoding="utf-8")
    ended = "" if done.returncode == 0 else ", falls short or has failed"
    print(f"-- {name}: {seconds / 60:.1f} minutes{ended}\n", flush=True)
    return done.returncode == 0


def shown() -> None:
    """Print every figure of the page with its bar."""
    for bench, found in kept().items():
        for figure in found["figures"]:
            sign = {True: "holds", False: "SHORT", None: ""}[figure["holds"]]
            print(f"{bench:10} {figure['measured']:>10} {figure['bar']:>12} {sign:6} {figure['what']}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(known())}; all when absent")
    names = parser.parse_args().names or known()
    if unknown := set(names) - set(known()):
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}: there are {', '.join(known())}")
    begun, short = time.perf_counter(), []
    for number, name in enumerate(names, 1):
        print(f"== {number} of {len(names)}, {name}: {purpose(name)}", flush=True)
        if not ran(name):
            short.append(name)
    shown()
    minutes = (time.perf_counter() - begun) / 60
    print(f"\nDone in {minutes:.0f} minutes; docs/benchmarks.md is written.")
    if short:
        print(f"bench: falls short of a bar, or has failed: {', '.join(short)}", file=sys.stderr)
    return int(bool(short))


if __name__ == "__main__":
    sys.exit(main())
