"""Who does something, by what can be known of him, and what he writes, as text that any store can keep."""

from __future__ import annotations

import getpass
import os
import socket

from monitor.errors import UsageError

LONGEST_NAME = 200
LONGEST_NOTE = 2000


def actor(name: str | None = None) -> str:
    """Return who acts: the name given, else the user of this process and its host as ``ann@laptop``.

    Raises
    ------
    UsageError
        The name given is empty or very long.
    """
    if name is not None:
        return written(name, "--as", LONGEST_NAME)
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        user = f"uid{os.getuid()}"
    return f"{user}@{socket.gethostname()}"


def written(text: str, option: str, longest: int = LONGEST_NOTE) -> str:
    r"""Return what a person wrote, with what no encoding can carry replaced.

    Raises
    ------
    UsageError
        It is empty or longer than ``longest`` characters.

    Examples
    --------
    >>> written(" on it \udcff", "--note")
    'on it �'
    """
    found = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace").replace("\0", "�").strip()
    if not found:
        raise UsageError(f"{option} is empty", f'write {option} "..." with some text')
    if len(found) > longest:
        raise UsageError(f"{option} has {len(found)} characters", f"write at most {longest}")
    return found
