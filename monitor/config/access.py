"""By which names the service may be called, and who logs in from elsewhere."""

import re
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator, model_validator

from monitor.config.one_or_many import OneOrMany
from monitor.config.secret import Secret
from monitor.config.section import Section
from monitor.config.web_address import check_web_address
from monitor.config.wrong import Wrong

RoleName = Literal["viewer", "operator", "editor", "admin", "retrainer", "ingest"]
Text = Annotated[str, Field(min_length=1, max_length=500)]
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")


class GrantConfig(Section):
    """What the members of a provider's group may do, and to which models; the first that fits somebody counts."""

    group: Text
    role: RoleName
    models: Annotated[tuple[Text, ...], Field(min_length=1, max_length=100), OneOrMany()] = ("*",)


class OidcConfig(Section):
    """The provider of identities that people log in at."""

    issuer: str
    client_id: Text
    client_secret: Secret | None = None
    scopes: tuple[Text, ...] = ("openid", "profile", "email")
    groups_claim: Text = "groups"
    grants: Annotated[tuple[GrantConfig, ...], Field(min_length=1)]
    allow_private: bool = False

    @field_validator("scopes")
    @classmethod
    def _openid(cls, scopes: tuple[str, ...]) -> tuple[str, ...]:
        return scopes if "openid" in scopes else ("openid", *scopes)

    @model_validator(mode="after")
    def _address_allowed(self) -> "OidcConfig":
        try:
            check_web_address(self.issuer, allow_private=self.allow_private)
        except Wrong as wrong:
            raise Wrong(wrong.problem, wrong.hint, at=("issuer",), shown=False) from None
        return self

    @property
    def secret(self) -> str | None:
        """The client's secret in the clear; None for a public client."""
        return self.client_secret.get_secret_value() if isinstance(self.client_secret, SecretStr) else None


class AccessConfig(Section):
    """Who may call the service, and how people log in beside passwords."""

    hosts: Annotated[tuple[str, ...], OneOrMany()] = ()
    oidc: OidcConfig | None = None

    @field_validator("hosts")
    @classmethod
    def _plain_names(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        for index, host in enumerate(hosts):
            if not _HOST.fullmatch(host):
                raise Wrong("is no name of a host", "write monitor.example.org, without scheme and port", at=(index,))
        return tuple(host.lower() for host in hosts)
