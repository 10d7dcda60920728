"""Proxies: whose headers are believed."""

from __future__ import annotations

import pytest

from monitor.api.proxies import believed
from monitor.errors import UsageError


@pytest.mark.parametrize("text", ["*", "0.0.0.0/0", "::/0"])
def test_nobody_believes_everybody(text: str) -> None:
    """What holds every address is refused with what to write instead."""
    with pytest.raises(UsageError, match="every caller") as refused:
        believed(["10.0.0.2", text])
    assert "10.0.0.0/24" in str(refused.value)


@pytest.mark.parametrize("text", ["proxy", "10.0.0.2/8", "10.0.0", ""])
def test_a_word_is_no_address(text: str) -> None:
    """What could never fit any caller is refused, not kept in silence."""
    with pytest.raises(UsageError, match="neither an address nor a network"):
        believed([text])


def test_addresses_and_networks_are_believed() -> None:
    """IPv4 and IPv6, each as it was written."""
    assert believed(["10.0.0.2", "10.0.0.0/24", "::1"]) == ("10.0.0.2", "10.0.0.0/24", "::1")
