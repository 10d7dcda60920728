"""Secret texts, shown to nobody."""

import base64
import binascii
from typing import Annotated

from pydantic import PlainSerializer, SecretStr

from monitor.config.parsed import Parsed
from monitor.config.wrong import Wrong

_SIGNING = "whsec_"


def parse_secret(value: object) -> SecretStr:
    """Return the text as a secret, whose ``repr`` is asterisks.

    Examples
    --------
    >>> parse_secret("hush")
    SecretStr('**********')
    """
    if isinstance(value, SecretStr):
        return value
    if not isinstance(value, str):
        raise Wrong("is not a text", "put it in quotes, or write ${NAME}", shown=False)
    if not value.strip():
        raise Wrong("is an empty text", "write ${NAME} and set that variable", shown=False)
    return SecretStr(value)


def parse_signing_secret(value: object) -> SecretStr:
    """Return a secret of Standard Webhooks: ``whsec_`` and base64.

    Raises
    ------
    Wrong
        The prefix is missing or the rest is not base64.
    """
    secret = parse_secret(value)
    text = secret.get_secret_value()
    hint = "write whsec_ and 24 to 64 random bytes in base64"
    if not text.startswith(_SIGNING):
        raise Wrong("does not begin with whsec_", hint, shown=False)
    try:
        key = base64.b64decode(text.removeprefix(_SIGNING), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise Wrong("is not base64 after whsec_", hint, shown=False)
    return secret


_HIDDEN = PlainSerializer(lambda _: "***", return_type=str)
_SCHEMA = {"type": "string", "minLength": 1, "examples": ["${NAME}"]}

Secret = Annotated[SecretStr, Parsed(parse_secret, _SCHEMA), _HIDDEN]
SigningSecret = Annotated[SecretStr, Parsed(parse_signing_secret, _SCHEMA), _HIDDEN]
