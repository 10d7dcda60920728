"""Roles hold what they promise, and names of models are matched whole."""

from __future__ import annotations

import pytest

from monitor.domain.principal import LOCAL, NOBODY, ROLES, SCOPES, Principal, Role


@pytest.mark.parametrize(("less", "more"), [("viewer", "operator"), ("operator", "editor"), ("editor", "admin")])
def test_roles_contain_each_other(less: Role, more: Role) -> None:
    """A greater role may all that a lesser one may, and something more."""
    assert ROLES[less] < ROLES[more]


def test_machines_may_only_their_work() -> None:
    """Who pushes rows reads nothing; who retrains writes nothing else."""
    assert ROLES["ingest"] == {"ingest:write"}
    assert ROLES["retrainer"] - ROLES["viewer"] == {"retrain:claim"}


def test_nobody_may_nothing_and_local_everything() -> None:
    """Without being told who asks nothing is allowed."""
    assert not any(NOBODY.may(scope) for scope in SCOPES)
    assert all(LOCAL.may(scope, "any") for scope in SCOPES)


@pytest.mark.parametrize(("pattern", "name", "fits"), [
    ("*", "a/b", True), ("fraud-*", "fraud-", True), ("fraud-*", "antifraud-x", False), ("Fraud", "fraud", False),
    ("fraud-?u", "fraud-eu", True), ("fraud", "fraud-eu", False),
])  # fmt: skip
def test_patterns_fit_whole_names(pattern: str, name: str, *, fits: bool) -> None:
    """A pattern stands for the whole name, with its case."""
    assert Principal("k", ROLES["viewer"], (pattern,)).may("read", name) is fits
