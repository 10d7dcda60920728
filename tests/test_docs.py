"""What is written about the software is there, and what is there is written about."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from typer.main import get_command

from monitor.alerts.kind import NO_DATA
from monitor.alerts.ledger import NoticeKind
from monitor.cli.app import app
from monitor.config import json_schema, load_text

TOP = Path(__file__).parents[1]
PAGES = sorted([TOP / "README.md", *(TOP / "docs").glob("*.md"), *(TOP / "sample_data").rglob("README.md")])
README = (TOP / "README.md").read_text(encoding="utf-8")
CONFIGURATION = (TOP / "docs" / "configuration.md").read_text(encoding="utf-8")

ALERTS = (TOP / "docs" / "alerts.md").read_text(encoding="utf-8")

SECTIONS = {
    "Model": ["ModelConfig"],
    "Source": ["SourceConfig"],
    "Predictions": ["PredictionsConfig"],
    "Ground truth": ["GroundTruthConfig"],
    "Operations": ["OperationsConfig"],
    "Csv": ["CsvConfig"],
    "Features": ["FeaturesConfig"],
    "Fairness": ["FairnessConfig"],
    "Ranking": ["RankingConfig"],
    "Reference": ["ReferenceConfig"],
    "Period": ["PeriodConfig"],
    "Evidently": ["EvidentlyConfig"],
    "Rule": ["RuleConfig"],
    "Route": ["RouteConfig"],
    "Escalation": ["EscalationConfig"],
    "Mute time": ["MuteTimeConfig"],
    "Heartbeat": ["HeartbeatConfig"],
    "Retention": ["RetentionConfig"],
    "Repeat": ["RepeatConfig"],
    "Access": ["AccessConfig"],
    "Oidc": ["OidcConfig"],
    "Grant": ["GrantConfig"],
    "Receivers": [
        "WebhookReceiver",
        "SlackReceiver",
        "PagerDutyReceiver",
        "EmailReceiver",
        "AppriseReceiver",
        "AlertmanagerReceiver",
        "LogReceiver",
    ],
}


def _rows(page: str, heading: str) -> dict[str, list[str]]:
    """Give the cells of the table under a heading, by the name in its first column."""
    body = re.split(r"^## ", page.partition(f"\n## {heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    lines = re.findall(r"^\| `([^`]+)` \|(.*)\|$", body, re.MULTILINE)
    return {name: [cell.strip() for cell in rest.split(" | ")] for name, rest in lines}


def _fenced(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page, re.MULTILINE | re.DOTALL)


def _properties(blocks: list[str]) -> dict[str, Any]:
    found = json_schema()["$defs"]
    return {key: value for block in blocks for key, value in found[block]["properties"].items()}


@pytest.mark.parametrize("heading", SECTIONS)
def test_every_key_of_a_block_is_documented(heading: str) -> None:
    """The table of a block lists its keys, and no other ones."""
    assert set(_rows(CONFIGURATION, heading)) == set(_properties(SECTIONS[heading]))


def test_every_key_of_the_file_is_documented() -> None:
    """The table of the file itself lists its keys, and no other ones."""
    assert set(_rows(CONFIGURATION, "Top")) == set(json_schema()["properties"])


def test_every_block_has_a_section() -> None:
    """No block of the schema is left without a table."""
    assert {block for blocks in SECTIONS.values() for block in blocks} == set(json_schema()["$defs"])


@pytest.mark.parametrize("heading", SECTIONS)
def test_plain_defaults_are_the_real_ones(heading: str) -> None:
    """A number, a flag or a word that is the default stands in the table."""
    rows = _rows(CONFIGURATION, heading)
    for key, about in _properties(SECTIONS[heading]).items():
        default = about.get("default")
        if isinstance(default, bool | int | float) or (isinstance(default, str) and re.fullmatch(r"[\w,.]+", default)):
            written = str(default).lower() if isinstance(default, bool) else str(default)
            if not written.startswith("P"):  # lengths of time are ISO texts in the schema
                assert rows[key][0] == f"`{written}`", f"{heading}.{key}"


@pytest.mark.parametrize("heading", SECTIONS)
def test_required_keys_are_called_required(heading: str) -> None:
    """A key that must be given is marked so."""
    rows = _rows(CONFIGURATION, heading)
    for block in SECTIONS[heading]:
        for key in json_schema()["$defs"][block].get("required", []):
            assert rows[key][0].startswith("required"), f"{block}.{key}"


def test_every_command_is_in_the_readme() -> None:
    """Each command that ``monitor`` has is named in the README, and each that is named there exists."""
    group: Any = get_command(app)
    there = set(group.commands)
    named = set(re.findall(r"\bmonitor ([a-z]+)\b", "\n".join(re.findall(r"`[^`\n]+`|^\$ .*$", README, re.MULTILINE))))
    assert there <= named
    assert named <= there


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(TOP).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    """Each relative link of a page names a file, and its anchor a heading in it."""
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if "://" in target or target.startswith("mailto:"):
            continue
        path, _, anchor = target.partition("#")
        file = page.parent / path if path else page
        assert file.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", name).strip().lower().replace(" ", "-") for name in headings}, (
                target
            )


def test_yaml_of_the_readme_loads() -> None:
    """Each complete monitor.yaml that the README shows is one."""
    whole = [text for text in _fenced(README, "yaml") if "models:" in text]
    assert whole
    for text in whole:
        assert load_text(text, file="README.md", env={}).models


@pytest.mark.parametrize("heading", ["Model", "Features", "Fairness", "Reference", "Rule", "Route", "Mute time"])
def test_examples_are_yaml(heading: str) -> None:
    """An example in a table of keys can be pasted."""
    for cells in _rows(CONFIGURATION, heading).values():
        for example in re.findall(r"`([^`]+)`", cells[-1]):
            yaml.safe_load(example)


def test_how_a_signing_secret_looks_is_told() -> None:
    """Who has none yet learns its form and how to make one."""
    (_, about, *_) = _rows(CONFIGURATION, "Receivers")["secret"]
    for words in ("`whsec_` and 24 to 64 random bytes in base64", "openssl rand -base64 32"):
        assert words in about


def test_routes_of_the_page_on_alarms_load() -> None:
    """The receivers and routes that it shows can be pasted."""
    model = "models: [{name: m, task: binary, source: {url: 'ingest://', predictions: {id: a, time: b, score: c}}}]\n"
    keys = {"PAGERDUTY_KEY": "k" * 32, "SLACK_TOKEN": "xoxb-1"}
    assert [bool(load_text(model + text, file="alerts.md", env=keys).routes) for text in _fenced(ALERTS, "yaml")] == [
        True
    ]


def test_notices_and_missing_data_are_explained() -> None:
    """The page on alarms has a row for each kind of notice, and for each way in which data are missing."""
    assert set(_rows(ALERTS, "Who is told")) == set(get_args(NoticeKind))
    assert set(_rows(ALERTS, "Missing data")) == NO_DATA


def test_commands_of_the_page_on_alarms_exist() -> None:
    """Each command that it shows is one, with its options."""
    lines = re.findall(r"^ {4}monitor (.*?)(?: {2,}#.*)?$", ALERTS, re.MULTILINE)
    assert len(lines) > 8
    for line in lines:
        command: Any = get_command(app)
        words = shlex.split(line)
        while hasattr(command, "commands"):
            command = command.commands[words.pop(0)]
        options = {name for parameter in command.params for name in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options, line
