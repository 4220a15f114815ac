"""What can happen to a booking, one thing at a time."""

from datetime import datetime, timedelta

from tests.oracle.maker import Event, Maker
from tests.oracle.words import (
    BASES,
    CHARGES,
    FORBIDDEN,
    FORMS,
    IMMIGRATION_AGENCIES,
    LOCAL,
    OTHER_AGENCIES,
    REASONS,
    WARRANT_ISSUERS,
)


def open_booking(make: Maker, subject: str, early: datetime) -> None:
    data: Event = {"basis": make.dice.choice(BASES)} if make.chance(0.6) else {}
    if make.chance(0.08):
        data |= make.dice.choice(FORBIDDEN)
    make.add("booking.opened", subject, early, **data)


def open_again(make: Maker, subject: str) -> None:
    open_booking(make, subject, make.some_time())


def place(make: Maker, subject: str, kind: str, at: datetime | None = None) -> None:
    """A hold. The same few hold_ids come again and again, so that holds are replaced and merged."""
    dice = make.dice
    data: Event = {"hold_id": f"H{dice.randrange(1, 6)}", "kind": kind}
    if make.chance(0.25):
        data["expires_at"] = make.text(make.some_time())
    if kind == "judicial_warrant" and make.chance(0.92):
        weights, issuers = zip(*WARRANT_ISSUERS, strict=True)
        data["issuer"] = dict(dice.choices(issuers, weights)[0])
    elif kind == "agency_hold" and make.chance(0.3):
        data["issuer"] = {"agency": dice.choice(OTHER_AGENCIES)}
    if make.chance(0.12):  # a label that the paper contradicts
        data["document"] = {"form": dice.choice(FORMS[dice.choice(sorted(FORMS))])}
    elif kind in FORMS and make.chance(0.5):
        data["document"] = {"form": dice.choice(FORMS[kind])}
    if kind in LOCAL and make.chance(0.7):
        data["charge"] = dict(dice.choice(CHARGES))
    if make.chance(0.03):
        data |= {"citizenship": "XX"}
    make.add("hold.placed", subject, at, **data)


def place_local(make: Maker, subject: str) -> None:
    place(make, subject, make.dice.choice(LOCAL))


def place_immigration(make: Maker, subject: str) -> None:
    kinds = ("immigration_detainer", "immigration_detainer", "administrative_warrant", "notification_request")
    place(make, subject, make.dice.choice(kinds))


def place_warrant(make: Maker, subject: str) -> None:
    place(make, subject, make.dice.choice(("judicial_warrant", "judicial_warrant", "agency_hold")))
    if make.chance(0.5):
        hold_id = make.events[-1]["data"]["hold_id"]
        make.add("warrant.verified", subject, hold_id=hold_id, verified_by="records")


def verify(make: Maker, subject: str) -> None:
    make.add("warrant.verified", subject, hold_id=known_hold(make, subject), verified_by="records")


def known_hold(make: Maker, subject: str) -> str:
    own = [e for e in make.events if e["subject"] == subject and e["type"] == "jail.hold.placed.v1"]
    if not own or make.chance(0.1):
        return f"H{make.dice.randrange(1, 6)}"
    return make.dice.choice(own)["data"]["hold_id"]


def lift(make: Maker, subject: str) -> None:
    make.add("hold.lifted", subject, hold_id=known_hold(make, subject))


def due(make: Maker, subject: str) -> None:
    reason = make.dice.choice(REASONS)
    due_at = make.some_time() + (timedelta(days=3) if make.chance(0.1) else timedelta(0))
    make.add("release.due", subject, due_at=make.text(due_at), reason=reason)


def bail(make: Maker, subject: str) -> None:
    step = make.dice.choice(("set", "posted", "posted", "refused", "refused"))
    data = make.dice.choice(({}, {"covers_all": True}, {"covers_all": False})) if step == "posted" else {}
    make.add(f"bail.{step}", subject, **data)


def rescind(make: Maker, subject: str) -> None:
    make.add("release.rescinded", subject)


def transfer(make: Maker, subject: str) -> None:
    to = make.dice.choice(IMMIGRATION_AGENCIES if make.chance(0.6) else OTHER_AGENCIES)
    make.add("custody.transferred", subject, to_agency=to, temporary=make.chance(0.4))


def release(make: Maker, subject: str) -> None:
    """A release; one in three is a mistake that is taken back within half an hour."""
    made = make.add("release.completed", subject, released_to="self")
    if make.chance(0.35):
        at = datetime.fromisoformat(made["time"]) + timedelta(minutes=make.dice.randrange(31))
        make.add("event.retracted", subject, at, retracts=made["id"])


def serve(make: Maker, subject: str) -> None:
    make.add("notice.served", subject, hold_id=known_hold(make, subject), served_by="officer 7")


def retract(make: Maker, subject: str) -> None:
    """Any event of the source so far, a retraction too; now and then one to come, so that cycles arise."""
    last = len(make.events)
    target = make.dice.randrange(max(1, last - 12), last + 2)
    retractions = [e["id"] for e in make.events if e["type"] == "jail.event.retracted.v1"]
    if retractions and make.chance(0.4):
        retracts = make.dice.choice(retractions)
    else:
        retracts = make.id_of(target + 3) if make.chance(0.1) else make.id_of(target)
    made = make.add("event.retracted", subject, retracts=retracts)
    if make.chance(0.3):
        back = make.add("event.retracted", subject, retracts=made["id"])
        if make.chance(0.2):
            made["data"]["retracts"] = back["id"]


def move(make: Maker, subjects: list[str]) -> None:
    """One move, or a chain of them; a cycle or a second move of one booking now and then."""
    dice = make.dice
    names = [*subjects, f"{subjects[0]}-new"]
    here = dice.choice(subjects)
    for _ in range(dice.choice((1, 1, 2, 3))):
        into = dice.choice(names)
        if into == here and not make.chance(0.2):
            into = f"{here}-new"
        make.add("booking.moved", here, into=into)
        here = into
