"""Sessions of Spark: one a process and master, made from a URL."""

from __future__ import annotations

import os
import re
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from monitor.config.mask import mask
from monitor.errors import SourceError
from monitor.source.scrub import scrub

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

EXTRA = "pip install 'model-monitor[spark]'"
_PANDAS = "PySpark does not yet fully support pandas"
ROWS = 65_536  # of one batch that reaches our code
_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.execution.arrow.maxRecordsPerBatch": str(ROWS),
}
_STARTING = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.log.level": "ERROR"}
_LOCAL = re.compile(r"local(\[[^]]*\])?", re.IGNORECASE)
_MEANINGS = (
    ("TABLE_OR_VIEW_NOT_FOUND", "missing_table", "check `table:`; tables of files are written `parquet:/path`"),
    ("PATH_NOT_FOUND", "missing_table", "check the path in `table:`; every executor must see it"),
    ("UNRESOLVED_COLUMN", "missing_column", "check the columns in monitor.yaml and `query:`"),
    ("DATATYPE_MISMATCH", "wrong_type", "give a value of the column's type"),
    ("CAST_INVALID_INPUT", "wrong_type", "give a value of the column's type"),
    ("PARSE_SYNTAX_ERROR", "unreadable", "check `query:`; it must be one SELECT statement"),
    ("DATA_SOURCE_NOT_FOUND", "unreadable", "add the format's package: ?spark.jars.packages=… in the URL"),
    ("No module named", "unreadable", "install model-monitor in the executors' Python, the same version as here"),
    ("ermission denied", "permission_denied", "grant the user of Spark the table or its files"),
    ("AccessControl", "permission_denied", "grant the user of Spark the table or its files"),
    (
        "SESSION_ALREADY_EXIST",
        "unreachable",
        "write spark+connect:// for all models, or for none: one process has one kind of session",
    ),
    ("UNAVAILABLE", "unreachable", "check host and port of the Connect server"),
    ("masters are unresponsive", "unreachable", "check host and port of the master"),
    ("Java", "unreachable", "Spark needs Java 17 or newer: install it and set JAVA_HOME"),
)


def session(url: str) -> SparkSession:
    """Return the session of ``spark://local[*]``, ``spark://master:7077`` or ``spark+connect://server:15002``.

    ``?spark.executor.memory=4g&…`` are settings of the session.

    Raises
    ------
    SourceError
        pyspark or Java is missing, or the master does not answer.
    """
    with explained(url, url):
        found = _session(url)
        for key, value in _SETTINGS.items():
            found.conf.set(key, value)
        return found


@lru_cache(maxsize=8)
def _session(url: str) -> SparkSession:
    try:
        from pyspark.sql import SparkSession  # noqa: PLC0415
    except ImportError as error:
        raise SourceError(f"{mask(url)} needs pyspark: {error}", EXTRA, state="unreachable") from error
    scheme, _, rest = url.partition("://")
    place, _, options = rest.partition("?")
    place = place.rstrip("/")
    builder = SparkSession.builder.appName("model-monitor")
    if scheme.lower() == "spark+connect":
        builder = builder.remote(f"sc://{place}")
    else:
        local = _LOCAL.fullmatch(place)
        if local:
            os.environ.setdefault("PYSPARK_PYTHON", sys.executable)  # our packages are in this one
        builder = builder.master(place if local else f"spark://{place}")
        for key, value in _STARTING.items():
            builder = builder.config(key, value)
    for key, value in parse_qsl(options):
        builder = builder.config(key, value)
    return builder.getOrCreate()


@contextmanager
def explained(place: str, url: str) -> Iterator[None]:
    """Turn what Spark raises into a SourceError that says where, what, and what cures it."""
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", _PANDAS, FutureWarning)  # pandas is not used: rows are Arrow throughout
            yield
    except SourceError:
        raise
    except Exception as error:
        if not type(error).__module__.startswith(("pyspark", "py4j", "grpc")):
            raise
        said = _said(str(error))
        known = next((rest for words, *rest in _MEANINGS if words in str(error)), None)
        state, hint = known or ("unreadable", "try the same in spark-sql with the same user")
        raise SourceError(f"{mask(place)}: {scrub(said, url)}", hint, state=state) from None


def _said(text: str) -> str:
    """Return the line that says what is wrong: of an error inside our own code its last one, else the first."""
    ours = [line for line in text.splitlines() if "SourceError: " in line or "ModuleNotFoundError: " in line]
    line = ours[-1].partition(": ")[2] if ours else next(iter(text.strip().splitlines()), "no message")
    return line.strip()[:500]
