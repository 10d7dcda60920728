"""What a comparison of two frames found: measurements without windows, as records, a frame or a table in a notebook."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

from monitor.domain.model import Task
from monitor.metrics.comparison import Group

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 20  # columns, and as many performance figures, that a notebook shows
_COLUMNS = ("drift_effect", "drift_pvalue", "psi", "missing_rate", "unseen_rate")
_CELL = "padding:2px 12px 2px 0;text-align:right"


@dataclass(frozen=True, slots=True)
class Entry:
    """One measurement: ``value`` is None exactly when ``reason`` says why; ``n`` counts the rows that entered."""

    metric: str
    column: str | None
    group: Group | None
    value: float | None
    low: float | None
    high: float | None
    n: int
    reason: str | None


@dataclass(frozen=True, eq=False, repr=False)
class Compared:
    """The measurements of current rows beside reference rows.

    ``left_out`` names the columns that were not looked at, with the reason.
    ``result["psi"]`` gives the entries of a metric, ``result["psi", "age"]`` the one of a column over all rows.
    """

    task: Task
    entries: tuple[Entry, ...]
    reference_rows: int
    current_rows: int
    left_out: Mapping[str, str] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Entry]:
        """Iterate over the measurements."""
        return iter(self.entries)

    def __len__(self) -> int:
        """Count the measurements."""
        return len(self.entries)

    def __getitem__(self, key: str | tuple[str, str | None]) -> Any:
        """Return a metric's entries, or the one of a metric and column that concerns all rows.

        Raises
        ------
        KeyError
            There is none.
        """
        metric, *column = (key,) if isinstance(key, str) else key
        found = [e for e in self.entries if e.metric == metric]
        if column:
            found = [e for e in found if e.column == column[0] and e.group is None]
        if not found:
            raise KeyError(key)
        return found[0] if column else found

    def where(self, **wanted: Any) -> Compared:
        """Keep the measurements whose fields have these values, such as ``metric="psi", group=None``."""
        kept = tuple(e for e in self.entries if all(getattr(e, name) == value for name, value in wanted.items()))
        return Compared(self.task, kept, self.reference_rows, self.current_rows, self.left_out)

    def records(self) -> list[dict[str, Any]]:
        """Return the measurements as dictionaries, fit for JSON."""
        return [asdict(entry) for entry in self.entries]

    def to_pandas(self) -> pd.DataFrame:
        """Return the measurements as a frame, one a row; needs pandas."""
        import pandas as pd  # noqa: PLC0415  only who wants a frame needs it

        return pd.DataFrame(self.records(), columns=list(Entry.__dataclass_fields__))

    def drift(self) -> list[tuple[str, dict[str, Entry]]]:
        """Return the columns with their drift figures over all rows, those that moved most first, undefined last."""
        columns: dict[str, dict[str, Entry]] = {}
        for entry in self.entries:
            if entry.column is not None and entry.group is None and entry.metric in _COLUMNS:
                columns.setdefault(entry.column, {})[entry.metric] = entry
        return sorted(columns.items(), key=lambda item: -(_value(item[1].get("drift_effect")) or -1.0))

    def __repr__(self) -> str:
        """Say what was compared, and which columns moved most."""
        worst = [f"{name} {figures['drift_effect'].value:.3g}" for name, figures in self.drift()[:3] if _moved(figures)]
        moved = f"; moved most: {', '.join(worst)}" if worst else ""
        rows = f"{self.current_rows:,} rows beside {self.reference_rows:,}"
        return f"<Compared {self.task}: {rows}, {len(self)} measurements{moved}>"

    def _repr_html_(self) -> str:
        """Return a small table: the columns that moved most, then how well the model did."""
        title = f"{self.current_rows:,} rows beside {self.reference_rows:,} of the reference"
        drift = self.drift()
        head = _row("th", "column", *(name.replace("_", " ") for name in _COLUMNS))
        body = [_row("td", name, *(_shown(row.get(m)) for m in _COLUMNS)) for name, row in drift[:SHOWN]]
        parts = [f"<div><p><b>{escape(self.task)}</b>: {title}</p>"]
        if body:
            parts.append(f"<table>{head}{''.join(body)}</table>")
        if len(drift) > SHOWN:
            parts.append(f"<p>and {len(drift) - SHOWN} columns that moved less</p>")
        done = [e for e in self.entries if e.column is None and e.group is None and e.low is not None][:SHOWN]
        if done:
            rows = [_row("td", e.metric, _shown(e), f"{_number(e.low)} … {_number(e.high)}", f"{e.n:,}") for e in done]
            parts.append(f"<table>{_row('th', 'metric', 'value', '95 % interval', 'n')}{''.join(rows)}</table>")
        left = ", ".join(f"{escape(name)} ({escape(why)})" for name, why in list(self.left_out.items())[:SHOWN])
        return "".join([*parts, f"<p>left out: {left}</p>" if left else "", "</div>"])


def _moved(figures: Mapping[str, Entry]) -> bool:
    return bool(_value(figures.get("drift_effect")))


def _value(entry: Entry | None) -> float | None:
    return None if entry is None else entry.value


def _shown(entry: Entry | None) -> str:
    return "" if entry is None else _number(entry.value)


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"


def _row(tag: str, first: str, *rest: str) -> str:
    cells = "".join(f'<{tag} style="{_CELL}">{escape(text)}</{tag}>' for text in rest)
    return f'<tr><{tag} style="text-align:left;padding:2px 12px 2px 0">{escape(first)}</{tag}>{cells}</tr>'
