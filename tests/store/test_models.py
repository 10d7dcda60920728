"""Registering models: idempotent, versioned, never forgetting."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import TYPE_CHECKING

from monitor.store import config_versions, models
from monitor.store.models import Registration

if TYPE_CHECKING:
    from monitor.store.engine import Store

T0 = datetime(2013, 3, 1, tzinfo=UTC)


def test_registering_again_changes_nothing(store: Store) -> None:
    """The same configuration twice is one model and one version."""
    with store.write() as conn:
        first = models.register(conn, "m", '{"a": 1}', "d1", T0)
        second = models.register(conn, "m", '{"a": 1}', "d1", T0 + timedelta(days=1))
    assert first == Registration(first.model_id, first.config_version_id, 1, created=True, changed=True)
    assert second == Registration(first.model_id, first.config_version_id, 1, created=False, changed=False)


def test_going_back_to_an_old_configuration(store: Store) -> None:
    """A configuration that was in force before gets its old version back."""
    with store.write() as conn:
        given = [models.register(conn, "m", spec, spec, T0) for spec in ("one", "two", "one")]
        stored = config_versions.history(conn, given[0].model_id)
        found = models.find(conn, "m")
        assert found is not None
        assert config_versions.get(conn, found.config_version_id or 0) == stored[0]
    assert [g.version for g in given] == [1, 2, 1]
    assert [(v.version, v.spec) for v in stored] == [(1, "one"), (2, "two")]


def test_retired_models_are_kept(store: Store) -> None:
    """Retiring hides a model from the list; registering brings it back with its number."""
    with store.write() as conn:
        first = models.register(conn, "m", "{}", "d", T0)
        models.register(conn, "other", "{}", "d", T0)
        assert models.retire(conn, "m", T0)
        assert not models.retire(conn, "m", T0)
        assert [m.name for m in models.every(conn)] == ["other"]
        assert [m.name for m in models.every(conn, retired=True)] == ["m", "other"]
        again = models.register(conn, "m", "{}", "d", T0)
        assert (again.model_id, again.created, again.changed) == (first.model_id, False, True)
        assert [m.name for m in models.every(conn)] == ["m", "other"]


def test_source_state_is_remembered(store: Store, model_id: int) -> None:
    """The last look at a source stays until the next one."""
    with store.write() as conn:
        models.note_source(conn, model_id, "unreachable", "no answer\0", T0)
        found = models.find(conn, "flights")
        assert found is not None
        assert (found.source_state, found.source_error, found.source_checked_at) == ("unreachable", "no answer\0", T0)
        models.note_source(conn, model_id, None, None, T0 + timedelta(hours=1))
        found = models.find(conn, "flights")
        assert found is not None
        assert (found.source_state, found.source_error) == (None, None)


def test_unknown_model(store: Store) -> None:
    """A name that was never registered finds nothing."""
    with store.read() as conn:
        assert models.find(conn, "' OR 1=1 --") is None


def test_versions_stay_dense_under_concurrency(store: Store) -> None:
    """Four writers with four configurations get the versions 1 to 4, no error, no gap."""
    barrier = Barrier(4)
    given: list[int] = []

    def apply(spec: str) -> None:
        barrier.wait()
        with store.write() as conn:
            given.append(models.register(conn, "m", spec, spec, T0).version)

    threads = [Thread(target=apply, args=(str(i),)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(given) == [1, 2, 3, 4]
