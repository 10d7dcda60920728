"""Many models in one file: they share tables, bear hostile names, and do not harm each other."""

from __future__ import annotations

import sqlite3
from copy import deepcopy

import pytest

from tests.service.conftest import DAY, HOUR, START, World, rows_of, truth_of

EVIL = "a'; DROP TABLE predictions; --"


def test_models_in_one_table_are_told_apart(world: World) -> None:
    """``where`` keeps each model's rows, and each is measured as if it were alone."""
    rows = rows_of(4)
    world.predict([(*row[:2], "one" if i % 3 else "two", *row[3:]) for i, row in enumerate(rows)])
    world.model["source"]["predictions"]["where"] = {"version": "one"}
    other = deepcopy(world.model) | {"name": "n"}
    other["source"]["predictions"]["where"] = {"version": "two"}
    world.more.append(other)
    assert [d.error for d in world.run(START + 4 * DAY)] == [None, None]
    assert list(world.values("row_count").values()) == [32.0] * 4
    assert list(world.values("row_count", model="n").values()) == [16.0] * 4


def test_a_broken_model_does_not_stop_the_others(world: World) -> None:
    """A missing table is that model's fault alone; its windows fill once it is there."""
    world.predict(rows_of(4))
    whole = deepcopy(world.model) | {"name": "whole"}
    world.model["source"]["predictions"]["table"] = "nowhere"
    world.more.append(whole)
    broken, fine = world.run(START + 4 * DAY)
    assert broken.error is not None
    assert "nowhere" in broken.error.message
    assert (fine.error, fine.windows) == (None, 4)
    world.execute("CREATE VIEW nowhere AS SELECT * FROM predictions")
    mended, again = world.run(START + 4 * DAY)
    assert (mended.error, mended.windows, again.windows) == (None, 4, 0)


def test_a_column_of_nonsense_does_not_harm_the_others(world: World) -> None:
    """A column that is null throughout, and one that is text where a number was meant, are measured as missing."""
    world.execute("ALTER TABLE predictions ADD COLUMN void TEXT; ALTER TABLE predictions ADD COLUMN word TEXT;")
    rows = rows_of(4)
    words = ["x", "1e308", "-1e308", "inf", "nan", "", None, "12", "1_000"]
    marks = "INSERT INTO predictions VALUES (?,?,?,?,?,?,?,NULL,?)"
    world.execute(marks, [(r[0], r[1].isoformat(), *r[2:], words[i % 9]) for i, r in enumerate(rows)])
    world.model["features"] = {"numeric": ["amount", "void", "word"], "categorical": ["place"]}
    world.done(START + 4 * DAY)
    assert world.values("missing_rate", column="void")[START + 3 * DAY] == 1.0
    assert 0.4 < (world.values("missing_rate", column="word")[START + 3 * DAY] or 0) < 0.8
    assert world.values("psi", column="amount")[START + 3 * DAY] is not None


def test_hostile_names_are_only_names(world: World) -> None:
    """Columns, categories, versions and models may be called anything."""
    quoted = '"a""b; --"'
    world.execute(f"ALTER TABLE predictions RENAME COLUMN place TO {quoted}")
    evil = [EVIL, "<script>alert(1)</script>", "名前×\u202e", "=1+1", '{"origin": 1}', "", " ", "NULL", "a\nb"]
    rows = [(*r[:2], evil[i % 3], *r[3:6], evil[i % 9]) for i, r in enumerate(rows_of(4))]
    world.predict(rows)
    world.label(truth_of(rows))
    name = "модель '\"; --<b>"
    world.model |= {"name": name, "groups": ['a"b; --'], "segments": ['a"b; --']}
    world.model["features"] = {"numeric": ["amount"], "categorical": ['a"b; --']}
    world.model["source"]["predictions"]["version"] = "version"
    world.done(START + 4 * DAY)
    found = world.found(metric="accuracy", start=START + 3 * DAY)
    groups = {m.group['a"b; --'] for m in found if m.group and m.version is None}
    assert groups == {*evil}
    assert {m.version for m in found} == {None, *evil[:3]}
    assert world.values("psi", column='a"b; --')[START + 3 * DAY] == pytest.approx(0, abs=0.3)
    with sqlite3.connect(world.path) as log:
        assert log.execute("SELECT count(*) FROM predictions").fetchone() == (192,)
    log.close()


def test_groups_segments_and_intersections_are_named_by_their_attributes(world: World) -> None:
    """Attributes stand in the order of the file, values are text, missing is null; nothing is measured twice."""
    world.execute("ALTER TABLE predictions ADD COLUMN flag BOOLEAN")
    rows = rows_of(4)
    marks = "INSERT INTO predictions VALUES (?,?,?,?,?,?,?,?)"
    flags = [None, 0, 1]
    world.execute(marks, [(r[0], r[1].isoformat(), *r[2:], flags[i % 3]) for i, r in enumerate(rows)])
    world.label(truth_of(rows))
    world.model |= {"groups": ["flag", ["flag", "place"]], "segments": ["flag"], "fairness": {"min_group_size": 2}}
    world.done(START + 4 * DAY)
    found = world.found(start=START + 3 * DAY)
    accuracy = [m.group for m in found if m.metric == "accuracy" and m.group]
    assert sorted(str(g["flag"]) for g in accuracy if len(g) == 1) == ["None", "false", "true"]
    assert {tuple(g) for g in accuracy} == {("flag",), ("flag", "place")}
    drift = {str(m.group["flag"]) for m in found if m.metric == "psi" and m.column == "amount" and m.group}
    assert drift == {"false", "true", "None"}
    gaps = {m.column for m in found if m.metric == "demographic_parity_difference"}
    assert gaps == {"flag", "flag×place"}


def test_classes_stand_in_the_group(world: World) -> None:
    """Values per class carry ``class``, inside a segment both keys; a class score is the column ``score``."""
    world.model |= {"task": "multiclass", "segments": ["place"]}
    world.model["source"]["predictions"]["score"] = {"0": "score", "1": "amount"}
    rows = [(*r[:3], i % 2, r[4], 1 - r[4], "AB"[i % 2]) for i, r in enumerate(rows_of(4))]
    world.predict(rows)
    world.label(truth_of(rows))
    world.model["features"] = {"numeric": [], "categorical": ["place"]}
    world.done(START + 4 * DAY)
    found = world.found(start=START + 3 * DAY)
    groups = [m.group for m in found if m.metric == "recall"]
    assert {"class": "0"} in groups
    assert {"place": "A", "class": "1"} in groups
    scores = [m.group for m in found if m.metric == "psi" and m.column == "score"]
    assert {"class": "0"} in scores
    assert {"place": "B", "class": "1"} in scores


def test_versions_have_rows_of_their_own_and_missing_ones_none(world: World) -> None:
    """Rows without a version count in the total only."""
    world.model["source"]["predictions"]["version"] = "version"
    rows = [(*r[:2], ["a", "b", None][i % 3], *r[3:]) for i, r in enumerate(rows_of(4))]
    world.predict(rows)
    world.done(START + 4 * DAY)
    found = {m.version: m.value for m in world.found(metric="row_count", start=START + 3 * DAY)}
    assert found == {None: 48, "a": 16, "b": 16}


def test_a_feature_may_bear_the_name_of_a_role(world: World) -> None:
    """A feature called ``score`` is written ``feature:score``."""
    world.predict(rows_of(4))
    world.model["source"]["predictions"]["score"] = "amount"
    world.model["features"] = {"numeric": ["score", "amount"]}
    world.done(START + 4 * DAY)
    assert {m.column for m in world.found(metric="psi")} >= {"score", "feature:score", "amount"}


def test_rows_read_once_more_by_time_are_the_latest(world: World) -> None:
    """An id twice in an hour counts once, by its latest row; ``duplicate_rate`` says how many were surplus."""
    world.execute("CREATE TABLE doubled AS SELECT * FROM predictions")
    rows = rows_of(4)
    at = START + 3 * DAY
    twice = [(r[0], r[1] + HOUR / 10, None, 1 - r[3], 1 - r[4], 1000.0, "Z") for r in rows if r[1] >= at]
    log = [(r[0], r[1].isoformat(), *r[2:]) for r in [*twice, *rows]]
    world.execute("INSERT INTO doubled VALUES (?,?,?,?,?,?,?)", log)
    world.model["source"]["predictions"]["table"] = "doubled"
    world.done(START + 4 * DAY)
    assert world.values("row_count") == dict.fromkeys((START + i * DAY for i in range(4)), 48.0)
    assert world.values("duplicate_rate")[at] == 0.5
    assert world.values("minimum", column="amount")[at] == 1000.0
    assert world.values("unseen_rate", column="place")[at] == 1.0
    assert world.done(START + 4 * DAY).revised == 0


def test_rows_without_an_id_all_count(world: World) -> None:
    """Nothing says that two rows without an id are the same."""
    world.execute("CREATE TABLE nameless AS SELECT * FROM predictions")
    log = [(None if i % 2 else r[0], r[1].isoformat(), *r[2:]) for i, r in enumerate(rows_of(4, per_hour=4))]
    world.execute("INSERT INTO nameless VALUES (?,?,?,?,?,?,?)", log)
    world.model["source"]["predictions"]["table"] = "nameless"
    world.done(START + 4 * DAY)
    assert set(world.values("row_count").values()) == {96.0}
    assert set(world.values("duplicate_rate").values()) == {0.0}


def test_labels_before_their_prediction_are_accepted_and_told(world: World) -> None:
    """Ground truth stamped earlier counts, and ``early_target_rate`` says how much of it."""
    rows = rows_of(4)
    world.predict(rows)
    truth = truth_of(rows)
    world.label([(i, at - DAY if n % 4 == 0 else at, y) for n, (i, at, y) in enumerate(truth)])
    world.done(START + 4 * DAY)
    assert set(world.values("early_target_rate").values()) == {0.25}
    assert set(world.values("target_coverage").values()) == {1.0}
