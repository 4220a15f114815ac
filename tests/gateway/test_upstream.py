"""The server behind the gate fails: ordinary mail is tried again, a governed message never leaves twice."""

import asyncio
import time
from collections import Counter

import pytest

from tests.gate.mails import plain
from tests.gateway.client import AGENT, OFFICER, talk
from tests.gateway.site import running

PLAIN = b"Subject: lunch\r\n\r\nAt noon.\r\n"
STATUS = plain("Citizenship status for John Smith: US citizen") + b"\r\n"

BEFORE_THE_END = {
    "hangs up at once": ("greeting", b"drop"),
    "is closed": ("greeting", b"554 closed"),
    "greets with nonsense": ("greeting", b"hello there"),
    "hangs up at EHLO": ("EHLO", b"drop"),
    "refuses EHLO": ("EHLO", b"502 no"),
    "is busy": ("MAIL", b"451 later"),
    "hangs up at MAIL": ("MAIL", b"drop"),
    "says nonsense to MAIL": ("MAIL", b"banana"),
    "says something else to MAIL": ("MAIL", b"354 go"),
    "puts the recipient off": ("RCPT", b"450 later"),
    "hangs up at RCPT": ("RCPT", b"drop"),
    "puts DATA off": ("DATA", b"421 closing"),
    "hangs up at DATA": ("DATA", b"drop"),
    "says yes to DATA without asking for it": ("DATA", b"250 OK"),
}
AFTER_THE_END = {
    "hangs up after it has all of it": b"drop",
    "answers nonsense": b"banana",
    "answers with another kind of yes": b"354 go on",
    "answers with a number that is none": b"999 what",
    "says later": b"451 later",
}


@pytest.mark.parametrize("fault", BEFORE_THE_END)
async def test_message_is_sent_once_when_the_server_failed_before_its_end(site, fault):
    step, answer = BEFORE_THE_END[fault]
    site.sink.answers[step] = answer
    async with talk(site.port) as client:
        await client.hand(STATUS, AGENT)
        await client.hand(PLAIN, "bob@example.org")
    await site.until(lambda: site.sink.reached.count(step) >= 3)
    assert site.sink.arrived == []
    site.sink.answers.clear()
    await site.until(lambda: len(site.sink.arrived) == 2)
    await site.settled()
    assert sorted(mail.raw for mail in site.sink.arrived) == sorted([STATUS, PLAIN])
    assert site.states() == {"sent": 2}
    assert "message.put_off" in site.kinds()


@pytest.mark.parametrize("fault", AFTER_THE_END)
async def test_message_waits_for_a_person_and_ordinary_mail_is_tried_again_when_the_answer_to_the_end_is_lost(
    site, fault
):
    site.sink.answers["end"] = AFTER_THE_END[fault]
    async with talk(site.port) as client:
        await client.hand(STATUS, AGENT)
        await client.hand(PLAIN, "bob@example.org")
    await site.until(lambda: site.sink.reached.count("end") >= 4)
    site.sink.answers.clear()
    await site.settled()
    to = [mail.recipients for mail in site.sink.arrived]
    assert to.count([AGENT]) <= 1
    assert to.count(["bob@example.org"]) >= 1
    assert site.states() == {"sent": 1, "unknown": 1}
    assert site.kinds("message.unknown") == ["message.unknown"]


async def test_message_waits_for_a_person_when_the_server_never_answers_to_its_end(tmp_path, sink):
    sink.held["end"] = asyncio.Event()
    async with running(tmp_path, sink, answer=0.3) as site, talk(site.port) as client:
        await client.hand(STATUS, AGENT)
        await site.until(lambda: site.states() == {"unknown": 1})
        sink.held["end"].set()
    assert [mail.recipients for mail in sink.arrived] == [[AGENT]]


async def test_message_is_sent_once_when_the_server_is_slow_but_answers(tmp_path, sink):
    sink.slow = 0.1
    async with running(tmp_path, sink, timeout=20, answer=20) as site, talk(site.port) as client:
        await client.hand(STATUS, AGENT)
        await site.until(lambda: site.states() == {"sent": 1})
    assert len(sink.arrived) == 1


@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA", "end"])
async def test_sender_is_told_when_the_server_refuses_for_good(site, step):
    site.sink.answers[f"{step} bob@example.org" if step == "RCPT" else step] = b"550 5.1.1 no bob@example.org here"
    async with talk(site.port) as client:
        await client.hand(PLAIN, "bob@example.org")
        await site.until(lambda: site.states().get("refused"))
        site.sink.answers.clear()
    # The notice may have been refused as well: nobody is told of that.
    await site.settled()
    told = [mail for mail in site.sink.arrived if mail.sender == ""]
    assert len(told) + site.states()["refused"] == 2
    for mail in told:
        assert mail.recipients == [OFFICER]
        assert b"550" in mail.raw
        assert b"bob@" not in mail.raw


async def test_the_others_get_it_once_when_one_recipient_is_refused(site):
    site.sink.answers["RCPT bob@example.org"] = b"550 no"
    site.sink.answers["RCPT eve@example.org"] = b"450 later"
    async with talk(site.port) as client:
        await client.hand(PLAIN, "ann@example.org", "bob@example.org", "eve@example.org")
    await site.until(lambda: site.sink.reached.count("RCPT") >= 7)
    del site.sink.answers["RCPT eve@example.org"]
    await site.settled()
    got = [address for mail in site.sink.arrived if mail.raw == PLAIN for address in mail.recipients]
    assert sorted(got) == ["ann@example.org", "eve@example.org"]


async def test_sender_is_told_when_the_server_was_away_for_too_long(tmp_path, sink):
    sink.answers["MAIL"] = b"451 later"
    path_settings = {"smtp": "", "retry": 0.05}
    async with running(tmp_path, sink, **path_settings) as site:
        patience = site.parts.sending._patience
        site.parts.sending._patience = type(patience)(patience.first, patience.longest, 0)
        async with talk(site.port) as client:
            await client.hand(PLAIN, "bob@example.org")
        await site.until(lambda: site.states().get("refused") == 1)


async def test_mail_that_needs_eight_bits_is_refused_and_not_rewritten_when_the_server_has_only_seven(tmp_path, sink):
    sink.offers = ()
    async with running(tmp_path, sink) as site, talk(site.port) as client:
        await client.hand("Subject: x\r\n\r\ngrüß\r\n".encode(), "bob@example.org", sender="")
        await client.hand(PLAIN, "bøb@example.org", sender="", parameters=" SMTPUTF8")
        await client.hand(PLAIN, "bob@example.org")
        await site.until(lambda: site.states() == {"refused": 2, "sent": 1})
    assert [mail.raw for mail in sink.arrived] == [PLAIN]


async def test_connection_is_used_again_when_the_next_message_comes(site):
    async with talk(site.port) as client:
        for _ in range(10):
            await client.hand(PLAIN, "bob@example.org")
    await site.settled()
    assert len(site.sink.arrived) == 10
    assert site.sink.connections <= 2


async def test_message_is_sent_once_when_the_connection_had_gone_meanwhile(site):
    async with talk(site.port) as client:
        await client.hand(PLAIN, "bob@example.org")
        await site.settled()
        await site.sink.stop()
        await site.sink.start(site.sink.port)
        await client.hand(STATUS, AGENT)
    await site.settled()
    assert [mail.raw for mail in site.sink.arrived] == [PLAIN, STATUS]


async def test_recipient_gets_it_once_when_the_database_answers_late(site, monkeypatch):
    """What was on its way when it was asked for is not taken up again because it was done when the answer came."""
    ready = site.parts.sending.ready

    def late(*arguments):
        rows = ready(*arguments)
        time.sleep(0.1)
        return rows

    monkeypatch.setattr(type(site.parts.sending), "ready", lambda _self, *arguments: late(*arguments))
    site.sink.answers["RCPT eve@example.org"] = b"450 later"
    async with talk(site.port) as client:
        for _ in range(5):
            await client.hand(PLAIN, "ann@example.org", "eve@example.org")
            await asyncio.sleep(0.03)
    await site.until(lambda: site.sink.reached.count("RCPT") >= 20)
    site.sink.answers.clear()
    await site.settled()
    got = Counter(address for mail in site.sink.arrived for address in mail.recipients)
    assert got == {"ann@example.org": 5, "eve@example.org": 5}
