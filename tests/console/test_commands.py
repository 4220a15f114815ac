"""Accounts and the console itself from the command line."""

import shutil
import signal
import subprocess
import sys

import httpx
import orjson
import pytest
import structlog
from typer.testing import CliRunner

from integration.cli.app import app
from integration.errors import UsageError
from integration.store.accounts import Accounts, Grant
from integration.store.database import open_engine
from tests.conftest import COMMAND, environment
from tests.console.site import Filled
from tests.ports import free_port


@pytest.fixture
def site(filled, tmp_path):
    shutil.copytree(filled.root / "state", tmp_path / "state")
    copy = Filled(tmp_path)
    copy.settings()
    yield tmp_path / "holdwatch.toml"
    structlog.reset_defaults()


@pytest.fixture
def users(site):
    def run(*arguments: str, fails: bool = False):
        answer = CliRunner().invoke(app, ["users", *arguments, "--settings", str(site)])
        if fails:
            assert isinstance(answer.exception, UsageError)
            return str(answer.exception)
        assert answer.exception is None, answer.output
        return answer.output

    return run


@pytest.fixture
def accounts(site):
    engine = open_engine(f"sqlite:///{site.parent / 'state' / 'holdwatch.sqlite'}")
    yield Accounts(engine)
    engine.dispose()


def test_account_is_there_when_it_was_added_here(users, accounts):
    told = orjson.loads(users("add", "jdoe", "--role", "supervisor@/jms/here", "--role", "auditor@*", "--json"))
    assert told["totp_address"].startswith("otpauth://totp/holdwatch:jdoe?secret=")
    assert len(told["password"]) > 20
    assert accounts.grants("jdoe") == [Grant("auditor", ""), Grant("supervisor", "/jms/here")]
    users("roles", "jdoe", "--role", "wall@*")
    assert accounts.grants("jdoe") == [Grant("wall", "")]
    users("disable", "jdoe")
    listed = {each["name"]: each for each in orjson.loads(users("list", "--json"))}
    assert listed["jdoe"]["state"] == "closed"
    before = accounts.account("jdoe").password
    for command in ("enable", "password", "code", "unlock"):
        users(command, "jdoe")
    assert accounts.account("jdoe").password != before
    assert "jdoe" in users("list")


def test_session_ends_and_lock_opens_when_the_administrator_says_so_here(users, accounts, filled):
    from integration.store import tables

    now = 1_772_479_800 * 10**6
    with accounts._engine.begin() as connection:
        row = {"id_hash": b"s", "account": "auditor", "opened_at": now, "seen_at": now, "proven_at": now}
        connection.execute(tables.sessions.insert().values(row))
        connection.execute(tables.browsers.insert().values(id_hash=b"b", account="auditor", seen_at=now))
        chosen = tables.accounts.c.name.in_(["auditor", "approver"])
        connection.execute(tables.accounts.update().where(chosen).values(shut_at=now))
        connection.execute(tables.accounts.update().where(tables.accounts.c.name == "approver").values(locked_at=now))
    states = {each["name"]: each["state"] for each in orjson.loads(users("list", "--json"))}
    assert (states["auditor"], states["approver"], states["supervisor"]) == ("shut", "locked", "open")
    users("logout", "auditor")
    assert accounts.open_sessions("auditor") == 0
    assert not accounts.knows("auditor", b"b", 0)
    for name in ("auditor", "approver"):
        users("unlock", name)
        assert accounts.account(name).state == "open"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("add", "jdoe", "--role", "supervisor"), "role@source"),
        (("add", "jdoe", "--role", "owner@*"), "a role is one of"),
        (("add", "supervisor", "--role", "wall@*"), "already"),
        (("unlock", "jdoe"), "no account"),
        (("token", "supervisor"), "--scope"),
        (("token", "supervisor", "--scope", "audit:read", "--days", "91"), "1 to 90 days"),
        (("token", "supervisor", "--revoke", "abc"), "no such key"),
    ],
)
def test_reason_is_told_when_it_cannot_be_done(users, arguments, says):
    assert says in users(*arguments, fails=True)


def test_key_is_good_until_it_is_revoked_when_it_was_made_here(users, accounts):
    key = users("token", "auditor", "--scope", "audit:read", "--scope", "board:read", "--days", "2").strip()
    held = accounts.tokens("auditor")[0]
    assert key.startswith(f"hw_{held.token_id}_")
    assert held.scopes == ("audit:read", "board:read")
    users("token", "auditor", "--revoke", held.token_id)
    assert accounts.tokens("auditor")[0].revoked_at is not None


def test_console_answers_and_ends_cleanly_when_it_is_started_and_stopped(site):
    port = free_port()
    text = site.read_text().replace("https://console.example", f"http://127.0.0.1:{port}")
    site.write_text(text.replace("[console]\n", f"[console]\nport = {port}\n"))
    command = [*COMMAND, "console", "--settings", str(site)]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())
    try:
        assert running.stdout is not None
        assert running.stdout.readline().startswith(b"console at http://127.0.0.1")
        answer = httpx.get(f"http://127.0.0.1:{port}/login")
        assert answer.status_code == 200
        assert "Log in" in answer.text
        assert httpx.get(f"http://127.0.0.1:{port}/healthz").text == "ok\n"
        assert httpx.get(f"http://127.0.0.1:{port}/healthz", headers={"host": "x"}).status_code == 400
    finally:
        running.send_signal(signal.SIGTERM)
        out, err = running.communicate(timeout=60)
    assert running.returncode == 0, err
    assert b"Traceback" not in err
    assert sys.executable
    assert out == b""
