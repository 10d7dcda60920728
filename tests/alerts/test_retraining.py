"""The life of a recommendation: one claimant at a time, by the fence, until it is over; and its laws."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.alerts import retraining as step
from monitor.alerts.recommendation import Block, Claim, Grounds, Moved, Recommendation
from monitor.alerts.retraining import ClaimedError, ClaimLostError, NotDueError
from monitor.alerts.saved import dump, load
from monitor.domain.window import Window
from monitor.errors import MonitorError, UsageError

T0 = datetime(2024, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DATA = Block("no_data", "data are missing")


def opened(*blocks: Block, **more: Any) -> Recommendation:
    """Return a recommendation that nobody has claimed."""
    grounds = Grounds((), (Window(T0, T0 + HOUR),), Window(T0, T0 + HOUR), 500, 400)
    return Recommendation("rec_1", "m", "open", 1, T0, grounds, blocks, **more)


def taken(known: Recommendation, who: str = "ann", run: str = "1", *, fence: int = 1, at: datetime = T0) -> Moved:
    return step.claim(known, number=f"clm_{fence}", claimant=who, run_id=run, ttl=HOUR, fence=fence, at=at)


def test_one_run_claims() -> None:
    """The first run has it, asks again and gets the same; another one hears who has it and until when."""
    held = taken(opened()).recommendation
    assert (held.status, held.version) == ("claimed", 2)
    assert taken(held, fence=2).recommendation == held
    with pytest.raises(ClaimedError) as refused:
        taken(held, "bob", fence=2)
    assert refused.value.claim == held.claim
    with pytest.raises(ClaimedError):
        taken(held, "ann", "2", fence=2)


def test_what_is_saved_is_what_is_read() -> None:
    """A recommendation in any state survives its saved form."""
    found = taken(opened(DATA, waived=("no_data",), attempts=2)).recommendation
    assert load(Recommendation, dump(found)) == found


@pytest.mark.parametrize("ttl", [timedelta(seconds=59), timedelta(days=1, seconds=1)])
def test_a_claim_lasts_a_minute_to_a_day(ttl: timedelta) -> None:
    """Other times are refused."""
    with pytest.raises(UsageError):
        step.claim(opened(), number="c", claimant="ann", run_id="1", ttl=ttl, fence=1, at=T0)


def test_a_heartbeat_prolongs() -> None:
    """It lasts as long again from then; with another fence, or too late, the claim is lost."""
    held = taken(opened()).recommendation
    later = step.heartbeat(held, "clm_1", 1, T0 + 59 * MINUTE).recommendation
    assert later.claim is not None
    assert later.claim.expires_at == T0 + 119 * MINUTE
    for number, fence, at in (("clm_1", 2, T0), ("clm_9", 1, T0), ("clm_1", 1, T0 + 119 * MINUTE)):
        with pytest.raises(ClaimLostError):
            step.heartbeat(later, number, fence, at)


def test_deployed_ends_it() -> None:
    """A deployment satisfies it and opens the cool-down; saying so twice changes nothing."""
    held = taken(opened()).recommendation
    done = step.complete(held, "clm_1", 1, "deployed", T0 + MINUTE, model_version="v2", cooldown=HOUR)
    assert [event.kind for event in done.events] == ["satisfied"]
    over = done.recommendation
    assert (over.status, over.cooldown_until) == ("satisfied", T0 + 61 * MINUTE)
    assert step.complete(over, "clm_1", 1, "deployed", T0 + HOUR) == Moved(over)
    with pytest.raises(ClaimLostError):
        step.complete(over, "clm_1", 1, "failed", T0 + HOUR)
    with pytest.raises(NotDueError):
        taken(over, "bob", fence=2)


def test_three_failures_need_a_person() -> None:
    """After a failure, an expiry and a failure nobody may claim it before somebody has approved."""
    one = step.complete(taken(opened()).recommendation, "clm_1", 1, "failed", T0 + MINUTE).recommendation
    assert (one.status, one.attempts, one.due) == ("open", 1, True)
    two = step.expired(taken(one, fence=2).recommendation, T0 + HOUR).recommendation
    assert (two.status, two.attempts, two.due) == ("open", 2, True)
    third = taken(two, fence=3, at=T0 + HOUR).recommendation
    moved = step.complete(third, "clm_3", 3, "failed", T0 + HOUR + MINUTE)
    assert [event.kind for event in moved.events] == ["returned", "needs_human"]
    three = moved.recommendation
    assert (three.version, three.due) == (third.version + 2, False)
    with pytest.raises(NotDueError):
        taken(three, fence=4, at=T0 + 2 * HOUR)
    freed = step.approve(three, actor="ann", at=T0 + 2 * HOUR).recommendation
    assert (freed.due, freed.attempts) == (True, 0)


def test_no_improvement_needs_a_person_at_once() -> None:
    """Training again what did not help would not help either."""
    found = step.complete(taken(opened()).recommendation, "clm_1", 1, "no_improvement", T0).recommendation
    assert (found.status, found.needs_human, found.due) == ("open", True, False)


def test_broken_data_are_not_claimed_unless_approved() -> None:
    """What is blocked is refused with the reason; a person may go ahead all the same, once."""
    with pytest.raises(NotDueError, match="data are missing"):
        taken(opened(DATA))
    freed = step.approve(opened(DATA), actor="ann", at=T0).recommendation
    assert taken(freed).recommendation.status == "claimed"
    assert step.approve(freed, actor="ann", at=T0) == Moved(freed)


def test_release_is_no_failure() -> None:
    """Who gives it back leaves it as it was; giving back twice changes nothing."""
    freed = step.release(taken(opened()).recommendation, "clm_1", 1, T0 + MINUTE).recommendation
    assert (freed.status, freed.attempts) == ("open", 0)
    assert step.release(freed, "clm_1", 1, T0 + MINUTE) == Moved(freed)


def test_a_refusal_takes_the_claim_away() -> None:
    """Who had claimed it hears that the claim is lost."""
    over = step.decline(taken(opened()).recommendation, actor="ann", at=T0, note="new data next week", cooldown=HOUR)
    assert over.recommendation.cooldown_until == T0 + HOUR
    with pytest.raises(ClaimLostError, match="revoked"):
        step.complete(over.recommendation, "clm_1", 1, "deployed", T0 + MINUTE)
    with pytest.raises(UsageError):
        step.approve(over.recommendation, actor="ann", at=T0)


Op = tuple[str, int, int]
OPS = st.lists(
    st.tuples(st.sampled_from(["claim", "heartbeat", "failed", "deployed", "release", "decline"]),
              st.integers(0, 3), st.integers(0, 90)),
    max_size=40,
)  # fmt: skip
Complete = Callable[..., Moved]


def replay(ops: list[Op], complete: Complete = step.complete) -> None:
    """Let four trainers act, each by the ticket that it was given last, and demand the laws after each step."""
    known, now, fence = opened(), T0, 0
    tickets: dict[int, Claim] = {}
    for name, who, minutes in ops:
        now += minutes * MINUTE
        before, mine = known, tickets.get(who)
        try:
            if name == "claim":
                fence += 1
                known = step.expired(known, now).recommendation
                known = taken(known, f"t{who}", "1", fence=fence, at=now).recommendation
                assert known.claim is not None
                tickets[who] = known.claim
                assert known.claim.claimant == f"t{who}", "somebody else's claim was handed out"
            elif name == "decline":
                known = step.decline(known, actor="ann", at=now).recommendation
            elif mine is not None and name == "heartbeat":
                known = step.heartbeat(known, mine.id, mine.fence, now).recommendation
            elif mine is not None and name == "release":
                known = step.release(known, mine.id, mine.fence, now).recommendation
            elif mine is not None:
                known = complete(known, mine.id, mine.fence, name, now).recommendation
        except MonitorError:
            assert known.status == before.status or name == "claim"
            continue
        if known.status == "satisfied" and before.status != "satisfied":
            held = before.claim
            assert mine is not None and held is not None  # noqa: PT018
            assert (held.id, held.fence) == (mine.id, mine.fence), "a stale fence has completed"
            assert now < held.expires_at, "a claim that has run out has completed"


@given(OPS)
def test_two_never_hold_it_and_a_stale_fence_never_completes(ops: list[Op]) -> None:
    """Whatever trainers do, in whatever order, the deployment that counts is that of the one who holds the claim."""
    replay(ops)


def test_the_law_sees_a_missing_fence() -> None:
    """A report that is taken without a look at claim and fence is found."""

    def careless(known: Recommendation, number: str, fence: int, outcome: Any, at: datetime) -> Moved:
        held = known.claim
        assert held is not None
        return step.complete(known, held.id, held.fence, outcome, min(at, held.claimed_at))

    stale: list[Op] = [("claim", 0, 0), ("claim", 1, 61), ("deployed", 0, 1)]
    replay(stale)
    with pytest.raises(AssertionError, match="stale fence"):
        replay(stale, careless)
