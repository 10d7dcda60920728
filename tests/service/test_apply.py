"""Applying: the store knows the models of the file, and what changed is told."""

from __future__ import annotations

import yaml

from monitor.config import Config, load
from monitor.service.apply import Change, apply
from monitor.service.opening import opened
from tests.service.conftest import START, World


def config(world: World) -> Config:
    """Write monitor.yaml and load it."""
    file = world.folder / "monitor.yaml"
    file.write_text(yaml.safe_dump({"models": [world.model, *world.more]}), encoding="utf-8")
    return load(file)


def applied(world: World, *, prune: bool = False) -> list[Change]:
    """Apply what a world says now."""
    found = config(world)
    with opened(found, writing=True) as store:
        return apply(found, store, START, prune=prune)


def test_the_same_again_changes_nothing(world: World) -> None:
    """Applying twice is applying once."""
    assert applied(world) == [Change("m", "added", 1)]
    assert applied(world) == [Change("m", "unchanged", 1)]


def test_changed_keys_are_named(world: World) -> None:
    """Each key that differs is told by its dotted name; an earlier configuration gets its number back."""
    applied(world)
    before = dict(world.model)
    world.model = before | {"delay": "2h", "groups": ["place"]}
    assert applied(world) == [Change("m", "changed", 2, ("delay", "groups"))]
    world.model = before
    assert applied(world) == [Change("m", "changed", 1, ("delay", "groups"))]


def test_a_password_is_no_change(world: World) -> None:
    """A new password in a URL is the same model."""
    world.model["source"]["url"] = "postgresql://me:one@db/logs"
    applied(world)
    world.model["source"]["url"] = "postgresql://me:two@db/logs"
    assert applied(world) == [Change("m", "unchanged", 1)]


def test_models_are_retired_only_on_request(world: World) -> None:
    """A model that left the file stays monitored until pruned, and returns with its number."""
    world.more = [dict(world.model) | {"name": "other"}]
    applied(world)
    world.more = []
    assert applied(world) == [Change("m", "unchanged", 1)]
    assert applied(world, prune=True) == [Change("m", "unchanged", 1), Change("other", "removed")]
    world.more = [dict(world.model) | {"name": "other"}]
    assert applied(world) == [Change("m", "unchanged", 1), Change("other", "returned", 1)]
