"""The JSON Schema of monitor.yaml, for editors."""

import json
from pathlib import Path
from typing import Any

from monitor.config.configuration import Config

FILE = Path(__file__).with_name("schema.json")


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of monitor.yaml; ``schema.json`` beside this file is its text."""
    schema = _without_null(Config.model_json_schema(by_alias=True))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "monitor.yaml",
        "patternProperties": {"^x-": {}},
    }


def schema_text() -> str:
    """Return the schema as the text that ships.

    Examples
    --------
    >>> schema_text() == FILE.read_text(encoding="utf-8")
    True
    """
    return json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"


def _without_null(value: Any) -> Any:
    """Drop null, which monitor.yaml never takes: a key without a value is a fault."""
    if isinstance(value, list):
        return [_without_null(item) for item in value]
    if not isinstance(value, dict):
        return value
    plain = {key: _without_null(item) for key, item in value.items() if not (key == "default" and item is None)}
    options = [option for option in plain.get("anyOf", []) if option != {"type": "null"}]
    if len(options) == 1 and "anyOf" in plain:
        del plain["anyOf"]
        return {**options[0], **plain}
    return {**plain, "anyOf": options} if "anyOf" in plain else plain
