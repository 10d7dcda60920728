"""Whatever JSON is pushed: each row is taken or told, again changes nothing, and what was taken can be read."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.service.pushing.ingest import Taken
from monitor.service.pushing.intake import parse
from monitor.service.pushing.rows import IntakeError
from tests.service.test_ingest import Push, push  # noqa: F401 - a fixture

TIMES = st.sampled_from(
    ["2024-03-02T00:00:00Z", "2024-03-02 01:00:00.5+01:00", 1709337600, 1.7e12, "9999-12-31T23:59:59Z"]
)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(-(2**70), 2**70), st.floats(), st.text(),
    st.text(st.characters(codec=None, categories=None), max_size=5),
)  # fmt: skip
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2)
)
NAMES = st.one_of(
    st.sampled_from(["id", "time", "version", "prediction", "score", "amount", "x", "X", "digest", "rowid"]),
    st.text(st.characters(codec=None, categories=None), max_size=1),
)
GOOD = st.fixed_dictionaries({"id": st.text("ab", min_size=1, max_size=2) | st.integers(0, 9), "time": TIMES})
ROWS = st.lists(
    st.builds(lambda good, more: good | more, GOOD, st.dictionaries(NAMES, SCALARS, max_size=4))
    | st.dictionaries(NAMES, ANYTHING, max_size=4)
    | ANYTHING,
    max_size=6,
)


@given(rows=ROWS)
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
def test_each_row_is_taken_or_told(push: Push, rows: list[Any]) -> None:  # noqa: F811
    """The good rows and the bad ones are all the rows; the good ones again are there already."""
    before = total(push)
    taken = push.rows(rows)
    assert taken.accepted + taken.rejected == len(rows)
    assert {fault.index for fault in taken.faults} <= set(range(len(rows)))
    assert len({fault.index for fault in taken.faults}) == taken.rejected
    assert total(push) - before == taken.accepted - taken.unchanged
    bad = {fault.index for fault in taken.faults}
    good = [row for at, row in enumerate(rows) if at not in bad]
    assert push.rows(good) == Taken(accepted=len(good), unchanged=len(good))


def total(push: Push) -> int:  # noqa: F811
    """Count what a run could read, every column of it."""
    names = [name for name in push.source().schema().names if name not in ("id", "time")]
    found = sum(batch.num_rows for batch in push.source(*names).scan())
    return found + push.source().untimed()


@pytest.mark.parametrize("kind", ["json", "ndjson"])
@given(body=st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "replace")))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_bytes(kind: Any, body: bytes) -> None:
    """Whatever bytes are pushed as JSON are rows or a refusal."""
    with suppress(IntakeError):
        assert all(fault.index < part.number for part in parse(body, kind) for fault in part.faults)
