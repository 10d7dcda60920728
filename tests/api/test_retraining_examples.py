"""The examples train for real: against a server on a socket, as far as what they need is installed here.

Airflow and Dagster are not: small stand-ins for the few names that the examples take from them run their tasks one
after the other, against the same server. That the real ones take the same arguments is not shown here.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import httpx
import pytest
import yaml

from monitor.api.server import Place, Server
from monitor.domain.principal import ROLES, Principal
from tests.api.shop import API, Shop, first, shop
from tests.service.conftest import DAY

__all__ = ["first", "shop"]  # fixtures that are used here

EXAMPLES = Path(__file__).parents[2] / "examples"
TRAINER = Principal("key trainer", ROLES["retrainer"], ("m",))
GOOD = f"{sys.executable} -c \"import os; print(os.environ['MONITOR_TRAIN_START']); print('v2')\""


@pytest.fixture
def url(shop: Shop) -> Iterator[str]:
    """Give the address of a server that takes everybody for a trainer of one model."""
    server = Server(Place(port=0))
    found = server.listen()
    server.start(shop.app(TRAINER))
    yield found
    server.stop()


def status(shop: Shop) -> str:
    return str(shop.client().get(f"{API}/retraining-recommendations/{shop.number}").json()["status"])


def polled(url: str, *more: str, train: str = GOOD, model: str = "m") -> subprocess.CompletedProcess[str]:
    """Run the poller once."""
    words = [sys.executable, str(EXAMPLES / "poller.py"), "--once", "--url", url, "--model", model, "--train", train]
    return subprocess.run([*words, *more], capture_output=True, text=True, check=False, timeout=60)


def test_the_poller_trains_and_deploys(shop: Shop, url: str, tmp_path: Path) -> None:
    """What is due is claimed, trained, deployed under the fence and reported; then there is nothing to do."""
    note = tmp_path / "deployed"
    script = "import os, sys; open(sys.argv[1], 'w').write(os.environ['MONITOR_VERSION'] + os.environ['MONITOR_FENCE'])"
    said = polled(url, "--deploy", f'{sys.executable} -c "{script}" {note}')
    assert (said.returncode, said.stdout.split()[-1], said.stderr) == (0, "deployed", "")
    assert note.read_text() == "v21"
    found = shop.client().get(f"{API}/retraining-recommendations/{shop.number}").json()
    assert (found["status"], found["claim"]["model_version"]) == ("satisfied", "v2")
    assert polled(url).stdout.split() == ["waiting"]


@pytest.mark.parametrize(("code", "outcome", "needs_human"), [(3, "no_improvement", True), (1, "failed", False)])
def test_the_poller_reports_what_went_wrong(shop: Shop, url: str, code: int, outcome: str, needs_human: bool) -> None:
    """A model that is not better, and training that fails, are told apart."""
    said = polled(url, train=f'{sys.executable} -c "raise SystemExit({code})"')
    assert said.stdout.split() == [outcome]
    found = shop.client().get(f"{API}/retraining-recommendations/{shop.number}").json()
    assert (found["status"], found["attempts"], found["needs_human"]) == ("open", 1, needs_human)


def test_the_poller_does_not_deploy_what_it_has_lost(shop: Shop, url: str, tmp_path: Path) -> None:
    """A claim that a person takes away while training runs is heard of before the deployment."""
    number = shop.number
    operator = Server(Place(port=0))
    address = operator.listen()
    operator.start(shop.app(Principal("user ann", ROLES["operator"])))
    script = (
        "import os, urllib.request; "
        f"urllib.request.urlopen(urllib.request.Request('{address}{API}/retraining-recommendations/{number}/decline', "
        "method='POST'))"
    )
    said = polled(url, "--deploy", f"touch {tmp_path / 'deployed'}", train=f'{sys.executable} -c "{script}"')
    operator.stop()
    assert (said.returncode, said.stdout.split()) == (1, ["lost"])
    assert not (tmp_path / "deployed").exists()
    assert status(shop) == "declined"


def test_the_poller_does_not_wait_for_a_wrong_name(url: str) -> None:
    """A model that is not there ends it with 2."""
    said = polled(url, model="typo")
    assert (said.returncode, "403" in said.stderr) == (2, True)


def gated(url: str, model: str = "m") -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"MONITOR_URL": url, "MONITOR_API_KEY": "mm_1_x"}
    words = ["bash", str(EXAMPLES / "ci_gate.sh"), model]
    return subprocess.run(words, env=environment, capture_output=True, text=True, check=False, timeout=60)


def test_the_gate_of_a_pipeline(shop: Shop, url: str) -> None:
    """It ends with 0 when due, 1 with the reason when not, 2 when that cannot be told."""
    due = gated(url)
    assert (due.returncode, due.stdout.strip()) == (0, shop.number)
    shop.now += 3 * DAY
    late = gated(url)
    assert (late.returncode, late.stdout.startswith("not due: stale")) == (1, True)
    assert gated(url, "typo").returncode == 2
    assert gated("http://127.0.0.1:9").returncode == 2


def test_the_workflow_calls_what_is_there() -> None:
    """The workflow is YAML, names the two files, and its gate's answer decides whether the second job runs."""
    found = yaml.safe_load((EXAMPLES / "github-actions.yaml").read_text(encoding="utf-8"))
    gate, train = found["jobs"]["gate"], found["jobs"]["train"]
    assert "./examples/ci_gate.sh flight-delay" in gate["steps"][1]["run"]
    assert train["if"] == "needs.gate.outputs.due == 'true'"
    command = train["steps"][2]["run"]
    options = subprocess.run(
        [sys.executable, str(EXAMPLES / "poller.py"), "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert {word for word in command.split() if word.startswith("--")} <= set(options.replace(",", " ").split())


def loaded(name: str, monkeypatch: pytest.MonkeyPatch, **stand_ins: ModuleType) -> ModuleType:
    """Import an example with stand-ins for what is not installed."""
    for module, found in stand_ins.items():
        monkeypatch.setitem(sys.modules, module.replace("__", "."), found)
    monkeypatch.syspath_prepend(str(EXAMPLES))
    monkeypatch.delitem(sys.modules, "poller", raising=False)
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def module(**names: Any) -> ModuleType:
    """Return a module with these names."""
    found = ModuleType("stand-in")
    found.__dict__.update(names)
    return found


class Node:
    """A task of a stand-in DAG that has run: its result, and the order that it is given."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __rshift__(self, other: Node) -> Node:
        return other


def as_task(function: Callable[..., Any] | None = None, **_: Any) -> Any:
    """Make a function a task that runs when it is called, with the results of other tasks."""
    if function is None:
        return as_task
    return lambda *given: Node(function(*(one.value if isinstance(one, Node) else one for one in given)))


def test_the_airflow_dag(shop: Shop, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its sensor asks the gate and its tasks claim, train, deploy and report, in that order."""
    if importlib.util.find_spec("airflow") is not None:
        pytest.skip("a real Airflow is installed: the stand-ins would hide it")
    asked: list[int] = []

    class Sensor(Node):
        def __init__(self, *, endpoint: str, mode: str, response_error_codes_allowlist: list[str], **_: Any) -> None:
            super().__init__(None)
            assert (mode, response_error_codes_allowlist) == ("reschedule", ["404"])
            asked.append(httpx.get(f"{url}/{endpoint}").status_code)

    as_task.short_circuit = as_task  # type: ignore[attr-defined]
    monkeypatch.setenv("MONITOR_URL", url)
    monkeypatch.setenv("MONITOR_MODEL", "m")
    loaded(
        "airflow_dag",
        monkeypatch,
        airflow=module(),
        airflow__decorators=module(dag=lambda **_: lambda function: function, task=as_task),
        airflow__providers__http__sensors__http=module(HttpSensor=Sensor),
    )
    assert asked == [200]
    assert status(shop) == "satisfied"
    assert httpx.get(f"{url}{API}/models/m/retraining-gate").status_code == 404


def test_the_dagster_sensor(shop: Shop, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It asks for one run a recommendation and attempt; the job claims, trains, deploys and reports."""
    if importlib.util.find_spec("dagster") is not None:
        pytest.skip("a real Dagster is installed: the stand-ins would hide it")
    plain = SimpleNamespace
    dagster = module(
        op=lambda function: function,
        job=lambda function: function,
        sensor=lambda **_: lambda function: function,
        SkipReason=lambda text: text,
        RunRequest=plain,
        SensorResult=plain,
        Definitions=plain,
    )
    monkeypatch.setenv("MONITOR_URL", url)
    monkeypatch.setenv("MONITOR_MODEL", "m")
    found = loaded("dagster_sensor", monkeypatch, dagster=dagster)
    first_look, second = found.gate(), found.gate()
    assert [one.run_key for one in first_look.run_requests] == [f"{shop.number}:0"]
    assert second.cursor == first_look.cursor
    assert found.retrain(SimpleNamespace(run_id="r1")) == "deployed"
    assert found.gate() == "m is not due"
    assert status(shop) == "satisfied"
