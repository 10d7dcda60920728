"""What the present is compared with."""

from pydantic import field_validator, model_validator

from monitor.config.duration import Duration, PositiveDuration
from monitor.config.instant import Instant, place
from monitor.config.period import check_order
from monitor.config.section import Section
from monitor.config.source import SourceConfig
from monitor.config.url import FILES, scheme
from monitor.config.wrong import Wrong

_SUFFIXES = (".parquet", ".csv", ".csv.gz", ".tsv", ".tsv.gz", ".jsonl", ".jsonl.gz")
_FORMS = "write {start, end}, {path}, {source} or {last, lag}"


class ReferenceConfig(Section):
    """One of four forms, told apart by `form`.

    ``start`` and ``end``: a period of the model's own source, or of ``source`` when that is given, then
    optional. ``path``: a file with the predictions' column names. ``source``: a source of its
    own. ``last`` and ``lag``: the stretch of length ``last`` that ends ``lag`` (nothing by
    default) before each window.
    """

    start: Instant | None = None
    end: Instant | None = None
    path: str | None = None
    source: SourceConfig | None = None
    last: PositiveDuration | None = None
    lag: Duration | None = None

    @property
    def form(self) -> str:
        """Which form this is: ``path``, ``source``, ``trailing`` or ``period``."""
        if self.path is not None:
            return "path"
        if self.source is not None:
            return "source"
        return "period" if self.last is None else "trailing"

    @field_validator("path")
    @classmethod
    def _readable(cls, path: str | None) -> str | None:
        if path is None or (scheme(path)[0] in FILES):
            return path
        if not path.lower().endswith(_SUFFIXES) or "://" in path:
            raise Wrong("is not a file that can be read", f"write one of {', '.join(_SUFFIXES)}")
        return path

    @model_validator(mode="before")
    @classmethod
    def _no_lag(cls, data: object) -> object:
        return {**data, "lag": "0s"} if isinstance(data, dict) and "last" in data and "lag" not in data else data

    @model_validator(mode="after")
    def _one_form(self) -> "ReferenceConfig":
        given = [key for key in _KEYS if getattr(self, key) is not None]
        if not given:
            raise Wrong("says nothing", _FORMS, shown=False)
        lead = next(key for key in ("path", "source", "last", "lag", "start", "end") if key in given)
        allowed = _TOGETHER[lead]
        for key in given:
            if key not in allowed:
                raise Wrong(f"does not go with {lead}", _FORMS, at=(key,), shown=False)
        for key, other in (("last", "lag"), ("start", "end"), ("end", "start")):
            if other in given and key not in given:
                raise Wrong("is missing", f"{other} needs {key} beside it", at=(key,), shown=False)
        check_order(self.start, self.end)
        return self

    def placed(self, zone: str) -> "ReferenceConfig":
        """Return the reference with naive instants read as local time of ``zone``."""
        if self.start is None or self.end is None:
            return self
        start, end = place(self.start, zone), place(self.end, zone)
        check_order(start, end)
        return self.model_copy(update={"start": start, "end": end})


_KEYS = ("start", "end", "path", "source", "last", "lag")
_TOGETHER = {
    "path": ("path",),
    "source": ("source", "start", "end"),
    "last": ("last", "lag"),
    "lag": ("last", "lag"),
    "start": ("start", "end"),
    "end": ("start", "end"),
}
