"""Which addresses are denied, in whatever they are wrapped."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.notify.address import denied

INSIDE = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.255.255",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.255",
    "::1",
    "fe80::1",
    "fec0::1",
    "fc00::1",
    "fdff::1",
    "100::1",
    "2001:db8::1",
    "2001:2::1",
    "3fff::1",
    "5f00::1",
    "64:ff9b:1::808:808",
    "4000::1",
]
NEVER = [
    "::",
    "169.254.169.254",
    "169.254.170.2",
    "192.0.0.192",
    "100.100.100.200",
    "168.63.129.16",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "fd00:ec2::254",
    "ff02::1",
    "ff0e::1",
]
OUTSIDE = ["1.1.1.1", "93.184.216.34", "172.32.0.1", "100.63.255.255", "198.20.0.1", "2606:4700::1111", "2a00:1450::1"]
WRAPPINGS = {
    "mapped": lambda four: f"::ffff:{four}",
    "compatible": lambda four: f"::{four}",
    "translated": lambda four: f"::ffff:0:{four}",
    "NAT64": lambda four: f"64:ff9b::{four}",
    "local NAT64": lambda four: f"64:ff9b:1::{four}",
    "6to4": lambda four: str(IPv6Address((0x2002 << 112) | (int(four) << 80) | 1)),
    "Teredo server": lambda four: str(IPv6Address((0x20010000 << 96) | (int(four) << 64) | 1)),
    "Teredo client": lambda four: str(IPv6Address((0x20010000 << 96) | (~int(four) & 0xFFFFFFFF))),
    "ISATAP": lambda four: f"2a00:1450::5efe:{four}",
}


@pytest.mark.parametrize("text", INSIDE)
def test_private_addresses_need_to_be_meant(text: str) -> None:
    """What is not the public Internet is denied unless the operator means it."""
    assert denied(ip_address(text), allow_private=False)
    assert denied(ip_address(text), allow_private=True) is None or text.startswith("0.")


@pytest.mark.parametrize("text", NEVER)
def test_some_addresses_are_never_meant(text: str) -> None:
    """Metadata services, multicast and what is reserved are denied in any case."""
    assert denied(ip_address(text), allow_private=False)
    assert denied(ip_address(text), allow_private=True)


@pytest.mark.parametrize("text", OUTSIDE)
def test_public_addresses_are_fine(text: str) -> None:
    """The neighbours of private ranges are public."""
    assert denied(ip_address(text), allow_private=False) is None


@pytest.mark.parametrize("form", WRAPPINGS)
def test_no_wrapping_hides_the_metadata(form: str) -> None:
    """An IPv6 address that leads to the metadata service is denied even where private addresses are meant."""
    assert denied(ip_address(WRAPPINGS[form](IPv4Address("169.254.169.254"))), allow_private=True)


@given(st.ip_addresses(v=4), st.sampled_from(sorted(WRAPPINGS)))
def test_a_wrapping_is_never_freer_than_what_is_in_it(four: IPv4Address, form: str) -> None:
    """What is denied by itself is denied in every wrapping, in either mode."""
    wrapped = ip_address(WRAPPINGS[form](four))
    if int(wrapped) > 1:
        for meant in (False, True):
            assert denied(wrapped, allow_private=meant) or not denied(four, allow_private=meant)


@given(st.ip_addresses())
def test_what_is_allowed_is_global(address: IPv4Address | IPv6Address) -> None:
    """Nothing passes that the library itself calls private, but for NAT64 of public addresses."""
    if denied(address, allow_private=False) is None:
        assert address.is_global or str(address).startswith(("::", "64:ff9b:"))
        assert not address.is_multicast
