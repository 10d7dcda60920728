"""The lock pins what the project asks for, and says nothing of where it was made."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

TOP = Path(__file__).parents[2]
LOCK = (TOP / "requirements.lock").read_text(encoding="utf-8")
PINS = {
    canonicalize_name(name): (version, hashes)
    for name, version, hashes in re.findall(r"^([A-Za-z0-9._-]+)==(\S+)(.*(?:\n    --hash=.*)+)", LOCK, re.MULTILINE)
}


def test_everything_asked_for_is_pinned() -> None:
    """Each dependency, of the package and of its tests, has a version in the lock that fits: else ``make lock``."""
    project = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for text in [*project["dependencies"], *project["optional-dependencies"]["test"]]:
        asked = Requirement(text)
        version, _ = PINS[canonicalize_name(asked.name)]
        assert asked.specifier.contains(version), text


def test_every_pin_has_a_hash() -> None:
    """No line of the lock is without the hashes that it is checked by."""
    assert len(PINS) > 50
    assert len(set(re.findall(r"^([A-Za-z0-9._-]+)==", LOCK, re.MULTILINE))) == len(PINS)


def test_lock_holds_no_address() -> None:
    """Neither an index nor a folder of the machine that wrote it."""
    assert not re.search(r"://|^-|--index|--find-links|/home|/root|/tmp", LOCK, re.MULTILINE)
