"""Mail over SMTP: HTML and text, with a picture of the distribution that moved."""

from __future__ import annotations

import smtplib
import socket
import ssl
import time
from email.message import EmailMessage

from monitor.config.receiver import EmailReceiver
from monitor.notify import line
from monitor.notify.egress import Egress
from monitor.notify.letter import letter
from monitor.notify.message import Message
from monitor.notify.outcome import Failed, Outcome, Retry, Sent
from monitor.notify.refusal import RefusedError, UnreachableError

RECEIVES = "email"

_PORTS = {25, 465, 587, 2525}


def send(message: Message, receiver: EmailReceiver, egress: Egress) -> Outcome:
    """Hand a letter to the mail server; its Message-ID is the same at every attempt."""
    if not receiver.allow_private and receiver.port not in _PORTS:
        raise RefusedError(
            "the mail server's port is another service's", "use 25, 465, 587 or 2525, or allow_private: true"
        )
    if receiver.security == "none" and receiver.password is not None and not receiver.allow_private:
        raise RefusedError("the password would travel in clear", "write security: starttls or tls")
    try:
        written = letter(message, receiver.from_, receiver.to)
    except ValueError:
        return Failed("an address of the mail is malformed")
    until = time.monotonic() + receiver.timeout.total_seconds()
    opened = egress.connect(
        receiver.host,
        receiver.port,
        allow_private=receiver.allow_private,
        seconds=receiver.timeout.total_seconds(),
    )
    try:
        with line.cut_after(opened, until - time.monotonic()):
            return _handed_over(written, receiver, egress, opened)
    except OSError as error:
        raise UnreachableError(line.said(error)) from None
    finally:
        opened.close()


class _Mailer(smtplib.SMTP):
    """The library's client over a line that already stands, so that the address used is the one that was judged."""

    def __init__(self, opened: socket.socket, host: str, ours: str) -> None:
        super().__init__(local_hostname=ours)  # else it would look up its own name, for as long as that takes
        self.opened = opened
        self._host = host  # the name that a certificate is checked against

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:  # noqa: ARG002
        return self.opened


def _handed_over(written: EmailMessage, receiver: EmailReceiver, egress: Egress, opened: socket.socket) -> Outcome:
    wire = opened
    if receiver.security == "tls":
        wire = egress.tls().wrap_socket(opened, server_hostname=receiver.host)
    mailer = _Mailer(wire, receiver.host, written["From"].addresses[0].domain)
    try:
        refused = _spoken(mailer, written, receiver, egress.tls())
    except smtplib.SMTPException as error:
        return _judged(error)
    finally:
        mailer.close()
        wire.close()
    return Sent(note=f"{len(refused)} of {len(receiver.to)} addresses refused" if refused else None)


def _spoken(
    mailer: _Mailer, written: EmailMessage, receiver: EmailReceiver, tls: ssl.SSLContext
) -> dict[str, tuple[int, bytes]]:
    code, _ = mailer.connect(receiver.host, receiver.port)
    if code != 220:
        raise smtplib.SMTPConnectError(code, "")
    if receiver.security == "starttls":
        mailer.starttls(context=tls)
    if receiver.username is not None and receiver.password is not None:
        mailer.login(receiver.username, receiver.password.get_secret_value())
    refused = mailer.send_message(written)
    try:
        mailer.quit()
    except (smtplib.SMTPException, OSError):
        return refused  # it has the letter; how it says goodbye is no matter
    return refused


def _judged(error: smtplib.SMTPException) -> Outcome:
    """Return what an error of SMTP means; a server's words are left out, since they may repeat what was sent."""
    if isinstance(error, smtplib.SMTPServerDisconnected):
        raise UnreachableError("connection lost")
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Failed("the mail server does not offer what is needed (STARTTLS, log-in or SMTPUTF8)")
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
        code = next((one for one in codes if 400 <= one < 500), codes[0] if codes else 550)
        return _by_code(code, "all addresses refused")
    if isinstance(error, smtplib.SMTPResponseException):
        return _by_code(error.smtp_code, "log-in refused" if error.smtp_code in {530, 534, 535} else "refused")
    return Failed(f"SMTP: {type(error).__name__}")


def _by_code(code: int, what: str) -> Outcome:
    reason = f"SMTP {code}: {what}"
    return Failed(reason, status=code) if 500 <= code < 600 else Retry(reason, status=code)
