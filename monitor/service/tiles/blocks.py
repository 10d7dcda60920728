"""Blocks: sums of days, kept between the windows that share them.

A window of 28 days that moves on by an hour adds up 27 days and a few hours, not 672 tiles.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from monitor.domain.window import Window
from monitor.profile.layout import Layout
from monitor.profile.profile import Profile
from monitor.service.job import Job
from monitor.service.tiles.observe import Slot, profiles_of, summed
from monitor.store import tile_facts, tiles

ROOM = 128 * 2**20  # bytes of counts kept

Key = tuple[str, Window, bool]
Seen = tuple[tuple[datetime, str, datetime], ...]


@dataclass(frozen=True, eq=False)
class Block:
    """The counts of a day or of a tile by version and segment; they hold while its tiles are those ``seen``."""

    seen: Seen
    profiles: dict[Slot, Profile]
    size: int


@dataclass(eq=False)
class Blocks:
    """Sums made before, the last used last; at most ``room`` bytes beside those that one sum needs itself."""

    room: int = ROOM
    kept: dict[Key, Block] = field(default_factory=dict)

    def pieces(
        self, conn: Connection, job: Job, layout: Layout, period: Window, *, reference: bool = False
    ) -> dict[Slot, list[Profile]]:
        """Return the counts of an interval of whole tiles by version and segment, oldest first, in few pieces.

        Their sum is that of the tiles; how they are cut depends on the interval alone, so every process adds the same
        numbers in the same order.

        Parameters
        ----------
        reference : bool
            Whether the interval is a reference: tiles inside ``exclude`` are left out.

        Raises
        ------
        UsageError
            The interval cuts a day that was rolled up.
        """
        blocks = job.calendar.blocks(period.start, period.end)
        seen = _seen(conn, job, Window(blocks[0].start, blocks[-1].end))
        found: dict[Slot, list[Profile]] = {}
        for block in blocks:
            key, rests_on = (layout.fingerprint, block, reference), seen(block)
            kept = self.kept.pop(key, None)
            if kept is None or kept.seen != rests_on:
                kept = _added(conn, job, layout, block, rests_on, reference=reference)
            self.kept[key] = kept
            for slot, profile in kept.profiles.items():
                found.setdefault(slot, []).append(profile)
        self._make_room()
        return found

    def _make_room(self) -> None:
        """Forget what was not used for longest."""
        used = sum(block.size for block in self.kept.values())
        for key in list(self.kept):
            if used <= self.room:
                break
            used -= self.kept.pop(key).size


def _seen(conn: Connection, job: Job, period: Window) -> Callable[[Window], Seen]:
    """Return what is noted of the tiles of any block of an interval."""
    facts = [(f.start, f.digest, f.scanned_at) for f in tile_facts.load(conn, job.model_id, period.start, period.end)]
    starts = [start for start, *_ in facts]
    return lambda block: tuple(facts[bisect_left(starts, block.start) : bisect_left(starts, block.end)])


def _added(conn: Connection, job: Job, layout: Layout, block: Window, seen: Seen, *, reference: bool) -> Block:
    stored: Iterable[tiles.Tile] = tiles.load_many(conn, job.model_id, layout.fingerprint, block.start, block.end)
    if reference:
        stored = without(stored, job.excluded)
    profiles = summed(profiles_of(stored))
    return Block(seen, profiles, sum({id(p): _size(p) for p in profiles.values()}.values()))


def without(stored: Iterable[tiles.Tile], excluded: Sequence[Window]) -> Iterator[tiles.Tile]:
    """Leave out the tiles that overlap excluded intervals."""
    return (tile for tile in stored if not any(Window(tile.start, tile.end).overlaps(x) for x in excluded))


def _size(profile: Profile) -> int:
    return sum(
        array.nbytes
        for tally in profile.parts.values()
        for array in (tally.cells, tally.counts, tally.weights, tally.sums, tally.lows, tally.highs)
    )
