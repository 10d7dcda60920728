"""Whom incidents are told to, and over which wire."""

import re
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Discriminator, Field, SecretStr, field_validator, model_validator

from monitor.config.duration import PositiveDuration
from monitor.config.name import Name
from monitor.config.number import Whole
from monitor.config.one_or_many import OneOrMany
from monitor.config.scalar import Label
from monitor.config.secret import Secret, SigningSecret
from monitor.config.section import Section
from monitor.config.web_address import check_web_address
from monitor.config.wrong import Wrong

_ADDRESS = re.compile(r"(?:[^<>\r\n]*<)?[^\s<>@,;]+@[^\s<>@,;]+>?")


class Receiver(Section):
    """What every receiver has: a name for routes, and limits.

    Private addresses and plain http are refused unless ``allow_private``. ``fallback`` names the
    receiver that is told when this one cannot be.
    """

    name: Name
    allow_private: bool = False
    timeout: PositiveDuration = timedelta(seconds=10)
    send_resolved: bool = True
    fallback: Name | None = None


class PostingReceiver(Receiver):
    """A receiver that is posted to at a URL, which is itself a secret."""

    url: Secret

    @field_validator("url")
    @classmethod
    def _address_shape(cls, url: SecretStr) -> SecretStr:
        check_web_address(url.get_secret_value(), allow_private=True)
        return url

    @model_validator(mode="after")
    def _address_allowed(self) -> "PostingReceiver":
        _allow(self.url, self.allow_private)
        return self


class WebhookReceiver(PostingReceiver):
    """CloudEvents signed as Standard Webhooks; two secrets while one replaces the other."""

    type: Literal["webhook"]
    secret: Annotated[tuple[SigningSecret, ...], Field(max_length=2), OneOrMany()] = ()


class SlackReceiver(Receiver):
    """A Slack channel by ``token`` and ``channel`` (edits its message), or by an incoming ``url``."""

    type: Literal["slack"]
    token: Secret | None = None
    channel: str | None = None
    url: Secret | None = None

    @field_validator("url")
    @classmethod
    def _address_shape(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None:
            check_web_address(url.get_secret_value(), allow_private=True)
        return url

    @model_validator(mode="after")
    def _one_way(self) -> "SlackReceiver":
        ways = "write token: and channel:, or the url: of an incoming webhook"
        if self.token is None and self.url is None:
            raise Wrong("has neither token nor url", ways, shown=False)
        if self.token is not None and not self.channel:
            raise Wrong("is missing", "write channel: beside token:", at=("channel",), shown=False)
        if self.url is not None:
            if self.channel:
                problem = "does not go with url, which has its channel"
                raise Wrong(problem, ways, at=("channel",), shown=False)
            _allow(self.url, self.allow_private)
        return self


class PagerDutyReceiver(PostingReceiver):
    """PagerDuty Events v2."""

    type: Literal["pagerduty"]
    routing_key: Secret
    url: Secret = SecretStr("https://events.pagerduty.com/v2/enqueue")


class EmailReceiver(Receiver):
    """Mail over SMTP; ``security`` is how the connection is encrypted."""

    type: Literal["email"]
    host: Annotated[str, Field(min_length=1)]
    port: Whole = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str | None = None
    password: Secret | None = None
    from_: str = Field(alias="from")
    to: Annotated[tuple[str, ...], Field(min_length=1), OneOrMany()]

    @field_validator("from_")
    @classmethod
    def _from_address(cls, address: str) -> str:
        return _mail_address(address, ())

    @field_validator("to")
    @classmethod
    def _to_addresses(cls, addresses: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_mail_address(address, (i,)) for i, address in enumerate(addresses))

    @model_validator(mode="after")
    def _both_or_none(self) -> "EmailReceiver":
        if (self.username is None) != (self.password is None):
            key = "password" if self.password is None else "username"
            raise Wrong("is missing", "username and password go together", at=(key,), shown=False)
        return self


class AppriseReceiver(Receiver):
    """Anything that apprise can reach, by its URLs, which hold the secrets."""

    type: Literal["apprise"]
    url: Annotated[tuple[Secret, ...], Field(min_length=1), OneOrMany()]

    @field_validator("url")
    @classmethod
    def _has_scheme(cls, urls: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for index, url in enumerate(urls):
            if "://" not in url.get_secret_value():
                raise Wrong("has no scheme", "write tgram://…, see apprise", at=(index,), shown=False)
        return urls


class AlertmanagerReceiver(PostingReceiver):
    """Prometheus Alertmanager, API v2: ``url`` is its root; ``labels`` are added to every alert."""

    type: Literal["alertmanager"]
    labels: dict[str, Label] = Field(default_factory=dict)


class LogReceiver(Receiver):
    """The service's own log."""

    type: Literal["log"]


ReceiverConfig = Annotated[
    WebhookReceiver
    | SlackReceiver
    | PagerDutyReceiver
    | EmailReceiver
    | AppriseReceiver
    | AlertmanagerReceiver
    | LogReceiver,
    Discriminator("type"),
]


def _allow(url: SecretStr, allow_private: bool) -> None:
    try:
        check_web_address(url.get_secret_value(), allow_private=allow_private)
    except Wrong as wrong:
        raise Wrong(wrong.problem, wrong.hint, at=("url",), shown=False) from None


def _mail_address(address: str, at: tuple[int, ...]) -> str:
    if not _ADDRESS.fullmatch(address.strip()):
        raise Wrong("is not a mail address", "write ops@example.org", at=at)
    return address.strip()
