"""Side doors: an open one is found, a shut one is told apart, and no byte of anything is sent."""

import contextlib
import re
import shutil
import socket
import struct
import subprocess
import threading
from pathlib import Path

import pytest

from connectors.probing import Road, try_dns, try_tcp
from integration.cli import doctor_egress
from integration.services.doctor import Level
from tests.gateway_http.site import settings
from tests.ports import free_port

RULES = Path(__file__).parents[2] / "deploy" / "egress" / "holdwatch.nft"


class Door:
    """Somebody outside who listens, and keeps what is said to them."""

    def __init__(self) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.said: list[bytes] = []
        self.heard = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                link, _ = self.listening.accept()
                with link:
                    link.settimeout(60)
                    self.said.append(link.recv(1000))  # empty once the other side hangs up
                    self.heard.set()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()
        self._thread.join(60)


@pytest.fixture
def door():
    opened = Door()
    yield opened
    opened.close()


@pytest.fixture
def resolver():
    """A name server that answers everything with nothing."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))
    asked: list[bytes] = []

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                query, who = server.recvfrom(1000)
                if query == b"end":
                    return
                asked.append(query)
                server.sendto(query[:2] + struct.pack(">HHHHH", 0x8183, 1, 0, 0, 0) + query[12:], who)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield server.getsockname()[1], asked
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
        last.sendto(b"end", server.getsockname())
    thread.join(60)
    server.close()


def test_road_is_open_when_somebody_answers_and_nothing_is_said_to_them(door):
    assert try_tcp("127.0.0.1", door.port, 60).road is Road.OPEN
    assert door.heard.wait(60)
    assert door.said == [b""]


def test_road_is_shut_when_nobody_answers():
    tried = try_tcp("127.0.0.1", free_port(), 60)
    assert (tried.road, tried.why) == (Road.SHUT, "connection_refused")


def test_road_is_not_tried_when_its_name_is_not_found(monkeypatch):
    def nobody(*_arguments, **_named):
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    assert try_tcp("mail.example", 25, 1).road is Road.UNKNOWN


def test_name_server_is_asked_for_a_name_and_nothing_else(resolver):
    port, asked = resolver
    assert try_dns("127.0.0.1", port, "ice.gov", 60).road is Road.OPEN
    [query] = asked
    assert query[12:] == b"\x03ice\x03gov\x00\x00\x01\x00\x01"


def test_name_server_is_shut_when_nobody_answers():
    assert try_dns("127.0.0.1", free_port(), "ice.gov", 0.2).road is Road.SHUT


def test_doctor_tells_each_side_door_that_is_open(tmp_path, monkeypatch, door, resolver):
    real = socket.getaddrinfo
    asked = []

    def here(host, port, *arguments, **named):
        asked.append(host)
        return real("127.0.0.1", port, *arguments, **named)

    monkeypatch.setattr(socket, "getaddrinfo", here)
    given = settings(tmp_path)
    shut = free_port()
    egress = given.doctor_egress.model_copy(
        update={
            "mail_hosts": ["mx.example"],
            "mail_ports": [door.port, shut],
            "web_ports": [shut],
            "dns_servers": ["127.0.0.1"],
            "dns_port": resolver[0],
        }
    )
    results = list(doctor_egress.check(given.model_copy(update={"doctor_egress": egress})))
    told = [(each.check, each.level) for each in results]
    assert told == [
        ("egress.mail", Level.FAULT),
        ("egress.mail", Level.OK),
        ("egress.web", Level.OK),
        ("egress.dns", Level.FAULT),
        ("egress.unseen", Level.NOTE),
    ]
    assert f"mx.example:{door.port} is open" in results[0].text
    assert {"ice.gov", "ice.dhs.gov", "uscis.gov"} <= set(asked)
    assert door.heard.wait(60)
    assert door.said == [b""]


def test_the_gates_own_mail_server_is_no_side_door(tmp_path, door):
    given = settings(tmp_path, upstream={"host": "127.0.0.1", "port": door.port})
    egress = given.doctor_egress.model_copy(
        update={"mail_hosts": ["127.0.0.1"], "mail_ports": [door.port], "web_ports": [], "seconds": 1}
    )
    results = list(doctor_egress.check(given.model_copy(update={"doctor_egress": egress})))
    assert [(each.check, each.level) for each in results] == [
        ("egress.mail", Level.NOTE),
        ("egress.unseen", Level.NOTE),
    ]


def test_rules_are_accepted_by_the_program_that_they_are_for_where_it_is_installed():
    text = RULES.read_text()
    assert re.sub(r"[^{}]", "", text).count("{") == text.count("}")
    for port in ("25", "465", "587", "53", "853"):
        assert re.search(rf"[{{ ,]{port}[ ,}}]", text)
    nft = shutil.which("nft") or "/usr/sbin/nft"
    if Path(nft).exists():
        done = subprocess.run([nft, "-c", "-f", RULES], capture_output=True, text=True, check=False)
        # Without the right to look at the kernel's tables it cannot check anything.
        assert done.returncode == 0 or "Operation not permitted" in done.stderr, done.stderr
