"""The gateway as a process, and its commands: what is told where, and what never is."""

import asyncio
import signal
import subprocess

import orjson
import pytest
from typer.testing import CliRunner

from integration.bootstrap import open_installation
from integration.cli.app import app
from integration.settings import load_settings
from tests.conftest import COMMAND, environment
from tests.gate.mails import mail, plain
from tests.gateway.client import AGENT, talk
from tests.gateway.engine import BOOKING, event, take_in
from tests.gateway.site import settings_file
from tests.ports import free_port

CANARY = "kanarienvogel"
LEAK = plain("Juan Perez will be released at 0730 hrs tmrw.") + b"\r\n"


async def up(process, port):
    async with asyncio.timeout(90):
        while True:
            assert process.poll() is None, process.stderr.read()
            try:
                async with talk(port):
                    return
            except OSError:
                await asyncio.sleep(0.05)


@pytest.fixture
def logged(tmp_path, sink):
    path = settings_file(tmp_path, sink.port, port=free_port(), timeout=20, answer=20)
    path.write_text(path.read_text() + '\n[logging]\nlevel = "debug"\n')
    settings = load_settings(path)
    installation = open_installation(settings)
    take_in(installation, event(1, "booking.opened"))
    installation.store.close()
    return path, settings.gate.smtp.port


async def test_nothing_of_a_message_is_in_logs_or_files_when_everything_goes_wrong_with_it(logged, sink, tmp_path):
    path, port = logged
    command = [*COMMAND, "gate", "run", "--settings", str(path)]
    process = subprocess.Popen(  # noqa: ASYNC220  it is done in a moment
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, env=environment()
    )
    try:
        await up(process, port)
        second = await asyncio.to_thread(
            subprocess.run, command, capture_output=True, env=environment(), timeout=60, check=False
        )
        assert second.returncode == 3
        assert b"another gateway" in second.stderr
        sink.answers["RCPT refused.kanarienvogel@example.org"] = b"550 no kanarienvogel here"
        sink.answers["RCPT later.kanarienvogel@example.org"] = b"450 kanarienvogel later"
        raw = mail(f"{CANARY} will be released at 0730", f"Subject: {CANARY}", f"X-{CANARY}: {CANARY}")
        sender = f"{CANARY}@lansing.example"
        async with talk(port) as client:
            await client.say(f"VRFY {CANARY}")
            await client.say(f"HELP {CANARY}")
            await client.say(f"{CANARY} {CANARY}")
            await client.say(f"RCPT TO:<{CANARY}@{CANARY}.example>")
            for to in ("refused.", "later.", ""):
                assert (await client.hand(raw, f"{to}{CANARY}@example.org", sender=sender)).startswith("250")
            assert (await client.hand(raw, f"{CANARY}@ice.dhs.gov", sender=sender)).startswith("250")
            assert (await client.hand(raw + b"bare\nlf\r\n", f"{CANARY}@x.example", sender=sender)).startswith("554")
        async with talk(port) as client:
            client.writer.write(f"NOOP {CANARY}\n{CANARY}\r\n".encode())
            await client.reply()
        async with asyncio.timeout(60):
            while len(sink.arrived) < 3:  # noqa: ASYNC110  the list has no event of its own
                await asyncio.sleep(0.02)
        assert any(CANARY.encode() in mail.raw for mail in sink.arrived), "it did pass through here"
    finally:
        process.send_signal(signal.SIGTERM)
        out, err = await asyncio.to_thread(process.communicate, None, 60)
    assert process.returncode == 0, err
    assert b"gate.tried" in err
    for what, where in ((out, "stdout"), (err, "stderr")):
        assert CANARY.encode() not in what.lower(), where
    for file in (tmp_path / "state").rglob("*"):
        if file.is_file():
            assert CANARY.encode() not in file.read_bytes().lower(), file


@pytest.fixture
def commanded(site, monkeypatch):
    """Commands of `gate quarantine`, in this process, beside the gateway."""
    monkeypatch.setattr("integration.cli.opening.configure_logs", lambda _level: None)

    def command(*arguments, actor="officer:chief"):
        more = () if arguments[0] in {"list", "expire"} else ("--actor", actor)
        given = ["gate", "quarantine", *arguments, "--settings", str(site.settings), *more]
        done = CliRunner().invoke(app, given, catch_exceptions=False)
        return done.exit_code, done.stdout_bytes.decode()

    return command


async def test_person_releases_a_message_when_they_use_the_commands(site, commanded):
    take_in(site.installation, event(1, "booking.opened"))
    async with talk(site.port) as client:
        await client.hand(LEAK, AGENT, sender="")
        await client.hand(LEAK, AGENT, sender="")
    code, out = commanded("list", "--json")
    listed = orjson.loads(out)
    assert code == 0
    assert [each["state"] for each in listed] == ["blocked", "blocked"]
    assert "release_time" in listed[0]["categories"]
    first, second = (each["message_id"] for each in listed)
    assert commanded("view", first, "--raw")[1].encode() == LEAK
    assert commanded("deny", second) == (0, f"{second}: denied\n")
    given = ("--basis", "court_order", "--citation", "26-1234-FH")
    code, out = commanded("approve", first, *given)
    assert code == 1, "without a sender nobody can be shown to be another person"
    assert "no_booking" in out
    code, out = commanded("approve", first, *given, "--booking", BOOKING)
    assert code == 1
    assert "approval_by_sender" in out
    assert commanded("list")[1].count(first[:12]) >= 1


async def test_person_has_what_they_did_in_the_log_when_they_use_the_commands(site, commanded):
    take_in(site.installation, event(1, "booking.opened"))
    async with talk(site.port) as client:
        await client.hand(LEAK, AGENT, sender="jane@lansing.example")
    await site.settled()
    (row,) = site.parts.book.in_states(["blocked"])
    given = ("--basis", "court_order", "--citation", "26-1234-FH", "--booking", BOOKING)
    assert commanded("ask", row.message_id, actor="officer:smith")[0] == 0
    assert commanded("approve", row.message_id, *given)[0] == 0
    await site.until(lambda: [mail for mail in site.sink.arrived if mail.recipients == [AGENT]])
    await site.settled()
    assert commanded("withdraw", row.message_id) == (1, f"{row.message_id}: too late\n")
    entries = [(each.kind, each.outcome) for each in site.installation.records.entries()]
    assert ("approval.asked", "asked") in entries
    assert ("approval.granted", "granted") in entries
    assert ("approval.withdrawn", "too_late") in entries
    assert commanded("expire")[1] == "0 expired\n"
