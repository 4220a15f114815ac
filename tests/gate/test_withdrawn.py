"""An approval that was withdrawn under another booking number counts for nothing, whichever came first."""

from itertools import permutations

import pytest

from integration.policy.pack import load
from tests.differential import run

PACK = load("ma-welcoming-community")
HEAD = {"specversion": "1.0", "source": "/jms/a"}


def event(number: int, subject: str, kind: str, **data):
    moment = f"2026-01-01T{number:02}:00:00Z"
    # One moment of recording: then only the order of arrival differs.
    recorded = {"recordedtime": "2026-01-01T12:00:00Z"}
    return (
        HEAD
        | {"id": f"e{number}", "subject": subject, "type": f"jail.{kind}.v1", "time": moment, "data": data}
        | recorded
    )


OPENED = event(1, "B1", "booking.opened")
ASKED = event(
    2,
    "B1",
    "message.requested",
    message_id="m",
    channel="fax",
    sender={"user": "alice"},
    recipients=[{"agency": "ICE"}],
    content={"custody_status": "in custody"},
)
APPROVED = event(
    3,
    "B1",
    "approval.granted",
    approval_id="A",
    message_id="m",
    legal_basis="statute",
    citation="x",
    approved_by="bob",
    expires_at="2026-02-01T00:00:00Z",
)
WITHDRAWN = event(4, "B2", "approval.withdrawn", approval_id="A")
OF_ANOTHER = event(4, "B2", "approval.withdrawn", approval_id="C")
TAKEN_BACK = event(5, "B3", "event.retracted", retracts="e4")


def decision(*events) -> str:
    store, tally = run(list(events), PACK)
    assert tally.refused == 0
    return store.decisions["/jms/a", "message_id", "m"].decision


def test_message_is_permitted_when_its_approval_stands():
    assert decision(OPENED, ASKED, APPROVED) == "permit"


ORDERS = [order for order in permutations([ASKED, APPROVED, WITHDRAWN]) if order[-1] is not WITHDRAWN]


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: "-".join(each["id"] for each in order))
def test_message_is_blocked_when_its_approval_is_withdrawn_under_another_number(order):
    assert decision(OPENED, *order) == "block"


def test_permit_stands_when_the_withdrawal_comes_after_it():
    # because what was permitted has left
    assert decision(OPENED, ASKED, APPROVED, WITHDRAWN | {"recordedtime": "2026-01-02T12:00:00Z"}) == "permit"


def test_message_is_permitted_when_another_approval_is_withdrawn():
    assert decision(OPENED, OF_ANOTHER, ASKED, APPROVED) == "permit"


def test_message_is_permitted_when_the_withdrawal_is_retracted():
    assert decision(OPENED, ASKED, WITHDRAWN, TAKEN_BACK, APPROVED) == "permit"


def test_message_is_blocked_when_the_same_id_is_approved_again_for_another_booking():
    again = APPROVED | {"id": "e9", "subject": "B1"}
    elsewhere = APPROVED | {"id": "e8", "subject": "B7"}
    assert decision(OPENED, elsewhere, WITHDRAWN, ASKED, again) == "block"
