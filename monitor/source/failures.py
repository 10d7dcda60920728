"""What the errors of database drivers mean for the reader, with every password hidden."""

from __future__ import annotations

from monitor.errors import SourceError
from monitor.source.scrub import scrub

_BY_STATE = {
    "42P01": ("missing_table", "check `table:` or `query:`"),
    "3F000": ("missing_table", "check the schema in `table:`"),
    "42703": ("missing_column", "check the columns in monitor.yaml and `query:`"),
    "42501": ("permission_denied", "grant this user SELECT on the table and USAGE on its schema"),
    "25006": ("permission_denied", "logs are only read; `query:` must be a SELECT that writes nothing"),
    "57014": (
        "timeout",
        "add an index on the time column, or allow more in the URL: ?options=-c%20statement_timeout%3D30min",
    ),
    "55P03": ("timeout", "somebody rewrites the table; the next run tries again"),
    "42883": ("wrong_type", "the value's type does not fit the column's"),
    "3D000": ("unreachable", "check the database's name in the URL"),
}
_BY_CLASS = {
    "08": ("unreachable", "check host, port and network"),
    "57": ("unreachable", "the server is going down or restarting; the next run tries again"),
    "53": ("unreachable", "the server has no connection or memory to spare; the next run tries again"),
    "28": ("permission_denied", "check user and password in the URL"),
    "22": ("wrong_type", "a value does not fit the type that it is compared with or cast to"),
    "42": ("unreadable", "check `query:`; it must be one SELECT statement"),
}
_BY_TEXT = (
    ("read-only transaction", *_BY_STATE["25006"]),
    ("statement timeout", *_BY_STATE["57014"]),
    ("canceling statement", *_BY_STATE["57014"]),
    ("authentication failed", "permission_denied", "check user and password in the URL"),
    ("no password supplied", "permission_denied", "add the password to the URL, by ${ENV}"),
    ("permission denied", "permission_denied", "grant this user SELECT on the table"),
    ('database "', *_BY_STATE["3D000"]),
    ("role ", "permission_denied", "check the user in the URL"),
    ("no such table", "missing_table", "check `table:` or `query:`"),
    ("no such column", "missing_column", "check the columns in monitor.yaml and `query:`"),
    ("connect", "unreachable", "check host, port and network"),
    ("translate host name", "unreachable", "check the host's name in the URL"),
    ("resolve host", "unreachable", "check the host's name in the URL"),
    ("invalid input syntax", *_BY_CLASS["22"]),
    ("out of range", *_BY_CLASS["22"]),
)


def explain(error: BaseException, place: str, url: str) -> SourceError:
    """Turn a driver's error into one that says where, what, and what cures it.

    Parameters
    ----------
    error : BaseException
        What the driver raised, or SQLAlchemy around it.
    place : str
        Which table of which database, passwords masked.
    url : str
        The URL in use, whose password the driver may quote.

    Examples
    --------
    >>> explain(ConnectionError("cannot connect with s3cret"), "db", "x://u:s3cret@h/d").message
    'db: cannot connect with ***'
    """
    origin = getattr(error, "orig", None) or error
    said = scrub(_first_lines(str(origin)), url)
    state, hint = _meaning(getattr(origin, "sqlstate", None), said)
    return SourceError(f"{place}: {said}", hint, state=state)


def _meaning(sqlstate: str | None, said: str) -> tuple[str, str]:
    """Find state and cure by the standard's code, else by the words."""
    if sqlstate in _BY_STATE:
        return _BY_STATE[sqlstate]
    if sqlstate and sqlstate[:2] in _BY_CLASS:
        return _BY_CLASS[sqlstate[:2]]
    for words, state, hint in _BY_TEXT:
        if words in said:
            return state, hint
    return "unreadable", "try the same statement with the database's own client"


def _first_lines(said: str) -> str:
    """Drop the statement that drivers repeat behind their message, and what is only noise."""
    for noise in ("Query was:", "\nLINE ", "[SQL:"):
        said = said.partition(noise)[0]
    text = " ".join(said.split())
    text = text.rpartition("[libpq] ")[2]
    return text[:500].rstrip()
