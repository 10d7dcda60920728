"""Whatever is sent: schemathesis over the running application, every phase and every check, on both databases.

``MONITOR_FUZZ=long`` sends about twenty times as much.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from monitor.api.access import Settings, guarded
from monitor.api.app import create
from monitor.api.server import Place, Server
from monitor.domain.principal import LOCAL
from monitor.service.access import keys
from monitor.service.backend import Backend
from monitor.service.opening import opened
from monitor.service.run import Span, run
from tests.api.conftest import LATER, write
from tests.service.conftest import World

LONG = os.environ.get("MONITOR_FUZZ") == "long"
EXAMPLES = 200 if LONG else 2
LEAST = 10_000 if LONG else 1_000
CONFIG = """
[checks]
positive_data_acceptance.expected-statuses = [
  "2xx", "304", "400", "401", "403", "404", "409", "410", "412", "413", "415", "422", "428", "429"]
negative_data_rejection.expected-statuses = [
  "400", "401", "403", "404", "405", "406", "409", "412", "413", "414", "415", "422", "428", "429", "431"]
missing_required_header.expected-statuses = ["400", "401", "403", "404", "406", "414", "415", "422", "428"]
"""


@contextmanager
def serving(world: World, store_url: str) -> Iterator[tuple[str, str]]:
    """Serve a model with an open incident behind the guard; give the URL and the key of an administrator."""
    config = write(world, store=store_url)
    with opened(config, writing=True) as store:
        run(config, store, names=None, now=LATER, span=Span())
        backend = Backend(store, lambda: config)
        key = keys.create(store, name="fuzz", role="admin", by=LOCAL).text
        server = Server(Place(port=0))
        url = server.listen()
        server.start(create(backend, access=lambda app: guarded(app, backend, Settings()), stopping=lambda: True))
        try:
            yield url, key
        finally:
            server.stop()


def durable(url: str) -> str:
    """Make a database keep what it acknowledges, as a store demands."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {make_url(url).database} SET synchronous_commit = on")
    return url


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_nothing_breaks_it(drifted: World, tmp_path: Path, request: pytest.FixtureRequest, database: str) -> None:
    """No answer is a 5xx, none is other than documented, no wrong request is taken and no right one refused."""
    url = "sqlite:///fuzz.db" if database == "sqlite" else durable(request.getfixturevalue("postgres_database"))
    copy = World(tmp_path / "copy", dict(drifted.model))
    shutil.copytree(drifted.folder, copy.folder)
    (tmp_path / "schemathesis.toml").write_text(CONFIG, encoding="utf-8")
    with serving(copy, url) as (address, key):
        call = [str(Path(sys.executable).with_name("schemathesis")), "--config-file", "schemathesis.toml", "run"]
        call += [f"{address}/openapi.json", "--header", f"Authorization: Bearer {key}", "--checks", "all", "--no-color"]
        call += ["--max-examples", str(EXAMPLES), "--seed", "1", "--suppress-health-check", "all"]
        done = subprocess.run(
            [*call, "--request-timeout", "30", "--no-shrink"], cwd=tmp_path, capture_output=True, text=True, check=False
        )
    said = done.stdout + done.stderr
    sent = re.search(r"([\d,]+) generated", said)
    assert done.returncode == 0, said[-20_000:]
    assert sent is not None
    print(f"{database}: {sent[1]} requests, no failure")  # noqa: T201 - shown with -rP
    assert int(sent[1].replace(",", "")) >= LEAST
