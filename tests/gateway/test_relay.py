"""Mail in, mail out: who gets it, byte for byte, and what waits."""

from tests.gate.mails import plain
from tests.gateway.client import AGENT, OFFICER, talk

ORDINARY = b"From: a@lansing.example\r\nSubject: lunch\r\n\r\n.hidden dot\r\n..\r\nAt noon.\r\n"
LEAK = plain("Juan Perez will be released at 0730 hrs tmrw.")
STATUS = plain("Citizenship status for John Smith: US citizen")


async def test_ordinary_mail_arrives_byte_for_byte_when_it_is_handed_in(site):
    async with talk(site.port) as client:
        said = await client.hand(ORDINARY, "bob@example.org", "clerk@court.example")
    assert said.startswith("250 2.0.0 kept as ")
    await site.settled()
    (mail,) = site.sink.arrived
    assert mail.raw == ORDINARY
    assert mail.sender == OFFICER
    assert mail.recipients == ["bob@example.org", "clerk@court.example"]
    assert site.kinds("message.accepted", "message.decided", "message.sent") == [
        "message.accepted",
        "message.decided",
        "message.decided",
        "message.sent",
        "message.sent",
    ]


async def test_message_waits_and_its_sender_is_told_when_it_gives_custody_away_to_an_immigration_authority(site):
    async with talk(site.port) as client:
        assert (await client.hand(LEAK, AGENT)).startswith("250")
    await site.until(lambda: site.sink.arrived)
    await site.settled()
    (notice,) = site.sink.arrived
    assert notice.recipients == [OFFICER]
    assert notice.sender == ""
    assert b"Auto-Submitted: auto-replied" in notice.raw
    assert site.states() == {"blocked": 1, "sent": 1}


async def test_status_alone_passes_when_it_goes_to_an_immigration_authority(site):
    async with talk(site.port) as client:
        assert (await client.hand(STATUS, AGENT)).startswith("250")
    await site.settled()
    (mail,) = site.sink.arrived
    assert mail.recipients == [AGENT]
    assert mail.raw == STATUS + b"\r\n"


async def test_each_recipient_is_decided_for_itself_when_there_are_several(site):
    async with talk(site.port) as client:
        await client.hand(LEAK, AGENT, "clerk@court.example", "agent2@ice.dhs.gov")
    await site.settled()
    to = [mail.recipients for mail in site.sink.arrived]
    assert ["clerk@court.example"] in to
    assert [OFFICER] in to
    assert len(to) == 2
    assert site.states() == {"blocked": 2, "sent": 2}


async def test_mail_is_refused_when_it_goes_round_in_a_circle(site):
    raw = b"Subject: x\r\n" + b"Received: from a by b\r\n" * 100 + b"\r\nround\r\n"
    async with talk(site.port) as client:
        assert (await client.hand(raw, "bob@example.org")).startswith("554 5.4.6")
    assert site.states() == {}
