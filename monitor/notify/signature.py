"""Standard Webhooks: how a receiver knows that a notice is ours, unchanged and fresh."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

from pydantic import SecretStr

_PREFIX = "whsec_"


def signed_headers(id_: str, at: datetime, body: bytes, secrets: Iterable[SecretStr]) -> dict[str, str]:
    """Return the headers ``webhook-id``, ``webhook-timestamp`` and, with a secret, ``webhook-signature``.

    One signature for each secret, so that a receiver which knows either accepts it while one replaces the other: HMAC
    with SHA-256 over ``id.timestamp.body``, the key being the decoded bytes after ``whsec_``.

    Source: the Standard Webhooks specification 1.0.

    Examples
    --------
    >>> from datetime import UTC
    >>> at = datetime.fromtimestamp(1614265330, UTC)
    >>> secret = SecretStr("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    >>> signed_headers("msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}', [secret])["webhook-signature"]
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE='
    """
    stamp = str(int(at.timestamp()))
    headers = {"webhook-id": id_, "webhook-timestamp": stamp}
    signatures = [_signature(f"{id_}.{stamp}.".encode() + body, secret) for secret in secrets]
    return headers | ({"webhook-signature": " ".join(signatures)} if signatures else {})


def _signature(content: bytes, secret: SecretStr) -> str:
    key = base64.b64decode(secret.get_secret_value().removeprefix(_PREFIX))
    return "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
