"""A copy of the store, taken while others write."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from monitor.errors import StoreError
from monitor.store.address import masked
from monitor.store.engine import BUSY_SECONDS

if TYPE_CHECKING:
    from monitor.store.engine import Store


def backup(store: Store, target: Path, *, force: bool = False) -> Path:
    """Copy the store as it is at this instant to ``target``; returns it.

    SQLite gives a database file that can be opened at once, PostgreSQL an archive for ``pg_restore``. Others read and
    write meanwhile; what the copy holds is what was committed at one instant.

    Parameters
    ----------
    force : bool
        Whether a file of that name is replaced, when the copy is complete and never before.

    Raises
    ------
    StoreError
        The target is the store itself, is there already or cannot be written, or ``pg_dump`` is missing or failed.
    """
    if store.path is not None and target.resolve() == store.path.resolve():
        raise StoreError("A backup cannot replace the store itself.", "name another file")
    if target.is_dir():
        raise StoreError(f"{target} is a folder.", "name a file in it")
    if not force and target.exists():
        raise _there(target)
    draft = target.with_name(f".{target.name}.{uuid4().hex}")
    try:
        if store.path is not None:
            _copy_file(store.path, draft)
        else:
            _dump(store, draft)
        _flush(draft)
        _publish(draft, target, force=force)
        _flush(target.parent)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(
            f"The backup to {target} failed: {error}", "check the folder, its permissions and its room"
        ) from error
    finally:
        draft.unlink(missing_ok=True)
    return target


def _copy_file(source: Path, draft: Path) -> None:
    reading = f"file:{_quoted(source)}?mode=ro"
    with (
        closing(sqlite3.connect(reading, uri=True, timeout=BUSY_SECONDS)) as old,
        closing(sqlite3.connect(draft)) as new,
    ):
        # In one step: the write-ahead log lets others write meanwhile, and it never starts afresh.
        old.backup(new)
        new.execute("PRAGMA journal_mode = DELETE")
        said = new.execute("PRAGMA integrity_check").fetchone()[0]
    shutil.copymode(source, draft)
    if said != "ok":
        raise StoreError(f"The store is damaged: {said}", "restore an older backup")


def _dump(store: Store, draft: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        raise StoreError(
            "pg_dump is not installed; a PostgreSQL store is copied by it.",
            "install the PostgreSQL client (Debian: postgresql-client), or use your server's own backup",
        )
    plain = store.url.set(drivername="postgresql", password=None)
    command = [program, "--format=custom", "--no-password", f"--file={draft}"]
    command.append(f"--dbname={plain.render_as_string(hide_password=False)}")
    secret = {"PGPASSWORD": str(store.url.password)} if store.url.password else {}
    done = subprocess.run(  # noqa: S603 - no shell, every part is ours or the store's URL
        command, env=os.environ | secret, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = masked(done.stderr.strip(), store.url)
        raise StoreError(f"pg_dump failed: {said}", "check its version and the user's rights")


def _publish(draft: Path, target: Path, *, force: bool) -> None:
    """Give the finished copy its name, all at once."""
    if force or not _linked(draft, target):
        draft.replace(target)


def _linked(draft: Path, target: Path) -> bool:
    """Tell whether the name could be given by a link: a rename would replace what somebody has put there meanwhile."""
    try:
        os.link(draft, target)
    except FileExistsError:
        raise _there(target) from None
    except OSError:
        return False  # a file system without links
    return True


def _there(target: Path) -> StoreError:
    return StoreError(f"{target} is there already; nothing was written.", "name another file, or give --force")


def _flush(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _quoted(path: Path) -> str:
    return str(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
