"""What people can do with a message that waits, and what they cannot."""

import asyncio
import time
from types import SimpleNamespace

import pytest

from integration.domain.instants import HOUR, MINUTE, SECOND
from integration.errors import UsageError
from integration.services.quarantine import Basis
from schemas.kinds import LegalBasis
from tests.gate.mails import plain
from tests.gateway.client import AGENT, OFFICER, talk
from tests.gateway.engine import BOOKING, event, take_in

LEAK = plain("Juan Perez will be released at 0730 hrs tmrw.") + b"\r\n"


@pytest.fixture
async def blocked(site):
    """A message in quarantine, about somebody in custody."""
    take_in(site.installation, event(1, "booking.opened"))
    async with talk(site.port) as client:
        assert (await client.hand(LEAK, AGENT)).startswith("250")
    await site.settled()
    (row,) = site.parts.book.in_states(["blocked"])
    return SimpleNamespace(id=row.message_id, site=site, people=site.parts.quarantine)


def basis(blocked, *, hours=1, legal=LegalBasis.COURT_ORDER, citation="26-1234-FH", booking=BOOKING):
    now = blocked.site.parts.now()
    return Basis(legal, citation, now + int(hours * HOUR), booking)


async def there(blocked, condition):
    await blocked.site.until(condition)
    await blocked.site.settled()


def to_the_agent(blocked):
    return [mail.raw for mail in blocked.site.sink.arrived if mail.recipients == [AGENT]]


async def test_message_leaves_once_byte_for_byte_when_a_second_person_approves_it(blocked):
    _, request = blocked.people.approve(blocked.id, basis(blocked), actor="officer:chief")
    assert request.permit
    assert request.provisions
    await there(blocked, lambda: to_the_agent(blocked))
    assert to_the_agent(blocked) == [LEAK]
    with pytest.raises(UsageError, match="is sent, not blocked"):
        blocked.people.approve(blocked.id, basis(blocked), actor="officer:chief")
    entries = {row.kind: row for row in blocked.site.installation.records.entries()}
    assert entries["approval.granted"].booking == BOOKING
    assert b"26-1234" not in entries["approval.granted"].body


@pytest.mark.parametrize(
    ("actor", "because"),
    [
        (OFFICER, "the envelope's sender"),
        ("officer:jane@lansing.example", "the same, as a login"),
        ("officer:jane", "the same, by the part before the @"),
        ("officer:JANE", "in capitals"),
        ("officer: \uff4aane", "in wide letters"),
        ("jane@other.example", "the same person elsewhere, as far as anybody can tell"),
        ("", "nobody"),
        ("officer:", "nobody"),
    ],
)
async def test_approval_is_refused_when_it_is_the_senders_own(blocked, actor, because):
    with pytest.raises(UsageError, match=r"message of their own|names who"):
        blocked.people.approve(blocked.id, basis(blocked), actor=actor)
    await asyncio.sleep(0)
    assert to_the_agent(blocked) == [], because


async def test_approval_is_refused_when_it_is_given_by_whoever_asked_for_it(blocked):
    blocked.people.ask(blocked.id, actor="officer:smith")
    with pytest.raises(UsageError, match="asked for"):
        blocked.people.approve(blocked.id, basis(blocked), actor="officer:SMITH")
    _, request = blocked.people.approve(blocked.id, basis(blocked), actor="officer:chief")
    assert request.permit


async def test_approval_is_refused_when_it_cites_nothing_or_is_over(blocked):
    with pytest.raises(UsageError, match="cites"):
        blocked.people.approve(blocked.id, basis(blocked, citation=" "), actor="officer:chief")
    with pytest.raises(UsageError, match="expires"):
        blocked.people.approve(blocked.id, basis(blocked, hours=-1), actor="officer:chief")


async def test_message_stays_when_it_is_tied_to_no_booking(blocked):
    for booking in ("", "B-999"):
        _, request = blocked.people.approve(blocked.id, basis(blocked, booking=booking), actor="officer:chief")
        assert request.reasons == ("no_booking",)
    assert blocked.site.states()["blocked"] == 1
    assert blocked.site.kinds("approval.granted") == ["approval.granted"] * 2


async def test_message_leaves_when_a_judges_warrant_is_active_for_the_booking(blocked):
    court = {"court": "54-A District Court", "official_name": "A. Judge", "official_title": "District Judge"}
    take_in(
        blocked.site.installation,
        event(2, "hold.placed", hold_id="h-1", kind="judicial_warrant", issuer=court),
        event(3, "warrant.verified", hold_id="h-1", verified_by="officer:clerk"),
    )
    given = basis(blocked, legal=LegalBasis.JUDICIAL_WARRANT)
    _, request = blocked.people.approve(blocked.id, given, actor="officer:chief")
    assert request.permit
    await there(blocked, lambda: to_the_agent(blocked))


async def test_message_goes_back_when_its_approval_is_withdrawn_in_time(blocked):
    blocked.site.sink.answers["MAIL"] = b"451 later"
    blocked.people.approve(blocked.id, basis(blocked), actor="officer:chief")
    await blocked.site.until(lambda: "message.put_off" in blocked.site.kinds())

    def withdrawn():
        try:
            return blocked.people.withdraw(blocked.id, actor="officer:chief")
        except UsageError:
            return True

    await blocked.site.until(lambda: withdrawn() and blocked.site.states().get("blocked") == 1)
    blocked.site.sink.answers.clear()
    await blocked.site.settled()
    assert to_the_agent(blocked) == []


async def test_withdrawal_is_too_late_when_the_message_has_left(blocked):
    blocked.people.approve(blocked.id, basis(blocked), actor="officer:chief")
    await there(blocked, lambda: to_the_agent(blocked))
    assert blocked.people.withdraw(blocked.id, actor="officer:chief") is False


async def test_message_goes_back_when_its_approval_expires_before_the_server_takes_it(blocked, monkeypatch):
    blocked.site.sink.answers["MAIL"] = b"451 later"
    given = Basis(LegalBasis.COURT_ORDER, "26-1", blocked.site.parts.now() + SECOND // 2, BOOKING)
    blocked.people.approve(blocked.id, given, actor="officer:chief")
    await blocked.site.until(lambda: blocked.site.states().get("blocked") == 1)
    blocked.site.sink.answers.clear()
    assert to_the_agent(blocked) == []
    decisions = [d for d in blocked.site.installation.records.decisions() if d.request_id == blocked.id]
    assert decisions[0].decision == "block"
    assert b"approval_expired" in decisions[0].reasons


async def test_message_needs_a_new_approval_when_a_person_found_that_it_did_not_arrive(blocked):
    blocked.site.sink.answers["end"] = b"drop"
    blocked.people.approve(blocked.id, basis(blocked), actor="officer:chief")
    await blocked.site.until(lambda: blocked.site.states().get("unknown") == 1)
    with pytest.raises(UsageError, match="is unknown, not blocked"):
        blocked.people.approve(blocked.id, basis(blocked), actor="officer:chief")
    blocked.site.sink.answers.clear()
    blocked.people.settle(blocked.id, arrived=False, actor="officer:chief")
    assert blocked.site.states()["blocked"] == 1
    assert all(each.withdrawn_at for each in blocked.site.parts.book.approvals_of(blocked.id))
    blocked.people.approve(blocked.id, basis(blocked), actor="officer:chief")
    await there(blocked, lambda: len(to_the_agent(blocked)) == 2)


async def test_content_goes_when_a_message_is_denied_or_done(blocked):
    book = blocked.site.parts.book
    row, letter = blocked.people.view(blocked.id, actor="officer:chief")
    assert letter.raw == LEAK
    assert blocked.site.kinds("quarantine.viewed") == ["quarantine.viewed"]
    assert LEAK[:20] not in book.mail(row.mail_id).content
    blocked.people.deny(blocked.id, actor="officer:chief")
    assert book.mail(row.mail_id).content is None
    with pytest.raises(UsageError, match="purged"):
        blocked.people.view(blocked.id, actor="officer:chief")
    with pytest.raises(UsageError, match="is denied"):
        blocked.people.purge(blocked.id, actor="officer:chief")


async def test_message_expires_when_nobody_decides_in_time(blocked):
    assert blocked.people.expire() == 0
    desk = blocked.people._desk
    object.__setattr__(desk, "now", lambda: 40 * 24 * 60 * MINUTE + blocked.site.parts.now())
    assert blocked.people.expire() == 1
    assert blocked.site.states()["expired"] == 1
    assert blocked.site.kinds("quarantine.expired") == ["quarantine.expired"]


async def test_rows_go_and_entries_stay_when_a_message_was_done_with_long_ago(blocked):
    book, desk = blocked.site.parts.book, blocked.people._desk
    blocked.people.approve(blocked.id, basis(blocked), actor="officer:chief")
    await there(blocked, lambda: to_the_agent(blocked))
    async with talk(blocked.site.port) as client:
        await client.hand(LEAK, AGENT, sender="")
    assert blocked.people.forget() == 0
    later = blocked.site.parts.now() + 31 * 24 * HOUR
    object.__setattr__(desk, "now", lambda: later)
    assert blocked.people.forget() == 2
    assert book.counts() == {"blocked": 1}
    assert book.approvals_of(blocked.id) == []
    assert "approval.granted" in blocked.site.kinds()


@pytest.mark.parametrize(
    ("sender", "field", "because"),
    [
        ("", "", "a bounce has no sender"),
        (OFFICER, "Auto-Submitted: auto-replied", "a robot sent it"),
        (OFFICER, "Precedence: bulk", "it is bulk"),
        (OFFICER, "List-Id: <jail.example>", "a list sent it"),
        ("noreply@lansing.example", "", "nobody reads it"),
        ("MAILER-DAEMON@lansing.example", "", "nobody reads it"),
        (AGENT, "", "it would go to an immigration authority"),
        ('"a b"@lansing.example', "", "it is no plain address"),
    ],
)
async def test_nobody_is_told_when_an_answer_could_go_round_or_astray(site, sender, field, because):
    raw = (field.encode() + b"\r\n" if field else b"") + LEAK
    async with talk(site.port) as client:
        assert (await client.hand(raw, AGENT, sender=sender)).startswith("250")
    await site.settled()
    assert site.states() == {"blocked": 1}, because
    assert site.sink.arrived == []


async def test_nothing_of_the_message_is_repeated_when_its_sender_is_told(site):
    raw = LEAK.replace(b"Subject: Re:", b"Subject: KANARIENVOGEL")
    async with talk(site.port) as client:
        await client.hand(raw, "kanarienvogel@ice.dhs.gov")
    await site.until(lambda: site.sink.arrived)
    (notice,) = site.sink.arrived
    assert b"kanarienvogel" not in notice.raw.lower()
    assert b"0730" not in notice.raw
    assert b"provisions: L8" in notice.raw
    assert b"records bureau" in notice.raw


async def test_message_is_not_sent_when_its_withdrawal_came_in_time_whoever_was_faster(site):
    """The withdrawal races the sending: whichever is told that it was first, was."""
    take_in(site.installation, event(1, "booking.opened"))
    bodies = [plain(f"Juan Perez {number} will be released at 0730 hrs tmrw.") + b"\r\n" for number in range(12)]
    async with talk(site.port) as client:
        for raw in bodies:
            await client.hand(raw, AGENT, sender="jane@list.example")
    await site.settled()
    people, in_time = site.parts.quarantine, set()

    def race(row, delay):
        raw = site.parts.sending.letter(row.mail_id).raw
        given = Basis(LegalBasis.COURT_ORDER, "26-1", site.parts.now() + HOUR, BOOKING)
        assert people.approve(row.message_id, given, actor="officer:chief")[1].permit
        time.sleep(delay)
        if people.withdraw(row.message_id, actor="officer:chief"):
            in_time.add(raw)

    rows = site.parts.book.in_states(["blocked"])
    await asyncio.gather(*(asyncio.to_thread(race, row, number * 0.004) for number, row in enumerate(rows)))
    await site.settled()
    arrived = [mail.raw for mail in site.sink.arrived if mail.recipients == [AGENT]]
    assert len(arrived) == len(set(arrived))
    assert set(arrived) == set(bodies) - in_time
