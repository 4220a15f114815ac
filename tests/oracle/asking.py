"""Scenes of what findings do not rest on: messages, approvals, visits, assistance, and what only registers keep.

The oracle has nothing to say of them; but they come between everything else, and may not disturb it.
"""

from datetime import timedelta

from tests.oracle.actions import known_hold
from tests.oracle.maker import Maker
from tests.oracle.words import IMMIGRATION_AGENCIES, OTHER_AGENCIES

CONTENT = ("custody_status", "release_time", "citizenship_or_immigration_status", "place_of_birth", "hearing")
BASES = ("judicial_warrant", "court_order", "public_record", "statute", "serious_crime_investigation")
ASSISTANCE = ("joint_operation", "immigration_function_287g", "traffic_or_perimeter_support", "translation", "other")


def _somebody(make: Maker) -> str:
    return make.dice.choice(IMMIGRATION_AGENCIES if make.chance(0.6) else OTHER_AGENCIES)


def message_goes_out(make: Maker, subject: str) -> None:
    """A message is asked for; it may be approved, by its sender or somebody else, and that withdrawn."""
    message_id, at = f"M{make.dice.randrange(1, 9)}", make.some_time()
    content = {make.dice.choice(CONTENT): "x" for _ in range(make.dice.choice((0, 1, 1, 2)))}
    recipients = [{"agency": _somebody(make)} for _ in range(make.dice.choice((1, 1, 2)))]
    data = {"message_id": message_id, "channel": "smtp", "sender": {"user": "desk"}, "recipients": recipients}
    make.add("message.requested", subject, at, **data, content=content)
    if make.chance(0.5):
        approval_id = f"A{make.dice.randrange(1, 9)}"
        make.add(
            "approval.granted",
            subject,
            make.near(at),
            approval_id=approval_id,
            message_id=message_id,
            legal_basis=make.dice.choice(BASES),
            citation="see file",
            approved_by=make.dice.choice(("desk", "supervisor")),
            expires_at=make.text(make.near(at + timedelta(hours=8))),
        )
        if make.chance(0.4):
            make.add("approval.withdrawn", subject, make.near(at), approval_id=approval_id)


def somebody_asks(make: Maker, subject: str) -> None:
    """A visit, or a hand."""
    number = make.dice.randrange(1, 9)
    if make.chance(0.6):
        warrant = known_hold(make, subject) if make.chance(0.6) else None
        data = {"access_id": f"V{number}", "agency": _somebody(make), "mode": "in_person", "warrant_hold_id": warrant}
        make.add("access.requested", subject, **data)
    else:
        data = {"assistance_id": f"S{number}", "agency": _somebody(make), "kind": make.dice.choice(ASSISTANCE)}
        make.add("assistance.requested", subject, **data)


def noted_in_a_register(make: Maker, subject: str) -> None:
    """What only reports are made from."""
    number, what = make.dice.randrange(1, 9), make.dice.randrange(4)
    if what == 0:
        paid = {"amount": "80.00", "currency": "USD", "agency": "ICE", "hold_id": known_hold(make, subject)}
        make.add("reimbursement.received", subject, **paid)
    elif what == 1:
        make.add("certification.requested", subject, certification_id=f"C{number}", kind="u_visa")
    elif what == 2:
        make.add("certification.decided", subject, certification_id=f"C{number}", outcome="signed")
    else:
        make.add("complaint.filed", subject, complaint_id=f"K{number}", summary="kept on", received_by="desk")
