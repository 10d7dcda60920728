"""The name of an instance: the same for the same rule on the same thing, always and everywhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256


def fingerprint(model: str, rule: str, labels: Mapping[str, str | None]) -> str:
    """Return the SHA-256, as 64 hexadecimal digits, of the canonical JSON of model, rule and labels.

    Canonical is with sorted keys, no spaces, and everything beyond ASCII escaped, so that text that no encoding can
    carry (lone surrogates) has a name too.

    Examples
    --------
    >>> fingerprint("churn", "drift", {"column": "age"})[:16]
    '5c527edf16ced54e'
    >>> fingerprint("churn", "drift", {"a": "1", "b": None}) == fingerprint("churn", "drift", {"b": None, "a": "1"})
    True
    """
    return digest({"model": model, "rule": rule, "labels": dict(labels)})


def digest(content: Mapping[str, object]) -> str:
    """Return the SHA-256 of the canonical JSON of texts and numbers.

    Examples
    --------
    >>> digest({})[:8]
    '44136fa3'
    """
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return sha256(text.encode("ascii")).hexdigest()
