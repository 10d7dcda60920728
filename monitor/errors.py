"""The few errors of this service: each says what happened, where, and what cures it.

``exit_code`` is what the command line returns: 2 for wrong usage or configuration, 1 for the rest.
"""

from __future__ import annotations

from dataclasses import dataclass


class MonitorError(Exception):
    """Root of all errors that a user can meet; shown without a traceback.

    Parameters
    ----------
    message : str
        What is wrong and where. Never holds a password: mask URLs first.
    hint : str, optional
        What the user can do about it.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """Return the message and, on a line of its own, the cure."""
        return f"{self.message}\n  hint: {self.hint}" if self.hint else self.message


@dataclass(frozen=True)
class Fault:
    """One thing wrong in a configuration file: where, what, and the cure."""

    file: str
    line: int | None
    field: str
    problem: str
    hint: str

    def __str__(self) -> str:
        """Return ``file:line: field: problem`` with the hint on the next line."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        field = f" {self.field}:" if self.field else ""
        return f"{place}:{field} {self.problem}\n  hint: {self.hint}"


class ConfigError(MonitorError):
    """The configuration is wrong; lists every fault found, nothing was applied."""

    exit_code = 2

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)


class UsageError(MonitorError):
    """The command was called in a way that cannot work."""

    exit_code = 2


class SourceError(MonitorError):
    """Somebody else's log could not be read.

    ``state`` names the fault for machines: ``unreachable``, ``permission_denied``,
    ``missing_table``, ``missing_column``, ``wrong_type``, ``timeout``, ``unreadable``, ``not_pushed``.
    """

    def __init__(self, message: str, hint: str | None = None, *, state: str = "unreadable") -> None:
        super().__init__(message, hint)
        self.state = state


class StoreError(MonitorError):
    """The service's own database cannot be used as it is."""


class ContestedError(StoreError):
    """Another process stood in the way and the database has undone this one's transaction: it may be done again."""


class AbandonedError(StoreError):
    """Whoever asked for a transaction has given up waiting, and it was not committed."""


class UnappliedError(MonitorError):
    """The configuration names a model that the store does not know yet; as soon as it is applied the same will do."""


class ShapeError(MonitorError):
    """Two arrays that must describe the same bins differ in shape."""


class LayoutError(MonitorError):
    """Two profiles were counted over different bins and cannot be added or compared."""


class LearningError(MonitorError):
    """There is no reference yet: the model is still learning."""


class StaleLeaseError(MonitorError):
    """What was leased is somebody else's by now: whatever was being written is dropped."""
