"""ID tokens: what a provider of identities says about somebody, and whether it is true."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

# Signatures by a key that the provider alone has: never "none", never HMAC, whatever a token's header says.
ALGORITHMS = ("RS256", "PS256", "ES256")
LEEWAY = 60


class UntrueError(Exception):
    """A token is not what it should be; says which part, never what it holds."""


class UnknownKeyError(UntrueError):
    """A token may be true, but was signed by a key that was not there when the keys were last fetched."""


@dataclass(frozen=True)
class Identity:
    """Who somebody is at a provider."""

    issuer: str
    subject: str
    name: str
    groups: tuple[str, ...]


def identity(
    token: object, keys: KeySet, *, issuer: str, client_id: str, nonce: str, groups_claim: str, now: datetime
) -> Identity:
    """Return who a token says somebody is.

    Parameters
    ----------
    keys : KeySet
        Those that the provider signs with.
    nonce : str
        That of the login that this token is the answer to: a token of another one proves nothing.

    Raises
    ------
    UnknownKeyError
        The key that it names is none of these.
    UntrueError
        Its signature, algorithm, issuer, audience, time or nonce is not right.
    """
    if not isinstance(token, str):
        raise UntrueError("there is no ID token")
    try:
        decoded = jwt.decode(token, keys, algorithms=list(ALGORITHMS))
    except (InvalidKeyIdError, ValueError) as error:
        raise UnknownKeyError("its key is unknown") from error
    except JoseError as error:
        raise UntrueError(f"its signature or algorithm is wrong ({type(error).__name__})") from error
    claims = decoded.claims
    _demand(claims, issuer, client_id, now)
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
        raise UntrueError("it answers another login (nonce)")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:
        raise UntrueError("it names nobody (sub)")
    name = next(
        (c for key in ("preferred_username", "email", "name") if isinstance(c := claims.get(key), str)), subject
    )
    return Identity(issuer, subject, name, _groups(claims.get(groups_claim)))


def _demand(claims: Mapping[str, Any], issuer: str, client_id: str, now: datetime) -> None:
    if claims.get("iss") != issuer:
        raise UntrueError("another issuer made it (iss)")
    audience = claims.get("aud")
    several = audience if isinstance(audience, list) else [audience]
    if client_id not in several:
        raise UntrueError("it is for somebody else (aud)")
    if (len(several) > 1 or "azp" in claims) and claims.get("azp") != client_id:
        raise UntrueError("it was issued to somebody else (azp)")
    present = now.timestamp()
    if not _number(claims.get("exp")) or claims["exp"] <= present - LEEWAY:
        raise UntrueError("it has expired (exp)")
    if not _number(claims.get("iat")) or claims["iat"] > present + LEEWAY:
        raise UntrueError("it comes from the future (iat)")
    if "nbf" in claims and (not _number(claims["nbf"]) or claims["nbf"] > present + LEEWAY):
        raise UntrueError("it does not hold yet (nbf)")


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _groups(value: object) -> tuple[str, ...]:
    found = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    return tuple(group for group in found if isinstance(group, str))
