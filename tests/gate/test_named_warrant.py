"""A request for access stands or falls by the paper it names (M-h: "in response to a judicial warrant")."""

import pytest

from integration.policy.pack import load
from tests.differential import run

PACKS = [load("ma-welcoming-community"), load("lansing-eo-2017-01")]
HEAD = {"specversion": "1.0", "source": "/jms/a", "subject": "B1"}
JUDGE = {"court": "54-A District Court", "official_title": "Judge"}


def event(hour: int, what: str, about: str = "", **data):
    moment = f"2026-01-01T{hour:02}:00:00Z"
    return HEAD | {"id": f"e{hour}-{what}{about}", "type": f"jail.{what}.v1", "time": moment, "data": data}


def placed(hold_id: str, kind: str, issuer=None):
    return event(1, "hold.placed", hold_id, hold_id=hold_id, kind=kind, **({"issuer": issuer} if issuer else {}))


def verified(hold_id: str):
    return event(2, "warrant.verified", hold_id, hold_id=hold_id, verified_by="clerk")


WARRANT = (placed("W", "judicial_warrant", JUDGE), verified("W"))
UNVERIFIED = placed("U", "judicial_warrant", JUDGE)
REMOVAL = placed("R", "administrative_warrant")
ORDER = placed("O", "court_order", JUDGE)
LIFTED = event(3, "hold.lifted", hold_id="W")

CASES = (
    ("permit", WARRANT, "W", "a judge's warrant, verified"),
    ("permit", WARRANT, None, "a warrant for the person is there, and the request names none"),
    ("permit", (*WARRANT, ORDER), "O", "a court's order that names its court"),
    ("permit", (ORDER,), "O", "the same without a warrant beside it"),
    ("block", (*WARRANT, REMOVAL), "R", "an administrative warrant opens no door, whatever warrant lies beside it"),
    ("block", (*WARRANT, UNVERIFIED), "U", "the one it names is not verified"),
    ("block", WARRANT, "X", "nobody knows the paper it names"),
    ("block", (*WARRANT, LIFTED), "W", "lifted"),
    ("block", (), None, "nothing at all"),
)


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.id)
@pytest.mark.parametrize(("expected", "papers", "named", "because"), CASES, ids=[row[3] for row in CASES])
def test_access_is_decided_by_the_paper_when_the_request_names_one(expected, papers, named, because, pack):
    given = {"access_id": "V", "agency": "ICE", "mode": "telephone"} | ({"warrant_hold_id": named} if named else {})
    store, tally = run([event(0, "booking.opened"), *papers, event(9, "access.requested", **given)], pack)
    assert tally.refused == 0
    assert store.decisions["/jms/a", "access_id", "V"].decision == expected, because
