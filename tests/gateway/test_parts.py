"""The parts by themselves: the reader whatever the network cuts, the clerk, the key, logins."""

import asyncio
import random
from concurrent.futures import CancelledError
from itertools import pairwise
from threading import Event

import pytest

from connectors.smtp_gateway.passwords import Passwords, hashed
from connectors.smtp_gateway.paths import read_path
from connectors.smtp_gateway.reading import FaultError, TooLargeError, read_message, stuffed
from integration.errors import FatalError, StaleReadError, TransientError, UsageError
from integration.services.auditing import AuditDesk
from integration.services.clerk import Act, Clerk
from integration.store.safe import KeySafe
from tests.store.servers import opened, wrong_in_database

PIECES = (b"\r\n", b".", b"..", b"\r\n.", b".\r\n", b"x", b"\r\n..\r\n", b"hello", b" ", b"\r\n\r\n")


async def read(wire, *, limit=10**6, buffer=16, cuts=(), rest=b""):
    """Read a message from a stream that hands its bytes over in pieces, with a buffer far smaller than a line."""
    stream = asyncio.StreamReader(limit=buffer)

    async def feed():
        places = [0, *sorted(cuts), len(wire)]
        for start, end in pairwise(places):
            stream.feed_data(wire[start:end])
            await asyncio.sleep(0)
        stream.feed_data(rest)

    task = asyncio.create_task(feed())
    try:
        return await read_message(stream, limit, lambda: None), stream
    finally:
        await task


async def test_message_is_read_as_it_was_when_the_network_cuts_it_anywhere():
    dice = random.Random(7)
    for _ in range(300):
        raw = b"".join(dice.choices(PIECES, k=dice.randint(0, 12)))
        raw = raw if raw.endswith(b"\r\n") or not raw else raw + b"\r\n"
        wire = stuffed(raw) + b".\r\n"
        cuts = [dice.randrange(len(wire) + 1) for _ in range(dice.randint(0, 6))]
        got, stream = await read(wire, cuts=cuts, rest=b"NOOP\r\n")
        assert got == raw
        assert await stream.readline() == b"NOOP\r\n", "not a byte more was taken"


async def test_message_is_refused_when_it_has_a_control_wherever_the_network_cuts_it():
    dice = random.Random(8)
    for bad in (b"\r", b"\n", b"\0"):
        for _ in range(60):
            place = dice.randrange(40)
            text = bytearray(b"0123456789abcdefghijklmnopqrstuvwxyz0123456789")
            text[place:place] = bad
            cuts = [dice.randrange(len(text)) for _ in range(4)]
            for limit in (10**6, 10):
                with pytest.raises(FaultError):
                    await read(bytes(text) + b"\r\n.\r\n", cuts=cuts, limit=limit)


async def test_message_is_too_large_when_it_passes_the_limit_by_a_byte():
    wire = b"12345678\r\n.\r\n"
    assert (await read(wire, limit=10))[0] == b"12345678\r\n"
    for size in (11, 100, 1_000, 10_000):
        with pytest.raises(TooLargeError):
            await read(b"x" * (size - 2) + b"\r\n.\r\n", limit=10)
        lines = b"x\r\n" * size
        with pytest.raises(TooLargeError):
            await read(lines + b".\r\n", limit=10)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("<a@b.example>", ("a@b.example", "")),
        (" <a@b.example> SIZE=1 BODY=8BITMIME", ("a@b.example", "SIZE=1 BODY=8BITMIME")),
        ("<>", ("", "")),
        ('<"a > b"@c.example>', ('"a > b"@c.example', "")),
        ('<"a\\" > b"@c.example>', ('"a\\" > b"@c.example', "")),
        ("<@x,@y:a@b.example>", ("@x,@y:a@b.example", "")),
        ("<a@b.example>SIZE=1", None),
        ("<a\\@b.example>", None),
        ('<"a@b.example>', None),
        ("<a@b.example", None),
        ("a@b.example", None),
        ("<a@b.example> <c@d.example>", ("a@b.example", "<c@d.example>")),
        ("", None),
    ],
)
def test_address_is_read_as_it_was_written_when_it_stands_in_brackets(text, path):
    assert read_path(text) == path


@pytest.fixture
def clerk(tmp_path):
    store = opened(f"sqlite:///{tmp_path / 'test.sqlite'}")
    one = Clerk(AuditDesk(store, place="here", now=lambda: 2 * 10**15))
    yield one, store
    one.close()
    assert not wrong_in_database(store)
    store.close()


def noted(clerk, key):
    return Act(key, [clerk.desk.entry("audit.read", "read", "officer:x", {"key": key})])


def test_each_is_told_of_its_own_when_many_are_written_together(clerk):
    one, store = clerk
    gate = Event()
    first = one.submit(lambda: (gate.wait(60), noted(one, "first"))[1])

    def stale(_connection):
        raise StaleReadError("changed")

    def gone():
        raise UsageError("it is gone")

    answers = [one.submit(lambda number=number: noted(one, str(number))) for number in range(40)]
    unwritable = one.submit(lambda: Act("", [one.desk.entry("audit.read", "read", "\ud800", {})]))
    changed = one.submit(lambda: Act("", [], [stale]))
    given_up = one.submit(gone)
    unwanted = one.submit(lambda: noted(one, "unwanted"))
    assert unwanted.cancel()
    gate.set()
    assert first.result(60) == "first"
    assert [each.result(60) for each in answers] == [str(number) for number in range(40)]
    for answer, error in ((unwritable, UsageError), (changed, StaleReadError), (given_up, UsageError)):
        with pytest.raises(error):
            answer.result(60)
    with pytest.raises(CancelledError):
        unwanted.result(1)
    assert store.tree_size() == 41


def test_what_can_wait_is_written_with_the_next_that_cannot_and_with_none_where_nothing_comes(clerk, monkeypatch):
    one, store = clerk
    commits = []
    commit = store.commit
    monkeypatch.setattr(store, "commit", lambda changes: (commits.append(len(changes.entries)), commit(changes)))
    assert one.submit(lambda: noted(one, "alone"), can_wait=True).result(60) == "alone"
    monkeypatch.setattr("integration.services.clerk.PATIENCE", 1_000.0)
    waiting = [one.submit(lambda number=number: noted(one, str(number)), can_wait=True) for number in range(5)]
    assert one.submit(lambda: noted(one, "now")).result(60) == "now"
    assert [each.result(0) for each in waiting] == list("01234")
    assert commits == [1, 6]


def test_what_can_wait_is_written_when_the_clerk_closes(tmp_path, monkeypatch):
    monkeypatch.setattr("integration.services.clerk.PATIENCE", 1_000.0)
    store = opened(f"sqlite:///{tmp_path / 'test.sqlite'}")
    one = Clerk(AuditDesk(store, place="here", now=lambda: 2 * 10**15))
    last = one.submit(lambda: noted(one, "last"), can_wait=True)
    one.close()
    assert last.result(0) == "last"
    assert store.tree_size() == 1
    store.close()


def test_nothing_is_promised_when_the_clerk_has_closed(tmp_path):
    store = opened(f"sqlite:///{tmp_path / 'test.sqlite'}")
    one = Clerk(AuditDesk(store, place="here", now=lambda: 2 * 10**15))
    before = one.submit(lambda: noted(one, "before"))
    one.close()
    assert before.result(1) == "before"
    with pytest.raises(TransientError, match="stopping"):
        one.submit(lambda: noted(one, "after")).result(1)
    assert store.tree_size() == 1
    one.close()
    store.close()


def test_message_cannot_be_opened_when_key_row_or_bytes_are_others(tmp_path):
    safe = KeySafe.open(tmp_path / "gate.key")
    sealed = safe.seal(b"secret", "m-1/content")
    assert safe.open_sealed(sealed, "m-1/content") == b"secret"
    assert KeySafe.open(tmp_path / "gate.key").open_sealed(sealed, "m-1/content") == b"secret"
    assert safe.seal(b"secret", "m-1/content") != sealed
    other = KeySafe.open(tmp_path / "other.key")
    for key, content, about in (
        (other, sealed, "m-1/content"),
        (safe, sealed, "m-2/content"),
        (safe, sealed, "m-1/envelope"),
        (safe, sealed[:-1], "m-1/content"),
        (safe, bytes([sealed[0] ^ 1]) + sealed[1:], "m-1/content"),
        (safe, b"", "m-1/content"),
    ):
        with pytest.raises(FatalError, match="cannot be opened"):
            key.open_sealed(content, about)
    (tmp_path / "gate.key").chmod(0o640)
    with pytest.raises(FatalError, match="can be read by others"):
        KeySafe.open(tmp_path / "gate.key")


def test_login_is_right_only_with_its_own_password(tmp_path):
    path = tmp_path / "users"
    path.write_text(f"# systems\n\n{hashed('records', 'pa:ss')}\n{hashed('scanner', 'other')}\n")
    path.chmod(0o600)
    users = Passwords(path)
    assert users.right("records", "pa:ss")
    for login, password in (("records", "other"), ("scanner", "pa:ss"), ("nobody", ""), ("records", "")):
        assert not users.right(login, password)
    for line in ("records:scrypt:x", "records:md5:AAAA:AAAA", "records"):
        path.write_text(line)
        with pytest.raises(UsageError, match="line 1"):
            Passwords(path)
    path.chmod(0o644)
    with pytest.raises(UsageError, match="others"):
        Passwords(path)
