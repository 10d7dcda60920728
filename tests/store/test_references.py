"""References are frozen once, versioned, and found by what they were made from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from monitor.store import references

if TYPE_CHECKING:
    from monitor.store.engine import Store

T0 = datetime(2013, 3, 1, tzinfo=UTC)
GIVEN: dict[str, Any] = {
    "spec_digest": "s", "fingerprint": "f", "kind": "window", "rows": 10, "layout": b"\0\xff", "profile": b"p",
    "now": T0, "start": T0 - timedelta(days=28), "end": T0,
}  # fmt: skip


def test_saving_again_gives_the_same(store: Store, model_id: int) -> None:
    """The same reference twice is one; any change is the next version."""
    with store.write() as conn:
        first = references.save(conn, model_id, **GIVEN)
        assert references.save(conn, model_id, **GIVEN | {"now": T0 + timedelta(days=1)}) == first
        second = references.save(conn, model_id, **GIVEN | {"profile": b"more", "rows": 11})
        other = references.save(conn, model_id, **GIVEN | {"spec_digest": "t", "start": None, "end": None})
    assert [r.version for r in (first, second, other)] == [1, 2, 3]
    assert (first.layout, first.start, first.end, first.complete) == (b"\0\xff", GIVEN["start"], T0, True)
    assert other.start is None


def test_latest_by_specification(store: Store, model_id: int) -> None:
    """The newest of a specification is found, or the newest of all, or none."""
    with store.write() as conn:
        learning = references.save(conn, model_id, **GIVEN | {"complete": False})
        full = references.save(conn, model_id, **GIVEN)
        other = references.save(conn, model_id, **GIVEN | {"spec_digest": "t"})
    with store.read() as conn:
        assert not learning.complete
        assert references.latest(conn, model_id, "s") == full
        assert references.latest(conn, model_id) == other
        assert references.latest(conn, model_id, "u") is None
        assert references.latest(conn, model_id + 1, "s") is None
        assert references.get(conn, learning.id) == learning
        assert references.get(conn, 10**9) is None


def test_going_back_again_and_again(store: Store, model_id: int) -> None:
    """Each step back brings one version more back as a new row; a new reference is stepped back from like any other."""
    with store.write() as conn:
        for name in ("a", "b", "c"):
            references.save(conn, model_id, **GIVEN | {"fingerprint": name})
        references.save(conn, model_id, **GIVEN | {"spec_digest": "t", "fingerprint": "x"})
    steps: list[Any] = []
    for push in (None, None, "d", None, None):
        with store.write() as conn:
            if push:
                steps.append(references.save(conn, model_id, **GIVEN | {"fingerprint": push}).fingerprint)
            elif older := references.before(references.history(conn, model_id, "s")):
                steps.append(references.restore(conn, model_id, older, T0).fingerprint)
            else:
                steps.append(None)
    assert steps == ["b", "a", "d", "a", None]
    with store.read() as conn:
        found = references.history(conn, model_id)
    assert [(v.version, v.fingerprint, v.restores) for v in found] == [
        (1, "a", None), (2, "b", None), (3, "c", None), (4, "x", None), (5, "b", 2), (6, "a", 1), (7, "d", None),
        (8, "a", 1),
    ]  # fmt: skip
