"""What benchmarks found, kept for the page that shows it: ``make bench`` writes them, nobody types them.

Where ``MONITOR_BENCH`` names a file, `record` keeps the figures there; else nothing is written.
"""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("results.json")
_PEERS = ("numpy", "pyarrow", "pandas", "scipy", "evidently", "fairlearn")


@dataclass(frozen=True)
class Figure:
    """One figure: what was done, what came out, the bar it is held to, whether it holds (None: there is no bar)."""

    what: str
    measured: str
    bar: str
    holds: bool | None
    beside: str = ""


def at_least(what: str, ratio: float, bar: float, beside: str, unit: str = "×") -> Figure:
    return Figure(what, f"{ratio:,.0f} {unit}", f"≥ {bar:,g} {unit}", ratio >= bar, beside)


def at_most(what: str, value: float, bar: float, beside: str = "", unit: str = "×", digits: int = 2) -> Figure:
    return Figure(what, f"{value:,.{digits}f} {unit}", f"≤ {bar:,g} {unit}", value <= bar, beside)


def machine() -> dict[str, str]:
    """Say on what was measured; the load is that of the minute before, by whoever else was there."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    model = next((m for m in _cpuinfo("model name")), platform.processor() or platform.machine())
    return {
        "processor": f"{model}, {os.cpu_count()} cores, {memory:.0f} GB",
        "load": f"{os.getloadavg()[0]:.1f}",
        "python": platform.python_version(),
        "packages": ", ".join(f"{name} {version(name)}" for name in _PEERS),
    }


def record(bench: str, figures: list[Figure]) -> None:
    """Keep the figures of one benchmark in place of its former ones."""
    if "MONITOR_BENCH" not in os.environ:
        return
    path = Path(os.environ["MONITOR_BENCH"])
    known = kept(path)
    known[bench] = {
        "day": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "figures": [asdict(figure) for figure in figures],
    }
    _keep(known, path)


def spent(bench: str, seconds: float) -> None:
    """Keep what a whole benchmark took, beside its figures; nothing of one that has none."""
    known = kept()
    if bench in known:
        known[bench]["seconds"] = round(seconds)
        _keep(known, FILE)


def kept(path: Path | None = None) -> dict[str, Any]:
    """Return what is kept, by benchmark."""
    path = path or FILE
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def _keep(known: dict[str, Any], path: Path) -> None:
    path.write_text(json.dumps(dict(sorted(known.items())), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _cpuinfo(key: str) -> list[str]:
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [line.partition(":")[2].strip() for line in lines if line.startswith(key)]
