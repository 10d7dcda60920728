"""Passwords: what Argon2 makes of them, and what none may be."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from monitor.errors import UsageError

SHORTEST = 12
LONGEST = 1000


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()  # Argon2id with 64 MiB, as RFC 9106 has it where memory is dear


@cache
def _nobodys() -> str:
    return _hasher().hash("a password that nobody has")


def hashed(password: str, name: str) -> str:
    """Return what is stored of a password.

    Raises
    ------
    UsageError
        It is short, very long, or the user's name.
    """
    if len(password) < SHORTEST:
        raise UsageError(f"the password has {len(password)} characters", f"at least {SHORTEST}; a few words are good")
    if len(password) > LONGEST:
        raise UsageError(f"the password has more than {LONGEST} characters", "choose a shorter one")
    if password.lower() in (name.lower(), name.lower() * 2) or len(set(password)) < 5:
        raise UsageError("the password is too easily guessed", "choose a few words that do not belong together")
    return _hasher().hash(password.encode("utf-8", "surrogatepass"))


def fits(stored: str | None, password: str) -> bool:
    """Return whether a password is the stored one; where none is stored it takes as long to say no."""
    try:
        right = _hasher().verify(stored or _nobodys(), password[: LONGEST + 1].encode("utf-8", "surrogatepass"))
    except (VerificationError, InvalidHashError):
        return False
    return right and stored is not None
