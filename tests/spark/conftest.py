"""One session of Spark for the whole room: in this process, and on a master with two workers."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

JAVA = "openjdk-17-jre-headless"


def _missing() -> str | None:
    """Say what is needed and not here; as root on Debian Java is installed."""
    if importlib.util.find_spec("pyspark") is None:
        return "pyspark is not installed: pip install 'model-monitor[spark]'"
    if shutil.which("java") is None and os.geteuid() == 0 and shutil.which("apt-get"):
        for command in (
            ["apt-get", "update", "-qq"],
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", JAVA],
        ):
            subprocess.run(
                command, check=False, capture_output=True, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
            )
    return None if shutil.which("java") else f"Spark needs Java 17: install {JAVA}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the room's tests out, with the reason, where Spark cannot be had."""
    here = [item for item in items if Path(__file__).parent in item.path.parents]
    reason = _missing() if here else None
    for item in here if reason else ():
        item.add_marker(pytest.mark.skip(reason=reason or ""))


@pytest.fixture(scope="session")
def local() -> str:
    """Give the URL of Spark in this process."""
    return "spark://local[2]?spark.sql.shuffle.partitions=4&spark.default.parallelism=4"


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _environment(home: Path) -> dict[str, str]:
    ours = {"SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable}
    return os.environ | ours


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a standalone master with two workers of one core each; give its URL."""
    import pyspark

    home, folder, port = Path(pyspark.__file__).parent, tmp_path_factory.mktemp("spark"), free_port()
    master = ["org.apache.spark.deploy.master.Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", "0"]
    worker = ["org.apache.spark.deploy.worker.Worker", "--cores", "1", "--memory", "1g", "--webui-port", "0"]
    worker += ["--work-dir", str(folder), f"spark://127.0.0.1:{port}"]
    started = []
    with (folder / "log").open("w") as log:
        for command in (master, worker, worker):
            run = [str(home / "bin" / "spark-class"), *command]
            started.append(subprocess.Popen(run, env=_environment(home), stdout=log, stderr=subprocess.STDOUT))
        options = "spark.executor.memory=600m&spark.sql.shuffle.partitions=4&spark.driver.host=127.0.0.1"
        yield f"spark://127.0.0.1:{port}?{options}"
        for process in started:
            process.terminate()
        for process in started:
            process.wait(30)


@pytest.fixture(scope="session")
def connect(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start a Spark Connect server; give its URL."""
    import pyspark

    home, folder, port = Path(pyspark.__file__).parent, tmp_path_factory.mktemp("connect"), free_port()
    settings = {
        "spark.connect.grpc.binding.port": port, "spark.sql.shuffle.partitions": 4,
        "spark.sql.warehouse.dir": folder, "spark.local.dir": folder,
    }  # fmt: skip
    run = [str(home / "bin" / "spark-submit"), "--class", "org.apache.spark.sql.connect.service.SparkConnectServer"]
    run += ["--master", "local[2]", *(part for key, value in settings.items() for part in ("--conf", f"{key}={value}"))]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [*run, "spark-internal"], env=_environment(home), stdout=log, stderr=subprocess.STDOUT
        )
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0 or process.poll() is not None:
                    break
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.2)
        yield f"spark+connect://127.0.0.1:{port}"
        process.terminate()
        process.wait(30)
