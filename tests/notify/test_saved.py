"""A notice survives being kept."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.notify import Mark
from monitor.notify.saved import dump, load
from tests.notify.conftest import hostile, message

_TEXTS = st.text(st.characters())  # lone surrogates too
_NUMBERS = st.none() | st.floats(allow_nan=False, allow_infinity=False)


@given(_TEXTS, _TEXTS, st.dictionaries(_TEXTS, _TEXTS), st.none() | st.binary(), _NUMBERS)
def test_what_is_kept_comes_back(
    title: str, name: str, labels: dict[str, str], picture: bytes | None, value: float | None
) -> None:
    """Whatever the texts, bytes and numbers are, the notice is equal, and the text is ASCII."""
    kept = message(title=title, labels=labels, picture=picture, columns=(Mark(name, title, value),))
    assert dump(kept).isascii()
    assert load(dump(kept)) == kept


def test_what_is_not_finite_is_none() -> None:
    """A number that JSON does not know becomes none."""
    kept = hostile()
    marks = tuple(replace(mark, value=None, limit=None) for mark in kept.columns)
    assert load(dump(kept)) == replace(kept, columns=marks)


def test_the_handle_is_known_only_when_it_is_sent() -> None:
    """What the receiver answered last is put in anew at each attempt."""
    assert load(dump(message(handle="C1:2.3"))) == message()


def test_a_later_field_is_left_out() -> None:
    """A notice that a newer release has written can still be sent."""
    assert load(dump(message())[:-1] + ', "invented_later": 1}') == message()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"id": 1}', "null"])
def test_nonsense_is_refused(text: str) -> None:
    """What is no notice raises one kind of error."""
    with pytest.raises(ValueError, match=r"no notice|Expecting"):
        load(text)
