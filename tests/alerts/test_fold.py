"""The state machine of an instance, rule by rule."""

from __future__ import annotations

from datetime import timedelta

import pytest

from monitor.alerts.fold import End, advance, blank, fold, fold_each
from monitor.alerts.instance import Instance
from monitor.alerts.step import close
from monitor.domain.evidence import Evidence
from tests.alerts.conftest import START, folded, told, verdict, verdicts, window

PHASES = {
    "nothing": ("o", "inactive"),
    "one breach waits": ("oB", "pending"),
    "a breach waits as long as it is among the last three": ("Boo", "pending"),
    "and no longer": ("Booo", "inactive"),
    "two of three fire": ("BoB", "firing"),
    "two of four do not": ("BooB", "pending"),
    "mid counts among the three": ("BmmB", "pending"),
    "none does not": ("B--B", "firing"),
    "an ok begins to recover": ("BBo", "recovering"),
    "a breach fires again": ("BBoB", "firing"),
    "two ok resolve": ("BBoo", "inactive"),
    "mid holds": ("BBmmmm", "firing"),
    "mid neither counts nor resets": ("BBomo", "inactive"),
    "a breach between resets": ("BBoBo", "recovering"),
    "nothing clears without data": ("BB" + "-" * 50, "firing"),
    "nor recovers": ("BBo" + "-" * 50, "recovering"),
    "nor is forgotten": ("B" + "-" * 50, "pending"),
}


@pytest.mark.parametrize(("letters", "phase"), PHASES.values(), ids=PHASES)
def test_the_phase(letters: str, phase: str) -> None:
    """Two of three breaches fire, two ok windows clear, no data freezes."""
    assert folded(letters).phase == phase


def test_fire_and_clear_alternate() -> None:
    """A breach while it recovers is no new firing."""
    assert told("BBoBoooBB") == [("fired", 1), ("resolved", 5), ("fired", 8)]


@pytest.mark.parametrize(
    ("needed", "of", "clear_for", "letters", "expected"),
    [
        (1, 1, 1, "BoB", [("fired", 0), ("resolved", 1), ("fired", 2)]),
        (1, 1, 3, "BooBooo", [("fired", 0), ("resolved", 6)]),
        (3, 3, 2, "BBoBBB", [("fired", 5)]),
        (2, 5, 2, "BoooB", [("fired", 4)]),
        (3, 5, 2, "BoBmB", [("fired", 4)]),
    ],
)
def test_m_of_n_and_clear_for_are_the_verdicts(
    needed: int, of: int, clear_for: int, letters: str, expected: list[tuple[str, int]]
) -> None:
    """How many windows fire and how many clear is said by the verdicts."""
    assert told(letters, needed=needed, of=of, clear_for=clear_for) == expected


def test_a_resolve_starts_the_count_anew() -> None:
    """Breaches before a resolve do not help the next alarm to fire."""
    assert told("BBooB", of=9) == [("fired", 1), ("resolved", 3)]


def test_it_started_with_the_first_window_of_the_breach_run() -> None:
    """The start is the first breach of those that fired, not the window that confirmed them."""
    instance = folded("ooBoBoB")
    assert (instance.started, instance.fired, instance.last_breach) == (window(2), window(4), window(6))


def test_a_resolve_says_when_and_why() -> None:
    """A resolved instance keeps its window and its reason, until it fires again."""
    instance = folded("BBoo")
    assert (instance.resolved, instance.reason) == (window(3), "recovered")
    assert folded("BBooBB").resolved is None


def test_the_evidence_is_of_the_latest_breach() -> None:
    """What is told to people is the latest breach, not the ok window after it."""
    found = [verdict("B", n, evidence=Evidence("psi", value=float(n))) for n in range(3)] + verdicts("   o")
    evidence = fold(blank(found[0]), found).instance.evidence
    assert evidence is not None
    assert evidence.value == 2.0


def test_why_a_window_said_nothing_is_kept() -> None:
    """A frozen instance says by which reason."""
    assert folded("B-").unusable == "no_rows"
    assert folded("B-o").unusable is None


def test_a_severity_needs_its_windows_too() -> None:
    """One critical window among warnings does not make it critical, two of three do; it never falls while it fires."""
    assert folded("BC").severity == "warning"
    assert folded("CC").severity == "critical"
    assert told("BBCC") == [("fired", 1), ("severity_up", 3)]
    assert folded("CCBBBB").severity == "critical"
    assert folded("CCooBB").severity == "warning"


def test_the_latest_revision_wins() -> None:
    """A window judged anew replaces what was said of it before."""
    found = [*verdicts("BBB"), verdict("o", 1, revision=1), verdict("o", 2, revision=1), verdict("B", 1)]
    assert fold(blank(found[0]), found).instance.phase == "pending"


def scaled(letters: dict[int, str]) -> Instance:
    """Return the instance after letters on several scales."""
    found = [one for scale, row in letters.items() for one in verdicts(row, scale=scale)]
    return fold(blank(found[0]), found).instance


@pytest.mark.parametrize(
    ("letters", "phase", "scale"),
    [
        ({1: "oo", 6: "BB"}, "firing", 6),
        ({1: "Bo", 6: "oB"}, "pending", None),
        ({1: "BB", 6: "BB", 24: "BB"}, "firing", 1),
        ({1: "ooBBoo", 6: "BBBBBB", 24: "BBBBBB"}, "inactive", None),
        ({1: "oooooo", 6: "BBBBBB", 24: "oooooo"}, "firing", 6),
        ({1: "BB----", 6: "BBoooo"}, "firing", 1),
        ({6: "BB  oo", 24: "BBBBBB"}, "inactive", None),
    ],
    ids=[
        "any scale fires",
        "each scale counts for itself",
        "the shortest is judged",
        "a shorter one that fires later takes over",
        "the others do not clear it",
        "nor while the judged one has no data",
        "windows without the judged scale hold",
    ],
)
def test_scales(letters: dict[int, str], phase: str, scale: int | None) -> None:
    """Any scale may fire; the shortest that fired since it opened is judged."""
    instance = scaled(letters)
    assert (instance.phase, instance.scale) == (phase, scale)


def test_flapping_needs_four_turns_in_ten_windows() -> None:
    """Four fires and clears within ten usable windows flap, windows without data not counted; slower ones do not."""
    assert told("BBooBBoo")[-2:] == [("resolved", 7), ("flapping", 7)]
    assert told("BB-oo--BBo--o")[-1] == ("flapping", 12)
    assert not folded("BBoo" + "o" * 4 + "BBoo").flapping


def test_flapping_ends_after_five_windows_without_a_turn() -> None:
    """It stays while turns go on, and settles five usable windows after the last."""
    assert folded("BBooBBooBBoo" + "o" * 4).flapping
    assert told("BBooBBoo" + "o-oo-oo")[-1] == ("settled", 14)
    assert not folded("BBooBBooBB" + "BBBBB").flapping


def test_an_end_from_outside_resolves_with_its_reason() -> None:
    """A deleted rule resolves what fires, and forgets what was pending."""
    ended, transitions = close(folded("BB"), "rule_deleted")
    assert (ended.phase, ended.reason) == ("inactive", "rule_deleted")
    assert [(t.kind, t.reason) for t in transitions] == [("resolved", "rule_deleted")]
    assert close(folded("B"), "rule_changed")[0].phase == "inactive"
    assert close(blank(verdict("B", 0)), "model_retired") == (blank(verdict("B", 0)), ())


def test_ends_stand_between_windows() -> None:
    """Folding with an end gives the same as closing then and going on."""
    found = verdicts("BBBB")
    closed, _ = close(folded("BB"), "rule_changed")
    after = advance(closed, found[2:])
    assert after is not None
    end = End(window(1).end, "rule_changed")
    assert after.instance == fold(blank(found[0]), found[::-1], [end]).instance
    assert fold(blank(found[0]), found, [End(START + timedelta(days=9), "model_retired")]).instance.phase == "inactive"


def test_only_the_whole_fold_can_take_an_older_window() -> None:
    """Going on is refused for a window that was judged, or that lies before."""
    instance = folded("BB")
    assert advance(instance, [verdict("B", 1, revision=1)]) is None
    assert advance(instance, [verdict("B", 0), verdict("B", 2)]) is None
    assert advance(instance, []) is not None


def test_late_ground_truth_needs_no_fold_anew() -> None:
    """A window that said nothing may be judged by a later revision, unless one after it was judged already."""
    found = verdicts("----")
    instance = fold(blank(found[0]), found).instance
    for number in range(3):
        found.append(verdict("B", number, revision=1))
        more = advance(instance, found[-1:])
        assert more is not None
        assert more.instance == fold(blank(found[0]), found).instance
        instance = more.instance
    assert (instance.phase, instance.last, instance.unusable) == ("firing", window(3), "no_rows")
    assert advance(instance, [verdict("o", 1, revision=2)]) is None
    assert advance(instance, [verdict("o", 3)]) is None


def test_instances_are_told_apart_by_rule_and_labels() -> None:
    """The verdicts of many instances are folded each for itself."""
    mixed = (
        verdicts("BB") + verdicts("oo", labels={"column": "y"}) + verdicts("BB", rule="s") + verdicts("B", model="n")
    )
    found = fold_each(mixed)
    assert sorted(one.instance.phase for one in found.values()) == ["firing", "firing", "inactive", "pending"]
    assert all(name == one.instance.fingerprint for name, one in found.items())
