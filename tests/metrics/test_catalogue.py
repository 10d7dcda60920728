"""The catalogue of metrics: complete, and equal to the page that people read."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from monitor.metrics import registered
from monitor.metrics.catalogue import _READS, markdown
from monitor.metrics.registry import Reads

PAGE = Path(__file__).parents[2] / "docs" / "metrics.md"


def test_the_page_is_what_the_metrics_say() -> None:
    """``docs/metrics.md`` is the catalogue, letter by letter."""
    if PAGE.read_text(encoding="utf-8") != markdown():
        pytest.fail("docs/metrics.md is out of date: python -m monitor.metrics.catalogue > docs/metrics.md")


def test_every_metric_stands_in_it_once() -> None:
    """Each metric of the package has its line."""
    lines = markdown().split("## What metrics read")[0].splitlines()
    for name, metric in registered().items():
        if metric.function.__module__.startswith("monitor.metrics.") and metric.reads != "change":
            assert len([line for line in lines if line.startswith(f"| `{name}` |")]) == 1


def test_every_view_is_explained() -> None:
    """What metrics may read and what the page explains are the same list."""
    assert set(_READS) == set(get_args(Reads))


def test_every_line_of_a_table_has_as_many_cells() -> None:
    """A title may hold any character without breaking the table."""
    rows = [line.replace("\\|", "") for line in markdown().splitlines() if line.startswith("| `")]
    assert {row.count("|") for row in rows} == {3, 8}
