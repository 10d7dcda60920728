"""The pepper: what keys, sessions and tokens are hashed with, so that the store alone proves nobody's.

The environment's ``MONITOR_PEPPER``, else a row in the store itself. A row, not a file beside it: all replicas and
every backup have it by having the store. It costs nothing that a file would keep: a key is 256 random bits, which
nobody finds from its hash, and whoever can write to the store can make himself a user anyway. With ``MONITOR_PEPPER``
even that does not give him a key.
"""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from monitor.errors import UsageError
from monitor.store import pepper
from monitor.store.engine import Store

VARIABLE = "MONITOR_PEPPER"
LEAST_BYTES = 32
LEAST_VARIETY = 12
TELLING = ("change", "secret", "password", "example", "monitor", "0123456789", "abcdefgh", "xxxx")
HINT = f'export {VARIABLE}="$(openssl rand -hex 32)"; keys and sessions made under another one end'


@dataclass(frozen=True, slots=True)
class Pepper:
    """What proves secrets without keeping them."""

    secret: bytes = field(repr=False)

    def digest(self, kind: str, text: str) -> str:
        """Return HMAC-SHA-256 of a text of some kind, 64 hexadecimal digits; kinds never prove each other."""
        return hmac.new(self.secret, f"{kind}\0{text}".encode("utf-8", "surrogatepass"), sha256).hexdigest()

    def proves(self, kind: str, text: str, digest: str) -> bool:
        """Return whether a digest is of that text, in a time that does not tell how nearly."""
        return hmac.compare_digest(self.digest(kind, text), digest)


def of(store: Store, env: Mapping[str, str] | None = None) -> Pepper:
    """Return the pepper in use; one is made and kept in the store where there is none.

    Raises
    ------
    UsageError
        That of the environment is weak.
    """
    given = (os.environ if env is None else env).get(VARIABLE)
    if given:
        if fault := weakness(given):
            raise UsageError(f"{VARIABLE} {fault}", HINT)
        return Pepper(given.encode())
    with store.read() as conn:
        found = pepper.stored(conn)
    if found is None:
        with store.write() as conn:
            found = pepper.keep(conn, secrets.token_hex(32))
    return Pepper(bytes.fromhex(found))


def weakness(secret: str) -> str | None:
    """Return why a secret cannot be random enough, as the end of a sentence; None when it may be.

    Examples
    --------
    >>> weakness("hush"), weakness("9f1c" * 16), weakness("change-me-7f3a9c2e5b8d1046fe37ab90")
    ('has 4 bytes: at least 32 are wanted', 'is made of few characters', 'looks like one from a page of instructions')
    """
    if len(secret.encode()) < LEAST_BYTES:
        return f"has {len(secret.encode())} bytes: at least {LEAST_BYTES} are wanted"
    if any(word in secret.lower() for word in TELLING):
        return "looks like one from a page of instructions"
    if len(set(secret)) < LEAST_VARIETY:
        return "is made of few characters"
    return None
