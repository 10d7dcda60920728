"""Hiding the secrets of a URL before anybody reads it."""

import re

_HIDDEN_WORD = r"(?:password|passwd|passphrase|pwd|secret|token|key|credential|signature|sig|sas)"
_PARAMETER = re.compile(rf"((?:[\w.%-]*{_HIDDEN_WORD}[\w.%-]*|odbc_connect)\s*=\s*)[^&;\s]+", re.IGNORECASE)


def mask(url: str) -> str:
    """Return a URL with its password and secret parameters replaced by ``***``.

    Works on malformed URLs too; where it cannot tell a password from a path it hides too much.

    Examples
    --------
    >>> mask("postgresql://reader:s3cret@db:5432/logs?sslmode=require")
    'postgresql://reader:***@db:5432/logs?sslmode=require'
    >>> mask("parquet+s3://logs/*.parquet?secret_key=abc&region=eu")
    'parquet+s3://logs/*.parquet?secret_key=***&region=eu'
    """
    head, separator, rest = url.partition("://") if "://" in url else ("", "", url)
    if "@" in rest:
        credentials, _, host = rest.rpartition("@")
        user, colon, _password = credentials.partition(":")
        rest = f"{user}:***@{host}" if colon else rest
    return head + separator + _PARAMETER.sub(r"\1***", rest)


def mask_all(url: str) -> str:
    """Return nothing of a URL but its scheme: the address itself is the secret.

    Examples
    --------
    >>> mask_all("https://hooks.slack.com/services/T0/B0/x")
    'https://***'
    """
    scheme, separator, _ = url.partition("://")
    return f"{scheme}://***" if separator and scheme.isascii() and len(scheme) < 30 else "***"
