"""How long the store keeps what."""

from datetime import timedelta
from typing import Annotated, Any

from monitor.config.duration import parse_duration
from monitor.config.parsed import Parsed
from monitor.config.section import Section
from monitor.config.wrong import Wrong

FOREVER = "forever"
_DAY = timedelta(days=1)


def parse_age(value: object) -> timedelta | None:
    """Return the age that a text such as ``90d`` means; None for ``forever``.

    Raises
    ------
    Wrong
        It is neither, or is shorter than a day.

    Examples
    --------
    >>> parse_age("90d"), parse_age("forever")
    (datetime.timedelta(days=90), None)
    """
    if value == FOREVER:
        return None
    try:
        age = parse_duration(value)
    except Wrong as wrong:
        raise Wrong(wrong.problem, f"{wrong.hint}, or {FOREVER}") from None
    if age < _DAY:
        raise Wrong("is shorter than a day", f"write 1d or more, such as 90d, or {FOREVER}")
    return age


_SCHEMA: dict[str, Any] = {
    "type": "string",
    "pattern": rf"^(\s*\d{{1,9}}\s*[smhdw]\s*|{FOREVER})$",
    "examples": ["90d", FOREVER],
}
Age = Annotated[timedelta | None, Parsed(parse_age, _SCHEMA)]


class RetentionConfig(Section):
    """How old what is stored may grow; None is forever.

    ``hourly_counts``: after this age the counts of a day's hours are added up into one; no measurement of a whole
    day, week or month can tell the difference. ``measurements``: windows that ended longer ago are removed with their
    counts, runs and changes. ``revisions``: a revision is removed so long after a later one took its place; the latest
    always stays. ``changes``: how far back the change feed reaches. ``pushed_rows``: rows that were pushed (``ingest://``)
    so long ago are removed, those of days whose hours are not added up yet, and of references, stay.

    Nothing goes before the model's ``ground_truth_horizon`` is over and no reference can reach back to it.
    """

    hourly_counts: Age = timedelta(days=90)
    measurements: Age = None
    revisions: Age = timedelta(days=90)
    changes: Age = timedelta(days=90)
    pushed_rows: Age = timedelta(days=90)
