"""The backlog in the log: one line now and then while thousands of windows are worked off, not one for each."""

from __future__ import annotations

from dataclasses import dataclass

EVERY = 30.0  # seconds between two lines


@dataclass
class Backlog:
    """What the log was told last: so many windows were ``left`` at a moment ``at``, in seconds of any steady clock."""

    left: int = 0
    at: float | None = None

    def due(self, now: float) -> bool:
        """Tell whether it is time to look at the ledger again."""
        return self.at is None or now - self.at >= EVERY

    def told(self, left: int, now: float) -> dict[str, int] | None:
        """Return what is to be said when so many windows are left now; None when there is nothing to say.

        Examples
        --------
        >>> backlog = Backlog()
        >>> backlog.told(0, 0.0), backlog.told(900, 30.0), backlog.told(600, 60.0), backlog.told(0, 90.0)
        (None, {'left': 900}, {'left': 600, 'done': 300}, {'left': 0, 'done': 600})
        """
        before, self.left, self.at = self.left, left, now
        if not left and not before:
            return None
        done = before - left
        return {"left": left} if done <= 0 else {"left": left, "done": done}
