"""Rows that are pushed: kept once each, whatever they hold, and read like any other log."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pytest

from monitor.config import Config
from monitor.config.load import load_text
from monitor.errors import UsageError
from monitor.service.apply import apply
from monitor.service.opening import opened
from monitor.service.pushing.ingest import Taken, ingest
from monitor.service.pushing.intake import Format
from monitor.service.pushing.rows import IntakeError
from monitor.service.run import run
from monitor.source import Source, open_source
from monitor.store import measurements, migration
from monitor.store.engine import Store
from monitor.store.logs import Which
from tests.service.conftest import DAY, START, World, rows_of, truth_of

NOW = datetime(2024, 3, 20, tzinfo=UTC)
MODEL = """
store: {store}
models:
  - name: churn
    task: {task}
    source:
      url: "ingest://"
      predictions: {{id, time, version, prediction, score}}
      ground_truth: {{id, time, target}}
    features: {features}
    reference: {{start: 2024-03-01, end: 2024-03-05}}
"""


@dataclass
class Push:
    """A model that is pushed to, and its store."""

    config: Config
    store: Store

    def rows(self, rows: Sequence[object], which: Which = "predictions") -> Taken:
        """Push rows as JSON."""
        return self.body(json.dumps({"rows": rows}).encode(), "json", which)

    def body(self, body: bytes, kind: Format, which: Which = "predictions") -> Taken:
        """Push bytes."""
        return ingest(self.store, self.config.models[0], which, body, kind, NOW)

    def source(self, *columns: str) -> Source:
        """Open what was pushed as a run does."""
        return open_source(self.config.models[0].source, columns=columns, folder=self.config.folder, task="binary")

    def read(self, *columns: str) -> list[dict[str, Any]]:
        """Return what a run would read, by id."""
        found = [row for batch in self.source(*columns).scan() for row in batch.to_pylist()]
        return sorted(found, key=lambda row: (str(row["id"]), str(row.get("score"))))


def push_to(folder: Path, store: str = "sqlite:///monitor.db", features: str = "{infer: true}") -> Config:
    """Write the configuration of a model that is pushed to."""
    text = MODEL.format(store=store, features=features, task="binary")
    return load_text(text, file=str(folder / "monitor.yaml"), env={})


@pytest.fixture(params=["sqlite", "postgresql"])
def push(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Push]:
    """Give a model that is pushed to, on either database."""
    url = "sqlite:///monitor.db"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_database")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"ALTER DATABASE {connection.info.dbname} SET synchronous_commit = on")
    config = push_to(tmp_path, url)
    with opened(config, writing=True) as store:
        apply(config, store, NOW)
        yield Push(config, store)


def row(name: str, **more: object) -> dict[str, object]:
    """Make a row that is right."""
    return {"id": name, "time": "2024-03-02T00:00:00Z", **more}


def arrow(table: pa.Table, **options: Any) -> bytes:
    """Write a table as a stream."""
    sink = BytesIO()
    with pa.ipc.new_stream(sink, table.schema, **options) as writer:
        writer.write_table(table)
    return sink.getvalue()


def test_measurements_are_those_of_any_other_log(world: World, tmp_path: Path) -> None:
    """The same rows, pushed and read from a database, give the same measurements, intervals included."""
    rows = rows_of(7, per_hour=10)
    world.predict(rows)
    world.label(truth_of(rows))
    features = "{numeric: [amount], categorical: [place]}"
    world.model |= {"features": {"numeric": ["amount"], "categorical": ["place"]}, "name": "churn"}
    world.model |= {"reference": {"start": "2024-03-01", "end": "2024-03-05"}}
    world.model["source"]["predictions"]["version"] = "version"
    world.done(START + 8 * DAY)
    folder = tmp_path / "pushed"
    folder.mkdir()
    config = push_to(folder, features=features)
    names = ("id", "time", "version", "prediction", "score", "amount", "place")
    with opened(config, writing=True) as store:
        apply(config, store, NOW)
        push = Push(config, store)
        push.rows([dict(zip(names, (r[0], r[1].isoformat(), *r[2:]), strict=True)) for r in rows])
        push.rows([{"id": i, "time": at.isoformat(), "target": y} for i, at, y in truth_of(rows)], "ground_truth")
        [done] = run(config, store, now=START + 8 * DAY)
        assert done.error is None
        with store.read() as conn:
            pushed = list(measurements.query(conn, model="churn"))
    found = world.found()
    assert len(found) > 500
    assert pushed == found


def test_the_same_rows_again_change_nothing(push: Push) -> None:
    """Whoever hears no answer sends again; rows count once, also beside new ones and in another order."""
    rows = [row(f"p{i}", amount=i, place="A" if i % 2 else None) for i in range(50)]
    assert push.rows(rows) == Taken(accepted=50)
    stamp = push.source().stamp()
    again = [dict(reversed(list(each.items()))) for each in reversed(rows)]
    assert push.rows(again) == Taken(accepted=50, unchanged=50)
    assert push.source().stamp() == stamp
    assert push.rows([*rows, row("more", amount=0.5, fresh="x")]) == Taken(accepted=51, unchanged=50)
    assert (push.source().stamp() != stamp) or push.store.dialect == "postgresql"
    assert len(push.read()) == 51


def test_another_row_of_the_same_id_is_kept_beside(push: Push) -> None:
    """A prediction that comes again with other values is a duplicate, which the reader counts."""
    push.rows([row("a", score=0.1)])
    assert push.rows([row("a", score=0.2)]) == Taken(accepted=1)
    assert [each["score"] for each in push.read()] == [0.1, 0.2]


def test_the_latest_ground_truth_counts(push: Push) -> None:
    """Ground truth may come before its prediction, late, and again when it was wrong."""
    push.rows([{"id": "a", "time": "2024-03-09T00:00:00Z", "target": 1}], "ground_truth")
    push.rows([row("a", score=0.1), row("b", score=0.2)])
    push.rows([{"id": "a", "time": "2024-03-05T00:00:00Z", "target": 0}], "ground_truth")
    assert [each["target"] for each in push.read()] == [1, None]
    push.rows([{"id": "a", "time": "2024-03-10T00:00:00Z", "target": 0}], "ground_truth")
    push.rows([{"id": "nobody", "time": "2024-03-10T00:00:00Z", "target": 0}], "ground_truth")
    assert [each["target"] for each in push.read()] == [0, None]
    assert push.source().orphans() == 1


def test_ground_truth_without_a_time(tmp_path: Path) -> None:
    """Where no time is mapped, the ground truth that came last counts."""
    text = MODEL.format(store="sqlite:///monitor.db", features="{infer: true}", task="binary")
    config = load_text(text.replace("{id, time, target}", "{id, target}"), file=str(tmp_path / "m.yaml"), env={})
    with opened(config, writing=True) as store:
        apply(config, store, NOW)
        push = Push(config, store)
        push.rows([row("a", score=0.1)])
        for hour, target in enumerate((0, 1, 0)):
            body = json.dumps({"rows": [{"id": "a", "target": target}]}).encode()
            ingest(store, config.models[0], "ground_truth", body, "json", NOW + timedelta(hours=hour))
            if hour < 2:
                assert [(each["target"], each["target_time"]) for each in push.read()] == [
                    (target, NOW + timedelta(hours=hour))
                ]
        assert push.read()[0]["target"] == 1  # the first answer again is no news: it was there before


def test_good_rows_are_kept_beside_bad_ones(push: Push) -> None:
    """Each row that is not taken is told by its place, its field and what to do."""
    push.rows([row("first", amount=1.5, flag=True)])
    taken = push.rows([
        row("good", amount=2), 7, {"time": "2024-03-02T00:00:00Z"}, row("a", amount="many"), row("b", amount=[1]),
        {"id": "c", "time": "soon"}, {"id": "d", "time": "2024-03-02T00:00:00"}, row("e", flag=3),
        row(""), row("f" * 501), row("g", text="a\0b"), row("h", text="\ud800"), row("i", text="x" * 8193),
        {**row("j"), "": 1}, {**row("k"), "n" * 201: 1}, row("l", amount=2**53 + 1), row("m", amount=10**400),
        row("fine", amount=None, text="Größe; DROP TABLE x --"),
    ])  # fmt: skip
    assert (taken.accepted, taken.rejected) == (2, 16)
    assert [fault.index for fault in taken.faults] == list(range(1, 17))
    said = {fault.index: (fault.field, fault.detail) for fault in taken.faults}
    assert said[3] == ("amount", "is text, and the column holds numbers: send numbers, or rename the column")
    assert said[2] == ("id", "is missing: every row needs it")
    assert "time zone" in said[6][1]
    assert [each["id"] for each in push.read()] == ["fine", "first", "good"]


def test_columns_take_what_comes_first(push: Push) -> None:
    """Types are those of the first values; fractions widen whole numbers, and what is missing decides nothing."""
    push.rows([row("a", whole=1, big=2**53 + 1, truth=True, text="x", nothing=None, odd=float("nan"))])
    taken = push.rows([row("b", whole=2.5, big=2**60, truth=False, text=7, nothing="now", odd=float("inf"))])
    assert taken == Taken(accepted=1)
    names = ("whole", "big", "truth", "text", "nothing", "odd")
    first, second = push.read(*names)
    assert [first[f"column:{name}"] for name in names] == [1.0, 2**53 + 1, True, "x", None, None]
    assert [second[f"column:{name}"] for name in names] == [2.5, 2**60, False, "7", "now", float("inf")]
    assert push.rows([row("c", big=0.5)]).faults[0].detail.startswith("is no whole number")
    assert push.rows([row("d", big=2**64)]).faults[0].detail == "is beyond 64 bits: send it as text, in another column"


def test_a_row_in_another_spelling_is_the_same_row(push: Push) -> None:
    """1 and 1.0 are one value, also when the column has widened since, and so are two spellings of an instant."""
    push.rows([row("a", whole=1, zero=0.0, big=2**53 + 1)])
    push.rows([row("b", whole=0.5, zero=1.5, big=2**53)])
    again = {"id": "a", "time": "2024-03-02T01:00:00+01:00", "whole": 1.0, "zero": -0.0, "big": 2**53 + 1}
    assert push.rows([again]) == Taken(accepted=1, unchanged=1)
    assert push.rows([again | {"big": 2**53 + 2}]) == Taken(accepted=1)


def test_classes_keep_their_type(push: Push) -> None:
    """A prediction is what came first; 1, 1.0, "1" and true are the same class afterwards."""
    push.rows([row("a", prediction=None), row("b", prediction=1)])
    push.rows([row("c", prediction="0"), row("d", prediction=True), row("e", prediction=1.0)])
    assert [each["prediction"] for each in push.read()] == [None, 1, 0, 1, 1]
    assert push.rows([row("f", prediction="cat")]).rejected == 1


def test_ids_are_text(push: Push) -> None:
    """An id that is a number here and text there is one id."""
    push.rows([row("x") | {"id": 42}])
    push.rows([{"id": "42", "time": "2024-03-05T00:00:00Z", "target": 1}], "ground_truth")
    assert [(each["id"], each["target"]) for each in push.read()] == [("42", 1)]


TEXTS = [
    "",
    " ",
    '"',
    "a,b",
    "a\nb\r\n",
    "\\N",
    "\\.",
    "NULL",
    "'; --",
    "%s",
    "é☃\U0001f600",
    "\ufeff",
    "\x1b[0m",
    "\\json:1",
]


def test_texts_come_back_as_they_were(push: Push) -> None:
    """Whatever text a column holds, and whether it came first or again, it is what was pushed; empty is not missing."""
    rows = [row(f"{at:02}", text=text) for at, text in enumerate(TEXTS)] + [row("99", text=None)]
    assert push.rows(rows[:5]) == Taken(accepted=5)
    assert push.rows(rows) == Taken(accepted=15, unchanged=5)
    assert [each["column:text"] for each in push.read("text")] == [*TEXTS, None]


def test_numbers_come_back_as_they_were(push: Push) -> None:
    """Numbers keep every digit."""
    numbers = [0.1, 1 / 3, 5e-324, 1.7976931348623157e308, -0.5, 123456789.123456789, float("inf"), float("-inf")]
    push.rows([row(f"{at:02}", x=x) for at, x in enumerate(numbers)])
    assert [each["column:x"] for each in push.read("x")] == numbers


HOSTILE = [
    '"; DROP TABLE models; --',
    "a`b",
    "%(x)s",
    "Ünïcode ☃",
    "ROWID",
    "digest",
    "select",
    " ",
    "A",
    "a",
    "c2_time",
]


def test_names_are_hostile(push: Push) -> None:
    """Names of columns are data: they come back as they were, however they look to a database."""
    values = {name: float(at) for at, name in enumerate(HOSTILE)}
    assert push.rows([row("a", **values)]) == Taken(accepted=1)
    [found] = push.read(*HOSTILE)
    assert [found[f"column:{name}"] for name in HOSTILE] == list(values.values())
    assert set(HOSTILE) < set(push.source().schema().names)
    assert migration.check(push.store).is_current


def test_columns_are_bounded(push: Push) -> None:
    """A log that is full takes no further column, but all further rows without one."""
    push.rows([row("a", **{f"x{i}": i for i in range(880)})])
    wide = {f"y{i}": i for i in range(1_100)}
    taken = push.rows([row("b", **wide), row("c", x1=1)])
    assert (taken.accepted, taken.rejected) == (1, 1)
    assert "one column too many" in taken.faults[0].detail
    assert push.rows([row("d", **{f"z{i}": i for i in range(2_001)})]).accepted == 0


def test_lines_are_rows(push: Push) -> None:
    """NDJSON is read line by line; a line that is no JSON is one bad row."""
    lines = [json.dumps(row("a")), "", "{", json.dumps(row("b")), "[" * 100_000, "9" * 5_000]
    taken = push.body("\n".join(lines).encode(), "ndjson")
    assert (taken.accepted, [fault.index for fault in taken.faults]) == (2, [1, 3, 4])


def test_arrow_is_read_as_json_is(push: Push) -> None:
    """A stream of Arrow is the same rows: what came as JSON before is there already."""
    rows = [row(f"p{i}", amount=i / 4, count=i, place=f"é{i % 3}", flag=i % 2 == 0) for i in range(100)]
    push.rows(rows)
    table = pa.Table.from_pylist(rows)
    table = table.set_column(1, "time", pa.array([datetime(2024, 3, 2, tzinfo=UTC)] * 100, pa.timestamp("ms", "UTC")))
    table = table.set_column(4, "place", table.column("place").dictionary_encode())
    assert push.body(arrow(table), "arrow") == Taken(accepted=100, unchanged=100)


def test_parts_of_arrow_that_no_column_takes(push: Push) -> None:
    """Nested values are told row by row; naive times are refused unless the source says where they are from."""
    nested = pa.table({"id": ["a", "b"], "time": [1.7e9, 1.7e9], "x": [[1], None]})
    taken = push.body(arrow(nested), "arrow")
    assert (taken.accepted, taken.faults[0].field) == (1, "x")
    naive = pa.table({"id": ["a"], "time": pa.array([datetime(2024, 3, 2)], pa.timestamp("us"))})  # noqa: DTZ001
    assert "time zone" in push.body(arrow(naive), "arrow").faults[0].detail


def test_faults_of_long_streams_have_their_places(push: Push) -> None:
    """A stream longer than one transaction tells the rows by their places in all of it."""
    number = 10_050
    table = pa.table({
        "id": [f"p{i}" for i in range(number)],
        "time": [1.7e9] * 10_020 + [None] + [1.7e9] * 29,
        "amount": [float(i) for i in range(number)],
    })  # fmt: skip
    taken = push.body(arrow(table), "arrow")
    assert (taken.accepted, [fault.index for fault in taken.faults]) == (number - 1, [10_020])
    assert sum(batch.num_rows for batch in push.source().scan()) == number - 1


def old_words(table: pa.Table) -> bytes:
    """Return a stream of the old format whose batch names a compression as it did then."""
    sink = BytesIO()
    options = pa.ipc.IpcWriteOptions(metadata_version=pa.ipc.MetadataVersion.V4)
    with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
        writer.write_batch(table.to_batches()[0], custom_metadata={"ARROW:experimental_compression": "zstd"})
    return sink.getvalue()


def shared(rows: int, kind: pa.DataType) -> pa.Table:
    """Return rows that all name one long text, which stands in the stream once."""
    texts = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int8()), pa.array(["x" * 1_000_000], kind))
    return pa.table({"id": [f"p{i}" for i in range(rows)], "time": [1.7e9] * rows, "x": texts})


def test_a_list_of_nothing_does_not_unfold(push: Push) -> None:
    """Two billion missing values in some bytes are a nested value like any other."""
    many = pa.ListArray.from_arrays(pa.array([0, 2**31 - 1], pa.int32()), pa.nulls(2**31 - 1))
    taken = push.body(arrow(pa.table({"id": ["a"], "time": [1.7e9], "x": many})), "arrow")
    assert (taken.accepted, "is nested" in taken.faults[0].detail) == (0, True)


def test_texts_that_are_shared_are_taken(push: Push) -> None:
    """A text of many rows that stands in the stream once comes to each of them, of whichever type it is."""
    for at, kind in enumerate((pa.string(), pa.large_string(), pa.string_view())):
        texts = pa.DictionaryArray.from_arrays(pa.array([0, None, 1, 0]), pa.array(["a" * 20, "b"], kind))
        seen = pa.array(["c" * 30, None, "d", "e"], kind)
        table = pa.table({"id": [f"{at}-{i}" for i in range(4)], "time": [1.7e9] * 4, "x": texts, "y": seen})
        assert push.body(arrow(table.slice(1)), "arrow").accepted == 3


PLAIN = pa.table({"id": ["a"], "time": [1.7e9]})
BAD: dict[str, tuple[bytes, Format, str]] = {
    "no JSON": (b"{", "json", "malformed"),
    "not UTF-8": (b'{"rows": ["\xff"]}', "json", "malformed"),
    "too deep": (b"[" * 100_000, "json", "malformed"),
    "a list": (b"[]", "json", "wrong_shape"),
    "no rows": (b'{"rows": {}}', "json", "wrong_shape"),
    "more than rows": (b'{"rows": [], "x": 1}', "json", "wrong_shape"),
    "too many rows": (json.dumps({"rows": [1] * 5_001}).encode(), "json", "too_large"),
    "too many lines": (b"1\n" * 5_001, "ndjson", "too_large"),
    "too many bytes": (b" " * 17_000_000, "json", "too_large"),
    "no Arrow": (b"ARROW1\0\0" + b"x" * 100, "arrow", "malformed"),
    "cut Arrow": (arrow(PLAIN)[:-100], "arrow", "malformed"),
    "compressed Arrow": (arrow(PLAIN, options=pa.ipc.IpcWriteOptions(compression="zstd")), "arrow", "unsupported"),
    "compressed Arrow of old": (old_words(PLAIN), "arrow", "unsupported"),
    "shared texts": (arrow(shared(100, pa.large_string())), "arrow", "too_large"),
    "shared views": (arrow(shared(100, pa.string_view())), "arrow", "too_large"),
    "a name twice": (arrow(pa.table([[1], [2]], names=["a", "a"])), "arrow", "wrong_shape"),
}


@pytest.mark.parametrize("name", BAD)
def test_bodies_that_cannot_be_read(name: str, tmp_path: Path) -> None:
    """A body that is no rows is refused as a whole, with what would be right."""
    body, kind, state = BAD[name]
    config = push_to(tmp_path)
    with opened(config, writing=True) as store:
        apply(config, store, NOW)
        with pytest.raises(IntakeError) as caught:
            Push(config, store).body(body, kind)
    assert caught.value.state == state
    assert caught.value.hint


def test_bits_of_arrow_that_are_flipped(tmp_path: Path) -> None:
    """Whatever bytes somebody sends as Arrow, they are rows or refused: the service does not fall over."""
    config = push_to(tmp_path)
    names = pa.array(["x", None, "y"] * 10).dictionary_encode()
    whole = arrow(pa.table({"id": [f"p{i}" for i in range(30)], "time": [1.7e9] * 30, "place": names}))
    rng = random.Random(5)
    with opened(config, writing=True) as store:
        apply(config, store, NOW)
        for _ in range(300):
            body = bytearray(whole)
            for _ in range(rng.randint(1, 4)):
                body[rng.randrange(len(body))] ^= 1 << rng.randrange(8)
            with suppress(IntakeError):
                Push(config, store).body(bytes(body), "arrow")


def test_a_model_that_is_not_pushed_to(world: World, tmp_path: Path) -> None:
    """Rows for a model that reads a log of its own are refused."""
    from tests.api.conftest import write

    config = write(world)
    with opened(config, writing=True) as store:
        apply(config, store, NOW)
        with pytest.raises(UsageError, match="are not pushed"):
            Push(config, store).rows([])


def test_mapping_another_column_later(push: Push, tmp_path: Path) -> None:
    """A feature that is mapped later gets its column; another id identifies rows from then on."""
    push.rows([row("a", other="o1")])
    text = MODEL.format(store=push.config.store, features="{numeric: [late]}", task="binary")
    text = text.replace("{id, time, version", "{id: other, time, version").replace("{id, time, t", "{id, time, t")
    config = load_text(text, file=str(tmp_path / "monitor.yaml"), env={})
    apply(config, push.store, NOW)
    again = Push(config, push.store)
    assert again.rows([row("a", other="o1", late=1), row("b", other="o2")]) == Taken(accepted=2)
    assert again.rows([row("a", other="o1", late=1), row("b", other="o2")]).unchanged == 2
    assert again.rows([row("c")]).rejected == 1


def test_late_rows_are_seen(push: Push) -> None:
    """Rows and corrections that come after a window was measured revise it."""
    rows = [
        row(f"p{i}", score=i / 100, prediction=i % 2) | {"time": f"2024-03-{1 + i % 6:02}T06:00:00Z"} for i in range(96)
    ]
    truth = [{"id": f"p{i}", "time": "2024-03-08T00:00:00Z", "target": i % 2} for i in range(96)]
    push.rows(rows)
    push.rows(truth, "ground_truth")
    run(push.config, push.store, now=START + 9 * DAY)
    late = [row(f"late{i}", score=0.5, prediction=1) | {"time": "2024-03-06T07:00:00Z"} for i in range(5)]
    push.rows(late)
    push.rows([truth[5] | {"target": 0, "time": "2024-03-09T00:00:00Z"}], "ground_truth")
    [done] = run(push.config, push.store, now=START + 9 * DAY + timedelta(hours=2))
    assert (done.error, done.revised) == (None, 1)
    with push.store.read() as conn:
        found = measurements.query(conn, model="churn", metric="row_count")
        counts = {m.window_start: m.value for m in found if m.group is None and m.version is None}
    assert counts[START + 5 * DAY] == 16 + 5
