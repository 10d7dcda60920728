"""The sign of life we send out, whose absence somebody else notices."""

from datetime import timedelta

from pydantic import SecretStr, field_validator, model_validator

from monitor.config.duration import PositiveDuration
from monitor.config.secret import Secret
from monitor.config.section import Section
from monitor.config.web_address import check_web_address
from monitor.config.wrong import Wrong


class HeartbeatConfig(Section):
    """Where the sign of life is posted to, and how often."""

    url: Secret
    every: PositiveDuration = timedelta(seconds=60)
    allow_private: bool = False

    @field_validator("url")
    @classmethod
    def _address_shape(cls, url: SecretStr) -> SecretStr:
        check_web_address(url.get_secret_value(), allow_private=True)
        return url

    @model_validator(mode="after")
    def _address_allowed(self) -> "HeartbeatConfig":
        try:
            check_web_address(self.url.get_secret_value(), allow_private=self.allow_private)
        except Wrong as wrong:
            raise Wrong(wrong.problem, wrong.hint, at=("url",), shown=False) from None
        return self
