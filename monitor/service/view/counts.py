"""The counts behind some windows and behind their reference, for what no stored number tells: shapes and curves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from sqlalchemy import Connection

from monitor.config import ModelConfig
from monitor.domain.window import Window
from monitor.errors import UsageError
from monitor.profile.build import segment_text
from monitor.profile.profile import Profile, add, of_all_rows
from monitor.profile.reading import Reading
from monitor.service.tiles.observe import SAME
from monitor.service.view.past import Lens
from monitor.service.view.standard import Standard, standard
from monitor.store import tiles
from monitor.store.engine import Store
from monitor.store.runs import Run

MOST_WINDOWS, LONGEST = 24, timedelta(days=5)
KEPT = 48  # windows held in memory, a few hundred kilobytes each


@dataclass(frozen=True, eq=False)
class Counts:
    """The counts of an interval and of its reference, over the same bins; each None where there are no rows."""

    window: Window
    windows: int
    standard: Standard
    current: Reading | None
    reference: Reading | None


def counts(store: Store, model: ModelConfig, lens: Lens, chosen: Sequence[Run]) -> Counts | None:
    """Return the counts of the rows of some windows together; None without windows, or when the reference is gone.

    Parameters
    ----------
    chosen : sequence of Run
        Adjacent windows, oldest first; those that rest on another reference than the last are left out.
    """
    kept = [run for run in chosen if run.outcome.reference_id == chosen[-1].outcome.reference_id]
    against = standard(store, kept[-1].outcome.reference_id) if kept else None
    if against is None:
        return None
    window = Window(min(run.window.start for run in kept), max(run.window.end for run in kept))
    slot = (lens.version or "", "" if lens.segment is None else segment_text(*lens.segment))
    now = _summed(store, kept[-1].model_id, against, tuple(run.id for run in kept), window, slot)
    return Counts(window, len(kept), against, now, _before(store, model, against, kept[0], slot[1]))


def together(windows: Sequence[Run], *, labelled: bool = False) -> list[Run]:
    """Return the newest windows that can be added up at once: some days of them, with ground truth if that is wanted.

    Few rows make no curve, so windows are put together, and the mature ones are preferred to those that wait.
    """
    usable = [run for run in windows if run.outcome.rows and (run.outcome.labelled or not labelled)]
    mature = [run for run in usable if not run.outcome.provisional] if labelled else usable
    found: list[Run] = []
    for run in reversed(mature or usable):
        if found and (len(found) == MOST_WINDOWS or found[-1].window.end - run.window.start > LONGEST):
            break
        found.insert(0, run)
    return found


def _before(store: Store, model: ModelConfig, against: Standard, run: Run, segment: str) -> Reading | None:
    if not against.trailing:
        return against.reading(segment)
    spec = model.reference
    if spec is None or spec.last is None or spec.lag is None:
        return None
    end = run.window.start - spec.lag
    return _summed(store, run.model_id, against, (-run.id,), Window(end - spec.last, end), ("", segment))


@lru_cache(maxsize=KEPT)
def _summed(
    store: Store, model_id: int, against: Standard, _runs: tuple[int, ...], window: Window, slot: tuple[str, str]
) -> Reading | None:
    """Add up the tiles of an interval; those of another revision have its number, so that what is kept stays true."""
    with store.read() as conn:
        try:
            found = list(_profiles(conn, model_id, against.layout.fingerprint, window, slot))
        except UsageError:  # its hours were rolled up into a day that it cuts
            return None
    return Reading(against.layout, add(found)) if found else None


def _profiles(
    conn: Connection, model_id: int, fingerprint: str, window: Window, slot: tuple[str, str]
) -> Iterable[Profile]:
    blobs = list(tiles.load(conn, model_id, fingerprint, window.start, window.end, *slot))
    if any(blob == SAME for blob in blobs):  # an only version's counts are those of all rows, hour by hour
        found: dict[object, dict[tuple[str, str], bytes | None]] = {}
        for tile in tiles.load_many(conn, model_id, fingerprint, window.start, window.end):
            found.setdefault(tile.start, {})[tile.version, tile.segment] = tile.profile
        blobs = [at[slot] or at["", ""] or b"" for at in found.values() if at.get(slot) is not None]
    return [Profile.from_bytes(blob, of_all_rows) for blob in blobs if blob]
