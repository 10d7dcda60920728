"""A store that views look at: eight days of a model whose amount moved on the sixth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from monitor.config import Config
from monitor.domain.measurement import Measurement
from monitor.service.backend import Backend
from monitor.service.opening import opened
from monitor.service.run import Span, run
from monitor.service.view.past import Lens, Past, past
from monitor.store import measurements
from monitor.store.engine import Store
from tests.api.conftest import write
from tests.service.conftest import DAY, HOUR, START, Row, empty_world, rows_of, truth_of

NOW = START + 8 * DAY + HOUR
ROWS = rows_of(5, per_hour=8) + rows_of(3, first=START + 5 * DAY, per_hour=8, shift=60.0)


@dataclass
class Seen:
    """A store with eight days of a model whose amount moved on the sixth."""

    config: Config
    store: Store

    @property
    def backend(self) -> Backend:
        return Backend(self.store, lambda: self.config, lambda: NOW)

    def past(self, **lens: object) -> Past:
        with self.store.read() as conn:
            found = past(conn, Lens("m", **lens))  # type: ignore[arg-type]
        assert found is not None
        return found

    def measured(self, **asked: object) -> list[Measurement]:
        with self.store.read() as conn:
            return list(measurements.query(conn, model="m", **asked))  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    """Give the store, once: tests only read."""
    world = empty_world(tmp_path_factory.mktemp("seen"))
    world.model["groups"] = ["place"]
    world.model["source"]["predictions"]["version"] = "version"
    world.predict(ROWS)
    world.label(truth_of(ROWS))
    config = write(world)
    with opened(config, writing=True) as store:
        run(config, store, names=None, now=NOW, span=Span())
        yield Seen(config, store)


def logged(first: int, last: int) -> list[Row]:
    """Return the rows of days [first, last) as they were logged."""
    return [row for row in ROWS if START + first * DAY <= row[1] < START + last * DAY]
