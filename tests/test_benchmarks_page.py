"""The page of figures is made, not typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import environment, figures
from benchmarks.__main__ import known, purpose
from benchmarks.figures import FILE, Figure, at_least, at_most, record, spent
from benchmarks.page import current, page

TOP = Path(__file__).parents[1]


def test_the_page_is_made_of_what_was_measured() -> None:
    """The page says what the benchmarks kept, figure for figure."""
    written = (TOP / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    assert written == current()
    kept = json.loads(FILE.read_text(encoding="utf-8"))
    assert all(f"| {figure['measured']} |" in written for one in kept.values() for figure in one["figures"])


def test_what_falls_short_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bar that is missed stands in the table and in the list of what falls short; a held one in the table only."""
    path = tmp_path / "results.json"
    monkeypatch.setenv("MONITOR_BENCH", str(path))
    record("speed", [at_least("fast", 159, 300, "1 s"), at_most("small", 1.5, 2), Figure("so", "3 kB", "", None)])
    made = page(json.loads(path.read_text(encoding="utf-8")))
    assert "| fast | 159 × | ≥ 300 × | **short** | 1 s | benchmarks.speed |" in made
    assert "- fast: 159 × (bar ≥ 300 ×)." in made
    assert "| small | 1.50 × | ≤ 2 × | holds |" in made
    assert "- small" not in made


def test_nothing_is_kept_unasked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One benchmark run by hand changes no page."""
    monkeypatch.delenv("MONITOR_BENCH", raising=False)
    before = FILE.read_bytes()
    record("speed", [at_least("fast", 1, 2, "")])
    assert FILE.read_bytes() == before


def test_every_benchmark_that_has_figures_can_be_run_and_says_what_for() -> None:
    """What the page names is a benchmark that `make bench` runs, and each says its purpose in a line."""
    assert set(json.loads(FILE.read_text(encoding="utf-8"))) <= set(known())
    assert all(len(purpose(name)) > 20 for name in known())


def test_what_a_benchmark_took_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its minutes stand on the page; those of one without figures do not."""
    path = tmp_path / "results.json"
    monkeypatch.setenv("MONITOR_BENCH", str(path))
    monkeypatch.setattr(figures, "FILE", path)
    record("speed", [Figure("so", "3 kB", "", None)])
    spent("speed", 90)
    spent("other", 90)
    assert "Minutes that they took: speed 1.5.\n" in page(json.loads(path.read_text(encoding="utf-8")))


def test_a_peer_is_installed_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is there as asked is not installed again; what cannot be had is told and left out."""
    monkeypatch.setattr(environment, "TOP", tmp_path)
    monkeypatch.setattr(environment, "_ways", lambda *_: iter([[["false"]], [["true"]]]))
    python = tmp_path / "peer" / "bin" / "python"
    (tmp_path / "peer").mkdir()
    assert environment.interpreter("peer", ["it==1"], 1) == python
    assert "peer: false could not install it: exit 1" in capsys.readouterr().out
    monkeypatch.setattr(environment, "_ways", lambda *_: iter([[["false"]]]))
    assert environment.interpreter("peer", ["it==1"], 1) == python
    assert environment.interpreter("peer", ["it==2"], 1) is None
