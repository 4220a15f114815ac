"""Telling a sender why a message did not leave: by mail, safe against loops, with nothing of it (RFC 3834).

Neither subject nor text nor recipient is repeated: whoever can send in somebody's name must not be able to have a jail
send that person anything of the sender's choosing.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from typing import Final

from integration.audit.entry import text_of
from integration.domain.instants import SECOND, Instant
from integration.policy.pack import Pack
from integration.services.citing import can_be_approved, cited, without_authority
from integration.services.gate import GateReason, Request
from integration.services.letters import Channel, Letter, new_mail_id
from integration.services.maildesk import Terms
from schemas.kinds import RecipientClass

_FIELD: Final = re.compile(rb"^([!-9;-~]+)[ \t]*:[ \t]*([^\r]*)", re.MULTILINE)
_BULK: Final = (b"bulk", b"junk", b"list")
_MACHINES: Final = re.compile(
    r"^(mailer-daemon|(no|do-?not)-?reply.*|owner-.*|.*-request|.*-bounces?(\+.*)?)@", re.IGNORECASE
)
"""Local parts behind which nobody reads an answer (RFC 3834, section 2)."""

_WHY: Final = {
    "unreadable": "a recipient or a part of it could not be read for certain",
    "no_booking": "it is tied to no booking of this facility",
    "more_than_status": "it says more than citizenship or immigration status",
    "place_of_birth": "it names a place of birth",
    "no_category": "nothing in it was recognised as what may be exchanged",
    "approval_expired": "its approval has expired",
    "approval_withdrawn": "its approval was withdrawn",
    "approval_by_sender": "its approval was the sender's own",
    "approval_basis_not_accepted": "its approval rests on a basis that the policy does not accept",
}
_CLASSES: Final = {
    RecipientClass.IMMIGRATION_AUTHORITY.value: "counts as an immigration authority",
    RecipientClass.PARTNER_287G.value: "is an agency with a 287(g) agreement",
    RecipientClass.OTHER.value: "is an ordinary recipient",
}


def blocked(
    letter: Letter, requests: Sequence[tuple[int, Request]], pack: Pack, terms: Terms, *, now: Instant
) -> Letter | None:
    """Return the notice that a message waits in quarantine; None where nobody may be told.

    Args:
        letter: the message.
        requests: the blocked recipients: each one's place in the envelope, from 0, and what was decided.
        pack: what it was decided under.
        terms: who writes, and whom to ask.
        now: the current time.
    """
    lines = [
        f"A message of yours, received at {text_of(letter.received_at)}, was not sent to",
        f"{len(requests)} of its {len(letter.recipients)} recipients. It waits in quarantine.",
        "",
    ]
    for number, request in requests:
        # What is tied to no booking is told by what would stand in its way if it were.
        tied = request.decision is not GateReason.NO_BOOKING
        reasons = request.reasons if tied else [each.value for each in without_authority(request, pack).reasons]
        why = "; ".join(_WHY.get(reason, reason.replace("_", " ")) for reason in reasons)
        provisions = ", ".join(cited(request, pack)) or "none of its own"
        lines += [
            f"Recipient {number + 1}: {_CLASSES[request.recipient_class]}.",
            f"  Why: {why}.",
            f"  Policy: {pack.title}; provisions: {provisions}.",
            f"  Number of this message: {request.request_id}",
            "",
        ]
    contact = f" Ask {terms.contact}." if terms.contact else ""
    unread = sum(not can_be_approved(request) for _, request in requests)
    if unread:
        lines += [
            "No approval releases what could not be read, or an address in doubt: send it again, in a form that can be",
            f"read, to a plain address.{contact if unread == len(requests) else ''}",
        ]
    if unread < len(requests):
        what = "What was read" if unread else "It"
        lines += [
            f"{what} can be approved by a second person, with a legal basis and its citation, by its number.{contact}",
            "Nobody approves a message of their own.",
        ]
    lines += [
        f"Without an approval it is deleted after {text_of(now + terms.retention)}.",
        "Citizenship or immigration status and nothing else may always be sent (8 U.S.C. 1373): write only that.",
    ]
    return _notice(letter, "A message of yours was not sent", lines, terms, now=now)


def refused(letter: Letter, numbers: Sequence[int], why: str, terms: Terms, *, now: Instant) -> Letter | None:
    """Return the notice that the next mail server did not take a message; None where nobody may be told.

    Args:
        letter: the message.
        numbers: places of the recipients in the envelope, from 0.
        why: a word or a reply code.
        terms: who writes.
        now: the current time.
    """
    places = ", ".join(str(number + 1) for number in numbers)
    lines = [
        f"A message of yours, received at {text_of(letter.received_at)}, could not be delivered to",
        f"{len(numbers)} of its {len(letter.recipients)} recipients (number {places} of its list).",
        f"The mail server behind this gate did not take it: {why}.",
    ]
    return _notice(letter, "A message of yours could not be delivered", lines, terms, now=now)


def _notice(letter: Letter, subject: str, lines: Sequence[str], terms: Terms, *, now: Instant) -> Letter | None:
    if not terms.notices_from or not may_be_told(letter):
        return None
    mail_id = new_mail_id()
    message = EmailMessage(policy=SMTP if letter.sender.isascii() else SMTPUTF8)
    message["From"] = terms.notices_from
    message["To"] = letter.sender
    message["Subject"] = f"{subject} ({letter.mail_id[:8]})"
    message["Date"] = format_datetime(datetime.fromtimestamp(now / SECOND, UTC))
    message["Message-ID"] = f"<{mail_id}@{terms.notices_from.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-replied"
    message.set_content("\n".join([*lines, "", f"holdwatch, {terms.site}".rstrip(", ")]) + "\n", cte="8bit")
    options = {} if letter.sender.isascii() else {"smtputf8": "1"}
    return Letter(mail_id, Channel.NOTICE, letter.source, now, bytes(message), "", (letter.sender,), options=options)


def may_be_told(letter: Letter) -> bool:
    """Tell whether a message's sender is a person who reads mail: no bounce, list, robot or notice of ours.

    Only one plain address is written to.
    """
    if letter.channel is not Channel.SMTP or not _PLAIN.fullmatch(letter.sender) or _MACHINES.match(letter.sender):
        return False
    head = letter.raw.partition(b"\r\n\r\n")[0]
    for name, value in _FIELD.findall(head):
        field, said = name.lower(), value.strip().lower()
        if field == b"auto-submitted" and said != b"no":
            return False
        if field.startswith(b"list-") or (field == b"precedence" and said in _BULK):
            return False
    return True


_PLAIN: Final = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\-\x80-\U0010ffff]{1,64}@[A-Za-z0-9.\-\x80-\U0010ffff]{1,255}"
)
