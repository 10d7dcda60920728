"""Hostile text goes in and comes out unchanged, on either database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select

from monitor.store.tables import models
from monitor.store.text import MARK, armour, bare, canonical_json, digest

if TYPE_CHECKING:
    from monitor.store.engine import Store

HOSTILE = (
    "", " ", "'; DROP TABLE models; --", "%s %(name)s :name ? {0} \\", "<script>alert(1)</script>",
    "Zürich ✈ 東京 \U0001f6eb", "a\0b", "\ud800", MARK, MARK + "null", "=cmd|'/c calc'!A1",
    "x" * 20_000, "\r\n\t\x1b[31m",
    "\u202egnp.exe", "é", "e\u0301", "NULL", "true",
)  # fmt: skip


def test_hostile_text_survives(store: Store) -> None:
    """Every text comes back as it was, each a row of its own."""
    now = datetime(2013, 3, 1, tzinfo=UTC)
    short = [name for name in HOSTILE if len(name) < 1000]
    with store.write() as conn:
        conn.execute(insert(models), [{"name": name, "created_at": now} for name in short])
        conn.execute(insert(models), {"name": "long", "source_error": "x" * 20_000, "created_at": now})
    with store.read() as conn:
        assert conn.execute(select(models.c.name).order_by(models.c.id)).scalars().all() == [*short, "long"]
        for name in short:
            assert conn.execute(select(models.c.name).where(models.c.name == name)).scalars().all() == [name]
        assert conn.execute(select(models.c.source_error).where(models.c.name == "long")).scalar() == "x" * 20_000


@given(st.text(st.characters(exclude_categories=())))
def test_armour_can_be_undone(text: str) -> None:
    """Any text at all is made storable and given back."""
    stored = armour(text)
    assert bare(stored) == text
    assert "\0" not in stored
    stored.encode("utf-8")


@given(st.text(), st.text())
def test_armour_keeps_texts_apart(one: str, other: str) -> None:
    """Two texts are stored alike only when they are alike."""
    assert (armour(one) == armour(other)) == (one == other)


def test_digest_tells_parts_apart() -> None:
    """Parts are not run together, and null is not the word."""
    names = [("a", "b"), ("ab",), ("ab", None), ("ab", "None"), ("ab", "null"), ("ab", ""), ("\ud800",), ('a","b',)]
    assert len({digest(*parts) for parts in names}) == len(names)


def test_canonical_json_forgets_the_order() -> None:
    """Two orders of the same attributes have one text."""
    assert canonical_json({"b": None, "a": "1"}) == canonical_json({"a": "1", "b": None}) == '{"a":"1","b":null}'
