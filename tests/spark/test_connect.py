"""Spark behind a Connect server: the same counts, and a clear word where one process wants both kinds of session."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from monitor.errors import SourceError
from monitor.profile.freezer import freeze
from tests.spark.logs import HOUR, START, counted, reader, write
from tests.spark.test_counts import demand_equal


def compared(folder: Path, url: str) -> int:
    """Count three days here and there, demand that it is the same, and return how many profiles there are."""
    here, there = reader(folder), reader(folder, url)
    layout = freeze(here.model(), here.source.scan(START, START + 24 * HOUR))
    bounds = [START + HOUR * i for i in range(72)]
    mine, theirs = counted(here, layout, bounds), counted(there, layout, bounds)
    demand_equal(mine, theirs)
    return len(theirs.profiles)


def test_counts_behind_a_connect_server_are_those_of_one_machine(connect: str, tmp_path: Path) -> None:
    """Three days of hours, joined with corrected ground truth; in a process that has no session of its own."""
    write(tmp_path)
    with ProcessPoolExecutor(1, get_context("spawn")) as apart:
        assert apart.submit(compared, tmp_path, connect).result() > 500


def test_a_process_with_a_session_of_its_own_says_why_it_cannot(local: str, tmp_path: Path) -> None:
    """One process has either; the error tells what to do."""
    write(tmp_path)
    reader(tmp_path, local)
    with pytest.raises(SourceError, match="regular Spark session already running") as caught:
        reader(tmp_path, "spark+connect://127.0.0.1:9")
    assert "spark+connect:// for all models" in str(caught.value.hint)
