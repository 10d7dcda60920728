"""The sample data: where they are, and what was planted in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

import monitor
from monitor.errors import UsageError

NAMES = ("flights", "fraud", "diagnosis", "house-prices", "recommendation")


@dataclass(frozen=True)
class Fault:
    """A change planted in a sample: in [begins, ends) the metric's median has moved by at least so much."""

    name: str
    begins: datetime
    ends: datetime
    metric: str
    column: str | None
    group: Mapping[str, str | None] | None
    rises: bool
    at_least: float


def folder() -> Path:
    """Return the folder of the samples: inside an installed package, else at the top of a checkout.

    Raises
    ------
    UsageError
        Neither is there.
    """
    package = Path(monitor.__file__).parent
    for found in (package / "_sample_data", package.parent / "sample_data"):
        if all((found / name / "monitor.yaml").is_file() for name in NAMES):
            return found
    raise UsageError("the sample data are not installed", "install model-monitor again, or run in a checkout of it")


def faults(name: str, shift: timedelta = timedelta(0)) -> list[Fault]:
    """Return what was planted in a sample, moved in time by ``shift``."""
    document: dict[str, Any] = yaml.safe_load((folder() / name / "faults.yaml").read_text(encoding="utf-8"))
    return [
        Fault(
            name=str(one["name"]),
            begins=one["begins"] + shift,
            ends=one["ends"] + shift,
            metric=str(one["metric"]),
            column=one["column"],
            group=one["group"],
            rises=one["direction"] == "rises",
            at_least=float(one["at_least"]),
        )
        for one in document["faults"]
    ]
