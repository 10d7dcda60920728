"""A model's canonical text is the same for the same meaning."""

import json

from monitor.config import canonical, load_text

MODEL = """
models:
  - name: churn
    task: binary
    source:
      url: postgresql://reader:${PW}@db/logs
      predictions: {table: scored, id: id, time: at, score: p}
    window: %s
"""


def text(window: str = "1w", password: str = "one") -> str:
    return canonical(load_text(MODEL % window, env={"PW": password}).models[0])


def test_same_meaning() -> None:
    """A week is seven days, and another password is the same model."""
    assert text("1w", "one") == text("7d", "two")


def test_other_meaning() -> None:
    """Another window is another model."""
    assert text("1w") != text("1d")


def test_no_secret_and_sorted() -> None:
    """It is JSON with sorted keys and without the password."""
    assert "one@" not in text()
    block = json.loads(text())
    assert list(block) == sorted(block)
    assert block["source"]["url"] == "postgresql://reader:***@db/logs"
