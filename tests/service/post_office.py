"""A post office: a store with one model, receivers on a recording server, incidents that open and resolve as asked."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import Connection, update

from monitor.alerts.assemble import assemble
from monitor.alerts.hearing import Wishes, hear
from monitor.alerts.incident import Incident
from monitor.alerts.ledger import Ledger
from monitor.alerts.saved import dump
from monitor.alerts.send_decision import Moment, decide
from monitor.alerts.send_policy import SendPolicy
from monitor.config import Config, load
from monitor.config.route import RouteConfig
from monitor.service.notices.notice import Stationery
from monitor.service.notices.posting import post
from monitor.service.sending.dispatch import dispatch_once
from monitor.service.sending.dispatcher import Dispatcher
from monitor.store import clock, dead_letters, incidents, ledgers, migration, models, receiver_states
from monitor.store.alert_tables import incidents as table
from monitor.store.alert_tables import outbox
from monitor.store.conflict import insert
from monitor.store.engine import open_store
from monitor.store.outbox import Letter
from tests.alerts.conftest import HOUR, folded, window
from tests.blank import put_store
from tests.notify.conftest import Recorder


@dataclass
class Desk:
    """A store with one model, receivers, and incidents that open and resolve as asked."""

    folder: Path
    recorder: Recorder
    url: str = "sqlite:///monitor.db"
    heartbeat: dict[str, Any] | None = None
    receivers: list[dict[str, Any]] = field(default_factory=list)
    serial: int = 0

    def __post_init__(self) -> None:
        if self.url.startswith("sqlite"):
            put_store(self.folder)
        self.store = open_store(self.url, folder=self.folder)
        migration.upgrade(self.store)
        with self.store.write() as conn:
            self.model_id = models.register(conn, "m", "{}", "v", clock.now(conn)).model_id
        self.receive()

    def receive(self, *given: dict[str, Any]) -> None:
        """Write receivers into the file and read it; one plain webhook when none is given."""
        found = given or ({"name": "team", "path": "/200"},)
        self.receivers = [
            {"type": "webhook", "allow_private": True, "url": self.recorder.url(one.get("path", "/200"))}
            | {key: value for key, value in one.items() if key != "path"}
            for one in found
        ]
        predictions = {"table": "p", "id": "id", "time": "at", "prediction": "d", "score": "s"}
        model = {
            "name": "m", "task": "binary", "source": {"url": "sqlite:///logs.db", "predictions": predictions},
            "reference": {"start": "2024-01-01", "end": "2024-01-08"}, "labels": {"team": "risk"},
            "runbook": "https://wiki.example.org/m",
        }  # fmt: skip
        document = {
            "store": self.url, "models": [model], "receivers": self.receivers,
            "external_url": "https://monitor.example.org",
        }  # fmt: skip
        document |= {"heartbeat": self.heartbeat} if self.heartbeat else {}
        file = self.folder / "monitor.yaml"
        file.write_text(yaml.safe_dump(document), encoding="utf-8")
        self.config: Config = load(file)

    @classmethod
    def again(cls, folder: Path, recorder: Recorder) -> Desk:
        """Return a desk, in another process, on the same store and the file as it is."""
        found = cls.__new__(cls)
        found.folder, found.recorder = folder, recorder
        found.config = load(folder / "monitor.yaml")
        found.store = open_store(found.config.store, folder=folder)
        with found.store.read() as conn:
            [found.model_id] = [one.id for one in models.every(conn)]
        return found

    @property
    def sender(self) -> Dispatcher:
        """A dispatcher for the one model."""
        return Dispatcher(self.store, self.config, [self.model_id], "a")

    def open(self, columns: int = 1) -> str:
        """Open an incident and tell all receivers; return its number."""
        self.serial += 1
        named = [f"x{self.serial}"] if columns == 1 else [f"x{self.serial}-{number}" for number in range(columns)]
        found = [folded("BBB", labels={"metric": "psi", "column": name}, model="m") for name in named]
        return self.tell(assemble(None, found, window(3).end, cooldown=HOUR).incident)

    def resolve(self, number: str) -> str:
        """Resolve an incident and tell all receivers."""
        with self.store.read() as conn:
            found = incidents.get(conn, number)
        assert found is not None
        ended = folded("BBBoo", labels=found.incident.members[0].labels, model="m")
        return self.tell(assemble(found.incident, [ended], window(5).end, cooldown=HOUR).incident)

    def tell(self, incident: Incident | None) -> str:
        """Store an incident as it is and decide what each receiver is told."""
        assert incident is not None
        if incident.version == 0 or incident.state == "open":
            key = f"m-{self.serial}"
            incident = replace(incident, key=key, dedup_key=f"{self.serial:032}", serial=self.serial)
        routes = [RouteConfig(receivers=tuple(one["name"] for one in self.receivers if "stands_in" not in one))]
        number = f"inc_{incident.dedup_key}"
        with self.store.write() as conn:
            self._keep(conn, number, incident)
            known = ledgers.of_incident(conn, number)
            hearing = hear(incident, (), Wishes(routes=routes), incident.opened_at)
            found = incidents.get(conn, number)
            assert found is not None
            for receiver in hearing.receivers:
                if receiver == "standin":
                    continue
                ledger = known.get(receiver, Ledger())
                at = incident.resolved_at or incident.opened_at
                decision = decide(incident, hearing, receiver, ledger, Moment(at), SendPolicy())
                paper = Stationery.of(self.config)
                now = clock.now(conn)
                post(conn, self.config, paper, found, receiver, decision, hearing.audible, at, entered_at=now)
        return number

    def _keep(self, conn: Connection, number: str, incident: Incident) -> None:
        values = {
            "model_id": self.model_id, "key": incident.key, "serial": incident.serial, "version": incident.version,
            "state": incident.state, "severity": incident.severity, "opened_at": incident.opened_at,
            "resolved_at": incident.resolved_at, "incident": dump(incident),
        }  # fmt: skip
        conn.execute(
            insert(conn, table).values(id=number, **values).on_conflict_do_update(index_elements=["id"], set_=values)
        )

    def send(self) -> int:
        """Try once what is due."""
        return dispatch_once(self.store, self.config, "a")

    def hasten(self) -> None:
        """Make everything that waits due, and every pause of a receiver over."""
        with self.store.write() as conn:
            now = clock.now(conn)
            conn.execute(update(outbox).where(outbox.c.state == "queued").values(next_at=now))
            conn.execute(update(receiver_states.receiver_states).values(retry_at=None))

    def letters(self, *states: str) -> list[Letter]:
        """Return the notices in some states, in the order they were entered."""
        with self.store.read() as conn:
            return dead_letters.letters(conn, states=states)[::-1]

    def kinds(self, path: str = "/200") -> list[str]:
        """Return the kinds of the notices that came to a path."""
        return [call.json["data"]["kind"] for call in self.recorder.calls if call.path == path]
