"""An approval counts for what was there to be seen when it was given, not for other words sent later in its name."""

from itertools import permutations

import pytest

from integration.policy.pack import load
from tests.differential import run

PACK = load("ma-welcoming-community")
HEAD = {"specversion": "1.0", "source": "/jms/a", "subject": "B1"}
ICE = [{"agency": "ICE"}]
COURT = [{"agency": "54-A District Court"}]


def event(hour: int, kind: str, **data):
    moment = f"2026-01-01T{hour:02}:00:00Z"
    return HEAD | {"id": f"e{hour}-{kind}", "type": f"jail.{kind}.v1", "time": moment, "data": data}


def asked(hour: int, recipients=ICE, **content):
    body = content or {"custody_status": "in custody"}
    given = {"message_id": "m", "channel": "fax", "sender": {"user": "alice"}, "recipients": recipients}
    return event(hour, "message.requested", **given, content=body)


def approved(hour: int):
    given = {"approval_id": f"A{hour}", "message_id": "m", "legal_basis": "statute", "citation": "x"}
    return event(hour, "approval.granted", **given, approved_by="bob", expires_at="2026-02-01T00:00:00Z")


OPENED = event(0, "booking.opened")
FIRST = asked(1)
AGAIN = asked(3)
ELSE = asked(3, home_address="12 Elm Street")
OTHER_WORDS = asked(3, custody_status="in custody, cell 4")
TO_OTHERS = asked(3, [*ICE, *COURT])


def decision(*events) -> str:
    store, tally = run(list(events), PACK)
    assert tally.refused == 0
    return store.decisions["/jms/a", "message_id", "m"].decision


CASES = (
    ("permit", (FIRST, approved(2)), "the approver saw it"),
    ("permit", (FIRST, approved(2), AGAIN), "the same again, as a feed repeats what was blocked"),
    ("block", (FIRST, approved(2), ELSE), "nobody saw the address"),
    ("block", (FIRST, approved(2), OTHER_WORDS), "the same category, and other words"),
    ("block", (FIRST, approved(2), TO_OTHERS), "the same words, and a second reader"),
    ("block", (FIRST, ELSE, approved(3)), "at one instant nobody can tell which was seen"),
    ("permit", (FIRST, ELSE, approved(4)), "the approver saw both"),
    ("permit", (FIRST, approved(2), ELSE, approved(4)), "the second approval came after the change"),
    ("block", (FIRST, approved(2), ELSE, asked(5)), "back to the first words: the others were sent under this id, too"),
    ("permit", (approved(2), ELSE), "given ahead, for one message under this id"),
)


@pytest.mark.parametrize(("expected", "events", "because"), CASES, ids=[row[2] for row in CASES])
def test_an_approval_counts_for_what_was_asked_before_it(expected, events, because):
    assert decision(OPENED, *events) == expected, because


LATE = [each | {"recordedtime": "2026-01-01T12:00:00Z"} for each in (FIRST, approved(2), ELSE)]


@pytest.mark.parametrize("order", list(permutations(LATE)), ids=lambda order: "-".join(each["id"] for each in order))
def test_message_is_blocked_when_its_words_changed_after_the_approval_whichever_came_first(order):
    # Known at one instant, so the order of arrival tells nothing.
    assert decision(OPENED, *order) == "block"


def test_message_is_permitted_when_the_changed_request_is_retracted():
    retracted = event(4, "event.retracted", retracts=ELSE["id"])
    assert decision(OPENED, FIRST, ELSE, approved(2) | {"recordedtime": "2026-01-01T03:00:00Z"}, retracted) == "permit"
