"""Matchers: which words a silence or a route is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from monitor.alerts.subject import Subject
from monitor.errors import UsageError

Operator = Literal["=", "!=", "=~", "!~"]
LONGEST = 1000
_SHAPE = re.compile(r"([^=!~]+)(=~|!~|!=|=)(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on one word: equal, different, like a pattern of ``*`` and ``?``, or unlike it.

    A word that is not there is the empty text. Of a word with several values, one has to fit; for ``!=`` and ``!~``
    none may.
    """

    word: str
    operator: Operator
    value: str

    def fits(self, subject: Subject) -> bool:
        """Tell whether the subject meets the condition.

        Examples
        --------
        >>> Matcher("model", "=~", "fraud-*").fits({"model": ("fraud-eu",)})
        True
        >>> Matcher("team", "!=", "risk").fits({})
        True
        """
        values = subject.get(self.word) or ("",)
        if self.operator in ("=", "!="):
            return (self.value in values) == (self.operator == "=")
        return any(like(self.value, value) for value in values) == (self.operator == "=~")

    def __str__(self) -> str:
        """Return it as people write it."""
        return f"{self.word}{self.operator}{self.value}"


def parse(text: str) -> Matcher:
    """Return the matcher that a text such as ``model=~fraud-*`` means.

    Raises
    ------
    UsageError
        There is no operator, no word before it, or more than 1000 characters.

    Examples
    --------
    >>> parse("severity!=critical")
    Matcher(word='severity', operator='!=', value='critical')
    """
    match = _SHAPE.fullmatch(text) if len(text) <= LONGEST else None
    if match is None or not match[1].strip():
        raise UsageError(
            f"{text[:80]!r} is not a matcher", "write model=fraud, column!=age, rule=~drift* or team!~web*"
        )
    return Matcher(match[1].strip(), match[2], match[3].strip())  # type: ignore[arg-type]


def fit(matchers: Iterable[Matcher], subject: Subject) -> bool:
    """Tell whether all conditions are met."""
    return all(matcher.fits(subject) for matcher in matchers)


def meets(match: Mapping[str, tuple[str, ...]], subject: Subject) -> bool:
    """Tell whether a ``match:`` of monitor.yaml is met: of each word, one of its values or patterns.

    Examples
    --------
    >>> meets({"severity": ("critical",), "team": ("ri*", "web")}, {"severity": ("critical",), "team": ("risk",)})
    True
    """
    return all(
        any(like(pattern, value) for pattern in patterns for value in subject.get(word) or ("",))
        for word, patterns in match.items()
    )


def like(pattern: str, value: str) -> bool:
    """Tell whether a text fits a pattern of ``*`` (any characters) and ``?`` (any one); case counts.

    Takes at most the product of both lengths in steps: no pattern makes it hang.

    Examples
    --------
    >>> like("fraud-*", "fraud-eu"), like("?", ""), like("*a*b", "xaxxb"), like("A", "a")
    (True, False, True, False)
    """
    at = here = back = 0
    star: int | None = None
    while here < len(value):
        if at < len(pattern) and pattern[at] == "*":
            star, back, at = at, here, at + 1
        elif at < len(pattern) and pattern[at] in ("?", value[here]):
            at, here = at + 1, here + 1
        elif star is not None:
            at, back = star + 1, back + 1
            here = back
        else:
            return False
    return not pattern[at:].strip("*")
