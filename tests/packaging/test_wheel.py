"""The built wheel, installed far from the checkout, holds all that its commands need."""

from __future__ import annotations

import os
import shutil
import site
import subprocess
import sys
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

TOP = Path(__file__).parents[2]
PARTS = (
    "monitor", "dashboards", "alembic", "sample_data", "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md",
)  # fmt: skip
DEMO = """
import sys
from monitor.service.demo import samples
samples.NAMES = ("recommendation",)
if __name__ == "__main__":
    from monitor.cli import main
    sys.exit(main(["demo", "--no-serve"]))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from a copy of what the source archive holds, without the network."""
    copy = tmp_path_factory.mktemp("copy")
    for part in PARTS:
        if (TOP / part).is_dir():
            shutil.copytree(TOP / part, copy / part, ignore=shutil.ignore_patterns("*.db*", ".demo"))
        else:
            shutil.copy(TOP / part, copy / part)
    out = tmp_path_factory.mktemp("dist")
    _run([sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(out)], copy)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel in an environment of its own, beside the libraries of this one but not the checkout."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, with_pip=False, symlinks=True)
    python, uv = str(home / "bin" / "python"), shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
    offline = ["--quiet", "--no-deps", "--no-index", str(wheel)]
    if Path(uv).exists():
        _run([uv, "pip", "install", "--python", python, *offline], home)
    else:
        _run([sys.executable, "-m", "pip", "--python", python, "install", *offline], home)
    (packages,) = home.glob("lib/python*/site-packages")
    # A path file inside a path file's folder is not read, so the editable checkout stays out.
    (packages / "libraries.pth").write_text("\n".join(site.getsitepackages()), encoding="utf-8")
    return home


def _run(command: list[str], folder: Path) -> str:
    quiet = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "MONITOR", "VIRTUAL"))}
    done = subprocess.run(command, cwd=folder, env=quiet, capture_output=True, text=True, check=False, timeout=1800)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_wheel_holds_what_is_read_at_run_time(wheel: Path) -> None:
    """Migrations, sample data, the schema, the mark of types and the licence are in it; bytecode is not."""
    names = set(ZipFile(wheel).namelist())
    assert {
        "monitor/py.typed",
        "monitor/config/schema.json",
        "monitor/_alembic/env.py",
        "monitor/_alembic/script.py.mako",
        "monitor/_sample_data/flights/monitor.yaml",
        "monitor/_sample_data/flights/predictions.parquet",
    } <= names
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
    assert {f"monitor/_alembic/versions/{path.name}" for path in (TOP / "alembic" / "versions").glob("*.py")} <= names
    assert not [name for name in names if name.endswith((".pyc", ".db", "-wal", "-shm"))]
    assert {name.partition("/")[0].partition("-")[0] for name in names} == {"monitor", "dashboards", "model_monitor"}


def test_checkout_is_not_importable(installed: Path, tmp_path: Path) -> None:
    """What runs in these tests is the wheel's own code."""
    where = _run([str(installed / "bin" / "python"), "-c", "import monitor; print(monitor.__file__)"], tmp_path)
    assert Path(where.strip()).is_relative_to(installed)


def test_help_and_version(installed: Path, tmp_path: Path) -> None:
    """The command answers, and knows its version."""
    command = str(installed / "bin" / "monitor")
    assert "measurements" in _run([command, "--help"], tmp_path)
    assert _run([command, "--version"], tmp_path).startswith("monitor 0.")


def test_store_is_upgraded_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    """``monitor db upgrade`` finds its migrations in the package."""
    (tmp_path / "monitor.yaml").write_text(
        "models: [{name: m, task: binary, source: {url: 'csv:///log.csv', predictions: {id, time, prediction}}}]\n",
        encoding="utf-8",
    )
    command = str(installed / "bin" / "monitor")
    _run([command, "db", "upgrade"], tmp_path)
    assert (tmp_path / "monitor.db").stat().st_size
    _run([command, "db", "check"], tmp_path)


def test_demo_runs_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    """``monitor demo --no-serve``, here of the smallest sample, makes everything below ``.demo`` and ends well.

    All five, and their eleven faults, are benchmarks/demo.py: they take two processors a minute.
    """
    said = _run([str(installed / "bin" / "python"), "-c", DEMO], tmp_path)
    assert "4 of 4 planted faults show." in said
    assert [path.name for path in tmp_path.iterdir()] == [".demo"]
    assert (tmp_path / ".demo" / "monitor.yaml").exists()
