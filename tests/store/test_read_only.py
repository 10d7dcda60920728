"""A store that may be read and not written."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from monitor.errors import StoreError
from monitor.store import migration, models
from monitor.store.engine import Store, open_store
from monitor.store.read_only import reading_url
from tests.store.conftest import T0

NOBODY = 65534


@contextmanager
def unwritable(folder: Path) -> Iterator[None]:
    """Take away the right to write a folder and its files; root, who may always, becomes nobody meanwhile."""
    for path in (*folder.iterdir(), folder):
        path.chmod(0o555 if path.is_dir() else 0o444)
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
        folder.chmod(0o755)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder that everybody may enter, with a store of one model."""
    made = Path(tempfile.mkdtemp())
    store = opened(made)
    migration.upgrade(store)
    with store.write() as conn:
        models.register(conn, "flights", "{}", "first", T0)
    names(store)  # what is imported when first needed, nobody could not read
    store.close()
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


def opened(folder: Path) -> Store:
    """Open the store of a folder."""
    return open_store("sqlite:///monitor.db", folder=folder)


def names(store: Store) -> list[str]:
    """Return the models that a store knows."""
    with store.read() as conn:
        return [model.name for model in models.every(conn)]


def test_a_file_that_may_not_be_written_is_read(folder: Path) -> None:
    """Reading needs no right to write, neither of the file nor of its folder; writing says what is missing."""
    with unwritable(folder):
        store = opened(folder)
        assert names(store) == ["flights"]
        assert migration.revision(store) == migration.HEAD
        with pytest.raises(StoreError, match="cannot be written") as refused, store.write() as conn:
            models.register(conn, "fraud", "{}", "second", T0)
        store.close()
    assert "permissions of the file and of its folder" in str(refused.value.hint)
    assert [path.name for path in folder.iterdir()] == ["monitor.db"]


def test_a_file_beside_its_writer_is_read(folder: Path) -> None:
    """What a writer has committed and not yet folded into the file is read too."""
    writer = opened(folder)
    with writer.write() as conn:
        models.register(conn, "fraud", "{}", "second", T0)
    assert (folder / "monitor.db-wal").stat().st_size
    with unwritable(folder):
        store = opened(folder)
        assert names(store) == ["flights", "fraud"]
        store.close()
    writer.close()


def test_a_file_that_may_be_written_is_opened_as_ever(folder: Path) -> None:
    """Neither a store that can be written nor one that is not there yet is opened in another way."""
    assert reading_url(opened(folder).url) is None
    (folder / "monitor.db").unlink()
    assert reading_url(opened(folder).url) is None
