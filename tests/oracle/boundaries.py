"""Scenes at exact instants: what begins as something else ends, what lasts as long as is allowed, what ties."""

from datetime import timedelta

from tests.oracle.actions import place
from tests.oracle.maker import DAY, TICK, Maker
from tests.oracle.words import IMMIGRATION_AGENCIES, JUDGES, LOCAL, OTHER_AGENCIES, PAPERS, REASONS

HOUR = timedelta(hours=1)
SIX = 6 * HOUR
QUARTER = HOUR / 4


def _due(make: Maker, subject: str, at, due_at) -> None:
    make.add("release.due", subject, at, due_at=make.text(due_at), reason=make.dice.choice(REASONS))


def _hold(make: Maker, subject: str, at, kind: str, **data) -> str:
    """A hold with nothing else about it; returns its id."""
    hold_id = f"H{make.dice.randrange(1, 9)}"
    make.add("hold.placed", subject, at, hold_id=hold_id, kind=kind, **data)
    return hold_id


def due_as_a_hold_starts(make: Maker, subject: str) -> None:
    """Rule 3: the due's time, its due_at and a local hold's start fall together, or nearly."""
    at = make.some_time()
    _hold(make, subject, at, make.dice.choice(LOCAL))
    _due(make, subject, make.near(at), make.near(at))


def ends_fall_together(make: Maker, subject: str) -> None:
    """A hold's lift, its expiry and the due are one instant, or nearly; a paper may begin or end there too."""
    start, end = sorted((make.some_time(), make.some_time()))
    hold_id = _hold(make, subject, start, make.dice.choice(LOCAL), expires_at=make.text(make.near(end)))
    make.add("hold.lifted", subject, make.near(end), hold_id=hold_id)
    _due(make, subject, make.dice.choice((start, end)), make.near(end))
    if make.chance(0.5):
        _hold(make, subject, make.near(end), make.dice.choice(PAPERS), expires_at=make.text(make.near(end)))


def allowance_is_reached(make: Maker, subject: str) -> None:
    """Rule 6: a stretch that ends, or turns, exactly as its allowance does; or a microsecond to either side."""
    start, end = sorted((make.some_time(), make.some_time()))
    hold_id = _hold(make, subject, start, make.dice.choice(LOCAL))
    make.add("hold.lifted", subject, end, hold_id=hold_id)
    turn = end + make.dice.choice((SIX, SIX, HOUR)) + make.dice.choice((timedelta(0), TICK, -TICK))
    turning = make.dice.randrange(4)
    if turning == 0:
        make.add("release.completed", subject, turn)
    elif turning == 1:
        _hold(make, subject, turn, make.dice.choice(PAPERS))
    elif turning == 2:
        _hold(make, subject, turn, "agency_hold")
    else:
        make.add("custody.transferred", subject, turn, to_agency=make.dice.choice(OTHER_AGENCIES), temporary=False)


def no_stretch(make: Maker, subject: str) -> None:
    """One authority ends as another begins, or custody ends as it begins: a stretch of no length, or of a tick."""
    at = make.some_time()
    hold_id = _hold(make, subject, at - SIX, make.dice.choice(LOCAL))
    make.add("hold.lifted", subject, at, hold_id=hold_id)
    _hold(make, subject, at + make.dice.choice((timedelta(0), TICK, -TICK)), make.dice.choice(("agency_hold", *LOCAL)))
    if make.chance(0.4):
        make.add("release.completed", subject, make.near(at))
    if make.chance(0.2):
        make.add("booking.opened", subject, at)
        make.add("release.completed", subject, at)


def warning_window(make: Maker, subject: str) -> None:
    """A paper that begins or ends exactly as the hour before a release time does; two release times in one hour."""
    at = make.some_time()
    hold_id = _hold(make, subject, at - SIX, make.dice.choice(LOCAL))
    make.add("hold.lifted", subject, at, hold_id=hold_id)
    start, end = make.near(at - HOUR), make.near(at)
    if make.chance(0.5):  # kept for some minutes more, and to be released again within the same hour
        other = _hold(make, subject, at + QUARTER, "agency_hold")
        make.add("hold.lifted", subject, at + make.dice.choice((2 * QUARTER, HOUR)), hold_id=other)
        start, end = at + make.dice.choice((-QUARTER, -2 * QUARTER, -HOUR)), at + SIX
    _hold(make, subject, start, make.dice.choice(PAPERS), expires_at=make.text(end))


def notice_in_time(make: Maker, subject: str) -> None:
    """A copy is handed over exactly as the time for it runs out, or the paper ends then, or custody does."""
    at = make.some_time()
    hold_id = _hold(make, subject, at, make.dice.choice((*PAPERS, "notification_request")))
    end = at + DAY + make.dice.choice((timedelta(0), timedelta(0), TICK, -TICK))
    ending = make.dice.randrange(3)
    if ending == 0:
        make.add("notice.served", subject, end, hold_id=hold_id, served_by="officer 7")
    elif ending == 1:
        make.add("hold.lifted", subject, end, hold_id=hold_id)
    else:
        make.add("release.completed", subject, end)


def verified_at_the_edge(make: Maker, subject: str) -> None:
    """A warrant verified before it came, as it comes, as it is lifted, or twice."""
    at, end = sorted((make.some_time(), make.some_time()))
    hold_id = _hold(make, subject, at, "judicial_warrant", issuer=dict(make.dice.choice(JUDGES)))
    for moment in make.dice.sample((at - HOUR, at, at, end, end - TICK, end + TICK), make.dice.choice((1, 1, 2))):
        make.add("warrant.verified", subject, moment, hold_id=hold_id, verified_by="records")
    make.add("hold.lifted", subject, end, hold_id=hold_id)
    if make.chance(0.5):
        to = make.dice.choice(IMMIGRATION_AGENCIES)
        make.add("custody.transferred", subject, make.near(end), to_agency=to, temporary=False, warrant_hold_id=hold_id)


def paper_at_the_edge(make: Maker, subject: str) -> None:
    """Bail is refused, or the person is booked, or handed over, exactly as a paper begins or ends."""
    start, end = sorted((make.some_time(), make.some_time()))
    hold_id = _hold(make, subject, start, make.dice.choice((*PAPERS, *PAPERS, "notification_request")))
    make.add("hold.lifted", subject, end, hold_id=hold_id)
    edge = make.dice.choice((start, end)) + make.dice.choice((timedelta(0), timedelta(0), TICK, -TICK))
    what = make.dice.randrange(3)
    if what == 0:
        make.add("bail.refused", subject, edge)
    elif what == 1:
        make.add("booking.opened", subject, edge)
    else:
        to = make.dice.choice(IMMIGRATION_AGENCIES)
        make.add("custody.transferred", subject, edge, to_agency=to, temporary=False)


def same_time(make: Maker, subject: str) -> None:
    """Several of one kind at one time: the greatest id decides."""
    at, kind = make.some_time(), make.dice.randrange(5)
    hold_id = f"H{make.dice.randrange(1, 6)}"
    for number in range(make.dice.choice((2, 2, 3))):
        if kind == 0:
            place(make, subject, make.dice.choice((*LOCAL, *PAPERS, "agency_hold", "judicial_warrant")), at)
            make.events[-1]["data"]["hold_id"] = hold_id
        elif kind == 1:
            _due(make, subject, at, make.some_time())
        elif kind == 2:
            make.add("hold.lifted", subject, at, hold_id=hold_id)
        elif kind == 3:
            make.add("booking.opened", subject, at, **({"basis": ["establishing identity"]} if number else {}))
        else:
            make.add("release.completed", subject, at)
    if kind == 1 and make.chance(0.3):
        make.add("release.rescinded", subject, make.near(at))


def future_due_taken_back(make: Maker, subject: str) -> None:
    """A release that lies ahead is taken back at the very time at which it was told; a new one may come."""
    at = make.some_time()
    _hold(make, subject, at - make.dice.choice((SIX, timedelta(0))), make.dice.choice(LOCAL))
    _due(make, subject, at, at + make.dice.choice((timedelta(0), HOUR, HOUR, DAY, 3 * DAY)))
    make.add("release.rescinded", subject, make.near(at))
    if make.chance(0.4):
        _due(make, subject, make.near(at), make.some_time())


def trip_and_back(make: Maker, subject: str) -> None:
    """Out to a court and back: custody goes on. Now and then the trip was told as a lasting one first."""
    at = make.some_time()
    to = make.dice.choice((*OTHER_AGENCIES, *IMMIGRATION_AGENCIES, "14-A District Court"))
    first = make.add("custody.transferred", subject, at, to_agency=to, temporary=make.chance(0.75))
    if not first["data"]["temporary"]:
        make.add("event.retracted", subject, make.near(at), retracts=first["id"])
        make.add("custody.transferred", subject, at, to_agency=to, temporary=True)
    back = make.near(at + HOUR)
    if make.chance(0.5):
        make.add("custody.transferred", subject, back, to_agency="Ingham County Sheriff", temporary=True)
    if make.chance(0.3):
        make.add("booking.opened", subject, back)


def booked_again(make: Maker, subject: str) -> None:
    """Released, and booked under the same number again: custody ended with the first release."""
    at = make.some_time()
    if make.chance(0.5):
        make.add("booking.opened", subject, at - SIX)
    make.add("release.completed", subject, at, released_to="self")
    again = make.near(at)
    make.add("booking.opened", subject, again)
    _hold(make, subject, again, make.dice.choice(("charge", "agency_hold", *PAPERS)))
    if make.chance(0.5):
        make.add("release.completed", subject, make.near(again), released_to="self")
