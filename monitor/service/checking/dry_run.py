"""A dry run: what a monitor.yaml would change, told without changing anything."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from monitor.config import Config, canonical
from monitor.config.load import load_text
from monitor.service.apply import Kind, different

FILE = "monitor.yaml"


@dataclass(frozen=True)
class Difference:
    """What becomes of one model, or of a block beside the models: ``keys`` are those that differ, dotted."""

    name: str
    kind: Kind
    keys: tuple[str, ...] = ()


class Unknown(Mapping[str, str]):
    """The environment of a dry run: every variable is set, none is told."""

    def __getitem__(self, name: str) -> str:
        """Return a word for any name but that of the store, which is not the text's business."""
        if name.startswith("MONITOR_"):
            raise KeyError(name)
        return "unknown"

    def __iter__(self) -> Iterator[str]:
        """Return no name."""
        return iter(())

    def __len__(self) -> int:
        """Return 0."""
        return 0


def tried(text: str, present: Config) -> list[Difference]:
    """Return what a text would change about the configuration in force, models first.

    No variable of the environment is put into it, and no file but the text is read.

    Raises
    ------
    ConfigError
        The text is wrong; holds every fault.
    """
    fresh = load_text(text, file=FILE, env=Unknown())
    return [*_models(present, fresh), *_blocks(present, fresh)]


def _models(present: Config, fresh: Config) -> Iterator[Difference]:
    before = {model.name: canonical(model) for model in present.models}
    after = {model.name: canonical(model) for model in fresh.models}
    for name, spec in after.items():
        if name not in before:
            yield Difference(name, "added")
        elif before[name] != spec:
            yield Difference(name, "changed", tuple(different(json.loads(before[name]), json.loads(spec))))
        else:
            yield Difference(name, "unchanged")
    for name in before:
        if name not in after:
            yield Difference(name, "removed")


def _blocks(present: Config, fresh: Config) -> Iterator[Difference]:
    before, after = present.model_dump(mode="json", by_alias=True), fresh.model_dump(mode="json", by_alias=True)
    for name in ("receivers", "routes", "mute_times", "external_url", "plugins", "heartbeat", "retention"):
        if before[name] != after[name]:
            yield Difference(name, "changed")
