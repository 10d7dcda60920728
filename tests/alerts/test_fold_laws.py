"""Laws of the fold, whatever comes in whatever order; and that they catch folds that break them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from monitor.alerts.fold import Folded, advance, blank, fold, in_order
from monitor.alerts.instance import Instance
from monitor.alerts.saved import dump, load
from monitor.alerts.step import step
from monitor.domain.verdict import Verdict
from tests.alerts.conftest import verdict

Fold = Callable[[Sequence[Verdict]], Folded]

LAWFUL = settings(max_examples=200, deadline=None, derandomize=True)

looks = st.builds(
    lambda letter, number, revision, scale: verdict(letter, number, revision=revision, scale=scale),
    st.sampled_from("ooBBCIm-"),
    st.integers(0, 15),
    st.integers(0, 2),
    st.sampled_from([1, 1, 1, 6, 24]),
)
streams = st.lists(looks, min_size=1, max_size=60)
late_looks = st.builds(
    lambda letter, number, revision: verdict(letter, number, revision=revision),
    st.sampled_from("---oB"),
    st.integers(0, 4),
    st.integers(0, 3),
)
late_streams = st.lists(late_looks, min_size=1, max_size=12)
seeds = st.integers(0, 2**32 - 1)


def whole(found: Sequence[Verdict]) -> Folded:
    """Fold as the house does."""
    return fold(blank(found[0]), found)


def order_proof(folding: Fold, found: Sequence[Verdict], seed: int) -> bool:
    """Tell whether any permutation with duplicates folds to the same."""
    chance = Random(seed)
    other = [*found, *chance.choices(found, k=len(found) // 2)]
    chance.shuffle(other)
    return folding(found) == folding(other)


def revision_proof(folding: Fold, found: Sequence[Verdict], seed: int) -> bool:
    """Tell whether superseded revisions make no difference."""
    latest = [one for _, looks_then in in_order(found) for one in looks_then]
    return folding(found) == folding(latest)


def alternating(folding: Fold, found: Sequence[Verdict], seed: int) -> bool:
    """Tell whether fires and clears alternate, beginning with a fire, and agree with the state."""
    kinds = [t.kind for t in folding(found).transitions if t.kind in ("fired", "resolved")]
    expected = ["fired", "resolved"] * len(kinds)
    return kinds == expected[: len(kinds)] and folding(found).instance.active == (len(kinds) % 2 == 1)


def frozen_without_data(folding: Fold, found: Sequence[Verdict], seed: int) -> bool:
    """Tell whether windows without data change no transition and no state."""
    chance = Random(seed)
    later = [replace(one, window=verdict("o", 2 * (one.window.start.hour)).window) for one in found]
    gaps = [verdict("-", 2 * chance.randrange(17) + 1) for _ in range(chance.randrange(1, 9))]
    one, other = folding(later), folding([*later, *gaps])
    same = {"last": None, "unusable": None}
    return one.transitions == other.transitions and replace(one.instance, **same) == replace(other.instance, **same)


LAWS = {law.__name__: law for law in (order_proof, revision_proof, alternating, frozen_without_data)}


@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
def test_the_fold_keeps_the_law(law: Callable[[Fold, Sequence[Verdict], int], bool]) -> None:
    """Each law holds for verdicts at random, on several scales, with revisions that contradict each other."""

    @LAWFUL
    @given(streams, seeds)
    def holds(found: list[Verdict], seed: int) -> None:
        assert law(whole, found, seed)

    holds()


@LAWFUL
@given(st.one_of(streams, late_streams), seeds)
def test_going_on_equals_the_whole_fold(found: list[Verdict], seed: int) -> None:
    """Verdicts in batches, the state saved between them, give what all of them at once give.

    A batch that reaches back is folded anew with all that came before.
    """
    chance = Random(seed)
    found = sorted(found, key=lambda one: one.window) if seed % 3 == 0 else found
    instance, told, seen = blank(found[0]), list[object](), list[Verdict]()
    while len(seen) < len(found):
        batch = found[len(seen) : len(seen) + chance.randint(1, 4)]
        seen += batch
        more = advance(load(Instance, dump(instance)), batch)
        told = list(fold(blank(found[0]), seen).transitions) if more is None else [*told, *more.transitions]
        instance = whole(seen).instance if more is None else more.instance
    assert Folded(instance, tuple(told)) == whole(found)  # type: ignore[arg-type]


@LAWFUL
@given(streams)
def test_a_window_at_a_time_equals_the_whole_fold(found: list[Verdict]) -> None:
    """Stepping through the windows never needs the past again."""
    instance = blank(found[0])
    for window, looks_then in in_order(found):
        more = advance(instance, looks_then)
        assert more is not None
        assert more.instance.last == window
        instance = more.instance
    assert instance == whole(found).instance


def by_arrival(found: Sequence[Verdict]) -> Folded:
    """Fold, wrongly, in the order in which verdicts came."""
    instance = blank(found[0])
    told: list[object] = []
    for one in found:
        instance, new = step(instance, one.window, [one])
        told += new
    return Folded(instance, tuple(told))  # type: ignore[arg-type]


def first_revision(found: Sequence[Verdict]) -> Folded:
    """Fold, wrongly, the first revision of each window."""
    return whole([replace(one, revision=-one.revision) for one in found])


def no_data_is_ok(found: Sequence[Verdict]) -> Folded:
    """Fold, wrongly, windows without data as ok."""
    return whole([replace(one, state="ok") if one.state == "none" else one for one in found])


def no_data_is_a_window(found: Sequence[Verdict]) -> Folded:
    """Fold, wrongly, windows without data among the N."""
    return whole([replace(one, state="mid") if one.state == "none" else one for one in found])


def fires_while_firing(found: Sequence[Verdict]) -> Folded:
    """Fold, wrongly, with a new firing at each return from recovering."""
    folded = whole(found)
    again = [t for t in folded.transitions for _ in range(2 if t.kind == "fired" else 1)]
    return Folded(folded.instance, tuple(again))


TWINS = {
    "arrival order": (by_arrival, order_proof),
    "first revision": (first_revision, revision_proof),
    "no data counts as ok": (no_data_is_ok, frozen_without_data),
    "no data counts as a window": (no_data_is_a_window, frozen_without_data),
    "fires twice": (fires_while_firing, alternating),
}


@pytest.mark.parametrize(("folding", "law"), TWINS.values(), ids=TWINS)
def test_the_laws_catch_a_planted_bug(folding: Fold, law: Callable[[Fold, Sequence[Verdict], int], bool]) -> None:
    """A fold with a known bug breaks the law that forbids it."""
    try:
        broken = find(
            st.tuples(streams, seeds),
            lambda drawn: not law(folding, drawn[0], drawn[1]),
            settings=settings(LAWFUL, max_examples=2000, phases=[Phase.generate]),
        )
    except NoSuchExample:
        pytest.fail("the law does not notice")
    assert law(whole, *broken)
