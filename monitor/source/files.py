"""Local files by URL: which there are, and what to say when one cannot be read.

``scheme:///dir/*.csv`` is relative to monitor.yaml's folder, ``scheme:////dir/*.csv`` absolute. Patterns
are those of a shell: ``*``, ``?``, ``[ab]`` and ``**`` for any depth; names with a leading dot are hidden.
"""

from __future__ import annotations

import glob
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from monitor.errors import SourceError
from monitor.source.scrub import scrub

_DAMAGED = "the file is damaged, unfinished or of another kind; mend it or take it out of the pattern"
_ONE_COLUMN = "Expected 1 columns, got"
_PARTED = (
    'when another sign than the comma parts its fields, write `csv: {delimiter: ";", decimal: ","}` under `source:`'
)


def find(url: str, folder: Path, endings: Sequence[str]) -> tuple[str, ...]:
    """Return the files of a URL, sorted by name.

    Raises
    ------
    SourceError
        State ``missing_table`` when there is none; ``unreadable`` for a folder, for an ending that
        this kind of log does not have, and for a URL without a path.
    """
    pattern = local_pattern(url, folder)
    # pathlib's own glob would show hidden files
    found = [pattern] if Path(pattern).exists() else sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207
    if "**" in pattern:
        found = [path for path in found if not Path(path).is_dir()]
    if not found:
        raise no_match(url, pattern)
    for path in found:
        check_ending(path, url, endings)
        if Path(path).is_dir():
            raise SourceError(f"{path} is a folder", f"write {_inside(url, endings)}")
    return tuple(found)


def local_pattern(url: str, folder: Path) -> str:
    """Return the path or pattern of a file URL.

    Examples
    --------
    >>> local_pattern("csv:///logs/*.csv", Path("/etc/monitor"))
    '/etc/monitor/logs/*.csv'
    >>> local_pattern("csv:////logs/*.csv", Path("/etc/monitor"))
    '/logs/*.csv'
    """
    scheme, _, rest = url.partition("://")
    if not rest.startswith("/"):
        cure = f"write {scheme}:///{rest} relative to monitor.yaml, {scheme}:////{rest} absolute"
        raise SourceError(f"{scrub(url)} has two slashes before its path", cure)
    if not rest.strip("/"):
        raise SourceError(f"{scrub(url)} names no file", f"write {scheme}:///dir/*.{scheme}")
    # a folder's own name may hold signs of a pattern
    root = "" if rest.startswith("//") else glob.escape(f"{folder.absolute()}/")
    literal = Path(folder.absolute(), rest[1:])
    return str(literal) if literal.exists() else root + rest[1:]


def check_ending(path: str, url: str, endings: Sequence[str]) -> None:
    """Refuse a file whose ending this kind of log does not have."""
    if not path.lower().endswith(tuple(endings)):
        kind = url.partition("://")[0]
        raise SourceError(
            f"{path} is not read as {kind}: its name ends in none of {', '.join(endings)}",
            f"narrow the pattern to *{endings[0]}, or rename the file",
        )


def no_match(url: str, pattern: str) -> SourceError:
    """Build the error for a pattern that nothing matches."""
    return SourceError(
        f"no file matches {scrub(pattern)}",
        f"check `url: {scrub(url)}`: after the scheme three slashes begin at monitor.yaml's folder,"
        " four at the top of the disk",
        state="missing_table",
    )


def no_table(url: str, table: str | None, query: str | None) -> None:
    """Refuse a table or a query: files have none."""
    if table is not None or query is not None:
        raise SourceError(
            f"{scrub(url)} is read from files, which have no {'query' if table is None else 'table'}",
            "take `table:` and `query:` out; choose rows with `where:`",
        )


@contextmanager
def reading(path: str, *secrets: str) -> Iterator[None]:
    """Turn whatever goes wrong in here into a SourceError that names the file."""
    try:
        yield
    except SourceError:
        raise
    except PermissionError:
        raise SourceError(
            f"{path}: permission denied",
            "let the user who runs the monitor read it",
            state="permission_denied",
        ) from None
    except FileNotFoundError:
        raise SourceError(f"{path} is not there any more", "run again", state="missing_table") from None
    except (pa.ArrowException, OSError, EOFError, duckdb.Error, UnicodeDecodeError) as error:
        what = brief(error, *secrets)
        raise SourceError(f"cannot read {path}: {what}", _PARTED if _ONE_COLUMN in what else _DAMAGED) from error


def brief(error: BaseException, *secrets: str) -> str:
    """Return an error's first line, at most 300 characters, without passwords."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return scrub(lines[0][:300], *secrets)


def _inside(url: str, endings: Sequence[str]) -> str:
    return f"{url.rstrip('/')}/**/*{endings[0]} to read the files in it"
