"""The picture in a mail."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from PIL import Image

from monitor.notify.picture import MOST_BYTES, Sketch, draw
from tests.notify.conftest import HOSTILE

MANY = [f"category {i} 訓 $x^$" for i in range(300)]


@pytest.mark.parametrize(
    ("column", "bins", "reference", "current"),
    [
        ("distance", [f"{i}–{i + 1}" for i in range(12)], list(range(1, 13)), list(range(12, 0, -1))),
        ("origin", MANY, list(range(1, 301)), list(range(300, 0, -1))),
        (HOSTILE, [HOSTILE, "$\\frac{1$", ""], [1, 2, 3], [0.5, 0.0, 0.5]),
    ],
    ids=["numbers", "many", "hostile"],
)
def test_a_picture_is_small_and_light(
    column: str, bins: list[str], reference: list[float], current: list[float]
) -> None:
    """It is a PNG under 40 kB on white, whatever the names are; a name is never taken for a formula."""
    drawn = draw(Sketch(column, bins, reference, current, caption=column, apart=[(column, 0.0, 3.0)]))
    assert drawn is not None
    assert len(drawn) < MOST_BYTES
    with Image.open(io.BytesIO(drawn)) as image:
        assert image.format == "PNG"
        colours = image.convert("RGB").getcolors(1 << 20)
    assert colours is not None
    assert max(colours)[1] == (255, 255, 255)


@pytest.mark.parametrize(
    ("bins", "reference", "current"),
    [([], [], []), (["a"], [0], [5]), (["a"], [5], [0]), (["a", "b"], [1], [1, 2]), (["a"], [float("nan")], [1])],
)
def test_nothing_is_no_picture(bins: list[str], reference: list[float], current: list[float]) -> None:
    """Where a side has no rows there is nothing to compare."""
    assert draw(Sketch("x", bins, reference, current)) is None


def test_the_same_is_drawn_alike() -> None:
    """Equal counts give equal bytes, so that a retried mail is the same mail."""
    assert draw(Sketch("x", ["a", "b"], [1, 2], [2, 1])) == draw(Sketch("x", ["a", "b"], [1, 2], [2, 1]))


def test_numbers_are_a_curve() -> None:
    """Bins with edges are drawn over a scale of numbers, which is another picture than bars."""
    bars = Sketch("x", ["a", "b", "c"], [1, 2, 3], [3, 2, 1])
    drawn = draw(replace(bars, edges=(0.0, 1.0, 2.5, 3.0)))
    assert drawn is not None
    assert drawn != draw(bars)
