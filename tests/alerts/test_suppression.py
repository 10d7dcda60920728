"""Silences, inhibition and mute times: what is not told, and when it is after all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from monitor.alerts.hearing import Wishes, hear
from monitor.alerts.inhibit import folded, inhibited
from monitor.alerts.matcher import Matcher, parse
from monitor.alerts.member import Member, member_of
from monitor.alerts.mute import covers, muted
from monitor.alerts.silence import Silence, expire, silence
from monitor.config.mute_time import MuteTimeConfig
from monitor.errors import UsageError
from tests.alerts.conftest import HOUR, START, Desk, verdict, window
from tests.alerts.conftest import folded as played


def silence_of(*texts: str, first: float = 0, hours: float = 2) -> Silence:
    """Return a silence of so many hours."""
    begin = START + first * HOUR
    matchers = [parse(text) for text in texts]
    return silence("s", matchers, starts_at=begin, ends_at=begin + hours * HOUR, author="a", reason="r", at=begin)


def test_a_silence_is_half_open() -> None:
    """It covers its first instant and not its end."""
    found = silence_of("model=m")
    subject = {"model": ("m",)}
    assert [found.covers(subject, START + n * HOUR) for n in (-1, 0, 1, 2)] == [False, True, True, False]
    assert not found.covers({"model": ("n",)}, START)


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": " "},
        {"author": ""},
        {"ends_at": START},
        {"ends_at": START + timedelta(days=31)},
        {"matchers": []},
        {"matchers": [Matcher("model", "=~", "*")]},
        {"at": START + 3 * HOUR},
    ],
    ids=["no reason", "no author", "empty", "too long", "no matcher", "matches all", "past"],
)
def test_a_silence_without_measure_is_refused(wrong: dict[str, object]) -> None:
    """It needs a reason, an author, a matcher that narrows it, and an end within 30 days."""
    given = {
        "matchers": [parse("model=m")], "starts_at": START, "ends_at": START + HOUR, "author": "a", "reason": "r",
        "at": START,
    }  # fmt: skip
    with pytest.raises(UsageError):
        silence("s", **(given | wrong))  # type: ignore[arg-type]


def test_a_silence_is_ended_never_edited() -> None:
    """Ending it keeps its past; ending it again, or before it starts, is harmless."""
    found = silence_of("model=m", hours=10)
    ended = expire(found, START + HOUR)
    assert (ended.starts_at, ended.ends_at) == (START, START + HOUR)
    assert expire(ended, START + 5 * HOUR) == ended
    assert not expire(found, START - HOUR).active(START)


def member(letters: str, metric: str, **more: object) -> Member:
    """Return a member after those windows."""
    found = member_of(played(letters, labels={"metric": metric}, **more))
    assert found is not None
    return found


DRIFT, ACCURACY = "psi", "accuracy"


@pytest.mark.parametrize(
    ("shown", "fault", "kind", "hidden"),
    [
        ("  BB", "  BB", "no_rows", True),
        ("  BB", "BBBB", "schema_changed", True),
        ("BB", "  BB", "no_rows", False),
        ("   BBB", " BBo", "no_rows", False),
        ("  BB", "BBoo", "no_rows", False),
        ("  BB", "  BB", "labels_overdue", False),
    ],
    ids=["same windows", "within", "before", "after", "fault is over", "labels say nothing of drift"],
)
def test_missing_data_mute_the_same_windows(shown: str, fault: str, kind: str, hidden: bool) -> None:
    """Drift of the windows in which data are missing is not told, that of others is."""
    assert inhibited(member(shown, DRIFT), [member(fault, kind)]) is hidden


def test_overdue_labels_mute_performance_and_quality_is_never_muted() -> None:
    """Each fault mutes what it explains."""
    assert inhibited(member("BB", ACCURACY), [member("BB", "labels_overdue")])
    assert not inhibited(member("BB", "missing_rate"), [member("BB", "schema_changed")])


def test_critical_performance_folds_drift_that_warns() -> None:
    """Drift warnings stand in the notice of the performance; critical drift does not, nor without that."""
    bad, drift = member("CC", ACCURACY), member("BB", DRIFT)
    assert folded([bad, drift]) == {drift.fingerprint}
    assert folded([bad, member("CC", DRIFT)]) == frozenset()
    assert folded([member("BB", ACCURACY), drift]) == frozenset()


def test_hearing_sorts_the_members() -> None:
    """Silenced and inhibited members are told apart from those that may be heard."""
    desk = Desk()
    for number in range(2):
        desk.step(number, [verdict("B", number, labels={"metric": "psi", "column": c}) for c in "xyz"])
    wishes = Wishes(silences=[silence_of("column=x", hours=9)])
    heard = hear(desk.last(), (), wishes, START + HOUR)
    assert [len(heard.audible), len(heard.silenced), len(heard.inhibited)] == [2, 1, 0]
    fault = member("BB", "no_rows")
    heard = hear(desk.last(), [fault], wishes, START + HOUR)
    assert [len(heard.audible), len(heard.silenced), len(heard.inhibited)] == [0, 1, 2]


def test_an_empty_list_of_weekdays_is_every_day() -> None:
    """Hours alone hold each day, past midnight too."""
    night = MuteTimeConfig.model_validate({"hours": "20:00-07:00"})
    assert [covers(night, datetime(2024, 5, 15, h, tzinfo=UTC)) for h in (6, 7, 19, 20, 23)] == [
        True, False, False, True, True,
    ]  # fmt: skip


def test_hours_past_midnight_belong_to_the_day_they_start_on() -> None:
    """Saturday's night ends on Sunday morning, and Sunday's on Monday; Saturday morning is Friday's."""
    weekend = MuteTimeConfig.model_validate({"weekdays": ["sat", "sun"], "hours": "20:00-07:00"})
    found = [covers(weekend, datetime(2024, 5, day, 3, tzinfo=UTC)) for day in (18, 19, 20, 21)]
    assert found == [False, True, True, False]
    whole = MuteTimeConfig.model_validate({"weekdays": ["sat"]})
    assert [covers(whole, datetime(2024, 5, day, 23, 59, tzinfo=UTC)) for day in (17, 18, 19)] == [False, True, False]


def test_mute_times_go_by_the_clocks_on_the_wall() -> None:
    """In Berlin 07:00 is 06:00 UTC in winter and 05:00 in summer; the day of the change has its hours by the wall."""
    night = MuteTimeConfig.model_validate({"hours": "20:00-07:00", "timezone": "Europe/Berlin"})
    assert covers(night, datetime(2024, 1, 10, 5, 59, tzinfo=UTC))
    assert not covers(night, datetime(2024, 7, 10, 5, 0, tzinfo=UTC))
    berlin = ZoneInfo("Europe/Berlin")
    assert covers(night, datetime(2024, 3, 31, 6, 59, tzinfo=berlin))
    assert not covers(night, datetime(2024, 3, 31, 7, 0, tzinfo=berlin))
    assert covers(night, datetime(2024, 10, 27, 2, 30, tzinfo=berlin, fold=1))


def test_a_mute_time_is_for_what_it_matches() -> None:
    """Other teams are told at night."""
    night = MuteTimeConfig.model_validate({"match": {"team": "risk"}, "hours": "20:00-07:00"})
    assert muted([night], {"team": ("risk",)}, window(0).start)
    assert not muted([night], {"team": ("web",)}, window(0).start)
