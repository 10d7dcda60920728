"""A bundle: the profiles of all places of one reference, in one blob."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from monitor.profile.codec import pack, unpack
from monitor.profile.profile import Profile

Slot = tuple[str, str]  # version, segment; both empty for all rows


def to_bytes(profiles: Mapping[Slot, Profile]) -> bytes:
    """Return the stored form of profiles by version and segment."""
    blobs = [p.to_bytes() for p in profiles.values()]
    arrays = [np.frombuffer(blob, dtype=np.int8) for blob in blobs]
    return pack({"slots": list(profiles)}, arrays)


def from_bytes(blob: bytes) -> dict[Slot, Profile]:
    """Read the stored form."""
    header, arrays = unpack(blob)
    profiles = (Profile.from_bytes(a.astype(np.int8).tobytes()) for a in arrays)
    return {(version, segment): p for (version, segment), p in zip(header["slots"], profiles, strict=True)}
