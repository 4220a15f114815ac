"""The page behind a link: what it answers to forms that no browser sends, and what its button takes on."""

import http.client
import socket
import struct
import time
from collections.abc import Collection, Iterator
from datetime import UTC, datetime

import pytest

from connectors.notice import Notice
from integration.runners.alerting.page import AckPage, served

NOTICE = Notice("n-1", datetime.now(UTC), "Title", "Text", "type")


class Site:
    def __init__(self, shown: list[str]) -> None:
        self.shown = shown
        self.acks: list[tuple[str, str, tuple[str, ...]]] = []

    def look(self, _token: str) -> tuple[Notice, Collection[str]]:
        return NOTICE, self.shown

    def acknowledge(self, token: str, name: str, shown: Collection[str]) -> str:
        self.acks.append((token, name, tuple(shown)))
        return "a1"


@pytest.fixture
def site() -> Site:
    return Site(["aa", "bb"])


@pytest.fixture
def port(site: Site) -> Iterator[int]:
    with served("127.0.0.1", 0, AckPage(site.look, site.acknowledge, time.monotonic)) as port:
        yield port


def asked(port: int, method: str, body: str | None = None) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(method, "/a/token", body, {"Content-Type": "application/x-www-form-urlencoded"})
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def test_the_button_takes_on_what_the_page_showed(site, port):
    status, page = asked(port, "GET")
    assert (status, "Acknowledge all 2" in page) == (200, True)
    assert asked(port, "POST", "name=Sgt.+7&shown=aa+bb")[0] == 200
    assert site.acks == [("token", "Sgt. 7", ("aa", "bb"))]


def test_a_form_with_too_many_fields_is_answered_and_changes_nothing(site, port):
    assert asked(port, "POST", "&".join(f"a{number}=1" for number in range(8)))[0] == 400
    assert site.acks == []


def test_nothing_is_printed_when_somebody_hangs_up_before_the_answer(site, port, capfd):
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset, not an end
        connection.sendall(b"POST /a/secret-token HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\nname=me")
    assert asked(port, "GET")[0] == 200
    told = capfd.readouterr()
    assert (told.out, told.err) == ("", "")


def test_a_form_of_which_only_a_part_comes_is_answered_and_changes_nothing(site, port):
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(b"POST /a/token HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\nname=me")
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(100).startswith(b"HTTP/1.0 400 ")
    assert site.acks == []
