"""Incidents as people act on them, on both kinds of store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from monitor.alerts import acknowledge
from monitor.alerts.acknowledge import StaleVersionError
from monitor.alerts.assemble import assemble
from monitor.alerts.incident import Incident
from monitor.config import Config, load_text
from monitor.domain.evidence import Evidence
from monitor.errors import UsageError
from monitor.service.oncall import incidents as service
from monitor.service.oncall import silencing
from monitor.service.oncall.story import story
from monitor.store import alert_tables, clock, incidents, migration, models, silences
from monitor.store.engine import Store, open_store
from tests.alerts.conftest import folded

HOUR = timedelta(hours=1)
YAML = """
store: sqlite:///monitor.db
models:
  - {name: m, task: binary, labels: {team: risk}, runbook: "https://wiki.example.org/m", window_timezone: Asia/Tokyo,
     groups: [place, [carrier, column]],
     source: {url: "sqlite:///logs.db", predictions: {table: p, id: id, time: at, prediction: y}}}
  - {name: other, task: binary,
     source: {url: "sqlite:///logs.db", predictions: {table: p, id: id, time: at, prediction: y}}}
"""
EVIDENCE = Evidence("psi", "x", 0.31, 0.2, 0.31, 1e-9, 1e-8, 0.001, 0.01, 0.05, 4210, 12000)


@dataclass
class Office:
    """A store with two models and whatever incidents a test opens."""

    store: Store
    config: Config

    def open(self, model: str = "m", letters: str = "BB", **more: object) -> str:
        """Open an incident, or bring it up to date, by the verdicts that letters mean; return its number."""
        instance = folded(letters, model=model, **({"evidence": EVIDENCE} | more))
        with self.store.write() as conn:
            key = f"{model}/no_data" if "kind" in instance.labels else model
            number = models.register(conn, model, "{}", "first", clock.now(conn)).model_id
            last = incidents.latest(conn, key)
            changed = assemble(last and last.incident, [instance], clock.now(conn), cooldown=24 * HOUR)
            saved = incidents.save(conn, number, changed)
        assert saved is not None
        return saved.id

    def now(self, number: str) -> Incident:
        """Return the incident as it is stored."""
        with self.store.read() as conn:
            found = incidents.get(conn, number)
        assert found is not None
        return found.incident

    def told(self, number: str) -> list[tuple[str, str | None, str | None]]:
        """Return its timeline: what, by whom, with which note."""
        with self.store.read() as conn:
            return [(entry.kind, entry.actor, entry.note) for entry in incidents.entries(conn, number)]


@pytest.fixture(params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Office]:
    """Give a store with its tables, of each kind."""
    url = f"sqlite:///{tmp_path}/monitor.db"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_database")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f'ALTER DATABASE "{make_url(url).database}" SET synchronous_commit = on')
    store = open_store(url, folder=tmp_path)
    migration.upgrade(store)
    yield Office(store, load_text(YAML, file="monitor.yaml", env={}))
    store.close()


def test_an_incident_is_listed(office: Office) -> None:
    """Open ones, the newest first; of one model when asked; resolved ones too when asked."""
    first, second = office.open("m"), office.open("other", labels={"metric": "psi", "column": "y"})
    assert [one.id for one in service.listed(office.config, office.store)] == [second, first]
    [seen] = service.listed(office.config, office.store, ["m"])
    record = seen.record()
    assert list(record)[:8] == ["id", "model", "state", "severity", "version", "opened_at", "resolved_at", "columns"]
    assert (record["id"], record["state"], record["version"], record["columns"]) == (first, "open", 2, ["x"])
    assert (record["opened_at"][-1], record["kinds"], seen.zone) == ("Z", ["drift"], "Asia/Tokyo")
    service.resolve(office.config, office.store, first, actor="ann")
    assert [one.id for one in service.listed(office.config, office.store)] == [second]
    assert {one.id for one in service.listed(office.config, office.store, resolved=True)} == {first, second}


def test_a_number_may_be_shortened(office: Office) -> None:
    """With and without its prefix, in any case, as long as it means one incident."""
    number = office.open()
    for text in (number, number[:8], number[4:10], number[4:10].upper(), f" {number} "):
        assert story(office.config, office.store, text).seen.id == number
    for text in ("inc_", "", "zzz", "inc_%", "_", "'; DROP TABLE incidents --", "ffff" * 8, number + "0"):
        with pytest.raises(UsageError, match="no incident"):
            story(office.config, office.store, text)


def test_a_beginning_of_several_is_refused(office: Office) -> None:
    """The error names them."""
    numbers = []
    for digit in "0123456789abcdef0":
        numbers.append(office.open(f"m{digit}{len(numbers)}"))
    first = {number[4] for number in numbers}
    shared = next(digit for digit in sorted(first) if sum(number[4] == digit for number in numbers) > 1)
    with pytest.raises(UsageError, match="several") as caught:
        story(office.config, office.store, shared)
    assert all(number in (caught.value.hint or "") for number in numbers if number[4] == shared)


def test_acknowledged_once_is_acknowledged(office: Office) -> None:
    """The second time changes nothing; another person takes over; a longer time is another acknowledgement."""
    number = office.open()
    first = service.acknowledge(office.config, office.store, number[:9], actor="ann", note="on it")
    again = service.acknowledge(office.config, office.store, number, actor="ann", note="on it")
    assert (first.changed, again.changed) == (True, False)
    assert first.seen == again.seen
    assert office.told(number)[-1] == ("acknowledged", "ann", "on it")
    assert office.now(number).version == 3
    taken = service.acknowledge(office.config, office.store, number, actor="bob", length=48 * HOUR)
    acknowledgement = taken.seen.incident.acknowledgement
    assert acknowledgement is not None
    assert acknowledgement.expires_at - acknowledgement.at == 48 * HOUR
    with pytest.raises(UsageError, match="7 days"):
        service.acknowledge(office.config, office.store, number, actor="bob", length=200 * HOUR)
    assert office.now(number).version == 4


def test_given_back_and_resolved(office: Office) -> None:
    """Each with its entry, each idempotent; a resolved one can be acknowledged no more."""
    number = office.open()
    assert not service.unacknowledge(office.config, office.store, number, actor="ann").changed
    service.acknowledge(office.config, office.store, number, actor="ann")
    assert service.unacknowledge(office.config, office.store, number, actor="bob").changed
    assert service.resolve(office.config, office.store, number, actor="bob", note="fixed").changed
    assert not service.resolve(office.config, office.store, number, actor="eve").changed
    kinds = [("acknowledged", "ann", None), ("unacknowledged", "bob", None), ("resolved", "bob", "fixed")]
    assert office.told(number)[-3:] == kinds
    with pytest.raises(UsageError, match="resolved"):
        service.acknowledge(office.config, office.store, number, actor="ann")
    assert office.now(number).resolved_by == "bob"
    assert office.open(letters="BBB") == number
    assert office.now(number).reopen_count == 1


def test_a_stale_version_is_told(office: Office) -> None:
    """Nothing is written, and the error holds the incident as it is."""
    number = office.open()
    service.acknowledge(office.config, office.store, number, actor="ann", version=2)
    for act in (service.acknowledge, service.unacknowledge, service.resolve):
        with pytest.raises(StaleVersionError) as caught:
            act(office.config, office.store, number, actor="bob", version=2)
        assert caught.value.incident == office.now(number)
    assert len(office.told(number)) == 3


def test_an_acknowledgement_runs_out(office: Office) -> None:
    """It is seen as open at once, and who acts on it notes the end first."""
    number = office.open()
    with office.store.write() as conn:
        found = incidents.get(conn, number)
        assert found is not None
        then = datetime.now(UTC) - 30 * HOUR
        incidents.save(conn, found.model_id, acknowledge.acknowledge(found.incident, actor="ann", at=then))
    assert office.now(number).state == "acknowledged"
    [seen] = service.listed(office.config, office.store)
    assert (seen.incident.state, seen.incident.version, seen.record()["acknowledged_by"]) == ("open", 3, None)
    done = service.acknowledge(office.config, office.store, number, actor="ann", version=3)
    assert done.changed
    assert [kind for kind, *_ in office.told(number)[-3:]] == ["acknowledged", "ack_expired", "acknowledged"]


def test_the_story_has_everything(office: Office) -> None:
    """Members with their evidence, timeline, notices, silences and the runbook."""
    number = office.open()
    silencing.add(office.config, office.store, ["team=risk"], length=HOUR, actor="ann", reason="moving")
    with office.store.write() as conn:
        now = clock.now(conn)
        row = {"id": "n1", "incident_id": number, "receiver": "team", "seq": 1, "kind": "opened", "message": "{}",
               "state": "dead", "next_at": now, "expires_at": now, "created_at": now, "last_status": 404,
               "last_error": "not found"}  # fmt: skip
        conn.execute(alert_tables.outbox.insert().values(row))
    record = story(office.config, office.store, number).record()
    assert record["members"][0]["evidence"]["p_corrected"] == 1e-8
    assert record["members"][0]["started"] == {"start": "2024-01-01T00:00:00Z", "end": "2024-01-01T01:00:00Z"}
    assert [entry["kind"] for entry in record["timeline"]] == ["opened", "joined", "silenced"]
    assert (record["notices"][0]["receiver"], record["notices"][0]["error"]) == ("team", "not found")
    assert (len(record["silences"]), record["silenced"]) == (1, True)
    assert record["runbook"] == "https://wiki.example.org/m"


def test_a_silence_covers_what_it_matches(office: Office) -> None:
    """Each incident with a member that fits gets a line in its timeline; others do not."""
    number, other = office.open(), office.open("other")
    done = silencing.add(office.config, office.store, ["model=m", "column=x"], length=HOUR, actor="ann", reason="why")
    assert (done.state, done.incidents, done.zone) == ("active", (number,), "Asia/Tokyo")
    assert [kind for kind, *_ in office.told(number)] == ["opened", "joined", "silenced"]
    assert len(office.told(other)) == 2
    seen = {one.id: one.silenced for one in service.listed(office.config, office.store)}
    assert seen == {number: True, other: False}
    silencing.end(office.config, office.store, done.silence.id)
    assert not any(one.silenced for one in service.listed(office.config, office.store))


def test_the_same_silence_again_is_one(office: Office) -> None:
    """Typed twice it is made once; by somebody else it is another one."""
    add: Callable[..., silencing.Standing] = silencing.add
    arguments = {"length": HOUR, "actor": "ann", "reason": "why"}
    first = add(office.config, office.store, ["model=m"], **arguments)
    again = add(office.config, office.store, ["model=m"], **arguments)
    other = add(office.config, office.store, ["model=m"], **(arguments | {"actor": "bob"}))
    assert (first.changed, again.changed, other.changed) == (True, False, True)
    assert first.silence == again.silence
    assert len(silencing.listed(office.config, office.store)) == 2


def test_a_silence_ends_once(office: Office) -> None:
    """One to come never begins, one that is over stays so, and all of them stay listed."""
    soon = datetime.now(UTC) + HOUR
    coming = silencing.add(
        office.config, office.store, ["model=m"], length=HOUR, actor="ann", reason="why", starts_at=soon
    )
    assert (coming.state, coming.silence.starts_at) == ("pending", soon)
    ended = silencing.end(office.config, office.store, coming.silence.id[:9])
    again = silencing.end(office.config, office.store, coming.silence.id)
    assert (ended.state, ended.changed, again.changed) == ("over", True, False)
    assert silencing.listed(office.config, office.store) == []
    assert len(silencing.listed(office.config, office.store, over=True)) == 1
    for wrong in ("", "sil_", "sil_zz", "nothing"):
        with pytest.raises(UsageError, match="no silence"):
            silencing.end(office.config, office.store, wrong)


@pytest.mark.parametrize(
    ("matchers", "cure"),
    [
        (["modell=m"], "did you mean model?"), (["model=m", "teem=risk"], "did you mean team?"),
        (["model=m", "placee=A"], "did you mean place?"),
        (["model!=nobody", "zzz!=1"], "write one of severity, model,"),
        (["model=other", "team=risk"], "write one of"), (["model=nobody", "colum=x"], "did you mean column?"),
    ],
)  # fmt: skip
def test_words_that_no_alarm_has_are_refused(office: Office, matchers: list[str], cure: str) -> None:
    """Whatever is mistyped has a cure; only words of the models that the silence is about are told."""
    office.open("m", labels={"metric": "psi", "column": "x", "place": "A"})
    with pytest.raises(UsageError) as caught:
        silencing.add(office.config, office.store, matchers, length=HOUR, actor="ann", reason="why")
    assert str(caught.value.hint).startswith(cure)
    assert "team" not in str(caught.value.hint) or "model=other" not in matchers
    assert silencing.listed(office.config, office.store, over=True) == []


def test_a_silence_of_no_model_is_made_with_a_warning(office: Office) -> None:
    """The model may come; until then its own words are not known, and nothing is silenced."""
    for matchers, warned in (
        (["model=Fraud UE", "desk=7"], "no model fits model=Fraud UE: as it is, this silences nothing"),
        (["model=m", "model=~o*"], "no model fits model=m and model=~o*: as it is, this silences nothing"),
        (["model=~?", "place!=A"], None), (["team=risk"], None), (["kind=no_data", "rule=~psi*"], None),
        (["group=A", "segment!=B", "group:column=x", "carrier=~U*", "class=a"], None),
    ):  # fmt: skip
        made = silencing.add(office.config, office.store, matchers, length=HOUR, actor="ann", reason="why")
        assert made.warnings == (() if warned is None else (warned,))
        assert made.record()["warnings"] == list(made.warnings)


def test_wrong_silences_are_refused(office: Office) -> None:
    """Nothing is stored, and the error has a cure."""
    month, wrong = 31 * 24 * HOUR, "x=" + "y" * 3000
    for matchers, length, reason in (
        (["model"], HOUR, "why"), (["model=*"], HOUR, "why"), ([], HOUR, "why"), (["model=m"], month, "why"),
        (["model=m"], HOUR, "  "), ([""], HOUR, "why"), (["model=m"], timedelta(0), "why"), ([wrong], HOUR, "why"),
    ):  # fmt: skip
        with pytest.raises(UsageError) as caught:
            silencing.add(office.config, office.store, matchers, length=length, actor="ann", reason=reason)
        assert caught.value.hint
    with office.store.read() as conn:
        assert silences.every(conn) == []


def test_missing_data_are_an_incident_of_their_own(office: Office) -> None:
    """Its kind tells why, and both are listed."""
    drift, silent = office.open(), office.open(labels={"kind": "no_rows"}, evidence=None)
    kinds = {one.id: one.kinds for one in service.listed(office.config, office.store)}
    assert kinds == {drift: ("drift",), silent: ("no_rows",)}


def test_models_nobody_knows_are_refused(office: Office) -> None:
    """A model of the file without a window has no incident; one that is nowhere is an error."""
    assert service.listed(office.config, office.store, ["other"]) == []
    with pytest.raises(UsageError, match="no model"):
        service.listed(office.config, office.store, ["nobody"])
