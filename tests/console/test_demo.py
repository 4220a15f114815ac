"""The demo's console: there while the story is told, with a person of each role and a random password."""

import os
import pty
import re
import signal
import subprocess
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from integration.console.access import Role
from integration.demo.keep import TAMPERED
from tests.conftest import COMMAND, environment
from tests.console.site import TOKEN

BANNER = "DEMO: everybody and everything here is invented"
NOTE = re.compile(r"Console: (\S+)  log in as ([a-z, ]+); password (\S+)")


class Terminal:
    """The demo as somebody runs it who sits in front of it."""

    def __init__(self, *options: str) -> None:
        ours, theirs = pty.openpty()
        variables = environment() | {"TERM": "xterm", "COLUMNS": "200", "LINES": "50"}
        self.running = subprocess.Popen(
            [*COMMAND, "demo", *options], stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, env=variables
        )
        os.close(theirs)
        self._ours, self.shown = ours, ""
        self._reading = threading.Thread(target=self._read)
        self._reading.start()

    def _read(self) -> None:
        try:
            while part := os.read(self._ours, 65536):
                self.shown += part.decode(errors="replace")
        except OSError:
            # The other end is closed: the program has ended.
            os.close(self._ours)

    def wait(self, words: str, seconds: float = 120) -> None:
        until = time.monotonic() + seconds
        while words not in self.shown:
            assert time.monotonic() < until, f"never shown: {words}"
            assert self.running.poll() is None, self.running.stderr
            time.sleep(0.05)

    def leave(self) -> bytes:
        self.running.send_signal(signal.SIGINT)
        assert self.running.stderr is not None
        _, told = self.running.communicate(timeout=90)
        self._reading.join(60)
        return told


@contextmanager
def somebody(url: str, name: str, password: str):
    with httpx.Client(base_url=url, follow_redirects=True, timeout=60) as client:
        page = client.get("/login")
        assert BANNER in page.text
        form = {"csrf": TOKEN.search(page.text)[1], "name": name, "password": password, "agreed": "yes"}
        page = client.post("/login", data=form)
        assert page.status_code == 200
        assert "Log out" in page.text
        assert BANNER in page.text
        yield client


def until(client: httpx.Client, path: str, words: str, seconds: float = 120) -> str:
    """Load a page again and again until it says something."""
    over = time.monotonic() + seconds
    while words not in (text := client.get(path).text):
        assert time.monotonic() < over, f"{path} never says: {words}"
        time.sleep(0.2)
    return text


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    terminal = Terminal("--seconds", "3", "--out", str(tmp_path_factory.mktemp("demo") / "kept"))
    terminal.wait("Ctrl-C ends it.")
    url, people, password = NOTE.search(terminal.shown).groups()
    assert url.startswith("http://127.0.0.1:")
    wait_for(url)
    yield lambda name: somebody(url, name, password), people.split(", "), terminal
    said = terminal.leave()
    assert terminal.running.returncode == 0
    assert said == b""


def test_everybody_gets_in_with_the_printed_password_when_the_demo_stays(told):
    enter, people, terminal = told
    assert people == [role.value for role in Role]
    for name in people:
        with enter(name):
            assert f"\n  {name} " in terminal.shown.replace("\r", ""), "it says what each finds there"


def test_supervisor_takes_on_who_is_kept_when_it_rings(told):
    enter, _, terminal = told
    with enter("supervisor") as client:
        text = until(client, "/board", "may-ack")
        assert "past release time" in text
        alert = re.search(r'name="alert" value="([^"]+)"', text)[1]
        client.post("/alerts/ack", data={"csrf": TOKEN.search(text)[1], "alert": alert})
        assert "taken on by officer:supervisor" in client.get("/board").text
    folder = Path(re.search(r"state in (\S+);", terminal.shown)[1])
    assert "held past release on immigration paper" in (folder / "alerts.txt").read_text(encoding="utf-8")


def test_approver_finds_a_mail_that_the_gate_kept_back_when_he_opens_the_quarantine(told):
    enter, _, _ = told
    with enter("approver") as client:
        listed = client.get("/quarantine").text
        message = re.search(r'name="message_id" value="([^"]+)"', listed)[1]
        assert "immigration authority" in listed
        assert "sally port" not in listed
        shown = client.post("/quarantine/show", data={"csrf": TOKEN.search(listed)[1], "message_id": message}).text
        assert "will be released within the hour" in shown


def test_changed_byte_is_found_and_located_when_the_auditor_verifies_the_copy(told):
    enter, _, _ = told
    with enter("auditor") as client:
        page = client.get("/audit").text
        assert "Somebody has changed one byte in a copy of this log" in page
        client.post("/audit/verify", data={"csrf": TOKEN.search(page)[1], "copy": "yes"})
        text = until(client, "/audit", "NOT INTACT")
        assert re.search(rf"entry {TAMPERED}: .*commitment_differs", text)
        client.post("/audit/verify", data={"csrf": TOKEN.search(page)[1]})
        until(client, "/audit", "nothing is wrong")


def test_console_ends_with_the_story_when_there_is_no_terminal(tmp_path):
    command = [*COMMAND, "demo", "--seconds", "2", "--console", "--out", str(tmp_path / "kept")]
    done = subprocess.run(command, capture_output=True, env=environment(), timeout=200, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr == b""
    assert NOTE.search(done.stdout.decode())
    assert b"VERIFIED" in done.stdout
    assert f"entry {TAMPERED}:".encode() in done.stdout


def wait_for(url: str) -> None:
    over = time.monotonic() + 90
    while time.monotonic() < over:
        try:
            if httpx.get(f"{url}/healthz", timeout=60).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError("the console never answered")
