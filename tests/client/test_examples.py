"""The examples for serving code do what they say."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import py_compile
import socket
import threading
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import httpx
import pyarrow as pa
import pytest
import uvicorn

from monitor.api.app import as_principal, create
from monitor.config.source import SourceConfig
from monitor.domain.principal import LOCAL
from monitor.source import open_source
from tests.api.test_ingest import NOW, here  # noqa: F401 - a fixture
from tests.client.conftest import FakeMonitor

EXAMPLES = Path(__file__).parents[2] / "examples" / "serving"


def example(name: str) -> ModuleType:
    """Load an example."""
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def environment(monitor: FakeMonitor, monkeypatch: pytest.MonkeyPatch) -> FakeMonitor:
    """Say where the monitor is."""
    monkeypatch.setenv("MONITOR_URL", monitor.url)
    monkeypatch.setenv("MONITOR_KEY", "mm_key")
    return monitor


def test_fastapi(environment: FakeMonitor) -> None:
    """The service decides, and by its end decision and outcome have arrived."""
    app: Any = example("fastapi_app").app

    async def use() -> str:
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client,
        ):
            number = (await client.post("/decide", json={"amount": 900, "place": "A"})).json()["id"]
            await client.post(f"/outcome/{number}?defaulted=true")
            return str(number)

    number = asyncio.run(use())
    prediction, truth = environment.rows
    assert (prediction["id"], prediction["prediction"], prediction["score"], prediction["place"]) == (
        number, 1, 0.9, "A",
    )  # fmt: skip
    assert (truth["id"], truth["target"]) == (number, 1)


def test_flask(environment: FakeMonitor) -> None:
    """The service decides, and its decision arrives."""
    loaded = example("flask_app")
    answer = loaded.app.test_client().post("/decide", json={"amount": 100, "place": "B"}).get_json()
    assert loaded.monitor.close(60)
    assert [(row["id"], row["prediction"]) for row in environment.rows] == [(answer["id"], 0)]


def test_django(tmp_path: Path) -> None:
    """The view is Python; Django itself is not installed here."""
    assert py_compile.compile(str(EXAMPLES / "django_view.py"), cfile=str(tmp_path / "x"), doraise=True)


def test_batch(here: Any, capsys: pytest.CaptureFixture[str]) -> None:  # noqa: F811
    """The job's rows arrive once, however often it is run; bad ones are told."""
    server = uvicorn.Server(uvicorn.Config(create(here.backend(), access=as_principal(LOCAL)), log_level="warning"))
    module: Any = example("batch_job")
    table = pa.table({"id": ["a", None], "time": pa.array([NOW, NOW]), "score": [0.1, 0.2]})
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, args=([listening],))
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        try:
            assert [module.push(url, "key", "churn", table) for _ in range(2)] == [1, 1]
        finally:
            server.should_exit = True
            thread.join()
    assert "row 1: id: is missing" in capsys.readouterr().err


CAPTURED = {
    "captureData": {
        "endpointInput": {"observedContentType": "text/csv", "mode": "INPUT", "data": "12.5,A", "encoding": "CSV"},
        "endpointOutput": {"observedContentType": "text/csv", "mode": "OUTPUT", "data": "0.81", "encoding": "CSV"},
    },
    "eventMetadata": {"eventId": "e-1", "inferenceId": "p-1", "inferenceTime": "2026-11-20T05:00:00Z"},
    "eventVersion": "0",
}
EVENT = {"specversion": "1.0", "id": "x", "time": "2026-11-20T05:00:00Z", "correlationid": "p-1"}


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("sagemaker", {"CAPTURED": CAPTURED}),
        ("azureml", {
            "INPUTS": EVENT | {"type": "azureml.inference.model_inputs", "data": [{"amount": 12.5, "place": "A"}]},
            "OUTPUTS": EVENT | {"type": "azureml.inference.model_outputs", "data": [{"score": 0.81}]},
        }),
    ],
)  # fmt: skip
def test_logs_of_platforms(name: str, files: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    """The query reads lines as the platform writes them."""
    query = (EXAMPLES / "logs" / f"{name}.sql").read_text(encoding="utf-8")
    for place, line in files.items():
        (tmp_path / place).write_text(json.dumps(line) + "\n", encoding="utf-8")
        query = query.replace(f"'{place}'", f"'{tmp_path / place}'")
    duckdb.connect(str(tmp_path / "serving.duckdb")).close()
    predictions = {"query": query, "id": "id", "time": "time", "score": "score"}
    config = SourceConfig.model_validate({"url": "duckdb:///serving.duckdb", "predictions": predictions})
    with closing(open_source(config, columns=("amount", "place"), folder=tmp_path, task="binary")) as source:
        [found] = [row for batch in source.scan() for row in batch.to_pylist()]
    assert found | {"time": ""} == {"id": "p-1", "time": "", "score": 0.81, "column:amount": 12.5, "column:place": "A"}
    assert found["time"].isoformat() == "2026-11-20T05:00:00+00:00"
