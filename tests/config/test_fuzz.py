"""No text whatever ends in anything but a configuration or its faults."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.config import load_text, mask
from monitor.config.yaml_nodes import _exact, _quick
from monitor.errors import ConfigError

GOOD = [file.read_text(encoding="utf-8") for file in sorted((Path(__file__).parent / "good").glob("*.yaml"))]
ENV = {"HOOK_SECRET": "whsec_" + "A" * 32, "PASSWORD": "p"}
PIECES = ["", "[", "]", "{", "}", ": ", "- ", "&a ", "*a", "!!int ", "null", "~", "true", "-1", "1e999", ".nan", "'"]
PIECES += ["{a: b}", "[1]", "[]", "{}", "\t", "\n", "${X}", "2013-02-30", "<<", "é\u202e", "9" * 5000, "\x07"]

quietly = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def survives(text: str) -> None:
    faults = None
    try:
        load_text(text, env=ENV)
    except ConfigError as error:
        faults = error.faults
    assert faults is None or (faults and all(fault.problem and fault.hint for fault in faults))


@quietly
@given(st.text(max_size=300))
def test_any_text(text: str) -> None:
    """Any text is refused in words."""
    survives(text)


@quietly
@given(st.sampled_from(GOOD), st.data())
def test_a_good_file_with_a_word_replaced(good: str, data: st.DataObject) -> None:
    """A good file with one word replaced or lost loads or is refused in words."""
    words = good.split(" ")
    place = data.draw(st.integers(0, len(words) - 1))
    words[place] = data.draw(st.sampled_from(PIECES))
    survives(" ".join(words))


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@quietly
@given(st.sampled_from(["models", "receivers", "routes", "mute_times", "store", "heartbeat", "plugins"]), values)
def test_any_value_at_the_top(key: str, value: object) -> None:
    """Any value under a known key is refused in words or taken."""
    survives(f"{key}: {flow(value)}\n")


@quietly
@given(st.sampled_from(["source", "reference", "rules", "window", "groups", "features", "evidently", "where"]), values)
def test_any_value_in_a_model(key: str, value: object) -> None:
    """Any value under a key of a model is refused in words or taken."""
    survives(f"models: [{{name: a, task: binary, {key}: {flow(value)}}}]\n")


def flow(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(k)}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    return {None: "null", True: "true", False: "false"}.get(value, str(value))  # type: ignore[call-overload, no-any-return]


@pytest.mark.parametrize("text", GOOD)
def test_both_parsers_agree(text: str) -> None:
    """Libyaml's events and the parser written in Python give the same nodes and lines."""

    def tree(node: object) -> object:
        value = node.value  # type: ignore[attr-defined]
        if isinstance(value, list):
            value = [tuple(map(tree, item)) if isinstance(item, tuple) else tree(item) for item in value]
        return node.tag, node.start_mark.line, value  # type: ignore[attr-defined]

    assert tree(_quick(text)) == tree(_exact(text))


word = st.text(st.characters(codec="ascii", exclude_characters="@:/?&=; \n\r\t#[]*"), min_size=6, max_size=12)


@quietly
@given(word, st.text(st.characters(codec="ascii", exclude_characters="\n\r"), min_size=6, max_size=20))
def test_a_password_never_passes_the_mask(user: str, secret: str) -> None:
    """Whatever the password holds, even ``@`` and slashes, the masked URL does not show it."""
    marked = f"Q7{secret}7Q"
    assert marked not in mask(f"postgresql://{user}:{marked}@host/db")
    assert "7Q" not in mask(f"postgresql://{user}:{marked}@host/db").replace(user, "")
