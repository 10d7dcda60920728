"""The page on retraining names every code, status, kind, reason, route and command that there is, and no other."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any, get_args

from typer.main import get_command

from monitor.alerts.recommendation import BlockCode, End, Kind
from monitor.alerts.retraining_policy import LEAST_LABELLED
from monitor.api.routes import API, recommendations, retraining_claims, retraining_gate
from monitor.cli.app import app
from monitor.service.training.gate import Answer
from monitor.service.training.news import TITLES
from monitor.store.retraining_tables import CLAIM_STATES, STATUSES

PAGE = (Path(__file__).parents[1] / "docs" / "retraining.md").read_text(encoding="utf-8")


def rows(heading: str) -> list[str]:
    """Give the first cells of the tables under a heading."""
    body = re.split(r"^## ", PAGE.partition(f"\n## {heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    return re.findall(r"^\| `([^`]+)` \|", body, re.MULTILINE)


def words(kind: Any) -> set[str]:
    """Give the texts of a literal type, those of literals in it too."""
    return {word for one in get_args(kind) for word in (words(one) if get_args(one) else {one})}


def test_codes_and_states_are_explained() -> None:
    """Each block, status, kind and reason has a row."""
    assert set(rows("What speaks against it")) == words(BlockCode)
    assert set(rows("The life of a recommendation")) == set(STATUSES) | words(Kind)
    assert set(rows("The gate")) == words(Answer)
    assert str(LEAST_LABELLED) in PAGE


def test_what_the_store_keeps_is_what_there_is() -> None:
    """Tables know the same words as the code, and each kind has a title."""
    from monitor.alerts.recommendation import ClaimState, Status

    assert set(STATUSES) == words(Status)
    assert set(CLAIM_STATES) == words(ClaimState)
    assert set(TITLES) == words(Kind)
    assert words(End) < set(STATUSES)


def test_routes_are_listed() -> None:
    """Each address about retraining has a row, with its method."""
    there = {
        f"{method} {API}{route.path}"
        for module in (recommendations, retraining_claims, retraining_gate)
        for route in module.router.routes
        for method in route.methods  # type: ignore[attr-defined]
    }
    assert set(rows("Over HTTP")) == there


def test_commands_exist() -> None:
    """Each command that is shown is one, with its options; each that there is, is shown."""
    lines = re.findall(r"^ {4}monitor (.*?)(?: {2,}#.*)?$", PAGE, re.MULTILINE)
    group: Any = get_command(app)
    known = group.commands["retraining"].commands
    assert {shlex.split(line)[1] for line in lines} == set(known)
    for line in lines:
        given = shlex.split(line)
        options = {name for parameter in known[given[1]].params for name in parameter.opts}
        assert {word for word in given if word.startswith("--")} <= options, line
