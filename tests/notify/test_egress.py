"""Nothing leaves to where it must not: watched by a listener that nobody may reach."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from monitor.notify import Egress
from monitor.notify.line import Place, dial, resolve
from monitor.notify.refusal import RefusedError, UnreachableError
from tests.notify.conftest import Canary, Recorder, served

INNER = """
127.0.0.1 127.1 127.0.1 0x7f.1 0x7f000001 2130706433 017700000001 0177.0.0.1 0x7f.0x0.0x0.0x1 127.0.0.1.
127.255.255.254 127.000.000.001 0 00 0x0 0.0.0.0 localhost LOCALHOST localhost. ⓛⓞⓒⓐⓛⓗⓞⓢⓣ 127。0。0。1 １２７.０.０.１
①②⑦.⓪.⓪.① rebound.example xn--bcher-kva.example bücher.example
[::1] [0:0:0:0:0:0:0:1] [0000:0000:0000:0000:0000:0000:0000:0001] [::] [::ffff:127.0.0.1] [::ffff:7f00:1]
[0:0:0:0:0:ffff:127.0.0.1] [::127.0.0.1] [::ffff:0:127.0.0.1] [64:ff9b::127.0.0.1] [64:ff9b::7f00:1]
[64:ff9b:1::7f00:1] [2002:7f00:1::] [2002:7f00:0001::1] [2001:0:7f00:1::] [2001:0:5ef5:79fd::80ff:fffe]
[fe80::5efe:7f00:1] [fe80::1] [fec0::1] [fc00::1] [fd00:ec2::254] [ff02::1]
169.254.169.254 0xa9fea9fe 2852039166 [::ffff:169.254.169.254] [64:ff9b::a9fe:a9fe] [2002:a9fe:a9fe::1]
192.0.0.192 100.100.100.200 168.63.129.16 10.0.0.1 172.16.0.1 192.168.0.1 100.64.0.1 224.0.0.1 255.255.255.255
"""
ODD = """
https://user:pw@hooks.example:PORT/ https://hooks.example@127.0.0.1:PORT/ https://hooks.example%40127.0.0.1:PORT/
https://127.0.0.1:PORT\\@hooks.example/ https://hooks.example:PORT#@127.0.0.1/ https://hooks.example:PORT?@127.0.0.1/
http://127.0.0.1:PORT/ http://hooks.example:PORT/ ftp://127.0.0.1:PORT/ file:///etc/passwd gopher://127.0.0.1:PORT/
//127.0.0.1:PORT/ https:/127.0.0.1:PORT/ https:127.0.0.1:PORT https:///127.0.0.1:PORT/ 127.0.0.1:PORT
https://[::1%25lo]:PORT/ https://127.0.0.1%00.hooks.example:PORT/ https://hooks.example:22/ https://[127.0.0.1]:PORT/
"""
BROKEN = ["https://127.0.0.1:PORT/\r\nHost: x", " https://127.0.0.1:PORT/", "https://127.0.0.1\t:PORT/", "", "https://"]
URLS = [*(f"https://{host}:PORT/" for host in INNER.split()), *ODD.split(), *BROKEN]


def _numeric_else_inside(host: str, port: int) -> Sequence[Place]:
    """Resolve as a hostile name server does: every name leads to this machine."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:
        return resolve("127.0.0.1", port)
    return [(family, place) for family, _, _, _, place in found]  # type: ignore[misc]


@dataclass
class Dialled:
    """Dials for real, and remembers where to."""

    places: list[str] = field(default_factory=list)

    def __call__(self, place: Place, seconds: float) -> socket.socket:
        self.places.append(place[1][0])
        return dial(place, seconds)


def test_there_are_sixty_spellings() -> None:
    """The list is as long as promised."""
    assert len(set(URLS)) >= 60


@pytest.mark.parametrize("url", URLS, ids=ascii)
def test_no_spelling_gets_through(url: str, canary: Canary) -> None:
    """Not one connection is opened, however an inner address is written."""
    dialled = Dialled()
    egress = Egress(resolve=_numeric_else_inside, dial=dialled)
    with pytest.raises(RefusedError) as refused:
        egress.post(url.replace("PORT", str(canary.port)), b"{}", {}, seconds=2.0)
    assert (dialled.places, canary.seen) == ([], 0)
    assert "127" not in str(refused.value)


@pytest.mark.parametrize(
    "host", ["127.1", "0x7f000001", "2130706433", "[::1]", "[::ffff:7f00:1]", "①②⑦.⓪.⓪.①", "any.name"]
)
def test_the_canary_would_sing(host: str, canary: Canary) -> None:
    """Where private addresses are meant, the same spellings do arrive: the test before this one can fail."""
    egress = Egress(resolve=_numeric_else_inside)
    with pytest.raises(UnreachableError):
        egress.post(f"https://{host}:{canary.port}/", b"{}", {}, allow_private=True, seconds=2.0)
    assert canary.seen == 1


def test_a_name_is_looked_up_once(canary: Canary) -> None:
    """A name server that answers otherwise the second time is not asked a second time."""
    answers = [[(socket.AF_INET, ("93.184.216.34", canary.port))], list(resolve("127.0.0.1", canary.port))]
    dialled: list[str] = []

    def nobody(place: Place, seconds: float) -> socket.socket:
        dialled.append(place[1][0])
        raise ConnectionRefusedError

    egress = Egress(resolve=lambda *_: answers.pop(0), dial=nobody)
    with pytest.raises(UnreachableError):
        egress.post(f"https://rebound.example:{canary.port}/", b"{}", {}, seconds=2.0)
    assert (dialled, len(answers), canary.seen) == (["93.184.216.34"], 1, 0)


def test_one_bad_address_refuses_the_name(canary: Canary) -> None:
    """A name that leads outside and inside is refused before anything is dialled."""
    dialled = Dialled()
    mixed = [(socket.AF_INET, ("93.184.216.34", canary.port)), *resolve("127.0.0.1", canary.port)]
    with pytest.raises(RefusedError, match="a private address"):
        Egress(resolve=lambda *_: mixed, dial=dialled).post(f"https://mixed.example:{canary.port}/", b"", {})
    assert dialled.places == []


@pytest.mark.parametrize("meant", [False, True])
def test_the_socket_itself_is_asked(meant: bool, canary: Canary) -> None:
    """A connection that leads elsewhere than to the checked address is closed before a byte is said."""
    public: list[Place] = [(socket.AF_INET, ("93.184.216.34", canary.port))]

    def bent(place: Place, seconds: float) -> socket.socket:
        return dial(resolve("127.0.0.1", canary.port)[0], seconds)

    with pytest.raises(RefusedError, match="leads elsewhere"):
        Egress(resolve=lambda *_: public, dial=bent).post(
            f"https://bent.example:{canary.port}/", b"", {}, allow_private=meant
        )
    assert canary.heard == b""


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_is_followed(status: int, recorder: Recorder, canary: Canary) -> None:
    """A redirect is an answer, and the end."""
    recorder.elsewhere = f"http://127.0.0.1:{canary.port}/latest/meta-data"
    answer = Egress().post(recorder.url(f"/{status}"), b"{}", {}, allow_private=True)
    assert (answer.status, canary.seen, len(recorder.calls)) == (status, 0, 1)


def test_proxies_of_the_environment_are_ignored(
    recorder: Recorder, canary: Canary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy would resolve names by itself, where nobody judges them."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{canary.port}")
        monkeypatch.setenv(name.lower(), f"http://127.0.0.1:{canary.port}")
    assert Egress().post(recorder.url(), b"{}", {}, allow_private=True).status == 200
    assert canary.seen == 0


def test_little_is_read(recorder: Recorder) -> None:
    """Of a hundred megabytes only 4 kB are taken."""
    assert len(Egress().post(recorder.url("/huge"), b"{}", {}, allow_private=True).body) == 4096


def test_the_name_is_kept_for_the_other_side(
    certified: Callable[[str], ssl.SSLContext], trusting: Callable[[int], Egress]
) -> None:
    """The connection goes to an address in digits; TLS and the header ``Host`` still carry the name."""
    with served(certified("hooks.example.org")) as recorder:
        answer = trusting(recorder.port).post("https://hooks.example.org/x?y=1", b"{}", {}, allow_private=True)
    assert answer.status == 200
    assert (recorder.calls[0].path, recorder.calls[0].headers["host"]) == ("/x?y=1", "hooks.example.org")


def test_a_certificate_of_another_name_is_not_taken(
    certified: Callable[[str], ssl.SSLContext], trusting: Callable[[int], Egress]
) -> None:
    """Who cannot prove the name is told nothing, not even what the name was."""
    with served(certified("evil.example")) as recorder:
        with pytest.raises(UnreachableError, match=r"^TLS: the certificate is not valid$"):
            trusting(recorder.port).post("https://hooks.example.org/", b"{}", {}, allow_private=True)
        assert recorder.calls == []


def test_the_second_address_is_tried(recorder: Recorder) -> None:
    """Where a name has several addresses, one that does not answer is passed over."""
    places = [(socket.AF_INET, ("127.0.0.2", 1)), *resolve("127.0.0.1", recorder.port)]
    answer = Egress(resolve=lambda *_: places).post("http://two.example/", b"{}", {}, allow_private=True)
    assert answer.status == 200


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/",
        "https://user:pw@hooks.example/",
        "https://user@hooks.example/",
        "https://hooks.example:22/",
        "https://hooks.example:1023/",
        "ftp://hooks.example/",
    ],
)
def test_a_public_address_is_not_enough(url: str) -> None:
    """Clear text, passwords in the address and other services' ports are refused wherever they lead."""
    dialled: list[Place] = []

    def nobody(place: Place, seconds: float) -> socket.socket:
        dialled.append(place)
        raise ConnectionRefusedError

    egress = Egress(resolve=lambda *_: [(socket.AF_INET, ("93.184.216.34", 443))], dial=nobody)
    with pytest.raises(RefusedError):
        egress.post(url, b"{}", {})
    assert dialled == []
    with pytest.raises(UnreachableError):
        egress.post("https://hooks.example:8443/", b"{}", {})
    assert len(dialled) == 1
