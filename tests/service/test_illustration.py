"""A mail shows the column that moved most, drawn when it is sent."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

from PIL import Image
from sqlalchemy import select

from monitor.config import Config, load
from monitor.config.receiver import EmailReceiver
from monitor.config.route import RouteConfig
from monitor.notify import Message
from monitor.notify.saved import load as read
from monitor.service.enlist import enlist
from monitor.service.notices.announce import announce
from monitor.service.opening import opened
from monitor.service.sending.illustration import illustrated
from monitor.store.alert_tables import outbox
from tests.service.conftest import World
from tests.service.test_alarm import END, log

MAIL: dict[str, Any] = {
    "name": "mail",
    "type": "email",
    "host": "localhost",
    "from": "monitor@example.org",
    "to": ["ops@example.org"],
}


def told(world: World) -> tuple[Config, EmailReceiver, Message]:
    """Run, decide what the mail says, and give it as it waits in the outbox."""
    world.done(END)
    receiver = EmailReceiver(**MAIL)
    config = load(world.folder / "monitor.yaml").model_copy(
        update={"receivers": (receiver,), "routes": (RouteConfig(receivers=("mail",)),)}
    )
    with opened(config, writing=True) as store:
        announce(store, config, enlist(config, store, END).models, now=END)
        with store.read() as conn:
            [letter] = conn.execute(select(outbox.c.message)).scalars()
    return config, receiver, read(letter)


def test_a_mail_shows_what_moved(world: World) -> None:
    """The outbox holds no picture; what is sent has one, of a size for a mail, and the same at every attempt."""
    log(world)
    config, receiver, message = told(world)
    assert message.picture is None
    with opened(config) as store:
        sent = illustrated(store, config, message, receiver)
        assert sent.picture is not None
        assert illustrated(store, config, message, receiver) == sent
    with Image.open(io.BytesIO(sent.picture)) as image:
        assert (image.format, image.size) == ("PNG", (896, 416))


def test_what_cannot_be_shown_is_told_without(world: World) -> None:
    """A resolved incident, a model that is gone and an unknown column have no picture and lose nothing else."""
    log(world)
    config, receiver, message = told(world)
    with opened(config) as store:
        for other in (
            replace(message, kind="resolved"),
            replace(message, model="gone"),
            replace(message, columns=tuple(replace(mark, name="gone") for mark in message.columns)),
        ):
            assert illustrated(store, config, other, receiver) == other
