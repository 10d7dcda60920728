"""Keeping secrets out of what is written down: the passwords of all URLs that a configuration names."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from monitor.config import Config
from monitor.source.scrub import scrub


def cleaner(config: Config) -> Callable[[str], str]:
    """Return a function that hides every password of the configuration's URLs, and what looks like one, in a text."""
    telling = {url for url in _urls(config) if scrub(url) != url}
    return lambda text: scrub(text, *telling)


def _urls(config: Config) -> Iterator[str]:
    yield config.store
    for model in config.models:
        blocks = [model.source, model.reference.source if model.reference else None]
        for block in blocks:
            if block is not None:
                yield block.url
                if block.ground_truth is not None and block.ground_truth.url is not None:
                    yield block.ground_truth.url
