"""Matchers: operators, patterns, hostile text."""

from __future__ import annotations

import fnmatch
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.alerts.matcher import Matcher, fit, like, meets, parse
from monitor.alerts.member import member_of
from monitor.alerts.subject import of_incident, of_member
from monitor.errors import UsageError
from tests.alerts.conftest import Desk, folded, verdict

SUBJECT = {"model": ("fraud-eu",), "severity": ("critical",), "column": ("Größe",), "kind": ("no_rows", "no_data")}


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("model=fraud-eu", True),
        ("model=fraud", False),
        ("model!=fraud", True),
        ("model=~fraud-*", True),
        ("model=~Fraud-*", False),
        ("model!~fraud-*", False),
        (" column = Größe ", True),
        ("kind=no_data", True),
        ("kind!=no_data", False),
        ("absent=", True),
        ("absent!=x", True),
        ("absent=~?*", False),
        ("model=~fraud-e?", True),
        ("model=~[a-z]*", False),
    ],
)
def test_a_matcher_fits_or_not(text: str, fits: bool) -> None:
    """Equal, different, like and unlike; absent words are empty."""
    assert parse(text).fits(SUBJECT) is fits


@pytest.mark.parametrize("text", ["", "model", "=x", "  =x", "!~", "model" * 300 + "=x"])
def test_what_is_no_matcher_is_refused(text: str) -> None:
    """A text without a word or an operator, or too long, is refused with the cure."""
    with pytest.raises(UsageError, match="model=fraud"):
        parse(text)


def test_values_may_hold_operators_and_spaces() -> None:
    """What follows the first operator is the value, whatever it holds."""
    assert parse("home town=a=~b\n*") == Matcher("home town", "=", "a=~b\n*")
    assert str(parse("a!=b")) == "a!=b"


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.text("ab*?\n", max_size=8), st.text("ab\n", max_size=8))
def test_patterns_are_those_of_the_shell(pattern: str, value: str) -> None:
    """Star and question mark mean what they mean in a shell, across line breaks too."""
    assert like(pattern, value) is bool(re.match(fnmatch.translate(pattern), value))


def test_no_pattern_hangs() -> None:
    """The pattern that takes naive matchers for ever is answered."""
    assert not like("*a" * 400, "a" * 399 + "b" * 400)


def test_a_match_of_the_file_takes_one_value_of_each_word() -> None:
    """All words must be met, each by one of its values."""
    assert meets({"model": ("x", "fraud-*"), "severity": ("critical",)}, SUBJECT)
    assert not meets({"model": ("fraud-*",), "severity": ("warning",)}, SUBJECT)
    assert not meets({"team": ("risk",)}, SUBJECT)
    assert meets({}, SUBJECT)


def test_the_words_of_a_member() -> None:
    """Words of the service win over group keys, and these over labels of the model."""
    labels = {"metric": "psi", "column": "age", "severity": "spoofed", "origin": None, "group:kind": "overdue"}
    member = member_of(folded("CC", labels=labels))
    assert member is not None
    subject = of_member("m", {"team": "risk", "origin": "never", "model": "spoofed"}, member)
    assert subject == {
        "team": ("risk",), "origin": ("",), "model": ("m",), "severity": ("critical",), "rule": ("r",),
        "metric": ("psi",), "column": ("age",), "kind": ("drift",), "group": ("spoofed", "", "overdue"),
        "segment": ("spoofed", "", "overdue"), "group:kind": ("overdue",),
    }  # fmt: skip


def test_the_words_of_an_incident() -> None:
    """It has those of its members together, and its own severity."""
    desk = Desk()
    for number in range(2):
        desk.step(
            number, [verdict("B", number), verdict("C", number, rule="s", labels={"metric": "psi", "column": "y"})]
        )
    subject = of_incident(desk.last(), {"team": "risk"}, desk.last().members)
    assert (subject["severity"], sorted(subject["column"]), subject["team"]) == (("critical",), ["x", "y"], ("risk",))
    assert fit([parse("column=y"), parse("column=x"), parse("severity!=warning")], subject)
