"""Validating a log over the night on which clocks go back."""

from __future__ import annotations

import yaml

from monitor.config import load
from monitor.service.checking.validate import validate
from tests.service.conftest import START, World, rows_of


def notes(world: World) -> str:
    """Return what is remarked of one model as text; nothing may be wrong."""
    file = world.folder / "monitor.yaml"
    file.write_text(yaml.safe_dump({"models": [world.model]}), encoding="utf-8")
    [one] = validate(load(file))
    assert not one.errors
    return "\n".join(one.remarks)


def test_an_hour_that_clocks_show_twice_is_foreseen(world: World) -> None:
    """Naive times over the end of summer time cannot tell two hours apart; times with an offset can."""
    world.predict(rows_of(3, first=START.replace(month=11, day=2)))
    del world.model["reference"]
    world.model["source"]["timezone"] = "America/New_York"
    assert "go back" not in notes(world)
    world.execute("UPDATE predictions SET at = replace(at, '+00:00', '')")
    assert "the clocks of America/New_York go back: what they show twice, as from 2024-11-03 01:00," in notes(world)
    world.model["source"]["timezone"] = "UTC"
    assert "go back" not in notes(world)


def test_a_log_before_that_night_has_no_such_hour(world: World) -> None:
    """Naive times of a summer say nothing of the autumn."""
    world.predict(rows_of(3, first=START.replace(month=7, day=2)))
    del world.model["reference"]
    world.execute("UPDATE predictions SET at = replace(at, '+00:00', '')")
    world.model["source"]["timezone"] = "America/New_York"
    assert "go back" not in notes(world)
