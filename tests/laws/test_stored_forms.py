"""What is stored comes back as it was, and damage is noticed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from monitor.errors import LayoutError
from monitor.profile import bundle
from monitor.profile.build import build
from monitor.profile.codec import VERSION, pack, unpack
from monitor.profile.layout import Layout
from monitor.profile.profile import Profile
from monitor.profile.tally import Tally
from tests.laws.conftest import TASKS, differences, layout_of, table_of

quick = settings(max_examples=40, deadline=None, derandomize=True)
numbers = st.sampled_from([np.int64, np.uint64, np.float64]).flatmap(
    lambda kind: hnp.arrays(kind, st.integers(0, 12), elements={"allow_nan": True} if kind is np.float64 else None)
)
texts = st.text(st.characters(codec=None, exclude_categories=()), max_size=6)


@quick
@given(
    st.dictionaries(texts, st.one_of(texts, st.none(), st.lists(texts, max_size=3)), max_size=3),
    st.lists(numbers, max_size=4),
)
def test_a_blob_gives_back_header_and_arrays(header: dict[str, object], arrays: list[np.ndarray]) -> None:
    """Any header and numbers survive, bit by bit, lone surrogates and NaN included."""
    head, found = unpack(pack(header, arrays))
    assert head == header
    assert [a.dtype for a in found] == [a.dtype for a in arrays]
    assert [a.tobytes() for a in found] == [a.tobytes() for a in arrays]


@quick
@given(st.sampled_from(TASKS), st.integers(0, 10**6), st.integers(0, 30))
def test_a_profile_comes_back_as_it_was(task: str, seed: int, n: int) -> None:
    """Counts, sums, extremes and labels are stored exactly."""
    profile = build(layout_of(task), [table_of(task, seed, n)])
    found = Profile.from_bytes(profile.to_bytes())
    assert found.fingerprint == profile.fingerprint
    assert differences(found, profile) == []
    assert all(np.array_equal(found.parts[n].sums, t.sums) for n, t in profile.parts.items())
    assert found.to_bytes() == profile.to_bytes()


@pytest.mark.parametrize("task", TASKS)
def test_a_layout_keeps_its_fingerprint(task: str) -> None:
    """The stored layout is the layout, and counts the same rows into the same bins."""
    layout = layout_of(task)
    found = Layout.from_bytes(layout.to_bytes())
    assert found.fingerprint == layout.fingerprint
    assert found.model == layout.model
    assert found.segments == layout.segments
    table = table_of(task, 5, 30)
    assert differences(build(found, [table]), build(layout, [table])) == []


def test_what_moves_no_count_does_not_change_the_fingerprint() -> None:
    """A model may be renamed; other columns, thresholds or bins are another layout."""
    layout = layout_of("binary")
    renamed = replace(layout.model, name="other", min_group_size=5, reference_group={"word": "a"})
    assert replace(layout, model=renamed).fingerprint == layout.fingerprint
    assert replace(layout, model=replace(layout.model, threshold=0.4)).fingerprint != layout.fingerprint
    moved = replace(layout.numeric["column:y"], edges=layout.numeric["column:y"].edges + 1)
    assert replace(layout, bins={**layout.bins, "column:y": moved}).fingerprint != layout.fingerprint


def test_a_bundle_keeps_profiles_by_version_and_segment() -> None:
    """The reference's profiles are stored together under any names."""
    profiles = {
        key: build(layout_of("binary"), [table_of("binary", i, 9)])
        for i, key in enumerate([("", ""), ("v'1", ""), ("", '{"a":null}')])
    }
    found = bundle.from_bytes(bundle.to_bytes(profiles))
    assert found.keys() == profiles.keys()
    assert all(differences(found[key], profiles[key]) == [] for key in profiles)


def test_an_overflowed_tally_stays_overflowed() -> None:
    """That a part holds too many labels is stored too."""
    profile = Profile("f", {"confusion": Tally.empty(1, 2, 1, overflowed=True), "none": Tally.empty(3)})
    found = Profile.from_bytes(profile.to_bytes())
    assert (found.parts["confusion"].overflowed, found.parts["none"].overflowed) == (True, False)
    assert found.parts["confusion"].sums.shape == (0, 2)


BLOB = pack({"a": 1}, [np.arange(1000)])


@pytest.mark.parametrize(
    "blob",
    [b"", b"mmp", b"xyz" + BLOB[3:], BLOB[:-5], BLOB[:20], BLOB[:12], BLOB[:30] + b"\0\0\0\0" + BLOB[34:]],
    ids=["nothing", "stub", "magic", "cut", "cut early", "no body", "overwritten"],
)
def test_damage_is_an_error_with_a_cure(blob: bytes) -> None:
    """A damaged blob is never read as counts."""
    with pytest.raises(LayoutError) as caught:
        unpack(blob)
    assert caught.value.hint


def test_a_newer_version_asks_for_an_upgrade() -> None:
    """Counts written by a newer program are refused."""
    with pytest.raises(LayoutError, match="version"):
        unpack(BLOB[:3] + bytes([VERSION + 1]) + BLOB[4:])
