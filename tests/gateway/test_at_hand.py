"""Ordinary mail leaves as it was filed, without being read again; that it has left is written with what comes next."""

import asyncio
import threading
import time
from concurrent.futures import Future

import pytest

from integration.errors import StaleReadError
from integration.runners.gateway import delivering
from integration.services.examining import Envelope, examine_mail
from integration.services.letters import Channel, Letter, new_mail_id
from integration.services.sending import Outcome
from tests.gate.judging import HOME, pack
from tests.gateway.client import talk
from tests.gateway.site import SOURCE, running

PLAIN = b"Subject: lunch\r\n\r\nAt noon.\r\n"


@pytest.fixture
def opened(site, monkeypatch):
    """Ids of the messages that were read from the database to be sent."""
    ids = []
    letter = site.parts.sending.letter
    monkeypatch.setattr(
        type(site.parts.sending), "letter", lambda _self, mail_id: (ids.append(mail_id), letter(mail_id))[1]
    )
    return ids


async def test_mail_is_not_read_again_when_it_was_filed_a_moment_ago(site, opened):
    async with talk(site.port) as client:
        for _ in range(5):
            await client.hand(PLAIN, "ann@example.org", "eve@example.org")
    await site.settled()
    assert [mail.raw for mail in site.sink.arrived] == [PLAIN] * 5
    assert opened == []
    assert site.kinds("message.sent") == ["message.sent"] * 10


@pytest.mark.parametrize("why", ["it is too long", "too many wait"])
async def test_mail_is_read_from_the_database_when_it_may_not_lie_in_memory(site, opened, monkeypatch, why):
    monkeypatch.setattr(delivering, "_AT_HAND" if why == "too many wait" else "_LONGEST_AT_HAND", 0)
    async with talk(site.port) as client:
        for _ in range(3):
            assert (await client.hand(PLAIN, "ann@example.org")).startswith("250")
    await site.settled()
    assert [mail.raw for mail in site.sink.arrived] == [PLAIN] * 3
    assert len(opened) == 3


async def test_recipient_gets_it_once_when_it_was_filed_and_sent_while_the_database_was_asked(
    tmp_path, sink, monkeypatch
):
    """The database is asked, a message is filed, sent and recorded, and only then the answer of before comes."""
    asked, answered = threading.Event(), threading.Event()
    sink.held["MAIL"] = asyncio.Event()  # The rows are seen while they wait to be sent.
    sink.answers["RCPT eve@example.org"] = b"450 later"  # So the message is kept.
    async with running(tmp_path, sink, retry=60) as site, talk(site.port) as client:
        ready, loop = site.parts.sending.ready, asyncio.get_running_loop()

        def late(_self, *arguments):
            end = time.monotonic() + 60
            while not answered.is_set() and time.monotonic() < end:
                asked.set()
                if rows := ready(*arguments):
                    loop.call_soon_threadsafe(sink.held.pop("MAIL").set)
                    while site.states() != {"sent": 1, "to_send": 1} and time.monotonic() < end:
                        time.sleep(0.005)
                    answered.set()
                    return rows
                time.sleep(0.001)
            return ready(*arguments)

        monkeypatch.setattr(type(site.parts.sending), "ready", late)
        assert await asyncio.to_thread(asked.wait, 60)
        await client.hand(PLAIN, "ann@example.org", "eve@example.org")
        assert await asyncio.to_thread(answered.wait, 60)
        await client.hand(PLAIN, "bob@example.org")
        await site.until(lambda: site.states() == {"sent": 2, "to_send": 1})
    assert sorted(mail.recipients for mail in sink.arrived) == [["ann@example.org"], ["bob@example.org"]]


async def test_recipient_gets_it_once_when_it_is_found_in_the_database_before_it_is_at_hand(
    tmp_path, sink, monkeypatch
):
    """It is filed, found and on its way when whoever filed it hears of that."""
    sink.held["MAIL"] = asyncio.Event()
    async with running(tmp_path, sink) as site, talk(site.port) as client:
        file, loop = site.parts.mailroom.file, asyncio.get_running_loop()

        def late(_self, letter, examined):
            told: Future = Future()

            def tell():
                filed = file(letter, examined).result(60)
                loop.call_soon_threadsafe(site.gateway._delivering.wake)
                end = time.monotonic() + 60
                while "MAIL" not in sink.reached and time.monotonic() < end:
                    time.sleep(0.005)
                told.set_result(filed)

            threading.Thread(target=tell).start()
            return told

        monkeypatch.setattr(type(site.parts.mailroom), "file", late)
        assert (await client.hand(PLAIN, "ann@example.org")).startswith("250")
        sink.held.pop("MAIL").set()
        await site.settled()
        assert (await client.hand(PLAIN, "eve@example.org")).startswith("250")
        await site.settled()
    assert sorted(mail.recipients for mail in sink.arrived) == [["ann@example.org"], ["eve@example.org"]]


async def test_nothing_is_recorded_twice_when_a_message_was_changed_by_another_process(site):
    parts = site.parts
    site.gateway._delivering.stop()
    letter = Letter(
        mail_id=new_mail_id(),
        channel=Channel.SMTP,
        source=SOURCE,
        received_at=parts.now(),
        raw=PLAIN,
        sender="jane@lansing.example",
        recipients=("ann@example.org", "agent@ice.dhs.gov"),
    )
    examined = examine_mail(PLAIN, Envelope(letter.recipients), pack(HOME).parameters)
    filed = parts.mailroom.file(letter, [examined.alone(0), examined.alone(1)]).result(60)
    assert [row.number for row in filed.due] == [0]
    first, second = (
        parts.sending.finish(filed.due, Outcome.SENT, "250", source=each) for each in (SOURCE, "/jms/other")
    )
    assert first.result(60) is None
    with pytest.raises(StaleReadError):
        second.result(60)
    assert parts.book.counts() == {"sent": 1, "blocked": 1, "to_send": 1}, "and a notice"
    assert site.kinds("message.sent") == ["message.sent"]
