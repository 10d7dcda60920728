"""The known word that somebody probably meant."""

from collections.abc import Iterable
from difflib import get_close_matches


def near(word: str, known: Iterable[str], cutoff: float = 0.7) -> str | None:
    """Return the known word that is most like ``word``; None when none is.

    Examples
    --------
    >>> near("treshold", ["task", "threshold"]), near("colour", ["task"])
    ('threshold', None)
    """
    words = {other.lower(): other for other in known}
    match = get_close_matches(word.lower()[:100], sorted(words), n=1, cutoff=cutoff)
    return words[match[0]] if match else None


def cure(word: str, known: Iterable[str], otherwise: str) -> str:
    """Return ``did you mean …?`` when a known word is near, else ``otherwise``."""
    match = near(word, known)
    return otherwise if match is None else f"did you mean {match}?"
