"""The one text of a model's configuration, for versions and digests."""

import json

from monitor.config.mask import mask
from monitor.config.model import ModelConfig


def canonical(model: ModelConfig) -> str:
    """Return a model's configuration as JSON that is the same for the same meaning.

    Keys sorted, defaults filled in, instants in UTC, lengths as ISO 8601, passwords in URLs masked: a
    changed password is no changed model.
    """
    block = _masked(model.model_dump(mode="json", by_alias=True))
    return json.dumps(block, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _masked(value: object) -> object:
    if isinstance(value, dict):
        return {
            key: mask(item) if key == "url" and isinstance(item, str) else _masked(item) for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [_masked(item) for item in value]
    return value
