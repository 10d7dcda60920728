"""``monitor incidents``, ``monitor silences`` and what other commands say of open incidents."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.alerts.assemble import assemble
from monitor.domain.evidence import Evidence
from monitor.store import alert_tables, incidents, models
from monitor.store.engine import open_store
from tests.alerts.conftest import folded
from tests.cli.conftest import NOW, Desk

HOSTILE = "\x1b[31mred\u202e\n=1+1|<b>"
EVIDENCE = Evidence("drift_effect", "amount", 0.312, 0.2, 0.31, 1e-9, 1e-8, 0.001, 0.01, 0.05, 4210, 12000)
OPENED = datetime(2024, 3, 8, 6, 30, tzinfo=UTC)


@pytest.fixture
def duty(desk: Desk) -> Desk:
    """Give the desk with its models known to the store."""
    desk.model["window_timezone"] = "Asia/Tokyo"
    desk.document["models"].append(desk.model | {"name": "other", "window_timezone": "UTC"})
    desk.write()
    assert desk("apply").code == 0
    return desk


def opened(desk: Desk, model: str = "churn", *labels: dict[str, Any], **more: Any) -> str:
    """Open an incident with a member for each labels; return its number."""
    chosen = labels or ({"metric": "drift_effect", "column": "amount"},)
    found = [folded("CC", model=model, labels=each, **({"evidence": EVIDENCE} | more)) for each in chosen]
    store = open_store("sqlite:///monitor.db", folder=desk.folder)
    with store.write() as conn:
        known = models.find(conn, model)
        assert known is not None
        saved = incidents.save(conn, known.id, assemble(None, found, OPENED, cooldown=timedelta(days=1)))
    store.close()
    assert saved is not None
    return saved.id


def test_nothing_is_wrong(duty: Desk) -> None:
    """Empty lists are said in words, and are no lines of JSON."""
    assert duty("incidents", "list").out == "No incident is open.\n"
    assert duty("incidents", "list", "--all").out == "There has been no incident.\n"
    assert duty("silences", "list").out == "Nothing is silenced.\n"
    assert duty("silences", "list", "--all").out == "There has been no silence.\n"
    assert duty("incidents", "list", "--all", "--json").out == ""
    assert (duty("incidents").code, duty("silences").code) == (2, 2)


def test_before_the_store_is_there(desk: Desk) -> None:
    """The error says which command makes it."""
    said = desk("incidents", "list")
    assert (said.code, "monitor run" in said.err) == (1, True)


def test_lines_for_machines(duty: Desk) -> None:
    """The keys that others rely on come first, instants in UTC."""
    number = opened(duty)
    [record] = duty("incidents", "list", "--all", "--json").records
    assert dict(list(record.items())[:8]) == {
        "id": number, "model": "churn", "state": "open", "severity": "critical", "version": 2,
        "opened_at": "2024-03-08T06:30:00Z", "resolved_at": None, "columns": ["amount"],
    }  # fmt: skip


def test_an_incident_from_opening_to_end(duty: Desk) -> None:
    """Listed, taken on, given back, closed; each is said, and the second time nothing happens."""
    number = opened(duty)
    listed = duty("incidents", "list").out.splitlines()
    assert listed[0].split() == ["id", "opened", "now", "model", "about"]
    assert listed[3] == "Times in Asia/Tokyo."
    assert listed[2].split() == [number[:12], "2024-03-08", "15:30", "critical", "churn", "drift:", "amount"]
    taken = duty("incidents", "ack", number[:8], "--note", "on it", "--as", "ann", "--for", "2h")
    assert taken.out.startswith(f"{number[:12]}  churn: acknowledged by ann until ")
    assert taken.out.endswith(" Asia/Tokyo (version 3)\n")
    for more in (("--note", "on it", "--for", "2h"), ("--for", "2h"), ()):
        again = duty("incidents", "ack", number, "--as", "ann", *more).out
        assert ("unchanged: acknowledged by ann" in again, "(version 3)" in again) == (True, True)
    assert " critical, acked " in duty("incidents", "list").out
    given = duty("incidents", "unack", number)
    assert given.out == f"{number[:12]}  churn: open, nobody looks after it (version 4)\n"
    closed = duty("incidents", "resolve", number, "--note", "mended", "--as", "bob")
    assert closed.out == f"{number[:12]}  churn: resolved (version 5)\n"
    assert "unchanged: resolved" in duty("incidents", "resolve", number).out
    assert duty("incidents", "list").out == "No incident is open.\n"
    page = duty("incidents", "show", number).out
    assert "resolved" in page
    assert 'resolved, by hand, bob: "mended"' in page
    again = duty("incidents", "ack", number)
    assert (again.code, "hint: only an open incident" in again.err) == (2, True)
    told = [(one["actor"], one["action"]) for one in duty("audit", "export").records]
    assert [action for _, action in told] == ["config.apply", "incident.ack", "incident.unack", "incident.resolve"]
    assert (told[1][0], told[3][0]) == ("cli ann", "cli bob")


def test_the_page_of_an_incident(duty: Desk) -> None:
    """What, since when, how sure, members with their evidence, timeline, notices, and commands that help."""
    number = opened(duty, "churn", {"metric": "drift_effect", "column": "amount"},
                    {"metric": "psi", "column": "place", "carrier": "UA"})  # fmt: skip
    duty("silences", "add", "--match", "column=place", "--for", "2h", "--reason", "moving house")
    page = duty("incidents", "show", number).out
    for text in (
        number, "churn: drift: ", "amount", "State          critical, open since 2024-03-08 15:30 Asia/Tokyo",
        "Since          the window that began 2024-01-01 09:00", "version 4",
        "joined: drift_effect of amount, psi of place",
        "is 0.312, the limit 0.2, on 4 210 rows", "p 1e-08 after", "psi of place carrier=UA  critical",
        "Timeline (Asia/Tokyo)", "2024-03-08 15:30  opened, critical", "moving house",
        "Nobody is told: monitor.yaml has no `receivers:`.", f"monitor incidents ack {number[:12]}", "--metric",
    ):  # fmt: skip
        assert text in page, page
    assert max(map(len, page.splitlines())) <= 80, page


def test_notices_stand_on_the_page(duty: Desk) -> None:
    """With their receiver, state, attempts and the last fault."""
    number = opened(duty)
    store = open_store("sqlite:///monitor.db", folder=duty.folder)
    with store.write() as conn:
        row = {"id": "n1", "incident_id": number, "receiver": "team\x1b[2J", "seq": 1, "kind": "opened",
               "message": "{}", "state": "dead", "attempts": 3, "next_at": OPENED, "expires_at": OPENED,
               "created_at": OPENED, "last_error": "HTTP 404 " + "x" * 200}  # fmt: skip
        conn.execute(alert_tables.outbox.insert().values(row))
    store.close()
    page = duty("incidents", "show", number).out
    assert "opened  dead" in page
    assert "\\x1b" in page
    assert max(map(len, page.splitlines())) <= 80, page


@pytest.mark.parametrize("command", [("incidents", "list"), ("incidents", "show", "inc_"), ("status",)])
def test_hostile_names_do_nothing(duty: Desk, command: tuple[str, ...]) -> None:
    """No control character reaches the terminal, whatever a column, a group or a note is called."""
    evidence = replace(EVIDENCE, column=HOSTILE, note=HOSTILE, season=HOSTILE)
    number = opened(duty, "churn", {"metric": "drift_effect", "column": HOSTILE, HOSTILE: HOSTILE}, evidence=evidence)
    assert duty("incidents", "ack", number, "--note", HOSTILE, "--as", f"eve{HOSTILE}").code == 0
    assert duty("silences", "add", "--match", f"column={HOSTILE}", "--for", "1h", "--reason", HOSTILE).code == 0
    said = duty(*(number if part == "inc_" else part for part in command))
    assert said.code == 0, said.err
    assert all(character.isprintable() or character == "\n" for character in said.out)
    assert "\u202e" not in said.out
    assert "\\x1b[31mred" in said.out
    for more in (("silences", "list"), ("incidents", "show", number)):
        assert "\x1b" not in duty(*more).out
    [record] = duty("incidents", "show", number, "--json").records
    assert record["columns"] == [HOSTILE]


def test_a_stale_version_says_how_it_is(duty: Desk) -> None:
    """Exit code 1, the present version and state, and nothing done."""
    number = opened(duty)
    assert duty("incidents", "ack", number, "--as", "ann", "--if-version", "2").code == 0
    for command in ("ack", "unack", "resolve"):
        said = duty("incidents", command, number, "--if-version", "2")
        assert (said.code, said.out) == (1, "")
        assert "at version 3, not 2" in said.err
        assert "acknowledged" in said.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "inc_ffff"), ("show", ""), ("ack", "nothing"), ("ack", "%"), ("list", "--model", "nobody"),
        ("ack", "ID", "--for", "9d"), ("ack", "ID", "--for", "soon"), ("ack", "ID", "--for", "0s"),
        ("ack", "ID", "--note", "x" * 2001), ("ack", "ID", "--as", "  "),
    ],
)  # fmt: skip
def test_wrong_usage_has_a_cure(duty: Desk, arguments: tuple[str, ...]) -> None:
    """Exit code 2 and a hint; the incident stays as it was."""
    number = opened(duty)
    said = duty("incidents", *(number if part == "ID" else part for part in arguments))
    assert said.code == 2, said
    assert "hint: " in said.err
    assert "Traceback" not in said.err
    assert duty("incidents", "list", "--json").records[0]["version"] == 2


def test_a_silence_from_beginning_to_end(duty: Desk) -> None:
    """Made, told again as unchanged, listed in the model's zone, ended."""
    number = opened(duty)
    arguments = ("silences", "add", "--match", "model=churn", "--for", "2h", "--reason", "moving", "--as", "ann")
    made = duty(*arguments).out.splitlines()
    name = made[0].split()[0]
    assert "model=churn: silent until" in made[0]
    assert made[0].endswith("Asia/Tokyo")
    assert made[1] == f"  covers 1 open incident: {number[:12]}"
    assert "unchanged: " in duty(*arguments).out
    assert " critical, silenced " in duty("incidents", "list").out
    [record] = duty("silences", "list", "--json").records
    assert (record["state"], record["matchers"], record["author"]) == ("active", ["model=churn"], "ann")
    shown = duty("silences", "list").out.splitlines()
    assert shown[2].split()[:3] == [name, "active", "model=churn"]
    assert "over since" in duty("silences", "expire", name).out
    assert "unchanged: " in duty("silences", "expire", name).out
    assert duty("silences", "list").out == "Nothing is silenced.\n"
    assert len(duty("silences", "list", "--all", "--json").records) == 1
    assert [one["action"] for one in duty("audit", "export").records] == ["config.apply", "silence.add", "silence.end"]


def test_a_silence_of_no_model_is_warned_of(duty: Desk) -> None:
    """It is made; a word that no alarm has is refused with the one that was meant."""
    said = duty("silences", "add", "--match", "model=chrun", "--for", "2h", "--reason", "x")
    assert (said.code, said.out.splitlines()[-1]) == (
        0, "  warning: no model fits model=chrun: as it is, this silences nothing",
    )  # fmt: skip
    assert (
        "hint: did you mean model?" in duty("silences", "add", "--match", "modl=a", "--for", "2h", "--reason", "x").err
    )


def test_a_silence_that_begins_later(duty: Desk) -> None:
    """Its beginning is read in the zone of the model that it names."""
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    said = duty(
        "silences", "add", "--match", "model=churn", "--for", "2h", "--reason", "x", "--starts", tomorrow, "--json"
    )
    [record] = said.records
    assert (record["state"], record["starts_at"][11:]) == ("pending", "15:00:00Z")
    assert f"from {tomorrow}" in duty("silences", "list").out


@pytest.mark.parametrize(
    "more",
    [
        ("--match", "model", "--for", "2h"), ("--match", "model=*", "--for", "2h"),
        ("--match", "model=m", "--for", "60d"), ("--match", "model=m", "--for", "2"), ("--match", "", "--for", "2h"),
        ("--match", "modell=churn", "--for", "2h"),
        ("--match", "model=m", "--for", "2h", "--starts", "soon"),
        ("--match", "model=m", "--for", "2h", "--starts", "2020-01-01"), ("--for", "2h"),
    ],
)  # fmt: skip
def test_wrong_silences_are_refused(duty: Desk, more: tuple[str, ...]) -> None:
    """Exit code 2, and nothing is silenced."""
    said = duty("silences", "add", *more, "--reason", "x")
    assert (said.code, "Traceback" in said.err) == (2, False)
    assert duty("silences", "list", "--all", "--json").out == ""


def test_status_tells_of_open_incidents(duty: Desk) -> None:
    """A line for each, below the table; JSON has their numbers."""
    number = opened(duty)
    out = duty("status", "--now", NOW).out
    assert f"churn: critical incident {number[:12]} since 2024-03-08 15:30 Asia/Tokyo: drift: amount\n" in out
    records = duty("status", "--now", NOW, "--json").records
    assert {one["model"]: one["incidents"] for one in records} == {"churn": [number], "other": []}
    assert "incident" not in duty("status", "--model", "other", "--now", NOW).out


def test_run_fails_on_alert_when_asked(duty: Desk) -> None:
    """Exit code 3 while an incident of the chosen models is open, silenced ones too; 1 wins over 3."""
    number = opened(duty)
    span = ("--from", "2024-03-04", "--to", "2024-03-05", "--now", NOW)
    duty("silences", "add", "--match", "model=churn", "--for", "2h", "--reason", "x")
    said = duty("run", *span, "--fail-on-alert")
    assert said.code == 3, said.err
    assert f"note: churn: critical incident {number[:12]}" in said.err
    assert duty("run", *span).code == 0
    assert duty("run", *span, "--fail-on-alert", "--model", "other").code == 0
    assert duty("run", *span, "--fail-on-alert", "--json").code == 3
    (duty.folder / "logs.db").unlink()
    assert duty("run", *span, "--fail-on-alert").code == 1
    assert duty("incidents", "resolve", number).code == 0
