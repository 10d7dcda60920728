"""What waits is told in an order that makes sense, and only as much of it as is still news."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts.coalesce import Coalesced, Waiting, coalesce


def waiting(letters: str) -> list[Waiting]:
    """Write notices as letters: opened, updated, severity_up, resolved, reopened; large ones may have arrived."""
    kinds = {"o": "opened", "u": "updated", "s": "severity_up", "r": "resolved", "n": "reopened"}
    return [Waiting(f"{place}", kinds[one.lower()], one.isupper()) for place, one in enumerate(letters)]


@pytest.mark.parametrize(
    ("letters", "told", "over", "older"),
    [
        ("", False, "", ""), ("o", False, "", ""), ("or", False, "01", ""), ("osur", False, "0123", ""),
        ("Or", False, "", ""), ("r", False, "0", ""), ("r", True, "", ""), ("ur", True, "", "0"),
        ("uus", True, "", "01"), ("orn", False, "01", ""), ("ornr", False, "0123", ""), ("rnu", True, "", ""),
        ("Uu", True, "", ""),
    ],
)  # fmt: skip
def test_what_is_dropped(letters: str, told: bool, over: str, older: str) -> None:
    """What was over before it was told is dropped, and an update that something newer repeats."""
    assert coalesce(waiting(letters), told=told) == Coalesced(tuple(over), tuple(older))


@given(st.lists(st.tuples(st.sampled_from("usrnd"), st.booleans()), max_size=30))
def test_no_end_without_a_beginning(steps: list[tuple[str, bool]]) -> None:
    """However a receiver fails, it hears of an end only after a beginning, and knows in the end what is so."""
    queue, heard, is_open = [Waiting("first", "opened")], list[str](), True
    for number, (letter, answers) in enumerate(steps):
        kind = {"u": "updated", "s": "severity_up", "r": "resolved", "n": "reopened"}.get(letter)
        if kind == "reopened":
            kind = None if is_open else kind
        elif not is_open:
            kind = None
        if kind:
            queue.append(Waiting(str(number), kind))
            is_open = kind != "resolved"
        queue = _sent(queue, heard) if answers else queue
    while queue:
        queue = _sent(queue, heard)
    assert (bool(heard) and heard[-1] != "resolved") == is_open
    for before, kind in zip(["resolved", *heard], heard, strict=False):
        assert not (kind == "resolved" and before == "resolved")


def _sent(queue: list[Waiting], heard: list[str]) -> list[Waiting]:
    """Drop what need not be told, then tell one notice."""
    dropped = coalesce(queue, told=bool(heard) and heard[-1] != "resolved")
    left = [one for one in queue if one.id not in {*dropped.over, *dropped.older}]
    heard.extend(one.kind for one in left[:1])
    return left[1:]
