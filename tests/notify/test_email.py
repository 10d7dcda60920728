"""Mail, handed to a real server on loopback."""

from __future__ import annotations

import email
import re
import socket
import ssl
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session

from monitor.notify import Egress, Failed, Retry, Sent, send
from monitor.notify.letter import letter
from monitor.notify.picture import Sketch, draw
from tests.notify.conftest import AT, HOSTILE, hostile, message, receiver

PICTURE = draw(Sketch("distance", ["0-100", "100-200"], [6, 4], [3, 7]))
ADDRESSES = {"from": "Monitor <monitor@example.org>", "to": ["ops@example.org", "Lead <lead@example.org>"]}


@dataclass
class Post:
    """What the mail server takes, and how it answers."""

    letters: list[Envelope] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    answer: str = "250 OK"
    port: int = 0

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, server: Any, session: Session, envelope: Envelope, to: str, options: Any
    ) -> str:
        if to in self.refused:
            return self.refused[to]
        envelope.rcpt_tos.append(to)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: Any, session: Session, envelope: Envelope
    ) -> str:
        if self.answer.startswith("250"):
            self.letters.append(envelope)
        return self.answer

    def read(self) -> EmailMessage:
        """Return the only letter."""
        (envelope,) = self.letters
        assert isinstance(envelope.content, bytes)
        read = email.message_from_bytes(envelope.content, policy=SMTP)
        assert isinstance(read, EmailMessage)
        return read


@contextmanager
def _post_office(**options: Any) -> Iterator[Post]:
    post = Post()
    with socket.create_server(("127.0.0.1", 0)) as free:
        post.port = free.getsockname()[1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library's own, about AUTH without TLS
        office = Controller(post, hostname="127.0.0.1", port=post.port, **options)
        office.start()
    try:
        yield post
    finally:
        office.stop()


@pytest.fixture
def post() -> Iterator[Post]:
    """Give a mail server in clear."""
    with _post_office() as running:
        yield running


def _receiver(port: int, **keys: Any) -> Any:
    return receiver("email", **{"host": "127.0.0.1", "port": port, "security": "none", **ADDRESSES, **keys})


def test_a_letter_has_text_html_and_a_picture(post: Post, egress: Egress) -> None:
    """All three arrive, the picture within the HTML."""
    assert send(message(picture=PICTURE), _receiver(post.port), egress) == Sent()
    read = post.read()
    assert post.letters[0].rcpt_tos == ["ops@example.org", "lead@example.org"]
    assert read["Subject"] == "[critical] Opened: flight-delay: 3 columns drift"
    assert [part.get_content_type() for part in read.walk()] == [
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
    ]
    plain, html, picture = (part for part in read.walk() if not part.is_multipart())
    assert "distance: psi 0.31, limit 0.2, p 0.0004" in plain.get_content()
    assert 'src="cid:picture"' in html.get_content()
    assert picture["Content-ID"] == "<picture>"
    assert picture.get_content() == PICTURE


def test_doubles_and_threads_can_be_seen(egress: Egress) -> None:
    """A retry has the same Message-ID; all notices of an incident refer to the same one."""
    first, again = (letter(message(), "a@example.org", ["b@example.org"]) for _ in range(2))
    later = letter(message(id="01JNB6Y2M8ZK4T5V7W9X0Y1Z2B", kind="resolved"), "a@example.org", ["b@example.org"])
    assert first["Message-ID"] == again["Message-ID"] == f"<{message().id}@example.org>"
    assert later["Message-ID"] != first["Message-ID"]
    assert later["References"] == first["References"]


def test_hostile_texts_add_no_header_and_no_markup(post: Post, egress: Egress) -> None:
    """A name with line breaks stays in its line; a name with tags stays text; a script is no link."""
    assert send(hostile(picture=PICTURE), _receiver(post.port), egress) == Sent()
    read = post.read()
    assert "Bcc" not in read
    assert post.letters[0].rcpt_tos == ["ops@example.org", "lead@example.org"]
    plain, html, _ = (part.get_content() for part in read.walk() if not part.is_multipart())
    assert set(re.findall(r"<(\w+)", html)) <= set("html body div h1 p table tr td ul li img a".split())  # noqa: SIM905
    assert "href" not in html
    assert "javascript:" not in plain
    assert "\u202e" not in plain + html
    assert HOSTILE not in plain + html


def test_starttls_and_log_in(
    certified: Callable[[str], ssl.SSLContext], trusting: Callable[[int], Egress], authority: trustme.CA
) -> None:
    """The password travels only within TLS whose certificate has the server's name."""
    known: list[Any] = []

    def log_in(*given: Any) -> AuthResult:
        known.append(given[-1])
        return AuthResult(success=given[-1].password == b"hush", handled=False)

    tls = certified("mail.example.org")
    options = {"tls_context": tls, "require_starttls": True, "authenticator": log_in, "auth_required": True}
    with _post_office(**options) as post:
        keys = {"host": "mail.example.org", "security": "starttls", "username": "monitor"}
        good = _receiver(post.port, password="hush", **keys)
        assert send(message(), good, trusting(post.port)) == Sent()
        assert known == [LoginPassword(b"monitor", b"hush")]
        bad = _receiver(post.port, password="wrong-canary", **keys)
        assert send(message(), bad, trusting(post.port)) == Failed("SMTP 535: log-in refused", status=535)
        other = _receiver(post.port, **{**keys, "host": "other.example.org"}, password="hush")
        assert send(message(), other, trusting(post.port)) == Retry("TLS: the certificate is not valid")
    assert len(post.letters) == 1


def test_tls_from_the_start(certified: Callable[[str], ssl.SSLContext], trusting: Callable[[int], Egress]) -> None:
    """Port 465's way works too."""
    with _post_office(ssl_context=certified("127.0.0.1")) as post:
        assert send(message(), _receiver(post.port, security="tls"), trusting(post.port)) == Sent()
    assert len(post.letters) == 1


def test_without_tls_nothing_is_said(post: Post, egress: Egress) -> None:
    """A server that offers no STARTTLS gets no letter in clear."""
    outcome = send(message(), _receiver(post.port, security="starttls"), egress)
    assert isinstance(outcome, Failed)
    assert "STARTTLS" in outcome.reason
    assert post.letters == []


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("451 try later", Retry("SMTP 451: refused", status=451)),
        ("552 too big, canary-in-words", Failed("SMTP 552: refused", status=552)),
    ],
)
def test_what_the_server_says_decides(answer: str, outcome: object, post: Post, egress: Egress) -> None:
    """4yz may work later, 5yz never; the server's words are not repeated."""
    post.answer = answer
    assert send(message(), _receiver(post.port), egress) == outcome


def test_addresses_may_be_refused(post: Post, egress: Egress) -> None:
    """One refused address does not keep the letter from the others; all refused is a failure."""
    post.refused = {"ops@example.org": "550 unknown"}
    assert send(message(), _receiver(post.port), egress) == Sent(note="1 of 2 addresses refused")
    post.refused |= {"lead@example.org": "450 busy"}
    assert send(message(), _receiver(post.port), egress) == Retry("SMTP 450: all addresses refused", status=450)


def test_the_guard_is_the_same_as_for_the_web(egress: Egress) -> None:
    """A private mail server, another service's port, a password in clear: refused unless meant."""
    strict = {"allow_private": False, "host": "127.0.0.1"}
    outcomes = [
        send(message(), _receiver(25, **strict), egress),
        send(message(), _receiver(6379, **strict), egress),
        send(message(), _receiver(25, **strict, username="u", password="p"), egress),
    ]
    assert outcomes == [
        Failed("the receiver's name leads to a private address"),
        Failed("the mail server's port is another service's"),
        Failed("the password would travel in clear"),
    ]


def test_a_silent_server_is_cut(egress: Egress) -> None:
    """A server that takes the call and says nothing holds nobody up."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        to = _receiver(silent.getsockname()[1], timeout="1s")
        assert send(message(), to, egress) == Retry("timeout")
    assert egress.now() == AT
