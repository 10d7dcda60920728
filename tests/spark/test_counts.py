"""What Spark counts where the rows are is what one machine counts: counts to the last, sums to 1e-12."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import fields
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from monitor.profile.freezer import freeze
from monitor.profile.partial import Counts
from monitor.profile.tally import Tally
from monitor.source.counting import doubled
from tests.spark.logs import HOUR, START, counted, reader, write


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the log in it."""
    made = tmp_path_factory.mktemp("log")
    write(made)
    return made


def demand_equal(one: Counts, other: Counts) -> None:
    """Demand equal digests, labels, cells and counts, and sums that differ by no more than their rounding."""
    assert one.digests == other.digests
    assert one.profiles.keys() == other.profiles.keys()
    for place, profile in one.profiles.items():
        mine, theirs = profile.parts, other.profiles[place].parts
        assert mine.keys() == theirs.keys()
        for name, tally in mine.items():
            for each in fields(Tally):
                a, b = getattr(tally, each.name), getattr(theirs[name], each.name)
                if isinstance(a, np.ndarray) and a.dtype.kind == "f":
                    np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-9, err_msg=f"{place} {name} {each.name}")
                else:
                    np.testing.assert_array_equal(a, b, err_msg=f"{place} {name} {each.name}")


@pytest.mark.parametrize("where", ["local", "cluster"])
def test_counts_are_those_of_one_machine(where: str, folder: Path, request: pytest.FixtureRequest) -> None:
    """Three days of hours by version and segment, joined with corrected ground truth."""
    here, there = reader(folder), reader(folder, request.getfixturevalue(where))
    assert there.source.works
    assert not here.source.works
    layout = freeze(here.model(), here.source.scan(START, START + 24 * HOUR))
    bounds = [START + HOUR * i for i in range(72)]
    mine, theirs = counted(here, layout, bounds), counted(there, layout, bounds)
    assert len(mine.profiles) > 500
    demand_equal(mine, theirs)


def test_doubles_are_found_wherever_they_lie(folder: Path, local: str, tmp_path: Path) -> None:
    """An id that comes twice in a tile, in files far apart, is found as one machine finds it."""
    shutil.copytree(folder, tmp_path / "log")
    again = pq.read_table(folder / "rows" / "part-0.parquet").slice(0, 300)
    pq.write_table(again, tmp_path / "log" / "rows" / "part-9.parquet")
    bounds = [START + HOUR * i for i in range(25)]
    found = doubled(reader(tmp_path / "log", local).source, bounds)
    seconds = [(time - START).total_seconds() for time in again.column("at").to_pylist()]
    expected = Counter(int(s // 3600) for s in seconds if s < 24 * 3600)
    assert {tile: len(hashes) for tile, hashes in found.items()} == expected
    assert doubled(reader(folder, local).source, bounds) == {}


def test_rows_stream_through_one_machine_all_the_same(folder: Path, local: str) -> None:
    """What is read for the reference is what files give, the order aside; so is the extent."""
    here, there = reader(folder).source, reader(folder, local).source
    mine, theirs = (
        pa.Table.from_batches(source.scan(START, START + 6 * HOUR)).sort_by("id") for source in (here, there)
    )
    assert mine.num_rows > 300
    pd.testing.assert_frame_equal(mine.select(theirs.column_names).to_pandas(), theirs.to_pandas())
    assert there.extent() == here.extent()
    assert there.orphans() == here.orphans() == 0
