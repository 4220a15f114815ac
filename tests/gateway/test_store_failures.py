"""No record, no action: a store that cannot be written takes nothing, sends nothing, and promises nothing."""

import sqlite3
from collections import Counter
from contextlib import closing

import pytest

from integration.errors import TransientError
from integration.services.sending import Outcome
from tests.gate.mails import plain
from tests.gateway.client import AGENT, OFFICER, talk
from tests.gateway.site import running

PLAIN = b"Subject: lunch\r\n\r\nAt noon.\r\n"
STATUS = plain("Citizenship status for John Smith: US citizen") + b"\r\n"


@pytest.fixture
def impatient(monkeypatch):
    """A database that is locked is told of after a second, not after five."""
    from integration.store import database

    pragmas = tuple(each.replace("busy_timeout=5000", "busy_timeout=1000") for each in database._SQLITE_PRAGMAS)
    monkeypatch.setattr(database, "_SQLITE_PRAGMAS", pragmas)


def database_of(site):
    return site.settings.parent / "state" / "holdwatch.sqlite"


async def test_client_is_put_off_and_nothing_is_sent_when_the_database_is_locked(impatient, tmp_path, sink):
    async with running(tmp_path, sink) as site, talk(site.port) as client:
        with closing(sqlite3.connect(database_of(site), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            for raw, to in ((PLAIN, "bob@example.org"), (STATUS, AGENT)):
                assert (await client.hand(raw, to)).startswith("451 4.3.0")
            assert sink.connections == 0
            other.execute("ROLLBACK")
        assert site.states() == {}
        assert (await client.hand(PLAIN, "bob@example.org")).startswith("250")
        await site.settled()
        assert [mail.raw for mail in sink.arrived] == [PLAIN]


async def test_client_is_put_off_when_the_log_cannot_take_the_entry(site):
    """The audit table alone is broken: what it would have told of does not happen."""
    with closing(sqlite3.connect(database_of(site))) as other:
        other.execute("CREATE TRIGGER no BEFORE INSERT ON entries BEGIN SELECT RAISE(ABORT, 'no'); END")
        other.commit()
        async with talk(site.port) as client:
            assert (await client.hand(PLAIN, "bob@example.org")).startswith("451 4.3.0")
            assert (await client.hand(STATUS, AGENT)).startswith("451 4.3.0")
        assert site.states() == {}
        assert site.sink.connections == 0
        other.execute("DROP TRIGGER no")
        other.commit()
    async with talk(site.port) as client:
        assert (await client.hand(STATUS, AGENT)).startswith("250")
    await site.settled()


async def test_client_is_put_off_when_the_message_cannot_be_written(site):
    async with talk(site.port) as client:
        with closing(sqlite3.connect(database_of(site), isolation_level=None)) as other:
            for name in ("mails", "deliveries"):
                other.execute(f"CREATE TRIGGER no_{name} BEFORE INSERT ON {name} BEGIN SELECT RAISE(FAIL, 'no'); END")
            assert (await client.hand(STATUS, AGENT)).startswith("451 4.3.0")
            assert site.kinds() == []
    assert site.sink.connections == 0


async def test_message_is_not_begun_when_its_beginning_cannot_be_recorded(impatient, tmp_path, sink):
    """Permitted, durable, and then the database is locked: the server behind never hears of it meanwhile."""
    sink.answers["MAIL"] = b"451 later"
    async with running(tmp_path, sink, retry=0.2) as site, talk(site.port) as client:
        await client.hand(STATUS, AGENT)
        await site.until(lambda: "message.put_off" in site.kinds())
        with closing(sqlite3.connect(database_of(site), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            sink.answers.clear()
            before = sink.reached.count("MAIL")
            await site.until(lambda: site.parts.sending.ready(1, ["smtp"]))
            assert sink.reached.count("MAIL") - before <= 1
            assert sink.arrived == [] or sink.reached.count("end") == 1
            other.execute("ROLLBACK")
        await site.settled()
    assert len(sink.arrived) == 1


async def test_ordinary_mail_is_not_sent_again_and_again_when_its_outcome_cannot_be_recorded(impatient, tmp_path, sink):
    async with running(tmp_path, sink) as site, talk(site.port) as client:
        store, failed = site.parts.sending._desk.store, []
        usual = store.commit

        def commit(changes):
            try:
                usual(changes)
            except TransientError as error:
                failed.append(error)
                raise

        store.commit = commit
        with closing(sqlite3.connect(database_of(site), isolation_level=None)) as other:
            sink.on_step = lambda step: step == "end" and other.execute("BEGIN IMMEDIATE")
            await client.hand(PLAIN, "bob@example.org")
            await site.until(lambda: sink.arrived and failed)
            sink.on_step = None
            other.execute("ROLLBACK")
        await site.settled()
    assert len(sink.arrived) == 1


async def test_notice_is_not_promised_when_nothing_was_kept(impatient, tmp_path, sink):
    async with running(tmp_path, sink) as site, talk(site.port) as client:
        with closing(sqlite3.connect(database_of(site), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            leak = plain("Juan Perez will be released at 0730 hrs tmrw.")
            assert (await client.hand(leak, AGENT, sender=OFFICER)).startswith("451")
            other.execute("ROLLBACK")
    assert sink.connections == 0


@pytest.mark.parametrize("number", range(2, 9))
async def test_message_leaves_once_when_the_answer_to_a_commit_is_lost(site, number, monkeypatch):
    """The database has it, and the connection breaks before it says so: no error may be taken for *not written*."""
    monkeypatch.setattr("integration.runners.gateway.delivering._AGAIN", 0.02)
    store = site.parts.sending._desk.store
    usual, count = store.commit, 0

    def commit(changes):
        nonlocal count
        usual(changes)
        count += 1
        if count == number - 1:
            raise TransientError("the answer is lost")

    monkeypatch.setattr(store, "commit", commit)
    handed = []
    async with talk(site.port) as client:
        for raw, to in ((STATUS, AGENT), (PLAIN, "bob@example.org"), (STATUS + b"Thank you.\r\n", AGENT)):
            reply = await client.hand(raw, to, sender="")
            handed.append((raw, to, reply[:3]))
            await site.settled()
    assert count >= 7
    got = Counter(mail.raw for mail in site.sink.arrived)
    for raw, to, said in handed:
        assert said in {"250", "451"}
        assert got[raw] == 1 if to == AGENT else got[raw] >= 1
    assert site.states() == {"sent": 3}


async def test_message_is_not_given_out_again_when_its_outcome_could_not_be_recorded(site, monkeypatch):
    sending = site.parts.sending
    monkeypatch.setattr(type(sending), "ready", lambda *_: [])
    async with talk(site.port) as client:
        await client.hand(STATUS, AGENT, sender="")
    (row,) = site.parts.book.in_states(["to_send"])
    begun = sending.begin(row.message_id).result(10)
    assert begun.letter.raw == STATUS
    monkeypatch.setattr(sending._desk.store, "commit", fails)
    with pytest.raises(TransientError):
        sending.finish([begun.row], Outcome.SENT).result(10)
    monkeypatch.undo()
    assert sending.begin(row.message_id).result(10) is None
    sending.finish([begun.row], Outcome.SENT).result(10)
    assert sending.begin(row.message_id).result(10) is None
    assert site.states() == {"sent": 1}


def fails(_changes):
    raise TransientError("away")
