"""Good files load whole; variables, shorthands and YAML's pitfalls read as people mean them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.config import Change, Config, EvidentlyMetric, Span, WindowSpec, load, load_text
from monitor.config.document import read
from monitor.errors import ConfigError

GOOD = Path(__file__).parent / "good"
SECRET = "whsec_" + "A" * 32
MODEL = """
models:
  - name: churn
    task: binary
    source: {url: "sqlite:///churn.db", predictions: {table: scored, id: id, time: at, score: p}}
"""


def contract() -> Config:
    return load(GOOD / "contract.yaml", env={"HOOK_SECRET": SECRET})


def shop() -> Config:
    return load(GOOD / "shop.yaml", env={"PASSWORD": "p@ss: {word}"})


def refusal(text: str, env: dict[str, str] | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        load_text(text, env=env or {})
    return str(caught.value)


def test_contract_example() -> None:
    """The example of the contract loads whole, instants in UTC."""
    config = contract()
    [model] = config.models
    assert config.folder == GOOD
    assert (model.name, model.task, model.positive_class, model.threshold) == ("flight-delay", "binary", 1, 0.5)
    assert model.source.predictions.where == {"model_name": "flight-delay"}
    assert model.source.ground_truth is not None
    assert model.source.ground_truth.target == "delayed"
    assert model.groups == (("origin",), ("origin", "carrier"))
    assert model.exclude[0].start == datetime(2013, 2, 8, tzinfo=UTC)
    assert model.reference is not None
    assert (model.reference.form, model.reference.end) == ("period", datetime(2013, 3, 1, tzinfo=UTC))
    assert model.window == WindowSpec(Span(1, "d"), Span(1, "d"))
    assert (model.delay, model.ground_truth_horizon) == (timedelta(hours=1), timedelta(days=30))
    assert model.false_alarm_budget.per == timedelta(days=30)


def test_contract_rules() -> None:
    """Rules keep limits, columns and persistence as typed values."""
    psi, auc, parity, accuracy = contract().models[0].rules or ()
    assert not isinstance(psi, str)
    assert not isinstance(auc, str)
    assert not isinstance(parity, str)
    assert not isinstance(accuracy, str)
    assert (psi.selected, psi.above, psi.severity) == (("*",), 0.2, "warning")
    assert auc.for_ is not None
    assert (auc.below, auc.for_.needed, auc.for_.of) == (0.75, 2, 3)
    assert parity.selected == ("origin",)
    assert accuracy.worse_by == Change(0.03)


def test_contract_notices() -> None:
    """Receivers, routes and mute times are kept."""
    config = contract()
    assert [receiver.type for receiver in config.receivers] == ["webhook", "slack", "log"]
    assert config.routes[0].match == {"severity": ("critical",)}
    assert config.routes[0].escalate[0].to == ("lead",)
    assert config.mute_times[0].weekdays == ("sat", "sun")
    assert config.mute_times[0].hours is not None
    assert config.mute_times[0].hours.end == timedelta(hours=31)


def test_no_secret_is_shown() -> None:
    """Neither repr nor str nor a dump of the configuration shows a secret."""
    for config in (contract(), shop()):
        for text in (repr(config), str(config), str(config.receivers), config.model_dump_json(include={"receivers"})):
            assert SECRET not in text
            assert "p@ss" not in text
            assert "services/T/B/x" not in text


def test_variable_is_never_read_as_yaml() -> None:
    """A password full of YAML's own characters stays one text."""
    assert shop().store == "postgresql://monitor:p@ss: {word}@db/monitor"


def test_ranking_joins_by_the_columns_of_the_predictions() -> None:
    """``{query, item}`` in ground truth are the request's and the item's columns."""
    truth = shop().models[0].source.ground_truth
    assert truth is not None
    assert (truth.query, truth.item, truth.target) == ("request_id", "item_id", "relevance")


def test_pushed_rows_have_the_names_of_their_roles() -> None:
    """``{id, time}`` are columns of those names."""
    source = shop().models[1].source
    assert (source.predictions.id, source.predictions.score) == ("id", "score")
    assert source.ground_truth is not None
    assert source.ground_truth.target == "target"


def test_anchors_are_merged_and_overridden() -> None:
    """A merged block gives way to what stands beside it; ``x-`` keys are left alone."""
    first, second, _ = shop().models
    assert (str(first.window), str(second.window)) == ("6h", "1h")
    assert first.labels == {"tier": "1", "paged": "true"}


def test_a_variable_is_not_unfolded_without_end() -> None:
    """Each alias of a text with a variable is a text of its own: some kilobytes do not become gigabytes."""
    text = f"x-a: &a '${{A}}{'x' * 100_000}'\nx-b: [{'*a,' * 20_000}]\nmodels: []\n"
    with pytest.raises(ConfigError, match="aliases unfolded"):
        load_text(text, env={"A": "a"})


def test_norway_and_other_pitfalls() -> None:
    """``no`` and ``yes`` are names, ``007`` and dates keep their text, classes are text."""
    _, pushed, species = shop().models
    assert pushed.positive_class == "yes"
    assert species.source.predictions.where == {"country": "no", "code": "007", "day": "2013-01-01"}
    assert species.source.predictions.score == {"no": "p_no", "1": "p_1"}


def test_start_is_midnight_in_the_zone_of_the_windows() -> None:
    """A date is placed in ``window_timezone``."""
    assert shop().models[2].start == datetime(2013, 3, 30, 23, tzinfo=UTC)


def test_evidently_and_rules() -> None:
    """Metrics with arguments, the default rules and shares of the reference are read."""
    model = shop().models[1]
    assert model.evidently is not None
    assert model.evidently.metrics[1] == EvidentlyMetric("ValueDrift", {"column": "age"})
    assert model.rules is not None
    assert model.rules[0] == "default"
    assert not isinstance(model.rules[1], str)
    assert model.rules[1].worse_by == Change(0.1, relative=True)


def test_least_file() -> None:
    """What may be left out has the documented default."""
    config = load_text(MODEL, env={})
    [model] = config.models
    assert config.store == "sqlite:///monitor.db"
    assert (model.features.infer, model.reference, model.rules) == (True, None, None)
    assert (model.window_timezone, model.catchup_window) == ("UTC", timedelta(days=7))
    assert config.model("churn") is model
    assert config.model("other") is None


def test_store_of_the_environment_wins() -> None:
    """MONITOR_STORE replaces the file's store, even one whose variable is not set."""
    text = "store: sqlite:///${NOT_SET}\n" + MODEL
    assert load_text(text, env={"MONITOR_STORE": "sqlite:///other.db"}).store == "sqlite:///other.db"


def test_wrong_store_of_the_environment() -> None:
    """A wrong MONITOR_STORE is named as such, without its value."""
    message = refusal(MODEL, {"MONITOR_STORE": "mysql://u:hunter2@db/x"})
    assert message.startswith("MONITOR_STORE: the store's URL cannot hold the store: mysql")
    assert "hunter2" not in message


def test_value_of_a_variable_is_never_shown() -> None:
    """A fault shows the text of the file, not what the variable holds."""
    message = refusal(MODEL + "    window: ${W}\n    key_metric: ${W}\n", {"W": "hunter2!"})
    assert '"${W}" is not a window' in message
    assert "hunter2" not in message


def test_escaped_variable() -> None:
    """``$${X}`` is the text ``${X}``."""
    [model] = load_text(MODEL + "    segments: ['$${X}']\n", env={}).models
    assert model.segments == ("${X}",)


def test_variables_need_no_quotes_inside_braces() -> None:
    """``{secret: ${X}}`` is read as it looks, and what the variable holds stays a text."""
    document = read("{a: ${X}, b: [${X}-eu, 'c${X}', $${X}], ${X}: \"${X}\"}", "monitor.yaml", {"X": "{1: 2}"})
    assert document.data == {"a": "{1: 2}", "b": ["{1: 2}-eu", "c{1: 2}", "${X}"], "${X}": "{1: 2}"}
    assert document.written["a",] == "${X}"
    assert not document.faults


def test_numbers_by_variable() -> None:
    """A number may come from a variable."""
    [model] = load_text(MODEL + "    threshold: ${T}\n", env={"T": "0.25"}).models
    assert model.threshold == 0.25


def test_byte_order_mark(tmp_path: Path) -> None:
    """A file of an editor that writes a byte order mark loads."""
    file = tmp_path / "monitor.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + MODEL.encode())
    assert load(file, env={}).models[0].name == "churn"


@pytest.mark.parametrize("name", ["absent.yaml", "", "nul\0.yaml"])
def test_unreadable(tmp_path: Path, name: str) -> None:
    """A file that is not there, and a folder, are refused with a cure."""
    with pytest.raises(ConfigError, match="hint: name") as caught:
        load(tmp_path / name, env={})
    assert len(caught.value.faults) == 1


def test_huge_file(tmp_path: Path) -> None:
    """More than 5 MB is no configuration."""
    file = tmp_path / "monitor.yaml"
    file.write_bytes(b"# " + b"x" * 5_000_000)
    with pytest.raises(ConfigError, match="larger than 5 MB"):
        load(file, env={})


def test_model_is_named_when_there_are_several() -> None:
    """With more than one model each fault says whose it is."""
    message = refusal(MODEL + MODEL.replace("models:", "").replace("churn", "fraud") + "    window: 5h\n")
    assert 'models[1].window: "5h" does not divide a day evenly (model "fraud")' in message


def test_many_models_load_quickly() -> None:
    """Two hundred models are no burden: the time grows with the file."""
    entry = MODEL.replace("models:", "")
    text = "models:\n" + "".join(entry.replace("name: churn", f"name: churn-{i}") for i in range(200))
    assert len(load_text(text, env={}).models) == 200


def test_one_receiver_needs_no_brackets() -> None:
    """A route and an escalation may name a single receiver."""
    text = MODEL + "receivers: [{name: a, type: log}]\nroutes: [{receivers: a, escalate: {after: 5m, to: a}}]\n"
    [route] = load_text(text, env={}).routes
    assert (route.receivers, route.escalate[0].to) == (("a",), ("a",))


def test_fault_inside_a_list_of_periods() -> None:
    """Instants that cross once they are placed are named where they stand."""
    text = MODEL + "    exclude: [{start: 2013-01-02T00:00Z, end: 2013-01-01}]\n"
    assert 'models[0].exclude[0].end: "2013-01-01" is not after start' in refusal(text)
