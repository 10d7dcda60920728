"""A glimpse: what some thousand rows tell of how a log and its monitor.yaml fit, before anything is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa

from monitor.domain.category import category_text, class_text
from monitor.domain.model import FEATURE, Model
from monitor.profile.build import VERSIONS
from monitor.profile.values import categories, numbers, present
from monitor.service.checking.first_look import UNVERSIONED, positive_class_remarks, shown
from monitor.source import Source

ROWS = 10_000
MANY = 1_000  # groups, each measured in every window


@dataclass(frozen=True, eq=False)
class Glimpse:
    """The first rows of an interval of a log, as batches in canonical roles; ``whole`` when there are no more."""

    model: Model
    batches: tuple[pa.RecordBatch, ...]
    whole: bool = False

    @property
    def rows(self) -> int:
        """Rows looked at."""
        return sum(batch.num_rows for batch in self.batches)

    @property
    def among(self) -> str:
        """Say which rows were looked at."""
        return f"the {self.rows:,} rows looked at"

    def columns(self, name: str) -> Iterator[pa.Array]:
        """Yield a column's values, batch by batch; nothing when it is not there."""
        return (batch.column(name) for batch in self.batches if name in batch.schema.names)

    def texts(self, *names: str, classes: bool = False) -> Counter[tuple[str | None, ...]]:
        """Count the combinations of values of some columns as the texts that they are counted as."""
        found: Counter[tuple[str | None, ...]] = Counter()
        for batch in self.batches:
            if not set(names) <= set(batch.schema.names):
                continue
            coded = [categories(batch.column(n), class_text if classes else category_text) for n in names]
            each = ([texts[i] for i in codes.tolist()] for codes, texts in coded)
            found.update(zip(*each, strict=True))
        return found


def glimpse(model: Model, source: Source, start: datetime | None, end: datetime | None) -> Glimpse:
    """Look at the first rows of an interval; reading ends with the batch that makes them enough."""
    batches: list[pa.RecordBatch] = []
    left = ROWS
    for batch in source.scan(start, end):
        batches.append(batch.slice(0, left))
        left -= batches[-1].num_rows
        if not left:
            break
    return Glimpse(model, tuple(batches), bool(left))


def remarks(seen: Glimpse) -> Iterator[str]:
    """Yield what a run over these rows would do in silence or remark later; what is plainly wrong are misfits."""
    if not seen.rows:
        return
    for name, kind in seen.model.columns.items():
        if kind == "numeric":
            yield from _unparsable(seen, name)
    classes = [key[0] for key, _ in seen.texts("target", classes=True).most_common() if key[0] is not None]
    if len(classes) == 1:
        yield from positive_class_remarks(seen.model, classes, f"among {seen.among}")
    if "version" in seen.model.roles:
        most = _most_versions(seen)
        if not 0 < most <= VERSIONS:
            yield UNVERSIONED
    yield from _crowds(seen)


def truth_remarks(seen: Glimpse, source: Source) -> Iterator[str]:
    """Yield a remark when no row has ground truth, with a pair of ids that look like the same one written twice."""
    if not seen.rows or "target" not in seen.model.roles:
        return
    known = sum(int(present(column).sum()) for column in seen.columns("target"))
    if known:
        return
    yield f"ground truth: 0 of {seen.among} have any{_spelling(seen, source)}"


def _unparsable(seen: Glimpse, name: str) -> Iterator[str]:
    there = lost = 0
    for column in seen.columns(name):
        known = present(column)
        there += int(known.sum())
        lost += int((known & np.isnan(numbers(column))).sum())
    if 0 < lost < there:
        share = f"{there - lost:,} of its {there:,}"
        yield f"column {shown(name)}: {share} values among {seen.among} can be read as numbers"


def _most_versions(seen: Glimpse) -> int:
    """Return how many versions the hour with the most of them has."""
    hours: dict[int, set[str]] = {}
    for batch in seen.batches:
        codes, texts = categories(batch.column("version"))
        hour = batch.column("time").cast(pa.int64()).to_numpy(zero_copy_only=False) // 3_600_000_000
        for at, code in np.unique(np.column_stack((hour, codes)), axis=0).tolist():
            if texts[code] is not None:
                hours.setdefault(at, set()).add(str(texts[code]))
    return max(map(len, hours.values()), default=0)


def _crowds(seen: Glimpse) -> Iterator[str]:
    """Yield a remark for attributes with so many values that every window would have thousands of numbers more."""
    for kind, sets in (("groups", seen.model.groups), ("segments", [(s,) for s in seen.model.segments])):
        for attributes in sets:
            found = len(seen.texts(*(FEATURE + name for name in attributes)))
            if found > MANY:
                where = " × ".join(map(repr, attributes))
                yield f"{kind} by {where}: {found:,} values among {seen.among}; each is measured in every window"


def _spelling(seen: Glimpse, source: Source) -> str:
    """Say how the ids of both sides look: like the same ones in another form, or like none of each other."""
    truth = source.ground_truth
    if truth is None:
        return ""
    name, there = truth.names[0], truth.relation.name
    ours = {_plain(text): text for (text,) in seen.texts(name) if text}
    looked = 0
    for batch in truth.stream(truth.pairing.truth):
        ids = batch.column(name).slice(0, ROWS - looked)
        looked += len(ids)
        for text in filter(None, categories(ids)[1]):
            own = ours.get(_plain(text))
            if own == text:
                return f"; {name} {own!r} is in {there} too, without a target or as another type of value"
            if own is not None:
                return f"; is {name} {own!r} there the {text!r} of {there}?"
        if looked >= ROWS:
            break
    if not looked:
        return f", and {there} has no rows"
    return f"; nor does any {name} of {looked:,} rows of {there} look like one of theirs"


def _plain(text: str) -> str:
    """Bring an id to what is left of it when it is written in other ways.

    Examples
    --------
    >>> [_plain(text) for text in ("A-1", " a_1 ", "0001", "1.0", "000")]
    ['a1', 'a1', '1', '1', '0']
    """
    text = text.strip().lower().removesuffix(".0")
    kept = "".join(c for c in text if c.isalnum())
    return kept.lstrip("0") or kept[:1]
