"""The tables come, go and come again; one process at a time; never over a newer store."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

import monitor
from monitor.errors import StoreError
from monitor.store import migration
from monitor.store.engine import open_store
from monitor.store.tables import metadata

if TYPE_CHECKING:
    from monitor.store.engine import Store

UPGRADER = """
import sys
from pathlib import Path
from monitor.store import migration
from monitor.store.engine import open_store
store = open_store(sys.argv[1], folder=Path("."))
sys.stdin.readline()
print(migration.ensure(store))
store.close()
"""


def _tables(store: Store) -> set[str]:
    with store.read() as conn:
        return set(inspect(conn).get_table_names()) - {"alembic_version"}


def test_up_down_up(empty_store: Store) -> None:
    """Every table comes, goes and comes again, as the code describes it."""
    assert migration.upgrade(empty_store)
    assert _tables(empty_store) == set(metadata.tables)
    migration.downgrade(empty_store, "base")
    assert _tables(empty_store) == set()
    assert migration.revision(empty_store) is None
    assert migration.upgrade(empty_store)
    assert migration.check(empty_store).is_current


def test_second_upgrade_does_nothing(store: Store) -> None:
    """A store that is current is left alone."""
    assert not migration.upgrade(store)
    assert not migration.ensure(store)


def test_check_sees_a_changed_table(store: Store) -> None:
    """A column too many is found, so a clean check means something."""
    with store.write() as conn:
        conn.execute(text("ALTER TABLE runs ADD COLUMN planted INTEGER"))
    standing = migration.check(store)
    assert not standing.is_current
    assert "planted" in standing.differences[0]


def test_check_of_an_empty_store(empty_store: Store) -> None:
    """A store without tables has no revision and is not current."""
    assert migration.check(empty_store) == migration.Standing(None)
    assert not migration.check(empty_store).is_current


def test_known_revisions_are_those_in_the_folder() -> None:
    """The constant that the cheap check relies on names every migration, oldest first."""
    config = Config()
    config.set_main_option("script_location", str(migration.scripts()))
    scripts = ScriptDirectory.from_config(config)
    assert tuple(s.revision for s in scripts.walk_revisions())[::-1] == migration.KNOWN
    assert scripts.get_heads() == [migration.HEAD]


def test_three_processes_upgrade_at_once(store_url: str, empty_store: Store) -> None:
    """One of them does the work, the others wait and find it done."""
    command = [sys.executable, "-c", UPGRADER, store_url]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    workers = [subprocess.Popen(command, text=True, **pipes) for _ in range(3)]
    for worker in workers:
        worker.stdin.write("go\n")
        worker.stdin.flush()
    said = [worker.communicate() for worker in workers]
    assert sorted(out.strip() for out, _ in said) == ["False", "False", "True"], said
    assert migration.check(empty_store).is_current


def test_newer_store_is_refused(store: Store) -> None:
    """Code that does not know the store's revision touches nothing and says so."""
    with store.write() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for action in (migration.ensure, migration.upgrade):
        with pytest.raises(StoreError, match="9999, newer than this code") as caught:
            action(store)
        assert "update model-monitor" in caught.value.hint


def test_automatic_upgrade_can_be_forbidden(empty_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """MONITOR_AUTO_UPGRADE=0 gives an error with the command that cures it."""
    monkeypatch.setenv("MONITOR_AUTO_UPGRADE", "0")
    with pytest.raises(StoreError, match="has no tables yet") as caught:
        migration.ensure(empty_store)
    assert "monitor db upgrade" in caught.value.hint
    assert _tables(empty_store) == set()
    assert migration.upgrade(empty_store)
    assert not migration.ensure(empty_store)


def test_failed_upgrade_leaves_nothing(empty_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """An upgrade that cannot finish is undone wholly, tables of the first steps too."""
    with empty_store.write() as conn:
        conn.execute(text("CREATE TABLE counters (planted INTEGER)"))
    with pytest.raises(StoreError, match="already exists"):
        migration.upgrade(empty_store)
    assert _tables(empty_store) == {"counters"}
    assert migration.revision(empty_store) is None


def test_current_store_is_told_without_alembic(tmp_path: Path) -> None:
    """The daily check is one query; Alembic is not even imported."""
    with_tables = open_store("sqlite:///monitor.db", folder=tmp_path)
    migration.upgrade(with_tables)
    with_tables.close()
    code = UPGRADER + "\nassert not any(name.split('.')[0] == 'alembic' for name in sys.modules)"
    url = f"sqlite:///{tmp_path}/monitor.db"
    done = subprocess.run([sys.executable, "-c", code, url], input="go\n", capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_upgrade_is_silent(empty_store: Store, capfd: pytest.CaptureFixture[str]) -> None:
    """Alembic's own chatter reaches nobody."""
    migration.upgrade(empty_store)
    assert capfd.readouterr() == ("", "")


def test_installed_migrations_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wheel carries the migrations inside the package; a checkout has them beside it."""
    package = tmp_path / "monitor"
    (tmp_path / "alembic").mkdir()
    (tmp_path / "alembic" / "env.py").touch()
    monkeypatch.setattr(monitor, "__file__", str(package / "__init__.py"))
    assert migration.scripts() == tmp_path / "alembic"
    (package / "_alembic").mkdir(parents=True)
    (package / "_alembic" / "env.py").touch()
    assert migration.scripts() == package / "_alembic"


def test_missing_migrations_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broken installation is named as one."""
    monkeypatch.setattr(monitor, "__file__", str(tmp_path / "monitor" / "__init__.py"))
    with pytest.raises(StoreError, match="not installed"):
        migration.scripts()
