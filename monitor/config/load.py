"""From the text of monitor.yaml to `Config`, or to every fault in it."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from monitor.config.configuration import Config
from monitor.config.cross_check import cross_check
from monitor.config.document import Document, read
from monitor.config.empties import empties
from monitor.config.findings import collect, shown
from monitor.config.place import quoted
from monitor.config.text import decode, read_bytes
from monitor.config.url import check_store_url
from monitor.config.wrong import Wrong
from monitor.config.yaml_nodes import BadYamlError
from monitor.errors import ConfigError, Fault

STORE = "MONITOR_STORE"


def load(path: str | Path, env: Mapping[str, str] | None = None) -> Config:
    """Return the configuration in a file.

    Parameters
    ----------
    path : str or Path
        Where the file is; relative paths in it begin at its folder.
    env : mapping, optional
        Variables for ``${NAME}`` and MONITOR_STORE; those of the process when absent.

    Raises
    ------
    ConfigError
        The file cannot be read or is wrong; holds every fault with line, field and cure.
    """
    try:
        text = decode(read_bytes(Path(path)))
    except Wrong as wrong:
        raise ConfigError([_of_text(str(path), wrong)]) from None
    return load_text(text, file=str(path), env=os.environ if env is None else env)


def load_text(text: str, *, file: str = "monitor.yaml", env: Mapping[str, str]) -> Config:
    """Return the configuration in a text; ``file`` names it in faults and its folder.

    Raises
    ------
    ConfigError
        The text is wrong; holds every fault.

    Examples
    --------
    >>> load_text("models: []", env={})
    Traceback (most recent call last):
    monitor.errors.ConfigError: monitor.yaml:1: models: the list is empty
      hint: add at least one
    """
    try:
        document = read(text, file, env)
    except Wrong as wrong:
        raise ConfigError([_of_text(file, wrong)]) from None
    if not isinstance(document.data, dict):
        raise ConfigError([_no_mapping(document)])
    config = _validated(document, env)
    if config is None or document.faults:
        raise ConfigError(_faults(document))
    return config


def _validated(document: Document, env: Mapping[str, str]) -> Config | None:
    data: dict[str, Any] = dict(document.data) if isinstance(document.data, dict) else {}
    if env.get(STORE):
        data["store"] = env[STORE]
        document.faults.pop(("store",), None)
        document.data = data
        _check_override(document, env[STORE])
    config = None
    try:
        config = Config.model_validate(data, context={"file": document.file, "folder": Path(document.file).parent})
    except ValidationError as error:
        collect(error, document)
    for path in empties(data):
        document.fault(path, "has no value", "write one, or remove the key")
    for wrong in cross_check(data):
        problem = f"{shown(document, wrong.at)} {wrong.problem}" if wrong.shown else wrong.problem
        document.fault(wrong.at, problem, wrong.hint)
    return config


def _check_override(document: Document, store: str) -> None:
    try:
        check_store_url(store)
    except Wrong as wrong:
        document.faults["store",] = Fault(STORE, None, "", f"the store's URL {wrong.problem}", wrong.hint)


def _faults(document: Document) -> list[Fault]:
    """Return the faults by line; with several models each says of which it is."""
    models = document.value(("models",))
    named = isinstance(models, list) and len(models) > 1
    faults = []
    for path, fault in document.faults.items():
        name = document.written.get((*path[:2], "name")) if named and path[:1] == ("models",) else None
        problem = f"{fault.problem} (model {quoted(name)})" if name else fault.problem
        faults.append(replace(fault, problem=problem))
    return sorted(faults, key=lambda fault: (fault.line or 0, fault.field))


def _of_text(file: str, wrong: Wrong) -> Fault:
    line = wrong.line if isinstance(wrong, BadYamlError) else None
    return Fault(file, line, "", f"the file {wrong.problem}", wrong.hint)


def _no_mapping(document: Document) -> Fault:
    hint = "begin with models: and a list of models; `monitor init URL --table T` writes a start"
    if document.data is None:
        return Fault(document.file, None, "", "the file is empty", hint)
    what = "a list" if isinstance(document.data, list) else "a single text"
    return Fault(document.file, document.line(()), "", f"the file is {what} at its top, not a mapping", hint)
