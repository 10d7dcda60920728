"""Opening: the service's own database and the operator's plug-ins, as every command needs them."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path

from monitor.config import Config, resolve_path
from monitor.errors import ConfigError, Fault, MonitorError, StoreError
from monitor.store import migration
from monitor.store.engine import Store, open_store


@contextmanager
def opened(config: Config, *, writing: bool = False) -> Iterator[Store]:
    """Open the store of a configuration, and close it at the end.

    Parameters
    ----------
    writing : bool
        Whether the store is made and upgraded when needed; else it must be there and up to date.

    Raises
    ------
    StoreError
        It cannot be reached, is newer than this code, or is not ready for reading.
    """
    store = open_store(config.store, folder=config.folder, create=writing)
    try:
        if writing:
            migration.ensure(store)
        else:
            _demand_tables(store)
        yield store
    finally:
        store.close()


def _demand_tables(store: Store) -> None:
    current = migration.revision(store)
    if current is None:
        with store.read() as conn:
            migration.refuse_foreign(store, conn)
        raise StoreError(f"The store {store} has no tables yet.", "`monitor run` makes and fills them")
    if current != migration.HEAD:
        migration.ensure(store, automatic=False)


def load_plugins(config: Config) -> list[str]:
    """Import the Python files named under ``plugins:``, so that the metrics in them register; return their paths.

    Raises
    ------
    ConfigError
        One is missing or fails; every fault is listed.
    """
    paths = [resolve_path(plugin, config.folder) for plugin in config.plugins]
    faults = [fault for i, path in enumerate(paths) if (fault := _import(path, config.file, i))]
    if faults:
        raise ConfigError(faults)
    return [str(path) for path in paths]


def _import(path: Path, file: str, index: int) -> Fault | None:
    field = f"plugins[{index}]"
    if not path.is_file():
        return Fault(file, None, field, f"there is no file {path}", "relative paths begin at monitor.yaml's folder")
    name = f"monitor_plugin_{blake2b(str(path.resolve()).encode(), digest_size=6).hexdigest()}"
    if name in sys.modules:
        return None
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        return Fault(file, None, field, f"{path} is no Python file", "name a file that ends in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except MonitorError as error:
        del sys.modules[name]
        return Fault(file, None, field, f"{path}: {error.message}", error.hint or "mend the plug-in")
    except Exception as error:  # noqa: BLE001 - somebody else's code may raise anything
        del sys.modules[name]
        return Fault(file, None, field, f"{path}: {_said(error, path)}", f"mend it; `python {path}` shows more")
    return None


def _said(error: Exception, path: Path) -> str:
    lines = []
    frame = error.__traceback__
    while frame is not None:
        if frame.tb_frame.f_code.co_filename == str(path):
            lines.append(frame.tb_lineno)
        frame = frame.tb_next
    where = f" on line {lines[-1]}" if lines else ""
    return f"{type(error).__name__}{where}: {error}"
