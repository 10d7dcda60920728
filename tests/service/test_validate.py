"""Validating: every fault of every model, of the file and of the log, before anything is counted."""

from __future__ import annotations

import pandas as pd
import pytest
import yaml

from monitor.config import load
from monitor.service.checking.validate import Verdict, validate
from tests.service.conftest import DAY, START, World, rows_of, truth_of


@pytest.fixture
def filled(world: World) -> World:
    """Give a world with four days of rows."""
    rows = rows_of(4)
    world.predict(rows)
    world.label(truth_of(rows))
    return world


def verdicts(world: World) -> list[Verdict]:
    """Validate what a world says now."""
    file = world.folder / "monitor.yaml"
    file.write_text(yaml.safe_dump({"models": [world.model, *world.more]}, sort_keys=False), encoding="utf-8")
    return list(validate(load(file)))


def said(world: World) -> str:
    """Return every fault of one model as text."""
    [one] = verdicts(world)
    return "\n".join(map(str, [*one.errors, *one.faults]))


def test_all_is_well(filled: World) -> None:
    """A file and a log that belong together have no fault; nothing is stored."""
    [one] = verdicts(filled)
    assert (one.errors, one.faults, one.exit_code, one.features) == ([], [], 0, 2)
    assert one.extent == (START, START + 4 * DAY - DAY / 48)
    assert not (filled.folder / "monitor.db").exists()


def test_missing_columns_and_tables(filled: World) -> None:
    """What is mapped and not there is named with what was probably meant."""
    filled.model["features"] = {"numeric": ["amuont"]}
    assert "did you mean `amount`?" in said(filled)
    filled.model["source"]["predictions"]["table"] = "prediction"
    assert "did you mean `predictions`?" in said(filled)


def test_naive_times(filled: World) -> None:
    """Times without a zone and without ``timezone`` are refused, with the cure."""
    filled.execute("UPDATE predictions SET at = replace(at, '+00:00', '')")
    assert "timezone" in said(filled)
    filled.model["source"]["timezone"] = "Europe/Berlin"
    assert said(filled) == ""


def test_every_model_is_looked_at(filled: World) -> None:
    """A fault of the first model hides none of the second."""
    other = yaml.safe_load(yaml.safe_dump(filled.model)) | {"name": "other"}
    filled.model["source"]["url"] = "sqlite:///gone.db"
    other["features"] = {"categorical": ["plaice"]}
    filled.more = [other]
    first, second = verdicts(filled)
    assert "gone.db" in str(first.errors[0])
    assert "plaice" in str(second.errors[0])
    assert (first.exit_code, second.exit_code) == (1, 1)


def test_a_reference_without_rows(filled: World) -> None:
    """A period before the log, and a file that is not there, are faults; one still to come is not."""
    filled.model["reference"] = {"start": "2020-01-01", "end": "2020-02-01"}
    assert "choose a period inside" in said(filled)
    filled.model["reference"] = {"path": "nowhere.parquet"}
    assert "nowhere.parquet" in said(filled)
    filled.model["reference"] = {"start": "2030-01-01", "end": "2030-02-01"}
    [one] = verdicts(filled)
    assert not one.errors
    assert "no rows yet" in one.remarks[0]
    del filled.model["reference"]
    [one] = verdicts(filled)
    assert "first 14 days" in one.remarks[0]


def test_a_reference_file(filled: World) -> None:
    """A reference of its own needs the features and rows, no time."""
    path = filled.folder / "reference.parquet"
    pd.DataFrame({"amount": [1.0, 2.0], "place": ["A", "B"]}).to_parquet(path)
    filled.model["reference"] = {"path": "reference.parquet"}
    assert said(filled) == ""
    pd.DataFrame({"amount": [1.0, 2.0]}).to_parquet(path)
    assert "place" in said(filled)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"metric": "roc_acu", "below": 0.7}, "did you mean roc_auc?"),
        ({"metric": "mean_absolute_error", "above": 3}, "is not measured for binary models"),
        ({"metric": "psi", "columns": ["amount", "plaice"], "above": 0.2}, 'no column "plaice"'),
        ({"metric": "demographic_parity_difference", "column": "place", "above": 0.1}, 'no column "place"'),
    ],
)
def test_names_in_rules(filled: World, rule: dict[str, object], words: str) -> None:
    """A rule's metric and columns must exist; its line is named."""
    filled.model["features"] = {"numeric": ["amount"]}
    filled.model["rules"] = [rule]
    [one] = verdicts(filled)
    [fault] = one.faults
    assert words in str(fault)
    assert fault.line is not None
    assert fault.field.startswith("models[0].rules[0].")
    assert one.exit_code == 2


@pytest.mark.parametrize(
    "rule",
    [
        {"metric": "psi", "columns": "*", "above": 0.2},
        {"metric": "psi", "columns": "am*", "above": 0.2},
        {"metric": "drift_effect", "columns": ["score"], "above": 0.2},
        {"metric": "demographic_parity_difference", "column": "place", "above": 0.1},
        {"metric": "estimated_roc_auc", "below": 0.6},
        {"metric": "evidently.DriftedColumnsCount", "above": 3},
    ],
)
def test_rules_that_are_right(filled: World, rule: dict[str, object]) -> None:
    """Patterns, outputs, groups, estimates and Evidently's metrics are names too."""
    filled.model["groups"] = ["place"]
    filled.model["rules"] = [rule]
    assert said(filled) == ""


def notes(world: World) -> str:
    """Return the remarks on one model as text; nothing may be wrong."""
    [one] = verdicts(world)
    assert not one.errors
    return "\n".join(one.remarks)


def test_a_wrong_positive_class_is_foreseen(filled: World) -> None:
    """A class that no target is, is a fault, said with those there are and the one that was probably meant."""
    filled.model["positive_class"] = "yes"
    [one] = verdicts(filled)
    assert one.exit_code == 1
    words = said(filled).replace("'1', '0'", "'0', '1'")
    assert "no target among the 144 rows looked at is positive_class 'yes'; they are '0', '1'" in words
    assert "did you mean `1`?" in words


def test_a_forgotten_positive_class_is_a_fault(filled: World) -> None:
    """Labels in words and no ``positive_class`` can give no number; the word for yes is proposed."""
    filled.execute("UPDATE outcomes SET happened = CASE happened WHEN 1 THEN 'ja' ELSE 'nein' END")
    assert "is positive_class '1'" in said(filled)
    assert "did you mean `ja`?" in said(filled)
    filled.model["positive_class"] = "Nein"
    assert "did you mean `nein`?" in said(filled)
    filled.model["positive_class"] = "ja"
    assert said(filled) == ""


def test_one_class_among_the_rows_is_no_fault(filled: World) -> None:
    """While nothing positive has been seen, nothing is known to be wrong."""
    filled.execute("UPDATE outcomes SET happened = 0")
    assert "is positive_class '1'; they are '0'" in notes(filled)


def test_a_target_that_is_an_id_is_said(filled: World) -> None:
    """Ground truth mapped to the ids, or to a column with a value for every row, is called what it is."""
    truth = filled.model["source"]["ground_truth"]
    filled.model |= {"task": "multiclass"}
    del filled.model["source"]["predictions"]["score"]
    good = truth["target"]
    truth["target"] = truth["id"]
    assert f"the target is the column of ids, {truth['id']!r}" in notes(filled)
    filled.execute("ALTER TABLE outcomes ADD COLUMN receipt TEXT; UPDATE outcomes SET receipt = 'r' || rowid")
    truth["target"] = "receipt"
    assert "the target 'receipt' has another value in each of the 144 rows looked at: is it an id?" in notes(filled)
    filled.model |= {"task": "binary"}
    assert "each row has a target of its own" in said(filled)
    truth["target"] = good
    assert said(filled) == ""


def test_scores_that_are_no_probabilities_are_foreseen(filled: World) -> None:
    """A column of amounts mapped as the score of a binary model is said with its range."""
    filled.model["source"]["predictions"]["score"] = "amount"
    assert "among the 144 rows looked at lie outside 0 to 1, they go from " in notes(filled)
    filled.model["source"]["predictions"]["score"] = "score"
    assert "lie outside" not in notes(filled)


def test_a_forgotten_decimal_comma_is_a_fault(filled: World) -> None:
    """Numbers with a comma, of which none can be read, bring the setting that reads them."""
    rows = "id;at;decided;score;amount\n" + "".join(f"p{i};2024-03-01T{i:02}:00:00Z;0;0.5;{i},5\n" for i in range(24))
    (filled.folder / "logs.csv").write_text(rows, encoding="utf-8")
    predictions = {"id": "id", "time": "at", "prediction": "decided", "score": "score"}
    filled.model["source"] = {"url": "csv:///logs.csv", "csv": {"delimiter": ";"}, "predictions": predictions}
    filled.model["features"] = {"numeric": ["amount"]}
    assert "column 'amount': none of its 24 values among the 24 rows looked at can be read" in said(filled)
    assert 'write `csv: {decimal: ","}`' in said(filled)
    filled.model["source"]["csv"]["decimal"] = ","
    filled.model["source"]["predictions"].pop("score")
    assert said(filled) == ""


def test_a_first_row_decades_back_is_foreseen(filled: World) -> None:
    """What a run refuses is refused here, in the same words."""
    filled.execute("INSERT INTO predictions VALUES ('old', '1970-01-01T00:00:00+00:00', NULL, 1, 0.5, 1, 'A')")
    assert "54 years before the last" in said(filled)
    assert filled.run(START + 6 * DAY)[0].error is not None


def test_numbers_that_are_none_are_foreseen(filled: World) -> None:
    """A feature of words that is called numeric is said with how many of its values are numbers."""
    filled.execute("UPDATE predictions SET amount = 'big' WHERE decided = 1")
    assert "column 'amount'" in notes(filled)
    assert "values among the 144 rows looked at can be read as numbers" in notes(filled)
    filled.model["features"] = {"numeric": ["place"]}
    assert "column 'place': none of its 144 values among the 144 rows looked at can be read" in said(filled)
    assert "categorical" in said(filled)


def test_the_target_of_a_regression_must_be_numbers(filled: World) -> None:
    """Ground truth that is text is said."""
    filled.model |= {"task": "regression"}
    del filled.model["source"]["predictions"]["score"]
    filled.execute("UPDATE outcomes SET happened = 'late'")
    assert "column 'target': none of its 144 values" in said(filled)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("upper(id)", "is id 'p03010000' there the 'P03010000' of"),
        ("id || '.0'", "is id 'p03010000' there the 'p03010000.0' of"),
        ("'x' || rowid", "nor does any id of 192 rows of"),
    ],
)
def test_ids_that_never_meet_are_foreseen(filled: World, change: str, words: str) -> None:
    """Ground truth that belongs to no row looked at is said, with a pair that is written in two ways."""
    filled.execute(f"UPDATE outcomes SET id = {change}")
    assert "ground truth: 0 of the 144 rows looked at have any" in notes(filled)
    assert words in notes(filled)


def test_numbers_and_padded_text_are_one_id(world: World) -> None:
    """The prediction 1 and the ground truth '0001' are recognised."""
    rows = rows_of(1)
    world.predict([(str(i + 1), *row[1:]) for i, row in enumerate(rows)])  # type: ignore[misc]
    world.label([(f"{i + 1:04}", *row[1:]) for i, row in enumerate(truth_of(rows))])
    assert "is id '1' there the '0001' of" in notes(world)


def test_thousands_of_groups_are_foreseen(world: World) -> None:
    """Attributes with a value of their own for every row are said, whether for groups or for segments."""
    rows = rows_of(1, per_hour=60)
    world.predict([(*row[:6], f"place {i}") for i, row in enumerate(rows)])
    world.model |= {"groups": [["place"]], "segments": ["place"]}
    assert "groups by 'place': 1,440 values among the 1,440 rows looked at" in notes(world)
    assert "segments by 'place': 1,440 values" in notes(world)


def test_declared_times_are_no_inferred_features(filled: World) -> None:
    """SQLite keeps a DATETIME as text; as a feature it would drift for ever, so it is left out and said."""
    filled.execute(
        'ALTER TABLE predictions ADD COLUMN updated DATETIME; ALTER TABLE predictions ADD COLUMN "on" TIMESTAMP;'
        'UPDATE predictions SET updated = at, "on" = at'
    )
    filled.model["features"] = {"infer": True}
    [one] = verdicts(filled)
    assert one.features == 3, "version, amount and place"
    left_out = "no features, since instants always move on: 'updated', 'on'; list them under `features:` to count them"
    assert left_out in one.remarks
    assert left_out in filled.done(START + 6 * DAY).remarks
    assert filled.values("row_count", column=None)
    filled.model["features"] = {"infer": True, "exclude": ["updated", "on"]}
    assert "instants" not in notes(filled)


def test_a_version_for_every_row_is_foreseen(world: World) -> None:
    """A version column that is an id in truth is said as a run says it."""
    rows = rows_of(0.5, per_hour=240)
    world.predict([(f"p{i}", row[1], f"v{i}", *row[3:]) for i, row in enumerate(rows)])  # type: ignore[misc]
    world.model["source"]["predictions"]["version"] = "version"
    assert "the version column is empty or has over 100 values" in notes(world)
    world.execute("UPDATE predictions SET version = 'v1'")
    assert "version column" not in notes(world)


def test_some_thousand_rows_are_looked_at(world: World) -> None:
    """However many rows there are, the cost stays that of ten thousand."""
    world.predict([(f"p{i}", *row[1:]) for i, row in enumerate(rows_of(2, per_hour=300))])  # type: ignore[misc]
    assert "0 of the 10,000 rows looked at have any, and table 'outcomes' of" in notes(world)


def test_ids_that_are_there_without_a_target_are_told_apart(filled: World) -> None:
    """Ground truth whose every target is empty, and ids kept as another type, are no question of spelling."""
    filled.execute("UPDATE outcomes SET happened = NULL")
    assert "is in table 'outcomes' of" in notes(filled)
    assert "without a target or as another type of value" in notes(filled)
