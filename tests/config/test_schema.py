"""The JSON Schema that ships is the one of the code, and good files obey it."""

import json
from pathlib import Path

import pytest

from monitor.config.document import read
from monitor.config.schema import FILE, json_schema, schema_text

GOOD = sorted((Path(__file__).parent / "good").glob("*.yaml"))


def test_committed_schema_is_current() -> None:
    """``schema.json`` is what the code generates; write it anew with ``schema_text()``."""
    assert FILE.read_text(encoding="utf-8") == schema_text()


@pytest.mark.parametrize("file", GOOD, ids=lambda file: file.stem)
def test_good_files_obey(file: Path) -> None:
    """A validator of JSON Schema takes the good files (shorthands of roles written out)."""
    jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")
    text = file.read_text(encoding="utf-8").replace("{id, time, version, prediction, score}", "{id: a, time: b}")
    text = text.replace("{id, time, target}", "{id: a, target: b}").replace("query, item,", "query: a, item: b,")
    document = read(text, "monitor.yaml", {"HOOK_SECRET": "whsec_AAAA", "PASSWORD": "p"})
    jsonschema.Draft202012Validator(json_schema()).validate(document.data)


def test_unknown_keys_are_refused_by_the_schema_too() -> None:
    """Every block is closed, so that editors underline misspelt keys."""
    blocks = json.loads(schema_text())["$defs"]
    assert all(block["additionalProperties"] is False for block in blocks.values() if "properties" in block)
