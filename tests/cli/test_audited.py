"""What is changed from a terminal stands in the audit log, with who did it; what only looks does not."""

from __future__ import annotations

from typing import Any

from monitor.service.access.actor import actor
from tests.cli.conftest import NOW, Desk
from tests.cli.test_deliveries import enter
from tests.cli.test_incidents import duty

__all__ = ["duty"]


def told(desk: Desk, action: str) -> list[dict[str, Any]]:
    """Return the entries about a kind of action; each bears whoever runs these tests."""
    found = [one for one in desk("audit", "export").records if one["action"] == action]
    assert {one["actor"] for one in found} <= {f"cli {actor()}"}
    return found


def test_configurations_are_told(desk: Desk) -> None:
    """What is added, changed and taken out is told once; the same file again is not."""
    desk("apply")
    desk("apply")
    desk.model["delay"] = "2h"
    desk.write()
    desk("apply")
    desk.document["models"] = [{**desk.model, "name": "other"}]
    desk.write()
    desk("apply", "--prune")
    kinds = [
        sorted((one["kind"], one["keys"]) for one in entry["after"].values()) for entry in told(desk, "config.apply")
    ]
    assert kinds == [[("added", [])], [("changed", ["delay"])], [("added", []), ("removed", [])]]
    assert desk("audit", "verify").code == 0


def test_references_and_second_chances_are_told(desk: Desk) -> None:
    """Promoting, going back and pruning; not what was in force already, nor a look, nor a retry of nothing."""
    desk.ran()
    for _ in range(2):
        desk("promote", "--window", "2024-03-08", "--now", NOW)
    desk("promote", "--from", "2024-03-07", "--to", "2024-03-09", "--dry-run", "--now", NOW)
    desk("promote", "--undo", "--now", NOW)
    [made], [back] = told(desk, "reference.promote"), told(desk, "reference.restore")
    assert (made["after"]["start"], made["after"]["version"]) == ("2024-03-08T00:00:00Z", 2)
    assert (back["after"]["restores"], back["object"]) == (1, made["object"])
    desk("retry", "--all")
    assert told(desk, "model.retry") == []
    desk.document["retention"] = {"changes": "1d"}
    desk.write()
    desk("db", "prune", "--now", "2024-06-01T00:00:00Z", "--dry-run")
    assert told(desk, "model.prune") == []
    assert desk("db", "prune", "--now", "2034-06-01T00:00:00Z").code == 0
    [gone] = told(desk, "model.prune")
    assert gone["after"]["changes"] > 0


def test_notices_that_are_tried_again_are_told(duty: Desk) -> None:
    """One entry for each."""
    enter(duty, AA01="dead", AB02="dead", DD05="delivered")
    duty("deliveries", "retry", "--all")
    assert {one["object"] for one in told(duty, "delivery.redeliver")} == {"delivery AA01", "delivery AB02"}
