"""A new metric is one file: dropped into a folder of the package, or named under ``plugins:``."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

import monitor
from tests.service.conftest import World, rows_of

TOY = '''"""A toy."""

from monitor.metrics.estimate import Estimate
from monitor.metrics.registry import metric
from monitor.profile.histogram import Histogram


@metric(kind="quality", reads="column", unit="share", worse="higher", columns="numeric")
def half_rate(reference: Histogram, current: Histogram) -> Estimate:
    """Half the share of rows that have a value."""
    return Estimate(current.present / current.n / 2, n=current.n) if current.n else Estimate(None, 0, reason="no rows")
'''

PROGRAM = """
import sys, pathlib
from datetime import datetime, UTC
import monitor
from monitor.config import load
from monitor.service.opening import load_plugins, opened
from monitor.service.run import run
from monitor.store import measurements

assert pathlib.Path(monitor.__file__).is_relative_to(sys.argv[1]), monitor.__file__
config = load(pathlib.Path("monitor.yaml"))
load_plugins(config)
with opened(config, writing=True) as store:
    done = run(config, store, now=datetime(2024, 3, 5, tzinfo=UTC))
    assert done[0].error is None, done[0].error
    with store.read() as conn:
        print([(m.column, m.value, m.n) for m in measurements.query(conn, model="m", metric="half_rate")][-2:])
"""


def measured(world: World, package: Path) -> str:
    """Run a program of its own that imports the package from a given folder."""
    document = {"store": "sqlite:///monitor.db", "models": [world.model]}
    document |= {"plugins": ["my_metrics.py"]} if (world.folder / "my_metrics.py").exists() else {}
    (world.folder / "monitor.yaml").write_text(yaml.safe_dump(document))
    done = subprocess.run(
        [sys.executable, "-P", "-c", PROGRAM, str(package)],
        cwd=world.folder,
        env=os.environ | {"PYTHONPATH": str(package), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_file_dropped_into_the_package_is_a_metric(world: World) -> None:
    """One file in ``metrics/quality`` and nothing else: its values are stored with all others."""
    world.predict(rows_of(4))
    here = Path(monitor.__file__).parent
    copy = world.folder / "site"
    shutil.copytree(here, copy / "monitor", ignore=shutil.ignore_patterns("__pycache__"))
    alembic = here.parent / "alembic"
    if alembic.exists():
        shutil.copytree(alembic, copy / "alembic", ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "monitor" / "metrics" / "quality" / "half_rate.py").write_text(TOY)
    assert measured(world, copy) == "[('amount', 0.5, 48), ('score', 0.5, 48)]"


def test_a_plugin_named_in_the_file_is_a_metric(world: World) -> None:
    """Whoever installed the package writes the same file beside monitor.yaml."""
    world.predict(rows_of(4))
    (world.folder / "my_metrics.py").write_text(TOY)
    package = Path(monitor.__file__).parent.parent
    assert measured(world, package) == "[('amount', 0.5, 48), ('score', 0.5, 48)]"
