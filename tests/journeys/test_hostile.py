"""Logs by strangers and attackers: a clear error or a count for each, and never one thing that harms the others."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitor.cli import main
from tests.blank import put_store

START = datetime(2024, 3, 1, tzinfo=UTC)
DAYS, PER_DAY = 4, 24
LAST = "2024-03-04"
NOW = "2024-03-05T06:00:00Z"
INF = float("inf")
Row = dict[str, Any]
Change = Callable[[int, Row], object]


def rows_of(change: Change = lambda *_: None, *, per_day: int = PER_DAY) -> list[Row]:
    """Make four days of predictions, each row changed in place."""
    made = []
    for i in range(DAYS * per_day):
        score = i * 0.61803398875 % 1
        row = {
            "id": f"p{i}", "at": (START + i * timedelta(days=1) / per_day).isoformat(), "version": "v1",
            "decided": int(score > 0.5), "score": score, "amount": i * 0.7548 % 1 * 100, "place": "ABC"[i * i % 3],
            "happened": int(score + i * 0.3247 % 1 > 1),
        }  # fmt: skip
        change(i, row)
        made.append(row)
    return made


@dataclass
class Place:
    """A folder with a log, a monitor.yaml, and what the commands said."""

    folder: Path
    capture: pytest.CaptureFixture[str]
    models: list[dict[str, Any]] = field(default_factory=list)

    def log(self, rows: list[Row], table: str = "t", name: str = "logs.db") -> None:
        """Write a table whose columns have no type, so that SQLite keeps every value as it is."""
        columns = ", ".join(quoted(column) for column in rows[0])
        connection = sqlite3.connect(self.folder / name)
        connection.execute(f"CREATE TABLE {quoted(table)} ({columns})")
        marks = ", ".join("?" * len(rows[0]))
        connection.executemany(f"INSERT INTO {quoted(table)} VALUES ({marks})", [tuple(row.values()) for row in rows])
        connection.commit()
        connection.close()

    def model(self, name: str = "m", **changed: Any) -> None:
        """Add a model; ``roles`` change what is mapped, None takes away."""
        roles = {
            "table": "t", "id": "id", "time": "at", "prediction": "decided", "score": "score", "target": "happened",
        } | changed.pop("roles", {})  # fmt: skip
        model = {
            "name": name, "task": "binary", "features": {"numeric": ["amount"], "categorical": ["place"]},
            "source": {"url": changed.pop("url", "sqlite:///logs.db"), "predictions": kept(roles)},
            "reference": {"start": "2024-03-01", "end": "2024-03-03"},
        }  # fmt: skip
        model["source"] |= changed.pop("source", {})
        self.models.append(kept(model | changed))
        self.write()

    def write(self, store: str = "sqlite:///monitor.db") -> None:
        """Write monitor.yaml."""
        document = {"store": store, "models": self.models}
        (self.folder / "monitor.yaml").write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")

    def call(self, *arguments: str) -> tuple[int, str, str]:
        """Run a command; never a traceback."""
        code = main([*arguments, "-c", str(self.folder / "monitor.yaml")])
        out, err = self.capture.readouterr()
        assert "Traceback" not in out + err
        assert "unexpected" not in err, err
        return code, out, err

    def run(self) -> str:
        """Run without a fault and return what was said."""
        put_store(self.folder)
        code, out, err = self.call("run", "--now", NOW)
        assert code == 0, err
        return out

    def found(self, *arguments: str) -> list[dict[str, Any]]:
        """Return stored measurements."""
        return [json.loads(line) for line in self.call("measurements", "--json", *arguments)[1].splitlines()]

    def value(self, metric: str, column: str | None = None, model: str = "m") -> float | None:
        """Return a metric's value for all rows of the last day."""
        asked = ("--model", model, "--metric", metric, "--from", LAST, "--group", "null", "--version", "null")
        [one] = [m for m in self.found(*asked) if m["column"] == column]
        return one["value"]  # type: ignore[no-any-return]


@pytest.fixture
def place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Place:
    """Give an empty folder."""
    return Place(tmp_path, capsys)


def quoted(name: str) -> str:
    """Quote a name for SQL."""
    return '"' + name.replace('"', '""') + '"'


def kept(block: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is None."""
    return {key: value for key, value in block.items() if value is not None}


def put(name: str, *values: object) -> Change:
    """Put values into a column, one after the other and again."""
    return lambda i, row: row.update({name: values[i % len(values)]})


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (put("amount", INF, -INF, 1e308, None, "abc", "NaN", 5e-324, 12.5),
         {("missing_rate", "amount"): 3 / 8, ("minimum", "amount"): 5e-324, ("maximum", "amount"): 12.5}),
        (put("amount", None), {("missing_rate", "amount"): 1.0, ("drift_effect", "amount"): 0.0}),
        (put("amount", 7.0), {("drift_effect", "amount"): 0.0, ("mean_shift", "amount"): None}),
        (lambda i, row: row.update(place=2**53 + (i >= 72)), {("unseen_rate", "place"): 1.0}),
        (put("place", 1, "1", b"\xff\xfe", None, True, "", 0.5, "x"), {("missing_rate", "place"): 1 / 8}),
        (lambda i, row: row.update(place=f"c{i}"), {("unseen_rate", "place"): 1.0}),
        (lambda i, row: row.update(id=None if i % 8 == 3 else row["id"]), {("row_count", None): 24.0}),
        (lambda i, row: row.update(score=[-1, 2, None, "x"][i % 4]),
         {("log_loss", None): None, ("missing_rate", "score"): 0.5}),
        (lambda i, row: row.update(happened=i % 3, decided=i % 3),
         {("accuracy", None): 1.0, ("base_rate", None): 1 / 3}),
    ],
)  # fmt: skip
def test_strange_values_are_counted(place: Place, change: Change, expected: dict[tuple[str, str | None], Any]) -> None:
    """Values that are no numbers, too large, all the same or of many types are counted, and the rest is right."""
    place.log(rows_of(change))
    place.model()
    place.run()
    assert {key: place.value(*key) for key in expected} == pytest.approx(expected)


def test_hostile_names(place: Place) -> None:
    """Tables, columns and categories that are SQL, markup or terminal escapes are kept and shown inert."""
    names = ["x'; DROP TABLE t;--", "\x1b[31mred", "new\nline", "\u202ertl", "%s :x {0}", "=cmd()", "a,b", "null", "漢"]
    rows = rows_of(lambda i, row: row.update({name: f"{name}{i % 2}" for name in names}))
    place.log(rows, table='t"; \x1b[2J')
    place.model(roles={"table": 't"; \x1b[2J'}, features={"numeric": [], "categorical": names}, groups=[names[1]])
    said = place.call("validate")[1] + place.run() + place.call("measurements", "--metric", "psi")[1]
    assert "\x1b" not in said
    assert "\u202e" not in said
    assert set(names) <= {m["column"] for m in place.found("--metric", "psi")}
    assert len(place.found("--metric", "recall", "--column", "null", "--from", LAST)) == 3


@pytest.mark.parametrize("never", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00+05:00", "soon", None, b"\xff", 1e300])
def test_rows_without_a_usable_time_are_reported(place: Place, never: object) -> None:
    """One row whose time is none is said to be in no window; all others are measured."""
    place.log(rows_of(lambda i, row: row.update(at=never if i == 40 else row["at"])))
    place.model()
    assert "1 row is in no window" in place.call("validate")[1]
    assert "1 row is in no window" in place.run()
    assert sum(m["value"] for m in place.found("--metric", "row_count")) == DAYS * PER_DAY - 1


@pytest.mark.parametrize("never", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"])
def test_files_with_times_at_the_ends_of_the_calendar(place: Place, never: str) -> None:
    """A file's one impossible time does not hide its other rows."""
    rows = rows_of(lambda i, row: row.update(at=never if i == 40 else row["at"]))
    (place.folder / "a.jsonl").write_text("\n".join(map(json.dumps, rows)))
    place.model(url="jsonl:///a.jsonl", roles={"table": None})
    assert "1 row is in no window" in place.run()
    assert sum(m["value"] for m in place.found("--metric", "row_count")) == DAYS * PER_DAY - 1


def test_a_zero_time_does_not_make_decades_of_windows(place: Place) -> None:
    """A row of 1970 in a log of today is an error that says how to go on, and `start:` does so."""
    place.log(rows_of(lambda i, row: row.update(at=0 if i == 40 else row["at"])))
    place.model()
    code, _, err = place.call("run", "--now", NOW)
    assert code == 1
    assert "first row is of 1970-01-01" in err
    place.models.clear()
    place.model(start="2024-03-01")
    place.run()
    assert place.value("row_count") == PER_DAY


def test_a_version_for_every_row_is_none(place: Place) -> None:
    """A version column that is unique by row gives totals only, and says so."""
    place.log(rows_of(lambda i, row: row.update(version=f"v{i}"), per_day=150))
    place.model(roles={"version": "version"})
    assert "version column is empty or has over 100 values" in place.run()
    assert {m["version"] for m in place.found("--metric", "row_count")} == {None}
    assert place.value("row_count") == 150


def test_a_class_for_every_row(place: Place) -> None:
    """An id mistaken for the target of a multiclass model is slow nowhere: cells without rows are not looked at."""
    change = lambda i, row: row.update(happened=f"c{i}", decided=f"c{i - i % 2}")  # noqa: E731
    place.log(rows_of(change, per_day=250))
    place.model(task="multiclass", roles={"score": None})
    place.run()
    assert place.value("accuracy") == 0.5
    assert len(place.found("--metric", "confusion_count", "--from", LAST)) == 250


def test_another_positive_class_is_noticed(place: Place) -> None:
    """Classes that are not the configured positive one make every row negative; the first run says so."""
    place.log(rows_of(lambda i, row: row.update(happened=["no", "yes"][row["happened"]])))
    place.model()
    assert "no target of the reference is positive_class '1'; they are 'no', 'yes'" in place.run()


def test_a_huge_value_is_shown(place: Place) -> None:
    """A category of a megabyte neither stops a run nor the table that shows it."""
    place.log(rows_of(put("place", "x" * 1_000_000, "b")))
    place.model(groups=["place"])
    place.run()
    code, out, _ = place.call("measurements", "--metric", "recall")
    assert code == 0
    assert max(map(len, out.splitlines())) < 300


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"roles": {"table": "tt"}}, "no table 'tt'"),
        ({"roles": {"score": "scor"}}, "did you mean `score`"),
        ({"groups": ["nobody"]}, "no column 'nobody'"),
        ({"url": "sqlite:///nowhere.db"}, "there is no SQLite file"),
        ({"url": "sqlite:///monitor.yaml"}, "not a database"),
        ({"url": "postgresql://u:s3cret@127.0.0.1:1/d"}, "check host, port and network"),
        ({"url": "postgresql://u:s3cret@no-such-host.invalid/d"}, "check the host's name"),
        ({"url": "csv:///none.csv", "roles": {"table": None}}, "no file matches"),
        ({"url": "csv:///ragged.csv", "roles": {"table": None}}, "cannot read"),
        ({"url": "parquet:///broken.parquet", "roles": {"table": None}}, "cannot read"),
        ({"reference": {"path": "none.csv"}}, "no file matches"),
        ({"roles": {"table": "naive"}}, "without a time zone"),
    ],
)
def test_a_broken_log_harms_its_model_only(place: Place, changed: dict[str, Any], words: str) -> None:
    """What is missing, unreachable or damaged is named with its cure, without passwords; other models go on."""
    place.log(rows_of())
    place.log(rows_of(lambda _, row: row.update(at=row["at"][:19])), table="naive")
    (place.folder / "ragged.csv").write_text("id,at\np1,2024-03-01\np2,2024-03-01,more\n")
    (place.folder / "broken.parquet").write_bytes(b"PAR1 and no more")
    place.model("bad", **changed)
    place.model("good")
    for command in (["validate"], ["run", "--now", NOW]):
        code, out, err = place.call(*command)
        assert code == 1
        assert words in err
        assert "hint:" in err
        assert "s3cret" not in out + err
    assert place.value("row_count", model="good") == PER_DAY


@pytest.mark.parametrize("content", [b"hello" * 999, b"SQLite format 3\0" + b"\0" * 99])
def test_a_store_that_is_no_database(place: Place, content: bytes) -> None:
    """Every command says that the store is no database, and leaves the file as it was."""
    place.log(rows_of())
    place.model()
    (place.folder / "monitor.db").write_bytes(content)
    for command in (["run"], ["status"], ["db", "check"]):
        code, _, err = place.call(*command)
        assert code == 1
        assert "store" in err
    assert (place.folder / "monitor.db").read_bytes() == content


def test_empty_and_single(place: Place) -> None:
    """A log without rows waits; its first row is a window of one."""
    place.log(rows_of())
    connection = sqlite3.connect(place.folder / "logs.db")
    connection.execute("DELETE FROM t WHERE id <> 'p72'")
    connection.execute("UPDATE t SET id = NULL")
    connection.execute("CREATE TABLE none AS SELECT * FROM t WHERE 0")
    connection.commit()
    connection.close()
    place.model("none", roles={"table": "none"})
    place.model(reference={"start": LAST, "end": "2024-03-05"})
    assert "the log has no rows yet" in place.run()
    assert place.value("row_count") == 1
    assert place.value("roc_auc") is None


def test_killed_and_beside_itself(place: Place) -> None:
    """Runs that are killed, interrupted or doubled leave what one quiet run leaves."""
    place.log(rows_of(per_day=2400))
    place.model()
    place.model("n")
    command = [sys.executable, "-c", "from monitor.cli import main; raise SystemExit(main())", "run", "--now", NOW]

    def started() -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, cwd=place.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    for stop in (signal.SIGKILL, signal.SIGINT):
        one = started()
        while one.poll() is None and not (place.folder / "monitor.db").exists():
            pass
        one.send_signal(stop)
        assert b"Traceback" not in one.communicate(timeout=600)[1]
    both = [started(), started()]
    assert [(one.communicate(timeout=600), one.returncode)[1] for one in both] == [0, 0]
    found = place.found("--all-revisions")
    (place.folder / "monitor.db").unlink()
    place.run()
    quiet = place.found("--all-revisions")
    assert sorted(map(str, found)) == sorted(map(str, quiet))  # who named a series first decides their order
